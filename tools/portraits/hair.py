"""Hair: strands in three dimensions, lit one by one."""

import numpy as np

from portraits.canvas import Canvas, ramp
from portraits.curves import smooth
from portraits.head import SKULL_CENTRE, hairline, on_skull
from portraits.skin import Light
from portraits.styles import POINTS, comb, guides
from portraits.view import View


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
        strands = comb(guides(style, rng, side), rng, 300 if self.long else 270)
        seen = view.turn(strands)
        self.low = np.median(strands[:, -1, 1]) if len(strands) else 0.0
        order = np.argsort(seen[..., 2].mean(1) + rng.normal(0, 0.05, len(seen)) * view.scale)
        # The upper hair is hidden where the skull turns away, the hair that hangs where it is behind the cheek.
        limit = view.scale * np.interp(strands[order][..., 1], [-0.1, 0.4, 1.1, 1.5], [-0.05, 0.20, 0.20, -0.10])
        self.lines = seen[order]
        self.hidden = self.lines[..., 2] < view.turn(SKULL_CENTRE)[2] + limit

    def paint_behind(self, canvas: Canvas) -> None:
        """Paint the mass of hair that the head, the neck and the ears cover."""
        u = self.view.scale
        centre = self.view.project(SKULL_CENTRE)
        grow = {"curls": 1.12, "crop": 1.02, "bald": 0.5, "ring": 0.5}.get(self.style, 1.05)
        canvas.fill(centre + (self.view.skull() - centre) * grow, self.tones[1] * 0.8, soft=0.01 * u)
        if self.long:
            side = np.array([[1.02, -0.4], [1.12, 0.3], [1.05, self.low - 0.1], [0, self.low + 0.02]])
            drape = smooth(np.concatenate([side, side[2::-1] * (-1, 1)]), 8)
            drape = self.view.project(np.column_stack([drape, np.full(len(drape), -0.55)]))
            canvas.fill(drape, self.tones[1] * 0.7, soft=0.01 * u)
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
        if self.style in ("crop", "ring"):
            self._paint_cropped(canvas)

    def _paint(self, canvas, behind: bool) -> None:
        """Paint what of the strands is hidden, or what is not: dark thick ones, then thin ones that shine."""
        u, rng, lines = self.view.scale, self.rng, self.lines
        shade = self._shade(lines)
        thin_root = 0.15 if self.combed_back else 0.6
        taper = np.interp(np.arange(POINTS - 1), [0, 4, 12, POINTS - 2], [thin_root, 1, 1, 0.35])
        taper = np.broadcast_to(taper, (len(lines), POINTS - 1))
        shown = self.hidden[:, 1:] == behind
        start, end = lines[:, :-1, :2], lines[:, 1:, :2]
        overlap = 0.06 * (end - start)
        under = shown & (np.arange(len(lines)) % 2 == 0)[:, None]
        canvas.segments(
            (start - overlap)[under],
            (end + overlap)[under],
            0.058 * u * taper[under],
            ramp(self.tones, shade * 0.62)[:, :-1][under],
        )
        shade = np.clip(shade + rng.normal(0, 0.09, (len(lines), 1)), 0, 1)
        canvas.segments(start[shown], end[shown], 0.016 * u * taper[shown], ramp(self.tones, shade)[:, :-1][shown])

    def _shade(self, lines) -> np.ndarray:
        """Return how light strands (N×POINTS×3) are along their length: hair is bright where it crosses the light."""
        at = np.arange(POINTS)
        ahead, back = np.minimum(at + 4, POINTS - 1), np.maximum(at - 4, 0)
        tangent = _unit(lines[:, ahead] - lines[:, back])  # over a length, so that the shine changes softly
        outward = _unit(lines - self.view.turn(SKULL_CENTRE))
        lamp = self.light.direction()
        facing = np.clip((outward @ lamp + 0.5) / 1.5, 0, 1)
        gloss = np.sqrt(np.clip(1 - (tangent @ _unit(lamp + (0, 0, 1))) ** 2, 0, 1)) ** 6 * facing
        parting = np.interp(at, [0, 4], [0.12, 0]) if self.parted else 0
        return 0.14 + 0.42 * facing + 0.38 * gloss - parting

    def _paint_curls(self, canvas, behind: bool) -> None:
        rng, u = np.random.default_rng(self.curl_seed), self.view.scale
        around, up, lift = rng.uniform(-180, 180, 850), rng.uniform(-35, 90, 850), rng.uniform(1.03, 1.30, 850)
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
        # Each curl twice, N×2×10×2: a dark one, and a thin light one on top of it.
        pairs = np.stack([curl, curl - 0.014 * u], axis=1)
        colours = ramp(self.tones, shade * (0.55, 1))[:, :, None].repeat(9, axis=2)
        widths = np.broadcast_to(u * np.array([[0.075], [0.022]]), colours.shape[:3])
        starts, ends = pairs[:, :, :-1], pairs[:, :, 1:]
        canvas.segments(starts.reshape(-1, 2), ends.reshape(-1, 2), widths.ravel(), colours.reshape(-1, 3))

    def _paint_cropped(self, canvas) -> None:
        """Paint hair a few millimetres long, which ends in a soft edge; of a "ring" only the sides and the back."""
        rng = self.rng
        around, up = rng.uniform(-180, 180, 5000), np.degrees(np.arcsin(rng.uniform(-0.4, 1, 5000)))
        keep = up > hairline(around) + rng.normal(4, 3, 5000)
        if self.style == "ring":
            keep &= (up < rng.normal(26, 5, 5000)) & (np.abs(around) > rng.normal(60, 4, 5000))
        around, up = around[keep], up[keep]
        root, tip = self.view.turn(on_skull(around, up, 0.99)), self.view.turn(on_skull(around, up - 5, 1.012))
        outward = _unit(root - self.view.turn(SKULL_CENTRE))
        seen = outward[:, 2] > 0.02
        shade = 0.2 + 0.45 * np.clip(outward @ self.light.direction(), 0, 1) + rng.normal(0, 0.08, len(root))
        colours = ramp(self.tones, np.clip(shade, 0, 1))
        canvas.segments(root[seen, :2], tip[seen, :2], 0.012 * self.view.scale, colours[seen])


def _unit(vectors) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)
