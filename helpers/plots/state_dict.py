"""The blocks of a state_dict, and how the names of a file meet those of a model."""

import math

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.style import COLOURS, GREEN, GREY, INK, PALE, PURPLE, RED

MATRIX, LINE, GAP = 400, 13, 9  # widths and heights in elements: the widest block, a line of text, between layers


def _block(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the width and the height of a block: outputs downwards, everything that one output reads to the right."""
    return math.prod(shape[1:]), shape[0] if shape else 1


def _layers(shapes: dict[str, tuple[int, ...]]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return layer → what it holds → shape: the layer is what stands before the last dot of a name."""
    layers = {}
    for name, shape in shapes.items():
        layer, _, part = name.rpartition(".")
        layers.setdefault(layer, {})[part] = shape
    return layers


def draw_state_dict(shapes: dict[str, tuple[int, ...]], ax: Axes | None = None) -> Axes:
    """Draw every tensor as a block with one unit of area for each element, one row and one colour for each layer.

    shapes   name → shape, in the order of the state_dict. A block is as high as the tensor has rows (its first
             dimension) and as wide as a row has elements, so that a bias is a thin upright line.
    """
    layers = _layers(shapes)
    total = sum(math.prod(shape) for shape in shapes.values())
    ax = ax or plt.subplots(figsize=(8.4, 4.4))[1]
    widest = max(sum(_block(shape)[0] + GAP for shape in parts.values()) for parts in layers.values())
    unit = max(1, widest / MATRIX)  # a model with larger blocks is drawn smaller
    y = 0
    for i, (layer, parts) in enumerate(layers.items()):
        x, height = 0, max(LINE * unit * 1.4, *(_block(shape)[1] for shape in parts.values()))
        for shape in parts.values():
            wide, high = _block(shape)
            box = Rectangle((x, y + (height - high) / 2), wide, high, fc=COLOURS[i % len(COLOURS)], lw=0)
            ax.add_patch(box)
            x += wide + GAP * unit
        ax.text(-10 * unit, y + height / 2, layer, ha="right", va="center", weight="bold")
        label = ", ".join(f"{part} {'×'.join(map(str, shape)) or 'number'}" for part, shape in parts.items())
        count = sum(math.prod(shape) for shape in parts.values())
        ax.text(x, y + height / 2, f"{label}   {count / total:.1%}", ha="left", va="center", fontsize=9.5, color=INK)
        y += height + GAP * unit
    # the title stands inside, and the blocks at the upper left, where they keep their place while a live plot grows
    title = f"{len(shapes)} tensors, {total:,} elements"
    ax.text(-55 * unit, -2 * LINE * unit, title, weight="bold", size=12, va="center")
    ax.set(xlim=(-60 * unit, 640 * unit), ylim=(y, -3 * LINE * unit), xticks=[], yticks=[], aspect="equal")
    ax.set_anchor("NW")
    ax.spines[:].set_visible(False)
    return ax


def match_names(model: dict[str, tuple], file: dict[str, tuple]) -> tuple[list[str], list[str], list[str]]:
    """Return the names that are in both, in the model only (missing), and in the file only (unexpected)."""
    both = [name for name in model if name in file]
    return both, [name for name in model if name not in file], [name for name in file if name not in model]


def draw_name_match(model: list[str], file: list[str]) -> Axes:
    """Draw the names of a model and those of a file, with a line between equal ones."""
    both, missing, unexpected = match_names(dict.fromkeys(model), dict.fromkeys(file))
    rows = max(len(model), len(file))
    ax = plt.subplots(figsize=(9, 0.9 + 0.28 * rows))[1]
    for x, names, strangers, colour, align in (
        (0, model, missing, RED, "right"),
        (1, file, unexpected, PURPLE, "left"),
    ):
        for y, name in enumerate(names):
            found = name not in strangers
            ax.text(x + (0.03 if x else -0.03), y, name, ha=align, va="center", color=INK if found else colour)
            ax.plot(x, y, "o", ms=6, color=GREEN if found else colour)
    for name in both:
        ax.plot([0, 1], [model.index(name), file.index(name)], color=GREEN, lw=1.5)
    for x, head, align in ((0, "names in the model", "right"), (1, "names in the file", "left")):
        ax.text(x + (0.03 if x else -0.03), -1.1, head, ha=align, va="center", color=GREY, fontsize=10)
    for x, align, colour, count in (  # each below the names that it counts
        (-0.03, "right", RED, f"{len(missing)} missing"),
        (0.5, "center", GREEN, f"{len(both)} loaded"),
        (1.03, "left", PURPLE, f"{len(unexpected)} unexpected"),
    ):
        ax.text(x, rows + 0.2, count, ha=align, va="center", color=colour, weight="bold")
    ax.set(xlim=(-0.7, 1.7), ylim=(rows + 0.8, -1.6), xticks=[], yticks=[])
    ax.axvspan(0, 1, color=PALE, alpha=0.35, zorder=0)
    ax.spines[:].set_visible(False)
    return ax
