"""The drawn face set: 68 drawn portraits, one photograph, and their landmarks in the published format."""

from pathlib import Path

import numpy as np
from PIL import Image

from helpers.faces.photo import photograph
from helpers.faces.portrait import draw_portrait
from helpers.folders import is_whole, new_folder
from helpers.landmarks import COLUMNS
from helpers.paths import data_folder

PORTRAITS = 68
EDITION = 1  # raise it when the drawing changes, so that sets made before are made again


def make_faces(folder: Path | None = None) -> Path:
    """Make the drawn face set, unless it is there and whole, and return its folder (by default data/faces).

    The folder holds 69 pictures of different sizes and `face_landmarks.csv` in the published format: a header
    `image_name,part_0_x,part_0_y,…,part_67_y`, then a picture a row, in whole pixels. It is the same every time.
    Raises FileExistsError where the folder holds something else.
    """
    folder = Path(folder) if folder is not None else data_folder() / "faces"
    if not is_whole(folder, EDITION):
        with new_folder(folder, EDITION) as new:
            _write_set(new)
    return folder


def _write_set(folder: Path) -> None:
    rows = [",".join(COLUMNS)]
    for name, image, landmarks in _pictures():
        Image.fromarray(image).save(folder / name, quality=90)
        rows.append(",".join([name, *map(str, np.rint(landmarks).astype(int).ravel())]))
    (folder / "face_landmarks.csv").write_bytes(("\n".join(rows) + "\n").encode())


def _pictures():
    """Yield the name, the image and the landmarks of each picture of the set."""
    yield "astronaut.jpg", *photograph()
    for number in range(PORTRAITS):
        yield f"portrait_{number:02d}.jpg", *draw_portrait(number)
