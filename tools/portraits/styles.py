"""Styles of hair: sheets of guide strands in head coordinates, and the strands between them."""

import numpy as np

from portraits.curves import resample, smooth, step
from portraits.head import hairline, on_skull

POINTS = 20  # of a strand


def _combed_back(lean: float, lift: float, recede: float = 0.0):
    around = np.linspace(-130, 130, 30)
    start = hairline(around, recede)
    side = step(np.abs(around), 45, 85)
    rows = [
        on_skull(
            around + lean * t * (1 - side),
            start + 75 * t * (1 - 0.35 * side),
            1.0 + (lift - 1) * np.sin(np.pi * min(t, 0.5)) * (1 - 0.6 * side),
        )
        for t in (0, 0.12, 0.4, 0.7, 1.0)
    ]
    return np.stack(rows, axis=1)


def _side_parted(side: int):
    """Return short hair that falls to both sides of a parting, the longer part over the front."""
    at = np.linspace(0, 1, 12)
    root = on_skull(side * 38 + 0 * at, 27 + 64 * at, 1.03)
    over = np.stack(
        [
            root,
            on_skull(side * 18, 35 + 53 * at, 1.13),
            on_skull(-side * 20, 33 + 50 * at, 1.17),
            on_skull(-side * (52 + 20 * at), 18 + 42 * at, 1.14),
            on_skull(-side * (72 + 30 * at), 6 + 26 * at, 1.06),
        ],
        axis=1,
    )
    down = np.stack(
        [root, on_skull(side * (52 + 10 * at), 25 + 52 * at, 1.11), on_skull(side * (72 + 25 * at), 5 + 35 * at, 1.06)],
        axis=1,
    )
    return over, down


def _fringe(length: float, lean: float):
    around = np.linspace(-68, 68, 18)
    rows = [
        on_skull(around * spread + lean * (1 - spread), up, lift)
        for spread, up, lift in ((0.35, 82, 1.08), (0.7, 62, 1.14), (0.95, 40, 1.13), (1.0, length, 1.07))
    ]
    return np.stack(rows, axis=1)


def _parted(side: int, part: float, length: float, width: float, wave: float):
    """Return the hair of one side, from a parting on the top down past the cheek; the first guide frames the face."""
    at = np.linspace(0, 1, 14)
    root = on_skull(part + 0 * at, 33 + 62 * at, 1.03)
    crown = on_skull(part + (side * 32 - part) * 0.6, 36 + 50 * at, 1.13)
    temple = on_skull(side * (48 + 62 * at), 26 + 20 * at, 1.12)
    ear = on_skull(side * (76 + 70 * at), 3 + 4 * at, 1.08)
    x = 1.01 + (width - 1.0) * np.sin(np.pi * at) - 0.12 * at
    falls = [root, crown, temple, ear]
    for t in np.linspace(0.15, 1, 7):
        sway = wave * 0.09 * np.sin(9 * t + 4 * at) * min(1, 2 * t)
        y = -0.1 + (length + 0.1) * t + 0 * at
        falls.append(np.stack([side * (x - 0.04 * t**2 + sway), y, 0.10 - 0.62 * at - 0.10 * t], axis=-1))
    return np.stack(falls, axis=1)


def _tied(knot):
    around = np.linspace(-125, 125, 30)
    start = hairline(around)
    rows = [
        on_skull(around, start, 1.0),
        on_skull(around * 1.02, start + 14, 1.05),
        on_skull(around * 1.05, start + 40, 1.07),
    ]
    end = np.broadcast_to(knot, (30, 3)) + np.outer(np.sin(np.radians(around)), (0.10, 0, 0))
    return np.stack([*rows, end], axis=1)


def _ball(centre, radius):
    """Return strands wound round a knot of hair."""
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 5)
    turn = np.linspace(-1.35, 1.35, 14)[:, None]
    return np.asarray(centre) + radius * np.stack(
        [np.sin(turn) + 0 * angle, -np.cos(turn) * np.sin(angle), 0.8 * np.cos(turn) * np.cos(angle)], axis=-1
    )


def guides(style: str, rng, side: int = 1) -> list:
    """Return the sheets of hair of a style: arrays of guide strands (guides×points×3); some styles have none."""
    cap = _combed_back(side * 25, 1.10)
    if style == "short":
        sides = _combed_back(0, 1.05)
        return [sides[:9], sides[-9:], *_side_parted(side)]
    if style == "swept":
        return [_combed_back(side * 60, 1.22, recede=0.3)]
    if style == "fringe":
        return [cap, _fringe(19, side * 20)]
    if style in ("bob", "long", "wavy"):
        length = {"bob": rng.uniform(0.85, 1.25), "long": 2.1, "wavy": 1.75}[style]
        part = side * rng.uniform(0, 22)
        sheets = [_parted(s, part, length, 1.14 + 0.08 * (style == "wavy"), float(style == "wavy")) for s in (-1, 1)]
        return sheets + ([_fringe(20, 0)] if style == "bob" and rng.random() < 0.5 else [])
    if style == "bun":
        knot = np.array([0, -1.52, -0.45])
        return [_tied(knot + (0, 0.22, 0)), _ball(knot, 0.36)]
    return []


def comb(sheets, rng, count: int) -> np.ndarray:
    """Return strands (N×POINTS×3) between the guides of each sheet, each a little out of line."""
    strands = [np.empty((0, POINTS, 3))]
    drift = np.linspace(0, 1, POINTS)[:, None] ** 1.5
    for sheet in sheets:
        fine = np.stack([resample(smooth(guide, 5), POINTS) for guide in sheet])
        fine = smooth(fine.reshape(len(fine), -1), 3).reshape(-1, POINTS, 3)
        at = np.sort(rng.uniform(0, len(fine) - 1.001, count))
        t = (at % 1)[:, None, None]
        straight = (1 - t) * fine[at.astype(int)] + t * fine[at.astype(int) + 1]
        stray = rng.normal(0, 0.014, (count, 1, 3)) + drift * rng.normal(0, 0.026, (count, 1, 3))
        strands.append(straight + stray)
    return np.concatenate(strands)
