"""One run of a notebook with papermill, in the process that calls it; whatever goes wrong, there is a result."""

import faulthandler
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.batch.grid import Run
from helpers.batch.recording import recorded
from helpers.batch.records import failed, in_words, new_record
from helpers.paths import REPOSITORY

INPUT, EXECUTED = "input.ipynb", "executed.ipynb"  # in the scratch folder of the run
FINISHING = 300  # seconds after the time limit in which a run is marked and exported
SAMPLING = 0.25  # seconds between two looks at the kernel
LONGEST_REASON = 300  # characters
LONGEST_SCRATCH = 85  # characters; macOS allows 104 for the path of a socket in it

_alone = threading.Lock()  # working folder and environment are the whole process's


@dataclass
class Result:
    """What came of a run: its record and, unless they could not be made, the executed notebook and its page."""

    record: dict
    notebook: str | None = None
    page: str | None = None


def execute(run: Run, limit: float, folder: str, is_ended: Callable[[], bool] = lambda: False) -> Result:
    """Run one notebook, `limit` seconds at most, with a scratch folder in `folder`; end it early once `is_ended()`."""
    record = new_record(run)
    with _alone:
        faulthandler.dump_traceback_later(limit + FINISHING, exit=True)  # the last resort, if this very process hangs
        try:
            with tempfile.TemporaryDirectory(prefix="batch-", dir=folder, ignore_cleanup_errors=True) as scratch:
                record |= _run(run, scratch, limit, is_ended)
                return _finish(run, scratch, record)
        except OSError as error:
            return Result(failed(record, in_words(error, folder)))
        finally:
            faulthandler.cancel_dump_traceback_later()


def _run(run: Run, scratch: str, limit: float, is_ended: Callable[[], bool]) -> dict:
    """Execute the notebook into `scratch`; return what the record says of it."""
    os.environ["COURSE_BATCH"] = "1"
    os.environ["COURSE_PROGRESS"] = os.path.join(scratch, "progress.json")  # the learner's own is left alone
    import papermill  # noqa: F401, before the time counts

    start, watch = time.perf_counter(), _Watch(scratch, limit, is_ended)
    watch.start()
    try:
        reason = _papermill(run, scratch)
    finally:
        watch.over.set()
        watch.join()
    reason = watch.reason or reason
    return {
        "state": "failed" if reason else "done",
        "reason": reason and " ".join(reason.split())[:LONGEST_REASON],
        "seconds": round(time.perf_counter() - start, 2),
        "megabytes": round(watch.peak / 1e6),
    }


class _Watch(threading.Thread):
    """Looks at the kernel of a run, to know the memory it takes and to kill it when it is to end."""

    def __init__(self, scratch: str, limit: float, is_ended: Callable[[], bool]):
        super().__init__(daemon=True)
        self.scratch, self.limit, self.is_ended = scratch, limit, is_ended
        self.over, self.peak, self.reason = threading.Event(), 0, None

    def run(self) -> None:
        deadline = time.monotonic() + self.limit
        while not self.over.wait(SAMPLING):
            processes, used = self._processes(), 0
            if time.monotonic() > deadline or self.is_ended():
                self.reason = f"Ended at the time limit of {self.limit:g} s."
                kill(processes)
            for process in processes:
                with suppress(psutil.Error):  # it has just ended
                    used += process.memory_info().rss
            self.peak = max(self.peak, used)

    def _processes(self) -> list[psutil.Process]:
        """Return the kernel and all that it started. Its command names the connection file, which is in the scratch."""
        with suppress(psutil.Error):
            for child in psutil.Process().children():
                if any(self.scratch in word for word in child.cmdline()):
                    return [child, *child.children(recursive=True)]
        return []


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):  # it has just ended
            process.kill()


def _papermill(run: Run, scratch: str) -> str | None:
    """Execute the notebook with papermill; return why it failed, or None."""
    import nbformat
    from nbclient.exceptions import DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    Path(scratch, INPUT).write_text(run.source, encoding="utf-8")
    try:
        execute_notebook(
            Path(scratch, INPUT),
            Path(scratch, EXECUTED),
            parameters=run.parameters,
            cwd=str(REPOSITORY / run.folder),
            progress_bar=False,
            start_timeout=120,
            config=_kernel_config(scratch),
        )
    except PapermillExecutionError as error:
        stopped = nbformat.read(Path(scratch, EXECUTED), as_version=4).metadata.papermill.exception
        return f"{error.ename}: {error.evalue}" if stopped else None  # not by a cell that is tagged raises-exception
    except DeadKernelError:
        return "The kernel died: killed, out of memory, or crashed."
    except OSError:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _kernel_config(scratch: str):
    """Return a configuration of sockets in `scratch`: many kernels that start at once would race for free ports."""
    from traitlets.config import Config

    config = Config({"KernelManager": {"connection_file": os.path.join(scratch, "kernel.json")}})
    if os.name != "nt" and len(scratch) <= LONGEST_SCRATCH:
        config.KernelManager.transport = "ipc"
    return config


def _finish(run: Run, scratch: str, record: dict) -> Result:
    """Return the executed notebook, complete with `record` and a mark where it stopped, and its page."""
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from papermill.execute import remove_error_markers

    try:
        notebook = nbformat.read(Path(scratch, EXECUTED), as_version=4)
    except (FileNotFoundError, ValueError):  # it never started, or was ended while papermill wrote
        notebook = nbformat.reads(run.source, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
    if record["reason"]:
        _mark_end(notebook, record["reason"])
    else:
        notebook = remove_error_markers(notebook)
    notebook.metadata["batch"] = record
    notebook.metadata.setdefault("papermill", {}).update(input_path=record["notebook"], output_path=record["name"])
    page, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": record["name"]}})
    return Result(record | {"numbers": recorded(notebook)}, nbformat.writes(notebook), page)


def _mark_end(notebook, reason: str) -> None:
    """Show `reason` as the error of the cell that ran last, with papermill's marks, unless one is shown already."""
    from nbformat.v4 import new_output
    from papermill import PapermillExecutionError
    from papermill.execute import ERROR_MARKER_TAG, raise_for_execution_errors

    if any(ERROR_MARKER_TAG in cell.metadata.get("tags", []) for cell in notebook.cells):
        return
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [cell for cell in code if cell.metadata.get("papermill", {}).get("start_time")]
    for cell in begun[-1:] or code[:1]:
        cell.execution_count = cell.execution_count or len(begun) or 1
        cell.outputs.append(new_output("error", ename="Stopped", evalue=reason, traceback=[reason]))
    with suppress(PapermillExecutionError):  # raised once the notebook is marked
        raise_for_execution_errors(notebook, None)
