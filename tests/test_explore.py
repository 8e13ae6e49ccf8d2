"""A picture that controls redraw, without a notebook around it."""

import base64
import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import helpers.explore
from helpers.explore import SLIDERS, explore


class Shown:
    """One display of a notebook, and its updates."""

    def __init__(self, data):
        self.bundles = [data]

    def update(self, data, raw):
        assert raw
        self.bundles.append(data)

    @property
    def picture(self):
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(self.bundles[-1]["image/png"]))).convert("RGB"))


@pytest.fixture
def shown(monkeypatch):
    """The displays of the explorers that a test makes: for each, its picture and its controls."""
    displays = []

    def display(data, raw, display_id=False):
        assert raw
        displays.append(Shown(data))
        return displays[-1] if display_id else None

    monkeypatch.setattr(helpers.explore, "display", display)
    plt.close("all")
    yield displays
    assert plt.get_fignums() == []


@pytest.fixture
def boxes(monkeypatch):
    """The box of each explorer's controls."""
    boxes = []
    make_box = ipywidgets.VBox

    def box(children):
        boxes.append(make_box(children))
        return boxes[-1]

    monkeypatch.setattr(ipywidgets, "VBox", box)
    return boxes


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were turned into pictures."""
    figures = []
    make_bundle = helpers.explore.bundle

    def bundle(figure, text):
        figures.append(figure)
        return make_bundle(figure, text)

    monkeypatch.setattr(helpers.explore, "bundle", bundle)
    return figures


def draw_bar(height, colour="red", outlined=False):
    """Draw one bar; 3 is refused after the figure was begun."""
    figure, ax = plt.subplots(figsize=(2, 1))
    if height == 3:
        raise ValueError("three is one too many")
    ax.bar(0, height, color=colour, ec="black" if outlined else None)
    ax.set_ylim(0, 5)
    return ax


def test_the_first_picture_is_that_of_the_first_values(shown, drawn):
    explore(draw_bar, height=[2, 1, 4], colour=["blue", "red"])
    sliders, picture = shown
    assert picture.bundles[0].keys() == {"image/png", "text/plain"}
    assert picture.bundles[0]["text/plain"] == "<picture; run the cell to move height, colour>"
    assert drawn[0].axes[0].patches[0].get_height() == 2
    assert sliders.bundles[0].keys() == {SLIDERS, "text/plain"}
    assert sliders.bundles[0]["text/plain"] == "<controls: height, colour>"


def test_the_controls_stand_above_the_picture(shown):
    explore(draw_bar, height=[2, 1])
    assert [SLIDERS in display.bundles[0] for display in shown] == [True, False]


def test_the_page_finds_the_controls(shown, boxes):
    explore(draw_bar, height=[2, 1])
    (box,) = boxes
    assert shown[0].bundles[0][SLIDERS]["model_id"] == box.model_id


def test_each_kind_of_values_has_its_control(shown, boxes):
    explore(draw_bar, height=[2, 1, 4], colour=["blue", "red"], outlined=[True, False])
    slider, buttons, checkbox = boxes[0].children
    assert isinstance(slider, ipywidgets.SelectionSlider)
    assert slider.value == 2 and slider.options == (("1", 1), ("2", 2), ("4", 4))
    assert isinstance(buttons, ipywidgets.ToggleButtons)
    assert buttons.value == "blue" and buttons.options == ("blue", "red")
    assert isinstance(checkbox, ipywidgets.Checkbox) and checkbox.value is True
    assert [control.description for control in boxes[0].children] == ["height", "colour", "outlined"]


def test_values_that_are_no_numbers_stand_as_given(shown, boxes):
    explore(lambda size: plt.subplots(figsize=size)[0], size=[(2, 1), (1, 1)])
    assert boxes[0].children[0].value == (2, 1)
    assert [label for label, _ in boxes[0].children[0].options] == ["(2, 1)", "(1, 1)"]


@pytest.mark.parametrize(["control", "value"], [(0, 4), (1, "red"), (2, False)])
def test_moving_a_control_changes_the_picture_in_place(shown, boxes, control, value):
    explore(draw_bar, height=[2, 1, 4], colour=["blue", "red"], outlined=[True, False])
    first = shown[1].picture
    boxes[0].children[control].value = value
    assert len(shown) == 2 and len(shown[1].bundles) == 2
    assert shown[1].picture.shape == first.shape and not np.array_equal(shown[1].picture, first)
    assert len({bundle["text/plain"] for bundle in shown[1].bundles}) == 1


def test_values_that_are_refused_give_a_picture_with_the_sentence(shown, boxes, drawn):
    explore(draw_bar, height=[2, 3])
    boxes[0].children[0].value = 3
    assert len(shown[1].bundles) == 2
    assert [text.get_text() for text in drawn[-1].axes[0].texts] == ["three is one too many"]
    assert (shown[1].picture.min(axis=2) < 200).any()  # it can be seen
    boxes[0].children[0].value = 2
    assert drawn[-1].axes[0].patches[0].get_height() == 2


def test_the_first_values_may_be_refused(shown, drawn):
    explore(draw_bar, height=[3, 2])
    assert [text.get_text() for text in drawn[0].axes[0].texts] == ["three is one too many"]


def test_a_mistake_in_the_drawing_is_not_hidden(shown):
    with pytest.raises(ZeroDivisionError):
        explore(lambda k: 1 / k, k=[0])


def test_the_drawing_may_return_its_figure(shown, drawn):
    explore(lambda height: draw_bar(height).figure, height=[2])
    assert drawn[0].axes[0].patches[0].get_height() == 2


def test_figures_of_the_learner_stay_open(shown):
    mine = plt.figure()
    explore(draw_bar, height=[3, 2])
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def test_two_explorers_share_nothing(shown, boxes):
    explore(draw_bar, height=[1, 2, 4])
    explore(draw_bar, height=[1, 2, 4])
    _, first, _, second = shown
    boxes[1].children[0].value = 4
    assert len(first.bundles) == 1 and len(second.bundles) == 2
    boxes[0].children[0].value = 2
    assert len(first.bundles) == 2 and len(second.bundles) == 2
    assert boxes[1].children[0].value == 4
