"""Answers side by side: as a table of marks and words."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from helpers.style import GREEN, GREY, INK, RED

ROW = 0.34  # inches
WORD_COLOURS = {"error": RED, "wrong": RED, "fine": GREEN, "–": GREY, "?": GREY}


def draw_table(table: dict[str, dict[str, object]], *, title: str = "", width: float = 1.5, label: float = 3.0) -> Axes:
    """Draw a table, row → column → value: True as a green tick, False as a grey dash, words as they are.

    width and label are the widths in inches of a column and of the rows' names.
    """
    columns = list(next(iter(table.values())))
    top = 2.1 if title else 1.1  # rows above the first
    size = (label + width * len(columns) + 0.1, ROW * (len(table) + top + 0.3))
    ax = plt.subplots(figsize=size, layout="none")[1]
    ax.set_position((0, 0, 1, 1))
    ax.text(0.12, -1.6, title, va="center", fontsize=12, weight="bold")
    for column, name in enumerate(columns):
        ax.text(label + width * (column + 0.5), -0.75, name, ha="center", va="center", fontsize=10, weight="bold")
    for y, (name, values) in enumerate(table.items()):
        if y % 2 == 0:
            ax.axhspan(y - 0.5, y + 0.5, color="#f4f6f7", zorder=0)
        ax.text(0.12, y, name, va="center", fontsize=10.5, family="monospace")
        for column, value in enumerate(values.values()):
            _draw_value(ax, label + width * (column + 0.5), y, value)
    ax.set(xlim=(0, size[0]), ylim=(len(table) - 0.4, -top))
    ax.axis("off")
    return ax


def _draw_value(ax: Axes, x: float, y: float, value: object) -> None:
    if value is True:
        ax.plot([x - 0.09, x - 0.02, x + 0.12], [y + 0.02, y + 0.2, y - 0.2], color=GREEN, lw=3)
    elif value is False:
        ax.plot([x - 0.06, x + 0.06], [y, y], color=GREY, lw=2)
    else:
        ax.text(x, y, value, ha="center", va="center", fontsize=10.5, color=WORD_COLOURS.get(value, INK))
