"""Exercises on going on: bitwise, and with another learning rate."""

import copy
import random
import tempfile
from functools import partial
from pathlib import Path

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex03.files import default_lock
from helpers.exercises.words import error_of, expect, reject, run, same, shown

# ---- resume


class Checkpoint:
    """Saves and restores all that decides how a training goes on."""

    def __init__(self, model, optimizer, generator):
        self.model, self.optimizer, self.generator = model, optimizer, generator

    def save(self, path, step):
        """Write everything to `path`; `step` is how many steps were taken."""
        checkpoint = {
            "step": step,
            "model_state_dict": self.model.state_dict(),
            "optimizer_state_dict": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),  # the batches
            "torch_rng": torch.get_rng_state(),  # the dropout
            "python_rng": random.getstate(),  # the depth
        }
        torch.save(checkpoint, path)

    def load(self, path):
        """Restore everything from `path`; return how many steps were taken."""
        checkpoint = torch.load(path)
        self.model.load_state_dict(checkpoint["model_state_dict"])
        self.optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
        self.generator.set_state(checkpoint["generator"])
        torch.set_rng_state(checkpoint["torch_rng"])
        random.setstate(checkpoint["python_rng"])
        return checkpoint["step"]


class _DynamicNet(nn.Module):
    """The net of notebook 02 with dropout, a BatchNorm and a frozen parameter; keeps the depth of its last call."""

    def __init__(self):
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.dropout, self.norm = nn.Dropout(0.3), nn.BatchNorm1d(8)
        self.scale = nn.Parameter(torch.rand(1), requires_grad=False)

    def forward(self, x):
        self.depth = random.randint(0, 3)
        h = self.dropout(self.norm(self.first(x)).relu())
        for _ in range(self.depth):
            h = self.middle(h).relu()
        return self.scale * self.last(h)


class _Run:
    """A training of the dynamic net, begun from a seed, with an optimizer of two groups and its settings."""

    def __init__(self, seed: int, optimizer: type, **settings):
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        self.model = _DynamicNet()
        parameters = [*self.model.parameters()]
        groups = [{"params": parameters[:3]}, {"params": parameters[3:], "lr": settings["lr"] / 2}]
        self.optimizer = optimizer(groups, **settings)
        self.generator = torch.Generator().manual_seed(seed)

    def state(self) -> dict[str, object]:
        """Return copies of the weights and of what the optimizer remembers of them, and its settings."""
        optimizer = self.optimizer.state_dict()
        parts = {
            "model's numbers": dict(self.model.state_dict()),
            "optimizer's numbers, such as the momentum,": optimizer["state"],
            "optimizer's settings": optimizer["param_groups"],
        }
        return copy.deepcopy(parts)

    def sources(self) -> dict[str, object]:
        """Return where the generators are."""
        return {
            "the batches come from `generator`": self.generator.get_state().tolist(),
            "the depth comes from Python's `random`": random.getstate(),
            "the dropout comes from torch's global generator": torch.get_rng_state().tolist(),
        }

    def steps(self, count: int) -> list[dict[str, float]]:
        """Train so many steps; return for each what its batch, its depth and its loss were."""
        seen = []
        for _ in range(count):
            x = torch.randn(6, 4, generator=self.generator)
            loss = (self.model(x) - x.sum(1, keepdim=True)).square().mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            seen.append({"batch": x.sum().item(), "depth": self.model.depth, "loss": loss.item()})
        return seen


def _expect_equal(got: list[dict], wanted: list[dict], after: str, reason: str) -> None:
    for i, (one, other) in enumerate(zip(got, wanted, strict=True)):
        part = next((part for part in other if one[part] != other[part]), None)
        expect(part is None, f"diverges at step {i + 1} after {after}: {part} differs. {reason}")


@exercise(
    solution=Checkpoint,
    hints=(
        "The notes' checkpoint has model, optimizer, epoch and loss. Where else do this training's numbers come from?",
        "Three sources: `generator` (the batches), torch's global generator (dropout), Python's `random` (the depth).",
        "`generator.get_state()` and `set_state`, `torch.get_rng_state()` and `set_rng_state`, `random.getstate()` and "
        "`setstate`.",
    ),
    needs=("torch._dynamo",),
)
def resume(answer):
    """The resumed training is the straight one, bit for bit, and the file loads under the default lock."""
    SGD, Adam = torch.optim.SGD, torch.optim.Adam
    cases = (
        (4, SGD, {"lr": 0.05, "momentum": 0.9}, {"lr": 0.5, "momentum": 0.1}),
        (3, Adam, {"lr": 0.01, "betas": (0.8, 0.95)}, {"lr": 0.5, "betas": (0.5, 0.5)}),
        (5, SGD, {"lr": 0.02, "momentum": 0.8}, {"lr": 0.1, "momentum": 0.2}),
    )
    with tempfile.TemporaryDirectory() as name:
        path, elsewhere = Path(name, "checkpoint.pt"), Path(name, "elsewhere")
        elsewhere.mkdir()
        for seed, (count, optimizer, settings, other_settings) in enumerate(cases):
            straight = _Run(seed, optimizer, **settings)  # it is never saved
            begun = straight.steps(count)
            saved, sources = straight.state(), straight.sources()
            wanted = straight.steps(6)

            other = _Run(seed, optimizer, **settings)
            checkpoint = answer(other.model, other.optimizer, other.generator)
            checkpoint.save(path, 0)  # the next save to this path takes its place
            expect(other.model.training, "`save` leaves the model in evaluation mode, without dropout.")
            _expect_equal(
                other.steps(count), begun, "the first `save`", "`__init__` and `save` must leave the training as it is."
            )
            checkpoint.save(path, count)
            expect(path.exists(), "`save` writes nothing to `path`.")
            beside = [each.name for each in path.parent.iterdir() if each not in (path, elsewhere)]
            expect(not beside, f"all must be in the one file: `{beside and beside[0]}` lies beside it.")
            with default_lock():
                loads = error_of(torch.load, path) is None
            expect(loads, "the file does not load under the default lock: keep tensors and plain Python types in it.")
            _expect_equal(other.steps(6), wanted, "saving", "`save` must leave the training as it is.")
            later = path.with_name("later.pt")  # what is kept elsewhere than in the file is overwritten by this
            other.model.eval()
            answer(other.model, other.optimizer, other.generator).save(later, count)
            reject(other.model.training, "`save` puts a model that was in evaluation mode into training mode.")
            later.unlink()
            moved_path = path.replace(elsewhere / f"{seed}.pt")

            resumed = _Run(seed + 100, optimizer, **other_settings)  # as in a new process: new objects, other numbers
            step = answer(resumed.model, resumed.optimizer, resumed.generator).load(moved_path)
            expect(same(step, count), f"`load` returns {shown(step)}, and {count} steps had been saved.")
            held = {parameter for group in resumed.optimizer.param_groups for parameter in group["params"]}
            message = "after `load` the optimizer does not hold the model's parameters: it steps others (`assign`?)."
            expect(held == {*resumed.model.parameters()}, message)
            for what, state in resumed.state().items():
                expect(same(state, saved[what], atol=0), f"after `load` the {what} are not what was saved.")
            expect(resumed.model.training, "`load` leaves the model in evaluation mode, without dropout.")
            moved = [source for source, state in resumed.sources().items() if state != sources[source]]
            reason = f"{moved[0]}, which is not where it was." if moved else ""
            _expect_equal(resumed.steps(6), wanted, "resuming", reason)


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
