"""Where a strided tensor lies in its storage, worked out from numbers alone: nothing is read."""

import math
from numbers import Integral

import numpy as np
import torch


def positions(size, stride, offset: int = 0) -> np.ndarray:
    """Return, as an array of shape `size`, which cell of the storage each element is."""
    cells = np.full(tuple(size), offset)
    for dim, (count, step) in enumerate(zip(size, stride, strict=True)):
        along = [1] * len(size)
        along[dim] = count
        cells = cells + step * np.arange(count).reshape(along)
    return cells


def check_inside(cells: int, size, stride, offset: int = 0) -> None:
    """Raise ValueError, in one sentence, unless a tensor of this layout stays within a storage of so many cells."""
    size, stride = tuple(size), tuple(stride)
    if len(size) != len(stride):
        raise ValueError(f"size {size} and stride {stride} must be of one length: one stride for each dimension.")
    if not all(isinstance(number, Integral) and not isinstance(number, bool) for number in (*size, *stride, offset)):
        raise ValueError(f"size {size}, stride {stride} and offset {offset} must be whole numbers.")
    if min(size, default=0) < 0:
        raise ValueError(f"size {size} may not be negative.")
    if offset < 0:
        raise ValueError(f"offset {offset} may not be negative.")
    if min(stride, default=0) < 0:
        raise ValueError(f"stride {stride} is negative: torch steps through a storage forwards only.")
    last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    if math.prod(size) and last >= cells:
        raise ValueError(
            f"size {size}, stride {stride}, offset {offset} would read cell {last}; the last one is cell {cells - 1}."
        )


def even_groups(size, stride) -> list[int]:
    """Return how many elements in a row have even steps, at each dimension where the steps change."""
    dims = [(count, step) for count, step in zip(size, stride, strict=True) if count > 1]
    groups = []
    for i in range(len(dims) - 1, 0, -1):
        count, step = dims[i]
        if dims[i - 1][1] != count * step:
            groups.append(math.prod(count for count, _ in dims[i:]))
    return groups


def view_is_possible(size, stride, new) -> bool:
    """Return whether every group of the layout is a group of the new shape."""
    return math.prod(size) == math.prod(new) and set(even_groups(size, stride)) <= trailing_products(new)


def trailing_products(numbers) -> set[int]:
    """Return the products of the last number, of the last two, and so on, without 1 and without that of all."""
    return {math.prod(numbers[i:]) for i in range(len(numbers))} - {1, math.prod(numbers)}


def cells_of(tensor: torch.Tensor) -> torch.Tensor:
    """Return the whole storage of `tensor` as a flat tensor of its dtype, detached."""
    whole = tensor.detach()
    cells = whole.untyped_storage().nbytes() // whole.element_size()
    check_inside(cells, whole.shape, whole.stride(), whole.storage_offset())
    return whole.as_strided((cells,), (1,), 0)


def strided(tensor: torch.Tensor, size, stride, offset: int = 0) -> torch.Tensor:
    """Return `as_strided` over the storage of `tensor`; ValueError where it would leave the storage."""
    whole = cells_of(tensor)
    check_inside(len(whole), size, stride, offset)
    return whole.as_strided(tuple(size), tuple(stride), offset)
