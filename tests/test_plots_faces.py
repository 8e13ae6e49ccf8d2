"""Drawings of faces, judged by what stands in the figure."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from pictures import colour, find_text, is_whole, legend, place, texts
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
        edge = {0: -0.5, 1: WIDTH - 0.5, 2: -0.5, 3: HEIGHT - 0.5}[index]
        reach = abs(point[index // 2] - edge)  # and room for the dot
        assert reach < growth[index] < reach + 4 and np.count_nonzero(growth) == 1


def test_true_and_predicted_points_can_be_told_apart():
    drawn = lines(draw_face(PIXELS, POINTS, predicted=POINTS + 1))
    np.testing.assert_allclose(drawn["true points"].get_xydata(), POINTS)
    np.testing.assert_allclose(drawn["predicted points"].get_xydata(), POINTS + 1)
    assert drawn["true points"].get_color() == drawn["true lines"].get_color() == TRUE
    assert drawn["predicted points"].get_color() == drawn["predicted lines"].get_color() == PREDICTED


def strokes(line):
    """Return what a line draws without lifting the pen, each stroke as an array of points."""
    points = line.get_xydata()
    ends = np.flatnonzero(np.isnan(points[:, 0]))
    assert ends[-1] == len(points) - 1
    return [stroke[~np.isnan(stroke[:, 0])] for stroke in np.split(points, ends + 1)[:-1]]


def test_lines_join_the_points_of_a_part_and_close_the_closed_ones():
    ax = plt.subplots()[1]
    path, dots = draw_points(ax, POINTS)
    assert len(strokes(path)) == len(GROUPS)
    for (indices, closed), stroke in zip(GROUPS.values(), strokes(path), strict=True):
        wanted = [*indices, indices[0]] if closed else [*indices]
        np.testing.assert_array_equal(stroke, POINTS[wanted])
    assert dots.get_linestyle() == "None" and dots.get_marker() == "o"  # dots are not joined in the order of the file
    assert draw_points(ax, POINTS, size=9)[1].get_markersize() == 3 * dots.get_markersize()
    assert dots.get_label() == "true" and dots.get_gid() == "true points"


@pytest.mark.parametrize("picture", [PIXELS, FLOATS])
def test_the_picture_is_shown_as_it_is(picture):
    (image,) = draw_face(picture).images
    np.testing.assert_array_equal(image.get_array(), picture)
    assert image.get_extent() == [-0.5, WIDTH - 0.5, HEIGHT - 0.5, -0.5]  # row 0 at the top


@pytest.mark.parametrize("points", [POINTS + 5, torch.tensor(POINTS + 5), (POINTS + 5).tolist()])
def test_points_can_be_moved(points):
    ax = draw_face(PIXELS, POINTS, predicted=POINTS)
    before = lines(ax)["predicted lines"].get_xydata()
    move_points(ax, points)
    np.testing.assert_allclose(lines(ax)["predicted points"].get_xydata(), POINTS + 5)
    np.testing.assert_allclose(lines(ax)["predicted lines"].get_xydata(), before + 5)
    np.testing.assert_allclose(lines(ax)["true points"].get_xydata(), POINTS)
    assert len(ax.lines) == 4


def test_a_given_axes_is_used():
    ax = plt.subplots()[1]
    assert draw_face(PIXELS, ax=ax) is ax


@pytest.mark.parametrize(["count", "rows", "columns"], [(1, 1, 1), (3, 1, 3), (4, 1, 4), (6, 2, 4)])
def test_several_faces_stand_in_rows(count, rows, columns):
    figure = draw_faces((face() for _ in range(count)), [f"face {i}" for i in range(count)])
    assert figure.axes[0].get_gridspec().get_geometry() == (rows, columns)
    shown = figure.axes[:count]
    assert [ax.get_title(loc="left") for ax in shown] == [f"face {i}" for i in range(count)]
    assert [(len(ax.images), ax.axison) for ax in figure.axes] == [(1, True)] * count + [(0, False)] * (
        rows * columns - count  # cells left over stay empty
    )
    for ax in shown:
        np.testing.assert_allclose(lines(ax)["true points"].get_xydata(), POINTS)
    assert not figure.legends


def test_titles_of_a_row_stand_at_one_height():
    figure = draw_faces([face(60, 20), face(20, 60)], ["tall", "wide"])
    assert is_whole(figure)
    tall, wide = (find_text(figure, title).get_window_extent().y0 for title in ("tall", "wide"))
    assert tall == pytest.approx(wide, abs=1)


def test_both_kinds_of_points_have_their_names():
    figure = draw_faces([face() | {"predicted": POINTS + 3}] * 2)
    for ax in figure.axes:
        np.testing.assert_allclose(lines(ax)["predicted points"].get_xydata(), POINTS + 3)
    assert legend(figure) == {"true": TRUE, "predicted": PREDICTED} and is_whole(figure)


def test_faces_without_landmarks_are_drawn_too():
    figure = draw_faces([{"image": PIXELS}])
    assert figure.axes[0].images and not figure.axes[0].lines


def test_steps_are_drawn_at_one_scale():
    shapes = {"as read": (120, 80), "smaller": (60, 40), "cut": (30, 30)}
    figure = draw_steps({title: face(*shape) for title, shape in shapes.items()})
    figure.canvas.draw()
    assert [ax.get_title(loc="left").strip() for ax in figure.axes] == list(shapes)
    assert [texts(ax) for ax in figure.axes] == [["120 × 80"], ["60 × 40"], ["30 × 30"]]
    scales = [ax.get_window_extent().width / np.ptp(ax.get_xlim()) for ax in figure.axes]
    np.testing.assert_allclose(scales, scales[0], rtol=0.02)
    for ax, shape in zip(figure.axes, shapes.values(), strict=True):
        assert ax.images[0].get_array().shape[:2] == shape
        np.testing.assert_allclose(lines(ax)["true points"].get_xydata(), POINTS)
        assert place(ax.texts[0])[0] == 0 and 1 < place(ax.texts[0])[1] < 1.1  # above the picture
    assert is_whole(figure)
    assert figure.get_figwidth() <= 9


@pytest.mark.parametrize("count", [1, 5])
def test_steps_fill_the_figure_without_making_it_too_large(count):
    figure = draw_steps({f"step {i}": face(100, 100) for i in range(count)})
    width, height = figure.get_size_inches()
    assert width <= 9 and height < 4 and (width > 8.9 or height > 3.5)
    assert is_whole(figure)


def test_steps_show_the_points_outside_the_picture():
    """As after a crop that cut the face."""
    figure = draw_steps({"as read": face(), "crop": {"image": PIXELS[:30, :20], "landmarks": POINTS - [15, 12]}})
    points, (left, right, top, bottom) = POINTS - [15, 12], shown_limits(figure.axes[1])
    assert left < points[:, 0].min() and points[:, 0].max() < right
    assert top < points[:, 1].min() and points[:, 1].max() < bottom


def test_one_step_is_enough():
    draw_steps({"as read": face(1, 1)}).canvas.draw()


PARTS = "jaw, brow left, brow right, nose bridge, nose bottom, eye left, eye right, lip outer, lip inner".split(", ")


def test_the_map_shows_every_point_and_its_number():
    ax = draw_landmark_map(torch.tensor(POINTS))
    assert isinstance(ax, Axes) and ax.yaxis_inverted()  # y runs downwards, as in a picture
    numbers = {text.get_text(): text for text in ax.texts}
    assert list(map(int, sorted(numbers, key=int))) == list(range(68))
    for k in range(68):
        np.testing.assert_allclose(numbers[str(k)].xy, POINTS[k])
        distance = np.hypot(*numbers[str(k)].xyann)  # in points from its dot: beside it
        assert 16 < distance < 20 if k in (60, 64) else 7 < distance < 12  # where the inner lips meet, further in
    for line, (indices, closed) in zip(ax.lines, GROUPS.values(), strict=True):
        np.testing.assert_allclose(line.get_xydata(), POINTS[[*indices, indices[0]] if closed else [*indices]])
    assert is_whole(ax.figure) and ax.get_aspect() == 1 and not [*ax.get_xticks(), *ax.get_yticks()]
    assert ax.figure.legends[0].get_title().get_text() == "left, right: of the picture"


def test_the_parts_of_the_map_have_their_names_and_colours():
    ax = draw_landmark_map(POINTS)
    names = legend(ax.figure)
    assert [name.split(maxsplit=1)[1] for name in names] == PARTS
    for line, (name, shade), (indices, _) in zip(ax.lines, names.items(), GROUPS.values(), strict=True):
        assert name.startswith(f"{indices[0]}–{indices[-1]} ") and colour(line) == shade
    kinds = {}  # left and right, outer and inner are of one kind
    for name, shade in zip(PARTS, names.values(), strict=True):
        kinds.setdefault(name.split()[0], set()).add(shade)
    assert [len(shades) for shades in kinds.values()] == [1] * 5 and len(set.union(*kinds.values())) == 5


def test_numbers_of_the_map_stand_outside_their_curve_and_inside_the_inner_lip():
    """A jaw below all else, and every closed part a circle: outside is away from its centre."""
    turn = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    points = 100 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for indices, closed in GROUPS.values():
        if closed:
            angles = np.linspace(0, 2 * np.pi, len(indices), endpoint=False)
            points[indices] = [30, -20] + 10 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    shifts = {int(text.get_text()): np.multiply(text.xyann, [1, -1]) for text in draw_landmark_map(points).texts}
    for name, (indices, closed) in GROUPS.items():
        centre = points[indices].mean(0) if closed else points.mean(0)
        outwards = [(points[k] - centre) @ shifts[k] for k in indices]
        if name == "lip_inner":
            assert max(outwards) < 0
        elif not name.startswith("nose"):
            assert min(outwards) > 0, name
    assert all(shifts[k][0] < 0 and shifts[k][1] == 0 for k in GROUPS["nose_bridge"].indices)  # to the left
    assert all(shifts[k][1] < 0 and shifts[k][0] == 0 for k in GROUPS["nose_bottom"].indices)  # above
