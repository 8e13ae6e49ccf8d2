"""Tensors woven into their storage, judged by what stands in the figure."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from pictures import cells, colour, find_text, lines_of_words, place, texts

from helpers.plots.layout import STORAGE, Layout
from helpers.plots.weave import draw_verdict, draw_views, draw_weave
from helpers.style import GREEN, GREY, PALE, RED

X = torch.arange(12).view(3, 4)
TENSORS = {"x": X, "x[1:, ::2]": X[1:, ::2], "x.t()": X.t(), "x[:2].expand(2, 2, 4)": X[:2].expand(2, 2, 4)}
each_tensor = pytest.mark.parametrize("tensor", TENSORS.values(), ids=TENSORS)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def ends(ax):
    """Return left, right and height of both ends of each ribbon: reading order, storage; and its colour."""
    ribbons = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    found = []
    for ribbon in ribbons:
        points = ribbon.get_path().vertices
        upper, lower = ([x for x, y in points if y == end] for end in (points[:, 1].max(), points[:, 1].min()))
        heights = points[:, 1].max(), points[:, 1].min()
        (a, b), (c, d), middle = (min(upper), max(upper)), (min(lower), max(lower)), sum(heights) / 2
        assert points[:, 0].tolist() == [a, a, c, c, d, d, b, b]  # upright at both ends
        assert points[[1, 2, 5, 6], 1] == pytest.approx(middle)
        found.append(((min(upper), max(upper), heights[0]), (min(lower), max(lower), heights[1]), colour(ribbon)))
    return found


def elements(ax):
    """Return left, right, lower edge and colour of the elements in reading order."""
    boxes = [patch for patch in ax.patches if type(patch) is Rectangle]
    assert {round(box.get_height(), 6) for box in boxes} == {0.32}
    return [(box.get_x(), box.get_x() + box.get_width(), box.get_y(), colour(box)) for box in boxes]


def read_cells(tensor):
    return [tensor[index].storage_offset() for index in np.ndindex(tensor.shape)]


def expect_woven(ax, tensor, x=0.0, y=0.0):
    """Assert that a ribbon leads from every element, in reading order, to its cell of the storage at (x, y)."""
    order = read_cells(tensor)
    assert len(ends(ax)) == len(elements(ax)) == len(order)
    for (upper, lower, tone), element, cell in zip(ends(ax), elements(ax), order, strict=True):
        assert tone == element[3] == to_hex(STORAGE((cell + 0.5) / 12))
        assert sum(lower[:2]) / 2 == pytest.approx(x + cell + 0.5) and y + 0.9 < lower[2] <= y + 1
        assert 0.8 < lower[1] - lower[0] < 1
        assert sum(upper[:2]) == pytest.approx(sum(element[:2])) and upper[2] == element[2] > lower[2]
    lefts = [element[0] for element in elements(ax)]
    width = min(1, 12 / len(order))
    assert np.diff(lefts) == pytest.approx(width)
    assert all(0.85 * width < right - left < width for left, right, *_ in elements(ax))
    assert lefts[0] + elements(ax)[-1][1] == pytest.approx(2 * x + 12)  # in the middle above the storage
    strip = {place: tone for place, tone in cells(ax).items() if place[1] == y}
    reached = {cell: to_hex(STORAGE((cell + 0.5) / 12)) for cell in order}
    assert {round(px - x): tone for (px, _), tone in strip.items()} == {c: reached.get(c, PALE) for c in range(12)}


@each_tensor
def test_a_ribbon_leads_from_each_element_to_its_cell(tensor):
    ax = plt.subplots()[1]
    draw_weave(ax, Layout.of(tensor), 2, 1, size=9)
    expect_woven(ax, tensor, 2, 1)
    assert texts(ax) == [str(cell) for cell in range(12)]


def test_ribbons_can_be_seen_through():
    ax = plt.subplots()[1]
    draw_weave(ax, Layout.of(X), 0, 0, size=9)
    assert {0.2 < patch.get_facecolor()[3] < 0.8 for patch in ax.patches if isinstance(patch, PathPatch)} == {True}
    (codes,) = {tuple(patch.get_path().codes) for patch in ax.patches if isinstance(patch, PathPatch)}
    assert codes == (Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3)  # curved at the sides alone


def test_views_stand_side_by_side():
    figure = draw_views(TENSORS, title="Four", columns=3)
    assert len(figure.axes) == 6 and not any(ax.axison for ax in figure.axes)
    assert (
        not figure.axes[4].patches and not figure.axes[5].patches and [t.get_text() for t in figure.texts] == ["Four"]
    )
    for ax, (code, tensor) in zip(figure.axes, TENSORS.items(), strict=False):
        expect_woven(ax, tensor)
        (name,) = [text for text in ax.texts if text.get_text() == code]
        ((spot, words),) = lines_of_words(ax)
        size, stride = tuple(tensor.shape), tensor.stride()
        caption = "".join(word for word, _ in words)
        assert caption.split() == f"size {size} stride {stride} offset {tensor.storage_offset()}".split()
        grid = [place for place in cells(ax) if place[1] > 1]
        assert len(grid) == tensor.numel()
        assert [cells(ax)[cell] for cell in grid] == [to_hex(STORAGE((c + 0.5) / 12)) for c in read_cells(tensor)]
        lefts = [x for x, _ in grid]
        assert min(lefts) + max(lefts) + 1 == pytest.approx(12)
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert left < min(lefts) and max(lefts) + 1 < right and -0.5 < left < 0 and 12 < right < 13.5 and -1.5 < low < 0
        elements_top = elements(ax)[0][2] + 0.32
        assert elements_top < min(y for _, y in grid)
        strides = [text for text in ax.texts if text.get_text().startswith("+")]
        assert [text.get_text() for text in strides] == [f"+{stride}" for stride in tensor.stride()]
        tops = [y + 1 for _, y in grid] + [text.get_position()[1] + 0.5 for text in strides]
        assert max(tops) < spot[1] < name.get_position()[1] < high and spot[0] == name.get_position()[0] == 0
        arrows = 0.8 if tensor.dim() < 3 else 1.8  # above the grid; both in the middle of their room
        assert min(y for _, y in grid) + max(y for _, y in grid) + 1 + arrows == pytest.approx(2 * 7.4)
        assert min(text.get_fontsize() for text in ax.texts) >= 9 and ax.get_aspect() == 1


def test_the_first_view_names_its_two_rows():
    figure = draw_views(TENSORS, columns=2)
    assert len(figure.axes) == 4
    named = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts if colour(text) == GREY}
    first = figure.axes[0]
    grid = min(y for _, y in cells(first) if y > 1)
    assert elements(first)[0][2] + 0.32 < named["in reading order"] < grid - 0.3
    assert first.get_ylim()[0] < named["storage"] < 0
    assert {text.get_position()[0] for text in first.texts if text.get_text() in named} == {0}
    x, y = place(find_text(draw_views(TENSORS, title="Four"), "Four"))
    assert 0 < x < 0.1 and 0.9 < y < 1
    assert not any("storage" in texts(ax) for ax in figure.axes[1:])


VERDICTS = [  # tensor, new shape, groups of the tensor, of the new shape, those that are missing
    (X, (2, 6), [], [6], []),
    (X, (12,), [], [], []),
    (X[:, :2], (6,), [2], [], [2]),
    (X[:, :2], (3, 2, 1), [2], [2], []),
    (X.view(2, 3, 2).transpose(0, 1), (3, 4), [2, 4], [4], [2]),
    (X[:2].expand(2, 2, 4), (4, 4), [8], [4], [8]),  # more elements than cells
    (X.view(2, 3, 2).transpose(0, 1), (2, 3, 2), [2, 4], [2, 6], [4]),
]


@pytest.mark.parametrize("tensor, new, groups, offered, missing", VERDICTS)
def test_the_verdict_shows_which_groups_meet(tensor, new, groups, offered, missing):
    ax = draw_verdict(tensor, new, groups, title="the title")
    expect_woven(ax, tensor, 6.2)
    (caption_at, caption), (verdict_at, verdict) = lines_of_words(ax)
    assert caption[0][0].strip() == "the title" and verdict[0][0].strip() == f".view({', '.join(map(str, new))})"
    assert verdict[1] == (
        (f"impossible: the new shape has no groups of {missing[0]}", RED)
        if missing
        else ("possible without a copy", GREEN)
    )
    wanted = [(f"the tensor's groups of {n}", n, RED if n in missing else GREEN) for n in groups]
    wanted += [(f"the new shape's groups of {n}", n, GREEN if n in groups else GREY) for n in offered]
    labels = [text for text in ax.texts if "groups" in text.get_text()]
    assert [(text.get_text(), colour(text)) for text in labels] == [(text, tone) for text, _, tone in wanted]
    bars = {}
    for patch in ax.patches:
        if isinstance(patch, FancyBboxPatch) and patch.get_height() < 0.5:
            bars.setdefault(patch.get_y(), []).append(patch)
    first = elements(ax)
    assert len(bars) == len(wanted)
    for (y, row), label, (_, length, tone) in zip(sorted(bars.items()), labels, wanted, strict=True):
        assert len(row) == tensor.numel() // length and {colour(bar) for bar in row} == {tone}
        assert y < label.get_position()[1] < y + row[0].get_height() and y > first[0][2] + 0.32
        for k, bar in enumerate(row):  # each above the elements of its group
            left, right = first[k * length][0], first[(k + 1) * length - 1][1]
            assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((left, right), abs=0.05)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left < 0 and right > 18.2 and low < 0 and caption_at[1] > verdict_at[1] > max(bars, default=4) + 0.4
    assert high > caption_at[1] + 0.5 and not ax.axison and min(text.get_fontsize() for text in ax.texts) >= 9
    assert ax.figure.get_figwidth() / ax.figure.get_figheight() == pytest.approx((right - left) / (high - low))
    rows = {
        text.get_text(): text.get_position() for text in ax.texts if text.get_text() in ("in reading order", "storage")
    }
    assert first[0][2] < rows["in reading order"][1] < first[0][2] + 0.32 and 0 < rows["storage"][1] < 1
    assert {x for x, _ in rows.values()} == {text.get_position()[0] for text in labels} | {5.8}
