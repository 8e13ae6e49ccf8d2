"""Exercises on going on: bitwise, and with another learning rate."""

import copy
import random
import tempfile
from pathlib import Path

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, reject, run, same

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
    """The net of notebook 02 with dropout; keeps the depth of its last call."""

    def __init__(self):
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x):
        self.depth = random.randint(0, 3)
        h = self.dropout(self.first(x).relu())
        for _ in range(self.depth):
            h = self.middle(h).relu()
        return self.last(h)


class _Run:
    """A training of the dynamic net, begun from a seed, with a learning rate and a momentum."""

    def __init__(self, seed: int, lr: float = 0.05, momentum: float = 0.9):
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        self.model = _DynamicNet()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, momentum=momentum)
        self.generator = torch.Generator().manual_seed(seed)

    def state(self) -> dict[str, object]:
        """Return copies of the weights and of what the optimizer remembers of them, and its settings."""
        momentum = [state for _, state in sorted(self.optimizer.state_dict()["state"].items())]
        settings = [{name: group[name] for name in ("lr", "momentum")} for group in self.optimizer.param_groups]
        parts = {
            "weights": dict(self.model.state_dict()),
            "momentum buffers": momentum,
            "optimizer's settings": settings,
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
    with tempfile.TemporaryDirectory() as name:
        path, elsewhere = Path(name, "checkpoint.pt"), Path(name, "elsewhere")
        elsewhere.mkdir()
        for seed, count in ((0, 4), (1, 3), (2, 5)):
            straight = _Run(seed)  # it is never saved
            straight.steps(count)
            saved, sources = straight.state(), straight.sources()
            wanted = straight.steps(6)

            other = _Run(seed)
            other.steps(count)
            answer(other.model, other.optimizer, other.generator).save(path, count)
            expect(path.exists(), "`save` writes nothing to `path`.")
            beside = [each.name for each in path.parent.iterdir() if each not in (path, elsewhere)]
            expect(not beside, f"all must be in the one file: `{beside and beside[0]}` lies beside it.")
            reject(
                error_of(torch.load, path) is not None,
                "the file does not load under the default lock: keep tensors and plain Python types in it.",
            )
            expect(other.model.training, "`save` leaves the model in evaluation mode, without dropout.")
            _expect_equal(other.steps(6), wanted, "saving", "`save` must leave the training as it is.")
            later = path.with_name("later.pt")  # what is kept elsewhere than in the file is overwritten by this
            answer(other.model, other.optimizer, other.generator).save(later, count)
            later.unlink()
            moved_path = path.replace(elsewhere / f"{seed}.pt")

            resumed = _Run(seed + 100, lr=0.5, momentum=0.1)  # as in a new process: new objects, other random numbers
            step = answer(resumed.model, resumed.optimizer, resumed.generator).load(moved_path)
            expect(step == count, f"`load` returns {step!r}, and {count} steps had been saved.")
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


def _sgd(*groups: tuple[float, float, float]) -> torch.optim.SGD:
    """Return an optimizer with a group of one weight for each (lr, momentum, weight_decay)."""
    return torch.optim.SGD(
        [
            {"params": [torch.ones(3, requires_grad=True)], "lr": lr, "momentum": momentum, "weight_decay": decay}
            for lr, momentum, decay in groups
        ]
    )


def _adam(lr: float, betas: tuple[float, float]) -> torch.optim.Adam:
    return torch.optim.Adam([torch.ones(3, requires_grad=True)], lr=lr, betas=betas)


def _rounded(rates: list[float]) -> str:
    return "[" + ", ".join(f"{rate:.4g}" for rate in rates) + "]"


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
        (_sgd((0.01, 0.9, 0.1), (0.001, 0.8, 0.0)), _sgd((1.0, 0.5, 0.0), (1.0, 0.5, 0.0)), 0.1),
        (_sgd((0.5, 0.7, 0.2), (0.25, 0.9, 0.0), (0.125, 0.6, 0.1)), _sgd(*[(1.0, 0.1, 0.3)] * 3), 0.5),
        (_adam(0.01, (0.8, 0.95)), _adam(1.0, (0.5, 0.5)), 0.2),
    )
    for trained, resumed, factor in cases:
        saved = _stepped(trained, 3, seed=0).state_dict()
        original = copy.deepcopy(saved)
        run(lambda state, resumed=resumed, factor=factor: answer(resumed, state, factor), saved)
        now = resumed.state_dict()
        expect(
            now["state"].keys() == original["state"].keys() and same(now["state"], original["state"], atol=0),
            "momentum lost: what the optimizer remembers is not what was saved.",
        )
        rates, saved_rates = ([group["lr"] for group in state["param_groups"]] for state in (now, original))
        reject(
            same(rates, saved_rates, atol=1e-9),
            "lr unchanged: after `load_state_dict` the groups are new objects, with the file's learning rates.",
        )
        wanted = [rate * factor for rate in saved_rates]
        expect(
            same(rates, wanted, atol=1e-9),
            f"saved rates {_rounded(saved_rates)}, factor {factor}: the learning rates are {_rounded(rates)}, and not "
            f"{_rounded(wanted)}.",
        )
        for group, before in zip(now["param_groups"], original["param_groups"], strict=True):
            other = next((name for name in before if name != "lr" and group.get(name) != before[name]), "")
            expect(not other, f"`{other}` is {group.get(other)}, and {before.get(other)} was saved: only `lr` changes.")
        weights = [weight.detach() for group in resumed.param_groups for weight in group["params"]]
        expect(all(same(weight, torch.ones(3), atol=0) for weight in weights), "your code moves the weights.")
        _stepped(resumed, 2, seed=1)
        expect(
            same(saved["state"], original["state"], atol=0),
            "`saved` changes at the next step: `load_state_dict` goes on in the tensors it is given. Give it a copy.",
        )
