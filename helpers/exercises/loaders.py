"""What the exercises of several notebooks expect of a pair of loaders."""

from collections.abc import Iterator

from torch.utils.data import DataLoader

from helpers.exercises.words import expect, reject


def without_workers(loader):
    """Return the loader, which from now on loads in this process what its workers would: starting them takes long."""
    if isinstance(loader, DataLoader):
        loader.num_workers = loader.timeout = 0
    return loader


def expect_two_loaders(made, train_size: int, val_size: int) -> None:
    """End the check as *not yet* unless `made` is a loader for training, then one for validation, of these sizes."""
    expect(isinstance(made, (tuple, list)) and len(made) == 2, "return two loaders, training and validation.")
    ends = any(isinstance(loader, Iterator) for loader in made)
    reject(ends, "an iterator ends after one epoch: return the loaders themselves.")
    sizes = [len(getattr(loader, "dataset", ())) for loader in made]
    swapped = sizes == [val_size, train_size] != [train_size, val_size]
    reject(swapped, "the two loaders have changed places: return training first, then validation.")
