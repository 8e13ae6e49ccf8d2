# Code as learners write it.
import copy
import random
from argparse import Namespace
from datetime import timedelta

import torch
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

from answers import right, wrong
from helpers.exercises import ex03

# ---- best


def keeper(snapshot, better=lambda loss, lowest: loss < lowest):
    """Return an answer that keeps `snapshot(model)` of the best epoch."""

    def keep_best(model, train_one_epoch, evaluate, num_epochs):
        lowest, kept = None, None
        for _ in range(num_epochs):
            train_one_epoch(model)
            loss = evaluate(model)
            if lowest is None or better(loss, lowest):
                lowest, kept = loss, snapshot(model)
        return kept

    return keep_best


right(ex03.best)(keeper(lambda model: {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}))
right(ex03.best)(keeper(lambda model: copy.deepcopy(model).state_dict()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: model.state_dict().copy()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: model.state_dict()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: dict(model.state_dict())))
wrong(ex03.best, "buffers")(keeper(lambda model: {n: p.detach().clone() for n, p in model.named_parameters()}))
wrong(ex03.best, "the best is epoch 2")(
    keeper(lambda model: copy.deepcopy(model.state_dict()), better=lambda loss, lowest: loss > lowest)
)
wrong(ex03.best, "not Sequential")(keeper(copy.deepcopy))


@right(ex03.best)
def all_epochs(model, train_one_epoch, evaluate, num_epochs):
    kept = []
    for _ in range(num_epochs):
        train_one_epoch(model)
        kept.append((evaluate(model), copy.deepcopy(model.state_dict())))
    return min(kept, key=lambda pair: pair[0])[1]


@wrong(ex03.best, "the best is epoch 2, and you keep epoch 4")
def the_last(model, train_one_epoch, evaluate, num_epochs):
    for _ in range(num_epochs):
        train_one_epoch(model)
    return copy.deepcopy(model.state_dict())


@wrong(ex03.best, "you keep no epoch: evaluate after training")
def evaluates_first(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = 1e9, None
    for _ in range(num_epochs):
        loss = evaluate(model)
        if loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
        train_one_epoch(model)
    return best


@wrong(ex03.best, "with losses [3000000.0, 2000000.0, 4000000.0] your code gives None")
def starts_from_a_guess(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = 100, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        if evaluate(model) < lowest:
            lowest, best = evaluate(model), copy.deepcopy(model.state_dict())
    return best


@wrong(ex03.best, "not 4")
def stops_early(model, train_one_epoch, evaluate, num_epochs):
    train_one_epoch(model)
    return copy.deepcopy(model.state_dict())


# ---- lock


def plain(checkpoint):
    return {
        **checkpoint,
        "args": dict(checkpoint["args"].__dict__),
        "elapsed": checkpoint["elapsed"] / timedelta(seconds=1),
    }


@right(ex03.lock)
def upgrade_again(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        torch.save(plain(torch.load(old_path, map_location="cpu", weights_only=True)), new_path)


@wrong(ex03.lock, "fix the file, not the lock")
def without_the_lock(old_path, new_path):
    torch.save(plain(torch.load(old_path, weights_only=False)), new_path)


@wrong(ex03.lock, "the lock stays open")
def opens_the_lock(old_path, new_path):
    torch.serialization.add_safe_globals([Namespace, timedelta])
    torch.save(plain(torch.load(old_path)), new_path)


@wrong(ex03.lock, "still needs `argparse.Namespace`")
def as_it_was(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        torch.save(torch.load(old_path), new_path)


@wrong(ex03.lock, "all of them")
def leaves_out(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        torch.save({"epoch": torch.load(old_path)["epoch"]}, new_path)


@wrong(ex03.lock, "`elapsed` is")
def elapsed_as_text(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        checkpoint = torch.load(old_path)
    torch.save(plain(checkpoint) | {"elapsed": str(checkpoint["elapsed"])}, new_path)


@wrong(ex03.lock, "where loading fails, the lock stays open")
def closes_it_if_all_goes_well(old_path, new_path):
    torch.serialization.add_safe_globals([Namespace, timedelta])
    torch.save(plain(torch.load(old_path)), new_path)
    torch.serialization.clear_safe_globals()


@wrong(ex03.lock, "the lock stops at `")
def only_loads(old_path, new_path):
    torch.save(torch.load(old_path), new_path)


@wrong(ex03.lock, "nothing was written")
def forgets_to_save(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        plain(torch.load(old_path))


# ---- prefix


@right(ex03.prefix)
def consumed(model, state_dict):
    consume_prefix_in_state_dict_if_present(state_dict, "module.")
    model.load_state_dict(state_dict)


@right(ex03.prefix)
def cut(model, state_dict):
    cut = len("module.") if all(name.startswith("module.") for name in state_dict) else 0
    model.load_state_dict({name[cut:]: tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "0 of 9 tensors loaded")
def not_strict(model, state_dict):
    model.load_state_dict(state_dict, strict=False)


@wrong(ex03.prefix, "names without a prefix")
def always_cut(model, state_dict):
    model.load_state_dict({name[7:]: tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "0 of 9 tensors loaded")
def as_is(model, state_dict):
    model.load_state_dict(state_dict)


@wrong(ex03.prefix, "`lstrip` takes away letters")
def stripped(model, state_dict):
    model.load_state_dict({name.lstrip("module."): tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "The prefix stands at the beginning only")
def replaced(model, state_dict):
    model.load_state_dict({n.replace("module.", ""): tensor for n, tensor in state_dict.items()}, strict=False)


@wrong(ex03.prefix, "without a word")
def cut_not_strict(model, state_dict):
    model.load_state_dict({n.removeprefix("module."): tensor for n, tensor in state_dict.items()}, strict=False)


# ---- resume


class Parts:
    """A right answer in parts; those named in `forgotten` are not restored."""

    forgotten = ()

    def __init__(self, model, optimizer, generator):
        self.parts = {
            "model": (model.state_dict, model.load_state_dict),
            "optimizer": (optimizer.state_dict, optimizer.load_state_dict),
            "generator": (generator.get_state, generator.set_state),
            "torch": (torch.get_rng_state, torch.set_rng_state),
            "python": (random.getstate, random.setstate),
        }

    def save(self, path, step):
        torch.save({"step": step} | {name: get() for name, (get, _) in self.parts.items()}, path)

    def load(self, path):
        saved = torch.load(path, weights_only=True)
        for name, (_, restore) in self.parts.items():
            if name not in self.forgotten:
                restore(saved[name])
        return saved["step"]


right(ex03.resume)(Parts)


@wrong(ex03.resume, "diverges at step 1 after resuming: depth differs")
class WithoutPython(Parts):
    forgotten = ("python",)


@wrong(ex03.resume, "batch differs")
class WithoutGenerator(Parts):
    forgotten = ("generator",)


@wrong(ex03.resume, "the weights are not what was saved")
class WithoutModel(Parts):
    forgotten = ("model",)


@wrong(ex03.resume, "the momentum buffers are not what was saved")
class WithoutOptimizer(Parts):
    forgotten = ("optimizer",)


@wrong(ex03.resume, "loss differs")
class WithoutTorch(Parts):
    forgotten = ("torch",)


@wrong(ex03.resume, "differs")
class AsInTheNotes(Parts):
    forgotten = ("generator", "torch", "python")


@wrong(ex03.resume, "`load` returns None")
class ForgetsTheStep(Parts):
    def load(self, path):
        super().load(path)


@wrong(ex03.resume, "does not load under the default lock")
class WholeModel(Parts):
    def save(self, path, step):
        torch.save({"step": step, "model": self.parts["model"][0].__self__}, path)


@wrong(ex03.resume, "writes nothing")
class NoFile(Parts):
    def save(self, path, step):
        self.saved = {"step": step}


# ---- slower


@right(ex03.slower)
def changes_a_copy(optimizer, saved, factor):
    saved = copy.deepcopy(saved)
    for group in saved["param_groups"]:
        group["lr"] = group["lr"] * factor
    optimizer.load_state_dict(saved)


@wrong(ex03.slower, "changes what it is given")
def changes_the_file(optimizer, saved, factor):
    for group in saved["param_groups"]:
        group["lr"] *= factor
    optimizer.load_state_dict(saved)


@wrong(ex03.slower, "momentum lost")
def without_the_optimizer(optimizer, saved, factor):
    for group, old in zip(optimizer.param_groups, saved["param_groups"], strict=True):
        group["lr"] = old["lr"] * factor


@wrong(ex03.slower, "lr unchanged")
def stale_groups(optimizer, saved, factor):
    groups = optimizer.param_groups
    optimizer.load_state_dict(saved)
    for group in groups:
        group["lr"] *= factor


@wrong(ex03.slower, "lr unchanged")
def sets_an_attribute(optimizer, saved, factor):
    optimizer.load_state_dict(saved)
    optimizer.lr = saved["param_groups"][0]["lr"] * factor
    optimizer.defaults["lr"] = optimizer.lr


@wrong(ex03.slower, "the learning rates are")
def first_group_only(optimizer, saved, factor):
    optimizer.load_state_dict(saved)
    optimizer.param_groups[0]["lr"] *= factor


@wrong(ex03.slower, "the learning rates are")
def one_rate_for_all(optimizer, saved, factor):
    optimizer.load_state_dict(saved)
    for group in optimizer.param_groups:
        group["lr"] = factor
