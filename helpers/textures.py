"""Make the ImageFolder of textures: brick, grass and gravel, cut from three photographs."""

from pathlib import Path

import numpy as np

from helpers.folders import is_whole, new_folder
from helpers.paths import data_folder

CLASSES = ("brick", "grass", "gravel")
# The columns of each photograph (512×512) that a split is cut from, and how many pictures per class it has.
SPLITS = {"train": (slice(0, 344), 40), "val": (slice(344, 512), 12)}
SIDES = (96, 160)  # the shortest and the longest side of a picture, in pixels
EDITION = 1  # raise it when the pictures change, and folders made before are made again


def make_textures(folder: Path | None = None) -> Path:
    """Make {train,val}/{brick,grass,gravel}/ of small grey JPEGs in `folder` (data/textures) and return the folder.

    The pictures are cut at random, from the same seed each time, out of the photographs that come with scikit-image;
    those of one class overlap, but training and validation pictures share no pixel. A whole folder is left as it is.
    """
    folder = Path(folder or data_folder() / "textures")
    if not is_whole(folder, EDITION):
        with new_folder(folder, EDITION) as new:
            _cut_pictures(new)
    return folder


def _cut_pictures(folder: Path) -> None:
    from PIL import Image
    from skimage import data

    rng = np.random.default_rng(seed=0)
    for split, (columns, count) in SPLITS.items():
        for name in CLASSES:
            photograph = getattr(data, name)()[:, columns]
            (folder / split / name).mkdir(parents=True)
            for number in range(count):
                picture = Image.fromarray(_cut(photograph, rng))
                picture.save(folder / split / name / f"{name}_{number:02}.jpg", quality=90)


def _cut(photograph: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = rng.integers(*SIDES, size=2, endpoint=True)
    top, left = rng.integers(0, photograph.shape - size, endpoint=True)
    height, width = size
    return photograph[top : top + height, left : left + width]
