"""Puzzles: what an exercise wants, and beside it what the learner's function gives so far."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.layout import Layout
from helpers.plots.storage import caption, draw_grid, draw_strip, line_of
from helpers.plots.tables import draw_table
from helpers.strides import strided
from helpers.style import GREEN, GREY, INK, ORANGE, RED


def attempt(function, *arguments):
    """Return the function's answer and None; without an answer, None and a sentence that says why."""
    try:
        answer = function(*arguments)
    except Exception as error:
        words = str(error).splitlines() or [""]
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        return None, textwrap.shorten(kind + words[0], 100)
    return (None, "not started") if answer is None or answer is ... else (answer, None)


def _say(ax: Axes, sentence: str) -> None:
    """Write a sentence where a picture would stand."""
    colour = GREY if sentence == "not started" else RED
    ax.text(0.5, 0.5, sentence, ha="center", va="center", transform=ax.transAxes, color=colour, fontsize=11, wrap=True)
    ax.axis("off")


def draw_layout_puzzle(target, function, *arguments) -> Figure:
    """Draw the tensor `target`, and the one over its storage whose (size, stride, offset) the function returns.

    The target's numbers are written once the answer is right. One that leaves the storage is not read but explained.
    """
    wanted = Layout.of(target)
    layout, why = attempt(lambda: _layout_of_answer(target, function(*arguments)))
    solved = layout is not None and layout.cells.tolist() == wanted.cells.tolist()
    cells, (width, height) = len(wanted.values), wanted.extent
    other_width, other_height = layout.extent if layout else (0, 0)
    broad, tall = max(cells, width, other_width), max(height, other_height)
    scale = 5.4 / (broad + 1)
    figure, axes = plt.subplots(1, 2, figsize=(11, scale * (tall + 5.4)), layout="none")
    figure.subplots_adjust(0.005, 0, 0.995, 1, 0.03)
    size = max(9, 22 * scale)
    names = f"target for {', '.join(map(str, arguments))}", "yours"
    for ax, name, shown in zip(axes, names, (wanted, layout), strict=True):
        ax.set(xlim=(-0.2, broad + 0.8), ylim=(-0.4, tall + 5), aspect="equal")
        ax.axis("off")
        line_of(ax, 0, tall + 4.0, [(name, GREEN if solved else INK, "bold")], 12)
        if shown is None:
            _say(ax, why)
            continue
        if solved or shown is layout:
            line_of(ax, 0, tall + 2.9, caption(shown, ""), 10.5)
        draw_grid(ax, shown, (broad - shown.extent[0]) / 2, tall + 2.2, size=size)
        draw_strip(ax, shown, (broad - cells) / 2, 0, size=size, numbers=False)
    return figure


def _layout_of_answer(tensor, answer) -> Layout | None:
    return answer if answer is None or answer is ... else Layout.of(strided(tensor, *answer))


def draw_truth_puzzle(cases, target, function) -> Axes:
    """Draw what `target(*case)` says of every case (size, stride, new shape), and what the function says."""
    table = {}
    for case in cases:
        answer, _ = attempt(function, *case)
        yours = bool(answer) if answer is not None else "?"
        want = target(*case)
        size, stride, new = case
        table[f"size {size}, stride {stride}  →  {new}"] = {
            "target": want,
            "yours": yours,
            "": "" if yours in (want, "?") else "wrong",
        }
    return draw_table(table, width=1.1, label=5.0)


def draw_picture_puzzle(picture, target, function) -> Figure:
    """Draw a picture H×W×C, the target C×H×W seen as a picture, and what the function makes of the picture."""
    answer, why = attempt(lambda: _channels_of_answer(function(picture)))
    figure, axes = plt.subplots(1, 3, figsize=(10, 2.7))
    for ax, name, image in zip(
        axes, ("given, H × W × C", "target, C × H × W", "yours"), (picture, target, answer), strict=True
    ):
        ax.set_title(name, fontsize=11)
        if image is None:
            _say(ax, why)
            continue
        image = np.asarray(image)
        ax.imshow(image if name.startswith("given") else np.moveaxis(image, 0, -1))
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return figure


def _channels_of_answer(answer) -> np.ndarray | None:
    """Return the answer as an array of three channels; ValueError with what it is instead."""
    if answer is None or answer is ...:
        return answer
    channels = np.asarray(answer)
    if channels.ndim != 3 or len(channels) != 3:
        raise ValueError(f"shape {channels.shape}")
    return channels


def draw_gradient_puzzle(points, values, gradients, function, *arguments, inner=lambda x: x) -> Figure:
    """Draw the values and gradients that are wanted at the points, and those of `function(inner(x), *arguments)`."""

    def value_and_gradient():
        x = torch.tensor(points, dtype=torch.float32, requires_grad=True)
        y = function(inner(x), *arguments)
        if y is None or y is ...:
            return None
        y.sum().backward()
        if x.grad is None:
            raise ValueError("no gradient reaches x")
        return y.detach(), x.grad

    figure, axes = plt.subplots(1, 2, figsize=(9, 2.9))
    answer, why = attempt(value_and_gradient)
    for ax, name, target, yours in zip(
        axes, ("value", "gradient"), (values, gradients), answer or (None, None), strict=True
    ):
        ax.plot(points, target, color=GREEN, lw=9, alpha=0.35, label="target", solid_capstyle="round")
        if yours is not None:
            ax.plot(points, yours, color=ORANGE, label="yours")
        ax.set(xlabel="x", ylabel=name)
        ax.grid(True)
        ax.legend(loc="upper center")
    if why:
        colour = GREY if why == "not started" else RED
        axes[0].set_title(textwrap.fill(why, 80), fontsize=10, weight="normal", color=colour)
    return figure
