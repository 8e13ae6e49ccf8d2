"""The training of a net of varying depth: dots, bars, curves and histograms."""

import statistics
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from pictures import colour, is_whole, legend, texts_at, ticks

from helpers.plots import dynamic as draw
from helpers.style import BLUE, GOLD, GREEN, GREY, INK, ORANGE, PALE, PURPLE, RED, SETTINGS

DEPTHS = [BLUE, GREEN, ORANGE, RED, PURPLE, GREY]  # of k = 0, 1, 2 …


def counts_in_tens(ax):
    """Tell whether the y axis is marked at powers of ten, and in plain numbers."""
    found = ticks(ax.yaxis)
    return len(found) > 1 and all(np.log10(at) % 1 == 0 and text == f"{at:g}" for at, text in found.items())


# ---- the live plot


def shown(losses, depths, steps=None):
    """Return the axes of the live plot after these steps, and the artists that moved."""
    figure, moving, refresh = draw.losses_by_depth(steps or len(losses))
    series = {"loss": (list(range(len(losses))), losses), "depth": (list(range(len(depths))), depths)}
    refresh(SimpleNamespace(series=series.get))
    return *figure.axes, moving


def test_each_depth_has_its_dots_and_its_bar_in_its_colour():
    losses, counts, moving = shown([600.0, 50.0, 7.0, 300.0, 2.0], [0, 3, 3, 1, 3])
    assert [line.get_xydata().tolist() for line in losses.lines] == [
        [[0, 600]], [[3, 300]], [], [[1, 50], [2, 7], [4, 2]],
    ]  # fmt: skip
    assert [bar.get_height() for bar in counts.patches] == [1, 1, 0, 3]
    assert [bar.get_x() + bar.get_width() / 2 for bar in counts.patches] == pytest.approx([0, 1, 2, 3])
    assert {bar.get_width() for bar in counts.patches} == {0.75}
    assert [colour(bar) for bar in counts.patches] == [colour(line) for line in losses.lines] == DEPTHS[:4]
    assert legend(losses) == {f"k = {k}": DEPTHS[k] for k in range(4)}
    assert moving == [*losses.lines, *counts.patches]
    assert list(ticks(counts.xaxis)) == [0, 1, 2, 3] and (losses.get_xlabel(), counts.get_xlabel()) == ("step", "k")
    assert all(line.get_linestyle() == "None" and line.get_marker() == "o" for line in losses.lines)


def test_the_legend_covers_no_dot():
    losses, _, _ = shown([600.0] * 5, [0, 1, 2, 3, 0])
    losses.figure.canvas.draw()
    assert losses.get_legend().get_window_extent().y0 >= losses.bbox.y1 - 1


@pytest.mark.parametrize(
    "values, limits",
    [
        ([600.0, 2.0], (0.1, 1000)),
        ([5e4, 0.002], (0.001, 1e5)),
        ([np.nan, np.inf, 0.0], (0.1, 1000)),
        ([np.inf, 2e3, -1.0], (0.1, 1e4)),
    ],
)
def test_the_axis_grows_by_whole_decades(values, limits):
    losses, _, _ = shown(values, [0] * len(values))
    assert losses.get_ylim() == pytest.approx(limits) and losses.get_yscale() == "log"
    assert losses.get_xlim() == pytest.approx((-0.02 * len(values), 1.02 * len(values)))


def test_a_training_that_diverges_is_not_cut_off_where_the_layout_stays():
    with plt.rc_context(SETTINGS):
        figure, _, refresh = draw.losses_by_depth(3)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # as a live plot does
    losses = [1e13, 1e-7, 1.0]
    refresh(SimpleNamespace(series={"loss": ([0, 1, 2], losses), "depth": ([0, 1, 2], [0, 1, 2])}.get))
    assert is_whole(figure)
    labels = {10.0**power: f"$10^{{{power}}}$" for power in range(-12, 20) if not -2 <= power <= 3}
    labels |= {0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10", 100: "100", 1000: "1000"}
    assert len(ticks(figure.axes[0].yaxis)) > 3
    for value, label in ticks(figure.axes[0].yaxis).items():
        assert label == next(text for known, text in labels.items() if np.isclose(known, value, atol=0))


def test_the_bars_have_room_for_a_third_and_grow():
    _, counts, _ = shown([1.0], [2], steps=300)
    assert counts.get_ylim() == pytest.approx((0, 103))
    _, counts, _ = shown([1.0] * 300, [2] * 300)
    assert counts.get_ylim() == pytest.approx((0, 330))
    figure, *_ = draw.losses_by_depth(300)
    assert figure.axes[1].get_ylim() == pytest.approx((0, 103)) and figure.axes[0].get_ylim() == (0.1, 1000)
    assert figure.axes[0].get_xlim() == (-6, 306) and [bar.get_height() for bar in figure.axes[1].patches] == [0] * 4


def test_depths_are_counted_in_whole_numbers():
    _, counts, _ = shown([1.0] * 3, [0, 1, 2])
    assert all(tick == int(tick) for tick in counts.get_yticks())


# ---- settings


@pytest.mark.parametrize("steps", [1, 10, 25, 60, 200])
def test_curves_are_running_medians(steps):
    values = np.random.default_rng(0).uniform(1, 9, (3, steps))
    ax = draw.draw_settings({"one": values, "two": values + 10})
    width = {1: 1, 10: 2, 25: 6, 60: 15, 200: 25}[steps]
    at = list(range(width - 1, steps))
    medians = [[statistics.median(row[end - width + 1 : end + 1]) for end in at] for row in values]
    assert len(ax.lines) == 8 and counts_in_tens(ax) and ax.get_xlabel() == "step"
    for lines, shift in ((ax.lines[:4], 0), (ax.lines[4:], 10)):
        *seeds, thick = lines
        assert [list(line.get_xdata()) for line in lines] == [at] * 4
        assert np.allclose([line.get_ydata() for line in seeds], np.add(medians, shift))
        assert np.allclose(thick.get_ydata(), np.median(medians, axis=0) + shift)
        assert thick.get_linewidth() > max(line.get_linewidth() for line in seeds)
    assert f"median of {width} steps" in ax.get_title(loc="left")
    assert {line.get_marker() for line in ax.lines} == {"o" if steps == 1 else ""}  # a line of one point is none


def test_each_setting_has_one_colour_and_none_is_left_out():
    ax = draw.draw_settings({name: np.ones((2, 30)) for name in "abcdef"})
    colours = [colour(line) for line in ax.lines]
    assert colours[::3] == colours[1::3] == colours[2::3] == [PURPLE, GOLD, INK] * 2
    assert not {PURPLE, GOLD, INK} & set(DEPTHS[:4])  # which are depths
    assert legend(ax) == dict(zip("abcdef", colours[::3], strict=True))


# ---- coasting


def test_moves_are_drawn_over_the_depths():
    ax = draw.draw_coasting([3, 0, 0, 2], {"zeros": [1.0, 0.9, 0.8, 2], "None": [1.0, 0, 0, 3]})
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0, 1], [1, 0.9], [2, 0.8], [3, 2]], [[0, 1], [1, 0], [2, 0], [3, 3]],
    ]  # fmt: skip
    assert legend(ax) == {"zeros": PURPLE, "None": GOLD}
    assert [colour(line) for line in ax.lines] == [PURPLE, GOLD] and ax.lines[0].get_linewidth() > 3  # seen behind
    assert [line.get_marker() for line in ax.lines] == ["o", "s"] and {line.get_linestyle() for line in ax.lines} == {
        "-"
    }
    assert list(ticks(ax.xaxis).values()) == ["3", "0", "0", "2"] and list(ticks(ax.xaxis)) == [0, 1, 2, 3]
    assert ax.get_xlim() == (-0.5, 3.5) and ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 3


def test_steps_without_use_stand_on_a_pale_ground():
    ax = draw.draw_coasting([3, 0, 0, 2], {"a": [1.0] * 4, "b": [1.0] * 4})
    assert [(patch.get_x(), patch.get_width()) for patch in ax.patches] == [(0.5, 1), (1.5, 1)]
    assert {colour(patch) for patch in ax.patches} == {PALE}


# ---- the loss at each depth

STEPS = [0, 5, 10]
LOSSES = np.array([[640.0, 630, 620, 610, 600, 590], [64, 63, 62, 61, 60, 59.04], [6.4, 6.3, 6.2, 6.1, 9, 12.34]])


def test_curves_show_each_depth_and_dots_the_step():
    over, now = draw.draw_loss_by_depth(STEPS, LOSSES, 5).axes
    curves = [line for line in over.lines if len(line.get_xdata()) == 3]
    assert [line.get_ydata().tolist() for line in curves] == LOSSES.T.tolist()
    assert all(list(line.get_xdata()) == STEPS for line in curves)
    dots = [line for line in over.lines if line.get_marker() == "o"]
    assert [line.get_xydata().tolist() for line in dots] == [[[5, loss]] for loss in LOSSES[1]]
    assert [colour(line) for line in curves] == [colour(line) for line in dots] == DEPTHS
    assert [line.get_linestyle() for line in curves] == ["-"] * 4 + ["--"] * 2  # never drawn in training: dashed
    (mark,) = [line for line in over.lines if len(line.get_xdata()) == 2]
    assert set(mark.get_xdata()) == {5}
    assert over.get_xlabel() == "step" and legend(over) == {f"k = {k}": DEPTHS[k] for k in range(6)}


def test_dots_stand_at_the_loss_and_carry_it():
    _, now = draw.draw_loss_by_depth(STEPS, LOSSES, 10).axes
    assert [line.get_xydata().tolist() for line in now.lines] == [[[k, loss]] for k, loss in enumerate(LOSSES[2])]
    assert [line.get_marker() for line in now.lines] == ["o"] * 6 and [colour(line) for line in now.lines] == DEPTHS
    written = texts_at(now)
    for k, (loss, text) in enumerate(zip(LOSSES[2], ["6.4", "6.3", "6.2", "6.1", "9", "12.3"], strict=True)):
        assert text in [each for (x, _), each in written.items() if x == k]
        assert [1.2 < y / loss < 1.5 for (x, y), t in written.items() if x == k] == [True]
    assert list(ticks(now.xaxis)) == list(range(6)) and now.get_title(loc="left") == "at step 10"
    low, high = now.get_xlim()
    assert -1 < low < -0.5 and 5.5 < high < 6


@pytest.mark.parametrize("trained", [3, 4])
def test_what_was_never_trained_is_named_and_hollow(trained):
    _, now = draw.draw_loss_by_depth(STEPS, LOSSES, 10, **({"trained": 3} if trained == 3 else {})).axes
    names = [f"k = {k}" for k in range(trained)] + [f"k = {k}\nnever\ndrawn" for k in range(trained, 6)]
    assert list(ticks(now.xaxis).values()) == names
    assert [to_hex(line.get_markerfacecolor()) for line in now.lines] == [
        *DEPTHS[:trained],
        *["#ffffff"] * (6 - trained),
    ]


@pytest.mark.parametrize("step", STEPS)
def test_both_sides_have_one_axis_that_holds_all_at_each_step(step):
    over, now = draw.draw_loss_by_depth(STEPS, LOSSES, step).axes
    assert over.get_ylim() == now.get_ylim() == pytest.approx((3.05, 1920))
    assert counts_in_tens(over)
    over.figure.canvas.draw()
    assert max(text.get_window_extent().y1 for text in now.texts) < now.bbox.y1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_said(bad):
    losses = LOSSES.copy()
    losses[2, 3:] = bad
    _, now = draw.draw_loss_by_depth(STEPS, losses, 10).axes
    assert len(now.lines) == 3
    said = [text for text in now.texts if text.get_text() == "no\nnumber"]
    assert [text.get_position()[0] for text in said] == [3, 4, 5] and {to_hex(text.get_color()) for text in said} == {
        RED
    }
    low = now.get_ylim()[0]
    assert all(low < text.get_position()[1] < 1.3 * low for text in said)


# ---- an event file

SCALARS = {"loss": ([0, 1, 2], [9.0, 3.0, 1.0]), "depth": ([0, 1, 2], [0, 2, 2])}
HISTOGRAMS = [(0, [-1.0, 0.0, 1.0], [0, 6, 2]), (50, [-2.0, 0.0, 1.0, 2.0], [0, 4, 2, 2])]


def test_the_loss_and_the_depths_are_those_of_the_file():
    losses, depths, _ = draw.draw_events(SCALARS, HISTOGRAMS).axes
    (curve,) = losses.lines
    assert curve.get_xydata().tolist() == [[0, 9], [1, 3], [2, 1]] and counts_in_tens(losses)
    bars = [(bar.get_x() + bar.get_width() / 2, bar.get_height(), colour(bar)) for bar in depths.patches]
    assert {bar.get_width() for bar in depths.patches} == {0.75}
    assert bars == [(0, 1, BLUE), (2, 2, ORANGE)] and list(ticks(depths.xaxis)) == [0, 2]
    assert (losses.get_xlabel(), depths.get_xlabel(), colour(curve)) == ("step", "k", INK)


def test_histograms_show_densities_between_the_ends_of_the_bins():
    _, _, weights = draw.draw_events(SCALARS, HISTOGRAMS).axes
    for i, (area, densities) in enumerate(
        zip(weights.collections, ([6 / 8, 2 / 8], [2 / 8, 2 / 8, 2 / 8]), strict=True)
    ):
        limits, base = HISTOGRAMS[i][1], -0.3 * i
        outline = area.get_paths()[0].vertices
        for left, right, density in zip(limits, limits[1:], densities, strict=False):
            top = base + 1.5 * density / 0.75  # the tallest of all is 1.5 high
            for x in (left, right):
                assert np.isclose(outline, (x, top)).all(axis=1).any()
        assert outline[:, 0].min() == limits[0] and outline[:, 0].max() == limits[-1]
        assert outline[:, 1].min() == pytest.approx(base)


def test_later_histograms_stand_below_in_front_and_carry_their_step():
    _, _, weights = draw.draw_events(SCALARS, HISTOGRAMS).axes
    first, second = weights.collections
    assert first.get_zorder() < second.get_zorder()
    many = draw.draw_events(SCALARS, HISTOGRAMS * 3).axes[2].collections
    assert (np.diff([sum(to_rgb(colour(area))) for area in many]) > 0).all()  # lighter with time
    assert texts_at(weights) == {(-2.0, 0.0): "step 0", (-2.0, -0.3): "step 50"} and weights.get_xlabel() == "value"
    assert {(text.get_ha(), to_hex(text.get_color())) for text in weights.texts} == {("right", INK)}  # left of them all
    assert not len(weights.get_yticks()) and not weights.spines["left"].get_visible()
