"""Exercises on the state_dict in memory: a snapshot that stays, and names with a prefix."""

import copy
import math

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_result, kind, reject, run, same

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


def _model() -> nn.Module:
    """Return a model whose state_dict is not all float32, not all trained, and not all its parameters and buffers."""
    model = nn.Sequential(nn.Linear(3, 3).half(), nn.BatchNorm1d(3))
    model[0].bias.requires_grad_(False)
    model.register_buffer("scratch", torch.ones(2), persistent=False)
    return model


def _snapshots(answer, losses: list[float]) -> tuple[dict, list[dict], nn.Module]:
    """Return what the answer kept of a training with these losses, the true states, the first untrained, the model."""
    own = _model()
    states = [copy.deepcopy(own.state_dict())]

    def train_one_epoch(model):
        epoch = len(states)
        expect(epoch <= len(losses), f"you train for more than the {len(losses)} epochs.")
        expect(model is own, "you train another model than the one you are given.")
        expect(own.training, f"epoch {epoch} finds the model in evaluation mode.")
        expect(torch.is_grad_enabled() and own[0].weight.requires_grad, f"epoch {epoch} is trained without gradients.")
        goes_on = same(dict(own.state_dict()), states[-1], atol=0)
        expect(goes_on, f"epoch {epoch} must go on from where the model was; your code puts other numbers in it.")
        with torch.no_grad():
            for tensor in own.state_dict().values():
                tensor.add_(torch.rand(tensor.shape) if tensor.is_floating_point() else 1)
        states.append(copy.deepcopy(own.state_dict()))

    def evaluate(model):
        is_trained = same(dict(model.state_dict()), states[-1], atol=0)
        expect(is_trained, "you evaluate another model than the one that was trained.")
        return losses[len(states) - 2]

    return answer(own, train_one_epoch, evaluate, len(losses)), states, own


LOSSES = (
    *([4.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [5.0, 0.5, 0.7, 0.6, 2.0], [4.0], [-1.0, -3.0, -2.0]),
    *([3.1e38, 2e38, 3.3e38], [2.0, math.nan, 3.0], [3.0, 1.0, math.nan], [3.0, math.nan, 1.0], [2.0, 1.0, 1.0]),
    *([1.0, 0.0, 2.0], [math.nan, 2.0, 1.0], [1.0, 0.9999, 3.0], [3.0, *[5.0] * 9, 1.0, 2.0]),
)


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
    for losses in LOSSES:
        kept, states, model = _snapshots(answer, losses)
        expect_result(kept, f"with losses {losses} your code")
        expect(isinstance(kept, dict), f"return a state_dict, a dictionary, not {kind(kept)}.")
        trained = len(states) - 1
        expect(trained == len(losses), f"the model was trained for {trained} epochs, not {len(losses)}.")
        own = model.state_dict()
        missing, strange = ([name for name in one if name not in other] for one, other in ((own, kept), (kept, own)))
        expect(not missing, f"`{missing and missing[0]}` is missing: a state_dict holds parameters and buffers.")
        expect(not strange, f"`{strange and strange[0]}` is not in the model's state_dict.")
        for name, tensor in kept.items():
            expect(isinstance(tensor, torch.Tensor), f"`{name}` is no tensor in what you return.")
            reject(
                tensor.data_ptr() == own[name].data_ptr(),
                "the copy is shallow: it shares its memory (`data_ptr`) with the model and trains along.",
            )
            expect(
                tensor.dtype == states[0][name].dtype,
                f"`{name}` is {tensor.dtype}, in the model {states[0][name].dtype}.",
            )
        epoch = 1 + min((loss, i) for i, loss in enumerate(losses) if loss == loss)[1]
        found = next((i for i, state in enumerate(states) if same(dict(kept), state, atol=0)), None)
        what = {
            None: "what the model was after none of them",
            0: "the model before it was trained",
            len(losses): f"epoch {found}, the last: is the copy made at once, and of the best only?",
        }.get(found, f"epoch {found}")
        is_best = found and losses[found - 1] == losses[epoch - 1]  # of equal ones each will do
        expect(is_best, f"with losses {losses} the best is epoch {epoch}, and you keep {what}.")


# ---- prefix


def load_unwrapped(model, state_dict):
    """Load a state_dict whose names may begin with `module.` into `model`: every tensor, or an error."""
    model.load_state_dict({name.removeprefix("module."): tensor for name, tensor in state_dict.items()})


class _Net(nn.Module):
    """A small net with a child called `module` deeper inside, and one called almost so; keeps the names it is given."""

    def __init__(self):
        super().__init__()
        self.encoder, self.fc, self.module2 = nn.Conv2d(1, 2, 3), nn.Linear(3, 2), nn.Linear(2, 2)
        self.branch = nn.ModuleDict({"module": nn.BatchNorm1d(2)})
        self.encoder.requires_grad_(False)
        self.branch.eval()
        self.given, self.strict = None, True

    def load_state_dict(self, state_dict, strict=True, **options):
        self.given, self.strict = list(state_dict), strict
        return super().load_state_dict(state_dict, strict, **options)

    def settings(self) -> list:
        """Return what loading leaves alone."""
        modes = [module.training for module in self.modules()]
        return modes + [(tensor.dtype, tensor.requires_grad) for tensor in self.state_dict(keep_vars=True).values()]


def _loaded(answer, state: dict) -> tuple[nn.Module, Exception | None]:
    model = _Net()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(-7)
    settings, parameters = model.settings(), [*model.parameters()]
    error = error_of(run, lambda state: answer(model, state), state)
    is_same = all(one is other for one, other in zip(model.parameters(), parameters, strict=True))
    expect(is_same, "the model's parameters are new objects (`assign`): an optimizer made before keeps the old ones.")
    expect(model.settings() == settings, "your code changes more than numbers: a mode, a dtype or `requires_grad`.")
    return model, error


def _expect_error(answer, case: str, file: dict) -> None:
    model, error = _loaded(answer, file)
    why = "" if model.strict else " (`strict=False`)"
    expect(error is not None, f"a file {case} is taken without a word{why}: it must be an error.")


MISTAKES = {
    "`lstrip` takes away letters, whatever their order: `removeprefix` takes a prefix.": lambda n: n.lstrip("module."),
    "the prefix stands at the beginning only, and you take it away everywhere.": lambda n: n.replace("module.", ""),
    "seven letters are taken away, whatever they are.": lambda n: n[7:],
    "the first part of every name is taken away, whatever it is.": lambda n: n.partition(".")[2],
    "the prefix is `module.`, with its dot: `module2` is a name of its own.": lambda n: n.removeprefix("module").lstrip(
        "."
    ),
    "the names still have their prefix.": lambda n: n,
}


@exercise(
    solution=load_unwrapped,
    hints=(
        "Print the names in the file and those of `model.state_dict()` side by side. What is the difference?",
        "Make a new dictionary with the names the model expects. Leave `strict` as it is, so that a mistake is loud.",
        '`name.removeprefix("module.")` takes it away where it is, at the beginning only.',
    ),
)
def prefix(answer):
    """Every tensor is loaded, with the prefix and without it, and what does not fit is an error."""
    state = {name: (9 * torch.rand(tensor.shape)).to(tensor.dtype) for name, tensor in _Net().state_dict().items()}
    names = list(state)
    cases = {
        "all names begin with `module.`": {f"module.{name}": state[name] for name in names},
        "no name begins with `module.`": {name: state[name] for name in reversed(names)},
        "some names begin with `module.`": {
            "module." * (i % 3 == 0) + name: state[name] for i, name in enumerate(names)
        },
        "some names, and not the first": {"module." * (i % 3 == 1) + name: state[name] for i, name in enumerate(names)},
    }
    for case, file in cases.items():
        model, error = _loaded(answer, file)
        own = model.state_dict()
        loaded = [name for name, tensor in own.items() if same(tensor, state[name], atol=0)]
        if len(loaded) == len(own) and error is None:
            continue
        for mistake, change in MISTAKES.items():
            names_made = list(dict.fromkeys(map(change, file)))
            reject(model.given == names_made and {*names_made} != {*names}, f"{case}: {mistake}")
        strange = [name for name in model.given or () if name not in own]
        expect(not strange, f"{case}: you hand over `{strange and strange[0]}`, which is no name of the model.")
        if error is not None:
            raise error
        lost = next(name for name in own if name not in loaded)
        expect(False, f"{case}: {len(loaded)} of {len(own)} tensors loaded, `{lost}` is not.")
    for before in ("module.", ""):
        file = {before + name: tensor for name, tensor in state.items()}
        for name in ("fc.bias", "branch.module.running_mean"):
            rest = {each: tensor for each, tensor in file.items() if each != before + name}
            _expect_error(answer, f"without `{name}`", rest)
            for other in (f"{before}{name}2", f"net.{before}{name}", f"module.module.{name}"):
                _expect_error(answer, f"with `{other}` in place of `{before}{name}`", {**rest, other: state[name]})
        _expect_error(
            answer, "with `fc2.weight`, which the model lacks,", {**file, f"{before}fc2.weight": torch.ones(2)}
        )
        for shape in ((1, 3), (3,), (3, 2), (6,), (1, 2, 3), ()):
            case = f"with `fc.weight` as {shape} in place of (2, 3)"
            _expect_error(answer, case, {**file, f"{before}fc.weight": torch.ones(shape)})
    _expect_error(answer, "without a single name", {})
