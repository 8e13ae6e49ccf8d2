"""The course's notebooks, and the definitions out of one, so that tests reach the classes that it teaches."""

import ast
import types
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from helpers.paths import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
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
