"""How a figure becomes a stored picture, here and in a kernel."""

import base64
import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers.paths import REPOSITORY
from helpers.style import RED, SETTINGS, bundle, encode, pixel_bundle, use_style

SIZE = (6.5, 3)  # inches
PIXELS = (624, 288)  # at the 96 dots per inch of the course


@pytest.fixture
def figure():
    with mpl.rc_context(SETTINGS):
        figure = plt.figure(figsize=SIZE)
        yield figure
        plt.close(figure)


def plot(figure):
    ax = figure.add_subplot()
    for k in range(5):
        ax.plot(np.sin(np.linspace(0, 9, 200) + k))
    return figure


def photograph(figure, channels=3):
    figure.add_subplot().imshow(np.random.default_rng(0).random((30, 40, channels)))
    return figure


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_figure_with_a_colour_picture_is_a_jpeg(figure, channels, draft):
    plot(figure)  # a photograph anywhere counts, not only in the first axes
    mime, data = encode(photograph(figure, channels), draft)
    assert mime == "image/jpeg"
    assert opened(data).format == "JPEG" and opened(data).size == PIXELS


@pytest.mark.parametrize("draft", [False, True])
def test_any_other_figure_is_a_png(figure, draft):
    figure.add_subplot().imshow(np.eye(5))  # numbers in colours are no photograph
    mime, data = encode(plot(figure), draft)
    assert mime == "image/png"
    assert opened(data).format == "PNG" and opened(data).size == PIXELS


def test_a_picture_drawn_for_the_first_time_is_as_it_is_drawn_again(figure):
    figure.set_size_inches(4, 5)
    for ax in figure.subplots(2, 3).flat:
        ax.set(aspect="equal", xlim=(0, 4), ylim=(0, 9), title="t", xlabel="x")
    assert encode(figure) == encode(figure)


def test_a_draft_is_larger_and_looks_the_same(figure):
    plot(figure)
    pictures = {draft: encode(figure, draft)[1] for draft in (True, False)}
    assert len(pictures[True]) > 1.3 * len(pictures[False])
    full, draft = (np.asarray(opened(pictures[kind]).convert("RGB"), dtype=int) for kind in (False, True))
    assert full.shape == draft.shape and np.abs(full - draft).mean() < 1  # of 255


def test_a_rare_colour_stays_itself(figure):
    plot(figure).add_subplot().imshow(np.random.default_rng(0).random((40, 60)), cmap="viridis")
    figure.text(0.5, 0.02, "rare", color=RED, fontsize=9, weight="bold")
    pixels = np.asarray(opened(encode(figure)[1]).convert("RGB"), dtype=float)
    assert np.abs(pixels - 255 * np.array(to_rgb(RED))).max(axis=2).min() < 8


def test_a_bundle_holds_the_picture_and_the_text(figure):
    for draw, mime in ((plot, "image/png"), (photograph, "image/jpeg")):
        shown = bundle(draw(figure), "<what it shows>")
        assert shown.keys() == {mime, "text/plain"} and shown["text/plain"] == "<what it shows>"
        assert opened(base64.b64decode(shown[mime])).size == PIXELS


def test_a_bundle_of_pixels_keeps_them():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 4), dtype=np.uint8)
    shown = pixel_bundle(pixels, "<what it shows>")
    assert shown.keys() == {"image/png", "text/plain"} and shown["text/plain"] == "<what it shows>"
    assert np.array_equal(opened(base64.b64decode(shown["image/png"])), pixels[:, :, :3])


def test_the_style_needs_no_kernel():
    with mpl.rc_context():
        mpl.rcParams["axes.spines.top"] = True
        use_style()
        assert mpl.rcParams["axes.spines.top"] is False


def test_a_kernel_stores_each_figure_once_and_in_one_format():
    cells = [
        "import matplotlib.pyplot as plt\nfrom helpers.style import use_style\nuse_style()",
        "figure, (left, right) = plt.subplots(1, 2)\n_ = right.imshow([[[0.9, 0.5, 0.1]]])",
        "figure, ax = plt.subplots()\n_ = ax.plot([3, 1, 2])",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    resources = {"metadata": {"path": str(REPOSITORY)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    before, *shown = [cell.outputs for cell in notebook.cells]
    assert before == []
    for outputs, mime, axes in zip(shown, ("image/jpeg", "image/png"), ("2 Axes", "1 Axes"), strict=True):
        (output,) = outputs
        assert output.output_type == "display_data" and output.data.keys() == {mime, "text/plain"}
        assert output.data["text/plain"] == f"<Figure size 768x384 with {axes}>"
        assert opened(base64.b64decode(output.data[mime])).size == (768, 384)
