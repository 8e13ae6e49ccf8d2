"""Numbers side by side: as horizontal bars."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes


def draw_bars(values: dict[str, float], unit: str, *, title: str = "") -> Axes:
    """Draw numbers in `unit` as bars, name → number, each with its number.

    Far apart, they are dots on a logarithmic axis, which has no zero for bars to begin at. Without any only the title
    is drawn: it says why nothing was measured.
    """
    ax = plt.subplots(figsize=(8.5, 0.9 + 0.42 * len(values)))[1]
    ax.set_title(title)
    if not values:
        ax.axis("off")
        return ax
    smallest, largest = min(values.values()), max(values.values())
    if largest > 20 * smallest > 0:
        ax.plot(values.values(), values.keys(), "o", ms=9)
        ax.set(xscale="log", xlim=(smallest / 2, largest * 2))
    else:
        ax.barh(values.keys(), values.values(), height=0.7)
        ax.set_xlim(0, largest * 1.15)
    for name, value in values.items():
        ax.annotate(in_digits(value), (value, name), (7, 0), textcoords="offset points", va="center", fontsize=10)
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.set_xlabel(unit)
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)
    return ax


def in_digits(value: float) -> str:
    """Return a number with three digits that count, or all before the point: 0.0123, 4.50, 11,829."""
    return f"{value:,.0f}" if abs(value) >= 99.95 or value == 0 else f"{value:#.3g}"
