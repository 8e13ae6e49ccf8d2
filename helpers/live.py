"""Pictures that move while a training runs: one display, one figure, its artists updated in place."""

import time

import matplotlib.pyplot as plt
import numpy as np
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
    refresh   called as refresh(live) before each frame; reads `live.steps` and `live.values`
    frames    with `total` steps: draw this many frames, evenly spread (for a training that is over in a blink)
    every     without `frames`: draw at most one frame in so many seconds
    moving    the artists that `refresh` moves, where you can name them all: the others are then drawn only when the
              limits of an axes have changed, and a frame costs a few milliseconds

    Use it as a context manager: the last frame is drawn and stored however the block ends.
    Values may be tensors, on any device, or functions without arguments: they are read only when a frame is drawn,
    so that recording one costs no waiting.
    """

    def __init__(
        self, figure: Figure, refresh, *, total: int | None = None, frames: int | None = None, every=0.5, moving=()
    ):
        self.figure, self.refresh, self.moving = figure, refresh, list(moving)
        self.total, self.frames, self.every = total, frames, every
        self.share = None  # of the training, in frames, at the last step that was added
        self.steps: dict[str, list] = {}
        self.values: dict[str, list] = {}
        self.latest: dict[str, object] = {}
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

    def add(self, step: int, **values) -> None:
        """Record `values` (name=value) of this step; draw a frame when one is due."""
        for name, value in values.items():
            if callable(value):
                self.latest[name] = value
            else:
                self.steps.setdefault(name, []).append(step)
                self.values.setdefault(name, []).append(value.detach().clone() if hasattr(value, "detach") else value)
        if self.is_due(step):
            self.draw()

    def is_due(self, step: int) -> bool:
        """Tell whether a frame is to be drawn after this step."""
        if not (self.total and self.frames):
            return time.perf_counter() - self.last_drawn > self.every
        before, self.share = self.share, step * self.frames // self.total
        return self.share != before

    def series(self, name: str) -> tuple[list, list]:
        """Return the steps and the values recorded under `name`, as numbers."""
        values = self.values.get(name, [])
        values[:] = [float(value) for value in values]
        return self.steps.get(name, []), values

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


def follow(lines: dict[str, Line2D]):
    """Return a `refresh` for `Live`: each line shows what was recorded under its name, and its axes hold all of it."""

    def refresh(live: Live) -> None:
        for name, line in lines.items():
            line.set_data(*live.series(name))
        for ax in dict.fromkeys(line.axes for line in lines.values()):
            rescale_to_data(ax)

    return refresh


def live_curves(
    panels: dict[str, list[str]], *, log: tuple[str, ...] = (), stairs: tuple[str, ...] = (), **when
) -> Live:
    """Return a `Live` with one axes for each panel, and in it one curve for each of the panel's names.

    panels   title → names of the values that `add` will bring: {"loss": ["train", "val"], "accuracy": ["val"]}
             a name in two panels needs a prefix, which the legend leaves out: "train: loss", "val: loss"
    log      the titles of the panels with a logarithmic y axis
    stairs   the titles of the panels whose values hold until the next one, and do not slide to it
    when     `total` and `frames`, or `every`: see `Live`; with `total` the x axis has its length from the start
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(4.5 * len(panels) + 1, 3.4), squeeze=False)
    lines = {}
    for ax, (title, names) in zip(axes.flat, panels.items(), strict=True):
        ax.set(title=title, xlabel="step")
        if "total" in when:
            ax.set_xlim(0, when["total"])
        if title in log:
            plain_log_axis(ax)
        ax.grid(True)
        for name, colour in zip(names, COLOURS, strict=False):
            (lines[name],) = ax.plot(
                [], [], label=name.rpartition(": ")[2], color=colour, ds="steps-post" if title in stairs else "default"
            )
        if len(names) > 1:
            ax.legend(loc="best")
    return Live(figure, follow(lines), **when)


def live_landmarks(images, landmarks, *, title: str = "loss", xlabel: str = "step", **when) -> Live:
    """Return a `Live` that shows predicted points walking onto faces, beside the falling loss.

    images      a few H×W×3 arrays (four fit well)
    landmarks   their true points, (n, 68, 2)
    add(step, train=…, val=…, points=function) brings the two losses and a function that returns the predicted
    points, (n, 68, 2); it is called only when a frame is drawn. Until then none are shown.
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
    curve.set(xlabel=xlabel, title=title)
    if "total" in when:
        curve.set_xlim(0, when["total"])
    plain_log_axis(curve)
    curve.grid(True)
    lines = {name: curve.plot([], [], label=name)[0] for name in ("train", "val")}
    curve.legend(loc="upper right")
    follow_lines = follow(lines)

    def refresh(live: Live) -> None:
        if "points" in live.latest:
            for ax, points in zip(faces, np.asarray(live.latest["points"]()), strict=True):
                move_points(ax, points)
        follow_lines(live)

    return Live(figure, refresh, **when)


def live_shapes(shapes: dict[str, tuple[int, ...]], **when) -> Live:
    """Return a `Live` that shows a state_dict to scale, name → shape, while its layers change.

    add(step, shapes=function) brings a function that returns the shapes of now, called only when a frame is drawn.
    """
    ax = draw_state_dict(shapes)

    def refresh(live: Live) -> None:
        if "shapes" in live.latest:
            ax.clear()
            draw_state_dict(live.latest["shapes"](), ax=ax)

    return Live(ax.figure, refresh, **when)
