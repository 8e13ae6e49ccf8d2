"""Exercise on graphs that stay, and on waiting for numbers."""

import weakref

import torch
from torch.overrides import TorchFunctionMode

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_result, expect_same, reject, same, shown


def mean_loss(losses):
    """Return the mean of `losses` as a Python number."""
    total, count = 0, 0
    for loss in losses:
        total += loss.detach()
        count += 1
    return (total / count).item()


class _Losses:
    """Losses one at a time, each with its graph; ends the check where graphs of earlier ones are still there."""

    def __init__(self, count: int):
        self.weight = torch.tensor(2.0, requires_grad=True)
        self.count, self.tokens, self.shared, self.used_up = count, [], [], False

    @property
    def given(self) -> int:
        return len(self.tokens)

    def values(self) -> list[float]:
        return [(2.0 / i) ** 2 for i in range(1, self.given + 1)]

    def __iter__(self):
        reject(self.used_up, "one pass uses `losses` up, and a second one is empty: count in the loop that adds.")
        return self

    def __next__(self):
        alive = sum(token() is not None for token in self.tokens[:-1])  # the last may still be the loop's variable
        reject(
            alive > 0,
            f"at step {self.given} graphs of earlier losses are still in memory ({alive} of them): "
            "what you keep of a loss must be detached from its graph.",
        )
        if self.given == self.count:
            self.used_up = True
            raise StopIteration
        expect(
            torch.is_grad_enabled(),
            "gradients are switched off while the next loss is computed: it would have no graph to train with. "
            "Switch them on again before a step of your loop ends, or leave them alone.",
        )
        loss = (self.weight / (self.given + 1)).square()
        self.shared.append(loss.detach())  # of the storage that the answer is given
        token = set()  # lives as long as the graph of this loss
        loss.grad_fn.metadata["token"] = token
        self.tokens.append(weakref.ref(token))
        return loss


class _Waits(TorchFunctionMode):
    """Note after how many losses a tensor is asked for its numbers: on a GPU, each time is a wait."""

    ASKING = {
        *("item", "tolist", "numpy", "cpu", "is_nonzero", "equal", "allclose", "nonzero", "__repr__", "__format__"),
        *("__float__", "__int__", "__bool__", "__index__", "__complex__", "__array__", "__contains__"),
    }

    def __init__(self, losses: _Losses):
        super().__init__()
        self.losses, self.steps, self.of_a_graph = losses, [], False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name, places = getattr(function, "__name__", ""), (*args[1:], *(kwargs or {}).values())
        to_cpu = name == "to" and any(place in ("cpu", torch.device("cpu")) for place in places)
        if name in self.ASKING or to_cpu:
            self.steps.append(self.losses.given)
            self.of_a_graph |= any(getattr(each, "grad_fn", None) is not None for each in args)
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
    for count in (12, 5, 1, 120):
        losses = _Losses(count)
        with _Waits(losses) as waits:
            got = answer(losses)
        for i, (loss, value) in enumerate(zip(losses.shared, losses.values(), strict=True)):
            words = f"loss {i} has changed: `detach()` shares its storage, so add to a tensor of your own."
            expect(same(loss, value), words)
        expect(losses.given == losses.count, f"only {losses.given} of {losses.count} losses are taken.")
        early = sum(step < losses.count for step in waits.steps)
        words = f"numbers are asked for while losses still come ({early}×): on a GPU each is a wait. Ask at the end."
        expect(early == 0, words)
        reject(waits.of_a_graph, "the number is asked of a tensor with a graph, which has grown with each loss.")
        expect(losses.weight.grad is None, "your code calls backward: leave that to `losses`.")
        expect(torch.is_grad_enabled(), "gradients are switched off for good: switch them on again.")
        expect_result(got, "mean_loss")
        is_tensor = isinstance(got, torch.Tensor)
        reject(is_tensor, "return a Python number: a tensor would leave the waiting to somebody else.")
        expect(type(got) in (float, int), f"return a Python number, not {shown(got)}.")
        want = sum(losses.values()) / count
        mistakes = {"this is the sum: divide by how many there are.": sum(losses.values())}
        mistakes["this is the last loss alone."] = losses.values()[-1]
        expect_same(got, want, f"the mean of {count} losses is {want:g}, not {got:g}.", mistakes)
