"""Exercises on the gradient of a weight that is used more than once, and of one that is not used."""

import torch
from torch import nn
from torch.nn.functional import linear

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_same, reject, same

# ---- contributions


def use_gradients(loss, weight):
    """Return a list of what each use of `weight` adds to its gradient when `loss` goes backward."""
    found, hooks, seen, todo = [], [], set(), [loss.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for i, (following, _) in enumerate(node.next_functions):
            if getattr(following, "variable", None) is weight:
                hooks.append(node.register_hook(lambda gradients, _, i=i: found.append(gradients[i])))
            todo.append(following)
    torch.autograd.grad(loss, weight, retain_graph=True)
    for hook in hooks:
        hook.remove()
    return found


def _chain(x, uses: list):
    """Return a loss for which `uses` are multiplied one after another."""
    for weight in uses:
        x = linear(x, weight).relu()
    return x.square().sum()


def _mixed(x, uses: list):
    """Return a loss that uses a weight without any layer, twice in one operation."""
    first, second, third = uses
    return (first @ second).sum() + linear(x, third).exp().sum()


def _expect_contributions(answer, build, x, weight, count: int) -> None:
    aliases = [weight.clone() for _ in range(count)]
    want = torch.autograd.grad(build(x, aliases), aliases)
    total = sum(want)
    got = answer(build(x, [weight] * count), weight)
    expect(isinstance(got, (list, tuple)), f"return a list of gradients, not {type(got).__name__}.")
    got = [each.detach() if isinstance(each, torch.Tensor) else each for each in got]
    reject(len(got) == 1 < count and same(got[0], total), "this is the sum, as `.grad` has it: take it apart.")
    expect(len(got) == count, f"the weight is used {count} times; gradients found: {len(got)}.")
    for each in got:
        expect(
            getattr(each, "shape", None) == weight.shape, "each gradient is a tensor and has the shape of the weight."
        )
    left = list(want)
    for each in got:
        found = next((i for i, wanted in enumerate(left) if same(each, wanted, atol=1e-3)), None)
        if found is None:
            reject(same(sum(got), total, atol=1e-3), "the sums match, each use differs: a use gets its own gradient.")
            expect_same(sum(got), total, "the gradients do not even add up to `weight.grad`.", atol=1e-3)
        left.pop(found)


@exercise(
    solution=use_gradients,
    hints=(
        "How many arrows of the drawn graph end at middle_linear.weight? Each is one use. Walk the graph to find them.",
        "`node.register_hook(f)` calls `f(gradients, _)` when backward has passed the node: `gradients[i]` is what it "
        "hands to `node.next_functions[i]`.",
        "Let each hook append to a list, then call `torch.autograd.grad(loss, weight, retain_graph=True)`.",
    ),
)
def contributions(answer):
    """Every use is found, with its own gradient, in graphs of any kind."""
    x, weight = torch.rand(6, 5), (torch.rand(5, 5) - 0.3).requires_grad_()
    for count in (3, 1, 4):
        _expect_contributions(answer, _chain, x, weight, count)
    _expect_contributions(answer, _mixed, x, weight, 3)
    expect(weight.grad is None, "your code leaves a gradient in `weight.grad`: `torch.autograd.grad` does not.")


# ---- moves


MOVES = {
    "None, momentum 0.9": False,
    "zeros, momentum 0.9": True,
    "zeros, momentum 0": False,
    "zeros, weight decay 0.1": True,
    "None, weight decay 0.1": False,
}
REASONS = {
    "None, momentum 0.9": "a parameter whose gradient is None is left out of the step, its momentum too.",
    "zeros, momentum 0.9": "a gradient of zeros is a gradient: the momentum of earlier steps is still at work.",
    "zeros, momentum 0": "without momentum a step is lr times the gradient, and that is zero.",
    "zeros, weight decay 0.1": "weight decay adds 0.1 times the weight to the gradient, also where that is zero.",
    "None, weight decay 0.1": "a parameter whose gradient is None is left out of the step, weight decay and all.",
}


def middle_moves(setting: str) -> bool:
    """Tell whether the middle weight moves in a step that does not use it, after some that did."""
    zeroed, other = setting.split(", ")
    name, _, value = other.rpartition(" ")
    middle, x = nn.Linear(4, 4), torch.rand(3, 4)
    optimizer = torch.optim.SGD(middle.parameters(), lr=0.01, **{name.replace(" ", "_"): float(value)})
    for _ in range(3):
        optimizer.zero_grad()
        middle(x).square().sum().backward()
        optimizer.step()
    before = middle.weight.detach().clone()
    optimizer.zero_grad(set_to_none=zeroed == "None")
    optimizer.step()
    return not torch.equal(before, middle.weight)


@exercise(
    solution=MOVES,
    hints=(
        "Write down the rule: the step is lr · v, and v = momentum · v + gradient + weight decay · weight.",
        "With `set_to_none=True` there is no gradient, and the rule is not applied at all. And with zeros?",
        "Try one: train a step with k = 3, `zero_grad(set_to_none=…)`, backward with k = 0, step, and compare.",
    ),
)
def moves(answer):
    """None leaves a weight alone; with zeros, momentum and weight decay still move it."""
    expect(isinstance(answer, dict) and answer.keys() == MOVES.keys(), "answer with the dict, its keys as they are.")
    for setting in MOVES:
        truth = middle_moves(setting)
        expect(answer[setting] in (True, False), f"“{setting}”: answer True or False.")
        expect(answer[setting] == truth, f"“{setting}” is not {answer[setting]}: {REASONS[setting]}")
