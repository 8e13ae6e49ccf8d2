"""What the two workers of a loader do with random numbers, streams and time."""

import os
import pickle
import sys
import time

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from helpers.witnesses import Dice, Reader, Stream, Witness, seed_kept

KINDS = ["torch", "NumPy, global", "kept in the dataset"]
SEED = {"torch": torch.manual_seed, "NumPy, global": np.random.seed}


def throws_of_two_workers(kind, **options):
    loader = DataLoader(Dice(kind), batch_size=None, num_workers=2, **options)
    throws = list(loader)
    return throws[0::2], throws[1::2]


@pytest.mark.parametrize("kind", KINDS)
def test_dice_show_whole_numbers_below_a_million(kind):
    dice = Dice(kind)
    throws = [dice[i] for i in range(len(dice))]
    assert len(throws) == len(set(throws)) == 8
    assert all(isinstance(throw, int) and 0 <= throw < 1_000_000 for throw in throws)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seeded", SEED)
def test_each_kind_of_dice_is_thrown_by_its_own_generator(kind, seeded):
    dice, throws = Dice(kind), []
    for _ in range(2):
        SEED[seeded](0)
        throws.append([dice[i] for i in range(8)])
    assert (throws[0] == throws[1]) is (kind == seeded)


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_kept_generator_repeats_in_the_other_worker(kind):
    first, second = throws_of_two_workers(kind)
    assert (first == second) is (kind == "kept in the dataset")


def test_seed_kept_gives_each_worker_its_own_numbers():
    def throws():
        generator = torch.Generator().manual_seed(0)
        return throws_of_two_workers("kept in the dataset", worker_init_fn=seed_kept, generator=generator)

    first, second = throws()
    assert not set(first) & set(second)
    assert throws() == (first, second)  # the same whenever the loader's seed is the same


def test_a_stream_is_whole_without_workers():
    assert list(Stream(shared=True)) == list(Stream(shared=False)) == list(range(8))


@pytest.mark.parametrize(["shared", "times"], [(False, 2), (True, 1)])
def test_a_stream_that_is_not_shared_comes_from_every_worker(shared, times):
    numbers = [int(number) for number in DataLoader(Stream(shared), batch_size=None, num_workers=2)]
    assert sorted(numbers) == sorted([*range(8)] * times)


def test_a_witness_tells_who_loaded_and_how_long_it_took():
    before = time.time()
    seen = Witness(0.02)[3]
    assert len(Witness(0.02)) == 16
    assert seen["process"] == os.getpid()
    assert before <= seen["start"] and seen["end"] <= time.time()
    assert seen["end"] - seen["start"] > 0.015


def test_a_witness_names_the_worker():
    (pids,) = {tuple(batch["process"].tolist()) for batch in DataLoader(Witness(0), batch_size=16, num_workers=1)}
    assert os.getpid() not in pids and len(set(pids)) == 1


@pytest.mark.parametrize("dataset", [Dice("torch"), Reader([1.0]), Stream(shared=True), Witness(0)])
def test_workers_can_import_what_they_are_given(dataset):
    stored = pickle.dumps(dataset)
    assert b"helpers.witnesses" in stored
    assert vars(pickle.loads(stored)).keys() == vars(dataset).keys()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers share no memory")
def test_a_reader_tells_that_a_list_is_copied_and_an_array_is_not():
    grown = []
    for values in (np.random.default_rng(0).random(400_000).tolist(), np.zeros(400_000)):
        grown += DataLoader(Reader(values), batch_size=None, num_workers=1, multiprocessing_context="fork")
    assert grown[0] > 6 and grown[1] < 2
