"""The photograph's landmarks sit on the face that it shows."""

import numpy as np

from helpers.faces.photo import photograph
from helpers.landmarks import GROUPS, MIRROR


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
