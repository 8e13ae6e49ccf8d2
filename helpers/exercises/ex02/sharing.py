"""Exercises on using one layer several times: always four times, and for each row its own number."""

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex02.gradients import use_gradients
from helpers.exercises.words import expect, expect_result, expect_same, reject, run, same, shown

D_IN, H, D_OUT = 7, 5, 3


class _Net(nn.Module):
    """The net of the notebook, small, at the depth that it is given."""

    def __init__(self, D_in: int = D_IN, H: int = H, D_out: int = D_OUT):
        super().__init__()
        self.input_linear = nn.Linear(D_in, H)
        self.middle_linear = nn.Linear(H, H)
        self.output_linear = nn.Linear(H, D_out)

    def forward(self, x, depth):
        h_relu = self.input_linear(x).relu()
        for _ in range(depth):
            h_relu = self.middle_linear(h_relu).relu()
        return self.output_linear(h_relu)


def _make_lively(model: nn.Module) -> None:
    """Give the weights a size at which each further step still changes the output."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.6 + 0.1)


def _gradients(output, model: nn.Module) -> dict:
    """Return the gradient of each of the net's own parameters, None where there is none."""
    expect(output.requires_grad, "the output has no graph behind it, so nothing can learn: leave autograd on.")
    parameters = {name: model.get_parameter(name) for name, _ in _Net().named_parameters()}
    try:
        loss = output.square().sum()
        found = torch.autograd.grad(loss, list(parameters.values()), retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        in_place = "your code writes into a tensor that backward still needs: make a new one."
        reject("inplace operation" in str(error), in_place)
        raise
    return dict(zip(parameters, found, strict=True))


def _expect_gradients(output, model: nn.Module, want, reference: nn.Module) -> None:
    """Expect the gradients of `output`, whose numbers are those of `want`, to be the right ones, too."""
    wanted = _gradients(want, reference)
    for name, got in _gradients(output, model).items():
        if wanted[name] is None:  # at depth 0
            continue
        expect(got is not None, f"the output is right, but {name} gets no gradient from it.")
        scale = wanted[name].abs().max().clamp(min=1)
        right = same(got / scale, wanted[name] / scale, atol=1e-3)
        expect(right, f"the output is right, but the gradient of {name} is not.")


# ---- four


class FourSteps(nn.Module):
    """input_linear, then four times the same middle_linear, then output_linear; relu after all but the last."""

    def __init__(self, D_in, H, D_out):
        super().__init__()
        self.input_linear = nn.Linear(D_in, H)
        self.middle_linear = nn.Linear(H, H)
        self.output_linear = nn.Linear(H, D_out)

    def forward(self, x):
        h_relu = self.input_linear(x).relu()
        for _ in range(4):
            h_relu = self.middle_linear(h_relu).relu()
        return self.output_linear(h_relu)


def _expect_layers(model, reference: nn.Module, sizes: tuple) -> None:
    expect(isinstance(model, nn.Module), "`FourSteps(D_in, H, D_out)` is not a module: inherit from `nn.Module`.")
    found, shape = model.state_dict(keep_vars=True), reference.middle_linear.weight.shape
    others = "input_linear.", "output_linear."
    squares = [name for name, each in model.named_parameters() if each.shape == shape and not name.startswith(others)]
    square = " × ".join(map(str, shape))
    reject(len(squares) > 1, f"{len(squares)} distinct weights of {square}: {', '.join(squares)}. Only one is wanted.")
    missing = reference.state_dict().keys() - found.keys()
    expect(not missing, f"keep the layers' names: there is no {', '.join(sorted(missing))}.")
    for name, wanted in reference.state_dict().items():
        got, want = tuple(found[name].shape), tuple(wanted.shape)
        expect(got == want, f"with D_in, H, D_out = {sizes} the shape of {name} is {got}, not {want}.")
    own = {id(found[name]) for name in reference.state_dict()}
    more = [name for name, each in model.named_parameters() if id(each) not in own]
    reject(more, f"besides the three layers there is {', '.join(more)}: only they are wanted.")


def _mistakes_of_four(net: nn.Module, x) -> dict:
    """Return what known mistakes make of x: message → output."""
    first, middle, last = net.input_linear, net.middle_linear, net.output_linear
    mistakes = {"the middle layer is not used.": net(x, 0)}
    mistakes |= {f"the middle layer is used {k} times, not 4.": net(x, k) for k in (1, 2, 3, 5, 6)}
    mistakes["there is a relu after output_linear: then no output can be negative."] = net(x, 4).relu()
    steps = nn.Sequential(*[middle, nn.ReLU()] * 4)
    mistakes["there is no relu after input_linear."] = last(steps(first(x)))
    mistakes["there is no relu after the last use of middle_linear."] = last(steps[:-1](first(x).relu()))
    mistakes["there is no relu between the steps."] = last(nn.Sequential(*[middle] * 4)(first(x).relu()))
    mistakes["there is a relu after the steps only."] = last(nn.Sequential(*[middle] * 4)(first(x).relu()).relu())
    mistakes["there is no relu at all."] = last(nn.Sequential(*[middle] * 4)(first(x)))
    return mistakes


@exercise(
    solution=FourSteps,
    hints=(
        "A layer is a function with weights inside. What keeps you from calling it four times?",
        "Make three layers in `__init__`, whatever the number of steps; the loop belongs in `forward`.",
    ),
)
def four(answer):
    """Four steps, one middle weight, and it learns from all of them."""
    for sizes in ((D_IN, H, D_OUT), (1, 1, 1), (4, 4, 4)):
        model, reference = answer(*sizes), _Net(*sizes)
        _expect_layers(model, reference, sizes)
        _make_lively(reference)
        model.load_state_dict(reference.state_dict(), strict=False)
        for rows in (6, 1, 6):
            x = torch.randn(rows, sizes[0])
            want, mistakes = reference(x, 4), _mistakes_of_four(reference, x)
            got = run(model, x)
            expect_same(got, want, "the output is not that of four steps with relu after each.", mistakes)
            _expect_gradients(got, model, want, reference)


# ---- each_its_own


def forward_each(model, x, depths):
    """Return the output for each row i of `x` at its own depth, depths[i]; a depth is a whole number from 0 on."""
    h_relu = model.input_linear(x).relu()
    for step in range(depths.max()):
        deeper = model.middle_linear(h_relu).relu()
        h_relu = torch.where((step < depths)[:, None], deeper, h_relu)
    return model.output_linear(h_relu)


def _depth_of(row, at_depth: list) -> str:
    """Say at which depth a row of the output is, given what it is at depth 0, 1, 2 …"""
    found = next((depth for depth, output in enumerate(at_depth) if same(row, output)), None)
    return "is at none" if found is None else f"is at depth {found}"


@exercise(
    solution=forward_each,
    hints=(
        "All rows take part in step 0 but those of depth 0. Which of them take part in step 1?",
        "`(step < depths)[:, None]` is a column of True and False: which rows go on, and which stay as they are.",
        "`torch.where(condition, a, b)` takes rows from `a` or from `b`, and hands gradients back to both.",
    ),
)
def each_its_own(answer):
    """Each row goes as deep as it should, in as many steps as the deepest needs, and gradients are right."""
    model, calls = _Net(), []
    _make_lively(model)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    model.middle_linear.register_forward_hook(lambda *_: calls.append(1))
    for depths in ([2, 0, 3, 1, 3, 0], [1] * 6, [5, 0, 0, 0, 0, 4], [0, 1], [0, 0, 0], [2], [6, 4, 2, 3]):
        x, case = torch.randn(len(depths), D_IN), f"with depths {depths}"
        rows = [[model(x[i : i + 1], k)[0] for k in range(max(depths) + 3)] for i in range(len(depths))]
        want = torch.stack([row[depth] for row, depth in zip(rows, depths, strict=True)])
        calls.clear()
        got = run(lambda x, depths: answer(model, x, depths), x, torch.tensor(depths))
        times = len(calls)
        expect_result(got)
        expect(isinstance(got, torch.Tensor), f"{case} your code gives {shown(got)}, not a tensor.")
        expect(
            got.shape == want.shape, f"{case} the shape of the output is {tuple(got.shape)}, not {tuple(want.shape)}."
        )
        for i, depth in enumerate(depths):
            expect(same(got[i], want[i]), f"{case} row {i} {_depth_of(got[i], rows[i])}, not at {depth}.")
        _expect_gradients(got, model, want, model)
        times = max(times, len(use_gradients(got.sum(), model.middle_linear.weight)))  # without a call, too
        expect(times <= max(depths), f"{case} middle_linear is used {times} times: {max(depths)} are enough.")
        for name, parameter in model.named_parameters():
            untouched = parameter.grad is None and same(parameter, before[name], atol=0)
            expect(untouched, f"your code changes {name} or its `.grad`: only the output is wanted.")
