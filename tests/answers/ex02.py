# Code as learners write it.
import copy
import tempfile

import torch
from torch import nn

from answers import right, wrong
from helpers.exercises import ex02
from helpers.exercises.ex02.gradients import MOVES
from helpers.exercises.ex02.gradients import use_gradients as solution_use_gradients

# ---- four


class Four(nn.Module):
    """A right answer in pieces, from which the others below differ."""

    steps = 4

    def __init__(self, D_in, H, D_out):
        super().__init__()
        self.input_linear = nn.Linear(D_in, H)
        self.middle_linear = nn.Linear(H, H)
        self.output_linear = nn.Linear(H, D_out)

    def forward(self, x):
        h_relu = self.input_linear(x).relu()
        for _ in range(self.steps):
            h_relu = self.step(h_relu)
        return self.last(h_relu)

    def step(self, h_relu):
        return self.middle_linear(h_relu).relu()

    def last(self, h_relu):
        return self.output_linear(h_relu)


right(ex02.four)(Four)


@right(ex02.four)
class FourOfOneInASequential(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.steps_in_a_row = nn.Sequential(*[self.middle_linear, nn.ReLU()] * 4)

    def forward(self, x):
        return self.output_linear(self.steps_in_a_row(self.input_linear(x).relu()))


@right(ex02.four)
class FourTiedLayers(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.layers = nn.ModuleList(nn.Linear(H, H) for _ in range(4))
        for layer in self.layers:
            layer.weight, layer.bias = self.middle_linear.weight, self.middle_linear.bias

    def forward(self, x):
        h_relu = self.input_linear(x).relu()
        for layer in self.layers:
            h_relu = layer(h_relu).clamp(min=0)
        return self.output_linear(h_relu)


@wrong(ex02.four, "4 distinct weights of 5 × 5: middle_linear.0.weight")
class FourLayers(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.middle_linear = nn.ModuleList(nn.Linear(H, H) for _ in range(4))

    def forward(self, x):
        h_relu = self.input_linear(x).relu()
        for layer in self.middle_linear:
            h_relu = layer(h_relu).relu()
        return self.output_linear(h_relu)


@wrong(ex02.four, "5 distinct weights")
class FourDeepCopies(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.copies = nn.ModuleList(copy.deepcopy(self.middle_linear) for _ in range(4))


@wrong(ex02.four, "gets no gradient: you compute with copies")
class ADeepCopyPerStep(Four):
    def step(self, h_relu):
        return copy.deepcopy(self.middle_linear)(h_relu).relu()


@wrong(ex02.four, "the middle layer is used 3 times")
class ThreeSteps(Four):
    steps = 3


@wrong(ex02.four, "the middle layer is used 5 times")
class FiveSteps(Four):
    steps = 5


@wrong(ex02.four, "the shape of input_linear.weight is (100, 1000), not (5, 7)")
class SizesOfTheNotes(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(1000, 100, 10)


@wrong(ex02.four, "your code gives None")
class ForgotReturn(Four):
    def last(self, h_relu):
        self.output_linear(h_relu)


@wrong(ex02.four, "there is no relu between the steps")
class NoRelu(Four):
    def step(self, h_relu):
        return self.middle_linear(h_relu)


@wrong(ex02.four, "there is a relu after output_linear")
class ReluAtTheEnd(Four):
    def last(self, h_relu):
        return self.output_linear(h_relu).relu()


@wrong(ex02.four, "the gradient does not come from all four steps")
class DetachedBetween(Four):
    def step(self, h_relu):
        return super().step(h_relu.detach())


@wrong(ex02.four, "there is no middle_linear.bias, middle_linear.weight")
class OtherNames(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.hidden = self.middle_linear
        del self.middle_linear

    def step(self, h_relu):
        return self.hidden(h_relu).relu()


# ---- contributions


def uses_of(loss, weight):
    """Return each (node, i) that hands a gradient to `weight`."""
    uses, seen, todo = [], set(), [loss.grad_fn]
    while todo:
        node = todo.pop(0)
        if node is not None and node not in seen:
            seen.add(node)
            for i, (following, _) in enumerate(node.next_functions):
                if following is not None and getattr(following, "variable", None) is weight:
                    uses.append((node, i))
                todo.append(following)
    return uses


@right(ex02.contributions)
def one_use_at_a_time(loss, weight):
    found = {}
    uses = uses_of(loss, weight)
    handles = []
    for node, i in uses:

        def keep(gradients, _, node=node, i=i):
            found[node, i] = gradients[i].clone()

        handles.append(node.register_hook(keep))
    torch.autograd.grad(loss, [weight], retain_graph=True)
    for handle in handles:
        handle.remove()
    return tuple(found[use] for use in uses)


@wrong(ex02.contributions, "the sums match, each use differs")
def equal_shares(loss, weight):
    k = len(uses_of(loss, weight))
    (gradient,) = torch.autograd.grad(loss, weight, retain_graph=True)
    return [gradient / k] * k


@wrong(ex02.contributions, "this is the sum")
def the_sum(loss, weight):
    return list(torch.autograd.grad(loss, weight, retain_graph=True))


@wrong(ex02.contributions, "this is the sum")
def a_hook_on_the_weight(loss, weight):
    found = []
    handle = weight.register_hook(lambda gradient: found.append(gradient))
    torch.autograd.grad(loss, weight, retain_graph=True)
    handle.remove()
    return found


@wrong(ex02.contributions, "do not even add up")
def the_sum_for_each(loss, weight):
    (gradient,) = torch.autograd.grad(loss, weight, retain_graph=True)
    return [gradient for _ in uses_of(loss, weight)]


@wrong(ex02.contributions, "the weight is used 3 times; gradients found")
def only_transposes(loss, weight):
    """Finds uses by layers, and misses those without."""
    return [
        gradient
        for (node, _), gradient in zip(uses_of(loss, weight), solution_use_gradients(loss, weight), strict=False)
        if node.name() == "TBackward0"
    ]


@wrong(ex02.contributions, "leaves a gradient in `weight.grad`")
def calls_backward(loss, weight):
    found = solution_use_gradients(loss, weight)
    loss.backward()
    return found


@wrong(ex02.contributions, "not Tensor")
def stacked(loss, weight):
    return torch.stack(solution_use_gradients(loss, weight))


@wrong(ex02.contributions, "do not even add up")
def takes_the_first_input(loss, weight):
    found = []
    for node, _ in uses_of(loss, weight):
        node.register_hook(lambda gradients, _: found.append(gradients[0]))
    torch.autograd.grad(loss, weight, retain_graph=True)
    return found


@wrong(ex02.contributions, "is a tensor and has the shape of the weight")
def in_tuples(loss, weight):
    return [(each,) for each in solution_use_gradients(loss, weight)]


@wrong(ex02.contributions, "is a tensor and has the shape of the weight")
def lengths(loss, weight):
    return [each.norm() for each in solution_use_gradients(loss, weight)]


# ---- moves

wrong(ex02.moves, "its momentum too")({setting: True for setting in MOVES})
wrong(ex02.moves, "a gradient of zeros is a gradient")({setting: False for setting in MOVES})
wrong(ex02.moves, "without momentum a step is lr times")(MOVES | {"zeros, momentum 0": True})
wrong(ex02.moves, "weight decay adds 0.1 times the weight")(MOVES | {"zeros, weight decay 0.1": False})
wrong(ex02.moves, "weight decay and all")(MOVES | {"None, weight decay 0.1": True})
wrong(ex02.moves, "answer True or False")(MOVES | {"None, weight decay 0.1": "no"})
wrong(ex02.moves, "2 of 5 to go")(MOVES | {"zeros, momentum 0": ..., "None, weight decay 0.1": ...})
wrong(ex02.moves, "its keys as they are")({"None": False})
right(ex02.moves)(dict(sorted(MOVES.items())))


# ---- each_its_own


@right(ex02.each_its_own)
def only_the_rows_that_go_on(model, x, depths):
    h_relu = model.input_linear(x).relu()
    step = 0
    while (depths > step).any():
        active = depths > step
        h_relu = h_relu.clone()
        h_relu[active] = model.middle_linear(h_relu[active]).relu()
        step += 1
    return model.output_linear(h_relu)


@right(ex02.each_its_own)
def all_depths_then_choose(model, x, depths):
    states = [model.input_linear(x).clamp(min=0)]
    for _ in range(depths.max()):
        states.append(model.middle_linear(states[-1]).clamp(min=0))
    return model.output_linear(torch.stack(states)[depths, torch.arange(len(x))])


@wrong(ex02.each_its_own, "is called 9 times: 3 are enough")
def row_by_row(model, x, depths):
    return torch.cat([model(x[i : i + 1], int(depth)) for i, depth in enumerate(depths)])


@wrong(ex02.each_its_own, "is called 6 times: 3 are enough")
def group_by_group(model, x, depths):
    y_pred = torch.empty(len(x), model.output_linear.out_features)
    for depth in depths.unique():
        y_pred[depths == depth] = model(x[depths == depth], int(depth))
    return y_pred


@wrong(ex02.each_its_own, "that of the deepest row")
def all_to_the_deepest(model, x, depths):
    return model(x, int(depths.max()))


@wrong(ex02.each_its_own, "that of the first row")
def all_as_the_first(model, x, depths):
    return model(x, int(depths[0]))


@wrong(ex02.each_its_own, "some row is not at its own depth")
def one_step_too_many(model, x, depths):
    h_relu = model.input_linear(x).relu()
    for step in range(int(depths.max()) + 1):
        h_relu = torch.where((step <= depths)[:, None], model.middle_linear(h_relu).relu(), h_relu)
    return model.output_linear(h_relu)


@wrong(ex02.each_its_own, "writes into a tensor that backward still needs")
def in_place(model, x, depths):
    h_relu = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        h_relu[step < depths] = model.middle_linear(h_relu[step < depths]).relu()
    return model.output_linear(h_relu)


@wrong(ex02.each_its_own, "has no graph behind it")
def without_a_graph(model, x, depths):
    with torch.no_grad():
        return only_the_rows_that_go_on(model, x, depths)


@wrong(ex02.each_its_own, "the gradient of input_linear.weight is not right")
def detached(model, x, depths):
    h_relu = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        deeper = model.middle_linear(h_relu.detach()).relu()
        h_relu = torch.where((step < depths)[:, None], deeper, h_relu)
    return model.output_linear(h_relu)


# ---- log


@right(ex02.log)
def with_the_twin(folder, losses, depths):
    from torch.utils.tensorboard import SummaryWriter

    logger = SummaryWriter(log_dir=folder)
    for step in range(len(losses)):
        logger.add_scalar("depth", depths[step], global_step=step)
        logger.add_scalar("loss", torch.tensor(losses[step]), global_step=step)
    logger.close()


def logger_of(folder, steps=lambda step: step, tags=("loss", "depth"), first=0):
    from tensorboardX import SummaryWriter

    def write(losses, depths):
        with SummaryWriter(folder) as logger:
            for step in range(first, len(losses)):
                logger.add_scalar(tags[0], losses[step], steps(step))
                logger.add_scalar(tags[1], depths[step], steps(step))

    return write


@right(ex02.log)
def in_two_files(folder, losses, depths):
    from tensorboardX import SummaryWriter

    for tag, values in {"loss": losses, "depth": depths}.items():
        with SummaryWriter(folder, filename_suffix=tag) as logger:
            for step, value in enumerate(values):
                logger.add_scalar(tag, value, step)


@wrong(ex02.log, "lie in a folder below `folder`")
def below(folder, losses, depths):
    logger_of(f"{folder}/run")(losses, depths)


@wrong(ex02.log, "there is no event file in `folder`")
def elsewhere(folder, losses, depths):
    logger_of(tempfile.mkdtemp())(losses, depths)


@wrong(ex02.log, "0 events can be read back")
def never_closed(folder, losses, depths):
    from tensorboardX import SummaryWriter

    logger = SummaryWriter(folder)
    for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
        logger.add_scalar("loss", loss, step)
        logger.add_scalar("depth", depth, step)


@wrong(ex02.log, 'every event of "loss" is at step 0')
def every_step_zero(folder, losses, depths):
    logger_of(folder, steps=lambda step: 0)(losses, depths)


@wrong(ex02.log, 'every event of "loss" is at step 0')
def no_step(folder, losses, depths):
    logger_of(folder, steps=lambda step: None)(losses, depths)


@wrong(ex02.log, 'the steps of "loss" begin at 1')
def counts_from_one(folder, losses, depths):
    logger_of(folder, steps=lambda step: step + 1)(losses, depths)


@wrong(ex02.log, '"loss" holds the values of the other')
def swapped(folder, losses, depths):
    logger_of(folder)(depths, losses)


@wrong(ex02.log, 'there is no scalar "depth": the tags are loss, k')
def another_tag(folder, losses, depths):
    logger_of(folder, tags=("loss", "k"))(losses, depths)


@wrong(ex02.log, "has 6 events, not 7")
def forgets_the_first(folder, losses, depths):
    logger_of(folder, first=1)(losses, depths)
