"""Exercises on an optimizer's groups: made for a fine-tuning, and restored with other learning rates."""

import copy
import warnings
from functools import partial

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_result, reject, run, same, shown

# ---- groups


def make_groups(model, lr, weight_decay):
    """Return groups for an optimizer: `model.base` at lr / 10, weight decay for two or more dimensions only."""
    in_base, groups = set(model.base.parameters()), {}
    for parameter in model.parameters():
        settings = lr / 10 if parameter in in_base else lr, weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault(settings, []).append(parameter)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]


class _Tuned(nn.Module):
    """A base, and what is not in it by names that are like it; norms, a shared tensor, a frozen one, one on its own."""

    def __init__(self):
        super().__init__()
        self.bias_table, self.scale = nn.Parameter(torch.rand(2, 3)), nn.Parameter(torch.tensor(1.0))
        self.base = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ModuleDict({"head": nn.Linear(4, 4)}))
        self.base2 = nn.Linear(4, 4)
        self.head = nn.ModuleDict({"base": nn.Linear(4, 4), "norm": nn.LayerNorm(4), "tied": nn.Linear(4, 4)})
        self.head["tied"].weight = self.base[2]["head"].weight
        self.base[0].weight.requires_grad_(False)


class _Plain(nn.Module):
    """A base and a classifier of one layer each."""

    def __init__(self):
        super().__init__()
        self.classifier, self.base = nn.Linear(3, 2), nn.Linear(2, 3)


class _Tied(nn.Module):
    """A part that comes first, and shares its weight with the base."""

    def __init__(self):
        super().__init__()
        self.tokens, self.base = nn.Embedding(3, 2), nn.Linear(2, 3)
        self.base.weight = self.tokens.weight


def _as_group(group: object) -> dict:
    """Return a group as an optimizer takes it, with settings that stand out where it does not set its own."""
    expect(isinstance(group, dict), f"a group is a dictionary, and yours is {shown(group)}.")
    expect("params" in group, f"a group has `params`, and one of yours has only {[*group]}.")
    with warnings.catch_warnings(action="ignore"):  # of parameters that stand twice in one group
        return torch.optim.AdamW([group], lr=77.0, weight_decay=77.0).param_groups[0]


@exercise(
    solution=make_groups,
    hints=(
        "Two questions to each parameter, so four groups at most: is it in the base, and has it two dimensions?",
        "Names mislead: ask `parameter.ndim`, and whether the parameter is in a set of `model.base.parameters()` (`in` "
        "a list compares numbers).",
        'Go once over `model.parameters()` and append each to one of four lists; then `{"params": …, "lr": …, '
        '"weight_decay": …}` for each list.',
    ),
    needs=("torch._dynamo",),
)
def groups(answer):
    """Every parameter stands in one group, with the rate and the decay of its place and its dimensions."""
    for make, lr, decay in ((_Plain, 0.1, 0.5), (_Tuned, 2.0, 0.01), (_Tuned, 3e-4, 1.5), (_Tied, 2.0, 0.01)):
        model = make()
        got = answer(model, lr, decay)
        expect_result(got)
        expect(isinstance(got, (list, tuple)), f"return a list of groups, not {shown(got)}.")
        made = [_as_group(group) for group in got]
        held = [parameter for group in made for parameter in group["params"]]
        own = {parameter: name for name, parameter in model.named_parameters()}
        expect(all(each in own for each in held), "a group holds a tensor that is no parameter of the model.")
        base = {*model.base.parameters()}
        for parameter, name in own.items():
            times = sum(each is parameter for each in held)
            expect(times == 1, f"`{name}` stands in your groups {times} times, and should once.")
            group = next(group for group in made if any(each is parameter for each in group["params"]))
            wanted = {"lr": lr / 10 if parameter in base else lr, "weight_decay": decay if parameter.ndim > 1 else 0}
            for setting, value in wanted.items():
                where = ", in `model.base` too" if parameter in base and not name.startswith("base.") else ""
                case = f"given lr {lr}, weight_decay {decay}: `{name}`, of shape {tuple(parameter.shape)}{where},"
                unset = f"{case} is in a group that sets no {setting}; it should be {value:g}."
                reject(group[setting] == 77, unset)
                found = f"{case} has the {setting} {shown(group[setting])}, not {value:g}."
                expect(same(group[setting], value, atol=1e-9), found)


# ---- slower


def resume_slower(optimizer, saved, factor):
    """Restore `optimizer` from `saved`, its state_dict, and multiply the learning rate of every group by `factor`."""
    optimizer.load_state_dict(copy.deepcopy(saved))  # it goes on in the tensors that it is given
    for group in optimizer.param_groups:  # the groups of now: those from before the call are no longer used
        group["lr"] *= factor


def _stepped(optimizer: torch.optim.Optimizer, count: int, seed: int) -> torch.optim.Optimizer:
    """Return the optimizer after so many steps."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        for group in optimizer.param_groups:
            for weight in group["params"]:
                weight.grad = torch.randn(3, generator=generator)
        optimizer.step()
    return optimizer


def _weights(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [weight.detach().clone() for group in optimizer.param_groups for weight in group["params"]]


def _sgd(*groups: tuple[float, float, float]) -> torch.optim.SGD:
    """Return an optimizer with a group of one weight for each (lr, momentum, weight_decay), as a scheduler left it."""
    names = "lr", "momentum", "weight_decay"
    one = [{"params": [torch.ones(3, requires_grad=True)], "initial_lr": 1.0} for _ in groups]
    return torch.optim.SGD(
        [group | dict(zip(names, each, strict=True)) for group, each in zip(one, groups, strict=True)]
    )


def _adam(lr: float, betas: tuple[float, float]) -> torch.optim.Adam:
    return torch.optim.Adam([torch.ones(3, requires_grad=True)], lr=lr, betas=betas, amsgrad=True)


def _rounded(rates: list[float]) -> str:
    return "[" + ", ".join(f"{rate:.10g}" for rate in rates) + "]"


@exercise(
    solution=resume_slower,
    hints=(
        "What does `load_state_dict` restore besides the momentum? When must the learning rates be changed, then?",
        "Is `optimizer.param_groups[0]` the same object before and after `load_state_dict`?",
        'First load a copy, then `for group in optimizer.param_groups: group["lr"] *= factor`.',
    ),
    needs=("torch._dynamo",),
)
def slower(answer):
    """The momentum goes on, and every group goes on with its own new learning rate."""
    cases = (
        (partial(_sgd, (0.01, 0.9, 0.1), (0.001, 0.8, 0.0)), partial(_sgd, *[(1.0, 0.5, 0.0)] * 2), 3, 0.1),
        (
            partial(_sgd, (0.5, 0.7, 0.2), (0.25, 0.9, 0.0), (1 / 300, 0.6, 0.1)),
            partial(_sgd, *[(1.0, 0.1, 0.3)] * 3),
            3,
            0.5,
        ),
        (partial(_adam, 0.01, (0.8, 0.95)), partial(_adam, 1.0, (0.5, 0.5)), 3, 0.2),
        (partial(_sgd, (0.7, 0.9, 0.1)), partial(_sgd, (1.0, 0.5, 0.0)), 2, 2.0),
        (partial(_sgd, (0.7, 0.9, 0.1)), partial(_sgd, (1.0, 0.5, 0.0)), 0, 0.1),  # saved before its first step
    )
    for trained, other, count, factor in cases:
        saved = _stepped(trained(), count, seed=0).state_dict()
        original = copy.deepcopy(saved)
        resumed, wanted = (_stepped(other(), 1, seed=2) for _ in range(2))  # they remember a step of their own
        before, weights = copy.deepcopy(resumed.state_dict()), _weights(resumed)
        resume_slower(wanted, original, factor)
        run(lambda state, resumed=resumed, factor=factor: answer(resumed, state, factor), saved)
        held = [weight for group in resumed.param_groups for weight in group["params"]]
        stray = [key for key in resumed.state if not any(key is weight for weight in held)]
        expect(
            not stray, "`optimizer.state` has keys that are not its own parameters: no step finds what stands there."
        )
        now = resumed.state_dict()
        reject(same(now, before, atol=0), "`optimizer` is as it was: restore into the one that you are given.")
        expect(
            same(now["state"], original["state"], atol=0),
            "momentum lost: what the optimizer remembers is not what was saved.",
        )
        rates, saved_rates, wanted_rates = (
            [group["lr"] for group in groups]
            for groups in (now["param_groups"], original["param_groups"], wanted.param_groups)
        )
        reject(
            same(rates, saved_rates, atol=1e-12),
            "lr unchanged: those that count stand in `optimizer.param_groups`, as it is after `load_state_dict`.",
        )
        expect(
            same(rates, wanted_rates, atol=1e-12),
            f"saved rates {_rounded(saved_rates)}, factor {factor}: the learning rates are {_rounded(rates)}, and not "
            f"{_rounded(wanted_rates)}.",
        )
        for group, old in zip(now["param_groups"], original["param_groups"], strict=True):
            name = next((name for name in old if name != "lr" and group.get(name) != old[name]), "")
            expect(not name, f"`{name}` is {group.get(name)}, and {old.get(name)} was saved: only `lr` changes.")
        expect(same(_weights(resumed), weights, atol=0), "your code moves the weights.")
        after = [_weights(_stepped(each, 2, seed=1)) for each in (resumed, wanted)]
        expect(same(*after), "two steps later the weights are others than with the momentum and the rates of now.")
        expect(
            same(saved["state"], original["state"], atol=0),
            "`saved` changes at the next step: `load_state_dict` goes on in the tensors it is given. Give it a copy.",
        )
