"""Exercises on transforms: a sample is a picture with its landmarks."""

# As in the notes, random transforms draw from NumPy's global generator.

import re

import numpy as np
import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_same, reject, run, same
from helpers.landmarks import MIRROR


def _make_sample(rng: np.random.Generator, height: int, width: int) -> dict:
    """Return a sample whose pixels tell their row (first channel) and column (second)."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows, columns, rng.integers(0, 256, (height, width))], axis=-1).astype(np.uint8)
    return {"image": image, "landmarks": rng.uniform(-2, 12, (68, 2)).astype(np.float32)}


def _transformed(transform, sample: dict) -> dict:
    result = run(transform, sample)
    expect(isinstance(result, dict) and result.keys() >= sample.keys(), "return a dict with `image` and `landmarks`.")
    for key in sample:
        expect(
            isinstance(result[key], np.ndarray), f"`{key}` comes back as {type(result[key]).__name__}, not as an array."
        )
    return result


def _expect_same_dtypes(result: dict, sample: dict) -> None:
    for key in sample:
        got, want = result[key].dtype, sample[key].dtype
        expect(got == want, f"`{key}` comes back as {got}, and it went in as {want}.")


# ---- crop


class RandomCrop:
    """Crop a random window out of a sample; `output_size` is an int or (height, width)."""

    def __init__(self, output_size):
        height, width = (output_size, output_size) if np.ndim(output_size) == 0 else output_size
        self.output_size = int(height), int(width)

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        h, w = image.shape[:2]
        new_h, new_w = self.output_size
        if new_h > h or new_w > w:
            raise ValueError(f"A crop of {new_h} × {new_w} does not fit into a picture of {h} × {w}.")
        top = np.random.randint(0, h - new_h + 1)  # the upper end is not drawn
        left = np.random.randint(0, w - new_w + 1)
        image = image[top : top + new_h, left : left + new_w]
        return {"image": image, "landmarks": landmarks - np.array([left, top], dtype=landmarks.dtype)}


def _offset(crop: dict, sample: dict, height: int, width: int) -> tuple[int, int]:
    """Return the (top, left) of a crop, after making sure that picture and landmarks agree on it."""
    image, landmarks = crop["image"], sample["landmarks"]
    reject(
        image.shape[:2] == (width, height) != (height, width),
        "rows and columns are swapped: a size is (height, width).",
    )
    expect(image.shape == (height, width, 3), f"the crop's shape is {image.shape}, expected {(height, width, 3)}.")
    top, left = (int(number) for number in image[0, 0, :2])
    window = sample["image"][top : top + height, left : left + width]
    expect_same(image, window, "the crop is no window of the picture.")
    mistakes = {
        "the image is cropped, the landmarks do not move.": landmarks,
        "the landmarks move by (top, left), but they are (x, y): x goes with left.": landmarks - (top, left),
        "the landmarks move the wrong way.": landmarks + (left, top),
    }
    expect_same(crop["landmarks"], landmarks - (left, top), "the landmarks do not move with the crop.", mistakes)
    return top, left


def _expect_all_offsets(axis: str, seen: tuple[int, ...], picture: int, crop: int) -> None:
    got, want = set(seen), set(range(picture - crop + 1))
    reject(picture - crop not in got, f"{axis} {picture - 1} never appears: offsets {got}, expected {want}.")
    expect(got == want, f"some windows are never drawn: {axis} offsets {got}, expected {want}.")


@exercise(
    solution=RandomCrop,
    hints=(
        "Crop 4 rows out of 6. Which values may `top` have? Which of them does `np.random.randint(0, 2)` draw?",
        "`np.random.randint(low, high)` never draws `high`. What is left to draw when crop and picture are equal?",
        "Look at the sizes before you draw. `np.ndim(size) == 0` holds for every kind of whole number.",
    ),
)
def crop(answer):
    """Every window can be drawn, one as large as the picture too, and the landmarks move with it."""
    sample = _make_sample(np.random.default_rng(0), 7, 9)
    transform = answer((4, 6))
    crops = [_transformed(transform, sample) for _ in range(300)]
    tops, lefts = zip(*(_offset(each, sample, 4, 6) for each in crops), strict=True)
    _expect_all_offsets("row", tops, 7, 4)
    _expect_all_offsets("column", lefts, 9, 6)

    error = error_of(lambda: _offset(answer((7, 9))(sample), sample, 7, 9))
    expect(error is None, f"a crop as large as the picture fails: {error}")
    for height, width, numbers in ((5, 12, {"12", "9"}), (8, 4, {"8", "7"})):
        error = error_of(lambda size: answer(size)(sample), (height, width))
        case = f"a crop of {height} × {width} out of a picture of 7 × 9"
        what_it_does = f"raises {type(error).__name__}" if error else "returns something"
        expect(isinstance(error, ValueError), f"{case} {what_it_does}, and it must raise ValueError.")
        named = numbers <= set(re.findall(r"\d+", str(error)))
        expect(named, f"the ValueError for {case} does not name both sizes; it says: {error}")
    whole = np.int64(4)  # NumPy 1 writes it as 4, so the message has a name for it
    for name, size in {"4": 4, "np.int64(4)": whole, "(np.int64(4), np.int64(4))": (whole, whole)}.items():
        error = error_of(lambda size: _offset(answer(size)(sample), sample, 4, 4), size)
        expect(error is None, f"the size {name} does not work: {type(error).__name__} {error}")
    _expect_same_dtypes(crops[0], sample)


# ---- flip


class HorizontalFlip:
    """Mirror a sample, left and right exchanged."""

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        mirrored = landmarks.copy()
        mirrored[:, 0] = image.shape[1] - 1 - landmarks[:, 0]
        # A reversed view has a negative stride, which torch.from_numpy refuses.
        return {"image": image[:, ::-1].copy(), "landmarks": mirrored[MIRROR]}


@exercise(
    solution=HorizontalFlip,
    hints=(
        "Columns run from 0 to w − 1. Where does column 0 go, and where does column w − 1?",
        "Landmark 36 is the outer corner of the eye on the left of the picture. After mirroring, which point is that?",
        "`mirrored[MIRROR]` puts the points in order again. `image[:, ::-1]` is a view that runs backwards: copy it.",
    ),
)
def flip(answer):
    """The picture and x are mirrored, and each landmark again marks what its index says."""
    rng = np.random.default_rng(0)
    for height, width in ((5, 8), (8, 5)):
        sample = _make_sample(rng, height, width)
        image, points = sample["image"], sample["landmarks"]
        transform = answer()
        results = [_transformed(transform, sample) for _ in range(20)]
        mirrors = {same(result["image"], image[:, ::-1]) for result in results}
        reject(len(mirrors) == 2, "it mirrors now and then: leave nothing to chance here.")
        result = results[0]
        mistakes = {"the picture is upside down: mirror the columns.": image[::-1], "the image is not mirrored.": image}
        expect_same(result["image"], image[:, ::-1], "the image is not the mirrored picture.", mistakes)
        mirrored = points * (-1, 1) + (width - 1, 0)
        mistakes = {
            "the image moved, the landmarks did not.": points,
            "x is mirrored without swapping the index pairs: point 36 is now an eye on the right.": mirrored,
            "the index pairs are swapped, but x is not mirrored.": points[MIRROR],
            "w − x is off by one pixel: the columns run from 0 to w − 1.": mirrored[MIRROR] + (1, 0),
            "w − x is off by one pixel, and the index pairs are not swapped.": mirrored + (1, 0),
        }
        want = mirrored[MIRROR]
        expect_same(result["landmarks"], want, "the landmarks are not those of the mirrored face.", mistakes)
        error = error_of(torch.from_numpy, result["image"])
        expect(error is None, "torch.from_numpy cannot take the image, a view with a negative stride: copy it.")
        _expect_same_dtypes(result, sample)


# ---- rescale


def points_on_original(points, small_size, original_size):
    """Map (x, y) on a resized picture to the original; the sizes are (height, width)."""
    small_h, small_w = small_size
    original_h, original_w = original_size
    scale = np.array([original_w / small_w, original_h / small_h])
    return (points + 0.5) * scale - 0.5


@exercise(
    solution=points_on_original,
    hints=(
        "Resize a picture of one pixel to four. The middle of the pixel was at x = 0. Where is the middle of the four?",
        "Resizing stretches edges onto edges, and the picture's left edge is at x = −0.5, not at 0.",
        "Measure from that edge: add 0.5, stretch, take 0.5 away. Points are (x, y), sizes (height, width).",
    ),
)
def rescale(answer):
    """Points go back to the original to the exact fraction of a pixel."""
    rng = np.random.default_rng(0)
    for small, original, shape in (((64, 64), (200, 300), (68, 2)), ((96, 128), (48, 40), (3, 68, 2))):
        points = rng.uniform(-5, 100, shape).astype(np.float32)
        got = run(answer, points, small, original)
        scale = np.array(original)[::-1] / np.array(small)[::-1]
        want = (points + 0.5) * scale - 0.5
        mistakes = {
            "off by (s − 1) / 2 px: `x * s` takes the middle of the first pixel for the picture's edge.": points
            * scale,
            "the origin was moved to the edge, and not moved back: take 0.5 away again.": (points + 0.5) * scale,
            "height and width are swapped: points are (x, y).": (points + 0.5) * scale[::-1] - 0.5,
            "off by (s − 1) / 2 px, and height and width are swapped.": points * scale[::-1],
            "both axes are stretched by the factor of the width.": (points + 0.5) * scale[0] - 0.5,
            "both axes are stretched by the factor of the height.": (points + 0.5) * scale[1] - 0.5,
            "this maps the original's points to the small picture.": (points + 0.5) / scale - 0.5,
            "the points are rounded: a landmark may lie between pixels.": want.round(),
            "the points are cut off at the edge: a landmark may lie outside.": want.clip(
                0, np.array(original)[::-1] - 1
            ),
        }
        expect_same(got, want, f"points go wrong from {small} to {original}.", mistakes, atol=1e-3)
