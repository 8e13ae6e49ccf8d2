"""The training of a net whose depth is drawn at each step."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.style import BLUE, GOLD, GREEN, GREY, INK, ORANGE, PALE, PURPLE, RED, plain_log_axis

DEPTH_COLOURS = [BLUE, GREEN, ORANGE, RED, PURPLE, GREY]  # of k = 0, 1, 2 …
OTHER_COLOURS = [PURPLE, GOLD, INK]  # of what is no depth, beside pictures of the four depths of training


def _decade(value: float, _) -> str:
    """Return a power of ten in as little room as that of 1000, which is what a live plot has at its left."""
    return f"{value:g}" if 0.01 <= value <= 1000 else f"$10^{{{np.log10(value):.0f}}}$"


def losses_by_depth(steps: int) -> tuple[Figure, list, object]:
    """Return what a `Live` needs to show `loss` against step, coloured by `depth`, and how often each depth came.

    The figure, the artists that move in it, and the function that moves them to what the `Live` has recorded.
    """
    figure, (losses, counts) = plt.subplots(1, 2, figsize=(9.5, 3.6), width_ratios=[3, 1])
    losses.set(title="loss", xlabel="step", xlim=(-0.02 * steps, 1.02 * steps), ylim=(0.1, 1000))
    plain_log_axis(losses, subs=(1,))
    losses.yaxis.set_major_formatter(_decade)
    losses.grid(True)
    counts.set(title="depths drawn", xlabel="k", xticks=range(4), ylim=(0, steps * 0.34 + 1))
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    dots = [losses.plot([], [], "o", ms=3.5, color=DEPTH_COLOURS[k], label=f"k = {k}")[0] for k in range(4)]
    losses.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderpad=0,
        handletextpad=0,
        columnspacing=1,
        ncols=4,
        markerscale=1.5,
    )
    bars = counts.bar(range(4), [0] * 4, color=DEPTH_COLOURS, width=0.75)

    def refresh(live) -> None:
        at, loss = map(np.asarray, live.series("loss"))
        depth = np.asarray(live.series("depth")[1])
        for k in range(4):
            dots[k].set_data(at[depth == k], loss[depth == k])
            bars[k].set_height((depth == k).sum())
        counts.set_ylim(0, max(steps * 0.34 + 1, 1.1 * max(bar.get_height() for bar in bars)))
        finite = loss[np.isfinite(loss) & (loss > 0)]
        if len(finite):  # whole decades, so that the axes seldom change
            low, high = 10 ** np.floor(np.log10(finite.min())), 10 ** np.ceil(np.log10(finite.max()))
            losses.set_ylim(min(0.1, low), max(1000, high))

    return figure, [*dots, *bars], refresh


def draw_settings(runs: dict[str, np.ndarray]) -> Axes:
    """Draw the losses of several settings, name → (seeds, steps): a thin line for each seed, a thick one for all.

    Each is a running median, of 25 steps or of a quarter of them all, drawn at the last of its steps.
    """
    ax = plt.subplots(figsize=(8.5, 3.6))[1]
    steps = min(losses.shape[1] for losses in runs.values())
    width = min(25, max(1, steps // 4))
    at = np.arange(width - 1, steps)
    marker = "o" if len(at) == 1 else ""  # a line of one point is none
    for (name, losses), colour in zip(runs.items(), cycle(OTHER_COLOURS)):
        curves = np.median(np.lib.stride_tricks.sliding_window_view(losses, width, axis=1), axis=-1)
        ax.plot(at, curves.T, marker=marker, color=colour, lw=0.8, alpha=0.45)
        ax.plot(at, np.median(curves, axis=0), marker=marker, color=colour, lw=2.5, label=name)
    ax.set(xlabel="step", title=f"loss, running median of {width} steps")
    plain_log_axis(ax, subs=(1,))
    ax.grid(True)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def draw_coasting(depths: list[int], moves: dict[str, list[float]]) -> Axes:
    """Draw how far the middle weight moves in each step; steps of depth 0 stand on a grey ground.

    moves   name → the distance of each step, of two ways to train
    """
    ax = plt.subplots(figsize=(9, 3.4))[1]
    steps = range(len(depths))
    for step in steps:
        if depths[step] == 0:
            ax.axvspan(step - 0.5, step + 0.5, color=PALE, lw=0)
    looks = zip(OTHER_COLOURS, "os", (3.5, 1.8), strict=False)
    for (name, distances), (colour, marker, width) in zip(moves.items(), looks, strict=True):
        ax.plot(steps, distances, marker + "-", color=colour, ms=6, lw=width, label=name, clip_on=False)
    ax.set(xticks=steps, xlabel="depth k of each step", title="how far the middle weight moves")
    ax.set_xticklabels([str(depth) for depth in depths])
    ax.set(xlim=(-0.5, len(depths) - 0.5), ylim=(0, None))
    ax.legend()
    return ax


def draw_loss_by_depth(steps: list[int], losses: np.ndarray, step: int, trained: int = 4) -> Figure:
    """Draw the loss at each depth over training, and as dots at `step`.

    losses    (len(steps), depths); trained   depths from this one on were never drawn in training
    """
    losses = np.asarray(losses)
    losses = np.where(np.isfinite(losses), losses, np.nan)
    row = list(steps).index(step)
    figure, (over, now) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=[1.6, 1], sharey=True)
    for k, column in enumerate(losses.T):
        style = "-" if k < trained else "--"
        over.plot(steps, column, style, color=DEPTH_COLOURS[k], lw=1.8, label=f"k = {k}")
        over.plot([step], column[row], "o", color=DEPTH_COLOURS[k], ms=6)
    over.axvline(step, color=INK, lw=1, zorder=0)
    over.set(xlabel="step", title="loss at each depth")
    plain_log_axis(over, subs=(1,))
    over.grid(True)
    over.legend(loc="upper right", ncols=3)
    bottom = np.nanmin(losses) / 2
    for k, loss in enumerate(losses[row]):
        if np.isnan(loss):
            now.text(k, bottom * 1.15, "no\nnumber", ha="center", va="bottom", fontsize=9, color=RED)
        else:
            now.plot(
                k, loss, "o", color=DEPTH_COLOURS[k], ms=10, mfc=DEPTH_COLOURS[k] if k < trained else "white", mew=2
            )
            now.text(k, loss * 1.35, f"{loss:.3g}", ha="center", va="bottom", fontsize=9)
    now.set(xticks=range(losses.shape[1]), title=f"at step {step}")
    now.set(xlim=(-0.6, losses.shape[1] - 0.4), ylim=(bottom, np.nanmax(losses) * 3))
    names = [f"k = {k}" + ("" if k < trained else "\nnever\ndrawn") for k in range(losses.shape[1])]
    now.set_xticklabels(names, fontsize=9.5)
    now.tick_params(axis="x", length=0)
    now.grid(True, axis="y")
    return figure


def draw_events(scalars: dict, histograms: list) -> Figure:
    """Draw what was read back from an event file: the loss, the depths, and a weight's histograms over time.

    scalars      "loss" and "depth" → (steps, values)
    histograms   (step, right ends of the bins, counts) of each; drawn are densities, as the bins of two need not be
                 equally wide, and the first of a file holds nothing
    """
    figure, (losses, depths, weights) = plt.subplots(1, 3, figsize=(10.5, 3.6), width_ratios=[1.5, 1, 1.5])
    losses.plot(*scalars["loss"], color=INK, lw=1.2)
    losses.set(xlabel="step", title="loss, read back")
    plain_log_axis(losses, subs=(1,))
    losses.grid(True)
    values, counts = np.unique(scalars["depth"][1], return_counts=True)
    depths.bar(values, counts, color=[DEPTH_COLOURS[int(k)] for k in values], width=0.75)
    depths.set(xticks=values, xlabel="k", title="depths drawn")
    densities = [np.asarray(counts)[1:] / np.diff(limits) / sum(counts) for _, limits, counts in histograms]
    tallest, left = max(map(max, densities)), min(limits[0] for _, limits, _ in histograms)
    for i, ((step, limits, _), density) in enumerate(zip(histograms, densities, strict=True)):  # the first at the back
        base = -0.3 * i
        shade = plt.get_cmap("viridis")(0.15 + 0.7 * i / len(histograms))
        heights = base + 1.5 * np.repeat(density, 2) / tallest
        weights.fill_between(np.repeat(limits, 2)[1:-1], base, heights, color=shade, ec="white", lw=0.8, zorder=i)
        weights.text(left, base, f"step {step} ", ha="right", fontsize=9.5, color=INK)
    weights.set(yticks=[], title="how the middle weight spreads", xlabel="value")
    weights.spines["left"].set_visible(False)
    return figure
