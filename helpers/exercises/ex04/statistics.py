"""Exercises on the statistics that batch normalization tracks."""

import copy
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.exercises.core import exercise
from helpers.exercises.ex04.models import (
    KINDS,
    LEFT_ALONE,
    expect_settings,
    frozen,
    make_batch,
    make_model,
    norms,
    place,
    settings,
)
from helpers.exercises.loaders import expect_two_loaders, without_workers
from helpers.exercises.words import expect, expect_result, expect_same, kind, reject, same, shown

# ---- factor


def eval_over_train(shape):
    """Return outputs in evaluation mode ÷ outputs in training mode, after one batch of `shape` with momentum=1."""
    n = shape[0]  # values per channel: batch × height × width
    for side in shape[2:]:
        n *= side
    return ((n - 1) / n) ** 0.5


SHAPES = (
    *((2, 3), (5, 4), (3, 2, 4, 5), (64, 8), (2, 1), (2, 6, 1, 3), (1, 3, 2, 1), (1, 1, 1, 2), (2, 5, 1, 1)),
    *((8, 2, 8, 8), (1000, 2)),
)
# What is wrong → the ratio for a batch of that shape, by that mistake; n counts the values of a channel.
MISTAKES = {
    "equal they are not: training uses the biased variance, and tracks the unbiased one.": lambda n, shape: 1.0,
    "(n − 1)/n is the ratio of the variances. Outputs are divided by a standard deviation.": lambda n, shape: 1 - 1 / n,
    "this is training over evaluation: the tracked variance is the larger one.": lambda n, shape: (n / (n - 1)) ** 0.5,
    "the variances are the wrong way round, and the root is missing.": lambda n, shape: n / (n - 1),
    "n counts all values of a channel: batch × height × width, not pictures.": lambda n, shape: _ratio(shape[0]),
    "n counts the values of one channel: leave the channels out.": lambda n, shape: _ratio(math.prod(shape)),
}


def _ratio(n: int) -> float:
    return (1 - 1 / n) ** 0.5


def _measure_factor(shape: tuple[int, ...]) -> float:
    """Return the ratio, measured."""
    layer = nn.BatchNorm1d(shape[1], eps=1e-12, momentum=1, affine=False).double()
    batch = torch.randn(shape, dtype=torch.float64).view(*shape[:2], -1)
    trained, evaluated = layer(batch), layer.eval()(batch)
    return float((evaluated / trained).mean())


@exercise(
    solution=eval_over_train,
    hints=(
        "With momentum=1 the running statistics are the last batch's. Its mean is the same in both modes.",
        "Training divides by the biased variance (sum / n), tracking keeps the unbiased one (sum / (n − 1)).",
        "Outputs are divided by the root of the variance. n counts the values of a channel: batch × height × width.",
    ),
)
def factor(answer):
    """Evaluation shrinks the outputs by √((n − 1)/n), n being the values of one channel."""
    given = {shape: answer(torch.Size(shape)) for shape in SHAPES}
    for shape, got in given.items():
        expect_result(got, f"for the shape {shape} your code")
        reject(isinstance(got, str), f"return a number, not the text {got!r}.")
    for mistake, by_mistake in MISTAKES.items():
        results = [by_mistake(math.prod(shape) // shape[1], shape) for shape in SHAPES]
        reject(same(list(given.values()), results), mistake)
    for shape, got in given.items():
        want = _measure_factor(shape)
        message = f"for a batch of shape {shape} your code gives {shown(got)}; the measured ratio is {want:.4f}."
        n = math.prod(shape) // shape[1]
        expect_same(got, want, message, atol=max(1e-4, 0.08 / n**2))  # where n is small, `eps` shows: it may be left in


# ---- loaders


def make_loaders(train_set, val_set, batch_size):
    """Return a shuffled training loader that never gives a batch of one, and a validation loader with every example."""
    one_left = len(train_set) % batch_size == 1
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, drop_last=one_left)
    return train_loader, DataLoader(val_set, batch_size=batch_size)


def _rows(size: int, first: int = 0) -> TensorDataset:
    """Return rows with their numbers, from `first` on."""
    return TensorDataset(torch.zeros(size, 3), torch.arange(first, first + size))


CASES = ((9, 6, 4), (8, 5, 4), (3, 3, 4), (3, 2, 2), (2, 4, 2), (2, 9, 8), (11, 7, 4), (9, 5, 2), (121, 41, 8))


def _epochs(case: str, loader, count: int) -> list[list[list[int]]]:
    """Return the numbers of the rows of so many epochs, batch by batch."""
    epochs = []
    for _ in range(count):
        epochs.append([])
        for batch in without_workers(loader):
            is_pair = isinstance(batch, (tuple, list)) and len(batch) == 2 and isinstance(batch[1], torch.Tensor)
            expect(is_pair, f"{case}: a batch is {kind(batch)}, not rows and targets, as a DataLoader collates them.")
            epochs[-1].append(batch[1].tolist())
    return epochs


def _expect_training(case: str, loader, size: int, batch_size: int) -> None:
    epochs = _epochs(f"{case}, training", loader, 20 if size < 4 else 6)  # as many as make chance no excuse
    for batches in epochs:
        why = ", because drop_last drops the only batch" if getattr(loader, "drop_last", False) else ""
        reject(not batches, f"{case}: the training loader gives nothing{why}.")
        sizes, order = [len(batch) for batch in batches], sum(batches, [])
        reject(1 in sizes, f"{case}: the training loader gives a batch of one.")
        odd = [each for each in sizes if each != batch_size]
        fits = len(odd) <= 2 and max(sizes) <= batch_size + 1  # two may share what is left over
        expect(fits, f"{case}: the training batches have {shown(sizes)} examples.")
        reject(len(set(order)) < len(order), f"{case}: an example comes twice in one epoch.")
        expect(set(order) <= set(range(size)), f"{case}: the training loader gives examples of another set.")
        expect(
            size - len(order) <= 1, f"{case}: {size - len(order)} examples are left out of an epoch, not one at most."
        )
    fixed = all(each == epochs[0] for each in epochs)
    reject(fixed, f"{case}: the training loader does not shuffle anew in each epoch.")
    orders = [sum(batches, []) for batches in epochs]
    neighbours = {pair for order in orders for pair in zip(order, order[1:], strict=False)}
    few = 3 < size and len(neighbours) < 2 * size  # by chance there are more in six epochs
    reject(few, f"{case}: the same examples follow one another in every epoch: shuffle them one by one.")
    never = set(range(size)).difference(*sum(epochs, []))
    reject(bool(never), f"{case}: the same example is left out in every epoch, and never trained on.")


def _expect_validation(case: str, loader, size: int) -> None:
    seen = sum(_epochs(f"{case}, validation", loader, 2)[0], [])
    why = ": drop_last is for training" if getattr(loader, "drop_last", False) else ""
    reject(len(seen) < size, f"{case}: validation counts only {len(seen)} of {size} examples{why}.")
    is_whole = sorted(number - 1000 for number in seen) == list(range(size))
    expect(is_whole, f"{case}: the validation loader does not give every example of its set once.")


@exercise(
    solution=make_loaders,
    hints=(
        "How large is the last batch of 9 examples in batches of 4? And of 3 examples in batches of 4?",
        "`drop_last=True` drops any smaller batch, even where it is the only one. When is dropping necessary?",
        "`len(train_set) % batch_size == 1`. In validation nothing may be dropped, and nothing needs to be: why?",
    ),
)
def loaders(answer):
    """Training never sees a batch of one, leaves out one example at most, and validation counts every example."""
    for train_size, val_size, batch_size in CASES:
        made = answer(_rows(train_size), _rows(val_size, first=1000), batch_size)
        expect_two_loaders(made, train_size, val_size)
        _expect_training(f"{train_size} examples in batches of {batch_size}", made[0], train_size, batch_size)
        _expect_validation(f"{val_size} examples in batches of {batch_size}", made[1], val_size)


# ---- repair


def repair(model, batches):
    """Measure the statistics of every BatchNorm layer anew on `batches`, a list of inputs; end in evaluation mode."""
    kinds = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d
    layers = [module for module in model.modules() if isinstance(module, kinds)]
    momenta = [layer.momentum for layer in layers]
    model.eval()
    for layer in layers:
        layer.train()
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean of all batches
    with torch.no_grad():
        for batch in batches:
            model(batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.eval()


def _make_damaged(kind: str) -> tuple[nn.Sequential, list[torch.Tensor]]:
    """Return a model whose statistics come from other data, and batches of the right ones."""
    model = make_model(kind).train()
    with torch.no_grad():
        for _ in range(10):
            model(255 * make_batch(kind, 64))
    batches = [make_batch(kind, 256) for _ in range(11)]
    batches[0] -= 0.6  # one batch does not stand for all
    batches[-1] += 0.6
    return model.eval(), batches


def _buffers(layer) -> tuple[torch.Tensor, torch.Tensor]:
    return layer.running_mean, layer.running_var


def _measured(model, batches, names) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Return mean and variance of what the layers of these names are given in a pass, in the mode the model is in."""
    inputs, hooks = {name: [] for name in names}, []
    for name in names:
        keep = inputs[name].append
        hooks.append(model.get_submodule(name).register_forward_pre_hook(lambda _, given, keep=keep: keep(given[0])))
    with torch.no_grad():
        for batch in batches:
            model(batch)
    for hook in hooks:
        hook.remove()
    by_channel = {name: torch.cat(each).transpose(0, 1).flatten(1) for name, each in inputs.items()}
    return {name: (values.mean(1), values.var(1)) for name, values in by_channel.items()}


def _near(got, want, tolerance: float) -> bool:
    """Tell whether a mean and a variance are another's, as nearly as two ways of measuring them are."""
    (mean, var), (true_mean, true_var) = got, want
    means_are = ((mean - true_mean).abs() < tolerance * true_var.sqrt()).all()
    return bool(means_are and ((var / true_var).log().abs() < 0.25).all())


def _expect_statistics(model, before, batches) -> None:
    """Expect of each layer, the first one first, the statistics of what it is given in evaluation mode.

    The first one's mean is the same however it is measured; what others are given depends on the order of measuring.
    """
    names = list(norms(before))
    for name in names:
        layer, old = dict(model.named_modules()).get(name), before.get_submodule(name)
        what = f"layer {name!r}, a {type(old).__name__},"
        tracks = getattr(layer, "running_mean", None) is not None and layer.track_running_stats
        expect(tracks, f"{what} tracks no statistics any more.")
        (mean, var), (true_mean, true_var) = got, want = _buffers(layer), _measured(model, batches, names)[name]
        tolerance = 0.005 if name == names[0] else 0.15
        if _near(got, want, tolerance):
            continue
        reject(same(got, _buffers(old)), f"{what} has its old statistics: {LEFT_ALONE}")
        unmeasured = same(mean, torch.zeros_like(mean)) and same(var, torch.ones_like(var))
        reject(unmeasured, f"{what} was reset, and then nothing was measured: which mode tracks?")
        for quiet in ((), nn.Dropout):
            noisy = frozen(copy.deepcopy(model), True)
            for module in noisy.modules():
                module.training = module.training and not isinstance(module, quiet)
            too_wide = f"{what} was measured with dropout on, and is wider than what evaluation gives it."
            reject(_near(got, _measured(noisy, batches, names)[name], tolerance), too_wide)
        off = int((mean - true_mean).abs().argmax())
        means = f"mean is {mean[off]:.2f} in channel {off}, where the data have {true_mean[off]:.2f}"
        variances = f"variance {var[off]:.2f}, where they have {true_var[off]:.2f}"
        ask = "Does every batch count alike, and does the old value count at all?"
        far = f"the statistics of {what} are still far from those of the data: its running {means}, its running"
        expect(False, f"{far} {variances}. {ask}")


def _expect_all_else(model, before) -> None:
    """Expect evaluation mode, and all but the statistics as it was before."""
    training = {name: module for name, module in model.named_modules() if module.training}
    for name in sorted(training, key=lambda name: name not in norms(model)):
        why = ": an output depends on its batch" if name in norms(model) else ""
        reject(True, f"{place(name)} ends in training mode{why}.")
    weights, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    for name, was in before.named_parameters():
        kept = same(weights.get(name), was, atol=0)
        expect(kept, f"the weight {name!r} has changed: only the statistics are to be measured anew.")
        expect(weights[name].requires_grad == was.requires_grad, f"requires_grad of the weight {name!r} stays changed.")
    for name, was in before.named_buffers():
        kept = name.rpartition(".")[0] in norms(before) or same(buffers.get(name), was, atol=0)
        expect(kept, f"{name!r} has changed, and is no statistic of a BatchNorm: was all else in evaluation mode?")
    expect_settings(model, before, settings(before))


@exercise(
    solution=repair,
    hints=(
        "Nothing is wrong with the weights. Which numbers does evaluation mode use, and where did they come from?",
        "Statistics are tracked by a pass in training mode, also under `torch.no_grad()`; no optimizer is needed.",
        "Start from nothing: `layer.reset_running_stats()`. Let every batch count alike: `layer.momentum = None`.",
    ),
)
def repair(answer):
    """The statistics are those of the data again, all else is as it was, and the model is in evaluation mode."""
    for name in KINDS:
        model, batches = _make_damaged(name)
        model.train(name == "pictures")[4].bias.requires_grad_(False)
        weights = list(model.parameters())
        weights[0].grad = torch.ones_like(weights[0])
        before, given = copy.deepcopy(model), [batch.clone() for batch in batches]
        answer(model, given)
        expect(same(given, batches, atol=0), "your code changes the batches it is given.")
        _expect_all_else(model, before)
        gradients = [torch.ones_like(weights[0]), *[None] * (len(weights) - 1)]
        kept = same([weight.grad for weight in weights], gradients)
        expect(kept, "your code changes the gradients of the weights: leave them as they are.")
        _expect_statistics(model, before, batches)
        for each, module in model.train().named_modules():
            expect(module.training, f"model.train() no longer switches {place(each)}.")
