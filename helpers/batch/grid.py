"""The runs of a batch: notebooks times parameters, all checked before the first one starts."""

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.paths import REPOSITORY

# What -y of papermill reads as text, though YAML 1.2, JSON and Python read a number: 1e-4.
EXPONENT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+")
LONGEST_NAME = 120  # characters of a file's name that are readable; file systems allow 255 bytes


class CannotStart(Exception):
    """What was asked for cannot be run; the message says why, and what to do."""


@dataclass(frozen=True)
class Run:
    """One notebook with one set of parameters. `folder` is relative to the repository where it lies in there."""

    name: str
    notebook: str
    folder: str
    source: str
    parameters: dict
    versions: dict
    fingerprint: str

    @property
    def label(self) -> str:
        return " ".join([self.notebook, *settings(self.parameters)])


def settings(parameters: dict) -> list[str]:
    """Return parameters as people write them: ["seed=1", "fast=false"]."""
    return [f"{name}={as_text(value)}" for name, value in parameters.items()]


def as_text(value) -> str:
    """Return a parameter's value as people write it: false, 0.1, drawn."""
    return value if isinstance(value, str) else json.dumps(value)


def parse_settings(texts: list[str]) -> dict[str, list]:
    """Return the values of each name from texts such as "seed=0,1,2".

    A value is read as papermill's -y reads it, so `false` is false and `[1, 2]` a list; besides, `1e-4` is a number.
    Raises CannotStart for a text that is not NAME=VALUE,VALUE… and for a name that is given twice.
    """
    values = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        if not (equals and name.isidentifier()):
            raise CannotStart(f"--set {text}: write it as --set NAME=VALUE,VALUE…")
        if name in values:
            raise CannotStart(f"--set {name} is given twice; write all its values in one: --set {name}=VALUE,VALUE…")
        values[name] = _parse_values(text, listed)
    return values


def _parse_values(text: str, listed: str) -> list:
    import yaml
    from papermill.iorw import NoDatesSafeLoader

    class Loader(NoDatesSafeLoader):
        pass

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"^{EXPONENT.pattern}$"), list("-+0123456789"))
    try:
        parsed = yaml.load(f"[{listed}]", Loader=Loader)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", "a character that it does not allow")
        raise CannotStart(f"--set {text}: cannot be read as YAML ({problem}); quote what is text.") from None
    if not parsed:
        raise CannotStart(f"--set {text}: there is no value.")
    return parsed


def plan(notebooks: list[Path], values: dict[str, list], versions: dict[str, str]) -> list[Run]:
    """Return the runs: for each notebook, every combination of the values of those parameters that it has.

    Raises CannotStart for what is not a notebook, for two of one name, and for a name that no notebook has as a
    parameter, with a list of what there is.
    """
    twice = [name for name, count in Counter(path.stem for path in notebooks).items() if count > 1]
    if twice:
        raise CannotStart(f"Two notebooks are called {twice[0]}.ipynb: run them into different folders (--out).")
    sources = {path: _read(path) for path in notebooks}
    parameters = {path: _parameters(path, source) for path, source in sources.items()}
    unknown = [name for name in values if not any(name in known for known in parameters.values())]
    if unknown:
        there_is = "\n".join(f"  {path}: {', '.join(known) or 'none'}" for path, known in parameters.items())
        raise CannotStart(f"No notebook has a parameter {' or '.join(unknown)}. There is:\n{there_is}")
    runs = [
        _run(path, sources[path], combination, versions)
        for path in notebooks
        for combination in _combinations(values, parameters[path])
    ]
    return list({run.name: run for run in runs}.values())  # a value given twice is one


def _read(path: Path) -> str:
    try:
        source = path.read_text(encoding="utf-8")
        json.loads(source)["cells"]
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise CannotStart(f"{path} is not a notebook of format 4.") from None
    return source


def _parameters(path: Path, source: str) -> list[str]:
    import nbformat
    from papermill import inspect_notebook

    try:
        return list(inspect_notebook(nbformat.reads(source, as_version=4)))
    except ValueError as error:  # no kernel is named, for one
        raise CannotStart(f"{path}: {error}") from None


def _combinations(values: dict[str, list], known: list[str]) -> Iterator[dict]:
    names = [name for name in values if name in known]
    for combination in itertools.product(*(values[name] for name in names)):
        yield dict(zip(names, combination, strict=True))


def _run(path: Path, source: str, parameters: dict, versions: dict[str, str]) -> Run:
    folder = path.resolve().parent
    if folder.is_relative_to(REPOSITORY):
        folder = folder.relative_to(REPOSITORY)
    fingerprint = _digest([_text(source), parameters, versions])
    return Run(
        _file_name(path.stem, parameters), path.stem, folder.as_posix(), source, parameters, versions, fingerprint
    )


def _text(source: str) -> list:
    """Return what a reader could have written into the notebook: its outputs do not count."""
    cells = json.loads(source)["cells"]
    return [[cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]


def _file_name(stem: str, parameters: dict) -> str:
    """Return the name of the run's files: readable, and different for different parameters on every file system."""
    if not parameters:
        return stem
    readable = re.sub(r"[^\w.+=-]+", "_", "-".join([stem, *settings(parameters)]))
    return f"{readable[:LONGEST_NAME]}-{_digest(parameters)[:6]}"


def _digest(data) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
