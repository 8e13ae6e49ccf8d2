"""The 68 facial landmarks: what each index marks, and how the CSV and its pictures are read."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Group(NamedTuple):
    """The indices of one part of the face; `closed` says whether its last point joins its first."""

    indices: range
    closed: bool


# The iBUG order. Left and right are those of the picture, not of the person.
GROUPS = {
    "jaw": Group(range(17), closed=False),
    "brow_left": Group(range(17, 22), closed=False),
    "brow_right": Group(range(22, 27), closed=False),
    "nose_bridge": Group(range(27, 31), closed=False),
    "nose_bottom": Group(range(31, 36), closed=False),
    "eye_left": Group(range(36, 42), closed=True),
    "eye_right": Group(range(42, 48), closed=True),
    "lip_outer": Group(range(48, 60), closed=True),
    "lip_inner": Group(range(60, 68), closed=True),
}

# After x → w − 1 − x, `landmarks[MIRROR]` is again in the order above. A list: a tuple would index 68 dimensions.
MIRROR = [
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # both brows
    *range(27, 31),  # the bridge is its own mirror image
    *range(35, 30, -1),  # nose bottom
    *(45, 44, 43, 42, 47, 46),  # the eye on the left …
    *(39, 38, 37, 36, 41, 40),  # … and the one on the right
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # outer lip
    *(64, 63, 62, 61, 60, 67, 66, 65),  # inner lip
]

COLUMNS = ["image_name", *(f"part_{part}_{axis}" for part in range(68) for axis in "xy")]


def load_landmarks(csv_file: str | Path) -> tuple[list[str], np.ndarray]:
    """Read the CSV of a face set: the N picture names and a float32 array (N, 68, 2) of (x, y) in pixels.

    Raises FileNotFoundError where there is no such file, ValueError naming file and row (the header is row 1)
    where it is not in the published format. Empty lines are passed over.
    """
    csv_file = Path(csv_file)
    if not csv_file.is_file():
        raise FileNotFoundError(f"There is no file {csv_file}.")
    names, landmarks = [], []
    # utf-8-sig drops the mark that spreadsheets put before the first column's name.
    with open(csv_file, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        try:
            _check_header(next(reader, []))
            for fields in reader:
                if fields:
                    name, points = _parse(fields)
                    names.append(name)
                    landmarks.append(points)
            if not names:
                raise ValueError("there are no landmarks below the header")
        except UnicodeDecodeError as error:
            raise ValueError(f"{csv_file} is not a text file in UTF-8.") from error
        except (ValueError, csv.Error) as error:
            raise ValueError(f"{csv_file}, row {max(reader.line_num, 1)}: {error}.") from error
    return names, np.stack(landmarks)


def _check_header(header: list[str]) -> None:
    for column, (found, expected) in enumerate(zip(header, COLUMNS, strict=False), start=1):
        if found != expected:
            raise ValueError(f"column {column} is called {found[:40]!r} where {expected!r} belongs")
    if len(header) != len(COLUMNS):
        raise ValueError(f"the header has {len(header)} columns where image_name and 68 pairs make {len(COLUMNS)}")


def _parse(fields: list[str]) -> tuple[str, np.ndarray]:
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} fields where the header has {len(COLUMNS)}")
    name, *numbers = fields
    if not name.strip():
        raise ValueError("the picture has no name")
    points = [_parse_number(text, column) for text, column in zip(numbers, COLUMNS[1:], strict=True)]
    return name, np.array(points, dtype=np.float32).reshape(68, 2)


def _parse_number(text: str, column: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    # Python reads "1_2" as 12; in a CSV it is a slip of the pen. No picture has a million pixels in a row.
    if "_" in text or not abs(number) < 1e6:
        raise ValueError(f"{column} is {text!r}, which is no number of pixels")
    return number


def load_image(path: str | Path, row: int | None = None) -> np.ndarray:
    """Read a picture as a uint8 array (H, W, 3); grey is repeated three times, transparency is dropped.

    Raises FileNotFoundError where there is no such file, ValueError where it is not a whole picture of
    8 bits per channel; the message names the file, and the row of the CSV where `row` is given.
    """
    # Pillow rather than skimage.io, which tries some twenty decoders on a broken file and takes CMYK for RGBA.
    from PIL import Image

    path = Path(path)
    origin = f"{path} (row {row} of the CSV)" if row is not None else str(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no picture {origin}.")
    try:
        with Image.open(path) as picture:
            if picture.mode.startswith(("I", "F")):  # more than 8 bits, which convert would clip
                raise ValueError(f"its pixels are of Pillow's mode {picture.mode}, not of 8 bits per channel")
            return np.array(picture.convert("RGB"))
    except Exception as error:  # every decoder has errors of its own
        raise ValueError(f"{origin} is not a picture that can be read: {error}") from error
