"""Batches on a Dask cluster of real workers, one of which is killed."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from batch_kit import environment, lines, note, results, run_batch, start_batch, wait_for, write_notebook

from helpers.batch.__main__ import main
from helpers.batch.cluster import execute_there
from helpers.batch.grid import plan
from helpers.paths import REPOSITORY

distributed = pytest.importorskip("distributed")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="kills with signals")


@pytest.fixture
def cluster():
    """Start a scheduler and two workers as README does, in the course's folder; yield the scheduler's address."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=REPOSITORY,
            env=environment(PYTHONPATH=""),
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    address = next(line for line in scheduler.stderr if "Scheduler at:" in line).split()[-1]
    start("worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard")
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address
    for process in started:
        for below in psutil.Process(process.pid).children(recursive=True):
            below.kill()
        process.kill()
        process.wait()


def ancestors(pid: int) -> set[int]:
    return {parent.pid for parent in psutil.Process(pid).parents()}


@pytest.mark.slow
@not_on_windows
def test_a_lost_worker_costs_one_retry_and_no_result_is_lost_or_doubled(cluster, tmp_path):
    begun, ended, release = tmp_path / "begun", tmp_path / "ended", tmp_path / "release"
    wait = f"import os, time\nwhile not os.path.exists({str(release)!r}):\n    time.sleep(0.1)"
    who = note(begun, "{seed} {__import__('os').getpid()}")
    notebook = write_notebook(tmp_path / "waits.ipynb", who, wait, note(ended, "{seed}"))
    out = tmp_path / "out"
    batch = start_batch(notebook, "--set", "seed=0,1,2,3,4,5", "--out", out, "--scheduler", cluster)
    wait_for(lambda: len(lines(begun)) == 2)

    lost, kernel = map(int, lines(begun)[0].split())
    with distributed.Client(cluster, set_as_default=False) as client:
        (worker,) = ancestors(kernel) & set(client.run(os.getpid).values())
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(kernel), 10)  # the lost run does not go on beside its repetition
    release.touch()

    said = batch.communicate(timeout=120)[0].decode()
    assert batch.returncode == 0, said
    seeds = sorted(int(line.split()[0]) for line in lines(begun))
    assert seeds == sorted([0, 1, 2, 3, 4, 5, lost])  # one run began twice: one retry
    assert sorted(lines(ended)) == ["0", "1", "2", "3", "4", "5"]
    assert {row["state"] for row in results(out).values()} == {"done"} and len(results(out)) == 6
    assert sum(line.startswith("done") for line in said.splitlines()) == 6


@pytest.mark.slow
@not_on_windows
def test_an_interrupted_batch_ends_its_runs_on_the_cluster_and_what_fails_is_a_row(cluster, tmp_path):
    kernels = tmp_path / "kernels"
    who = note(kernels, "{__import__('os').getpid()}")
    notebook = write_notebook(tmp_path / "waits.ipynb", who, "import time\ntime.sleep(1000)")
    batch = start_batch(notebook, "--set", "seed=0,1,2", "--out", tmp_path / "out", "--scheduler", cluster)
    wait_for(lambda: len(lines(kernels)) == 2)
    batch.send_signal(signal.SIGINT)
    assert "Stopped." in batch.communicate(timeout=30)[0].decode() and batch.returncode == 130
    wait_for(lambda: not any(psutil.pid_exists(int(pid)) for pid in lines(kernels)), 10)
    assert len(lines(kernels)) == 2

    books = [write_notebook(tmp_path / "bad.ipynb", "1 / 0"), write_notebook(tmp_path / "good.ipynb", "seed")]
    assert run_batch(*books, "--out", tmp_path / "next", "--scheduler", cluster).returncode == 1
    rows = results(tmp_path / "next")
    assert (rows["bad"]["reason"], rows["good"]["state"]) == ("ZeroDivisionError: division by zero", "done")


def test_a_worker_with_other_versions_refuses(tmp_path):
    (run,) = plan([write_notebook(tmp_path / "tiny.ipynb")], {}, {"torch": "0.4.1"})
    record = execute_there(run, 60, "batch").record
    assert record["state"] == "failed" and "instead of 0.4.1" in record["reason"]


@pytest.mark.slow  # Dask waits for ten seconds
def test_no_scheduler_is_one_sentence(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "tiny.ipynb")
    assert main([str(notebook), "--out", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_without_distributed_the_extra_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    notebook = write_notebook(tmp_path / "tiny.ipynb")
    assert main([str(notebook), "--out", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "extra [cluster]" in capsys.readouterr().err
