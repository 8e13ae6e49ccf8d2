"""What a transform and a data loader do with positions, orders and time."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from helpers.plots.faces import draw_face, draw_points
from helpers.style import BLUE, COLOURS, GREEN, GREY, INK, ORANGE, PALE, RED


def draw_half_pixel(before, after, guesses: dict[str, float]) -> Axes:
    """Draw a row of pixels before and after enlarging it, and where each of two `guesses` puts the bright one."""
    ax = plt.subplots(figsize=(9, 2.8))[1]
    before, after = np.asarray(before), np.asarray(after)
    scale = len(after) / len(before)
    for row, top, step in ((before, 1.45, scale), (after, 0, 1)):
        # both rows are drawn in the coordinates of the enlarged one; pixel i covers i − ½ … i + ½
        ax.imshow(row[None], extent=(-0.5, len(row) * step - 0.5, top, top + 1), cmap="gray", vmin=0, vmax=1)
        for i in range(len(row)):
            ax.add_patch(Rectangle((i * step - 0.5, top), step, 1, fill=False, ec=GREY, lw=0.5))
            ax.text((i + 0.5) * step - 0.5, top + 1.04, str(i), ha="center", va="bottom", fontsize=9, color=GREY)
    sides = ("right", "left")
    for (label, x), colour, side in zip(guesses.items(), (RED, BLUE), sides, strict=True):
        ax.plot([x, x], [-0.35, 1.0], color=colour, lw=2.5)
        ax.text(x, -0.42, f"{label} = {x:g}", color=colour, ha=side, va="top", fontsize=11, weight="bold")
    ax.set(xlim=(-1, len(after)), ylim=(-1, 2.75), aspect="auto", xticks=[], yticks=[1.95, 0.5])
    ax.set_yticklabels(["before", "after"])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def draw_crop_coverage(offsets, picture: tuple[int, int], crop: tuple[int, int], title: str = "") -> Figure:
    """Draw which crop positions were drawn, and how often each pixel was inside a crop.

    offsets   (n, 2) whole numbers (top, left); picture, crop   sizes (height, width)
    """
    (height, width), (rows, columns) = picture, crop
    tops, lefts = np.asarray(offsets).T
    counts = np.zeros((height - rows + 1, width - columns + 1))
    np.add.at(counts, (tops, lefts), 1)
    inside = np.zeros((height, width))
    for (top, left), count in np.ndenumerate(counts):
        inside[top : top + rows, left : left + columns] += count / len(tops)
    figure, (left_ax, right_ax) = plt.subplots(1, 2, figsize=(9, 4.0))
    left_ax.imshow(inside, cmap="viridis", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(inside):
        colour = "white" if share < 0.6 else "black"
        left_ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=9, color=colour)
        if share == 0:
            left_ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec=RED, lw=2))
    left_ax.set(title=f"{title}\nshare of crops with this pixel (%)", xlabel="column", ylabel="row")
    left_ax.set(xticks=range(width), yticks=range(height))
    hit, missed = np.argwhere(counts > 0), np.argwhere(counts == 0)
    right_ax.scatter(*hit[:, ::-1].T, s=130, color=BLUE, label="drawn")
    right_ax.scatter(*missed[:, ::-1].T, s=130, color="none", edgecolor=RED, lw=2, label="never drawn")
    right_ax.set(title=f"offsets: {len(hit)} of {counts.size}", xlabel="left", ylabel="top", aspect="equal")
    right_ax.set(xticks=range(counts.shape[1]), yticks=range(counts.shape[0]))
    right_ax.margins(0.2)
    right_ax.invert_yaxis()
    right_ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def draw_batches(rows: dict[str, list], size: int | None = None) -> Axes:
    """Draw batches of indices as boxes of coloured cells: one row for each title, one box for each batch.

    rows   title → list of batches, each a list of whole numbers
    size   how many colours there are; by default the largest index + 1
    """
    rows = {title: [[int(index) for index in batch] for batch in batches] for title, batches in rows.items()}
    indices = [index for batches in rows.values() for batch in batches for index in batch]
    size = size or 1 + max(indices, default=0)
    colour = plt.get_cmap("viridis", size)
    right = max(sum(len(batch) + 0.5 for batch in batches) for batches in rows.values())
    ax = plt.subplots(figsize=(min(10, 1.8 + 0.42 * right), 0.35 + 0.52 * len(rows)))[1]
    for y, batches in enumerate(rows.values()):
        x = 0
        for batch in batches:
            box = FancyBboxPatch(
                (x - 0.02, y - 0.42), len(batch) + 0.04, 0.84, boxstyle="round,pad=0.06", fc=PALE, ec=GREY, lw=1
            )
            ax.add_patch(box)
            for index in batch:
                ax.add_patch(Rectangle((x + 0.04, y - 0.36), 0.92, 0.72, color=colour(index)))
                shade = "white" if index < 0.6 * size else INK
                ax.text(x + 0.5, y, str(index), ha="center", va="center", color=shade, fontsize=10)
                x += 1
            x += 0.5
    ax.set(xlim=(-0.2, right), ylim=(len(rows) - 0.4, -0.6), xticks=[], yticks=range(len(rows)))
    ax.set_yticklabels(rows)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def draw_counts(rows: dict[str, dict[str, int]]) -> Axes:
    """Draw counts by class as bars, one colour for each title: title → class name → count."""
    ax = plt.subplots(figsize=(7, 3))[1]
    width = 0.8 / len(rows)
    names = list(next(iter(rows.values())))
    for i, (title, counts) in enumerate(rows.items()):
        places = np.arange(len(names)) + (i - (len(rows) - 1) / 2) * width
        bars = ax.bar(places, [counts[name] for name in names], width * 0.94, label=title, color=COLOURS[i])
        ax.bar_label(bars, fontsize=9, color=INK)
    ax.set_xticks(range(len(names)), names)
    ax.set_ylabel("pictures")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def draw_random_numbers(tables: dict[str, list]) -> Figure:
    """Draw tables of random whole numbers, title → rows; a number that comes again in its table is marked in orange.

    The rows of each table are (label, numbers); the labels stand at the first table, and are those of all.
    """
    height = 0.55 + 0.5 * max(map(len, tables.values()))
    figure, axes = plt.subplots(1, len(tables), figsize=(11, height), squeeze=False)
    for ax, (title, rows) in zip(axes.flat, tables.items(), strict=True):
        drawn = [int(number) for _, numbers in rows for number in numbers]
        for y, (_, numbers) in enumerate(rows):
            for x, number in enumerate(numbers):
                again = drawn.count(int(number)) > 1
                colour = ORANGE if again else PALE
                ax.add_patch(Rectangle((x + 0.03, y - 0.45), 0.94, 0.9, color=colour))
                shade = "white" if again else INK
                ax.text(x + 0.5, y, f"{int(number):,}", ha="center", va="center", fontsize=10, color=shade)
        ax.set(xlim=(0, len(rows[0][1])), ylim=(len(rows) - 0.5, -0.5), xticks=[])
        ax.set_yticks(range(len(rows)), [label for label, _ in rows])
        ax.label_outer()
        ax.set_title(title, fontsize=11)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
    return figure


def draw_timeline(events, main: int, ax: Axes | None = None, title: str = "", began: float | None = None) -> Axes:
    """Draw which process was busy when, one lane each.

    events   (process, start, end, what), in seconds; main   the process that trains, drawn first
    began    when the axis begins, by default with the first event
    """
    processes = [main, *dict.fromkeys(process for process, *_ in events if process != main)]
    names = ["main process", *(f"worker {i}" for i in range(len(processes) - 1))]
    colours = dict(zip(sorted({what for *_, what in events}), COLOURS, strict=False))
    began = min(start for _, start, _, _ in events) if began is None else began
    ax = ax or plt.subplots(figsize=(9, 0.9 + 0.45 * len(processes)))[1]
    for process, start, end, what in events:
        lane = processes.index(process)
        ax.barh(lane, end - start, left=start - began, height=0.7, color=colours[what], ec="white", lw=1)
    for what, colour in colours.items():
        ax.barh(0, 0, color=colour, label=what)
    ax.set(xlabel="seconds", title=title)  # no limits: where several share an axis, it grows with the longest
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    if ax.get_subplotspec().is_first_row():
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    ax.label_outer()
    return ax


def draw_channels(rows: dict[str, np.ndarray]) -> Figure:
    """Draw the histogram of each colour channel, one axes for each title: title → C×H×W or N×C×H×W values.

    Each channel has sixty bins from its least to its greatest value, so that shifting and scaling keep its shape.
    """
    figure, axes = plt.subplots(1, len(rows), figsize=(9, 2.8), squeeze=False)
    for ax, (title, values) in zip(axes.flat, rows.items(), strict=True):
        channels = np.moveaxis(np.asarray(values), -3, 0).reshape(3, -1)
        for channel, colour, name in zip(channels, (RED, GREEN, BLUE), ("red", "green", "blue"), strict=True):
            margin = np.ptp(channel) / 100 or 0.5
            bins = np.linspace(channel.min() - margin, channel.max() + margin, 61)  # a scaled channel scales its bins
            ax.hist(channel, bins=bins, histtype="step", lw=1.6, color=colour, label=name, density=True)
        ax.set(title=title, yticks=[], xlabel="value")
        ax.spines["left"].set_visible(False)
    axes[0, 0].set_ylabel("how often")
    ax.legend()
    return figure


def draw_image_grid(grid, landmarks, columns: int, padding: int = 2) -> Axes:
    """Draw what `torchvision.utils.make_grid` returned (3×H×W) and the landmarks (N, 68, 2) of its pictures."""
    _, height, width = grid.shape
    columns = min(columns, len(landmarks))
    rows = -(-len(landmarks) // columns)
    if len(landmarks) == 1:
        padding = 0  # make_grid leaves a single picture as it is
    cell = np.array([(width - padding) / columns, (height - padding) / rows])
    ax = plt.subplots(figsize=(10, 10 * height / width))[1]
    draw_face(grid, ax=ax)
    for i, points in enumerate(np.asarray(landmarks)):
        corner = np.array([i % columns, i // columns]) * cell + padding
        frame = Rectangle(corner - 0.5, *(cell - padding), transform=ax.transData)
        for line in draw_points(ax, points + corner, size=1.8):
            line.set_clip_path(frame)  # what lies outside its own picture would seem to belong to the next
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    return ax
