"""Run code that may do anything: in bounded time, and with the learner's own things left as they were."""

# The states to keep are those of NumPy's global generator.

import ctypes
import dis
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
from types import FunctionType

import numpy as np
import torch

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


def open_parts(answer) -> tuple[int, int]:
    """Return how many parts of a dict, list or tuple are still `...`, and how many there are; all else is one part."""
    parts = answer.values() if type(answer) is dict else answer if type(answer) in (list, tuple) else [answer]
    return sum(part is ... for part in parts), len(parts)


def stub_in(answer) -> str | None:
    """Return the name of the function, or of the first method of the class, whose body is only `...`; else None."""
    # Not isinstance: it asks the answer for its __class__, and an answer may do anything then.
    functions = vars(answer).values() if issubclass(type(answer), type) else [answer]
    return next((each.__name__ for each in functions if type(each) is FunctionType and _is_stub(each)), None)


def _is_stub(function: Callable) -> bool:
    instructions = list(dis.get_instructions(function))
    names = {instruction.opname for instruction in instructions}
    constants = {instruction.argval for instruction in instructions if "CONST" in instruction.opname}
    return names <= {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"} and constants <= {None, ...}


def describe(error: BaseException) -> str:
    """Say to the learner what was raised, and in which line of their code."""
    if isinstance(error, OutOfTime):
        return f"your code was stopped after {error}. Is there a loop that never ends?"
    what = textwrap.shorten(ANSI.sub("", traceback.format_exception_only(error)[-1]), 300)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_learners(frame.filename)]
    if not frames:
        return f"your code cannot be used as the exercise asks. {what}"
    return f"your code raises {what}\nin line {frames[-1].lineno} of your code: `{frames[-1].line}`"


def _is_learners(filename: str) -> bool:
    installed = {"site-packages", "dist-packages"} & set(Path(filename).parts)
    return not installed and not filename.startswith((CHECKS, STANDARD_LIBRARY, "<frozen"))
