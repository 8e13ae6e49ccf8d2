"""A tensor and its storage: a grid above a strip of numbered cells, joined by colour."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea
from matplotlib.patches import Arc, FancyArrowPatch, FancyBboxPatch

from helpers.plots.layout import Layout, check_index
from helpers.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, PURPLE

DIMS = (ORANGE, BLUE, GREEN, PURPLE)  # the colour of dim 0, 1, 2, 3


def text_on(colour) -> str:
    red, green, blue = to_rgb(colour)
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.62 else INK


def draw_cell(ax: Axes, x: float, y: float, colour, text: str = "", *, size: float = 10) -> None:
    """Draw one cell, its lower left corner at (x, y)."""
    shape = "round,pad=0,rounding_size=0.14"
    ax.add_patch(FancyBboxPatch((x + 0.05, y + 0.05), 0.9, 0.9, boxstyle=shape, fc=colour or "white", ec="none"))
    shade = GREY if colour is None or colour == PALE else text_on(colour)
    ax.text(x + 0.5, y + 0.48, text, ha="center", va="center", fontsize=size, color=shade)


def draw_strip(ax: Axes, layout: Layout, x: float, y: float, *, size: float = 10, numbers: bool = True) -> None:
    """Draw the storage from (x, y) to the right: cells that the tensor does not reach are pale."""
    reads = np.bincount(layout.cells.ravel(), minlength=len(layout.values))
    for cell, text in enumerate(layout.values):
        draw_cell(ax, x + cell, y, layout.colour(cell) if reads[cell] else PALE, text, size=size)
        if numbers:
            ax.text(x + cell + 0.5, y - 0.04, cell, ha="center", va="top", fontsize=0.72 * size, color=GREY)


def draw_grid(ax: Axes, layout: Layout, x: float, y: float, *, size: float = 10, colour=None) -> None:
    """Draw the tensor as a grid, its upper left corner at (x, y); elements have the colours of their cells, or one."""
    for index in np.ndindex(layout.size):
        left, top = layout.place(index)
        cell = layout.cells[index]
        draw_cell(ax, x + left, y + top - 1, colour or layout.colour(cell), layout.values[cell], size=size)


def _arrow(ax: Axes, start, end, colour, **options) -> None:
    options = {"arrowstyle": "-|>,head_length=4,head_width=2.2", "lw": 1.6, "shrinkA": 0, "shrinkB": 0} | options
    ax.add_patch(FancyArrowPatch(start, end, color=colour, **options))


def draw_axes(ax: Axes, layout: Layout, x: float, y: float, size: float) -> None:
    """Draw beside the grid one arrow for each dimension, and how far in the storage one step along it goes."""
    dims = len(layout.size)
    *_, rows, columns = (1, 1, *layout.size)
    width, height = layout.extent
    label = {"fontsize": size, "weight": "bold"}
    for dim, step in enumerate(layout.stride):
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


def line_of(ax: Axes, x: float, y: float, parts, size: float, align: float = 0) -> None:
    """Write (text, colour, weight) after each other in one line; `align` 0 begins at (x, y), 1 ends there."""
    boxes = [
        TextArea(text, textprops={"color": colour, "weight": weight, "fontsize": size})
        for text, colour, weight in parts
    ]
    line = HPacker(children=boxes, pad=0, sep=0, align="baseline")
    ax.add_artist(AnnotationBbox(line, (x, y), frameon=False, box_alignment=(align, 0), pad=0, annotation_clip=False))


def caption(layout: Layout, title: str) -> list[tuple]:
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


def _depth(step: int) -> float:
    """Return how far below the strip a jump of `step` cells hangs."""
    return 0.8 + 0.18 * min(step, 8)


def _hop(ax: Axes, start: float, step: int, y: float, colour, size: float) -> None:
    """Draw a jump of `step` cells below the strip, from x = `start`; a jump of 0 is a loop."""
    width, end = (step, start + step) if step else (0.6, start)
    depth = _depth(step)
    ax.add_patch(Arc((end - width / 2, y), width, 2 * depth, theta1=180, theta2=360, color=colour, lw=1.8))
    _arrow(ax, (end - 0.03, y - 0.16), (end, y + 0.04), colour, lw=0)
    middle = start + step / 2 if step else start - 0.45
    ax.text(middle, y - depth - 0.06, f"+{step}", ha="center", va="top", color=colour, fontsize=size, weight="bold")


def outline(ax: Axes, x: float, y: float, colour, lw: float = 2.2) -> None:
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
    hops = [_depth(step) for step, steps in zip(layout.stride, index or (), strict=False) if steps]
    below = 0.5 if index is None else 2.0 + max(hops, default=0.5)
    scale = min(0.5, 10.4 / (total + 0.6))
    size = 22 * scale
    ax = plt.subplots(figsize=((total + 0.6) * scale, (head + below + 0.8) * scale), layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    line_of(ax, 0, head, caption(layout, title), size + 1)
    draw_grid(ax, layout, left, top, size=size)
    draw_axes(ax, layout, left, top, size)
    draw_strip(ax, layout, (total - cells) / 2, 0, size=size)
    if index is not None:
        cell = _draw_path(ax, layout, tuple(index), (left, top), (total - cells) / 2, size)
        line_of(ax, (total + cells) / 2, 0.25 - below, _sum(layout, index, cell), size + 1, align=1)
    ax.set(xlim=(-0.3, total + 0.3), ylim=(-below, head + 0.8), aspect="equal")
    ax.axis("off")
    return ax


def _draw_path(ax: Axes, layout: Layout, index: tuple[int, ...], corner, strip: float, size: float) -> int:
    """Draw the hops to an element below the strip, the same steps in the grid, and the thread between both ends.

    Returns the cell of the element.
    """
    left, top = corner
    at, cell = [0] * len(index), layout.offset
    for dim, steps in enumerate(index):
        stride = layout.stride[dim]
        for step in range(steps):
            if stride or step == 0:  # hops of 0 would lie on each other
                _hop(ax, strip + cell + 0.5, stride, -0.48, DIMS[dim], size)
            at[dim] += 1
            cell += stride
            x, y = layout.place(tuple(at))
            outline(ax, left + x, top + y - 1, DIMS[dim])
    x, y = layout.place(index)
    outline(ax, left + x, top + y - 1, INK, 2.8)
    outline(ax, strip + cell, 0, INK, 2.8)
    start, end = (left + x + 0.5, top + y - 0.9), (strip + cell + 0.5, 1.08)
    bend = 0.12 if end[0] > start[0] else -0.12
    _arrow(ax, start, end, INK, lw=1.8, connectionstyle=f"arc3,rad={bend}", zorder=0.5)  # it passes behind the cells
    return cell
