"""Exercises on the modes of modules: who is in which, and who changes it."""

import copy
import random
from contextlib import contextmanager

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex04.models import (
    KINDS,
    LEFT_ALONE,
    NORMS,
    changed_settings,
    frozen,
    make_batch,
    make_model,
    mode,
    norms,
    others,
    place,
    settings,
)
from helpers.exercises.words import error_of, expect, expect_same, reject, same, shown

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
    model = make_model().train()
    model[1].eval()
    model[3][1].eval()
    yield model
    yield model.eval()
    for _ in range(8):
        for module in model.modules():
            module.training = random.random() < 0.5
        yield model


def _modes(model) -> dict[str, bool]:
    return {name: module.training for name, module in model.named_modules()}


def _expect_modes(model, modes: dict[str, bool], when: str) -> None:
    for name, now in _modes(model).items():
        was = f"{place(name)} was in {mode(modes[name])} before, and {when} it is in {mode(now)}"
        expect(now == modes[name], f"{was}.")


def _expect_one_call(calls: list) -> None:
    reject(not calls, "`measure` is never called.")
    expect(len(calls) == 1, f"`measure` is called {len(calls)} times: a measurement may be slow.")


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
    for model in _models_in_many_modes():
        modes, state, rest = _modes(model), copy.deepcopy(model.state_dict()), settings(model)
        want = copy.deepcopy(model).eval()(batch)
        calls, gradients = [], []

        def measure(model, calls=calls, gradients=gradients):
            calls.append([name for name, module in model.named_modules() if module.training])
            gradients.append(torch.is_grad_enabled())
            return model(batch)

        got = answer(model, measure)
        _expect_one_call(calls)
        for name in calls[0]:
            reject(True, f"while `measure` runs, {place(name)} is in training mode.")
        expect(gradients[0], "while `measure` runs, gradients are switched off, and it may need them.")
        expect(same(dict(model.state_dict()), dict(state), atol=0), "weights or statistics of the model have changed.")
        reject(got is None, "nothing is returned: return what `measure(model)` gives.")
        expect_same(got, want, "what is returned is not what `measure(model)` gives in evaluation mode.")
        _expect_modes(model, modes, "afterwards")
        for changed in changed_settings(settings(model), rest):
            reject(True, changed)

    def fails(model):
        calls.append(model)
        raise failure

    for model in _models_in_many_modes():
        calls, modes, failure = [], _modes(model), _Failed("the measurement failed")
        error = error_of(answer, model, fails)
        _expect_one_call(calls)
        _expect_modes(model, modes, "after an exception")
        expect(error is not None, "an exception in `measure` is swallowed: let it pass on, or nobody will know.")
        expect(error is failure, f"`measure` raises one exception, and your code another: {type(error).__name__}.")


# ---- freeze


def freeze_batch_norm(model):
    """Freeze every BatchNorm layer of the model: evaluation mode for good, and weights that do not learn."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            module.eval().requires_grad_(False)
            module.train = lambda mode=True, module=module: module  # model.train() calls this: it changes nothing


METHODS = "train", "eval", "forward"


@contextmanager
def _classes_as_they_were(model):
    """Give the classes of the model's modules their own methods back, and end the check where others were put there."""
    used = (*NORMS, *map(type, model.modules()))
    classes = dict.fromkeys(each for kind in used for each in kind.__mro__ if each is not object)
    before = {each: {name: vars(each)[name] for name in METHODS if name in vars(each)} for each in classes}
    try:
        yield
    finally:
        changed = []
        for each, methods in before.items():
            for name in METHODS:
                if vars(each).get(name) is not methods.get(name):
                    changed.append(each.__name__)
                    if name in methods:
                        setattr(each, name, methods[name])
                    else:
                        delattr(each, name)
    for name in changed:
        reject(True, f"your code changes the class {name} itself, and with it every model of the program.")


def _answered(answer, model) -> nn.Module:
    """Return a copy of the model as the answer leaves it, or what the answer returns in its place."""
    model = copy.deepcopy(model)
    with _classes_as_they_were(model):
        returned = answer(model)
    return returned if isinstance(returned, nn.Module) else model


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
    now, was, buffers = settings(model), settings(before), dict(model.named_buffers())
    for name, value in before.named_buffers():
        kept = name not in buffers or torch.equal(buffers[name], value)
        expect(kept, f"freezing changes {name!r}, from {shown(value)} to {shown(buffers.get(name))}.")
    for name in others(before):
        expect(name in now, f"{place(name)} is gone: leave all else where it is.")
        for changed in changed_settings(now, {name: was[name]}):
            reject(True, changed)
        for weight, value in before.get_submodule(name).named_parameters(prefix=name, recurse=False):
            learns = model.get_parameter(weight).requires_grad
            reject(value.requires_grad and not learns, f"{weight!r} no longer learns: only BatchNorm is to be frozen.")
            expect(value.requires_grad == learns, f"{weight!r} did not learn before, and now it does.")


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
    for kind in KINDS:
        before, batch = make_model(kind).train(kind != "volumes"), make_batch(kind, 6)
        before[4].bias.requires_grad_(False)
        model = _answered(answer, before)
        norms_train = any(module.training for module in norms(model).values())
        _expect_all_else_as_it_was(model, before)
        _expect_the_modes_of_all_else(model, before, "freezing")
        _expect_frozen_in_each_mode(model, before, batch, evaluated=before.training and not norms_train)
        _expect_that_all_else_learns(model, before, batch, kind)
