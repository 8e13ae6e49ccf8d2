"""What a batch keeps: recorded numbers, files written whole or not at all, and the report of all runs."""

import csv
import io
import json
import math
import os
import sys
from pathlib import Path

import IPython.display
import pytest
import torch

from helpers.batch import record
from helpers.batch.local import environments
from helpers.batch.recording import SCRAP, recorded
from helpers.batch.records import load_records, store, write_whole
from helpers.batch.report import index_html, results_csv

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


@pytest.fixture
def displayed(monkeypatch):
    bundles = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def notebook_of(bundles) -> dict:
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": [{"data": b} for b in bundles]}]}


def test_outside_a_batch_only_the_name_is_shown(displayed, monkeypatch):
    monkeypatch.delenv("COURSE_BATCH", raising=False)
    record(loss=0.123)
    assert displayed == [{"text/plain": "recorded: loss"}]
    assert recorded(notebook_of(displayed)) == {}


def test_in_a_batch_numbers_and_tensors_are_scraps(displayed, monkeypatch):
    monkeypatch.setenv("COURSE_BATCH", "1")
    record(loss=torch.tensor(0.5), steps=3)
    record(loss=0.25, bad=float("nan"), huge=-math.inf)
    assert displayed[0][SCRAP] == {"name": "loss", "data": 0.5, "encoder": "json", "version": 1}
    numbers = recorded(notebook_of(displayed))
    assert math.isnan(numbers.pop("bad"))
    assert numbers == {"loss": 0.25, "steps": 3.0, "huge": -math.inf}
    assert {bundle["text/plain"] for bundle in displayed} == {
        f"recorded: {n}" for n in ("loss", "steps", "bad", "huge")
    }


@pytest.mark.parametrize("value", ["0.5", None, True, [1.0]])
def test_what_is_not_a_number_is_not_recorded(value):
    with pytest.raises(TypeError, match=r"record\(loss=…\) takes a number"):
        record(loss=value)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "results.csv"
    write_whole(file, "old")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_encoded_is_written_so_that_json_reads_it(tmp_path):
    write_whole(tmp_path / "half.json", json.dumps("half of \ud83d, and é", ensure_ascii=False))
    assert json.loads((tmp_path / "half.json").read_text(encoding="utf-8")) == "half of \ud83d, and é"


def a_record(name="tiny", **changes) -> dict:
    return {
        "name": name,
        "notebook": name,
        "parameters": {},
        "versions": {"torch": "2.15"},
        "fingerprint": "f",
        "state": "done",
        "reason": None,
        "seconds": 1.5,
        "megabytes": 80,
        "numbers": {},
        "stored": True,
    } | changes


@needs_full
@pytest.mark.parametrize("kind", ["ipynb", "html"])
def test_a_full_disk_is_a_failed_run_with_a_reason(tmp_path, kind):
    (tmp_path / f"tiny.part.{kind}").symlink_to(FULL)
    stored = store(tmp_path, a_record(stored=False), "{}", "page")
    assert (stored["state"], stored["stored"]) == ("failed", False)
    assert stored["reason"] == f"No space left on device: {tmp_path}"
    assert not (tmp_path / "tiny.ipynb").exists()
    assert not list(tmp_path.glob("*.part*"))


def test_only_runs_of_a_batch_are_records(tmp_path):
    (tmp_path / "mine.ipynb").write_text('{"cells": [], "metadata": {}}')
    (tmp_path / "half.ipynb").write_text('{"cells": [')
    (tmp_path / "alone.ipynb").write_text('{"cells": [], "metadata": {"batch": {"name": "alone"}}}')
    (tmp_path / "copy.ipynb").write_text('{"cells": [], "metadata": {"batch": {"name": "run"}}}')
    for name in ("copy", "run"):
        (tmp_path / f"{name}.html").write_text("")
    (tmp_path / "run.ipynb").write_text('{"cells": [], "metadata": {"batch": {"name": "run"}}}')
    assert load_records(tmp_path) == {"run": {"name": "run", "numbers": {}, "stored": True}}


RECORDS = [
    a_record("one", parameters={"seed": 0}, numbers={"loss": 0.5}),
    a_record("two", parameters={"seed": 0, "fast": False}, numbers={"loss": 0.25, "hits": 3}, seconds=3.0),
    a_record("a<b", parameters={"seed": "0"}, state="failed", reason='ValueError: 1 < 2, "no"', stored=False),
]


def test_results_csv_has_a_column_for_each_parameter_and_number():
    rows = list(csv.DictReader(io.StringIO(results_csv(RECORDS))))
    assert [row["parameter.fast"] for row in rows] == ["", "false", ""]
    assert [row["recorded.loss"] for row in rows] == ["0.5", "0.25", ""]
    assert rows[2]["reason"] == 'ValueError: 1 < 2, "no"' and rows[1]["peak_megabytes"] == "80"
    assert rows[1]["seconds"] == "3.0" and rows[2]["state"] == "failed"


def test_what_a_spreadsheet_would_compute_stays_text_and_numbers_stay_numbers():
    parameters = {"formula": "=1+1", "minus": "-1", "number": -1.5, "list": [1, 2], "nothing": None}
    records = [a_record(parameters=parameters, numbers={"loss": -0.5}, state="failed", reason="@x")]
    (row,) = csv.DictReader(io.StringIO(results_csv(records)))
    assert [row[f"parameter.{name}"] for name in parameters] == ["'=1+1", "'-1", "-1.5", "[1, 2]", "null"]
    assert (row["recorded.loss"], row["reason"]) == ("-0.5", "'@x")


def test_index_html_shows_every_run_and_links_those_whose_notebook_is_there():
    page = index_html(RECORDS)
    assert page.count('href="one.html"') == page.count('href="two.html"') == 1
    assert "a&lt;b" in page and "a<b" not in page and "a%3Cb.html" not in page
    assert "ValueError: 1 &lt; 2" in page and "2 done, 1 failed" in page
    assert page.count("<tr>") == 4


def test_an_index_of_nothing_is_a_page_too():
    assert "0 done, 0 failed" in index_html([])


def test_workers_share_the_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    assert [added["OMP_NUM_THREADS"] for added in environments(3)] == ["2", "2", "2"]
    assert environments(99)[0]["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert environments(3)[0]["OMP_NUM_THREADS"] == "5"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot run the shell script that stands for nvidia-smi")
@pytest.mark.parametrize(
    "chosen, listed, devices",
    [
        (None, 0, [None, None, None]),
        (None, 1, [None, None, None]),  # one GPU is shared
        (None, 2, ["0", "1", "0"]),
        ("4,6", 8, ["4", "6", "4"]),
        ("", 8, [None, None, None]),
    ],
)
def test_workers_spread_over_the_gpus(monkeypatch, tmp_path, chosen, listed, devices):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\n" + "echo 'GPU 0: NVIDIA H200'\n" * listed)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert [added.get("CUDA_VISIBLE_DEVICES") for added in environments(3)] == devices
