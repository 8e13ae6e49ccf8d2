"""The one photograph of the face set, with landmarks placed by hand."""

import numpy as np

# (x, y) in pixels of the picture that photograph() returns, in the order of helpers.landmarks.GROUPS.
# fmt: off
LANDMARKS = [
    # jaw
    (81.6, 102), (80.3, 114), (81.3, 126), (82.5, 138), (85, 150), (90.2, 159.5),
    (98, 167.5), (108.5, 174.8), (121.5, 177.6), (134.5, 176.8), (145.5, 171.8), (153.8, 164),
    (160.5, 155), (164.8, 144.5), (167.2, 132.5), (169.5, 120), (170.3, 107),
    # brow left
    (89.8, 90.1), (95.2, 88.4), (101.5, 88.5), (107.5, 90), (113, 92),
    # brow right
    (137.8, 93), (144.2, 92.2), (150.8, 91.8), (156.8, 92.6), (162.3, 95.5),
    # nose bridge
    (124.5, 101.5), (124.2, 109.5), (123.6, 117.5), (123, 125.5),
    # nose bottom
    (114, 130), (118.3, 131.6), (123.5, 133), (128.8, 132.2), (133.5, 131),
    # eye left
    (93.4, 100.9), (98, 97.6), (106, 97.8), (112.5, 102.8), (106.5, 104.3), (98.5, 103.2),
    # eye right
    (136.5, 104.5), (142.5, 100.2), (151, 100), (157.2, 104), (152, 105.7), (143.5, 106),
    # lip outer
    (102, 138.7), (109, 138.9), (116.5, 138.5), (122.7, 139.7), (128.6, 139), (136.5, 139.6),
    (144, 140.4), (137.5, 148.8), (130.5, 153), (122.5, 154.3), (114.5, 152.9), (107.5, 148),
    # lip inner
    (104.5, 139.8), (115.5, 142.2), (122.2, 143.6), (129.5, 142.9), (141.8, 141.3), (130, 148.9),
    (122.3, 149.4), (114.8, 148.4),
]
# fmt: on


def photograph() -> tuple[np.ndarray, np.ndarray]:
    """Return a portrait as uint8 (285, 252, 3) and its 68 landmarks as float32 (68, 2), (x, y) in pixels.

    The picture is head and shoulders of scikit-image's `astronaut`, Eileen Collins: a NASA photograph in the public
    domain, which comes with the package.
    """
    from skimage import data

    return data.astronaut()[:285, 100:352].copy(), np.array(LANDMARKS, dtype=np.float32)
