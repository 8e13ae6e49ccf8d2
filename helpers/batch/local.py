"""The processes of this machine that a batch runs in."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection

import psutil

from helpers.batch.execution import Result, execute, kill
from helpers.batch.grid import Run
from helpers.batch.records import failed, new_record


class LocalProcesses:
    """A number of processes that share the machine's cores and GPUs. A context: at its end their runs are ended.

    Each is a pool of one, since a process that dies takes its whole pool along; a thread for each waits for its run.
    The first one starts at once, to import papermill meanwhile; the others when there are runs for them.
    """

    def __init__(self, number: int):
        self.scratch = tempfile.TemporaryDirectory(prefix="batch-", ignore_cleanup_errors=True)
        self.theirs, self.ours = multiprocessing.Pipe(duplex=False)  # closed, here or by death, it ends the processes
        self.threads = ThreadPoolExecutor(number)
        self.free = [(environment, self._pool(environment)) for environment in reversed(environments(number))]
        self.free[-1][1].submit(int)

    def _pool(self, environment: dict[str, str]) -> ProcessPoolExecutor:
        spawn, begin = multiprocessing.get_context("spawn"), (self.theirs, self.scratch.name, environment)
        return ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=begin)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.ours.close()
        for process in multiprocessing.active_children():
            process.join(5)
            process.kill()  # whatever it hangs in
        self.scratch.cleanup()

    def submit(self, run: Run, limit: float) -> Future:
        """Return the future of the run's Result."""
        return self.threads.submit(self._execute, run, limit)

    def _execute(self, run: Run, limit: float) -> Result:
        environment, pool = self.free.pop()
        try:
            future = pool.submit(execute, run, limit, self.scratch.name)
        except BrokenProcessPool:  # in the run before, or since
            pool = self._pool(environment)
            future = pool.submit(execute, run, limit, self.scratch.name)
        try:
            return future.result()
        except BrokenProcessPool:
            return Result(failed(new_record(run), "The process that ran it died."))
        finally:
            self.free.append((environment, pool))


def _begin(alive: Connection, scratch: str, environment: dict[str, str]) -> None:
    """Make this process ready for runs, out of reach of the terminal's Ctrl-C, and let it end with the batch."""
    if os.name == "nt":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    else:
        os.setsid()
    threading.Thread(target=_end_with_the_batch, args=(alive, scratch), daemon=True).start()
    os.environ.update(environment)
    import papermill  # noqa: F401, here and now, once for many runs

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # what kernels and libraries print would mix with the lines of the batch
    os.dup2(silence, 2)


def _end_with_the_batch(alive: Connection, scratch: str) -> None:
    alive.poll(None)
    kill(psutil.Process().children(recursive=True))
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def environments(number: int) -> list[dict[str, str]]:
    """Return what to add to the environment of each process: its share of the cores and, of several GPUs, one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, cores // number))
    gpus = visible_gpus()
    return [
        {"OMP_NUM_THREADS": threads} | ({"CUDA_VISIBLE_DEVICES": gpus[index % len(gpus)]} if len(gpus) > 1 else {})
        for index in range(number)
    ]


def visible_gpus() -> list[str]:
    """Return CUDA's names of the GPUs it may use: those of CUDA_VISIBLE_DEVICES, else all that NVIDIA's tool lists."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [name.strip() for name in chosen.split(",") if name.strip()]
    if not shutil.which("nvidia-smi"):
        return []
    listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout
    return [str(index) for index, _ in enumerate(line for line in listed.splitlines() if line.startswith("GPU "))]
