"""Every notebook once more: under nbval as it comes, solved, and each cell again after the end."""

import ast
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from notebook_code import NOTEBOOKS, exercises_of

from helpers.exercises.core import CORRECT, Exercise
from helpers.paths import REPOSITORY

pytestmark = pytest.mark.slow

each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@each_notebook
def test_passes_nbval_as_it_comes(notebook):
    command = [sys.executable, "-m", "pytest", "--noconftest", "-q", "-p", "no:cacheprovider", "--color=no", notebook]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"{len(code_cells(nbformat.read(notebook, as_version=4)))} passed" in done.stdout


def solution_as(name: str, exercise: Exercise) -> str:
    """Return source text that gives `name` the exercise's solution, which is a definition of that name or a value."""
    source = exercise.solution_source()
    first = ast.parse(source).body[0]
    return f"{name} = {source}" if isinstance(first, ast.Expr) else source


@each_notebook
def test_runs_solved_and_every_check_says_correct(notebook):
    solved = nbformat.read(notebook, as_version=4)
    asked = exercises_of(solved)
    assert asked, "there is no exercise"
    for exercise, answer, stub, _ in asked:
        stub.source += "\n\n\n" + solution_as(answer, exercise)

    resources = {"metadata": {"path": str(notebook.parent)}}
    NotebookClient(solved, timeout=300, kernel_name="python3", resources=resources).execute()
    for each in asked:
        verdict = each.check.outputs[0].data["text/plain"]
        assert verdict.startswith(CORRECT), f"{each.check.source}\n{verdict}"


@each_notebook
def test_every_cell_runs_again_after_the_end(notebook):
    """From the last cell to the first: each finds what later cells have left of its names."""
    again = nbformat.read(notebook, as_version=4)
    cells = [(index, cell) for index, cell in enumerate(again.cells) if cell.cell_type == "code"]
    resources = {"metadata": {"path": str(notebook.parent)}}
    client = NotebookClient(again, timeout=300, kernel_name="python3", resources=resources, allow_errors=True)
    failed = []
    with client.setup_kernel():
        for index, cell in [*cells, *reversed(cells)]:
            client.execute_cell(cell, index)
            errors = [output.ename for output in cell.outputs if output.output_type == "error"]
            if errors and "raises-exception" not in cell.metadata.get("tags", []):
                failed.append((cell.id, *errors))
    assert not failed
