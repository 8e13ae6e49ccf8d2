"""What the exercises of several notebooks expect of a pair of loaders."""

from helpers.exercises.words import expect, reject


def expect_two_loaders(made, train_size: int, val_size: int) -> None:
    """End the check as *not yet* unless `made` is a loader for training, then one for validation, of these sizes."""
    expect(isinstance(made, (tuple, list)) and len(made) == 2, "return two loaders, training and validation.")
    sizes = [len(getattr(loader, "dataset", ())) for loader in made]
    swapped = sizes == [val_size, train_size] != [train_size, val_size]
    reject(swapped, "the two loaders have changed places: return training first, then validation.")
