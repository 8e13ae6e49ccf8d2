"""Smooth curves through points, and the rotation of a head."""

import numpy as np


def smooth(points, steps: int = 8, closed: bool = False) -> np.ndarray:
    """Return the Catmull-Rom curve through `points` (N×D), `steps` samples to a segment.

    The curve passes through every point, so what is drawn along it meets the landmarks exactly.
    """
    points = np.asarray(points, float)
    before, after = (
        (points[-1:], points[:2]) if closed else (2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1])
    )
    p = np.concatenate([before, points, after])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    p0, p1, p2, p3 = (p[i : len(p) - 3 + i, None] for i in range(4))
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    curve = curve.reshape(-1, points.shape[1])
    return curve if closed else np.concatenate([curve, points[-1:]])


def resample(points, count: int) -> np.ndarray:
    """Return `count` points spread evenly along a polyline."""
    points = np.asarray(points, float)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, column) for column in points.T], axis=1)


def hull(points) -> np.ndarray:
    """Return the convex outline of points in the plane: those farthest out in each of 120 directions."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    return points[np.argmax(points @ np.stack([np.cos(angle), np.sin(angle)]), axis=0)]


def between(a, b, t) -> np.ndarray:
    """Return the point, curve or colour at the fraction `t` of the way from `a` to `b`."""
    return (1 - t) * np.asarray(a, float) + t * np.asarray(b, float)


def bump(x, y, x0: float, y0: float, sx: float, sy: float):
    """Return a Gaussian hill of height 1 at (x0, y0)."""
    return np.exp(-(((x - x0) / sx) ** 2 + ((y - y0) / sy) ** 2) / 2)


def step(x, low: float, high: float):
    """Return 0 below `low`, 1 above `high`, and a smooth rise between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Return the 3×3 matrix that turns (yaw), nods (pitch) and tilts (roll) a head; angles in degrees."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(np.radians([yaw, pitch, roll])), np.sin(np.radians([yaw, pitch, roll]))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return tilt @ nod @ turn
