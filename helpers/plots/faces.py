"""Faces with their landmarks."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from helpers.landmarks import GROUPS
from helpers.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED

TRUE, PREDICTED = "#19d3c5", "#ffb000"
OUTLINE = [Stroke(linewidth=1.8, foreground="#00000055"), Normal()]


def as_picture(image) -> np.ndarray:
    """Return an image as matplotlib shows it: H×W×3, uint8 or floats clipped to [0, 1]; tensors may be C×H×W."""
    picture = image.detach().cpu().numpy() if hasattr(image, "detach") else np.asarray(image)
    if picture.ndim == 3 and picture.shape[0] in (1, 3) and picture.shape[2] not in (1, 3):
        picture = picture.transpose(1, 2, 0)
    return picture if picture.dtype == np.uint8 else picture.clip(0, 1)


def _path(points) -> np.ndarray:
    """Return the points as one line through every part of the face, with NaN where the pen is lifted."""
    parts = []
    for indices, closed in GROUPS.values():
        order = [*indices, indices[0]] if closed else [*indices]
        parts += [points[order], [[np.nan, np.nan]]]
    return np.concatenate(parts)


def draw_points(ax: Axes, points, label: str = "true", size: float = 3.0) -> list[Line2D]:
    """Draw 68 points (68, 2) and the lines between them, in the colour of "true" or "predicted"; return both lines."""
    colour = TRUE if label == "true" else PREDICTED
    lines = ax.plot(
        *_path(points).T, color=colour, lw=0.4 + 0.25 * size, alpha=0.9, path_effects=OUTLINE, gid=f"{label} lines"
    )
    lines += ax.plot(
        *points.T, "o", color=colour, ms=size, mec="#00000088", mew=0.4, label=label, gid=f"{label} points"
    )
    return lines


def name_points(figure: Figure, ax: Axes) -> None:
    """Say below `figure` which colour is "true" and which "predicted", as drawn in `ax`."""
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2, markerscale=4)


def _box(picture: np.ndarray, *several) -> np.ndarray:
    """Return the least and the greatest (x, y) of a picture and of the points on it, with room for their dots."""
    height, width = picture.shape[:2]
    ends = [np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])]
    ends += [[points.min(0) - 2, points.max(0) + 2] for points in several]
    return np.array([np.min(ends, axis=(0, 1)), np.max(ends, axis=(0, 1))])


def draw_face(image, landmarks=None, *, ax: Axes | None = None, predicted=None, title: str = "", size=3.0) -> Axes:
    """Draw a face, its landmarks (68, 2) and, where given, the predicted ones over them; return the axes.

    Points outside the picture are shown: the axes grow to hold them. `size` is the points' diameter in 1/72 inch.
    """
    ax = ax or plt.subplots(figsize=(4.8, 4.8))[1]
    picture = as_picture(image)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255 if picture.dtype == np.uint8 else 1)
    given = {"true": landmarks, "predicted": predicted}
    given = {label: np.asarray(points, dtype=float) for label, points in given.items() if points is not None}
    for label, points in given.items():
        draw_points(ax, points, label, size)
    box = _box(picture, *given.values())
    ax.set(xlim=box[:, 0], ylim=box[::-1, 1], xticks=[], yticks=[], title=title)
    ax.set_facecolor("#f4f6f7")
    ax.spines[:].set_visible(False)
    return ax


def move_points(ax: Axes, points) -> None:
    """Move the predicted points that `draw_face` drew in `ax` to `points` (68, 2)."""
    points = np.asarray(points, dtype=float)
    for line in ax.lines:
        if line.get_gid() == "predicted lines":
            line.set_data(*_path(points).T)
        elif line.get_gid() == "predicted points":
            line.set_data(*points.T)


def draw_faces(samples, titles=None, *, columns: int = 4, cell: float = 2.5) -> Figure:
    """Draw several samples (`image`, `landmarks`, `predicted`) in rows of `columns`; a picture has `cell` inches.

    Where points are predicted, a legend names both colours.
    """
    samples = list(samples)
    titles = titles or [""] * len(samples)
    columns = min(columns, len(samples))
    rows = -(-len(samples) // columns)
    predicted = "predicted" in samples[0]
    figure, axes = plt.subplots(rows, columns, figsize=(cell * columns, cell * rows + 0.35 * predicted), squeeze=False)
    for ax in axes.flat[len(samples) :]:
        ax.axis("off")
    for ax, sample, title in zip(axes.flat, samples, titles, strict=False):
        draw_face(**sample, ax=ax, title=title, size=1.0)
        ax.set_anchor("N")  # the titles of a row stand at one height, whatever its pictures' shapes
    if predicted:
        name_points(figure, axes.flat[0])
    return figure


def draw_steps(samples: dict[str, dict]) -> Figure:
    """Draw one face as it passes through a pipeline: title → sample, left to right, all at one scale.

    The figure is nine inches wide, less where the pictures would be higher than three. Points outside are shown.
    """
    shapes = [as_picture(sample["image"]).shape[:2] for sample in samples.values()]
    boxes = [_box(as_picture(sample["image"]), np.asarray(sample["landmarks"])) for sample in samples.values()]
    widths, heights = np.transpose([high - low for low, high in boxes])
    tallest = heights.max()
    height = min(3, (9 - 0.3 * len(widths)) * tallest / sum(widths))
    width = height / tallest * sum(widths) + 0.3 * len(widths)
    figure, axes = plt.subplots(1, len(samples), figsize=(width, height + 0.7), width_ratios=widths, squeeze=False)
    for ax, (title, sample), (rows, columns) in zip(axes.flat, samples.items(), shapes, strict=True):
        draw_face(sample["image"], sample["landmarks"], ax=ax, size=2)
        top = ax.get_ylim()[1]
        ax.set(ylim=(top + tallest, top), facecolor="none")
        ax.set_title(f"{title}\n", fontsize=11)
        ax.text(0, 1.02, f"{rows} × {columns}", fontsize=9, color=GREY, transform=ax.transAxes)
    return figure


PART_COLOURS = {"jaw": BLUE, "brow": ORANGE, "nose": RED, "eye": GREEN, "lip": PURPLE}


def draw_landmark_map(points) -> Axes:
    """Draw the 68 points with their numbers and the names of the parts, without a picture; return the axes."""
    ax = plt.subplots(figsize=(9, 7.2))[1]
    points = np.asarray(points, dtype=float)
    middle = points.mean(0)
    for name, (indices, closed) in GROUPS.items():
        colour = PART_COLOURS[name.split("_")[0]]
        order = [*indices, indices[0]] if closed else [*indices]
        label = f"{indices[0]}–{indices[-1]}  {name.replace('_', ' ')}"
        ax.plot(*points[order].T, "o-", ms=4, lw=1.2, color=colour, label=label)
        centre = points[indices].mean(0) if closed else middle
        for index in indices:
            away = points[index] - centre  # the number stands outside the curve, inside for the inner lip
            distance = {"lip_inner": -8}.get(name, 9) if index not in (60, 64) else -18  # where both lips meet
            away = away / np.hypot(*away) * distance * [1, -1]
            if name.startswith("nose"):  # inside the face there is room on one side only
                away = (-11, 0) if name == "nose_bridge" else (0, 9)
            ax.annotate(
                str(index), points[index], away, textcoords="offset points", ha="center", va="center", fontsize=9
            )
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.invert_yaxis()
    ax.spines[:].set_visible(False)
    ax.figure.legend(loc="outside right center", title="left, right: of the picture")
    return ax
