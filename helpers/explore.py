"""Sliders above what a function draws: an ordinary stored picture, which the sliders change while a kernel runs."""

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.style import RED, bundle

SLIDERS = "application/vnd.jupyter.widget-view+json"


def _draw(draw, values: dict) -> Figure:
    """Return the figure that `draw(**values)` made; where it refuses the values, a figure with its sentence."""
    open_before = set(plt.get_fignums())
    try:
        drawn = draw(**values)
    except ValueError as error:
        for number in set(plt.get_fignums()) - open_before:  # begun before the values were refused
            plt.close(number)
        figure, ax = plt.subplots(figsize=(8, 1.5))
        ax.axis("off")
        ax.text(0.5, 0.5, str(error), ha="center", va="center", color=RED, wrap=True)
        return figure
    if isinstance(drawn, Axes):
        return drawn.figure
    return drawn


def explore(draw, **choices) -> None:
    """Show a control for each choice, and below them `draw(**values)`, at first at the first value of every choice.

    draw      returns the Figure, or the Axes, it has drawn
    choices   name=values: names (strings) become buttons, truth values a checkbox, everything else a slider, on which
              numbers stand in order
    """
    import ipywidgets as widgets

    controls = {}
    for name, values in choices.items():
        values = list(values)
        label, style = name.replace("_", " "), {"description_width": "initial"}
        if isinstance(values[0], bool):
            controls[name] = widgets.Checkbox(value=values[0], description=label, indent=False)
        elif isinstance(values[0], str):
            controls[name] = widgets.ToggleButtons(options=values, description=label, style=style)
            controls[name].style.button_width = "auto"
        else:
            in_order = sorted(values) if all(isinstance(value, (int, float)) for value in values) else values
            options = [(str(value), value) for value in in_order]  # a bare pair would be taken for label and value
            controls[name] = widgets.SelectionSlider(
                options=options, value=values[0], description=label, style=style, continuous_update=False
            )
    text = "<picture; run the cell to move " + ", ".join(choices) + ">"

    def picture() -> dict:
        figure = _draw(draw, {name: control.value for name, control in controls.items()})
        plt.close(figure)
        return bundle(figure, text)

    # above the picture, because its height may change, and what is dragged must stay where it is;
    # by hand and not by display(box): this form is the same under ipywidgets 7 (Colab) and 8, and its text is constant
    box = widgets.VBox(list(controls.values()))
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({SLIDERS: view, "text/plain": "<controls: " + ", ".join(choices) + ">"}, raw=True)
    handle = display(picture(), raw=True, display_id=True)
    for control in controls.values():
        control.observe(lambda _: handle.update(picture(), raw=True), "value")
