"""The graph that autograd keeps, and the gradients that flow through it."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.style import BLUE, GOLD, GREEN, GREY, INK, ORANGE, PURPLE, RED

LAYER_COLOURS = {"input": BLUE, "middle": ORANGE, "output": GREEN}
USE_COLOURS = [PURPLE, GOLD, GREY]  # of the uses of a layer: none is that of a depth of training
BIAS_ROW, CHAIN_ROW, TRANSPOSE_ROW, WEIGHT_ROW = 1.1, 0.0, -1.0, -2.0
COLUMNS = 10.2  # of the picture, so that short graphs are drawn at the same scale
OPERATION, PARAMETER = 0.86, 1.1  # widths of boxes


def _is_leaf(node) -> bool:
    return hasattr(node, "variable")  # AccumulateGrad, which holds a parameter


def _is_transpose(node) -> bool:
    return node.name().startswith("TBackward")


def _layer_colour(name: str) -> str:
    return LAYER_COLOURS.get(name.split("_")[0], GREY)


def _chain(graph: dict) -> list:
    """Return the operations from the loss to the first layer, without transposes and parameters."""
    node, chain = next(iter(graph)), []
    while node is not None:
        chain.append(node)
        node = next((each for each in graph[node] if not _is_leaf(each) and not _is_transpose(each)), None)
    return chain


def _places(graph: dict) -> dict:
    """Return the place (x, y) of each node: the operations in a row, in the order of the forward pass."""
    chain = _chain(graph)
    step = min(1.3, max(1, 10 / len(chain)))  # a short graph has room for the names of its parameters
    places = {node: (step * (len(chain) - 1 - i), CHAIN_ROW) for i, node in enumerate(chain)}
    for node in chain:
        places |= {each: (places[node][0], TRANSPOSE_ROW) for each in graph[node] if _is_transpose(each)}
    for leaf in filter(_is_leaf, graph):
        users = [node for node in graph if leaf in graph[node]]
        row = WEIGHT_ROW if _is_transpose(users[0]) else BIAS_ROW
        places[leaf] = (float(np.mean([places[node][0] for node in users])), row)
    return places


def _box(
    ax: Axes, x: float, y: float, text: str, edge: str, face: str = "white", width: float = OPERATION, line: str = "-"
) -> None:
    box = FancyBboxPatch((x - width / 2, y - 0.28), width, 0.56, boxstyle="round,pad=0,rounding_size=0.08", lw=1.4)
    box.set(facecolor=face, edgecolor=edge, linestyle=line, zorder=2)
    ax.add_patch(box)
    colour = INK if line == "-" else GREY
    ax.text(x, y, text, ha="center", va="center", fontsize=10, color=colour, zorder=3, linespacing=1.1)


def _arrow(ax: Axes, start: tuple, end: tuple, colour: str) -> None:
    """Draw an arrow between two boxes: to the left in a row, else up or down."""
    (x, y), (x_end, y_end) = start, end
    if y == y_end:
        start, end = (x - OPERATION / 2, y), (x_end + OPERATION / 2, y)
    else:
        side = 0.28 if y_end > y else -0.28
        start, end = (x, y + side), (x_end, y_end - side)
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour, lw=1.3, shrinkA=0, shrinkB=0)
    ax.add_patch(arrow)


def draw_graph(graph: dict, names: dict, title: str = "") -> Axes:
    """Draw an autograd graph: the operations in a row, biases above, weights below; return the axes.

    graph   node → the nodes to which it hands gradients, the loss's first
    names   parameter → its name; those that the graph does not reach are drawn dashed
    """
    places = _places(graph)
    middle = max(x for x, _ in places.values()) / 2
    columns = max(COLUMNS, 2 * middle + PARAMETER + 0.1)
    ax = plt.subplots(figsize=(1.03 * columns, 4.3))[1]
    colours = {}
    for node in filter(_is_leaf, graph):
        colours[node] = _layer_colour(names[node.variable])
    for node in [*filter(_is_transpose, graph), *_chain(graph)]:  # a transpose first: the layer is known by its weight
        colours[node] = next((colours[each] for each in graph[node] if _is_leaf(each) or _is_transpose(each)), GREY)
    for node, following in graph.items():
        for each in following:
            _arrow(ax, places[node], places[each], colours[each] if places[each][1] != CHAIN_ROW else INK)
        if _is_leaf(node):
            name = names[node.variable].replace(".", "\n")
            _box(ax, *places[node], name, colours[node], colours[node] + "30", PARAMETER)
        else:
            _box(ax, *places[node], node.name().replace("Backward", "\nBackward"), colours[node])
    reached = {id(node.variable) for node in filter(_is_leaf, graph)}
    unreached = [name for parameter, name in names.items() if id(parameter) not in reached]
    after_the_first = places[_chain(graph)[-2:][0]][0]
    for name in unreached:
        row = BIAS_ROW if name.endswith("bias") else WEIGHT_ROW
        _box(ax, after_the_first, row, name.replace(".", "\n"), GREY, width=PARAMETER, line="--")
    if unreached:
        ax.text(after_the_first, TRANSPOSE_ROW, "dashed:\nnot reached", ha="center", va="center", fontsize=9, color=RED)
    ax.set(xlim=(middle - columns / 2, middle + columns / 2), ylim=(-2.4, 1.5), aspect="equal", title=title)
    ax.axis("off")
    return ax


def draw_gradient_sum(parts: list, total) -> Figure:
    """Draw the gradient (rows, columns) of each use as a map, and their sum, all on one colour scale.

    Only the first 40 rows and columns are shown; the lengths are those of the whole. The scale ends where 0.5 % of the
    numbers are larger.
    """
    maps = [np.asarray(part) for part in [*parts, total]]
    limit = np.quantile(np.abs(maps), 0.995)
    figure, axes = plt.subplots(1, len(maps), figsize=(2.35 * len(maps) + 0.6, 2.8), sharey=True)
    for i, (ax, values) in enumerate(zip(axes, maps, strict=True)):
        drawn = ax.imshow(values[:40, :40], cmap="RdBu_r", vmin=-limit, vmax=limit)
        last = i == len(parts)
        ax.set(xticks=[], yticks=[], xlabel=f"length {np.linalg.norm(values):.0f}")
        ax.set_title("weight.grad" if last else f"use {i + 1}", loc="center")
        if i:
            sign = "=" if last else "+"
            ax.text(-0.07, 0.5, sign, transform=ax.transAxes, ha="center", va="center", fontsize=18, color=INK)
    figure.colorbar(drawn, ax=axes, shrink=0.85, pad=0.02, extend="both")
    return figure


def draw_gradient_stack(parts: list, total, count: int = 14, title: str = "") -> Axes:
    """Draw, for the `count` weights to which the uses add most, what each use adds, stacked to the sum.

    parts   the gradient of each use
    total   the gradient of the shared weight, drawn as marks on the stacks
    """
    ax = plt.subplots(figsize=(9, 3.6))[1]
    parts = np.stack([np.asarray(part).ravel() for part in parts])
    total = np.asarray(total).ravel()
    largest = np.argsort(-np.abs(parts).sum(0))[:count]
    largest = largest[np.argsort(-total[largest])]
    above, below = np.zeros(count), np.zeros(count)
    for i, (part, colour) in enumerate(zip(parts[:, largest], cycle(USE_COLOURS))):
        bottom = np.where(part > 0, above, below)
        ax.bar(range(count), part, 0.7, bottom=bottom, color=colour, label=f"use {i + 1}")
        above, below = above + part.clip(min=0), below + part.clip(max=0)
    ax.plot(total[largest], "D", color=INK, ms=7, mec="white", label="weight.grad")
    ax.axhline(0, color=INK, lw=0.8)
    ax.set(xticks=[], xlabel=f"the {count} weights to which the uses add most", ylabel="gradient", title=title)
    ax.spines["bottom"].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
