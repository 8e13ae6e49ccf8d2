"""Hair: strands in three dimensions, combed in a style and lit strand by strand."""

import numpy as np

from .canvas import Canvas, ramp
from .curves import resample, smooth, step
from .head import SKULL_CENTRE, View, hairline, on_skull
from .skin import Light

POINTS = 20    # of a strand
STYLES = ("short", "swept", "crop", "fringe", "bob", "long", "wavy", "bun", "curls", "ring", "bald")


def _combed_back(lean: float, lift: float, recede: float = 0.0, reach: float = 75.0):
    around = np.linspace(-130, 130, 30)
    start = hairline(around, recede)
    side = step(np.abs(around), 45, 85)
    rows = [on_skull(around + lean * t * (1 - side), start + reach * t * (1 - 0.35 * side), 1.0 + (lift - 1) * np.sin(np.pi * min(t, 0.5)) * (1 - 0.6 * side)) for t in (0, 0.12, 0.4, 0.7, 1.0)]
    return np.stack(rows, axis=1)


def _side_parted(side: int):
    """Return short hair that falls to both sides of a parting, the longer part over the front."""
    at = np.linspace(0, 1, 12)
    root = on_skull(side * 38 + 0 * at, 27 + 64 * at, 1.03)
    over = np.stack([root, on_skull(side * 18, 35 + 53 * at, 1.13), on_skull(-side * 20, 33 + 50 * at, 1.17), on_skull(-side * (52 + 20 * at), 18 + 42 * at, 1.14), on_skull(-side * (72 + 30 * at), 6 + 26 * at, 1.06)], axis=1)
    down = np.stack([root, on_skull(side * (52 + 10 * at), 25 + 52 * at, 1.11), on_skull(side * (72 + 25 * at), 5 + 35 * at, 1.06)], axis=1)
    return over, down


def _fringe(length: float, lean: float):
    around = np.linspace(-68, 68, 18)
    rows = [on_skull(around * spread + lean * (1 - spread), up, lift) for spread, up, lift in ((0.35, 82, 1.08), (0.7, 62, 1.14), (0.95, 40, 1.13), (1.0, length, 1.07))]
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
    for t in np.linspace(0.25, 1, 4):
        sway = wave * 0.07 * np.sin(7 * t + 5 * at)
        falls.append(np.stack([side * (x - 0.04 * t**2 + sway), -0.1 + (length + 0.1) * t + 0 * at, 0.10 - 0.62 * at - 0.10 * t], axis=-1))
    return np.stack(falls, axis=1)


def _tied(knot):
    around = np.linspace(-125, 125, 30)
    start = hairline(around)
    rows = [on_skull(around, start, 1.0), on_skull(around * 1.02, start + 14, 1.05), on_skull(around * 1.05, start + 40, 1.07)]
    return np.stack([*rows, np.broadcast_to(knot, (30, 3)) + 0.10 * np.stack([np.sin(np.radians(around)), 0 * around, 0 * around], axis=-1)], axis=1)


def _ball(centre, radius):
    """Return strands wound round a knot of hair."""
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 5)
    turn = np.linspace(-1.35, 1.35, 14)[:, None]
    return np.asarray(centre) + radius * np.stack([np.sin(turn) + 0 * angle, -np.cos(turn) * np.sin(angle), 0.8 * np.cos(turn) * np.cos(angle)], axis=-1)


def guides(style: str, rng, side: int = 1) -> list:
    """Return the sheets of hair of a style: arrays of guide strands (guides×points×3) in head coordinates."""
    cap = _combed_back(side * 25, 1.10)
    if style == "short":
        sides = _combed_back(0, 1.05)
        return [sides[:9], sides[-9:], *_side_parted(side)]
    if style == "swept":
        return [_combed_back(side * 60, 1.22, recede=0.3)]
    if style == "ring":
        around = np.concatenate([np.linspace(-150, -62, 14), np.linspace(62, 150, 14)])
        return [np.stack([on_skull(a, np.linspace(24, hairline(a), 4), 1.05) for a in half]) for half in np.split(around, 2)]
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


def comb(sheets, rng, count: int, rough: float = 1.0) -> np.ndarray:
    """Return strands (N×POINTS×3) between the guides of each sheet, each a little out of line."""
    strands = [np.empty((0, POINTS, 3))]
    drift = np.linspace(0, 1, POINTS)[:, None] ** 1.5
    for sheet in sheets:
        fine = np.stack([resample(smooth(guide, 5), POINTS) for guide in sheet])
        at = np.sort(rng.uniform(0, len(fine) - 1.001, count))
        t = (at % 1)[:, None, None]
        straight = (1 - t) * fine[at.astype(int)] + t * fine[at.astype(int) + 1]
        strands.append(straight + rough * (rng.normal(0, 0.014, (count, 1, 3)) + drift * rng.normal(0, 0.035, (count, 1, 3))))
    return np.concatenate(strands)


class Hair:
    """The hair of one head in one pose: what lies behind the head, and what lies before it."""

    def __init__(self, view: View, style: str, colour, light: Light, rng, side: int = 1):
        self.view, self.style, self.light, self.rng = view, style, light, rng
        self.curl_seed = rng.integers(1 << 32)
        colour = np.asarray(colour, float)
        self.tones = np.stack([colour * 0.22, colour * 0.55, colour, colour * 1.25 + 14, colour * 1.5 + 46])
        self.long = style in ("bob", "long", "wavy")
        self.combed_back = style in ("swept", "bun")
        self.parted = self.long or style == "short"
        strands = comb(guides(style, rng, side), rng, 330 if self.long else 300)
        seen = view.turn(strands)
        self.low = np.median(strands[:, -1, 1]) if len(strands) else 0.0
        order = np.argsort(seen[..., 2].mean(1) + rng.normal(0, 0.05, len(seen)) * view.scale)
        # The upper hair is hidden where the skull turns away, the hair that hangs where it is behind the cheek.
        hidden_below = view.turn(SKULL_CENTRE)[2] + view.scale * np.interp(strands[order][..., 1], [-0.1, 0.4], [-0.05, 0.20])
        self.lines, self.hidden = seen[order], seen[order][..., 2] < hidden_below

    def paint_behind(self, canvas: Canvas) -> None:
        """Paint the mass of hair that the head, the neck and the ears cover."""
        u = self.view.scale
        centre = self.view.project(SKULL_CENTRE)
        grow = {"curls": 1.22, "crop": 1.02, "bald": 0.5, "ring": 0.5}.get(self.style, 1.05)
        canvas.fill(centre + (self.view.skull() - centre) * grow, self.tones[1] * 0.8, soft=0.01 * u)
        if self.long:
            low = self.low
            drape = smooth([[-1.02, -0.4], [-1.12, 0.3], [-1.05, low - 0.1], [0, low + 0.02], [1.05, low - 0.1], [1.12, 0.3], [1.02, -0.4]], 8)
            canvas.fill(self.view.project(np.concatenate([drape, np.full((len(drape), 1), -0.55)], axis=1)), self.tones[1] * 0.7, soft=0.01 * u)
        self._paint(canvas, behind=True)
        if self.style == "curls":
            self._paint_curls(canvas, behind=True)

    def paint_front(self, canvas: Canvas, face, shadow) -> None:
        """Paint the hair that lies on the head, and its shadow on the skin."""
        if self.style not in ("bald", "ring", "crop") and not self.combed_back:
            around = np.linspace(-75, 75, 31)
            edge = self.view.project(on_skull(around, hairline(around) - 2, 1.0))
            canvas.stroke(edge, 0.12 * self.view.scale, shadow, soft=0.05 * self.view.scale, alpha=0.45, clip=face)
        self._paint(canvas, behind=False)
        if self.style == "curls":
            self._paint_curls(canvas, behind=False)

    def _paint(self, canvas, behind: bool) -> None:
        """Paint the pieces of the strands behind the middle of the head, or before it: dark thick ones, then thin ones that shine."""
        u, rng, lines = self.view.scale, self.rng, self.lines
        shade = self._shade(lines)
        thin_root = 0.15 if self.combed_back else 0.6
        taper = np.interp(np.arange(POINTS - 1), [0, 4, 12, POINTS - 2], [thin_root, 1, 1, 0.35])
        taper = np.broadcast_to(taper, (len(lines), POINTS - 1))
        shown = self.hidden[:, 1:] == behind
        start, end = lines[:, :-1, :2], lines[:, 1:, :2]
        overlap = 0.06 * (end - start)
        under = shown & (np.arange(len(lines)) % 2 == 0)[:, None]
        canvas.segments((start - overlap)[under], (end + overlap)[under], 0.058 * u * taper[under], ramp(self.tones, shade * 0.62)[:, :-1][under])
        shade = np.clip(shade + rng.normal(0, 0.09, (len(lines), 1)), 0, 1)
        canvas.segments(start[shown], end[shown], 0.016 * u * taper[shown], ramp(self.tones, shade)[:, :-1][shown])

    def _shade(self, lines) -> np.ndarray:
        """Return how light strands (N×POINTS×3) are along their length: hair is bright where it crosses the light."""
        tangent = _unit(np.gradient(lines, axis=1))
        outward = _unit(lines - self.view.turn(SKULL_CENTRE))
        lamp = self.light.direction()
        facing = np.clip((outward @ lamp + 0.5) / 1.5, 0, 1)
        gloss = np.sqrt(np.clip(1 - (tangent @ _unit(lamp + (0, 0, 1))) ** 2, 0, 1)) ** 6 * facing
        gloss = (np.roll(gloss, 1, 1) + gloss + np.roll(gloss, -1, 1)) / 3
        return 0.14 + 0.42 * facing + 0.38 * gloss - (np.interp(np.arange(POINTS), [0, 5], [0.12, 0]) if self.parted else 0)

    def _paint_curls(self, canvas, behind: bool) -> None:
        rng, u = np.random.default_rng(self.curl_seed), self.view.scale
        around, up, lift = rng.uniform(-180, 180, 620), rng.uniform(-35, 90, 620), rng.uniform(1.05, 1.30, 620)
        keep = up > hairline(around) + np.where(np.abs(around) < 90, 4, 0)
        seen = self.view.turn(on_skull(around[keep], up[keep], lift[keep]))
        outward = _unit(seen - self.view.turn(SKULL_CENTRE))
        keep = (outward[:, 2] < 0) == behind
        order = np.argsort(seen[keep, 2])
        seen, outward = seen[keep][order], outward[keep][order]
        facing = np.clip((outward @ self.light.direction() + 0.4) / 1.4, 0, 1)
        shade = np.clip(0.08 + 0.6 * facing + rng.normal(0, 0.06, len(seen)), 0, 1)[:, None]
        turn = rng.uniform(0, 2 * np.pi, (len(seen), 1)) + np.linspace(0, 4.6, 10)
        radius = u * rng.uniform(0.07, 0.12, (len(seen), 1)) * np.linspace(1, 0.45, 10)
        curl = seen[:, None, :2] + radius[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        pieces = np.stack([curl[:, :-1], curl[:, 1:], curl[:, :-1] - 0.014 * u, curl[:, 1:] - 0.014 * u], axis=2)    # each curl: dark, then light on top
        coats = np.concatenate([pieces[:, :, :2], pieces[:, :, 2:]], axis=1).reshape(-1, 2, 2)
        paint = np.repeat(np.stack([ramp(self.tones, 0.55 * shade[:, 0]), ramp(self.tones, shade[:, 0])], axis=1), 9, axis=1).reshape(-1, 3)
        canvas.segments(coats[:, 0], coats[:, 1], np.tile(np.repeat([0.075 * u, 0.022 * u], 9), len(seen)), paint)


def _unit(vectors) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def paint_beard(canvas: Canvas, view: View, colour, light: Light, rng, kind: str) -> None:
    """Paint a "full" beard, a "goatee" or a "moustache", hair by hair on the skin."""
    u = view.scale
    lips, chin = view.head.landmarks()[48:60, :2], view.head.chin_y
    x, y = rng.uniform(-0.98, 0.98, 4200), rng.uniform(0.3, chin - 0.01, 4200)
    side = np.interp(y, view.head.jaw[:, 1], view.head.jaw[:, 0])
    middle, top, bottom = lips[:, 0].mean(), lips[:, 1].min(), lips[:, 1].max()
    reach = np.abs(lips[:, 0]).max()
    in_mouth = ((x - middle) / (reach + 0.05)) ** 2 + ((y - (top + bottom) / 2) / ((bottom - top) / 2 + 0.035)) ** 2 < 1
    tash = (np.abs(x) < reach + 0.10) & (y > top - 0.12 + 0.45 * np.abs(x) ** 2) & (y < top + 0.08) & (np.abs(x) > 0.015)
    cheek = y > 0.98 - 0.62 * step(np.abs(x) / side, 0.55, 0.98)
    full = cheek & ((np.abs(x) > reach + 0.04) | (y > bottom))
    goatee = (np.abs(x) < 0.26) & (y > bottom + 0.06)
    where = {"full": tash | full, "goatee": tash | goatee, "moustache": tash}[kind] & ~in_mouth & (np.abs(x) < side * 0.985)
    x, y = x[where], y[where]
    order = np.argsort(y)
    x, y = x[order], y[order]
    fall = np.where(tash[where][order], 0.07, 0.10)
    tip_x = x * (1 + np.where(tash[where][order], 0.25, -0.05)) + rng.normal(0, 0.02, len(x))
    z = view.head.surface(x, y)
    facing = view.turn(np.stack([x, y, z], -1))
    colour = np.asarray(colour, float)
    tones = np.stack([colour * 0.25, colour * 0.6, colour, colour * 1.3 + 18])
    shade = np.clip(0.42 + 0.22 * x * light.side * 1.3 + rng.normal(0, 0.14, len(x)), 0, 1)
    tips = view.project(np.stack([tip_x, y + fall, z - 0.01], -1))
    canvas.segments(facing[:, :2], tips, 0.012 * u, ramp(tones, shade))
