"""Exercises on layouts: which cells of a storage a tensor takes, in which order."""

import math

import numpy as np
import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_same, reject
from helpers.strides import check_inside, positions


def _cells(layout, cells: int, case: str) -> np.ndarray:
    """Return which cells the answer's layout (size, stride, offset) takes; nothing is read, inside or outside."""
    three = isinstance(layout, (tuple, list)) and len(layout) == 3
    expect(three, f"return three things, (size, stride, offset), not {layout!r}.")
    size, stride, offset = layout
    expect(
        isinstance(size, (tuple, list, torch.Size)) and isinstance(stride, (tuple, list)),
        "size and stride are tuples, also for one dimension: `(3,)`.",
    )
    try:
        check_inside(cells, size, stride, offset)
    except ValueError as error:
        reject(True, f"{case}: {error}")
    expect(math.prod(size) <= 10_000, f"{case}: size {tuple(size)} has {math.prod(size)} elements, far too many.")
    return positions(size, stride, offset)


# ---- diagonal


def diagonal(height, width, k):
    """Return (size, stride, offset) of the elements [i, i + k] of a contiguous height × width matrix."""
    first_row, first_column = max(0, -k), max(0, k)
    length = min(height - first_row, width - first_column)
    return (length,), (width + 1,), first_row * width + first_column


@exercise(
    solution=diagonal,
    hints=(
        "How many cells further in the storage is the element one row down and one column to the right?",
        "For k ≥ 0 the diagonal begins at [0, k], for k < 0 at [−k, 0]. Which cell of the storage is that?",
        "From its first element it goes on until the rows are used up, or the columns: the smaller of the two.",
    ),
)
def diagonal(answer):
    """Every diagonal is a view: one dimension, one stride."""
    for height, width, k in ((4, 4, 0), (4, 4, 1), (3, 5, 0), (5, 3, 0), (3, 5, 3), (5, 3, -3), (4, 4, -1), (2, 6, 2)):
        case = f"diagonal({height}, {width}, {k})"
        got = _cells(answer(height, width, k), height * width, case)
        want = np.array([i * width + i + k for i in range(height) if 0 <= i + k < width])
        mistakes = {
            f"{case}: this goes down a column: one row down and one to the right is further.": want[0]
            + width * np.arange(len(want))
        }
        if len(got) < len(want) and got.tolist() == want[: len(got)].tolist():
            mistakes[f"{case}: it ends too early, after {len(got)} of {len(want)} elements."] = got
        expect_same(got, want, f"{case} takes the cells {got.tolist()}, expected {want.tolist()}.", mistakes)


# ---- windows


def windows(height, width, n):
    """Return (size, stride, offset) of all n × n windows of a contiguous height × width picture."""
    return (height - n + 1, width - n + 1, n, n), (width, 1, width, 1), 0


@exercise(
    solution=windows,
    hints=(
        "Element [i, j, a, b] is pixel [i + a, j + b]. Which cell of the storage is that?",
        "(i + a) · width + (j + b) · 1: sort it by i, j, a and b, and read off four strides.",
        "A window of n rows can begin at row 0, 1, …, height − n. How many is that?",
    ),
)
def windows(answer):
    """All windows at once, overlapping, and not one pixel copied."""
    for height, width, n in ((4, 5, 2), (5, 4, 3), (3, 3, 3), (6, 7, 1), (2, 9, 2)):
        case = f"windows({height}, {width}, {n})"
        got = _cells(answer(height, width, n), height * width, case)
        count = (height - n + 1, width - n + 1, n, n)
        reject(
            got.shape == count[2:] + count[:2] != count,
            f"{case}: positions come first, then rows and columns of a window: size {count}.",
        )
        reject(
            got.shape[:2] == (height // n, width // n) != count[:2],
            f"{case}: these are tiles, side by side. Windows overlap: the next begins one pixel further.",
        )
        expect(got.shape == count, f"{case}: size {got.shape}, expected {count}.")
        i, j, a, b = np.indices(count)
        mistakes = {
            f"{case}: within a window, the step to the next row is still that of the whole picture.": i * width
            + j
            + a * n
            + b,
            f"{case}: rows and columns of the windows are exchanged.": (i + b) * width + j + a,
        }
        expect_same(got, (i + a) * width + j + b, f"{case}: right size, wrong cells.", mistakes)
