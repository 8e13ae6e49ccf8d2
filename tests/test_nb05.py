"""What notebook 05 teaches and draws: strides, the rule of view, graphs; nothing is read outside a storage."""

import itertools
import math

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from notebook_code import load_definitions

from helpers.paths import REPOSITORY
from helpers.plots import puzzles
from helpers.plots.history import draw_frozen_factor, draw_growing_graph, draw_versions
from helpers.plots.layout import Layout
from helpers.plots.memory import draw_atlas, draw_cost, draw_layout, draw_write
from helpers.plots.storage import draw_tensor
from helpers.plots.weave import draw_verdict, draw_views
from helpers.strides import cells_of, check_inside, even_groups, positions, strided, trailing_products, view_is_possible


@pytest.fixture(scope="module")
def notebook():
    return load_definitions(REPOSITORY / "notebooks" / "05_tensor_internals.ipynb")


def drawn_texts(figure) -> set[str]:
    figure = figure.figure if isinstance(figure, Axes) else figure
    figure.canvas.draw()
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


X = torch.arange(12).view(3, 4)
VIEWS = {
    "whole": X,
    "slice": X[1:, ::2],
    "transpose": X.t(),
    "permute": X.view(2, 3, 2).permute(2, 0, 1),
    "expand": X[1].expand(3, 4),
    "unfold": X.view(12).unfold(0, 4, 2),
    "four dimensions": X.as_strided((2, 3, 2, 2), (4, 1, 4, 1)),
    "one number": X[1, 2],
    "nothing": X[:0],
    "with gradient": torch.ones(2, 3, requires_grad=True)[:, 1:],
    "halves": torch.ones(4, dtype=torch.float16)[2:],
    "booleans": torch.ones(4, dtype=torch.bool)[::2],
}
each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)

# ---- strides


@each_view
def test_positions_are_where_torch_reads(view):
    cells = cells_of(view)
    found = positions(view.shape, view.stride(), view.storage_offset())
    assert found.shape == view.shape
    assert all(cells[found[index]] == view[index] for index in np.ndindex(*view.shape))


@each_view
def test_strided_makes_the_same_view_without_a_copy(view):
    again = strided(view, view.shape, view.stride(), view.storage_offset())
    assert again.equal(view.detach())
    assert again.untyped_storage().data_ptr() == view.untyped_storage().data_ptr()


BAD_LAYOUTS = {
    "would read cell 12; the last one is cell 11": ((5, 5), (2, 1), 0),
    "would read cell 15": ((3,), (5,), 5),
    "is negative: torch steps through a storage forwards only": ((3,), (-1,), 2),
    "offset -1 may not be negative": ((3,), (1,), -1),
    "size (-1,)": ((-1,), (1,), 0),
    "must be of one length": ((3, 2), (1,), 0),
    "size (3.0,), stride (1,) and offset 0 must be whole numbers": ((3.0,), (1,), 0),
    "offset True must be whole numbers": ((3,), (1,), True),
}


@pytest.mark.parametrize("words", BAD_LAYOUTS)
def test_a_layout_outside_the_storage_is_refused_in_one_sentence(words):
    with pytest.raises(ValueError) as caught:
        strided(X, *BAD_LAYOUTS[words])
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_what_reads_nothing_may_stand_anywhere():
    check_inside(12, (0, 5), (100, 1), 0)


def test_whole_numbers_of_numpy_are_whole_numbers():
    four, three, none = np.int64(4), np.int32(3), np.uint8(0)
    assert strided(X, (three,), (four,), none).tolist() == [0, 4, 8]


def test_the_bounds_are_those_of_torch():
    for size, stride, offset in itertools.product(range(5), range(5), range(13)):
        try:
            X.as_strided((size, 2), (stride, 3), offset)
            inside = True
        except RuntimeError:
            inside = False
        try:
            check_inside(12, (size, 2), (stride, 3), offset)
            assert inside, (size, stride, offset)
        except ValueError:
            assert not inside, (size, stride, offset)


# ---- what the notebook teaches


def test_cell_of_finds_every_element(notebook):
    for view in VIEWS.values():
        cells = cells_of(view)
        assert all(cells[notebook.cell_of(view, index)] == view[index] for index in np.ndindex(*view.shape))


def test_entries(notebook):
    assert notebook.entries(X[1:, ::2]) == {"cells": 12, "offset": 4, "size": (2, 2), "stride": (4, 2)}


def test_a_tensor_without_numbers_tells_who_needs_them(notebook):
    assert [notebook.fails_on_meta(code) for code in ("x * 2", "x.item()", "int(x)")] == [False, True, True]


def random_shape(count, rng):
    shape = []
    while count > 1:
        shape.append(int(rng.choice([d for d in range(2, count + 1) if count % d == 0])))
        count //= shape[-1]
    return tuple(shape)


def random_layout(rng):
    """Return the size and the stride of a random tensor: permuted, cut, now and then expanded."""
    tensor = torch.empty(random_shape(int(rng.choice([6, 8, 12, 24, 36])), rng))
    tensor = tensor.permute(*rng.permutation(tensor.dim()).tolist())
    dim = int(rng.integers(tensor.dim()))
    tensor = tensor.narrow(dim, 0, int(rng.integers(1, tensor.shape[dim] + 1)))
    tensor = tensor.unsqueeze(0).expand(int(rng.integers(1, 3)), *tensor.shape)
    return tuple(tensor.shape), tensor.stride()


def test_the_rule_of_view_is_torchs(notebook):
    rng = np.random.default_rng(1)
    answers = []
    for _ in range(1500):
        size, stride = random_layout(rng)
        new = random_shape(math.prod(size), rng)
        try:
            torch.empty_strided(size, stride).view(new)
            answers.append(True)
        except RuntimeError:
            answers.append(False)
        assert view_is_possible(size, stride, new) == answers[-1], (size, stride, new)
        assert notebook.can_view_slowly(size, stride, new) == answers[-1], (size, stride, new)
    assert 300 < sum(answers) < 1200


def test_even_groups():
    assert even_groups((3, 4), (4, 1)) == []
    assert even_groups((3, 2), (4, 1)) == [2]
    assert even_groups((2, 3, 2), (8, 2, 1)) == [6]
    assert even_groups((2, 1, 3), (3, 99, 1)) == []
    assert even_groups((2, 4), (0, 1)) == [4]


def test_what_a_function_saves_decides_which_change_is_an_error(notebook):
    notebook.device = torch.device("cpu")
    for function, saved in ((torch.exp, "output"), (torch.square, "input"), (lambda x: x * 10, "–")):
        report = notebook.in_place_report(function)
        assert report["saves"] == saved
        for what in ("input", "output"):
            assert report[f"{what} changed"] == ("error" if what == saved else "fine")


def test_count_nodes(notebook):
    a = torch.tensor(2.0, requires_grad=True)
    assert [notebook.count_nodes(root) for root in (None, a.exp().grad_fn, (a * a).grad_fn)] == [0, 2, 2]


def test_saved_bytes_come_and_go_with_the_graph(notebook):
    living = set()  # holds what the graph would let go of
    a = torch.ones(250_000, requires_grad=True)
    with notebook.watch(living):
        total = (a.exp() + a.exp()).sum()
    assert notebook.megabytes(living) == 2
    del total


def test_saved_bytes_are_gone_with_the_graph(notebook):
    living = notebook.weakref.WeakSet()
    a = torch.ones(250_000, requires_grad=True)
    with notebook.watch(living):
        total = a.exp().sum() + a.square().sum()
    assert notebook.megabytes(living) == 2
    total.backward()
    assert notebook.megabytes(living) == 0 and a.grad[0].item() == pytest.approx(math.e + 2)


# ---- drawings


@each_view
def test_every_tensor_is_drawn_with_its_numbers(view):
    index = tuple(count - 1 for count in view.shape)
    ax = draw_tensor(view, index if view.numel() else None, title="the title")
    texts = drawn_texts(ax)
    assert {"the title     ", f"offset {view.storage_offset()}"} <= texts
    assert {str(count) for count in view.shape} <= texts


def test_elements_of_one_cell_have_one_colour():
    layout = Layout.of(VIEWS["expand"])
    assert layout.colour(layout.cells[0, 1]) == layout.colour(layout.cells[2, 1]) != layout.colour(layout.cells[0, 2])


def test_the_elements_of_the_grid_do_not_overlap():
    for view in VIEWS.values():
        layout = Layout.of(view)
        places = [layout.place(index) for index in np.ndindex(layout.size)]
        apart = [max(abs(x - u), abs(y - v)) for (x, y), (u, v) in itertools.combinations(places, 2)]
        assert min(apart, default=1) >= 1


@pytest.mark.parametrize("index", [(3, 0), (0, -1), (1,), (0, 0, 0)])
def test_an_impossible_index_is_refused(index):
    with pytest.raises(ValueError, match="there is no element"):
        draw_tensor(X, index)


@pytest.mark.parametrize("tensor", [torch.zeros(49), torch.zeros(1).expand(49), torch.zeros(1, 1, 1, 1, 2)])
def test_what_is_too_large_to_draw_is_refused(tensor):
    with pytest.raises(ValueError, match="at most"):
        draw_tensor(tensor)


def test_views_are_drawn_side_by_side():
    figure = draw_views({"x": X, "x.t()": X.t()}, title="Two", columns=2)
    assert isinstance(figure, Figure) and {"Two", "x", "x.t()"} <= drawn_texts(figure)


def test_trailing_products():
    assert trailing_products((3, 2, 4)) == {4, 8}
    assert trailing_products((12,)) == trailing_products((12, 1)) == set()


@pytest.mark.parametrize("new, word", [((6,), "impossible"), ((3, 2, 1), "possible without a copy")])
def test_the_verdict_is_written_above(new, word):
    assert any(word in text for text in drawn_texts(draw_verdict(X[:, :2], new, [2])))


def test_view_and_copy_look_different():
    for make, word in ((torch.Tensor.t, "view"), (torch.clone, "copy")):
        source = torch.arange(12.0).view(3, 4)
        result = make(source)
        result[0, 0] = 99
        assert any(word in text for text in drawn_texts(draw_write(source, result, "code")))


def test_the_other_drawings():
    assert {"x[0]", "view"} <= drawn_texts(draw_atlas([("x[0]", [[99.0, 1.0], [2.0, 3.0]], "view")]))
    assert "changed in silence" in drawn_texts(draw_versions([("a", 0, False), ("b", 1, True), ("c", 1, True)]))
    assert "changed in silence" not in drawn_texts(draw_versions([("a", 0, False), ("b", 1, True)]))
    assert draw_cost([1, 2], [0.1, 0.2], line=2).get_xlabel() == "stride (elements)"
    assert len(draw_layout(np.zeros((4, 5, 3)), np.zeros((3, 4, 5)), "same").axes) == 5
    assert draw_frozen_factor(3, 3).get_xlabel() == "a"


def test_the_graph_has_a_box_for_every_node():
    a = torch.tensor(2.0, requires_grad=True)
    texts = drawn_texts(draw_growing_graph((a.exp() + a.sin()).grad_fn, title="two"))
    assert {"two", "Add", "Exp", "Sin", "weight"} <= texts
    assert "no graph: only a number" in drawn_texts(draw_growing_graph(None))


# ---- puzzles


def stub(*arguments): ...


def raises(*arguments):
    raise RuntimeError("no\nreally")


def test_attempt():
    assert puzzles.attempt(max, 1, 2) == (2, None)
    assert puzzles.attempt(stub) == (None, "not started")
    assert puzzles.attempt(raises) == (None, "RuntimeError: no")


PUZZLES = {
    "layout": lambda function: puzzles.draw_layout_puzzle(X.diagonal(2), function, 3, 4, 2),
    "picture": lambda function: puzzles.draw_picture_puzzle(torch.zeros(4, 5, 3), torch.zeros(3, 4, 5), function),
    "gradient": lambda function: puzzles.draw_gradient_puzzle(
        np.linspace(0, 1, 5), np.ones(5), np.ones(5), function, 1.0
    ),
}


@pytest.mark.parametrize("puzzle", PUZZLES.values(), ids=PUZZLES)
def test_a_puzzle_shows_what_is_missing(puzzle):
    assert "not started" in drawn_texts(puzzle(stub))
    assert "RuntimeError: no" in drawn_texts(puzzle(raises))


@pytest.mark.parametrize(
    "name, function",
    [
        ("layout", lambda height, width, k: ((2,), (5,), 2)),
        ("picture", lambda picture: picture.permute(2, 0, 1)),
        ("gradient", lambda x, factor: factor * x),
    ],
)
def test_a_puzzle_shows_an_answer(name, function):
    assert not {"not started"} & drawn_texts(PUZZLES[name](function))


def test_a_puzzle_reads_nothing_outside_the_storage():
    assert any("would read cell" in text for text in drawn_texts(PUZZLES["layout"](lambda *_: ((4,), (5,), 2))))
    assert any("must be" in text or "Error" in text for text in drawn_texts(PUZZLES["layout"](lambda *_: (2, 5, 2))))


def test_truths_are_compared():
    cases = [((2, 3), (3, 1), (6,))]
    assert "wrong" in drawn_texts(puzzles.draw_truth_puzzle(cases, lambda *_: True, lambda *_: False))
    for function in (stub, raises, lambda *_: True):
        assert "wrong" not in drawn_texts(puzzles.draw_truth_puzzle(cases, lambda *_: True, function))
