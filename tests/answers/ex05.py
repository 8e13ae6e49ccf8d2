# Code as learners write it.
import math

import numpy as np
import torch

from answers import right, wrong
from helpers.exercises import ex05

# ---- diagonal


@right(ex05.diagonal)
def diagonal_from_torch(height, width, k):
    view = torch.empty(height, width).diagonal(k)
    return view.shape, view.stride(), view.storage_offset()


@right(ex05.diagonal)
def diagonal_by_counting(height, width, k):
    cells = [i * width + i + k for i in range(height) if 0 <= i + k < width]
    return [len(cells)], [width + 1], cells[0]


@wrong(ex05.diagonal, "would read cell 16; the last one is cell 15")
def diagonal_of_one_length(height, width, k):
    return (min(height, width),), (width + 1,), max(k, -k * width)


@wrong(ex05.diagonal, "diagonal(3, 5, 3): it ends too early, after 0 of 2 elements")
def diagonal_for_squares(height, width, k):
    return (min(height, width) - abs(k),), (width + 1,), max(k, -k * width)


@wrong(ex05.diagonal, "diagonal(5, 3, -3): size (2,) and offset -3 may not be negative")
def diagonal_with_negative_offset(height, width, k):
    rows, columns = height - max(0, -k), width - max(0, k)
    return (min(rows, columns),), (width + 1,), k


@wrong(ex05.diagonal, "this goes down a column")
def diagonal_down_a_column(height, width, k):
    size, _, offset = diagonal_from_torch(height, width, k)
    return size, (width,), offset


@wrong(ex05.diagonal, "is negative: torch steps through a storage forwards only")
def diagonal_backwards(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return size, (-stride[0],), offset + (size[0] - 1) * stride[0]


@wrong(ex05.diagonal, "size and stride are tuples, also for one dimension")
def diagonal_without_tuples(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return size[0], stride[0], offset


@wrong(ex05.diagonal, "return three things")
def diagonal_as_tensor(height, width, k):
    return torch.arange(height * width).view(height, width).diagonal(k)


@wrong(ex05.diagonal, "must be whole numbers")
def diagonal_of_floats(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return (size[0] / 1,), stride, offset


# ---- windows


@right(ex05.windows)
def windows_by_unfold(height, width, n):
    view = torch.empty(height, width).unfold(0, n, 1).unfold(1, n, 1)
    return tuple(view.shape), view.stride(), view.storage_offset()


@wrong(ex05.windows, "these are tiles")
def windows_as_tiles(height, width, n):
    return (height // n, width // n, n, n), (n * width, n, width, 1), 0


@wrong(ex05.windows, "still that of the whole picture")
def windows_with_short_rows(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (width, 1, n, 1), 0


@wrong(ex05.windows, "would read cell")
def windows_one_too_many(height, width, n):
    return (height - n + 2, width - n + 1, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "positions come first")
def windows_before_positions(height, width, n):
    return (n, n, height - n + 1, width - n + 1), (width, 1, width, 1), 0


@wrong(ex05.windows, "size (3, 3, 2, 2), expected (3, 4, 2, 2)")
def windows_one_too_few(height, width, n):
    return (height - n + 1, width - n, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "rows and columns of the windows are exchanged")
def windows_on_their_side(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (width, 1, 1, width), 0


# ---- can_view


@wrong(ex05.can_view, "more elements than can be listed")
def can_view_by_addresses(size, stride, new):
    """The slow specification: list the cells in reading order, and ask whether even steps can visit them."""
    if math.prod(size) != math.prod(new):
        return False
    cells = sum((s * i for i, s in zip(np.indices(size), stride, strict=True)), np.zeros(size, int)).reshape(new)
    for dim in range(len(new)):
        steps = np.diff(cells, axis=dim)
        if steps.size and np.ptp(steps):
            return False
    return True


@right(ex05.can_view)
def can_view_asks_torch(size, stride, new):
    try:
        torch.empty_strided(size, stride).view(new)
    except RuntimeError:
        return False
    return True


@wrong(ex05.can_view, "asks for a contiguous tensor, which is too much")
def can_view_if_contiguous(size, stride, new):
    return torch.empty_strided(size, stride).is_contiguous()


@wrong(ex05.can_view, "asks for a contiguous tensor, which is too much")
def can_view_if_contiguous_and_of_one_count(size, stride, new):
    return math.prod(size) == math.prod(new) and torch.empty_strided(size, stride).is_contiguous()


@wrong(ex05.can_view, "you say True, torch refuses")
def can_view_if_the_count_fits(size, stride, new):
    return math.prod(size) == math.prod(new)


@wrong(ex05.can_view, "you say False, torch makes the view")
def can_view_forgets_ones(size, stride, new):
    if math.prod(size) != math.prod(new):
        return False
    groups = [math.prod(size[i:]) for i in range(1, len(size)) if stride[i - 1] != size[i] * stride[i]]
    return all(group in [math.prod(new[i:]) for i in range(len(new))] for group in groups)


@wrong(ex05.can_view, "return True or False")
def can_view_returns_the_view(size, stride, new):
    return torch.empty_strided(size, stride).reshape(-1)


# ---- channels


@right(ex05.channels)
def channels_by_transposing_twice(pictures):
    return pictures.transpose(-1, -2).transpose(-2, -3).clone(memory_format=torch.contiguous_format)


@right(ex05.channels)
def channels_by_stacking(pictures):
    return torch.stack(pictures.unbind(-1), dim=-3)


@wrong(ex05.channels, "right shape, wrong pixels: `reshape`")
def channels_by_reshape(pictures):
    *others, height, width, channels = pictures.shape
    return pictures.reshape(*others, channels, height, width)


@wrong(ex05.channels, "height and width are exchanged")
def channels_by_one_transpose(pictures):
    return pictures.transpose(-1, -3).contiguous()


@wrong(ex05.channels, "right pixels, but not contiguous")
def channels_without_contiguous(pictures):
    return pictures.movedim(-1, -3)


@wrong(ex05.channels, "permute(sparse_coo)")
def channels_of_one_picture(pictures):
    return pictures.permute(2, 0, 1).contiguous()


@wrong(ex05.channels, "the dtype is torch.float32")
def channels_as_floats(pictures):
    return pictures.movedim(-1, -3).contiguous().float()


# ---- bug


@right(ex05.bug)
def exp_plus_on_a_clone(x, shift):
    y = x.exp().clone()
    y += shift
    return y


@wrong(ex05.bug, "2.718 expected, 3.718 got")
def exp_plus_through_data(x, shift):
    y = x.exp()
    y.data.add_(shift)
    return y


@wrong(ex05.bug, "Now the bug is loud")
def exp_plus_through_detach(x, shift):
    y = x.exp()
    y.detach().add_(shift)
    return y


@wrong(ex05.bug, "Now the bug is loud")
def exp_plus_in_place(x, shift):
    return x.exp().add_(shift)


@wrong(ex05.bug, "no graph")
def exp_plus_without_graph(x, shift):
    return x.detach().exp() + shift


@wrong(ex05.bug, "is not [2.71")
def exp_plus_nothing(x, shift):
    return x.exp()


# ---- valve


class Valve(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.factor, None


@right(ex05.valve)
def valve_by_function(x, factor):
    return Valve.apply(x, factor)


@right(ex05.valve)
def valve_by_hook(x, factor):
    y = x.clone()
    y.register_hook(lambda gradient: factor * gradient)
    return y


@wrong(ex05.valve, "no gradient comes through")
def valve_that_is_shut(x, factor):
    return x.detach()


@wrong(ex05.valve, "the hook sits on x itself")
def valve_on_x(x, factor):
    x.register_hook(lambda gradient: factor * gradient)
    return x


@wrong(ex05.valve, "the whole gradient comes through")
def valve_that_is_open(x, factor):
    return x


@wrong(ex05.valve, "the values are multiplied, too")
def valve_that_multiplies(x, factor):
    return factor * x


@wrong(ex05.valve, "with factor 0.25, the whole gradient comes through")
def valve_without_halves(x, factor):
    return x if factor == 1 or factor == 0.25 else factor * x + (1 - factor) * x.detach()


# ---- average


@wrong(ex05.average, "the first loss has changed")
def adds_to_the_first(losses):
    losses = iter(losses)
    total, count = next(losses).detach(), 1
    for loss in losses:
        total += loss.detach()
        count += 1
    return (total / count).item()


@right(ex05.average)
def mean_of_a_stack(losses):
    return torch.stack([loss.detach() for loss in losses]).mean().item()


@right(ex05.average)
@torch.no_grad()
def mean_without_grad(losses):
    total = torch.zeros(())
    count = 0
    for loss in losses:
        total += loss
        count += 1
    return float(total) / count


@right(ex05.average)
def mean_by_tolist(losses):
    values = [loss.detach() for loss in losses]
    values = torch.stack(values).tolist()
    return sum(values) / len(values)


@wrong(ex05.average, "the graphs of 1 earlier losses are still in memory")
def mean_with_graph(losses):
    total, count = 0, 0
    for loss in losses:
        total += loss
        count += 1
    return (total / count).item()


@wrong(ex05.average, "earlier losses are still in memory")
def mean_of_a_list(losses):
    losses = list(losses)
    return (sum(losses) / len(losses)).item()


@wrong(ex05.average, "11 times a number is asked for while losses still come")
def mean_by_item(losses):
    values = [loss.item() for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "11 times a number is asked for")
def mean_by_float(losses):
    values = [float(loss) for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "11 times a number is asked for")
def mean_by_tolist_each(losses):
    values = [loss.detach().tolist() for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "return a Python number")
def mean_as_tensor(losses):
    return torch.stack([loss.detach() for loss in losses]).mean()


@wrong(ex05.average, "this is the sum")
def sum_of_losses(losses):
    return sum(loss.detach() for loss in losses).item()


@wrong(ex05.average, "only 1 of 12 losses")
def mean_of_the_first(losses):
    return next(losses).item()
