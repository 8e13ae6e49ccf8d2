"""Exercises on using one layer several times: always four times, and for each row its own number."""

import random

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.ex02.gradients import use_gradients
from helpers.exercises.words import expect, expect_result, expect_same, reject, run, same, shown

D_IN, H, D_OUT = 7, 5, 3


class _Net(nn.Module):
    """The net of the notebook, small, at the depth that it is given; else it draws one."""

    def __init__(self, D_in: int = D_IN, H: int = H, D_out: int = D_OUT):
        super().__init__()
        self.input_linear = nn.Linear(D_in, H)
        self.middle_linear = nn.Linear(H, H)
        self.output_linear = nn.Linear(H, D_out)

    def forward(self, x, depth=None):
        h_relu = self.input_linear(x).relu()
        for _ in range(random.randint(0, 3) if depth is None else depth):
            h_relu = self.middle_linear(h_relu).relu()
        return self.output_linear(h_relu)


def _make_lively(model: nn.Module) -> None:
    """Give the weights a size at which each further step still changes the output."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.6 + 0.1)


def _expect_gradients(output, inputs: dict, want, wanted_inputs: dict) -> None:
    """Expect the gradients of `output`, whose numbers are those of `want`, to be the right ones, too."""
    expect(output.requires_grad, "the output has no graph behind it, so nothing can learn: leave autograd on.")
    for name, each in inputs.items():
        expect(each.requires_grad, f"{name} is frozen, so it cannot learn: leave its `requires_grad` on.")
    options = {"retain_graph": True, "allow_unused": True}
    wanted = torch.autograd.grad(want.square().sum(), list(wanted_inputs.values()), **options)
    try:
        found = torch.autograd.grad(output.square().sum(), list(inputs.values()), **options)
    except RuntimeError as error:
        in_place = "your code writes into a tensor that backward still needs: make a new one."
        reject("inplace operation" in str(error), in_place)
        raise
    for name, got, right in zip(inputs, found, wanted, strict=True):
        if right is None:  # at depth 0
            continue
        expect(got is not None, f"the output is right, but {name} gets no gradient from it.")
        scale = right.abs().max().clamp(min=1)
        is_right = same(got / scale, right / scale, atol=1e-3)
        expect(is_right, f"the output is right, but the gradient of {name} is not.")


def _mistakes(net: nn.Module, x, depth: int) -> dict:
    """Return what known mistakes make of x: message → output."""
    first, middle, last = net.input_linear, net.middle_linear, net.output_linear
    counts = sorted(set(range(depth + 3)) - {depth})
    mistakes = {f"the output is that of {k} {'step' if k == 1 else 'steps'}, not {depth}.": net(x, k) for k in counts}
    mistakes["there is a relu after output_linear: then no output can be negative."] = net(x, depth).relu()
    steps = nn.Sequential(*[middle, nn.ReLU()] * depth)
    mistakes["there is no relu after input_linear."] = last(steps(first(x)))
    mistakes["there is no relu after the last use of middle_linear."] = last(steps[:-1](first(x).relu()))
    linear = nn.Sequential(*[middle] * depth)
    mistakes["there is no relu between the steps."] = last(linear(first(x).relu()))
    mistakes["there is a relu after the steps only."] = last(linear(first(x).relu()).relu())
    mistakes["there is no relu at all."] = last(linear(first(x)))
    return mistakes


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
        model, another, reference = answer(*sizes), answer(*sizes), _Net(*sizes)
        for each in (model, another):
            _expect_layers(each, reference, sizes)
        is_shared = same(model.middle_linear.weight, another.middle_linear.weight)
        reject(is_shared, "two nets have the same middle_linear.weight: each draws weights of its own.")
        _make_lively(reference)
        model.load_state_dict(reference.state_dict(), strict=False)
        wanted_inputs = dict(reference.named_parameters())
        inputs = {name: model.get_parameter(name) for name in wanted_inputs}
        for number, (rows, mode) in enumerate(((6, True), (6, True), (1, False), (6, False), (6, True))):
            x = torch.randn(rows, sizes[0])
            want = reference(x, 4)
            got = run(model.train(mode), x)
            case = f"in call {number + 1} ({'training' if mode else 'eval'} mode) " if number else ""
            mistakes = {case + mistake: output for mistake, output in _mistakes(reference, x, 4).items()}
            message = case + "the output is not that of four steps with relu after each."
            expect_same(got, want, message, mistakes)
            _expect_gradients(got, inputs, want, wanted_inputs)


# ---- each_its_own


def forward_each(model, x, depths):
    """Return the output for each row i of `x` at its own depth, depths[i]; a depth is a whole number from 0 on."""
    h_relu = model.input_linear(x).relu()
    for step in range(depths.max()):
        deeper = model.middle_linear(h_relu).relu()
        h_relu = torch.where((step < depths)[:, None], deeper, h_relu)
    return model.output_linear(h_relu)


def _marks(model: nn.Module) -> list[dict]:
    """Return the modes of the modules, and the names of all that hangs on them: parameters, hooks, attributes."""
    by_module = (vars(module).items() for module in model.modules())
    return [{key: list(value) if isinstance(value, dict) else value for key, value in items} for items in by_module]


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
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)  # of an earlier step
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    model.middle_linear.register_forward_hook(lambda *_: calls.append(1))
    marks = _marks(model)
    for depths in ([2, 0, 3, 1, 3, 0], [1] * 6, [12, 0, 0, 0, 0, 4], [0, 1], [0, 0, 0], [2], [6, 4, 2, 3]):
        x, case = torch.randn(len(depths), D_IN, requires_grad=True), f"with depths {depths}"
        want = torch.cat([model(x[i : i + 1], depth) for i, depth in enumerate(depths)])
        calls.clear()
        got = run(lambda x, depths: answer(model, x, depths), x, torch.tensor(depths))
        times = len(calls)
        expect_result(got)
        expect(isinstance(got, torch.Tensor), f"{case} your code gives {shown(got)}, not a tensor.")
        shapes = tuple(got.shape), tuple(want.shape)
        expect(shapes[0] == shapes[1], f"{case} the shape of the output is {shapes[0]}, not {shapes[1]}.")
        for i, depth in enumerate(depths):
            mistakes = {f"the output is that of row {j}.": want[j] for j in range(len(depths)) if j != i}
            mistakes |= {mistake: output[0] for mistake, output in _mistakes(model, x[i : i + 1], depth).items()}
            mistakes = {f"{case}, row {i}: {mistake}": output for mistake, output in mistakes.items()}
            values = [[round(value, 3) for value in row.tolist()] for row in (got[i], want[i])]
            message = f"{case}, row {i} becomes {shown(values[0])}, expected {shown(values[1])}."
            expect_same(got[i], want[i], message, mistakes, atol=1e-4 * max(1, float(want[i].detach().abs().max())))
        inputs = {**dict(model.named_parameters()), "x": x}
        _expect_gradients(got, inputs, want, inputs)
        times = max(times, len(use_gradients(got.sum(), model.middle_linear.weight)))  # without a call, too
        expect(times <= max(depths), f"{case} middle_linear is used {times} times: {max(depths)} are enough.")
        for name, parameter in model.named_parameters():
            untouched = same(parameter.grad, torch.ones_like(parameter)) and same(parameter, before[name], atol=0)
            expect(untouched, f"your code changes {name} or its `.grad`: only the output is wanted.")
        expect(_marks(model) == marks, "your code leaves something on the model: a mode, an attribute or a hook.")
