"""Skin: the head's surface under a light."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from portraits.canvas import Canvas, ramp
from portraits.curves import bump, step
from portraits.head import SKULL_CENTRE, SKULL_RADII, hairline
from portraits.view import View


@dataclass
class Light:
    """A lamp at one side, and the glow of the background on the other."""

    side: float  # -1 from the image's left … 1 from its right
    rim: np.ndarray  # colour of the glow on the far edge

    def direction(self) -> np.ndarray:
        """Return the unit vector towards the lamp."""
        towards = np.array([0.75 * self.side, -0.62, 0.85])
        return towards / np.linalg.norm(towards)


def tones(skin) -> np.ndarray:
    """Return the scale of colours of a skin from deep shadow to full light (5×3)."""
    skin = np.asarray(skin, float)
    deep = skin * (0.40, 0.31, 0.31) + (8, 3, 7)
    shadow = skin * (0.69, 0.585, 0.57) + (6, 1, 4)
    light = skin + (255 - skin) * (0.30, 0.26, 0.20)
    glow = skin + (255 - skin) * (0.62, 0.58, 0.50)
    return np.stack([deep, shadow, skin, light, glow])


def _normals(grid) -> np.ndarray:
    """Return the unit normals of a grid of points (rows×columns×3), towards the outside."""
    normal = np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1))
    return -normal / (np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9)


def _lit(normals, grid, skin, light: Light, stubble, scalp) -> np.ndarray:
    """Return the colour of each point of the face's front."""
    x, y = grid[..., 0], grid[..., 1]
    aside = np.abs(x)
    lamp = normals @ light.direction()
    shade = np.clip((lamp + 0.42) / 1.42, 0, 1) ** 1.15
    hollow = (
        0.09 * bump(aside, y, 0.32, -0.07, 0.16, 0.09)
        + 0.06 * bump(x, y, 0, 0.72, 0.16, 0.05)
        + 0.09 * bump(x, y, 0, 1.24, 0.16, 0.04)
    )
    shade = shade * 0.72 + 0.12 - hollow + 0.05 * bump(aside, y, 0.5, 0.32, 0.16, 0.12)
    half = light.direction() + (0, 0, 1)
    shine = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** 22 * 0.24
    colour = ramp(tones(skin), shade + shine)
    red = 0.3 * (
        bump(aside, y, 0.56, 0.40, 0.20, 0.15)
        + 0.6 * bump(x, y, 0, 0.50, 0.12, 0.10)
        + 0.25 * bump(x, y, 0, 1.45, 0.2, 0.1)
    )
    colour = colour + red[..., None] * (np.array([1.04, 0.70, 0.70]) - 1) * colour
    beard = stubble * step(y + 0.30 * aside, 0.72, 1.0) * (1 - 0.8 * bump(x, y, 0, 0.98, 0.30, 0.10))
    colour = colour + beard[..., None] * (np.array([0.66, 0.68, 0.74]) - 1) * colour
    if scalp is not None:
        hair = np.asarray(scalp, float) * (0.35 + 0.75 * shade[..., None])
        colour = colour + _hairy(grid)[..., None] * (hair - colour)
    edge = np.clip(1 - normals[..., 2], 0, 1) ** 2.2 * np.clip(-normals[..., 0] * np.sign(light.side) + 0.15, 0, 1)
    return colour + 0.55 * edge[..., None] * (light.rim - colour)


def _hairy(grid) -> np.ndarray:
    """Return 1 where hair grows on the head, 0 where it does not."""
    unit = (grid - SKULL_CENTRE) / SKULL_RADII
    around = np.degrees(np.arctan2(unit[..., 0], unit[..., 2]))
    up = np.degrees(np.arctan2(-unit[..., 1], np.hypot(unit[..., 0], unit[..., 2])))
    return 0.92 * step(up - hairline(around), -1, 10)


def render(canvas: Canvas, view: View, skin, light: Light, stubble: float = 0.0, scalp=None) -> Image.Image:
    """Return a picture of the lit head, as large as the canvas; what lies outside the head holds no meaning.

    `stubble` is between 0 and 1, `scalp` is the colour of hair on the skull, or None.
    """
    size = canvas.image.size
    zoom = min(1.0, 110 / (view.scale * canvas.fine))  # the shading is smooth, so a small picture holds it
    picture = Image.new("RGB", (round(size[0] * zoom), round(size[1] * zoom)), tuple(int(c) for c in tones(skin)[1]))
    pen = ImageDraw.Draw(picture)
    for grid in (_back_of_skull(), view.mesh):
        seen = view.turn(grid)
        normals = _normals(seen)
        colour = np.clip(_lit(normals, grid, skin, light, stubble, scalp), 0, 255).astype(int)
        corners = np.stack([seen[:-1, :-1], seen[:-1, 1:], seen[1:, 1:], seen[1:, :-1]], axis=2)
        flat = ((canvas.to_canvas(corners[..., :2]) + 0.5) * zoom - 0.5).reshape(-1, 8)
        facing = (normals[:-1, :-1, 2] > -0.25).ravel()
        order = np.argsort(corners[..., 2].mean(2).ravel())
        order = order[facing[order]]
        paint = map(tuple, colour[:-1, :-1].reshape(-1, 3)[order].tolist())
        for outline, fill in zip(flat[order].tolist(), paint, strict=True):
            pen.polygon(outline, fill=fill)
    return picture.filter(ImageFilter.GaussianBlur(1.6)).resize(size, Image.Resampling.BICUBIC)


def _back_of_skull() -> np.ndarray:
    up = np.linspace(-0.999, 0.45, 24)[:, None]
    angle = np.linspace(-np.pi, np.pi, 48)[None]
    ring = np.sqrt(1 - up**2)
    unit = np.stack([ring * np.sin(angle), up + 0 * angle, ring * np.cos(angle)], axis=-1)
    return SKULL_CENTRE + unit * SKULL_RADII * 0.995
