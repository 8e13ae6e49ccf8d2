"""The drawings as notebooks reach them: `from helpers import plots`."""

import importlib
import inspect
import pkgutil
import re
from collections import defaultdict

import nbformat
from notebook_code import NOTEBOOKS

from helpers import plots

MODULES = {
    each.name: importlib.import_module(f"helpers.plots.{each.name}") for each in pkgutil.iter_modules(plots.__path__)
}


def used() -> dict[str, set[str]]:
    """Return the drawings that notebooks call: name → numbers of the notebooks."""
    found = defaultdict(set)
    for notebook in NOTEBOOKS:
        for cell in nbformat.read(notebook, as_version=4).cells:
            if cell.cell_type == "code":
                for name in re.findall(r"\bplots\.(\w+)", cell.source):
                    found[name].add(notebook.name[:2])
    return found


def test_what_notebooks_call_is_there_and_nothing_else():
    assert set(used()) == {name for name, value in vars(plots).items() if inspect.isfunction(value)}


def test_the_docstring_says_what_each_module_is_for():
    rows = dict(re.findall(r"^    (\w+) +\S.*?  +(\d\d(?: \d\d)*)$", plots.__doc__, flags=re.MULTILINE))
    notebooks = defaultdict(set)
    for name, numbers in used().items():
        notebooks[getattr(plots, name).__module__.rpartition(".")[2]] |= numbers
    assert rows == {module: " ".join(sorted(numbers)) for module, numbers in notebooks.items()}
    assert [name for name in MODULES if name not in rows and f"`{name}`" not in plots.__doc__] == []
