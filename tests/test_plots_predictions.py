"""Drawings of a classifier's answers, judged by what stands in the figure."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.offsetbox import AnnotationBbox
from pictures import colour, find_text, is_whole, legend, place, ticks

from helpers.plots.modes import EVALUATION, TRAINING
from helpers.plots.predictions import (
    draw_answers,
    draw_company,
    draw_curves,
    draw_photographs,
    draw_uncertainty,
    modes_figure,
)

CLASSES = ["brick", "grass", "gravel"]
MODES = {"evaluation mode": EVALUATION, "training mode": TRAINING}


def pictures(count):
    return torch.rand(count, 1, 6, 5, generator=torch.Generator().manual_seed(0))


def pixels(ax):
    """Return the greys, 0 black and 1 white, in which the only picture of `ax` is shown."""
    (image,) = ax.images
    return image.to_rgba(image.get_array(), norm=True)[..., :3].mean(-1)


@pytest.mark.parametrize(["count", "columns", "rows"], [(5, 3, 2), (4, 4, 1), (9, 8, 2)])
def test_photographs_stand_in_rows_under_their_titles(count, columns, rows):
    images, titles = pictures(count), [f"class {i}" for i in range(count)]
    figure = draw_photographs(images, titles, columns)
    assert figure.axes[0].get_gridspec().get_geometry() == (rows, columns)
    places = [ax.get_subplotspec().num1 for ax in figure.axes if ax.images]
    assert places == list(range(count))
    for ax, image, title in zip(figure.axes, images, titles, strict=False):
        np.testing.assert_allclose(pixels(ax), image[0], atol=0.005)
        assert ax.get_title(loc="center") == title
    assert not any(ax.axison for ax in figure.axes)


def test_eight_photographs_make_a_row():
    assert draw_photographs(pictures(9), [""] * 9).axes[0].get_gridspec().get_geometry() == (2, 8)


ANSWERS = {
    "training mode": {"11 × brick": [0.1, 0.2, 0.7], "a mixture": [0.6, 0.4, 0.0], "alone": [1.0, 0.0, 0.0]},
    "evaluation mode": {"11 × brick": [0.3, 0.3, 0.4], "a mixture": [0.2, 0.5, 0.3]},
}


def test_an_answer_is_a_bar_of_shares_in_the_colours_of_the_classes():
    figure = draw_answers(pictures(1)[0], ANSWERS, CLASSES)
    shown, *bars = figure.axes
    np.testing.assert_allclose(pixels(shown), pictures(1)[0, 0], atol=0.005)
    assert shown.get_title(loc="left") == "always this picture"
    colours = legend(figure)
    assert list(colours) == CLASSES and len(set(colours.values())) == 3
    for ax, (mode, companies) in zip(bars, ANSWERS.items(), strict=True):
        rows = {name: place for place, name in ticks(ax.yaxis).items()}
        assert list(rows) == list(companies)
        for (company, shares), k in ((row, k) for row in companies.items() for k in range(3)):
            parts = [part for part in ax.patches if part.get_y() < rows[company] < part.get_y() + part.get_height()]
            (part,) = (part for part in parts if colour(part) == colours[CLASSES[k]])
            assert (part.get_x(), part.get_width()) == pytest.approx((sum(shares[:k]), shares[k])), (company, k)
        assert ax.get_title(loc="left") == mode and colour(find_text(ax, mode)) == MODES[mode]
        assert ax.get_xlim() == (0, 1) and ax.yaxis_inverted()
    assert ticks(bars[-1].xaxis) == {0: "0.0", 0.5: "0.5", 1: "1.0"} and ticks(bars[0].xaxis) == {}
    assert not bars[0].spines["bottom"].get_visible() and bars[-1].get_xlabel() == "probability"
    assert [ax.get_subplotspec().rowspan.start for ax in bars] == [0, 1]  # in the order of the modes
    assert is_whole(figure)


def test_accuracy_stands_over_the_size_of_the_batches():
    accuracies = {
        "evaluation mode, any order": {2: 1.0, 12: 0.9, 36: 1.0},
        "training mode, mixed": {2: 0.6, 12: 0.9, 36: 1.0},
        "training mode, sorted": {36: 0.8, 2: 0.4, 12: 0.3},  # each value at its own size
    }
    ax = draw_company(accuracies, chance=0.25)
    sizes = ticks(ax.xaxis)
    assert list(sizes.values()) == ["2", "12", "36"]
    *lines, chance = ax.lines
    for line, (title, values) in zip(lines, accuracies.items(), strict=True):
        shown = {int(sizes[x]): y for x, y in line.get_xydata()}
        assert shown == values and line.get_label() == title
        assert colour(line) == (EVALUATION if title.startswith("evaluation") else TRAINING) == legend(ax)[title]
        assert line.get_marker() == "o"
    assert [line.get_linestyle() for line in lines] == ["-", "-", "--"]  # the last two have one colour
    assert lines[0].get_linewidth() > lines[1].get_linewidth()  # seen where the others cover it
    assert lines[0].get_markersize() > lines[1].get_markersize()
    (word,) = ax.texts
    assert set(chance.get_ydata()) == {0.25} and chance.is_dashed() and colour(chance) == colour(word)
    assert word.get_text() == "chance" and 0.9 < place(word)[0] < 1
    assert 0 < 0.25 - word.get_position()[1] < 0.1  # just below its line
    bottom, top = ax.get_ylim()
    assert bottom == 0 and 1 < top < 1.1 and is_whole(ax.figure)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pictures in a batch", "accuracy")


LIMITS = {"loss": (0.001, 10), "accuracy": (0, 1.04)}


@pytest.mark.parametrize("others", [(), ("fresh statistics",)])
def test_each_measure_has_a_curve_for_each_mode(others):
    figure, lines = modes_figure(LIMITS, 39, log=("loss",), others=others)
    names = [*MODES, *others]
    assert list(lines) == [(title, name) for title in LIMITS for name in names]
    for ax, (title, limits) in zip(figure.axes, LIMITS.items(), strict=True):
        assert [lines[title, name] for name in names] == list(ax.lines)
        assert ax.get_title(loc="left") == title and ax.get_ylim() == limits and ax.get_xlim() == (0, 39)
        assert {line.get_label(): colour(line) for line in ax.lines} == legend(figure) and ax.get_xlabel() == "epoch"
        assert not any(len(line.get_xdata()) or line.get_marker() for line in ax.lines)
        assert [line.is_dashed() for line in ax.lines] == [name in others for name in names]
    assert list(legend(figure).items())[:2] == list(MODES.items())
    assert len(set(legend(figure).values())) == len(names)
    assert [ax.get_yscale() for ax in figure.axes] == ["log", "linear"] and is_whole(figure)
    assert list(figure.axes[0].get_yticks()) == [float(f"1e{power}") for power in range(-4, 3)]


@pytest.mark.filterwarnings("error")
def test_the_curves_of_a_single_epoch_are_dots():
    figure, lines = modes_figure({"loss": (0, 1)}, 0)
    assert all(line.get_marker() == "o" for line in lines.values())
    left, right = figure.axes[0].get_xlim()
    assert -1 < left < 0 < right < 1  # 0 is the only epoch, and the only whole number


def test_runs_are_curves_in_colours_of_neither_a_mode_nor_a_class():
    runs = {"a": [1.0, 0.1, 0.3], "b": [2.0, 1.0], "c": [3.0, 1.0]}
    ax = draw_curves(runs, "loss", xlabel="step")
    assert ax.get_title(loc="left") == "loss" and ax.get_xlabel() == "step" and not ax.texts
    looks = [(colour(line), line.get_linestyle()) for line in ax.lines]
    assert len(set(looks)) == 3 and [style for _, style in looks[:2]] == ["-", "-"]
    taken = {*MODES.values(), *legend(draw_answers(pictures(1)[0], ANSWERS, CLASSES)).values()}
    assert not taken & {shade for shade, _ in looks}
    assert list(legend(ax).items()) == [(name, shade) for name, (shade, _) in zip(runs, looks, strict=True)]
    for line, (name, values) in zip(ax.lines, runs.items(), strict=True):
        assert line.get_xydata().tolist() == [[step, value] for step, value in enumerate(values)]
        assert line.get_label() == name
    assert ax.get_yscale() == "linear" and draw_curves(runs, log=True).get_yscale() == "log"
    assert all(float(place).is_integer() for place in ax.get_xticks())


def test_epochs_are_told_apart_by_dotted_lines():
    ax = draw_curves({"a": [0.0] * 5, "b": [0.0] * 7}, "drift", epoch=3)
    figure = ax.figure
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert [list(line.get_xdata()) for line in dotted] == [[x, x] for x in (-0.5, 2.5, 5.5)]
    assert [(text.get_text(), text.get_position()) for text in ax.texts] == [
        ("epoch 0", (0, 1.01)),
        ("epoch 1", (3, 1.01)),
        ("epoch 2", (6, 1.01)),
    ]
    assert all(1 < place(text)[1] < 1.1 and colour(text) == colour(dotted[0]) for text in ax.texts)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in (*ax.texts, find_text(figure, "drift"))]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2)) and is_whole(figure)


@pytest.mark.parametrize("log", [False, True])
def test_a_run_of_one_step_is_a_dot(log):
    ax = draw_curves({"short": [2.0], "long": [3.0, 1.0]}, log=log)
    assert [line.get_marker() for line in ax.lines] == ["o", ""]
    alone = draw_curves({"short": [2.0]}, log=log)
    left, right = alone.get_xlim()
    assert [place for place in alone.get_xticks() if left <= place <= right] == [0]
    assert alone.get_xlabel() == "epoch" and alone.get_title(loc="left") == ""


def test_the_band_holds_eighty_percent_of_the_samples_around_their_mean():
    """Class 0 is sure of the first picture and unsure of the last; 11 passes, so that a tenth is one of them."""
    passes, shares = np.arange(11), np.array([0.0, 0.5, 1.0])
    probabilities = np.zeros((11, 3, 2))
    probabilities[:, :, 0] = 0.4 + 0.05 * shares * (passes[:, None] ** 2 / 10)
    probabilities[:, :, 1] = 1 - probabilities[:, :, 0]
    images = pictures(3)
    figure = draw_uncertainty(shares, probabilities, images, ["brick", "gravel"], "11 passes")
    (ax,) = figure.axes
    figure.canvas.draw()
    above = [artist for artist in ax.artists if isinstance(artist, AnnotationBbox)]
    for shown, image, share in zip(above, images, (0, 0.5, 1), strict=True):
        (picture,) = shown.offsetbox.get_children()
        np.testing.assert_allclose(
            picture.to_rgba(picture.get_array(), norm=True)[..., :3].mean(-1), image[0], atol=0.005
        )
        box = shown.get_window_extent().transformed(ax.transData.inverted())  # it stands above its share
        assert (box.x0 + box.x1) / 2 == pytest.approx(share, abs=0.002) and box.y0 > ax.get_ylim()[1]
        assert picture.get_window_extent().width > image.shape[-1]  # a pixel is a pixel of the screen and more
    assert ticks(ax.xaxis) == {0: "0.00", 0.5: "0.50", 1: "1.00"}
    in_order = np.sort(probabilities, axis=0)  # the band goes from the second lowest to the second highest
    for k, (line, band) in enumerate(zip(ax.lines, ax.collections, strict=True)):
        mean = [sum(probabilities[:, i, k]) / 11 for i in range(3)]
        np.testing.assert_allclose(line.get_xydata(), np.stack([shares, mean], axis=1))
        corners = {(round(x, 6), round(y, 6)) for x, y in band.get_paths()[0].vertices}
        wanted = {(share, round(in_order[row, i, k], 6)) for i, share in enumerate(shares) for row in (1, 9)}
        assert corners == wanted
        assert colour(line) == colour(band) == legend(ax)[line.get_label()]
    assert list(legend(ax)) == ["brick", "gravel"] and len(set(legend(ax).values())) == 2
    assert ax.get_xlabel() == "share of gravel in the picture" and ax.get_xlim() == (0, 1)
    bottom, top = ax.get_ylim()
    assert -0.1 < bottom <= 0 and 1 <= top < 1.1 and ax.get_ylabel() == "probability"
    assert place(find_text(figure, "11 passes"))[0] < 0.1 and is_whole(figure)


def test_a_class_has_one_colour_in_all_drawings():
    figure = draw_uncertainty([0, 1], np.full((3, 2, 3), 1 / 3), pictures(2), CLASSES)
    assert legend(figure.axes[-1]) == legend(draw_answers(pictures(1)[0], ANSWERS, CLASSES))
    assert not set(legend(figure.axes[-1]).values()) & set(MODES.values())
