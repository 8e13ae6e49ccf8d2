"""Exercises on layouts: which cells of a storage a tensor takes, in which order."""

import math

import numpy as np
import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_result, reject, same, shown
from helpers.strides import check_inside, positions


def _cells(layout, cells: int, case: str) -> np.ndarray:
    """Return which cells the answer's layout (size, stride, offset) takes; nothing is read, inside or outside."""
    expect_result(layout, case)
    three = isinstance(layout, (tuple, list)) and len(layout) == 3
    expect(three, f"{case}: return three things, (size, stride, offset), not {shown(layout)}.")
    size, stride, offset = layout
    expect(
        isinstance(size, (tuple, list, torch.Size)) and isinstance(stride, (tuple, list)),
        f"{case}: size and stride are tuples, also for one dimension, `(3,)`, not {shown(size)} and {shown(stride)}.",
    )
    try:
        check_inside(cells, size, stride, offset)
    except ValueError as error:
        reject(True, f"{case}: {error}")
    expect(math.prod(size) <= 10_000, f"{case}: size {tuple(size)} has {math.prod(size)} elements, far too many.")
    return positions(size, stride, offset)


def _expect_cells(got: np.ndarray, want: np.ndarray, message: str, mistakes: dict[str, np.ndarray]) -> None:
    """Expect the cells that are wanted; where they are those of one of the mistakes, say that instead."""
    for mistake, cells in mistakes.items():
        reject(same(got, cells) and not same(got, want), mistake)
    expect(same(got, want), message)


# ---- diagonal


def diagonal(height, width, k):
    """Return (size, stride, offset) of the elements [i, i + k] of a contiguous height × width matrix."""
    first_row, first_column = max(0, -k), max(0, k)
    length = min(height - first_row, width - first_column)
    return (max(0, length),), (width + 1,), first_row * width + first_column


@exercise(
    solution=diagonal,
    hints=(
        "How many cells further in the storage is the element one row down and one column to the right?",
        "For k ≥ 0 the diagonal begins at [0, k], for k < 0 at [−k, 0]. Which cell of the storage is that?",
        "From its first element it goes on until the rows are used up, or the columns: the smaller of the two, "
        "and 0 for a k that misses the matrix.",
    ),
)
def diagonal(answer):
    """Every diagonal is a view: one dimension, one stride."""
    shapes = ((4, 4), (3, 5), (5, 3), (3, 4), (2, 6), (1, 1), (1, 5), (5, 1), (21, 23))
    inside = [
        (height, width, k)
        for height, width in shapes
        for k in sorted(range(1 - height, width), key=lambda k: (abs(k), k < 0))
    ]
    outside = [(height, width, k) for height, width in shapes for k in (width, -height, width + 2, -height - 3)]
    for height, width, k in inside + outside:
        case = f"diagonal({height}, {width}, {k})"
        error = error_of(answer, height, width, k)
        expect(error is None, f"{case} raises {type(error).__name__}: {error}")
        got = _cells(answer(height, width, k), height * width, case)
        want = np.array([i * width + i + k for i in range(height) if 0 <= i + k < width], dtype=int)
        down = want[:1] + width * np.arange(len(want))
        mistakes = {f"{case}: this goes down a column: one row down and one to the right is further.": down}
        if got.ndim == 1 and len(got) < len(want) and got.tolist() == want[: len(got)].tolist():
            mistakes[f"{case}: it ends too early, after {len(got)} of {len(want)} elements."] = got
        _expect_cells(got, want, f"{case} takes the cells {got.tolist()}, expected {want.tolist()}.", mistakes)


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
    shapes = ((4, 5), (5, 4), (3, 3), (6, 7), (2, 9), (1, 1), (1, 5), (5, 1))
    cases = [(height, width, n) for height, width in shapes for n in range(1, min(height, width) + 1)]
    for height, width, n in sorted(cases, key=lambda case: case[2] != 2):  # n = 2 is easiest to see
        case = f"windows({height}, {width}, {n})"
        layout, count = answer(height, width, n), (height - n + 1, width - n + 1, n, n)
        steps = width, 1, width, 1
        exchanged = count != steps and same(layout, (steps, count, 0))
        reject(exchanged, f"{case}: size and stride have changed places: return (size, stride, offset).")
        got = _cells(layout, height * width, case)
        i, j, a, b = np.indices(count)
        want = (i + a) * width + j + b
        tiles = positions((height // n, width // n, n, n), (n * width, n, width, 1))
        mistakes = {
            f"positions come first, then rows and columns of a window: size {count}.": want.transpose(2, 3, 0, 1),
            "these are tiles, side by side. Windows overlap: the next begins one pixel further.": tiles,
            f"within a window, one row down is {n} cells further; it is a whole row of the picture.": want
            - a * width
            + a * n,
            "rows and columns of the windows are exchanged.": (i + b) * width + j + a,
        }
        mistakes = {f"{case}: {mistake}": cells for mistake, cells in mistakes.items()}
        message = f"{case}: size {got.shape}, expected {count}."
        if got.shape == count and not same(got, want):
            y, x = np.argwhere((got != want).any(axis=(2, 3)))[0]
            message = f"{case}: window [{y}, {x}] takes the cells {got[y, x].tolist()}, expected {want[y, x].tolist()}."
        _expect_cells(got, want, message, mistakes)
