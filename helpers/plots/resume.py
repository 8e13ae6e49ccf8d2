"""A training that was interrupted and resumed, beside one that was not."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from helpers.style import BLUE, GREEN, GREY, INK, PALE, RED


def first_difference(straight, resumed, start: int) -> int | None:
    """Return the first step from `start` on at which two lists of losses differ, in whatever bit; None where equal.

    `resumed` begins at step `start`, and may still be shorter than `straight`.
    """
    pairs = zip(straight[start:], resumed, strict=False)
    return next((step for step, (a, b) in enumerate(pairs, start) if a != b), None)


def draw_resumed(straight, resumed, start: int, ax: Axes | None = None, title: str = "", ylabel: str = "loss") -> Axes:
    """Draw the losses of a training, or what `ylabel` says, and over them those of one resumed before step `start`.

    The first step at which they differ is ringed. `ax` is cleared first, so that a live plot may call this again.
    """
    ax = ax or plt.subplots(figsize=(9, 3.4))[1]
    ax.clear()
    ax.plot(straight, color=BLUE, lw=7, alpha=0.3, label="straight through", solid_capstyle="round")
    ax.plot(range(start, start + len(resumed)), resumed, "o-", color=INK, lw=1.5, ms=4, label="resumed")
    ax.axvline(start - 0.5, color=GREY, ls="--", lw=1)
    count = max(len(straight), start + len(resumed))
    place = start - 0.5 - 0.012 * count, 0.97  # beside the line
    ax.text(*place, "saved here", color=GREY, ha="right", va="top", transform=ax.get_xaxis_transform())
    top = 1.25 * min(2 * np.nanmax(straight), np.nanmax([*straight, *resumed]))
    inside = [loss <= top for loss in resumed]  # False for what is no number
    step = first_difference(straight, resumed, start)
    if step is not None:
        ax.plot(step, resumed[step - start], "o", ms=15, mfc="none", mec=RED, mew=2.5)
        verdict, colour = f"differs from step {step} on", RED
        if not all(inside):
            verdict += f",\noff the scale from step {start + inside.index(False)} on"
    else:
        verdict, colour = ("equal to the last bit", GREEN) if len(resumed) else ("", INK)
    ax.text(0.99, 0.97, verdict, color=colour, ha="right", va="top", weight="bold", transform=ax.transAxes)
    title = textwrap.fill(title, 52)  # beside the legend
    ax.set(xlabel="step", ylabel=ylabel, title=title, ylim=(0, top))
    ax.set_xlim(-0.5, count - 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), borderpad=0, ncols=2)
    return ax


def draw_differences(straight, resumed: dict[str, list[float]], start: int) -> Axes:
    """Draw how far each of several resumed trainings is from the straight one, step by step.

    resumed   title → losses from step `start` on; one row each. Grey is equal to the last bit; what is no number
              counts as far away.
    """
    ax = plt.subplots(figsize=(9, 0.9 + 0.42 * len(resumed)))[1]
    gaps = np.array([np.abs(np.subtract(losses, straight[start:])) for losses in resumed.values()])
    extent = (start - 0.5, len(straight) - 0.5, len(resumed) - 0.5, -0.5)
    gaps = np.ma.masked_equal(np.nan_to_num(gaps, nan=1).clip(max=1), 0)  # 1 is where the scale ends
    shown = ax.imshow(gaps, extent=extent, aspect="auto", cmap="YlOrRd", norm=LogNorm(1e-4, 1, clip=True))
    ax.set_facecolor(PALE)
    for row, losses in enumerate(resumed.values()):
        step = first_difference(straight, losses, start)
        if step is None:
            ax.text((start + len(straight) - 1) / 2, row, "equal", ha="center", va="center", color=GREEN, weight="bold")
        else:
            ax.add_patch(Rectangle((step - 0.48, row - 0.46), 0.96, 0.92, fill=False, ec=INK, lw=1.6))
    ax.set(yticks=range(len(resumed)), xlabel="step", title="Grey: equal to the last bit")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_yticklabels(resumed)
    ax.hlines(np.arange(len(resumed) - 1) + 0.5, *extent[:2], color="white", lw=2)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(shown, label="difference of the loss", extend="both")
    return ax
