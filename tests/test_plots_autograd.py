"""The drawn graph of autograd, and the gradients that each use of a weight adds."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from pictures import colour, find_text, is_whole, legend, place, texts_at
from torch import nn

from helpers.plots.autograd import draw_gradient_stack, draw_gradient_sum, draw_graph
from helpers.plots.dynamic import DEPTH_COLOURS
from helpers.style import BLUE, GOLD, GREEN, GREY, INK, ORANGE, PURPLE


def shared(k):
    """Return a loss that used its middle layer k times, and parameter → name."""
    net = nn.ModuleDict({name: nn.Linear(3, 3) for name in ("input_linear", "middle_linear", "output_linear")})
    h = net["input_linear"](torch.ones(2, 3)).relu()
    for _ in range(k):
        h = net["middle_linear"](h).relu()
    loss = net["output_linear"](h).square().sum()
    return loss, {parameter: name for name, parameter in net.named_parameters()}


def graph_of(loss):
    graph, todo = {}, [loss.grad_fn]
    while todo:
        node = todo.pop(0)
        if node not in graph:
            graph[node] = [following for following, _ in node.next_functions if following is not None]
            todo += graph[node]
    return graph


def drawn(k):
    loss, names = shared(k)
    graph = graph_of(loss)
    return draw_graph(graph, names, title=f"depth {k}"), graph, names


def at(x, y):
    return round(float(x), 3), round(float(y), 3)


def box_patches(ax):
    """Return (x, y) → the box whose middle is there."""
    patches = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    found = {at(box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2): box for box in patches}
    assert len(found) == len(patches)
    return found


def boxes(ax):
    """Return (x, y) → (text, edge, face, line, colour of the text) for each box."""
    labels = {at(*text.get_position()): text for text in ax.texts}
    return {
        middle: (
            labels[middle].get_text().replace("\n", " "),
            to_hex(box.get_edgecolor()),
            to_hex(box.get_facecolor(), keep_alpha=True),
            box.get_linestyle(),
            to_hex(labels[middle].get_color()),
        )
        for middle, box in box_patches(ax).items()
    }


def arrows(ax):
    """Return (text of the box it leaves, text of the box it comes to, colour) for each arrow."""
    texts, edges = boxes(ax), {}
    for (x, y), box in box_patches(ax).items():
        wide, high = box.get_width() / 2, box.get_height() / 2
        for edge in ((x - wide, y), (x + wide, y), (x, y - high), (x, y + high)):
            edges[at(*edge)] = texts[x, y][0]
    heads = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert {type(head.get_arrowstyle()).__name__ for head in heads} == {"CurveFilledB"}  # the head is at the end
    return [(*(edges[at(*end)] for end in head._posA_posB), to_hex(head.get_edgecolor())) for head in heads]


def name_of(node, names):
    if hasattr(node, "variable"):
        return names[node.variable].replace(".", " ")
    return node.name().replace("Backward", " Backward")


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_there_is_a_box_for_each_node_and_an_arrow_for_each_edge(k):
    ax, graph, names = drawn(k)
    unreached = ["middle_linear weight", "middle_linear bias"] if k == 0 else []
    written = sorted(text for text, *_ in boxes(ax).values())
    assert written == sorted([name_of(node, names) for node in graph] + unreached)
    edges = [(name_of(node, names), name_of(each, names)) for node in graph for each in graph[node]]
    assert sorted((start, end) for start, end, _ in arrows(ax)) == sorted(edges)


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_operations_stand_in_the_order_of_the_forward_pass(k):
    ax, *_ = drawn(k)
    row = [(x, text) for (x, y), (text, *_) in sorted(boxes(ax).items()) if y == 0]
    layers = ["Addmm Backward0", "Relu Backward0"] * (k + 1) + ["Addmm Backward0", "Pow Backward0", "Sum Backward0"]
    assert [text for _, text in row] == layers
    assert np.allclose(np.diff([x for x, _ in row]), np.diff([x for x, _ in row])[0], atol=0.01) and row[0][0] == 0


@pytest.mark.parametrize("k", [1, 2, 3])
def test_biases_stand_above_and_weights_below_the_middle_of_their_uses(k):
    ax, *_ = drawn(k)
    found = boxes(ax)
    addmm = sorted(x for (x, y), (text, *_) in found.items() if text == "Addmm Backward0")
    assert sorted(x for (x, y), (text, *_) in found.items() if text == "T Backward0" and y == -1) == addmm
    columns = {"input_linear": addmm[0], "middle_linear": np.mean(addmm[1:-1]), "output_linear": addmm[-1]}
    where = {text: middle for middle, (text, *_) in found.items() if "linear" in text}
    for layer, x in columns.items():
        assert where[f"{layer} bias"] == pytest.approx((x, 1.1), abs=0.01) and where[
            f"{layer} weight"
        ] == pytest.approx((x, -2), abs=0.01)


@pytest.mark.parametrize("k", [1, 3])
def test_each_layer_has_its_colour(k):
    ax, *_ = drawn(k)
    found = boxes(ax)
    addmm = [edge for _, (text, edge, *_) in sorted(found.items()) if text == "Addmm Backward0"]
    assert addmm == [BLUE, *[ORANGE] * k, GREEN]
    turned = [edge for _, (text, edge, *_) in sorted(found.items()) if text == "T Backward0"]
    assert turned == addmm
    for text, edge, face, line, ink in found.values():
        layer = {"input": BLUE, "middle": ORANGE, "output": GREEN}.get(text.split("_")[0])
        if layer:
            assert (edge, face) == (layer, layer + "30")
        else:
            assert face == "#ffffffff" and (edge == GREY) == (text.split()[0] in ("Relu", "Pow", "Sum"))
        assert (line, ink) == ("-", INK)
    for start, end, shade in arrows(ax):
        along = not ("linear" in end or end.startswith("T "))
        assert shade == INK if along else shade in (BLUE, ORANGE, GREEN)
        assert not end.startswith("middle") or shade == ORANGE
        assert not start.startswith("middle")


def test_what_is_not_reached_is_dashed_and_grey_between_the_others():
    ax, *_ = drawn(0)
    dashed = {middle: (text, edge, ink) for middle, (text, edge, _, line, ink) in boxes(ax).items() if line == "--"}
    (relu,) = [x for (x, y), (text, *_) in boxes(ax).items() if text == "Relu Backward0"]
    assert dashed == {
        (relu, 1.1): ("middle_linear bias", GREY, GREY),
        (relu, -2): ("middle_linear weight", GREY, GREY),
    }
    assert texts_at(ax)[relu, -1] == "dashed:\nnot reached"  # where the weight's transpose would be
    assert "not reached" not in " ".join(texts_at(drawn(1)[0]).values())


def test_a_net_of_other_names_is_grey():
    net = nn.Linear(2, 1)
    loss = net(torch.ones(3, 2)).sum()
    ax = draw_graph(graph_of(loss), {parameter: name for name, parameter in net.named_parameters()})
    assert {edge for text, edge, *_ in boxes(ax).values() if text in ("weight", "bias")} == {GREY}


@pytest.mark.parametrize("k", [0, 1, 2, 3, 5])
def test_boxes_are_inside_apart_and_hold_their_text(k):
    ax, *_ = drawn(k)
    assert is_whole(ax.figure)
    patches = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    extents = [patch.get_window_extent() for patch in patches]
    for i, box in enumerate(extents):
        assert ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 and ax.bbox.y0 <= box.y0 and box.y1 <= ax.bbox.y1
        assert not any(box.overlaps(other) for other in extents[:i])
        words = [text.get_window_extent() for text in ax.texts if box.contains(*text.get_window_extent().min)]
        assert len(words) == 1 and box.contains(*words[0].max)
    if k <= 2:  # at the same scale
        assert np.ptp(ax.get_xlim()) == pytest.approx(10.2)
    assert sum(ax.get_xlim()) / 2 == pytest.approx(max(x for x, y in boxes(ax) if y == 0) / 2, abs=0.01)
    assert not ax.axison and ax.get_aspect() == 1


# ---- gradients as maps


def test_maps_show_the_upper_left_corner_on_one_scale():
    parts = [torch.arange(2500.0).view(50, 50) / 2500, -torch.ones(50, 50)]
    total = parts[0] + parts[1]
    *maps, bar = draw_gradient_sum(parts, total).axes
    limit = np.quantile(np.abs(np.stack([*parts, total])), 0.995)
    for ax, values in zip(maps, [*parts, total], strict=True):
        (image,) = ax.images
        assert np.array_equal(image.get_array(), values[:40, :40])
        assert image.get_clim() == pytest.approx((-limit, limit))
        red, _, blue, _ = image.cmap(1.0)
        assert red > blue and image.cmap(0.0)[0] < image.cmap(0.0)[2]  # above 0 is red
        assert not len(ax.get_xticks()) and not len(ax.get_yticks())
        assert ax.get_xlabel() == f"length {np.sqrt(np.square(values.numpy()).sum()):.0f}"
    assert [find_text(ax, words).axes is ax for ax, words in zip(maps, ["use 1", "use 2", "weight.grad"], strict=True)]
    assert bar.get_ylim() == pytest.approx((-limit, limit))


@pytest.mark.parametrize("uses", [1, 3])
def test_between_the_maps_stand_plus_and_equals(uses):
    parts = [torch.ones(4, 4)] * uses
    first, *maps, _ = draw_gradient_sum(parts, sum(parts)).axes
    assert not first.texts and len(maps) == uses
    assert [[text.get_text() for text in ax.texts] for ax in maps] == [["+"]] * (uses - 1) + [["="]]
    for ax in maps:
        x, y = place(ax.texts[0])
        assert -0.15 < x < 0 and y == pytest.approx(0.5)


# ---- gradients as stacks

PARTS = [[[3.0, -1, 0.1], [0.2, -5, 1]], [[-2.0, -2, 0.1], [0.1, 1, 2]], [[1.0, 1, 0.1], [0.1, 1, -0.5]]]


def stacks(ax):
    """Return the (bottom, top) of each bar: use → weight."""
    return [[(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars] for bars in ax.containers]


def test_stacks_are_of_the_weights_with_most_and_end_at_their_sum():
    total = np.sum(PARTS, axis=0)
    ax = draw_gradient_stack([torch.tensor(part) for part in PARTS], torch.tensor(total), count=4, title="uses: 3")
    # the uses add 6, 4, 0.3, 0.4, 7 and 3.5 to the six weights; in the order of their sums, the largest first
    weights = [(1, 2), (0, 0), (0, 1), (1, 1)]
    marks = [line for line in ax.lines if line.get_marker() == "D"][0]
    assert marks.get_xydata().tolist() == [[i, total[at]] for i, at in enumerate(weights)]
    for i, at in enumerate(weights):
        up = down = 0
        for use, part in enumerate(np.asarray(PARTS)):
            bottom, top = stacks(ax)[use][i]
            assert bottom == pytest.approx(up if part[at] > 0 else down)  # away from 0, on its side
            assert top == pytest.approx(bottom + part[at])
            up, down = (top, down) if part[at] > 0 else (up, top)
        assert up + down == pytest.approx(total[at])
    assert ax.get_xlabel() == "the 4 weights to which the uses add most" and ax.get_ylabel() == "gradient"
    low, high = ax.get_ylim()
    assert low < min(min(pair) for bars in stacks(ax) for pair in bars) and high > 3.9


def test_each_use_has_a_colour_that_is_no_depths_of_training():
    uses = [PURPLE, GOLD, GREY]
    assert not set(uses) & set(DEPTH_COLOURS[:4])
    ax = draw_gradient_stack([np.asarray(part) for part in PARTS], np.sum(PARTS, axis=0), count=2)
    assert [{colour(bar) for bar in bars} for bars in ax.containers] == [{use} for use in uses]
    names = legend(ax)
    assert [names[f"use {use}"] for use in (1, 2, 3)] == uses and names["weight.grad"] == INK
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.containers[0]] == pytest.approx([0, 1])
    assert any(set(line.get_ydata()) == {0} and line.get_marker() != "D" for line in ax.lines)  # the line of 0


def test_fourteen_weights_are_drawn_unless_told_otherwise():
    ax = draw_gradient_stack([np.arange(30.0)], np.arange(30.0))
    assert [bar.get_height() for bar in ax.containers[0]] == list(range(29, 15, -1))


def test_more_uses_begin_the_colours_again():
    ax = draw_gradient_stack([np.ones(3)] * 4, 4 * np.ones(3), count=3, title="uses: 4")
    first, *_, last = [{colour(bar) for bar in bars} for bars in ax.containers]
    assert len(ax.containers) == 4 and first == last and ax.get_title(loc="left") == "uses: 4"
