"""Eyes and brows, painted through the landmarks."""

import numpy as np

from portraits.canvas import Canvas, taper
from portraits.curves import between, resample, smooth
from portraits.person import Look
from portraits.skin import Light, tones
from portraits.view import View

LINE = np.array([38.0, 22, 20])  # the dark of lashes


def paint_eye(canvas: Canvas, view: View, light: Light, look: Look, points) -> None:
    """Paint an eye; `points` is its outer corner, two of the upper lid, its inner corner, two of the lower lid."""
    u = view.scale
    upper, lower = smooth(points[:4], 8), smooth(points[[3, 4, 5, 0]], 8)
    outline = np.concatenate([upper, lower])
    tone = tones(look.skin)
    up = view.project([0, -1, 0]) - view.project([0, 0, 0])
    crease = upper + up * (0.055 + 0.02 * np.sin(np.linspace(0, np.pi, len(upper))))[:, None]
    canvas.fill(np.concatenate([upper, crease[::-1]]), tone[1], soft=0.02 * u, alpha=0.40)
    canvas.stroke(crease, taper(len(upper), 0.022 * u), between(tone[0], tone[1], 0.4), soft=0.006 * u, alpha=0.75)
    canvas.stroke(lower - 0.035 * up, taper(len(lower), 0.05 * u), tone[1], soft=0.02 * u, alpha=0.30 + 0.35 * look.age)
    canvas.fill(outline, between((241, 236, 231), look.skin, 0.16))
    inside = canvas.region(outline)
    middle = points.mean(0)
    radius = 0.226 * np.hypot(*(points[0] - points[3])) / np.cos(np.radians(view.yaw))
    centre = middle + (np.array(look.gaze) * 0.06 + (0.0, -0.012)) * u
    _paint_iris(canvas, light, look.iris, centre, radius, inside)
    canvas.dot(
        points[3] + 0.09 * (points[0] - points[3]),
        0.022 * u,
        between((205, 120, 112), look.skin, 0.4),
        soft=0.008 * u,
        alpha=0.8,
        clip=inside,
    )
    canvas.stroke(upper, 0.085 * u, (30, 18, 26), soft=0.018 * u, alpha=0.50, clip=inside)
    canvas.stroke(lower, 0.018 * u, between(look.skin, (255, 205, 195), 0.5), soft=0.004 * u, alpha=0.8)
    canvas.stroke(
        lower - 0.012 * up, taper(len(lower), 0.012 * u), LINE, soft=0.004 * u, alpha=0.30 + 0.3 * look.lashes
    )
    _paint_lashes(canvas, look, upper, up, u)


def _paint_iris(canvas, light, colour, centre, radius, inside) -> None:
    colour = np.asarray(colour, float)
    canvas.dot(centre, radius, colour * 0.32, soft=0.06 * radius, clip=inside)
    canvas.dot(centre, 0.86 * radius, colour * 0.8, soft=0.08 * radius, clip=inside)
    canvas.dot(
        centre + (-0.2 * light.side * radius, 0.35 * radius),
        0.52 * radius,
        np.minimum(colour * 1.45 + 18, 255),
        soft=0.22 * radius,
        alpha=0.85,
        clip=inside,
    )
    canvas.dot(centre, 0.42 * radius, (12, 9, 10), soft=0.05 * radius, clip=inside)
    glint = centre + np.array([0.36 * light.side, -0.36]) * radius
    canvas.dot(glint, 0.23 * radius, (255, 255, 255), soft=0.03 * radius, clip=inside)
    canvas.dot(
        centre - (0.34 * light.side * radius, -0.42 * radius),
        0.12 * radius,
        (255, 255, 255),
        soft=0.06 * radius,
        alpha=0.55,
        clip=inside,
    )


def _paint_lashes(canvas, look, upper, up, u) -> None:
    """Paint the dark edge of the upper lid, which thickens towards the outer corner, and the lashes on it."""
    count = len(upper)
    flick = upper[0] - (upper[1] - upper[0]) * (1.0 + 2.2 * look.lashes) + 0.010 * up
    edge = np.concatenate([[flick], upper])
    weight = 0.020 + 0.022 * look.lashes
    width = weight * u * np.interp(np.linspace(0, 1, count + 1), [0, 0.12, 0.5, 1], [0.1, 1.0, 0.9, 0.35])
    canvas.stroke(edge + 0.006 * up, width, LINE, soft=0.003 * u)
    if look.lashes > 0.4:
        outward = (upper[0] - upper[-1]) / np.hypot(*(upper[0] - upper[-1]))
        for k in range(1, count // 2 + 4, 2):
            lean = np.interp(k, [0, count * 0.7], [0.055, 0.0]) * outward * u + up * 0.055
            root = upper[k]
            canvas.stroke(
                smooth([root, root + 0.55 * lean, root + lean * look.lashes * 1.1 + 0.01 * up], 4),
                [*np.linspace(0.014, 0.002, 9) * u],
                LINE,
            )


def paint_brow(canvas: Canvas, view: View, look: Look, points, rng) -> None:
    """Paint an eyebrow along its five landmarks, from the outer end to the inner."""
    u, weight = view.scale, look.brow_weight
    curve = resample(smooth(points, 10), 40)
    at = np.linspace(0, 1, 40)
    width = weight * u * np.interp(at, [0, 0.3, 0.72, 0.92, 1], [0.012, 0.06, 0.082, 0.07, 0.03])
    canvas.stroke(curve, width * 1.15, look.brow, soft=0.022 * u, alpha=0.45)
    canvas.stroke(curve, width * 0.85, look.brow, soft=0.008 * u, alpha=0.55)
    along = np.gradient(curve, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = view.project([0, -1, 0]) - view.project([0, 0, 0])
    count = int(34 * weight) + 10
    k = rng.integers(2, 39, count)
    rise = (width[k] * rng.uniform(0.2, 0.6, count) * at[k])[:, None]
    root = curve[k] - across / u * (width[k] * rng.uniform(-0.25, 0.45, count))[:, None]
    tip = root - along[k] * u * 0.10 * rng.uniform(0.6, 1.1, (count, 1)) + across / u * rise
    canvas.segments(root, tip, 0.009 * u, np.asarray(look.brow) * rng.uniform(0.55, 1.15, (count, 1)))
