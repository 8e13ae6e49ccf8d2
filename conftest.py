"""Settings of a test run, made before any kernel starts: device, threads, workers, and a progress file of its own."""

import os
import tempfile
from collections import Counter

import pytest

pytest_plugins = ["nbval_course"]

# The stored outputs are those of a CPU; `make test-gpu` asks for cuda. What learners have solved is left alone.
os.environ.setdefault("COURSE_DEVICE", "cpu")
_scratch = tempfile.TemporaryDirectory(prefix="course-")
os.environ["COURSE_PROGRESS"] = os.path.join(_scratch.name, "progress.json")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Take one worker per core, four at most, and share the cores' threads among them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = min(cores, 4)
    os.environ.setdefault("OMP_NUM_THREADS", str(cores // workers))
    return workers


def pytest_configure(config):
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # keep the order of pytest_collection_modifyitems


def pytest_collection_modifyitems(items):
    """Put notebooks before tests, those of most cells first: two workers then end at about the same time."""
    cells = Counter(item.path for item in items if item.path.suffix == ".ipynb")
    items.sort(key=lambda item: -cells[item.path])
