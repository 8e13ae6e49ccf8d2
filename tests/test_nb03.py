"""Notebook 03: what it teaches, on good and on bad files, and its drawings."""

import errno
import linecache
import math
import os
import pickle
import random
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from notebook_code import load_definitions

from helpers import processes
from helpers.plots.groups import draw_path, draw_schedules
from helpers.plots.resume import draw_differences, draw_resumed, first_difference
from helpers.plots.saving import draw_best, draw_disk, draw_repeats
from helpers.plots.state_dict import draw_name_match, draw_state_dict, match_names
from helpers.style import GREEN, RED

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def taught():
    return load_definitions(Path(__file__).parents[1] / "notebooks" / "03_save_load.ipynb")


# ---- loading


class Program:
    """Pickles to a program that makes a file."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self):
        return exec, (f"open({str(self.marker)!r}, 'w').close()",)


def write_missing(path, state):
    pass


def write_empty(path, state):
    path.write_bytes(b"")


def write_text(path, state):
    path.write_text("hello, this is text", encoding="utf-8")


def write_folder(path, state):
    path.mkdir()


def write_truncated(path, state):
    torch.save(state, path)
    path.write_bytes(path.read_bytes()[:-1])


def write_one_bit(path, state):
    torch.save(state, path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(state["fc1.weight"].numpy().tobytes())] ^= 1
    path.write_bytes(raw)


def write_other_zip(path, state):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("letter.txt", "not a checkpoint")


def write_program(path, state):
    torch.save({**state, "fc3.bias": Program(path.with_name("ran"))}, path)


def write_bare_pickle(path, state):
    path.write_bytes(pickle.dumps(Program(path.with_name("ran"))))


def write_before_1_6(path, state):
    torch.save(state, path, _use_new_zipfile_serialization=False)


def write_bare_pickle_in_a_zip(path, state):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("file/data.pkl", pickle.dumps(Program(path.with_name("ran")), protocol=2))
        file.writestr("file/version", b"3\n")


def write_sparse(path, state):
    torch.save({**state, "fc3.weight": torch.zeros(10, 84).to_sparse()}, path)


def write_wider(path, state):
    torch.save({**state, "fc3.weight": torch.zeros(3, 84)}, path)


def write_fewer(path, state):
    torch.save({name: tensor for name, tensor in state.items() if name != "fc3.bias"}, path)


def write_more(path, state):
    torch.save({**state, "fc4.weight": torch.zeros(2)}, path)


def write_list(path, state):
    torch.save([1, 2, 3], path)


def write_checkpoint(path, state):
    torch.save({"epoch": 3, "model_state_dict": state}, path)


WRITERS = [value for name, value in list(globals().items()) if name.startswith("write_")]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_bad_file_is_one_error_that_names_it_and_the_model_stays(write, taught, tmp_path):
    model = taught.TheModelClass()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    path = tmp_path / "some name.pt"
    write(path, taught.TheModelClass().state_dict())
    refused = write in (write_program, write_bare_pickle_in_a_zip)
    with pytest.raises(pickle.UnpicklingError if refused else (ValueError, FileNotFoundError)) as caught:
        taught.load_weights(model, path)
    assert "some name.pt" in str(caught.value) and "\n" not in str(caught.value)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not (tmp_path / "ran").exists()


def corruptions(whole: bytes, count: int):
    """Yield copies of `whole` with a bit, a few bytes or the end changed."""
    dice = random.Random(0)
    for _ in range(count):
        at, size = dice.randrange(len(whole)), dice.randrange(1, 32)
        yield from (
            whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :],
            whole[:at] + dice.randbytes(size) + whole[at + size :],
            whole[:at] + dice.randbytes(size) + whole[at:],
            whole[:at] + whole[at + size :],
            whole[:at],
        )


@pytest.mark.parametrize("count", [60, pytest.param(1500, marks=pytest.mark.slow)])
def test_a_corrupted_file_is_one_error_or_has_lost_nothing(count, taught, tmp_path):
    state = {"weights": torch.arange(15.0), "step": 3, "rates": [0.1, 0.2]}
    torch.save(state, tmp_path / "whole.pt")
    for raw in corruptions((tmp_path / "whole.pt").read_bytes(), count):
        (tmp_path / "damaged.pt").write_bytes(raw)
        try:
            loaded = taught.load_checkpoint(tmp_path / "damaged.pt")
        except ValueError as error:
            assert "damaged.pt" in str(error) and "\n" not in str(error)
        else:
            assert torch.equal(loaded.pop("weights"), state["weights"])
            assert loaded == {"step": 3, "rates": [0.1, 0.2]}


def test_a_record_that_says_it_is_a_folder_is_damaged(taught, tmp_path):
    torch.save({"w": torch.ones(9)}, tmp_path / "whole.pt")
    with zipfile.ZipFile(tmp_path / "whole.pt") as old, zipfile.ZipFile(tmp_path / "folder.pt", "w") as new:
        for record in old.infolist():
            record.external_attr = 16 * record.filename.endswith("data/0")  # torch would give what was in the memory
            new.writestr(record, old.read(record))
    with pytest.raises(ValueError, match="damaged in 'whole/data/0'"):
        taught.load_checkpoint(tmp_path / "folder.pt")


@pytest.mark.parametrize("where", [(Path, "open"), (torch, "load")])
@pytest.mark.parametrize("error", [PermissionError("not yours"), OSError(errno.EIO, "no disk"), MemoryError()])
def test_what_the_system_forbids_is_not_damaged_and_not_skipped(where, error, taught, tmp_path, monkeypatch):
    torch.save({"w": torch.ones(2)}, tmp_path / "step-1.pt")

    def refuse(*arguments, **options):
        raise error

    monkeypatch.setattr(*where, refuse)
    with pytest.raises(type(error)):
        taught.load_newest(tmp_path)


def test_a_damaged_file_that_points_before_its_beginning_is_damaged(taught, tmp_path, monkeypatch):
    torch.save({"w": torch.ones(2)}, tmp_path / "mine.pt")
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda file: file.fp.raw.seek(-9))  # an OSError, as from the system
    with pytest.raises(ValueError, match="mine.pt is damaged"):
        taught.load_checkpoint(tmp_path / "mine.pt")


def test_the_program_of_these_tests_does_run_without_the_lock(tmp_path):
    write_program(tmp_path / "file.pt", {})
    torch.load(tmp_path / "file.pt", weights_only=False)
    assert (tmp_path / "ran").exists()


def test_good_weights_are_loaded(taught, tmp_path):
    model, other = taught.TheModelClass(), taught.TheModelClass()
    torch.save(other.state_dict(), tmp_path / "good.pt")
    taught.load_weights(model, str(tmp_path / "good.pt"))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_a_file_that_asks_for_a_gpu_loads_on_the_cpu(taught, tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "cpu.pt")
    taught.as_if_from_cuda(tmp_path / "cpu.pt", tmp_path / "cuda.pt")
    assert taught.load_checkpoint(tmp_path / "cuda.pt")["w"].tolist() == [1, 1]


def test_the_model_takes_channels_last(taught):
    model = taught.TheModelClass().to(memory_format=torch.channels_last)
    images = torch.randn(2, 3, 32, 32).to(memory_format=torch.channels_last)
    assert model(images).shape == (2, 10)


# ---- resuming


@pytest.mark.parametrize("at", [1, 4, 7, 10])
def test_a_resumed_training_is_equal_to_the_last_bit(at, taught, tmp_path):
    training = taught.Training(CPU, seed=3)
    for _ in range(at):
        training.step()
    torch.save(training.state_dict(), tmp_path / "checkpoint.pt")
    straight = [training.step() for _ in range(6)]
    resumed = taught.Training(CPU, seed=99)
    resumed.load_state_dict(taught.load_checkpoint(tmp_path / "checkpoint.pt"))
    assert [resumed.step() for _ in range(6)] == straight


@pytest.mark.parametrize("left_out", "model optimizer scheduler sampler python_rng numpy_rng torch_rng".split())
def test_every_part_of_the_checkpoint_is_needed(left_out, taught, tmp_path):
    training = taught.Training(CPU, seed=0)
    for _ in range(10):
        training.step()
    torch.save(training.state_dict(), tmp_path / "checkpoint.pt")
    straight = [training.step() for _ in range(10)]
    state = taught.load_checkpoint(tmp_path / "checkpoint.pt")
    del state[left_out]
    resumed = taught.Training(CPU, seed=0)
    resumed.load_state_dict(state)
    assert [resumed.step() for _ in range(10)] != straight


# ---- saving


class Fails:
    """Cannot be saved."""

    def __reduce__(self):
        raise OSError("disk full")


def test_a_save_that_fails_leaves_the_old_checkpoint(taught, tmp_path):
    path = tmp_path / "latest.pt"
    taught.save_atomically({"step": 1}, path)
    with pytest.raises(OSError, match="disk full"):
        taught.save_atomically({"step": 2, "bad": Fails()}, path)
    assert taught.load_checkpoint(path) == {"step": 1}
    with pytest.raises(OSError, match="disk full"):
        taught.save_directly({"step": 2, "bad": Fails()}, path)
    with pytest.raises(ValueError):
        taught.load_checkpoint(path)


@pytest.mark.parametrize("n, kept", [(0, []), (2, [2, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])])
def test_the_newest_are_kept_and_nothing_else_is_touched(n, kept, taught, tmp_path):
    for step in range(4):
        taught.save_atomically({"step": step}, tmp_path / f"step-{step:06}.pt")
    (tmp_path / "notes.txt").write_text("mine")
    taught.keep_last(tmp_path, n)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"notes.txt", *(f"step-{step:06}.pt" for step in kept)}


def test_the_newest_is_the_one_of_the_highest_number(taught, tmp_path):
    for step in (999_800, 1_000_000, 90):
        taught.save_atomically({"step": step}, tmp_path / f"step-{step}.pt")
    (tmp_path / "step-best.pt").write_text("mine")
    taught.keep_last(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"step-999800.pt", "step-1000000.pt", "step-best.pt"}
    assert taught.load_newest(tmp_path)[0] == "step-1000000.pt"


def test_what_the_lock_refuses_is_not_skipped(taught, tmp_path):
    taught.save_atomically({"step": 1}, tmp_path / "step-1.pt")
    torch.save({"step": 2, "bad": Program(tmp_path / "ran")}, tmp_path / "step-2.pt")
    with pytest.raises(pickle.UnpicklingError, match="step-2.pt"):
        taught.load_newest(tmp_path)


def test_a_process_that_fails_is_an_error_with_its_own_words(tmp_path):
    script = processes.write_script(tmp_path / "script.py", "print('one')\nraise ValueError('the reason')")
    lines = processes.lines_of(processes.start(script))
    assert next(lines).strip() == "one"
    with pytest.raises(RuntimeError, match="the reason"):
        next(lines)


@pytest.mark.slow
def test_a_script_holds_the_cells_of_its_functions_and_takes_arguments(tmp_path):
    main = "device, number = sys.argv[1:]\nprint(one_of_the_cell(), device, number, SlowDisk.__name__)"
    linecache.cache["a cell"] = (0, None, ["from helpers.processes import SlowDisk\n", "def one_of_the_cell():\n",
                                           "    return os.sep, nn.Linear\n"], "a cell")  # fmt: skip
    names = {}
    exec(compile("def one_of_the_cell(): ...", "a cell", "exec"), names)
    script = processes.write_script(tmp_path / "script.py", main, names["one_of_the_cell"])
    assert list(processes.lines_of(processes.start(script, "cpu", 3))) == [
        f"{(os.sep, torch.nn.Linear)} cpu 3 SlowDisk\n"
    ]


@pytest.mark.slow
def test_a_process_finds_what_this_one_finds(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("print('found')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    script = processes.write_script(tmp_path / "script.py", "import helpers, mine")
    assert list(processes.lines_of(processes.start(script))) == ["found\n"]


def test_a_process_that_hangs_is_killed(tmp_path):
    script = processes.write_script(tmp_path / "script.py", "import time\ntime.sleep(600)")
    with pytest.raises(RuntimeError):
        list(processes.lines_of(processes.start(script, seconds=1)))


def test_a_slow_disk_takes_small_writes_and_half_of_a_large_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with processes.SlowDisk(tmp_path / "file", "w") as file:
        file.write(b"1" * 99_999)
        assert capsys.readouterr().out == ""
        file.write(b"2" * 200_000)
    assert capsys.readouterr().out == "half written\n"
    assert (tmp_path / "file").read_bytes() == b"1" * 99_999 + b"2" * 100_000


def test_the_newest_whole_checkpoint_is_loaded(taught, tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match="no whole checkpoint"):
        taught.load_newest(tmp_path)
    for step in range(3):
        taught.save_atomically({"step": step}, tmp_path / f"step-{step:06}.pt")
    os.truncate(tmp_path / "step-000002.pt", 100)
    assert taught.load_newest(tmp_path) == ("step-000001.pt", {"step": 1})
    assert "Skipped: step-000002.pt" in capsys.readouterr().out


def test_the_warm_up_has_no_jump(taught):
    factors = [taught.warm_up_then_cosine(step) for step in range(101)]
    assert max(factors) == 1 and math.isclose(factors[100], 0, abs_tol=1e-9)
    assert max(abs(a - b) for a, b in zip(factors, factors[1:], strict=False)) < 0.07


# ---- drawings


def test_blocks_have_one_unit_of_area_for_each_element():
    shapes = {"a.weight": (6, 3, 5, 5), "a.bias": (6,), "count": (), "b.c.weight": (40, 1000)}
    ax = draw_state_dict(shapes)
    areas = [patch.get_width() * patch.get_height() for patch in ax.patches]
    assert areas == [450, 6, 1, 40000]
    colours = [patch.get_facecolor() for patch in ax.patches]
    assert colours[0] == colours[1] and len(set(colours)) == 3
    text = " ".join(each.get_text() for each in ax.texts)
    assert "weight 6×3×5×5, bias 6" in text and "count number" in text and "4 tensors, 40,457 elements" in text


def test_names_are_matched():
    model, file = ["a", "b", "c"], ["b", "a", "x"]
    assert match_names(model, file) == (["a", "b"], ["c"], ["x"])
    ax = draw_name_match(model, file)
    texts = {each.get_text(): each.get_color() for each in ax.texts}
    assert {"2 loaded", "1 missing", "1 unexpected"} <= texts.keys() and texts["c"] == RED


def test_the_first_difference_is_found_in_the_last_bit():
    straight = [1.0, 2.0, 3.0, 4.0]
    assert first_difference(straight, [3.0, 4.0], 2) is None
    assert first_difference(straight, [3.0], 2) is None
    assert first_difference(straight, [3.0, np.nextafter(4.0, 5)], 2) == 3


def test_runs_say_whether_they_are_equal():
    def verdict(resumed):
        return draw_resumed([1.0, 2.0, 3.0], resumed, 1).texts[-1].get_text()

    assert verdict([2.0, 3.0]) == "equal to the last bit"
    assert verdict([2.0, 3.1]) == "differs from step 2 on"
    assert verdict([]) == ""


def test_differences_mark_the_first_step_of_each_row():
    ax = draw_differences([1.0, 2.0, 3.0, 4.0], {"equal": [3.0, 4.0], "late": [3.0, 5.0], "at once": [0.0, 4.0]}, 2)
    assert [patch.get_x() for patch in ax.patches] == [2.52, 1.52]
    assert [each.get_text() for each in ax.texts] == ["equal"]


def test_what_was_kept_is_green_only_where_it_is_the_best():
    ax = draw_best([3.0, 1.0, 2.0], {"live": 2.0, "copy": 1.0})
    assert {each.get_text(): each.get_color() for each in ax.texts} == {"live": RED, "copy": GREEN}


def test_files_are_as_long_as_they_are():
    ax = draw_disk({"one": [("a.pt", 100, "whole")], "two": [("b.pt", 50, "broken")]})
    bars = [(patch.get_width(), patch.get_facecolor()) for patch in ax.patches]
    assert bars == [(100, to_rgba(GREEN)), (50, to_rgba(RED))]


@pytest.mark.parametrize(
    "path, verdict",
    [
        ([(-4, 3), (-2, 1), (0, 0)], "there in step 2"),
        ([(-4, 3), (-2, 1)], "still 2.24 away after 1 steps"),
        ([(-4, 3), (40, 3), (np.nan, np.inf)], "gone in step 1"),
    ],
)
def test_a_path_says_where_it_ends(path, verdict):
    assert draw_path(path, (1, 25)).texts[0].get_text() == verdict


def test_the_other_drawings_show_every_name():
    repeats = {"x": np.zeros((4, 2)), "y": np.ones((4, 2))}
    for figure in (draw_schedules([[1, 2], [3, 4]], ["x", "y"]), draw_repeats(repeats)):
        titles = [ax.get_title() or ax.get_title("left") for ax in figure.axes]  # where it stands is a matter of style
        assert titles == ["x", "y"]


# ---- explorers of the notebook


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod."])
def test_names_meet_once_their_prefix_is_taken_away(prefix, taught):
    def counts(*choice):
        return {each.get_text() for each in taught.names_meet(*choice).texts}

    assert {"10 loaded", "0 missing", "0 unexpected"} <= counts(prefix, prefix, "fc3")
    assert {"0 loaded", "10 missing", "10 unexpected"} <= counts(prefix, "", "fc3")
    assert {"8 loaded", "2 missing", "2 unexpected"} <= counts(prefix, prefix, "head")


def test_one_rate_must_suit_the_steeper_weight(taught):
    assert "gone" in taught.walk(0.1, 0.09, 0.0).texts[0].get_text()
    assert "still" in taught.walk(0.07, 0.07, 0.0).texts[0].get_text()
    assert "there in step" in taught.walk(1.0, 0.04, 0.0).texts[0].get_text()


def test_a_scheduler_made_after_the_optimizer_was_loaded_changes_its_rate(taught):
    linear, factor = torch.optim.lr_scheduler.LinearLR, lambda step: 20 / (20 + step)
    taught.schedulers = {"LinearLR": linear, "LambdaLR": lambda opt: torch.optim.lr_scheduler.LambdaLR(opt, factor)}
    for name in taught.schedulers:
        assert taught.made_and_loaded(name, "after loading").texts[-1].get_text() == "differs from step 10 on"
        before = taught.made_and_loaded(name, "before loading")
        assert before.texts[-1].get_text() == "equal to the last bit"


@pytest.mark.parametrize("momentum, adam, times", [(0.0, False, 1), (0.9, False, 2), (0.9, True, 3)])
def test_a_checkpoint_grows_with_what_the_optimizer_remembers(momentum, adam, times, taught, tmp_path):
    taught.folder = tmp_path
    alone, both = (bar.get_width() for bar in taught.checkpoint_size(momentum, adam).patches)
    assert math.isclose(both / alone, times, rel_tol=0.06)
