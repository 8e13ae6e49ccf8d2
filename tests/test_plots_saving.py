"""What is kept of a model, repeated answers, and files on the disk."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictures import colour, is_whole, ticks

from helpers.plots.saving import draw_best, draw_disk, draw_repeats
from helpers.style import BLUE, GREEN, GREY, RED

LOSSES = [3.0, 1.0, 1.5, 2.0]


# ---- the best


def test_the_loss_is_drawn_by_epoch_and_its_lowest_point_is_green():
    curve, lowest, *_ = draw_best(LOSSES, {"live": 2.0}, "loss elsewhere").lines
    assert curve.get_xydata().tolist() == [[1, 3], [2, 1], [3, 1.5], [4, 2]] and colour(curve) == GREY
    assert lowest.get_xydata().tolist() == [[2, 1]] and lowest.get_marker() == "o" and colour(lowest) == GREEN


def test_each_thing_kept_has_its_line_and_its_name():
    ax = draw_best(LOSSES, {"live": 2.0, "shared": 2.0, "copy": 1.0}, "loss elsewhere")
    lines = {line.get_ydata()[0]: line for line in ax.lines[2:]}
    assert {loss: colour(line) for loss, line in lines.items()} == {2.0: RED, 1.0: GREEN}
    assert all(line.get_linestyle() == "--" and list(line.get_xdata()) == [0, 1] for line in lines.values())
    names = {text.get_text(): (text.get_position()[1], to_hex(text.get_color())) for text in ax.texts}
    assert names == {"live\nshared": (2.0, RED), "copy": (1.0, GREEN)}
    assert all(text.get_position()[0] > ax.get_xlim()[1] for text in ax.texts)  # beside the curve
    assert {text.get_va() for text in ax.texts} == {"center"}  # each at its line
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss elsewhere")


@pytest.mark.parametrize("loss, shade", [(1.0005, GREEN), (1.0010005, RED), (0.998, RED)])
def test_green_is_the_best_up_to_rounding(loss, shade):
    thousands = [1000 * each for each in LOSSES]
    assert to_hex(draw_best(thousands, {"kept": 1000 * loss}).texts[0].get_color()) == shade


def test_names_of_losses_that_are_close_do_not_hide_each_other():
    ax = draw_best(LOSSES, {"live": 1.01, "shared": 1.01, "copy": 1.0})
    ax.figure.canvas.draw()
    upper, lower = (text.get_window_extent() for text in ax.texts)
    assert upper.y0 >= lower.y1 - 3
    assert is_whole(ax.figure)


@pytest.mark.parametrize("found, highest", [({"kept": 1.0}, 3.0), ({"kept": 1.0, "live": 5.0}, 5.0)])
def test_no_loss_is_cut_off(found, highest):
    ax = draw_best(LOSSES, found)
    assert ax.get_ylim() == pytest.approx((0, 1.1 * highest)) and ax.get_xlim() == (0, 4)


# ---- answers to the same question


def test_every_answer_is_a_dot_at_its_example():
    rows = {"one": np.arange(6.0).reshape(3, 2), "two": np.ones((4, 2))}
    figure = draw_repeats(rows)
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(rows)
    for ax, answers in zip(figure.axes, rows.values(), strict=True):
        assert len(ax.lines) == answers.shape[1]
        for example, line in enumerate(ax.lines):
            assert line.get_ydata().tolist() == answers[:, example].tolist() and colour(line) == BLUE
            assert line.get_marker() == "." and line.get_linestyle() == "None"
            offsets = np.asarray(line.get_xdata()) - example  # side by side, so that equal answers are seen
            assert (
                offsets[0] == -0.25 and offsets[-1] == 0.25 and np.allclose(np.diff(offsets), 0.5 / (len(answers) - 1))
            )
        assert list(ticks(ax.xaxis)) == [0, 1] and ax.get_xlabel() == "example"


def test_answers_are_compared_on_one_axis():
    left, right = draw_repeats({"one": np.zeros((3, 2)), "two": np.full((3, 2), 9.0)}).axes
    assert left.get_ylim() == right.get_ylim() and left.get_ylim()[1] >= 9
    assert left.get_ylabel() == "answer" and right.get_ylabel() == ""


def test_one_row_is_enough():
    assert len(draw_repeats({"one": np.zeros((3, 2))}).axes) == 1


# ---- the disk

DISK = {
    "direct": [("a.pt", 1000, "broken")],
    "aside": [("a.pt", 2_001_500, "whole, step 100"), ("a.pt.part", 1_000_000, "broken")],
}


def test_bars_are_as_long_as_the_files():
    ax = draw_disk(DISK)
    bars = ax.patches
    assert [bar.get_width() for bar in bars] == [1000, 2_001_500, 1_000_000]
    assert [colour(bar) for bar in bars] == [RED, GREEN, RED]
    assert [bar.get_x() for bar in bars] == [0] * 3
    assert np.allclose([bar.get_y() + bar.get_height() / 2 for bar in bars], range(3))
    assert np.allclose([bar.get_height() for bar in bars], 0.6)


def test_a_whole_file_is_green_whatever_its_name():
    bars = draw_disk({"x": [("a.pt.part", 1, "whole"), ("a.pt", 1, "damaged")]}).patches
    assert [colour(bar) for bar in bars] == [GREEN, RED]


def test_names_stand_before_the_bars_and_sizes_behind():
    ax = draw_disk(DISK)
    longest = 2_001_500
    before = {(text.get_text(), text.get_position()[1]) for text in ax.texts if text.get_position()[0] < 0}
    folders = {("direct", 0), ("aside", 1), ("", 2)}
    assert before == folders | {("a.pt", 0), ("a.pt", 1), ("a.pt.part", 2)}
    behind = [text for text in ax.texts if text.get_position()[0] > 0]
    assert [text.get_text() for text in behind] == ["1 kB, broken", "2,002 kB, whole, step 100", "1,000 kB, broken"]
    assert [to_hex(text.get_color()) for text in behind] == [RED, GREEN, RED]
    assert all(text.get_position() == (pytest.approx(1.02 * longest), y) for y, text in enumerate(behind))


def test_a_line_parts_the_folders_and_nothing_is_cut_off():
    ax = draw_disk(DISK)
    assert [set(line.get_ydata()) for line in ax.lines] == [{0.5}]
    assert ax.get_ylim() == (2.5, -0.5)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert all(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 for box in boxes)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
