"""Parameter groups: the curves of their rates, and the path of two weights."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictures import colour, place, texts

from helpers.plots.groups import draw_path, draw_schedules
from helpers.style import BLUE, COLOURS, GREEN, INK, ORANGE, RED

A, B = 1, 25


def test_each_group_has_its_curve_in_its_colour_and_on_its_scale():
    left, right = draw_schedules([(1, 10), (2, 20), (3, 15)], ["base", "classifier"]).axes
    drawn = [[line.get_xydata().tolist() for line in ax.lines] for ax in (left, right)]
    assert drawn == [[[[0, 1], [1, 2], [2, 3]]], [[[0, 10], [1, 20], [2, 15]]]]
    assert [colour(ax.lines[0]) for ax in (left, right)] == [BLUE, ORANGE]
    assert [ax.get_title(loc="left") for ax in (left, right)] == ["base", "classifier"]
    assert left.get_ylim()[1] < 4 and right.get_ylim()[1] > 20
    assert left.get_ylabel() == "learning rate" and {ax.get_xlabel() for ax in (left, right)} == {"step"}


def test_no_group_is_left_out():
    names = [str(i) for i in range(len(COLOURS) + 1)]
    figure = draw_schedules(np.ones((2, len(names))), names)
    assert [ax.get_title(loc="left") for ax in figure.axes] == names and all(ax.lines for ax in figure.axes)


def test_the_path_goes_from_its_start_to_the_star():
    path = [(-4, 3), (-2, -1), (1, 0.5)]
    ax = draw_path(path, (A, B), title="two rates")
    walked, start, minimum = ax.lines
    assert walked.get_xydata().tolist() == [list(point) for point in path]
    assert start.get_xydata().tolist() == [[-4, 3]] and minimum.get_xydata().tolist() == [[0, 0]]
    assert [colour(line) for line in ax.lines] == [BLUE, ORANGE, GREEN]
    assert walked.get_marker() == "o" and minimum.get_marker() == "*"
    assert ax.get_title(loc="left") == "two rates"
    assert ax.get_xlabel().startswith("u") and ax.get_ylabel().startswith("v")


def test_the_picture_holds_the_start_on_either_side():
    for path in ([(-4, 3), (0, 0)], [(3, -4), (0, 0)], [(-4, 3), (-50, 50)]):
        ax = draw_path(path, (A, B))
        assert ax.get_xlim() == ax.get_ylim() == pytest.approx((-5.2, 5.2))  # 1.3 times as far as the start


def test_contours_are_those_of_the_bowl():
    (contours,) = draw_path([(-4, 3), (0, 0)], (A, B)).collections
    highest = (A + B) * 5.2**2 / 2  # in the corner
    for level, outline in zip(contours.levels[:-1], contours.get_paths()[:-1], strict=True):
        u, v = outline.vertices.T
        assert np.allclose((A * u**2 + B * v**2) / 2, level, rtol=0.1, atol=0.005 * highest)
        ends = [min(5.2, np.sqrt(2 * level / curvature)) for curvature in (A, B)]  # the bowl's, or the picture's
        assert np.allclose([u.max(), v.max(), -u.min(), -v.min()], [*ends, *ends], atol=0.06)
    assert len(contours.levels) == 12
    assert contours.levels[-1] == pytest.approx(highest) and contours.levels[0] == pytest.approx(highest / 1000)


@pytest.mark.parametrize(
    "path, verdict, shade",
    [
        ([(-4, 3), (-2, 1), (0, 0.05), (0, 0)], "there in step 2", GREEN),
        ([(-4, 3), (0, 0), (1, 1), (0.09, 0)], "there in step 3", GREEN),  # it left once more
        ([(-4, 3), (0, 0), (0, 0.1)], "still 0.10 away after 2 steps", INK),
        ([(-4, 3), (-2, 1)], "still 2.24 away after 1 steps", INK),
        ([(-4, 3), (-2, 1), (40, 3), (90, 3)], "gone in step 2", RED),
        ([(-4, 3), (-2, 5.2)], "gone in step 1", RED),
        ([(-4, 3), (np.nan, 0)], "gone in step 1", RED),
    ],
)
def test_the_verdict_says_where_the_path_ends(path, verdict, shade):
    (text,) = draw_path(path, (A, B)).texts
    assert text.get_text() == verdict and to_hex(text.get_color()) == shade
    assert 0.9 < min(place(text)) < max(place(text)) < 1  # in the upper right corner


def test_what_leaves_the_picture_ends_with_the_first_point_outside():
    ax = draw_path([(-4, 3), (4, -3), (-40, 3), (0, 0)], (A, B))
    assert ax.lines[0].get_xydata().tolist() == [[-4, 3], [4, -3], [-40, 3]]
    assert ax.get_xlim() == pytest.approx((-5.2, 5.2)) and texts(ax) == ["gone in step 2"]
