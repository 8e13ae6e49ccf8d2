"""Training mode and evaluation mode: which module is in which, and what each switch does."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.style import BLUE, GREY, INK, ORANGE, PALE

TRAINING, EVALUATION = ORANGE, BLUE


def colour_of(name: str) -> str:
    """Return the colour of the mode with whose name `name` begins; grey where it begins with none."""
    return TRAINING if name.startswith("train") else EVALUATION if name.startswith("eval") else GREY


def _rows(module, name: str, depth: int = 0):
    """Yield (depth, name, module) for a module and all below it, in the order of `module.modules()`."""
    yield depth, name, module
    for child_name, child in module.named_children():
        yield from _rows(child, child_name, depth + 1)


def draw_mode_tree(model, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the tree of a model's modules, one line each, coloured by the mode it is in now."""
    rows = list(_rows(model, "model"))
    ax = ax or plt.subplots(figsize=(4.2, 0.9 + 0.34 * len(rows)))[1]
    parents = {}
    for y, (depth, label, module) in enumerate(rows):
        colour = TRAINING if module.training else EVALUATION
        if depth:
            ax.plot([depth - 0.65, depth - 0.65, depth - 0.2], [parents[depth - 1] + 0.36, y, y], color=GREY, lw=1)
        parents[depth] = y
        box = {"boxstyle": "round,pad=0.3", "fc": colour, "ec": "none"}
        text = ax.text(depth, y, label, va="center", fontsize=10, color="white", weight="bold", bbox=box)
        ax.annotate(
            type(module).__name__,
            (1, 0.5),
            (10, 0),
            xycoords=text,
            textcoords="offset points",
            va="center",
            fontsize=10,
        )
    deepest = max(depth for depth, _, _ in rows)
    ax.set(xlim=(-0.4, deepest + 3.6), ylim=(len(rows) - 0.4, -0.6), title=title)
    ax.axis("off")
    return ax


def draw_mode_key(figure: Figure) -> None:
    """Say below the drawings of `figure` which colour is which mode."""
    squares = [Line2D([], [], marker="s", ls="", ms=9, color=colour) for colour in (TRAINING, EVALUATION)]
    figure.legend(squares, ["training mode", "evaluation mode"], loc="outside lower left", ncols=2)


def draw_costs(costs: dict[str, dict[str, float]]) -> Figure:
    """Draw bars side by side, one axes for each measure: title → name → number."""
    rows = len(next(iter(costs.values())))
    figure, axes = plt.subplots(1, len(costs), figsize=(9.5, 0.8 + 0.36 * rows), sharey=True, squeeze=False)
    for ax, (title, values) in zip(axes[0], costs.items(), strict=True):
        bars = ax.barh(list(values), list(values.values()), color=list(map(colour_of, values)), height=0.7)
        ax.bar_label(bars, [f" {value:#.2g}".rstrip(".") for value in values.values()], fontsize=10, color=INK)
        ax.set(title=title, xlim=(0, 1.18 * max(values.values())), xticks=[])
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    axes[0][0].invert_yaxis()
    return figure


def _way_back(node) -> list[str]:
    """Return the names of a graph's nodes from the last one back towards the input, without those of the weights."""
    names = []
    while node is not None:
        names.append(node.name())
        node = next((each for each, _ in node.next_functions if each and "Accumulate" not in each.name()), None)
    return names


def draw_switchboard(outputs, means, graph, title: str = "") -> Figure:
    """Draw what some passes of one batch do: its outputs, the running mean, and the graph behind the last output.

    outputs   (passes,) one output in every pass     means   (passes + 1,) a running mean, before and after each
    graph     the `grad_fn` of the last output; None where no graph was built
    """
    outputs, means, nodes = np.asarray(outputs), np.asarray(means), _way_back(graph)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 2.9), width_ratios=[1, 1, 1.1])
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, weight="bold")
    passes = np.arange(1, len(outputs) + 1)
    alike, stays = np.ptp(outputs) < 1e-6, np.ptp(means) < 1e-6
    left.plot(passes, outputs, "o", color=GREY if alike else ORANGE, ms=6)
    middle.plot(np.arange(len(means)), means, "o-", color=GREY if stays else ORANGE, ms=4)
    for ax, values in ((left, outputs), (middle, means)):
        centre, reach = (values.min() + values.max()) / 2, max(0.5, 0.65 * np.ptp(values))
        ax.set(ylim=(centre - reach, centre + reach), xlabel="pass")
        ax.grid(True, axis="y")
    left.set_title("output: " + ("always the same" if alike else "differs"), fontsize=11)
    middle.set_title("running mean: " + ("stays" if stays else "moves"), fontsize=11)
    right.set_title("graph: " + ("built" if nodes else "none"), fontsize=11)
    for y, node in enumerate(nodes):
        box = {"boxstyle": "round,pad=0.25", "fc": PALE, "ec": ORANGE}
        right.text(0.5, y, node, ha="center", va="center", fontsize=9, bbox=box)
        if y:
            right.annotate("", (0.5, y - 0.28), (0.5, y - 0.72), arrowprops={"arrowstyle": "->", "color": GREY})
    if nodes:
        last = len(nodes) - 0.5
        right.text(0.5, last, "from the output back, weights left out", ha="center", fontsize=9, color=GREY)
    right.set(xlim=(0, 1), ylim=(max(len(nodes), 1) - 0.4, -0.5))
    right.axis("off")
    return figure
