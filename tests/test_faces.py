import numpy as np
import pytest

from helpers.faces import draw_portrait, make_faces
from helpers.faces.curves import hull, smooth
from helpers.faces.head import Head, Shape
from helpers.faces.view import View
from helpers.landmarks import GROUPS, MIRROR, load_image, load_landmarks

SOME = range(0, 40, 4)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return make_faces(tmp_path_factory.mktemp("data") / "faces")


@pytest.fixture(scope="module")
def portraits():
    return [draw_portrait(number) for number in SOME]


@pytest.fixture
def quick(monkeypatch):
    """Let the set be three small pictures, and count how often it is made."""
    made = []

    def pictures():
        made.append(1)
        rng = np.random.default_rng(0)
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            yield name, rng.integers(0, 256, (40, 30, 3), dtype=np.uint8), rng.uniform(0, 30, (68, 2))

    monkeypatch.setattr("helpers.faces.collection._pictures", pictures)
    return made


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


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


def test_the_set_has_the_published_format(faces):
    names, landmarks = load_landmarks(faces / "face_landmarks.csv")
    assert len(names) == len(set(names)) == 69
    assert sorted(names) == sorted(file.name for file in faces.glob("*.jpg"))
    assert landmarks.shape == (69, 68, 2)
    assert (landmarks == np.rint(landmarks)).all()
    assert "astronaut.jpg" in names


def test_sizes_differ_and_some_sides_are_short(faces):
    sizes = [load_image(file).shape for file in sorted(faces.glob("*.jpg"))]
    assert len(set(sizes)) > 50
    shortest = [min(size[:2]) for size in sizes]
    assert min(shortest) >= 150 and sum(side < 224 for side in shortest) >= 5
    assert max(max(size[:2]) for size in sizes) <= 490
    assert {np.sign(height - width) for height, width, _ in sizes} >= {-1, 1}


def test_a_few_landmarks_lie_outside_but_most_faces_are_whole(faces):
    names, landmarks = load_landmarks(faces / "face_landmarks.csv")
    ends = np.array([load_image(faces / name).shape[1::-1] for name in names])[:, None] - 1
    outside = ((landmarks < 0) | (landmarks > ends)).any(axis=(1, 2))
    assert (landmarks < 0).any()
    assert 3 <= outside.sum() <= 15


def test_the_set_is_small(faces):
    assert sum(file.stat().st_size for file in faces.iterdir()) < 4e6


def test_poses_places_scales_and_expressions_vary(faces):
    _, landmarks = load_landmarks(faces / "face_landmarks.csv")
    width = np.linalg.norm(landmarks[:, 16] - landmarks[:, 0], axis=1)
    turn = (landmarks[:, 30, 0] - landmarks[:, [36, 45], 0].mean(1)) / width
    opening = np.linalg.norm(landmarks[:, 66] - landmarks[:, 62], axis=1) / width
    tilt = np.degrees(np.arctan2(*(landmarks[:, 45] - landmarks[:, 36]).T[::-1]))
    assert width.max() > 2 * width.min()
    assert turn.min() < -0.1 and turn.max() > 0.1
    assert opening.min() < 0.02 and opening.max() > 0.1
    assert tilt.min() < -8 and tilt.max() > 8


def test_making_it_again_gives_the_same_bytes(faces, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.faces.collection.PORTRAITS", 6)
    again = make_faces(tmp_path / "faces")
    pictures = sorted(again.glob("*.jpg"))
    assert len(pictures) == 7
    assert all((faces / picture.name).read_bytes() == picture.read_bytes() for picture in pictures)
    rows, again_rows = ((folder / "face_landmarks.csv").read_bytes().splitlines() for folder in (faces, again))
    assert rows[:8] == again_rows


def test_a_portrait_depends_on_its_seed_only():
    (first, points), (second, same_points), (other, _) = draw_portrait(3), draw_portrait(3), draw_portrait(4)
    assert first.dtype == np.uint8 and points.shape == (68, 2)
    assert (first == second).all() and (points == same_points).all()
    assert first.shape != other.shape or (first != other).any()


def test_a_whole_set_is_not_made_again(quick, tmp_path):
    folder = make_faces(tmp_path / "faces")
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert make_faces(folder) == folder
    assert len(quick) == 1
    assert before == {file: file.stat().st_mtime_ns for file in folder.iterdir()}


@pytest.mark.parametrize("name", ["b.jpg", "face_landmarks.csv"])
@pytest.mark.parametrize("truncate", [False, True])
def test_a_damaged_set_is_made_again(quick, tmp_path, name, truncate):
    folder = make_faces(tmp_path / "faces")
    whole = contents(folder)
    if truncate:
        (folder / name).write_bytes(whole[name][:-20])
    else:
        (folder / name).unlink()
    make_faces(folder)
    assert len(quick) == 2
    assert contents(folder) == whole


def test_an_interrupted_run_leaves_nothing(quick, tmp_path, monkeypatch):
    def interrupted():
        yield "a.jpg", np.zeros((9, 9, 3), np.uint8), np.zeros((68, 2))
        raise KeyboardInterrupt

    monkeypatch.setattr("helpers.faces.collection._pictures", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_faces(tmp_path / "data" / "faces")
    assert list((tmp_path / "data").iterdir()) == []


def test_the_default_folder_is_in_the_data_folder(quick, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert make_faces() == tmp_path / "faces"


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
