"""What is known of each run: kept in the metadata of its executed notebook, so that one rename completes a run."""

import json
import os
from collections.abc import Collection
from pathlib import Path

from helpers.batch.grid import Run
from helpers.batch.recording import recorded


def new_record(run: Run) -> dict:
    """Return the record of a run that has not begun."""
    return {
        "name": run.name,
        "notebook": run.notebook,
        "parameters": run.parameters,
        "versions": run.versions,
        "fingerprint": run.fingerprint,
        "state": None,  # then "done" or "failed"
        "reason": None,  # why it failed
        "seconds": 0.0,
        "megabytes": 0,  # at its peak, in the kernel and the processes that it started
        "numbers": {},  # read from the notebook's outputs
        "stored": False,  # whether its files lie in the folder of the results
    }


def failed(record: dict, reason: str) -> dict:
    """Return the record with the state of a failure."""
    return record | {"state": "failed", "reason": reason}


def in_words(error: OSError, place) -> str:
    """Return what went wrong and with which file, or where, as an error in writing does not name its file."""
    return f"{error.strerror or error}: {error.filename or place}"


def is_done(record: dict | None, run: Run) -> bool:
    """Say whether the record is that of this very run, of the same text, parameters and versions, and it went well."""
    return record is not None and record["state"] == "done" and record["fingerprint"] == run.fingerprint


def load_records(out: Path, known: Collection[str] = ()) -> dict[str, dict]:
    """Return the records, by name, of the runs whose notebook and page lie in `out`; other files there are no runs.

    What is `known` is not read again.
    """
    records = {}
    for path in sorted(out.glob("*.ipynb")):
        if path.stem in known:
            continue
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            record = notebook["metadata"]["batch"] | {"numbers": recorded(notebook), "stored": True}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if record["name"] == path.stem and path.with_suffix(".html").exists():
            records[path.stem] = record
    return records


def store(out: Path, record: dict, notebook: str | None, page: str | None) -> dict:
    """Write the files of a run, each whole or not at all, the notebook last; return its record.

    Where they cannot be written (a full disk), the record says so, and the state is "failed".
    """
    try:
        if notebook is not None:
            write_whole(out / f"{record['name']}.html", page)
            write_whole(out / f"{record['name']}.ipynb", notebook)
            return record | {"stored": True}
    except OSError as error:
        return failed(record, in_words(error, out))
    return record


def write_whole(path: Path, text: str) -> None:
    """Write the file aside and rename it, so that it is there whole or not at all.

    What UTF-8 cannot encode, half of a pair of surrogates, is written as \\ud800, which JSON reads as the same.
    """
    aside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
