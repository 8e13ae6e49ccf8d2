"""What people wear on the head: glasses, a knitted cap, a headscarf, earrings."""

import numpy as np
from PIL import ImageChops

from portraits.canvas import Canvas
from portraits.curves import between, hull, resample, smooth
from portraits.head import on_skull
from portraits.skin import Light
from portraits.view import View


def paint_glasses(canvas: Canvas, view: View, light: Light, colour, round_lenses: bool) -> None:
    """Paint glasses in front of the eyes."""
    u, p = view.scale, view.head.landmarks()
    rims = []
    for eye in (p[36:42], p[42:48]):
        x0, y0 = eye[:, 0].mean(), eye[:, 1].mean() + 0.03
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        power = 1.0 if round_lenses else 0.62
        x = x0 + 0.29 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
        y = y0 + (0.26 if round_lenses else 0.22) * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
        rim = view.project(np.stack([x, y, 1.04 - 0.12 * np.abs(x)], axis=-1))
        rims.append(resample(np.concatenate([rim, rim[:1]]), 48)[:-1])
    for rim in rims:
        canvas.fill(rim, (235, 245, 255), alpha=0.10)
        inside = canvas.region(rim)
        middle, wide = rim.mean(0), np.ptp(rim[:, 0])
        glare = middle + np.array([[-0.05, -0.6], [0.20, -0.6], [-0.15, 0.6], [-0.40, 0.6]]) * wide
        canvas.fill(glare, (255, 255, 255), soft=0.01 * u, alpha=0.13, clip=inside)
        closed = np.concatenate([rim, rim[:2]])
        canvas.stroke(closed + (0.01 * u, 0.035 * u), 0.035 * u, (40, 20, 20), soft=0.02 * u, alpha=0.25)
        canvas.stroke(closed, 0.036 * u, colour)
        canvas.stroke(
            closed[18:34] - (0, 0.006 * u), 0.010 * u, between(colour, (255, 255, 255), 0.6), soft=0.004 * u, alpha=0.8
        )
    bridge = view.project([[-0.14, 0.0, 1.03], [0, -0.05, 1.10], [0.14, 0.0, 1.03]])
    canvas.stroke(smooth(bridge, 6), 0.036 * u, colour)
    for side in (-1, 1):
        hinge = view.project([side * 0.71, -0.04, 0.95])
        ear = view.project([side * 1.02, -0.06, 0.0])
        if (ear - hinge)[0] * side > 0:
            canvas.stroke(np.stack([hinge, ear]), 0.03 * u, colour)


def paint_cap(canvas: Canvas, view: View, light: Light, colour) -> None:
    """Paint a knitted cap with a turned-up brim."""
    u, colour = view.scale, np.asarray(colour, float)
    deep, pale = colour * 0.45, between(colour, (255, 250, 240), 0.35)
    around = np.linspace(-98, 98, 33)
    edge = 20 - 16 * (1 - np.cos(np.radians(around)))
    low, high = view.project(on_skull(around, edge + 4, 1.10)), view.project(on_skull(around, edge + 22, 1.17))
    rows = ((13, 1.14), (30, 1.15), (50, 1.17), (68, 1.2), (85, 1.2))
    shape = hull(np.concatenate([view.project(on_skull(around, edge + up, lift)) for up, lift in rows]))
    above = np.concatenate([low, (low[::-1] + view.project([0, -4, 0]) - view.project([0, 0, 0]))])
    inside = ImageChops.multiply(canvas.region(shape), canvas.region(above))
    canvas.fill(shape, colour, clip=inside)
    centre = shape.mean(0)
    canvas.dot(centre + (0.45 * light.side * u, -0.25 * u), 0.5 * u, pale, soft=0.3 * u, alpha=0.6, clip=inside)
    canvas.dot(centre - (0.95 * light.side * u, -0.15 * u), 0.55 * u, deep, soft=0.3 * u, alpha=0.75, clip=inside)
    for a in np.arange(-96, 97, 8):
        rib = view.project(on_skull(a, np.linspace(15, 85, 8), np.linspace(1.09, 1.2, 8)))
        canvas.stroke(rib, 0.022 * u, deep, soft=0.012 * u, alpha=0.5, clip=inside)
    band = np.concatenate([low, high[::-1]])
    canvas.fill(band + (0, 0.05 * u), (25, 12, 14), soft=0.035 * u, alpha=0.35)
    canvas.fill(band, between(colour, pale, 0.25), soft=0.004 * u)
    within = canvas.region(band)
    for a in np.arange(-96, 97, 5):
        up = 20 - 16 * (1 - np.cos(np.radians(a))) + np.array([4, 13, 22])
        rib = view.project(on_skull(a, up, [1.10, 1.15, 1.17]))
        canvas.stroke(rib, 0.02 * u, deep, soft=0.010 * u, alpha=0.55, clip=within)
    dim = slice(12) if light.side > 0 else slice(-12, None)
    canvas.fill(np.concatenate([low[dim], high[dim][::-1]]), deep, soft=0.12 * u, alpha=0.6, clip=within)
    canvas.stroke(high, 0.025 * u, deep, soft=0.015 * u, alpha=0.5)


def scarf_outline(view: View, grow: float) -> np.ndarray:
    """Return the opening of a headscarf round the face (N×2), wider with `grow`."""
    jaw = view.head.jaw
    side = np.array(
        [[0.0, -0.74], [0.45, -0.70], [0.80, -0.50], [0.985, -0.15], [1.02, 0.15], *(jaw[2:8] + [0.035, 0.02])]
    )
    lower = [[0.0, jaw[8, 1] + 0.03]]
    half = np.concatenate([side, lower]) * (1 + grow) - np.array([0, 0.35 * grow])
    z = np.interp(half[:, 1], [-0.8, -0.4, 0.1, 0.8, 1.5], [0.82, 0.62, 0.0, 0.05, 0.75])
    right = np.column_stack([half, z])
    return smooth(view.project(np.concatenate([right, right[-2:0:-1] * (-1, 1, 1)])), 6, closed=True)


def paint_scarf(canvas: Canvas, view: View, light: Light, colour) -> None:
    """Paint a headscarf round the face and over the shoulders; the whole face stays in sight."""
    u, colour = view.scale, np.asarray(colour, float)
    deep, pale = colour * 0.42, between(colour, (255, 248, 240), 0.42)
    centre = view.project([0, -0.28, -0.3])
    crown = centre + (view.skull() - centre) * 1.13
    drape = np.concatenate(
        [
            view.project([[-1.12, -0.3, -0.3], [-1.1, 0.5, -0.2], [-0.95, 1.2, 0]]),
            view.centre + np.array([[-1.5, 1.9], [-1.9, 3.2], [1.9, 3.2], [1.5, 1.9]]) * u,
            view.project([[0.95, 1.2, 0], [1.1, 0.5, -0.2], [1.12, -0.3, -0.3]]),
        ]
    )
    opening = ImageChops.multiply(canvas.region(scarf_outline(view, 0.0)), canvas.region(view.face))
    cloth = ImageChops.lighter(canvas.region(crown), canvas.region(smooth(drape, 6, closed=True)))
    cloth = ImageChops.subtract(cloth, opening)
    everywhere = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (2 * canvas.width, 2 * canvas.height)
    canvas.stroke(scarf_outline(view, 0.0), 0.10 * u, (30, 12, 14), soft=0.05 * u, alpha=0.35, clip=opening)
    canvas.fill(everywhere, colour, clip=cloth)
    side = light.side
    canvas.fill(
        centre + (0.75 * side * u, 0) + (view.skull() - centre) * (0.45, 1.0),
        pale,
        soft=0.25 * u,
        alpha=0.65,
        clip=cloth,
    )
    canvas.fill(
        centre - (1.0 * side * u, -0.3 * u) + (view.skull() - centre) * (0.5, 1.2),
        deep,
        soft=0.3 * u,
        alpha=0.7,
        clip=cloth,
    )
    for grow in (0.06, 0.13, 0.22):
        fold = scarf_outline(view, grow)
        canvas.stroke(np.concatenate([fold, fold[:2]]), 0.035 * u, deep, soft=0.02 * u, alpha=0.55, clip=cloth)
        canvas.stroke(
            np.concatenate([fold, fold[:2]]) + (0.035 * side * u, -0.02 * u),
            0.03 * u,
            pale,
            soft=0.015 * u,
            alpha=0.35,
            clip=cloth,
        )
    chin = view.project([0, view.head.chin_y, 0.5])
    canvas.fill(view.jaw() + (-0.15 * side * u, 0.28 * u), deep, soft=0.14 * u, alpha=0.65, clip=cloth)
    for k, y in enumerate((0.35, 0.6, 0.9)):
        fold = smooth(
            [
                chin + (-0.95 * u, -0.35 * u + 0.3 * k * u),
                chin + (-0.1 * u, y * u),
                chin + (0.95 * u, -0.3 * u + 0.35 * k * u),
            ],
            10,
        )
        canvas.stroke(fold, 0.06 * u, deep, soft=0.035 * u, alpha=0.55, clip=cloth)
        canvas.stroke(fold - (0, 0.06 * u), 0.05 * u, pale, soft=0.03 * u, alpha=0.35, clip=cloth)


def paint_earring(canvas: Canvas, view: View, side: int, colour) -> None:
    """Paint a small ring or drop under an ear."""
    u = view.scale
    lobe = view.project([side * 1.03, 0.53, -0.22])
    canvas.dot(lobe + (0, 0.05 * u), 0.045 * u, np.asarray(colour) * 0.6)
    canvas.dot(lobe + (0, 0.045 * u), 0.038 * u, colour)
    canvas.dot(lobe + (-0.012 * u, 0.032 * u), 0.012 * u, (255, 255, 250))
