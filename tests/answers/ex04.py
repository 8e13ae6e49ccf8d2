import copy
import math
import random

import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

from answers import right, wrong
from helpers.exercises import ex04

# ---- evaluate


@right(ex04.evaluate)
def on_a_copy(model, measure):
    return measure(copy.deepcopy(model).eval())


@right(ex04.evaluate)
def parents_first(model, measure):
    modes = [module.training for module in model.modules()]
    try:
        return measure(model.eval())
    finally:
        for module, mode in zip(model.modules(), modes, strict=True):
            module.train(mode)


@wrong(ex04.evaluate, "module '1' was in evaluation mode before, and afterwards it is in training mode")
def blanket_train(model, measure):
    model.eval()
    try:
        return measure(model)
    finally:
        model.train()


@wrong(ex04.evaluate, "module '1' was in evaluation mode before")
def only_the_model_s_own_flag(model, measure):
    was = model.training
    model.eval()
    try:
        return measure(model)
    finally:
        model.train(was)


@wrong(ex04.evaluate, "module '3.1' was in evaluation mode before")
def only_the_first_level(model, measure):
    modes = [(child, child.training) for child in model.children()]
    was = model.training
    model.eval()
    try:
        return measure(model)
    finally:
        model.training = was
        for child, mode in modes:
            child.train(mode)


@wrong(ex04.evaluate, "the model itself was in training mode before, and after an exception it is in evaluation mode")
def without_finally(model, measure):
    modes = {module: module.training for module in model.modules()}
    result = measure(model.eval())
    for module, mode in modes.items():
        module.training = mode
    return result


@wrong(ex04.evaluate, "an exception in `measure` is swallowed")
def swallows(model, measure):
    modes = {module: module.training for module in model.modules()}
    try:
        return measure(model.eval())
    except Exception:
        return torch.zeros(0)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "not made with every module in evaluation mode")
def no_grad_only(model, measure):
    with torch.no_grad():
        return measure(model)


@wrong(ex04.evaluate, "not made with every module in evaluation mode")
def only_the_flag_on_top(model, measure):
    was, model.training = model.training, False
    try:
        return measure(model)
    finally:
        model.training = was


@wrong(ex04.evaluate, "nothing is returned")
def forgets_to_return(model, measure):
    in_modes = {module: module.training for module in model.modules()}
    measure(model.eval())
    for module, mode in in_modes.items():
        module.training = mode


# ---- factor


@right(ex04.factor)
def measured(shape):
    batch = torch.randn(shape).double().movedim(1, -1).reshape(-1, shape[1])
    return (batch.var(0, unbiased=False) / batch.var(0)).sqrt().mean()


@right(ex04.factor)
def from_the_total(shape):
    return math.sqrt(1 - shape[1] / math.prod(shape))


@wrong(ex04.factor, "equal they are not")
def equal(shape):
    return 1


@wrong(ex04.factor, "the ratio of the variances")
def of_the_variances(shape):
    n = math.prod(shape) // shape[1]
    return (n - 1) / n


@wrong(ex04.factor, "training over evaluation")
def upside_down(shape):
    return 1 / from_the_total(shape)


@wrong(ex04.factor, "the wrong way round, and the root is missing")
def upside_down_of_the_variances(shape):
    return 1 / of_the_variances(shape)


@wrong(ex04.factor, "all values of a channel: batch × height × width")
def of_the_batch(shape):
    return ((shape[0] - 1) / shape[0]) ** 0.5


@wrong(ex04.factor, "leave the channels out")
def of_everything(shape):
    n = math.prod(shape)
    return ((n - 1) / n) ** 0.5


@wrong(ex04.factor, "the measured ratio is 0.7071")
def a_guess(shape):
    return 0.6


# ---- loaders


def pair(train_set, val_set, batch_size, drop_train, drop_val=False, shuffle=True):
    return (
        DataLoader(train_set, batch_size=batch_size, shuffle=shuffle, drop_last=drop_train),
        DataLoader(val_set, batch_size=batch_size, drop_last=drop_val),
    )


class NoBatchOfOne(BatchSampler):
    def __iter__(self):
        waiting = None
        for batch in super().__iter__():
            if len(batch) == 1 and waiting is not None:
                waiting, batch = waiting + batch, None
            if waiting is not None:
                yield waiting
            waiting = batch
        if waiting is not None:
            yield waiting


@right(ex04.loaders)
def joins_the_one_to_the_batch_before(train_set, val_set, batch_size):
    sampler = NoBatchOfOne(RandomSampler(train_set), batch_size, drop_last=False)
    return [DataLoader(train_set, batch_sampler=sampler), DataLoader(val_set, batch_size=batch_size)]


class LosesOne:
    """A batch sampler written from nothing."""

    def __init__(self, size, batch_size):
        self.size, self.batch_size = size, batch_size

    def __iter__(self):
        order = random.sample(range(self.size), self.size)
        batches = [order[i : i + self.batch_size] for i in range(0, self.size, self.batch_size)]
        return iter([batch for batch in batches if len(batch) > 1])


@right(ex04.loaders)
def leaves_out_the_one(train_set, val_set, batch_size):
    sampler = LosesOne(len(train_set), batch_size)
    return DataLoader(train_set, batch_sampler=sampler), DataLoader(val_set, batch_size=1)


@wrong(ex04.loaders, "9 examples in batches of 4: the training loader gives a batch of one")
def as_always(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, False)


@wrong(ex04.loaders, "validation counts only 4 of 6 examples: drop_last is for training")
def drops_in_both(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1, True)


@wrong(ex04.loaders, "the training loader gives nothing, because drop_last drops the only batch")
def drops_always(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, True)


@wrong(ex04.loaders, "return training first, then validation")
def validation_first(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1)[::-1]


@wrong(ex04.loaders, "the same example is left out in every epoch")
def leaves_out_the_last(train_set, val_set, batch_size):
    if len(train_set) % batch_size == 1:
        train_set = train_set[:-1]
    return pair(train_set, val_set, batch_size, False)


@wrong(ex04.loaders, "does not shuffle")
def without_shuffling(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1, shuffle=False)


@wrong(ex04.loaders, "3 examples are left out, though")
def drops_what_does_no_harm(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) > batch_size)


@wrong(ex04.loaders, "return two loaders")
def training_only(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1)[0]


@wrong(ex04.loaders, "comes twice in one epoch")
def with_replacement(train_set, val_set, batch_size):
    sampler = RandomSampler(train_set, replacement=True, num_samples=2 * batch_size)
    return DataLoader(train_set, batch_size=batch_size, sampler=sampler), DataLoader(val_set, batch_size=batch_size)


# ---- repair


def norms(model):
    return [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]


def walk(model, batches, times=1):
    with torch.no_grad():
        for _ in range(times):
            for batch in batches:
                model(batch)


@right(ex04.repair)
def with_patience(model, batches):
    """Enough passes, and the default momentum forgets what was there."""
    model.train()
    walk(model, batches, times=10)
    return model.eval()


@right(ex04.repair)
def one_large_batch(model, batches):
    momenta = [layer.momentum for layer in norms(model)]
    model.eval()
    for layer in norms(model):
        layer.train().momentum = 1.0
    walk(model, [torch.cat(batches)])
    for layer, momentum in zip(norms(model), momenta, strict=True):
        layer.eval().momentum = momentum


@wrong(ex04.repair, "do you catch every kind of BatchNorm?")
def only_of_pictures(model, batches):
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
    model.eval()


@wrong(ex04.repair, "one sample's output depends on its batch")
def evaluates_in_training_mode(model, batches):
    model.train()


@wrong(ex04.repair, "one sample's output depends on its batch")
def forgets_eval(model, batches):
    model.train()
    walk(model, batches, times=10)


@wrong(ex04.repair, "one sample's output depends on its batch")
def switches_tracking_off(model, batches):
    for layer in norms(model):
        layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None
    model.eval()


@wrong(ex04.repair, "still far from those of the data")
def one_pass_with_the_default_momentum(model, batches):
    model.train()
    walk(model, batches)
    model.eval()


@wrong(ex04.repair, "still far from those of the data")
def resets_only(model, batches):
    for layer in norms(model):
        layer.reset_running_stats()
    model.eval()


@wrong(ex04.repair, "still far from those of the data")
def measures_in_evaluation_mode(model, batches):
    for layer in norms(model):
        layer.reset_running_stats()
        layer.momentum = None
    model.eval()
    walk(model, batches)


@wrong(ex04.repair, "the momentum of layer '1' stays changed")
def leaves_the_momentum(model, batches):
    model.train()
    for layer in norms(model):
        layer.reset_running_stats()
        layer.momentum = None
    walk(model, batches)
    model.eval()


@wrong(ex04.repair, "the weight '0.weight' has changed")
def trains(model, batches):
    optimizer = torch.optim.SGD(model.train().parameters(), lr=0.01)
    for batch in batches * 10:
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()
    model.eval()


@wrong(ex04.repair, "second layer")
def repairs_the_first_layer_only(model, batches):
    layer = norms(model)[0]
    model.eval()
    layer.train()
    walk(model, batches, times=10)
    model.eval()


# ---- freeze


@right(ex04.freeze)
def wraps_train(model):
    """The model's own train, and then eval for the frozen layers."""
    layers, train = norms(model), model.train

    def train_but_not_the_frozen(mode=True):
        train(mode)
        for layer in layers:
            layer.eval()
        return model

    for layer in layers:
        layer.requires_grad_(False)
    model.train = train_but_not_the_frozen
    model.train()


class FrozenBatchNorm(nn.BatchNorm1d):
    def train(self, mode=True):
        return super().train(False)


@right(ex04.freeze)
def changes_the_class(model):
    for layer in norms(model):
        layer.__class__ = FrozenBatchNorm
        layer.requires_grad_(False).train()


@right(ex04.freeze)
def replaces_the_layers(model):
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm1d):
                frozen = FrozenBatchNorm(child.num_features)
                frozen.load_state_dict(child.state_dict())
                setattr(parent, name, frozen.eval().requires_grad_(False))
    return model


@wrong(ex04.freeze, "'1.running_mean' still moves in training: requires_grad_(False) holds the weights only")
def requires_grad_only(model):
    for layer in norms(model):
        layer.requires_grad_(False)


@wrong(ex04.freeze, "'1.running_mean' still moves in training: model.train() undoes a single eval()")
def one_time_eval(model):
    for layer in norms(model):
        layer.eval().requires_grad_(False)


@wrong(ex04.freeze, "'1.weight' still learns")
def statistics_only(model):
    for layer in norms(model):
        layer.__class__ = FrozenBatchNorm
        layer.eval()


@wrong(ex04.freeze, "do you catch every kind of BatchNorm?")
def freezes_those_of_pictures(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval().requires_grad_(False)


@wrong(ex04.freeze, "whatever its momentum")
def stops_the_momentum(model):
    for module in norms(model):
        module.requires_grad_(False)
        module.momentum = 0.0


@wrong(ex04.freeze, "nothing can learn any more: only BatchNorm layers")
def freezes_everything(model):
    changes_the_class(model)
    model.requires_grad_(False)
    norms(model)[0].bias.requires_grad_(False)
    model[4].weight.requires_grad_(True)


@wrong(ex04.freeze, "Dropout stays in evaluation mode")
def train_does_nothing_anywhere(model):
    requires_grad_only(model)
    model.eval()
    model.train = lambda mode=True: model


@wrong(ex04.freeze, "still normalise with the batch")
def momentum_zero(model):
    for layer in norms(model):
        layer.requires_grad_(False)
        layer.momentum = 0.0
        layer.num_batches_tracked = None


@wrong(ex04.freeze, "'3.1.running_mean' still moves")
def the_first_level_only(model):
    for layer in model.children():
        if isinstance(layer, nn.BatchNorm1d):
            layer.__class__ = FrozenBatchNorm
            layer.requires_grad_(False).eval()
