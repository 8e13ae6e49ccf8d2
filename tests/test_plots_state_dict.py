"""The blocks of a state_dict, and the names of a model beside those of a file."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictures import colour, is_whole, texts, texts_at

from helpers.plots.state_dict import draw_name_match, draw_state_dict, match_names
from helpers.style import COLOURS, GREEN, INK, PALE, PURPLE, RED

SHAPES = {"a.weight": (6, 3, 5, 5), "a.bias": (6,), "count": (), "b.c.weight": (40, 100), "b.c.bias": (40,)}
LAYERS = {"a": [(75, 6), (1, 6)], "": [(1, 1)], "b.c": [(100, 40), (1, 40)]}  # (width, height) of each block


# ---- blocks


def test_each_tensor_is_as_high_as_its_rows_and_as_wide_as_a_row():
    ax = draw_state_dict(SHAPES)
    blocks = [(patch.get_width(), patch.get_height()) for patch in ax.patches]
    assert blocks == sum(LAYERS.values(), [])
    assert [width * height for width, height in blocks] == [math.prod(shape) for shape in SHAPES.values()]


def test_each_layer_has_a_colour():
    assert [colour(patch) for patch in draw_state_dict(SHAPES).patches] == [
        COLOURS[0], COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[2],
    ]  # fmt: skip
    many = draw_state_dict({f"{i}.weight": (1,) for i in range(8)}).patches
    assert [colour(patch) for patch in many] == [*COLOURS, *COLOURS[:2]]


def centre(patch):
    return patch.get_y() + patch.get_height() / 2


def test_a_layer_is_a_row_with_its_name_in_front_and_its_shapes_behind():
    ax = draw_state_dict(SHAPES)
    rows = [ax.patches[:2], ax.patches[2:3], ax.patches[3:]]
    labels = texts_at(ax)
    total = sum(math.prod(shape) for shape in SHAPES.values())
    written = ["weight 6×3×5×5, bias 6", "count number", "weight 40×100, bias 40"]
    counts = [456, 1, 4040]
    for row, layer, text, count in zip(rows, LAYERS, written, counts, strict=True):
        (y,) = {round(centre(patch), 6) for patch in row}
        (name, label) = [each for (_, at), each in sorted(labels.items()) if round(at, 6) == y]
        assert name == layer and label == f"{text}   {100 * count / total:.1f}%"
        (front, behind) = [x for x, at in sorted(labels) if round(at, 6) == y]
        assert front < 0 == row[0].get_x() and behind > row[-1].get_x() + row[-1].get_width()


def test_blocks_follow_each_other_without_touching():
    patches = draw_state_dict(SHAPES).patches
    for first, second in ((patches[0], patches[1]), (patches[3], patches[4])):
        assert second.get_x() - first.get_x() - first.get_width() == 9
    rows = [patches[0], patches[2], patches[3]]
    for upper, lower in zip(rows, rows[1:], strict=False):  # a low row has the height of its text
        heights = [max(18.2, patch.get_height()) for patch in (upper, lower)]
        assert centre(lower) - centre(upper) == pytest.approx(sum(heights) / 2 + 9)


def test_the_title_counts_tensors_and_elements_above_all():
    ax = draw_state_dict(SHAPES)
    title = ax.texts[-1]
    assert title.get_text() == f"5 tensors, {456 + 1 + 4040:,} elements"
    assert title.get_position()[1] < 0 and title.get_position()[0] >= ax.get_xlim()[0]


@pytest.mark.parametrize("width", [30, 120, 210, 4000])
def test_everything_is_inside_and_keeps_its_place(width):
    shapes = {"fc1.weight": (width, 400), "fc1.bias": (width,), "fc2.weight": (84, width), "fc2.bias": (84,)}
    ax = draw_state_dict(shapes)
    assert is_whole(ax.figure) and ax.get_anchor() == "NW" and ax.get_aspect() == 1
    unit = max(1, (width + 1 + 18) / 400, (400 + 1 + 18) / 400)  # the widest row fills 400 units
    assert np.diff(ax.get_xlim()) == pytest.approx(700 * unit)
    last = ax.patches[-1]
    assert ax.get_ylim()[0] >= last.get_y() + last.get_height() and ax.get_ylim()[1] == pytest.approx(-39 * unit)
    assert ax.patches[1].get_x() == pytest.approx(400 + 9 * unit)
    assert not len(ax.get_xticks()) and not len(ax.get_yticks())
    assert ax.texts[0].get_position()[0] == pytest.approx(-10 * unit)
    assert ax.texts[-1].get_position() == pytest.approx((-55 * unit, -26 * unit))


# ---- names


def test_names_are_matched_in_their_order():
    model, file = dict.fromkeys("abcd"), dict.fromkeys("xdba")
    assert match_names(model, file) == (["a", "b", "d"], ["c"], ["x"])


def test_both_lists_stand_side_by_side():
    ax = draw_name_match(["a", "b", "c"], ["b", "a", "x", "y"])
    names = {text.get_text(): text for text in ax.texts}
    left = {name: names[name].get_position()[1] for name in "c"}
    assert left == {"c": 2} and [names[name].get_position()[1] for name in "xy"] == [2, 3]
    assert {(y, text) for (x, y), text in texts_at(ax).items() if x < 0} >= {(0, "a"), (1, "b"), (2, "c")}
    assert {(y, text) for (x, y), text in texts_at(ax).items() if x > 1} >= {(0, "b"), (1, "a"), (2, "x"), (3, "y")}
    heads = {text: (x > 1, y < 0) for (x, y), text in texts_at(ax).items() if text.startswith("names")}
    assert heads == {"names in the model": (False, True), "names in the file": (True, True)}


def test_colours_tell_what_is_found_missing_and_unexpected():
    ax = draw_name_match(["a", "b", "c"], ["b", "a", "x"])
    names = {(text.get_position()[0] > 0.5, text.get_text()): to_hex(text.get_color()) for text in ax.texts}
    assert {name: names[False, name] for name in "abc"} == {"a": INK, "b": INK, "c": RED}
    assert {name: names[True, name] for name in "abx"} == {"a": INK, "b": INK, "x": PURPLE}
    dots = {tuple(line.get_xydata()[0]): colour(line) for line in ax.lines if line.get_marker() == "o"}
    assert dots == {(0, 0): GREEN, (0, 1): GREEN, (0, 2): RED, (1, 0): GREEN, (1, 1): GREEN, (1, 2): PURPLE}


def test_lines_join_equal_names():
    ax = draw_name_match(["a", "b", "c"], ["b", "x", "a"])
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [line.get_xydata().tolist() for line in lines] == [[[0, 0], [1, 2]], [[0, 1], [1, 0]]]
    assert {colour(line) for line in lines} == {GREEN}
    (ground,) = ax.patches  # between both lists
    assert (ground.get_x(), ground.get_width(), colour(ground)) == (0, 1, PALE)


@pytest.mark.parametrize("model, file", [("abc", "bxyz"), ("abcd", "a"), ("ab", "ab")])
def test_counts_stand_below_what_they_count(model, file):
    ax = draw_name_match(list(model), list(file))
    both, missing, unexpected = len({*model} & {*file}), len({*model} - {*file}), len({*file} - {*model})
    rows = max(len(model), len(file))
    below = sorted((x, text) for (x, y), text in texts_at(ax).items() if y > rows - 1)
    assert [text for _, text in below] == [f"{missing} missing", f"{both} loaded", f"{unexpected} unexpected"]
    assert below[0][0] < 0 and below[1][0] == 0.5 and below[2][0] > 1
    colours = {text.get_text(): to_hex(text.get_color()) for text in ax.texts}
    assert [colours[text] for _, text in below] == [RED, GREEN, PURPLE]


def test_long_names_are_not_cut_off():
    names = [f"{layer}.{part}" for layer in ("conv1", "conv2", "fc1", "head") for part in ("weight", "bias")]
    ax = draw_name_match(names, ["_orig_mod." + name for name in names])
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert all(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 for box in boxes) and is_whole(ax.figure)
    assert all(ax.bbox.y0 <= box.y0 and box.y1 <= ax.bbox.y1 for box in boxes)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    assert len(texts(ax)) == 2 * len(names) + 5
