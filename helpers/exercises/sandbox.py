"""Run code that may do anything: in bounded time, and with the learner's own things left as they were."""

# The states to keep are those of NumPy's global generator.

import ctypes
import inspect
import random
import re
import sys
import sysconfig
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from helpers.exercises.stubs import functions_of

CHECKS = str(Path(__file__).parent)
ANSI = re.compile(r"\x1b\[[0-9;]*m")  # torch.load writes parts of its messages in bold
STANDARD_LIBRARY = sysconfig.get_path("stdlib")


class OutOfTime(BaseException):
    """Raised inside code that runs too long; no `except Exception` catches it."""


def error_within(seconds: float, function: Callable, *arguments) -> BaseException | None:
    """Return what `function(*arguments)` raises, or None; OutOfTime where it takes longer than `seconds`.

    The call has a thread of its own, so that even one which cannot be stopped is left behind, on every platform.
    """
    errors = [OutOfTime(f"{seconds:g} seconds")]

    def target():
        try:
            function(*arguments)
            errors.clear()
        except OutOfTime:
            pass  # it stands in errors already
        except BaseException as error:  # SystemExit too
            errors[:] = [error]

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:  # also where the learner interrupts the kernel
        if thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
            thread.join(1)
    return errors[0] if errors else None


@contextmanager
def things_as_they_were() -> Iterator[None]:
    """Seed Python's, NumPy's and torch's generators with 0; at the end restore their states and close new figures."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    figures = _figures()
    try:
        random.seed(0)
        np.random.seed(0)
        torch.default_generator.manual_seed(0)  # torch.manual_seed would seed the accelerators too
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        for number in _figures() - figures:
            sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def describe(error: BaseException, answer=None) -> str:
    """Say to the learner what was raised, and in which line of their code."""
    if isinstance(error, OutOfTime):
        return f"your code was stopped after {error}. Is there a loop that never ends?"
    what = textwrap.shorten(ANSI.sub("", traceback.format_exception_only(error)[-1]), 300)
    if method := _without_self(error, what, answer):
        return f"the first parameter of the method `{method}` must be `self`. {what}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_learners(frame.filename)]
    if not frames:
        return f"your code cannot be used as the exercise asks. {what}"
    return f"your code raises {what}\nin line {frames[-1].lineno} of your code: `{frames[-1].line}`"


def _without_self(error: BaseException, what: str, answer) -> str | None:
    """Return the method of a class that was called with one argument too many, for want of `self`; else None."""
    called = re.search(r"(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given", what)
    method = called and issubclass(type(answer), type) and functions_of(answer).get(called[1])
    if not method or not isinstance(error, TypeError) or int(called[3]) != int(called[2]) + 1:
        return None
    return called[1] if "self" not in inspect.signature(method).parameters else None


def _is_learners(filename: str) -> bool:
    installed = {"site-packages", "dist-packages"} & set(Path(filename).parts)
    return not installed and not filename.startswith((CHECKS, STANDARD_LIBRARY, "<frozen"))
