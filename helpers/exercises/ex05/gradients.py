"""Exercises on gradients: changed in silence, or let through in part."""

import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_result, expect_same, reject, same, shown

# ---- bug


def exp_plus(x, shift):
    """Return exp(x) + shift."""
    return x.exp() + shift


@exercise(
    solution=exp_plus,
    hints=(
        "The gradient of exp is its own result, so exp keeps its result for backward. What is in it by then?",
        "Change `.data` to `.detach()` and call backward: now autograd says what is wrong.",
        "Leave the result of exp as it is: `+` makes a new tensor.",
    ),
)
def bug(answer):
    """Value and gradient are right, and so is the way there."""
    numbers = torch.tensor([[1.0, 0.5, 2.0], [-1.0, 0.0, 0.25]])
    for values, shift in (
        (numbers[0, :1], 2.0),
        (numbers[0, :1], 0.0),
        (numbers, -2.0),
        (numbers.double(), 3),
        (numbers[0, 0], 0.5),
    ):
        x = values.clone().requires_grad_()
        case = f"exp_plus(tensor({values.tolist()}), {shift})"
        y, want = answer(x, shift), values.exp() + shift
        mistakes = {f"{case}: this is exp(x) without the shift.": values.exp()}
        mistakes[f"{case}: this is exp(x + shift)."] = (values + shift).exp()
        _expect_values(y, want, x, values, case, mistakes)
        expect(y.requires_grad, "the result has no graph: no gradient can flow through it.")
        incoming = 1 + torch.arange(x.numel(), dtype=x.dtype).view(x.shape)
        got = _gradient_of((incoming * y).sum(), x) / incoming
        words = f"gradient at {_rounded(values)}: {_rounded(values.exp())} expected, {_rounded(got)} got."
        ignored = {"backward gives exp(x), whatever gradient comes in: multiply by it.": values.exp() / incoming}
        expect_same(got, values.exp(), words, ignored, atol=1e-3)
        expect(x.grad is None, "your code calls backward: leave that to others.")


def _expect_values(y, want, x, values, case: str, mistakes: dict) -> None:
    """Expect the tensor that is wanted, of the dtype of x, and that x still has its values."""
    expect_result(y, case)
    expect(isinstance(y, torch.Tensor), f"{case} returns {shown(y)}, not a tensor.")
    expect(same(x, values, atol=0), f"{case} changes its argument, to {x.tolist()}.")
    expect_same(y, want, f"{case} is {_rounded(want)}, not {_rounded(y)}.", mistakes)
    expect(y.dtype == x.dtype, f"{case}: the dtype is {y.dtype}, that of x {x.dtype}.")


def _gradient_of(result: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    try:
        (gradient,) = torch.autograd.grad(result, x, allow_unused=True)
    except RuntimeError as error:
        loud = "backward raises: what exp has saved is changed in place. Now the bug is loud, which is better; mend it."
        reject("inplace operation" in str(error), loud)
        raise
    expect(gradient is not None, "the result has a graph, but it does not lead to x.")
    return gradient


def _rounded(tensor: torch.Tensor):
    """Return the numbers as a message shows them: a list, or the only number."""
    numbers = [round(number, 3) for number in tensor.flatten().tolist()]
    return numbers[0] if len(numbers) == 1 else numbers


# ---- valve


def valve(x, factor):
    """Return x unchanged; the gradient that comes back through it is multiplied by `factor`."""
    return x.detach() + factor * (x - x.detach())


@exercise(
    solution=valve,
    hints=(
        "For factor 1 it is `x`, for factor 0 it is `x.detach()`. What lies between the two?",
        "Two parts that add up to x: one without a gradient, and one that is 0 and has one. "
        "Or: a `torch.autograd.Function` of your own.",
    ),
)
def valve(answer):
    """Forwards nothing changes; backwards the gradient is multiplied."""
    numbers = torch.tensor([[3.0, -1.0, 0.5], [0.0, 2.0, -4.0]])
    for factor in (0.25, -1, 0, 1, 2.0):
        for values in (numbers[0], numbers, numbers[0, 0], (numbers.double() / 3).T):
            _check_valve(answer, values, factor)
    x = numbers.clone().requires_grad_()
    for words, factor, output in (
        ("valve(x, 2) + valve(x, -1)", 1, lambda: answer(x, 2) + answer(x, -1)),
        ("valve(valve(x, 2), 3)", 6, lambda: answer(answer(x, 2), 3)),
        ("valve(x ** 2, -1)", -2 * numbers, lambda: answer(x**2, -1)),
    ):
        (got,) = torch.autograd.grad(output().sum(), x)
        want = factor * torch.ones_like(x)
        expect_same(got, want, f"{words}: the gradient is {_rounded(got)}, expected {_rounded(want)}.")


def _check_valve(answer, values: torch.Tensor, factor: float) -> None:
    x = values.clone().requires_grad_()
    case, y = f"with factor {factor:g}, valve(x)", answer(x, factor)
    multiplied = {f"{case}: the values are multiplied, too; they must stay x.": factor * values}
    _expect_values(y, values, x, values, case, multiplied)
    upstream = 1 + torch.arange(x.numel(), dtype=x.dtype).view(x.shape)
    arrived, both = [], y + x  # a part of the gradient passes by the valve
    both.register_hook(arrived.append)
    (got,) = torch.autograd.grad((upstream * both).sum(), x)
    mistakes = {
        f"{case}: no gradient comes through.": upstream,
        f"{case}: the whole gradient comes through.": 2 * upstream,
        "the hook sits on x itself, and catches what passes by the valve: hook `x.view_as(x)`.": 2 * factor * upstream,
    }
    in_place = "the gradient that comes is changed in place, and others use it: return a new one."
    expect(same(arrived[0], upstream, atol=0), in_place)
    want = (1 + factor) * upstream
    message = f"{case}: the gradient is {_rounded(got - upstream)}, expected {_rounded(factor * upstream)}."
    expect_same(got, want, message, mistakes)
    expect(x.grad is None, "the valve itself calls backward: leave that to others.")
