"""Small models for the checks of notebook 04, and what of a model is to be left alone."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import partial

import torch
from torch import nn

from helpers.exercises.words import expect

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
TRACKING = {"affine": True, "track_running_stats": True}
# name → a layer with weights, the BatchNorm that fits it, a norm that is none, and the shape of one example
KINDS = {
    "rows": (nn.Linear, nn.BatchNorm1d, nn.LayerNorm, (4,)),
    "sequences": (partial(nn.Conv1d, kernel_size=1), nn.BatchNorm1d, partial(nn.InstanceNorm1d, **TRACKING), (4, 5)),
    "pictures": (partial(nn.Conv2d, kernel_size=1), nn.BatchNorm2d, partial(nn.InstanceNorm2d, **TRACKING), (4, 3, 2)),
    "volumes": (partial(nn.Conv3d, kernel_size=1), nn.BatchNorm3d, partial(nn.GroupNorm, 1), (4, 2, 1, 2)),
}
LEFT_ALONE = "do you catch every kind of BatchNorm, on every level, in the model given and not in a copy?"


class Noise(nn.Module):
    """Dropout without a Dropout layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(x, training=self.training)


def make_model(kind: str = "rows") -> nn.Sequential:
    """Return a model with BatchNorm on three levels, dropout of two sorts before and after, all statistics set."""
    layer, norm, other_norm, _ = KINDS[kind]
    last = norm(5, affine=False, momentum=None, eps=0.1)
    inner = nn.Sequential(OrderedDict(norm=other_norm(5), noise=Noise(), last=last))
    block = nn.Sequential(layer(6, 5), norm(5, momentum=0.05), nn.Dropout(0.5), inner)
    model = nn.Sequential(layer(4, 6), norm(6), nn.Sequential(nn.ReLU(), nn.Dropout(0.4)), block, layer(5, 2))
    for module in norms(model).values():
        nn.init.normal_(module.running_mean)
        nn.init.uniform_(module.running_var, 0.5, 2)
        module.num_batches_tracked.fill_(7)
        if module.affine:
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return model


def norms(model: nn.Module) -> dict[str, nn.Module]:
    """Return the BatchNorm layers by name."""
    return {name: module for name, module in model.named_modules() if isinstance(module, NORMS)}


def others(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules that are no BatchNorm, by name."""
    return {name: module for name, module in model.named_modules() if not isinstance(module, NORMS)}


def frozen(model: nn.Module, training: bool) -> nn.Module:
    """Put the model in a mode, but for its BatchNorm layers: in evaluation mode, and without learning."""
    model.train(training)
    for module in norms(model).values():
        module.eval().requires_grad_(False)
    return model


def make_batch(kind: str, size: int) -> torch.Tensor:
    """Return `size` examples for the model of a kind, neither centred nor of variance 1."""
    return 3 + 2 * torch.randn(size, *KINDS[kind][-1])


def settings(model: nn.Module) -> dict[str, dict[str, object]]:
    """Return the plain attributes of every module, the mode left out: "1" → {"momentum": 0.1, …}."""
    found = {}
    for name, module in model.named_modules():
        plain = {key: value for key, value in vars(module).items() if isinstance(value, (int, float, type(None)))}
        plain.pop("training", None)
        found[name] = plain | {"number of hooks": len(module._forward_pre_hooks) + len(module._forward_hooks)}
    return found


def expect_settings(model: nn.Module, before: nn.Module, names: Iterable[str]) -> None:
    """Expect the modules of these names in the model, with their settings as before; what was added does not count."""
    now, was = settings(model), settings(before)
    for name in names:
        expect(name in now, f"{place(name)} is gone: leave all else where it is.")
        for key, value in was[name].items():
            changed = f"it was {value}, and is {now[name].get(key)}"
            expect(now[name].get(key) == value, f"the {key} of {place(name)} stays changed: {changed}.")


def place(name: str) -> str:
    """Name a module in a sentence."""
    return f"module {name!r}" if name else "the model itself"


def mode(training: bool) -> str:
    """Name a mode in a sentence."""
    return "training mode" if training else "evaluation mode"
