"""Tables of marks and words."""

import numpy as np
import pytest
from pictures import colour, find_text, is_whole, texts_at

from helpers.plots.tables import draw_table
from helpers.style import GREEN, GREY, INK, RED

TABLE = {
    "x.exp()": {"leaf": True, "saves": "output", "input changed": "fine"},
    "x.sin()": {"leaf": False, "saves": "–", "input changed": "error"},
    "x + 1": {"leaf": True, "saves": "?", "input changed": "wrong"},
}


@pytest.mark.parametrize(["width", "label"], [(1.5, 3.0), (1.75, 2.4)])
def test_every_value_stands_under_its_column_beside_its_row(width, label):
    ax = draw_table(TABLE, title="What changes", width=width, label=label)
    columns = {name: find_text(ax, name).get_position()[0] for name in TABLE["x.exp()"]}
    assert list(columns.values()) == pytest.approx([label + width * (i + 0.5) for i in range(3)])
    rows = {name: find_text(ax, name).get_position()[1] for name in TABLE}
    assert list(rows.values()) == [0, 1, 2] and ax.yaxis_inverted()
    written = texts_at(ax)
    for (name, column), value in {(n, c): v for n, row in TABLE.items() for c, v in row.items()}.items():
        here = columns[column], rows[name]
        marks = [line for line in ax.lines if np.hypot(*(line.get_xydata().mean(0) - here)) < 0.1]
        if isinstance(value, bool):
            (mark,) = marks
            assert colour(mark) == (GREEN if value else GREY) and here not in written
        else:
            assert not marks and written[here] == value
    heads = [find_text(ax, name).get_position()[1] for name in columns]
    assert max(heads) < -0.5 and find_text(ax, "What changes").get_position()[1] < min(heads) - 0.5
    assert 2.5 < ax.get_ylim()[0] < 3 and ax.get_ylim()[1] < -1.8 and is_whole(ax.figure)
    assert ax.get_xlim() == (0, ax.figure.get_figwidth())  # the columns' widths are inches
    assert ax.figure.get_figwidth() == pytest.approx(label + 3 * width, abs=0.3)
    assert not ax.axison and ax.get_position().bounds == (0, 0, 1, 1)


def test_a_tick_is_a_tick_and_a_dash_is_a_dash():
    tick, dash = draw_table({"a": {"one": True, "two": False}}).lines
    (x, y), column = tick.get_data(), 3.0 + 1.5 / 2
    assert x[0] < x[1] < column < x[2] and y[2] < -0.1 < 0 < y[0] < 0.1 < y[1]  # down, and far up: y runs downwards
    assert list(dash.get_ydata()) == [0, 0] and np.ptp(dash.get_xdata()) == pytest.approx(0.12)
    assert dash.get_xdata().mean() == pytest.approx(column + 1.5)


def test_words_have_the_colours_of_what_they_mean():
    ax = draw_table(TABLE)
    shades = {word: colour(find_text(ax, word)) for word in ("error", "wrong", "fine", "–", "?", "output")}
    assert shades == {"error": RED, "wrong": RED, "fine": GREEN, "–": GREY, "?": GREY, "output": INK}


def test_every_second_row_is_shaded():
    ax = draw_table(TABLE)
    assert [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in ax.patches] == [(-0.5, 0.5), (1.5, 2.5)]


def test_without_a_title_the_table_is_lower():
    with_title, without = (draw_table(TABLE, title=title) for title in ("What changes", ""))
    assert without.figure.get_figheight() < with_title.figure.get_figheight() and is_whole(without.figure)
    assert without.get_ylim()[1] < -0.9  # above the names of the columns
