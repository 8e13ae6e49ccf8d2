"""The picture of a batch: a column for each notebook, a row for each set of parameters, a bar for each run."""

from html import escape
from urllib.parse import quote

from helpers.batch.grid import settings

ROW, COLUMN, BAR = 26, 230, 96  # pixels: height of a row, width of a column, length of the longest bar
LETTER = 7.2  # pixels that a letter takes at most, of a text of 13 pixels
COLOURS = {"done": "#3b7dc4", "failed": "#c4452c"}
HATCH = """<defs><pattern id="failed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" fill="#c4452c"/><rect width="2" height="6" fill="#fff" opacity=".45"/></pattern></defs>"""


def link_to(record: dict, text: str) -> str:
    """Return `text`, which is HTML or SVG, as a link to the executed notebook where there is one."""
    return f'<a href="{quote(record["name"])}.html">{text}</a>' if record["stored"] else text


def draw_runs(records: list[dict]) -> str:
    """Return the picture as an SVG element: seconds as bars on one scale, state as colour and hatching."""
    notebooks = list(dict.fromkeys(record["notebook"] for record in records))
    rows = list(dict.fromkeys(_label(record) for record in records))
    left = 16 + LETTER * max((len(label) for label in rows), default=0)
    longest = max((record["seconds"] for record in records), default=0) or 1
    marks = [_text(left + COLUMN * index, 0, name, "600") for index, name in enumerate(notebooks)]
    marks += [_text(0, 1 + index, label) for index, label in enumerate(rows)]
    for record in records:
        x, row = left + COLUMN * notebooks.index(record["notebook"]), 1 + rows.index(_label(record))
        marks.append(_run(x, row, record, BAR * record["seconds"] / longest))
    width, height = left + COLUMN * len(notebooks), ROW * (1 + len(rows))
    return (
        f'<svg width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" role="img" font-size="13" '
        f'aria-label="Seconds of every run, by notebook and parameters">\n{HATCH}\n' + "\n".join(marks) + "\n</svg>"
    )


def _label(record: dict) -> str:
    return " ".join(settings(record["parameters"])) or "as it is"


def _run(x: float, row: int, record: dict, length: float) -> str:
    fill = "url(#failed)" if record["state"] == "failed" else COLOURS["done"]
    bar = f'<rect x="{x:.1f}" y="{ROW * row + 5}" width="{max(length, 2):.1f}" height="{ROW - 10}" fill="{fill}"/>'
    says = f"{record['seconds']:.1f} s, {record['megabytes']} MB"
    if record["state"] == "failed":
        says = f"failed, {record['seconds']:.1f} s"
    title = f"<title>{escape(record['reason'] or record['name'])}</title>"
    return link_to(record, title + bar + _text(x + max(length, 2) + 8, row, says))


def _text(x: float, row: int, text: str, weight: str = "400") -> str:
    y = ROW * (row + 0.68)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}" fill="#1d2733">{escape(text)}</text>'
