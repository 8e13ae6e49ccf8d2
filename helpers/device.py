"""Choose the device, and seed every source of random numbers."""

import os
import random

import numpy as np
import torch


def _available() -> list[str]:
    """Return the devices of this machine, the fastest kind first."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if names:
        names.insert(0, "cuda")
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose_device(name: str | torch.device = "auto") -> torch.device:
    """Return the device called `name` ("auto", "cpu", "cuda", "cuda:1", "mps"), or the device that it is already.

    "auto" takes the environment variable COURSE_DEVICE, else CUDA, then MPS, then the CPU.
    Raises ValueError where the device is not on this machine, naming those that are.
    """
    name, available = str(name), _available()
    wish, remedy = "", "Take device='auto' or"
    if name == "auto":
        name = os.environ.get("COURSE_DEVICE") or available[0]
        wish, remedy = ", which COURSE_DEVICE asks for", "Unset it, or take"
    if name not in available:
        raise ValueError(f"There is no device {name!r} here{wish}. {remedy} one of {available}.")
    return torch.device(name)


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's generators, those of every CUDA device included."""
    random.seed(seed)
    np.random.seed(seed)  # the generator that most other people's code draws from
    torch.manual_seed(seed)
