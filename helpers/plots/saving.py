"""What is kept of a model, what a mode does to its answers, and what is on the disk."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.style import BLUE, GREEN, GREY, RED


def draw_best(losses, found: dict[str, float], ylabel: str = "loss") -> Axes:
    """Draw a loss by epoch (from 1), its lowest point, and as a line the loss of each that was kept: name → loss."""
    ax = plt.subplots(figsize=(9, 3.4))[1]
    ax.plot(range(1, len(losses) + 1), losses, color=GREY, lw=1.8)
    epoch = int(np.argmin(losses))
    ax.plot(epoch + 1, losses[epoch], "o", ms=9, color=GREEN)
    places = {}
    for name, loss in found.items():
        places.setdefault(round(loss, 6), []).append(name)
    top = 1.1 * max(*losses, *places)
    close = max(places) - min(places) < 0.15 * top
    for loss, names in places.items():
        colour = GREEN if np.isclose(loss, losses[epoch], rtol=1e-3) else RED
        ax.axhline(loss, color=colour, ls="--", lw=1)
        where = "center" if not close else "bottom" if loss == max(places) else "top"  # none hides another
        ax.text(len(losses) * 1.02, loss, "\n".join(names), color=colour, va=where, family="monospace", fontsize=10)
    ax.set(xlabel="epoch", ylabel=ylabel, xlim=(0, len(losses)), ylim=(0, top))
    return ax


def draw_repeats(rows: dict[str, np.ndarray]) -> Figure:
    """Draw the answers of models that were asked the same several times: title → (times, examples), one axes each."""
    figure, axes = plt.subplots(1, len(rows), figsize=(9.5, 3), sharey=True, squeeze=False)
    for ax, (title, answers) in zip(axes[0], rows.items(), strict=True):
        times, examples = answers.shape
        places = np.arange(examples) + np.linspace(-0.25, 0.25, times)[:, None]
        ax.plot(places, answers, ".", color=BLUE, ms=5, alpha=0.7)
        ax.set(title=title, xlabel="example", xticks=range(examples))
        ax.grid(True, axis="y")
    axes[0, 0].set_ylabel("answer")
    return figure


def draw_disk(folders: dict[str, list[tuple[str, int, str]]]) -> Axes:
    """Draw the files of some folders as bars as long as the files: title → (name, bytes, "whole" or what is wrong)."""
    rows = [(title if i == 0 else "", *file) for title, files in folders.items() for i, file in enumerate(files)]
    longest = max(size for *_, size, _ in rows)
    ax = plt.subplots(figsize=(9, 0.6 + 0.5 * len(rows)))[1]
    for y, (title, name, size, state) in enumerate(rows):
        if title and y:
            ax.axhline(y - 0.5, color=GREY, lw=0.8)
        colour = GREEN if state.startswith("whole") else RED
        ax.add_patch(Rectangle((0, y - 0.3), size, 0.6, fc=colour, lw=0))
        ax.text(-0.42 * longest, y, title, ha="right", va="center", weight="bold")
        ax.text(-0.02 * longest, y, name, ha="right", va="center", family="monospace", fontsize=10)
        ax.text(1.02 * longest, y, f"{size / 1000:,.0f} kB, {state}", ha="left", va="center", color=colour, fontsize=10)
    ax.set(xlim=(-0.9 * longest, 1.9 * longest), ylim=(len(rows) - 0.5, -0.5), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax
