"""Run one notebook in a process that can be ended: on a time limit, on Ctrl-C, and when whoever asked for it dies."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.batch.grid import Run
from helpers.batch.records import failed, new_record
from helpers.batch.worker import EXECUTED, INPUT, PAGE
from helpers.paths import REPOSITORY

STARTING, FINISHING = 120, 300  # seconds that a worker may take to import papermill, and to export a notebook
SAMPLING = 0.25  # seconds between two looks at the memory
LONGEST_REASON = 300  # characters
OWN_GROUP = (  # Ctrl-C in a terminal reaches the batch only, which then ends its workers
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
)


class Stopped(Exception):
    """The worker did not answer: it ran out of time, or died."""


class Ended(Exception):
    """The worker was ended on purpose, and takes no more jobs."""


@dataclass
class Result:
    """What came of a run: its record and, unless they could not be made, the executed notebook and its page."""

    record: dict
    notebook: str | None = None
    page: str | None = None


class Worker:
    """A process that runs notebooks (`helpers.batch.worker`), started again whenever it had to be killed."""

    def __init__(self, environment: dict[str, str] | None = None):
        self.environment, self.ended, self.peak = environment or {}, False, 0
        self._start()

    def _start(self) -> None:
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpers.batch.worker"],
            cwd=REPOSITORY,
            env={**os.environ, **self.environment, "COURSE_BATCH": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            encoding="utf-8",
            **OWN_GROUP,
        )
        self.answers, self.ready = queue.SimpleQueue(), False
        threading.Thread(target=self._receive, args=(self.process.stdout, self.answers), daemon=True).start()

    @staticmethod
    def _receive(lines, answers: queue.SimpleQueue) -> None:
        for line in lines:
            answers.put(json.loads(line))
        answers.put(None)

    def prepare(self) -> None:
        """Wait until the worker can take a job; start it again if it has died. Raises Stopped when it cannot start."""
        if self.ended:
            raise Ended
        if self.process.poll() is not None:
            self._start()
        if not self.ready:
            self._answer(STARTING)
            self.ready = True

    def call(self, job: dict, limit: float) -> dict:
        """Return the worker's answer to `job`. Raises Stopped when none comes within `limit` seconds."""
        self.prepare()
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has died, which the missing answer tells
        return self._answer(limit)

    def _answer(self, limit: float) -> dict:
        deadline, answer = time.monotonic() + limit, None
        while time.monotonic() < deadline:
            try:
                answer = self.answers.get(timeout=SAMPLING)
                break
            except queue.Empty:
                if self.ended:  # in the very moment in which it was started again
                    self._kill()
                self._measure()
        else:
            self._kill()
            raise Stopped(f"Ended at the time limit of {limit:g} s.")
        if self.ended:
            raise Ended
        if answer is None:
            self._kill()
            raise Stopped(f"The process that ran it died. {self._last_words()}")
        return answer

    def _measure(self) -> None:
        """Look at the memory of all processes below the worker, the kernel and what it started."""
        used = 0
        for process in _below(self.process.pid):
            try:
                used += process.memory_info().rss
            except psutil.Error:
                pass  # it has just ended
        self.peak = max(self.peak, used)

    def _kill(self) -> None:
        below = _below(self.process.pid)
        self.process.kill()
        for process in below:
            try:
                process.kill()
            except psutil.Error:
                pass  # it has just ended
        self.process.wait()

    def _last_words(self) -> str:
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def end(self) -> None:
        """End the worker, its kernel and whatever runs below; from any thread."""
        self.ended = True
        self._kill()


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def execute(run: Run, worker: Worker, limit: float) -> Result:
    """Run one notebook in `worker`, with `limit` seconds to do it in; whatever goes wrong is the record's reason."""
    record = new_record(run)
    try:
        with tempfile.TemporaryDirectory(prefix="batch-", ignore_cleanup_errors=True) as scratch:
            Path(scratch, INPUT).write_text(run.source, encoding="utf-8")
            record |= _timed(run, worker, limit, scratch)
            return _finished(record, worker, scratch)
    except OSError as error:
        return Result(failed(record, f"{error.strerror}: {error.filename}"))


def _timed(run: Run, worker: Worker, limit: float, scratch: str) -> dict:
    job = {"do": "run", "scratch": scratch, "folder": str(REPOSITORY / run.folder), "parameters": run.parameters}
    start = time.perf_counter()
    try:
        worker.prepare()
        worker.peak, start = 0, time.perf_counter()
        reason = worker.call(job, limit)["reason"]
    except Stopped as stopped:
        reason = str(stopped)
    reason = reason and " ".join(reason.split())[:LONGEST_REASON]
    seconds = round(time.perf_counter() - start, 2)
    return {
        "state": "failed" if reason else "done",
        "reason": reason,
        "seconds": seconds,
        "megabytes": round(worker.peak / 1e6),
    }


def _finished(record: dict, worker: Worker, scratch: str) -> Result:
    try:
        answer = worker.call({"do": "finish", "scratch": scratch, "record": record}, FINISHING)
    except Stopped as stopped:
        answer = {"error": str(stopped)}
    if "error" in answer:
        return Result(failed(record, record["reason"] or answer["error"]))
    record["numbers"] = answer["numbers"]
    notebook, page = (Path(scratch, name).read_text(encoding="utf-8") for name in (EXECUTED, PAGE))
    return Result(record, notebook, page)
