"""What there is to draw of a tensor: where its elements lie in the storage, their colours, their places in a grid."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from helpers.strides import cells_of, positions

STORAGE = LinearSegmentedColormap.from_list(
    "storage", ["#27408b", "#2f78b7", "#2a9d9a", "#57b06a", "#c9b03a", "#e58a3c", "#cf4d4a", "#8a3b7c"]
)
MOST_CELLS, MOST_DIMS = 48, 4
GAP = 0.8  # between the blocks of a tensor of three or four dimensions


@dataclass
class Layout:
    """What there is to draw of a tensor: numbers only."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    cells: np.ndarray  # of shape size: which cell of the storage each element is
    values: list  # of the whole storage, as text

    @classmethod
    def of(cls, tensor) -> "Layout":
        """Read the layout of `tensor`; ValueError where it is too large to draw."""
        whole = cells_of(tensor)
        if tensor.dim() > MOST_DIMS:
            raise ValueError(f"{tensor.dim()} dimensions cannot be drawn: at most {MOST_DIMS}.")
        if max(len(whole), tensor.numel()) > MOST_CELLS:
            raise ValueError(f"{max(len(whole), tensor.numel())} cells are too many to draw: at most {MOST_CELLS}.")
        size, stride, offset = tuple(tensor.shape), tensor.stride(), tensor.storage_offset()
        return cls(size, stride, offset, positions(size, stride, offset), [f"{v:g}" for v in whole.tolist()])

    def colour(self, cell: int) -> tuple:
        return STORAGE((cell + 0.5) / max(1, len(self.values)))

    def place(self, index: tuple[int, ...]) -> tuple[float, float]:
        """Return the left and the upper edge of an element in the grid, which grows right and down from (0, 0).

        The last two dimensions are columns and rows; the one before lays blocks side by side, the first of four
        puts rows of blocks below each other.
        """
        *blocks, row, column = (0, 0, 0, 0, *index)[-4:]
        *_, rows, columns = (1, 1, *self.size)
        return column + blocks[1] * (columns + GAP), -row - blocks[0] * (rows + GAP)

    @property
    def extent(self) -> tuple[float, float]:
        """Return width and height of the grid."""
        right, lower = self.place(tuple(max(0, count - 1) for count in self.size))
        return right + 1, 1 - lower


def check_index(index, size) -> None:
    """Raise ValueError unless `index` is that of an element of a tensor of this size."""
    if len(index) != len(size) or any(not 0 <= i < count for i, count in zip(index, size, strict=True)):
        raise ValueError(f"there is no element {tuple(index)} in a tensor of size {tuple(size)}.")
