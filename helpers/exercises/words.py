"""The words of a check; most end it as *not yet*, with a sentence for the learner, unless the answer has a property."""

import copy
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType

import numpy as np
import torch


class NotYet(Exception):
    """The answer lacks a property; the message says which, to the learner."""


class GaveNone(NotYet):
    """The answer gave None; the verdict adds whether a function lacks its `return`."""


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
    """Expect `got` to be the same as `want`; where it is one of the `mistakes` (message: value), say that instead.

    A message that does not fit in kind says so: "… It is a list of 3, not a tensor of shape (3,)."
    """
    expect_result(got)
    if not same(got, want, atol):
        for mistake, value in (mistakes or {}).items():
            reject(same(got, value, atol), mistake)
        is_one_of_a_kind = kind(got) == kind(want)
        raise NotYet(message if is_one_of_a_kind else f"{message} It is {kind(got)}, not {kind(want)}.")


def expect_result(got, case: str = "your code") -> None:
    """Expect something of the `case`; where it gave None, the verdict also says whether a `return` is missing."""
    if got is None:
        raise GaveNone(f"{case} gives None.")


def kind(value) -> str:
    """Say in a few words what a value is: "a tensor of shape (3,)", "a list of 2", "a number"."""
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim:
        return f"{'a tensor' if isinstance(value, torch.Tensor) else 'an array'} of shape {tuple(value.shape)}"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, (int, float, np.number, torch.Tensor, np.ndarray)):
        return "a number"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    words = {type(None): "None", str: "a text", FunctionType: "a function", BuiltinFunctionType: "a function"}
    return words.get(type(value), f"an object of type {type(value).__name__}")


def shown(value, width: int = 100) -> str:
    """Return a value as a message shows it: as Python writes it where that is short, else its kind; never raises."""
    try:
        text = " ".join(repr(value).split())
        return text if len(text) <= width else kind(value)
    except BaseException:  # an answer's own __repr__ may do anything
        return f"an object of type {type(value).__name__}"


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
