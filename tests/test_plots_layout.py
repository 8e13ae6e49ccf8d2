"""What there is to draw of a tensor: cells, colours and places."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import rgb_to_hsv

from helpers.plots.layout import GAP, MOST_CELLS, STORAGE, Layout, check_index

X = torch.arange(12.0).view(3, 4)


def test_a_view_is_read_with_its_whole_storage():
    layout = Layout.of(X[1:, ::2])
    assert (layout.size, layout.stride, layout.offset) == ((2, 2), (4, 2), 4)
    assert layout.cells.tolist() == [[4, 6], [8, 10]]  # X counts its own cells
    assert layout.values == [str(number) for number in range(12)]


@pytest.mark.parametrize("value, text", [(0.5, "0.5"), (3.0, "3"), (-2.0, "-2")])
def test_values_are_short(value, text):
    assert Layout.of(torch.tensor([value])).values == [text]


@pytest.mark.parametrize("size", [(MOST_CELLS,), (1, 1, 1, MOST_CELLS), (0,), ()])
def test_what_fits_is_read(size):
    assert Layout.of(torch.zeros(size)).size == size


@pytest.mark.parametrize(
    "tensor, words",
    [
        (torch.zeros(MOST_CELLS + 1), "49 cells are too many to draw: at most 48"),
        (torch.zeros(MOST_CELLS + 1)[:2], "49 cells"),
        (torch.zeros(1).expand(50), "50 cells"),
        (torch.zeros(1, 1, 1, 1, 2), "5 dimensions cannot be drawn: at most 4"),
    ],
)
def test_what_is_too_large_is_named(tensor, words):
    with pytest.raises(ValueError, match=words):
        Layout.of(tensor)


@pytest.mark.parametrize("cells", [1, 12, 48])
def test_cells_take_the_colours_from_the_first_to_the_last(cells):
    layout = Layout.of(torch.zeros(cells))
    colours = [layout.colour(cell) for cell in range(cells)]
    assert colours == [STORAGE((2 * cell + 1) / (2 * cells)) for cell in range(cells)]
    assert len(set(colours)) == cells


def test_the_colours_go_round_the_wheel_and_not_back():
    hues = np.unwrap(rgb_to_hsv(STORAGE(np.linspace(0, 1, 50))[:, :3])[:, 0], period=1)
    assert (np.diff(hues) < 0).all() and 0.7 < hues[0] - hues[-1] < 1


def test_an_empty_storage_has_a_colour():
    assert Layout.of(torch.zeros(0)).colour(0) == STORAGE(0.5)


@pytest.mark.parametrize(
    "size, index, place",
    [
        ((), (), (0, 0)),
        ((5,), (3,), (3, 0)),
        ((3, 4), (2, 1), (1, -2)),
        ((2, 3, 4), (1, 2, 1), (1 + 4 + GAP, -2)),  # the second block stands to the right
        ((2, 2, 3, 4), (1, 1, 2, 1), (1 + 4 + GAP, -2 - 3 - GAP)),  # the second row of blocks below
    ],
)
def test_elements_have_their_places(size, index, place):
    assert Layout.of(torch.zeros(size)).place(index) == place


def test_elements_do_not_overlap_and_blocks_stand_apart():
    layout = Layout.of(torch.zeros(2, 2, 2, 3))
    places = {index: layout.place(index) for index in np.ndindex(layout.size)}
    for (i, (x, y)), (j, (u, v)) in itertools.combinations(places.items(), 2):
        assert max(abs(x - u), abs(y - v)) >= (1 if i[:2] == j[:2] else 1.5)


@pytest.mark.parametrize(
    "size, extent",
    [((), (1, 1)), ((5,), (5, 1)), ((3, 4), (4, 3)), ((2, 3, 4), (8 + GAP, 3)), ((2, 1, 3, 4), (4, 6 + GAP))],
)
def test_the_extent_holds_every_element(size, extent):
    assert Layout.of(torch.zeros(size)).extent == pytest.approx(extent)


@pytest.mark.parametrize("size", [(0,), (2, 0, 3)])
def test_an_empty_tensor_has_an_extent(size):
    assert min(Layout.of(torch.zeros(size)).extent) > 0


@pytest.mark.parametrize("index, size", [((2, 3), (3, 4)), ((0,), (1,)), ((), ())])
def test_an_index_inside_is_taken(index, size):
    check_index(index, size)


@pytest.mark.parametrize("index", [(3, 0), (0, 4), (0, -1), (1,), (0, 0, 0)])
def test_an_index_outside_is_named(index):
    with pytest.raises(ValueError, match=r"there is no element \(.*\) in a tensor of size \(3, 4\)"):
        check_index(list(index), [3, 4])
