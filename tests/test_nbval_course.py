"""The comparing plugin, on notebooks of its own and real kernels."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval_course import Text, replay


def printed(text):
    return [new_output("stream", name="stdout", text=text)]


def cell(source, outputs=(), execution_count=1):
    return new_code_cell(source, outputs=list(outputs), execution_count=execution_count)


def compare(folder, cells, *options, limit=120):
    """Run a notebook of these cells under nbval and the plugin; return the verdict on each cell, and the report."""
    nbformat.write(new_notebook(cells=cells), folder / "trial.ipynb")
    (folder / "pytest.ini").write_text("[pytest]")  # nothing of this repository's settings: only nbval and the plugin
    command = [sys.executable, "-m", "pytest", "-v", "--nbval", "--nbval-current-env", "-p", "nbval_course"]
    command += ["-p", "no:cacheprovider", "--color=no", *options, "trial.ipynb"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=limit)
    return re.findall(r"::Cell \d+ ([A-Z]+)", done.stdout), done.stdout


LIVE = """import random
from IPython.display import clear_output, display
live = display({"text/plain": "a plot"}, raw=True, display_id=True)
for frame in range(random.randint(2, 9)):
    live.update({"text/plain": f"frame {frame}"}, raw=True)
    clear_output(wait=True)
    print("frame", frame)
live = display({"text/plain": "a plot"}, raw=True, display_id=True)
clear_output(wait=True)
live = display({"text/plain": "first"}, raw=True, display_id=True)
live.update({"text/plain": "last"}, raw=True)"""

RAISE = """from helpers.errors import raises
with raises(ValueError):
    int("x")"""


def raised(name):
    html = f'<pre data-raised="{name}" style="color: red"><b>{name}</b>: words of another version</pre>'
    return [new_output("display_data", {"text/plain": f"raised {name}: words of another version", "text/html": html})]


def test_compares_what_a_reader_sees(tmp_path):
    last = [new_output("display_data", {"text/plain": "last"})]
    cases = [
        (cell("print('a word, 7 and 0.5')", printed("a word, 7 and 0.5\n")), "PASSED"),
        (cell("print('a word')", printed("another word\n")), "FAILED"),
        (cell("print(7)", printed("8\n")), "FAILED"),
        (cell("print(0.5)", printed("0.525\n")), "FAILED"),
        (cell("print(0.5)", printed("0.50005\n")), "PASSED"),
        (cell("print(0.5)"), "FAILED"),
        (cell("x = 1", execution_count=None), "FAILED"),
        (cell("", execution_count=None), "PASSED"),
        (cell(LIVE, last), "PASSED"),
        (cell(RAISE, raised("ValueError")), "PASSED"),
        (cell(RAISE, raised("TypeError")), "FAILED"),
        (cell("print('tensor([0.5])')", printed("tensor([0.5], device='cuda:0')\n")), "PASSED"),
        (cell("print('<object at 0x7f0123456789>')", printed("<object at 0x7fabcdef0123>\n")), "PASSED"),
    ]
    verdicts, report = compare(tmp_path, [case for case, _ in cases])
    assert verdicts == [expected for _, expected in cases], report
    assert "never run" in report


@pytest.mark.slow
def test_a_dead_kernel_is_noticed_at_once(tmp_path):
    cells = [cell("import os"), cell("os.kill(os.getpid(), 9)"), cell("1")]
    verdicts, report = compare(tmp_path, cells, "--nbval-cell-timeout=100", limit=60)
    assert verdicts[:2] == ["PASSED", "FAILED"] and "PASSED" not in verdicts[2:], report
    assert "kernel died" in report


@pytest.mark.slow
def test_a_cell_has_a_time_limit(tmp_path):
    verdicts, report = compare(tmp_path, [cell("import time; time.sleep(60)")], "--nbval-cell-timeout=2")
    assert verdicts == ["FAILED"], report
    assert "Timeout of 2 seconds" in report


@pytest.mark.parametrize(
    ("stored", "computed", "equal"),
    [
        ("loss 0.5", "loss 0.5001", True),
        ("loss 1e-3", "loss 1.001e-3", True),
        ("[1., -2.]", "[1.001, -1.999]", True),
        ("loss 0.5", "loss 0.53", False),
        ("loss 0.5", "lost 0.5", False),
        ("step 20 of 3.0", "step 21 of 3.0", False),
        ("1.0 2.0", "1.0", False),
        ("shape (3, 4)", "shape (3, 4)", True),
    ],
)
def test_text_compares_decimals_with_a_tolerance(stored, computed, equal):
    assert (Text(stored) == Text(computed)) is equal
    assert (Text(stored) != Text(computed)) is not equal


def message(kind, display_id=None, **content):
    transient = {"transient": {"display_id": display_id}} if display_id else {}
    return {"header": {"msg_type": kind}, "msg_type": kind, "content": {**content, **transient}}


def shown(messages):
    return [output.get("text") or output["data"]["text/plain"] for output in replay(messages)]


def test_replay_follows_updates_and_clears():
    def display(text, name, kind="display_data"):
        return message(kind, name, data={"text/plain": text}, metadata={})

    def output(text):
        return message("stream", name="stdout", text=text)

    assert shown([display("a", "x"), display("b", "y"), display("c", "x", "update_display_data")]) == ["c", "b"]
    assert shown([output("a"), message("clear_output", wait=False)]) == []
    assert shown([output("a"), message("clear_output", wait=True)]) == ["a"]
    assert shown([output("a"), message("clear_output", wait=True), output("b")]) == ["b"]
    assert shown([display("a", "x", "update_display_data"), message("status")]) == []
