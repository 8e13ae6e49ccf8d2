"""A tensor above its storage, judged by what stands in the figure."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.patches import Arc, FancyArrowPatch
from pictures import cells, colour, lines_of_words, outlines, rounded_boxes, texts_at
from PIL import Image

from helpers.plots.layout import GAP, STORAGE
from helpers.plots.storage import DIMS, draw_cell, draw_tensor, outline, text_on
from helpers.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, PURPLE

X = torch.arange(12).view(3, 4)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def arrows(ax):
    """Return the arrows of some width: (start, end, colour)."""
    drawn = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch) and patch.get_linewidth()]
    return [(*patch._posA_posB, to_hex(patch.get_edgecolor())) for patch in drawn]


def arcs(ax):
    """Return the jumps: (left end, right end, depth, colour)."""
    drawn = [patch for patch in ax.patches if isinstance(patch, Arc)]
    assert all(
        (arc.theta1, arc.theta2) == (180, 360) and -0.6 < arc.center[1] < -0.4 for arc in drawn
    )  # below the strip
    return [
        (arc.center[0] - arc.width / 2, arc.center[0] + arc.width / 2, arc.height / 2, to_hex(arc.get_edgecolor()))
        for arc in drawn
    ]


def grid(ax, tensor):
    """Return left and lower edge of the grid's cells in the order of the elements, from the cells above the strip."""
    upper = [place for place in cells(ax) if place[1] > 0]
    assert len(upper) == tensor.numel()
    return upper


def heads(ax):
    """Return where the jumps point to: the ends of the arrows without a line, of which only the head is seen."""
    return [
        patch._posA_posB for patch in ax.patches if isinstance(patch, FancyArrowPatch) and not patch.get_linewidth()
    ]


def shade(cell, count):
    return to_hex(STORAGE((cell + 0.5) / count))


VIEWS = {
    "whole": X,
    "slice": X[1:, ::2],
    "transpose": X.t(),
    "three": X.view(2, 3, 2).permute(2, 0, 1),
    "expand": X[1].expand(3, 4),
    "four": X.as_strided((2, 3, 2, 2), (4, 1, 4, 1)),
    "number": X[1, 2],
    "row": X[2],
    "column": torch.arange(6).view(2, 1, 3, 1).permute(1, 0, 2, 3),
    "broad": torch.arange(4).expand(3, 4)[:, :2].reshape(2, 1, 3),
}
each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


def cell_of(view, index):
    """Return the cell of an element, asked of torch."""
    return view[index].storage_offset()


@each_view
def test_an_element_has_the_number_and_the_colour_of_its_cell(view):
    ax = draw_tensor(view)
    count = view.untyped_storage().nbytes() // view.element_size()
    values = view.as_strided((count,), (1,), 0).tolist()
    places = grid(ax, view)
    drawn = {(round(x, 3), round(y, 3)): text for (x, y), text in texts_at(ax).items()}
    read = set()
    for place, index in zip(places, np.ndindex(view.shape), strict=True):
        cell = cell_of(view, index)
        read.add(cell)
        assert cells(ax)[place] == shade(cell, count)
        assert (
            drawn[round(place[0] + 0.5, 3), round(place[1] + 0.48, 3)] == str(values[cell]) == str(view[index].item())
        )
    strip = sorted(place for place in cells(ax) if place[1] == 0)
    assert [place[0] - strip[0][0] for place in strip] == pytest.approx(list(range(count)))
    for cell, place in enumerate(strip):
        assert cells(ax)[place] == (shade(cell, count) if cell in read else PALE)
        assert drawn[round(place[0] + 0.5, 3), 0.48] == str(values[cell])
        assert drawn[round(place[0] + 0.5, 3), -0.04] == str(cell)


@each_view
def test_the_grid_grows_right_and_down_with_gaps_between_blocks(view):
    places = dict(zip(np.ndindex(view.shape), grid(draw_tensor(view), view), strict=True))
    *_, rows, columns = (1, 1, *view.shape)
    steps = [(0, -rows - GAP), (columns + GAP, 0), (0, -1), (1, 0)][4 - view.dim() :]
    first = places[(0,) * view.dim()]
    for index, place in places.items():
        moved = [first[axis] + sum(i * step[axis] for i, step in zip(index, steps, strict=True)) for axis in (0, 1)]
        assert place == pytest.approx(moved)


@each_view
def test_each_dimension_has_its_arrow_and_its_stride(view):
    ax = draw_tensor(view)
    places = grid(ax, view)
    left, right = min(x for x, _ in places), max(x for x, _ in places) + 1
    low, top = min(y for _, y in places), max(y for _, y in places) + 1
    *_, rows, columns = (1, 1, *view.shape)
    spans = [("down", top - low), ("right", right - left), ("down", rows), ("right", columns)][4 - view.dim() :]
    dims = [dim for dim, count in enumerate(view.shape) if count > 1]  # of one element there is no step
    assert len(arrows(ax)) == len(dims)
    for dim, (start, end, tone) in zip(dims, arrows(ax), strict=True):
        way, length = spans[dim]
        assert tone == DIMS[dim]
        if way == "right":
            assert start[0] == pytest.approx(left) and end[0] - start[0] == pytest.approx(length)
            assert start[1] == end[1] > top
        else:
            assert start[1] == pytest.approx(top) and start[1] - end[1] == pytest.approx(length)
            assert start[0] == end[0] < left
    labels = [text for text in ax.texts if text.get_text().startswith("+")]
    assert [(text.get_text(), colour(text)) for text in labels] == [(f"+{view.stride(dim)}", DIMS[dim]) for dim in dims]
    for text, (start, end, _) in zip(labels, arrows(ax), strict=True):
        (x, y), middle = text.get_position(), ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        outside = (x == pytest.approx(middle[0]) and y > middle[1]) or (y == pytest.approx(middle[1]) and x < middle[0])
        assert outside and abs(x - middle[0]) + abs(y - middle[1]) < 0.2


@each_view
def test_the_caption_has_the_numbers_in_the_colours_of_their_dimensions(view):
    ((_, words),) = lines_of_words(draw_tensor(view, title="the title"))
    line = "".join(word for word, _ in words)
    size, stride = tuple(view.shape), view.stride()  # as Python writes them: (3,)
    assert line.split() == f"the title size {size} stride {stride} offset {view.storage_offset()}".split()
    numbers = [(word, tone) for word, tone in words if word.isdigit()]
    assert numbers == [(str(n), DIMS[d]) for numbers in (view.shape, view.stride()) for d, n in enumerate(numbers)]


def test_without_a_title_the_caption_begins_with_the_size():
    ((_, words),) = lines_of_words(draw_tensor(X))
    assert words[0][0] == "size ("


@each_view
def test_hops_lead_from_the_offset_to_the_element(view):
    index = tuple(count - 1 for count in view.shape)
    ax = draw_tensor(view, index)
    strip = min(x for x, y in cells(ax) if y == 0)
    wanted, cell = [], view.storage_offset()
    for dim, (steps, stride) in enumerate(zip(index, view.stride(), strict=True)):
        for _ in range(steps):
            wanted += [(strip + cell + 0.5, strip + cell + stride + 0.5, DIMS[dim])] if stride else []
            cell += stride
    jumps = [(left, right, tone) for left, right, _, tone in arcs(ax) if right - left > 0.9]
    assert len(jumps) == len(wanted)
    for jump, expected in zip(jumps, wanted, strict=True):
        assert jump[:2] == pytest.approx(expected[:2]) and jump[2] == expected[2]
    labels = [text for text in ax.texts if text.get_text().startswith("+") and text.get_position()[1] < 0]
    labels = [text for text in labels if text.get_text() != "+0"]
    for text, (left, right, tone) in zip(labels, wanted, strict=True):
        assert text.get_text() == f"+{right - left:g}" and colour(text) == tone
        assert text.get_position()[0] == pytest.approx((left + right) / 2)
    assert outlines(ax)[-1] == (strip + cell_of(view, index), 0, INK)
    ends = [right if right - left > 0.9 else round(2 * (right - strip)) / 2 + strip for left, right, *_ in arcs(ax)]
    assert [tip[0] for _, tip in heads(ax)] == pytest.approx(ends)
    assert all(-0.1 < tip[0] - tail[0] < 0.1 and -0.7 < tail[1] < tip[1] < -0.4 for tail, tip in heads(ax))  # upwards


@pytest.mark.parametrize("stride, depth", [(1, 1), (2, 1.2), (7, 2), (8, 2.2), (9, 2.2), (11, 2.2)])
def test_longer_jumps_hang_deeper_up_to_a_bound(stride, depth):
    ax = draw_tensor(torch.arange(12).as_strided((2,), (stride,)), (1,))
    ((_, _, drawn, _),) = arcs(ax)
    assert drawn == pytest.approx(depth, abs=0.08)
    (label,) = [text for text in ax.texts if text.get_text() == f"+{stride}" and text.get_position()[1] < 0]
    assert 0 < -0.48 - drawn - label.get_position()[1] < 0.15  # a label stands below its jump


def test_a_dimension_without_a_step_has_no_jump():
    ax = draw_tensor(X[1].expand(3, 4), (0, 2))
    assert [text.get_text() for text in ax.texts if text.get_position()[1] < -0.5] == ["+1", "+1"] and len(
        arcs(ax)
    ) == 2
    ax = draw_tensor(torch.arange(12).as_strided((5, 5), (1, 0)), (0, 2))
    cell = min(x for x, y in cells(ax) if y == 0) + 0.5
    assert [right for _, right, *_ in arcs(ax)] == pytest.approx([cell] * 2)  # to the left: no jump has come before


@pytest.mark.parametrize("steps, text", [(1, "+0"), (2, "2 × +0"), (4, "4 × +0")])
@pytest.mark.parametrize("dim", [0, 1])
def test_every_jump_of_0_has_its_loop(dim, steps, text):
    """To the left of the cell; to the right where jumps from the left have come before."""
    shape, strides = ((5, 5), (0, 1)) if dim == 0 else ((5, 5), (1, 0))
    view = torch.arange(12).as_strided(shape, strides, 0)
    ax = draw_tensor(view, (steps, 2) if dim == 0 else (2, steps))
    at = (0 if dim == 0 else 2) + 0.5
    loops = [arc for arc in arcs(ax) if arc[3] == DIMS[dim]]
    assert len(loops) == steps
    assert len({(round(left, 3), round(right, 3), round(depth, 3)) for left, right, depth, _ in loops}) == steps
    for left, right, depth, _ in loops:
        assert (right if dim == 0 else left) == pytest.approx(at) and 0 < right - left < 0.9 and 0.7 < depth < 2
    (label,) = [label for label in ax.texts if label.get_text() == text and label.get_position()[1] < 0]
    assert colour(label) == DIMS[dim] and label.get_ha() == ("right" if dim == 0 else "left")
    assert label.get_position()[0] == pytest.approx(at, abs=0.1)
    assert 0 < -0.48 - max(depth for _, _, depth, _ in loops) - label.get_position()[1] < 0.15


def test_loops_at_the_edge_have_room():
    view = torch.arange(12)[:1].expand(5, 5)
    ax = draw_tensor(view, (4, 4))
    assert {tone for *_, tone in arcs(ax)} == set(DIMS[:2]) and len(arcs(ax)) == 8
    ax.figure.canvas.draw()
    whole = ax.figure.bbox
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() == "4 × +0"]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 for box in boxes)


def test_the_path_is_outlined_in_the_grid():
    ax = draw_tensor(X, (2, 2))
    places = dict(zip(np.ndindex(3, 4), grid(ax, X), strict=True))
    strip = min(x for x, y in cells(ax) if y == 0)
    path = [((1, 0), DIMS[0]), ((2, 0), DIMS[0]), ((2, 1), DIMS[1]), ((2, 2), DIMS[1]), ((2, 2), INK)]
    assert outlines(ax) == [(*places[index], tone) for index, tone in path] + [(strip + 10, 0, INK)]


@pytest.mark.parametrize("index", [(2, 1), (1, 1), (0, 0)])
def test_a_thread_leads_from_the_element_to_its_cell(index):
    ax = draw_tensor(X, index)
    (x, y), strip = dict(zip(np.ndindex(3, 4), grid(ax, X), strict=True))[index], min(x for x, y in cells(ax) if y == 0)
    start, end, tone = arrows(ax)[-1]
    assert tone == INK and start[0] == pytest.approx(x + 0.5) and y < start[1] < y + 0.5
    assert end[0] == pytest.approx(strip + index[0] * 4 + index[1] + 0.5) and 1 < end[1] < 1.2
    (thread,) = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch) and patch._posA_posB[1] == end]
    assert thread.get_connectionstyle().rad == (0.12 if end[0] > start[0] else -0.12)  # its bow is on the other side


def test_the_sum_leads_to_the_cell():
    ax = draw_tensor(X[1:, ::2], (1, 1))
    (x, y), words = lines_of_words(ax)[1]
    assert "".join(word for word, _ in words) == "[1, 1]  →  4 + 1·4 + 1·2 = 10"
    assert [tone for word, tone in words if "·" in word] == list(DIMS[:2])
    assert x == max(x for x, y in cells(ax) if y == 0) + 1 and ax.get_ylim()[0] < y < -1
    ax.figure.canvas.draw()
    _, line = [artist for artist in ax.artists if isinstance(artist, AnnotationBbox)]
    assert line.get_window_extent().x1 == pytest.approx(ax.transData.transform((x, y))[0], abs=3)  # it ends there


@pytest.mark.parametrize("with_path", [True, False])
@each_view
def test_the_parts_stand_above_each_other(view, with_path):
    """From below: the sum, the jumps, the strip, room for the thread, the grid, its arrows, the caption."""
    index = tuple(count - 1 for count in view.shape)
    ax = draw_tensor(view, index if with_path else None)
    upper, strip = ([place for place in cells(ax) if (place[1] > 0) == is_upper] for is_upper in (True, False))
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for part in (upper, strip):
        assert min(x for x, _ in part) + max(x for x, _ in part) + 1 == pytest.approx(left + right)  # in the middle
    width, count = np.ptp([x for x, _ in upper]) + 1, len(strip)
    loops = with_path and any(stride == 0 and steps for steps, stride in zip(index, view.stride(), strict=True))
    assert (left, right - max(count, width + 4)) == pytest.approx((-1.1, 1.1) if loops else (-0.3, 0.3))
    assert min(y for _, y in upper) == pytest.approx(2.6 if with_path else 1.9)
    caption, *_ = (place for place, _ in lines_of_words(ax))
    highest = max([y + 1 for _, y in upper] + [text.get_position()[1] for text in ax.texts])
    assert caption[0] == 0 and 0.5 < caption[1] - highest < 1.2 and high - caption[1] == pytest.approx(0.8)
    deepest = max((depth for *_, depth, _ in arcs(ax)), default=0.5)
    assert low == pytest.approx(-2 - deepest if with_path else -0.5)
    assert ax.figure.get_figwidth() / (right - left) == pytest.approx(0.5)  # inches


@each_view
def test_everything_is_inside_and_can_be_read(view):
    ax = draw_tensor(view, tuple(count - 1 for count in view.shape))
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert all(left <= x and x + 1 <= right and low <= y and y + 1 <= high for x, y in cells(ax))
    assert min(text.get_fontsize() for text in ax.texts) >= 9 and not ax.axison and ax.get_aspect() == 1
    assert lines_of_words(ax)[0][0][1] < high
    assert ax.get_position().bounds == pytest.approx((0, 0, 1, 1))
    assert ax.figure.get_figwidth() / ax.figure.get_figheight() == pytest.approx((right - left) / (high - low))


def test_a_storage_of_48_cells_fits_the_page():
    ax = draw_tensor(torch.arange(48), (47,))
    assert ax.figure.get_figwidth() <= 11 and min(text.get_fontsize() for text in ax.texts) >= 9


def test_text_is_white_on_dark_and_dark_on_light():
    for rgb in itertools.product(range(0, 256, 51), repeat=3):
        lightness = Image.new("RGB", (1, 1), rgb).convert("L").getpixel((0, 0)) / 255
        if abs(lightness - 0.62) > 0.01:
            assert text_on(np.divide(rgb, 255)) == ("white" if lightness < 0.62 else INK)


def test_a_dimension_has_one_colour_in_all_drawings():
    assert DIMS == (ORANGE, BLUE, GREEN, PURPLE)


def test_a_cell_without_colour_is_white_with_a_grey_number():
    ax = plt.subplots()[1]
    for x, fill in enumerate((None, PALE, "#000080", "#ffffff")):
        draw_cell(ax, x, 2, fill, str(x), size=9)
    outline(ax, 7, 3, "#c8423f", lw=2)
    assert [colour(text) for text in ax.texts] == [GREY, GREY, "#ffffff", INK]
    assert list(cells(ax).values()) == ["#ffffff", PALE, "#000080", "#ffffff"]
    assert list(cells(ax)) == [(x, 2) for x in range(4)] and outlines(ax) == [(7, 3, "#c8423f")]
    assert {(box.get_width(), box.get_height()) for _, _, box in rounded_boxes(ax)} == {(0.9, 0.9)}


def test_an_impossible_index_is_refused():
    with pytest.raises(ValueError, match="there is no element"):
        draw_tensor(X, (3, 0))
