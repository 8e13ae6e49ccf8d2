# Code as learners write it.
import copy
import functools
import operator
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    default_convert,
)
from torchvision.datasets import ImageFolder

from answers import right, wrong
from helpers.exercises import ex01
from helpers.landmarks import MIRROR, load_image

# ---- crop


@wrong(ex01.crop, "row 5 never appears: offsets {0, 1}, expected {0, 1, 2}")
class NotesCrop:
    def __init__(self, output_size):
        assert isinstance(output_size, (int, tuple))
        if isinstance(output_size, int):
            self.output_size = (output_size, output_size)
        else:
            assert len(output_size) == 2
            self.output_size = output_size

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        h, w = image.shape[:2]
        new_h, new_w = self.output_size
        top = np.random.randint(0, h - new_h)
        left = np.random.randint(0, w - new_w)
        image = image[top : top + new_h, left : left + new_w]
        landmarks = landmarks - [left, top]
        return {"image": image, "landmarks": landmarks}


class Crop:
    """A right answer in pieces, from which the others below differ."""

    def __init__(self, output_size):
        self.output_size = (output_size, output_size) if np.isscalar(output_size) else output_size

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        self.look(image.shape[:2], self.output_size)
        new_h, new_w = self.output_size
        top, left = self.draw(image.shape[0], new_h), self.draw(image.shape[1], new_w)
        return {
            "image": image[top : top + new_h, left : left + new_w],
            "landmarks": self.move(landmarks, left, top),
        }

    def look(self, picture, crop):
        for large, small in zip(picture, crop, strict=True):
            if small > large:
                raise ValueError(f"{small} > {large}")

    def draw(self, large, small):
        return random.randint(0, large - small)  # both ends included

    def move(self, landmarks, left, top):
        return np.stack([landmarks[:, 0] - left, landmarks[:, 1] - top], axis=1)


right(ex01.crop)(Crop)


@right(ex01.crop)
class TorchCrop(Crop):
    def draw(self, large, small):
        return int(torch.randint(large - small + 1, ()))


@right(ex01.crop)
class CropWithItsOwnGenerator(Crop):
    def __init__(self, output_size):
        super().__init__(output_size)
        self.rng = np.random.default_rng()

    def draw(self, large, small):
        return self.rng.integers(0, large - small, endpoint=True)


@wrong(ex01.crop, "row 5 never appears")
class GuardForEqualityOnly(NotesCrop):
    def __call__(self, sample):
        if sample["image"].shape[:2] == tuple(self.output_size):
            return dict(sample)
        return super().__call__(sample)


@wrong(ex01.crop, "column 9 never appears: offsets {0, 1, 2, 3}, expected {0, 1, 2, 3, 4}")
class OnlyRowsAreRight(Crop):
    def draw(self, large, small):
        return random.randint(0, large - small - (large == 10))


@wrong(ex01.crop, "row 5 never appears: offsets {0}")
class FirstWindow(Crop):
    def draw(self, large, small):
        return 0


@wrong(ex01.crop, "some windows are never drawn: row offsets {0, 2}")
class CornersOnly(Crop):
    def draw(self, large, small):
        return random.choice([0, large - small])


@wrong(ex01.crop, "no window of the picture")
class OneTooLow(Crop):
    def draw(self, large, small):
        return super().draw(large, small) + 1

    def __call__(self, sample):
        crop = super().__call__(sample)
        new_h, new_w = self.output_size
        return {**crop, "image": np.resize(crop["image"], (new_h, new_w, 3))}


@wrong(ex01.crop, "has the shape (")
class MinusOne(Crop):
    def draw(self, large, small):
        return np.random.randint(0, large - small + 1) - 1


@wrong(ex01.crop, "a crop of 4 × 6 out of a picture of 6 × 10 comes out 6 × 4")
class WidthFirst(Crop):
    def __init__(self, output_size):
        super().__init__(output_size)
        self.output_size = self.output_size[::-1]


@wrong(ex01.crop, "by (top, left)")
class LeftAndTopSwapped(Crop):
    def move(self, landmarks, left, top):
        return landmarks - [top, left]


@wrong(ex01.crop, "the landmarks do not move.")
class LandmarksStay(Crop):
    def move(self, landmarks, left, top):
        return landmarks


@wrong(ex01.crop, "the wrong way")
class LandmarksMoveTheWrongWay(Crop):
    def move(self, landmarks, left, top):
        return landmarks + [left, top]


@wrong(ex01.crop, "work on a copy")
class LandmarksInPlace(Crop):
    def move(self, landmarks, left, top):
        landmarks -= [left, top]
        return landmarks


@wrong(ex01.crop, "work on a copy")
class SampleInPlace(Crop):
    def __call__(self, sample):
        sample.update(super().__call__(sample))
        return sample


@wrong(ex01.crop, "has the shape (4, 4, 3), expected (4, 6, 3)")
class SquareOnly(Crop):
    def __init__(self, output_size):
        side = min(output_size) if isinstance(output_size, tuple) else output_size
        super().__init__(side)


@wrong(ex01.crop, "the size 4 does not work")
class PairsOnly(Crop):
    def __init__(self, output_size):
        self.output_size = tuple(output_size)


@wrong(ex01.crop, "a crop as large as the picture fails")
class RefusesEqualSizes(Crop):
    def look(self, picture, crop):
        if crop[0] >= picture[0] or crop[1] >= picture[1]:
            raise ValueError(f"{crop} is too large for {picture}")


@wrong(ex01.crop, "raises AssertionError, and it must raise ValueError")
class AssertsTheSize(Crop):
    def look(self, picture, crop):
        assert crop[0] <= picture[0] and crop[1] <= picture[1], f"{crop} is too large for {picture}"


@wrong(ex01.crop, "a crop of 5 × 11 out of a picture of 6 × 10 returns something")
class LooksAtTheHeightOnly(Crop):
    def look(self, picture, crop):
        if crop[0] > picture[0]:
            raise ValueError(f"{crop} is too large for {picture}")

    def draw(self, large, small):
        return random.randint(0, max(0, large - small))


@wrong(ex01.crop, "does not name both sizes")
class DoesNotSayWhichSize(Crop):
    def look(self, picture, crop):
        if crop[0] > picture[0] or crop[1] > picture[1]:
            raise ValueError("the crop is too large")


@wrong(ex01.crop, "np.int64(4) does not work: AssertionError")
class IntOnly(Crop):
    def __init__(self, output_size):
        assert isinstance(output_size, (int, tuple))
        super().__init__(output_size)


@right(ex01.crop)
class LandmarksInDoublePrecision(Crop):
    def move(self, landmarks, left, top):
        return landmarks - [left, top]


@wrong(ex01.crop, "return a dict")
class PicturesOnly(Crop):
    def __call__(self, sample):
        return super().__call__(sample)["image"]


@wrong(ex01.crop, "`image` comes back as a tensor of shape (4, 6, 3), and it went in as an array")
class Tensors(Crop):
    def __call__(self, sample):
        return {key: torch.from_numpy(value) for key, value in super().__call__(sample).items()}


@right(ex01.crop)
class NotesCropMended(NotesCrop):
    def __init__(self, output_size):
        self.output_size = output_size if isinstance(output_size, tuple) else (output_size, output_size)

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        h, w = image.shape[:2]
        new_h, new_w = self.output_size
        if h < new_h or w < new_w:
            raise ValueError(f"{self.output_size} > {image.shape[:2]}")
        top = np.random.randint(0, h - new_h + 1)
        left = np.random.randint(0, w - new_w + 1)
        image = image[top : top + new_h, left : left + new_w]
        landmarks = landmarks - [left, top]
        return {"image": image, "landmarks": landmarks}


@right(ex01.crop)
class CropAsAFraction(Crop):
    def draw(self, large, small):
        return int((large - small + 1) * np.random.rand())


@right(ex01.crop)
class CropOfAllWindows(Crop):
    def __call__(self, sample):
        self.look(sample["image"].shape[:2], self.output_size)
        windows = np.lib.stride_tricks.sliding_window_view(sample["image"], self.output_size, axis=(0, 1))
        top, left = (np.random.choice(count) for count in windows.shape[:2])
        image = windows[top, left].transpose(1, 2, 0)
        return {"image": image, "landmarks": self.move(sample["landmarks"], left, top)}


class CropTwoOffsets(Crop):
    """In pieces as above, with both offsets from one function of the two gaps."""

    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        self.look(image.shape[:2], self.output_size)
        new_h, new_w = self.output_size
        top, left = self.offsets(image.shape[0] - new_h, image.shape[1] - new_w)
        image = image[top : top + new_h, left : left + new_w]
        return {"image": image, "landmarks": landmarks - np.float32([left, top])}


@wrong(ex01.crop, "column 9 never appears: offsets {0, 1, 2}")
class LeftFromTheHeight(CropTwoOffsets):
    def offsets(self, down, across):
        return random.randint(0, down), random.randint(0, down)


@wrong(ex01.crop, "has the shape")
class TopFromTheWidth(CropTwoOffsets):
    def offsets(self, down, across):
        return random.randint(0, across), random.randint(0, across)


@wrong(ex01.crop, "column 9 never appears: offsets {0, 1, 2}")
class OneOffsetForBoth(CropTwoOffsets):
    def offsets(self, down, across):
        return (random.randint(0, min(down, across)),) * 2


@wrong(ex01.crop, "top and left hang together")
class OneFractionForBoth(CropTwoOffsets):
    def offsets(self, down, across):
        share = random.random()
        return int(share * (down + 1)), int(share * (across + 1))


@wrong(ex01.crop, "column 9 never appears: offsets {2}, expected {0, 1, 2, 3, 4}")
class RandomOnlyDown(CropTwoOffsets):
    def offsets(self, down, across):
        return random.randint(0, down), across // 2


@wrong(ex01.crop, "row 5 never appears: offsets {0}, expected {0, 1, 2}")
class KeepsTheFirstPicturesRoom(CropTwoOffsets):
    def offsets(self, down, across):
        self.room = getattr(self, "room", (down, across))
        return random.randint(0, min(down, self.room[0])), random.randint(0, min(across, self.room[1]))


@wrong(ex01.crop, "with the numbers 0 … 255 of uint8")
class PictureInFloats(Crop):
    def __call__(self, sample):
        crop = super().__call__(sample)
        return {**crop, "image": crop["image"].astype(np.float32)}


@wrong(ex01.crop, "is no window of the picture")
class MirrorsByTheWay(Crop):
    def __call__(self, sample):
        crop = super().__call__(sample)
        return {**crop, "image": crop["image"][:, ::-1]}


@wrong(ex01.crop, "keep their place: do not clip them")
class LandmarksClipped(Crop):
    def move(self, landmarks, left, top):
        return (landmarks - [left, top]).clip(0)


@wrong(ex01.crop, "of 68 landmarks come back: keep those outside of the crop, too")
class LandmarksDropped(Crop):
    def move(self, landmarks, left, top):
        moved = landmarks - [left, top]
        return moved[(moved >= 0).all(axis=1)]


@wrong(ex01.crop, "the picture is divided by 255")
class PictureDividedBy255(Crop):
    def __call__(self, sample):
        crop = super().__call__(sample)
        return {**crop, "image": crop["image"] / 255}


@wrong(ex01.crop, "out of a picture of 6 × 10 returns something")
class CropsLessWherePicturesAreSmall(Crop):
    def __call__(self, sample):
        h, w = sample["image"].shape[:2]
        return Crop((min(h, self.output_size[0]), min(w, self.output_size[1])))(sample)


@wrong(ex01.crop, "a crop of 4 × 6 out of a picture of 6 × 10 has the shape (5, 5, 3)")
class SizeOnTheClass(Crop):
    def __init__(self, output_size):
        SizeOnTheClass.output_size = (output_size, output_size) if np.isscalar(output_size) else output_size


@wrong(ex01.crop, "has the shape (3, 6, 3), expected (4, 6, 3)")
class SmallerAfterARefusal(Crop):
    def look(self, picture, crop):
        self.output_size = np.minimum(picture, crop)
        super().look(picture, crop)


@wrong(ex01.crop, "is no window of the picture")
class OneBuffer(Crop):
    buffers = {}

    def __call__(self, sample):
        crop = super().__call__(sample)
        buffer = self.buffers.setdefault(crop["image"].dtype, np.empty_like(crop["image"]))
        buffer[...] = crop["image"]
        return {**crop, "image": buffer}


@wrong(ex01.crop, "your code gives None. `__call__` has no `return`")
class CropWithoutReturn(Crop):
    def __call__(self, sample):
        super().__call__(sample)


# ---- flip


@right(ex01.flip)
class FlipWithFliplr:
    def __call__(self, sample):
        image = np.fliplr(sample["image"])
        x, y = sample["landmarks"][MIRROR].T
        return {**sample, "image": image, "landmarks": np.stack([image.shape[1] - 1 - x, y], axis=1)}


@right(ex01.flip)
class FlipPointByPoint:
    def __call__(self, sample):
        image, landmarks = sample["image"], sample["landmarks"]
        w = image.shape[1]
        mirrored = np.empty_like(image)
        for column in range(w):
            mirrored[:, w - 1 - column] = image[:, column]
        points = landmarks.copy()
        for index, partner in enumerate(MIRROR):
            points[index] = w - 1 - landmarks[partner, 0], landmarks[partner, 1]
        return {"image": mirrored, "landmarks": points}


class Flip:
    """A right answer in pieces, from which those below differ."""

    def __call__(self, sample):
        points = sample["landmarks"].copy()
        points[:, 0] = sample["image"].shape[1] - 1 - points[:, 0]
        return {"image": self.mirror(sample["image"]), "landmarks": points[MIRROR]}

    def mirror(self, image):
        return image[:, ::-1].copy()


@right(ex01.flip)
class FlipInDoublePrecision:
    def __call__(self, sample):
        w = sample["image"].shape[1]
        return {
            "image": np.flip(sample["image"], 1),
            "landmarks": (sample["landmarks"] @ [[-1, 0], [0, 1]] + [w - 1, 0])[MIRROR],
        }


@right(ex01.flip)
class FlipByTorch:
    def __call__(self, sample):
        image = torch.from_numpy(sample["image"]).flip(1).numpy()
        points = torch.tensor(sample["landmarks"])[MIRROR]
        points[:, 0] = image.shape[1] - 1 - points[:, 0]
        return {"image": image, "landmarks": points.numpy()}


@wrong(ex01.flip, "the image is mirrored, the landmarks are not")
class ImageOnly(Flip):
    def __call__(self, sample):
        return {**super().__call__(sample), "landmarks": sample["landmarks"]}


@wrong(ex01.flip, "the image is not mirrored")
class LandmarksOnly(Flip):
    def mirror(self, image):
        return image


@wrong(ex01.flip, "mirrored without swapping the index pairs")
class NoSwap(Flip):
    def __call__(self, sample):
        flipped = super().__call__(sample)
        return {**flipped, "landmarks": flipped["landmarks"][MIRROR]}


@wrong(ex01.flip, "off by one pixel: the columns")
class OffByOne(Flip):
    def __call__(self, sample):
        flipped = super().__call__(sample)
        return {**flipped, "landmarks": flipped["landmarks"] + np.float32([1, 0])}


@wrong(ex01.flip, "off by one pixel, and the index pairs")
class OffByOneAndNoSwap(OffByOne):
    def __call__(self, sample):
        flipped = super().__call__(sample)
        return {**flipped, "landmarks": flipped["landmarks"][MIRROR]}


@wrong(ex01.flip, "swapped, but x is not mirrored")
class SwapOnly(Flip):
    def __call__(self, sample):
        return {**super().__call__(sample), "landmarks": sample["landmarks"][MIRROR]}


@wrong(ex01.flip, "it mirrors now and then")
class FlipHalf(ex01.flip.answer):
    def __call__(self, sample):
        return sample if np.random.rand() < 0.5 else super().__call__(sample)


@wrong(ex01.flip, "upside down")
class VerticalFlip(Flip):
    def mirror(self, image):
        return image[::-1].copy()


@wrong(ex01.flip, "the rows are reversed, too")
class TurnedAround(Flip):
    def mirror(self, image):
        return image[::-1, ::-1].copy()


@wrong(ex01.flip, "the image is not the mirrored picture")
class ColoursReversed(Flip):
    def mirror(self, image):
        return image[:, ::-1, ::-1].copy()


@wrong(ex01.flip, "x is mirrored by the height")
class HeightForWidth(Flip):
    def __call__(self, sample):
        points = sample["landmarks"].copy()
        points[:, 0] = sample["image"].shape[0] - 1 - points[:, 0]
        return {"image": self.mirror(sample["image"]), "landmarks": points[MIRROR]}


@wrong(ex01.flip, "lies at")
class MirrorsYToo(Flip):
    def __call__(self, sample):
        h, w = sample["image"].shape[:2]
        return {**super().__call__(sample), "landmarks": ([w - 1, h - 1] - sample["landmarks"])[MIRROR]}


@wrong(ex01.flip, "the order of the points is turned round")
class OrderReversed(Flip):
    def __call__(self, sample):
        flipped = super().__call__(sample)
        return {**flipped, "landmarks": flipped["landmarks"][MIRROR][::-1]}


@wrong(ex01.flip, "lies at")
class WholePixels(Flip):
    def __call__(self, sample):
        flipped = super().__call__(sample)
        return {**flipped, "landmarks": flipped["landmarks"].round()}


@wrong(ex01.flip, "`image` comes back as a tensor of shape (5, 8, 3), and it went in as an array")
class FlipToTensors(Flip):
    def __call__(self, sample):
        return {key: torch.tensor(value) for key, value in super().__call__(sample).items()}


@wrong(ex01.flip, "return a dict with `image` and `landmarks`, not a tuple of 2")
class FlipToPair(Flip):
    def __call__(self, sample):
        return tuple(super().__call__(sample).values())


@wrong(ex01.flip, "work on a copy")
class FlipPictureInPlace(Flip):
    def mirror(self, image):
        image[:] = image[:, ::-1].copy()
        return image


@right(ex01.flip)
class ReversedView(Flip):
    def mirror(self, image):
        return image[:, ::-1]


@wrong(ex01.flip, "work on a copy")
class FlipInPlace(Flip):
    def __call__(self, sample):
        sample["landmarks"][:, 0] = sample["image"].shape[1] - 1 - sample["landmarks"][:, 0]
        return {"image": self.mirror(sample["image"]), "landmarks": sample["landmarks"][MIRROR]}


@wrong(ex01.flip, "`image` comes back as float64")
class FloatImage(Flip):
    def mirror(self, image):
        return image[:, ::-1] * 1.0


@wrong(ex01.flip, "the image is not the mirrored picture")
class OneBufferForAll(Flip):
    buffers = {}

    def mirror(self, image):
        buffer = self.buffers.setdefault((image.shape, image.dtype), np.empty_like(image))
        buffer[...] = image[:, ::-1]
        return buffer


@wrong(ex01.flip, "the image is not the mirrored picture")
class RoundsTo255(Flip):
    def mirror(self, image):
        is_float = image.dtype != np.uint8
        return (np.round(image[:, ::-1] * 255) / 255).astype(image.dtype) if is_float else image[:, ::-1]


@wrong(ex01.flip, "the image is not mirrored")
class LeavesNarrowPictures(Flip):
    def __call__(self, sample):
        return sample if sample["image"].shape[1] < 4 else super().__call__(sample)


@wrong(ex01.flip, "IndexError: too many indices")
class TupleAsIndex(Flip):
    def __call__(self, sample):
        return {**sample, "landmarks": sample["landmarks"][tuple(MIRROR)]}


@wrong(ex01.flip, "your code cannot be used as the exercise asks. TypeError: 'dict' object is not callable")
def flip_function(sample={}):  # noqa: B006
    return dict(sample)


# ---- rescale


@right(ex01.rescale)
def shift_afterwards(points, small_size, original_size):
    s = np.divide(original_size, small_size)[::-1]
    return points * s + (s - 1) / 2


@right(ex01.rescale)
def one_axis_at_a_time(points, small_size, original_size):
    x, y = np.moveaxis(points, -1, 0)
    (small_h, small_w), (h, w) = small_size, original_size
    return np.stack([(x + 0.5) * w / small_w - 0.5, (y + 0.5) * h / small_h - 0.5], axis=-1)


@right(ex01.rescale)
def by_an_affine_matrix(points, small_size, original_size):
    (h, w), (H, W) = small_size, original_size
    matrix = np.array([[W / w, 0, (W / w - 1) / 2], [0, H / h, (H / h - 1) / 2]])
    return points @ matrix[:, :2].T + matrix[:, 2]


@right(ex01.rescale)
def by_shares_of_the_picture(points, small_size, original_size):
    share = (points + 0.5) / [small_size[1], small_size[0]]  # of width and height
    return share * [original_size[1], original_size[0]] - 0.5


@wrong(ex01.rescale, "a point goes wrong (x is `points[..., 0]`)")
def column_of_a_table(points, small_size, original_size):
    result = points.astype(float)
    for axis, s in enumerate(scales(small_size, original_size)):
        result[:, axis] = (points[:, axis] + 0.5) * s - 0.5
    return result


@wrong(ex01.rescale, "the fractions are cut off")
def into_an_empty_array(points, small_size, original_size):
    result = np.empty_like(points)
    for axis in range(2):
        s = original_size[1 - axis] / small_size[1 - axis]
        result[..., axis] = points[..., axis] * s + s / 2 - 0.5
    return result


@wrong(ex01.rescale, "return a new array, at each call: this one is the given one")
def the_given_at_equal_sizes(points, small_size, original_size):
    return points if small_size == original_size else shift_afterwards(points, small_size, original_size)


@wrong(ex01.rescale, "from (64, 64) to (200, 40), a point goes wrong")
def always_enlarges(points, small_size, original_size):
    s = np.maximum(scales(small_size, original_size), scales(original_size, small_size))
    return (points + 0.5) * s - 0.5


@wrong(ex01.rescale, "return an array, not a list of 68")
def a_list_of_points(points, small_size, original_size):
    return shift_afterwards(points, small_size, original_size).tolist()


def scales(small_size, original_size):
    return np.divide(original_size, small_size)[::-1]


@wrong(ex01.rescale, "off by (s − 1) / 2 px: ")
def as_the_notes_have_it(points, small_size, original_size):
    return points * scales(small_size, original_size)


@wrong(ex01.rescale, "off by (s − 1) / 2 px, and height and width")
def as_the_notes_and_swapped(points, small_size, original_size):
    return points * scales(small_size, original_size)[::-1]


@wrong(ex01.rescale, "height and width are swapped: ")
def swapped(points, small_size, original_size):
    return (points + 0.5) * scales(small_size, original_size)[::-1] - 0.5


@wrong(ex01.rescale, "by the factor of the width")
def width_for_both(points, small_size, original_size):
    return (points + 0.5) * scales(small_size, original_size)[0] - 0.5


@wrong(ex01.rescale, "by the factor of the height")
def height_for_both(points, small_size, original_size):
    return (points + 0.5) * scales(small_size, original_size)[1] - 0.5


@wrong(ex01.rescale, "the original's points to the small picture")
def backwards(points, small_size, original_size):
    return shift_afterwards(points, original_size, small_size)


@wrong(ex01.rescale, "rounded")
def rounded(points, small_size, original_size):
    return np.round(shift_afterwards(points, small_size, original_size))


@wrong(ex01.rescale, "cut off at the edge")
def clipped(points, small_size, original_size):
    h, w = original_size
    return shift_afterwards(points, small_size, original_size).clip(0, [w - 1, h - 1])


@wrong(ex01.rescale, "work on a copy")
def in_place(points, small_size, original_size):
    points += 0.5
    points *= scales(small_size, original_size)
    points -= 0.5
    return points


@wrong(ex01.rescale, "not moved back")
def forgot_to_shift_back(points, small_size, original_size):
    return (points + 0.5) * scales(small_size, original_size)


@wrong(ex01.rescale, "the edge was moved the wrong way")
def the_other_way(points, small_size, original_size):
    return (points - 0.5) * scales(small_size, original_size) + 0.5


@wrong(ex01.rescale, "from (64, 64) to (200, 40), a point goes wrong: point 0 (")
def whole_factors(points, small_size, original_size):
    s = np.array(original_size)[::-1] // np.array(small_size)[::-1]
    return (points + 0.5) * s - 0.5


@wrong(ex01.rescale, "a point goes wrong: point 0 (")
def one_pixel_for_a_half(points, small_size, original_size):
    return (points + 1) * scales(small_size, original_size) - 1


@wrong(ex01.rescale, "a point goes wrong")
def only_x(points, small_size, original_size):
    result = points.copy()
    result[..., 0] = shift_afterwards(points, small_size, original_size)[..., 0]
    return result


@wrong(ex01.rescale, "a point goes wrong")
def last_pixel_on_last_pixel(points, small_size, original_size):
    return points * (np.array(original_size) - 1)[::-1] / np.maximum(np.array(small_size) - 1, 1)[::-1]


@wrong(ex01.rescale, "It is an array of shape (68,), not an array of shape (68, 2)")
def only_the_x(points, small_size, original_size):
    return shift_afterwards(points, small_size, original_size)[..., 0]


@wrong(ex01.rescale, "`forgot_return` has no `return`")
def forgot_return(points, small_size, original_size):
    shift_afterwards(points, small_size, original_size)


@wrong(ex01.rescale, "ValueError")
def one_picture_only(points, small_size, original_size):
    x, y = points.T
    return shift_afterwards(np.stack([x, y], axis=1), small_size, original_size)


# ---- validation


@right(ex01.validation)
def a_generator_each(train_set, val_set, batch_size, seed):
    def generator():
        return torch.Generator().manual_seed(seed)

    return (
        DataLoader(train_set, batch_size, shuffle=True, generator=generator(), drop_last=True),
        DataLoader(val_set, batch_size, generator=generator()),
    )


@right(ex01.validation)
def sampler_with_a_generator(train_set, val_set, batch_size, seed):
    sampler = RandomSampler(train_set, generator=torch.Generator().manual_seed(seed))
    return [DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)]


class Shuffled(Subset):
    """A set in another order."""


class EpochSampler(Sampler):
    def __init__(self, size, seed):
        self.size, self.seed, self.epoch = size, seed, 0

    def __iter__(self):
        self.epoch += 1
        return iter(np.random.default_rng([self.seed, self.epoch]).permutation(self.size).tolist())

    def __len__(self):
        return self.size


@right(ex01.validation)
def seeded_by_epoch(train_set, val_set, batch_size, seed):
    sampler = EpochSampler(len(train_set), seed)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


@right(ex01.validation)
def batch_samplers(train_set, val_set, batch_size, seed):
    order = RandomSampler(train_set, generator=torch.Generator().manual_seed(seed))
    return (
        DataLoader(train_set, batch_sampler=BatchSampler(order, batch_size, drop_last=False)),
        DataLoader(val_set, batch_sampler=BatchSampler(SequentialSampler(val_set), batch_size, drop_last=False)),
    )


WORKERS = {"num_workers": 2, "persistent_workers": True, "timeout": 30}


@right(ex01.validation)
def with_workers(train_set, val_set, batch_size, seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size, True, generator=generator, **WORKERS)
    return [train_loader, DataLoader(val_set, batch_size, **WORKERS)]


class ReseedingSampler(EpochSampler):
    def __iter__(self):
        torch.manual_seed(self.seed)
        return iter(torch.randperm(self.size).tolist())


@wrong(ex01.validation, "changed places")
def loaders_exchanged(train_set, val_set, batch_size, seed):
    return ex01.validation.answer(train_set, val_set, batch_size, seed)[::-1]


@wrong(ex01.validation, "epochs 0 and 1 have the identical order")
def reseeding_at_every_epoch(train_set, val_set, batch_size, seed):
    sampler = ReseedingSampler(len(train_set), seed)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "walking the validation loader changes the training order from epoch 1 on")
def seed_first(train_set, val_set, batch_size, seed):
    torch.manual_seed(seed)
    return DataLoader(train_set, batch_size, shuffle=True), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "walking the validation loader changes the training order")
def no_generator(train_set, val_set, batch_size, seed):
    return DataLoader(train_set, batch_size, shuffle=True), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "walking the validation loader changes the training order from epoch 1 on")
def one_generator_for_both(train_set, val_set, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size, shuffle=True, generator=generator)
    return train_loader, DataLoader(val_set, batch_size, generator=generator)


@wrong(ex01.validation, "depends on the global generator")
def a_generator_for_validation_only(train_set, val_set, batch_size, seed):
    torch.manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size, shuffle=True)
    return train_loader, DataLoader(val_set, batch_size, generator=torch.Generator())


@wrong(ex01.validation, "walking the validation loader changes the training order from epoch 1 on")
def seeded_but_global(train_set, val_set, batch_size, seed):
    train_loader = DataLoader(train_set, batch_size, shuffle=True, generator=torch.manual_seed(seed))
    return train_loader, DataLoader(val_set, batch_size)


@wrong(ex01.validation, "making the loaders seeds or draws from torch's global generator")
def seeds_the_global_one_too(train_set, val_set, batch_size, seed):
    torch.manual_seed(seed)
    return ex01.validation.answer(train_set, val_set, batch_size, seed)


class NumPySampler(EpochSampler):
    def __iter__(self):
        return iter(np.random.permutation(self.size).tolist())


@wrong(ex01.validation, "depends on the global generator of NumPy")
def seeds_numpy(train_set, val_set, batch_size, seed):
    np.random.seed(seed)
    sampler = NumPySampler(len(train_set), seed)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


class PythonSampler(EpochSampler):
    def __iter__(self):
        return iter(random.sample(range(self.size), self.size))


@wrong(ex01.validation, "depends on the global generator of Python")
def seeds_python(train_set, val_set, batch_size, seed):
    random.seed(seed)
    sampler = PythonSampler(len(train_set), seed)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


SHARED = torch.Generator()


@wrong(ex01.validation, "two pairs of loaders with the same seed disturb each other")
def one_generator_for_all_calls(train_set, val_set, batch_size, seed):
    train_loader = DataLoader(train_set, batch_size, shuffle=True, generator=SHARED.manual_seed(seed))
    return train_loader, DataLoader(val_set, batch_size)


@wrong(ex01.validation, "epochs 0 and 1 have the identical order")
def shuffled_once(train_set, val_set, batch_size, seed):
    order = torch.randperm(len(train_set), generator=torch.Generator().manual_seed(seed)).tolist()
    return DataLoader(Shuffled(train_set, order), batch_size), DataLoader(val_set, batch_size)


class TwoOrders(EpochSampler):
    def __iter__(self):
        self.epoch = 1 - self.epoch
        return iter(np.random.default_rng([self.seed, self.epoch]).permutation(self.size).tolist())


@wrong(ex01.validation, "epochs 0 and 2 have the identical order")
def two_orders_in_turn(train_set, val_set, batch_size, seed):
    sampler = TwoOrders(len(train_set), seed)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "the training loader has 4 examples, not batch_size = 3")
def always_four(train_set, val_set, batch_size, seed):
    return sampler_with_a_generator(train_set, val_set, 4, seed)


@wrong(ex01.validation, "the validation loader has 1 examples, not batch_size = 4")
def validates_one_by_one(train_set, val_set, batch_size, seed):
    return sampler_with_a_generator(train_set, val_set, batch_size, seed)[0], DataLoader(val_set)


@wrong(ex01.validation, "the validation loader gives other examples")
def validates_on_training_examples(train_set, val_set, batch_size, seed):
    val_set.start = train_set.start
    return sampler_with_a_generator(train_set, val_set, batch_size, seed)


@wrong(ex01.validation, "the same call gives other orders each time")
def a_generator_without_a_seed(train_set, val_set, batch_size, seed):
    generator = torch.Generator()
    generator.seed()
    return DataLoader(train_set, batch_size, shuffle=True, generator=generator), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "depends on the seed of a global generator")
def a_seed_besides(train_set, val_set, batch_size, seed):
    return ex01.validation.answer(train_set, val_set, batch_size, seed + torch.initial_seed())


@wrong(ex01.validation, "seed 1 gives the same order")
def ignores_the_seed(train_set, val_set, batch_size, seed):
    return a_generator_each(train_set, val_set, batch_size, 0)


@wrong(ex01.validation, "is not shuffled")
def no_shuffle(train_set, val_set, batch_size, seed):
    return DataLoader(train_set, batch_size), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "8 of 10")
def drops_the_last_validation_batch(train_set, val_set, batch_size, seed):
    train_loader, _ = sampler_with_a_generator(train_set, val_set, batch_size, seed)
    return train_loader, DataLoader(val_set, batch_size, drop_last=True)


@wrong(ex01.validation, "validation gives the examples [10")
def shuffles_validation(train_set, val_set, batch_size, seed):
    train_loader, _ = sampler_with_a_generator(train_set, val_set, batch_size, seed)
    return train_loader, DataLoader(val_set, batch_size, shuffle=True)


@wrong(ex01.validation, "every training example once")
def draws_with_replacement(train_set, val_set, batch_size, seed):
    sampler = RandomSampler(train_set, replacement=True, generator=torch.Generator().manual_seed(seed))
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "training loader has 1 examples, not batch_size = 4")
def forgets_the_batch_size(train_set, val_set, batch_size, seed):
    return sampler_with_a_generator(train_set, val_set, 1, seed)


class Blocks(EpochSampler):
    """Whole batches in another order, two examples in each."""

    def __iter__(self):
        starts = RandomSampler(range(0, self.size, 2), generator=self.seed)
        return iter([index for start in starts for index in range(2 * start, min(2 * start + 2, self.size))])


class Rotation(EpochSampler):
    def __iter__(self):
        start = int(torch.randint(self.size, (), generator=self.seed))
        return iter([*range(start, self.size), *range(start)])


class FirstStays(EpochSampler):
    def __iter__(self):
        return iter([0, *(1 + torch.randperm(self.size - 1, generator=self.seed)).tolist()])


class ThreeOrders(EpochSampler):
    def __iter__(self):
        self.epoch = self.epoch % 3 + 1
        return iter(np.random.default_rng([self.seed, self.epoch]).permutation(self.size).tolist())


def shuffled_by(kind_of_sampler):
    def make_loaders(train_set, val_set, batch_size, seed):
        sampler = kind_of_sampler(len(train_set), torch.Generator().manual_seed(seed))
        return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set, batch_size)

    return make_loaders


wrong(ex01.validation, "3 examples have 6 orders, of which 2 appear")(shuffled_by(Blocks))
wrong(ex01.validation, "3 examples have 6 orders, of which 3 appear")(shuffled_by(Rotation))
wrong(ex01.validation, "3 examples have 6 orders, of which 2 appear")(shuffled_by(FirstStays))


@wrong(ex01.validation, "3 examples have 6 orders, of which 2 appear")
def three_orders(train_set, val_set, batch_size, seed):
    return DataLoader(train_set, batch_size, sampler=ThreeOrders(len(train_set), seed)), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "the training order depends on `batch_size`")
def seed_and_batch_size(train_set, val_set, batch_size, seed):
    return sampler_with_a_generator(train_set, val_set, batch_size, seed + batch_size)


@wrong(ex01.validation, "depends on the size of the validation set")
def seed_and_validation(train_set, val_set, batch_size, seed):
    return sampler_with_a_generator(train_set, val_set, batch_size, seed + len(val_set))


@wrong(ex01.validation, "the validation loader gives other examples")
def validates_on_the_training_set(train_set, val_set, batch_size, seed):
    train_loader, _ = sampler_with_a_generator(train_set, val_set, batch_size, seed)
    return train_loader, DataLoader(train_set, batch_size)


@wrong(ex01.validation, "validation gives the examples [109, 108")
def validates_backwards(train_set, val_set, batch_size, seed):
    train_loader, _ = sampler_with_a_generator(train_set, val_set, batch_size, seed)
    return train_loader, DataLoader(val_set, batch_size, sampler=range(len(val_set) - 1, -1, -1))


@wrong(ex01.validation, "an iterator ends after one epoch")
def iterators(train_set, val_set, batch_size, seed):
    return [iter(loader) for loader in sampler_with_a_generator(train_set, val_set, batch_size, seed)]


@wrong(ex01.validation, "return two loaders")
def training_only(train_set, val_set, batch_size, seed):
    return DataLoader(train_set, batch_size, shuffle=True)


@wrong(ex01.validation, "the training order depends on the clock")
def seeded_by_the_day(train_set, val_set, batch_size, seed):
    generator = torch.Generator().manual_seed(seed + int(time.time() // 86_400))
    return DataLoader(train_set, batch_size, shuffle=True, generator=generator), DataLoader(val_set, batch_size)


@wrong(ex01.validation, "the training order depends on the `hash` of a text")
def seeded_by_a_hash(train_set, val_set, batch_size, seed):
    generator = torch.Generator().manual_seed(hash(f"training {seed}") % 2**32)
    return DataLoader(train_set, batch_size, shuffle=True, generator=generator), DataLoader(val_set, batch_size)


@right(ex01.validation)
def seeded_by_the_hash_of_a_number(train_set, val_set, batch_size, seed):
    generator = torch.Generator().manual_seed(hash(seed))
    return DataLoader(train_set, batch_size, shuffle=True, generator=generator), DataLoader(val_set, batch_size)


# ---- loader


def keep(batch):
    return batch


def defined_in_a_notebook(function):
    function.__module__ = "__main__"
    setattr(sys.modules["__main__"], function.__name__, function)
    return function


@defined_in_a_notebook
def keep_in_the_notebook(batch):
    return batch


class CallableCollate:
    def __call__(self, batch):
        return [sample for sample in batch]


class Resized(list):
    """A dataset whose pictures all have one size."""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image[:, :3, :3], label


def loader_with(collate_fn, **options):
    def make_loader(dataset, batch_size):
        return DataLoader(dataset, batch_size, collate_fn=collate_fn, **{"num_workers": 2, **options})

    return make_loader


class ListLoader(DataLoader):
    """A loader whose batches are lists."""

    def __init__(self, dataset, batch_size):
        super().__init__(dataset, batch_size, num_workers=2, collate_fn=keep)


def as_lists(batch):
    return [list(sample) for sample in batch]


def as_columns(batch):
    return list(zip(*batch, strict=True))


def as_tensors(batch):
    return [(torch.tensor(np.asarray(image)), label) for image, label in batch]


def as_dict(batch):
    return dict(enumerate(batch))


def padded(batch):
    return [(np.pad(image, ((0, 9), (0, 9), (0, 0))), label) for image, label in batch]


def labels_as_tensors(batch):
    return [(image, torch.tensor(label)) for image, label in batch]


right(ex01.loader)(ListLoader)
wrong(ex01.loader, "a batch is [[a tensor of shape")(loader_with(as_lists))
wrong(ex01.loader, "a batch is a list of 2, not of 3 samples")(loader_with(as_columns))
wrong(ex01.loader, "in torch.uint8, 3)")(loader_with(as_tensors))
wrong(ex01.loader, "a batch is a dict of 3")(loader_with(as_dict))
wrong(ex01.loader, "a batch is [(an array of shape")(loader_with(padded))
wrong(ex01.loader, "a number in torch.int64")(loader_with(labels_as_tensors))
wrong(ex01.loader, "num_workers is 4, not 2")(loader_with(list, num_workers=4))
wrong(ex01.loader, "not a list")(loader_with(reversed))
right(ex01.loader)(loader_with(keep))
wrong(ex01.loader, "a batch is [[")(loader_with(default_convert))
right(ex01.loader)(loader_with(operator.itemgetter(slice(None))))
wrong(ex01.loader, "the samples come in another order")(
    loader_with(functools.partial(sorted, key=operator.itemgetter(1)))
)
right(ex01.loader)(loader_with(CallableCollate()))
right(ex01.loader)(loader_with(copy.deepcopy))
right(ex01.loader)(loader_with(list, multiprocessing_context="spawn", persistent_workers=True))

wrong(ex01.loader, "`collate_fn` cannot be pickled")(loader_with(lambda batch: batch))
wrong(ex01.loader, "a worker cannot find `keep_in_the_notebook`")(loader_with(keep_in_the_notebook))
wrong(ex01.loader, "cannot find `keep_in_the_notebook`")(loader_with(functools.partial(keep_in_the_notebook)))
wrong(ex01.loader, "`worker_init_fn` cannot be pickled")(loader_with(list, worker_init_fn=lambda worker: None))
wrong(ex01.loader, "pictures of unequal size cannot be stacked")(loader_with(None))
wrong(ex01.loader, "num_workers is 0")(loader_with(list, num_workers=0))
wrong(ex01.loader, "only `spawn` exists everywhere")(loader_with(keep, multiprocessing_context="fork"))
wrong(ex01.loader, "the last, smaller batch is missing")(loader_with(list, drop_last=True))
wrong(ex01.loader, "a batch is a tuple of 3, not a list")(loader_with(tuple))
wrong(ex01.loader, "the samples come in another order")(loader_with(list, shuffle=True))
wrong(ex01.loader, "a batch is a tuple of 2, not a list")(loader_with(operator.itemgetter(0)))


wrong(ex01.loader, "the batches come in any order")(loader_with(list, in_order=False))


@wrong(ex01.loader, "epoch 1 has 0 batches")
def batches_for_one_epoch(dataset, batch_size):
    batches = iter(BatchSampler(SequentialSampler(dataset), batch_size, drop_last=False))
    return DataLoader(dataset, batch_sampler=batches, num_workers=2, collate_fn=list)


@wrong(ex01.loader, "this chooses the start method itself")
def start_method_for_all(dataset, batch_size):
    torch.multiprocessing.set_start_method("spawn", force=True)
    return DataLoader(dataset, batch_size, num_workers=2, collate_fn=list)


@wrong(ex01.loader, "`collate_fn` cannot be pickled")
def a_function_inside(dataset, batch_size):
    def collate(batch):
        return batch

    return DataLoader(dataset, batch_size, num_workers=2, collate_fn=collate)


@wrong(ex01.loader, "and the list of its samples is [(a tensor of shape")
def one_size_for_all(dataset, batch_size):
    return DataLoader(Resized(dataset), batch_size, num_workers=2, collate_fn=list)


@wrong(ex01.loader, "a batch is a list of 1, not of 3 samples")
def ignores_the_batch_size(dataset, batch_size):
    return DataLoader(dataset, num_workers=2, collate_fn=list)


@wrong(ex01.loader, "return a DataLoader, not an object of type generator")
def batches_by_hand(dataset, batch_size):
    return (dataset[start : start + batch_size] for start in range(0, len(dataset), batch_size))


# ---- dataset


@wrong(ex01.dataset, "your code raises NotADirectoryError")
class ClassesAreFiles(Dataset):
    """All folders taken for pictures of the folder above."""

    def __init__(self, root, split):
        if split not in ("train", "val"):
            raise ValueError(split)
        self.classes = sorted(folder.name for folder in Path(root).iterdir())
        self.items = [file for name in self.classes for file in (Path(root) / name / "00.png").iterdir()]


class Photos(Dataset):
    """A right answer in pieces, from which the others below differ."""

    def __init__(self, root, split):
        if split not in ("train", "val"):
            raise ValueError("no such split")
        self.root, self.split = Path(root), split
        self.classes = self.find_classes()
        self.items = []
        for label, name in enumerate(self.classes):
            files = self.find_files(name)
            self.items += [(files[i], label) for i in range(len(files)) if self.takes(i)]

    def find_classes(self):
        return sorted(each.name for each in self.root.iterdir())

    def find_files(self, name):
        return sorted((self.root / name).iterdir())

    def takes(self, i):
        return (i % 5 == 0) == (self.split == "val")

    def __len__(self):
        return len(self.items)

    def read(self, file):
        return load_image(file)

    def __getitem__(self, index):
        file, label = self.items[index]
        return self.read(file), label


@right(ex01.dataset)
class PhotosByPillow(Photos):
    def read(self, file):
        try:
            with Image.open(file) as picture:
                return np.array(picture.convert("RGB"))
        except OSError as error:
            raise OSError(f"cannot read {file}") from error


@right(ex01.dataset)
class PhotosByImageFolder(Dataset):
    def __init__(self, root, split):
        is_held_back = {"train": False, "val": True}
        if split not in is_held_back:
            raise ValueError(split)
        folder = ImageFolder(root)
        self.classes, self.items = folder.classes, []
        for label in folder.class_to_idx.values():
            files = [file for file, of in folder.samples if of == label]
            self.items += [(file, label) for i, file in enumerate(files) if (i % 5 == 0) is is_held_back[split]]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return load_image(self.items[index][0]), self.items[index][1]


@right(ex01.dataset)
class PhotosWithTwoLists:
    """No subclass of Dataset: a length and an index are enough."""

    def __init__(self, root, split):
        pick = {"train": lambda files: [file for i, file in enumerate(files) if i % 5], "val": lambda files: files[::5]}
        if split not in pick:
            raise ValueError(f"unknown split {split}")
        self.classes = sorted(os.listdir(root))
        chosen = [pick[split](sorted(Path(root, name).glob("*"))) for name in self.classes]
        self.files = [file for files in chosen for file in files]
        self.labels = np.repeat(range(len(chosen)), [len(files) for files in chosen])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return [load_image(self.files[index]), self.labels[index]]


@right(ex01.dataset)
class PhotosSortedLast(Photos):
    def find_files(self, name):
        return [self.root / name / file for file in sorted(os.listdir(self.root / name))]


@wrong(ex01.dataset, "`classes` is ")
class ClassesAsTheyCome(Photos):
    def find_classes(self):
        return sorted((each.name for each in self.root.iterdir()), reverse=True)


@wrong(ex01.dataset, "is not the picture ants/")
class FilesAsTheyCome(Photos):
    def find_files(self, name):
        return sorted((self.root / name).iterdir(), reverse=True)


@wrong(ex01.dataset, "split='train' has 20 pictures, not 14")
class NoSplit(Photos):
    def takes(self, i):
        return True


@wrong(ex01.dataset, "split='train' has 6 pictures, not 14")
class SplitsExchanged(Photos):
    def takes(self, i):
        return not super().takes(i)


@wrong(ex01.dataset, "split='train' has 17 pictures, not 14")
class TheLastOfFive(Photos):
    def takes(self, i):
        return (i % 5 == 4) == (self.split == "val")


@wrong(ex01.dataset, "split='train' has 16 pictures, not 14")
class EveryFifthOfAll(Photos):
    """Not of each class."""

    def __init__(self, root, split):
        self.split = "all"
        super().__init__(root, split)
        self.items = [item for i, item in enumerate(self.items) if (i % 5 == 0) == (split == "val")]

    def takes(self, i):
        return True


@wrong(ex01.dataset, "has the label 'ants', not 0")
class NamesForLabels(Photos):
    def __getitem__(self, index):
        picture, label = super().__getitem__(index)
        return picture, self.classes[label]


@wrong(ex01.dataset, "has the label 1, not 0")
class LabelsFromOne(Photos):
    def __getitem__(self, index):
        picture, label = super().__getitem__(index)
        return picture, label + 1


@wrong(ex01.dataset, "not a pair of picture and label")
class PicturesWithoutLabels(Photos):
    def __getitem__(self, index):
        return super().__getitem__(index)[0]


@wrong(ex01.dataset, "not a uint8 array as `load_image` gives it")
class PillowPictures(Photos):
    def read(self, file):
        return Image.open(file)


@wrong(ex01.dataset, "ants/04.png")
class GreyStaysGrey(Photos):
    def read(self, file):
        try:
            return np.array(Image.open(file))
        except OSError as error:
            raise OSError(f"cannot read {file}") from error


@wrong(ex01.dataset, "is it read when somebody asks for it?")
class AllReadAtOnce(Photos):
    def __init__(self, root, split):
        super().__init__(root, split)
        self.pictures = {file: load_image(file) for file, _ in self.items}

    def read(self, file):
        return self.pictures[file]


@wrong(ex01.dataset, "a file that is cut short must raise an OSError or a ValueError that names it")
class PillowsOwnErrors(Photos):
    def read(self, file):
        return np.array(Image.open(file).convert("RGB"))


@wrong(ex01.dataset, "a file that is missing raises nothing")
class BlackForMissing(Photos):
    def read(self, file):
        return load_image(file) if file.exists() else np.zeros((8, 8, 3), np.uint8)


@wrong(ex01.dataset, "a file that is missing must raise an OSError or a ValueError that names it")
class OneErrorForAll(Photos):
    def read(self, file):
        try:
            return load_image(file)
        except Exception:
            raise ValueError("a bad file") from None


@wrong(ex01.dataset, "must raise an IndexError")
class EndlessPhotos(Photos):
    def __getitem__(self, index):
        return super().__getitem__(index % len(self))


@wrong(ex01.dataset, "split='test' must raise a ValueError")
class AnySplit(Photos):
    def __init__(self, root, split):
        super().__init__(root, "val" if split == "val" else "train")


@wrong(ex01.dataset, "split='train' has 6 pictures, not 14")
class ItemsOnTheClass(Photos):
    def __init__(self, root, split):
        super().__init__(root, split)
        ItemsOnTheClass.all_items = self.items

    def __len__(self):
        return len(self.all_items)


@wrong(ex01.dataset, "TypeError: 'NoneType' object cannot be interpreted as an integer")
class LengthWithoutReturn(Photos):
    def __len__(self):
        len(self.items)


# ---- thrift


class Thrifty(Dataset):
    """A right answer in pieces, from which the others below differ."""

    def __init__(self, stages):
        self.stages = stages
        self.names, self.landmarks = stages["table"]()
        self.made = {}

    def __len__(self):
        return len(self.names)

    def make(self, index):
        sample = {"image": self.stages["decode"](self.names[index]), "landmarks": self.landmarks[index]}
        return self.stages["resize"](sample)

    def small(self, index):
        if index not in self.made:
            self.made[index] = self.make(index)
        return self.made[index]

    def __getitem__(self, index):
        return self.stages["crop"](self.small(index))


right(ex01.thrift)(Thrifty)


@right(ex01.thrift)
class ThriftyByCache(Thrifty):
    def __init__(self, stages):
        super().__init__(stages)
        self.kept = functools.cache(self.make)

    def __getitem__(self, index):
        return self.stages["crop"](self.kept(index))


@right(ex01.thrift)
class ThriftyInTwoSteps:
    def __init__(self, stages):
        names, points = stages["table"]()
        images = [stages["decode"](name) for name in names]
        self.samples = [
            {"image": image, "landmarks": landmarks} for image, landmarks in zip(images, points, strict=True)
        ]
        self.samples = list(map(stages["resize"], self.samples))
        self.crop = stages["crop"]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.crop(self.samples[index])


@right(ex01.thrift)
class ThriftyWithGaps(Thrifty):
    def __init__(self, stages):
        super().__init__(stages)
        self.made = [None] * len(self.names)

    def small(self, index):
        if self.made[index] is None:
            self.made[index] = self.make(index)
        return self.made[index]


@wrong(ex01.thrift, "`table` is called")
class AsSlowAsBefore(Thrifty):
    def __len__(self):
        return len(self.stages["table"]()[0])

    def __getitem__(self, index):
        self.names, self.landmarks = self.stages["table"]()
        return self.stages["crop"](self.make(index))


@wrong(ex01.thrift, "`decode` is called 90 times; enough is 30")
class TableOnce(Thrifty):
    small = Thrifty.make


@wrong(ex01.thrift, "`resize` is called 90 times; enough is 30")
class DecodedOnce(Thrifty):
    def __init__(self, stages):
        super().__init__(stages)
        self.images = list(map(stages["decode"], self.names))

    def small(self, index):
        return self.stages["resize"]({"image": self.images[index], "landmarks": self.landmarks[index]})


@wrong(ex01.thrift, "`table` is called 3 times; enough is 1")
class TableForTheLength(Thrifty):
    def __len__(self):
        return len(self.stages["table"]()[0]) if not self.made else len(self.names)


@wrong(ex01.thrift, "in epoch 1, sample 21 is an old crop: crop it anew")
class CropsKept(Thrifty):
    def make(self, index):
        return self.stages["crop"](super().make(index))

    def __getitem__(self, index):
        return self.small(index)


@wrong(ex01.thrift, "in epoch 0, sample 2 is an old crop")
class CropsMadeBefore(Thrifty):
    def __init__(self, stages):
        super().__init__(stages)
        self.samples = [stages["crop"](self.make(index)) for index in range(len(self.names))]

    def __getitem__(self, index):
        return self.samples[index]


@wrong(ex01.thrift, "sample 2 of epoch 0 is not what `crop` makes of face 2, resized")
class CropsOfCrops(Thrifty):
    def small(self, index):
        return self.stages["crop"](super().small(index))


@wrong(ex01.thrift, "is not what `crop` makes of face 2, resized")
class OneForAll(Thrifty):
    def small(self, index):
        return super().small(4)


@wrong(ex01.thrift, "is not what `crop` makes of face 2, resized")
class NeverResized(Thrifty):
    def make(self, index):
        return {"image": self.stages["decode"](self.names[index]), "landmarks": self.landmarks[index]}


@wrong(ex01.thrift, "is not what `crop` makes of face 2, resized")
class PointsForgotten(Thrifty):
    def make(self, index):
        return super().make(index) | {"landmarks": self.landmarks[index]}


@wrong(ex01.thrift, "sample 21 of epoch 1 is not what `crop` makes")
class CropsKeptAsSamples(Thrifty):
    def __getitem__(self, index):
        self.made[index] = super().__getitem__(index)
        return self.made[index]


@wrong(ex01.thrift, "a table of 30 faces makes a dataset of 29")
class OneShort(Thrifty):
    def __len__(self):
        return len(self.names) - 1


@wrong(ex01.thrift, "must raise an IndexError")
class RoundAndRound(Thrifty):
    def __getitem__(self, index):
        return self.stages["crop"](self.small(index % len(self.names)))


@wrong(ex01.thrift, "your code gives None. `__getitem__` has no `return`")
class FacesWithoutReturn(Thrifty):
    def __getitem__(self, index):
        self.stages["crop"](self.small(index))


@wrong(ex01.thrift, "a table of 30 faces makes a dataset of 20")
class FirstTwenty(Thrifty):
    def __len__(self):
        return min(20, len(self.names))


@wrong(ex01.thrift, "the same crops come again: something seeds the global generator")
class SeededByIndex(Thrifty):
    def __getitem__(self, index):
        np.random.seed(index)
        return super().__getitem__(index)
