"""Exercises on loaders: what else draws from the generator, and what reaches a worker."""

import io
import pickle

import torch
from torch.utils.data import DataLoader

from helpers.exercises.core import exercise
from helpers.exercises.loaders import expect_two_loaders
from helpers.exercises.words import error_of, expect, expect_same, reject

# ---- validation


def make_loaders(train_set, val_set, batch_size, seed):
    """Return a shuffled loader for training and one in order for validation, neither disturbing the other."""
    generator = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, generator=generator)
    val_loader = DataLoader(val_set, batch_size=batch_size)
    return train_loader, val_loader


def _orders(make_loaders, seed: int, global_seed: int = 0, between=lambda val_loader: None) -> list[list[int]]:
    """Return the order of the training examples in three epochs; `between` is called after each."""
    torch.default_generator.manual_seed(global_seed)
    train_loader, val_loader = make_loaders(list(range(24)), list(range(10)), 4, seed)
    orders = []
    for _ in range(3):
        orders.append([int(example) for batch in train_loader for example in batch])
        between(val_loader)
    return orders


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
    loaders = answer(list(range(24)), list(range(10)), 4, 0)
    expect_two_loaders(loaders, 24, 10)
    for batch, name in zip(map(next, map(iter, loaders)), ("training", "validation"), strict=True):
        expect(len(batch) == 4, f"a batch of the {name} loader has {len(batch)} examples, not batch_size = 4.")

    orders = _orders(answer, seed=0)
    for epoch, order in enumerate(orders):
        expect(sorted(order) == list(range(24)), f"epoch {epoch} does not hold every training example once.")
        reject(order == sorted(order), f"epoch {epoch} is not shuffled.")
    reject(orders[0] == orders[1], "epochs 0 and 1 have the identical order: seed once, not at every epoch.")

    walked = _orders(answer, seed=0, between=list)
    changed = next((epoch for epoch in range(3) if walked[epoch] != orders[epoch]), None)
    expect(changed is None, f"walking the validation loader changes the training order from epoch {changed} on.")
    disturbed = _orders(answer, seed=0, global_seed=1, between=lambda val_loader: torch.rand(1))
    expect(disturbed == orders, "the training order depends on the global generator, which others draw from too.")
    reject(_orders(answer, seed=1) == orders, "seed 1 gives the same order as seed 0.")

    seen = [int(example) for batch in loaders[1] for example in batch]
    expect(len(seen) == 10, f"the validation loader gives {len(seen)} of 10 examples: keep the last, smaller batch.")
    expect(seen == list(range(10)), "the validation loader is shuffled.")


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
    expect(error is None, f"`{name}` cannot be pickled, so it cannot be sent to a worker: {cause}")
    buffer.seek(0)
    _WorkersUnpickler(buffer).load()


def _batches_without_workers(loader: DataLoader) -> list:
    return list(DataLoader(loader.dataset, batch_sampler=loader.batch_sampler, collate_fn=loader.collate_fn))


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
    generator = torch.Generator().manual_seed(0)
    sizes = torch.randint(3, 9, (7, 2), generator=generator).tolist()
    samples = [(torch.rand(3, *size, generator=generator), label) for label, size in enumerate(sizes)]
    loader = answer(samples, 3)
    expect(isinstance(loader, DataLoader), f"return a DataLoader, not {type(loader).__name__}.")
    expect(loader.num_workers == 2, f"num_workers is {loader.num_workers}, not 2.")
    context = loader.multiprocessing_context
    expect(
        context is None or context.get_start_method() == "spawn",
        "this chooses the start method itself, and only `spawn` exists everywhere: leave it to Python.",
    )
    error = error_of(_batches_without_workers, loader)
    reject("equal size" in str(error), "pictures of unequal size cannot be stacked: the loader needs a `collate_fn`.")
    collated = _batches_without_workers(loader)
    batches = [samples[:3], samples[3:6], samples[6:]]
    mistakes = {"the last, smaller batch is missing.": batches[:2]}
    expect_same(
        collated,
        batches,
        "a batch is not the list of its samples, [(image, label), …].",
        mistakes,
    )
    reject(any(type(batch) is tuple for batch in collated), "a batch is a tuple, and it should be a list.")
    for name in ("dataset", "collate_fn", "worker_init_fn"):
        _expect_reaches_worker(name, getattr(loader, name))
