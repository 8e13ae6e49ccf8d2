"""The face set that comes with the course: what stands in data/faces."""

import numpy as np

from helpers.landmarks import load_image, load_landmarks
from helpers.paths import FACES

NAMES, LANDMARKS = load_landmarks(FACES / "face_landmarks.csv")


def test_the_set_has_the_published_format():
    assert len(NAMES) == len(set(NAMES)) == 69
    assert sorted(NAMES) == sorted(file.name for file in FACES.glob("*.jpg"))
    assert LANDMARKS.shape == (69, 68, 2)
    assert (LANDMARKS == np.rint(LANDMARKS)).all()
    assert "astronaut.jpg" in NAMES


def test_sizes_differ_and_some_sides_are_short():
    sizes = [load_image(file).shape for file in sorted(FACES.glob("*.jpg"))]
    assert len(set(sizes)) > 50
    shortest = [min(size[:2]) for size in sizes]
    assert min(shortest) >= 150 and sum(side < 224 for side in shortest) >= 5
    assert max(max(size[:2]) for size in sizes) <= 490
    assert {np.sign(height - width) for height, width, _ in sizes} >= {-1, 1}


def test_a_few_landmarks_lie_outside_but_most_faces_are_whole():
    ends = np.array([load_image(FACES / name).shape[1::-1] for name in NAMES])[:, None] - 1
    outside = ((LANDMARKS < 0) | (LANDMARKS > ends)).any(axis=(1, 2))
    assert (LANDMARKS < 0).any()
    assert 3 <= outside.sum() <= 15


def test_the_set_is_small():
    assert sum(file.stat().st_size for file in FACES.iterdir()) < 1.5e6


def test_poses_places_scales_and_expressions_vary():
    width = np.linalg.norm(LANDMARKS[:, 16] - LANDMARKS[:, 0], axis=1)
    turn = (LANDMARKS[:, 30, 0] - LANDMARKS[:, [36, 45], 0].mean(1)) / width
    opening = np.linalg.norm(LANDMARKS[:, 66] - LANDMARKS[:, 62], axis=1) / width
    tilt = np.degrees(np.arctan2(*(LANDMARKS[:, 45] - LANDMARKS[:, 36]).T[::-1]))
    assert width.max() > 2 * width.min()
    assert turn.min() < -0.1 and turn.max() > 0.1
    assert opening.min() < 0.02 and opening.max() > 0.1
    assert tilt.min() < -8 and tilt.max() > 8
