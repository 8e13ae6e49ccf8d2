"""Drawings of crops, batches, random numbers and time, judged by what stands in the figure."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import FancyBboxPatch, Rectangle
from pictures import colour, find_text, is_whole, legend, texts, texts_at, ticks
from torchvision.utils import make_grid

from helpers.plots.loading import (
    draw_batches,
    draw_channels,
    draw_counts,
    draw_crop_coverage,
    draw_half_pixel,
    draw_image_grid,
    draw_random_numbers,
    draw_timeline,
)
from helpers.style import BLUE, GREEN, INK, ORANGE, RED


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


ROW_2 = {(0, 2), (1, 2), (2, 2)}


def places(ax):
    """Return where the dots of each label of a scatter plot are."""
    return {drawn.get_label(): {(int(x), int(y)) for x, y in drawn.get_offsets()} for drawn in ax.collections}


def cells(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def test_half_pixel_marks_each_guess_where_it_points():
    row = np.array([0, 0.5, 1, 0])
    ax = draw_half_pixel(row, row.repeat(4), {"left": 8.0, "right": 9.5})
    for line, label, x in zip(ax.lines, ("left = 8", "right = 9.5"), (8, 9.5), strict=True):
        assert set(line.get_xdata()) == {x} and max(line.get_ydata()) == 1  # through the lower row, which ends at 1
        words = find_text(ax, label)
        assert words.get_position()[0] == x and words.get_position()[1] < min(line.get_ydata()) < 0
        assert colour(words) == colour(line)
    assert len({colour(line) for line in ax.lines}) == 2
    assert is_whole(ax.figure)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_half_pixel_draws_both_rows_in_the_coordinates_of_the_larger(scale):
    row = np.array([0, 0.5, 1, 0])
    ax = draw_half_pixel(row, row.repeat(scale), {"a": 0, "b": 1})
    for image, pixels in zip(ax.images, (row, row.repeat(scale)), strict=True):
        left, right, bottom, top = image.get_extent()
        assert (left, right, top - bottom) == pytest.approx((-0.5, 4 * scale - 0.5, 1))
        np.testing.assert_array_equal(image.get_array(), [pixels])
        np.testing.assert_allclose(image.norm(image.get_array()), [pixels])  # 0 is black, 1 is white
        frames = [patch for patch in cells(ax) if patch.get_y() == bottom]
        step = 4 * scale / len(pixels)
        wanted = [(-0.5 + i * step, step, 1) for i in range(len(pixels))]
        assert [(each.get_x(), each.get_width(), each.get_height()) for each in frames] == wanted
        assert not any(frame.get_fill() for frame in frames)
        numbers = {x: text for (x, y), text in texts_at(ax).items() if top < y < top + 0.2}
        assert numbers == {-0.5 + (i + 0.5) * step: str(i) for i in range(len(pixels))}
    (_, _, low, high), (_, _, _, top) = (image.get_extent() for image in ax.images)
    assert low > top and {name: place for place, name in ticks(ax.yaxis).items()} == pytest.approx(
        {"before": (low + high) / 2, "after": top - 0.5}
    )
    assert ax.get_xlim()[0] <= -0.5 and 4 * scale - 0.5 <= ax.get_xlim()[1] < 4 * scale + 1
    assert ax.get_ylim()[0] < -0.42 and high + 0.2 < ax.get_ylim()[1]


def test_crop_coverage_marks_what_is_never_drawn():
    """A crop of 3 × 2 in a picture of 5 × 4: top 0 to 2, left 0 to 2."""
    offsets = [(0, 0), (0, 1), (1, 0), (0, 1)]
    figure = draw_crop_coverage(offsets, (5, 4), (3, 2), "notes")
    inside, drawn = figure.axes
    assert places(drawn) == {"drawn": {(0, 0), (1, 0), (0, 1)}, "never drawn": {(2, 0), (1, 1), (2, 1), *ROW_2}}
    assert drawn.get_title(loc="left") == "offsets: 3 of 9" and drawn.yaxis_inverted()
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("left", "top")
    shares = np.zeros((5, 4))
    for row, column in np.ndindex(5, 4):
        shares[row, column] = sum(top <= row < top + 3 and left <= column < left + 2 for top, left in offsets) / 4
    np.testing.assert_array_equal(inside.images[0].get_array(), shares)
    assert inside.images[0].get_clim() == (0, 1)
    assert texts_at(inside) == {(x, y): f"{100 * shares[y, x]:.0f}" for y, x in np.ndindex(5, 4)}
    framed = {tuple(np.add(patch.get_xy(), 0.5).astype(int)) for patch in inside.patches}
    assert framed == {(x, y) for y, x in np.argwhere(shares == 0)}
    assert {(each.get_width(), each.get_height(), each.get_fill()) for each in inside.patches} == {(1, 1, False)}
    assert (inside.get_xlabel(), inside.get_ylabel()) == ("column", "row")


def test_what_is_never_drawn_is_red_and_hollow():
    figure = draw_crop_coverage([(0, 0)], (3, 3), (2, 2))
    never = to_hex(figure.axes[0].patches[0].get_edgecolor())
    hit, missed = figure.axes[1].collections
    assert never == RED == to_hex(missed.get_edgecolor()[0]) and len(missed.get_facecolor()) == 0
    assert colour(hit) == BLUE
    assert [text.get_text() for text in figure.axes[1].get_legend().get_texts()] == ["drawn", "never drawn"]


@pytest.mark.parametrize("gap", range(5))
def test_crop_coverage_counts_rows_and_columns_in_whole_numbers(gap):
    figure = draw_crop_coverage([(0, 0)], (4 + gap, 5 + gap), (4, 5), "corrected")
    inside, drawn = figure.axes
    assert ticks(inside.yaxis) == {i: str(i) for i in range(4 + gap)}
    assert ticks(inside.xaxis) == {i: str(i) for i in range(5 + gap)}
    assert ticks(drawn.xaxis) == ticks(drawn.yaxis) == {i: str(i) for i in range(1 + gap)}
    assert is_whole(figure)
    title, other = (find_text(figure, ax.get_title(loc="left")).get_window_extent() for ax in figure.axes)
    assert title.x1 < other.x0


@pytest.mark.parametrize(["share", "shade"], [(0.5, "#ffffff"), (0.8, "#000000")])
def test_numbers_stand_out_from_their_cells(share, shade):
    inside, _ = draw_crop_coverage(
        [(0, 0)] * round(10 * share) + [(0, 1)] * round(10 - 10 * share), (1, 2), (1, 1)
    ).axes
    assert texts(inside)[0] == f"{100 * share:.0f}" and colour(inside.texts[0]) == shade


def test_crop_coverage_of_all_offsets_marks_nothing():
    offsets = np.argwhere(np.ones((3, 2)))
    figure = draw_crop_coverage(offsets, (6, 5), (4, 4))
    inside, drawn = figure.axes
    assert {name: len(found) for name, found in places(drawn).items()} == {"drawn": 6, "never drawn": 0}
    assert len(inside.patches) == 0


def test_crop_coverage_of_a_crop_as_large_as_the_picture():
    figure = draw_crop_coverage([(0, 0)], (1, 1), (1, 1))
    assert texts(figure.axes[0]) == ["100"]


def test_batches_have_a_cell_for_each_index():
    rows = {"all": [torch.tensor([0, 1, 2, 3]), torch.tensor([4])], "dropped": [[0, 1, 2, 3]]}
    ax = draw_batches(rows)
    assert texts(ax) == ["0", "1", "2", "3", "4", "0", "1", "2", "3"]
    assert len(cells(ax)) == 9 and len(boxes(ax)) == 3
    assert ticks(ax.yaxis) == {0: "all", 1: "dropped"} and ax.yaxis_inverted()
    for x, y in texts_at(ax):  # each number is in the middle of its cell
        (cell,) = (each for each in cells(ax) if each.get_bbox().contains(x, y))
        np.testing.assert_allclose(np.mean(cell.get_bbox().get_points(), axis=0), (x, y))
    wanted = [(0, 4, 0), (4.5, 5.5, 0), (0, 4, 1)]  # from where to where, in which row
    for box, (left, right, row) in zip(boxes(ax), wanted, strict=True):
        place = box.get_path().get_extents(box.get_transform() - ax.transData)
        np.testing.assert_allclose(place.extents, (left, row - 0.45, right, row + 0.45), atol=0.15)
    right, left = max(x for x, _ in texts_at(ax)), min(x for x, _ in texts_at(ax))
    assert ax.get_xlim()[0] < left - 0.5 and right + 0.5 < ax.get_xlim()[1] < right + 1.5
    assert ax.get_ylim()[1] < -0.45 and 1.45 < ax.get_ylim()[0] < 2 and is_whole(ax.figure)


def test_an_index_has_one_colour_wherever_it_stands():
    ax = draw_batches({"one": [[0, 1, 2]], "two": [[2], [0, 1]]}, size=10)
    colours = {}
    for cell, text in zip(cells(ax), texts(ax), strict=True):
        colours.setdefault(text, set()).add(cell.get_facecolor())
    assert [len(colour) for colour in colours.values()] == [1, 1, 1]
    assert len(set.union(*colours.values())) == 3
    wanted = plt.get_cmap("viridis")(np.array([0, 1, 2]) / 9)  # of the ten that there are
    np.testing.assert_allclose([colours[str(index)].pop() for index in range(3)], wanted, atol=0.02)


@pytest.mark.parametrize("size", [10, None])
def test_numbers_are_white_on_dark_and_dark_on_light(size):
    ax = draw_batches({"one": [[0, 4, 5, 6, 9]]}, size=size)
    assert [colour(text) for text in ax.texts] == ["#ffffff"] * 3 + [INK] * 2


@pytest.mark.parametrize("batches", [[], [[]], [[0]]])
def test_few_batches_can_be_drawn(batches):
    assert len(cells(draw_batches({"few": batches}))) == sum(map(len, batches))


def test_counts_are_bars_with_their_numbers():
    counts = {"shuffled": {"ants": 8, "bees": 1}, "weighted": {"bees": 5, "ants": 4}}  # in another order
    ax = draw_counts(counts)
    names = ticks(ax.xaxis)
    assert list(names.values()) == ["ants", "bees"] and ax.get_ylabel() == "pictures" and is_whole(ax.figure)
    assert list(legend(ax)) == list(counts) and len(set(legend(ax).values())) == 2
    seen = {title: {} for title in counts}
    for bar, text in zip(ax.patches, texts(ax), strict=True):
        (title,) = (title for title, shade in legend(ax).items() if shade == colour(bar))
        middle = bar.get_x() + bar.get_width() / 2
        seen[title][names[round(middle)]] = bar.get_height()
        assert bar.get_y() == 0 and text == str(bar.get_height())
        assert 0 < 0.5 - abs(middle - round(middle))
    assert seen == counts
    ends = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)
    assert all(right <= left for (_, right), (left, _) in zip(ends, ends[1:], strict=False))  # none covers another
    first, second = sorted(bar.get_x() for bar in ax.patches)[:2]
    assert ax.patches[0].get_x() == first and ax.patches[2].get_x() == second  # in the order of the legend
    assert first + second + ax.patches[0].get_width() == pytest.approx(0)  # around their class


@pytest.mark.parametrize("count", [1, 3])
def test_bars_of_a_class_stand_around_its_name(count):
    ax = draw_counts({f"title {i}": {"ants": 1} for i in range(count)})
    middles = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches]
    assert sum(middles) == pytest.approx(0) and np.ptp(middles) < 0.8


def test_random_numbers_that_come_again_are_marked():
    numbers = {
        "kept": [("worker 0", [5, 7]), ("worker 1", torch.tensor([5, 7]))],
        "drawn": [("worker 0", [5, 1_234]), ("worker 1", [3, 4])],  # 5 is new in its own table
    }
    figure = draw_random_numbers(numbers)
    marked = [[cell.get_facecolor() == to_rgba(ORANGE) for cell in cells(ax)] for ax in figure.axes]
    assert marked == [[True] * 4, [False] * 4]
    first, second = figure.axes
    assert texts_at(second) == {(0.5, 0): "5", (1.5, 0): "1,234", (0.5, 1): "3", (1.5, 1): "4"}
    for ax in figure.axes:
        for cell, text in zip(cells(ax), ax.texts, strict=True):
            np.testing.assert_allclose(np.mean(cell.get_bbox().get_points(), axis=0), text.get_position())
            assert 0.9 <= cell.get_width() < 1 and 0.9 <= cell.get_height() < 1
            assert colour(text) == ("#ffffff" if colour(cell) == ORANGE else INK)
        assert ax.get_xlim() == (0, 2) and ax.get_ylim() == (1.5, -0.5) and list(ax.get_xticks()) == []
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["kept", "drawn"]
    assert ticks(first.yaxis) == {0: "worker 0", 1: "worker 1"}
    assert not any(label.get_text() for label in second.get_yticklabels()) and is_whole(figure)


def test_a_number_that_comes_again_in_its_own_row_is_marked():
    (ax,) = draw_random_numbers({"one": [("only", [2, 3, 2])]}).axes
    assert [cell.get_facecolor() == to_rgba(ORANGE) for cell in cells(ax)] == [True, False, True]


def test_a_single_random_number_can_be_drawn():
    draw_random_numbers({"one": [("only", [1])]})


def test_the_timeline_has_a_lane_for_each_process():
    events = [(9, 10.0, 10.5, "load"), (1, 10.5, 12.0, "train"), (7, 10.2, 10.9, "load")]
    ax = draw_timeline(events, main=1, title="two workers")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["main process", "worker 0", "worker 1"]
    spans = [bar for bar in ax.patches if bar.get_width() > 0]
    seen = [(round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in spans]
    np.testing.assert_allclose(seen, [(1, 0, 0.5), (0, 0.5, 1.5), (2, 0.2, 0.7)])
    assert [colour(span) for span in spans] == [legend(ax)[what] for what in ("load", "train", "load")]
    assert list(legend(ax)) == ["load", "train"] and len(set(legend(ax).values())) == 2
    assert ticks(ax.yaxis) == {0: "main process", 1: "worker 0", 2: "worker 1"} and ax.yaxis_inverted()
    assert all(0.5 < span.get_height() < 1 for span in spans)
    assert ax.get_xlim()[0] == 0 and 2 <= ax.get_xlim()[1] < 2.2 and ax.get_xlabel() == "seconds"
    assert ax.get_title(loc="left") == "two workers" and is_whole(ax.figure)


def test_the_axis_of_a_timeline_may_begin_before_the_first_event():
    ax = draw_timeline([(7, 10.2, 10.9, "load"), (1, 10.9, 11.5, "train")], main=1, began=10.0)
    seen = [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_width() > 0]
    np.testing.assert_allclose(seen, [(0.2, 0.7), (0.9, 0.6)])
    assert ax.get_xlim()[0] == 0 and 1.5 <= ax.get_xlim()[1] < 1.7


def test_timelines_of_one_axis_are_cut_off_nowhere():
    """The second takes longer than the first."""
    figure, axes = plt.subplots(2, 1, sharex=True)
    for ax, seconds in zip(axes, (1.0, 5.0), strict=True):
        draw_timeline([(1, 10.0, 10.0 + seconds, "load")], main=1, ax=ax)
    assert axes[0].get_xlim()[0] == 0 and axes[0].get_xlim()[1] >= 5
    assert [ax.get_xlabel() for ax in axes] == ["", "seconds"]
    assert [ax.get_legend() is not None for ax in axes] == [True, False]  # once is enough


def test_a_timeline_of_one_event_can_be_drawn():
    draw_timeline([(1, 0.0, 1.0, "load")], main=1)


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 5, 4), (2, 3, 5, 4)])
def test_each_channel_has_its_histogram(shape):
    values = torch.zeros(shape)
    values[..., 0, :, :] = 9  # the first channel only
    figure = draw_channels({"before": values, "after": values / 2})
    for ax, brightest in zip(figure.axes, (9, 4.5), strict=True):
        red, green, blue = (filled(patch) for patch in ax.patches)
        assert [left <= brightest <= right for left, right in red] == [True]
        assert [left <= 0 < right for left, right in green] == [left <= 0 < right for left, right in blue] == [True]


def filled(outline):
    """Return the ends of the bins of a histogram's outline that are not empty."""
    xy = outline.get_xy()
    tops = [(left, right, y) for (left, y), (right, other) in zip(xy, xy[1:], strict=False) if y == other]
    return [(left, right) for left, right, y in tops if y > 0 and left < right]


def test_the_histograms_of_the_channels_can_be_compared():
    """One channel narrow, one wide, one between: each has area 1 over sixty bins of its own, in its colour."""
    values = np.stack([np.linspace(0, end, 600).reshape(20, 30) for end in (0.1, 1, 0.5)])
    figure = draw_channels({"before": values})
    (ax,) = figure.axes
    assert legend_edges(ax) == {"red": RED, "green": GREEN, "blue": BLUE}
    for end, outline, shade in zip((0.1, 1, 0.5), ax.patches, (RED, GREEN, BLUE), strict=True):
        edges = np.array(filled(outline))
        np.testing.assert_allclose(edges[:, 1] - edges[:, 0], 1.02 * end / 60, rtol=1e-6)
        assert edges[0, 0] == pytest.approx(-end / 100) and edges[-1, 1] == pytest.approx(1.01 * end)
        assert outline.get_xy()[:, 1].max() == pytest.approx(1 / end, rel=0.1)  # area 1
        assert to_hex(outline.get_edgecolor()) == shade
    assert (
        ax.get_title(loc="left") == "before"
        and ax.get_xlabel() == "value"
        and ax.get_ylabel() == "how often"
        and is_whole(figure)
    )


def test_a_scaled_channel_keeps_its_shape():
    values = np.random.default_rng(0).integers(0, 256, (3, 20, 30)) / 255
    scale, shift = np.array([4, 5, 6])[:, None, None], np.array([-2, 0, 1])[:, None, None]
    before, after = draw_channels({"before": values, "after": scale * values + shift}).axes
    for one, other, stretch, move in zip(before.patches, after.patches, scale.flat, shift.flat, strict=True):
        np.testing.assert_allclose(other.get_xy(), one.get_xy() * [stretch, 1 / stretch] + [move, 0], atol=1e-9)


def legend_edges(ax):
    drawn = ax.get_legend()
    names = [text.get_text() for text in drawn.get_texts()]
    return dict(zip(names, (to_hex(handle.get_edgecolor()) for handle in drawn.legend_handles), strict=True))


@pytest.mark.parametrize(["count", "columns"], [(1, 4), (2, 4), (4, 4), (5, 4), (3, 1)])
def test_points_of_a_batch_stand_on_their_pictures(count, columns):
    """Each picture has one bright pixel; all its points are there."""
    places = np.random.default_rng(count).integers(0, [12, 10], (count, 2))  # (x, y)
    images = torch.zeros(count, 3, 10, 12)
    for image, (x, y) in zip(images, places, strict=True):
        image[:, y, x] = 1
    grid = make_grid(images, nrow=columns, padding=2)
    ax = draw_image_grid(grid, np.repeat(places[:, None], 68, axis=1), columns)
    drawn = [line.get_xydata()[0].round().astype(int).tolist() for line in ax.lines if "points" in line.get_gid()]
    bright = torch.nonzero(grid[0]).flip(1).tolist()
    assert sorted(drawn) == sorted(bright) and len(drawn) == count


def test_points_outside_their_picture_are_cut_off():
    grid = make_grid(torch.zeros(2, 3, 10, 12), nrow=2, padding=2)
    landmarks = np.full((2, 68, 2), [14, 5])  # to the right of the picture, where the next one is
    ax = draw_image_grid(grid, landmarks, 2)
    assert ax.get_xlim() == (-0.5, grid.shape[2] - 0.5) and ax.get_ylim() == (grid.shape[1] - 0.5, -0.5)
    for k, lines in enumerate((ax.lines[:2], ax.lines[2:])):
        for line in lines:
            frame = line.get_clip_box().transformed(ax.transData.inverted())
            np.testing.assert_allclose(frame.extents, [1.5 + 14 * k, 11.5, 13.5 + 14 * k, 1.5])  # y runs downwards
