"""An exercise on what a file may hold: a checkpoint that the default lock of torch.load refuses."""

import os
import re
import shutil
import tempfile
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, reject, same, shown

STAYS_OPEN = "the lock stays open for these types afterwards: use `with safe_globals([…]):`."
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
        _Program(os.mkdir, str(marker)),
        _Program(shutil.copyfile, __file__, str(marker)),
    ]


def _upgraded(answer, folder: Path, checkpoint: dict) -> tuple[Path, Exception | None, bool]:
    """Return the new file, the error, and whether the answer left the lock open, which is closed again."""
    old, new = folder / "old.pt", folder / "new.pt"
    torch.save(checkpoint, old)
    new.unlink(missing_ok=True)
    bytes_before = old.read_bytes()
    before, forced = torch.serialization.get_safe_globals(), os.environ.pop(FORCED, None)
    try:
        error = error_of(answer, old, new)
        left_open = FORCED in os.environ or any(each not in before for each in torch.serialization.get_safe_globals())
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
        os.environ.pop(FORCED, None)
        if forced is not None:
            os.environ[FORCED] = forced
    expect(old.exists() and old.read_bytes() == bytes_before, "the old file is changed or gone: leave it as it is.")
    return new, error, left_open


def _alike(got, want) -> bool:
    """Tell whether two nested things are the same in types, dtypes and values."""
    if isinstance(want, dict):
        return isinstance(got, dict) and got.keys() == want.keys() and all(_alike(got[key], want[key]) for key in want)
    if isinstance(want, list):
        return type(got) is list and len(got) == len(want) and all(map(_alike, got, want))
    if isinstance(want, torch.Tensor):
        return isinstance(got, torch.Tensor) and got.dtype == want.dtype and same(got, want, atol=0)
    return type(got) is type(want) and got == want


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
    first = {"model_state_dict": weights, "epoch": 7}
    second = {"step": 3, "history": [1.5, 2.5], "optimizer": {"state": {0: {"buffer": torch.rand(2)}}}, "name": "run"}
    args = (
        (Namespace(lr=0.01, batch_size=4), timedelta(minutes=90, milliseconds=500)),
        (Namespace(seed=1, model="net", deep=None), timedelta(days=2, seconds=1, milliseconds=250)),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        marker = folder / "ran"
        for program in _programs(marker):
            old = {**first, "args": args[0][0], "elapsed": args[0][1], "notes": program}
            _, _, left_open = _upgraded(answer, folder, old)
            reject(marker.exists(), "a program hidden in the file ran: fix the file, not the lock.")
            reject(left_open, f"where loading fails, {STAYS_OPEN}")

        for plain, (namespace, elapsed) in zip((first, second), args, strict=True):
            old = {**plain, "args": namespace, "elapsed": elapsed}
            new, error, left_open = _upgraded(answer, folder, old)
            if error is not None:
                stopped_at = re.search(r"GLOBAL ([\w.]+)", str(error))
                reject(
                    bool(stopped_at), f"the lock stops at `{stopped_at and stopped_at[1]}`: let this type pass, too."
                )
                raise error
            expect(new.exists(), "nothing was written to `new_path`.")
            unsafe = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(new))
            expect(
                not unsafe, f"the new file still needs {', '.join(f'`{each}`' for each in unsafe)}: save plain types."
            )
            got = torch.load(new)
            expect(isinstance(got, dict), f"the new file holds {shown(got)}, and should hold a dictionary.")
            expect(got.keys() == old.keys(), f"the file must hold {list(old)}, all of them; yours has {shown([*got])}.")
            seconds, is_seconds = got["elapsed"], type(got["elapsed"]) in (int, float)
            reject(is_seconds and seconds == elapsed.seconds, "`seconds` leaves out days and fractions of a second.")
            want = {**plain, "args": vars(namespace), "elapsed": elapsed.total_seconds()}
            for key in want:
                right = (
                    is_seconds and same(seconds, want[key], atol=1e-9)
                    if key == "elapsed"
                    else _alike(got[key], want[key])
                )
                message = f"`{key}` is {shown(got[key])} in the new file, and should be {shown(want[key])}."
                expect(right, message)
            reject(left_open, STAYS_OPEN)
