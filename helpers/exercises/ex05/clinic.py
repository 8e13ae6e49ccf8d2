"""Exercise on the five messages of the error clinic: a program to mend."""

import textwrap

import torch

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_result, expect_same, reject, same, shown


def train(weight, batches, lr):
    """Take a step of descent for each batch; return the losses as Python numbers."""
    state, losses = 0, []
    for inputs, targets in batches:
        rows = inputs.transpose(0, 1).reshape(-1, 3)
        hidden = 2 * (rows @ weight + state).sigmoid()
        loss = (hidden - targets).square().mean()
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        weight.grad = None
        state = hidden.detach().mean(0)
        losses.append(loss.item())
    return losses


LEFT = {  # words of the message → what is left
    "view size": "the view size: `rows` cannot be had without a copy",
    "does not require grad": "the detached loss: no graph leads from it to `weight`",
    "modified by an inplace operation": "the version counter: `sigmoid` has saved what is changed in place",
    "a leaf Variable": "the leaf: `weight` may not be changed where autograd records it",
    "'float' and 'NoneType'": "a `weight.grad` of None: no graph leads from the loss to it, or it is reset too early",
    "a second time": "the freed graph: the loss of this step leads, through `state`, into the step before",
}
SILENCED = {  # a mistake → what it does
    "data": "`.data` silences the message and leaves a wrong gradient: `sigmoid` has saved what you double.",
    "retained": "`retain_graph` silences the message: the gradient goes back through all steps. Cut `state` off.",
    "kept": "the gradients of the steps add up: forget each after its step.",
}


def _after(answer, weight, batches, lr) -> tuple:
    """Return the losses, the weight that they leave, and the gradients that reached it; ends the check at a message."""
    weight, arrived = weight.clone().requires_grad_(), []
    weight.register_hook(arrived.append)
    try:
        return answer(weight, batches, lr), weight, arrived
    except (RuntimeError, TypeError) as error:
        for words, what in LEFT.items():
            message = textwrap.shorten(str(error), 110)
            reject(words in str(error), f"still there is {what}. Torch says: {message}")
        raise


def _mistaken(weight, batches, lr, mistake) -> torch.Tensor:
    """Return the weight where one of the messages is silenced, and its cause left: all steps as in `train` but one."""
    weight, state = weight.clone().requires_grad_(), 0
    for inputs, targets in batches:
        hidden = (inputs.transpose(0, 1).reshape(-1, 3) @ weight + state).sigmoid()
        if mistake == "data":
            hidden.data.mul_(2)
        else:
            hidden = 2 * hidden
        (hidden - targets).square().mean().backward(retain_graph=True)
        weight.data -= lr * weight.grad
        weight.grad = weight.grad if mistake == "kept" else None
        state = hidden.mean(0) if mistake == "retained" else hidden.detach().mean(0)
    return weight


@exercise(
    solution=train,
    hints=(
        "Run it, read the message, find it in the clinic, mend its line, run it again. The first two: `rows` cannot be "
        "had without a copy; and what between `hidden` and the loss ends the graph?",
        "The next two: `sigmoid` has saved what `*=` changes; and a step is not recorded. How do optimizers do it?",
        "The fifth comes in the second step: `state` leads into the graph of the first. It is to be taken for given.",
    ),
)
def clinic(answer):
    """None of the five messages is left, and nothing is silenced: what is learnt is right."""
    generator = torch.Generator().manual_seed(0)
    for steps, lr in ((1, 0.5), (2, 0.5), (4, 0.25)):
        rand = [torch.rand(size, generator=generator) for _ in range(steps) for size in ((4, 5, 3), (20, 2))]
        batches, weight = list(zip(rand[::2], rand[1::2], strict=True)), torch.randn(3, 2, generator=generator)
        want, trained, _ = _after(train, weight, batches, lr)
        losses, got, arrived = _after(answer, weight, batches, lr)
        expect_result(losses, "train")
        numbers = isinstance(losses, list) and all(type(loss) is float for loss in losses)
        expect(numbers, f"return a list of Python numbers, not {shown(losses)}.")
        expect(got.requires_grad and got.is_leaf, "`weight` is no longer a leaf that requires a gradient.")
        reject(not arrived and same(got, weight), "no gradient reaches `weight`: no graph leads from the loss to it.")
        mistakes = {words: _mistaken(weight, batches, lr, mistake) for mistake, words in SILENCED.items()}
        mistakes["`weight` stays as it was: take the step in place, in the tensor that you are given."] = weight
        mine, wanted = (tensor.detach().double().numpy().round(3).tolist() for tensor in (got, trained))
        expect_same(got, trained, f"after step {steps} `weight` is {mine}, expected {wanted}.", mistakes)
        expect_same(losses, want, f"the losses up to step {steps} are {losses}, expected {want}.")
