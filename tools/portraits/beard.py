"""Beards, painted hair by hair on the skin."""

import numpy as np

from portraits.canvas import Canvas, ramp
from portraits.curves import step
from portraits.skin import Light
from portraits.view import View


def paint_beard(canvas: Canvas, view: View, colour, light: Light, rng, kind: str) -> None:
    """Paint a "full" beard, a "goatee" or a "moustache", hair by hair on the skin."""
    u = view.scale
    lips, chin = view.head.landmarks()[48:60, :2], view.head.chin_y
    x, y = rng.uniform(-0.98, 0.98, 4200), rng.uniform(0.3, chin - 0.01, 4200)
    side = np.interp(y, view.head.jaw[:, 1], view.head.jaw[:, 0])
    middle, top, bottom = lips[:, 0].mean(), lips[:, 1].min(), lips[:, 1].max()
    reach = np.abs(lips[:, 0]).max()
    in_mouth = ((x - middle) / (reach + 0.05)) ** 2 + ((y - (top + bottom) / 2) / ((bottom - top) / 2 + 0.035)) ** 2 < 1
    tash = (
        (np.abs(x) < reach + 0.10) & (y > top - 0.12 + 0.45 * np.abs(x) ** 2) & (y < top + 0.08) & (np.abs(x) > 0.015)
    )
    cheek = y > 0.98 - 0.62 * step(np.abs(x) / side, 0.55, 0.98)
    full = cheek & ((np.abs(x) > reach + 0.04) | (y > bottom))
    goatee = (np.abs(x) < 0.26) & (y > bottom + 0.06)
    where = (
        {"full": tash | full, "goatee": tash | goatee, "moustache": tash}[kind] & ~in_mouth & (np.abs(x) < side * 0.985)
    )
    x, y = x[where], y[where]
    order = np.argsort(y)
    x, y = x[order], y[order]
    fall = np.where(tash[where][order], 0.07, 0.10)
    tip_x = x * (1 + np.where(tash[where][order], 0.25, -0.05)) + rng.normal(0, 0.02, len(x))
    z = view.head.surface(x, y)
    facing = view.turn(np.stack([x, y, z], -1))
    colour = np.asarray(colour, float)
    tones = np.stack([colour * 0.25, colour * 0.6, colour, colour * 1.3 + 18])
    shade = np.clip(0.42 + 0.22 * x * light.side * 1.3 + rng.normal(0, 0.09, len(x)), 0, 1)
    tips = view.project(np.stack([tip_x, y + fall, z - 0.01], -1))
    canvas.segments(facing[:, :2], tips, 0.012 * u, ramp(tones, shade))
