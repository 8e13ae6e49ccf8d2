"""Exercises on transforms: a sample is a picture with its landmarks."""

# As in the notes, random transforms draw from NumPy's global generator.

import re
from itertools import product

import numpy as np

from helpers.exercises.core import exercise
from helpers.exercises.words import error_of, expect, expect_result, expect_same, kind, reject, run, same
from helpers.landmarks import MIRROR


def _make_sample(rng: np.random.Generator, height: int, width: int, dtype=np.uint8) -> dict:
    """Return a sample as it is read (uint8) or as `Rescale` gives it (float32 in [0, 1]); no two pixels are equal."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows, columns, rng.integers(0, 256, (height, width))], axis=-1).astype(np.uint8)
    image = image if dtype == np.uint8 else image.astype(dtype) / 257  # no multiples of 1/255: none may be rounded
    return {"image": image, "landmarks": rng.uniform(-2, 12, (68, 2)).astype(np.float32)}


def _transformed(transform, sample: dict) -> dict:
    result = run(transform, sample)
    expect_result(result)
    is_sample = isinstance(result, dict) and result.keys() >= sample.keys()
    expect(is_sample, f"return a dict with `image` and `landmarks`, not {kind(result)}.")
    for key in sample:
        is_array = isinstance(result[key], np.ndarray)
        expect(is_array, f"`{key}` comes back as {kind(result[key])}, and it went in as {kind(sample[key])}.")
    return result


def _expect_kept_scale(result: dict, sample: dict) -> None:
    """Expect whole numbers 0 … 255 to stay uint8, by which `ToTensor` tells that it has to scale them."""
    got, want = result["image"].dtype, sample["image"].dtype
    changed = want == np.uint8 != got
    reject(changed, f"`image` comes back as {got} with the numbers 0 … 255 of uint8: `ToTensor` would not scale it.")


def _expect_points(got, want, message: str, mistakes: dict[str, object], atol: float = 1e-4, given=None) -> None:
    """Expect these points (…, 2); where they are none of the mistakes, the message shows the first wrong one."""
    if np.shape(got) == want.shape:
        is_right = np.isclose(np.asarray(got, dtype=float), want, rtol=0, atol=atol).all(axis=-1)
        for index in map(tuple, np.argwhere(~is_right)[:1]):
            name = f"point {', '.join(map(str, index)) or 0}"
            does = "lies at" if given is None else f"{_point(given[index])} becomes"
            message += f" {name} {does} {_point(np.asarray(got)[index])}, expected {_point(want[index])}."
    expect_same(got, want, message, mistakes, atol)


def _point(point) -> str:
    return f"({point[0]:.6g}, {point[1]:.6g})"


# ---- crop


class RandomCrop:
    """Crop a random window out of a sample; `output_size` is an int or (height, width)."""

    def __init__(self, output_size):
        self.output_size = (output_size, output_size) if np.ndim(output_size) == 0 else output_size

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        h, w = image.shape[:2]
        new_h, new_w = self.output_size
        if new_h > h or new_w > w:
            raise ValueError(f"A crop of {new_h} × {new_w} does not fit into a picture of {h} × {w}.")
        top = np.random.randint(0, h - new_h + 1)  # the upper end is not drawn
        left = np.random.randint(0, w - new_w + 1)
        image = image[top : top + new_h, left : left + new_w]
        return {"image": image, "landmarks": landmarks - [left, top]}


def _window(image, top: int, left: int, height: int, width: int):
    return image[top : top + height, left : left + width]


def _offset(crop: dict, sample: dict, height: int, width: int) -> tuple[int, int]:
    """Return the (top, left) of a crop, after making sure that picture and landmarks agree on it."""
    image, landmarks = crop["image"], sample["landmarks"]
    h, w, _ = sample["image"].shape
    case = f"a crop of {height} × {width} out of a picture of {h} × {w}"
    exchanged = image.shape[:2] == (width, height) != (height, width)
    reject(exchanged, f"{case} comes out {width} × {height}: a size is (height, width).")
    shape = (height, width, 3)
    expect(image.shape == shape, f"{case} has the shape {image.shape}, expected {shape}.")
    offsets = list(product(range(h - height + 1), range(w - width + 1)))
    windows = {at: _window(sample["image"], *at, height, width) for at in offsets}
    top, left = next((at for at in offsets if np.array_equal(image, windows[at])), (None, None))
    scaled = top is None and any(np.allclose(image * 255.0, window) for window in windows.values())
    reject(scaled, "the picture is divided by 255: a crop leaves its numbers as they are.")
    expect(top is not None, f"{case} is no window of the picture.")
    left_over = len(np.atleast_1d(crop["landmarks"]))
    expect(left_over == 68, f"{left_over} of 68 landmarks come back: keep those outside of the crop, too.")
    moved = landmarks - (left, top)
    is_inside = ((moved >= 0) & (moved <= (width - 1, height - 1))).all(axis=1, keepdims=True)
    mistakes = {
        "the image is cropped, the landmarks do not move.": landmarks,
        "the landmarks move by (top, left), but they are (x, y): x goes with left.": landmarks - (top, left),
        "the landmarks move the wrong way.": landmarks + (left, top),
        "landmarks outside of the crop keep their place: do not clip them.": np.where(
            is_inside, moved, crop["landmarks"]
        ),
    }
    message = f"the landmarks do not move with a crop at top {top}, left {left}:"
    _expect_points(crop["landmarks"], moved, message, mistakes, given=landmarks)
    _expect_kept_scale(crop, sample)
    return top, left


def _expect_all_offsets(drawn: set[tuple[int, int]], picture: tuple[int, int], crop: tuple[int, int]) -> None:
    for i, axis in enumerate(("row", "column")):
        got, want = {offset[i] for offset in drawn}, set(range(picture[i] - crop[i] + 1))
        last = picture[i] - 1
        reject(max(want) not in got, f"{axis} {last} never appears: offsets {got}, expected {want}.")
        expect(got == want, f"some windows are never drawn: {axis} offsets {got}, expected {want}.")
    every = set(np.ndindex(picture[0] - crop[0] + 1, picture[1] - crop[1] + 1))
    missing = min(every - drawn, default=None)
    expect(missing is None, f"top and left hang together: of all (top, left), {missing} is one that never comes.")


def _expect_refused(answer, sample: dict, size, numbers: set[str]) -> None:
    height, width = sample["image"].shape[:2]
    case = f"a crop of {size[0]} × {size[1]} out of a picture of {height} × {width}"
    error = error_of(lambda: answer(size)(sample))
    what_it_does = f"raises {type(error).__name__}" if error else "returns something"
    expect(isinstance(error, ValueError), f"{case} {what_it_does}, and it must raise ValueError.")
    named = numbers <= set(re.findall(r"\d+", str(error)))
    expect(named, f"the ValueError for {case} does not name both sizes; it says: {error}")


@exercise(
    solution=RandomCrop,
    hints=(
        "Crop 4 rows out of 6. Which values may `top` have? Which of them does `np.random.randint(0, 2)` draw?",
        "`np.random.randint(low, high)` never draws `high`. What is left to draw when crop and picture are equal?",
        "Look at the sizes before you draw. `np.ndim(size) == 0` holds for every kind of whole number.",
    ),
    needs=("torchvision",),
)
def crop(answer):
    """Every window can be drawn, one as large as the picture too, and the landmarks move with it."""
    rng = np.random.default_rng(0)
    size, transform, _ = (4, 6), answer((4, 6)), answer((5, 5))
    for picture in ((3, 9), (4, 6)):  # what was refused or cropped before must leave no trace
        error_of(transform, _make_sample(rng, *picture))
    # more room across than down, then the other way round, through one and the same object
    for picture, dtype in (((6, 10), np.float32), ((9, 7), np.uint8)):
        samples = [_make_sample(rng, *picture, dtype) for _ in range(300)]
        crops = [_transformed(transform, sample) for sample in samples]
        drawn = {_offset(crop, sample, *size) for crop, sample in zip(crops, samples, strict=True)}
        _expect_all_offsets(drawn, picture, size)

    for picture, size in (((6, 10), (6, 10)), ((4, 10), (4, 6)), ((6, 6), (4, 6)), ((1, 1), (1, 1))):
        sample = _make_sample(rng, *picture)
        error = error_of(lambda sample, size: _offset(_transformed(answer(size), sample), sample, *size), sample, size)
        case = f"a crop of {size[0]} × {size[1]} out of a picture of {picture[0]} × {picture[1]}"
        what = "a crop as large as the picture fails" if picture == size else f"{case} fails"
        expect(error is None, f"{what}: {type(error).__name__}: {error}")
    sample = _make_sample(rng, 6, 10)
    for size, numbers in {(7, 4): {"7", "6"}, (5, 11): {"11", "10"}, (5, 13): {"13", "10"}}.items():
        _expect_refused(answer, sample, size, numbers)
    whole, other = np.int64(4), np.int64(5)  # NumPy 1 writes them as 4 and 5, so the message has names for them
    for name, size in {"4": 4, "np.int64(4)": whole, "(np.int64(4), np.int64(5))": (whole, other)}.items():
        height, width = size if isinstance(size, tuple) else (size, size)
        error = error_of(
            lambda size, h, w: _offset(_transformed(answer(size), sample), sample, h, w), size, height, width
        )
        expect(error is None, f"the size {name} does not work: {type(error).__name__} {error}")


# ---- flip


class HorizontalFlip:
    """Mirror a sample, left and right exchanged."""

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        mirrored = landmarks.copy()
        mirrored[:, 0] = image.shape[1] - 1 - landmarks[:, 0]
        return {"image": image[:, ::-1], "landmarks": mirrored[MIRROR]}


@exercise(
    solution=HorizontalFlip,
    hints=(
        "Columns run from 0 to w − 1. Where does column 0 go, and where does column w − 1?",
        "Landmark 36 is the outer corner of the eye on the left of the picture. After mirroring, which point is that?",
        "`mirrored[MIRROR]` puts the points in order again. `image[:, ::-1]` is the picture with its columns reversed.",
    ),
    needs=("torchvision",),
)
def flip(answer):
    """The picture and x are mirrored, and each landmark again marks what its index says."""
    rng = np.random.default_rng(0)
    transform = answer()
    for height, width, dtype in ((5, 8, np.uint8), (8, 5, np.float32), (3, 2, np.uint8), (3, 1, np.uint8)):
        samples = [_make_sample(rng, height, width, dtype) for _ in range(20)]
        results = [_transformed(transform, sample) for sample in samples]
        pairs = list(zip(results, samples, strict=True))
        mirrors = {same(result["image"], sample["image"][:, ::-1]) for result, sample in pairs}
        are_left = any(same(result["image"], sample["image"]) for result, sample in pairs)
        reject(len(mirrors) == 2 and are_left, "it mirrors now and then: leave nothing to chance here.")
        for result, sample in pairs:
            image, points = sample["image"], sample["landmarks"]
            pictures = {
                "the image is not mirrored.": image,
                "the picture is upside down: mirror the columns.": image[::-1],
                "the rows are reversed, too: mirror the columns only.": image[::-1, ::-1],
            }
            mirrored = points * (-1, 1) + (width - 1, 0)
            mistakes = {
                "the image is mirrored, the landmarks are not.": points,
                "x is mirrored without swapping the index pairs: point 36 is now an eye on the right.": mirrored,
                "the index pairs are swapped, but x is not mirrored.": points[MIRROR],
                "the order of the points is turned round: `MIRROR` says which takes whose place.": mirrored[::-1],
                "x is mirrored by the height: w is `image.shape[1]`.": (points * (-1, 1) + (height - 1, 0))[MIRROR],
                "w − x is off by one pixel: the columns run from 0 to w − 1.": mirrored[MIRROR] + (1, 0),
                "w − x is off by one pixel, and the index pairs are not swapped.": mirrored + (1, 0),
            }
            expect_same(result["image"], image[:, ::-1], "the image is not the mirrored picture.", pictures, atol=0)
            _expect_points(result["landmarks"], mirrored[MIRROR], f"in a picture {width} wide,", mistakes)
            _expect_kept_scale(result, sample)


# ---- rescale


def points_on_original(points, small_size, original_size):
    """Map (x, y) on a resized picture to the original; the sizes are (height, width)."""
    small_h, small_w = small_size
    original_h, original_w = original_size
    scale = [original_w / small_w, original_h / small_h]
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
    cases = (
        ((64, 64), (200, 40), (68, 2), np.float32),
        ((96, 128), (48, 400), (3, 68, 2), int),
        ((1, 1), (7, 5), (2,), np.float64),
        ((60, 80), (60, 80), (1, 1, 4, 2), np.float64),
    )
    for small, original, shape, dtype in cases:
        points = rng.uniform(-5, 100, shape).astype(dtype)
        got = run(answer, points, small, original)
        expect_result(got)
        expect(isinstance(got, np.ndarray), f"return an array, not {kind(got)}.")
        is_new = not any(np.shares_memory(got, each) for each in (points, run(answer, points, small, original)))
        expect(is_new, "return a new array, at each call: this one is the given one or that of another call.")
        scale = np.array(original)[::-1] / np.array(small)[::-1]
        want = (points + 0.5) * scale - 0.5
        last = np.array(original)[::-1] - 1  # the middle of the last pixel
        axis = " (x is `points[..., 0]`)" if points.ndim != 2 else ""
        mistakes = {
            "off by (s − 1) / 2 px: `x * s` takes the middle of the first pixel for the picture's edge.": points
            * scale,
            "the origin was moved to the edge, and not moved back: take 0.5 away again.": (points + 0.5) * scale,
            "the edge was moved the wrong way: it is at −0.5, so add 0.5 first.": (points - 0.5) * scale + 0.5,
            "height and width are swapped: points are (x, y).": (points + 0.5) * scale[::-1] - 0.5,
            "off by (s − 1) / 2 px, and height and width are swapped.": points * scale[::-1],
            "both axes are stretched by the factor of the width.": (points + 0.5) * scale[0] - 0.5,
            "both axes are stretched by the factor of the height.": (points + 0.5) * scale[1] - 0.5,
            "this maps the original's points to the small picture.": (points + 0.5) / scale - 0.5,
            "the points are rounded: a landmark may lie between pixels.": want.round(),
            "the fractions are cut off: a copy of whole numbers holds none.": np.trunc(want),
            "the points are cut off at the edge: a landmark may lie outside.": want.clip(0, last),
        }
        _expect_points(
            got, want, f"from {small} to {original}, a point goes wrong{axis}:", mistakes, 2e-4, given=points
        )
