"""What stands in a drawing, read from its artists: for the tests of helpers/plots."""

from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text


def texts(ax: Axes) -> list[str]:
    """Return what is written inside `ax`, in the order of drawing."""
    return [text.get_text().strip() for text in ax.texts]


def texts_at(ax: Axes) -> dict[tuple[float, float], str]:
    """Return what is written inside `ax`: (x, y) → text."""
    return {tuple(float(end) for end in text.get_position()): text.get_text().strip() for text in ax.texts}


def find_text(owner, words: str) -> Text:
    """Return the only text in a figure or an axes, titles and labels included, that says `words`."""
    (found,) = owner.findobj(lambda artist: isinstance(artist, Text) and artist.get_text() == words)
    return found


def place(text: Text) -> tuple[float, float]:
    """Return where a text stands in its axes, or in its figure: 0 is the left or lower end, 1 the right or upper."""
    owner = text.axes.transAxes if text.axes else text.figure.transFigure
    return tuple(owner.inverted().transform(text.get_transform().transform(text.get_position())))


def is_whole(figure: Figure) -> bool:
    """Tell whether everything that is drawn is inside the figure, so that no label is cut off at its border."""
    figure.canvas.draw()
    figure.canvas.draw()  # pictures of a fixed shape find their place at the second drawing
    drawn, paper = figure.get_tightbbox(), figure.bbox_inches
    pixel = 1 / figure.dpi  # letters have no sharp ends
    return (drawn.min >= paper.min - pixel).all() and (drawn.max <= paper.max + pixel).all()


def ticks(axis) -> dict[float, str]:
    """Return the labels of `ax.xaxis` or `ax.yaxis`: place → text."""
    places = (float(place) for place in axis.get_majorticklocs())
    return dict(zip(places, (label.get_text() for label in axis.get_majorticklabels()), strict=True))


def colour(artist) -> str:
    """Return the colour of a line, or the one that fills a bar, a box or a band, as #rrggbb."""
    if hasattr(artist, "get_facecolor"):
        (filled,) = artist.get_facecolor() if hasattr(artist, "get_paths") else [artist.get_facecolor()]
        return to_hex(filled)
    return to_hex(artist.get_color())


def legend(owner) -> dict[str, str]:
    """Return the legend of an axes, or the only one of a figure: name → colour."""
    (drawn,) = [owner.get_legend()] if isinstance(owner, Axes) else owner.legends
    names = [text.get_text() for text in drawn.get_texts()]
    return dict(zip(names, map(colour, drawn.legend_handles), strict=True))


# ---- cells of a storage


def rounded_boxes(ax: Axes) -> list[tuple]:
    """Return the boxes of cells: left and lower edge of the cell, and the box."""
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    return [(round(box.get_x() - 0.05, 3), round(box.get_y() - 0.05, 3), box) for box in boxes]


def cells(ax: Axes) -> dict[tuple[float, float], str]:
    """Return the filled cells in the order of drawing: (left, lower edge) → colour."""
    return {(x, y): to_hex(box.get_facecolor()) for x, y, box in rounded_boxes(ax) if box.get_facecolor()[3]}


def outlines(ax: Axes) -> list[tuple]:
    """Return the outlined cells in the order of drawing: left and lower edge, colour."""
    return [(x, y, to_hex(box.get_edgecolor())) for x, y, box in rounded_boxes(ax) if not box.get_facecolor()[3]]


def lines_of_words(ax: Axes) -> list[tuple]:
    """Return the lines of many colours: the place, and [(word, colour), …]."""
    lines = [artist for artist in ax.artists if isinstance(artist, AnnotationBbox)]
    return [
        (line.xy, [(word.get_text(), colour(word._text)) for word in line.offsetbox.get_children()]) for line in lines
    ]
