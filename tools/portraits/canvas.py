"""A canvas with soft brushes, painted large and reduced at the end."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter


class Canvas:
    """A picture to paint on, in the coordinates of the finished picture (pixel centres at whole numbers)."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.fine = 3 if max(width, height) < 350 else 2  # how many times larger the picture is painted
        self.image = Image.new("RGB", (width * self.fine, height * self.fine))

    def to_canvas(self, points) -> np.ndarray:
        """Return where points of the finished picture are on the large one."""
        return (np.asarray(points, float) + 0.5) * self.fine - 0.5

    def _mask(self, outline, soft: float, alpha: float):
        """Return the box and the mask of a closed outline (N×2), blurred by `soft` pixels; None where none is seen."""
        outline, blur = self.to_canvas(outline), float(soft) * self.fine
        left, top = np.maximum(np.floor(outline.min(0) - 2.5 * blur - 1), 0).astype(int).tolist()
        right, bottom = np.minimum(np.ceil(outline.max(0) + 2.5 * blur + 2), self.image.size).astype(int).tolist()
        if left >= right or top >= bottom:
            return None
        shrink = max(1, int(blur / 3))  # a wide blur is drawn small: it holds no detail
        size = (-(-(right - left) // shrink), -(-(bottom - top) // shrink))
        mask = Image.new("L", size)
        corners = (outline - (left, top) + 0.5) / shrink - 0.5
        ImageDraw.Draw(mask).polygon(corners.ravel().tolist(), fill=int(255 * alpha))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur / shrink))
        if shrink > 1:
            mask = mask.resize((size[0] * shrink, size[1] * shrink), Image.Resampling.BILINEAR)
        return (left, top, right, bottom), mask.crop((0, 0, right - left, bottom - top))

    def region(self, outline) -> Image.Image:
        """Return a mask of the whole canvas, to clip what is painted later."""
        whole = Image.new("L", self.image.size)
        if found := self._mask(outline, soft=0, alpha=1):
            whole.paste(found[1], found[0])
        return whole

    def fill(self, outline, colour, soft: float = 0.0, alpha: float = 1.0, clip=None) -> None:
        """Paint the inside of an outline (N×2) with a colour, or with a picture as large as the canvas."""
        if found := self._mask(outline, soft, alpha):
            box, mask = found
            mask = ImageChops.multiply(mask, clip.crop(box)) if clip else mask
            self.image.paste(colour.crop(box) if isinstance(colour, Image.Image) else _rgb(colour), box, mask)

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
        widths = np.maximum(1, np.rint(np.broadcast_to(widths, len(corners)) * self.fine)).astype(int).tolist()
        colours = map(tuple, np.clip(colours, 0, 255).astype(int).tolist())
        pen = ImageDraw.Draw(self.image)
        for corner, width, colour in zip(corners, widths, colours, strict=True):
            pen.line(corner, fill=colour, width=width)

    def finish(self, rng) -> np.ndarray:
        """Reduce the picture and give it a fine grain; returns uint8 H×W×3."""
        small = np.asarray(self.image.reduce(self.fine), float)
        return np.clip(small + rng.normal(0, 1.3, (self.height, self.width, 1)), 0, 255).astype(np.uint8)


def ramp(colours, at) -> np.ndarray:
    """Return colours (…×3) at fractions 0 … 1 of a scale that passes through `colours`."""
    colours = np.asarray(colours, float)
    return np.stack([np.interp(at, np.linspace(0, 1, len(colours)), channel) for channel in colours.T], axis=-1)


def taper(count: int, width: float) -> np.ndarray:
    """Return widths that rise from nothing to `width` in the middle and fall again."""
    return width * np.sin(np.linspace(0.06, np.pi - 0.06, count)) ** 0.6


def _rgb(colour) -> tuple[int, int, int]:
    return tuple(np.clip(np.rint(colour), 0, 255).astype(int).tolist())
