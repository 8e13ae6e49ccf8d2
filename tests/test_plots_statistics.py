"""Drawings of what batch normalization and dropout do, judged by what stands in the figure."""

import math

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from pictures import colour, is_whole, legend, texts

from helpers.plots.modes import EVALUATION, TRAINING
from helpers.plots.statistics import draw_clouds, draw_distributions, draw_gradients, draw_matrices, draw_warm_up
from helpers.style import GREY, INK


def test_matrices_show_their_numbers_on_one_scale():
    numbers = torch.tensor([[0.0, 1.0, 2.5], [7.0, 8.25, 10.0]])
    figure = draw_matrices({"x": numbers, "mask": numbers > 2, "half": numbers / 2})
    pictures = [ax.images[0] for ax in figure.axes]
    assert [picture.get_array().tolist() for picture in pictures] == [
        numbers.tolist(),
        (numbers > 2).tolist(),
        (numbers / 2).tolist(),
    ]
    assert [picture.get_clim() for picture in pictures] == [(0, 10), (0, 1.5), (0, 10)]
    assert {picture.get_cmap().name for picture in pictures} == {"Blues"}
    assert [text.get_position() for text in figure.axes[0].texts] == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]
    assert texts(figure.axes[0]) == ["0", "1", "2.5", "7", "8.2", "10"]
    assert texts(figure.axes[1]) == ["0", "0", "1", "1", "1", "1"]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["x", "mask", "half"]
    assert not any(len(ticks) for ax in figure.axes for ticks in (ax.get_xticks(), ax.get_yticks()))


def test_truth_values_have_a_scale_of_their_own():
    figure = draw_matrices({"x": np.array([[0.25, 0.5]]), "mask": np.array([[True, False]])})
    assert [ax.images[0].get_clim() for ax in figure.axes] == [(0, 0.5), (0, 1.5)]


def test_numbers_on_dark_cells_are_white():
    figure = draw_matrices({"x": np.array([[6.0, 6.5, 10]]), "mask": np.array([[True, False]])})
    assert [[colour(text) for text in ax.texts] for ax in figure.axes] == [
        [INK, "#ffffff", "#ffffff"],
        ["#ffffff", INK],
    ]


def test_clouds_show_every_point_and_the_mean():
    clouds = {
        "input": torch.tensor([[0.0, 1.0], [2.0, 5.0]]),
        "evaluation mode, fresh": torch.tensor([[0.0, 1.0], [4.0, 7.0]]),
        "training mode": torch.tensor([[-1.0, -1.0], [1.0, 1.0], [3.0, -9.0]]),
    }
    figure = draw_clouds(clouds)
    shades = [GREY, EVALUATION, TRAINING]
    for ax, (title, cloud), shade in zip(figure.axes, clouds.items(), shades, strict=True):
        zero, other_zero, points, mean = ax.lines
        assert zero.get_ydata() == [0, 0] and other_zero.get_xdata() == [0, 0]
        assert points.get_xydata().tolist() == cloud.tolist() and points.get_linestyle() == "None"
        assert colour(points) == shade and points.get_marker() == "o"
        assert mean.get_xydata()[0] == pytest.approx([sum(column) / len(cloud) for column in cloud.T.tolist()])
        assert mean.get_marker() == "+" and ax.get_title(loc="left") == title
        assert ax.get_xlim() == figure.axes[0].get_xlim() and ax.get_ylim() == figure.axes[0].get_ylim()
        assert ax.get_xlabel() == "channel 0" and ax.get_aspect() == 1
    assert figure.axes[0].get_xlim()[0] < -1 and figure.axes[0].get_ylim()[0] < -9
    assert [ax.get_ylabel() for ax in figure.axes] == ["channel 1", "", ""]
    assert [ax.get_subplotspec().colspan.start for ax in figure.axes] == [0, 1, 2]


GRADIENTS = {"training mode": torch.tensor([-0.5, 1.25, -0.75]), "evaluation mode": torch.tensor([0.0, 1.5, 0.0])}


def test_gradients_stand_over_the_inputs_of_their_batch():
    inputs = [2.0, 7.0, -1.0]
    figure = draw_gradients(inputs, GRADIENTS, chosen=1)
    for ax, (mode, values), shade in zip(figure.axes, GRADIENTS.items(), (TRAINING, EVALUATION), strict=True):
        zero, ends, ring = ax.lines
        assert zero.get_ydata() == [0, 0] and ax.get_title(loc="left") == mode
        over_inputs = [[x, y] for x, y in zip(inputs, values.tolist(), strict=True)]
        assert ends.get_xydata().tolist() == over_inputs and ends.get_linestyle() == "None"
        (stems,) = ax.collections
        assert [stem.tolist() for stem in stems.get_segments()] == [[[x, 0], [x, y]] for x, y in over_inputs]
        assert colour(ends) == to_hex(stems.get_colors()[0]) == shade
        assert ring.get_xydata().tolist() == [over_inputs[1]] and ring.get_markerfacecolor() == "none"
        assert (ring.get_marker(), ring.get_markersize() > ends.get_markersize()) == ("o", True)
        assert ends.get_marker() == "o" and ring.get_markeredgecolor() == INK and ring.get_linestyle() == "None"
        low, high = ax.get_ylim()
        assert low < -0.95 and 1.7 < high < 2  # the ring is whole
        assert ax.get_xlabel() == "input" and ax.get_ylim() == figure.axes[0].get_ylim()
    assert [ax.get_title(loc="right") for ax in figure.axes] == ["sum 0.00", "sum 1.50"]
    assert [ax.get_subplotspec().colspan.start for ax in figure.axes] == [0, 1]  # side by side, on one scale
    assert [ax.get_ylabel() for ax in figure.axes] == ["gradient", ""]
    (words,) = figure.legends[0].get_texts()
    assert words.get_text() == "the chosen example" and is_whole(figure)


def test_a_sum_keeps_its_sign_and_zero_has_none():
    sums = [[0.25, -1.5], [0.001, -0.002]]
    figure = draw_gradients([1.0, 2.0], dict(zip(("training", "evaluation"), sums, strict=True)), chosen=0)
    assert [ax.get_title(loc="right") for ax in figure.axes] == ["sum -1.25", "sum 0.00"]


@pytest.mark.parametrize("steps", [10, 22, 500])
@pytest.mark.parametrize("momentum", [0.01, 0.3, 1.0, None])
def test_the_running_means_warm_up(momentum, steps):
    ax = draw_warm_up(momentum, steps)
    *channels, key, expected, truth = ax.lines
    running = np.array([line.get_ydata() for line in channels])
    assert running.shape == (12, steps + 1) and len(key.get_xdata()) == 0
    assert {colour(line) for line in (*channels, key)} == {TRAINING}
    layer = torch.nn.BatchNorm1d(12, momentum=momentum).double()
    means = 1 + torch.from_numpy(np.random.default_rng(0).normal(size=(steps, 12))) / math.sqrt(8)
    after = [torch.zeros(12)]
    for mean in means:
        layer(torch.stack([mean - 1, mean + 1]))
        after.append(layer.running_mean.clone())
    assert running == pytest.approx(torch.stack([each.double() for each in after]).T.numpy())
    left = [float(n == 0) if momentum is None else (1 - momentum) ** n for n in range(steps + 1)]
    assert expected.get_ydata() == pytest.approx(1 - np.array(left))
    assert truth.get_ydata() == [1, 1]
    assert (
        ax.get_title(loc="left")
        == f"after {steps} batches: {1 - left[-1]:.1%} of the way, ± {running[:, -1].std():.2f}"
    )
    low, high = ax.get_ylim()
    assert (low, high) == pytest.approx((min(0, means.min().item()) - 0.1, means.max().item() + 0.1))
    assert low < running.min() and high > running.max() and ax.get_xlim() == (0, steps)


def test_the_legend_of_the_warm_up():
    ax = draw_warm_up(0.1, 10)
    assert legend(ax) == {"12 channels": TRAINING, "expected": INK, "truth": GREY}
    assert ax.get_ylim() == draw_warm_up(1.0, 10).get_ylim()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("batch", "running mean")


VALUES = {
    "evaluation mode": torch.tensor([0.0, 0.52, 0.53, -1.49]),
    "training mode": torch.tensor([[0.0, 0.0], [9.2, -9.7]]),
}


@pytest.mark.parametrize("values, limit", [(VALUES, 10), ({"training": torch.tensor([0.5, 2.0])}, 6)])
def test_distributions_show_all_values_but_zeros(values, limit):
    figure = draw_distributions(values) if len(values) > 1 else draw_distributions(values | {"eval": torch.ones(1)})
    for ax, numbers in zip(figure.axes, values.values(), strict=False):
        shown = [number for number in numbers.flatten().tolist() if number]
        assert sum(bar.get_height() for bar in ax.patches) == len(shown)
        for number in shown:
            (bar,) = [bar for bar in ax.patches if bar.get_x() <= number < bar.get_x() + bar.get_width()]
            assert bar.get_height() >= 1 and bar.get_width() <= limit / 60 + 1e-6
        assert ax.get_xlim() == (-limit, limit) and len(ax.get_yticks()) == 0 and len(ax.patches) == 120


def test_distributions_say_mean_width_and_zeros():
    figure = draw_distributions(
        {"training mode": torch.tensor([0.0, 0, -4, 1]), "evaluation mode": torch.tensor([-0.01, 0.01])}
    )
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["training mode", "evaluation mode"]
    assert [{colour(bar) for bar in ax.patches} for ax in figure.axes] == [{TRAINING}, {EVALUATION}]
    width = math.sqrt((2 * 0.75**2 + 3.25**2 + 1.75**2) / 4)
    assert [ax.get_title(loc="right") for ax in figure.axes] == [
        f"mean -0.8, standard deviation {width:.2f}, zeros 50%",
        "mean 0.0, standard deviation 0.01, zeros 0%",
    ]
    assert [ax.get_xlabel() for ax in figure.axes] == ["", "activation"]
