"""A head in a pose: what of it is seen, and where in the picture."""

import numpy as np

from portraits.curves import hull, rotation, smooth
from portraits.head import COLUMNS, SKULL_CENTRE, SKULL_RADII, Head

PIVOT = np.array([0.0, 0.25, -0.1])  # the point of the head that lies at the centre of the view


class View:
    """A head in a pose, seen straight on: turns head coordinates into picture coordinates."""

    def __init__(self, head: Head, yaw: float, pitch: float, roll: float, scale: float, centre):
        self.head, self.yaw, self.pitch, self.roll = head, yaw, pitch, roll
        self.rotation, self.scale, self.centre = rotation(yaw, pitch, roll), scale, np.asarray(centre, float)
        self.mesh = head.mesh()
        self.landmarks = self._visible_landmarks()
        self.face = hull(self.project(self.mesh).reshape(-1, 2))  # the outline of the front of the head

    def turn(self, points) -> np.ndarray:
        """Return points (…×3) in picture coordinates, with the depth as third, in pixels."""
        turned = (np.asarray(points, float) - PIVOT) @ self.rotation.T * self.scale
        return turned + np.append(self.centre, 0)

    def project(self, points) -> np.ndarray:
        """Return where points (…×3) are in the picture (…×2)."""
        return self.turn(points)[..., :2]

    def on_face(self, x, y) -> np.ndarray:
        """Return where the points (x, y) of the face's front are in the picture."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        return self.project(np.stack([x, y, self.head.surface(x, y)], axis=-1))

    def _visible_landmarks(self):
        """Return the 68 landmarks (68×2); on the far side those of the jaw move onto the outline that is seen."""
        points = self.head.landmarks()
        flat = self.project(points)
        tangent = np.gradient(points[:17, :2], axis=0)
        outward = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
        outward = outward @ rotation(0, 0, self.roll)[:2, :2].T
        for k in [*range(8), *range(9, 17)]:
            row = self.mesh[np.argmin(np.abs(self.mesh[:, 0, 1] - points[k, 1]))]
            cheek = row[: COLUMNS // 3] if k < 8 else row[-(COLUMNS // 3) :]
            cheek = self.project(cheek + [0, points[k, 1] - row[0, 1], 0])
            candidates = np.concatenate([flat[k : k + 1], cheek])
            flat[k] = candidates[np.argmax(candidates @ outward[k])]
        return flat

    def skull(self) -> np.ndarray:
        """Return the outline of the skull (N×2): an ellipsoid's picture is an ellipse."""
        half = (self.rotation * SKULL_RADII)[:2] * self.scale
        angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)])
        return self.project(SKULL_CENTRE) + (np.linalg.cholesky(half @ half.T) @ circle).T

    def jaw(self) -> np.ndarray:
        """Return the outline of the face below the temples (N×2), through the landmarks 0 … 16."""
        return smooth(self.landmarks[:17], 6)
