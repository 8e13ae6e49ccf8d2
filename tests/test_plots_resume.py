"""A resumed training beside one that was not interrupted: curves, verdicts, and the map of differences."""

import math

import numpy as np
import pytest
from matplotlib.colors import LogNorm, to_hex
from matplotlib.patches import Rectangle
from pictures import colour, find_text, is_whole, legend, place, texts

from helpers.plots.resume import draw_differences, draw_resumed, first_difference
from helpers.style import BLUE, GREEN, GREY, INK, PALE, RED

STRAIGHT = [5.0, 4.0, 3.0, 2.0, 1.0]


# ---- the first difference


@pytest.mark.parametrize(
    "resumed, step",
    [
        ([3.0, 2.0, 1.0], None),
        ([3.0], None),
        ([], None),
        ([3.5, 2.0, 1.0], 2),
        ([3.0, np.nextafter(2.0, 3), 0.0], 3),
        ([3.0, 2.0, math.nan], 4),
    ],
)
def test_the_first_difference(resumed, step):
    assert first_difference(STRAIGHT, resumed, 2) == step


# ---- curves


def curves(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_both_trainings_are_drawn_where_they_belong():
    ax = draw_resumed(STRAIGHT, [3.0, 2.5, 0.5], 2, title="without model")
    assert curves(ax)["straight through"].get_xydata().tolist() == [[0, 5], [1, 4], [2, 3], [3, 2], [4, 1]]
    assert curves(ax)["resumed"].get_xydata().tolist() == [[2, 3], [3, 2.5], [4, 0.5]]
    assert legend(ax) == {"straight through": BLUE, "resumed": INK}
    assert colour(curves(ax)["straight through"]) == BLUE and colour(curves(ax)["resumed"]) == INK
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("step", "loss", "without model")


def test_a_long_title_does_not_meet_the_legend():
    title = "restored: " + ", ".join(["model", "optimizer", "scheduler", "sampler", "python_rng", "numpy_rng"])
    ax = draw_resumed(STRAIGHT, [3.0], 2, title=title, ylabel="learning rate")
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left").split() == title.split() and ax.get_ylabel() == "learning rate"
    assert find_text(
        ax, ax.get_title(loc="left")
    ).get_window_extent().x1 < ax.get_legend().get_window_extent().x0 and is_whole(ax.figure)


@pytest.mark.parametrize("title, lines", [("", 0), ("x" * 52, 1), ("x" * 50 + " yy", 2)])
def test_a_title_is_broken_where_it_is_long(title, lines):
    assert len(draw_resumed(STRAIGHT, [3.0], 2, title=title).get_title(loc="left").splitlines()) == lines


def test_a_line_before_the_first_resumed_step_says_saved_here():
    ax = draw_resumed(STRAIGHT, [], 2)
    (line,) = [line for line in ax.lines if set(line.get_xdata()) == {1.5}]
    assert line.get_linestyle() == "--" and colour(line) == GREY
    saved = ax.texts[0]
    assert saved.get_text() == "saved here" and saved.get_ha() == "right" and 1 < saved.get_position()[0] < 1.5
    assert 0.9 < place(saved)[1] < 1


@pytest.mark.parametrize(
    "resumed, verdict, shade, ring",
    [
        ([3.0, 2.0, 1.0], "equal to the last bit", GREEN, None),
        ([3.0], "equal to the last bit", GREEN, None),
        ([], "", INK, None),
        ([3.0, 2.5, 1.0], "differs from step 3 on", RED, [3, 2.5]),
        ([3.5], "differs from step 2 on", RED, [2, 3.5]),
        ([3.0, 9.0, 12.5], "differs from step 3 on", RED, [3, 9]),
        ([3.0, 9.0, 13.0], "differs from step 3 on,\noff the scale from step 4 on", RED, [3, 9]),
        ([3.5, math.nan, math.nan], "differs from step 2 on,\noff the scale from step 3 on", RED, [2, 3.5]),
        ([3.5, math.inf, 1.0], "differs from step 2 on,\noff the scale from step 3 on", RED, [2, 3.5]),
    ],
)
def test_the_verdict_and_the_ring(resumed, verdict, shade, ring):
    ax = draw_resumed(STRAIGHT, resumed, 2)
    assert ax.texts[-1].get_text() == verdict and to_hex(ax.texts[-1].get_color()) == shade
    assert min(place(ax.texts[-1])) > 0.9 and ax.texts[-1].get_ha() == "right"
    rings = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert [line.get_xydata()[0].tolist() for line in rings] == ([ring] if ring else [])
    assert all(to_hex(line.get_markeredgecolor()) == RED and line.get_marker() == "o" for line in rings)


@pytest.mark.parametrize("resumed, top", [([3.0], 6.25), ([8.0], 10), ([1e9], 12.5), ([math.nan], 6.25)])
def test_the_axes_hold_both_and_leave_room_for_the_verdict(resumed, top):
    ax = draw_resumed(STRAIGHT, resumed, 2)
    assert ax.get_ylim() == (0, top) and ax.get_xlim() == (-0.5, 4.5)


def test_a_longer_training_is_not_cut_off():
    ax = draw_resumed([2.0, 1.0], [1.0, 1.0, 1.0, 1.0], 1)
    assert ax.get_xlim() == (-0.5, 4.5) and all(tick == int(tick) for tick in ax.get_xticks())


def test_a_live_plot_draws_again_into_the_same_axes():
    ax = draw_resumed(STRAIGHT, [3.5], 2)
    assert draw_resumed(STRAIGHT, [3.0, 2.0], 2, ax=ax) is ax
    assert curves(ax)["resumed"].get_xydata().tolist() == [[2, 3], [3, 2]]
    assert texts(ax) == ["saved here", "equal to the last bit"] and is_whole(ax.figure)


# ---- the map

RESUMED = {
    "equal": [3.0, 2.0, 1.0],
    "late": [3.0, 2.0, 1.5],
    "at once": [3.01, 2.0, 9.0],
    "no number": [3.0, math.nan, math.inf],
}


def test_every_cell_shows_how_far_it_is():
    ax = draw_differences(STRAIGHT, RESUMED, 2)
    (image,) = ax.images
    cells = np.ma.filled(image.get_array(), 0)
    assert np.allclose(cells, [[0, 0, 0], [0, 0, 0.5], [0.01, 0, 1], [0, 1, 1]])
    assert (np.ma.getmaskarray(image.get_array()) == (cells == 0)).all() and to_hex(ax.get_facecolor()) == PALE
    assert isinstance(image.norm, LogNorm) and (image.norm.vmin, image.norm.vmax, image.norm.clip) == (1e-4, 1, True)
    light, dark = image.cmap(image.norm([1e-4, 1]))[:, :3].sum(axis=1)
    assert light > dark
    assert ax.figure.axes[1].get_ylabel() == "difference of the loss" and ax.get_title(loc="left").startswith("Grey: ")


def test_cells_stand_at_their_step_in_the_row_of_their_title():
    ax = draw_differences(STRAIGHT, RESUMED, 2)
    assert ax.images[0].get_extent() == [1.5, 4.5, 3.5, -0.5]
    assert ax.get_xlim() == (1.5, 4.5) and ax.get_ylim() == (3.5, -0.5)
    assert ax.get_yticks().tolist() == [0, 1, 2, 3] and ax.get_xlabel() == "step"
    assert [label.get_text() for label in ax.get_yticklabels()] == list(RESUMED)
    (gaps,) = ax.collections
    assert [segment.tolist() for segment in gaps.get_segments()] == [
        [[1.5, y], [4.5, y]] for y in (0.5, 1.5, 2.5)
    ]  # white between the rows


def test_the_first_difference_of_each_row_is_framed():
    ax = draw_differences(STRAIGHT, RESUMED, 2)
    frames = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    centres = [(patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2) for patch in frames]
    assert np.allclose(centres, [(4, 1), (2, 2), (3, 3)])
    assert all(
        0.9 < patch.get_width() < 1 and 0.9 < patch.get_height() < 1 and not patch.get_fill() for patch in frames
    )
    assert {to_hex(patch.get_edgecolor()) for patch in frames} == {INK}


def test_a_row_without_difference_is_called_equal():
    (text,) = draw_differences(STRAIGHT, RESUMED, 2).texts
    assert text.get_text() == "equal" and text.get_position() == (3, 0) and to_hex(text.get_color()) == GREEN


@pytest.mark.parametrize("steps", [6, 80, 200])
def test_steps_are_numbered_without_running_into_each_other(steps):
    straight = [1.0] * steps
    ax = draw_differences(straight, {"equal": straight[steps // 2 :]}, steps // 2)
    shown = [tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]]
    assert 3 <= len(shown) <= 13 and all(tick == int(tick) for tick in shown)
