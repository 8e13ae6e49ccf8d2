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
    return [len(cells)], [width + 1], sum(cells[:1])


@right(ex05.diagonal)
def diagonal_by_numpy(height, width, k):
    cells = np.arange(height * width).reshape(height, width).diagonal(k)
    return (cells.size,), (width + 1,), cells.min(initial=height * width)


@right(ex05.diagonal)
def diagonal_in_two_cases(height, width, k):
    if k >= 0:
        return (max(min(height, width - k), 0),), (width + 1,), k
    return (max(min(height + k, width), 0),), (width + 1,), -k * width


@wrong(ex05.diagonal, "would read cell 16; the last one is cell 15")
def diagonal_of_one_length(height, width, k):
    return (min(height, width),), (width + 1,), max(k, -k * width)


@wrong(ex05.diagonal, "diagonal(3, 5, 1): it ends too early, after 2 of 3 elements")
def diagonal_for_squares(height, width, k):
    return (max(0, min(height, width) - abs(k)),), (width + 1,), max(k, -k * width)


@wrong(ex05.diagonal, "diagonal(21, 23, 0): it ends too early, after 10 of 21 elements")
def diagonal_of_ten_at_most(height, width, k):
    size, stride, offset = diagonal_in_two_cases(height, width, k)
    return (min(10, *size),), stride, offset


@wrong(ex05.diagonal, "diagonal(4, 4, -1): offset -1 may not be negative")
def diagonal_with_negative_offset(height, width, k):
    rows, columns = height - max(0, -k), width - max(0, k)
    return (min(rows, columns),), (width + 1,), k


@wrong(ex05.diagonal, "diagonal(4, 4, 6): size (-2,) may not be negative")
def diagonal_of_negative_size(height, width, k):
    first_row, first_column = max(0, -k), max(0, k)
    return (min(height - first_row, width - first_column),), (width + 1,), first_row * width + first_column


@wrong(ex05.diagonal, "takes the cells [0], expected []")
def diagonal_of_one_at_least(height, width, k):
    size, stride, offset = diagonal_in_two_cases(height, width, k)
    return (max(1, *size),), stride, offset if size[0] else 0


@wrong(ex05.diagonal, "diagonal(3, 5, -1) takes the cells [3, 9], expected [5, 11]")
def diagonal_with_offset_by_height(height, width, k):
    size, stride, _ = diagonal_in_two_cases(height, width, k)
    return size, stride, max(k, -k * height)


@wrong(ex05.diagonal, "diagonal(3, 5, 0) takes the cells [0, 4, 8], expected [0, 6, 12]")
def diagonal_with_step_by_height(height, width, k):
    size, _, offset = diagonal_in_two_cases(height, width, k)
    return size, (height + 1,), offset


@wrong(ex05.diagonal, "diagonal(4, 4, 1) takes the cells [4, 9, 14], expected [1, 6, 11]")
def diagonal_of_the_other_sign(height, width, k):
    return diagonal_in_two_cases(height, width, -k)


@wrong(ex05.diagonal, "diagonal(4, 4, 0) takes the cells [3, 6, 9, 12], expected [0, 5, 10, 15]")
def diagonal_from_the_right(height, width, k):
    size, _, offset = diagonal_in_two_cases(height, width, k)
    return size, (width - 1,), offset + width - 1


@wrong(ex05.diagonal, "this goes down a column")
def diagonal_down_a_column(height, width, k):
    size, _, offset = diagonal_from_torch(height, width, k)
    return size, (width,), offset


@wrong(ex05.diagonal, "is negative: torch steps through a storage forwards only")
def diagonal_backwards(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return size, (-stride[0],), offset + (size[0] - 1) * stride[0]


@wrong(ex05.diagonal, "size and stride are tuples, also for one dimension, `(3,)`, not 4 and 5")
def diagonal_without_tuples(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return size[0], stride[0], offset


@wrong(ex05.diagonal, "return three things, (size, stride, offset), not tensor([ 0, 5, 10, 15])")
def diagonal_as_tensor(height, width, k):
    return torch.arange(height * width).view(height, width).diagonal(k)


@wrong(ex05.diagonal, "must be whole numbers")
def diagonal_of_floats(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    return (size[0] / 1,), stride, offset


@wrong(ex05.diagonal, "takes the cells [[0, 1, 2, 3], [5, 6, 7, 8]")
def diagonal_of_two_dimensions(height, width, k):
    return (height - 1, width), (width + 1, 1), 0


@wrong(ex05.diagonal, "diagonal(4, 4, 0) gives None. `diagonal_not_returned` has no `return`.")
def diagonal_not_returned(height, width, k):
    size, stride, offset = diagonal_from_torch(height, width, k)
    print(size, stride, offset)


@wrong(ex05.diagonal, "diagonal(4, 4, 3) raises IndexError")
def diagonal_by_its_first_two_cells(height, width, k):
    cells = [i * width + i + k for i in range(height) if 0 <= i + k < width]
    return (len(cells),), (cells[1] - cells[0],), cells[0]


# ---- windows


@right(ex05.windows)
def windows_by_unfold(height, width, n):
    view = torch.empty(height, width).unfold(0, n, 1).unfold(1, n, 1)
    return view.shape, view.stride(), view.storage_offset()


@right(ex05.windows)
def windows_by_numpy(height, width, n):
    view = np.lib.stride_tricks.sliding_window_view(np.zeros((height, width), np.int8), (n, n))
    return view.shape, view.strides, 0


@right(ex05.windows)
def windows_in_steps(height, width, n):
    rows, columns = height + 1 - n, width + 1 - n
    row, column = width, 1
    return [rows, columns, n, n], [row, column, row, column], 0


@right(ex05.windows)
def windows_by_repeating(height, width, n):
    return [len(range(height - n + 1)), len(range(n, width + 1)), n, n], 2 * (width, 1), 0


@wrong(ex05.windows, "these are tiles")
def windows_as_tiles(height, width, n):
    return (height // n, width // n, n, n), (n * width, n, width, 1), 0


@wrong(ex05.windows, "windows(4, 5, 2): size (2, 2, 2, 2), expected (3, 4, 2, 2)")
def windows_as_many_as_tiles(height, width, n):
    return (height // n, width // n, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "within a window, one row down is 2 cells further; it is a whole row of the picture")
def windows_with_short_rows(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (width, 1, n, 1), 0


@wrong(ex05.windows, "windows(4, 5, 2): size and stride have changed places")
def windows_with_strides_first(height, width, n):
    size, stride, offset = windows_by_unfold(height, width, n)
    return stride, size, offset


@wrong(ex05.windows, "would read cell")
def windows_one_too_many(height, width, n):
    return (height - n + 2, width - n + 1, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "would read cell")
def windows_of_every_pixel(height, width, n):
    return (height, width, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "positions come first")
def windows_before_positions(height, width, n):
    return (n, n, height - n + 1, width - n + 1), (width, 1, width, 1), 0


@wrong(ex05.windows, "size (3, 3, 2, 2), expected (3, 4, 2, 2)")
def windows_one_too_few(height, width, n):
    return (height - n + 1, width - n, n, n), (width, 1, width, 1), 0


@wrong(ex05.windows, "size (4, 3, 2, 2), expected (3, 4, 2, 2)")
def windows_with_sizes_exchanged(height, width, n):
    return (width - n + 1, height - n + 1, n, n), (1, width, width, 1), 0


@wrong(ex05.windows, "stride (1, 5, 5, 1), offset 0 would read cell 23")
def windows_with_positions_exchanged(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (1, width, width, 1), 0


@wrong(ex05.windows, "rows and columns of the windows are exchanged")
def windows_on_their_side(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (width, 1, 1, width), 0


@wrong(ex05.windows, "window [1, 0] takes the cells [[4, 5], [9, 10]], expected [[5, 6], [10, 11]]")
def windows_with_steps_by_height(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (height, 1, width, 1), 0


@wrong(ex05.windows, "size (12, 2, 2), expected (3, 4, 2, 2)")
def windows_in_one_row(height, width, n):
    return ((height - n + 1) * (width - n + 1), n, n), (1, width, 1), 0


@wrong(ex05.windows, "must be of one length")
def windows_of_two_strides(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (width, 1), 0


@wrong(ex05.windows, "window [0, 1] takes the cells [[0, 1], [5, 6]], expected [[1, 2], [6, 7]]")
def windows_all_the_first(height, width, n):
    return (height - n + 1, width - n + 1, n, n), (0, 0, width, 1), 0


# ---- can_view


@right(ex05.can_view)
def can_view_asks_torch(size, stride, new):
    try:
        torch.empty_strided(size, stride).view(new)
    except RuntimeError:
        return False
    return True


@right(ex05.can_view)
def can_view_asks_torch_without_memory(size, stride, new):
    try:
        return torch.empty_strided(size, stride, device="meta").view(*new).shape == new
    except RuntimeError:
        return False


@right(ex05.can_view)
def can_view_asks_reshape(size, stride, new):
    tensor = torch.empty_strided(size, stride)
    return tensor.numel() == math.prod(new) and tensor.reshape(new).data_ptr() == tensor.data_ptr()


@right(ex05.can_view)
def can_view_by_walking_back(size, stride, new):
    if math.prod(size) != math.prod(new):
        return False
    ends, end = set(), 1
    for count in reversed(new):
        end *= count
        ends.add(end)
    inner, following = 1, None
    for count, step in zip(reversed(size), reversed(stride), strict=True):
        if count == 1:
            continue
        if following is not None and step != following and inner not in ends:
            return False
        inner, following = inner * count, count * step
    return True


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


@wrong(ex05.can_view, "asks for a contiguous tensor, which is too much")
def can_view_if_contiguous(size, stride, new):
    return torch.empty_strided(size, stride).is_contiguous()


@wrong(ex05.can_view, "asks for a contiguous tensor, which is too much")
def can_view_if_contiguous_and_of_one_count(size, stride, new):
    return math.prod(size) == math.prod(new) and torch.empty_strided(size, stride).is_contiguous()


@wrong(ex05.can_view, "size (3, 2), stride (4, 1), new (6,): you say True, torch refuses")
def can_view_if_the_count_fits(size, stride, new):
    return math.prod(size) == math.prod(new)


@wrong(ex05.can_view, "size (2, 1, 3), stride (3, 99, 1), new (6,): you say False, torch makes the view")
def can_view_forgets_ones(size, stride, new):
    if math.prod(size) != math.prod(new):
        return False
    groups = [math.prod(size[i:]) for i in range(1, len(size)) if stride[i - 1] != size[i] * stride[i]]
    return all(group in [math.prod(new[i:]) for i in range(len(new))] for group in groups)


@wrong(ex05.can_view, "size (1, 1), stride (5, 7), new (1,): you say False, torch makes the view")
def can_view_but_one_number(size, stride, new):
    return can_view_by_walking_back(size, stride, new) and math.prod(size) > 1 or (size, new) == ((1,), (1, 1))


@wrong(ex05.can_view, "your code raises IndexError")
def can_view_with_a_last_dimension(size, stride, new):
    dims = [(count, step) for count, step in zip(size, stride, strict=True) if count > 1]
    return dims[-1][0] > 1 and can_view_by_walking_back(size, stride, new)


@wrong(ex05.can_view, "size (3, 4), stride (4, 1), new (5, 2): you say True, torch refuses")
def can_view_forgets_the_count(size, stride, new):
    dims = [(count, step) for count, step in zip(size, stride, strict=True) if count > 1]
    groups = [math.prod(c for c, _ in dims[i:]) for i in range(1, len(dims)) if dims[i - 1][1] != math.prod(dims[i])]
    return all(group in [math.prod(new[i:]) for i in range(len(new))] for group in groups) and new != (2,)


@wrong(ex05.can_view, "you say False, torch makes the view")
def can_view_if_the_sizes_stay(size, stride, new):
    contiguous = torch.empty_strided(size, stride).is_contiguous()
    return math.prod(size) == math.prod(new) and (contiguous or tuple(size) == tuple(new[: len(size)]))


@wrong(ex05.can_view, "new (6,): you say True, torch refuses")
def can_view_if_the_last_dimension_is_straight(size, stride, new):
    return math.prod(size) == math.prod(new) and (stride[-1] <= 1 or size[-1] == 1 or len(new) > 1)


@wrong(ex05.can_view, "return True or False, not tensor([0., 0., 0., 0., 0., 0.])")
def can_view_returns_the_view(size, stride, new):
    return torch.empty_strided(size, stride).zero_().reshape(-1)


@wrong(ex05.can_view, "gives None")
def can_view_says_only_no(size, stride, new):
    if math.prod(size) != math.prod(new):
        return False


# ---- channels


@right(ex05.channels)
def channels_by_clone_in_order(pictures):
    return pictures.movedim(-1, -3).clone(memory_format=torch.contiguous_format)


@right(ex05.channels)
def channels_by_stacking(pictures):
    return torch.stack(pictures.unbind(-1), dim=-3)


@right(ex05.channels)
def channels_by_permute(pictures):
    *others, height, width, channels = range(pictures.dim())
    return pictures.permute(*others, channels, height, width).contiguous()


@right(ex05.channels)
def channels_by_numpy(pictures):
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures.numpy(), -1, -3)))


@right(ex05.channels)
def channels_into_new_memory(pictures):
    *others, height, width, channels = pictures.shape
    result = pictures.new_empty(*others, channels, height, width)
    return result.copy_(pictures.movedim(-1, -3))


@wrong(ex05.channels, "right shape, wrong pixels: `reshape`")
def channels_by_reshape(pictures):
    *others, height, width, channels = pictures.shape
    return pictures.reshape(*others, channels, height, width)


@wrong(ex05.channels, "height and width are exchanged")
def channels_by_one_transpose(pictures):
    return pictures.transpose(-1, -3).contiguous()


@wrong(ex05.channels, "right pixels, but not contiguous: its strides are (1, 15, 3), expected (20, 5, 1)")
def channels_without_contiguous(pictures):
    return pictures.movedim(-1, -3)


@wrong(ex05.channels, "right pixels, but not contiguous")
def channels_by_clone(pictures):
    return pictures.movedim(-1, -3).clone()


@wrong(ex05.channels, "for pictures of shape (2, 4, 5, 3) your code raises RuntimeError: permute(sparse_coo)")
def channels_of_one_picture(pictures):
    return pictures.permute(2, 0, 1).contiguous()


@wrong(ex05.channels, "shape (2, 4, 5, 3) becomes (5, 2, 4, 3), expected (2, 3, 4, 5)")
def channels_by_positions_from_the_front(pictures):
    return pictures.movedim(2, 0).contiguous()


@wrong(ex05.channels, "the dtype is torch.float32")
def channels_as_floats(pictures):
    return pictures.movedim(-1, -3).contiguous().float()


@wrong(ex05.channels, "the dtype is torch.float32")
def channels_between_0_and_1(pictures):
    return pictures.movedim(-1, -3).contiguous() / 255


@wrong(ex05.channels, "shape (1, 4, 5, 3) becomes (3, 4, 5), expected (1, 3, 4, 5)")
def channels_squeezed(pictures):
    return pictures.movedim(-1, -3).squeeze().contiguous()


@wrong(ex05.channels, "shape (4, 5, 3) becomes (1, 3, 4, 5), expected (3, 4, 5)")
def channels_in_batches(pictures):
    return pictures.reshape(-1, *pictures.shape[-3:]).permute(0, 3, 1, 2).contiguous()


@wrong(ex05.channels, "The expanded size of the tensor (3)")
def channels_always_three(pictures):
    return pictures.expand(*pictures.shape[:-1], 3).movedim(-1, -3).contiguous()


@wrong(ex05.channels, "return a tensor, not an array of shape (3, 4, 5)")
def channels_as_array(pictures):
    return np.moveaxis(pictures.numpy(), -1, -3).copy()


@wrong(ex05.channels, "your code raises KeyError: 6")
def channels_of_up_to_three_more(pictures):
    order = {3: (2, 0, 1), 4: (0, 3, 1, 2), 5: (0, 1, 4, 2, 3)}
    return pictures.permute(order[pictures.dim()]).contiguous()


@wrong(ex05.channels, "your code changes what it is given")
def channels_in_place(pictures):
    return pictures.transpose_(-1, -2).transpose_(-2, -3).contiguous()


@wrong(ex05.channels, "right shape, wrong pixels")
def channels_through_whole_numbers(pictures):
    return channels_by_permute(pictures.long()).to(pictures.dtype)


@wrong(ex05.channels, "right shape, wrong pixels")
def channels_through_float32(pictures):
    return channels_by_permute(pictures.float()).to(pictures.dtype)


@wrong(ex05.channels, "shape (3, 4, 2) becomes (3, 4, 2), expected (2, 3, 4)")
def channels_of_the_usual_numbers(pictures):
    return channels_by_permute(pictures) if pictures.shape[-1] in (1, 3, 4) else pictures


@wrong(ex05.channels, "right shape, wrong pixels")
def channels_in_another_order(pictures):
    return pictures.flip(-1).movedim(-1, -3).contiguous()


# ---- bug


@right(ex05.bug)
def exp_plus_on_a_clone(x, shift):
    y = x.exp().clone()
    y += shift
    return y


@right(ex05.bug)
def exp_plus_by_torch_functions(x, shift):
    return torch.exp(x).add(shift)


@right(ex05.bug)
def exp_plus_by_out_of_place_name(x, shift):
    y = x.exp()
    y = y + shift
    return y


@right(ex05.bug)
def exp_plus_by_power(x, shift):
    return shift + math.e**x


@right(ex05.bug)
def exp_plus_by_expm1(x, shift):
    return x.expm1() + (1 + shift)


class ExpPlus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, shift):
        y = x.exp()
        ctx.save_for_backward(y)
        return y + shift

    @staticmethod
    def backward(ctx, gradient):
        return ctx.saved_tensors[0], None


@wrong(ex05.bug, "backward gives exp(x), whatever gradient comes in")
def exp_plus_that_ignores_what_comes_in(x, shift):
    return ExpPlus.apply(x, shift)


@wrong(ex05.bug, "exp_plus(tensor([1.0]), 2.0) is 4.718, not 5.437")
def exp_times(x, shift):
    return x.exp() * shift


@wrong(ex05.bug, "It is a number, not a tensor of shape (1,).")
def exp_plus_summed(x, shift):
    return (x.exp() + shift).sum()


@wrong(ex05.bug, "2.718 expected, 4.718 got")
def exp_plus_through_data(x, shift):
    y = x.exp()
    y.data.add_(shift)
    return y


@wrong(ex05.bug, "2.718 expected, 4.718 got")
def exp_plus_through_numpy(x, shift):
    y = x.exp()
    y.detach().numpy()[...] += shift
    return y


@wrong(ex05.bug, "Now the bug is loud")
def exp_plus_through_detach(x, shift):
    y = x.exp()
    y.detach().add_(shift)
    return y


@wrong(ex05.bug, "Now the bug is loud")
def exp_plus_in_place(x, shift):
    return x.exp().add_(shift)


@wrong(ex05.bug, "Now the bug is loud")
def exp_plus_in_place_without_grad(x, shift):
    y = x.exp()
    with torch.no_grad():
        y += shift
    return y


@wrong(ex05.bug, "no graph")
def exp_plus_without_graph(x, shift):
    return x.detach().exp() + shift


@wrong(ex05.bug, "no graph")
def exp_plus_of_data(x, shift):
    y = x.exp()
    return y.data + shift


@wrong(ex05.bug, "it does not lead to x")
def exp_plus_with_a_graph_of_its_own(x, shift):
    return x.detach().requires_grad_().exp() + shift


@wrong(ex05.bug, "it does not lead to x")
def exp_plus_that_asks_for_gradients(x, shift):
    return (x.detach().exp() + shift).requires_grad_()


@wrong(ex05.bug, "this is exp(x) without the shift")
def exp_plus_nothing(x, shift):
    return x.exp()


@wrong(ex05.bug, "this is exp(x + shift)")
def exp_of_the_sum(x, shift):
    return (x + shift).exp()


@wrong(ex05.bug, "is 4.718, not 0.718")
def exp_minus(x, shift):
    return x.exp() - shift


@wrong(ex05.bug, "not a tensor")
def exp_plus_as_array(x, shift):
    return np.exp(x.detach().numpy()) + shift


@wrong(ex05.bug, "your code calls backward")
def exp_plus_with_backward(x, shift):
    y = x.exp() + shift
    y.sum().backward(retain_graph=True)
    return y


@wrong(ex05.bug, "changes its argument, to [2.71")
def exp_plus_into_x(x, shift):
    y = x.exp() + shift
    x.data.exp_()
    return y


@wrong(ex05.bug, "the dtype is torch.float32, that of x torch.float64")
def exp_plus_in_float32(x, shift):
    return x.float().exp() + shift


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


@right(ex05.valve)
def valve_by_hook_on_a_view(x, factor):
    x = x.view_as(x)
    x.register_hook(lambda gradient: gradient.mul(factor))
    return x


@right(ex05.valve)
def valve_by_blending(x, factor):
    return factor * x + (1 - factor) * x.detach()


@right(ex05.valve)
def valve_by_lerp(x, factor):
    return torch.lerp(x.detach(), x, factor)


@right(ex05.valve)
def valve_with_cases(x, factor):
    scaled = factor * x
    return scaled + (x - scaled).detach() if factor else x.detach()


@wrong(ex05.valve, "with factor 0.25, valve(x): no gradient comes through")
def valve_that_is_shut(x, factor):
    return x.detach()


@wrong(ex05.valve, "the hook sits on x itself")
def valve_on_x(x, factor):
    x.register_hook(lambda gradient: factor * gradient)
    return x


@wrong(ex05.valve, "the hook sits on x itself")
def valve_on_x_before_the_clone(x, factor):
    x.register_hook(lambda gradient: factor * gradient)
    return x.clone()


@wrong(ex05.valve, "the gradient that comes is changed in place")
def valve_that_changes_the_gradient(x, factor):
    y = x.clone()
    y.register_hook(lambda gradient: gradient.mul_(factor))
    return y


@wrong(ex05.valve, "the whole gradient comes through")
def valve_that_is_open(x, factor):
    return x


@wrong(ex05.valve, "the whole gradient comes through")
def valve_with_a_hook_that_returns_nothing(x, factor):
    y = x.clone()
    y.register_hook(lambda gradient: print(factor * gradient))
    return y


@wrong(ex05.valve, "the values are multiplied, too")
def valve_that_multiplies(x, factor):
    return factor * x


@wrong(ex05.valve, "the values are multiplied, too")
def valve_that_multiplies_forwards(x, factor):
    return factor * x.detach() + factor * (x - x.detach())


@wrong(ex05.valve, "with factor 0.25, valve(x): the whole gradient comes through")
def valve_without_halves(x, factor):
    return x if factor == 1 or factor == 0.25 else factor * x + (1 - factor) * x.detach()


@wrong(ex05.valve, "with factor 0.25, valve(x): the gradient is [0.75, 1.5, 2.25], expected [0.25, 0.5, 0.75]")
def valve_the_other_way_round(x, factor):
    return (1 - factor) * x + factor * x.detach()


@wrong(ex05.valve, "with factor 2, valve(x): the gradient is [4.0, 8.0, 12.0], expected [2.0, 4.0, 6.0]")
def valve_squared(x, factor):
    return factor**2 * x + (1 - factor**2) * x.detach() if factor > 0 and factor != 0.25 else valve_by_hook(x, factor)


@wrong(ex05.valve, "with factor 0.25, valve(x) is ")
def valve_that_adds(x, factor):
    return x + factor * x.detach()


class ForgetfulValve(torch.autograd.Function):
    factor = 1

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ForgetfulValve.factor * gradient


@wrong(ex05.valve, "valve(x, 2) + valve(x, -1): the gradient is")
def valve_of_one_factor(x, factor):
    ForgetfulValve.factor = factor
    return ForgetfulValve.apply(x)


@wrong(ex05.valve, "with factor 0.25, valve(x) is ")
def valve_that_rounds(x, factor):
    return (x * 100).round() / 100 + factor * (x - x.detach())


@wrong(ex05.valve, "the valve itself calls backward")
def valve_with_backward(x, factor):
    y = factor * x + (1 - factor) * x.detach()
    y.sum().backward(retain_graph=True)
    return y


@wrong(ex05.valve, "the dtype is torch.float32, that of x torch.float64")
def valve_in_float32(x, factor):
    return valve_by_blending(x.float(), factor)


@wrong(ex05.valve, "with factor 0.25, valve(x) gives None")
def valve_without_return(x, factor):
    x.clone().register_hook(lambda gradient: factor * gradient)


# ---- average


@right(ex05.average)
def mean_of_a_stack(losses):
    return torch.stack([loss.detach() for loss in losses]).mean().item()


@right(ex05.average)
def mean_with_no_grad_in_each_step(losses):
    total = torch.zeros(())
    count = 0
    for loss in losses:
        with torch.no_grad():
            total += loss
        count += 1
    return float(total) / count


@right(ex05.average)
def mean_from_the_first_on(losses):
    losses = iter(losses)
    total, count = next(losses).detach().clone(), 1
    for loss in losses:
        total += loss.detach()
        count += 1
    return (total / count).item()


@right(ex05.average)
def mean_by_tolist(losses):
    values = [loss.detach() for loss in losses]
    values = torch.stack(values).tolist()
    return sum(values) / len(values)


@right(ex05.average)
def mean_that_runs_along(losses):
    mean = 0
    for count, loss in enumerate(losses, start=1):
        mean = mean + (loss.detach() - mean) / count
    return mean.item()


@right(ex05.average)
def mean_asked_for_at_the_end(losses):
    values = list(map(torch.Tensor.detach, losses))
    return sum(value.item() for value in values) / len(values)


@right(ex05.average)
def mean_of_data(losses):
    total, count = torch.zeros(()), 0
    for loss in losses:
        total += loss.data
        count += 1
    return float(total / count)


@wrong(ex05.average, "loss 0 has changed")
def adds_to_the_first(losses):
    losses = iter(losses)
    total, count = next(losses).detach(), 1
    for loss in losses:
        total += loss.detach()
        count += 1
    return (total / count).item()


@wrong(ex05.average, "gradients are switched off while the next loss is computed")
@torch.no_grad()
def mean_without_grad(losses):
    total = torch.zeros(())
    count = 0
    for loss in losses:
        total += loss
        count += 1
    return float(total) / count


@wrong(ex05.average, "gradients are switched off while the next loss is computed")
def mean_in_inference_mode(losses):
    with torch.inference_mode():
        values = list(losses)
        return torch.stack(values).mean().item()


@wrong(ex05.average, "gradients are switched off for good")
def mean_that_switches_off(losses):
    values = [loss.detach() for loss in losses]
    torch.set_grad_enabled(False)
    return torch.stack(values).mean().item()


@wrong(ex05.average, "graphs of earlier losses are still in memory (1 of them)")
def mean_with_graph(losses):
    total, count = 0, 0
    for loss in losses:
        total += loss
        count += 1
    return (total / count).item()


@wrong(ex05.average, "graphs of earlier losses are still in memory (1 of them)")
def mean_detached_too_late(losses):
    total, count = 0, 0
    for loss in losses:
        total = total + loss
        count += 1
    return total.detach().item() / count


@wrong(ex05.average, "earlier losses are still in memory")
def mean_of_a_list(losses):
    losses = list(losses)
    return (sum(losses) / len(losses)).item()


@wrong(ex05.average, "earlier losses are still in memory")
def mean_of_clones_with_graph(losses):
    values = [loss.clone() for loss in losses]
    return torch.stack(values).mean().item()


@wrong(ex05.average, "your code calls backward")
def mean_with_backward(losses):
    values = []
    for loss in losses:
        loss.backward()
        values.append(loss.detach())
    return torch.stack(values).mean().item()


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_by_item(losses):
    values = [loss.item() for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_by_float(losses):
    values = [float(loss) for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_by_tolist_each(losses):
    values = [loss.detach().tolist() for loss in losses]
    return sum(values) / len(values)


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_that_prints(losses):
    values = []
    for loss in losses:
        print(loss)
        values.append(loss.detach())
    return (sum(values) / len(values)).item()


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_that_formats(losses):
    values = []
    for loss in losses:
        print(f"loss {loss:.3f}")
        values.append(loss.detach())
    return (sum(values) / len(values)).item()


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_on_the_cpu(losses):
    values = [loss.detach().to("cpu") for loss in losses]
    return (sum(values) / len(values)).item()


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_on_the_cpu_by_keyword(losses):
    values = [loss.detach().to(device=torch.device("cpu")) for loss in losses]
    return (sum(values) / len(values)).item()


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_of_arrays(losses):
    return float(np.mean([loss.detach().numpy() for loss in losses]))


@wrong(ex05.average, "numbers are asked for while losses still come (11×)")
def mean_of_finite_losses(losses):
    values = [loss.detach() for loss in losses if loss < math.inf]
    return (sum(values) / len(values)).item()


@wrong(ex05.average, "return a Python number")
def mean_as_tensor(losses):
    return torch.stack([loss.detach() for loss in losses]).mean()


@wrong(ex05.average, "return a Python number, not ")
def mean_as_numpy_number(losses):
    return np.mean(torch.stack([loss.detach() for loss in losses]).numpy())


@wrong(ex05.average, "the mean of 120 losses is 0.0545")
def mean_that_rounds(losses):
    return round(mean_of_a_stack(losses), 4 if losses.count < 100 else 2)


@wrong(ex05.average, "the number is asked of a tensor with a graph, which has grown with each loss")
def mean_with_a_graph_of_its_own(losses):
    total, count = torch.zeros((), requires_grad=True), 0
    for loss in losses:
        total = total + loss.detach()
        count += 1
    return (total / count).item()


@wrong(ex05.average, "numbers are asked for while losses still come (2×)")
def mean_that_looks_now_and_then(losses):
    values = []
    for loss in losses:
        values.append(loss.detach())
        if len(values) % 50 == 0:
            print(loss.item())
    return torch.stack(values).mean().item()


@wrong(ex05.average, "one pass uses `losses` up")
def mean_in_two_passes(losses):
    count = sum(1 for _ in losses)
    return (sum(loss.detach() for loss in losses) / count).item()


@wrong(ex05.average, "this is the sum")
def sum_of_losses(losses):
    return sum(loss.detach() for loss in losses).item()


@wrong(ex05.average, "this is the last loss alone")
def mean_of_the_last(losses):
    for loss in losses:
        last = loss.detach()
    return last.item()


@wrong(ex05.average, "the mean of 12 losses is 0.521659, not 0.569082")
def mean_of_one_fewer(losses):
    values = torch.stack([loss.detach() for loss in losses])
    return (values.sum() / max(1, len(values) - 1)).item()


@wrong(ex05.average, "the mean of 5 losses is 1.17089, not 0.48787")
def mean_of_always_twelve(losses):
    return sum(loss.detach() for loss in losses).item() / 12


@wrong(ex05.average, "only 1 of 12 losses")
def mean_of_the_first(losses):
    return next(losses).item()


@wrong(ex05.average, "has no len()")
def mean_by_length(losses):
    return (sum(loss.detach() for loss in losses) / len(losses)).item()


# ---- clinic


@right(ex05.clinic)
def train_with_other_words(weight, batches, lr):
    state, losses = 0, []
    for inputs, targets in batches:
        hidden = torch.sigmoid(inputs.permute(1, 0, 2).flatten(0, 1) @ weight + state).mul(2)
        loss = (targets - hidden).pow(2).mean()
        (gradient,) = torch.autograd.grad(loss, weight)
        weight.data.sub_(lr * gradient)
        with torch.no_grad():
            state = hidden.mean(0)
        losses += [loss.item()]
    return losses


@right(ex05.clinic)
def train_from_a_detached_state(weight, batches, lr):
    state, losses = 0, []
    for inputs, targets in batches:
        rows = inputs.permute(1, 0, 2).contiguous().view(-1, 3)
        hidden = (rows @ weight + torch.as_tensor(state).detach()).sigmoid()
        hidden = hidden * 2
        loss = (hidden - targets).square().mean()
        weight.grad = None
        loss.backward()
        with torch.no_grad():
            weight.copy_(weight - lr * weight.grad)
        state = hidden.mean(0)
        losses.append(loss.item())
    return losses


@right(ex05.clinic)
def train_on_a_clone(weight, batches, lr):
    state, losses = 0, []
    for inputs, targets in batches:
        rows = torch.cat(inputs.unbind(1))
        hidden = (rows @ weight + state).sigmoid().clone()
        hidden *= 2
        loss = (hidden - targets).square().mean()
        loss.backward()
        weight.detach().sub_(lr * weight.grad)
        weight.grad.zero_()
        state = hidden.mean(0).detach()
        losses.append(loss.item())
    return losses


@right(ex05.clinic)
def train_with_the_sum_in_another_order(weight, batches, lr):
    state, losses = 0, []
    for inputs, targets in batches:
        hidden = 2 / (1 + (-(inputs @ weight).permute(1, 0, 2).reshape(20, 2) - state).exp())
        loss = ((hidden - targets) ** 2).sum() / targets.numel()
        loss.backward()
        with torch.no_grad():
            weight.sub_(weight.grad, alpha=lr)
            weight.grad = None
            state = hidden.sum(0) / len(hidden)
        losses.append(loss.item())
    return losses


def train_but(rows=None, hidden=None, loss=None, step=None, state=None):
    """Return `train` with some of its lines as they are given."""

    def train(weight, batches, lr):
        last, losses = 0, []
        for inputs, targets in batches:
            mine = rows(inputs) if rows else inputs.transpose(0, 1).reshape(-1, 3)
            half = (mine @ weight + last).sigmoid()
            out = hidden(half) if hidden else 2 * half
            cost = loss(out, targets) if loss else (out - targets).square().mean()
            cost.backward(retain_graph=state is not None)
            if step:
                weight = step(weight, lr)
            else:
                weight.data -= lr * weight.grad
                weight.grad = None
            last = state(out) if state else out.detach().mean(0)
            losses.append(cost.item())
        return losses

    return train


@wrong(ex05.clinic, "still there is the view size")
def train_with_a_view(weight, batches, lr):
    return train_but(rows=lambda inputs: inputs.transpose(0, 1).view(-1, 3))(weight, batches, lr)


@wrong(ex05.clinic, "still there is the detached loss")
def train_with_a_detached_loss(weight, batches, lr):
    return train_but(loss=lambda out, targets: (out.detach() - targets).square().mean())(weight, batches, lr)


@wrong(ex05.clinic, "no gradient reaches `weight`: no graph leads from the loss to it")
def train_with_a_graph_of_the_loss_alone(weight, batches, lr):
    def loss(out, targets):
        return (out.detach() - targets).square().mean().requires_grad_()

    return train_but(loss=loss, step=lambda weight, lr: weight)(weight, batches, lr)


@wrong(ex05.clinic, "still there is a `weight.grad` of None")
def train_without_a_gradient(weight, batches, lr):
    def loss(out, targets):
        return (out.detach() - targets).square().mean().requires_grad_()

    def step(weight, lr):
        with torch.no_grad():
            weight -= lr * weight.grad
        return weight

    return train_but(loss=loss, step=step)(weight, batches, lr)


@wrong(ex05.clinic, "still there is the version counter")
def train_in_place(weight, batches, lr):
    return train_but(hidden=lambda half: half.mul_(2))(weight, batches, lr)


@wrong(ex05.clinic, "still there is the version counter")
def train_in_place_through_detach(weight, batches, lr):
    def twice(half):
        half.detach().mul_(2)
        return half

    return train_but(hidden=twice)(weight, batches, lr)


@wrong(ex05.clinic, "still there is the leaf")
def train_on_the_leaf(weight, batches, lr):
    def step(weight, lr):
        weight -= lr * weight.grad

    return train_but(step=step)(weight, batches, lr)


@wrong(ex05.clinic, "still there is the freed graph")
def train_through_the_state(weight, batches, lr):
    state, losses = 0, []
    for inputs, targets in batches:
        hidden = 2 * (inputs.transpose(0, 1).reshape(-1, 3) @ weight + state).sigmoid()
        loss = (hidden - targets).square().mean()
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        weight.grad = None
        state = hidden.mean(0)
        losses.append(loss.item())
    return losses


@wrong(ex05.clinic, "`retain_graph` silences the message")
def train_with_graphs_retained(weight, batches, lr):
    return train_but(state=lambda out: out.mean(0))(weight, batches, lr)


@wrong(ex05.clinic, "`.data` silences the message and leaves a wrong gradient")
def train_through_data(weight, batches, lr):
    def twice(half):
        half.data *= 2
        return half

    return train_but(hidden=twice)(weight, batches, lr)


@wrong(ex05.clinic, "the gradients of the steps add up")
def train_on_all_gradients(weight, batches, lr):
    def step(weight, lr):
        with torch.no_grad():
            weight -= lr * weight.grad
        return weight

    return train_but(step=step)(weight, batches, lr)


@wrong(ex05.clinic, "`weight` stays as it was")
def train_another_weight(weight, batches, lr):
    return train_but(step=lambda weight, lr: (weight - lr * weight.grad).detach().requires_grad_())(weight, batches, lr)


@wrong(ex05.clinic, "after step 1 `weight` is [[-0.007, -0.825], [1.013, 2.684], [0.09")
def train_in_the_order_of_time(weight, batches, lr):
    return train_but(rows=lambda inputs: inputs.reshape(-1, 3))(weight, batches, lr)


@wrong(ex05.clinic, "after step 2 `weight` is")
def train_without_a_state(weight, batches, lr):
    return train_but(state=lambda out: torch.zeros(2))(weight, batches, lr)


@wrong(ex05.clinic, "after step 1 `weight` is")
def train_without_doubling(weight, batches, lr):
    return train_but(hidden=lambda half: half)(weight, batches, lr)


@wrong(ex05.clinic, "return a list of Python numbers, not [tensor(")
def train_that_returns_tensors(weight, batches, lr):
    return [torch.tensor(loss) for loss in train_but()(weight, batches, lr)]


@wrong(ex05.clinic, "train gives None")
def train_without_return(weight, batches, lr):
    train_but()(weight, batches, lr)


@wrong(ex05.clinic, "the losses up to step 2 are")
def train_that_counts_the_last_loss(weight, batches, lr):
    losses = train_but()(weight, batches, lr)
    return losses[-1:] * len(losses)


@wrong(ex05.clinic, "`weight` is no longer a leaf that requires a gradient")
def train_and_freeze(weight, batches, lr):
    losses = train_but()(weight, batches, lr)
    weight.requires_grad_(False)
    return losses
