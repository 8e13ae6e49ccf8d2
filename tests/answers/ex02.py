# Code as learners write it.
import copy
import shutil
import tempfile
from collections import OrderedDict
from unittest.mock import patch

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

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


@wrong(ex02.four, "the output is right, but middle_linear.weight gets no gradient")
class ADeepCopyPerStep(Four):
    def step(self, h_relu):
        return copy.deepcopy(self.middle_linear)(h_relu).relu()


@wrong(ex02.four, "the output is that of 3 steps, not 4")
class ThreeSteps(Four):
    steps = 3


@wrong(ex02.four, "the output is that of 5 steps, not 4")
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


@wrong(ex02.four, "the output is right, but input_linear.weight gets no gradient")
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


@right(ex02.four)
class FourBySaying(Four):
    """As one makes it of the notebook's net."""

    def forward(self, x, depth=4):
        h_relu = F.relu(self.input_linear(x))
        for _ in range(depth):
            h_relu = F.relu(F.linear(h_relu, self.middle_linear.weight, self.middle_linear.bias))
        return self.output_linear(h_relu)


@right(ex02.four)
class FourInherited(FourBySaying):
    def forward(self, x):
        return super().forward(x, 4)


@right(ex02.four)
class FourWrittenOut(Four):
    def forward(self, x):
        h1 = self.input_linear(x).clamp_min(0)
        h2 = self.middle_linear(h1).clamp_min(0)
        h3 = self.middle_linear(h2).clamp_min(0)
        h4 = self.middle_linear(h3).clamp_min(0)
        return self.output_linear(self.middle_linear(h4).clamp_min(0))


@wrong(ex02.four, "there is no relu after input_linear")
class NoReluAtTheStart(Four):
    def forward(self, x):
        h_relu = self.input_linear(x)
        for _ in range(4):
            h_relu = self.step(h_relu)
        return self.last(h_relu)


@wrong(ex02.four, "there is no relu after the last use of middle_linear")
class NoReluAfterTheLastStep(Four):
    steps = 3

    def last(self, h_relu):
        return self.output_linear(self.middle_linear(h_relu))


@wrong(ex02.four, "there is no relu at all")
class AllLinear(Four):
    def forward(self, x):
        h = self.input_linear(x)
        for _ in range(4):
            h = self.middle_linear(h)
        return self.output_linear(h)


@wrong(ex02.four, "there is a relu after the steps only")
class OneReluForAll(Four):
    def forward(self, x):
        h = self.input_linear(x).relu()
        for _ in range(4):
            h = self.middle_linear(h)
        return self.output_linear(h.relu())


@wrong(ex02.four, "input_linear.weight gets no gradient")
class DetachedAfterTheFirst(Four):
    def forward(self, x):
        h_relu = self.input_linear(x).relu().detach()
        for _ in range(4):
            h_relu = self.step(h_relu)
        return self.last(h_relu)


@wrong(ex02.four, "the gradient of middle_linear.weight is not")
class OneStepWithoutGradient(Four):
    def step(self, h_relu):
        middle = self.middle_linear
        with_constant = F.linear(h_relu, middle.weight.detach(), middle.bias).relu()
        self.count = (getattr(self, "count", -1) + 1) % 4
        return with_constant if self.count == 0 else middle(h_relu).relu()


@wrong(ex02.four, "has no graph behind it")
class WithoutAGraph(Four):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


@wrong(ex02.four, "besides the three layers there is biases.0")
class ABiasForEachStep(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.biases = nn.ParameterList(torch.zeros(H) for _ in range(4))


@wrong(ex02.four, "the output is that of ")
class DrawsItsDepth(Four):
    def forward(self, x):
        self.steps = int(torch.randint(0, 5, ()))
        return super().forward(x)


@wrong(ex02.four, "in call 3 (eval mode) the output is that of 3 steps, not 4")
class ThreeStepsInEval(Four):
    def forward(self, x):
        self.steps = 4 if self.training else 3
        return super().forward(x)


@wrong(ex02.four, "in call 2 (training mode) the output is that of 0 steps, not 4")
class CountsItsStepsDown(Four):
    def forward(self, x):
        h_relu = self.input_linear(x).relu()
        while self.steps > 0:
            h_relu = self.step(h_relu)
            self.steps -= 1
        return self.last(h_relu)


@wrong(ex02.four, "in call 2 (training mode) the output is not that of four steps")
class GoesOnFromTheCallBefore(Four):
    kept = 0

    def last(self, h_relu):
        h_relu = h_relu + self.kept
        self.kept = h_relu.detach() if len(h_relu) > 1 else 0
        return super().last(h_relu)


@wrong(ex02.four, "the output is that of 1 step, not 4")
class FourTimesTheSame(Four):
    def forward(self, x):
        h = self.input_linear(x).relu()
        for _ in range(4):
            h_relu = self.step(h)
        return self.last(h_relu)


@wrong(ex02.four, "two nets have the same middle_linear.weight")
class OneLayerForAllNets(Four):
    layers = {}

    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.middle_linear = self.layers.setdefault(H, self.middle_linear)


@wrong(ex02.four, "middle_linear.weight is frozen")
class FrozenMiddle(Four):
    def __init__(self, D_in, H, D_out):
        super().__init__(D_in, H, D_out)
        self.middle_linear.requires_grad_(False)


@wrong(ex02.four, "changes what it is given")
class WritesIntoItsInput(Four):
    def forward(self, x):
        y_pred = super().forward(x)
        x.mul_(2)
        return y_pred


@wrong(ex02.four, "It is a tensor of shape (3,), not a tensor of shape (1, 3)")
class DropsTheBatch(Four):
    def last(self, h_relu):
        return self.output_linear(h_relu).squeeze()


@wrong(ex02.four, "It is a tensor of shape (6, 5), not a tensor of shape (6, 3)")
class ForgetsTheOutputLayer(Four):
    def last(self, h_relu):
        return h_relu


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
    found = []
    for node, i in uses_of(loss, weight):

        def keep(gradients, _, i=i):
            found.append(gradients[i])

        node.register_hook(keep)
    torch.autograd.grad(loss, [weight], retain_graph=True, allow_unused=True)
    return tuple(found)


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


@wrong(ex02.contributions, "each is the whole sum")
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


@wrong(ex02.contributions, "gradients found: 2. The node of @ hands on two, each at its own i.")
def the_first_of_each_node(loss, weight):
    nodes = list(dict(uses_of(loss, weight)))
    return collect(loss, weight, [(node, 0) for node in nodes])


@wrong(ex02.contributions, "your code changes weight.grad")
def calls_backward(loss, weight):
    found = solution_use_gradients(loss, weight)
    loss.backward()
    return found


@wrong(ex02.contributions, "return a list of gradients, not a tensor of shape (3, 5, 5)")
def stacked(loss, weight):
    return torch.stack(solution_use_gradients(loss, weight))


@wrong(ex02.contributions, "do not even add up")
def takes_the_first_input(loss, weight):
    found = []
    for node, _ in uses_of(loss, weight):
        node.register_hook(lambda gradients, _: found.append(gradients[0]))
    torch.autograd.grad(loss, weight, retain_graph=True)
    return list(found)


@wrong(ex02.contributions, "your list grows with `loss.backward()`: remove the hooks")
def a_list_that_grows(loss, weight):
    found = []
    for node, i in uses_of(loss, weight):
        node.register_hook(lambda gradients, _, i=i: found.append(gradients[i]))
    torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    return found


@wrong(ex02.contributions, "the weight is used 3 times; gradients found: 2")
def without_zeros(loss, weight):
    return [each for each in solution_use_gradients(loss, weight) if each.any()]


@wrong(ex02.contributions, "a use times 0 and two that are alike: the weight is used 3 times; gradients found: 2")
def equal_ones_once(loss, weight):
    found = solution_use_gradients(loss, weight)
    return [each for i, each in enumerate(found) if not any(each.equal(other) for other in found[:i])]


@wrong(ex02.contributions, "a layer not called: your code gives None")
def none_where_there_is_none(loss, weight):
    return solution_use_gradients(loss, weight) or None


@wrong(ex02.contributions, "has the shape (5, 5) of the weight, not a tuple of 1")
def in_tuples(loss, weight):
    return [(each,) for each in solution_use_gradients(loss, weight)]


@wrong(ex02.contributions, "has the shape (5, 5) of the weight, not a number")
def lengths(loss, weight):
    return [each.norm() for each in solution_use_gradients(loss, weight)]


@right(ex02.contributions)
def step_by_step(loss, weight):
    """By recursion, and with hooks that stay."""
    found, seen = [], []

    def visit(node):
        if node is None or any(node is each for each in seen):
            return
        seen.append(node)
        for i, (following, _) in enumerate(node.next_functions):
            if hasattr(following, "variable") and following.variable is weight:
                node.register_hook(lambda gradients, _, i=i: found.append(gradients[i]))
            visit(following)

    visit(loss.grad_fn)
    torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    return list(found)


@right(ex02.contributions)
def backward_and_back(loss, weight):
    """With backward, after which each .grad is what it was."""
    found, leaves, todo, seen = [], set(), [loss.grad_fn], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        following = [each for each, _ in node.next_functions]
        leaves |= {each.variable for each in following if hasattr(each, "variable")}
        ours = [i for i, each in enumerate(following) if getattr(each, "variable", None) is weight]
        node.register_hook(lambda gradients, _, ours=ours: found.extend(gradients[i] for i in ours))
        todo += [each for each in following if each is not None]
    before = {leaf: leaf.grad for leaf in leaves}
    for leaf in leaves:
        leaf.grad = None
    loss.backward(retain_graph=True)
    for leaf in leaves:
        leaf.grad = before[leaf]
    return [*found]


@right(ex02.contributions)
def as_a_tuple(loss, weight):
    return tuple(solution_use_gradients(loss, weight))


def walk(loss, is_ours, seen=None):
    """Return each (node, i) that hands a gradient to a variable for which `is_ours` holds."""
    uses, todo, seen = [], [loss.grad_fn], set() if seen is None else seen
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        uses += [
            (node, i) for i, (each, _) in enumerate(node.next_functions) if is_ours(getattr(each, "variable", None))
        ]
        todo += [each for each, _ in node.next_functions]
    return uses


def collect(loss, weight, uses):
    found = []
    handles = [node.register_hook(lambda g, _, i=i: found.append(g[i])) for node, i in uses]
    torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    for handle in handles:
        handle.remove()
    return found


@wrong(ex02.contributions, "are right, the others are the same again. Can a node be reached in several ways?")
def no_seen(loss, weight):
    class Forgetful(set):
        add = staticmethod(lambda node: None)

    return collect(loss, weight, walk(loss, lambda variable: variable is weight, Forgetful()))


@wrong(ex02.contributions, "one of your gradients is None")
def by_shape(loss, weight):
    return collect(loss, weight, walk(loss, lambda each: each is not None and each.shape == weight.shape))


@wrong(ex02.contributions, "one of your gradients is None")
def by_value(loss, weight):
    def is_ours(variable):
        return variable is not None and variable.shape == weight.shape and bool((variable == weight).all())

    return collect(loss, weight, walk(loss, is_ours))


@wrong(ex02.contributions, "the gradient of another weight, of the same shape and values, is among them")
def by_shape_with_backward(loss, weight):
    found = []
    for node, i in walk(loss, lambda each: each is not None and each.shape == weight.shape):
        node.register_hook(lambda gradients, _, i=i: found.append(gradients[i]))
    loss.backward(retain_graph=True)
    return found


@wrong(ex02.contributions, "your code loses what stood in weight.grad")
def loses_the_earlier_gradient(loss, weight):
    found = solution_use_gradients(loss, weight)
    weight.grad = None
    return found


@wrong(ex02.contributions, "your code changes the `.grad` of another weight")
def backward_for_all(loss, weight):
    before = weight.grad
    weight.grad = None
    found = solution_use_gradients(loss, weight)
    loss.backward(retain_graph=True)
    weight.grad = before
    return found


@wrong(ex02.contributions, "`loss.backward()` fails: pass `retain_graph=True`")
def uses_up_the_graph(loss, weight):
    found = solution_use_gradients(loss, weight)
    torch.autograd.grad(loss, weight, allow_unused=True)
    return found


@wrong(ex02.contributions, "`loss.backward()` gives other gradients")
def hooks_that_change(loss, weight):
    found = solution_use_gradients(loss, weight)
    for node, _ in walk(loss, lambda variable: variable is weight):
        node.register_hook(lambda gradients, _: tuple(None if each is None else 2 * each for each in gradients))
    return found


@wrong(ex02.contributions, "the weight is used 3 times; gradients found: 2")
def one_for_each_node(loss, weight):
    """Misses the second use of a node such as `weight @ weight`."""
    nodes = dict(reversed(walk(loss, lambda variable: variable is weight)))
    return collect(loss, weight, nodes.items())


@wrong(ex02.contributions, "the weight is used 3 times; gradients found: 1")
def only_the_nearest(loss, weight):
    return solution_use_gradients(loss, weight)[:1]


@wrong(ex02.contributions, "your code gives None. `no_return` has no `return`.")
def no_return(loss, weight):
    solution_use_gradients(loss, weight)


@wrong(ex02.contributions, "allow_unused=True")
def fails_where_there_is_no_use(loss, weight):
    torch.autograd.grad(loss, weight, retain_graph=True)
    return solution_use_gradients(loss, weight)


# ---- moves

wrong(ex02.moves, "its momentum too")({setting: True for setting in MOVES})
wrong(ex02.moves, "a gradient of zeros is a gradient")({setting: False for setting in MOVES})
wrong(ex02.moves, "without momentum a step is lr times")(MOVES | {"zeros, momentum 0": True})
wrong(ex02.moves, "weight decay adds 0.1 times the weight")(MOVES | {"zeros, weight decay 0.1": False})
wrong(ex02.moves, "weight decay and all")(MOVES | {"None, weight decay 0.1": True})
wrong(ex02.moves, "“None, weight decay 0.1”: answer True or False, not 'no'")(MOVES | {"None, weight decay 0.1": "no"})
wrong(ex02.moves, "2 of 5 to go")(MOVES | {"zeros, momentum 0": ..., "None, weight decay 0.1": ...})
wrong(ex02.moves, "unknown ['None'].")({"None": False})
wrong(ex02.moves, "missing are [], unknown ['more']")(MOVES | {"more": True})
wrong(ex02.moves, "answer with the dict of the cell above, not with [False, True]")([False, True])
wrong(ex02.moves, "answer True or False, not 2")(MOVES | {"zeros, momentum 0.9": 2})
right(ex02.moves)(dict(sorted(MOVES.items())))
right(ex02.moves)({setting: int(moves) for setting, moves in MOVES.items()})
right(ex02.moves)({setting: np.bool_(moves) for setting, moves in MOVES.items()})
right(ex02.moves)(OrderedDict(MOVES))


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


@wrong(ex02.each_its_own, "is used 9 times: 3 are enough")
def row_by_row(model, x, depths):
    return torch.cat([model(x[i : i + 1], int(depth)) for i, depth in enumerate(depths)])


@wrong(ex02.each_its_own, "is used 6 times: 3 are enough")
def group_by_group(model, x, depths):
    y_pred = torch.empty(len(x), model.output_linear.out_features)
    for depth in depths.unique():
        y_pred[depths == depth] = model(x[depths == depth], int(depth))
    return y_pred


@wrong(ex02.each_its_own, "row 0: the output is that of 3 steps, not 2")
def all_to_the_deepest(model, x, depths):
    return model(x, int(depths.max()))


@wrong(ex02.each_its_own, "row 1: the output is that of 2 steps, not 0")
def all_as_the_first(model, x, depths):
    return model(x, int(depths[0]))


@wrong(ex02.each_its_own, "row 0: the output is that of 3 steps, not 2")
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


@wrong(ex02.each_its_own, "the output is right, but the gradient of input_linear.weight is not")
def detached(model, x, depths):
    h_relu = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        deeper = model.middle_linear(h_relu.detach()).relu()
        h_relu = torch.where((step < depths)[:, None], deeper, h_relu)
    return model.output_linear(h_relu)


@right(ex02.each_its_own)
def with_a_mask(model, x, depths):
    h_relu = torch.relu(model.input_linear(x))
    for step in range(max(depths)):
        goes_on = (depths > step).to(x.dtype).unsqueeze(1)
        h_relu = goes_on * torch.relu(model.middle_linear(h_relu)) + (1 - goes_on) * h_relu
    return model.output_linear(h_relu)


@right(ex02.each_its_own)
def sorted_by_depth(model, x, depths):
    order = depths.argsort(descending=True)
    h, left = model.input_linear(x[order]).clamp(min=0), depths[order]
    while left[0] > 0:
        count = (left > 0).sum()
        h = torch.cat([F.relu(F.linear(h[:count], model.middle_linear.weight, model.middle_linear.bias)), h[count:]])
        left = left - 1
    return model.output_linear(h)[order.argsort()]


@right(ex02.each_its_own)
def by_recursion(model, x, depths):
    def deeper(h, left):
        if not (left > 0).any():
            return h
        return deeper(torch.where(left.view(-1, 1) > 0, model.middle_linear(h).relu(), h), left - 1)

    return model.output_linear(deeper(model.input_linear(x).relu(), depths))


@wrong(ex02.each_its_own, "changes what it is given")
def counts_down_in_place(model, x, depths):
    h_relu = model.input_linear(x).relu()
    while depths.max() > 0:
        h_relu = torch.where((depths > 0)[:, None], model.middle_linear(h_relu).relu(), h_relu)
        depths -= 1
    return model.output_linear(h_relu)


@wrong(ex02.each_its_own, "middle_linear is used 9 times: 3 are enough")
def row_by_row_without_the_layer(model, x, depths):
    outputs = []
    for row, depth in zip(x, depths, strict=True):
        h = model.input_linear(row).relu()
        for _ in range(depth):
            h = F.linear(h, model.middle_linear.weight, model.middle_linear.bias).relu()
        outputs.append(model.output_linear(h))
    return torch.stack(outputs)


@wrong(ex02.each_its_own, "middle_linear is used 4 times: 3 are enough")
def one_call_too_many(model, x, depths):
    model.middle_linear(model.input_linear(x))
    return by_recursion(model, x, depths)


@wrong(ex02.each_its_own, "row 0: the output is that of 1 step, not 2")
def one_step_too_few(model, x, depths):
    return by_recursion(model, x, (depths - 1).clamp(min=0))


@wrong(ex02.each_its_own, "row 0: the output is that of 0 steps, not 2")
def all_to_the_shallowest(model, x, depths):
    return model(x, int(depths.min()))


@wrong(ex02.each_its_own, "row 0: there is no relu between the steps")
def no_relu_between(model, x, depths):
    h = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        h = torch.where((step < depths)[:, None], model.middle_linear(h), h)
    return model.output_linear(h)


@wrong(ex02.each_its_own, "the shape of the output is (6, 5), not (6, 3)")
def no_output_layer(model, x, depths):
    h = model.input_linear(x).relu()
    for step in range(int(depths.max())):
        h = torch.where((step < depths)[:, None], model.middle_linear(h).relu(), h)
    return h


@wrong(ex02.each_its_own, "row 0: the output is that of row 1")
def rows_out_of_order(model, x, depths):
    return by_recursion(model, x, depths)[depths.argsort()]


@wrong(ex02.each_its_own, "your code gives a list of 6, not a tensor")
def a_list(model, x, depths):
    return by_recursion(model, x, depths).tolist()


@wrong(ex02.each_its_own, "your code changes input_linear.weight or its `.grad`")
def calls_backward_itself(model, x, depths):
    y_pred = by_recursion(model, x, depths)
    y_pred.sum().backward(retain_graph=True)
    return y_pred


@wrong(ex02.each_its_own, "row 1 becomes [")
def one_more_at_depth_0(model, x, depths):
    return by_recursion(model, x, depths) + (depths == 0)[:, None]


@wrong(ex02.each_its_own, "row 0: there is a relu after output_linear")
def relu_at_the_end(model, x, depths):
    return by_recursion(model, x, depths).relu()


@wrong(ex02.each_its_own, "row 0: the output is that of ")
def draws_the_depth(model, x, depths):
    return torch.cat([model(row[None]) for row in x])


@wrong(ex02.each_its_own, "the output is right, but x gets no gradient")
def detaches_x(model, x, depths):
    return by_recursion(model, x.detach(), depths)


@wrong(ex02.each_its_own, "or its `.grad`: only the output is wanted")
def loses_the_gradients(model, x, depths):
    model.zero_grad()
    return by_recursion(model, x, depths)


@wrong(ex02.each_its_own, "your code leaves something on the model")
def leaves_eval_mode(model, x, depths):
    model.eval()
    return by_recursion(model, x, depths)


@wrong(ex02.each_its_own, "your code leaves something on the model")
def leaves_the_depths(model, x, depths):
    model.depths = depths
    return by_recursion(model, x, depths)


@wrong(ex02.each_its_own, "your code leaves something on the model")
def leaves_a_hook(model, x, depths):
    model.middle_linear.register_forward_hook(lambda *_: None)
    return by_recursion(model, x, depths)


@wrong(ex02.each_its_own, "row 0: the output is that of 10 steps, not 12")
def ten_at_most(model, x, depths):
    return by_recursion(model, x, depths.clamp(max=10))


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


@wrong(ex02.log, 'there is no scalar "loss": the tags are depth. Do you make two SummaryWriters?')
def in_one_file_twice(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with patch("time.time", return_value=1e9):  # in the same second
        for tag, values in {"loss": losses, "depth": depths}.items():
            with SummaryWriter(folder) as logger:
                for step, value in enumerate(values):
                    logger.add_scalar(tag, value, step)


@wrong(ex02.log, "lie in a folder below `folder`")
def below(folder, losses, depths):
    logger_of(f"{folder}/run")(losses, depths)


@wrong(ex02.log, "there is no event file in `folder`")
def elsewhere(folder, losses, depths):
    logger_of(tempfile.mkdtemp())(losses, depths)


@wrong(ex02.log, "0 scalars can be read back")
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


@wrong(ex02.log, 'of 7 given, "loss" holds 6 events')
def forgets_the_first(folder, losses, depths):
    logger_of(folder, first=1)(losses, depths)


@right(ex02.log)
def flushed(folder, losses, depths):
    from torch.utils.tensorboard import SummaryWriter

    logger = SummaryWriter(folder)
    for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
        logger.add_scalar("loss", loss, step)
        logger.add_scalar("depth", depth, step)
    logger.flush()


@right(ex02.log)
def from_arrays(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, pair in enumerate(np.stack([losses, depths], axis=1)):
            logger.add_scalar("loss", pair[0], global_step=step)
            logger.add_scalar("depth", pair[1], global_step=step)


@right(ex02.log)
def from_the_last(folder, losses, depths):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step in range(len(losses) - 1, -1, -1):
            logger.add_scalar(tag="loss", scalar_value=losses[step], global_step=step)
            logger.add_scalar(tag="depth", scalar_value=depths[step], global_step=step)


@wrong(ex02.log, "has its step as value, and its value as step")
def exchanged(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
            logger.add_scalar("loss", step, int(loss))
            logger.add_scalar("depth", step, depth)


@wrong(ex02.log, "there is no scalar")
def in_one_chart(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
            logger.add_scalars("run", {"loss": loss, "depth": depth}, step)
        logger.add_scalar("done", 1, 0)


@wrong(ex02.log, 'at step 1 "loss" holds 410, not 410.5')
def whole_numbers(folder, losses, depths):
    logger_of(folder)([int(loss) for loss in losses], depths)


@wrong(ex02.log, 'at step 1 "loss" holds 505.25, not 410.5')
def averaged(folder, losses, depths):
    logger_of(folder)([sum(losses[: i + 1]) / (i + 1) for i in range(len(losses))], depths)


@wrong(ex02.log, 'of 7 given, "loss" holds 1 events')
def only_the_last(folder, losses, depths):
    logger_of(folder)(losses[-1:], depths[-1:])


@wrong(ex02.log, "changes what it is given")
def empties_the_lists(folder, losses, depths):
    logger_of(folder)(list(losses), list(depths))
    losses.clear()


@wrong(ex02.log, 'the steps of "loss" are [0, 10, 20, 30, 40, 50, 60], not 0 to 6')
def every_tenth(folder, losses, depths):
    logger_of(folder, steps=lambda step: 10 * step)(losses, depths)


@wrong(ex02.log, 'of 7 given, "loss" holds 14 events')
def twice(folder, losses, depths):
    logger_of(folder, steps=lambda step: step // 2)([*losses, *losses], [*depths, *depths])


@wrong(ex02.log, 'the steps of "loss" are [0, 1, 2, 2, 4, 5, 6, 7], not 0 to 7')
def the_place_of_each_loss(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for loss, (step, depth) in zip(losses, enumerate(depths), strict=True):
            logger.add_scalar("loss", loss, losses.index(loss))
            logger.add_scalar("depth", depth, step)


@wrong(ex02.log, 'of 8 given, "loss" holds 7 events, at the steps [0, 2, 3, 4, 5, 6, 7]')
def only_where_there_is_a_loss(folder, losses, depths):
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
            if loss:
                logger.add_scalar("loss", loss, step)
            logger.add_scalar("depth", depth, step)


@wrong(ex02.log, 'at step 5 "loss" holds 0, not nan')
def zero_for_nan(folder, losses, depths):
    logger_of(folder)(np.nan_to_num(losses).tolist(), depths)


@wrong(ex02.log, 'at step 0 "loss" holds 1234.57, not 1234.567')
def two_places(folder, losses, depths):
    logger_of(folder)([round(loss, 2) for loss in losses], depths)


@wrong(ex02.log, 'at step 4 "loss" holds 0.5, not -0.5')
def without_sign(folder, losses, depths):
    logger_of(folder)([abs(loss) for loss in losses], depths)


@wrong(ex02.log, 'at step 0 "depth" holds 3, not 12')
def depths_up_to_3(folder, losses, depths):
    logger_of(folder)(losses, [min(depth, 3) for depth in depths])


@wrong(ex02.log, "your code removes what was in `folder` before")
def in_a_clean_folder(folder, losses, depths):
    shutil.rmtree(folder)
    logger_of(folder)(losses, depths)


@wrong(ex02.log, "0 scalars can be read back: `add_scalar` makes them")
def as_text(folder, losses, depths):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, loss in enumerate(losses):
            logger.add_text("loss", str(loss), step)
