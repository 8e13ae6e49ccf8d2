"""Bars and tables: what several notebooks draw of plain numbers and answers."""

import pytest

from helpers.plots.bars import draw_bars, in_digits
from helpers.plots.tables import draw_table


def texts(ax):
    return [text.get_text().strip() for text in ax.texts]


def test_bars_have_their_numbers():
    ax = draw_bars({"slow": 10.0, "quick": 12.44}, "pictures per second", title="speed")
    assert [bar.get_width() for bar in ax.patches] == [10, 12.44]
    assert texts(ax) == ["10", "12.4"]
    assert ax.get_xscale() == "linear" and ax.get_xlim()[0] == 0
    assert ax.get_title(loc="left") == "speed" and ax.get_xlabel() == "pictures per second"


def test_bars_far_apart_stand_on_a_logarithmic_axis():
    ax = draw_bars({"slow": 10.0, "quick": 1000.0}, "pictures per second")
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[0] < 10 and ax.get_xlim()[1] > 1000


def test_a_bar_of_nothing_is_drawn():
    assert draw_bars({"none": 0.0, "some": 1000.0}, "MB").get_xscale() == "linear"


def test_without_bars_the_title_says_why():
    ax = draw_bars({}, "", title="Not measured: there is nothing here.")
    assert ax.get_title(loc="left") == "Not measured: there is nothing here."
    assert not ax.axison and not ax.patches


@pytest.mark.parametrize(
    ["value", "text"], [(0.01234, "0.0123"), (4.5678, "4.57"), (99.96, "100"), (1234.5, "1,234"), (11829.0, "11,829")]
)
def test_numbers_are_short(value, text):
    assert in_digits(value) == text


def test_the_table_ticks_what_is_true():
    ax = draw_table({"a": {"one": True, "two": False}, "b": {"one": True, "two": True}})
    assert [len(line.get_xdata()) for line in ax.lines] == [3, 2, 3, 3]


def test_the_table_shows_words():
    assert {"a", "what", "error"} <= set(texts(draw_table({"a": {"yes": True, "what": "error"}})))
