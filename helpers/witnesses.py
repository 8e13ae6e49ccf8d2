"""Datasets that show what happens in the workers of a DataLoader; in a module, so that every worker finds them."""

# NumPy's global generator is one of those that are looked at.

import os
import time

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info


class Dice(Dataset):
    """Eight throws of a die with a million sides; `kind` says which generator throws it."""

    def __init__(self, kind: str):
        self.kind = kind
        self.kept = np.random.default_rng(0)

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if self.kind == "torch":
            return int(torch.randint(1_000_000, ()))
        if self.kind == "NumPy, global":
            return int(np.random.randint(1_000_000))
        return int(self.kept.integers(1_000_000))


def seed_kept(worker_id: int) -> None:
    """Give the generator that this worker's `Dice` keeps a seed of the worker's own: a `worker_init_fn`."""
    get_worker_info().dataset.kept = np.random.default_rng(torch.initial_seed())


class Stream(IterableDataset):
    """The numbers 0 to 7 one after the other; `shared`, each worker takes its part of them."""

    def __init__(self, shared: bool):
        self.shared = shared

    def __iter__(self):
        worker = get_worker_info()
        if worker is None or not self.shared:
            return iter(range(8))
        return iter(range(worker.id, 8, worker.num_workers))


class Witness(Dataset):
    """Sixteen examples that take `cost` seconds each, and tell which process loaded them, from when to when."""

    def __init__(self, cost: float):
        self.cost = cost

    def __len__(self):
        return 16

    def __getitem__(self, index):
        start = time.time()
        time.sleep(self.cost)
        return {"process": os.getpid(), "start": start, "end": time.time()}


class Reader(Dataset):
    """One example: how many megabytes of memory of its own this process has more after looking at all of `values`."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return 1

    def __getitem__(self, index):
        import psutil

        process = psutil.Process()
        before = process.memory_full_info().uss
        for _ in self.values:
            pass
        return (process.memory_full_info().uss - before) / 1e6
