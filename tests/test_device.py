"""Which device is chosen, and what a seed repeats."""

import random

import numpy as np
import pytest
import torch

from helpers.device import choose_device, seed_everything


@pytest.fixture
def machine(monkeypatch):
    """Return a function that makes this machine look like one with so many CUDA devices, and MPS or not."""
    monkeypatch.delenv("COURSE_DEVICE", raising=False)

    def pretend(cuda=0, mps=False, wish=None):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        if wish is not None:
            monkeypatch.setenv("COURSE_DEVICE", wish)

    return pretend


CHOICES = [
    ({"cuda": 2, "mps": True}, "cuda"),
    ({"mps": True}, "mps"),
    ({}, "cpu"),
    ({"cuda": 2, "mps": True, "wish": "cuda:1"}, "cuda:1"),
    ({"cuda": 2, "mps": True, "wish": "mps"}, "mps"),
    ({"cuda": 2, "mps": True, "wish": "cpu"}, "cpu"),
    ({"cuda": 1, "wish": ""}, "cuda"),
]


@pytest.mark.parametrize(["there", "chosen"], CHOICES)
def test_auto_takes_what_is_wished_for_or_else_the_fastest(machine, there, chosen):
    machine(**there)
    assert choose_device() == torch.device(chosen)


@pytest.mark.parametrize(["there", "chosen"], CHOICES)
def test_what_was_chosen_may_be_chosen_again(machine, there, chosen):
    machine(**there)
    assert choose_device(choose_device()) == torch.device(chosen)


def test_a_name_counts_more_than_the_environment(machine):
    machine(cuda=2, wish="cuda:1")
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("cuda:0") == torch.device("cuda:0")


@pytest.mark.parametrize("name", ["cuda:2", "mps", "gpu", "CPU"])
def test_a_device_that_is_not_there_is_refused(machine, name):
    machine(cuda=2)
    with pytest.raises(ValueError, match=f"no device '{name}' here.*'cuda', 'cuda:0', 'cuda:1', 'cpu'"):
        choose_device(name)


def test_a_wish_that_cannot_be_met_is_traced_to_the_environment(machine):
    machine(wish="cuda")
    with pytest.raises(ValueError, match=r"no device 'cuda' here.*COURSE_DEVICE.*\['cpu'\]"):
        choose_device("auto")


GENERATORS = {
    "Python": random.random,
    "NumPy": lambda: np.random.rand(),
    "torch": lambda: torch.rand(()).item(),
}
if torch.cuda.is_available():
    GENERATORS["CUDA"] = lambda: torch.rand((), device="cuda").item()


@pytest.mark.parametrize("draw", GENERATORS.values(), ids=GENERATORS)
def test_a_seed_makes_every_generator_repeat(draw):
    drawn = []
    for seed in (0, 0, 1):
        seed_everything(seed)
        drawn.append([draw(), draw()])
    assert drawn[0] == drawn[1] != drawn[2]
