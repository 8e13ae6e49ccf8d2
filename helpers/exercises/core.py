"""Make and grade exercises.

A module of exercises holds check functions, each made into an exercise by `@exercise` and saying what it wants with
`expect`, `reject`, `expect_same`, `same`, `run` and `error_of`; beside each stands the solution that learners may see.
The tuple EXERCISES lists them in the order of the notebook.
"""

import copy
import html
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from IPython.display import display
from IPython.utils.capture import capture_output

from helpers.exercises import record, sandbox

NOT_STARTED, NOT_YET, CORRECT = "not started", "not yet", "correct"
COLOURS = {NOT_STARTED: "#888888", NOT_YET: "#d08000", CORRECT: "#2a9d5c", "hint": "#4a7fc1"}


class NotYet(Exception):
    """The answer lacks a property; the message says which, to the learner."""


def expect(condition: bool, message: str) -> None:
    """End the check as *not yet*, with the message, unless the condition holds."""
    if not condition:
        raise NotYet(message)


def reject(mistake: bool, message: str) -> None:
    """End the check as *not yet*, with the message that names the mistake, where the answer makes it."""
    expect(not mistake, message)


def same(got, want, atol: float = 1e-4) -> bool:
    """Tell whether `got` has the shape and, within `atol`, the numbers of `want`; never raises.

    Takes numbers, arrays, tensors and whatever has ==, also within lists, tuples and dicts. The dtype is not compared.
    """
    try:
        if isinstance(want, dict):
            return got.keys() == want.keys() and all(same(got[key], want[key], atol) for key in want)
        if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)):
            return len(got) == len(want) and all(same(one, other, atol) for one, other in zip(got, want, strict=True))
        if isinstance(want, (list, tuple, np.ndarray, torch.Tensor, int, float, np.number)):
            got, want = _as_floats(got), _as_floats(want)
            return got.shape == want.shape and np.allclose(got, want, rtol=0, atol=atol, equal_nan=True)
        return bool(got == want)
    except Exception:
        return False


def expect_same(got, want, message: str, mistakes: dict[str, object] | None = None, atol: float = 1e-4) -> None:
    """Expect `got` to be the same as `want`; where it is one of the `mistakes` (message: value), say that instead."""
    reject(got is None, "your code gives None: does a function lack its `return`?")
    if not same(got, want, atol):
        for mistake, value in (mistakes or {}).items():
            reject(same(got, value, atol), mistake)
        raise NotYet(message)


def _as_floats(numbers) -> np.ndarray:
    if isinstance(numbers, torch.Tensor):
        numbers = numbers.detach().cpu()
    return np.asarray(numbers, dtype=np.float64)


def run(function: Callable, *arguments):
    """Return `function(*arguments)`; ends the check as *not yet* where it changes an argument in place.

    The arguments are what `same` compares: numbers, strings, arrays, tensors and containers of them.
    """
    copies = copy.deepcopy(arguments)
    result = function(*arguments)
    expect(same(arguments, copies, atol=0), "your code changes what it is given: work on a copy.")
    return result


def error_of(function: Callable, *arguments) -> Exception | None:
    """Return the exception that `function(*arguments)` raises, or None; a failed `expect` within ends the check."""
    try:
        function(*arguments)
    except NotYet:
        raise
    except Exception as error:
        return error
    return None


@dataclass(frozen=True)
class Message:
    """One line for the learner, coloured in a notebook; `state` is one of *not started*, *not yet* and *correct*."""

    state: str
    text: str

    def __repr__(self) -> str:
        return f"{self.state}: {self.text}"

    def _repr_html_(self) -> str:
        text = re.sub(r"`(.+?)`", r"<code>\1</code>", html.escape(self.text))
        bar = f"border-left: 4px solid {COLOURS[self.state]}; padding-left: 0.6em; white-space: pre-wrap"
        return f'<div style="{bar}"><b>{self.state}</b>: {text}</div>'


class Code(str):
    """Python source that a notebook shows in its own colours."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


class Exercise:
    """A question with a check; made by `exercise`."""

    def __init__(self, check: Callable, solution, hints: tuple[str, ...], seconds: float):
        module = check.__module__.removeprefix("helpers.exercises.").partition(".")[0]
        self.name = f"{module}.{check.__name__}"
        self.statement = inspect.getdoc(check)
        self.answer, self.hints, self.seconds = solution, hints, seconds
        self._check = check
        self._hints_shown = 0

    def __repr__(self) -> str:
        return f"exercise {self.name}"

    def check(self, answer=...) -> None:
        """Show whether the answer is *not started*, *not yet* right or *correct*, and keep what is correct."""
        result = self.grade(answer)
        display(result)
        if result.state == CORRECT:
            record.remember(self.name)

    def hint(self) -> None:
        """Show the hints, one more at each call."""
        self._hints_shown = min(self._hints_shown + 1, len(self.hints))
        for number, hint in enumerate(self.hints[: self._hints_shown], start=1):
            display(Message("hint", f"({number} of {len(self.hints)}) {hint}"))

    def solution(self) -> None:
        """Show one right answer."""
        display(Code(self.solution_source()))

    def solution_source(self) -> str:
        """Return the text of one right answer: a definition, or a value as Python writes it."""
        is_code = inspect.isclass(self.answer) or inspect.isfunction(self.answer)
        return textwrap.dedent(inspect.getsource(self.answer)).strip() if is_code else repr(self.answer)

    def grade(self, answer) -> Message:
        """Return the verdict on an answer; shows and keeps nothing, and never raises, whatever the answer does."""
        still_open, parts = sandbox.open_parts(answer)
        if still_open:
            what_to_do = "put your answer in place of the `...` above, then run both cells."
            if still_open == parts:
                return Message(NOT_STARTED, what_to_do)
            return Message(NOT_YET, f"{still_open} of {parts} to go: {what_to_do}")
        with capture_output(), sandbox.things_as_they_were():
            error = sandbox.error_within(self.seconds, self._check, answer)
        if error is None:
            return Message(CORRECT, self.statement)
        if stub := sandbox.stub_in(answer):
            return Message(NOT_STARTED, f"put your code in place of the `...` in `{stub}`, then run both cells.")
        return Message(NOT_YET, str(error) if isinstance(error, NotYet) else sandbox.describe(error))


def exercise(*, solution, hints: tuple[str, ...], seconds: float = 20) -> Callable[[Callable], Exercise]:
    """Make an exercise of a check function.

    The function takes the answer, returns nothing, and calls `expect` and `reject`. Its name is the exercise's, and its
    docstring says in one sentence what a right answer has; the learner reads it once the answer is correct.
    `solution` is a right answer: a function or class named as the learner's, or a value.
    """
    return lambda check: Exercise(check, solution, hints, seconds)
