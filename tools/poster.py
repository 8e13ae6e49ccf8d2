"""Put stored pictures of the notebooks together as docs/course.jpg, which the README shows: python tools/poster.py"""

import base64
import io
from pathlib import Path

import nbformat
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[1]
WIDTH, GAP = 1600, 24

# Rows of (notebook, id of the cell that draws the picture).
ROWS = [
    [("01_data_loading", "train")],
    [("02_dynamic_net", "train"), ("03_save_load", "state-dict-draw")],
    [("05_tensor_internals", "permute-picture")],
]


def stored_picture(notebook: str, cell_id: str) -> Image.Image:
    """Return the last picture that this cell of the notebook has stored; ValueError where it has none."""
    cells = nbformat.read(REPOSITORY / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    outputs = next((cell.get("outputs", []) for cell in cells if cell["id"] == cell_id), [])
    bundles = [output.get("data", {}) for output in outputs]
    pictures = [data for bundle in bundles for kind, data in bundle.items() if kind.startswith("image/")]
    if not pictures:
        raise ValueError(f"{notebook}.ipynb has no stored picture in a cell {cell_id!r}. Run `make notebooks` first.")
    return Image.open(io.BytesIO(base64.b64decode(pictures[-1]))).convert("RGB")


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Return the pictures in one row of WIDTH, brought to one height."""
    shapes = sum(picture.width / picture.height for picture in pictures)
    height = round((WIDTH - GAP * (len(pictures) + 1)) / shapes)
    row = Image.new("RGB", (WIDTH, height), "white")
    x = GAP
    for picture in pictures:
        picture = picture.resize((round(picture.width * height / picture.height), height), Image.Resampling.LANCZOS)
        row.paste(picture, (x, 0))
        x += picture.width + GAP
    return row


def main() -> None:
    rows = [side_by_side([stored_picture(*cell) for cell in row]) for row in ROWS]
    poster = Image.new("RGB", (WIDTH, sum(row.height + GAP for row in rows) + GAP), "white")
    y = GAP
    for row in rows:
        poster.paste(row, (0, y))
        y += row.height + GAP
    (REPOSITORY / "docs").mkdir(exist_ok=True)
    poster.save(REPOSITORY / "docs" / "course.jpg", quality=82)


if __name__ == "__main__":
    main()
