"""Exercises on the modes of modules: who is in which, and who changes it."""

import copy

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_same, reject


def _make_model() -> nn.Sequential:
    """Return a small model with dropout and batch normalization, also below the first level; its statistics are set."""
    block = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Dropout(0.5))
    model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), block, nn.Linear(5, 2))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 2)
    return model


def _mode(training: bool) -> str:
    return "training mode" if training else "evaluation mode"


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


def _mixed_model() -> nn.Sequential:
    """Return a model in training mode, but for two modules on different levels."""
    model = _make_model().train()
    model[1].eval()
    model[3][1].eval()
    return model


def _expect_modes(model, modes: dict[str, bool], when: str) -> None:
    now = {name: module.training for name, module in model.named_modules()}
    for name, mode in modes.items():
        place = f"module {name!r}" if name else "the model itself"
        was = f"{place} was in {_mode(mode)} before, and {when} it is in {_mode(now[name])}"
        expect(now[name] == mode, f"{was}.")


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
    batch = torch.randn(3, 4)
    for model in (_mixed_model(), _mixed_model().eval(), _make_model().train()):
        modes = {name: module.training for name, module in model.named_modules()}
        with torch.no_grad():
            want = copy.deepcopy(model).eval()(batch)
            got = answer(model, lambda model: model(batch))
            reject(got is None, "nothing is returned: return what `measure(model)` gives.")
            expect_same(got, want, "the measurement was not made with every module in evaluation mode.")
        _expect_modes(model, modes, "afterwards")

    def fails(model):
        raise KeyError("the measurement failed")

    model = _mixed_model()
    modes = {name: module.training for name, module in model.named_modules()}
    error = error_of(answer, model, fails)
    _expect_modes(model, modes, "after an exception")
    expect(isinstance(error, KeyError), "an exception in `measure` is swallowed: let it pass on, or nobody will know.")


# ---- freeze


def freeze_batch_norm(model):
    """Freeze every BatchNorm layer of the model: evaluation mode for good, and weights that do not learn."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.eval().requires_grad_(False)
            module.train = lambda mode=True, module=module: module  # model.train() calls this: it changes nothing


def _statistics(model) -> dict[str, torch.Tensor]:
    names = ("running_mean", "running_var", "num_batches_tracked")
    return {name: value.clone() for name, value in model.state_dict().items() if name.endswith(names)}


def _answered(answer, model) -> nn.Module:
    """Return a copy of the model as the answer leaves it, or what the answer returns in its place."""
    model = copy.deepcopy(model)
    returned = answer(model)
    return returned if isinstance(returned, nn.Module) else model


def _is_untouched(layer: nn.Module) -> bool:
    """Tell whether a layer that was in training mode still is, learns, and has no method of its own."""
    return layer.training and layer.weight.requires_grad and "train" not in vars(layer)


def _train(model) -> None:
    """Take three steps as a training loop does; those weights move that can."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        model(3 + torch.randn(8, 4)).square().sum().backward()
        optimizer.step()


@exercise(
    solution=freeze_batch_norm,
    hints=(
        "Weights stand still by `requires_grad`, statistics by their layer's mode. Which call undoes the second?",
        "`model.train()` calls `train` of every child. What if a frozen layer's own `train` did nothing?",
        "`module.train = lambda mode=True, module=module: module` gives one object a method of its own.",
    ),
)
def freeze(answer):
    """Statistics and weights of every BatchNorm stay as they are through model.train(), and all else learns."""
    before = _make_model()
    model = _answered(answer, before)
    reject(_is_untouched(model[1]), "layer '1', a BatchNorm1d, is left alone: do you catch every kind of BatchNorm?")
    frozen = not any(model.get_parameter(name).requires_grad for name in ("0.weight", "3.0.weight", "4.bias"))
    reject(frozen, "nothing can learn any more: only BatchNorm layers are to be frozen.")
    evaluates = not model[1].training
    _train(model.eval())
    now, was = _statistics(model), _statistics(before)
    moved = next((name for name in now if not torch.equal(now[name], was[name])), None)
    why = "model.train() undoes a single eval()" if evaluates else "requires_grad_(False) holds the weights only"
    if moved and moved.endswith("num_batches_tracked"):
        why = "the layer is in training mode, whatever its momentum, and normalises with the batch"
    expect(moved is None, f"{moved!r} still moves in training: {why}.")

    learns = {name for name, p in model.named_parameters() if not torch.equal(p, before.get_parameter(name))}
    for name in ("1.weight", "1.bias", "3.1.weight"):
        reject(name in learns, f"{name!r} still learns: freeze weight and bias too.")
    for name in ("0.weight", "3.0.weight", "4.bias"):
        expect(name in learns, f"{name!r} no longer learns: only BatchNorm layers are to be frozen.")
    expect(model[3][2].training, "Dropout stays in evaluation mode after model.train(): freeze BatchNorm only.")

    model = _answered(answer, before).train()
    model[3][2].p = 0.0
    batch = 3 + torch.randn(5, 4)
    with torch.no_grad():
        want, got = before.eval()(batch), model(batch)
    expect_same(got, want, "in training the layers still normalise with the batch, not with the tracked statistics.")
