"""Parameter groups: learning rates over time, and two weights walking downhill at rates of their own."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.style import BLUE, COLOURS, GREEN, GREY, INK, ORANGE, PALE, RED


def draw_schedules(rates, names: list[str]) -> Figure:
    """Draw the learning rates (steps, groups) of named groups, one axes each, with a scale of its own."""
    figure, axes = plt.subplots(1, len(names), figsize=(9.5, 3), squeeze=False)
    for ax, values, name, colour in zip(axes[0], np.transpose(rates), names, cycle(COLOURS)):
        ax.plot(values, color=colour)
        ax.set(xlabel="step", title=name)
        ax.grid(True)
    axes[0, 0].set_ylabel("learning rate")
    return figure


def draw_path(path, curvature: tuple[float, float], title: str = "") -> Axes:
    """Draw the path (n, 2) of two weights over the contours of the bowl ½(a·u² + b·v²), whose minimum is at (0, 0).

    What leaves the picture is cut off at its border.
    """
    ax = plt.subplots(figsize=(6.4, 4.6))[1]
    path = np.asarray(path)
    limit = 1.3 * np.abs(path[0]).max()
    across = np.linspace(-limit, limit, 200)
    u, v = np.meshgrid(across, across)
    loss = (curvature[0] * u**2 + curvature[1] * v**2) / 2
    ax.contour(u, v, loss, levels=np.geomspace(1e-3, 1, 12) * loss.max(), colors=GREY, linewidths=0.7, alpha=0.7)
    inside = (np.abs(path) < limit).all(axis=1)  # False for what is no number
    end = len(path) if inside.all() else int(np.argmin(inside)) + 1
    ax.plot(*path[:end].T, "o-", color=BLUE, ms=4, lw=1.2)
    ax.plot(*path[0], "o", color=ORANGE, ms=9)
    ax.plot(0, 0, "*", color=GREEN, ms=16)
    away = np.linalg.norm(path, axis=1)
    if not inside.all():
        verdict, colour = f"gone in step {end - 1}", RED
    elif away[-1] < 0.1:
        verdict, colour = f"there in step {np.flatnonzero(away >= 0.1)[-1] + 1}", GREEN  # and it stays
    else:
        verdict, colour = f"still {away[-1]:.2f} away after {len(path) - 1} steps", INK
    ax.text(0.98, 0.97, verdict, transform=ax.transAxes, ha="right", va="top", color=colour, weight="bold",
            bbox={"fc": "white", "ec": PALE, "pad": 4})  # fmt: skip
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel="u, in the first group", title=title)
    ax.set_ylabel("v, in the second group")
    return ax
