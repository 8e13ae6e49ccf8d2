"""Exercises on what autograd keeps: silent changes, stopped gradients, graphs that stay."""

import weakref

import torch
from torch.overrides import TorchFunctionMode

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_same, reject

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
    for value, shift in ((1.0, 1.0), (0.5, -2.0), (2.0, 0.0)):
        x = torch.tensor([value], requires_grad=True)
        y = answer(x, shift)
        expect(isinstance(y, torch.Tensor), f"return a tensor, not {type(y).__name__}.")
        expect_same(y, torch.tensor([value]).exp() + shift, f"exp({value:g}) + {shift:g} is not {y.detach().tolist()}.")
        expect(y.requires_grad, "the result has no graph: no gradient can flow through it.")
        error = error_of(y.sum().backward)
        expect(
            error is None,
            "backward raises: what exp has saved is changed in place. Now the bug is loud, which is better; mend it.",
        )
        want = torch.tensor([value]).exp().item()
        expect_same(x.grad, [want], f"gradient at {value:g}: {want:.3f} expected, {x.grad.item():.3f} got.", atol=1e-3)


# ---- valve


def valve(x, factor):
    """Return x unchanged; the gradient that comes back through it is multiplied by `factor`."""
    return factor * x + (1 - factor) * x.detach()


@exercise(
    solution=valve,
    hints=(
        "For factor 1 it is `x`, for factor 0 it is `x.detach()`. What lies between the two?",
        "Two parts that add up to x; one with a gradient, one without. Or: a `torch.autograd.Function` of your own.",
    ),
)
def valve(answer):
    """Forwards nothing changes; backwards the gradient is multiplied."""
    for factor in (1.0, -1.0, 0.0, 0.25):
        x = torch.tensor([3.0, -1.0, 0.5], requires_grad=True)
        y = answer(x, factor)
        expect(isinstance(y, torch.Tensor), f"return a tensor, not {type(y).__name__}.")
        reject(
            factor not in (0.0, 1.0) and torch.allclose(y, factor * x),
            "the values are multiplied, too: they must stay x.",
        )
        expect_same(y, x, f"with factor {factor:g} the values change from {x.tolist()} to {y.detach().tolist()}.")
        (got,) = torch.autograd.grad((y * x).sum(), x)  # x · valve(x): a part of the gradient passes by the valve
        want = (1 + factor) * x
        mistakes = {
            f"with factor {factor:g}, no gradient comes through: detached for good.": x,
            f"with factor {factor:g}, the whole gradient comes through.": 2 * x,
            "the hook sits on x itself, and catches what passes by the valve: hook `x.view_as(x)`.": 2 * factor * x,
        }
        expect_same(got, want, f"with factor {factor:g}, the gradient is not multiplied by it.", mistakes)
    expect(x.grad is None, "the valve itself calls backward: leave that to others.")


# ---- average


def mean_loss(losses):
    """Return the mean of `losses` as a Python number."""
    total, count = 0, 0
    for loss in losses:
        total += loss.detach()
        count += 1
    return (total / count).item()


class _Token:
    """Lives as long as the graph of one loss."""


class _Losses:
    """Losses one at a time, each with its graph; ends the check where graphs of earlier ones are still there."""

    def __init__(self, count: int):
        self.weight = torch.tensor(2.0, requires_grad=True)
        self.count, self.given, self.tokens, self.first = count, 0, [], None

    def __iter__(self):
        return self

    def __next__(self):
        alive = sum(token() is not None for token in self.tokens[:-1])  # the last may still be the loop's variable
        reject(
            alive > 0,
            f"at step {self.given} the graphs of {alive} earlier losses are still in memory: "
            "what you keep of a loss must be detached from its graph.",
        )
        if self.given == self.count:
            raise StopIteration
        self.given += 1
        with torch.enable_grad():
            loss = (self.weight * self.given).square()
        if self.first is None:
            self.first = loss.detach()  # shares the storage of what the answer is given
        token = _Token()
        loss.grad_fn.metadata["token"] = token
        self.tokens.append(weakref.ref(token))
        return loss


class _Waits(TorchFunctionMode):
    """Note after how many losses a tensor is asked for its numbers: on a GPU, each time is a wait."""

    ASKING = ("item", "tolist", "numpy", "cpu", "__float__", "__int__", "__bool__", "__array__", "__format__")

    def __init__(self, losses: _Losses):
        super().__init__()
        self.losses, self.steps = losses, []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in self.ASKING:
            self.steps.append(self.losses.given)
        return function(*args, **(kwargs or {}))


@exercise(
    solution=mean_loss,
    hints=(
        "`total += loss` keeps every graph, because `total` is a result of them all. What has the value, but no graph?",
        "`.item()` has no graph either, but on a GPU it waits until everything before it is computed: once is enough.",
        "Add `loss.detach()`; count the steps; ask for the number when the loop is over.",
    ),
)
def average(answer):
    """No graph stays, and nobody waits before the last step."""
    losses = _Losses(12)
    with _Waits(losses) as waits:
        got = answer(losses)
    changed = losses.first is not None and losses.first.item() != 4
    reject(changed, "the first loss has changed: `detach()` shares its storage, so add to a tensor of your own.")
    expect(losses.given == losses.count, f"only {losses.given} of {losses.count} losses are taken.")
    early = [step for step in waits.steps if step < losses.count]
    reject(
        len(early) > 0,
        f"{len(early)} times a number is asked for while losses still come: on a GPU each is a wait. Ask at the end.",
    )
    expect(
        not isinstance(got, torch.Tensor), "return a Python number: a tensor would leave the waiting to somebody else."
    )
    want = sum((2.0 * i) ** 2 for i in range(1, 13)) / 12
    mistakes = {"this is the sum: divide by how many there are.": 12 * want}
    expect_same(got, want, f"the mean of the losses is {want:g}, not {got!r}.", mistakes, atol=1e-2)
