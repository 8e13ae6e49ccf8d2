"""Tensors woven into their storage: a ribbon from each element, in reading order, to its cell."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path

from helpers.plots.layout import Layout
from helpers.plots.storage import caption, draw_axes, draw_grid, draw_strip, line_of
from helpers.strides import trailing_products
from helpers.style import GREEN, GREY, INK, RED


def draw_weave(ax: Axes, layout: Layout, x: float, y: float, *, size: float) -> None:
    """Draw the storage at (x, y), above it the elements in reading order, and a ribbon from each to its cell."""
    order = layout.cells.ravel()
    width = min(1, len(layout.values) / max(1, len(order)))
    left = x + (len(layout.values) - width * len(order)) / 2
    upper, lower = y + 3.4, y + 0.95
    for i, cell in enumerate(order):
        colour, start, end = layout.colour(cell), left + i * width, x + cell
        ax.add_patch(
            _ribbon((start + 0.05 * width, start + 0.95 * width), upper, (end + 0.05, end + 0.95), lower, colour)
        )
        ax.add_patch(Rectangle((start + 0.04 * width, upper), 0.92 * width, 0.32, fc=colour, ec="none"))
    draw_strip(ax, layout, x, y, size=size, numbers=False)


def _ribbon(top, upper: float, bottom, lower: float, colour) -> PathPatch:
    """Return a band from the interval `top` at height `upper` to the interval `bottom` at height `lower`."""
    middle = (upper + lower) / 2
    (a, b), (c, d) = top, bottom
    points = [(a, upper), (a, middle), (c, middle), (c, lower), (d, lower), (d, middle), (b, middle), (b, upper)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    return PathPatch(Path(points, codes), fc=(*colour[:3], 0.42), ec="white", lw=0.5)


def draw_views(views: dict[str, object], *, title: str = "", columns: int = 3) -> Figure:
    """Draw tensors with small storages, each as a grid and, below it, as ribbons from reading order to storage.

    views   the code, as the title → the tensor
    """
    layouts = {code: Layout.of(tensor) for code, tensor in views.items()}
    rows = -(-len(layouts) // columns)
    space, room = 0.6 if title else 0, 6.2  # room for a grid and its arrows, in cells
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.9 * columns, 3.85 * rows + space), layout="none", squeeze=False
    )
    figure.subplots_adjust(0.01, 0.005, 0.995, 1 - space / figure.get_figheight(), 0.04, 0.02)
    figure.text(0.015, 1 - 0.16 / figure.get_figheight(), title, fontsize=18, weight="bold", va="top")
    for ax in axes.flat:
        ax.axis("off")
    for text, y in (("in reading order", 3.85), ("storage", -0.55)):
        axes[0, 0].text(0, y, text, fontsize=9, color=GREY)
    for ax, (code, layout) in zip(axes.flat, layouts.items(), strict=False):
        cells, (width, height) = len(layout.values), layout.extent
        arrows = 0.8 if len(layout.size) < 3 else 1.8
        left, top = (cells - width) / 2, 4.3 + (room + height - arrows) / 2
        draw_weave(ax, layout, 0, 0, size=10)
        draw_grid(ax, layout, left, top, size=10)
        draw_axes(ax, layout, left, top, 9.5)
        ax.text(0, 12.1, code, fontsize=10.5, weight="bold", family="monospace", va="bottom")
        line_of(ax, 0, 11.25, caption(layout, ""), 9.5)
        ax.set(xlim=(-0.1, cells + 0.9), ylim=(-0.9, 13.0), aspect="equal")
    return figure


def draw_verdict(tensor, new, groups: list[int], *, title: str = "") -> Axes:
    """Draw whether the shape `new` fits over a tensor without a copy, as bars over its elements in reading order.

    groups   how many elements in a row the tensor takes with even steps: each needs groups of its length in `new`
    """
    layout = Layout.of(tensor)
    cells, count = len(layout.values), layout.cells.size
    offered = sorted(trailing_products(new))
    missing = [length for length in groups if length not in offered]
    left, width = 6.2, min(1, cells / max(1, count))
    start = left + (cells - width * count) / 2
    rows = [(f"the tensor's groups of {n}", n, RED if n in missing else GREEN) for n in groups]
    rows += [(f"the new shape's groups of {n}", n, GREEN if n in groups else GREY) for n in offered]
    scale = min(0.5, 10.4 / (left + cells))
    head, size = 4.3 + 0.7 * len(rows), max(9, 22 * scale)
    ax = plt.subplots(figsize=((left + cells + 0.6) * scale, (head + 2.6) * scale), layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    draw_weave(ax, layout, left, 0, size=size)
    for i, (label, length, colour) in enumerate(rows):
        y = 4.1 + 0.7 * i
        ax.text(
            left - 0.4, y + 0.18, label, ha="right", va="center", fontsize=9 if size < 10 else 0.9 * size, color=colour
        )
        for first in range(0, count, length):
            box = (start + first * width + 0.06, y), length * width - 0.12, 0.36
            ax.add_patch(FancyBboxPatch(*box, boxstyle="round,pad=0,rounding_size=0.12", fc=colour, ec="none"))
    why = "possible without a copy"
    if missing:
        why = f"impossible: the new shape has no groups of {missing[0]}"
    line_of(ax, 0, head + 1.5, caption(layout, title), size + 1)
    shape = ", ".join(map(str, new))
    line_of(
        ax, 0, head + 0.5, [(f".view({shape})    ", INK, "bold"), (why, RED if missing else GREEN, "bold")], size + 1
    )
    for text, y in (("in reading order", 3.56), ("storage", 0.5)):
        ax.text(left - 0.4, y, text, ha="right", va="center", fontsize=9 if size < 10 else 0.9 * size, color=GREY)
    ax.set(xlim=(-0.3, left + cells + 0.3), ylim=(-0.2, head + 2.4), aspect="equal")
    ax.axis("off")
    return ax
