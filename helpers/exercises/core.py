"""Make and grade exercises.

A module of exercises holds check functions, each made into an exercise by `@exercise` and saying what it wants in the
words of `helpers.exercises.words`; beside each stands the solution that learners may see. The tuple EXERCISES lists
them in the order of the notebook.
"""

import functools
import html
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType

import torch
from IPython.display import display
from IPython.utils.capture import capture_output

from helpers.exercises import record, sandbox, stubs
from helpers.exercises.words import GaveNone, NotYet, reject, shown

NOT_STARTED, NOT_YET, CORRECT = "not started", "not yet", "correct"
COLOURS = {NOT_STARTED: "#888888", NOT_YET: "#d08000", CORRECT: "#2a9d5c", "hint": "#4a7fc1"}
MAKERS = FunctionType, BuiltinFunctionType, MethodType, functools.partial  # besides a class, what can make an object


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

    def __init__(self, check: Callable, solution, hints: tuple[str, ...], seconds: float, needs: tuple[str, ...]):
        module = check.__module__.removeprefix("helpers.exercises.").partition(".")[0]
        self.name = f"{module}.{check.__name__}"
        self.statement = inspect.getdoc(check)
        self.answer, self.hints, self.seconds, self.needs = solution, hints, seconds, needs
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
        still_open, parts = stubs.open_parts(answer)
        if still_open:
            what_to_do = "put your answer in place of the `...` above, then run both cells."
            if still_open == parts:
                return Message(NOT_STARTED, what_to_do)
            return Message(NOT_YET, f"{still_open} of {parts} to go: {what_to_do}")
        if mistaken := self._mistaken_for(answer):
            return Message(NOT_YET, mistaken)
        for module in self.needs:
            importlib.import_module(module)
        with capture_output(), sandbox.things_as_they_were():
            error = sandbox.error_within(self.seconds, self._judge, answer)
        if error is None:
            return Message(CORRECT, self.statement)
        is_open, has_begun = stubs.open_functions(answer, self.answer)
        if is_open:
            names = ", ".join(f"`{name}`" for name in is_open)
            text = f"put your code in place of the `...` in {names}, then run both cells."
            return Message(NOT_YET if has_begun else NOT_STARTED, text)
        if isinstance(error, GaveNone):
            missing = "".join(f" `{name}` has no `return`." for name in stubs.without_return(answer, self.answer))
            return Message(NOT_YET, str(error) + missing)
        return Message(NOT_YET, str(error) if isinstance(error, NotYet) else sandbox.describe(error, answer))

    def _judge(self, answer) -> None:
        self._check(answer)  # in a thread of its own, in which gradients are on
        reject(not torch.is_grad_enabled(), "your code leaves gradients switched off: use `with torch.no_grad():`.")

    def _mistaken_for(self, answer) -> str | None:
        """Say what was given in place of a function or a class, such as the result of calling it; else None."""
        what = "class" if inspect.isclass(self.answer) else "function"
        makes = type(answer) in MAKERS or issubclass(type(answer), type)
        if not callable(self.answer) or makes or (what == "function" and callable(answer)):
            return None
        name = self.answer.__name__
        return f"the check was given {shown(answer)}, and wants the {what} itself: `.check({name})`."


def exercise(
    *, solution, hints: tuple[str, ...], seconds: float = 20, needs: tuple[str, ...] = ()
) -> Callable[[Callable], Exercise]:
    """Make an exercise of a check function.

    The function takes the answer, returns nothing, and calls `expect` and `reject`. Its name is the exercise's, and its
    docstring says in one sentence what a right answer has; the learner reads it once the answer is correct.
    `solution` is a right answer: a function or class named as the learner's, or a value. `seconds` bounds the check;
    the modules of `needs`, slow to import, are imported before its clock starts.
    """
    return lambda check: Exercise(check, solution, hints, seconds, needs)
