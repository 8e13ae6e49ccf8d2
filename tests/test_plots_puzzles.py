"""Puzzles, judged by what stands in the figure."""

import numpy as np
import pytest
import torch
from pictures import cells, colour, legend, lines_of_words, texts

from helpers.plots.puzzles import (
    attempt,
    draw_gradient_puzzle,
    draw_layout_puzzle,
    draw_picture_puzzle,
    draw_truth_puzzle,
)
from helpers.style import GREEN, GREY, INK, ORANGE, PALE, RED


def raises(*arguments):
    raise RuntimeError("no\nreally")


def refuses(*arguments):
    raise ValueError("such a k")


WITHOUT_ANSWER = [
    (lambda *_: None, "not started", GREY),
    (lambda *_: ..., "not started", GREY),
    (raises, "RuntimeError: no", RED),
    (refuses, "such a k", RED),
]
each_failure = pytest.mark.parametrize("function, sentence, tone", WITHOUT_ANSWER)


@each_failure
def test_attempt_says_why_there_is_no_answer(function, sentence, tone):
    assert attempt(function, 1, 2) == (None, sentence)


def test_attempt_returns_the_answer():
    assert attempt(max, 1, 2) == (2, None)
    assert attempt(lambda: 0) == (0, None)

    def fails():
        raise KeyError

    assert attempt(fails) == (None, "KeyError:")
    assert len(attempt(lambda: {}["a long key " * 30])[1]) <= 100


FLAT = torch.arange(12)
TARGET = FLAT.as_strided((2,), (5,), 2)


def words(ax):
    return ["".join(word for word, _ in line).strip() for _, line in lines_of_words(ax)]


def reached(ax):
    """Return which cells of the strip are reached."""
    strip = sorted((x, tone) for (x, y), tone in cells(ax).items() if y == 0)
    assert len(strip) == 12
    return [cell for cell, (_, tone) in enumerate(strip) if tone != PALE]


ANSWERS = [
    (((2,), (5,), 2), [2, 7], True),
    (((2,), (6,), 2), [2, 8], False),
    (((3, 2), (4, 1), 0), [0, 1, 4, 5, 8, 9], False),
    (((4, 4, 1), (2, 0, 1), 1), [1, 3, 5, 7], False),
    (((1, 6, 1, 2), (0, 2, 0, 1), 0), list(range(12)), False),
]


@pytest.mark.parametrize("answer, read, right", ANSWERS)
def test_the_layout_of_an_answer_stands_beside_the_target(answer, read, right):
    target, yours = draw_layout_puzzle(TARGET, lambda *given: answer if given == (3, 4) else None, 3, 4).axes
    numbers = ["size (2,)   stride (5,)   offset 2"] if right else []  # no answer is given away
    assert words(target) == ["target for 3, 4", *numbers]
    sizes, strides, offset = answer
    assert words(yours) == ["yours", f"size {sizes}   stride {strides}   offset {offset}"]
    for ax in (target, yours):
        assert lines_of_words(ax)[0][1][0][1] == (GREEN if right else INK)
    assert reached(target) == [2, 7] and reached(yours) == read
    elements = [cell for (_, y), cell in zip(cells(yours), texts(yours), strict=False) if y > 0]
    assert elements == [str(v) for v in FLAT.as_strided(*answer).flatten().tolist()]
    grids = [[place for place in cells(ax) if place[1] > 0] for ax in (target, yours)]
    broad, tall = (max(np.ptp([place[axis] for place in grid]) + 1 for grid in grids) for axis in (0, 1))
    for ax in (target, yours):
        assert ax.get_xlim() == pytest.approx((-0.2, max(12, broad) + 0.8)) and not ax.axison
        assert ax.get_ylim() == pytest.approx((-0.4, tall + 5))
        assert 9 <= min(text.get_fontsize() for text in ax.texts) <= max(text.get_fontsize() for text in ax.texts) < 13
        spots = [spot for spot, _ in lines_of_words(ax)]
        heights = [tall + 4, tall + 2.9][: len(spots)]
        assert spots == [(0, pytest.approx(y)) for y in heights] and len(spots) == 1 + (right or ax is yours)
        (left, right_end), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert all(left < x and x + 1 < right_end and low < y for x, y in cells(ax))
        caption, grid_top = tall + 2.9, max(y for _, y in cells(ax)) + 1
        assert high > lines_of_words(ax)[0][0][1] > caption > grid_top
        assert min(y for _, y in cells(ax) if y) > 1
        upper, strip = ([x for x, y in cells(ax) if (y > 0) == above] for above in (True, False))
        assert min(upper) + max(upper) == pytest.approx(min(strip) + max(strip), abs=0.01)  # one above the other


@each_failure
def test_without_a_layout_its_place_has_a_sentence(function, sentence, tone):
    target, yours = draw_layout_puzzle(TARGET, function, 3).axes
    assert texts(yours) == [sentence] and colour(yours.texts[0]) == tone and reached(target) == [2, 7]
    assert not yours.axison and yours.texts[0].get_position() == (0.5, 0.5) and yours.texts[0].get_wrap()
    assert yours.texts[0].get_transform() == yours.transAxes


@pytest.mark.parametrize("answer", [((4,), (5,), 2), (2, 5, 2), "words"])
def test_a_layout_that_cannot_be_read_is_explained(answer):
    _, yours = draw_layout_puzzle(TARGET, lambda *_: answer).axes
    assert len(texts(yours)) == 1 and not cells(yours) and colour(yours.texts[0]) == RED


CASES = [((3, 4), (4, 1), (2, 6)), ((3, 2), (4, 1), (6,))]


def rows(ax):
    """Return what stands in each row: marks by their points, and words."""
    found = [[], []]
    for line in ax.lines:
        found[round(np.mean(line.get_ydata()))].append({2: False, 3: True}[len(line.get_xdata())])
    for text in ax.texts:
        if text.get_position()[1] >= 0:
            found[int(text.get_position()[1])].append(text.get_text())
    return found


@pytest.mark.parametrize(
    "function, answers",
    [
        (lambda size, stride, new: new == (2, 6), [(True, ""), (False, "")]),
        (lambda *case: True, [(True, ""), (True, "wrong")]),
        (lambda *case: 0, [(False, "wrong"), (False, "")]),
        (raises, [("?", ""), ("?", "")]),
        (lambda *case: None, [("?", ""), ("?", "")]),
    ],
)
def test_truths_stand_beside_the_target(function, answers):
    ax = draw_truth_puzzle(CASES, lambda size, stride, new: len(new) == 2, function)
    for row, case, want, (yours, verdict) in zip(rows(ax), CASES, (True, False), answers, strict=True):
        size, stride, new = case
        label = f"size {size}, stride {stride}  →  {new}"
        marks = [want, *([] if yours == "?" else [yours])]
        assert [each for each in row if isinstance(each, bool)] == marks
        assert [each for each in row if isinstance(each, str)] == [label, *(["?"] if yours == "?" else []), verdict]
    heads = [text.get_text() for text in ax.texts if text.get_position()[1] == -0.75]
    assert heads == ["target", "yours", ""]


PICTURE = np.random.default_rng(0).random((4, 5, 3)).astype(np.float32)
CHANNELS = PICTURE.transpose(2, 0, 1)


@pytest.mark.parametrize("kind", [np.asarray, torch.tensor])
def test_pictures_stand_side_by_side(kind):
    figure = draw_picture_puzzle(kind(PICTURE), kind(CHANNELS.copy()), lambda picture: kind(CHANNELS[::-1].copy()))
    shown = [ax.images[0].get_array().tolist() for ax in figure.axes]
    assert shown == [PICTURE.tolist(), PICTURE.tolist(), PICTURE[..., ::-1].tolist()]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["given, H × W × C", "target, C × H × W", "yours"]
    assert not any(len(ax.get_xticks()) or len(ax.get_yticks()) for ax in figure.axes)


OTHER_SHAPES = [(PICTURE, "shape (4, 5, 3)"), (PICTURE[0], "shape (5, 3)"), (PICTURE[..., 0:1], "shape (4, 5, 1)")]


@pytest.mark.parametrize(
    "function, sentence, tone",
    [*WITHOUT_ANSWER, *((lambda _, it=it: it, text, RED) for it, text in [*OTHER_SHAPES, (7, "shape ()")])],
)
def test_without_a_picture_its_place_has_a_sentence(function, sentence, tone):
    given, target, yours = draw_picture_puzzle(PICTURE, CHANNELS, function).axes
    assert texts(yours) == [sentence] and colour(yours.texts[0]) == tone and not yours.images
    assert given.images and target.images and yours.get_title(loc="left") == "yours"


POINTS = np.linspace(-1, 1, 5)


def test_value_and_gradient_stand_over_their_targets():
    def thrice(x, factor):
        return factor * x

    axes = draw_gradient_puzzle(POINTS, POINTS**2, 2 * POINTS, thrice, 3.0, inner=torch.square).axes
    for ax, name, want, got in zip(
        axes, ("value", "gradient"), (POINTS**2, 2 * POINTS), (3 * POINTS**2, 6 * POINTS), strict=True
    ):
        target, yours = ax.lines
        assert target.get_xdata().tolist() == yours.get_xdata().tolist() == POINTS.tolist()
        assert target.get_ydata().tolist() == want.tolist()
        assert list(yours.get_ydata()) == pytest.approx(got)  # of 3 x²
        assert legend(ax) == {"target": GREEN, "yours": ORANGE}
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", name) and not ax.get_title(loc="left")
    assert list(gradient_puzzle(torch.square).axes[1].lines[1].get_ydata()) == pytest.approx(2 * POINTS)


def gradient_puzzle(function):
    return draw_gradient_puzzle(POINTS, POINTS**2, 2 * POINTS, function)


UNLINKED = (lambda x: torch.ones(5, requires_grad=True), "no gradient reaches x", RED)


@pytest.mark.parametrize("function, sentence, tone", [*WITHOUT_ANSWER, UNLINKED])
def test_without_a_gradient_the_title_says_why(function, sentence, tone):
    axes = gradient_puzzle(function).axes
    assert all(len(ax.lines) == 1 and legend(ax) == {"target": GREEN} for ax in axes)
    assert [ax.get_title(loc="left") for ax in axes] == [sentence, ""] and axes[0].title.get_text() == ""
    assert colour(axes[0]._left_title) == tone


def test_a_long_sentence_leaves_the_curve_its_room():
    ax = gradient_puzzle(lambda x: {}["a long key " * 30]).axes[0]
    assert max(map(len, ax.get_title(loc="left").split("\n"))) <= 80
