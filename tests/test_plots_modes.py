"""Drawings of modes, judged by what stands in the figure."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from pictures import colour, find_text, legend, place, texts, ticks
from torch import nn

from helpers.plots.modes import EVALUATION, TRAINING, colour_of, draw_costs, draw_mode_key, draw_mode_tree
from helpers.plots.modes import draw_switchboard as draw
from helpers.style import GREY, ORANGE


def nested():
    inner = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Sequential(nn.ReLU(), nn.Dropout()))
    return nn.Sequential(inner, nn.Flatten())


def boxes(ax):
    """Return the boxes of a tree: (x, y, text, colour)."""
    named = [text for text in ax.texts if text.get_bbox_patch()]
    return [(*text.get_position(), text.get_text(), to_hex(text.get_bbox_patch().get_facecolor())) for text in named]


def test_a_mode_has_its_colour():
    names = ("training mode", "train + grad", "evaluation mode", "eval + grad", "input")
    assert [colour_of(name) for name in names] == [TRAINING, TRAINING, EVALUATION, EVALUATION, GREY]


def test_the_tree_has_a_box_for_each_module_below_its_parent():
    model = nested()
    model[0].eval()
    model[0][1][1].train()
    ax = draw_mode_tree(model)
    names = ["model", "0", "0", "1", "0", "1", "1"]
    depths = [0, 1, 2, 2, 3, 3, 1]
    modes = [TRAINING if module.training else EVALUATION for module in model.modules()]
    assert boxes(ax) == list(zip(depths, range(7), names, modes, strict=True))
    kinds = [(text.xy, text.get_text()) for text in ax.texts if not text.get_bbox_patch()]
    assert [kind for _, kind in kinds] == [type(module).__name__ for module in model.modules()]
    assert all(spot == (1, 0.5) for spot, _ in kinds)  # right of its box
    drawn = [text for text in ax.texts if not text.get_bbox_patch()]
    assert [text.xycoords.get_position()[1] for text in drawn] == list(range(7))


def test_a_line_leads_from_each_parent_to_its_child():
    ax = draw_mode_tree(nested())
    ends = [(line.get_xdata(), line.get_ydata()) for line in ax.lines]
    parents = [0, 1, 1, 3, 3, 0]  # rows
    depths = [1, 2, 2, 3, 3, 1]
    for (x, y), row, parent, depth in zip(ends, range(1, 7), parents, depths, strict=True):
        assert parent < y[0] < parent + 0.5 and y[1] == y[2] == row
        assert depth - 1 < x[0] == x[1] < x[2] < depth


def test_the_whole_tree_is_inside():
    ax = draw_mode_tree(nested(), title="a title")
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left < 0 and 3 + 3 < right < 3 + 4 and 6.5 < low < 7 and -1 < high < -0.5 and not ax.axison
    assert ax.get_title(loc="left") == "a title"
    assert ax.figure.get_figheight() > draw_mode_tree(nn.ReLU()).figure.get_figheight()
    figure, mine = plt.subplots()
    assert draw_mode_tree(nn.ReLU(), mine) is mine


def test_the_key_names_the_colours():
    figure = plt.figure()
    draw_mode_key(figure)
    assert legend(figure) == {"training mode": TRAINING, "evaluation mode": EVALUATION}
    handles = figure.legends[0].legend_handles
    assert [(handle.get_marker(), handle.get_linestyle()) for handle in handles] == [("s", "None")] * 2


def test_costs_are_bars_in_the_given_order_with_their_numbers():
    costs = {"MB": {"train + a": 2.0, "eval + a": 0.0}, "ms": {"train + a": 1.234, "eval + a": 3.0}}
    figure = draw_costs(costs)
    for ax, (title, values) in zip(figure.axes, costs.items(), strict=True):
        assert ax.get_title(loc="left") == title
        assert [bar.get_width() for bar in ax.patches] == list(values.values())
        assert [bar.get_y() + bar.get_height() / 2 for bar in ax.patches] == pytest.approx([0, 1])
        assert all(0.5 < bar.get_height() < 1 for bar in ax.patches)
        assert [colour(bar) for bar in ax.patches] == [TRAINING, EVALUATION]
        low, high = ax.get_ylim()
        assert low > high and ax.get_xlim() == pytest.approx((0, 1.18 * max(values.values())))  # room for the number
        assert list(ax.get_xticks()) == []
    assert list(ticks(figure.axes[0].yaxis).values()) == ["train + a", "eval + a"]
    assert [texts(ax) for ax in figure.axes] == [["2.0", "0.0"], ["1.2", "3.0"]]


SAME, OTHER, CLOSE = [0.5] * 3, [1.0, -4.0, 2.0], [0.001, 0.002, 0.001]
STAYS, MOVES = [0.0] * 4, [0.0, 1.0, 3.0, 4.0]


@pytest.mark.parametrize(
    "outputs, word, shade", [(SAME, "always the same", GREY), (OTHER, "differs", ORANGE), (CLOSE, "differs", ORANGE)]
)
def test_the_switchboard_shows_the_outputs(outputs, word, shade):
    ax = draw(outputs, STAYS, None).axes[0]
    (line,) = ax.lines
    assert line.get_xdata().tolist() == [1, 2, 3] and line.get_ydata().tolist() == outputs
    assert (line.get_marker(), line.get_linestyle(), colour(line)) == ("o", "None", shade)
    assert ax.get_title(loc="left") == f"output: {word}"


@pytest.mark.parametrize(
    "means, word, shade", [(STAYS, "stays", GREY), (MOVES, "moves", ORANGE), ([0, *CLOSE], "moves", ORANGE)]
)
def test_the_switchboard_shows_the_running_mean(means, word, shade):
    ax = draw(SAME, means, None).axes[1]
    (line,) = ax.lines
    assert line.get_xdata().tolist() == [0, 1, 2, 3] and line.get_ydata().tolist() == means
    assert (line.get_linestyle(), colour(line)) == ("-", shade)
    assert ax.get_title(loc="left") == f"running mean: {word}"


def test_the_switchboard_cuts_nothing_off():
    for ax, values in zip(draw(OTHER, MOVES, None).axes, (OTHER, MOVES), strict=False):
        low, high = ax.get_ylim()
        assert low < min(values) and high > max(values) and high - low < 2 * np.ptp(values)
        assert low + high == pytest.approx(min(values) + max(values))
    low, high = draw(SAME, STAYS, None).axes[0].get_ylim()
    assert (low, high) == (0, 1)  # what stays the same is not magnified


def test_the_switchboard_shows_the_graph_from_its_last_node():
    output = nn.Sequential(nn.BatchNorm1d(4), nn.Sigmoid(), nn.Linear(4, 1))(torch.rand(3, 4))
    figure = draw(SAME, STAYS, output.grad_fn, title="both")
    ax = figure.axes[2]
    nodes = {text.get_text(): text.get_position() for text in ax.texts if text.get_bbox_patch()}
    rows = {"AddmmBackward0": (0.5, 0), "SigmoidBackward0": (0.5, 1), "NativeBatchNormBackward0": (0.5, 2)}
    assert nodes == rows  # past the nodes of the weights
    *arrows, what = [text for text in ax.texts if not text.get_bbox_patch()]
    assert len(arrows) == 2
    for row, arrow in enumerate(arrows):  # from above to below
        assert row < arrow.xyann[1] < arrow.xy[1] < row + 1 and arrow.xyann[0] == arrow.xy[0] == 0.5
    assert what.get_text() == "from the output back, weights left out" and what.get_position() == (0.5, 2.5)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (2.6, -0.5)) and not ax.axison
    assert ax.get_title(loc="left") == "graph: built" and 0 < place(find_text(figure, "both"))[0] < 0.1
    empty = draw(SAME, STAYS, None).axes[2]
    assert not empty.texts and empty.get_title(loc="left") == "graph: none" and empty.get_ylim() == (0.6, -0.5)
