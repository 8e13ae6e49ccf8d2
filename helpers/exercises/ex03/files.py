"""An exercise on what a file may hold: a checkpoint that the default lock of torch.load refuses."""

import os
import re
import shutil
import tempfile
from argparse import Namespace
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, reject, same, shown

FORCED = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"  # a variable of the environment that opens the lock for the whole process

# ---- upgrade


def upgrade(old_path, new_path):
    """Write what the checkpoint at `old_path` holds to `new_path`, in plain types: args a dict, elapsed in seconds."""
    with torch.serialization.safe_globals([Namespace, timedelta]):  # these two may pass, here and nowhere else
        checkpoint = torch.load(old_path)
    checkpoint["args"] = vars(checkpoint["args"])
    checkpoint["elapsed"] = checkpoint["elapsed"].total_seconds()
    torch.save(checkpoint, new_path)


class _Program:
    """Pickles to a call of a function, one that leaves a mark: harmless, and a sign that it ran."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def _programs(marker: Path) -> list[_Program]:
    """Return programs under names of several modules: a list of forbidden ones is never complete."""
    return [
        _Program(exec, f"open({str(marker)!r}, 'w').close()"),
        _Program(eval, f"open({str(marker)!r}, 'w').close()"),
        _Program(open, str(marker), "w"),
        _Program(os.mkdir, str(marker)),
        _Program(shutil.copyfile, __file__, str(marker)),
    ]


@contextmanager
def default_lock():
    """Close the lock of torch.load, whatever the notebook let pass, and put all back that the code within changes."""
    with patch.dict(os.environ), patch.object(torch, "load", torch.load), torch.serialization.safe_globals([]):
        os.environ.pop(FORCED, None)
        torch.serialization.clear_safe_globals()
        yield


def _upgraded(answer, folder: Path, checkpoint: dict) -> tuple[Path, Exception | None, str]:
    """Return the new file, the error, and how the answer left the lock: an empty text where it is as it was."""
    old, new = folder / "old.pt", folder / "new.pt"
    torch.save(checkpoint, old)
    new.unlink(missing_ok=True)
    bytes_before = old.read_bytes()
    with default_lock():
        torch.serialization.add_safe_globals([_Program])  # a type that the notebook lets pass
        before = torch.load, os.environ.get(FORCED), {_Program}
        error = error_of(answer, old, new)
        after = torch.load, os.environ.get(FORCED), {*torch.serialization.get_safe_globals()}
    expect(old.exists() and old.read_bytes() == bytes_before, "the old file is changed or gone: leave it as it is.")
    lost = _Program not in after[2]
    how = "no longer lets pass what it did before" if lost else "stays open afterwards"
    return new, error, "" if before == after else f"the lock {how}: use `with safe_globals([…]):`."


def _difference(got, want, where: str) -> str:
    """Say where two nested things differ in type, dtype or value; an empty text where they do not."""
    pairs = []
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        pairs = [(got[key], want[key], f"{where}[{key!r}]") for key in want]
    elif isinstance(want, (list, tuple)) and type(got) is type(want) and len(got) == len(want):
        pairs = [(one, other, f"{where}[{i}]") for i, (one, other) in enumerate(zip(got, want, strict=True))]
    elif isinstance(want, torch.Tensor) and isinstance(got, torch.Tensor):
        names = "dtype", "requires_grad"
        pairs = [(getattr(got, name), getattr(want, name), f"{where}.{name}") for name in names]
        pairs += [(got.tolist(), want.tolist(), where)]
    elif type(got) is not type(want) or got != want:
        return f"`{where}` is {shown(got)} in the new file, and should be {shown(want)}."
    return next(filter(None, (_difference(*pair) for pair in pairs)), "")


def _blame_the_lock(error: Exception | None, message: str) -> None:
    """Put the type at which the lock stopped into the message; another error is raised as it is."""
    if error is not None:
        stopped_at = re.search(r"GLOBAL ([\w.]+)", str(error))
        reject(bool(stopped_at), message.format(stopped_at and stopped_at[1]))
        raise error


@exercise(
    solution=upgrade,
    hints=(
        "`torch.serialization.get_unsafe_globals_in_checkpoint(path)` names the types that the lock stops at.",
        "Read the old file under `torch.serialization.safe_globals([…])`, with just those types in the list.",
        "`vars(namespace)` is a dict, and a `timedelta` has `total_seconds()`. Save the changed dictionary.",
    ),
)
def lock(answer):
    """The new file loads under the default lock, and no file got to run a program."""
    weights = {"weight": torch.rand(2, 3), "count": torch.tensor(3), "half": torch.ones(2).half()}
    optimizer = {"state": {0: {"buffer": torch.rand(2), "amsgrad": False}}, "param_groups": [{"betas": (0.9, 0.99)}]}
    flags = {"epoch": 0, "done": True, "history": [1.5, 2.5], "optimizer": optimizer, "note": None}
    exact = {"exact": torch.rand(2).double() / 3, "leaf": torch.ones(2, requires_grad=True)}
    checkpoints = (
        (Namespace(seed=1, model="net", deep=None), timedelta(days=2, seconds=1, milliseconds=250), {"epoch": 7}),
        (
            Namespace(lr=0.01, _betas=(0.9, 0.99)),
            timedelta(minutes=90, milliseconds=500),
            {"model_state_dict": weights},
        ),
        (Namespace(), timedelta(), flags),
        (Namespace(lr=1), timedelta(hours=-1), exact),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        marker = folder / "ran"
        for program in _programs(marker):
            for key in ("notes", "args"):
                old = {"epoch": 7, "args": Namespace(lr=0.01), "elapsed": timedelta(minutes=90)} | {key: program}
                new, error, lock_changed = _upgraded(answer, folder, old)
                reject(marker.exists(), "a program hidden in the file ran: fix the file, not the lock.")
                reject(bool(lock_changed), f"where loading fails, {lock_changed}")
                expect(error is not None, "a file with a program in it is taken without a word: let the error pass.")
                reject(new.exists(), "where loading fails, a file is left at `new_path`.")

        for namespace, elapsed, rest in checkpoints:
            old = {**rest, "args": namespace, "elapsed": elapsed}
            new, error, lock_changed = _upgraded(answer, folder, old)
            _blame_the_lock(error, "the lock stops at `{}`: let this type pass, too, inside your function.")
            expect(new.exists(), "nothing was written to `new_path`.")
            with default_lock():
                _blame_the_lock(error_of(torch.load, new), "the new file still needs `{}`: save plain types.")
                got = torch.load(new)
            expect(isinstance(got, dict), f"the new file holds {shown(got)}, and should hold a dictionary.")
            expect(got.keys() == old.keys(), f"the file must hold {list(old)}, all of them; yours has {shown([*got])}.")
            seconds = elapsed.total_seconds()
            if type(got["elapsed"]) in (int, float):
                reject(
                    got["elapsed"] == elapsed.seconds != seconds,
                    "`seconds` leaves out days and fractions of a second.",
                )
                if same(got["elapsed"], seconds, atol=1e-9):
                    got["elapsed"] = seconds
            for key, value in {**rest, "args": vars(namespace), "elapsed": seconds}.items():
                difference = _difference(got[key], value, key)
                expect(not difference, difference)
            reject(bool(lock_changed), lock_changed)
