"""What a classifier answers, and how sure it is."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.ticker import MaxNLocator

from helpers.plots.faces import as_picture
from helpers.plots.modes import EVALUATION, TRAINING
from helpers.style import GOLD, GREEN, GREY, INK, PURPLE, RED, plain_log_axis

# Orange and blue are the two modes; what is neither a mode nor a class has a colour of neither.
CLASS_COLOURS = [RED, GREEN, PURPLE]
RUNS = [(INK, "-"), (GOLD, "-"), (INK, "--")]
OTHER_COLOURS = [INK, GOLD]
ALONE = "o"  # marks the only point of a curve, of which no line would be seen


def _show(ax: Axes, image) -> None:
    ax.imshow(as_picture(image).squeeze(), cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def draw_photographs(images, titles, columns: int = 8) -> Figure:
    """Draw grey pictures (n, 1, H, W) in rows of `columns`, a title over each."""
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(10, 10 / columns * 1.25 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        _show(ax, image)
        ax.set_title(title, fontsize=9, weight="normal", loc="center")
    return figure


def draw_answers(image, answers: dict[str, dict[str, list[float]]], classes: list[str]) -> Figure:
    """Draw a picture beside what the model answers about it, for each mode and each company of other pictures.

    answers   mode → company → one probability per class
    """
    figure = plt.figure(figsize=(9.5, 0.9 + 0.36 * sum(map(len, answers.values()))))
    grid = figure.add_gridspec(len(answers), 2, width_ratios=[1, 2.4])
    left = figure.add_subplot(grid[:, 0])
    _show(left, image)
    left.set_title("always this picture", fontsize=11)
    for row, (mode, companies) in enumerate(answers.items()):
        ax = figure.add_subplot(grid[row, 1])
        ends = np.zeros(len(companies))
        for name, shares, colour in zip(classes, np.array(list(companies.values())).T, CLASS_COLOURS, strict=False):
            ax.barh(list(companies), shares, left=ends, color=colour, label=name, height=0.75)
            ends = ends + shares
        ax.set(xlim=(0, 1), xticks=[])
        ax.set_title(mode, fontsize=11, color=TRAINING if mode.startswith("training") else EVALUATION)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines["bottom"].set_visible(False)
    ax.set(xticks=[0, 0.5, 1], xlabel="probability")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=len(classes), fontsize=10)
    return figure


def draw_company(accuracies: dict[str, dict[int, float]], chance: float) -> Axes:
    """Draw accuracy against the size of the batches, title → size → accuracy; a title with "evaluation" in blue.

    The blue curve is wider than the others, so that it is seen where it runs under them.
    """
    ax = plt.subplots(figsize=(8.5, 3.6))[1]
    sizes = [*next(iter(accuracies.values()))]
    styles = iter(("-", "--", ":"))
    for title, values in accuracies.items():
        evaluation = "evaluation" in title
        ax.plot(
            range(len(sizes)), [values[size] for size in sizes], "o", label=title, ms=10 if evaluation else 6,
            color=EVALUATION if evaluation else TRAINING, ls="-" if evaluation else next(styles),
            lw=4 if evaluation else 2,
        )  # fmt: skip
    ax.axhline(chance, color=GREY, lw=1, ls=":")
    ax.text(0.99, chance - 0.07, "chance", color=GREY, fontsize=10, ha="right", transform=ax.get_yaxis_transform())
    ax.set_xticks(range(len(sizes)), sizes)
    ax.set(xlabel="pictures in a batch", ylabel="accuracy", ylim=(0, 1.05))
    ax.grid(True, axis="y")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=10)
    return ax


def modes_figure(
    limits: dict[str, tuple[float, float]], steps: int, log: tuple[str, ...] = (), others: tuple[str, ...] = ()
) -> tuple[Figure, dict]:
    """Return a figure of a panel for each measure, and the curve in it of each mode, still empty: (panel, mode) → line.

    limits   panel → the ends of its y axis
    others   names of further curves, dashed: what is no mode of its own
    """
    curves = {"evaluation mode": EVALUATION, "training mode": TRAINING} | dict(zip(others, OTHER_COLOURS, strict=False))
    figure, axes = plt.subplots(1, len(limits), figsize=(9.5, 3.4), squeeze=False)
    lines = {}
    for ax, (title, ends) in zip(axes.flat, limits.items(), strict=True):
        for name, colour in curves.items():
            line_style = "--" if name in others else "-"
            (lines[title, name],) = ax.plot(
                [], [], color=colour, ls=line_style, marker="" if steps else ALONE, label=name
            )
        ax.set(title=title, xlabel="epoch", xlim=(0, steps) if steps else (-0.5, 0.5), ylim=ends)
        _finish(ax, title in log)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=len(curves))
    return figure, lines


def _finish(ax: Axes, log: bool) -> None:
    """Give `ax` a grid, whole numbers below, and plain numbers at the side where its y axis is to be logarithmic."""
    ax.grid(True)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if log:
        plain_log_axis(ax, subs=(1,))


def draw_curves(
    runs: dict[str, list[float]], title: str = "", xlabel: str = "epoch", log: bool = False, epoch: int = 0
) -> Axes:
    """Draw recorded runs as curves: name → values, one for each step.

    epoch   so many steps, between which a dotted line is drawn; 0 for none
    """
    ax = plt.subplots(figsize=(7.5, 3.3))[1]
    for (name, values), (colour, line_style) in zip(runs.items(), RUNS, strict=False):
        ax.plot(values, label=name, color=colour, ls=line_style, marker=ALONE if len(values) == 1 else "")
    for start in range(0, max(map(len, runs.values())), epoch) if epoch else ():
        ax.axvline(start - 0.5, color=GREY, lw=1, ls=":")
        ax.text(start, 1.01, f"epoch {start // epoch}", color=GREY, fontsize=9, transform=ax.get_xaxis_transform())
    ax.set_title(title, pad=18 if epoch else 6)
    ax.set_xlabel(xlabel)
    _finish(ax, log)
    ax.legend(fontsize=10)
    return ax


def draw_uncertainty(shares, probabilities, images, classes: list[str], title: str = "") -> Figure:
    """Draw sampled probabilities along a row of pictures: their mean, and the band that holds 80 % of them.

    shares          (n,) where on the axis     probabilities   (samples, n, classes)
    images          a few pictures of that row, evenly spaced from its first to its last, each drawn above its share
    """
    figure, ax = plt.subplots(figsize=(9, 4.4))
    ticks = np.linspace(shares[0], shares[-1], len(images))
    for image, share in zip(images, ticks, strict=True):
        picture = OffsetImage(as_picture(image).squeeze(), zoom=1.2, cmap="gray", norm="linear")
        picture.get_children()[0].set_clim(0, 1)
        place = {"xycoords": ax.get_xaxis_transform(), "box_alignment": (0.5, 0), "frameon": False}
        ax.add_artist(AnnotationBbox(picture, (share, 1.02), pad=0, **place))
    for k, (name, colour) in enumerate(zip(classes, CLASS_COLOURS, strict=False)):
        samples = probabilities[:, :, k]
        ax.fill_between(shares, *np.quantile(samples, [0.1, 0.9], axis=0), color=colour, alpha=0.2, lw=0)
        ax.plot(shares, samples.mean(0), color=colour, label=name)
    ax.set_xticks(ticks, [f"{share:.2f}" for share in ticks])
    ax.set_xlabel(f"share of {classes[-1]} in the picture")
    ax.set(xlim=(shares[0], shares[-1]), ylim=(-0.03, 1.03), ylabel="probability")
    ax.grid(True)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, weight="bold")
    return figure
