"""The workers of an existing Dask cluster that a batch runs on."""

import uuid
from collections import defaultdict
from collections.abc import Iterator

from helpers.batch.grid import CannotStart, Run
from helpers.batch.isolation import Ended, Result, Worker, execute
from helpers.batch.records import failed, new_record
from helpers.batch.versions import differences, library_versions


class Cluster:
    """The Dask cluster whose scheduler is at `address`. A context: at its end the runs under way are ended.

    Raises CannotStart where distributed is not installed, or no scheduler answers.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise CannotStart("--scheduler needs the package distributed: install the extra [cluster].") from None
        try:
            self.client = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CannotStart(f"No Dask scheduler answers at {address}: {error}") from None
        self.batch, self.futures = uuid.uuid4().hex, {}
        if not self.client.scheduler_info()["workers"]:
            print("The cluster has no worker yet; waiting for one.")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self.futures:
            self.client.cancel(list(self.futures), force=True)
            self.client.run(end_batch, self.batch)
        self.client.close()

    def run(self, runs: list[Run], limit: float) -> Iterator[tuple[Run, Result]]:
        """Yield each run with its result, in the order in which they end.

        A run whose worker is lost is run once more by another; Dask gives up after `allowed-failures` workers.
        """
        from distributed import as_completed

        for run in runs:
            key = f"{run.name}-{self.batch}"
            self.futures[self.client.submit(execute_there, run, limit, self.batch, key=key, pure=False)] = run
        for future in as_completed(list(self.futures), loop=self.client.loop):
            run = self.futures.pop(future)
            error = future.exception()
            yield run, Result(failed(new_record(run), f"{type(error).__name__}: {error}")) if error else future.result()


# ---- what runs on the cluster's workers: a process of papermill for each of their threads, kept for the next run ----

_idle: list[Worker] = []
_busy: defaultdict[str, set[Worker]] = defaultdict(set)


def execute_there(run: Run, limit: float, batch: str) -> Result:
    """Execute a run on the worker of the cluster that this is called on, if it has what the batch was started with."""
    reason = differences(library_versions(), run.versions)
    if reason:
        return Result(failed(new_record(run), f"This worker has other versions: {reason}."))
    worker = _idle.pop() if _idle else Worker()
    _busy[batch].add(worker)
    try:
        return execute(run, worker, limit)
    except Ended:
        return Result(failed(new_record(run), "The batch was ended."))  # which nobody waits for
    finally:
        _busy[batch].discard(worker)
        if not worker.ended:
            _idle.append(worker)


def end_batch(batch: str) -> None:
    """End the runs of this batch on the worker of the cluster that this is called on."""
    for worker in _busy.pop(batch, set()):
        worker.end()
