"""Keep which exercises are solved, in a small file of the learner's, and show it."""

import importlib
import json
import os
import pkgutil
import tempfile
from pathlib import Path
from types import ModuleType

from helpers.paths import REPOSITORY


def progress_file() -> Path:
    """Return the file of the progress: environment variable COURSE_PROGRESS, else .progress.json in the repository."""
    return Path(os.environ.get("COURSE_PROGRESS") or REPOSITORY / ".progress.json")


def solved() -> set[str]:
    """Return the names of the solved exercises, such as "ex01.flip"; a damaged file is set aside, with a sentence."""
    file = progress_file()
    try:
        names = json.loads(file.read_text(encoding="utf-8"))["solved"]
        return {name for name in names if isinstance(name, str)}
    except OSError:  # not there yet, or not to be read
        return set()
    except (ValueError, KeyError, TypeError):
        aside = file.with_name(file.name + ".damaged")
        print(f"Your progress file was damaged and is started anew. The old one is {aside.name}.")
        try:
            os.replace(file, aside)
        except OSError:
            pass  # in a read-only folder it stays
        return set()


def remember(name: str) -> None:
    """Add the exercise to the solved ones; where the file cannot be written, say so and go on."""
    names = solved()
    if name in names:
        return
    file = progress_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            aside = Path(folder, file.name)
            aside.write_text(json.dumps({"solved": sorted(names | {name})}, indent=1), encoding="utf-8")
            os.replace(aside, file)
    except OSError:
        print(
            f"This is not kept: {file} cannot be written. The environment variable COURSE_PROGRESS names another file."
        )


class Progress:
    """What is solved of some notebooks' exercises: lines of text, and in a notebook one bar each."""

    def __init__(self, exercises: dict[str, list[str]], solved: set[str]):
        self.exercises, self.solved = exercises, solved

    def __repr__(self) -> str:
        return "\n".join(line for notebook in self.exercises for line in self._lines(notebook))

    def _lines(self, notebook: str) -> list[str]:
        names = self.exercises[notebook]
        count = f"{notebook}: {len(self.solved.intersection(names))} of {len(names)} exercises solved"
        return [count, *(f"  [{'x' if name in self.solved else ' '}] {name}" for name in names)]

    def _repr_html_(self) -> str:
        return "\n".join(self._bar(notebook) for notebook in self.exercises)

    def _bar(self, notebook: str) -> str:
        names = self.exercises[notebook]
        count, *lines = self._lines(notebook)
        bar = f'<progress value="{len(self.solved.intersection(names))}" max="{len(names)}"></progress>'
        return f"<div>{bar} <b>{count}</b></div>\n<pre>" + "\n".join(lines) + "</pre>"


def progress(*notebooks: ModuleType) -> Progress:
    """Return the progress in these modules of exercises (`progress(ex01)`), without any in all of them."""
    modules = notebooks or all_modules()
    exercises = {module.__name__.rpartition(".")[2]: [each.name for each in module.EXERCISES] for module in modules}
    return Progress(exercises, solved())


def all_modules() -> list[ModuleType]:
    """Import and return every module of exercises, ex01 first."""
    names = sorted(
        each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)]) if each.name.startswith("ex")
    )
    return [importlib.import_module(f"helpers.exercises.{name}") for name in names]
