"""Batches with real kernels: what comes of runs that go well, fail, die, hang or find the disk full."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest
from batch_kit import (
    HELPERS,
    command,
    environment,
    lines,
    note,
    results,
    run_batch,
    start_batch,
    wait_for,
    write_notebook,
)

from helpers.batch.__main__ import main
from helpers.batch.execution import execute
from helpers.batch.grid import plan
from helpers.batch.recording import SCRAP
from helpers.paths import REPOSITORY

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="takes /dev/full and signals of Linux")


def alive(file) -> list[int]:
    """Return those of the process ids in `file` that are running still."""
    return [int(pid) for pid in lines(file) if psutil.pid_exists(int(pid))]


# ---- in `make test`: one batch of three kernels ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Run a good notebook twice and a bad one once, called from a folder that is not theirs."""
    folder = tmp_path_factory.mktemp("small")
    home = folder / "notebooks {0}"
    home.mkdir()
    good = write_notebook(
        home / "good.ipynb", HELPERS, "import os\nrecord(double=2 * seed, nothing=float('nan'))\nos.getcwd()"
    )
    bad = write_notebook(home / "bad.ipynb", "1 / 0", "print('not reached')", parameters="other: int = 0")
    batch = run_batch(good, bad, "--set", "seed=3,4", "--workers", 2, "--out", "out", cwd=folder)
    return batch, folder / "out", home


def test_one_failure_does_not_stop_the_others_and_the_exit_code_is_1(small):
    batch, out, _ = small
    assert batch.returncode == 1, batch.stderr
    rows = results(out)
    assert {name: row["state"] for name, row in rows.items()} == {"good3": "done", "good4": "done", "bad": "failed"}
    assert rows["bad"]["reason"] == "ZeroDivisionError: division by zero"
    assert all(float(row["seconds"]) > 0 and int(row["peak_megabytes"]) > 20 for row in rows.values())


def test_there_is_a_line_for_each_run_and_a_last_one(small):
    said = small[0].stdout.splitlines()
    assert len(said) == 4
    assert any("good seed=3" in line and line.startswith("done") for line in said)
    assert any("bad: ZeroDivisionError" in line and line.startswith("failed") for line in said)
    assert "2 done, 1 failed" in said[-1] and "index.html" in said[-1]


def test_the_executed_copy_shows_where_it_failed(small):
    executed = nbformat.read(small[1] / "bad.ipynb", as_version=4)
    errors = [cell.source for cell in executed.cells if any(o.output_type == "error" for o in cell.get("outputs", []))]
    assert errors == ["1 / 0"]
    assert "papermill-error-cell" in executed.cells[0].source
    assert "ZeroDivisionError" in (small[1] / "bad.html").read_text(encoding="utf-8")
    assert "not reached" in executed.cells[-1].source and not executed.cells[-1].outputs


def test_the_working_folder_is_the_notebooks_own(small):
    _, out, home = small
    (path,) = out.glob("good-seed=3*.ipynb")
    assert nbformat.read(path, as_version=4).cells[-1].outputs[-1].data["text/plain"] == repr(str(home))
    assert [file.name for file in sorted(home.iterdir())] == ["bad.ipynb", "good.ipynb"]


def test_recorded_numbers_are_scraps_and_results(small):
    out = small[1]
    rows = results(out)
    assert [rows[name]["recorded.double"] for name in ("good3", "good4", "bad")] == ["6.0", "8.0", ""]
    assert rows["good3"]["recorded.nothing"] == "nan"
    text = next(out.glob("good-seed=4*.ipynb")).read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    scraps = [
        o.data[SCRAP]
        for cell in nbformat.reads(text, 4).cells
        for o in cell.get("outputs", [])
        if SCRAP in o.get("data", {})
    ]
    assert [scrap["data"] for scrap in scraps] == [8, "nan"]


def test_every_run_has_its_files_and_nothing_else_is_there(small):
    names = {path.name for path in small[1].iterdir()}
    assert {"index.html", "results.csv", "bad.ipynb", "bad.html"} < names
    assert len(names) == 8 and not any(".part" in name for name in names)


def test_again_runs_only_what_failed(small, capsys):
    _, out, home = small
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.ipynb")}
    assert main([str(home / "good.ipynb"), "--set", "seed=3,4", "--out", str(out)]) == 0
    assert "2 of 2 runs are done already" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.ipynb")} == before
    assert set(results(out)) == {"good3", "good4", "bad"}  # the folder's other runs stay in its report


# ---- in `make test-slow`: many kernels -------------------------------------------------------------------------------


@pytest.mark.slow
@on_linux
def test_whatever_ends_a_run_is_one_failed_row_with_a_reason(tmp_path):
    scratch, kernels = tmp_path / "scratch", tmp_path / "kernels"
    scratch.mkdir()
    who = note(kernels, "{__import__('os').getpid()}")
    books = {
        "killed": ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "2"],
        "hangs": [who, "import time\ntime.sleep(1000)", "2"],
        "deaf": [who, "import signal, time\nsignal.signal(2, 1)\nsignal.signal(15, 1)\ntime.sleep(1000)"],
        "parent": [who, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "import time\ntime.sleep(1000)"],
        "exits": ["import os\nos._exit(3)"],
        "good": ["4"],
    }
    paths = [write_notebook(tmp_path / f"{name}.ipynb", *cells) for name, cells in books.items()]
    paths.append(write_notebook(tmp_path / "meant.ipynb", "1 / 0", tags=["raises-exception"]))
    out = tmp_path / "out"
    batch = run_batch(*paths, "--workers", 2, "--time-limit", 15, "--out", out, TMPDIR=str(scratch))
    assert batch.returncode == 1, batch.stderr
    rows = results(out)
    assert {name for name, row in rows.items() if row["state"] == "done"} == {"good", "meant"}
    assert "The kernel died" in rows["killed"]["reason"] and "The kernel died" in rows["exits"]["reason"]
    assert rows["hangs"]["reason"] == rows["deaf"]["reason"] == "Ended at the time limit of 15 s."
    assert "The process that ran it died" in rows["parent"]["reason"]
    wait_for(lambda: not alive(kernels), 5)
    assert not list(scratch.iterdir())

    for name, where in [("killed", "os.kill"), ("hangs", "time.sleep"), ("exits", "os._exit")]:
        executed = nbformat.read(out / f"{name}.ipynb", as_version=4)
        stopped = [c for c in executed.cells if any(o.output_type == "error" for o in c.get("outputs", []))]
        assert [where in cell.source for cell in stopped] == [True]
        assert stopped[0].outputs[-1].evalue == rows[name]["reason"]
    assert "papermill-error" not in (out / "meant.ipynb").read_text(encoding="utf-8")


FULL_DISK = """
import builtins, errno, io, os
really_open = open
def open_on_a_full_disk(file, mode="r", *others, **options):
    name = os.fspath(file) if isinstance(file, (str, os.PathLike)) else ""
    if "w" in mode and name.endswith("executed.ipynb") and os.path.exists(os.path.join(os.path.dirname(name), "full")):
        raise OSError(errno.ENOSPC, "No space left on device", name)
    return really_open(file, mode, *others, **options)
builtins.open = io.open = open_on_a_full_disk
"""


@pytest.mark.slow
def test_a_full_disk_under_a_run_is_a_failed_row(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(FULL_DISK)
    fill = "import os\nopen(os.path.join(os.path.dirname(os.environ['COURSE_PROGRESS']), 'full'), 'w').close()"
    books = [write_notebook(tmp_path / "full.ipynb", fill, "2"), write_notebook(tmp_path / "good.ipynb", "3")]
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    assert run_batch(*books, "--out", tmp_path / "out", PYTHONPATH=path).returncode == 1
    rows = results(tmp_path / "out")
    assert "No space left on device" in rows["full"]["reason"] and rows["good"]["state"] == "done"
    assert not (tmp_path / "out" / "full.ipynb").exists()


@pytest.mark.slow
@on_linux
def test_a_full_disk_under_the_results_is_a_failed_row_too(tmp_path):
    one, two = (write_notebook(tmp_path / f"{name}.ipynb") for name in ("one", "two"))
    out = tmp_path / "out"
    out.mkdir()
    (out / "one.part.html").symlink_to("/dev/full")
    batch = run_batch(one, two, "--out", out)
    assert batch.returncode == 1, batch.stderr
    assert "No space left on device" in results(out)["one"]["reason"] and results(out)["two"]["state"] == "done"
    assert run_batch(one, two, "--out", out).returncode == 0  # once there is room, only what failed runs
    assert {row["state"] for row in results(out).values()} == {"done"}


@pytest.mark.slow
def test_text_that_cannot_be_encoded_does_not_stop_the_others(tmp_path):
    books = [write_notebook(tmp_path / "half.ipynb", "print('\\ud83d')", "raise ValueError('\\ud83d')")]
    books.append(write_notebook(tmp_path / "good.ipynb", "seed"))
    call = [*books, "--set", 'seed="\\ud83d",1', "--out", tmp_path / "out"]
    batch = run_batch(*call, PYTHONIOENCODING="ascii")
    assert batch.returncode == 1, batch.stderr
    rows = results(tmp_path / "out")
    assert len(rows) == 4 and rows["good1"]["state"] == "done" and rows["half1"]["reason"]


@pytest.mark.slow
@on_linux
def test_a_process_that_hangs_while_it_exports_ends():
    hang = (
        "import re\nexport.HTMLExporter.from_notebook_node = lambda *_: re.match('(a*)*b', 'a' * 60)"  # holds the GIL
    )
    code = f"""
import pathlib, sys, tempfile
from nbconvert import exporters as export
from batch_kit import write_notebook
from helpers.batch import execution
from helpers.batch.grid import plan
{hang}
execution.FINISHING = 5
with tempfile.TemporaryDirectory() as folder:
    (run,) = plan([write_notebook(pathlib.Path(folder, "tiny.ipynb"))], {{}}, {{}})
    execution.execute(run, 15, folder)
"""
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(PYTHONPATH=path), capture_output=True, timeout=90
    )
    assert done.returncode == 1 and b"Timeout" in done.stderr


@pytest.mark.slow
def test_two_batches_in_one_folder_tell_of_all_runs(tmp_path):
    begun, release, out = tmp_path / "begun", tmp_path / "release", tmp_path / "out"
    wait = f"import os, time\nwhile seed < 2 and not os.path.exists({str(release)!r}):\n    time.sleep(0.1)"
    notebook = write_notebook(tmp_path / "waits.ipynb", note(begun, "{seed}"), wait)
    first = start_batch(notebook, "--set", "seed=1", "--out", out)
    wait_for(lambda: lines(begun) == ["1"])
    assert run_batch(notebook, "--set", "seed=2,3", "--out", out).returncode == 0
    release.touch()
    assert first.wait(timeout=60) == 0
    assert set(results(out)) == {"waits1", "waits2", "waits3"}
    assert (out / "index.html").read_text(encoding="utf-8").count('.html">waits</a>') == 3


@pytest.mark.slow
def test_threads_of_one_process_take_turns(tmp_path, monkeypatch):
    for name in ("COURSE_BATCH", "COURSE_PROGRESS"):
        monkeypatch.setenv(name, "")  # as it is set for good
    seen = tmp_path / "seen"
    look = note(seen, "{seed} {__import__('os').environ['COURSE_PROGRESS']}")
    runs = plan([write_notebook(tmp_path / "looks.ipynb", look, look)], {"seed": [0, 1]}, {})
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(execute, runs, [60, 60], [str(tmp_path)] * 2))
    assert [result.record["reason"] for result in done] == [None, None]
    first, again, second, _ = lines(seen)
    assert first == again and first.split()[1] != second.split()[1]


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_batch_ends_its_runs_and_goes_on_later(tmp_path, how):
    begun, kernels, release = tmp_path / "begun", tmp_path / "kernels", tmp_path / "release"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    wait = f"import os, time\nwhile seed >= 2 and not os.path.exists({str(release)!r}):\n    time.sleep(0.1)"
    who = note(kernels, "{__import__('os').getpid()}")
    notebook = write_notebook(tmp_path / "waits.ipynb", note(begun, "{seed}"), who, wait)
    call = [notebook, "--set", "seed=0,1,2,3,4", "--workers", 2, "--out", tmp_path / "out"]

    batch = start_batch(*call, TMPDIR=str(scratch))
    wait_for(lambda: sorted(lines(begun)) == ["0", "1", "2", "3"])
    batch.send_signal(how)
    said = batch.communicate(timeout=20)[0].decode()
    if how != signal.SIGKILL:
        assert batch.returncode == 130 and "Stopped." in said
        assert set(results(tmp_path / "out")) == {"waits0", "waits1"}
    wait_for(lambda: not alive(kernels) and not list(scratch.glob("batch-*")), 10)
    assert {path.name[:12] for path in (tmp_path / "out").glob("*.ipynb")} == {"waits-seed=0", "waits-seed=1"}

    release.touch()
    begun.unlink()
    done = run_batch(*call)
    assert done.returncode == 0 and "2 of 5 runs are done already" in done.stdout
    assert sorted(lines(begun)) == ["2", "3", "4"]
    assert {row["state"] for row in results(tmp_path / "out").values()} == {"done"}


@pytest.mark.slow
def test_a_run_is_repeated_when_asked_or_when_its_text_changed(tmp_path):
    begun, out = tmp_path / "begun", tmp_path / "out"
    notebook = write_notebook(tmp_path / "one.ipynb", note(begun, "ran"))
    for arguments, times in [([], 1), ([], 1), (["--again"], 2)]:
        assert run_batch(notebook, "--out", out, *arguments).returncode == 0
        assert len(lines(begun)) == times
    write_notebook(notebook, note(begun, "ran anew"))
    assert run_batch(notebook, "--out", out).returncode == 0
    assert lines(begun) == ["ran", "ran", "ran anew"]
    write_notebook(notebook, "1 / 0")
    assert run_batch(notebook, "--out", out).returncode == 1
    assert list(results(out)) == ["one"] and results(out)["one"]["state"] == "failed"


@pytest.mark.slow
def test_peak_memory_is_that_of_the_kernel_and_what_it_starts(tmp_path):
    grow = "import subprocess, sys, time\nheld = bytearray(b'x' * 300_000_000)\n"
    grow += "subprocess.run([sys.executable, '-c', \"held = b'x' * 200_000_000; import time; time.sleep(1)\"])"
    paths = [write_notebook(tmp_path / "big.ipynb", grow), write_notebook(tmp_path / "little.ipynb", "1")]
    assert run_batch(*paths, "--out", tmp_path / "out").returncode == 0
    rows = results(tmp_path / "out")
    assert 500 < int(rows["big"]["peak_megabytes"]) < 800
    assert int(rows["little"]["peak_megabytes"]) < 200


@pytest.mark.slow
def test_each_worker_has_its_gpu_and_its_share_of_the_cores_and_no_ports(tmp_path):
    seen = tmp_path / "seen"
    wait = f"import os, time\nwhile len(open({str(seen)!r}).readlines()) < 3:\n    time.sleep(0.1)"
    look = "import os\nfrom ipykernel.kernelapp import IPKernelApp\nadded = [os.environ[name] for name in"
    look += " ('CUDA_VISIBLE_DEVICES', 'OMP_NUM_THREADS')] + [IPKernelApp.instance().transport]"
    notebook = write_notebook(tmp_path / "looks.ipynb", look, note(seen, "{added}"), wait)
    out, devices = tmp_path / "out", {"CUDA_VISIBLE_DEVICES": "4,6,7"}
    done = run_batch(notebook, "--set", "seed=0,1,2", "--workers", 3, "--out", out, OMP_NUM_THREADS="1", **devices)
    assert done.returncode == 0, done.stdout
    transport = "tcp" if sys.platform == "win32" else "ipc"
    assert sorted(lines(seen)) == [f"['{device}', '1', '{transport}']" for device in (4, 6, 7)]


@pytest.mark.slow
def test_the_learners_progress_is_left_alone(tmp_path):
    show = "import os\nprint(os.environ['COURSE_PROGRESS'])"
    assert run_batch(write_notebook(tmp_path / "one.ipynb", show), "--out", tmp_path / "out").returncode == 0
    said = nbformat.read(tmp_path / "out" / "one.ipynb", as_version=4).cells[-1].outputs[0].text
    assert said.strip().endswith("progress.json") and str(REPOSITORY) not in said
    assert os.environ.get("COURSE_PROGRESS") not in said


@pytest.mark.slow
@on_linux
def test_a_terminal_shows_one_bar_for_the_whole(tmp_path):
    import fcntl
    import pty
    import struct
    import termios

    notebook = write_notebook(tmp_path / "tiny.ipynb", "seed")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    call = command(notebook, "--set", "seed=1,2", "--out", tmp_path / "out")
    done = subprocess.run(call, cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, stderr=theirs, timeout=120)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    assert done.returncode == 0 and all(f"{count}/2" in shown for count in range(3))
