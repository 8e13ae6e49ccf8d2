"""What shares memory and what does not, and what it costs to walk through it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.layout import Layout
from helpers.plots.storage import draw_cell, draw_grid, outline
from helpers.style import BLUE, GREY, INK, ORANGE, PALE, RED


def draw_atlas(entries, *, columns: int = 5) -> Figure:
    """Draw a small picture for each operation: the source after 99 was written into the result.

    entries   (code, values of the source as rows and columns, what the result is: "view", "copy" or "x itself")
    """
    entries = list(entries)
    rows = -(-len(entries) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(2.15 * columns, 1.75 * rows + 0.4), layout="none", squeeze=False
    )
    figure.subplots_adjust(0.01, 0.01, 0.99, 1 - 0.4 / figure.get_figheight(), 0.08, 0.05)
    title = "x, after 99 was written into the first element of the result of …"
    figure.text(0.015, 1 - 0.1 / figure.get_figheight(), title, fontsize=12, weight="bold", va="top")
    for ax in axes.flat:
        ax.axis("off")
    for ax, (code, values, word) in zip(axes.flat, entries, strict=False):
        height, width = len(values), len(values[0])
        for (row, column), value in np.ndenumerate(values):
            reached = value == 99
            draw_cell(ax, column, height - 1 - row, ORANGE if reached else PALE, f"{value:g}", size=9)
        ax.text(0.05, height + 0.95, code, fontsize=9, weight="bold", family="monospace")
        ax.text(0.05, height + 0.2, word, fontsize=9.5, color=GREY if word == "copy" else ORANGE, weight="bold")
        ax.set(xlim=(-0.1, max(width, 5.6)), ylim=(-0.3, height + 1.8), aspect="equal")
    return figure


def draw_write(source, result, code: str) -> Axes:
    """Draw `result = code`, made from `source`, after 99 was written into its first element.

    On the left `source` as it is then, named x. Elements of the result that lie in its storage have the colours of its
    cells; those of a copy are grey.
    """
    shared = source.untyped_storage().data_ptr() == result.untyped_storage().data_ptr()
    layouts = [Layout.of(source), Layout.of(result)]
    (width, height), (other_width, other_height) = layouts[0].extent, layouts[1].extent
    start, tall = width + 4.2, max(height, other_height)
    total = max(start + other_width, 14)
    scale = min(0.5, 10 / total)
    ax = plt.subplots(figsize=((total + 0.6) * scale, (tall + 3.4) * scale), layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    size = 22 * scale
    tops = [(tall + height) / 2, (tall + other_height) / 2]
    draw_grid(ax, layouts[0], 0, tops[0], size=size)
    draw_grid(ax, layouts[1], start, tops[1], size=size, colour=None if shared else PALE)
    for layout, x, top in ((layouts[0], 0, tops[0]), (layouts[1], start, tops[1])):
        for index in np.ndindex(layout.size):
            if layout.values[layout.cells[index]] == "99":
                left, upper = layout.place(index)
                outline(ax, x + left, top + upper - 1, RED, lw=2.8)
    middle = {"ha": "center", "va": "center", "fontsize": size}
    ax.text(
        (width + start) / 2, tall / 2, "the same\nstorage" if shared else "a storage\nof its own", color=GREY, **middle
    )
    for x, name in ((0, "x"), (start, code)):
        ax.text(x, tall + 2, name, fontsize=size + 2, weight="bold", family="monospace", va="center")
    word = "x itself" if result is source else "a view: 99 is in x, too" if shared else "a copy: x stays as it was"
    colour = ORANGE if shared else GREY
    ax.text(start, tall + 1, word, fontsize=size + 1, weight="bold", color=colour, va="center")
    ax.set(xlim=(-0.3, total + 0.3), ylim=(-0.5, tall + 2.9), aspect="equal")
    ax.axis("off")
    return ax


def draw_cost(steps, nanoseconds, *, line: int) -> Axes:
    """Draw the time per element against the step between elements; `line` elements share one line of the cache."""
    ax = plt.subplots(figsize=(8, 3.2))[1]
    ax.axvspan(min(steps) / 1.2, line / 1.2, color=PALE, zorder=0)  # at `line` each has a line of its own
    ax.plot(steps, nanoseconds, "o-", color=BLUE)
    ax.set(xscale="log", ylim=(0, None), xlim=(min(steps) / 1.2, max(steps) * 1.2))
    ax.set(xlabel="stride (elements)", ylabel="nanoseconds per element", xticks=list(steps))
    ax.set_xticklabels(steps)
    ax.minorticks_off()
    ax.text(
        min(steps),
        0.9,
        "several elements in each line of the cache",
        transform=ax.get_xaxis_transform(),
        fontsize=9,
        color=INK,
    )
    ax.grid(True, axis="y")
    return ax


def draw_layout(picture, channels, title: str) -> Figure:
    """Draw a picture (H×W×C), what a network is given (C×H×W) shown as a picture, and its channels one by one."""
    picture, channels = np.asarray(picture), np.asarray(channels)
    shown = [picture, channels.transpose(1, 2, 0), *channels]
    names = ["H × W × C", title, "channel 0", "channel 1", "channel 2"]
    # in pixels: each takes as many as it has times a whole number, else stripes appear that are not there
    scale, gap, dpi = max(1, 192 // max(picture.shape[:2])), 14, plt.rcParams["figure.dpi"]
    wide, tall = (sum(scale * image.shape[1] + gap for image in shown), scale * max(len(i) for i in shown) + 40)
    figure, left = plt.figure(figsize=(wide / dpi, tall / dpi), layout="none"), gap / 2
    for image, name in zip(shown, names, strict=True):
        height, width = (scale * count for count in image.shape[:2])
        ax = figure.add_axes((left / wide, (tall - 30 - height) / tall, width / wide, height / tall))
        left += width + gap
        ax.imshow(image, cmap="gray", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=10.5)
        ax.spines[:].set_visible(False)
    return figure
