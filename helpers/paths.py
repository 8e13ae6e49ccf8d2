"""Where the course's data are."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# 68 drawn portraits, one photograph and face_landmarks.csv in the published format; tools/portraits drew them.
FACES = REPOSITORY / "data" / "faces"


def data_folder() -> Path:
    """Return the folder of what is made or downloaded: environment variable COURSE_DATA, else data/ in the course."""
    return Path(os.environ.get("COURSE_DATA") or REPOSITORY / "data")
