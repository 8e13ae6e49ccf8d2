"""Exercises on the modes of modules: who is in which, what it changes, and who changes it."""

import copy
import random

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex04.models import (
    KINDS,
    LEFT_ALONE,
    NORMS,
    expect_settings,
    frozen,
    make_batch,
    make_model,
    mode,
    norms,
    others,
    place,
    settings,
)
from helpers.exercises.words import expect, expect_result, expect_same, kind, reject, run, same, shown

# ---- evaluate


def in_evaluation_mode(model, measure):
    """Return measure(model), measured in evaluation mode; afterwards every module is in the mode it was in before."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


def _models_in_many_modes():
    """Yield a model with two modules in evaluation mode, on different levels, then in any mixture of modes."""
    model = make_model()
    model.append(nn.Sequential(model[2][1])).train()  # a Dropout of two parents: the second may switch it again
    model[1].eval()
    model[3][1].eval()
    yield model
    yield model.eval()
    for _ in range(8):
        for module in model.modules():
            module.training = random.random() < 0.5
        yield model


def _expect_modes(model, before, when: str) -> None:
    for (name, now), was in zip(model.named_modules(), before.modules(), strict=True):
        modes = f"was in {mode(was.training)} before, and {when} it is in {mode(now.training)}"
        expect(now.training == was.training, f"{place(name)} {modes}.")


class _Failed(Exception):
    """What a measurement raises in the check."""


@exercise(
    solution=in_evaluation_mode,
    hints=(
        "Which modes are to be restored? `model.training` is that of one module; `model.modules()` walks through all.",
        "What happens to the lines after `measure(model)` when it raises? `try: … finally:` runs them all the same.",
        "`module.train(mode)` sets all modules below as well. `module.training = mode` sets this one only.",
    ),
)
def evaluate(answer):
    """It measures in evaluation mode, and leaves every module in the mode it was in, also after an exception."""
    batch = make_batch("rows", 3)
    for failure in (None, _Failed("the measurement failed")):
        for model in _models_in_many_modes():
            before, calls = copy.deepcopy(model), []

            def measure(model, failure=failure, calls=calls):
                training = [place(name) for name, module in model.named_modules() if module.training]
                calls.append((training, torch.is_grad_enabled()))
                if failure:
                    raise failure
                return model(batch)

            try:
                got, error = answer(model, measure), None
            except Exception as raised:
                if not failure:
                    raise
                error = raised
            reject(not calls, "`measure` is never called.")
            expect(len(calls) == 1, f"`measure` is called {len(calls)} times: a measurement may be slow.")
            ((training, gradients),) = calls
            for module in training:
                reject(True, f"while `measure` runs, {module} is in training mode.")
            expect(gradients, "while `measure` runs, gradients are switched off, and it may need them.")
            kept = same(dict(model.state_dict()), dict(before.state_dict()), atol=0)
            expect(kept, "weights or statistics of the model have changed.")
            _expect_modes(model, before, "after an exception" if failure else "afterwards")
            expect_settings(model, before, settings(before))
            if failure:
                expect(
                    error is not None, "an exception in `measure` is swallowed: let it pass on, or nobody will know."
                )
                another = f"`measure` raises one exception, and your code another: {type(error).__name__}."
                expect(error is failure, another)
            else:
                reject(got is None, "nothing is returned: return what `measure(model)` gives.")
                want = before.eval()(batch)
                expect_same(got, want, "what is returned is not what `measure(model)` gives in evaluation mode.")


# ---- dropout


def dropout(x, p, training):
    """Return x with each number dropped with probability p, in training mode; else x itself."""
    if not training:
        return x
    mask = torch.rand_like(x) >= p
    return x * mask / (1 - p)


def _expect_dropped(got, x, p: float, case: str) -> None:
    """Expect a share p of x to be 0, the rest to be divided by 1 − p, and gradients that are treated likewise."""
    expect_result(got, case)
    is_like_x = isinstance(got, torch.Tensor) and got.shape == x.shape
    expect(is_like_x, f"{case} gives {kind(got)}, not {kind(x)}.")
    kept = got.detach() != 0
    share = 1 - kept.float().mean().item()
    reject(abs(share - 1 + p) < 0.05 < abs(share - p), f"{case} drops a share of 1 − p: p is to be dropped, not kept.")
    expect(abs(share - p) < 0.05, f"{case} drops a share of {share:.2f}.")
    mistakes = {
        f"{case} does not divide by 1 − p what survives: the mean shrinks.": x * kept,
        f"{case} divides by p what survives, and a share of 1 − p survives.": x * kept / p if p else None,
        f"{case} multiplies by 1 − p what survives, and makes it smaller still.": x * kept * (1 - p),
    }
    expect_same(got, x * kept / (1 - p), f"{case} gives something else than 0 and x / (1 − p).", mistakes)
    expect(got.requires_grad, f"{case} gives a tensor through which no gradient flows.")
    for dim in (0, 1):
        together = (kept.float().mean(dim) - 1 + p).abs().max() > 0.45
        reject(together, f"{case} drops whole rows or columns: each number has a chance of its own.")


@exercise(
    solution=dropout,
    hints=(
        "In evaluation mode there is nothing to do: return x.",
        "Which numbers of `torch.rand_like(x)` are below p? About a share p of them. The others survive.",
        "A mask of truth values can be multiplied: `x * mask` is 0 where the mask is False. Then divide by 1 − p.",
    ),
)
def dropout(answer):
    """In training each number is 0 with probability p, the others are divided by 1 − p; in evaluation nothing is."""
    x, dropped = (1 + torch.rand(40, 50)).requires_grad_(), []
    for p in (0.3, 0.0, 0.5, 0.9):
        case = f"with p = {p}, your code in training mode"
        expect_same(run(answer, x, p, False), x, f"with p = {p}, your code does not give x itself in evaluation mode.")
        passes = [run(answer, x, p, True) for _ in range(2)]
        for got in passes:
            _expect_dropped(got, x, p, case)
        reject(p > 0 and same(*passes), f"{case} drops the same numbers in every pass.")
        dropped.append([int((got == 0).sum()) for got in passes])
    counted = all(one == other for one, other in dropped)
    reject(counted, "as many numbers are dropped in each pass: p is a chance, that of every number by itself.")


# ---- freeze


def freeze_batch_norm(model):
    """Freeze every BatchNorm layer of the model: evaluation mode for good, and weights that do not learn."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            module.eval().requires_grad_(False)
            module.train = lambda mode=True, module=module: module  # model.train() calls this: it changes nothing


METHODS = "train", "eval", "forward"


def _answered(answer, model) -> nn.Module:
    """Return a copy of the model as the answer leaves it.

    The classes of its modules get their own methods back; where others were put there, the check ends.
    """
    model, changed = copy.deepcopy(model), []
    classes = {each for kind in (*NORMS, *map(type, model.modules())) for each in kind.__mro__[:-1]}
    before = {(each, name): vars(each).get(name) for each in classes for name in METHODS}
    try:
        answer(model)
    finally:
        for (each, name), method in before.items():
            if vars(each).get(name) is not method:
                changed.append(each.__name__)
                setattr(each, name, method) if method else delattr(each, name)
    for name in changed:
        reject(True, f"your code changes the class {name} itself, and with it every model of the program.")
    return model


def _pass(model, batch) -> torch.Tensor:
    """Return the outputs for a batch; dropout makes the same choice in every call."""
    torch.manual_seed(0)
    with torch.no_grad():
        return model(batch)


def _learn(model, kind: str) -> None:
    """Take three steps as a training loop does, the same in every call; those weights move that can."""
    torch.manual_seed(1)
    for _ in range(3):
        model.zero_grad()
        model(make_batch(kind, 8)).square().mean().backward()
        with torch.no_grad():
            for weight in model.parameters():
                if weight.grad is not None:
                    weight -= 0.01 * weight.grad


def _expect_all_else_as_it_was(model, before) -> None:
    """Expect the statistics as they were, and the other modules, with their settings, learning if they did."""
    buffers, weights = dict(model.named_buffers()), dict(model.named_parameters())
    for name, value in before.named_buffers():
        kept = name not in buffers or same(buffers[name], value, atol=0)
        expect(kept, f"freezing changes {name!r}, from {shown(value)} to {shown(buffers.get(name))}.")
    expect_settings(model, before, others(before))
    for name, value in before.named_parameters():
        if name.rpartition(".")[0] in others(before):
            learns = name in weights and weights[name].requires_grad
            reject(value.requires_grad and not learns, f"{name!r} no longer learns: only BatchNorm is to be frozen.")
            expect(value.requires_grad == learns, f"{name!r} did not learn before, and now it does.")


def _expect_the_modes_of_all_else(model, before, when: str) -> None:
    for name, module in others(before).items():
        now = model.get_submodule(name).training
        was = f"after {when}, {place(name)} ({type(module).__name__}) is in {mode(now)}"
        expect(now == module.training, f"{was}: all but BatchNorm switches as before.")


def _expect_frozen_statistics(model, before, evaluated: bool) -> None:
    """Expect the buffers of the BatchNorm layers as they were; `evaluated`: the answer left them in evaluation mode."""
    now = dict(model.named_buffers())
    for name, was in before.named_buffers():
        layer = name.rpartition(".")[0]
        if name not in now or layer in others(before) or torch.equal(now[name], was):
            continue
        learning = [weight.requires_grad for weight in model.get_submodule(layer).parameters()]
        what = f"layer {layer!r}, a {type(before.get_submodule(layer)).__name__}"
        alone = all(learning) and not evaluated and settings(model)[layer] == settings(before)[layer]
        reject(alone, f"{what}, is left alone: {LEFT_ALONE}")
        why = "the layer is in training mode"
        if evaluated:
            why = "model.train() undoes a single eval()"
        elif model.eval() is model and model.get_submodule(layer).training:
            why = "no call switches it any more, and it is in training mode"
        elif not any(learning) and not name.endswith("tracked"):
            why = "requires_grad_(False) holds the weights only"
        reject(True, f"{name!r} still moves in training: {why}.")


def _expect_frozen_in_each_mode(model, before, batch, evaluated: bool) -> None:
    """Expect of the model what `before` gives with its BatchNorm layers frozen; both are switched in step."""
    for training in (True, False, True):
        call, returned = ("model.train()", model.train()) if training else ("model.eval()", model.eval())
        expect(returned is model, f"{call} now returns {shown(returned)}, and not the model.")
        by_batch, want = _pass(copy.deepcopy(before).train(training), batch), _pass(frozen(before, training), batch)
        _expect_the_modes_of_all_else(model, before, call)
        got = _pass(model, batch)
        _expect_frozen_statistics(model, before, evaluated)
        mistakes = {f"after {call} the layers normalise with the batch, not with the tracked statistics.": by_batch}
        expect_same(got, want, f"after {call} the outputs are not those of a model with frozen BatchNorm.", mistakes)


def _expect_that_all_else_learns(model, before, batch, kind: str) -> None:
    """Train both; expect of the model what `before` gives with its BatchNorm layers frozen."""
    was = copy.deepcopy(dict(before.named_parameters()))
    _learn(model.train(), kind)
    _learn(frozen(before, True), kind)
    weights = dict(model.named_parameters())
    for name, wanted in before.named_parameters():
        moved = name in weights and not torch.equal(weights[name], was[name])
        reject(moved and not wanted.requires_grad, f"{name!r} still learns: freeze weight and bias too.")
        stopped = wanted.requires_grad and not moved
        reject(stopped, f"{name!r} no longer learns: only BatchNorm is to be frozen.")
    want, got = _pass(before.eval(), batch), _pass(model.eval(), batch)
    expect_same(got, want, "after three steps of training the frozen layers compute something else than before.")


@exercise(
    solution=freeze_batch_norm,
    hints=(
        "Weights stand still by `requires_grad`, statistics by their layer's mode. Which call undoes the second?",
        "`model.train()` calls `train` of every child. What if a frozen layer's own `train` did nothing?",
        "`module.train = lambda mode=True, module=module: module` gives one object a method of its own.",
    ),
)
def freeze(answer):
    """Every BatchNorm keeps and uses its statistics and weights in both modes, and all else switches and learns."""
    for name in KINDS:
        before, batch = make_model(name).train(name != "volumes"), make_batch(name, 6)
        before[4].bias.requires_grad_(False)
        model = _answered(answer, before)
        norms_train = any(module.training for module in norms(model).values())
        _expect_all_else_as_it_was(model, before)
        _expect_the_modes_of_all_else(model, before, "freezing")
        _expect_frozen_in_each_mode(model, before, batch, evaluated=before.training and not norms_train)
        _expect_that_all_else_learns(model, before, batch, name)
        for each, layer in norms(model).items():
            expect(layer.train() is layer, f"train() of layer {each!r} no longer returns the layer, as train() does.")
