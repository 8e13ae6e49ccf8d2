"""Drawings of faces, judged by what stands in the figure."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from PIL import Image

from helpers.landmarks import GROUPS
from helpers.plots.faces import (
    PREDICTED,
    TRUE,
    as_picture,
    draw_face,
    draw_faces,
    draw_landmark_map,
    draw_points,
    draw_steps,
    move_points,
)

HEIGHT, WIDTH = 60, 50
PIXELS = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
POINTS = np.random.default_rng(1).uniform(10, 40, (68, 2))
WHOLE_PICTURE = [-0.5, WIDTH - 0.5, -0.5, HEIGHT - 0.5]  # left, right, top, bottom


@pytest.fixture(autouse=True)
def one_figure():
    """No function leaves more than one figure open."""
    plt.close("all")
    yield
    assert len(plt.get_fignums()) <= 1
    plt.close("all")


def face(height=HEIGHT, width=WIDTH):
    return {"image": np.zeros((height, width, 3), np.uint8), "landmarks": POINTS}


def lines(ax):
    """Return the lines of an axes by their names."""
    return {line.get_gid(): line for line in ax.lines}


def shown_limits(ax):
    """Return left, right, top and bottom of what is shown, in pixels of the picture."""
    return [*ax.get_xlim(), *ax.get_ylim()[::-1]]


FLOATS = (PIXELS / 255).astype(np.float32)
PICTURES = {
    "uint8": (PIXELS, PIXELS),
    "float": (FLOATS, FLOATS),
    "float64": (PIXELS / 255, PIXELS / 255),
    "tensor C×H×W": (torch.tensor(FLOATS).permute(2, 0, 1), FLOATS),
    "uint8 tensor": (torch.tensor(PIXELS).permute(2, 0, 1), PIXELS),
    "tensor with a gradient": (torch.tensor(FLOATS).permute(2, 0, 1).requires_grad_(), FLOATS),
    "too bright and too dark": (4 * FLOATS - 2, (4 * FLOATS - 2).clip(0, 1)),
    "grey": (PIXELS[:, :, 0], PIXELS[:, :, 0]),
    "grey tensor": (torch.tensor(FLOATS[None, :, :, 0]), FLOATS[:, :, :1]),
    "Pillow's": (Image.fromarray(PIXELS), PIXELS),
    "one pixel": (np.zeros((1, 1, 3)), np.zeros((1, 1, 3))),
}


@pytest.mark.parametrize(["image", "wanted"], PICTURES.values(), ids=PICTURES)
def test_a_picture_may_come_in_many_forms(image, wanted):
    picture = as_picture(image)
    assert picture.dtype == wanted.dtype
    np.testing.assert_array_equal(picture, wanted)
    draw_face(image).figure.canvas.draw()


@pytest.mark.parametrize(["value", "brightness"], [(np.uint8(102), 102), (np.float32(0.4), 102)])
def test_grey_is_not_stretched(value, brightness):
    ax = draw_face(np.full((4, 4), value))
    ax.figure.canvas.draw()
    (image,) = ax.images
    assert (255 * np.asarray(image.cmap(image.norm(value)))[:3]).round().tolist() == [brightness] * 3


def test_a_face_without_points_is_its_picture():
    ax = draw_face(PIXELS, title="a name")
    assert shown_limits(ax) == WHOLE_PICTURE
    assert len(ax.lines) == 0 and ax.get_title(loc="left") == "a name"


@pytest.mark.parametrize(["index", "point"], [(0, (-9, 20)), (1, (70, 20)), (2, (20, -9)), (3, (20, 80))])
def test_the_axes_grow_for_points_outside_and_on_that_side_only(index, point):
    points = POINTS.copy()
    points[30] = point
    ax = plt.subplots()[1]
    for true, predicted in ((points, None), (POINTS, points)):
        draw_face(PIXELS, true, predicted=predicted, ax=ax)
        growth = np.subtract(shown_limits(ax), WHOLE_PICTURE) * [-1, 1, -1, 1]
        assert growth[index] > 8 and np.count_nonzero(growth) == 1


def test_true_and_predicted_points_can_be_told_apart():
    drawn = lines(draw_face(PIXELS, POINTS, predicted=POINTS + 1))
    np.testing.assert_allclose(drawn["true points"].get_xydata(), POINTS)
    np.testing.assert_allclose(drawn["predicted points"].get_xydata(), POINTS + 1)
    assert drawn["true points"].get_color() == drawn["true lines"].get_color() == TRUE
    assert drawn["predicted points"].get_color() == drawn["predicted lines"].get_color() == PREDICTED


def test_lines_join_the_points_of_a_part_and_close_the_closed_ones():
    ax = plt.subplots()[1]
    path, _ = draw_points(ax, POINTS)
    strokes = path.get_xydata()
    strokes = np.split(strokes, np.flatnonzero(np.isnan(strokes[:, 0])) + 1)
    for (indices, closed), stroke in zip(GROUPS.values(), strokes, strict=False):
        wanted = [*indices, indices[0]] if closed else [*indices]
        np.testing.assert_array_equal(stroke[:-1], POINTS[wanted])  # its last row lifts the pen


@pytest.mark.parametrize("points", [POINTS + 5, torch.tensor(POINTS + 5), (POINTS + 5).tolist()])
def test_points_can_be_moved(points):
    ax = draw_face(PIXELS, POINTS, predicted=POINTS)
    before = lines(ax)["predicted lines"].get_xydata()
    move_points(ax, points)
    np.testing.assert_allclose(lines(ax)["predicted points"].get_xydata(), POINTS + 5)
    np.testing.assert_allclose(lines(ax)["predicted lines"].get_xydata(), before + 5)
    np.testing.assert_allclose(lines(ax)["true points"].get_xydata(), POINTS)
    move_points(ax, POINTS - 3, label="true")
    np.testing.assert_allclose(lines(ax)["true points"].get_xydata(), POINTS - 3)
    assert len(ax.lines) == 4


def test_a_given_axes_is_used():
    ax = plt.subplots()[1]
    assert draw_face(PIXELS, ax=ax) is ax
    assert draw_landmark_map(POINTS, ax=ax) is ax


@pytest.mark.parametrize(["count", "rows", "columns"], [(1, 1, 1), (3, 1, 3), (4, 1, 4), (6, 2, 4)])
def test_several_faces_stand_in_rows(count, rows, columns):
    figure = draw_faces((face() for _ in range(count)), [f"face {i}" for i in range(count)])
    assert figure.axes[0].get_gridspec().get_geometry() == (rows, columns)
    assert [ax.get_title(loc="left") for ax in figure.axes if ax.images] == [f"face {i}" for i in range(count)]
    assert not any(ax.axison for ax in figure.axes if not ax.images)  # cells left over stay empty


def test_faces_without_landmarks_are_drawn_too():
    figure = draw_faces([{"image": PIXELS}])
    assert figure.axes[0].images and not figure.axes[0].lines


def test_steps_are_drawn_at_one_scale():
    shapes = {"as read": (120, 80), "smaller": (60, 40), "cut": (30, 30)}
    figure = draw_steps({title: face(*shape) for title, shape in shapes.items()})
    figure.canvas.draw()
    assert [ax.get_title(loc="left").strip() for ax in figure.axes] == list(shapes)
    assert [ax.texts[0].get_text() for ax in figure.axes] == ["120 × 80", "60 × 40", "30 × 30"]
    scales = [ax.get_window_extent().width / np.ptp(ax.get_xlim()) for ax in figure.axes]
    np.testing.assert_allclose(scales, scales[0], rtol=0.02)


def test_one_step_is_enough():
    draw_steps({"as read": face(1, 1)}).canvas.draw()


def test_the_map_shows_every_point_and_its_number():
    ax = draw_landmark_map(torch.tensor(POINTS))
    assert isinstance(ax, Axes)
    numbers = {text.get_text(): text.xy for text in ax.texts}
    assert sorted(numbers, key=int) == [str(k) for k in range(68)]
    np.testing.assert_allclose([numbers[str(k)] for k in range(68)], POINTS)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(names) == len(GROUPS) and names[0].split() == ["0–16", "jaw"]
    assert ax.yaxis_inverted()  # y runs downwards, as in a picture
