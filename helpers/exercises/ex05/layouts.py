"""Exercises on layouts: which cells of a storage a tensor takes, in which order."""

import math

import numpy as np
import torch

from helpers.exercises.core import exercise, expect, expect_same, reject, run
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


# ---- can_view


def can_view(size, stride, new):
    """Return whether a tensor of this size and stride can be viewed in the shape `new` without a copy."""
    if math.prod(size) != math.prod(new):
        return False
    dims = [(count, step) for count, step in zip(size, stride, strict=True) if count > 1]
    groups = [  # a dimension that does not continue the one before it begins a group of all that follow
        math.prod(count for count, _ in dims[i:])
        for i in range(1, len(dims))
        if dims[i - 1][1] != dims[i][0] * dims[i][1]
    ]
    return all(group in [math.prod(new[i:]) for i in range(len(new))] for group in groups)


def _torch_can_view(size, stride, new) -> bool:
    try:
        torch.empty_strided(size, stride).view(new)
        return True
    except RuntimeError:
        return False


def _shapes(count: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return a random shape with so many elements, a 1 in it now and then."""
    shape = []
    while count > 1:
        divisors = [d for d in range(2, count + 1) if count % d == 0]
        shape.append(int(rng.choice(divisors)))
        count //= shape[-1]
    if rng.random() < 0.4:
        shape.insert(int(rng.integers(len(shape) + 1)), 1)
    return tuple(shape)


def _layout(rng: np.random.Generator) -> torch.Tensor:
    """Return a random tensor that is permuted, sliced or expanded, or all of these."""
    tensor = torch.empty(_shapes(int(rng.choice([6, 8, 12, 24, 36])), rng))
    if rng.random() < 0.6:
        tensor = tensor.permute(*rng.permutation(tensor.dim()).tolist())
    if rng.random() < 0.5:
        dim = int(rng.integers(tensor.dim()))
        tensor = tensor.narrow(dim, 0, (tensor.shape[dim] + 1) // 2)
    if rng.random() < 0.3:
        tensor = tensor.unsqueeze(0).expand(2, *tensor.shape)
    return tensor


@exercise(
    solution=can_view,
    hints=(
        "Where a dimension's stride is size times stride of the next one, the two are one even walk.",
        "Where a dimension does not, all dimensions after it form a group, and `new` must have that group, too.",
        "`new` has a group when some of its last numbers multiply to the group's size. Skip sizes of 1.",
    ),
)
def can_view(answer):
    """Your rule agrees with torch on five hundred random layouts."""
    rng = np.random.default_rng(0)
    cases = [((3, 2), (4, 1), (3, 2, 1)), ((3, 2), (4, 1), (6,)), ((4, 3), (1, 4), (12,)), ((3, 4), (4, 1), (5, 2))]
    for _ in range(500):
        tensor = _layout(rng)
        cases.append((tuple(tensor.shape), tensor.stride(), _shapes(tensor.numel(), rng)))
    got = []
    for case in cases:
        verdict = run(answer, *case)
        expect(isinstance(verdict, (bool, np.bool_)), f"return True or False, not {verdict!r}.")
        got.append(bool(verdict))
    contiguous = [torch.empty_strided(size, stride).is_contiguous() for size, stride, _ in cases]
    contiguous_and_count = [
        one and math.prod(case[0]) == math.prod(case[2]) for one, case in zip(contiguous, cases, strict=True)
    ]
    reject(
        got in (contiguous, contiguous_and_count),
        "this asks for a contiguous tensor, which is too much: size (3, 2), stride (4, 1) fits (3, 2, 1).",
    )
    for case, verdict in zip(cases, got, strict=True):
        size, stride, new = case
        words = f"size {size}, stride {stride}, new {new}"
        want = _torch_can_view(*case)
        reject(verdict and not want, f"{words}: you say True, torch refuses.")
        reject(want and not verdict, f"{words}: you say False, torch makes the view.")


# ---- channels


def channels_first(pictures):
    """Return pictures (…, H, W, C) as a contiguous tensor (…, C, H, W)."""
    return pictures.movedim(-1, -3).contiguous()


@exercise(
    solution=channels_first,
    hints=(
        "`reshape` keeps the reading order and cuts it anew. Should the elements keep their reading order here?",
        "`permute`, `transpose` and `movedim` rearrange dimensions; look at what each does to height and width.",
        "They return a view. Which method gives it a memory of its own, in reading order?",
    ),
)
def channels(answer):
    """Every pixel keeps its place, channels come first, and the result is contiguous."""
    generator = torch.Generator().manual_seed(0)
    for shape in ((4, 5, 3), (2, 4, 5, 3), (2, 3, 6, 5, 4)):
        pictures = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        got = run(answer, pictures)
        expect(isinstance(got, torch.Tensor), f"return a tensor, not {type(got).__name__}.")
        want = pictures.movedim(-1, -3)
        reject(
            got.shape == pictures.transpose(-1, -3).shape and got.equal(pictures.transpose(-1, -3)),
            "height and width are exchanged: the pictures lie on their side.",
        )
        expect(
            got.shape == want.shape, f"shape {tuple(shape)} becomes {tuple(got.shape)}, expected {tuple(want.shape)}."
        )
        reject(got.equal(pictures.reshape(want.shape)), "right shape, wrong pixels: `reshape` does not move anything.")
        expect(got.dtype == pictures.dtype, f"the dtype is {got.dtype}, the pictures have {pictures.dtype}.")
        expect(got.equal(want), "right shape, wrong pixels.")
        expect(got.is_contiguous(), "right pixels, but not contiguous: this is still a view of the old order.")
