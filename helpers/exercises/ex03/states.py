"""Exercises on the state_dict in memory: a snapshot that stays, and names with a prefix."""

import copy
import math

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, reject, same

# ---- best


def keep_best(model, train_one_epoch, evaluate, num_epochs):
    """Train for `num_epochs` and return the state_dict of the epoch with the lowest loss."""
    lowest, best = math.inf, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        loss = evaluate(model)
        if loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())  # the tensors too, not only the dictionary
    return best


def _snapshots(answer, losses: list[float]) -> tuple[dict, list[dict], nn.Module]:
    """Return what the answer kept of a training with these losses, the true states of all epochs, and the model."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    states = []

    def train_one_epoch(model):
        with torch.no_grad():
            for tensor in model.state_dict().values():
                tensor.add_(torch.rand(tensor.shape) if tensor.is_floating_point() else 1)
        states.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    kept = answer(model, train_one_epoch, lambda model: losses[len(states) - 1], len(losses))
    return kept, states, model


@exercise(
    solution=keep_best,
    hints=(
        "When is `best` filled, and what has happened to the model's tensors by the time it is returned?",
        "`dict.copy()` makes a new dictionary that holds the same tensors. Which function copies what is inside, too?",
        "`copy.deepcopy(model.state_dict())`, or `{name: tensor.clone() for name, tensor in …}`.",
    ),
)
def best(answer):
    """The best epoch is kept, buffers included, in tensors that later epochs do not touch."""
    for losses in ([3.0, 1.0, 2.0, 4.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [5.0, 0.5, 0.7, 0.6, 2.0], [3e6, 2e6, 4e6]):
        kept, states, model = _snapshots(answer, losses)
        reject(kept is None, f"with losses {losses} your code gives None: does it lack a `return`?")
        expect(isinstance(kept, dict), f"return a state_dict, a dictionary, not {type(kept).__name__}.")
        missing = [name for name in states[0] if name not in kept]
        expect(not missing, f"`{missing[:1] and missing[0]}` is missing: a state_dict holds the buffers, too.")
        expect(len(states) == len(losses), f"the model was trained for {len(states)} epochs, not {len(losses)}.")
        live = {tensor.data_ptr() for tensor in model.state_dict().values()}
        shared = [name for name, tensor in kept.items() if tensor.data_ptr() in live]
        reject(bool(shared), "the copy is shallow: it shares its memory (`data_ptr`) with the model and trains along.")
        epoch = losses.index(min(losses))
        found = next((i for i, state in enumerate(states) if same(dict(kept), state, atol=0)), None)
        what = "no epoch: evaluate after training" if found is None else f"epoch {found + 1}"
        expect(found == epoch, f"with losses {losses} the best is epoch {epoch + 1}, and you keep {what}.")


# ---- prefix


def load_unwrapped(model, state_dict):
    """Load a state_dict whose names may begin with `module.` into `model`: every tensor, or an error."""
    model.load_state_dict({name.removeprefix("module."): tensor for name, tensor in state_dict.items()})


class _Net(nn.Module):
    """A small net with a child called `module` deeper inside."""

    def __init__(self):
        super().__init__()
        self.encoder, self.fc = nn.Conv2d(1, 2, 3), nn.Linear(3, 2)
        self.branch = nn.ModuleDict({"module": nn.BatchNorm1d(2)})


def _loaded(answer, state: dict) -> tuple[nn.Module, Exception | None]:
    model = _Net()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(-7)
    return model, error_of(answer, model, state)


@exercise(
    solution=load_unwrapped,
    hints=(
        "Print the names in the file and those of `model.state_dict()` side by side. What is the difference?",
        "Make a new dictionary with the names the model expects. Leave `strict` as it is, so that a mistake is loud.",
        '`name.removeprefix("module.")` takes it away where it is, at the beginning only.',
    ),
)
def prefix(answer):
    """Every tensor is loaded, with the prefix and without it, and what is missing is an error."""
    state = {name: torch.rand(tensor.shape) for name, tensor in _Net().state_dict().items()}
    for before in ("module.", ""):
        model, error = _loaded(answer, {before + name: tensor for name, tensor in state.items()})
        own = model.state_dict()
        loaded = [name for name, tensor in own.items() if same(tensor, state[name].to(tensor.dtype), atol=0)]
        case = f"names that begin with `{before}`" if before else "names without a prefix"
        lost = next((name for name in own if name not in loaded), "")
        reasons = {
            "branch.module": " The prefix stands at the beginning only.",
            "encoder": " `lstrip` takes away letters, whatever their order: `removeprefix` takes a prefix.",
        }
        reason = next((why for start, why in reasons.items() if loaded and lost.startswith(start)), "")
        expect(
            len(loaded) == len(own) and error is None,
            f"{case}: {len(loaded)} of {len(own)} tensors loaded, `{lost}` is not.{reason}",
        )
    for name in ("fc.bias", "branch.module.running_mean"):
        _, error = _loaded(answer, {f"module.{n}": tensor for n, tensor in state.items() if n != name})
        reject(error is None, f"a file without `{name}` is taken without a word: leave `strict=True`.")
