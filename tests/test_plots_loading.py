"""Drawings of crops, batches, random numbers and time, judged by what stands in the figure."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch, Rectangle
from torchvision.utils import make_grid

from helpers.plots.loading import (
    draw_batches,
    draw_channels,
    draw_counts,
    draw_crop_coverage,
    draw_grid,
    draw_half_pixel,
    draw_random_numbers,
    draw_timeline,
)
from helpers.style import ORANGE


@pytest.fixture(autouse=True)
def one_figure():
    """No function leaves more than one figure open, and each figure can be drawn without a warning."""
    plt.close("all")
    yield
    assert len(plt.get_fignums()) <= 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in plt.get_fignums():
            plt.figure(number).canvas.draw()
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def dots(ax):
    """Return how many dots each label of a scatter plot has."""
    return {drawn.get_label(): len(drawn.get_offsets()) for drawn in ax.collections}


def test_half_pixel_marks_each_guess_where_it_points():
    row = np.eye(1, 8, 2)[0]
    ax = draw_half_pixel(row, row.repeat(4), {"left": 8.0, "right": 9.5})
    assert [line.get_xdata().tolist() for line in ax.lines] == [[8, 8], [9.5, 9.5]]
    assert {"left = 8", "right = 9.5"} <= set(texts(ax))
    before, after = ax.images
    assert before.get_extent()[:2] == after.get_extent()[:2] == [-0.5, 31.5]  # both rows span the same


def test_crop_coverage_marks_what_is_never_drawn():
    offsets = [(top, left) for top in (0, 1) for left in (0, 1)]
    figure = draw_crop_coverage(offsets, (6, 6), (4, 4), "notes")
    inside, drawn, _ = figure.axes  # the last is the colour bar
    assert dots(drawn) == {"drawn": 4, "never drawn": 5}
    assert drawn.get_title(loc="left") == "offsets: 4 of 9"
    framed = {tuple(np.add(patch.get_xy(), 0.5).astype(int)) for patch in inside.patches}
    assert framed == {(5, y) for y in range(6)} | {(x, 5) for x in range(6)}  # the last column and row
    shares = np.array(texts(inside), dtype=int).reshape(6, 6)
    assert shares.tolist() == (25 * np.outer([1, 2, 2, 2, 1, 0], [1, 2, 2, 2, 1, 0])).tolist()


def test_crop_coverage_of_all_offsets_marks_nothing():
    offsets = np.argwhere(np.ones((3, 2)))
    figure = draw_crop_coverage(offsets, (6, 5), (4, 4))
    inside, drawn, _ = figure.axes
    assert dots(drawn) == {"drawn": 6, "never drawn": 0}
    assert len(inside.patches) == 0


def test_crop_coverage_of_a_crop_as_large_as_the_picture():
    figure = draw_crop_coverage([(0, 0)], (1, 1), (1, 1))
    assert texts(figure.axes[0]) == ["100"]


def cells(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def test_batches_have_a_cell_for_each_index():
    rows = {"all": [torch.tensor([0, 1, 2, 3]), torch.tensor([4])], "dropped": [[0, 1, 2, 3]]}
    ax = draw_batches(rows)
    assert texts(ax) == ["0", "1", "2", "3", "4", "0", "1", "2", "3"]
    assert len(cells(ax)) == 9 and len(boxes(ax)) == 3
    assert [label.get_text() for label in ax.get_yticklabels()] == ["all", "dropped"]


def test_an_index_has_one_colour_wherever_it_stands():
    ax = draw_batches({"one": [[0, 1, 2]], "two": [[2], [0, 1]]}, size=10)
    colours = {}
    for cell, text in zip(cells(ax), texts(ax), strict=True):
        colours.setdefault(text, set()).add(cell.get_facecolor())
    assert [len(colour) for colour in colours.values()] == [1, 1, 1]
    assert len(set.union(*colours.values())) == 3


@pytest.mark.parametrize("batches", [[], [[]], [[0]]])
def test_few_batches_can_be_drawn(batches):
    assert len(cells(draw_batches({"few": batches}))) == sum(map(len, batches))


def test_counts_are_bars_with_their_numbers():
    counts = {"shuffled": {"ants": 8, "bees": 1}, "weighted": {"ants": 4, "bees": 5}}
    ax = draw_counts(counts)
    assert [bar.get_height() for bar in ax.patches] == [8, 1, 4, 5]
    assert texts(ax) == ["8", "1", "4", "5"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["shuffled", "weighted"]


def test_random_numbers_that_come_again_are_marked():
    numbers = {
        "kept": [("worker 0", [5, 7]), ("worker 1", torch.tensor([5, 7]))],
        "drawn": [("worker 0", [5, 1_234]), ("worker 1", [3, 4])],  # 5 is new in its own table
    }
    figure = draw_random_numbers(numbers)
    marked = [[cell.get_facecolor() == to_rgba(ORANGE) for cell in cells(ax)] for ax in figure.axes]
    assert marked == [[True] * 4, [False] * 4]
    assert texts(figure.axes[1]) == ["5", "1,234", "3", "4"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["worker 0", "worker 1"]


def test_a_number_that_comes_again_in_its_own_row_is_marked():
    (ax,) = draw_random_numbers({"one": [("only", [2, 3, 2])]}).axes
    assert [cell.get_facecolor() == to_rgba(ORANGE) for cell in cells(ax)] == [True, False, True]


def test_a_single_random_number_can_be_drawn():
    draw_random_numbers({"one": [("only", [1])]})


def test_the_timeline_has_a_lane_for_each_process():
    events = [(9, 10.0, 10.5, "load"), (1, 10.5, 12.0, "train"), (7, 10.2, 10.9, "load")]
    ax = draw_timeline(events, main=1, title="two workers")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["training", "worker 0", "worker 1"]
    spans = [bar for bar in ax.patches if bar.get_width() > 0]
    seen = [(round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in spans]
    np.testing.assert_allclose(seen, [(1, 0, 0.5), (0, 0.5, 1.5), (2, 0.2, 0.7)])
    assert spans[0].get_facecolor() == spans[2].get_facecolor() != spans[1].get_facecolor()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["load", "train"]


def test_a_timeline_of_one_event_can_be_drawn():
    draw_timeline([(1, 0.0, 1.0, "load")], main=1)


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 5, 4), (2, 3, 5, 4)])
def test_each_channel_has_its_histogram(shape):
    values = torch.zeros(shape)
    values[..., 0, :, :] = 9  # the first channel only
    figure = draw_channels({"before": values, "after": values / 2})
    for ax, brightest in zip(figure.axes, (9, 4.5), strict=True):
        red, green, blue = (patch.get_xy()[:, 0] for patch in ax.patches)
        assert red.min() <= brightest <= red.max()
        assert green.max() < brightest and blue.max() < brightest


@pytest.mark.parametrize(["count", "columns"], [(1, 4), (2, 4), (4, 4), (5, 4), (3, 1)])
def test_points_of_a_batch_stand_on_their_pictures(count, columns):
    """Each picture has one bright pixel; all its points are there."""
    places = np.random.default_rng(count).integers(0, [12, 10], (count, 2))  # (x, y)
    images = torch.zeros(count, 3, 10, 12)
    for image, (x, y) in zip(images, places, strict=True):
        image[:, y, x] = 1
    grid = make_grid(images, nrow=columns, padding=2)
    ax = draw_grid(grid, np.repeat(places[:, None], 68, axis=1), columns)
    drawn = [line.get_xydata()[0].round().astype(int).tolist() for line in ax.lines if "points" in line.get_gid()]
    bright = torch.nonzero(grid[0]).flip(1).tolist()
    assert sorted(drawn) == sorted(bright) and len(drawn) == count


def test_points_outside_their_picture_are_cut_off():
    grid = make_grid(torch.zeros(2, 3, 10, 12), nrow=2, padding=2)
    landmarks = np.full((2, 68, 2), [14, 5])  # to the right of the picture, where the next one is
    ax = draw_grid(grid, landmarks, 2)
    assert ax.get_xlim() == (-0.5, grid.shape[2] - 0.5) and ax.get_ylim() == (grid.shape[1] - 0.5, -0.5)
    for k, lines in enumerate((ax.lines[:2], ax.lines[2:])):
        for line in lines:
            frame = line.get_clip_box().transformed(ax.transData.inverted())
            np.testing.assert_allclose(frame.extents, [1.5 + 14 * k, 11.5, 13.5 + 14 * k, 1.5])  # y runs downwards
