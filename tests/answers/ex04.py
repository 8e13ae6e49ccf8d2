import copy
import math
import random
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.optim.swa_utils import update_bn
from torch.utils.data import BatchSampler, ConcatDataset, DataLoader, RandomSampler, Subset

from answers import right, wrong
from helpers.exercises import ex04

# ---- evaluate


@right(ex04.evaluate)
def on_a_copy(model, measure):
    return measure(copy.deepcopy(model).eval())


@wrong(ex04.evaluate, "module '2.1' was in")
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


@wrong(ex04.evaluate, "while `measure` runs, the model itself is in training mode")
def no_grad_only(model, measure):
    with torch.no_grad():
        return measure(model)


@wrong(ex04.evaluate, "while `measure` runs, module '0' is in training mode")
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


@right(ex04.evaluate)
def with_a_context_manager(model, measure):
    @contextmanager
    def evaluating():
        modes = {name: module.training for name, module in model.named_modules()}
        model.eval()
        try:
            yield
        finally:
            for name, module in model.named_modules():
                module.training = modes[name]

    with evaluating():
        return measure(model)


@right(ex04.evaluate)
def restores_in_both_branches(model, measure):
    training = [module for module in model.modules() if module.training]

    def restore():
        for module in training:
            module.training = True

    model.eval()
    try:
        result = measure(model)
    except BaseException:
        restore()
        raise
    restore()
    return result


@right(ex04.evaluate)
def on_an_exit_stack(model, measure):
    with ExitStack() as stack:
        for module in model.modules():
            stack.callback(setattr, module, "training", module.training)
        return measure(model.eval())


@wrong(ex04.evaluate, "while `measure` runs, gradients are switched off, and it may need them")
def without_gradients_too(model, measure):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            return measure(model)
    finally:
        for module, mode in modes:
            module.training = mode


@wrong(ex04.evaluate, "module '1' was in evaluation mode before, and afterwards it is in training mode")
def keeps_modes_by_type(model, measure):
    modes = {type(module): module.training for module in model.modules()}
    model.eval()
    try:
        return measure(model)
    finally:
        for module in model.modules():
            module.training = modes[type(module)]


@wrong(ex04.evaluate, "was in training mode before, and afterwards it is in evaluation mode")
def restores_what_reads_the_flag_only(model, measure):
    modes = {module: module.training for module in model.modules() if isinstance(module, (nn.BatchNorm1d, nn.Dropout))}
    model.eval()
    try:
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "while `measure` runs, the model itself is in training mode")
def evaluates_what_reads_the_flag_only(model, measure):
    modes = {module: module.training for module in model.modules()}
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.Dropout)):
            module.eval()
    try:
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "was in evaluation mode before, and afterwards it is in training mode")
def children_first(model, measure):
    modes = [(module, module.training) for module in model.modules()]
    try:
        return measure(model.eval())
    finally:
        for module, mode in reversed(modes):  # train() of a parent undoes what its children have
            module.train(mode)


@wrong(ex04.evaluate, "was in training mode before, and afterwards it is in evaluation mode")
def notes_the_modes_too_late(model, measure):
    model.eval()
    modes = {module: module.training for module in model.modules()}
    try:
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "was in training mode before, and afterwards it is in evaluation mode")
def restores_two_levels(model, measure):
    top = [model, *model.children()]
    modes = {module: module.training for each in top for module in (each, *each.children())}
    try:
        return measure(model.eval())
    finally:
        for module, mode in modes.items():
            module.training = mode


MODES = {}


@wrong(ex04.evaluate, "was in evaluation mode before, and afterwards it is in training mode")
def restores_the_modes_of_the_first_call(model, measure):
    modes = MODES.setdefault(model, {module: module.training for module in model.modules()})
    try:
        return measure(model.eval())
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "`measure` is called 2 times")
def tries_again(model, measure):
    modes = {module: module.training for module in model.modules()}
    try:
        return measure(model.eval())
    except Exception:
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "`measure` is called 2 times")
def measures_twice(model, measure):
    modes = {module: module.training for module in model.modules()}
    try:
        measure(model.eval())
        return measure(model)
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "raises one exception, and your code another: RuntimeError")
def raises_its_own(model, measure):
    modes = {module: module.training for module in model.modules()}
    try:
        return measure(model.eval())
    except Exception as error:
        raise RuntimeError("no measurement") from error
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "`measure` is never called")
def returns_the_function(model, measure):
    return measure


@wrong(ex04.evaluate, "the p of module '2.1' stays changed: it was 0.4, and is 0.0")
def silences_dropout(model, measure):
    modes = {module: module.training for module in model.modules()}
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    try:
        return measure(model.eval())
    finally:
        for module, mode in modes.items():
            module.training = mode


@wrong(ex04.evaluate, "weights or statistics of the model have changed")
def warms_up(model, measure):
    modes = {module: module.training for module in model.modules()}
    model.train()(torch.randn(8, 4))
    try:
        return measure(model.eval())
    finally:
        for module, mode in modes.items():
            module.training = mode


# ---- dropout


@right(ex04.dropout)
def by_bernoulli(x, p, training):
    return x * torch.bernoulli(torch.full_like(x, 1 - p)) / (1 - p) if training else x


@right(ex04.dropout)
def with_where(x, p, training):
    if training:
        return torch.where(torch.rand(x.shape) < p, torch.zeros(()), x / (1 - p))
    return x


@right(ex04.dropout)
def by_pytorch(x, p, training):
    return nn.functional.dropout(x, p, training)


@right(ex04.dropout)
def fills_a_copy(x, p, training):
    x = x.clone()
    if training:
        x[torch.rand_like(x) < p] = 0
        x /= 1 - p
    return x


@right(ex04.dropout)
def number_by_number(x, p, training):
    scales = [0.0 if random.random() < p else 1 / (1 - p) for _ in range(x.numel())]
    return x * torch.tensor(scales).view_as(x) if training else x


@wrong(ex04.dropout, "with p = 0.3, your code in training mode drops a share of 1 − p: p is to be dropped, not kept")
def keeps_p(x, p, training):
    return x * (torch.rand_like(x) < p) / (1 - p) if training else x


@wrong(ex04.dropout, "does not divide by 1 − p what survives: the mean shrinks")
def without_dividing(x, p, training):
    return x * (torch.rand_like(x) >= p) if training else x


@wrong(ex04.dropout, "divides by p what survives, and a share of 1 − p survives")
def divides_by_p(x, p, training):
    return x * (torch.rand_like(x) >= p) / p if training and p else x


@wrong(ex04.dropout, "multiplies by 1 − p what survives, and makes it smaller still")
def multiplies(x, p, training):
    return x * (torch.rand_like(x) >= p) * (1 - p) if training else x


@wrong(ex04.dropout, "with p = 0.3, your code does not give x itself in evaluation mode")
def scales_in_evaluation(x, p, training):
    """The first dropout that was published; it needs a correction at evaluation."""
    return x * (torch.rand_like(x) >= p) if training else x * (1 - p)


@wrong(ex04.dropout, "with p = 0.3, your code does not give x itself in evaluation mode")
def in_both_modes(x, p, training):
    return x * (torch.rand_like(x) >= p) / (1 - p)


@wrong(ex04.dropout, "with p = 0.3, your code does not give x itself in evaluation mode")
def the_modes_exchanged(x, p, training):
    return x if training else x * (torch.rand_like(x) >= p) / (1 - p)


@wrong(ex04.dropout, "with p = 0.3, your code in training mode drops a share of 0.00")
def nothing_ever(x, p, training):
    return x


@wrong(ex04.dropout, "your code in training mode gives None")
def only_in_evaluation(x, p, training):
    if not training:
        return x


@wrong(ex04.dropout, "drops the same numbers in every pass")
def with_a_seed(x, p, training):
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) >= p
    return x * mask / (1 - p) if training else x


@wrong(ex04.dropout, "drops whole rows or columns: each number has a chance of its own")
def whole_rows(x, p, training):
    return x * (torch.linspace(0, 1, len(x))[torch.randperm(len(x))] >= p)[:, None] / (1 - p) if training else x


@wrong(ex04.dropout, "drops whole rows or columns: each number has a chance of its own")
def whole_columns(x, p, training):
    share = torch.linspace(0, 1, x.shape[1])
    return x * (share[torch.randperm(len(share))] >= p) / (1 - p) if training else x


@wrong(ex04.dropout, "as many numbers are dropped in each pass: p is a chance, that of every number by itself")
def exactly_that_share(x, p, training):
    order = torch.randperm(x.numel()).view(x.shape)
    return x * (order >= p * x.numel()) / (1 - p) if training else x


@wrong(ex04.dropout, "gives a tensor through which no gradient flows")
def on_data(x, p, training):
    return x.data * (torch.rand_like(x) >= p) / (1 - p) if training else x


@wrong(ex04.dropout, "gives a tensor of shape (1400,), not a tensor of shape (40, 50)")
def leaves_out(x, p, training):
    return x.flatten()[torch.randperm(x.numel())[: int((1 - p) * x.numel())]] / (1 - p) if training else x


@wrong(ex04.dropout, "gives something else than 0 and x / (1 − p)")
def keeps_the_mean_of_each_pass(x, p, training):
    dropped = x * (torch.rand_like(x) >= p)
    return dropped * x.sum() / dropped.sum() if training else x


@wrong(ex04.dropout, "is being used in an in-place operation")
def in_place(x, p, training):
    if training:
        x *= (torch.rand_like(x) >= p) / (1 - p)
    return x


# ---- factor


@right(ex04.factor)
def measured(shape):
    values = torch.randn(math.prod(shape) // shape[1])
    return (values.var(unbiased=False) / values.var()).sqrt()


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


@right(ex04.factor)
def by_the_layer_itself(shape):
    kind = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
    layer, batch = kind(shape[1], momentum=1), torch.randn(shape)
    trained, evaluated = layer(batch), layer.eval()(batch)
    return (evaluated.norm() / trained.norm()).item()


@right(ex04.factor)
def from_variances(shape):
    n = math.prod(shape[:1] + shape[2:])
    biased, unbiased = 1 / n, 1 / (n - 1)
    return torch.tensor(biased / unbiased).sqrt()


@right(ex04.factor)
def from_an_empty_tensor(shape):
    n = torch.empty(shape)[:, 0].numel()
    return math.sqrt(n - 1) / math.sqrt(n)


@wrong(ex04.factor, "for a batch of shape (3, 2, 4, 5) your code gives 0.9746")
def of_one_picture(shape):
    n = math.prod(shape[2:]) if len(shape) == 4 else shape[0]
    return ((n - 1) / n) ** 0.5


@wrong(ex04.factor, "for a batch of shape (3, 2, 4, 5) your code gives 0.957")
def forgets_the_width(shape):
    n = shape[0] * shape[2] if len(shape) == 4 else shape[0]
    return ((n - 1) / n) ** 0.5


@wrong(ex04.factor, "in line")
def only_for_pictures(shape):
    batch, _, height, width = shape
    n = batch * height * width
    return ((n - 1) / n) ** 0.5


@wrong(ex04.factor, "It is a tensor of shape (3,), not a number")
def one_for_each_channel(shape):
    return torch.full((shape[1],), from_the_total(shape))


@wrong(ex04.factor, "`forgets_to_return_it` has no `return`")
def forgets_to_return_it(shape):
    from_the_total(shape)


@wrong(ex04.factor, "the measured ratio is 0.7071")
def adds_one_instead(shape):
    n = math.prod(shape) // shape[1]
    return (n / (n + 1)) ** 0.5


@wrong(ex04.factor, "your code gives 0.5; the measured ratio is 0.7071")
def a_half(shape):
    return 0.5


@wrong(ex04.factor, "return a number, not the text '0.7071'")
def as_text(shape):
    return f"{from_the_total(shape):.4f}"


@wrong(ex04.factor, "for a batch of shape (8, 2, 8, 8) your code gives 0.9949")
def of_a_hundred_values_at_most(shape):
    n = min(100, math.prod(shape) // shape[1])
    return math.sqrt((n - 1) / n)


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
    return [DataLoader(train_set, batch_sampler=sampler), DataLoader(val_set)]


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
    return DataLoader(train_set, batch_sampler=sampler), DataLoader(val_set)


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
        train_set = Subset(train_set, range(len(train_set) - 1))
    return pair(train_set, val_set, batch_size, False)


@wrong(ex04.loaders, "does not shuffle")
def without_shuffling(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1, shuffle=False)


@wrong(ex04.loaders, "3 examples are left out of an epoch, not one at most")
def drops_what_does_no_harm(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) > batch_size)


@wrong(ex04.loaders, "return two loaders")
def training_only(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1)[0]


@wrong(ex04.loaders, "comes twice in one epoch")
def with_replacement(train_set, val_set, batch_size):
    sampler = RandomSampler(train_set, replacement=True, num_samples=2 * batch_size)
    return DataLoader(train_set, batch_size=batch_size, sampler=sampler), DataLoader(val_set, batch_size=batch_size)


@right(ex04.loaders)
def looks_at_the_remainder(train_set, val_set, batch_size):
    rest = len(train_set) % batch_size
    train_loader = DataLoader(train_set, batch_size, sampler=RandomSampler(train_set), drop_last=rest == 1)
    return [train_loader, DataLoader(val_set, len(val_set))]


class SharesTheRest(BatchSampler):
    """Where one would be left over, the last two batches share."""

    def __iter__(self):
        batches = list(super().__iter__())
        if len(batches) > 1 and len(batches[-1]) == 1:
            if len(batches[-2]) > 2:
                batches[-1].append(batches[-2].pop())
            else:
                one_left = batches.pop()
                batches[-1] += one_left
        return iter(batches)


@right(ex04.loaders)
def lets_the_last_two_share(train_set, val_set, batch_size):
    sampler = SharesTheRest(RandomSampler(train_set), batch_size, drop_last=False)
    return DataLoader(train_set, batch_sampler=sampler), DataLoader(val_set)


OPTIONS = {"shuffle": True, "num_workers": 2, "persistent_workers": True}


@right(ex04.loaders)
def with_workers(train_set, val_set, batch_size):
    drops = (len(train_set) - 1) % batch_size == 0
    return DataLoader(train_set, batch_size, drop_last=drops, **OPTIONS), DataLoader(val_set)


@wrong(ex04.loaders, "9 examples in batches of 4: the training batches have [3, 3, 3] examples")
def looks_for_a_size_that_fits(train_set, val_set, batch_size):
    while len(train_set) % batch_size == 1:
        batch_size -= 1
    return pair(train_set, val_set, batch_size, False)


@wrong(ex04.loaders, "9 examples in batches of 2: the training batches have [3, 3, 3] examples")
def looks_for_a_larger_size_that_fits(train_set, val_set, batch_size):
    while len(train_set) % batch_size == 1:
        batch_size += 1
    return pair(train_set, val_set, batch_size, False)


@wrong(ex04.loaders, "9 examples in batches of 4: the training batches have [9] examples")
def one_batch_of_all(train_set, val_set, batch_size):
    return pair(train_set, val_set, len(train_set), False)


@wrong(ex04.loaders, "3 examples in batches of 2: the training loader gives a batch of one")
def thinks_of_sets_above_twice_the_batch(train_set, val_set, batch_size):
    drop = len(train_set) > 2 * batch_size and len(train_set) % batch_size == 1
    return pair(train_set, val_set, batch_size, drop)


@wrong(ex04.loaders, "9 examples in batches of 4: the training loader does not shuffle anew in each epoch")
def shuffles_once(train_set, val_set, batch_size):
    order = random.sample(range(len(train_set)), len(train_set))
    drop = len(train_set) % batch_size == 1
    train_loader = DataLoader(train_set, batch_size, sampler=order, drop_last=drop)
    return train_loader, DataLoader(val_set, batch_size)


@wrong(ex04.loaders, "the same examples follow one another in every epoch: shuffle them one by one")
def shuffles_the_batches(train_set, val_set, batch_size):
    class Batches:
        def __iter__(self):
            batches = [
                list(range(i, min(i + batch_size, len(train_set)))) for i in range(0, len(train_set), batch_size)
            ]
            if len(batches[-1]) == 1:
                one_left = batches.pop()
                batches[-1] += one_left
            return iter(random.sample(batches, len(batches)))

    return DataLoader(train_set, batch_sampler=Batches()), DataLoader(val_set, batch_size)


@wrong(ex04.loaders, "the two loaders have changed places")
def confuses_the_sets(train_set, val_set, batch_size):
    return pair(val_set, train_set, batch_size, len(train_set) % batch_size == 1)


@wrong(ex04.loaders, "3 examples in batches of 4: the training loader gives nothing, because drop_last")
def drops_when_it_does_not_divide(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size in (1, len(train_set)))


@wrong(ex04.loaders, "the training loader gives examples of another set")
def trains_on_the_other_set(train_set, val_set, batch_size):
    both = Subset(ConcatDataset([train_set, val_set]), range(1, len(train_set) + 1))
    return pair(both, val_set, batch_size, len(train_set) % batch_size == 1)


@wrong(ex04.loaders, "5 examples in batches of 4: validation counts only 4 of 5 examples: drop_last is for training")
def drops_one_in_both(train_set, val_set, batch_size):
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1, len(val_set) % batch_size == 1)


@wrong(ex04.loaders, "the validation loader does not give every example of its set once")
def draws_validation_examples(train_set, val_set, batch_size):
    train_loader = pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1)[0]
    sampler = RandomSampler(val_set, replacement=True, num_samples=len(val_set))
    return train_loader, DataLoader(val_set, batch_size, sampler=sampler)


@wrong(ex04.loaders, "9 examples in batches of 2: the training batches have [3, 3, 3] examples")
def in_threes_where_pairs_leave_one(train_set, val_set, batch_size):
    if batch_size == 2 and len(train_set) % 2:
        batch_size = 3
    return pair(train_set, val_set, batch_size, len(train_set) % batch_size == 1)


@wrong(ex04.loaders, "an iterator ends after one epoch")
def validates_once(train_set, val_set, batch_size):
    train_loader, val_loader = looks_at_the_remainder(train_set, val_set, batch_size)
    return train_loader, iter(val_loader)


@wrong(ex04.loaders, "an iterator ends after one epoch")
def trains_once(train_set, val_set, batch_size):
    train_loader, val_loader = looks_at_the_remainder(train_set, val_set, batch_size)
    return (batch for batch in train_loader), val_loader


class Rotation:
    """The natural order, begun anywhere."""

    def __init__(self, size, left_out):
        self.size, self.left_out = size, left_out

    def __iter__(self):
        start = random.randrange(self.size)
        return iter([(start + i) % self.size for i in range(self.size - self.left_out)])


@wrong(ex04.loaders, "the same examples follow one another in every epoch: shuffle them one by one")
def begins_anywhere(train_set, val_set, batch_size):
    sampler = Rotation(len(train_set), len(train_set) % batch_size == 1)
    return DataLoader(train_set, batch_size, sampler=sampler), DataLoader(val_set)


@wrong(ex04.loaders, "a batch is None, not rows and targets")
def collates_nothing(train_set, val_set, batch_size):
    drops = len(train_set) % batch_size == 1
    loader = DataLoader(train_set, batch_size, shuffle=True, drop_last=drops, collate_fn=lambda rows: None)
    return loader, DataLoader(val_set)


# ---- repair

NORMS = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d


def all_norms(model):
    return [module for module in model.modules() if isinstance(module, NORMS)]


def walk(model, batches):
    with torch.no_grad():
        for batch in batches:
            model(batch)


def walk_often(model, batches):
    walk(model, 15 * batches)


@wrong(ex04.repair, "Does every batch count alike, and does the old value count at all?")
def with_patience(model, batches):
    """Enough passes, and the default momentum forgets what was there."""
    model.eval()
    for layer in all_norms(model):
        layer.train()
    walk_often(model, batches)
    return model.eval()


@right(ex04.repair)
def one_large_batch(model, batches):
    momenta = [layer.momentum for layer in all_norms(model)]
    model.eval()
    for layer in all_norms(model):
        layer.train().momentum = 1.0
    walk(model, [torch.cat(batches)])
    for layer, momentum in zip(all_norms(model), momenta, strict=True):
        layer.eval().momentum = momentum


@wrong(ex04.repair, "layer '3.3.last', a BatchNorm1d, was measured with dropout on")
def with_torch_s_own_and_half_of_the_dropout(model, batches):
    drops = [(module, module.p) for module in model.modules() if isinstance(module, nn.Dropout)]
    for module, _ in drops:
        module.p = 0.0
    update_bn(batches, model)
    for module, p in drops:
        module.p = p
    model.eval()


@right(ex04.repair)
def with_torch_s_own(model, batches):
    train = model.train

    def train_the_norms_only(mode=True):
        train(False)
        for layer in all_norms(model):
            layer.train(mode)

    model.train = train_the_norms_only
    update_bn(batches, model)
    del model.train
    model.eval()


@wrong(ex04.repair, "model.train() no longer switches the model itself")
def with_torch_s_own_and_leaves_it_so(model, batches):
    with_torch_s_own(model, batches)
    model.train = lambda mode=True: model


@wrong(ex04.repair, "Does every batch count alike, and does the old value count at all?")
def without_the_last_batch(model, batches):
    ex04.repair.answer(model, batches[:-1])


@wrong(ex04.repair, "Does every batch count alike, and does the old value count at all?")
def with_the_first_batch_twice(model, batches):
    ex04.repair.answer(model, [batches[0], *batches])


@wrong(ex04.repair, "layer '1', a BatchNorm1d, has its old statistics: do you catch every kind of BatchNorm, on every")
def on_a_copy_that_is_lost(model, batches):
    ex04.repair.answer(copy.deepcopy(model), batches)


def measures(model, batches, layers):
    momenta = [layer.momentum for layer in layers]
    model.eval()
    for layer in layers:
        layer.train().reset_running_stats()
        layer.momentum = None
    walk(model, batches)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.eval().momentum = momentum


@wrong(ex04.repair, "layer '3.3.last', a BatchNorm1d, has its old statistics")
def of_two_levels(model, batches):
    nested = [layer for child in model.children() for layer in (child, *child.children())]
    measures(model, batches, [layer for layer in nested if isinstance(layer, NORMS)])


@wrong(ex04.repair, "layer '3.3.last', a BatchNorm1d, has its old statistics")
def of_those_with_weights(model, batches):
    measures(model, batches, [layer for layer in all_norms(model) if layer.affine])


@wrong(ex04.repair, "'3.3.norm.running_mean' has changed, and is no statistic of a BatchNorm")
def of_all_that_track(model, batches):
    measures(model, batches, [layer for layer in model.modules() if hasattr(layer, "running_mean")])


@wrong(ex04.repair, "the momentum of module '3.3.last' stays changed: it was None, and is 0.1")
def with_a_momentum_for_all(model, batches):
    ex04.repair.answer(model, batches)
    for layer in all_norms(model):
        layer.momentum = layer.momentum or 0.1


@wrong(ex04.repair, "your code changes the gradients of the weights")
def clears_the_gradients(model, batches):
    model.zero_grad()
    ex04.repair.answer(model, batches)


@right(ex04.repair)
def layer_by_layer(model, batches):
    """Each layer is measured when those before it are in evaluation mode with their new statistics."""
    model.eval()
    for layer in all_norms(model):
        given = []
        hook = layer.register_forward_pre_hook(lambda _, inputs, given=given: given.extend(inputs))
        walk(model, batches)
        hook.remove()
        values = torch.cat(given).transpose(0, 1).flatten(1)
        layer.running_mean.copy_(values.mean(1))
        layer.running_var.copy_(values.var(1))


@wrong(ex04.repair, "has its old statistics: do you catch every kind of BatchNorm, on every level, in the model given")
def on_a_repaired_copy(model, batches):
    repaired = copy.deepcopy(model)
    ex04.repair.answer(repaired, batches)
    return repaired


@wrong(ex04.repair, "layer '1', a BatchNorm1d, has its old statistics: do you catch every kind of BatchNorm")
def only_of_pictures(model, batches):
    measures(model, batches, [layer for layer in all_norms(model) if isinstance(layer, nn.BatchNorm2d)])


@wrong(ex04.repair, "layer '1', a BatchNorm3d, has its old statistics: do you catch every kind of BatchNorm")
def of_the_notebook_s_two_kinds(model, batches):
    measures(model, batches, [layer for layer in all_norms(model) if not isinstance(layer, nn.BatchNorm3d)])


@wrong(
    ex04.repair, "layer '3.1', a BatchNorm1d, has its old statistics: do you catch every kind of BatchNorm, on every"
)
def of_the_first_level(model, batches):
    measures(model, batches, [layer for layer in model.children() if isinstance(layer, NORMS)])


@wrong(ex04.repair, "module '1' ends in training mode: an output depends on its batch")
def evaluates_in_training_mode(model, batches):
    model.train()


@wrong(ex04.repair, "module '1' ends in training mode: an output depends on its batch")
def forgets_eval(model, batches):
    ex04.repair.answer(model, batches)
    model.train()


@wrong(ex04.repair, "the model itself ends in training mode")
def only_the_layers_end_in_evaluation_mode(model, batches):
    ex04.repair.answer(model, batches)
    model.train()
    for layer in all_norms(model):
        layer.eval()


@wrong(ex04.repair, "the track_running_stats of module '1' stays changed: it was True, and is False")
def switches_tracking_off(model, batches):
    for layer in all_norms(model):
        layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None
    model.eval()


@wrong(ex04.repair, "layer '1', a BatchNorm1d, tracks no statistics any more")
def throws_the_statistics_away(model, batches):
    for layer in all_norms(model):
        layer.running_mean, layer.running_var = None, None
    model.eval()


@wrong(ex04.repair, "still far from those of the data: its running mean is")
def one_pass_with_the_default_momentum(model, batches):
    model.eval()
    for layer in all_norms(model):
        layer.train()
    walk(model, batches)
    model.eval()


@wrong(ex04.repair, "Does every batch count alike, and does the old value count at all?")
def resets_and_keeps_the_momentum(model, batches):
    model.eval()
    for layer in all_norms(model):
        layer.reset_running_stats()
        layer.train()
    walk(model, batches)
    model.eval()


@wrong(ex04.repair, "Does every batch count alike, and does the old value count at all?")
def counts_on_from_the_old_batches(model, batches):
    momenta = [layer.momentum for layer in all_norms(model)]
    model.eval()
    for layer in all_norms(model):
        layer.train().momentum = None
    walk(model, batches)
    for layer, momentum in zip(all_norms(model), momenta, strict=True):
        layer.eval().momentum = momentum


@wrong(ex04.repair, "still far from those of the data")
def keeps_the_last_batch_only(model, batches):
    momenta = [layer.momentum for layer in all_norms(model)]
    model.eval()
    for layer in all_norms(model):
        layer.train().momentum = 1.0
    walk(model, batches)
    for layer, momentum in zip(all_norms(model), momenta, strict=True):
        layer.eval().momentum = momentum


@wrong(ex04.repair, "layer '1', a BatchNorm1d, was reset, and then nothing was measured: which mode tracks?")
def resets_only(model, batches):
    for layer in all_norms(model):
        layer.reset_running_stats()
    model.eval()


@wrong(ex04.repair, "layer '1', a BatchNorm1d, was reset, and then nothing was measured: which mode tracks?")
def measures_in_evaluation_mode(model, batches):
    for layer in all_norms(model):
        layer.reset_running_stats()
    walk(model.eval(), batches)


@wrong(ex04.repair, "the momentum of module '1' stays changed: it was 0.1, and is None")
def leaves_the_momentum(model, batches):
    model.eval()
    for layer in all_norms(model):
        layer.reset_running_stats()
        layer.train().momentum = None
    walk(model, batches)
    model.eval()


@wrong(ex04.repair, "the momentum of module '3.1' stays changed: it was 0.05, and is 0.1")
def puts_the_usual_momentum_back(model, batches):
    ex04.repair.answer(model, batches)
    for layer in all_norms(model):
        layer.momentum = 0.1


@wrong(ex04.repair, "the weight '1.weight' has changed: only the statistics")
def resets_the_parameters(model, batches):
    for layer in all_norms(model):
        layer.reset_parameters()
    ex04.repair.answer(model, batches)


@wrong(ex04.repair, "the weight '1.weight' has changed: only the statistics")
def puts_fresh_layers_in(model, batches):
    for name, child in list(model.named_modules()):
        if isinstance(child, NORMS):
            parent, _, own_name = name.rpartition(".")
            setattr(model.get_submodule(parent), own_name, type(child)(child.num_features))
    ex04.repair.answer(model, batches)


@wrong(ex04.repair, "the weight '0.weight' has changed: only the statistics")
def trains(model, batches):
    ex04.repair.answer(model, batches)
    for batch in batches:
        model(batch).square().mean().backward()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.grad is not None:
                weight -= 0.01 * weight.grad


@wrong(ex04.repair, "requires_grad of the weight '0.weight' stays changed")
def freezes_all_to_be_safe(model, batches):
    ex04.repair.answer(model.requires_grad_(False), batches)


@wrong(ex04.repair, "was measured with dropout on")
def measures_with_dropout_on(model, batches):
    update_bn(batches, model)
    model.eval()


@wrong(
    ex04.repair, "'3.3.norm.running_mean' has changed, and is no statistic of a BatchNorm: was all else in evaluation"
)
def forgets_the_modes_of_all_else(model, batches):
    for module in model.train().modules():
        if isinstance(module, (nn.Dropout, type(model[3][3].noise))):
            module.eval()
    measures_in_the_mode_it_is_in(model, batches)


def measures_in_the_mode_it_is_in(model, batches):
    momenta = [layer.momentum for layer in all_norms(model)]
    for layer in all_norms(model):
        layer.reset_running_stats()
        layer.momentum = None
    walk(model, batches)
    for layer, momentum in zip(all_norms(model), momenta, strict=True):
        layer.momentum = momentum
    model.eval()


@wrong(ex04.repair, "layer '3.3.last', a BatchNorm1d, was measured with dropout on")
def silences_one_kind_of_dropout(model, batches):
    for module in model.train().modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    measures_in_the_mode_it_is_in(model, batches)


@wrong(ex04.repair, "the p of module '2.1' stays changed: it was 0.4, and is 0.0")
def silences_dropout_to_measure(model, batches):
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    ex04.repair.answer(model, batches)


@wrong(ex04.repair, "layer '3.1', a BatchNorm1d, has its old statistics")
def repairs_the_first_layer_only(model, batches):
    measures(model, batches, all_norms(model)[:1])


@wrong(ex04.repair, "your code changes the batches it is given")
def centres_the_batches(model, batches):
    for batch in batches:
        batch -= batch.mean()
    ex04.repair.answer(model, batches)


@wrong(ex04.repair, "the number of hooks of module '1' stays changed: it was 0, and is 1")
def forgets_its_hooks(model, batches):
    ex04.repair.answer(model, batches)
    for layer in all_norms(model):
        layer.register_forward_pre_hook(lambda _, inputs: None)


@wrong(ex04.repair, "module '2.1' is gone")
def removes_the_dropout(model, batches):
    ex04.repair.answer(model, batches)
    del model[2][1]


# ---- freeze


@right(ex04.freeze)
def wraps_train(model):
    """The model's own train, and then eval for the frozen layers."""
    layers, train = all_norms(model), model.train

    def train_but_not_the_frozen(mode=True):
        train(mode)
        for layer in layers:
            layer.eval()
        return model

    for layer in layers:
        layer.requires_grad_(False)
    model.train = train_but_not_the_frozen


@right(ex04.freeze)
def changes_the_class(model):
    for layer in model.modules():
        if "BatchNorm" in type(layer).__name__:

            class Frozen(type(layer)):
                def train(self, *mode):
                    return super().train(False)

            layer.__class__ = Frozen
            layer.requires_grad_(False)


@right(ex04.freeze)
def changes_the_model_s_class(model):
    class FineTuned(type(model)):
        def train(self, mode=True):
            super().train(mode)
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
            return self

    model.__class__ = FineTuned
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            for weight in module.parameters():
                weight.requires_grad = False


class Affine(nn.Module):
    """What a BatchNorm computes in evaluation mode, and nothing else."""

    def __init__(self, norm):
        super().__init__()
        weight, bias = (norm.weight.detach(), norm.bias.detach()) if norm.affine else (1, 0)
        scale = weight / (norm.running_var + norm.eps).sqrt()
        self.register_buffer("scale", scale)
        self.register_buffer("shift", bias - norm.running_mean * scale)

    def forward(self, x):
        shape = [1, -1] + [1] * (x.dim() - 2)
        return x * self.scale.view(shape) + self.shift.view(shape)


@right(ex04.freeze)
def replaces_the_layers_by_what_they_compute(model):
    for parent in model.modules():
        for name, child in parent.named_children():
            if isinstance(child, NORMS):
                setattr(parent, name, Affine(child))


class Asleep(nn.Module):
    """A wrapper whose layer is in evaluation mode in every pass."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm.requires_grad_(False)

    def forward(self, x):
        return self.norm.eval()(x)


@right(ex04.freeze)
def wraps_the_layers(model):
    for name, child in model.named_modules():
        if isinstance(child, NORMS):
            parent, _, own_name = name.rpartition(".")
            setattr(model.get_submodule(parent), own_name, Asleep(child))


def sleep(layer, _):
    layer.eval()


@right(ex04.freeze)
def goes_to_sleep_before_each_pass(model):
    for layer in all_norms(model):
        layer.requires_grad_(False)
        layer.register_forward_pre_hook(sleep)


@wrong(ex04.freeze, "'1.running_mean' still moves in training: requires_grad_(False) holds the weights only")
def requires_grad_only(model):
    for layer in all_norms(model):
        layer.requires_grad_(False)


@wrong(ex04.freeze, "'1.running_mean' still moves in training: model.train() undoes a single eval()")
def one_time_eval(model):
    for layer in all_norms(model):
        layer.eval().requires_grad_(False)


@wrong(ex04.freeze, "'1.weight' still learns: freeze weight and bias too")
def statistics_only(model):
    for layer in all_norms(model):
        layer.eval().train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "'1.bias' still learns: freeze weight and bias too")
def forgets_the_bias(model):
    statistics_only(model)
    for layer in all_norms(model):
        if layer.affine:
            layer.weight.requires_grad_(False)


@wrong(ex04.freeze, "layer '1', a BatchNorm1d, is left alone: do you catch every kind of BatchNorm")
def freezes_those_of_pictures(model):
    for layer in all_norms(model):
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval().requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "layer '1', a BatchNorm3d, is left alone: do you catch every kind of BatchNorm")
def freezes_the_notebook_s_two_kinds(model):
    for layer in all_norms(model):
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.eval().requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "layer '3.1', a BatchNorm1d, is left alone: do you catch every kind of BatchNorm")
def the_first_level_only(model):
    for layer in model.children():
        if isinstance(layer, NORMS):
            layer.eval().requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "'1.num_batches_tracked' still moves in training: the layer is in training mode")
def stops_the_momentum(model):
    for layer in all_norms(model):
        layer.requires_grad_(False).momentum = 0.0


@wrong(ex04.freeze, "the layers normalise with the batch, not with the tracked statistics")
def stops_momentum_and_counter(model):
    for layer in all_norms(model):
        layer.requires_grad_(False)
        layer.momentum, layer.num_batches_tracked = 0.0, None


@wrong(ex04.freeze, "the layers normalise with the batch, not with the tracked statistics")
def tracks_no_more(model):
    for layer in all_norms(model):
        layer.requires_grad_(False).track_running_stats = False


@wrong(ex04.freeze, "'0.weight' no longer learns: only BatchNorm is to be frozen")
def freezes_every_weight(model):
    statistics_only(model)
    model.requires_grad_(False)


@wrong(ex04.freeze, "after freezing, the model itself (Sequential) is in evaluation mode")
def train_does_nothing_anywhere(model):
    requires_grad_only(model)
    model.eval()
    model.train = lambda mode=True: model


@wrong(ex04.freeze, "after model.eval(), the model itself (Sequential) is in training mode")
def wraps_train_and_forgets_the_mode(model):
    train = model.train

    def train_but_not_the_frozen(mode=True):
        train()
        for layer in all_norms(model):
            layer.eval()
        return model

    requires_grad_only(model)
    model.train = train_but_not_the_frozen


@wrong(ex04.freeze, "after model.eval(), the model itself (Sequential) is in training mode")
def switches_eval_off_too(model):
    freeze = ex04.freeze.answer
    freeze(model)
    model.eval = lambda: model


@wrong(ex04.freeze, "module '2.1' (Dropout) is in evaluation mode: all but BatchNorm switches as before")
def puts_dropout_to_sleep_too(model):
    for layer in model.modules():
        if isinstance(layer, (*NORMS, nn.Dropout)):
            layer.eval().requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "model.train() now returns None, and not the model")
def returns_nothing(model):
    train = model.train

    def train_but_not_the_frozen(mode=True):
        train(mode)
        for layer in all_norms(model):
            layer.eval()

    requires_grad_only(model)
    model.train = train_but_not_the_frozen


@wrong(ex04.freeze, "your code changes the class")
def changes_every_batch_norm_there_is(model):
    for layer in all_norms(model):
        layer.eval().requires_grad_(False)
        type(layer).train = lambda self, mode=True: self


@wrong(ex04.freeze, "your code changes the class")
def changes_every_kind_there_is(model):
    requires_grad_only(model.eval())
    for kind in NORMS:
        kind.train = lambda self, mode=True: self


def freezes(layers):
    for layer in layers:
        layer.eval().requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "layer '3.3.last', a BatchNorm1d, is left alone: do you catch every kind of BatchNorm")
def of_the_first_two_levels(model):
    nested = [layer for child in model.children() for layer in (child, *child.children())]
    freezes(layer for layer in nested if isinstance(layer, NORMS))


@wrong(ex04.freeze, "layer '3.3.last', a BatchNorm1d, is left alone: do you catch every kind of BatchNorm")
def those_with_weights(model):
    freezes(layer for layer in all_norms(model) if layer.affine)


@wrong(ex04.freeze, "'NoneType' object has no attribute 'requires_grad'")
def thinks_that_all_have_weights(model):
    freezes(all_norms(model))
    for layer in all_norms(model):
        layer.weight.requires_grad = layer.bias.requires_grad = False


@wrong(ex04.freeze, "do you catch every kind of BatchNorm, on every level, in the model given and not in a copy?")
def freezes_a_copy(model):
    ex04.freeze.answer(copy.deepcopy(model))


@wrong(ex04.freeze, "'3.3.norm.weight' no longer learns: only BatchNorm is to be frozen")
def norms_of_all_names(model):
    freezes(layer for layer in model.modules() if "Norm" in type(layer).__name__)


@wrong(ex04.freeze, "after model.eval(), module '3.3.norm' (InstanceNorm1d) is in training mode")
def all_that_track(model):
    ex04.freeze.answer(model)
    for layer in model.modules():
        if hasattr(layer, "running_mean"):
            layer.train = lambda mode=True, layer=layer: layer.requires_grad_(layer.training)


@wrong(ex04.freeze, "after freezing, the model itself (Sequential) is in evaluation mode")
def switches_all_to_evaluation(model):
    ex04.freeze.answer(model.eval())


@wrong(ex04.freeze, "freezing changes '1.num_batches_tracked', from tensor(7) to tensor(0)")
def forgets_how_many_batches_there_were(model):
    ex04.freeze.answer(model)
    for layer in all_norms(model):
        layer.num_batches_tracked.zero_()


@wrong(ex04.freeze, "the outputs are not those of a model with frozen BatchNorm")
def computes_with_the_usual_eps(model):
    for layer in all_norms(model):
        layer.requires_grad_(False)
        weights = layer.running_mean, layer.running_var, layer.weight, layer.bias
        layer.forward = lambda x, weights=weights: nn.functional.batch_norm(x, *weights)


@wrong(ex04.freeze, "the p of module '3.2' stays changed: it was 0.5, and is 0.0")
def silences_dropout_for_good(model):
    ex04.freeze.answer(model)
    model[3][2].p = 0.0


@wrong(ex04.freeze, "'4.bias' did not learn before, and now it does")
def sets_all_others_free(model):
    model.requires_grad_(True)
    ex04.freeze.answer(model)


@wrong(ex04.freeze, "module '2.1' is gone: leave all else where it is")
def removes_dropout(model):
    ex04.freeze.answer(model)
    del model[2][1]


@wrong(ex04.freeze, "the outputs are not those of a model with frozen BatchNorm")
def replaces_the_layers_by_nothing(model):
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, NORMS):
                setattr(parent, name, nn.Identity())


@wrong(ex04.freeze, "the frozen layers compute something else than before")
def replaces_the_layers_by_what_learns(model):
    replaces_the_layers_by_what_they_compute(model)
    for layer in [module for module in model.modules() if isinstance(module, Affine)]:
        scale = nn.Parameter(layer.scale)
        del layer.scale
        layer.scale = scale


@wrong(ex04.freeze, "your code raises AttributeError")
def sets_requires_grad_of_a_layer_without(model):
    for layer in all_norms(model):
        layer.weights.requires_grad = False


@wrong(ex04.freeze, "do you catch every kind of BatchNorm, on every level, in the model given and not in a copy?")
def freezes_and_returns_a_copy(model):
    frozen = copy.deepcopy(model)
    ex04.freeze.answer(frozen)
    return frozen


@wrong(
    ex04.freeze, "'1.running_mean' still moves in training: no call switches it any more, and it is in training mode"
)
def forgets_the_eval(model):
    for layer in all_norms(model):
        layer.requires_grad_(False).train = lambda mode=True, layer=layer: layer


@wrong(ex04.freeze, "missing 1 required positional argument: 'mode'")
def train_must_be_told_the_mode(model):
    for layer in all_norms(model):
        layer.eval().requires_grad_(False).train = lambda mode, layer=layer: layer


@wrong(ex04.freeze, "train() of layer '1' no longer returns the layer")
def layers_return_nothing(model):
    for layer in all_norms(model):
        layer.eval().requires_grad_(False).train = lambda mode=True: None
