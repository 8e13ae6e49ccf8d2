"""Exercises on datasets: one over folders of pictures, and one that does no work twice."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_result, kind, reject, same, shown
from helpers.landmarks import load_image

# ---- dataset


class PhotoDataset(Dataset):
    """Pictures in folders, one folder for each class; `split` is "train" or "val"."""

    def __init__(self, root, split):
        if split not in ("train", "val"):
            raise ValueError(f"split is 'train' or 'val', not {split!r}")
        self.classes = sorted(folder.name for folder in Path(root).iterdir())
        self.items = []
        for label, name in enumerate(self.classes):
            files = sorted((Path(root) / name).iterdir())
            self.items += [(file, label) for i, file in enumerate(files) if (i % 5 == 0) == (split == "val")]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        file, label = self.items[index]
        return load_image(file), label


COUNTS = {"wasps": 7, "ants": 12, "bees": 1}  # in no order, as folders may come


def _write_photographs(root: Path) -> dict[str, list]:
    """Write COUNTS[name] small pictures for each class; return split → what the dataset holds: (file, label)."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for name, count in COUNTS.items():
        (root / name).mkdir()
        for i in rng.permutation(count):
            pixels = rng.integers(0, 256, (*rng.integers(2, 9, 2), 3), np.uint8)
            picture = Image.fromarray(pixels[:, :, 0] if i == 4 else pixels)  # one is grey
            picture.save(root / name / f"{i:02}.png")
    items = {"train": [], "val": []}
    for label, name in enumerate(sorted(COUNTS)):
        for i in range(COUNTS[name]):
            items["train" if i % 5 else "val"].append((root / name / f"{i:02}.png", label))
    return items


def _expect_items(dataset, items: list, split: str) -> None:
    expect(len(dataset) == len(items), f"of {COUNTS}, split={split!r} has {len(dataset)} pictures, not {len(items)}.")
    for index in (*range(len(items)), -1):
        got, (file, label) = dataset[index], items[index]
        expect_result(got)
        is_pair = isinstance(got, (tuple, list)) and len(got) == 2
        expect(is_pair, f"dataset[{index}] is {kind(got)}, not a pair of picture and label.")
        is_array = isinstance(got[0], np.ndarray) and got[0].dtype == np.uint8
        expect(is_array, f"a picture is {kind(got[0])}, not a uint8 array as `load_image` gives it.")
        name, case = f"{file.parent.name}/{file.name}", f"dataset[{index}] of split={split!r}"
        expect(same(got[0], load_image(file), atol=0), f"{case} is not the picture {name}.")
        expect(same(got[1], label), f"{case}, {name}, has the label {shown(got[1])}, not {label}.")
    error = error_of(lambda: dataset[len(items)])
    ends = isinstance(error, IndexError)
    expect(ends, f"dataset[{len(items)}] of {len(items)} pictures must raise an IndexError: by it a `for` loop ends.")


def _expect_named(dataset, index: int, file: Path, what: str) -> None:
    error = error_of(lambda: dataset[index])
    expect(error is not None, f"a file that is {what} raises nothing: is it read when somebody asks for it?")
    is_clear = isinstance(error, (OSError, ValueError)) and file.name in str(error)
    said = f"{type(error).__name__}: {error}"
    expect(is_clear, f"a file that is {what} must raise an OSError or a ValueError that names it; it raises {said}")


@exercise(
    solution=PhotoDataset,
    hints=(
        "Make a list of all (file, label) in `__init__`; then `__len__` and `__getitem__` have one line each.",
        "`sorted(folder.iterdir())` is in the order of names. `enumerate` counts: every fifth has `i % 5 == 0`.",
        "`load_image(file)` reads, and names a file that it cannot read. Call it in `__getitem__`, not before.",
    ),
)
def dataset(answer):
    """Both splits hold their pictures with their labels, read when they are asked for, and a bad file is named."""
    with tempfile.TemporaryDirectory() as folder:
        items = _write_photographs(Path(folder))
        datasets = {split: answer(as_root(folder), split) for split, as_root in (("train", Path), ("val", str))}
        for split, made in datasets.items():
            expect(list(made.classes) == sorted(COUNTS), f"`classes` is {shown(made.classes)}, not {sorted(COUNTS)}.")
            _expect_items(made, items[split], split)
        error = error_of(answer, folder, "test")
        expect(isinstance(error, ValueError), "split='test' must raise a ValueError.")

        (gone, _), (broken, _), (cut, _) = items["train"][:3]
        gone.unlink()
        broken.write_text("not a picture")
        cut.write_bytes(cut.read_bytes()[:60])
        for index, (file, what) in enumerate({gone: "missing", broken: "no picture", cut: "cut short"}.items()):
            _expect_named(datasets["train"], index, file, what)
        expect(error_of(lambda: datasets["train"][3]) is None, "one bad file keeps the others from being read.")


# ---- thrift


class ThriftyFaces(Dataset):
    """The samples of `SlowFaces`, with no work done twice."""

    def __init__(self, stages):
        self.crop = stages["crop"]
        self.samples = []
        for name, points in zip(*stages["table"](), strict=True):
            sample = {"image": stages["decode"](name), "landmarks": points}
            self.samples.append(stages["resize"](sample))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.crop(self.samples[index])


FACES = 30


class _Counted:
    """The stages of a dataset of FACES faces, which count how often each is called."""

    def __init__(self):
        self.calls = Counter()
        self.drawn = []
        self.stages = {name: getattr(self, name) for name in ("table", "decode", "resize", "crop")}

    def table(self):
        self.calls["table"] += 1
        return [f"face_{i}" for i in range(FACES)], np.arange(FACES)[:, None, None] + np.zeros((FACES, 68, 2))

    def decode(self, name):
        self.calls["decode"] += 1
        return np.full((2, 2, 3), int(name.removeprefix("face_")))

    def resize(self, sample):
        self.calls["resize"] += 1
        return {"image": sample["image"] * 10, "landmarks": sample["landmarks"] * 10}

    def crop(self, sample):
        """Add a random number to the landmarks."""
        self.calls["crop"] += 1
        self.drawn.append(np.random.rand())
        return {"image": sample["image"].copy(), "landmarks": sample["landmarks"] + self.drawn[-1]}


@exercise(
    solution=ThriftyFaces,
    hints=(
        "Which stages give the same whenever they are called for face i? Their results can be kept.",
        'Call `stages["table"]()` once, in `__init__`, and make a list of the resized samples there.',
        "The crop is random: kept, it would be the same in every epoch. It belongs into `__getitem__`.",
    ),
)
def thrift(answer):
    """Three epochs read the table once, decode and resize each picture once, and crop every sample anew."""
    work = _Counted()
    faces = answer(work.stages)
    expect(len(faces) == FACES, f"a table of {FACES} faces makes a dataset of {len(faces)}.")
    for epoch in range(3):
        for index in np.random.default_rng(epoch).permutation(FACES).tolist():
            crops = work.calls["crop"]
            got = faces[index]
            expect_result(got)
            reject(work.calls["crop"] == crops, f"in epoch {epoch}, sample {index} is an old crop: crop it anew.")
            points = np.full((68, 2), 10 * index + work.drawn[-1])
            is_right = same(got, {"image": np.full((2, 2, 3), 10 * index), "landmarks": points}, atol=1e-6)
            expect(is_right, f"sample {index} of epoch {epoch} is not what `crop` makes of face {index}, resized.")
    expect(len(set(work.drawn)) == len(work.drawn), "the same crops come again: something seeds the global generator.")
    wanted = {"table": 1, "decode": FACES, "resize": FACES, "crop": 3 * FACES}
    for stage, count in wanted.items():
        done = work.calls[stage]
        expect(done <= count, f"in 3 epochs of {FACES} faces, `{stage}` is called {done} times; enough is {count}.")
    expect(error_of(lambda: faces[FACES]) is not None, f"faces[{FACES}] of {FACES} faces must raise an IndexError.")
