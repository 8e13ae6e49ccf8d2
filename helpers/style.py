"""One look for every figure of the course, and how a figure becomes a stored picture."""

import base64
import io

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from PIL import Image

INK, GREY, PALE = "#22303c", "#8a949e", "#e8ecef"
BLUE, ORANGE, GREEN, RED, PURPLE, GOLD = "#2f6db3", "#e07b39", "#2f9e6e", "#c8423f", "#7b5ea7", "#d9a520"
COLOURS = [BLUE, ORANGE, GREEN, RED, PURPLE, GOLD]

SETTINGS = {
    "figure.dpi": 96,
    "figure.figsize": (8, 4),
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "text.color": INK,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "grid.color": PALE,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "image.interpolation": "nearest",
}


def _shows_photograph(figure: Figure) -> bool:
    """Tell whether any axes of `figure` holds a colour picture (an H×W×3 or H×W×4 array)."""
    return any(image.get_array().ndim == 3 for axes in figure.axes for image in axes.images)


def encode(figure: Figure, draft: bool = False) -> tuple[str, bytes]:
    """Return the MIME type and the bytes of `figure`: JPEG where it shows a photograph, PNG for everything else.

    A photograph as JPEG is a tenth of its PNG, a drawing in a palette of 256 colours half of it (one step of k-means
    moves the palette to colours that are there: a median cut alone mixes rare ones with their neighbours).
    With `draft`, speed counts more than size.
    """
    if not draft:
        figure.draw_without_rendering()  # axes of a fixed shape find their place only when drawn the second time
    buffer = io.BytesIO()
    if _shows_photograph(figure):
        figure.savefig(buffer, format="jpeg", dpi=figure.dpi, pil_kwargs={"quality": 75})
        return "image/jpeg", buffer.getvalue()
    figure.savefig(buffer, format="png", dpi=figure.dpi, pil_kwargs={"compress_level": 1})
    if not draft:
        drawing = Image.open(buffer).convert("RGB").quantize(256, kmeans=1, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        drawing.save(buffer, "png", optimize=True)
    return "image/png", buffer.getvalue()


def bundle(figure: Figure, text: str, draft: bool = False) -> dict[str, str]:
    """Return what `display(…, raw=True)` takes: the picture, and `text` for where pictures are not shown."""
    mime, data = encode(figure, draft)
    return {mime: base64.b64encode(data).decode(), "text/plain": text}


def pixel_bundle(pixels, text: str) -> dict[str, str]:
    """Return what `bundle` does for H×W×4 pixels that are drawn already, as a PNG that is quick to make."""
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).convert("RGB").save(buffer, "png", compress_level=1)
    return {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": text}


def plain_log_axis(ax: Axes, subs: tuple[int, ...] = (1, 2, 5)) -> None:
    """Give `ax` a logarithmic y axis with plain numbers at `subs` times each power of ten, and no other ticks."""
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=subs))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())  # thirty ticks without a label take a third of a live frame's time


def use_style() -> None:
    """Set the course's look, and have notebooks store figures as `encode` does."""
    from IPython import get_ipython

    mpl.rcParams.update(SETTINGS)
    shell = get_ipython()
    if not hasattr(shell, "kernel"):  # a script or a terminal
        return
    shell.run_line_magic("matplotlib", "inline")  # sets formatters of its own, so it must come before ours
    for mime in ("image/png", "image/jpeg"):

        def formatter(figure, mime=mime):
            kind, data = encode(figure)
            return data if kind == mime else None

        shell.display_formatter.formatters[mime].for_type(Figure, formatter)
