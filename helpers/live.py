"""Pictures that move while a training runs: one display, one figure, its artists updated in place."""

import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.plots.faces import draw_face, draw_points, move_points, name_points
from helpers.plots.state_dict import draw_state_dict
from helpers.style import COLOURS, bundle, pixel_bundle, plain_log_axis


class Live:
    """Record values step by step, and redraw `figure` now and then.

    figure    a figure whose artists `refresh` moves; its size stays as it is
    refresh   called as refresh(live) before each frame; reads `live.series(…)` and `live.shown`
    frames    with `total` steps: draw this many frames, evenly spread (for a training that is over in a blink)
    every     without `frames`: draw at most one frame in so many seconds
    moving    the artists that `refresh` moves, where you can name them all: the others are then drawn only when the
              limits of an axes have changed, and a frame costs a few milliseconds

    Use it as a context manager: the last frame is drawn and stored however the block ends.
    Values may be tensors, on any device: they are read only when a frame is drawn, so that recording one costs no
    waiting.
    """

    def __init__(
        self, figure: Figure, refresh, *, total: int | None = None, frames: int | None = None, every=0.5, moving=()
    ):
        self.figure, self.refresh, self.moving = figure, refresh, list(moving)
        self.total, self.frames, self.every = total, frames, every
        self.share = None  # of the training, in frames, at the last step that was added
        self.recorded: dict[tuple[str, str], tuple[list, list]] = {}  # (panel, name) → steps, values
        self.shown = None
        self.frames_drawn, self.seconds_drawing, self.last_drawn = 0, 0.0, time.perf_counter()
        self.text = f"<live plot, {int(figure.bbox.width)}x{int(figure.bbox.height)}>"
        self.handle = display(bundle(figure, self.text), raw=True, display_id=True)
        figure.set_layout_engine("none")  # laid out once: doing it again for each frame costs more than drawing
        plt.close(figure)
        self.canvas, self.still = FigureCanvasAgg(figure), None
        for artist in self.moving:
            artist.set_animated(True)  # left out when the canvas is drawn, though not when the figure is saved

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.draw(draft=False)

    def add(self, step: int, shown=None, **panels) -> None:
        """Record the values of this step, loss={"train": 0.3, "val": 0.5} or loss=0.3; draw a frame when one is due.

        shown   what else the figure shows from now on: points, shapes
        """
        if shown is not None:
            self.shown = _kept(shown)
        for panel, values in panels.items():
            for name, value in values.items() if isinstance(values, dict) else [("", values)]:
                steps, kept = self.recorded.setdefault((panel, name), ([], []))
                steps.append(step)
                kept.append(_kept(value))
        if self.is_due(step):
            self.draw()

    def is_due(self, step: int) -> bool:
        """Tell whether a frame is to be drawn after this step."""
        if not (self.total and self.frames):
            return time.perf_counter() - self.last_drawn > self.every
        before, self.share = self.share, step * self.frames // self.total
        return self.share != before

    def series(self, panel: str, name: str = "") -> tuple[list, list]:
        """Return the steps and the values recorded under a panel and a name in it, as numbers."""
        steps, values = self.recorded.get((panel, name), ([], []))
        values[:] = map(float, values)
        return steps, values

    def draw(self, draft: bool = True) -> None:
        """Draw a frame now."""
        start = time.perf_counter()
        self.refresh(self)
        if draft and self.moving:
            self.handle.update(self.quick_frame(), raw=True)
        else:
            self.handle.update(bundle(self.figure, self.text, draft), raw=True)
        self.last_drawn = time.perf_counter()
        self.seconds_drawing += self.last_drawn - start
        self.frames_drawn += 1

    def quick_frame(self) -> dict[str, str]:
        """Return a frame in which only the artists of `moving` were drawn anew, where the axes are as they were."""
        limits = [(ax.get_xlim(), ax.get_ylim()) for ax in self.figure.axes]
        if self.still is None or limits != self.still[0]:
            self.canvas.draw()
            self.still = limits, self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self.still[1])
        for artist in self.moving:
            artist.axes.draw_artist(artist)
        return pixel_bundle(self.canvas.buffer_rgba(), self.text)


def _kept(value):
    """Return a value as it is now: what is done to a tensor later does not change the copy."""
    return value.detach().clone() if hasattr(value, "detach") else value


def rescale_to_data(ax: Axes) -> None:
    """Fit the limits of `ax` to what its lines show now; limits that were set are only widened.

    A logarithmic y axis ends at 1, 2 or 5 × 10ⁿ: it would move at each step of a falling loss.
    """
    ax.relim()
    ax.autoscale_view()
    is_log = ax.get_yscale() == "log"
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in ax.lines])
    values = values[np.isfinite(values) & (values > 0 if is_log else True)]
    if len(values):
        least, greatest = _round_ends(values.min(), values.max()) if is_log else (values.min(), values.max())
        low, high = (least, greatest) if is_log and ax.get_autoscaley_on() else ax.get_ylim()
        ax.set_ylim(min(low, least), max(high, greatest), auto=None)


def _round_ends(low: float, high: float) -> tuple[float, float]:
    """Return the numbers 1, 2 or 5 × 10ⁿ just below `low` and just above `high`."""
    below, above = (10 ** np.floor(np.log10(end)) * np.array([0.5, 1, 2, 5, 10]) for end in (low, high))
    return below[below < low].max(), above[above > high].min()


def follow(lines: dict[tuple[str, str], Line2D]):
    """Return a `refresh` for `Live`: a line shows what was recorded under its panel and name; axes hold all of it."""

    def refresh(live: Live) -> None:
        for panel_and_name, line in lines.items():
            line.set_data(*live.series(*panel_and_name))
        for ax in dict.fromkeys(line.axes for line in lines.values()):
            rescale_to_data(ax)

    return refresh


def live_curves(panels: dict[str, list[str]], *, stairs: tuple[str, ...] = (), **when) -> Live:
    """Return a `Live` with one axes for each panel, and in it one curve for each of the panel's names.

    panels   what `add` will bring: {"loss": ["train", "val"], "learning_rate": ["base"]}; titles have blanks for `_`
    stairs   the panels whose values hold until the next one, and do not slide to it
    when     `total` and `frames`, or `every`: see `Live`; with `total` the x axis has its length from the start
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(4.5 * len(panels) + 1, 3.4), squeeze=False)
    lines = {}
    for ax, (panel, names) in zip(axes.flat, panels.items(), strict=True):
        curves = _empty_curves(ax, panel, names, when.get("total"))
        for line in curves.values() if panel in stairs else ():
            line.set_drawstyle("steps-post")
        lines |= curves
    return Live(figure, follow(lines), **when)


def _empty_curves(ax: Axes, panel: str, names: list[str], total: int | None) -> dict[tuple[str, str], Line2D]:
    """Make `ax` the panel in which curves of these names are to grow; return the curves."""
    ax.set(title=panel.replace("_", " "), xlabel="step")
    if total:
        ax.set_xlim(0, total)
    ax.grid(True)
    lines = {
        (panel, name): ax.plot([], [], label=name, color=colour)[0]
        for name, colour in zip(names, COLOURS, strict=False)
    }
    if len(names) > 1:
        ax.legend(loc="best")
    return lines


def live_landmarks(images, landmarks, *, panel: str = "loss", xlabel: str = "step", **when) -> Live:
    """Return a `Live` that shows predicted points walking onto faces, beside the falling loss.

    images      a few H×W×3 arrays (four fit well)
    landmarks   their true points, (n, 68, 2)
    add(step, predicted, loss={"train": …, "val": …}) brings the two losses and the predicted points, (n, 68, 2);
    until then none are shown. `panel` is the losses' other name, where they have one: "error_in_pixels".
    """
    count = len(images)
    figure = plt.figure(figsize=(2 * count + 3.4, 3.1))
    grid = figure.add_gridspec(1, count + 1, width_ratios=[1] * count + [1.4])
    faces = []
    for i in range(count):
        ax = figure.add_subplot(grid[i])
        draw_face(images[i], landmarks[i], ax=ax, size=1.5)
        draw_points(ax, np.full((68, 2), np.nan), "predicted", size=1.5)
        faces.append(ax)
    name_points(figure, ax)
    curve = figure.add_subplot(grid[count])
    lines = _empty_curves(curve, panel, ["train", "val"], when.get("total"))
    curve.set_xlabel(xlabel)
    plain_log_axis(curve)
    follow_lines = follow(lines)

    def refresh(live: Live) -> None:
        if live.shown is not None:
            for ax, points in zip(faces, torch.as_tensor(live.shown).cpu(), strict=True):
                move_points(ax, points)
        follow_lines(live)

    return Live(figure, refresh, **when)


def live_shapes(shapes: dict[str, tuple[int, ...]], **when) -> Live:
    """Return a `Live` that shows a state_dict to scale, name → shape, while its layers change: add(step, shapes)."""
    ax = draw_state_dict(shapes)

    def refresh(live: Live) -> None:
        if live.shown:
            ax.clear()
            draw_state_dict(live.shown, ax=ax)

    return Live(ax.figure, refresh, **when)
