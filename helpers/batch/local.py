"""The processes of this machine that a batch runs in."""

import os
import queue
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator

from helpers.batch.grid import Run
from helpers.batch.isolation import Ended, Result, Worker, execute


class LocalWorkers:
    """A number of workers that share the machine's cores and GPUs. A context: at its end their runs are ended.

    The first one starts at once, to import papermill meanwhile; the others when there are runs for them.
    """

    def __init__(self, number: int):
        first, *self.others = environments(number)
        self.workers, self.threads = [Worker(first)], []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for worker in self.workers:
            worker.end()
        for thread in self.threads:
            thread.join(timeout=10)  # it still removes the scratch folder of its run

    def run(self, runs: list[Run], limit: float) -> Iterator[tuple[Run, Result]]:
        """Yield each run with its result, in the order in which they end."""
        self.workers += [Worker(environment) for environment in self.others[: max(0, len(runs) - 1)]]
        waiting, results = deque(runs), queue.SimpleQueue()
        for worker in self.workers:
            self.threads.append(threading.Thread(target=_work, args=(worker, waiting, results, limit), daemon=True))
            self.threads[-1].start()
        for _ in runs:
            yield _next(results)


def _work(worker: Worker, waiting: deque, results: queue.SimpleQueue, limit: float) -> None:
    while True:
        try:
            run = waiting.popleft()
            results.put((run, execute(run, worker, limit)))
        except (IndexError, Ended):  # nothing waits any more
            return
        except Exception as error:  # a fault of the batch itself: raised again where the results are awaited
            results.put(error)


def _next(results: queue.SimpleQueue) -> tuple[Run, Result]:
    while True:
        try:
            result = results.get(timeout=1)  # without one, Windows would not hear of Ctrl-C
        except queue.Empty:
            continue
        if isinstance(result, Exception):
            raise result
        return result


def environments(number: int) -> list[dict[str, str]]:
    """Return what to add to the environment of each worker: its share of the cores and, of several GPUs, one."""
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
