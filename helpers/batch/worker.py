"""The process that runs notebooks with papermill, one after the other: reads a job per line, answers a line for each.

A process of its own can be ended whatever it hangs in; one that stays imports papermill once for many notebooks.
"""

import json
import os
import queue
import shutil
import sys
import threading
from pathlib import Path

INPUT, EXECUTED, PAGE = "input.ipynb", "executed.ipynb", "executed.html"  # in the scratch folder of a run
LONGEST_SCRATCH = 85  # characters; macOS allows 104 for the path of a socket in it


def run(scratch: str, folder: str, parameters: dict) -> dict:
    """Execute the notebook in `scratch` with papermill; return the reason why it failed, or None."""
    from nbclient.exceptions import DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    os.environ["COURSE_PROGRESS"] = os.path.join(scratch, "progress.json")  # the learner's own is left alone
    reason = None
    try:
        execute_notebook(
            os.path.join(scratch, INPUT),
            os.path.join(scratch, EXECUTED),
            parameters=parameters,
            cwd=folder,
            progress_bar=False,
            start_timeout=120,
            config=_kernel_config(scratch),
        )
    except PapermillExecutionError as error:
        reason = _real_error(scratch, error)
    except DeadKernelError:
        reason = "The kernel died: killed, out of memory, or crashed."
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror or error)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    return {"reason": reason}


def _kernel_config(scratch: str):
    """Return a configuration of sockets in `scratch`: many kernels that start at once would race for free ports."""
    from traitlets.config import Config

    config = Config({"KernelManager": {"connection_file": os.path.join(scratch, "kernel.json")}})
    if os.name != "nt" and len(scratch) <= LONGEST_SCRATCH:
        config.KernelManager.transport = "ipc"
    return config


def _real_error(scratch: str, error) -> str | None:
    """Return the error in words; None where papermill reports only what cells tagged raises-exception raised."""
    from papermill.execute import remove_error_markers

    notebook = _read(os.path.join(scratch, EXECUTED))
    if not notebook.metadata.papermill.exception:
        _write(remove_error_markers(notebook), os.path.join(scratch, EXECUTED))
        return None
    return f"{error.ename}: {error.evalue}"


def finish(scratch: str, record: dict) -> dict:
    """Complete the executed notebook with `record` and a mark where it stopped, and export it as HTML.

    Returns the numbers that it recorded, or why it cannot be written.
    """
    from nbconvert.exporters import HTMLExporter

    from helpers.batch.recording import recorded

    executed = Path(scratch, EXECUTED)
    notebook = _executed_or_input(scratch)
    if record["reason"]:
        _mark_end(notebook, executed, record["reason"])
    notebook.metadata["batch"] = record
    notebook.metadata.setdefault("papermill", {}).update(input_path=record["notebook"], output_path=record["name"])
    page, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": record["name"]}})
    try:
        _write(notebook, executed)
        Path(scratch, PAGE).write_text(page, encoding="utf-8")
    except OSError as error:
        return {"error": f"{error.strerror}: {executed.name}"}
    return {"numbers": recorded(notebook)}


def _executed_or_input(scratch: str):
    try:
        return _read(os.path.join(scratch, EXECUTED))
    except (OSError, ValueError):  # it never started, or was ended while papermill wrote
        notebook = _read(os.path.join(scratch, INPUT))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        return notebook


def _mark_end(notebook, path: Path, reason: str) -> None:
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
    try:
        raise_for_execution_errors(notebook, str(path))
    except (PapermillExecutionError, OSError):
        pass  # raised once the notebook is marked, or, on a full disk, once it is marked in memory


def _read(path: str):
    import nbformat

    return nbformat.read(path, as_version=4)


def _write(notebook, path) -> None:
    import nbformat

    nbformat.write(notebook, path)


JOBS = {"run": run, "finish": finish}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what notebooks and libraries print goes to the log, not among the answers
    jobs = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(jobs,), daemon=True).start()
    import papermill  # noqa: F401, here and now: the time limit of the first run does not pay for it

    print("{}", file=answers, flush=True)
    while True:
        job = json.loads(jobs.get())
        answer = JOBS[job.pop("do")](**job)
        print(json.dumps(answer), file=answers, flush=True)


def _receive(jobs: queue.SimpleQueue) -> None:
    """Pass on the lines of stdin; at its end, whoever asked has died: end every process below this one, and itself."""
    import psutil

    scratch = None
    for line in sys.stdin:
        scratch = json.loads(line)["scratch"]
        jobs.put(line)
    for process in psutil.Process().children(recursive=True):
        process.kill()
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
