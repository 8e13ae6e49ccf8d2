"""A tensor and its storage: a grid above a strip of numbered cells, joined by colour."""

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea
from matplotlib.patches import Arc, FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Normal, Stroke

from helpers.strides import cells_of, positions
from helpers.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, PURPLE, RED

STORAGE = LinearSegmentedColormap.from_list(
    "storage", ["#27408b", "#2f78b7", "#2a9d9a", "#57b06a", "#c9b03a", "#e58a3c", "#cf4d4a", "#8a3b7c"]
)
DIMS = (ORANGE, BLUE, GREEN, PURPLE)  # the colour of dim 0, 1, 2, 3
MOST_CELLS, MOST_DIMS = 48, 4
GAP = 1.0  # between the blocks of a tensor of three or four dimensions


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


def _text_on(colour) -> str:
    red, green, blue = colour[:3]
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.62 else INK


def draw_cell(ax: Axes, x: float, y: float, colour, text: str = "", *, width: float = 1, size: float = 10, edge=None):
    """Draw one cell, its lower left corner at (x, y)."""
    pad = 0.05 * min(width, 1)
    shape = f"round,pad=0,rounding_size={0.14 * min(width, 1)}"
    ax.add_patch(
        FancyBboxPatch((x + pad, y + 0.05), width - 2 * pad, 0.9, boxstyle=shape, fc=colour or "white", ec=edge or "none")
    )
    shade = GREY if colour is None or colour == PALE else _text_on(colour)
    ax.text(x + width / 2, y + 0.48, text, ha="center", va="center", fontsize=size, color=shade)


def draw_strip(ax: Axes, layout: Layout, x: float, y: float, *, size: float = 10, numbers: bool = True) -> None:
    """Draw the storage from (x, y) to the right: cells that the tensor does not reach are pale."""
    reads = np.bincount(layout.cells.ravel(), minlength=len(layout.values))
    for cell, text in enumerate(layout.values):
        draw_cell(ax, x + cell, y, layout.colour(cell) if reads[cell] else PALE, text, size=size)
        if numbers:
            ax.text(x + cell + 0.5, y - 0.04, cell, ha="center", va="top", fontsize=0.72 * size, color=GREY)


def draw_grid(ax: Axes, layout: Layout, x: float, y: float, *, size: float = 10) -> None:
    """Draw the tensor as a grid, its upper left corner at (x, y)."""
    for index in np.ndindex(layout.size):
        left, top = layout.place(index)
        cell = layout.cells[index]
        draw_cell(ax, x + left, y + top - 1, layout.colour(cell), layout.values[cell], size=size)


def _arrow(ax: Axes, start, end, colour, **options) -> None:
    options = {"arrowstyle": "-|>,head_length=4,head_width=2.2", "lw": 1.6, "shrinkA": 0, "shrinkB": 0} | options
    ax.add_patch(FancyArrowPatch(start, end, color=colour, **options))


def _draw_axes(ax: Axes, layout: Layout, x: float, y: float, size: float) -> None:
    """Draw beside the grid one arrow for each dimension, and how far in the storage one step along it goes."""
    dims = len(layout.size)
    *_, rows, columns = (1, 1, *layout.size)
    width, height = layout.extent
    label = {"fontsize": size, "weight": "bold"}
    for dim, (count, step) in enumerate(zip(layout.size, layout.stride, strict=True)):
        colour, kind = DIMS[dim], dims - dim
        if kind == 1:  # columns
            _arrow(ax, (x, y + 0.22), (x + columns, y + 0.22), colour)
            ax.text(x + columns / 2, y + 0.34, f"+{step}", ha="center", va="bottom", color=colour, **label)
        elif kind == 2:  # rows
            _arrow(ax, (x - 0.22, y), (x - 0.22, y - rows), colour)
            ax.text(x - 0.36, y - rows / 2, f"+{step}", ha="right", va="center", color=colour, **label)
        elif kind == 3:  # blocks, side by side
            _arrow(ax, (x, y + 1.15), (x + width, y + 1.15), colour)
            ax.text(x + width / 2, y + 1.27, f"+{step}", ha="center", va="bottom", color=colour, **label)
        else:  # rows of blocks
            _arrow(ax, (x - 1.45, y), (x - 1.45, y - height), colour)
            ax.text(x - 1.6, y - height / 2, f"+{step}", ha="right", va="center", color=colour, **label)


def _line(ax: Axes, x: float, y: float, parts, size: float, align: float = 0) -> None:
    """Write (text, colour, weight) after each other in one line; `align` 0 begins at (x, y), 1 ends there."""
    boxes = [TextArea(text, textprops={"color": colour, "weight": weight, "fontsize": size}) for text, colour, weight in parts]
    line = HPacker(children=boxes, pad=0, sep=0, align="baseline")
    ax.add_artist(AnnotationBbox(line, (x, y), frameon=False, box_alignment=(align, 0), pad=0, annotation_clip=False))


def _caption(layout: Layout, title: str) -> list[tuple]:
    """Return title, size, stride and offset as the parts of a line, each number in its dimension's colour."""
    parts = [(f"{title}     ", INK, "bold")] if title else []
    for word, numbers in (("size", layout.size), ("stride", layout.stride)):
        parts.append((f"{word} (", GREY, "normal"))
        for dim, number in enumerate(numbers):
            parts += [(", ", GREY, "normal")] if dim else []
            parts.append((f"{number}", DIMS[dim], "bold"))
        parts.append((")   ", GREY, "normal"))
    return [*parts, (f"offset {layout.offset}", GREY, "normal")]


def _sum(layout: Layout, index: tuple[int, ...], cell: int) -> list[tuple]:
    """Return the sum that leads to the element's cell as the parts of a line."""
    parts = [(f"{list(index)}  →  {layout.offset}", INK, "normal")]
    for dim, (steps, stride) in enumerate(zip(index, layout.stride, strict=True)):
        parts += [(" + ", INK, "normal"), (f"{steps}·{stride}", DIMS[dim], "bold")]
    return [*parts, (f" = {cell}", INK, "bold")]


def _hop(ax: Axes, start: float, step: int, y: float, colour, size: float) -> None:
    """Draw a jump of `step` cells below the strip, from x = `start`; a jump of 0 is a loop."""
    width, depth = (step, 0.8 + 0.18 * min(step, 8)) if step else (0.55, 0.8)
    middle = start + step / 2
    ax.add_patch(Arc((middle, y), width, 2 * depth, theta1=180, theta2=360, color=colour, lw=1.8))
    end = start + width / 2 if step == 0 else start + step
    _arrow(ax, (end - 0.03, y - 0.16), (end, y + 0.04), colour, lw=0)
    ax.text(middle, y - depth - 0.06, f"+{step}", ha="center", va="top", color=colour, fontsize=size, weight="bold")


def _outline(ax: Axes, x: float, y: float, colour, lw: float = 2.2) -> None:
    shape = "round,pad=0,rounding_size=0.14"
    ax.add_patch(FancyBboxPatch((x + 0.05, y + 0.05), 0.9, 0.9, boxstyle=shape, fc="none", ec=colour, lw=lw))


def draw_tensor(tensor, index: tuple[int, ...] | None = None, *, title: str = "") -> Axes:
    """Draw a tensor of up to 4 dimensions and 48 cells above its storage; an element has the colour of its cell.

    Cells that the tensor does not reach are pale. Arrows along the grid say how far one step goes in the storage.
    index   also draw how this element is found: from the offset, hop by hop, dimension by dimension
    """
    layout = Layout.of(tensor)
    if index is not None:
        check_index(index, layout.size)
    cells, (width, height) = len(layout.values), layout.extent
    total = max(cells, width + 4)
    left = (total - width) / 2
    top = height + (2.6 if index is not None else 1.9)
    head = top + (1.1 if len(layout.size) < 3 else 2.1)
    below = 3.2 if index is not None else 0.5
    scale = min(0.5, 10.4 / (total + 0.6))
    size = 22 * scale
    figure, ax = plt.subplots(figsize=((total + 0.6) * scale, (head + below + 0.8) * scale), layout="none")
    ax.set_position((0, 0, 1, 1))
    _line(ax, 0, head, _caption(layout, title), size + 1)
    draw_grid(ax, layout, left, top, size=size)
    _draw_axes(ax, layout, left, top, size)
    draw_strip(ax, layout, (total - cells) / 2, 0, size=size)
    if index is not None:
        _draw_path(ax, layout, tuple(index), (left, top), (total - cells) / 2, size)
    ax.set(xlim=(-0.3, total + 0.3), ylim=(-below, head + 0.8), aspect="equal")
    ax.axis("off")
    return ax


def check_index(index, size) -> None:
    """Raise ValueError unless `index` is that of an element of a tensor of this size."""
    if len(index) != len(size) or any(not 0 <= i < count for i, count in zip(index, size, strict=True)):
        raise ValueError(f"there is no element {tuple(index)} in a tensor of size {tuple(size)}.")


def _draw_path(ax: Axes, layout: Layout, index: tuple[int, ...], corner, strip: float, size: float) -> None:
    """Draw the hops to an element below the strip, the same steps in the grid, and the thread that joins both ends."""
    left, top = corner
    at, cell, loops = [0] * len(index), layout.offset, 0
    for dim, steps in enumerate(index):
        stride = layout.stride[dim]
        for step in range(steps):
            if stride or step == 0:  # hops of 0 would lie on each other
                _hop(ax, strip + cell + 0.5, stride, -0.48, DIMS[dim], size)
            at[dim] += 1
            cell += stride
            x, y = layout.place(tuple(at))
            _outline(ax, left + x, top + y - 1, DIMS[dim])
    x, y = layout.place(index)
    _outline(ax, left + x, top + y - 1, INK, 2.8)
    _outline(ax, strip + cell, 0, INK, 2.8)
    start, end = (left + x + 0.5, top + y - 0.95), (strip + cell + 0.5, 1.08)
    bend = 0.15 if end[0] > start[0] else -0.15
    thread = {"lw": 1.8, "connectionstyle": f"arc3,rad={bend}", "path_effects": [Stroke(linewidth=5, foreground="white"), Normal()]}
    _arrow(ax, start, end, INK, **thread)
    _line(ax, strip + len(layout.values), -3.0, _sum(layout, index, cell), size + 1, align=1)


def draw_weave(ax: Axes, layout: Layout, x: float, y: float, *, size: float = 10, height: float = 2.4) -> None:
    """Draw the storage at (x, y), above it the elements in reading order, and a ribbon from each to its cell."""
    order = layout.cells.ravel()
    width = min(1, len(layout.values) / max(1, len(order)))
    left = x + (len(layout.values) - width * len(order)) / 2
    upper, lower = y + 1 + height, y + 0.95
    for i, cell in enumerate(order):
        colour, start, end = layout.colour(cell), left + i * width, x + cell
        ax.add_patch(_ribbon((start + 0.05 * width, start + 0.95 * width), upper, (end + 0.05, end + 0.95), lower, colour))
        ax.add_patch(Rectangle((start + 0.04 * width, upper), 0.92 * width, 0.32, fc=colour, ec="none"))
    draw_strip(ax, layout, x, y, size=size, numbers=False)


def _ribbon(top, upper: float, bottom, lower: float, colour) -> PathPatch:
    """Return a band from the interval `top` at height `upper` to the interval `bottom` at height `lower`."""
    middle = (upper + lower) / 2
    (a, b), (c, d) = top, bottom
    points = [(a, upper), (a, middle), (c, middle), (c, lower), (d, lower), (d, middle), (b, middle), (b, upper)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    return PathPatch(Path(points, codes), fc=colour, ec="none", alpha=0.38)


def draw_views(views: dict[str, object], *, columns: int = 3) -> Figure:
    """Draw several tensors of at most 12 cells of storage, each as a grid, and as ribbons from reading order to storage.

    views   the code, as the title → the tensor
    """
    layouts = {title: Layout.of(tensor) for title, tensor in views.items()}
    rows = -(-len(layouts) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.0 * columns, 3.5 * rows), layout="none", squeeze=False)
    figure.subplots_adjust(0.005, 0.005, 0.995, 0.995, 0.02, 0.03)
    for ax in axes.flat:
        ax.axis("off")
    for ax, (title, layout) in zip(axes.flat, layouts.items(), strict=False):
        cells, (width, height) = len(layout.values), layout.extent
        shrink = min(1, 4.6 / height)
        top = 9.6 if len(layout.size) < 3 else 8.8
        draw_grid(ax, layout, (cells - width) / 2, top)
        _draw_axes(ax, layout, (cells - width) / 2, top, 9)
        draw_weave(ax, layout, 0, 0)
        ax.text(0, 11.9, title, fontsize=11, weight="bold", family="monospace", va="bottom")
        _line(ax, 0, 11.05, _caption(layout, ""), 9.5)
        ax.set(xlim=(-0.4, cells + 0.4), ylim=(-0.3, 12.6), aspect="equal")
    return figure
