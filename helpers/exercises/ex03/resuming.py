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
    """A training of the dynamic net, begun from a seed."""

    def __init__(self, seed: int):
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        self.model = _DynamicNet()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.05, momentum=0.9)
        self.generator = torch.Generator().manual_seed(seed)

    def state(self) -> dict[str, dict]:
        """Return copies of the weights and of what the optimizer remembers of them."""
        momentum = [state for _, state in sorted(self.optimizer.state_dict()["state"].items())]
        return copy.deepcopy({"weights": dict(self.model.state_dict()), "momentum buffers": momentum})

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


REASONS = {
    "batch": "the batches come from `generator`, which is not where it was.",
    "depth": "the depth comes from Python's `random`, which is not where it was.",
    "loss": "all else is right, so it is the dropout's random numbers, which come from torch.",
}


@exercise(
    solution=Checkpoint,
    hints=(
        "The notes' checkpoint has model, optimizer, epoch and loss. Where else do this training's numbers come from?",
        "Three sources: `generator` (the batches), torch's global generator (dropout), Python's `random` (the depth).",
        "`generator.get_state()` and `set_state`, `torch.get_rng_state()` and `set_rng_state`, `random.getstate()` and "
        "`setstate`.",
    ),
)
def resume(answer):
    """The resumed training is the straight one, bit for bit, and the file loads under the default lock."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "checkpoint.pt")
        for seed in range(3):
            straight = _Run(seed)
            straight.steps(4)
            saved = straight.state()
            answer(straight.model, straight.optimizer, straight.generator).save(path, 4)
            expect(path.exists(), "`save` writes nothing to `path`.")
            reject(
                error_of(torch.load, path) is not None,
                "the file does not load under the default lock: keep tensors and plain Python types in it.",
            )
            wanted = straight.steps(6)

            resumed = _Run(seed + 100)  # as in a new process: new objects, other random numbers
            step = answer(resumed.model, resumed.optimizer, resumed.generator).load(path)
            expect(step == 4, f"`load` returns {step!r}, and 4 steps had been saved.")
            for name, state in resumed.state().items():
                expect(same(state, saved[name], atol=0), f"after `load` the {name} are not what was saved.")
            for i, (got, want) in enumerate(zip(resumed.steps(6), wanted, strict=True)):
                part = next((part for part in want if got[part] != want[part]), None)
                expect(part is None, f"diverges at step {i + 1} after resuming: {part} differs. {REASONS.get(part)}")


# ---- slower


def resume_slower(optimizer, saved, factor):
    """Restore `optimizer` from `saved`, its state_dict, and multiply the learning rate of every group by `factor`."""
    optimizer.load_state_dict(saved)
    for group in optimizer.param_groups:  # the groups of now: those from before the call are no longer used
        group["lr"] *= factor


def _optimizer(lrs: tuple[float, ...], steps: int) -> torch.optim.SGD:
    """Return an optimizer with one group for each learning rate, after so many steps."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.zeros(3, requires_grad=True) for _ in lrs]
    optimizer = torch.optim.SGD([{"params": [w], "lr": lr} for w, lr in zip(weights, lrs, strict=True)], momentum=0.9)
    for _ in range(steps):
        for weight in weights:
            weight.grad = torch.randn(3, generator=generator)
        optimizer.step()
    return optimizer


def _rounded(rates: list[float]) -> str:
    return "[" + ", ".join(f"{rate:.4g}" for rate in rates) + "]"


@exercise(
    solution=resume_slower,
    hints=(
        "What does `load_state_dict` restore besides the momentum? When must the learning rates be changed, then?",
        "Is `optimizer.param_groups[0]` the same object before and after `load_state_dict`?",
        'First load, then `for group in optimizer.param_groups: group["lr"] *= factor`.',
    ),
)
def slower(answer):
    """The momentum goes on, and every group goes on with its own new learning rate."""
    for lrs, factor in (((0.01, 0.001), 0.1), ((0.5, 0.25, 0.125), 0.5)):
        saved = _optimizer(lrs, steps=3).state_dict()
        resumed = _optimizer((1.0,) * len(lrs), steps=0)
        run(lambda state, resumed=resumed, factor=factor: answer(resumed, state, factor), saved)
        want = [saved["state"][i]["momentum_buffer"] for i in range(len(lrs))]
        got = [resumed.state.get(group["params"][0], {}).get("momentum_buffer") for group in resumed.param_groups]
        expect(same(got, want), "momentum lost: the optimizer's saved state is not loaded.")
        rates = [group["lr"] for group in resumed.param_groups]
        reject(
            same(rates, list(lrs), atol=1e-9),
            "lr unchanged: after `load_state_dict` the groups are new objects, with the file's learning rates.",
        )
        rates_wanted = [lr * factor for lr in lrs]
        expect(
            same(rates, rates_wanted, atol=1e-9),
            f"the learning rates are {_rounded(rates)}, and not {_rounded(rates_wanted)}.",
        )
