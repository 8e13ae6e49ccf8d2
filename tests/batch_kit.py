"""What the tests of the batch share: small notebooks, and ways to run them."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from helpers.paths import REPOSITORY

PARAMETERS = 'seed: int = 0  # of the generator\nlr: float = 0.1  # of the optimizer\nfast: str = "no"'
HELPERS = f"import sys\nsys.path.insert(0, {str(REPOSITORY)!r})\nfrom helpers.batch import record"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def write_notebook(path: Path, *sources: str, parameters: str = PARAMETERS, tags: tuple = ()) -> Path:
    """Write a notebook of a cell of parameters and these cells, which have these tags; return its path."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
    nbformat.write(notebook, path)
    return path


def note(file: Path, text: str) -> str:
    """Return the source of a cell that adds a line to `file`, where `text` may use the notebook's names in braces."""
    return f"with open({str(file)!r}, 'a') as file:\n    print(f{text!r}, file=file)"


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "helpers.batch", *map(str, arguments)]


def environment(**variables) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **variables}


def run_batch(*arguments, cwd=REPOSITORY, **variables) -> subprocess.CompletedProcess:
    """Run a batch to its end, as a user does."""
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment(**variables), capture_output=True, text=True, timeout=240
    )


def start_batch(*arguments, **variables) -> subprocess.Popen:
    """Start a batch, to be interrupted."""
    # A process inherits that SIGINT is ignored, as in a job of a shell in the background: Ctrl-C would do nothing.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command(*arguments),
            cwd=REPOSITORY,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def results(out: Path) -> dict[str, dict]:
    """Return the rows of results.csv by notebook, and by seed where that was set."""
    with open(out / "results.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = {row["notebook"] + row.get("parameter.seed", ""): row for row in rows}
    assert len(named) == len(rows), "a run has two rows"
    return named


def wait_for(happened, seconds: float = 60) -> None:
    """Wait until `happened()` is true."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
