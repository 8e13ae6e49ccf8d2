"""Exercises on using one layer several times: always four times, and for each row its own number."""

import torch
from torch import nn

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_same, reject, same

D_IN, H, D_OUT = 7, 5, 3


class _Net(nn.Module):
    """The net of the notebook, small, at the depth that it is given."""

    def __init__(self):
        super().__init__()
        self.input_linear = nn.Linear(D_IN, H)
        self.middle_linear = nn.Linear(H, H)
        self.output_linear = nn.Linear(H, D_OUT)

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


@exercise(
    solution=FourSteps,
    hints=(
        "A layer is a function with weights inside. What keeps you from calling it four times?",
        "Make three layers in `__init__`, whatever the number of steps; the loop belongs in `forward`.",
    ),
)
def four(answer):
    """Four steps, one middle weight, and it learns from all of them."""
    model, reference = answer(D_IN, H, D_OUT), _Net()
    expect(isinstance(model, nn.Module), "`FourSteps(D_in, H, D_out)` is not a module: inherit from `nn.Module`.")
    squares = [name for name, parameter in model.named_parameters() if parameter.shape == (H, H)]
    reject(len(squares) > 1, f"{len(squares)} distinct weights of {H} × {H}: {', '.join(squares)}. Only one is wanted.")
    missing = reference.state_dict().keys() - model.state_dict().keys()
    expect(not missing, f"keep the layers' names: there is no {', '.join(sorted(missing))}.")
    for name, wanted in reference.state_dict().items():
        got = tuple(model.state_dict()[name].shape)
        fits = f"with D_in, H, D_out = {D_IN, H, D_OUT} the shape of {name} is {got}, not {tuple(wanted.shape)}."
        expect(got == tuple(wanted.shape), fits)
    _make_lively(reference)
    model.load_state_dict(reference.state_dict(), strict=False)
    x = torch.randn(6, D_IN)
    mistakes = {
        f"the middle layer is used {k} times, not 4." if k else "the middle layer is not used.": reference(x, k)
        for k in (0, 1, 2, 3, 5, 6)
    }
    want = reference(x, 4)
    h = reference.input_linear(x).relu()
    for _ in range(4):
        h = reference.middle_linear(h)
    mistakes["there is no relu between the steps."] = reference.output_linear(h)
    mistakes["there is a relu after output_linear: then no output can be negative."] = want.relu()
    got = model(x)
    expect_same(got, want, "the output is not that of four steps with relu after each.", mistakes)
    got.sum().backward()
    want.sum().backward()
    gradient = model.middle_linear.weight.grad
    reject(gradient is None, "middle_linear.weight gets no gradient: you compute with copies of it.")
    expect_same(gradient, reference.middle_linear.weight.grad, "the gradient does not come from all four steps.")


# ---- each_its_own


def forward_each(model, x, depths):
    """Return the output for each row i of `x` at its own depth, depths[i]; a depth is a whole number from 0 on."""
    h_relu = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        deeper = model.middle_linear(h_relu).relu()
        h_relu = torch.where((step < depths)[:, None], deeper, h_relu)
    return model.output_linear(h_relu)


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
    model = _Net()
    _make_lively(model)
    calls = []
    model.middle_linear.register_forward_hook(lambda *_: calls.append(1))
    for depths in (
        torch.tensor([2, 0, 3, 1, 3, 0]),
        torch.tensor([1, 1, 1, 1, 1, 1]),
        torch.tensor([5, 0, 0, 0, 0, 4]),
    ):
        x = torch.randn(len(depths), D_IN)
        want = torch.cat([model(x[i : i + 1], int(depth)) for i, depth in enumerate(depths)])
        wanted = torch.autograd.grad(want.square().sum(), list(model.parameters()))
        mistakes = {
            f"every row is taken to depth {depth}, that of the {which} row.": model(x, int(depth)).detach()
            for which, depth in (("deepest", depths.max()), ("shallowest", depths.min()), ("first", depths[0]))
            if not same(model(x, int(depth)), want)
        }
        calls.clear()
        got = answer(model, x, depths.clone())
        used = len(calls)
        expect_same(got, want, f"with depths {depths.tolist()} some row is not at its own depth.", mistakes)
        expect(
            used <= depths.max(),
            f"with depths {depths.tolist()} middle_linear is called {used} times: {int(depths.max())} are enough.",
        )
        expect(got.requires_grad, "the output has no graph behind it, so nothing can learn: leave autograd on.")
        try:
            gradients = torch.autograd.grad(got.square().sum(), list(model.parameters()), allow_unused=True)
        except RuntimeError as error:
            in_place = "your code writes into a tensor that backward still needs: make a new one, with `torch.where`."
            reject("inplace operation" in str(error), in_place)
            raise
        for (name, _), gradient, right in zip(model.named_parameters(), gradients, wanted, strict=True):
            expect(gradient is not None, f"{name} gets no gradient.")
            expect_same(gradient, right, f"the gradient of {name} is not right.", atol=1e-2)
