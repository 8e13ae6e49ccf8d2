"""Eyes, brows, nose, mouth and ears, painted through the landmarks."""

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, mix, ramp
from .curves import resample, smooth
from .head import View
from .skin import Light, tones

LINE = np.array([38.0, 22, 20])


@dataclass
class Look:
    """The colours and the make of a person's features."""

    skin: np.ndarray
    iris: np.ndarray
    brow: np.ndarray
    lips: np.ndarray
    brow_weight: float = 1.0
    lashes: float = 0.5         # 0 bare … 1 long
    gaze: tuple[float, float] = (0.0, 0.0)
    age: float = 0.0            # 0 smooth … 1 lined
    freckles: bool = False


def paint_eye(canvas: Canvas, view: View, light: Light, look: Look, points) -> None:
    """Paint an eye; `points` is its outer corner, two of the upper lid, its inner corner, two of the lower lid."""
    u = view.scale
    upper, lower = smooth(points[:4], 8), smooth(points[[3, 4, 5, 0]], 8)
    outline = np.concatenate([upper, lower])
    tone = tones(look.skin)
    up = view.project([0, -1, 0]) - view.project([0, 0, 0])
    crease = upper + up * (0.055 + 0.02 * np.sin(np.linspace(0, np.pi, len(upper))))[:, None]
    canvas.fill(np.concatenate([upper, crease[::-1]]), tone[1], soft=0.02 * u, alpha=0.40)
    canvas.stroke(crease, _taper(len(upper), 0.022 * u), mix(tone[0], tone[1], 0.4), soft=0.006 * u, alpha=0.75)
    canvas.stroke(lower - 0.035 * up, _taper(len(lower), 0.05 * u), tone[1], soft=0.02 * u, alpha=0.30 + 0.35 * look.age)
    canvas.fill(outline, mix((241, 236, 231), look.skin, 0.16))
    inside = canvas.region(outline)
    middle = points.mean(0)
    radius = 0.088 * u * np.hypot(*(points[0] - points[3])) / (0.39 * u) ** 1 / max(np.cos(np.radians(view.yaw)), 0.7)
    centre = middle + (np.array(look.gaze) * 0.06 + (0.0, -0.012)) * u
    _paint_iris(canvas, light, look.iris, centre, radius, inside)
    canvas.dot(points[3] + 0.09 * (points[0] - points[3]), 0.022 * u, mix((205, 120, 112), look.skin, 0.4), soft=0.008 * u, alpha=0.8, clip=inside)
    canvas.stroke(upper, 0.085 * u, (30, 18, 26), soft=0.018 * u, alpha=0.50, clip=inside)
    canvas.stroke(lower, 0.018 * u, mix(look.skin, (255, 205, 195), 0.5), soft=0.004 * u, alpha=0.8)
    canvas.stroke(lower - 0.012 * up, _taper(len(lower), 0.012 * u), LINE, soft=0.004 * u, alpha=0.30 + 0.3 * look.lashes)
    _paint_lashes(canvas, look, upper, up, u)


def _paint_iris(canvas, light, colour, centre, radius, inside) -> None:
    colour = np.asarray(colour, float)
    canvas.dot(centre, radius, colour * 0.32, soft=0.06 * radius, clip=inside)
    canvas.dot(centre, 0.86 * radius, colour * 0.8, soft=0.08 * radius, clip=inside)
    canvas.dot(centre + (-0.2 * light.side * radius, 0.35 * radius), 0.52 * radius, np.minimum(colour * 1.45 + 18, 255), soft=0.22 * radius, alpha=0.85, clip=inside)
    canvas.dot(centre, 0.42 * radius, (12, 9, 10), soft=0.05 * radius, clip=inside)
    glint = centre + np.array([0.36 * light.side, -0.36]) * radius
    canvas.dot(glint, 0.23 * radius, (255, 255, 255), soft=0.03 * radius, clip=inside)
    canvas.dot(centre - (0.34 * light.side * radius, -0.42 * radius), 0.12 * radius, (255, 255, 255), soft=0.06 * radius, alpha=0.55, clip=inside)


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
            canvas.stroke(smooth([root, root + 0.55 * lean, root + lean * look.lashes * 1.1 + 0.01 * up], 4), [*np.linspace(0.014, 0.002, 9) * u], LINE)


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


def paint_nose(canvas: Canvas, view: View, light: Light, look: Look) -> None:
    """Paint what the surface's own shading leaves out: nostrils, wings, the shadow below and a light on the tip."""
    u, points, tone = view.scale, view.landmarks, tones(look.skin)
    base = smooth(points[31:36], 6)
    down = view.project([0, 1, 0]) - view.project([0, 0, 0])
    canvas.stroke(base + 0.03 * down, _taper(len(base), 0.09 * u), tone[0], soft=0.035 * u, alpha=0.38)
    for outer, inner in ((31, 32), (35, 34)):
        hole = mix(points[outer], points[inner], 0.62) - 0.012 * down
        side = (points[inner] - points[outer]) * 0.42
        arch = smooth([hole - side, hole - 0.25 * side - 0.034 * down, hole + 0.8 * side - 0.012 * down, hole + 0.3 * side + 0.012 * down], 6, closed=True)
        canvas.fill(arch, tone[0] * 0.45, soft=0.010 * u, alpha=0.9)
        wing, out = points[outer], (points[outer] - points[inner]) * 0.22
        near = min(1.0, np.hypot(*(points[outer] - points[inner])) / (0.09 * u)) ** 2
        bend = smooth([wing - 0.11 * down - 0.1 * out, wing - 0.06 * down + 0.8 * out, wing + 0.3 * out], 6)
        canvas.stroke(bend, _taper(len(bend), 0.026 * u), mix(tone[0], tone[1], 0.4), soft=0.014 * u, alpha=0.55 * near)
    canvas.stroke(base, _taper(len(base), 0.018 * u), tone[0], soft=0.008 * u, alpha=0.5)
    canvas.dot(points[30] + np.array([0.035 * light.side * u, -0.01 * u]), 0.032 * u, tone[4], soft=0.022 * u, alpha=0.55)
    flank = smooth(view.on_face(-np.sign(light.side) * np.array([0.13, 0.10, 0.13, 0.19]), np.linspace(-0.16, 0.52 * view.head.shape.nose_length, 4)), 6)
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
    canvas.fill(np.concatenate([upper_out, p[64:65], upper_in[::-1], p[60:61]]), lips * (0.74, 0.66, 0.68), soft=0.02 * u, alpha=0.75, clip=inside)
    canvas.stroke(lower_out, 0.07 * u, lips * (0.70, 0.60, 0.62), soft=0.03 * u, alpha=0.55, clip=inside)
    full = mix(p[57], p[66], 0.52) + (0.05 * light.side * u, 0)
    for shift in (-0.07, 0.07):
        canvas.dot(full + shift * (p[54] - p[48]), (0.065 * u, 0.022 * u), mix(lips, (255, 240, 235), 0.62), soft=0.02 * u, alpha=0.6, clip=inside)
    canvas.stroke(upper_out, 0.012 * u, mix(look.skin, (255, 245, 238), 0.4), soft=0.008 * u, alpha=0.35)
    gap = np.hypot(*(p[66] - p[62])) / u
    if gap > 0.035:
        _paint_opening(canvas, p, opening, u, gap)
    seam = smooth(np.concatenate([p[48:49], p[60:65], p[54:55]]), 6)
    canvas.stroke(seam, _taper(len(seam), 0.024 * u), lips * (0.30, 0.16, 0.18), soft=0.005 * u, alpha=0.9)
    for corner in (48, 54):
        canvas.dot(p[corner], 0.022 * u, tone[0], soft=0.02 * u, alpha=0.5)


def _paint_opening(canvas, p, opening, u, gap) -> None:
    inside = canvas.region(opening)
    canvas.fill(opening, (62, 18, 24))
    down = (p[66] - p[62]) / (np.hypot(*(p[66] - p[62])) + 1e-9) * u
    if gap > 0.12:
        canvas.dot(mix(p[66], p[62], 0.12), (0.17 * u, 0.07 * u), (176, 78, 80), soft=0.03 * u, alpha=0.85, clip=inside)
    upper = smooth(p[60:65], 8)
    teeth = np.concatenate([upper - 0.03 * down, (upper + down * min(0.095, 0.85 * gap) * np.sin(np.linspace(0.12, np.pi - 0.12, len(upper)))[:, None] ** 0.4)[::-1]])
    canvas.fill(teeth, (243, 238, 228), soft=0.004 * u, clip=inside)
    for t in np.linspace(0.14, 0.86, 9):
        root = upper[int(t * (len(upper) - 1))]
        canvas.stroke(np.stack([root, root + 0.09 * down]), 0.006 * u, (190, 170, 160), soft=0.004 * u, alpha=0.35, clip=inside)
    canvas.stroke(np.concatenate([p[60:61], upper, p[64:65]]), 0.06 * u, (50, 14, 20), soft=0.02 * u, alpha=0.5, clip=inside)
    for corner in (60, 64):
        canvas.dot(p[corner], 0.06 * u, (50, 14, 20), soft=0.03 * u, alpha=0.7, clip=inside)


def paint_ear(canvas: Canvas, view: View, light: Light, look: Look, side: int) -> None:
    """Paint the ear on the image's left (-1) or right (1)."""
    u, tone = view.scale, tones(look.skin)
    shade = 0.55 + 0.14 * side * light.side
    outline = np.array([[0, -0.16], [0.5, -0.30], [1.05, -0.22], [1.12, 0.02], [0.86, 0.28], [0.62, 0.48], [0.15, 0.52], [-0.3, 0.40], [-0.3, -0.1]])

    def place(points):
        out, y = np.asarray(points, float).T
        return view.project(np.stack([side * (0.98 + 0.19 * out), y + 0.02, -0.14 - 0.20 * out], axis=-1))

    shape = place(smooth(outline, 8, closed=True))
    inside = canvas.region(shape)
    canvas.fill(shape, ramp(tone, shade), soft=0.006 * u)
    canvas.fill(place(smooth([[0.1, -0.08], [0.6, -0.18], [0.78, 0.0], [0.5, 0.22], [0.2, 0.26]], 8, closed=True)), mix(tone[0], tone[1], 0.5), soft=0.022 * u, alpha=0.9, clip=inside)
    rim = place(smooth([[0.2, -0.17], [0.55, -0.24], [0.9, -0.17], [0.93, 0.02], [0.72, 0.24]], 8))
    canvas.stroke(rim, _taper(len(rim), 0.03 * u), ramp(tone, shade + 0.16), soft=0.012 * u, alpha=0.8, clip=inside)
    canvas.stroke(place(smooth([[0.45, -0.08], [0.6, 0.02], [0.42, 0.14]], 8)), 0.02 * u, ramp(tone, shade), soft=0.01 * u, alpha=0.8, clip=inside)
    canvas.stroke(shape[-14:], 0.06 * u, tone[0], soft=0.03 * u, alpha=0.5, clip=inside)


def paint_age(canvas: Canvas, view: View, look: Look, smile: float) -> None:
    """Paint the folds that a smile and the years bring, and freckles."""
    u, tone, p = view.scale, tones(look.skin), view.landmarks
    fold = 0.22 + 0.30 * look.age + 0.35 * max(smile, 0)
    for nose, mouth, side in ((31, 48, -1), (35, 54, 1)):
        out = (p[mouth] - p[51]) * 0.16
        line = smooth([mix(p[nose], p[mouth], -0.10) + 0.6 * out, mix(p[nose], p[mouth], 0.45) + 1.3 * out, mix(p[nose], p[mouth], 0.98) + 1.25 * out], 8)
        canvas.stroke(line, _taper(len(line), 0.04 * u), tone[1], soft=0.018 * u, alpha=min(fold, 0.8))
        if look.age > 0.35:
            for k in range(3):
                crow = view.on_face(side * np.array([0.70, 0.76, 0.82]), np.array([0.0, 0.01, 0.03]) + 0.05 * (k - 1) * np.array([0.6, 1.2, 2.2]))
                canvas.stroke(smooth(crow, 4), _taper(9, 0.012 * u), tone[0], soft=0.006 * u, alpha=0.45 * look.age)
    if look.age > 0.35:
        for y in (-0.52, -0.62, -0.72):
            brow = view.on_face(np.linspace(-0.36, 0.36, 9), y - 0.03 * np.cos(np.linspace(-1.2, 1.2, 9)))
            canvas.stroke(smooth(brow, 3), _taper(25, 0.018 * u), tone[1], soft=0.010 * u, alpha=0.6 * look.age)


def paint_freckles(canvas: Canvas, view: View, look: Look, rng) -> None:
    """Paint freckles over the cheeks and the nose."""
    spots = rng.normal((0, 0.34), (0.42, 0.12), (70, 2))
    spots = spots[np.abs(spots[:, 0]) < 0.78]
    for place in view.on_face(spots[:, 0], spots[:, 1]):
        canvas.dot(place, view.scale * rng.uniform(0.006, 0.013), tones(look.skin)[1], soft=0.004 * view.scale, alpha=rng.uniform(0.25, 0.6))


def _taper(count: int, width: float) -> np.ndarray:
    """Return widths that rise from nothing to `width` in the middle and fall again."""
    return width * np.sin(np.linspace(0.06, np.pi - 0.06, count)) ** 0.6
