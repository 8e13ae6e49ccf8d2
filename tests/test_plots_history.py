"""What autograd keeps of a computation: the drawn versions, slopes and graphs."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Annotation
from pictures import colour, find_text, legend, place, texts, texts_at

from helpers.plots.history import draw_frozen_factor, draw_growing_graph, draw_versions
from helpers.style import BLUE, GREEN, GREY, INK, ORANGE, RED

STEPS = [
    ("x = zeros", 0, False),
    ("x += 1", 1, True),
    ("y = x", 1, False),
    ("x.data += 1", 1, True),
    ("x *= 2", 2, True),
]


# ---- versions


def test_each_line_of_code_has_its_version_in_its_colour():
    ax = draw_versions(STEPS)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    left = dots[0].get_xdata()[0]
    assert [(line.get_xdata()[0] - left, -line.get_ydata()[0]) for line in dots] == [
        (version, row) for row, (_, version, _) in enumerate(STEPS)
    ]
    assert [colour(line) for line in dots] == [GREY, GREEN, GREY, RED, GREEN]  # new versions green, silence red
    for row, (code, version, _) in enumerate(STEPS):
        (at,) = [x for (x, y), text in texts_at(ax).items() if text == str(version) and round(y) == -row and y != 0.85]
        assert at == left + version
        assert find_text(ax, code).get_position() == pytest.approx((left - 0.6, -row))  # beside the dot of version 0


def test_a_staircase_leads_from_version_to_version():
    ax = draw_versions(STEPS)
    left = ax.lines[0].get_xdata()[0]
    stairs = [line.get_xydata() - [left, 0] for line in ax.lines if len(line.get_xdata()) == 3]
    assert [stair.tolist() for stair in stairs] == [
        [[0, 0], [0, -1], [1, -1]],
        [[1, -1], [1, -2], [1, -2]],
        [[1, -2], [1, -3], [1, -3]],
        [[1, -3], [1, -4], [2, -4]],
    ]


def test_every_row_has_a_rail_to_the_last_version():
    rails = [line.get_xydata().tolist() for line in draw_versions(STEPS).lines if len(line.get_xdata()) == 2]
    left = rails[0][0][0]
    assert rails == [[[left, -row], [left + 2, -row]] for row in range(len(STEPS))]


def test_only_the_silent_change_is_called_so():
    ax = draw_versions(STEPS)
    silent = find_text(ax, "changed in silence")
    dot = [line for line in ax.lines if line.get_marker() == "o"][3]
    assert silent.get_position()[1] == dot.get_ydata()[0] and 0 < silent.get_position()[0] - dot.get_xdata()[0] < 0.5
    assert to_hex(silent.get_color()) == RED


def test_beside_each_dot_stands_what_happened():
    written = [
        (-text.get_position()[1], text.get_text(), to_hex(text.get_color())) for text in draw_versions(STEPS).texts
    ]
    tones = {"counted": GREEN, "not changed": GREY, "changed in silence": RED}
    found = [(row, word) for row, word, tone in written if tones.get(word) == tone]
    assert found == [(1, "counted"), (2, "not changed"), (3, "changed in silence"), (4, "counted")]


def test_versions_are_numbered_above_and_nothing_is_cut_off():
    ax = draw_versions(STEPS)
    left = ax.lines[0].get_xdata()[0]
    above = {x: text for (x, y), text in texts_at(ax).items() if y > 0}
    assert (
        min(above) == pytest.approx(left - 0.6)
        and above.pop(min(above)) == "version"
        and above == {left: "0", left + 1: "1", left + 2: "2"}
    )
    (low, high), (lower, upper) = ax.get_xlim(), ax.get_ylim()
    assert low < left and high > left + 3 and lower < -len(STEPS) + 1 - 0.3 and upper > 1
    assert ax.get_position().bounds == (0, 0, 1, 1) and not ax.axison
    ax.figure.canvas.draw()
    assert all(
        ax.bbox.x0 <= text.get_window_extent().x0 and text.get_window_extent().x1 <= ax.bbox.x1 for text in ax.texts
    )


# ---- a frozen factor


@pytest.mark.parametrize("a, slope", [(3, 3.0), (2, 2.0)])
def test_the_line_that_autograd_sees_meets_the_square(a, slope):
    ax = draw_frozen_factor(a, slope)
    square, line, tangent, point = ax.lines
    x = np.asarray(square.get_xdata())
    assert np.allclose(square.get_ydata(), x**2) and len(x) > 50 and (x.min(), x.max()) == ax.get_xlim() == (-1, 5)
    assert np.allclose(line.get_ydata(), slope * np.asarray(line.get_xdata())) and len(line.get_xdata()) == len(x)
    (u, w), (v, z) = tangent.get_xdata(), tangent.get_ydata()
    assert (z - v) / (w - u) == pytest.approx(2 * a) and np.interp(a, [u, w], [v, z]) == pytest.approx(a**2)
    assert (u, w) == (a - 2, a + 2) and tangent.get_linestyle() == "--"
    assert point.get_xydata().tolist() == [[a, a**2]]
    assert [colour(each) for each in ax.lines] == [BLUE, ORANGE, BLUE, INK]
    low, high = ax.get_ylim()
    assert low <= min(min(each.get_ydata()) for each in ax.lines) and max(x**2) <= high
    assert list(legend(ax)) == [
        "a · a",
        f"{slope:g} · a, as autograd sees a · a.detach() at a = {a}",
        f"the tangent of a · a: slope {2 * a}",
    ]
    assert ax.get_xlabel() == "a"


# ---- a graph that grows


def total_of(number, weight):
    total = torch.zeros(())
    for step in range(number):
        total = total + (weight * step - 1).square()
    return total


def boxes(ax):
    """Return (column, row) → (label, colour): the text in a box, and the colour that fills it."""
    labels = {(x, round(y)): text for (x, y), text in texts_at(ax).items()}
    found = {}
    for patch in ax.patches:
        if isinstance(patch, FancyBboxPatch):
            x, y = patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2
            (label,) = [text for (u, v), text in labels.items() if abs(u - x) < 1e-6 and v == round(y)]
            found[round(x, 6), round(y)] = label, colour(patch)
    return found


def arrows(ax):
    """Return the boxes that each arrow joins: ((column, row), (column, row))."""
    ends = [(each.xyann, each.xy) for each in ax.findobj(Annotation)]
    return {tuple(min(boxes(ax), key=lambda box: np.hypot(box[0] - x, box[1] - y)) for x, y in each) for each in ends}


def test_sums_go_to_the_left_and_a_loss_hangs_on_each():
    ax = draw_growing_graph(total_of(3, torch.tensor(2.0, requires_grad=True)).grad_fn)
    sums = {(x, 0): ("Add", ORANGE) for x in (0, -1, -2)}
    parts = {(x, -row): (name, BLUE) for x in (0, -1, -2) for row, name in enumerate(["Pow", "Sub", "Mul"], 1)}
    assert boxes(ax) == sums | parts | {
        (-1, -5): ("weight", GREEN)
    }  # the leaf in the middle, with a row left for arrows
    along = {((0, 0), (-1, 0)), ((-1, 0), (-2, 0))}
    down = {((x, -row), (x, -row - 1)) for x in (0, -1, -2) for row in range(3)}
    assert arrows(ax) == along | down | {((x, -3), (-1, -5)) for x in (0, -1, -2)}


def test_only_the_newest_sum_has_a_frame():
    root = total_of(3, torch.tensor(2.0, requires_grad=True)).grad_fn
    framed = [box for box in draw_growing_graph(root).patches if to_hex(box.get_edgecolor(), True) == f"{INK}ff"]
    assert [box.get_x() for box in framed] == [-0.4] and framed[0].get_linewidth() > 2


def test_arrows_begin_and_end_at_the_edges_of_boxes():
    ax = draw_growing_graph(total_of(2, torch.tensor(2.0, requires_grad=True)).grad_fn)
    along, *_ = [each for each in ax.findobj(Annotation) if each.xy[1] == each.xyann[1]]
    assert along.xyann[0] == pytest.approx(-0.4) and -0.6 <= along.xy[0] <= -0.56
    down, *_ = [each for each in ax.findobj(Annotation) if each.xyann[1] == pytest.approx(-0.28)]
    assert -0.72 <= down.xy[1] <= -0.68 and down.xy[0] == down.xyann[0]
    assert all(
        each.arrow_patch.get_arrowstyle().__class__.__name__ == "CurveFilledB" for each in ax.findobj(Annotation)
    )


def test_leaves_stand_beside_each_other_and_shared_nodes_once():
    a, b = (torch.tensor(2.0, requires_grad=True) for _ in range(2))
    shared = a * b
    drawn = boxes(draw_growing_graph((shared.exp() + shared.sin()).grad_fn))
    assert sorted(label for label, _ in drawn.values()) == ["Add", "Exp", "Mul", "Sin", "weight", "weight"]
    (x, row), (u, other) = [at for at, (label, _) in drawn.items() if label == "weight"]
    assert row == other == min(y for _, y in drawn) and u - x == 1 and (x + u) / 2 == min(left for left, _ in drawn) / 2


@pytest.mark.parametrize("number", [1, 8])
def test_the_picture_holds_every_box_at_one_scale(number):
    ax = draw_growing_graph(total_of(number, torch.tensor(2.0, requires_grad=True)).grad_fn, title="graph")
    (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for x, y in boxes(ax):
        assert low <= x - 0.4 and x + 0.4 <= high and bottom <= y - 0.28 and y + 0.28 <= top
    assert high - low == 8 and min(x for x, _ in boxes(ax)) - low == 0.5  # eight columns, from the left
    x, y = place(find_text(ax.figure, "graph"))
    assert ax.get_position().bounds == (0, 0, 1, 0.9) and 0 < x < 0.1 and 0.9 < y < 1


def test_without_a_graph_there_is_a_sentence():
    ax = draw_growing_graph(None)
    assert texts(ax) == ["no graph: only a number"] and not ax.patches and not ax.axison
    (low, high), (bottom, top), (x, y) = ax.get_xlim(), ax.get_ylim(), ax.texts[0].get_position()
    assert (x, y) == pytest.approx(((low + high) / 2, (bottom + top) / 2), abs=0.1)
