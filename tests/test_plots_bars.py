"""Numbers as bars: what several notebooks draw."""

import pytest
from matplotlib.colors import to_hex
from pictures import is_whole, texts, ticks

from helpers.plots.bars import draw_bars, in_digits
from helpers.style import BLUE


@pytest.mark.parametrize(
    "values", [{"slow": 10.0, "quick": 12.44}, {"a": 0.5, "b": 9.75, "c": 3.0}, {"none": 0, "b": 7}]
)
def test_bars_have_their_lengths_names_and_numbers(values):
    ax = draw_bars(values, "pictures per second", title="speed")
    rows = ticks(ax.yaxis)
    seen = {rows[round(bar.get_y() + bar.get_height() / 2, 6)]: bar.get_width() for bar in ax.patches}
    assert seen == values and list(rows) == list(range(len(values))) and ax.yaxis_inverted()
    assert [bar.get_x() for bar in ax.patches] == [0] * len(values)
    assert [float(text) for text in texts(ax)] == pytest.approx(list(values.values()), rel=0.005)
    assert ax.get_xscale() == "linear" and ax.get_xlim()[0] == 0
    assert ax.get_ylim() == (len(values) - 0.5, -0.5)
    assert 1.1 * max(values.values()) <= ax.get_xlim()[1] <= 1.3 * max(values.values())  # room for the number
    assert ax.get_title(loc="left") == "speed" and ax.get_xlabel() == "pictures per second"
    assert is_whole(ax.figure)


@pytest.mark.parametrize(["smallest", "largest", "scale"], [(10, 200, "linear"), (10, 201, "log"), (0.01, 9, "log")])
def test_bars_far_apart_stand_on_a_logarithmic_axis(smallest, largest, scale):
    ax = draw_bars({"slow": smallest, "quick": largest}, "pictures per second")
    assert ax.get_xscale() == scale
    limits = (smallest / 2, 2 * largest) if scale == "log" else (0, 1.15 * largest)  # the shortest has a length
    assert ax.get_xlim() == pytest.approx(limits)
    if scale == "log":
        (dots,) = ax.lines
        assert dict(zip(dots.get_ydata(), dots.get_xdata(), strict=True)) == {"slow": smallest, "quick": largest}
        assert dots.get_marker() == "o" and dots.get_linestyle() == "None" and not ax.patches
    else:
        assert [bar.get_width() for bar in ax.patches] == [smallest, largest] and not ax.lines
    assert texts(ax) == [in_digits(smallest), in_digits(largest)]
    assert {text.anncoords for text in ax.texts} == {"offset points"}
    assert {to_hex(shape.get_facecolor()) for shape in ax.patches} <= {BLUE} and {
        each.get_color() for each in ax.lines
    } <= {BLUE}
    assert {round(shape.get_height(), 6) for shape in ax.patches} <= {0.7}  # rows do not touch
    assert [text.xyann for text in ax.texts] == [(7, 0), (7, 0)]
    assert [text.xy for text in ax.texts] == [(smallest, "slow"), (largest, "quick")]


def test_the_numbers_of_the_axis_are_plain():
    labels = ticks(draw_bars({"slow": 9.0, "quick": 20_000.0}, "MB").xaxis)
    assert labels[10] == "10" and labels[10_000] == "10,000"
    labels = ticks(draw_bars({"slow": 0.19, "quick": 0.3}, "MB").xaxis)
    assert labels[next(place for place in labels if abs(place - 0.1) < 1e-9)] == "0.1"


def test_a_bar_of_nothing_is_drawn():
    assert draw_bars({"none": 0.0, "some": 1000.0}, "MB").get_xscale() == "linear"


def test_without_bars_the_title_says_why():
    ax = draw_bars({}, "", title="Not measured: there is nothing here.")
    assert ax.get_title(loc="left") == "Not measured: there is nothing here."
    assert not ax.axison and not ax.patches


@pytest.mark.parametrize(
    ["value", "text"],
    [
        *((0.01234, "0.0123"), (0.18, "0.180"), (4.5678, "4.57"), (28, "28.0"), (99.94, "99.9"), (99.96, "100")),
        *((100, "100"), (100.4, "100"), (1234.5, "1,234"), (11829.0, "11,829"), (0, "0"), (-250.4, "-250")),
    ],
)
def test_numbers_are_short(value, text):
    assert in_digits(value) == text


def test_what_is_rounded_to_a_hundred_has_no_point():
    assert in_digits(99.95) == "100" and in_digits(99.94) == "99.9"
