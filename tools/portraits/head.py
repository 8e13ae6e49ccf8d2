"""A head in three dimensions: its surface and its 68 landmarks.

Head coordinates: x to the image's right, y down, z to the viewer; half the face's width is 1, the eyes are at y = 0.
"""

from dataclasses import dataclass

import numpy as np

from portraits.curves import bump, smooth, step

SKULL_CENTRE, SKULL_RADII = np.array([0.0, -0.28, -0.30]), np.array([1.02, 1.08, 1.22])
ROWS, COLUMNS = 70, 49  # of the mesh


def on_skull(around, up, lift=1.0) -> np.ndarray:
    """Return points over the skull: degrees round from the front to the image's right, degrees up, and height."""
    around, up, lift = np.broadcast_arrays(
        np.radians(np.asarray(around, float)), np.radians(np.asarray(up, float)), lift
    )
    unit = np.stack([np.cos(up) * np.sin(around), -np.sin(up), np.cos(up) * np.cos(around)], axis=-1)
    return SKULL_CENTRE + unit * SKULL_RADII * lift[..., None]


def hairline(around, recede: float = 0.0) -> np.ndarray:
    """Return how many degrees up the hair begins at each angle around the head."""
    around = np.abs(around)
    return np.interp(
        around,
        [0, 25, 45, 58, 72, 85, 100, 180],
        np.array([31, 32, 29, 17, 6, -8, -14, -24]) + recede * np.array([22, 30, 26, 12, 4, 0, 0, 0]),
    )


@dataclass
class Shape:
    """Proportions (1 is average) and expression (0 is neutral) of a face."""

    jaw: float = 1.0  # width of the lower jaw
    chin: float = 1.0  # length of the lower face
    eyes: float = 1.0  # size of the eyes
    apart: float = 1.0  # distance between them
    slant: float = 0.0  # outer corners up
    nose_width: float = 1.0
    nose_length: float = 1.0
    nose_height: float = 1.0
    mouth_width: float = 1.0
    lips: float = 1.0  # fullness
    brows: float = 0.0  # height of the brows
    arch: float = 1.0
    smile: float = 0.0  # -1 frown … 1 broad smile
    open: float = 0.0  # 0 closed … 1 wide open
    lids: float = 1.0  # 0.3 half closed … 1.15 wide
    raised: float = 0.0  # brows up
    knit: float = 0.0  # brows drawn together and down


class Head:
    """The surface and the landmarks of one `Shape`."""

    def __init__(self, shape: Shape):
        self.shape = shape
        width = np.array([1.0, 0.995, 0.965, 0.91, 0.815, 0.675, 0.485, 0.255, 0.0])
        y = np.array([-0.02, 0.24, 0.50, 0.76, 1.00, 1.22, 1.40, 1.53, 1.57])
        lower = step(np.arange(9), 1.5, 5.5) * (1 - 0.5 * step(np.arange(9), 6, 8))
        width = width * (1 + (shape.jaw - 1) * lower)
        y = y * (1 + (shape.chin - 1) * step(y, 0.3, 1.4)) + 0.17 * shape.open * step(y, 0.4, 1.5)
        self.jaw = np.stack([width, y], axis=1)  # the right half, from the ear to the chin
        self.chin_y = self.jaw[8, 1]
        self._outline = smooth(np.concatenate([[[1.0, -0.6]], self.jaw]), 12)
        self._outline_z = np.interp(self._outline[:, 1], [0.3, 1.0, 1.35, self.chin_y], [-0.12, 0.10, 0.45, 0.80])

    def surface(self, x, y) -> np.ndarray:
        """Return z of the front of the head at (x, y)."""
        width = np.maximum(np.interp(y, self._outline[:, 1], self._outline[:, 0]), 0.02)
        return self._front(np.arcsin(np.clip(x / width, -1, 1)), x, y)

    def _front(self, angle, x, y):
        back = np.interp(y, self._outline[:, 1], self._outline_z)
        front = np.interp(
            y,
            [-0.9, -0.5, -0.22, 0.0, 0.3, 0.8, 1.25, self.chin_y - 0.1, self.chin_y],
            [0.86, 0.95, 0.97, 0.93, 0.94, 0.99, 0.96, 0.98, 0.86],
        )
        return back + (front - back) * np.abs(np.cos(angle)) ** 0.85 + self._relief(np.abs(x), y)

    def _relief(self, x, y):
        """Return what brow, nose, cheeks, lips and chin add to z; `x` is the distance from the middle."""
        s = self.shape
        tip, high, wide = 0.52 * s.nose_length, s.nose_height, s.nose_width
        along = np.clip((y + 0.12) / (tip + 0.12), 0, 1)
        end = 1 - step(y, tip + 0.01, tip + 0.23)
        ridge = np.exp(-((x / (0.085 + 0.06 * along * wide)) ** 2) / 2) * step(y, -0.3, 0.05) * end
        nose = (0.04 + 0.27 * high * along**1.3) * ridge
        nose += 0.07 * high * bump(x, y, 0, tip, 0.12 * wide, 0.09)
        nose += 0.13 * bump(x, y, 0.16 * wide, tip + 0.08, 0.07, 0.07)
        brow = 0.03 * bump(x, y, 0.42, -0.24, 0.32, 0.11)
        socket = -0.07 * bump(x, y, 0.38 * s.apart, -0.02, 0.22, 0.15)
        eyeball = 0.06 * bump(x, y, 0.44 * s.apart, 0, 0.14, 0.09)
        cheek = (0.05 + 0.05 * max(s.smile, 0)) * bump(x, y, 0.58, 0.42, 0.2, 0.18)
        mouth = 0.07 * bump(x, y, 0, 0.98, 0.32, 0.22) - 0.05 * bump(x, y, 0, 1.23, 0.2, 0.06)
        chin = 0.06 * bump(x, y, 0, self.chin_y - 0.17, 0.2, 0.12)
        fold = -0.035 * max(s.smile, 0.15) * bump(x - 0.30 - 0.25 * (y - 0.65), y, 0, 0.8, 0.05, 0.16)
        return nose + brow + socket + eyeball + cheek + mouth + chin + fold

    def mesh(self) -> np.ndarray:
        """Return the front of the head as a grid of points, ROWS×COLUMNS×3, from the crown to the chin."""
        y = np.linspace(SKULL_CENTRE[1] - SKULL_RADII[1] * 0.999, self.chin_y, ROWS)[:, None]
        angle = np.linspace(-np.pi / 2, np.pi / 2, COLUMNS)[None]
        x = np.interp(y, self._outline[:, 1], self._outline[:, 0]) * np.sin(angle)
        face = np.stack([x, y + 0 * angle, self._front(angle, x, y)], axis=-1)
        ring = np.sqrt(np.clip(1 - ((y - SKULL_CENTRE[1]) / SKULL_RADII[1]) ** 2, 0, 1))
        unit = np.stack([ring * np.sin(angle), 0 * ring * angle, ring * np.cos(angle)], axis=-1)
        skull = SKULL_CENTRE + unit * SKULL_RADII
        skull[..., 1] = y
        return face + step(-y, 0.25, 0.8)[..., None] * (skull - face)

    def landmarks(self) -> np.ndarray:
        """Return the 68 landmarks (68×3); those of the jaw are where they show from the front."""
        s = self.shape
        left = np.concatenate([self._brow(), self._eye()]) * (-1, 1)
        right = left * (-1, 1)
        brows = np.concatenate([left[:5], right[4::-1]])
        eyes = np.concatenate([left[5:], right[[8, 7, 6, 5, 10, 9]]])
        tip = 0.52 * s.nose_length
        bridge = np.stack([np.zeros(4), np.linspace(-0.03, tip, 4)], axis=1)
        wing = 0.19 * s.nose_width + 0.015 * max(s.smile, 0)
        base = np.stack(
            [wing * np.array([-1, -0.5, 0, 0.5, 1]), tip + np.array([0.115, 0.15, 0.17, 0.15, 0.115])], axis=1
        )
        flat = np.concatenate([brows, bridge, base, eyes, self._mouth()])
        points = np.concatenate([flat, self.surface(flat[:, 0], flat[:, 1])[:, None]], axis=1)
        depth = np.interp(self.jaw[:, 1], self._outline[:, 1], self._outline_z)
        side = np.column_stack([self.jaw, depth])
        return np.concatenate([side[:8] * (-1, 1, 1), side[::-1], points])

    def _brow(self):
        s = self.shape
        x = np.array([0.80, 0.68, 0.52, 0.35, 0.19]) * (0.75 + 0.25 * s.apart)
        x = x - 0.04 * s.knit * np.array([0, 0, 0.3, 0.7, 1])
        y = np.array([-0.19, -0.305, -0.345, -0.32, -0.26])
        y = -0.25 + (y + 0.25) * s.arch - 0.05 * s.brows - s.raised * np.array([0.07, 0.10, 0.12, 0.12, 0.11])
        return np.stack([x, y + s.knit * np.array([-0.01, 0.01, 0.04, 0.08, 0.10])], axis=1)

    def _eye(self):
        """Return the six points of the right eye: outer corner, upper lid, inner corner, lower lid."""
        s = self.shape
        centre, half = 0.435 * s.apart, 0.195 * s.eyes
        up, down = 0.105 * s.eyes * s.lids, 0.058 * s.eyes * min(1, 0.5 + 0.5 * s.lids) * (1 - 0.35 * max(s.smile, 0))
        x = centre + half * np.array([1, 0.40, -0.30, -1, -0.32, 0.40])
        y = np.array([-0.01, -up, -up, 0.015, down, down]) + 0.04 * (1 - min(s.lids, 1))
        y = y - s.slant * 0.05 * (x - centre) / half
        return np.stack([x, y], axis=1)

    def _mouth(self):
        """Return the 20 points of the lips: outer from the left corner clockwise, then inner."""
        s = self.shape
        wide = 0.375 * s.mouth_width * (1 + 0.26 * max(s.smile, 0) - 0.10 * s.open)
        y0 = 0.98 * (1 + 0.45 * (s.chin - 1))
        corner = -0.10 * s.smile + 0.04 * s.open
        gap_up, gap_down = -0.03 * s.open - 0.03 * max(s.smile - 0.3, 0), 0.27 * s.open
        full = s.lips * (1 - 0.22 * max(s.smile, 0))
        a, b, middle = 0.35 * corner - 0.060 * full + 0.6 * gap_up, -0.105 * full + gap_up, -0.082 * full + gap_up
        low, c = -0.02 * s.smile + 0.135 * full + gap_down, 0.125 * full + 0.95 * gap_down
        d = 0.2 * corner + 0.085 * full + 0.75 * gap_down
        outer_x = wide * np.array([-1, -0.62, -0.23, 0, 0.23, 0.62, 1, 0.63, 0.26, 0, -0.26, -0.63])
        outer = np.stack([outer_x, y0 + np.array([corner, a, b, middle, b, a, corner, d, c, low, c, d])], axis=1)
        inner_x = wide * np.array([-0.84, -0.30, 0, 0.30, 0.84, 0.30, 0, -0.30])
        top, bottom, side = y0 + 0.9 * gap_up + 0.005, y0 + gap_down + 0.012, y0 + 0.82 * corner
        lift = 0.15 * corner
        inner_y = [side, top + lift, top + 0.01, top + lift, side, bottom, bottom + 0.01 - 0.1 * corner, bottom]
        return np.concatenate([outer, np.stack([inner_x, inner_y], axis=1)])
