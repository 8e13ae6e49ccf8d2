"""What batch normalization and dropout do to numbers."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots.modes import TRAINING, colour_of
from helpers.style import GREY, INK


def draw_matrices(matrices: dict[str, np.ndarray]) -> Figure:
    """Draw small matrices side by side with their numbers, on one scale of colours: title → (rows, columns).

    A matrix of truth values is drawn as 1 and 0, on a scale of its own.
    """
    matrices = {title: np.asarray(matrix) for title, matrix in matrices.items()}
    top = max(matrix.max() for matrix in matrices.values() if matrix.dtype != bool)
    figure, axes = plt.subplots(1, len(matrices), figsize=(2.6 * len(matrices), 2.9), squeeze=False)
    for ax, (title, matrix) in zip(axes.flat, matrices.items(), strict=True):
        largest = 1.5 if matrix.dtype == bool else top
        ax.imshow(matrix, cmap="Blues", vmin=0, vmax=largest)
        for (y, x), value in np.ndenumerate(matrix):
            text = f"{value:.1f}".removesuffix(".0")
            shade = "white" if value > 0.6 * largest else INK
            ax.text(x, y, text, ha="center", va="center", fontsize=9, color=shade)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=11)
        ax.spines[:].set_visible(False)
    return figure


def draw_clouds(clouds: dict[str, np.ndarray]) -> Figure:
    """Draw batches of two channels as points, side by side on one scale, with their mean: title → (n, 2).

    A title that begins with the name of a mode gives its points the mode's colour.
    """
    figure, axes = plt.subplots(1, len(clouds), figsize=(3.2 * len(clouds), 2.75), sharex=True, sharey=True)
    for ax, (title, cloud) in zip(axes, clouds.items(), strict=True):
        ax.axhline(0, color=GREY, lw=0.8)
        ax.axvline(0, color=GREY, lw=0.8)
        ax.plot(*cloud.T, "o", ms=4, alpha=0.5, mec="none", color=colour_of(title))
        ax.plot(*cloud.mean(0), "+", ms=14, mew=2.5, color=INK)
        ax.set(xlabel="channel 0", aspect="equal")
        ax.set_title(title, fontsize=11)
    axes[0].set_ylabel("channel 1")
    return figure


def draw_gradients(inputs, gradients: dict[str, np.ndarray], chosen: int) -> Figure:
    """Draw the gradient of one example's output at every input of its batch, over the inputs, one axes for each mode.

    inputs   (n,) one channel     gradients   name of a mode → (n,)     chosen   whose output it is
    """
    figure, axes = plt.subplots(1, len(gradients), figsize=(9.5, 3), sharey=True)
    for ax, (mode, values) in zip(axes, gradients.items(), strict=True):
        values, colour = np.asarray(values), colour_of(mode)
        ax.axhline(0, color=GREY, lw=0.8)
        ax.vlines(inputs, 0, values, color=colour)
        ax.plot(inputs, values, "o", ms=7, color=colour)
        ax.plot(inputs[chosen], values[chosen], "o", ms=13, mfc="none", mec=INK, mew=1.5, label="the chosen example")
        ax.set_title(mode, fontsize=11)
        ax.set_title(f"sum {round(float(values.sum()), 2) + 0.0:.2f}", fontsize=10, loc="right", weight="normal")
        ax.set(xlabel="input", ymargin=0.12)
        ax.grid(True, axis="y")
    axes[0].set_ylabel("gradient")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower right", fontsize=10)
    return figure


def draw_warm_up(momentum: float | None, steps: int) -> Axes:
    """Draw how the running means of 12 channels leave 0 for the truth, 1, as batches of 8 pass; noise included.

    The batches are normal with mean 1 and standard deviation 1; momentum None is the mean of all batches so far.
    """
    batch_size, channels = 8, 12
    ax = plt.subplots(figsize=(8.5, 3.4))[1]
    batch_means = 1 + np.random.default_rng(0).normal(size=(steps, channels)) / np.sqrt(batch_size)
    running, expected = np.zeros((steps + 1, channels)), np.zeros(steps + 1)
    for step, mean in enumerate(batch_means, start=1):
        weight = 1 / step if momentum is None else momentum
        running[step] = (1 - weight) * running[step - 1] + weight * mean
        expected[step] = (1 - weight) * expected[step - 1] + weight
    ax.plot(running, color=TRAINING, lw=1, alpha=0.7)
    ax.plot([], [], color=TRAINING, lw=1, alpha=0.7, label=f"{channels} channels")
    ax.plot(expected, color=INK, label="expected")
    ax.axhline(1, color=GREY, ls="--", lw=1.2, label="truth")
    title = f"after {steps} batches: {expected[-1]:.1%} of the way, ± {running[-1].std():.2f}"
    low, high = min(0, batch_means.min()) - 0.1, batch_means.max() + 0.1  # the same for every momentum
    ax.set(title=title, xlabel="batch", ylabel="running mean", xlim=(0, steps), ylim=(low, high))
    ax.grid(True)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, fontsize=9)
    return ax


def draw_distributions(values: dict[str, np.ndarray]) -> Figure:
    """Draw histograms of activations above one another, on one scale; those at exactly 0 are only counted.

    values   title → activations; a title that begins with the name of a mode gives its colour
    """
    values = {title: np.asarray(numbers).ravel() for title, numbers in values.items()}
    limit = max(6, *(np.ceil(abs(numbers).max()) for numbers in values.values()))
    figure, axes = plt.subplots(len(values), 1, figsize=(8.5, 1.9 * len(values)), sharex=True)
    for ax, (title, numbers) in zip(axes, values.items(), strict=True):
        ax.hist(numbers[numbers != 0], bins=np.linspace(-limit, limit, 121), color=colour_of(title))
        mean = round(float(numbers.mean()), 1) + 0.0  # never −0
        text = f"mean {mean:.1f}, standard deviation {numbers.std():.2f}, zeros {(numbers == 0).mean():.0%}"
        ax.set_title(title, fontsize=11)
        ax.set_title(text, fontsize=10, loc="right", weight="normal")
        ax.set(yticks=[])
        ax.spines["left"].set_visible(False)
    axes[-1].set(xlabel="activation", xlim=(-limit, limit))
    return figure
