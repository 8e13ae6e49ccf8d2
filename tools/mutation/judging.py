"""Judge many mutants, a few at a time, each in a process of its own: forked, so that nothing is imported again."""

import multiprocessing as mp
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait

SURVIVED = 10  # an exit status that nothing else gives


def survivors(tasks: list, judge: Callable[[object], bool], seconds: float, jobs: int) -> Iterator[object]:
    """Yield each task of which `judge(task)` is true; not one that raises, ends its process or takes too long."""
    waiting, running = list(tasks), {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                process = mp.get_context("fork").Process(target=_judge, args=(judge, task, folder), daemon=True)
                process.start()
                running[process] = task, time.monotonic() + seconds
            wait([process.sentinel for process in running], timeout=0.2)
            for process, (task, end) in list(running.items()):
                if process.is_alive() and time.monotonic() < end:
                    continue
                process.kill()
                process.join()
                del running[process]
                if process.exitcode == SURVIVED:
                    yield task


def _judge(judge: Callable, task, folder: str) -> None:
    """Run in the forked process: say nothing, keep temporary files in the folder, answer by exit status."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1), os.dup2(silence, 2)
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    survived = False
    try:
        survived = judge(task)
    finally:
        os._exit(SURVIVED if survived else 0)
