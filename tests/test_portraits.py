"""The portraits of tools/portraits: their landmarks sit on what they show, and the shipped set comes out again."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from portraits.curves import hull, smooth
from portraits.head import Head, Shape
from portraits.photo import photograph
from portraits.portrait import draw_portrait
from portraits.view import View

from helpers.landmarks import GROUPS, MIRROR, load_image, load_landmarks
from helpers.paths import FACES, REPOSITORY

SOME = range(0, 40, 4)


@pytest.fixture(scope="module")
def portraits():
    return [draw_portrait(number) for number in SOME]


def make_set(folder, *options):
    command = [sys.executable, REPOSITORY / "tools/portraits", folder, *options]
    return subprocess.run(command, capture_output=True, text=True)


def inside(points, shape):
    """Return which points (N×2) lie in a polygon (M×2)."""
    x, y = points.T[:, :, None]
    (x0, y0), (x1, y1) = shape.T, np.roll(shape, -1, axis=0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return crossed.sum(axis=1) % 2 == 1


def sample(image, points):
    """Return the colours (N×3) of the pixels nearest to points, those on the border for points outside."""
    x, y = np.clip(np.rint(points), 0, np.array(image.shape[1::-1]) - 1).astype(int).T
    return image[y, x].astype(float)


def dense(outline):
    """Return a closed outline with many more points on its edges."""
    steps = np.linspace(0, 1, 20, endpoint=False)[:, None, None]
    return (outline + steps * (np.roll(outline, -1, axis=0) - outline)).reshape(-1, 2)


def pixels_in(image, shape):
    """Return the places (N×2) and the colours (N×3) of an image's pixels inside a polygon."""
    rows, columns = np.indices(image.shape[:2])
    places = np.stack([columns.ravel(), rows.ravel()], axis=1)
    within = inside(places.astype(float), shape)
    return places[within], image.reshape(-1, 3)[within].astype(float)


def test_a_portrait_depends_on_its_number_and_seed_only():
    (first, points), (second, same_points), (other, _) = draw_portrait(3), draw_portrait(3), draw_portrait(4)
    assert first.dtype == np.uint8 and points.shape == (68, 2)
    assert (first == second).all() and (points == same_points).all()
    for another in (other, draw_portrait(3, seed=1)[0]):
        assert first.shape != another.shape or (first != another).any()


@pytest.mark.slow
def test_the_shipped_set_comes_out_again(tmp_path):
    done = make_set(tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "again").iterdir()} == {path.name for path in FACES.iterdir()}
    (names, points), (again, same_points) = (
        load_landmarks(folder / "face_landmarks.csv") for folder in (FACES, tmp_path / "again")
    )
    assert names == again and np.abs(points - same_points).max() <= 1  # whole pixels: a half may go either way
    for name in names:
        shipped, drawn = load_image(FACES / name).astype(float), load_image(tmp_path / "again" / name).astype(float)
        assert shipped.shape == drawn.shape and np.abs(shipped - drawn).mean() < 1, name


def test_other_people_in_any_number(tmp_path):
    assert make_set(tmp_path / "few", "--count", "3", "--seed", "7").returncode == 0
    names, points = load_landmarks(tmp_path / "few" / "face_landmarks.csv")
    assert names == ["astronaut.jpg", "portrait_00.jpg", "portrait_01.jpg", "portrait_02.jpg"]
    image, landmarks = draw_portrait(2, seed=7)
    assert np.abs(points[3] - landmarks).max() <= 0.5
    with Image.open(tmp_path / "few" / "portrait_02.jpg") as stored:
        assert stored.size == image.shape[1::-1]


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = make_set(tmp_path, "--count", "1")
    assert done.returncode != 0 and "is there already" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_white_and_iris_lie_between_the_lids(portraits):
    for image, landmarks in portraits:
        for eye in ("eye_left", "eye_right"):
            points = landmarks[GROUPS[eye].indices]
            places, colours = pixels_in(image, points)
            if len(places) < 40:
                continue  # nearly closed, or cut by the border
            dark = colours.sum(axis=1) < np.quantile(colours.sum(axis=1), 0.2)
            aside = np.linalg.norm(places[dark].mean(0) - points.mean(0)) / np.linalg.norm(points[3] - points[0])
            assert aside < 0.2
            assert (np.ptp(colours, axis=1) < 60).mean() > 0.7  # skin is more colourful than an eye


def test_the_colour_changes_across_the_chin(portraits):
    changes, same = [], []
    for image, landmarks in portraits:
        chin, up = landmarks[6:11], landmarks[27] - landmarks[8]
        up = up / np.linalg.norm(up) * max(3.0, 0.02 * np.linalg.norm(up))
        rows = [sample(image, chin + shift * up) for shift in (-1.2, 1.2, 3.6)]
        changes.append(np.abs(rows[0] - rows[1]).mean())
        same.append(np.abs(rows[1] - rows[2]).mean())
    assert np.median(changes) > 1.5 * np.median(same)


def test_lips_are_redder_than_the_skin_around(portraits):
    for image, landmarks in portraits:
        lips = landmarks[GROUPS["lip_outer"].indices]
        middle = lips.mean(0)
        redness = []
        for shape in (lips, middle + (lips - middle) * 1.5):
            _, colours = pixels_in(image, shape)
            redness.append(colours[:, 0].sum() / colours[:, 1:].sum() if len(colours) > 20 else np.nan)
        assert not redness[0] <= redness[1]


def test_a_face_seen_straight_on_is_its_own_mirror_image():
    view = View(Head(Shape(smile=0.4, open=0.3)), yaw=0, pitch=5, roll=0, scale=60, centre=(100, 90))
    mirrored = view.landmarks * (-1, 1) + (200, 0)
    assert np.allclose(mirrored[MIRROR], view.landmarks, atol=1e-6)


@pytest.mark.parametrize("yaw", [-30, 0, 30])
def test_the_landmarks_of_the_jaw_lie_on_the_outline_that_is_seen(yaw):
    view = View(Head(Shape()), yaw=yaw, pitch=0, roll=10, scale=100, centre=(0, 0))
    outline = view.face
    far = view.landmarks[:8] if yaw < 0 else view.landmarks[9:17]
    distance = np.linalg.norm(far[:, None] - dense(outline), axis=2).min(axis=1)
    assert (distance[1:-1] < 4).all()


def test_a_smooth_curve_passes_through_its_points():
    points = np.array([[0, 0], [1, 2], [4, 1], [5, 5]])
    assert np.allclose(smooth(points, 7)[::7], points)
    assert len(hull(smooth(points, 7))) > 3


def test_photograph_has_its_announced_shape():
    image, landmarks = photograph()
    assert image.shape == (285, 252, 3) and image.dtype == np.uint8
    assert landmarks.shape == (68, 2) and landmarks.dtype == np.float32
    assert (landmarks > 0).all() and (landmarks < [251, 284]).all()


def test_landmarks_sit_where_the_picture_shows_it():
    """Pupils are darker than the skin below the eyes, teeth and lower lip lie where the mouth is open."""
    image, landmarks = photograph()
    centre = {name: landmarks[list(group.indices)].mean(axis=0).round().astype(int) for name, group in GROUPS.items()}
    for eye in ("eye_left", "eye_right"):
        x, y = centre[eye]
        assert image[y - 1 : y + 2, x - 1 : x + 2].mean() < image[y + 10 : y + 13, x - 1 : x + 2].mean() - 60
    x, y = centre["lip_inner"]
    assert image[y, x].min() > 150  # teeth
    x, y = landmarks[57].round().astype(int)
    red, green, _ = image[y - 3, x].astype(int)
    assert red - green > 40  # the lower lip


def test_landmarks_are_nearly_symmetric():
    _, landmarks = photograph()
    axis = landmarks[MIRROR] - landmarks  # for a face seen from the front all of these point the same way
    outer = [*range(8), *range(17, 22), *range(36, 42), 48, 49, 60]
    angles = np.degrees(np.arctan2(axis[outer, 1], axis[outer, 0]))
    assert np.abs(angles - np.median(angles)).max() < 6
