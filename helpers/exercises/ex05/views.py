"""Exercises on shapes: what can be viewed without a copy, and what must be moved."""

import itertools
import math
import random

import numpy as np
import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_result, kind, reject, run, same, shown

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


FIRST_CASES = (
    *(((3, 2), (4, 1), (3, 2, 1)), ((3, 2), (4, 1), (6,)), ((4, 3), (1, 4), (12,)), ((2, 4), (0, 1), (2, 2, 2))),
    *(((2, 1, 3), (3, 99, 1), (6,)), ((1, 3), (99, 1), (3,)), ((3, 1), (1, 99), (3,)), ((1, 1), (5, 7), (1,))),
    *(((1, 1, 1), (0, 0, 0), (1, 1)), ((1,), (1,), (1, 1)), ((1,), (1,), (2,)), ((5, 4), (0, 0), (20,))),
    ((3, 4), (4, 1), (5, 2)),
)
SHAPES = (12,), (2, 6), (6, 2), (4, 3), (2, 1, 6), (2, 2, 3), (2, 3, 2), (3, 2, 2), (2, 3, 1, 2)
LAYOUTS = [(size, stride) for size in SHAPES for stride in itertools.product((0, 1, 2, 3, 6), repeat=len(size))]


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
    draw = random.Random(0)
    cases = list(FIRST_CASES) + [(*draw.choice(LAYOUTS), draw.choice(SHAPES)) for _ in range(500)]
    cases += [(size, stride, (*new, 2)) for size, stride, new in cases[:50]]  # one number too many
    got = []
    for case in cases:
        verdict = run(answer, *case)
        expect_result(verdict, f"can_view{case}")
        expect(isinstance(verdict, (bool, np.bool_)), f"return True or False, not {shown(verdict)}.")
        got.append(bool(verdict))
    contiguous = [torch.empty_strided(size, stride).is_contiguous() for size, stride, _ in cases]
    of_one_count = [math.prod(size) == math.prod(new) for size, _, new in cases]
    both = [one and other for one, other in zip(contiguous, of_one_count, strict=True)]
    words = "this asks for a contiguous tensor, which is too much: size (3, 2), stride (4, 1) fits (3, 2, 1)."
    reject(got in (contiguous, both), words)
    for (size, stride, new), verdict in zip(cases, got, strict=True):
        words = f"size {size}, stride {stride}, new {new}"
        want = error_of(torch.empty_strided(size, stride).view, new) is None
        reject(verdict and not want, f"{words}: you say True, torch refuses.")
        reject(want and not verdict, f"{words}: you say False, torch makes the view.")
    large = (2**31, 2**31), (0, 0), (2**62,)
    error = error_of(answer, *large)
    expect(error is None, f"a tensor may have more elements than can be listed: use only the three tuples. {error}")
    expect(answer(*large), f"can_view{large}: you say False; all steps are 0, and so even.")


# ---- channels


def channels_first(pictures):
    """Return pictures (…, H, W, C) as a contiguous tensor (…, C, H, W)."""
    return pictures.movedim(-1, -3).contiguous()


PICTURES = (
    *((4, 5, 3), (2, 4, 5, 3), (2, 3, 6, 5, 4), (48, 64, 3), (1, 4, 5, 3), (4, 5, 1), (1, 1, 3), (2, 1, 2, 3, 4, 3)),
    *((3, 4, 2), (2, 3, 4, 5)),
)
# dtype → where its values end: those of floats are fractions, and large whole numbers do not fit into floats
ENDS = {torch.uint8: 256, torch.float32: 1, torch.bool: 2, torch.float16: 1, torch.float64: 1, torch.int64: 2**60}


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
    for shape in PICTURES:
        for dtype, end in ENDS.items():
            values = end * torch.rand(shape, dtype=torch.float64, generator=generator)
            pictures = (values if dtype.is_floating_point else values.floor()).to(dtype)
            _check_channels(answer, pictures)
            _check_channels(answer, pictures.movedim(-1, -3).contiguous().movedim(-3, -1))  # of another order in memory
            _check_channels(answer, pictures.repeat_interleave(2, dim=-2)[..., ::2, :])  # with gaps


def _check_channels(answer, pictures: torch.Tensor) -> None:
    error = error_of(answer, pictures.clone())
    expect(
        error is None, f"for pictures of shape {tuple(pictures.shape)} your code raises {type(error).__name__}: {error}"
    )
    got = run(answer, pictures)
    shape, want = tuple(pictures.shape), pictures.movedim(-1, -3)
    expect_result(got, f"channels_first of shape {shape}")
    expect(isinstance(got, torch.Tensor), f"return a tensor, not {kind(got)}.")
    expect(got.dtype == pictures.dtype, f"the dtype is {got.dtype}, the pictures have {pictures.dtype}.")
    if not same(got, want, atol=0):
        mirrored = same(got, pictures.transpose(-1, -3), atol=0)
        reject(mirrored, "height and width are exchanged: the pictures are mirrored in their diagonal.")
        reshaped = same(got, pictures.reshape(want.shape), atol=0)
        reject(reshaped, "right shape, wrong pixels: `reshape` does not move anything.")
        right_shape = got.shape == want.shape
        expect(right_shape, f"shape {shape} becomes {tuple(got.shape)}, expected {tuple(want.shape)}.")
        reject(True, f"of shape {shape}: right shape, wrong pixels.")
    strides = f"its strides are {got.stride()}, expected {want.contiguous().stride()}"
    expect(got.is_contiguous(), f"right pixels, but not contiguous: {strides}.")
