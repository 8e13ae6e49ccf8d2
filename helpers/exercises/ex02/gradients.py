"""Exercises on the gradient of a weight that is used more than once, and of one that is not used."""

import numpy as np
import torch
from torch.nn.functional import embedding, linear

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_result, kind, reject, same, shown

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
    torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    for hook in hooks:
        hook.remove()
    return found


def _squares(h):
    return h.square().sum()


def _chain(x, uses: list, other):
    """Return a loss for which `uses` are multiplied one after another."""
    for weight in uses:
        x = linear(x, weight).tanh() + x
    return _squares(linear(x, other))


def _diamond(x, w: list, other):
    h = linear(x, w[0])
    return _squares(linear(h.sigmoid() * h + h.tanh(), other))


def _embedding(x, w: list, other):
    return _squares(embedding(torch.arange(6), w[0]) * x @ (w[1] + other.sin()).T)


# Losses made of x (6, 5), the uses of a weight, and another weight of the same shape and values.
# what is asked about: (shape of the weight, number of uses, the loss)
LOSSES = {
    "a layer called three times": ((5, 5), 3, _chain),
    "a layer called 40 times": ((5, 5), 40, _chain),
    "a layer called once": ((5, 5), 1, _chain),
    "a layer whose output is used twice": ((5, 5), 1, _diamond),
    "`weight @ weight` and `weight @ other`": ((5, 5), 3, lambda x, w, o: _squares(w[0] @ w[1]) + (w[2] @ o).sum()),
    "`weight.sum()`": ((5,), 1, lambda x, w, o: w[0].sum()),
    "a use times 0 and two that are alike": ((5,), 3, lambda x, w, o: (w[0] * 0 + w[1] + w[2] + o.sin()).sum()),
    "a bias added twice": ((5,), 2, lambda x, w, o: _squares((x + w[0] + o.sin()).tanh() + w[1])),
    "a scale used twice": ((), 2, lambda x, w, o: ((x * w[0]).exp() * w[1] + x * o.sin()).sum()),
    "an embedding that is the last layer, too": ((7, 5), 2, _embedding),
    "a layer not called": ((5, 5), 0, _chain),
}


def _expect_contributions(answer, about: str, shape: tuple, count: int, build, is_first: bool) -> None:
    x = torch.randn(6, 5, dtype=torch.double)
    weight = torch.randn(shape, dtype=torch.double).mul(0.5).requires_grad_()
    other = weight.detach().clone().requires_grad_()
    uses = [weight.clone() for _ in range(count)]
    want = torch.autograd.grad(build(x, uses, other), [*uses, other], allow_unused=True)
    want, foreign = list(want[:-1]), want[-1]
    total = sum(want) if want else torch.zeros(shape)
    if not is_first:  # gradients of an earlier step
        weight.grad, other.grad = torch.ones_like(weight), torch.ones_like(other)
    earlier = {each: None if each.grad is None else each.grad.clone() for each in (weight, other)}
    loss = build(x, [weight] * count, other)
    got = answer(loss, weight)
    expect_result(got, f"{about}: your code")
    expect(isinstance(got, (list, tuple)), f"return a list of gradients, not {kind(got)}.")
    elsewhere = f"{about}: one of your gradients is None: it stands where another tensor than `weight` gets its own."
    for each in got:
        reject(each is None, elsewhere)
        fits = isinstance(each, torch.Tensor) and each.shape == weight.shape
        expect(fits, f"{about}: each gradient is a tensor and has the shape {shape} of the weight, not {kind(each)}.")
    _expect_each(list(got), want, total, foreign, about)
    for each, before in earlier.items():
        name = "weight.grad" if each is weight else "the `.grad` of another weight"
        reject(each.grad is None and before is not None, f"your code loses what stood in {name}.")
        expect(same(each.grad, before, atol=0), f"your code changes {name}: `torch.autograd.grad` does not.")
    try:
        loss.backward()
    except RuntimeError as error:
        reject("second time" in str(error), "after your code `loss.backward()` fails: pass `retain_graph=True`.")
        raise
    expect(len(got) == count, "your list grows with `loss.backward()`: remove the hooks.")
    after = total if earlier[weight] is None else total + earlier[weight]
    expect(not count or same(weight.grad, after, atol=1e-3), "after your code `loss.backward()` gives other gradients.")


def _expect_each(got: list, want: list, total, foreign, about: str) -> None:
    """Expect the gradients `want`, in any order; `foreign` is the gradient of the other weight."""
    count = len(want)
    if count > 1:
        reject(len(got) == 1 and same(got[0], total, 1e-3), "this is the sum, as `.grad` has it: take it apart.")
        reject(all(same(each, total, 1e-3) for each in got) and got, "each is the whole sum: a use adds only its part.")
    among = [any(same(each, wanted, 1e-3) for wanted in want) for each in got]
    is_foreign = foreign is not None and any(same(each, foreign, 1e-3) for each in got)
    reject(is_foreign, f"{about}: the gradient of another weight, of the same shape and values, is among them.")
    twice = f"{about}: {count} of your {len(got)} gradients are right, the others are the same again. "
    reject(all(among) and len(got) > count > 0, twice + "Can a node be reached in several ways?")
    times = "time" if count == 1 else "times"
    found = f"{about}: the weight is used {count} {times}; gradients found: {len(got)}."
    reject("@" in about and 0 < len(got) < count, f"{found} The node of @ hands on two, each at its own i.")
    expect(len(got) == count, found)
    if not all(among) or not all(any(same(each, wanted, 1e-3) for each in got) for wanted in want):
        reject(same(sum(got), total, 1e-3), "the sums match, each use differs: a use gets its own gradient.")
        expect(False, f"{about}: the gradients do not even add up to `weight.grad`.")


@exercise(
    solution=use_gradients,
    hints=(
        "How many arrows of the drawn graph end at middle_linear.weight? Each is one use. Walk the graph to find them.",
        "`node.register_hook(f)` calls `f(gradients, _)` when backward has passed the node: `gradients[i]` is what it "
        "hands to `node.next_functions[i]`.",
        "Let each hook append to a list, then call `torch.autograd.grad(loss, weight, retain_graph=True)`; "
        "`allow_unused=True` lets it pass where there is no use.",
    ),
)
def contributions(answer):
    """Every use is found, with its own gradient, in graphs of any kind."""
    for number, (about, loss) in enumerate(LOSSES.items()):
        _expect_contributions(answer, about, *loss, is_first=number == 0)


# ---- moves


MOVES = {  # setting: does the middle weight move in a step that does not use it, after some that did?
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
    expect(isinstance(answer, dict), f"answer with the dict of the cell above, not with {shown(answer)}.")
    missing, others = [key for key in MOVES if key not in answer], [key for key in answer if key not in MOVES]
    named = f"missing are {shown(missing, 200)}, unknown {shown(others, 200)}"
    expect(not missing and not others, f"keep the keys as they are: {named}.")
    for setting, given in answer.items():
        is_yes_or_no = isinstance(given, (bool, np.bool_)) or type(given) is int and given in (0, 1)
        expect(is_yes_or_no, f"“{setting}”: answer True or False, not {shown(given)}.")
        expect(given == MOVES[setting], f"“{setting}” is not {given}: {REASONS[setting]}")
