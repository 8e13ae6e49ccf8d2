"""An exercise on going on: equal to the last bit."""

import copy
import random
import tempfile
from pathlib import Path

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex03.files import default_lock
from helpers.exercises.words import error_of, expect, reject, same, shown

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

    def gradients(self) -> list[torch.Tensor]:
        """Return copies of the gradients of the last step."""
        return [each.grad.clone() for each in self.model.parameters() if each.grad is not None]

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


def _load(checkpoint, path: Path) -> tuple[object, Exception | None]:
    """Return what `load` returns, and the error where it raises one."""
    steps = [None]
    error = error_of(lambda: steps.append(checkpoint.load(path)))
    return steps[-1], error


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
            gradients = other.gradients()
            checkpoint.save(path, count)
            kept = same(other.gradients(), gradients, atol=0)
            expect(kept, "`save` changes the gradients: it must leave the training as it is.")
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
            step, error = _load(answer(resumed.model, resumed.optimizer, resumed.generator), moved_path)
            if error is not None:
                by_heart = "`load` works only in the object that saved: all that it restores must stand in the file."
                reject(_load(checkpoint, moved_path)[1] is None, by_heart)
                raise error
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
