"""What notebook 02 teaches and draws: a net of varying depth, its graph, its gradients, its logs."""

import random
from collections import Counter
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from notebook_code import load_definitions

import helpers.live
from helpers.exercises.ex02.gradients import MOVES
from helpers.live import Live
from helpers.paths import REPOSITORY
from helpers.plots import autograd as draw_autograd
from helpers.plots import dynamic as draw

NOTEBOOK = REPOSITORY / "notebooks" / "02_dynamic_net.ipynb"


@pytest.fixture
def notebook():
    module = load_definitions(NOTEBOOK)
    module.device, module.seed, module.criterion = torch.device("cpu"), 0, torch.nn.MSELoss(reduction="sum")
    return module


class NotesNet(torch.nn.Module):
    """The net as the notes have it."""

    def __init__(self, D_in, H, D_out):
        super(NotesNet, self).__init__()  # noqa: UP008
        self.input_linear = torch.nn.Linear(D_in, H)
        self.middle_linear = torch.nn.Linear(H, H)
        self.output_linear = torch.nn.Linear(H, D_out)

    def forward(self, x):
        h_relu = self.input_linear(x).clamp(min=0)
        for _ in range(random.randint(0, 3)):
            h_relu = self.middle_linear(h_relu).clamp(min=0)
        return self.output_linear(h_relu)


# ---- the net


def test_trains_as_the_net_of_the_notes(notebook):
    *_, losses = notebook.train(3, 20, lr=1e-4, momentum=0.9)
    notebook.DynamicNet = lambda: NotesNet(1000, 100, 10)
    *_, notes_losses = notebook.train(3, 20, lr=1e-4, momentum=0.9)
    assert np.allclose(losses, notes_losses, rtol=1e-4) and losses[-1] < losses[0]


def test_the_depth_can_be_said_or_is_drawn(notebook):
    model, x, _ = notebook.fresh_start(0)
    assert model(x, 2).equal(model(x, depth=2)) and not torch.allclose(model(x, 2), model(x, 3))
    for seed in range(10):
        random.seed(seed)
        depth = random.randint(0, 3)
        random.seed(seed)
        assert model(x).equal(model(x, depth))


def test_a_negative_depth_is_refused(notebook):
    model, x, _ = notebook.fresh_start(0)
    with pytest.raises(ValueError, match="depth is a whole number from 0 on, not -2"):
        model(x, -2)


def test_watch_is_called_before_each_step_and_at_the_end(notebook):
    seen = []
    notebook.train(0, 3, lambda step, *_: seen.append(step), lr=1e-4)
    assert seen == [0, 1, 2, 3]


def test_no_steps_are_refused_before_anything_is_done():
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    variables = {}
    exec(cells["parameters"], variables)
    threads = torch.get_num_threads()
    try:
        with pytest.raises(ValueError, match="steps is a whole number from 1 on, not 0: set it"):
            exec(cells["imports"], variables | {"device": "cpu", "steps": 0})
    finally:
        torch.set_num_threads(threads)


# ---- graph and gradients


@pytest.mark.parametrize("k, operations, ends", [(0, 2, 4), (1, 3, 6), (2, 4, 6), (3, 5, 6)])
def test_the_graph_grows_and_its_ends_do_not(notebook, k, operations, ends):
    model, x, y = notebook.fresh_start(0)
    graph = notebook.graph_of(notebook.criterion(model(x, k), y))
    names = Counter(node.name().rpartition("::")[2] for node in graph)
    assert names["AddmmBackward0"] == operations and names["AccumulateGrad"] == ends


@pytest.mark.parametrize("k", [0, 1, 3])
def test_the_drawn_graph_has_a_box_for_each_node_and_an_arrow_for_each_edge(notebook, k):
    model, x, y = notebook.fresh_start(0)
    names = {parameter: name for name, parameter in model.named_parameters()}
    graph = notebook.graph_of(notebook.criterion(model(x, k), y))
    ax = draw_autograd.draw_graph(graph, names)
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    dashed = [patch for patch in boxes if patch.get_linestyle() == "--"]
    assert len(arrows) == sum(map(len, graph.values())) and len(boxes) == len(graph) + len(dashed)
    assert len(dashed) == (2 if k == 0 else 0)
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            apart = abs(np.subtract(box.get_window_extent().bounds, other.get_window_extent().bounds)[:2])
            assert (apart > (0.9 * box.get_window_extent().width, 0.9 * box.get_window_extent().height)).any()


def test_boxes_hold_their_text(notebook):
    model, x, y = notebook.fresh_start(0)
    names = {parameter: name for name, parameter in model.named_parameters()}
    ax = draw_autograd.draw_graph(notebook.graph_of(notebook.criterion(model(x, 3), y)), names)
    ax.figure.canvas.draw()
    widths = {text.get_text(): text.get_window_extent().width for text in ax.texts}
    narrow = min(patch.get_window_extent().width for patch in ax.patches if isinstance(patch, FancyBboxPatch))
    assert {"middle_linear\nweight", "Addmm\nBackward0"} <= widths.keys()
    assert max(width for text, width in widths.items() if "linear" not in text) < narrow


def test_separate_layers_add_ends(notebook):
    _, x, _ = notebook.fresh_start(0)
    for k in (0, 2):
        graph = notebook.graph_of(notebook.separate(k)(x).sum())
        assert sum(hasattr(node, "variable") for node in graph) == 4 + 2 * k


def test_the_gradient_is_the_sum_over_the_uses(notebook):
    model, x, y = notebook.fresh_start(0)
    parts = notebook.gradients_by_use(model, x, y, 3)
    notebook.criterion(model(x, 3), y).backward()
    assert torch.allclose(sum(parts), model.middle_linear.weight.grad, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(parts[0], parts[1], atol=1e-3)


def test_stacks_end_at_the_gradient():
    parts = [torch.randn(5, 5, generator=torch.Generator().manual_seed(i)) for i in range(3)]
    ax = draw_autograd.draw_gradient_stack(parts, sum(parts), count=6)
    (marks,) = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 6]
    heights = np.array([[bar.get_height() for bar in bars] for bars in ax.containers])
    assert heights.shape == (3, 6) and np.allclose(heights.sum(0), marks)


def test_maps_share_one_scale_and_tell_whole_lengths():
    parts = [torch.ones(60, 60), 2 * torch.ones(60, 60)]
    figure = draw_autograd.draw_gradient_sum(parts, sum(parts))
    maps = [ax for ax in figure.axes if ax.images]
    assert len({ax.images[0].get_clim() for ax in maps}) == 1
    assert [ax.get_xlabel() for ax in maps] == ["length 60", "length 120", "length 180"]


def test_with_zeros_an_unused_weight_coasts(notebook):
    depths = [2, 2, 0, 0, 1]
    still, coasting = notebook.middle_steps(depths, True), notebook.middle_steps(depths, False)
    assert still[2:4] == [0, 0] and still[:2] == coasting[:2] and still[4] > 0
    assert np.allclose(np.divide(coasting[2:4], coasting[1:3]), 0.9, rtol=1e-3)


@pytest.mark.parametrize("setting, moves", MOVES.items())
def test_what_the_exercise_takes_for_true_of_unused_weights_is_so(setting, moves):
    zeroed, other = setting.split(", ")
    name, _, value = other.rpartition(" ")
    middle, x = torch.nn.Linear(4, 4), torch.rand(3, 4)
    optimizer = torch.optim.SGD(middle.parameters(), lr=0.01, **{name.replace(" ", "_"): float(value)})
    for _ in range(3):
        optimizer.zero_grad()
        middle(x).square().sum().backward()
        optimizer.step()
    before = middle.weight.detach().clone()
    optimizer.zero_grad(set_to_none=zeroed == "None")
    optimizer.step()
    assert middle.weight.equal(before) != moves


# ---- the live plot


@pytest.fixture
def screen(monkeypatch):
    shown = []
    screen = SimpleNamespace(shown=shown, update=lambda data, raw: shown.append(data))
    monkeypatch.setattr(helpers.live, "display", lambda *_, **__: screen)
    return screen


def live_losses(losses, depths, **when):
    figure, moving, refresh = draw.losses_by_depth(len(losses))
    with Live(figure, refresh, total=len(losses), moving=moving, **when) as live:
        for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
            live.add(step, loss=loss, depth=depth)
    return live


def test_each_depth_has_its_dots_and_its_bar(screen):
    live = live_losses([600.0, 50.0, 7.0, 300.0, 2.0], [0, 3, 3, 1, 3], frames=5)
    losses, counts = live.figure.axes
    assert [len(line.get_xdata()) for line in losses.lines] == [1, 1, 0, 3]
    assert [bar.get_height() for bar in counts.patches] == [1, 1, 0, 3]
    assert live.frames_drawn == len(screen.shown) == 6


def test_axes_grow_with_the_losses(screen):
    low, high = live_losses([5e4, 0.002], [0, 1], frames=2).figure.axes[0].get_ylim()
    assert low <= 0.002 and high >= 5e4
    assert max(live_losses([1.0] * 30, [2] * 30, frames=2).figure.axes[1].get_ylim()) > 30


@pytest.mark.parametrize("losses", [[600.0, float("inf"), float("nan")], [float("nan")] * 3, [0.0, 0.0, 0.0]])
def test_a_training_that_diverges_is_drawn_to_its_end(screen, losses):
    assert live_losses(losses, [0, 1, 2], frames=3).frames_drawn == 4


def test_a_quick_frame_shows_what_a_whole_one_does(screen):
    live = live_losses([600.0, 50.0, 5e4, 0.01], [0, 3, 1, 3], frames=4)
    live.quick_frame()
    quick = np.asarray(live.canvas.buffer_rgba())[..., :3].astype(int)
    for artist in live.moving:
        artist.set_animated(False)
    live.canvas.draw()
    whole = np.asarray(live.canvas.buffer_rgba())[..., :3].astype(int)
    assert quick.shape == whole.shape and (abs(quick - whole).max(-1) > 8).mean() < 0.005


# ---- other drawings


def test_runs_are_drawn_for_each_seed_and_for_all():
    ax = draw.draw_settings({"a": np.full((3, 60), 5.0), "b": np.full((3, 60), 2.0)})
    assert len(ax.lines) == 2 * (3 + 1)
    assert len(draw.draw_settings({"a": np.full((2, 1), 5.0)}).lines) == 3


def test_unused_steps_stand_on_a_grey_ground():
    ax = draw.draw_coasting([3, 0, 0], {"None": [1.0, 0, 0], "zeros": [1.0, 0.9, 0.81]})
    assert len(ax.patches) == 2 and [label.get_text() for label in ax.get_xticklabels()] == ["3", "0", "0"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_losses_by_depth_mark_the_step_and_survive_what_is_no_number(bad):
    losses = np.full((3, 6), 10.0)
    losses[2, 3:] = bad
    figure = draw.draw_loss_by_depth([0, 5, 10], losses, 5)
    figure.canvas.draw()
    assert figure.axes[1].get_title(loc="left") == "at step 5" and len(figure.axes[1].lines) == 6
    draw.draw_loss_by_depth([0, 5, 10], losses, 10).canvas.draw()


def test_events_are_drawn():
    scalars = {"loss": ([0, 1, 2], [9.0, 3.0, 1.0]), "depth": ([0, 1, 2], [0, 2, 2])}
    figure = draw.draw_events(scalars, [(0, [0, 1, 2], [1, 5, 1]), (10, [0, 1, 2], [2, 3, 2])])
    assert [bar.get_height() for bar in figure.axes[1].patches] == [1, 2]
    assert [text.get_text().strip() for text in figure.axes[2].texts] == ["step 0", "step 10"]


# ---- logs


def test_each_run_has_its_own_folder(notebook, tmp_path):
    first, second = notebook.new_run(str(tmp_path / "logs")), notebook.new_run(str(tmp_path / "logs"))
    assert first != second and first.parent == second.parent == tmp_path / "logs"


def test_a_log_folder_that_cannot_be_written_is_named_with_the_remedy(notebook, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "inside"):
        with pytest.raises(ValueError, match=r"Logs cannot be written to .*file.*: set log_dir to another folder"):
            notebook.new_run(str(folder))
