"""Pictures that move while a training runs, without a notebook around them."""

import base64
import io
import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from pictures import colour, legend, texts
from PIL import Image

import helpers.live
from helpers.live import Live, follow, live_curves, live_landmarks, live_shapes
from helpers.plots.faces import PREDICTED, TRUE
from helpers.style import bundle

MIMES = {"image/png", "image/jpeg"}


class Screen:
    """Takes the place of the notebook: keeps what was displayed first, and every frame after it."""

    def __init__(self):
        self.bundles = []

    def display(self, data, raw, display_id):
        assert raw and display_id
        return self.update(data, raw)

    def update(self, data, raw):
        self.bundles.append(data)
        return self

    @property
    def pictures(self):
        """Return every frame, the first display included, as an array H×W×3."""
        data = [base64.b64decode(next(shown[mime] for mime in MIMES & shown.keys())) for shown in self.bundles]
        return [np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")) for picture in data]


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(helpers.live, "display", screen.display)
    plt.close("all")
    yield screen
    assert plt.get_fignums() == []


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(helpers.live, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


class Reading:
    """A value like a tensor on a device: to read it is to wait for the device."""

    def __init__(self, value):
        self.value, self.reads = value, 0

    def detach(self):
        return self

    def clone(self):
        return self

    def __float__(self):
        self.reads += 1
        return self.value


def face(height=80, width=64):
    return np.full((height, width, 3), 200, np.uint8), np.random.default_rng(0).uniform(10, 50, (68, 2))


def faces(count=2):
    images, landmarks = zip(*[face()] * count, strict=True)
    return images, np.stack(landmarks)


def test_values_are_recorded_step_by_step(screen, clock):
    plot = live_curves({"loss": ["train", "val"]})
    for step in range(4):
        plot.add(step, loss={"train": 1 / (step + 1)}, depth=step)
    plot.add(3, loss={"val": torch.tensor(0.5)}, error={"train": 7})
    assert plot.series("loss", "train") == ([0, 1, 2, 3], [1, 1 / 2, 1 / 3, 1 / 4])
    assert plot.series("loss", "val") == ([3], [0.5])
    assert plot.series("error", "train") == ([3], [7])
    assert plot.series("depth") == ([0, 1, 2, 3], [0, 1, 2, 3])
    assert plot.series("loss") == plot.series("loss", "never") == ([], [])


def test_the_curves_show_what_was_recorded(screen, clock):
    with live_curves({"loss": ["train", "val"], "accuracy": ["score"]}) as plot:
        plot.add(0, loss={"train": 2.0, "val": 3.0}, accuracy={"score": 0.1})
        plot.add(5, loss={"train": 1.0, "val": 2.5}, accuracy={"score": 0.7})
    loss, accuracy = plot.figure.axes
    assert [line.get_xydata().tolist() for line in loss.lines] == [[[0, 2], [5, 1]], [[0, 3], [5, 2.5]]]
    assert [line.get_xydata().tolist() for line in accuracy.lines] == [[[0, 0.1], [5, 0.7]]]
    for ax, (low, high) in ((loss, (1, 3)), (accuracy, (0.1, 0.7))):  # the axes hold all of it, and little else
        assert -1 < ax.get_xlim()[0] <= 0 and 5 <= ax.get_xlim()[1] < 6
        assert ax.get_ylim()[0] <= low and high <= ax.get_ylim()[1] and np.ptp(ax.get_ylim()) < 1.2 * (high - low)
        assert ax.get_xlabel() == "step"
    assert [ax.get_title(loc="left") for ax in (loss, accuracy)] == ["loss", "accuracy"]
    assert legend(loss) == {line.get_label(): colour(line) for line in loss.lines}
    assert list(legend(loss)) == ["train", "val"] and len(set(legend(loss).values())) == 2
    assert accuracy.get_legend() is None and accuracy.lines[0].get_label() == "score"
    assert not np.array_equal(screen.pictures[0], screen.pictures[-1])


def test_with_a_total_the_x_axis_has_its_length_from_the_start(screen):
    images, landmarks = faces()
    for plot in (live_curves({"loss": ["train"]}, total=40), live_landmarks(images, landmarks, total=40)):
        for step in (0, 1):
            plot.add(step, loss={"train": 1.0})
            plot.draw()
            assert plot.figure.axes[-1].get_xlim() == (0, 40)


@pytest.mark.parametrize(
    ["values", "ends"],
    [([14], (10, 20)), ([14, 4], (2, 20)), ([0.3, 0.011], (0.01, 0.5)), ([1, 1], (0.5, 2)), ([5, 20, 0, -1], (2, 50))],
)
def test_a_logarithmic_axis_ends_at_round_numbers(screen, values, ends):
    """So it stands still while the loss falls: where it must move, it moves by a whole tick."""
    with live_landmarks(*faces()) as plot:
        for step, value in enumerate(values):
            plot.add(step, loss={"train": value})
    assert plot.figure.axes[-1].get_ylim() == pytest.approx(ends)


@pytest.mark.parametrize(
    ["scale", "limits", "values", "ends"],
    [
        ("log", (0.001, 10), [2, 0.5], (0.001, 10)),
        ("log", (0.001, 10), [12, 0.0003], (0.0002, 20)),
        ("linear", (0, 1), [0.5], (0, 1)),
        ("linear", (0, 1), [1.5, -0.25, np.nan, np.inf], (-0.25, 1.5)),
    ],
)
def test_limits_that_were_set_are_widened_where_they_would_cut_off(screen, scale, limits, values, ends):
    figure, ax = plt.subplots()
    (line,) = ax.plot([], [])
    ax.set(xlim=(0, 9), ylim=limits, yscale=scale)
    with Live(figure, follow({("loss", ""): line})) as plot:
        for step, value in enumerate(values):
            plot.add(step, loss=value)
    assert ax.get_ylim() == pytest.approx(ends) and ax.get_xlim() == (0, 9)
    np.testing.assert_array_equal(line.get_xydata(), list(enumerate(values)))


def test_the_title_of_a_panel_has_blanks(screen):
    with live_curves({"learning_rate": ["base"]}) as plot:
        plot.add(0, learning_rate={"base": 0.1})
    (ax,) = plot.figure.axes
    assert ax.get_title(loc="left") == "learning rate" and ax.lines[0].get_xydata().tolist() == [[0, 0.1]]


def test_a_panel_may_have_stairs(screen):
    with live_curves({"rate": ["a"], "loss": ["b"]}, stairs=("rate",)) as plot:
        plot.add(0, rate={"a": 1}, loss={"b": 1})
    assert [ax.lines[0].get_drawstyle() for ax in plot.figure.axes] == ["steps-post", "default"]


def test_two_panels_may_have_curves_of_the_same_names(screen):
    with live_curves({"nodes": ["all", "none"], "MB": ["all", "none"]}) as plot:
        plot.add(0, nodes={"all": 5, "none": 0}, MB={"all": 0.5, "none": 0.1})
    for ax, values in zip(plot.figure.axes, ([5, 0], [0.5, 0.1]), strict=True):
        assert [list(line.get_ydata()) for line in ax.lines] == [[value] for value in values]
        assert list(legend(ax)) == ["all", "none"]


def test_a_value_is_read_once_and_not_before_a_frame_needs_it(screen, clock):
    plot = live_curves({"loss": ["train"]})
    readings = [Reading(value) for value in (3.0, 2.0, 1.0)]
    for step, reading in enumerate(readings):
        plot.add(step, loss={"train": reading})
    assert [reading.reads for reading in readings] == [0, 0, 0]
    plot.draw()
    plot.draw()
    assert [reading.reads for reading in readings] == [1, 1, 1]
    assert plot.series("loss", "train")[1] == [3, 2, 1]


def test_a_recorded_tensor_keeps_no_graph(screen, clock):
    plot = live_curves({"loss": ["train"]})
    value, points = torch.ones((), requires_grad=True) * 2, torch.ones(2, 68, 2, requires_grad=True) * 3
    plot.add(0, points, loss={"train": value})
    (kept,) = plot.recorded["loss", "train"][1]
    assert kept.grad_fn is None and plot.shown.grad_fn is None
    with torch.no_grad():
        value += 1
        points += 1
    assert kept == 2 and (plot.shown == 3).all()


@pytest.mark.parametrize(["total", "frames", "drawn"], [(12, 4, 4), (5, 5, 5), (3, 100, 3)])
def test_so_many_steps_give_so_many_frames(screen, clock, total, frames, drawn):
    with live_curves({"loss": ["train"]}, total=total, frames=frames) as plot:
        for step in range(total):
            plot.add(step, loss={"train": float(step)})
    assert plot.frames_drawn == drawn + 1  # and the last one
    assert len(screen.bundles) == 1 + plot.frames_drawn


def test_frames_keep_their_distance_in_time(screen, clock):
    drawn_at = []
    plot = live_curves({"loss": ["train"]}, every=0.5)
    for step in range(12):
        clock.now += 0.2
        before = plot.frames_drawn
        plot.add(step, loss={"train": 1.0})
        drawn_at += [step] * (plot.frames_drawn - before)
    assert drawn_at == [2, 5, 8, 11]


def test_drawing_does_not_count_as_time_between_frames(screen, clock):
    """Where a frame takes longer than `every`, the training still gets its turn."""

    def slow(live):
        clock.now += 2

    plot = Live(plt.figure(figsize=(1, 1)), slow, every=0.5)
    clock.now += 1
    plot.add(0, loss=1.0)
    plot.add(1, loss=1.0)
    assert plot.frames_drawn == 1 and plot.seconds_drawing == 2


def test_the_last_frame_is_drawn_also_when_the_block_raises(screen, clock):
    with pytest.raises(ZeroDivisionError), live_curves({"loss": ["train"]}) as plot:
        plot.add(0, loss={"train": 2.0})
        plot.add(1, loss={"train": 1 / 0})
    assert plot.frames_drawn == 1
    assert plot.figure.axes[0].lines[0].get_xydata().tolist() == [[0, 2]]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 0.0, -1.0])
def test_no_value_stops_the_training(screen, clock, value):
    for make in (lambda: live_curves({"loss": ["train", "val"]}), lambda: live_landmarks(*faces())):
        with make() as plot:
            if value is not None:
                plot.add(0, loss={"train": 1.0, "val": 1.0})
                plot.add(1, loss={"train": value, "val": value})
        assert plot.frames_drawn == 1


def train_curves(frames):
    with live_curves({"loss": ["train"]}, total=frames, frames=frames) as plot:
        for step in range(frames):
            plot.add(
                step, loss={"train": 10.0 ** (step + 1)}
            )  # longer and longer labels must not move the picture's border
    return plot


def train_landmarks(frames):
    images, landmarks = faces()
    with live_landmarks(images, landmarks, total=frames, frames=frames) as plot:
        for step in range(frames):
            plot.add(step, landmarks + 10 * (step + 1), loss={"train": 2.0 + step, "val": 3.0})
    return plot


def train_shapes(frames):
    with live_shapes({"fc.weight": (4, 3)}, total=frames, frames=frames) as plot:
        for step in range(frames):
            plot.add(step, {"fc.weight": (4, 3 + step), "fc.bias": (4,)})
    return plot


@pytest.mark.parametrize("train", [train_curves, train_landmarks, train_shapes])
def test_frames_differ_in_nothing_but_the_picture(screen, clock, train):
    plot = train(3)
    assert len(screen.bundles) == 1 + 4
    assert len({picture.shape for picture in screen.pictures}) == 1
    first, *frames = screen.pictures[:-1]
    for earlier, later in zip([first, *frames[:-1]], frames, strict=True):
        assert not np.array_equal(earlier, later)
    height, width = first.shape[:2]
    (text,) = {shown["text/plain"] for shown in screen.bundles}
    said = [int(number) for number in re.fullmatch(r"<live plot, (\d+)x(\d+)>", text).groups()]
    np.testing.assert_allclose(said, (width, height), atol=1)  # the canvas drops a part of a pixel, the text rounds it
    assert all(len(MIMES & shown.keys()) == 1 for shown in screen.bundles)
    assert screen.bundles[-1] == bundle(plot.figure, plot.text)  # what is stored is no draft


def points_of(ax):
    return {line.get_gid(): line.get_xydata() for line in ax.lines}


def test_before_the_first_step_only_the_true_points_are_shown(screen):
    images, landmarks = faces()
    plot = live_landmarks(images, landmarks)
    *shown, curve = plot.figure.axes
    for ax, image, true in zip(shown, images, landmarks, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        np.testing.assert_allclose(points_of(ax)["true points"], true)
        assert np.isnan(points_of(ax)["predicted points"]).all()
        assert [ax.get_xlim(), ax.get_ylim()] == [(-0.5, 63.5), (79.5, -0.5)]
    assert legend(plot.figure) == {"true": TRUE, "predicted": PREDICTED}
    assert list(legend(curve)) == ["train", "val"] and legend(curve) == {x.get_label(): colour(x) for x in curve.lines}
    assert (curve.get_title(loc="left"), curve.get_xlabel(), curve.get_yscale()) == ("loss", "step", "log")
    plot = live_landmarks(images, landmarks, panel="error_in_pixels", xlabel="epoch")
    plot.add(3, error_in_pixels={"val": 2.0})
    plot.draw()
    curve = plot.figure.axes[-1]
    assert (curve.get_title(loc="left"), curve.get_xlabel()) == ("error in pixels", "epoch")
    assert [line.get_xydata().tolist() for line in curve.lines] == [[], [[3, 2]]]


def test_points_walk_onto_the_faces(screen, clock):
    images, landmarks = faces()
    plot = train_landmarks(2)
    for ax, true in zip(plot.figure.axes, landmarks, strict=False):
        np.testing.assert_allclose(points_of(ax)["true points"], true)
        np.testing.assert_allclose(points_of(ax)["predicted points"], true + 20)
    curves = plot.figure.axes[-1].lines
    assert [line.get_xydata().tolist() for line in curves] == [[[0, 2], [1, 3]], [[0, 3], [1, 3]]]


def test_the_shapes_are_those_of_the_last_step(screen, clock):
    plot = train_shapes(3)
    assert "2 tensors, 24 elements" in texts(plot.figure.axes[0])  # 4 × (3 + 2) and 4
    assert plot.figure.axes[0].patches[0].get_bbox().size.tolist() == [5, 4]


def test_points_may_come_from_a_network(screen, clock):
    images, landmarks = faces()
    with live_landmarks(torch.zeros(2, 3, 80, 64), torch.tensor(landmarks)) as plot:
        plot.add(0, torch.tensor(landmarks))
    assert plot.frames_drawn == 1


class Tally:
    """Counts the calls of a function, and passes them on."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *arguments, **options):
        self.calls += 1
        return self.function(*arguments, **options)


def test_only_the_moving_artists_are_drawn_while_the_limits_stay(screen):
    figure, ax = plt.subplots()
    (line,) = ax.plot([0, 1], [0, 1])

    def refresh(live):
        line.set_ydata([0, live.series("height")[1][-1]])

    with Live(figure, refresh, every=1e9, moving=[line]) as plot:
        plot.canvas.draw = Tally(plot.canvas.draw)
        drawn = []
        for height in (0.2, 0.4, 0.6, 0.8):
            plot.add(0, height=height)
            ax.set_ylim(0, 1 if height < 0.7 else 2)
            plot.draw()
            drawn.append(plot.canvas.draw.calls)
    assert drawn == [1, 1, 1, 2]
    assert not any(np.array_equal(*pair) for pair in zip(screen.pictures[1:4], screen.pictures[2:5], strict=True))


def curves():
    return live_curves({"loss": ["train", "val"], "accuracy": ["score"]}, every=1e9)


def walking_points():
    return live_landmarks(*faces(), every=1e9)


@pytest.mark.parametrize("make", [curves, walking_points])
def test_nothing_is_built_anew_from_frame_to_frame(screen, make):
    points = faces()[1]
    with make() as plot:
        built = plot.figure.axes + [artist for ax in plot.figure.axes for artist in ax.get_children()]
        for step in range(3):
            plot.add(step, points + step, loss={"train": 3 - step, "val": 4 - step}, accuracy={"score": step})
            plot.draw()
            now = plot.figure.axes + [artist for ax in plot.figure.axes for artist in ax.get_children()]
            assert len(now) == len(built) and all(a is b for a, b in zip(now, built, strict=True))
    frames = screen.pictures
    assert not any(np.array_equal(*pair) for pair in zip(frames[:3], frames[1:4], strict=True))
