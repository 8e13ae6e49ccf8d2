"""A canvas with soft brushes, painted large and reduced at the end."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .curves import between

SUPERSAMPLE = 3


def rgb(colour) -> tuple[int, int, int]:
    """Return a colour of three numbers in 0 … 255 as a tuple of integers."""
    return tuple(np.clip(np.rint(colour), 0, 255).astype(int).tolist())


class Canvas:
    """A picture to paint on, in the coordinates of the finished picture (pixel centres at whole numbers)."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE))

    def to_canvas(self, points) -> np.ndarray:
        return (np.asarray(points, float) + 0.5) * SUPERSAMPLE - 0.5

    def mask(self, outlines, soft: float = 0.0, alpha: float = 1.0, clip=None):
        """Return (box, mask) of closed outlines (a list of N×2 arrays), blurred by `soft` pixels; None where off the canvas."""
        outlines = [self.to_canvas(outline) for outline in outlines]
        blur = float(soft) * SUPERSAMPLE
        corners = np.concatenate(outlines)
        left, top = np.maximum(np.floor(corners.min(0) - 2.5 * blur - 1), 0).astype(int)
        right, bottom = np.minimum(np.ceil(corners.max(0) + 2.5 * blur + 2), self.image.size).astype(int)
        if left >= right or top >= bottom:
            return None
        shrink = max(1, int(blur / 3))    # a wide blur is drawn small: it holds no detail
        size = (-(-(right - left) // shrink), -(-(bottom - top) // shrink))
        mask = Image.new("L", size)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon((((outline - (left, top)) + 0.5) / shrink - 0.5).ravel().tolist(), fill=int(255 * alpha))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur / shrink))
        if shrink > 1:
            mask = mask.resize((size[0] * shrink, size[1] * shrink), Image.Resampling.BILINEAR)
        mask = mask.crop((0, 0, right - left, bottom - top))
        box = (int(left), int(top), int(right), int(bottom))
        return box, ImageChops.multiply(mask, clip.crop(box)) if clip else mask

    def region(self, *outlines, soft: float = 0.0) -> Image.Image:
        """Return a mask of the whole canvas, to clip later strokes with."""
        whole = Image.new("L", self.image.size)
        if found := self.mask(outlines, soft):
            whole.paste(found[1], found[0])
        return whole

    def fill(self, outline, colour, soft: float = 0.0, alpha: float = 1.0, clip=None) -> None:
        """Paint the inside of one outline, or of a list of them, with a colour or a picture as large as the canvas."""
        found = self.mask(outline if isinstance(outline, list) else [outline], soft, alpha, clip)
        if found:
            box, mask = found
            self.image.paste(colour.crop(box) if isinstance(colour, Image.Image) else rgb(colour), box, mask)

    def stroke(self, line, width, colour, soft: float = 0.0, alpha: float = 1.0, clip=None) -> None:
        """Paint along a line; `width` is one number, or one for each point so that the stroke tapers."""
        line = np.asarray(line, float)
        along = np.gradient(line, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
        half = np.broadcast_to(np.asarray(width, float), len(line))[:, None] / 2 * along[:, ::-1] * (1, -1)
        self.fill(np.concatenate([line + half, (line - half)[::-1]]), colour, soft, alpha, clip)

    def dot(self, centre, radius, colour, soft: float = 0.0, alpha: float = 1.0, clip=None) -> None:
        """Paint a disc, or an ellipse where `radius` is a pair."""
        angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        self.fill(np.asarray(centre) + circle * radius, colour, soft, alpha, clip)

    def segments(self, starts, ends, widths, colours) -> None:
        """Paint many opaque straight lines, in order: starts and ends (N×2), a width and a colour for each."""
        corners = np.concatenate([self.to_canvas(starts), self.to_canvas(ends)], axis=1).tolist()
        widths = np.maximum(1, np.rint(np.broadcast_to(widths, len(corners)) * SUPERSAMPLE)).astype(int).tolist()
        pen = ImageDraw.Draw(self.image)
        for corner, width, colour in zip(corners, widths, map(tuple, np.clip(colours, 0, 255).astype(int).tolist())):
            pen.line(corner, fill=colour, width=width)

    def finish(self, rng) -> np.ndarray:
        """Reduce the picture and give it a fine grain; returns uint8 H×W×3."""
        small = np.asarray(self.image.reduce(SUPERSAMPLE), float)
        return np.clip(small + rng.normal(0, 1.3, (self.height, self.width, 1)), 0, 255).astype(np.uint8)


def ramp(colours, at) -> np.ndarray:
    """Return colours (…×3) at fractions 0 … 1 of a scale that passes through `colours`."""
    colours = np.asarray(colours, float)
    return np.stack([np.interp(at, np.linspace(0, 1, len(colours)), channel) for channel in colours.T], axis=-1)


def mix(a, b, t: float) -> np.ndarray:
    """Return the colour at the fraction `t` of the way from `a` to `b`."""
    return between(a, b, t)
