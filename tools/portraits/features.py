"""Nose, mouth, ears, and what age leaves on a face, painted through the landmarks."""

import numpy as np

from portraits.canvas import Canvas, ramp, taper
from portraits.curves import between, smooth
from portraits.person import Look
from portraits.skin import Light, tones
from portraits.view import View


def paint_nose(canvas: Canvas, view: View, light: Light, look: Look) -> None:
    """Paint what the surface's own shading leaves out: nostrils, wings, the shadow below and a light on the tip."""
    u, points, tone = view.scale, view.landmarks, tones(look.skin)
    base = smooth(points[31:36], 6)
    down = view.project([0, 1, 0]) - view.project([0, 0, 0])
    canvas.stroke(base + 0.03 * down, taper(len(base), 0.09 * u), tone[0], soft=0.035 * u, alpha=0.38)
    for outer, inner in ((31, 32), (35, 34)):
        hole = between(points[outer], points[inner], 0.62) - 0.012 * down
        side = (points[inner] - points[outer]) * 0.42
        arch = smooth(
            [
                hole - side,
                hole - 0.25 * side - 0.034 * down,
                hole + 0.8 * side - 0.012 * down,
                hole + 0.3 * side + 0.012 * down,
            ],
            6,
            closed=True,
        )
        canvas.fill(arch, tone[0] * 0.45, soft=0.010 * u, alpha=0.9)
        wing, out = points[outer], (points[outer] - points[inner]) * 0.22
        near = min(1.0, np.hypot(*(points[outer] - points[inner])) / (0.09 * u)) ** 2
        bend = smooth([wing - 0.11 * down - 0.1 * out, wing - 0.06 * down + 0.8 * out, wing + 0.3 * out], 6)
        canvas.stroke(
            bend, taper(len(bend), 0.026 * u), between(tone[0], tone[1], 0.4), soft=0.014 * u, alpha=0.55 * near
        )
    canvas.stroke(base, taper(len(base), 0.018 * u), tone[0], soft=0.008 * u, alpha=0.5)
    canvas.dot(
        points[30] + np.array([0.035 * light.side * u, -0.01 * u]), 0.032 * u, tone[4], soft=0.022 * u, alpha=0.55
    )
    flank = smooth(
        view.on_face(
            -np.sign(light.side) * np.array([0.13, 0.10, 0.13, 0.19]),
            np.linspace(-0.16, 0.52 * view.head.shape.nose_length, 4),
        ),
        6,
    )
    canvas.stroke(flank, np.linspace(0.06, 0.09, len(flank)) * u, tone[1], soft=0.03 * u, alpha=0.38)
    ridge = smooth(points[27:31], 6) + (0.02 * light.side * u, 0)
    canvas.stroke(ridge, np.linspace(0.02, 0.04, len(ridge)) * u, tone[4], soft=0.02 * u, alpha=0.28)


def paint_mouth(canvas: Canvas, view: View, light: Light, look: Look) -> None:
    """Paint the lips through the landmarks 48 … 67, with teeth where the mouth is open."""
    u, p, tone = view.scale, view.landmarks, tones(look.skin)
    upper_out, lower_out = smooth(p[48:55], 6), smooth(p[[54, 55, 56, 57, 58, 59, 48]], 6)
    upper_in, lower_in = smooth(p[60:65], 6), smooth(p[[64, 65, 66, 67, 60]], 6)
    lips = np.asarray(look.lips, float)
    opening = np.concatenate([upper_in, lower_in])
    outline = np.concatenate([upper_out, lower_out])
    inside = canvas.region(outline)
    canvas.fill(outline, lips, soft=0.008 * u, alpha=0.92)
    canvas.fill(
        np.concatenate([upper_out, p[64:65], upper_in[::-1], p[60:61]]),
        lips * (0.74, 0.66, 0.68),
        soft=0.02 * u,
        alpha=0.75,
        clip=inside,
    )
    canvas.stroke(lower_out, 0.07 * u, lips * (0.70, 0.60, 0.62), soft=0.03 * u, alpha=0.55, clip=inside)
    full = between(p[57], p[66], 0.52) + (0.05 * light.side * u, 0)
    for shift in (-0.07, 0.07):
        canvas.dot(
            full + shift * (p[54] - p[48]),
            (0.065 * u, 0.022 * u),
            between(lips, (255, 240, 235), 0.62),
            soft=0.02 * u,
            alpha=0.6,
            clip=inside,
        )
    canvas.stroke(upper_out, 0.012 * u, between(look.skin, (255, 245, 238), 0.4), soft=0.008 * u, alpha=0.35)
    gap = np.hypot(*(p[66] - p[62])) / u
    if gap > 0.035:
        _paint_opening(canvas, p, opening, u, gap)
    seam = smooth(np.concatenate([p[48:49], p[60:65], p[54:55]]), 6)
    canvas.stroke(seam, taper(len(seam), 0.024 * u), lips * (0.30, 0.16, 0.18), soft=0.005 * u, alpha=0.9)
    for corner in (48, 54):
        canvas.dot(p[corner], 0.022 * u, tone[0], soft=0.02 * u, alpha=0.5)


def _paint_opening(canvas, p, opening, u, gap) -> None:
    inside = canvas.region(opening)
    canvas.fill(opening, (62, 18, 24))
    down = (p[66] - p[62]) / (np.hypot(*(p[66] - p[62])) + 1e-9) * u
    if gap > 0.12:
        canvas.dot(
            between(p[66], p[62], 0.12), (0.17 * u, 0.07 * u), (176, 78, 80), soft=0.03 * u, alpha=0.85, clip=inside
        )
    upper = smooth(p[60:65], 8)
    teeth = np.concatenate(
        [
            upper - 0.03 * down,
            (
                upper
                + down * min(0.095, 0.85 * gap) * np.sin(np.linspace(0.12, np.pi - 0.12, len(upper)))[:, None] ** 0.4
            )[::-1],
        ]
    )
    canvas.fill(teeth, (243, 238, 228), soft=0.004 * u, clip=inside)
    for t in np.linspace(0.14, 0.86, 9):
        root = upper[int(t * (len(upper) - 1))]
        canvas.stroke(
            np.stack([root, root + 0.09 * down]), 0.006 * u, (190, 170, 160), soft=0.004 * u, alpha=0.35, clip=inside
        )
    canvas.stroke(
        np.concatenate([p[60:61], upper, p[64:65]]), 0.06 * u, (50, 14, 20), soft=0.02 * u, alpha=0.5, clip=inside
    )
    for corner in (60, 64):
        canvas.dot(p[corner], 0.06 * u, (50, 14, 20), soft=0.03 * u, alpha=0.7, clip=inside)


def paint_ear(canvas: Canvas, view: View, light: Light, look: Look, side: int) -> None:
    """Paint the ear on the image's left (-1) or right (1)."""
    u, tone = view.scale, tones(look.skin)
    shade = 0.55 + 0.14 * side * light.side
    outline = np.array(
        [
            [0, -0.16],
            [0.5, -0.30],
            [1.05, -0.22],
            [1.12, 0.02],
            [0.86, 0.28],
            [0.62, 0.48],
            [0.15, 0.52],
            [-0.3, 0.40],
            [-0.3, -0.1],
        ]
    )

    def place(points):
        out, y = np.asarray(points, float).T
        return view.project(np.stack([side * (0.98 + 0.19 * out), y + 0.02, -0.14 - 0.20 * out], axis=-1))

    shape = place(smooth(outline, 8, closed=True))
    inside = canvas.region(shape)
    canvas.fill(shape, ramp(tone, shade), soft=0.006 * u)
    canvas.fill(
        place(smooth([[0.1, -0.08], [0.6, -0.18], [0.78, 0.0], [0.5, 0.22], [0.2, 0.26]], 8, closed=True)),
        between(tone[0], tone[1], 0.5),
        soft=0.022 * u,
        alpha=0.9,
        clip=inside,
    )
    rim = place(smooth([[0.2, -0.17], [0.55, -0.24], [0.9, -0.17], [0.93, 0.02], [0.72, 0.24]], 8))
    canvas.stroke(rim, taper(len(rim), 0.03 * u), ramp(tone, shade + 0.16), soft=0.012 * u, alpha=0.8, clip=inside)
    canvas.stroke(
        place(smooth([[0.45, -0.08], [0.6, 0.02], [0.42, 0.14]], 8)),
        0.02 * u,
        ramp(tone, shade),
        soft=0.01 * u,
        alpha=0.8,
        clip=inside,
    )
    canvas.stroke(shape[-14:], 0.06 * u, tone[0], soft=0.03 * u, alpha=0.5, clip=inside)


def paint_age(canvas: Canvas, view: View, look: Look, smile: float) -> None:
    """Paint the folds that a smile and the years bring, and freckles."""
    u, tone, p = view.scale, tones(look.skin), view.landmarks
    fold = 0.22 + 0.30 * look.age + 0.35 * max(smile, 0)
    for nose, mouth, side in ((31, 48, -1), (35, 54, 1)):
        out = (p[mouth] - p[51]) * 0.16
        line = smooth(
            [
                between(p[nose], p[mouth], -0.10) + 0.6 * out,
                between(p[nose], p[mouth], 0.45) + 1.3 * out,
                between(p[nose], p[mouth], 0.98) + 1.25 * out,
            ],
            8,
        )
        canvas.stroke(line, taper(len(line), 0.04 * u), tone[1], soft=0.018 * u, alpha=min(fold, 0.8))
        if look.age > 0.35:
            for k in range(3):
                crow = view.on_face(
                    side * np.array([0.70, 0.76, 0.82]),
                    np.array([0.0, 0.01, 0.03]) + 0.05 * (k - 1) * np.array([0.6, 1.2, 2.2]),
                )
                canvas.stroke(smooth(crow, 4), taper(9, 0.012 * u), tone[0], soft=0.006 * u, alpha=0.45 * look.age)
    if look.age > 0.35:
        for y in (-0.52, -0.62, -0.72):
            brow = view.on_face(np.linspace(-0.36, 0.36, 9), y - 0.03 * np.cos(np.linspace(-1.2, 1.2, 9)))
            canvas.stroke(smooth(brow, 3), taper(25, 0.018 * u), tone[1], soft=0.010 * u, alpha=0.6 * look.age)


def paint_freckles(canvas: Canvas, view: View, look: Look, rng) -> None:
    """Paint freckles over the cheeks and the nose."""
    spots = rng.normal((0, 0.34), (0.46, 0.13), (70, 2))
    spots = spots[np.abs(spots[:, 0]) < 0.78]
    for place in view.on_face(spots[:, 0], spots[:, 1]):
        canvas.dot(
            place,
            view.scale * rng.uniform(0.006, 0.013),
            tones(look.skin)[1],
            soft=0.004 * view.scale,
            alpha=rng.uniform(0.15, 0.45),
        )
