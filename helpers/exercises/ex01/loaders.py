"""Exercises on loaders: what else draws from the generator, and what reaches a worker."""

# Learners may draw from NumPy's global generator, so the check does, too.

import io
import multiprocessing
import pickle
import random
import time
from types import FunctionType
from unittest import mock

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, default_collate

from helpers.exercises.core import exercise
from helpers.exercises.loaders import expect_two_loaders, without_workers
from helpers.exercises.words import error_of, expect, kind, reject, same, shown

# ---- validation


def make_loaders(train_set, val_set, batch_size, seed):
    """Return a shuffled loader for training and one in order for validation, neither disturbing the other."""
    generator = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, generator=generator)
    val_loader = DataLoader(val_set, batch_size=batch_size)
    return train_loader, val_loader


class _Numbers(Dataset):
    """Samples of an image and a number, the numbers from `start` on."""

    def __init__(self, start: int, size: int):
        self.start, self.size = start, size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if not 0 <= index < self.size:
            raise IndexError(index)
        return {"image": torch.zeros(3, 2, 2), "number": self.start + index}


# What is another the next time: by patching it, the check sees who asks for it.
ASKS = {
    "the clock": mock.patch.multiple(time, time=lambda: 1e9, time_ns=lambda: 10**18),
    "the `hash` of a text, which each process has its own of": mock.patch(
        "builtins.hash", lambda value, true_hash=hash: true_hash(value) + isinstance(value, str)
    ),
}
DRAWS = {"torch": lambda: torch.rand(1), "NumPy": lambda: np.random.rand(), "Python": lambda: random.random()}


def _states() -> dict[str, object]:
    return {"torch": torch.get_rng_state(), "NumPy": np.random.get_state()[1:], "Python": random.getstate()}


def _walk(loader, after_batch=lambda: None) -> list[int]:
    numbers = []
    for batch in without_workers(loader):
        numbers += batch["number"].tolist()
        after_batch()
    return numbers


def _orders(answer, val_size=10, batch_size=4, seed=0, global_seed=0, after_batch=lambda loaders: None) -> list:
    """Return the order of the training examples in three epochs, the global generators seeded first."""
    torch.default_generator.manual_seed(global_seed)  # torch.manual_seed would seed the accelerators too
    np.random.seed(global_seed)
    random.seed(global_seed)
    loaders = answer(_Numbers(0, 24), _Numbers(100, val_size), batch_size, seed)
    return [_walk(loaders[0], lambda: after_batch(loaders)) for _ in range(3)]


def _expect_batches_and_order(answer, train_size: int, val_size: int, batch_size: int) -> None:
    """Expect every training example once in an epoch, and validation whole and in order, in epoch after epoch."""
    loaders = answer(_Numbers(0, train_size), _Numbers(100, val_size), batch_size, 0)
    expect_two_loaders(loaders, train_size, val_size)
    for epoch in range(2):
        for loader, name in zip(loaders, ("training", "validation"), strict=True):
            sizes = [len(batch["number"]) for batch in without_workers(loader)]
            first = sizes[0] if sizes else 0
            message = f"a batch of the {name} loader has {first} examples, not batch_size = {batch_size}."
            expect(first == batch_size and set(sizes[:-1]) <= {batch_size}, message)
        numbers = sorted(_walk(loaders[0]))
        may_be_dropped = train_size % batch_size  # the last, smaller batch
        is_once = len(set(numbers)) == len(numbers) and set(numbers) <= set(range(train_size))
        is_whole = len(numbers) in (train_size, train_size - may_be_dropped)
        expect(is_once and is_whole, f"epoch {epoch} does not hold every training example once.")
        numbers, wanted = _walk(loaders[1]), list(range(100, 100 + val_size))
        expect(set(numbers) <= set(wanted), "the validation loader gives other examples.")
        is_cut = numbers == wanted[: val_size // batch_size * batch_size] != wanted
        reject(is_cut, f"validation gives {len(numbers)} of {val_size} examples: keep the last, smaller batch.")
        expect(numbers == wanted, f"validation gives the examples {shown(numbers)}, expected {shown(wanted)}.")


@exercise(
    solution=make_loaders,
    hints=(
        "Compare `torch.get_rng_state()` before and after `iter(val_loader)`. Who else draws from that generator?",
        "A DataLoader draws from the generator that you give it, from the global one otherwise.",
        "`torch.Generator().manual_seed(seed)` makes one. Make it once: its state must move on from epoch to epoch.",
    ),
)
def validation(answer):
    """The training order depends on your seed and the epoch, and on nothing else."""
    for sizes in ((24, 10, 4), (7, 5, 3), (1, 2, 1)):
        _expect_batches_and_order(answer, *sizes)

    orders = _orders(answer)
    for epoch, order in enumerate(orders):
        reject(order == sorted(order), f"epoch {epoch} is not shuffled.")
    for one, other in ((0, 1), (0, 2), (1, 2)):
        reject(orders[one] == orders[other], f"epochs {one} and {other} have the identical order.")
    expect(_orders(answer) == orders, "the same call gives other orders each time.")

    walked = _orders(answer, after_batch=lambda loaders: _walk(loaders[1]))
    changed = next((epoch for epoch in range(3) if walked[epoch] != orders[epoch]), None)
    expect(changed is None, f"walking the validation loader changes the training order from epoch {changed} on.")
    for name, draw in DRAWS.items():
        disturbed = _orders(answer, after_batch=lambda _, draw=draw: draw()) != orders
        reject(disturbed, f"the training order depends on the global generator of {name}, which others draw from too.")
    for what, others in {
        "the seed of a global generator": {"global_seed": 1},
        "`batch_size`": {"batch_size": 6},
        "the size of the validation set": {"val_size": 7},
    }.items():
        expect(_orders(answer, **others) == orders, f"the training order depends on {what}.")
    for what, changed in ASKS.items():
        with changed:
            expect(_orders(answer) == orders, f"the training order depends on {what}.")

    for draw in DRAWS.values():
        draw()  # so that seeding again shows
    before = _states()
    two = [answer(_Numbers(0, 24), _Numbers(100, 10), 4, 0) for _ in range(2)]
    for name, state in _states().items():
        expect(same(state, before[name], atol=0), f"making the loaders seeds or draws from {name}'s global generator.")
    in_turn = [_walk(train_loader) for _ in range(3) for train_loader, _ in two]
    expect(in_turn[::2] == in_turn[1::2] == orders, "two pairs of loaders with the same seed disturb each other.")

    by_seed = [orders, _orders(answer, seed=1), _orders(answer, seed=2)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        reject(by_seed[one] == by_seed[other], f"seed {other} gives the same orders as seed {one}.")

    train_loader, _ = answer(_Numbers(0, 3), _Numbers(100, 2), 2, 0)
    count = len({tuple(_walk(train_loader)) for _ in range(100)})  # one of six is missing once in 10**7 times
    expect(count == 6, f"3 examples have 6 orders, of which {count} appear in 100 epochs: shuffle all examples anew.")


# ---- loader


def make_loader(dataset, batch_size):
    """Return a loader with two workers whose batches are lists of samples."""
    # Workers look collate_fn up by name. They find `list`; a function of yours they find in a .py file.
    return DataLoader(dataset, batch_size=batch_size, num_workers=2, collate_fn=list)


class _WorkersUnpickler(pickle.Unpickler):
    """Unpickle as in a spawned worker, where `__main__` is not the notebook."""

    def find_class(self, module, name):
        reject(module == "__main__", f"a worker cannot find `{name}`: it is defined in the notebook, not in a module.")
        return super().find_class(module, name)


def _expect_reaches_worker(name: str, thing) -> None:
    buffer = io.BytesIO()
    error = error_of(pickle.dump, thing, buffer)
    cause = "a function travels by its name, and a lambda or a function inside another has none to look up."
    reason = cause if isinstance(thing, FunctionType) else str(error)
    expect(error is None, f"`{name}` cannot be pickled, so it cannot be sent to a worker: {reason}")
    buffer.seek(0)
    _WorkersUnpickler(buffer).load()


def _photographs(as_kind) -> list[tuple]:
    """Return seven pairs of a picture of its own size and a label; the labels are in no order."""
    rng = np.random.default_rng(0)
    pictures = (rng.integers(0, 256, (*rng.integers(3, 9, 2), 3), np.uint8) for _ in range(7))
    return list(zip(map(as_kind, pictures), (3, 0, 6, 1, 1, 5, 2), strict=True))


def _form(value) -> str:
    """Say of what a batch is made: "[(a tensor of shape (5, 4, 3) in torch.uint8, 3), …]"."""
    if isinstance(value, (list, tuple)):
        parts = ", ".join(map(_form, value))
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if hasattr(value, "dtype"):
        return f"{kind(value)} in {value.dtype}"
    return kind(value) if isinstance(value, Image.Image) else shown(value)  # not with its address


@exercise(
    solution=make_loader,
    hints=(
        "`collate_fn` gets the list of a batch's samples, and what it returns is the batch. What should it do here?",
        "`spawn` sends a function by name, and the worker imports it. It can import a module, never your notebook.",
        "Which builtin takes a list and returns the same list? Builtins can be found from every process.",
    ),
)
def loader(answer):
    """Pictures of unequal size come in batches, and workers need nothing from the notebook."""
    before = multiprocessing.get_start_method(allow_none=True)
    for as_kind in (torch.tensor, np.array, Image.fromarray):
        samples = _photographs(as_kind)
        loader = answer(samples, 3)
        chosen = multiprocessing.get_start_method(allow_none=True)
        multiprocessing.set_start_method(before, force=True)
        expect(isinstance(loader, DataLoader), f"return a DataLoader, not {kind(loader)}.")
        expect(loader.num_workers == 2, f"num_workers is {loader.num_workers}, not 2.")
        context = loader.multiprocessing_context
        chooses = "this chooses the start method itself, and only `spawn` exists everywhere: leave it to Python."
        expect(chosen == before and (context is None or context.get_start_method() == "spawn"), chooses)
        expect(getattr(loader, "in_order", True), "with `in_order=False` the batches come in any order.")
        stacks = loader.collate_fn is default_collate
        reject(stacks, "pictures of unequal size cannot be stacked: the loader needs a `collate_fn`.")
        batches = [samples[:3], samples[3:6], samples[6:]]
        for epoch in range(2):
            collated = list(without_workers(loader))
            for got, want in zip(collated, batches, strict=False):
                expect(isinstance(got, list), f"a batch is {kind(got)}, not a list.")
                expect(len(got) == len(want), f"a batch is a list of {len(got)}, not of {len(want)} samples.")
                is_same = same(got, want) and _form(got) == _form(want)
                are_samples = set(map(_form, got)) <= set(map(_form, samples))
                reject(are_samples and not is_same, "the samples come in another order.")
                expect(is_same, f"a batch is {_form(got)}, and the list of its samples is {_form(want)}.")
            reject(len(collated) == 2, "the last, smaller batch is missing.")
            expect(len(collated) == 3, f"epoch {epoch} has {len(collated)} batches of 7 samples, expected 3.")
        for name in ("dataset", "collate_fn", "worker_init_fn"):
            _expect_reaches_worker(name, getattr(loader, name))
