"""What autograd keeps of a computation: versions, gradients, the graph."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from helpers.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, RED

COLOURS = {"AddBackward0": ORANGE, "AccumulateGrad": GREEN}


def draw_versions(steps) -> Axes:
    """Draw how the version of a tensor goes up, operation by operation, from above down.

    steps   (code, version afterwards, whether the tensor's values changed); a change without a new version is red
    """
    ax = plt.subplots(figsize=(9, 0.36 * (len(steps) + 1.2)), layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    left, last = 4.2, max(version for _, version, _ in steps)
    before = 0
    for row, (code, version, changed) in enumerate(steps):
        y = -row
        colour = GREEN if version > before else RED if changed else GREY
        ax.plot([left, left + last], [y, y], color=PALE, lw=1, zorder=0)
        if row:
            ax.plot([left + before, left + before, left + version], [y + 1, y, y], color=GREY, lw=1.6, zorder=1)
        ax.plot(left + version, y, "o", ms=15, color=colour, zorder=2)
        ax.text(left + version, y - 0.02, version, ha="center", va="center", color="white", fontsize=9.5, weight="bold")
        ax.text(left - 0.6, y, code, ha="right", va="center", fontsize=10.5, family="monospace", color=INK)
        if row:
            word = "counted" if version > before else "changed in silence" if changed else "not changed"
            ax.text(left + version + 0.3, y, word, va="center", fontsize=10, color=colour)
        before = version
    for version in range(last + 1):
        ax.text(left + version, 0.85, version, ha="center", fontsize=9, color=GREY)
    ax.text(left - 0.6, 0.85, "version", ha="right", fontsize=9, color=GREY)
    ax.set(xlim=(0, left + last + 3.2), ylim=(-len(steps) + 0.4, 1.4))
    ax.axis("off")
    return ax


def draw_frozen_factor(a: float, slope: float) -> Axes:
    """Draw a², and what autograd sees at `a` when one of its factors is frozen: a straight line of this slope."""
    x = np.linspace(-1, 5, 100)
    ax = plt.subplots(figsize=(6.5, 3.4))[1]
    ax.plot(x, x**2, color=BLUE, label="a · a")
    ax.plot(x, slope * x, color=ORANGE, label=f"{slope:g} · a, as autograd sees a · a.detach() at a = {a:g}")
    near = np.array([a - 2, a + 2])
    ax.plot(near, a**2 + 2 * a * (near - a), color=BLUE, lw=1, ls="--", label=f"the tangent of a · a: slope {2 * a:g}")
    ax.plot(a, a**2, "o", ms=9, color=INK)
    ax.set(xlabel="a", ylim=(-4, 26), xlim=(-1, 5))
    ax.grid(True)
    ax.legend(loc="upper left")
    return ax


def draw_growing_graph(root, *, title: str = "") -> Axes:
    """Draw the graph behind `root`, a grad_fn or None: a chain of sums to the left, what hangs on each below it.

    A dark frame marks `root` itself.
    """
    places, edges = {}, []
    if root is not None:
        _place(root, 0, 0, places, edges)
    deep = 1 + max((y for _, y in places.values()), default=0)
    leaves = [node for node in places if node.name().endswith("AccumulateGrad")]
    left = min((x for x, _ in places.values()), default=0)
    for number, leaf in enumerate(leaves):  # shared by all: in a row of their own, below the middle
        places[leaf] = (left / 2 + number - (len(leaves) - 1) / 2, deep)
    ax = plt.subplots(figsize=(10.5, 3.9), layout="none")[1]
    ax.set_position((0, 0, 1, 0.9))
    ax.figure.text(0.01, 0.93, title, fontsize=12, weight="bold")
    for start, end in edges:
        _edge(ax, places[start], places[end])
    for node, (x, y) in places.items():
        name = node.name().rpartition("::")[2]
        box = (x - 0.4, -y - 0.28), 0.8, 0.56
        colour = COLOURS.get(name, BLUE)
        edge = {"ec": INK, "lw": 2.5} if node is root else {"ec": "none"}
        ax.add_patch(FancyBboxPatch(*box, boxstyle="round,pad=0,rounding_size=0.12", fc=colour, **edge))
        label = "weight" if name == "AccumulateGrad" else name.removesuffix("Backward0")
        ax.text(x, -y - 0.02, label, ha="center", va="center", fontsize=10, color="white")
    if not places:
        ax.text(3.5, -2, "no graph: only a number", ha="center", va="center", color=GREY, fontsize=13)
    ax.set(xlim=(left - 0.5, left + 7.5), ylim=(-max(deep, 4) - 0.5, 0.5))
    ax.axis("off")
    return ax


def _edge(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw an arrow between two boxes: from side to side in a row, else from the lower edge to the upper."""
    (x, y), (u, v) = start, end
    if y == v:
        ends = (x - 0.4, -y), (u + 0.42, -v)
    else:
        ends = (x, -y - 0.28), (u, -v + 0.3)
    arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0, "lw": 1.2}
    ax.annotate("", ends[1], ends[0], arrowprops=arrow)


def _place(node, x: int, y: int, places: dict, edges: list) -> None:
    """Give the node and all behind it places: the first operand of a sum to the left, everything else below."""
    places[node] = (x, y)
    is_sum = node.name() == "AddBackward0"
    for number, (child, _) in enumerate(node.next_functions):
        if child is None:
            continue
        edges.append((node, child))
        if child not in places:
            beside = is_sum and number == 0
            _place(child, x - beside, y + (not beside), places, edges)
