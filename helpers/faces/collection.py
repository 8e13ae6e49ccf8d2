"""The drawn face set: 68 drawn portraits, one photograph, and their landmarks in the published format."""

import os
import shutil
import tempfile
import zlib
from pathlib import Path

import numpy as np

from ..paths import data_folder

PORTRAITS = 68
VERSION = "1"    # raise it when the drawing changes, so that sets made before are made again
LANDMARKS_FILE, CHECKSUMS_FILE = "face_landmarks.csv", "checksums.txt"


def make_faces(folder: Path | None = None) -> Path:
    """Make the drawn face set, unless it is there and whole, and return its folder (by default faces/ in the data folder).

    The folder holds 69 pictures of different sizes and `face_landmarks.csv` in the published format: a header
    `image_name,part_0_x,part_0_y,…,part_67_y`, then a picture a row, in whole pixels. Making it twice gives the same bytes.
    """
    folder = Path(folder) if folder is not None else data_folder() / "faces"
    if not _is_whole(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".faces-") as aside:
            made = Path(aside) / folder.name
            made.mkdir()
            _write_set(made)
            _put_in_place(made, folder)
    return folder


def _write_set(folder: Path) -> None:
    from PIL import Image

    from .photo import photograph
    from .portrait import draw_portrait

    header = ["image_name"] + [f"part_{k}_{axis}" for k in range(68) for axis in "xy"]
    rows = [",".join(header)]
    for number in range(PORTRAITS + 1):
        name = f"portrait_{number:02d}.jpg" if number < PORTRAITS else "astronaut.jpg"
        image, landmarks = draw_portrait(number) if number < PORTRAITS else photograph()
        Image.fromarray(image).save(folder / name, quality=90)
        rows.append(",".join([name, *map(str, np.rint(landmarks).astype(int).ravel())]))
    (folder / LANDMARKS_FILE).write_bytes(("\n".join(rows) + "\n").encode())
    (folder / CHECKSUMS_FILE).write_bytes(_checksums(folder).encode())


def _checksums(folder: Path) -> str:
    """Return a line for each file of the set: its CRC-32 and its name."""
    files = sorted([*folder.glob("*.jpg"), folder / LANDMARKS_FILE])
    return f"version {VERSION}\n" + "".join(f"{zlib.crc32(file.read_bytes()):08x} {file.name}\n" for file in files)


def _is_whole(folder: Path) -> bool:
    """Return whether every file of the set is there, byte for byte as it was written."""
    try:
        wanted = (folder / CHECKSUMS_FILE).read_text().splitlines()
        sums = [line.split(" ", 1) for line in wanted[1:]]
        return wanted[0] == f"version {VERSION}" and all(zlib.crc32((folder / name).read_bytes()) == int(crc, 16) for crc, name in sums)
    except (OSError, ValueError, IndexError):
        return False


def _put_in_place(made: Path, folder: Path) -> None:
    """Rename the finished set to its place; where a folder is there already, replace only the files of the set in it."""
    try:
        os.rename(made, folder)
    except OSError:
        folder.mkdir(exist_ok=True)
        for file in sorted(made.iterdir(), key=lambda file: file.name == CHECKSUMS_FILE):    # the checksums last
            os.replace(file, folder / file.name)
        shutil.rmtree(made)
