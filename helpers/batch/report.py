"""The results of a batch for people and for programs: index.html and results.csv, made from the runs' records."""

import csv
import io
from html import escape
from pathlib import Path

from helpers.batch.grid import as_text
from helpers.batch.picture import draw_runs, link_to
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
h2 {{ font-size: 1.1rem; margin: 2rem 0 .5rem; }}
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
footer {{ margin-top: 2rem; font-size: .85rem; color: #51606f; }}
</style>
</head>
<body>
<h1>Runs of notebooks</h1>
<p>{summary}</p>
<div>
{picture}
</div>
<h2>All runs</h2>
<div>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<footer>Ran on {versions}. The same numbers are in <a href="results.csv">results.csv</a>.</footer>
</body>
</html>
"""


def write_report(out: Path, records: list[dict]) -> None:
    """Write index.html and results.csv into `out`, each whole or not at all, with a row for each record."""
    write_whole(out / "results.csv", results_csv(records))
    write_whole(out / "index.html", index_html(records))


def results_csv(records: list[dict]) -> str:
    """Return the records as CSV: a line for each, a column for each parameter and each recorded number."""
    parameters, numbers = _names(records, "parameters"), _names(records, "numbers")
    text = io.StringIO()
    fields = ["run", "notebook", *(f"parameter.{name}" for name in parameters), "state", "seconds", "peak_megabytes"]
    table = csv.DictWriter(text, fields + [f"recorded.{name}" for name in numbers] + ["reason"], lineterminator="\n")
    table.writeheader()
    for record in records:
        row = {"run": record["name"], "notebook": record["notebook"], "state": record["state"]}
        row |= {"seconds": record["seconds"], "peak_megabytes": record["megabytes"], "reason": record["reason"]}
        row |= {f"parameter.{name}": as_text(value) for name, value in record["parameters"].items()}
        table.writerow(row | {f"recorded.{name}": value for name, value in record["numbers"].items()})
    return text.getvalue()


def index_html(records: list[dict]) -> str:
    """Return the page: what came of all runs, a picture of notebooks × parameters, and a table."""
    parameters, numbers = _names(records, "parameters"), _names(records, "numbers")
    head = [_cell("th", "", name) for name in ["notebook", *parameters, "state"]]
    head += [_cell("th", "number", name) for name in ["seconds", "peak MB", *numbers]]
    return PAGE.format(
        summary=escape(summary(records)),
        picture=draw_runs(records),
        head="".join([*head, "<th></th>"]),
        rows="\n".join(_row(record, parameters, numbers) for record in records),
        versions=escape(_versions(records)),
    )


def summary(records: list[dict]) -> str:
    """Return in one line what came of the runs."""
    failed = sum(record["state"] == "failed" for record in records)
    seconds = sum(record["seconds"] for record in records)
    time = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return f"{len(records) - failed} done, {failed} failed; {time} of running in all."


def _row(record: dict, parameters: list[str], numbers: list[str]) -> str:
    settings = {name: as_text(value) for name, value in record["parameters"].items()}
    cells = [f"<td>{link_to(record, escape(record['notebook']))}</td>"]
    cells += [_cell("td", "", settings.get(name, "")) for name in parameters]
    cells += [_cell("td", record["state"], record["state"])]
    cells += [_cell("td", "number", f"{record['seconds']:.1f}"), _cell("td", "number", str(record["megabytes"]))]
    recorded = {name: f"{value:.4g}" for name, value in record["numbers"].items()}
    cells += [_cell("td", "number", recorded.get(name, "")) for name in numbers]
    return "<tr>" + "".join([*cells, _cell("td", "reason", record["reason"] or "")]) + "</tr>"


def _cell(tag: str, kind: str, text: str) -> str:
    return f'<{tag} class="{kind}">{escape(text)}</{tag}>'


def _names(records: list[dict], key: str) -> list[str]:
    """Return the names that are used under `key` in any of the records, in the order of their first use."""
    return list(dict.fromkeys(name for record in records for name in record[key]))


def _versions(records: list[dict]) -> str:
    """Return the versions that the runs used, of each library in the order of first use."""
    used = {}
    for record in records:
        for library, version in record["versions"].items():
            used.setdefault(library, dict.fromkeys([]))[version] = None
    return ", ".join(f"{library} {' and '.join(versions)}" for library, versions in used.items())
