"""The results of a batch for people and for programs: index.html and results.csv, one table of the runs' records."""

import csv
import io
from html import escape
from pathlib import Path
from urllib.parse import quote

from helpers.batch.grid import as_text
from helpers.batch.records import write_whole

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runs of notebooks</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1.5rem; color: #1d2733; }}
h1 {{ font-size: 1.5rem; margin-bottom: 0; }}
p {{ margin-top: .2rem; color: #51606f; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th {{ text-align: left; border-bottom: 2px solid #c5ced8; }}
th, td {{ padding: .25rem 1.1rem .25rem 0; vertical-align: top; }}
td {{ border-bottom: 1px solid #e6eaee; }}
.number {{ text-align: right; white-space: nowrap; }}
.failed {{ color: #a3341f; font-weight: 600; }}
.reason {{ max-width: 28rem; overflow-wrap: anywhere; }}
a {{ color: #1f5fa8; }}
</style>
</head>
<body>
<h1>Runs of notebooks</h1>
<p>{summary}</p>
<div>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<p>Ran on {versions}. The same rows are in <a href="results.csv">results.csv</a>.</p>
</body>
</html>
"""


def write_report(out: Path, records: list[dict]) -> None:
    """Write index.html and results.csv into `out`, each whole or not at all, with a row for each record."""
    write_whole(out / "results.csv", results_csv(records))
    write_whole(out / "index.html", index_html(records))


def results_csv(records: list[dict]) -> str:
    """Return the records as CSV: a line for each, a column for each parameter and each recorded number."""
    text = io.StringIO()
    table = csv.DictWriter(text, ["run", *_columns(records), "reason"], lineterminator="\n")
    table.writeheader()
    for record in records:
        row = {"run": record["name"], **_row(record), "reason": record["reason"] or ""}
        table.writerow({column: _in_csv(value) for column, value in row.items()})
    return text.getvalue()


def index_html(records: list[dict]) -> str:
    """Return the page: what came of all runs, and a table with a link to each notebook that is there."""
    columns = _columns(records)
    head = [_cell("th", column, column.split(".", 1)[-1].replace("_", " ")) for column in columns]
    return PAGE.format(
        summary=escape(summary(records)),
        head="".join([*head, "<th></th>"]),
        rows="\n".join(_in_html(record, columns) for record in records),
        versions=escape(_versions(records)),
    )


def summary(records: list[dict]) -> str:
    """Return in one line what came of the runs."""
    failed = sum(record["state"] == "failed" for record in records)
    seconds = sum(record["seconds"] for record in records)
    time = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return f"{len(records) - failed} done, {failed} failed; {time} of running in all."


def _columns(records: list[dict]) -> list[str]:
    parameters = dict.fromkeys(f"parameter.{name}" for record in records for name in record["parameters"])
    numbers = dict.fromkeys(f"recorded.{name}" for record in records for name in record["numbers"])
    return ["notebook", *parameters, "state", "seconds", "peak_megabytes", *numbers]


def _row(record: dict) -> dict:
    row = {"notebook": record["notebook"], "state": record["state"]}
    row |= {"seconds": record["seconds"], "peak_megabytes": record["megabytes"]}
    row |= {f"parameter.{name}": value for name, value in record["parameters"].items()}
    return row | {f"recorded.{name}": value for name, value in record["numbers"].items()}


def _in_csv(value):
    """Return a value as csv is to write it. Before what a spreadsheet would compute comes its own mark of a text."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
    return value if isinstance(value, float) else as_text(value)


def _in_html(record: dict, columns: list[str]) -> str:
    row, cells = _row(record), []
    for column in columns:
        value = row.get(column, "")
        if isinstance(value, float) and not column.startswith("parameter."):
            value = f"{value:.5g}"
        cells.append(_cell("td", column, as_text(value)))
    if record["stored"]:
        cells[0] = f'<td><a href="{quote(record["name"])}.html">{escape(record["notebook"])}</a></td>'
    return f"<tr>{''.join(cells)}{_cell('td', 'reason', record['reason'] or '')}</tr>"


def _cell(tag: str, column: str, text: str) -> str:
    number = column in ("seconds", "peak_megabytes") or column.startswith("recorded.")
    kind = "number" if number else text if column == "state" else column
    return f'<{tag} class="{escape(kind)}">{escape(text)}</{tag}>'


def _versions(records: list[dict]) -> str:
    """Return the versions that the runs used, of each library in the order of first use."""
    used = {}
    for record in records:
        for library, version in record["versions"].items():
            used.setdefault(library, {})[version] = None
    return ", ".join(f"{library} {' and '.join(versions)}" for library, versions in used.items())
