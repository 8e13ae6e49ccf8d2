"""Background, neck, shoulders and clothes."""

import numpy as np
from PIL import Image

from portraits.canvas import Canvas, ramp
from portraits.curves import between, smooth
from portraits.skin import Light, tones
from portraits.view import View


def paint_background(canvas: Canvas, rng, colours, light: Light) -> None:
    """Paint a soft background from a dark and a light colour: a gradient, with blurred shapes on it or without."""
    dark, pale = np.asarray(colours, float)
    rows, columns = np.mgrid[0:1:24j, 0:1:24j]
    lamp = 0.5 + 0.42 * light.side
    glow = np.exp(-(((columns - lamp) / 0.75) ** 2 + ((rows - rng.uniform(0.1, 0.6)) / 0.8) ** 2))
    small = Image.fromarray(np.clip(ramp([dark, between(dark, pale, 0.5), pale], glow), 0, 255).astype(np.uint8))
    canvas.image.paste(small.resize(canvas.image.size, Image.Resampling.BICUBIC))
    extent = max(canvas.width, canvas.height)
    kind = rng.choice(["plain", "discs", "bands", "hills"])
    if kind == "discs":
        for _ in range(rng.integers(6, 14)):
            place = rng.uniform(0, 1, 2) * (canvas.width, canvas.height)
            canvas.dot(
                place,
                extent * rng.uniform(0.03, 0.11),
                between(dark, pale, rng.uniform(0.6, 1.3)),
                soft=extent * 0.012,
                alpha=rng.uniform(0.12, 0.35),
            )
    elif kind == "bands":
        for x in np.arange(rng.uniform(-0.1, 0.1), 1.1, rng.uniform(0.16, 0.3)):
            slab = np.array([[x, -0.1], [x + 0.07, -0.1], [x + 0.07, 1.1], [x, 1.1]]) * (canvas.width, canvas.height)
            canvas.fill(slab, between(dark, pale, rng.uniform(0.2, 1.1)), soft=extent * 0.02, alpha=0.3)
    elif kind == "hills":
        for level in (0.45, 0.6, 0.78):
            x = np.linspace(-0.1, 1.1, 7)
            crest = np.stack([x, level + rng.uniform(-0.08, 0.08, 7)], axis=1)
            hill = np.concatenate([smooth(crest, 8), [[1.1, 1.2], [-0.1, 1.2]]]) * (canvas.width, canvas.height)
            canvas.fill(hill, between(pale, dark, level + 0.25), soft=extent * 0.018, alpha=0.6)


def _neck_base(view: View) -> np.ndarray:
    """Return where the neck meets the shoulders: it follows the head only a little."""
    aside = -0.30 * np.sin(np.radians(view.yaw)) - 0.35 * np.sin(np.radians(view.roll))
    return view.centre + np.array([aside, 1.42 + 0.1 * view.head.shape.chin]) * view.scale


def paint_neck(canvas: Canvas, view: View, skin, light: Light, width: float) -> None:
    """Paint neck and shoulders in skin, with the shadow of the head on them."""
    u, tone = view.scale, tones(skin)
    base = _neck_base(view)
    top = view.project([[-width, 0.75, -0.35], [width, 0.75, -0.35]])
    right = np.array([(0.98 * width, -0.3), (1.25 * width, 0.02), (1.1, 0.42), (1.2, 1.6)]) * u
    left = smooth([top[0], *(base + right * (-1, 1))], 8)
    right = smooth([top[1], *(base + right)], 8)
    neck = np.concatenate([left, right[::-1]])
    inside = canvas.region(neck)
    canvas.fill(neck, ramp(tone, 0.46))
    lit, dim = (right, left) if light.side > 0 else (left, right)
    canvas.stroke(lit, 0.5 * u, tone[3], soft=0.16 * u, alpha=0.75, clip=inside)
    canvas.stroke(dim, 0.5 * u, tone[0], soft=0.18 * u, alpha=0.6, clip=inside)
    canvas.fill(view.jaw() + (-0.22 * light.side * u, 0.26 * u), tone[0], soft=0.10 * u, alpha=0.72, clip=inside)
    for side in (-1, 1):
        bone = smooth(base + u * np.array([(side * 0.12, 0.42), (side * 0.5, 0.34), (side * 1.1, 0.36)]), 8)
        canvas.stroke(bone, 0.05 * u, tone[1], soft=0.03 * u, alpha=0.55, clip=inside)
        cord = np.array([(0.55 * width, -0.5), (0.35 * width, 0), (0.13, 0.36)]) * u
        cord = smooth(base + cord * (side, 1), 8)
        canvas.stroke(cord, 0.05 * u, tone[1], soft=0.035 * u, alpha=0.35, clip=inside)


def paint_clothes(canvas: Canvas, view: View, light: Light, kind: str, colour, neck: float) -> None:
    """Paint a garment: "crew", "vee", "shirt", "roll" (a roll neck) or "hood"."""
    u, colour = view.scale, np.asarray(colour, float)
    base = _neck_base(view)
    deep, pale = colour * 0.45, between(colour, (255, 250, 240), 0.30)
    depth = {"crew": 0.26, "vee": 0.72, "shirt": 0.45, "roll": -0.2, "hood": 0.30}[kind]
    half = 1.12 * neck if kind != "roll" else 0.95 * neck

    def at(points):
        return base + np.asarray(points, float) * u

    lip = -0.06 if kind != "roll" else -0.36
    angle = np.linspace(np.pi, 0, 25)
    dip = np.sin(angle) if kind not in ("vee", "shirt") else 1 - np.abs(np.cos(angle))
    collar = np.stack([half * np.cos(angle), lip + (depth - lip) * dip], axis=1)
    left = smooth([[-half, lip], [-1.0, 0.12], [-1.6, 0.36], [-2.05, 0.95], [-2.3, 3.0]], 8)
    right = left * (-1, 1)
    shape = at(np.concatenate([left[::-1], collar, right]))
    inside = canvas.region(shape)
    canvas.fill(shape, colour)
    lit, dim = (right, left) if light.side > 0 else (left, right)
    canvas.stroke(at(lit), 0.7 * u, pale, soft=0.22 * u, alpha=0.55, clip=inside)
    canvas.stroke(at(dim), 0.9 * u, deep, soft=0.28 * u, alpha=0.65, clip=inside)
    for side in (-1, 1):
        for top, low in ((0.62, 1.05), (0.92, 1.45)):
            fold = smooth([[1.62 * side, top], [1.25 * side, 0.5 * (top + low) + 0.08], [0.72 * side, low]], 8)
            canvas.stroke(at(fold), 0.09 * u, deep, soft=0.05 * u, alpha=0.32, clip=inside)
            canvas.stroke(at(fold) - (0, 0.08 * u), 0.07 * u, pale, soft=0.05 * u, alpha=0.25, clip=inside)
    canvas.fill(view.jaw() + (-0.25 * light.side * u, 0.42 * u), deep * 0.8, soft=0.14 * u, alpha=0.45, clip=inside)
    if kind == "shirt":
        for side in (-1, 1):
            corners = [(half, lip - 0.12), (0.62 * half, 0.22), (0, depth), (0.42, depth + 0.22), (half + 0.16, 0.20)]
            flap = at(np.array(corners) * (side, 1))
            canvas.fill(flap + (0, 0.05 * u), deep * 0.7, soft=0.05 * u, alpha=0.6, clip=inside)
            canvas.fill(flap, between(colour, pale, 0.55 + 0.4 * side * light.side))
        canvas.stroke(at([[0, depth], [0.01, 3.0]]), 0.02 * u, deep, soft=0.01 * u, alpha=0.8)
        for y in (0.85, 1.25):
            canvas.dot(at([0.05, y]), 0.03 * u, between(colour, (255, 255, 255), 0.7))
    else:
        band = {"crew": 0.10, "vee": 0.09, "roll": 0.36, "hood": 0.22}[kind]
        edge = collar * (1 + 0.5 * band, 1) + (0, band)
        canvas.fill(at(np.concatenate([collar, edge[::-1]])), between(colour, pale, 0.35))
        canvas.stroke(at(edge), 0.03 * u, deep, soft=0.015 * u, alpha=0.6)
        canvas.stroke(
            at((edge[:9] if light.side > 0 else edge[-9:]) - (0, band / 2)), band * u, deep, soft=0.06 * u, alpha=0.4
        )
        canvas.stroke(at(collar), 0.05 * u, deep * 0.7, soft=0.02 * u, alpha=0.6)
