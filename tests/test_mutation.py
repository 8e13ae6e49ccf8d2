"""The command of tools/mutation: what it changes, who survives, and a sample of what it runs."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.paths import REPOSITORY

COMMAND = REPOSITORY / "tools" / "mutation"
sys.path.append(str(COMMAND))

from judging import survivors  # noqa: E402
from mutants import mutants  # noqa: E402


def changes(source: str, **settings) -> set[str]:
    """Return the second halves of all changes: the new lines."""
    return {mutant.change.partition(" → ")[2] for mutant in mutants(source, **settings)}


@pytest.mark.parametrize(
    "source, wanted",
    [
        ("x = a + b", {"x = a - b", "x = a", "x = b", "pass"}),
        ("x = a < b", {"x = a <= b", "x = a > b", "pass"}),
        ("x = a and b", {"x = a or b", "x = a", "x = b", "pass"}),
        ("x = not a", {"x = a", "pass"}),
        ("x = 3", {"x = 4", "x = 2", "pass"}),
        ("x = True", {"x = False", "pass"}),
        ("x += a", {"x -= a", "x = a", "pass"}),
        ("f(a, b)", {"f(b, a)", "pass"}),
        ("max(a, b)", {"pass"}),
        ("f(a, k=b)", {"f(a)", "a", "pass"}),
        ("x = t.clone()", {"x = t", "pass"}),
        ("x = (a, b)", {"x = (b, a)", "pass"}),
        ("x = a[i:j]", {"x = a[:j]", "x = a[i:]", "pass"}),
        ("x = a if b else c", {"x = a", "x = c", "pass"}),
        ("x = [a for a in b if c]", {"x = [a for a in b]", "pass"}),
    ],
)
def test_what_is_changed(source, wanted):
    assert changes(source) == wanted


def test_a_condition_may_be_true_or_false():
    assert changes("if a:\n    f()\nelse:\n    g()") >= {"f()", "g()", "pass"}


def test_a_block_may_lose_what_it_stands_in():
    sources = {mutant.source for mutant in mutants("with a:\n    f()\ntry:\n    g()\nfinally:\n    h()")}
    assert "f()\ntry:\n    g()\nfinally:\n    h()" in sources
    assert "with a:\n    f()\ng()" in sources


@pytest.mark.parametrize(
    "source",
    ['"""Docstring."""', 'raise ValueError("a" + b)', "x: 1 + 1", "@f(1, 2)\ndef g(): pass", "zip(a, b, strict=True)"],
)
def test_texts_messages_annotations_and_decorators_stay(source):
    assert changes(source) <= {"pass", "a", "b", "zip(b, a, strict=True)", "zip(a, b, strict=False)"}


def test_looks_stay_and_data_change():
    source = "ax.plot(x, y, lw=2, color=RED)\nax.grid(True)\nax.text(x, y, color=INK)"
    assert changes(source, looks=frozenset({"lw", "grid", "INK"})) == {
        "ax.plot(y, x, lw=2, color=RED)",
        "ax.plot(x, y, lw=2)",
        "ax.text(y, x, color=INK)",
        "ax",
        "pass",
    }


@pytest.mark.slow
def test_every_mutant_is_python_of_its_own_and_says_where():
    source = Path(COMMAND, "mutants.py").read_text(encoding="utf-8")
    found = mutants(source)
    assert len({mutant.source for mutant in found}) == len(found) > 100
    assert all(ast.parse(mutant.source) for mutant in found)
    assert any(mutant.change.startswith("_unparse_with | ") for mutant in found)


def judge(task: str) -> bool:
    if task == "raises":
        raise ValueError
    if task == "exits":
        os._exit(3)
    if task == "loops":
        time.sleep(60)
    return task == "accepted"


@pytest.mark.skipif(sys.platform == "win32", reason="mutants are judged in forked processes")
def test_only_what_is_accepted_survives():
    start = time.monotonic()
    tasks = ["raises", "accepted", "exits", "loops", "refused", "accepted"]
    assert list(survivors(tasks, judge, seconds=2, jobs=2)) == ["accepted", "accepted"]
    assert time.monotonic() - start < 30


def mutation(*arguments, course=REPOSITORY):
    command = [sys.executable, "tools/mutation", *arguments]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_survivor_is_printed_and_fails_the_run(tmp_path):
    copy = tmp_path / "course"
    subprocess.run(["git", "clone", "-q", REPOSITORY, copy], check=True)
    words = copy / "helpers/exercises/words.py"
    text = words.read_text(encoding="utf-8")
    assert "    if not condition:\n" in text
    words.write_text(text.replace("    if not condition:\n", "    if False:\n"), encoding="utf-8")  # all is well
    status, printed = mutation("ex04", "--sample", "3", course=copy)
    assert status == 1 and "ex04.repair survives: " in printed, printed


@pytest.mark.slow
@pytest.mark.parametrize("target", [f"ex0{n}" for n in range(1, 6)] + ["helpers/plots/bars.py"])
def test_nothing_survives_in_a_sample(target):
    status, printed = mutation(target, "--sample", "12")
    assert status == 0, printed
