"""Draw portraits with 68 landmarks each into a new folder: python tools/portraits FOLDER [--count N] [--seed N]

Without options these are the pictures of data/faces. With --seed they are other people, with --count as many as you
want, about five a second and core. The folder gets the course's one photograph, too, and `face_landmarks.csv` in the
published format.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from helpers.landmarks import COLUMNS  # noqa: E402
from portraits.photo import photograph  # noqa: E402
from portraits.portrait import draw_portrait  # noqa: E402

COUNT, SEED = 68, 68  # those of data/faces


def make_faces(folder: Path, count: int = COUNT, seed: int = SEED) -> None:
    """Write the photograph, `count` portraits and their landmarks, in whole pixels, to `folder`, all or nothing.

    Raises FileExistsError where the folder is there already.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already: name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.part-", dir=folder.parent) as aside:
        new = Path(aside, folder.name)
        new.mkdir()
        rows = [",".join(COLUMNS)]
        for name, image, landmarks in pictures(count, seed):
            Image.fromarray(image).save(new / name, quality=90)
            rows.append(",".join([name, *map(str, np.rint(landmarks).astype(int).ravel())]))
        (new / "face_landmarks.csv").write_bytes(("\n".join(rows) + "\n").encode())
        os.replace(new, folder)


def pictures(count: int, seed: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield name, image and landmarks of each picture of a set; portraits are drawn on all cores."""
    yield "astronaut.jpg", *photograph()
    with ProcessPoolExecutor() as pool:
        for number, portrait in enumerate(pool.map(draw_portrait, range(count), [seed] * count, chunksize=8)):
            yield f"portrait_{number:02d}.jpg", *portrait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=COUNT, help="how many portraits (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="another number draws other people (%(default)s)")
    options = parser.parse_args()
    if options.count < 0 or options.seed < 0:
        parser.error("--count and --seed take whole numbers from 0 on.")
    try:
        make_faces(options.folder, options.count, options.seed)
    except FileExistsError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
