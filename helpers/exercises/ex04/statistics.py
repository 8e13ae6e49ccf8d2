"""Exercises on the statistics that batch normalization tracks."""

import copy
import math

import torch
from torch import nn
from torch.utils.data import DataLoader

from helpers.exercises.core import exercise
from helpers.exercises.loaders import expect_two_loaders
from helpers.exercises.words import error_of, expect, expect_same, reject, same

# ---- factor


def eval_over_train(shape):
    """Return outputs in evaluation mode ÷ outputs in training mode, after one batch of `shape` with momentum=1."""
    n = shape[0]  # values per channel: batch × height × width
    for side in shape[2:]:
        n *= side
    return ((n - 1) / n) ** 0.5


def _measure_factor(shape: tuple[int, ...]) -> float:
    """Return the ratio, measured."""
    layer = (nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d)(
        shape[1], eps=1e-12, momentum=1, affine=False
    ).double()
    batch = torch.randn(shape, dtype=torch.float64)
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
    for shape in ((2, 3), (5, 4), (3, 2, 4, 5), (64, 8), (2, 6, 1, 3)):
        want = _measure_factor(shape)
        batch_size, n = shape[0], math.prod(shape) // shape[1]
        total = math.prod(shape)
        mistakes = {
            "equal they are not: training uses the biased variance, and tracks the unbiased one.": 1.0,
            "(n − 1)/n is the ratio of the variances. Outputs are divided by a standard deviation.": (n - 1) / n,
            "this is training over evaluation: the tracked variance is the larger one.": (n / (n - 1)) ** 0.5,
            "the variances are the wrong way round, and the root is missing.": n / (n - 1),
        }
        if n != batch_size:
            by_batch = ((batch_size - 1) / batch_size) ** 0.5
            mistakes["n counts all values of a channel: batch × height × width, not pictures."] = by_batch
        if total != n:
            mistakes["n counts the values of one channel: leave the channels out."] = ((total - 1) / total) ** 0.5
        expect_same(answer(shape), want, f"for a batch of shape {shape} the measured ratio is {want:.4f}.", mistakes)


# ---- loaders


def make_loaders(train_set, val_set, batch_size):
    """Return a shuffled training loader that never gives a batch of one, and a validation loader with every example."""
    one_left = len(train_set) % batch_size == 1
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, drop_last=one_left)
    return train_loader, DataLoader(val_set, batch_size=batch_size)


def _batches(loader) -> list[list[int]]:
    return [[int(example) for example in batch] for batch in loader]


@exercise(
    solution=make_loaders,
    hints=(
        "How large is the last batch of 9 examples in batches of 4? And of 3 examples in batches of 4?",
        "`drop_last=True` drops any smaller batch, even where it is the only one. When is dropping necessary?",
        "`len(train_set) % batch_size == 1`. In validation nothing may be dropped, and nothing needs to be: why?",
    ),
)
def loaders(answer):
    """Training never sees a batch of one, loses as little as possible, and validation counts every example."""
    for train_size, val_size, batch_size in ((9, 6, 4), (8, 5, 4), (3, 3, 4), (11, 1, 4), (41, 7, 8)):
        case = f"{train_size} examples in batches of {batch_size}"
        made = answer(list(range(train_size)), list(range(val_size)), batch_size)
        expect_two_loaders(made, train_size, val_size)
        train_loader, val_loader = made
        epochs = [_batches(train_loader) for _ in range(4)]
        orders = [sum(batches, []) for batches in epochs]
        for batches, order in zip(epochs, orders, strict=True):
            reject(not batches, f"{case}: the training loader gives nothing, because drop_last drops the only batch.")
            reject(1 in map(len, batches), f"{case}: the training loader gives a batch of one.")
            largest = max(map(len, batches))
            expect(largest <= batch_size + 1, f"{case}: a training batch has {largest} examples.")
            reject(len(set(order)) < len(order), f"{case}: an example comes twice in one epoch.")
            missing = train_size - len(order)
            expect(missing < batch_size, f"{case}: {missing} examples are left out of an epoch.")
            reject(missing > 1, f"{case}: {missing} examples are left out, though a batch of {missing} does no harm.")
        expect(any(order != orders[0] for order in orders), f"{case}: the training loader does not shuffle.")
        never = set(range(train_size)) - set().union(*orders)
        reject(bool(never), f"{case}: the same example is left out in every epoch, and never trained on.")
        seen = sorted(sum(_batches(val_loader), []))
        lost = val_size - len(seen)
        reject(lost > 0, f"validation counts only {len(seen)} of {val_size} examples: drop_last is for training.")
        expect(seen == list(range(val_size)), "the validation loader does not give every example once.")


# ---- repair


def repair(model, batches):
    """Measure the statistics of every BatchNorm layer anew on `batches`, a list of inputs; end in evaluation mode."""
    layers = [module for module in model.modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))]
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


def _make_collapsed() -> tuple[nn.Sequential, list[torch.Tensor]]:
    """Return a model whose statistics come from other data than its batches."""
    first, second = (nn.Linear(3, 8), nn.BatchNorm1d(8)), (nn.Linear(8, 6), nn.BatchNorm1d(6))
    model = nn.Sequential(*first, nn.ReLU(), *second, nn.Dropout(0.5), nn.Linear(6, 2))
    batches = [torch.randn(32, 3) * 2 + 1 for _ in range(12)]
    model.train()
    with torch.no_grad():
        for batch in batches:
            model(255 * batch + 100)
    return model, batches


def _expect_weights_as_before(model, before) -> None:
    for name, weight in before.named_parameters():
        same_weight = torch.equal(model.get_parameter(name), weight)
        expect(same_weight, f"the weight {name!r} has changed: only the statistics are to be measured anew.")


@exercise(
    solution=repair,
    hints=(
        "Nothing is wrong with the weights. Which numbers does evaluation mode use, and where did they come from?",
        "Statistics are tracked by a pass in training mode, also under `torch.no_grad()`; no optimizer is needed.",
        "Start from nothing: `layer.reset_running_stats()`. Let every batch count alike: `layer.momentum = None`.",
    ),
)
def repair(answer):
    """The statistics are those of the data again, no weight has moved, and the model evaluates in evaluation mode."""
    model, batches = _make_collapsed()
    before = copy.deepcopy(model)
    got = answer(model, batches)
    model = got if isinstance(got, nn.Module) else model
    _expect_weights_as_before(model, before)

    example, others = batches[0][:1], [batches[0][1:9], 50 + batches[1][:8]]
    with torch.no_grad():
        alone = [model(torch.cat([example, mates]))[0] for mates in others]
    reject(
        not same(alone[0], alone[1], atol=1e-3),
        "one sample's output depends on its batch: evaluating in training mode hides the damage, and mends nothing.",
    )
    layers = {name: module for name, module in model.named_modules() if isinstance(module, nn.BatchNorm1d)}
    expect(layers and all(layer.track_running_stats for layer in layers.values()), "the BatchNorm layers are gone.")
    for name, module in model.named_modules():
        reject(module.training, f"the repaired model is to end in evaluation mode, and {name or 'it'!r} is not.")

    old = before[1].running_mean
    reject(
        torch.equal(layers["1"].running_mean, old),
        "layer '1', a BatchNorm1d, has its old statistics: do you catch every kind of BatchNorm?",
    )
    first = before[0](torch.cat(batches)).detach()
    mean_off = ((layers["1"].running_mean - first.mean(0)).abs() / first.std(0)).max()
    var_off = (layers["1"].running_var / first.var(0)).log().abs().max()
    reset = "after how many batches has the old value gone? Start from nothing, and count every batch alike"
    reject(mean_off > 0.15 or var_off > 0.2, f"the statistics are still far from those of the data: {reset}.")
    second = before[3](nn.functional.relu(nn.functional.batch_norm(first, None, None, *before[1].parameters(), True)))
    off = ((layers["4"].running_mean - second.mean(0)).abs() / second.std(0)).max()
    reject(off > 0.2, f"the statistics of the second layer are still far from the truth: {reset}.")
    for name, layer in layers.items():
        expect(layer.momentum == before.get_submodule(name).momentum, f"the momentum of layer {name!r} stays changed.")
    error = error_of(model, batches[0][:1])
    expect(error is None, f"a single sample cannot be evaluated: {error}")
