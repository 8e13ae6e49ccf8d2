"""An exercise on what a file may hold: a checkpoint that the default lock of torch.load refuses."""

import re
import tempfile
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_same, reject

STAYS_OPEN = "the lock stays open for these types afterwards: use `with safe_globals([…]):`."

# ---- upgrade


def upgrade(old_path, new_path):
    """Write what the checkpoint at `old_path` holds to `new_path`, in plain types: args a dict, elapsed in seconds."""
    with torch.serialization.safe_globals([Namespace, timedelta]):  # these two may pass, here and nowhere else
        checkpoint = torch.load(old_path)
    checkpoint["args"] = vars(checkpoint["args"])
    checkpoint["elapsed"] = checkpoint["elapsed"].total_seconds()
    torch.save(checkpoint, new_path)


class _Program:
    """Pickles to a program that makes a file: harmless, and a sign that it ran."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self):
        return exec, (f"open({str(self.marker)!r}, 'w').close()",)


def _upgraded(answer, folder: Path, checkpoint: dict) -> tuple[Path, Exception | None, list]:
    """Return the new file, the error, and what the answer left open of the lock, which is closed again."""
    old, new = folder / "old.pt", folder / "new.pt"
    torch.save(checkpoint, old)
    before = torch.serialization.get_safe_globals()
    try:
        error = error_of(answer, old, new)
        left_open = [each for each in torch.serialization.get_safe_globals() if each not in before]
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
    return new, error, left_open


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
    plain = {"model_state_dict": {"weight": torch.rand(2, 3)}, "epoch": 7}
    old = {**plain, "args": Namespace(lr=0.01, batch_size=4), "elapsed": timedelta(minutes=90, milliseconds=500)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, _, left_open = _upgraded(answer, folder, {**old, "notes": _Program(folder / "ran")})
        reject((folder / "ran").exists(), "a program hidden in the file ran: fix the file, not the lock.")
        reject(bool(left_open), f"where loading fails, {STAYS_OPEN}")
        (folder / "new.pt").unlink(missing_ok=True)

        new, error, left_open = _upgraded(answer, folder, old)
        if error is not None:
            stopped_at = re.search(r"GLOBAL ([\w.]+)", str(error))
            reject(bool(stopped_at), f"the lock stops at `{stopped_at and stopped_at[1]}`: let this type pass, too.")
            raise error
        expect(new.exists(), "nothing was written to `new_path`.")
        unsafe = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(new))
        expect(not unsafe, f"the new file still needs {', '.join(f'`{each}`' for each in unsafe)}: save plain types.")
        got = torch.load(new)
        expect(isinstance(got, dict) and got.keys() == old.keys(), f"the file must hold {list(old)}, all of them.")
        want = {**plain, "args": {"lr": 0.01, "batch_size": 4}, "elapsed": 5400.5}
        for key in want:
            expect_same(got[key], want[key], f"`{key}` is {got[key]!r} in the new file, and should be {want[key]!r}.")
        reject(bool(left_open), STAYS_OPEN)
