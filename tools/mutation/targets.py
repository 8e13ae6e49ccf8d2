"""What is mutated, and who judges it: the right answers by their checks, a module of drawings by its tests."""

import importlib
import importlib.util
import inspect
import linecache
import os
import pkgutil
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from mutants import Mutant, mutants

REPOSITORY = Path(__file__).parents[2]
# Names of keywords and calls that decide how a drawing looks, and not what it shows; and the colours of mere ink.
LOOKS = frozenset(
    "INK GREY PALE extend set_visible shrink "
    "alpha annotation_clip arrowstyle aspect axis bbox_to_anchor borderpad boxstyle capsize clip_on color_cycle "
    "columnspacing connectionstyle constrained_layout dpi edgecolor elinewidth family figsize fontfamily fontsize "
    "fontstyle fontweight frameon grid gridspec_kw ha handlelength handletextpad head_length head_width height_ratios "
    "hspace interpolation joinstyle labelpad labelsize length linespacing linewidth linewidths loc lw margins "
    "markeredgewidth markerscale markersize mec mew ms mutation_scale ncols pad rasterized rotation rotation_mode sep "
    "set_layout_engine shrinkA shrinkB size style subplots_adjust tick_params top_margin transparent va "
    "verticalalignment horizontalalignment weight width_ratios wspace zorder".split()
)


class Task(NamedTuple):
    """A mutant, of what, and in which group of the table it counts."""

    group: str
    mutant: Mutant
    subject: object


# ---- exercises


def exercise_tasks(module_name: str) -> Iterator[Task]:
    """Yield the mutants of every right answer to the exercises of a module: "ex01"."""
    answers = importlib.import_module("answers")
    importlib.import_module(f"answers.{module_name}")
    for exercise in importlib.import_module(f"helpers.exercises.{module_name}").EXERCISES:
        for module in exercise.needs:
            importlib.import_module(module)
        others = [case.answer for case in answers.ANSWERS if case.exercise is exercise and case.state == "correct"]
        for answer in (exercise.answer, *others):
            for mutant in mutants(_source(answer)):
                yield Task(exercise.name, mutant, (exercise, answer))


def _source(answer) -> str:
    """Return the source of an answer: a definition, or a value as Python writes it; empty where there is none."""
    if not callable(answer):
        return f"answer = {answer!r}"
    try:
        source = textwrap.dedent(inspect.getsource(answer))
    except (TypeError, OSError):  # a callable object
        return ""
    return source if source.startswith(("def ", "class ", "@")) and "<locals>" not in answer.__qualname__ else ""


def is_accepted(task: Task) -> bool:
    """Tell whether the exercise's check takes the mutant for a right answer."""
    exercise, answer = task.subject
    is_value = not callable(answer)
    names = {} if is_value else dict(vars(inspect.getmodule(answer)))
    file, source = "<mutant>", _without_decorators(task.mutant.source)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)
    return exercise.grade(names["answer" if is_value else answer.__name__]).state == "correct"


def _without_decorators(source: str) -> str:
    lines = source.splitlines()
    while lines[0].startswith("@"):  # ast.unparse puts each decorator on one line
        del lines[0]
    return "\n".join(lines)


# ---- modules with tests

# What tests import besides the course, once for all of them.
LIBRARIES = "IPython.display ipywidgets matplotlib.pyplot nbformat nbval.plugin pytest skimage.io torch".split()


def module_tasks(path: Path) -> Iterator[Task]:
    """Yield the mutants of a module: "helpers/plots/bars.py", which tests/test_plots_bars.py tests."""
    for library in LIBRARIES:
        importlib.import_module(library)
    name = ".".join(path.with_suffix("").parts)
    tests = REPOSITORY / f"tests/test_{'_'.join(path.with_suffix('').parts[1:])}.py"
    if not tests.exists():
        raise SystemExit(f"{path} has no tests: they would stand in {tests.relative_to(REPOSITORY)}.")
    callers = _tests_that_call(REPOSITORY / path, tests)
    for mutant in mutants((REPOSITORY / path).read_text(encoding="utf-8"), LOOKS):
        first = callers.get(mutant.change.partition(" | ")[0], [])
        yield Task(path.stem, mutant, (name, [*first, str(tests)]))


def passes_its_tests(task: Task) -> bool:
    """Tell whether the tests pass with the mutant in the module's place, those first that call what has changed."""
    name, tests = task.subject
    package, _, last = name.rpartition(".")
    module = importlib.util.module_from_spec(importlib.util.find_spec(name))
    sys.modules[name] = module
    setattr(importlib.import_module(package), last, module)
    exec(compile(task.mutant.source, module.__file__, "exec"), vars(module))
    return _run_tests(tests) == 0


def _run_tests(tests: list[str], plugins: tuple = ()) -> int:
    import pytest

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the start of pytest, and not the tests, would take the time
    options = ["-q", "-x", "-o", "addopts=", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
    options += ["-m", "not slow and not browser", f"--rootdir={REPOSITORY}"]
    return pytest.main([*options, *tests], plugins=plugins)


class _Callers:
    """A plugin of pytest that notes which tests call which functions of a file."""

    def __init__(self, file: Path):
        self.file, self.tests = str(file), defaultdict(list)

    def pytest_runtest_setup(self, item):
        def note(frame, event, _):
            if event == "call" and frame.f_code.co_filename == self.file:
                tests = self.tests[frame.f_code.co_qualname.replace(".<locals>", "")]
                if item.nodeid not in tests:
                    tests.append(item.nodeid)

        sys.setprofile(note)

    def pytest_runtest_logfinish(self):
        sys.setprofile(None)


def _tests_that_call(file: Path, tests: Path) -> dict[str, list[str]]:
    """Return the tests that call each function of a file: its qualified name → their names for pytest."""

    def survey(results):
        callers = _Callers(file)
        with open(os.devnull, "w") as silence, redirect_stdout(silence), redirect_stderr(silence):
            _run_tests([str(tests)], plugins=(callers,))
        results.put({name: [str(REPOSITORY / test) for test in found] for name, found in callers.tests.items()})

    results = get_context("fork").SimpleQueue()
    process = get_context("fork").Process(target=survey, args=(results,))  # forked: here the module is not imported
    process.start()
    found = results.get()
    process.join()
    return found


def all_targets() -> list[str]:
    """Return the names of all targets: the modules of exercises, then those of drawings."""
    exercises = sorted(each.name for each in pkgutil.iter_modules([str(REPOSITORY / "tests/answers")]))
    drawings = sorted(p.relative_to(REPOSITORY).as_posix() for p in REPOSITORY.glob("helpers/plots/[!_]*.py"))
    return exercises + drawings
