"""Drawings of shared memory and its costs, judged by what stands in the figure."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from pictures import cells, colour, is_whole, outlines, texts, texts_at, ticks

from helpers.plots.layout import STORAGE
from helpers.plots.memory import draw_atlas, draw_cost, draw_layout, draw_write
from helpers.style import BLUE, GREY, INK, ORANGE, PALE, RED

ENTRIES = [
    ("x[1]", [[0.0, 1.0, 2.0], [99.0, 4.0, 5.5]], "view"),
    ("x.clone()", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "copy"),
    ("x.float()", [[99.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "x itself"),
]


def test_the_atlas_shows_each_source_after_99_was_written():
    figure = draw_atlas(ENTRIES, columns=2)
    (title,) = figure.texts
    assert title.get_text().startswith("x, after 99 was written") and title.get_position()[0] < 0.05
    figure.canvas.draw()
    assert figure.bbox.y1 > title.get_window_extent().y1 > title.get_window_extent().y0 > figure.axes[0].bbox.y1
    height = figure.get_figheight()
    assert height == pytest.approx(2 * 1.75 + 0.4) and figure.subplotpars.top == pytest.approx(1 - 0.4 / height)
    assert len(figure.axes) == 4 and not figure.axes[3].texts and not any(ax.axison for ax in figure.axes)
    for ax, (code, values, word) in zip(figure.axes, ENTRIES, strict=False):
        wanted = {(x, 1 - y): values[y][x] for y in range(2) for x in range(3)}
        assert cells(ax) == {place: ORANGE if value == 99 else PALE for place, value in wanted.items()}
        written = texts_at(ax)
        assert all(written[x + 0.5, y + 0.48] == f"{value:g}" for (x, y), value in wanted.items())
        named = {text.get_text(): text for text in ax.texts}
        assert named[code].get_position()[1] > named[word].get_position()[1] > 2  # above the source
        assert named[code].get_position()[0] == named[word].get_position()[0] == 0.05
        assert colour(named[word]) == (GREY if word == "copy" else ORANGE)
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert left <= 0 and right >= 3 and low <= 0 and high > named[code].get_position()[1] and ax.get_aspect() == 1


def test_the_atlas_has_as_many_rows_as_it_needs():
    assert [len(draw_atlas(ENTRIES * 2, columns=columns).axes) for columns in (5, 3, 6)] == [10, 6, 6]


@pytest.mark.parametrize("width, right", [(1, 5.6), (7, 7)])
def test_a_source_of_the_atlas_is_not_cut_off(width, right):
    assert draw_atlas([("x", [[0.0] * width], "view")]).axes[0].get_xlim() == pytest.approx((-0.1, right))


def source():
    return torch.arange(12.0).view(3, 4)


RESULTS = {
    "x.t()": (lambda x: x.t(), "a view: 99 is in x, too"),
    "x[1:, ::2]": (lambda x: x[1:, ::2], "a view: 99 is in x, too"),
    "x.expand(2,3,4)": (lambda x: x.expand(2, 3, 4), "a view: 99 is in x, too"),
    "x.flatten()": (lambda x: x.flatten(), "a view: 99 is in x, too"),
    "x.float()": (lambda x: x.float(), "x itself"),
    "x.repeat(2,1)": (lambda x: x.repeat(2, 1), "a copy: x stays as it was"),
    "x.clone()": (lambda x: x.clone(), "a copy: x stays as it was"),
    "x.repeat(1,4)": (lambda x: x.repeat(1, 4), "a copy: x stays as it was"),
}


@pytest.mark.parametrize("code", RESULTS)
def test_writing_into_a_result(code):
    make, word = RESULTS[code]
    x = source()
    result = make(x)
    result[(0,) * result.dim()] = 99
    ax = draw_write(x, result, code)
    drawn = list(cells(ax).items())
    assert len(drawn) == 12 + result.numel()
    shared = "copy" not in word
    shades = [to_hex(STORAGE((cell + 0.5) / 12)) for cell in range(12)]
    assert [tone for _, tone in drawn[:12]] == shades
    offsets = [result[index].storage_offset() for index in np.ndindex(result.shape)]
    assert [tone for _, tone in drawn[12:]] == ([shades[cell] for cell in offsets] if shared else [PALE] * len(offsets))
    assert texts(ax)[: len(drawn)] == [f"{value:g}" for value in x.flatten().tolist() + result.flatten().tolist()]
    changed = [place for (place, _), value in zip(drawn, texts(ax), strict=False) if value == "99"]
    assert outlines(ax) == [(*place, RED) for place in changed]
    middle, source_name, name, verdict = ax.texts[len(drawn) :]
    assert middle.get_text().split() == ("the same storage" if shared else "a storage of its own").split()
    assert (source_name.get_text(), name.get_text(), verdict.get_text()) == ("x", code, word)
    assert colour(verdict) == (ORANGE if shared else GREY)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    places = [place for place, _ in drawn]
    assert all(left < px and px + 1 < right and low < py and py + 1 < high for px, py in places)
    first, other = places[:12], places[12:]
    ends = max(px for px, _ in first) + 1, min(px for px, _ in other)
    assert ends[1] - ends[0] == pytest.approx(4.2) and middle.get_position()[0] == pytest.approx(sum(ends) / 2)
    end, tall = (max(place[axis] for place in places) + 1 for axis in (0, 1))
    assert (left, right, low, high) == pytest.approx((-0.3, max(14, end) + 0.3, -0.5, tall + 2.9))
    centres = [(max(py for _, py in part) + min(py for _, py in part) + 1) / 2 for part in (first, other)]
    assert centres == pytest.approx([middle.get_position()[1]] * 2)
    assert verdict.get_position()[0] == name.get_position()[0] == min(px for px, _ in other)  # each above its own
    assert verdict.get_position()[1] == pytest.approx(tall + 1)
    assert source_name.get_position() == pytest.approx((0, tall + 2)) and name.get_position()[1] == tall + 2
    sizes, figure = [text.get_fontsize() for text in ax.texts], ax.figure
    assert not ax.axison and ax.get_position().bounds == pytest.approx((0, 0, 1, 1))
    assert 9 <= min(sizes) and max(sizes) < 15 and figure.get_figwidth() <= 10.3
    assert figure.get_figwidth() / figure.get_figheight() == pytest.approx((right - left) / (high - low))


def test_the_cost_against_the_stride():
    steps, times = [1, 4, 16, 64], [0.5, 1.0, 4.0, 9.0]
    ax = draw_cost(steps, times, line=16)
    (line,) = ax.lines
    assert (
        line.get_xydata().tolist() == [list(pair) for pair in zip(steps, times, strict=True)] and colour(line) == BLUE
    )
    assert ax.get_xscale() == "log" and ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 9
    assert ax.get_xlim() == pytest.approx((1 / 1.2, 64 * 1.2))
    assert ticks(ax.xaxis) == dict(zip(steps, map(str, steps), strict=True)) and not len(ax.get_xticks(minor=True))
    (span,) = ax.patches
    assert span.get_x() == pytest.approx(ax.get_xlim()[0]) and span.get_x() + span.get_width() == pytest.approx(
        16 / 1.2
    )
    assert colour(span) == PALE and (ax.get_xlabel(), ax.get_ylabel()) == (
        "stride (elements)",
        "nanoseconds per element",
    )
    (text,) = ax.texts
    assert colour(text) == INK and text.get_transform() == ax.get_xaxis_transform() and text.get_position() == (1, 0.9)


@pytest.mark.parametrize("dtype, top", [(np.uint8, 255), (np.float32, 1)])
def test_a_picture_and_its_channels(dtype, top):
    picture = (np.random.default_rng(0).random((4, 5, 3)) * top).astype(dtype)
    channels = picture.transpose(2, 0, 1)[::-1]
    figure = draw_layout(torch.from_numpy(picture), torch.from_numpy(channels.copy()), "a way")
    axes = figure.axes
    shown = [ax.images[0] for ax in axes]
    assert [image.get_array().tolist() for image in shown[:1]] == [picture.tolist()]
    assert shown[1].get_array().tolist() == picture[..., ::-1].tolist()
    assert [image.get_array().tolist() for image in shown[2:]] == [picture[..., 2 - c].tolist() for c in range(3)]
    assert all(image.get_clim() == (0, top) and image.get_cmap().name == "gray" for image in shown[2:])
    names = [ax.get_title(loc="left") for ax in axes]
    assert names == ["H × W × C", "a way", "channel 0", "channel 1", "channel 2"]
    assert not any(len(ax.get_xticks()) or len(ax.get_yticks()) for ax in axes)
    assert is_whole(figure)


@pytest.mark.parametrize(
    "picture, other, scale", [((48, 64), (64, 48), 3), ((4, 5), (5, 4), 38), ((200, 9), (9, 9), 1)]
)
def test_a_pixel_of_a_picture_takes_whole_pixels(picture, other, scale):
    """Side by side, their upper edges in one line."""
    figure = draw_layout(np.zeros((*picture, 3)), np.zeros((3, *other)), "a way")
    figure.canvas.draw()
    boxes = [ax.bbox for ax in figure.axes]
    for box, (height, width) in zip(boxes, [picture, *[other] * 4], strict=True):
        assert (box.width, box.height) == pytest.approx((scale * width, scale * height))
    assert all(box.y1 == pytest.approx(boxes[0].y1) for box in boxes)
    assert [right.x0 - left.x1 for left, right in itertools.pairwise(boxes)] == pytest.approx([14] * 4)
    assert boxes[0].x0 == pytest.approx(7) and figure.bbox.x1 - boxes[4].x1 == pytest.approx(7)
    assert figure.bbox.y1 - boxes[0].y1 == pytest.approx(30) and min(box.y0 for box in boxes) == pytest.approx(10)
