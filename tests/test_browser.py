"""Every notebook as a learner has it: JupyterLab in Chromium, Run All, then every explorer moved."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import nbformat
import pytest
from notebook_code import NOTEBOOKS

from helpers.paths import REPOSITORY, data_folder

pytestmark = pytest.mark.browser

CHROMIUM = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
SLIDER, BOX, BUTTON = (
    ".noUi-handle",
    '.widget-checkbox input[type="checkbox"]',
    ".widget-toggle-button:not(.mod-active)",
)
LONGEST_RUN = 300  # seconds that a notebook may take
ALL_CELLS_IN_THE_PAGE = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}

# Run All marks every cell [*] at once; one that it does not reach, after an error, is unmarked again.
ENDED = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent);
    return prompts.some(text => text.match(/\\d/)) && !prompts.some(text => text.includes('*'));
}"""
# An error and what goes to stderr; which of the two names an error has depends on the JupyterLab.
ERRORS = (
    '.jp-OutputArea-output[data-mime-type$="jupyter.error"], .jp-OutputArea-output[data-mime-type$="jupyter.stderr"]'
)


def wait_for(condition, what, seconds=60):
    """Return the first true value of condition(); an address that does not answer yet is no error."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {seconds} s")


def forget_the_last_run(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    nbformat.write(notebook, path)


class Lab:
    """A JupyterLab on loopback, over copies of the notebooks, because the page saves what it runs."""

    def __init__(self, folder: Path):
        course, settings = folder / "course", folder / "config" / "labconfig"
        for part in ("helpers", "notebooks", "data/faces"):
            shutil.copytree(REPOSITORY / part, course / part)
        for path in (course / "notebooks").glob("*.ipynb"):
            forget_the_last_run(path)
        shutil.copytree(REPOSITORY / "tools" / "jupyter_config", folder / "config")
        overrides = settings / "default_setting_overrides.json"
        overrides.write_text(json.dumps(json.loads(overrides.read_text()) | ALL_CELLS_IN_THE_PAGE))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token = secrets.token_hex(16)
        own = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR"]
        environment = dict(os.environ, COURSE_DATA=str(data_folder()), JUPYTER_CONFIG_PATH=str(folder / "config"))
        environment |= {name: str(folder / name) for name in [*own, "JUPYTERLAB_WORKSPACES_DIR"]}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={self.port}"]
        command += ["--port-retries=0", f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={course}"]
        self.log = (folder / "log").open("w")
        self.server = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        wait_for(lambda: self.ask("/api/status"), "JupyterLab answers")

    def ask(self, path, method="GET"):
        request = Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        return json.load(urlopen(request, timeout=5)) if method == "GET" else urlopen(request, timeout=30)

    def kernel_is_ready(self):
        """Tell whether a kernel is idle and the page has its ear: Run All before that may run nothing."""
        return any(k["execution_state"] == "idle" and k["connections"] for k in self.ask("/api/kernels"))

    def stop_kernels(self):
        for session in self.ask("/api/sessions"):
            self.ask(f"/api/sessions/{session['id']}", "DELETE")

    def stop(self):
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
        self.log.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found, "There is no Chromium on this machine: install it, or name one in the environment variable CHROMIUM."
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


def pictures(cell):
    return [image.get_attribute("src") for image in cell.locator(".jp-OutputArea img").all()]


def move_slider(cell):
    """Move the first slider of a cell one step."""
    handle = cell.locator(SLIDER).first
    handle.scroll_into_view_if_needed()
    handle.focus()
    at_the_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    handle.press("ArrowLeft" if at_the_end else "ArrowRight")


def tick_box(cell):
    """Tick or clear the last box of a cell."""
    cell.locator(BOX).last.click()


def press_button(cell):
    """Press the first button of a cell that is not pressed."""
    cell.locator(BUTTON).first.click()


def expect_another_picture(cell, move):
    """Fail unless `move(cell)` brings another picture."""
    before = pictures(cell)
    move(cell)
    prompt = cell.locator(".jp-InputPrompt").inner_text()
    wait_for(lambda: pictures(cell) != before, f"another picture in cell {prompt} after {move.__name__}", 20)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_and_its_explorers_move(lab, browser, notebook, tmp_path):
    page = browser.new_page(viewport={"width": 1300, "height": 1500})
    try:
        page.goto(f"http://127.0.0.1:{lab.port}/lab/tree/notebooks/{notebook.name}?token={lab.token}&reset")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
        wait_for(lab.kernel_is_ready, "a kernel is ready")
        page.wait_for_timeout(500)
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(ENDED, timeout=LONGEST_RUN * 1000, polling=200)

        cells = nbformat.read(notebook, as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        errors = page.locator(ERRORS).all_inner_texts()
        prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
        assert prompts == [f"[{number}]:" for number in range(1, len(code) + 1)], errors
        meant = sum(output.output_type == "error" for cell in code for output in cell.outputs)
        assert len(errors) == meant, errors

        for control, move in ((SLIDER, move_slider), (BOX, tick_box), (BUTTON, press_button)):
            for cell in page.locator(".jp-CodeCell").filter(has=page.locator(control)).all():
                expect_another_picture(cell, move)
        assert not page.locator(".jp-Dialog").all_inner_texts()
    finally:
        page.screenshot(path=tmp_path / f"{notebook.stem}.png")
        page.close()
        lab.stop_kernels()
