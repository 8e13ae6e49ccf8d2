"""The course's notebooks, and what tests reach out of one: taught definitions, exercises and their stubs."""

import ast
import importlib
import linecache
import re
import types
from pathlib import Path
from typing import NamedTuple

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from helpers.exercises.core import Exercise
from helpers.paths import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
CHECK = re.compile(r"^(ex\d\d)\.(\w+)\.check\((\w+)\)", flags=re.MULTILINE)
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def load_definitions(notebook_path: Path) -> types.ModuleType:
    """Return a module of the notebook's imports, functions and classes; nothing else of it is run.

    Of two definitions of one name the later counts, as in the notebook; cells tagged `exercise` are left out.
    """
    to_python = TransformerManager().transform_cell  # magics become calls, which are no definitions
    body = []
    for cell in nbformat.read(notebook_path, as_version=4).cells:
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", []):
            body += [node for node in ast.parse(to_python(cell.source)).body if isinstance(node, DEFINITIONS)]
    module = types.ModuleType(Path(notebook_path).stem)
    exec(compile(ast.Module(body, type_ignores=[]), str(notebook_path), "exec"), vars(module))
    return module


class Asked(NamedTuple):
    """An exercise of a notebook: its two cells, and the name under which the learner answers."""

    exercise: Exercise
    answer: str
    stub: nbformat.NotebookNode
    check: nbformat.NotebookNode


def exercises_of(notebook: nbformat.NotebookNode) -> list[Asked]:
    """Return the exercises of a notebook in their order."""
    found, stub = [], None
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            stub = cell
        for module, name, answer in CHECK.findall(cell.source) if cell.cell_type == "code" else ():
            exercise = getattr(importlib.import_module(f"helpers.exercises.{module}"), name)
            found.append(Asked(exercise, answer, stub, cell))
    return found


def load_stubs(notebook_path: Path) -> dict[Exercise, object]:
    """Return what each stub of the notebook defines; `inspect` finds its source, as in a notebook."""
    module = load_definitions(notebook_path)
    stubs = {}
    for exercise, answer, stub, _ in exercises_of(nbformat.read(notebook_path, as_version=4)):
        file = f"<stub of {exercise.name}>"
        linecache.cache[file] = len(stub.source), None, stub.source.splitlines(keepends=True), file
        exec(compile(stub.source, file, "exec"), vars(module))
        stubs[exercise] = vars(module)[answer]
    return stubs
