"""What the checks of ex01.loader say without starting a process, seen in real workers."""

import pytest
import torch
from answers.ex01 import keep_in_the_notebook, loader_with

from helpers.exercises import ex01

SAMPLES = [(torch.full((3, size, size + 1), float(size)), size) for size in (4, 6, 5)]


def batches_of_spawned_workers(make_loader):
    loader = make_loader(SAMPLES, 2)
    loader.multiprocessing_context = "spawn"
    return list(loader)


@pytest.mark.slow
def test_the_solution_works_in_spawned_workers():
    batches = batches_of_spawned_workers(ex01.loader.answer)
    assert [label for batch in batches for _, label in batch] == [4, 6, 5]
    assert [len(batch) for batch in batches] == [2, 1]
    assert batches[0][1][0].equal(SAMPLES[1][0])


@pytest.mark.slow
def test_spawned_workers_do_not_find_what_the_notebook_defines():
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        batches_of_spawned_workers(loader_with(keep_in_the_notebook))
