"""Where the course keeps what it makes."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder of the course's data: the environment variable COURSE_DATA, else data/ in the repository."""
    return Path(os.environ.get("COURSE_DATA") or REPOSITORY / "data")
