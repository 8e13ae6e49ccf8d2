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


def draw_cell(ax: Axes, x: float, y: float, colour, text: str, *, size: float) -> None:
    """Draw one cell, its lower left corner at (x, y)."""
    shape = "round,pad=0,rounding_size=0.14"
    ax.add_patch(FancyBboxPatch((x + 0.05, y + 0.05), 0.9, 0.9, boxstyle=shape, fc=colour or "white", ec="none"))
    shade = GREY if colour is None or colour == PALE else text_on(colour)
    ax.text(x + 0.5, y + 0.48, text, ha="center", va="center", fontsize=size, color=shade)


def draw_strip(ax: Axes, layout: Layout, x: float, y: float, *, size: float, numbers: bool = True) -> None:
    """Draw the storage from (x, y) to the right: cells that the tensor does not reach are pale."""
    reads = np.bincount(layout.cells.ravel(), minlength=len(layout.values))
    for cell, text in enumerate(layout.values):
        draw_cell(ax, x + cell, y, layout.colour(cell) if reads[cell] else PALE, text, size=size)
        if numbers:
            ax.text(x + cell + 0.5, y - 0.04, cell, ha="center", va="top", fontsize=9, color=GREY)


def draw_grid(ax: Axes, layout: Layout, x: float, y: float, *, size: float, colour=None) -> None:
    """Draw the tensor as a grid, its upper left corner at (x, y); elements have the colours of their cells, or one."""
    for index in np.ndindex(layout.size):
        left, top = layout.place(index)
        cell = layout.cells[index]
        draw_cell(ax, x + left, y + top - 1, colour or layout.colour(cell), layout.values[cell], size=size)


def _arrow(ax: Axes, start, end, colour, lw: float = 1.6, **options) -> None:
    style = "-|>,head_length=4,head_width=2.2"
    ax.add_patch(FancyArrowPatch(start, end, color=colour, lw=lw, arrowstyle=style, shrinkA=0, shrinkB=0, **options))


def draw_axes(ax: Axes, layout: Layout, x: float, y: float, size: float) -> None:
    """Draw beside the grid one arrow for each dimension with a step in it, and how far in the storage a step goes."""
    dims = len(layout.size)
    width, height = layout.extent
    label = {"fontsize": size, "weight": "bold"}
    for dim, (count, step) in enumerate(zip(layout.size, layout.stride, strict=True)):
        colour, kind = DIMS[dim], dims - dim
        if count == 1:
            continue
        if kind == 1:  # columns
            _arrow(ax, (x, y + 0.22), (x + count, y + 0.22), colour)
            ax.text(x + count / 2, y + 0.34, f"+{step}", ha="center", va="bottom", color=colour, **label)
        elif kind == 2:  # rows
            _arrow(ax, (x - 0.22, y), (x - 0.22, y - count), colour)
            ax.text(x - 0.36, y - count / 2, f"+{step}", ha="right", va="center", color=colour, **label)
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
        parts.append((",)   " if len(numbers) == 1 else ")   ", GREY, "normal"))
    return [*parts, (f"offset {layout.offset}", GREY, "normal")]


def _sum(layout: Layout, index: tuple[int, ...]) -> list[tuple]:
    """Return the sum that leads to the element's cell as the parts of a line."""
    parts = [(f"{list(index)}  →  {layout.offset}", INK, "normal")]
    for dim, (steps, stride) in enumerate(zip(index, layout.stride, strict=True)):
        parts += [(" + ", INK, "normal"), (f"{steps}·{stride}", DIMS[dim], "bold")]
    return [*parts, (f" = {layout.cells[index]}", INK, "bold")]


def _depth(stride: int, steps: int) -> float:
    """Return how far below the strip the jumps along one dimension hang."""
    return 0.8 + 0.18 * min(stride, 8) if stride else 0.6 + 0.2 * steps


def _arc(ax: Axes, start: float, end: float, y: float, depth: float, colour) -> None:
    """Draw a jump below the strip from x = `start` to x = `end`."""
    middle = (start + end) / 2, y
    ax.add_patch(Arc(middle, abs(end - start), 2 * depth, theta1=180, theta2=360, color=colour, lw=1.8))
    _arrow(ax, (end - 0.03, y - 0.16), (end, y + 0.04), colour, lw=0)


def _draw_hops(ax: Axes, x: float, y: float, stride: int, steps: int, colour, size: float, side: int) -> None:
    """Draw the jumps along one dimension from x to the right; those of 0 as loops on one side of x, −1 or 1."""
    label = {"va": "top", "color": colour, "fontsize": size, "weight": "bold"}
    if stride:
        depth = _depth(stride, steps)
        for start in x + stride * np.arange(steps):
            _arc(ax, start, start + stride, y, depth, colour)
            ax.text(start + stride / 2, y - depth - 0.06, f"+{stride}", ha="center", **label)
        return
    for turn in range(1, steps + 1):
        _arc(ax, x + side * (0.3 + 0.12 * turn), x, y, _depth(0, turn), colour)
    text = "+0" if steps == 1 else f"{steps} × +0"
    ax.text(x + 0.05 * side, y - _depth(0, steps) - 0.06, text, ha="right" if side < 0 else "left", **label)


def outline(ax: Axes, x: float, y: float, colour, *, lw: float) -> None:
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
    hops = [(stride, steps) for stride, steps in zip(layout.stride, index or (), strict=False) if steps]
    below = 0.5 if index is None else 2.0 + max((_depth(*hop) for hop in hops), default=0.5)
    side = 1.1 if any(stride == 0 for stride, _ in hops) else 0.3  # loops and their labels need room
    scale = min(0.5, 10.4 / (total + 2 * side))
    size = max(9, 22 * scale)
    ax = plt.subplots(figsize=((total + 2 * side) * scale, (head + below + 0.8) * scale), layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    line_of(ax, 0, head, caption(layout, title), size + 1)
    draw_grid(ax, layout, left, top, size=size)
    draw_axes(ax, layout, left, top, size)
    draw_strip(ax, layout, (total - cells) / 2, 0, size=size)
    if index is not None:
        _draw_path(ax, layout, tuple(index), (left, top), (total - cells) / 2, size)
        line_of(ax, (total + cells) / 2, 0.25 - below, _sum(layout, tuple(index)), size + 1, align=1)
    ax.set(xlim=(-side, total + side), ylim=(-below, head + 0.8), aspect="equal")
    ax.axis("off")
    return ax


def _draw_path(ax: Axes, layout: Layout, index: tuple[int, ...], corner, strip: float, size: float) -> None:
    """Draw the hops to an element below the strip, the same steps in the grid, and the thread between both ends."""
    left, top = corner
    at, cell, side = [0] * len(index), layout.offset, -1
    for dim, (steps, stride) in enumerate(zip(index, layout.stride, strict=True)):
        if not steps:
            continue
        _draw_hops(ax, strip + cell + 0.5, -0.48, stride, steps, DIMS[dim], size, side)
        cell, side = cell + steps * stride, 1  # from now on there are hops on the left
        for at[dim] in range(1, steps + 1):
            x, y = layout.place(tuple(at))
            outline(ax, left + x, top + y - 1, DIMS[dim], lw=2.2)
    x, y = layout.place(index)
    outline(ax, left + x, top + y - 1, INK, lw=2.8)
    outline(ax, strip + cell, 0, INK, lw=2.8)
    start, end = (left + x + 0.5, top + y - 0.9), (strip + cell + 0.5, 1.08)
    bend = 0.12 if end[0] > start[0] else -0.12
    _arrow(ax, start, end, INK, lw=1.8, connectionstyle=f"arc3,rad={bend}", zorder=0.5)  # it passes behind the cells
