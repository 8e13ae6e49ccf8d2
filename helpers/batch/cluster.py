"""The workers of an existing Dask cluster that a batch runs on."""

import uuid
from concurrent.futures import Future

from helpers.batch.execution import Result, execute
from helpers.batch.grid import CannotStart, Run
from helpers.batch.records import failed, new_record
from helpers.batch.versions import differences, library_versions


class Cluster:
    """The Dask cluster whose scheduler is at `address`. A context: at its end the runs under way are ended.

    A run whose worker is lost is run once more by another; Dask gives up after `allowed-failures` workers.
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
        self.batch, self.executor = uuid.uuid4().hex, self.client.get_executor(pure=False)
        if not self.client.scheduler_info()["workers"]:
            print("The cluster has no worker yet; waiting for one.")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if any(failure):
            self.executor.shutdown(wait=False)  # cancels what has not begun
            self.client.run(end_batch, self.batch)
        self.client.close()

    def submit(self, run: Run, limit: float) -> Future:
        """Return the future of the run's Result."""
        return self.executor.submit(execute_there, run, limit, self.batch)


# ---- what runs on the cluster's workers ------------------------------------------------------------------------------

_ended: set[str] = set()  # batches


def execute_there(run: Run, limit: float, batch: str) -> Result:
    """Execute a run on the worker of the cluster that this is called on, if it has what the batch was started with."""
    from distributed import get_worker

    reason = differences(library_versions(), run.versions)
    if reason:
        return Result(failed(new_record(run), f"This worker has other versions: {reason}."))
    return execute(run, limit, get_worker().local_directory, lambda: batch in _ended)


def end_batch(batch: str) -> None:
    """End the runs of this batch on the worker of the cluster that this is called on."""
    _ended.add(batch)
