"""The first code cell of every notebook finds `helpers`, also where there is nothing but the notebook, as on Colab."""

import json
import os

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from notebook_code import NOTEBOOKS

from helpers.paths import REPOSITORY

# What Colab has and lacks: its package is imported before the first cell, and tensorboardX is not there.
COLAB = """
import subprocess, sys
import google.colab
sys.modules["tensorboardX"] = None
asked, really_run = [], subprocess.run
def run(command, **options):
    asked.append(command)
    return None if "pip" in command else really_run(command, **options)
subprocess.run = run
"""
SEEN = """
import json, helpers.paths
print(json.dumps({"course": str(helpers.paths.REPOSITORY), "asked": asked}))
"""


def setup_cell(notebook):
    return next(cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code")


def run_cells(folder, *sources):
    """Run the cells in a kernel of their own that starts in this folder; return what the last one printed."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return json.loads(notebook.cells[-1].outputs[0].text)


def test_it_is_the_same_in_all_notebooks():
    assert len({setup_cell(notebook) for notebook in NOTEBOOKS}) == 1


@pytest.mark.slow
def test_a_notebook_alone_fetches_the_course_and_only_what_is_missing(tmp_path, monkeypatch):
    stub, alone = tmp_path / "stub", tmp_path / "a folder of its own"
    (stub / "google" / "colab").mkdir(parents=True)
    (stub / "google" / "colab" / "__init__.py").touch()
    alone.mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(stub), os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("COURSE_REPOSITORY", REPOSITORY.as_uri())
    setup = setup_cell(NOTEBOOKS[0])

    first = run_cells(alone, COLAB, setup, SEEN)
    assert first["course"] == str(alone / "pytorch-notes-course")
    fetch, install = first["asked"]
    assert fetch[:2] == ["git", "clone"] and install[-1] == "tensorboardX"

    again = run_cells(alone, COLAB, setup, SEEN)
    assert again == {"course": first["course"], "asked": []}


@pytest.mark.slow
def test_a_notebook_of_the_course_uses_the_course_around_it():
    seen = run_cells(REPOSITORY / "notebooks", "asked = []", setup_cell(NOTEBOOKS[0]), SEEN)
    assert seen == {"course": str(REPOSITORY), "asked": []}
