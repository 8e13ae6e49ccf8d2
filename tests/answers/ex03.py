# Code as learners write it.
import contextlib
import copy
import io
import json
import math
import os
import pickle
import random
import re
import warnings
from argparse import Namespace
from datetime import timedelta

import torch
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

from answers import right, wrong
from helpers.exercises import ex03

# ---- best


def keeper(snapshot, better=lambda loss, lowest: loss < lowest, lowest=math.inf):
    """Return an answer that keeps `snapshot(model)` of the best epoch."""

    def keep_best(model, train_one_epoch, evaluate, num_epochs):
        least, kept = lowest, None
        for _ in range(num_epochs):
            train_one_epoch(model)
            loss = evaluate(model)
            if better(loss, least):
                least, kept = loss, snapshot(model)
        return kept

    return keep_best


right(ex03.best)(keeper(lambda model: {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}))
right(ex03.best)(keeper(lambda model: copy.deepcopy(model).state_dict()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: model.state_dict().copy()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: model.state_dict()))
wrong(ex03.best, "the copy is shallow")(keeper(lambda model: dict(model.state_dict())))
wrong(ex03.best, "buffers")(keeper(lambda model: {n: p.detach().clone() for n, p in model.named_parameters()}))
wrong(ex03.best, "the best is epoch 2, and you keep epoch 1.")(
    keeper(lambda model: copy.deepcopy(model.state_dict()), better=lambda loss, lowest: loss > lowest, lowest=-math.inf)
)
wrong(ex03.best, "not an object of type Sequential")(keeper(copy.deepcopy))


@right(ex03.best)
def all_epochs(model, train_one_epoch, evaluate, num_epochs):
    kept = []
    for _ in range(num_epochs):
        train_one_epoch(model)
        kept.append((evaluate(model), copy.deepcopy(model.state_dict())))
    return min(kept, key=lambda pair: (math.isnan(pair[0]), pair[0]))[1]


@wrong(ex03.best, "the best is epoch 2, and you keep epoch 4")
def the_last(model, train_one_epoch, evaluate, num_epochs):
    for _ in range(num_epochs):
        train_one_epoch(model)
    return copy.deepcopy(model.state_dict())


@wrong(ex03.best, "with losses [3.0, 2.0, 1.0] the best is epoch 3, and you keep the model before it was trained")
def evaluates_first(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = 1e9, None
    for _ in range(num_epochs):
        loss = evaluate(model)
        if loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
        train_one_epoch(model)
    return best


@wrong(ex03.best, "with losses [3.1e+38, 2e+38, 3.3e+38] your code gives None")
def starts_from_a_guess(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = 100, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        if evaluate(model) < lowest:
            lowest, best = evaluate(model), copy.deepcopy(model.state_dict())
    return best


@right(ex03.best)
def a_file_of_its_own(model, train_one_epoch, evaluate, num_epochs):
    lowest, file = math.inf, io.BytesIO()
    for _ in range(num_epochs):
        train_one_epoch(model)
        if (loss := evaluate(model)) < lowest:
            lowest, file = loss, io.BytesIO()
            torch.save(model.state_dict(), file)
    file.seek(0)
    return torch.load(file)


@right(ex03.best)
def the_last_of_equals(model, train_one_epoch, evaluate, num_epochs):
    lowest, kept = float("inf"), {}
    for _ in range(num_epochs):
        train_one_epoch(model)
        loss = evaluate(model)
        if loss <= lowest:
            lowest = loss
            kept = {name: torch.clone(tensor) for name, tensor in model.state_dict().items()}
    return kept


@right(ex03.best)
def goes_back_to_it(model, train_one_epoch, evaluate, num_epochs):
    best = all_epochs(model, train_one_epoch, evaluate, num_epochs)
    model.load_state_dict(best)
    return best


wrong(ex03.best, "with losses [2.0, nan, 3.0] the best is epoch 1")(
    keeper(lambda model: copy.deepcopy(model.state_dict()), better=lambda loss, lowest: not loss >= lowest)
)
wrong(ex03.best, "the copy is shallow")(
    keeper(lambda model: {name: tensor.detach() for name, tensor in model.state_dict().items()})
)
wrong(ex03.best, "`0.weight` is no tensor")(
    keeper(lambda model: {name: tensor.tolist() for name, tensor in model.state_dict().items()})
)
wrong(ex03.best, "`0.weight` is missing")(
    keeper(lambda model: {"loss": 0.0, "state": copy.deepcopy(model.state_dict())})
)


@wrong(ex03.best, "you keep epoch 4, the last: is the copy made at once")
def copies_at_the_end(model, train_one_epoch, evaluate, num_epochs):
    return copy.deepcopy(keeper(lambda model: model.state_dict())(model, train_one_epoch, evaluate, num_epochs))


@wrong(ex03.best, "gives None. `without_return` has no `return`")
def without_return(model, train_one_epoch, evaluate, num_epochs):
    best = all_epochs(model, train_one_epoch, evaluate, num_epochs)
    assert best


@wrong(ex03.best, "[3.1e+38, 2e+38, 3.3e+38] your code gives None")
def starts_from_a_million(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = 1e9, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        if (loss := evaluate(model)) < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
    return best


@wrong(ex03.best, "with losses [5.0, 0.5, 0.7, 0.6, 2.0] the best is epoch 2, and you keep epoch 4")
def better_than_the_one_before(model, train_one_epoch, evaluate, num_epochs):
    previous, best = math.inf, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        loss = evaluate(model)
        if loss < previous:
            best = copy.deepcopy(model.state_dict())
        previous = loss
    return best


@wrong(ex03.best, "[2.0, nan, 3.0] the best is epoch 1, and you keep epoch 2")
def by_argmin(model, train_one_epoch, evaluate, num_epochs):
    losses, states = [], []
    for _ in range(num_epochs):
        train_one_epoch(model)
        losses.append(evaluate(model))
        states.append(copy.deepcopy(model.state_dict()))
    return states[int(torch.tensor(losses).argmin())]


@wrong(ex03.best, "[nan, 2.0, 1.0] the best is epoch 3, and you keep epoch 1")
def by_min(model, train_one_epoch, evaluate, num_epochs):
    losses, states = [], []
    for _ in range(num_epochs):
        train_one_epoch(model)
        losses.append(evaluate(model))
        states.append(copy.deepcopy(model.state_dict()))
    return states[losses.index(min(losses))]


@wrong(ex03.best, "[1.0, 0.0, 2.0] the best is epoch 2, and you keep epoch 3")
def takes_zero_for_none(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = None, None
    for _ in range(num_epochs):
        train_one_epoch(model)
        loss = evaluate(model)
        if not lowest or loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
    return best


@wrong(ex03.best, "epoch 2 finds the model in evaluation mode")
def stays_in_evaluation_mode(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(model, train_one_epoch, lambda model: evaluate(model.eval()), num_epochs)


@right(ex03.best)
def switches_modes(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(model, lambda model: train_one_epoch(model.train()), lambda m: evaluate(m.eval()), num_epochs)


@wrong(ex03.best, "epoch 2 is trained without gradients")
def stays_without_gradients(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(model, train_one_epoch, lambda model: evaluate(model.requires_grad_(False)), num_epochs)


@wrong(ex03.best, "epoch 1 is trained without gradients")
@torch.no_grad()
def without_gradients(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(model, train_one_epoch, evaluate, num_epochs)


@wrong(ex03.best, "another model than the one you are given")
def trains_a_copy(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(copy.deepcopy(model), train_one_epoch, evaluate, num_epochs)


@wrong(ex03.best, "you evaluate another model")
def evaluates_the_first(model, train_one_epoch, evaluate, num_epochs):
    first = copy.deepcopy(model)
    return all_epochs(model, train_one_epoch, lambda model: evaluate(first), num_epochs)


@wrong(ex03.best, "epoch 4 must go on from where the model was")
def goes_back_when_worse(model, train_one_epoch, evaluate, num_epochs):
    lowest, best = math.inf, None
    for epoch in range(num_epochs):
        train_one_epoch(model)
        loss = evaluate(model)
        if loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
        elif epoch + 1 < num_epochs:
            model.load_state_dict(best)
    return best


@wrong(ex03.best, "you train for more than the 4 epochs")
def one_too_many(model, train_one_epoch, evaluate, num_epochs):
    return all_epochs(model, train_one_epoch, evaluate, num_epochs + 1)


wrong(ex03.best, "`scratch` is not in the model's state_dict")(
    keeper(lambda model: {n: t.detach().clone() for n, t in [*model.named_parameters(), *model.named_buffers()]})
)
wrong(ex03.best, "`0.weight` is torch.float32, in the model torch.float16")(
    keeper(lambda model: {name: tensor.float() + 0 for name, tensor in model.state_dict().items()})
)
wrong(ex03.best, "`0.bias` is missing")(
    keeper(
        lambda model: {n: t.detach().clone() for n, t in model.state_dict(keep_vars=True).items() if t.requires_grad}
    )
)
wrong(ex03.best, "[1.0, 0.9999, 3.0] the best is epoch 2, and you keep epoch 1")(
    keeper(lambda model: copy.deepcopy(model.state_dict()), better=lambda loss, lowest: loss < lowest - 1e-3)
)


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
        torch.save(plain(torch.load(old_path)), new_path)


@right(ex03.lock)
def upgrade_if_nothing_else(old_path, new_path):
    needed = set(torch.serialization.get_unsafe_globals_in_checkpoint(old_path))
    if not needed <= {"argparse.Namespace", "datetime.timedelta"}:
        raise ValueError("the file needs more")
    checkpoint = torch.load(old_path, weights_only=False)
    torch.save(
        checkpoint | {"args": vars(checkpoint["args"]), "elapsed": checkpoint["elapsed"].total_seconds()}, new_path
    )


@right(ex03.lock)
def in_the_old_format(old_path, new_path):
    with torch.serialization.safe_globals([Namespace, timedelta]):
        torch.save(plain(torch.load(old_path)), new_path, _use_new_zipfile_serialization=False)


@wrong(ex03.lock, "the lock no longer lets pass what it did before")
def upgrade_and_close(old_path, new_path):
    torch.serialization.add_safe_globals([Namespace, timedelta])
    try:
        checkpoint = torch.load(old_path)
    finally:
        torch.serialization.clear_safe_globals()
    torch.save(plain(checkpoint), new_path)


@right(ex03.lock)
def by_hand(old_path, new_path):
    with torch.serialization.safe_globals([Namespace, timedelta]):
        checkpoint = torch.load(old_path)
    namespace, elapsed = checkpoint["args"], checkpoint["elapsed"]
    checkpoint["args"] = {name: getattr(namespace, name) for name in namespace.__dict__}
    checkpoint["elapsed"] = elapsed.days * 86400 + elapsed.seconds + elapsed.microseconds / 1e6
    with open(new_path, "wb") as file:
        torch.save(checkpoint, file)


def opens_all_but(*forbidden):
    """Return an answer that lets pass what does not begin with one of the forbidden names."""

    def upgrade(old_path, new_path):
        needed = torch.serialization.get_unsafe_globals_in_checkpoint(old_path)
        if any(name.startswith(forbidden) for name in needed):
            raise ValueError("forbidden")
        torch.save(plain(torch.load(old_path, weights_only=False)), new_path)

    return upgrade


wrong(ex03.lock, "a program hidden in the file ran")(opens_all_but("builtins."))
wrong(ex03.lock, "a program hidden in the file ran")(opens_all_but("builtins.", "os.", "posix.", "nt.", "subprocess."))


@wrong(ex03.lock, "a program hidden in the file ran")
def by_environment(old_path, new_path):
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    with warnings.catch_warnings(action="ignore"):  # torch warns of what is done here
        torch.save(plain(torch.load(old_path)), new_path)


@wrong(ex03.lock, "the file must hold ['epoch', 'args', 'elapsed']")
def keys_by_heart(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        checkpoint = plain(torch.load(old_path))
    names = ("model_state_dict", "epoch", "args", "elapsed")
    torch.save({name: checkpoint.get(name) for name in names}, new_path)


@wrong(ex03.lock, "the old file is changed or gone")
def removes_the_old_file(old_path, new_path):
    upgrade_again(old_path, new_path)
    old_path.unlink()


@wrong(ex03.lock, "the old file is changed or gone")
def overwrites_the_old_file(old_path, new_path):
    upgrade_again(old_path, new_path)
    upgrade_again(old_path, old_path)


@wrong(ex03.lock, "`elapsed` is tensor(172801.2500)")
def elapsed_as_a_tensor(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        checkpoint = plain(torch.load(old_path))
    torch.save(checkpoint | {"elapsed": torch.tensor(checkpoint["elapsed"])}, new_path)


@wrong(ex03.lock, "`seconds` leaves out days and fractions")
def only_seconds(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        checkpoint = torch.load(old_path)
    torch.save(plain(checkpoint) | {"elapsed": checkpoint["elapsed"].seconds}, new_path)


@wrong(ex03.lock, "`args` is")
def args_as_text(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        checkpoint = torch.load(old_path)
    torch.save(plain(checkpoint) | {"args": str(checkpoint["args"])}, new_path)


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


def opens(*functions):
    """Return an answer that lets these pass, too."""

    def upgrade(old_path, new_path):
        with torch.serialization.safe_globals([Namespace, timedelta, *functions]):
            torch.save(plain(torch.load(old_path)), new_path)

    return upgrade


wrong(ex03.lock, "a program hidden in the file ran")(opens(eval))
wrong(ex03.lock, "a program hidden in the file ran")(opens(open))


@wrong(ex03.lock, "a program hidden in the file ran")
def counts_them(old_path, new_path):
    if len(torch.serialization.get_unsafe_globals_in_checkpoint(old_path)) > 2:
        raise ValueError("the file needs more")
    torch.save(plain(torch.load(old_path, weights_only=False)), new_path)


@wrong(ex03.lock, "the lock stays open")
def replaces_load(old_path, new_path):
    load = torch.load
    upgrade_again(old_path, new_path)
    torch.load = lambda path: load(path, weights_only=False)


def changes(change):
    """Return an answer that writes change(checkpoint)."""

    def upgrade(old_path, new_path):
        with torch.serialization.safe_globals([Namespace, timedelta]):
            torch.save(change(plain(torch.load(old_path))), new_path)

    return upgrade


def nested(change):
    """Return a change of every value within dicts, lists and tuples."""

    def go(value):
        if isinstance(value, dict):
            return {key: go(each) for key, each in value.items()}
        return type(value)(map(go, value)) if type(value) in (list, tuple) else change(value)

    return go


wrong(ex03.lock, "the file must hold ['epoch', 'done', 'history', 'optimizer', 'note', 'args', 'elapsed']")(
    changes(lambda checkpoint: {key: value for key, value in checkpoint.items() if value})
)
wrong(ex03.lock, "`elapsed` is None in the new file, and should be 0.0.")(
    changes(lambda checkpoint: checkpoint | {"elapsed": checkpoint["elapsed"] or None})
)
wrong(ex03.lock, "`args` is {'lr': 0.01} in the new file")(
    changes(lambda c: c | {"args": {name: value for name, value in c["args"].items() if not name.startswith("_")}})
)
wrong(ex03.lock, "`args['_betas']` is [0.9, 0.99] in the new file, and should be (0.9, 0.99)")(
    changes(lambda checkpoint: checkpoint | {"args": json.loads(json.dumps(checkpoint["args"]))})
)
wrong(ex03.lock, "`done` is 1 in the new file, and should be True")(
    changes(nested(lambda value: int(value) if isinstance(value, bool) else value))
)
wrong(ex03.lock, "`model_state_dict['half'].dtype` is torch.float32 in the new file, and should be torch.float16")(
    changes(nested(lambda value: value.float() if getattr(value, "dtype", None) == torch.float16 else value))
)
wrong(ex03.lock, "`leaf.requires_grad` is False in the new file, and should be True")(
    changes(nested(lambda value: value.detach() if isinstance(value, torch.Tensor) else value))
)


@wrong(ex03.lock, "a file with a program in it is taken without a word: let the error pass")
def swallows_all(old_path, new_path):
    with contextlib.suppress(Exception):
        upgrade_again(old_path, new_path)


@wrong(ex03.lock, "where loading fails, a file is left at `new_path`")
def opens_the_new_file_first(old_path, new_path):
    with open(new_path, "wb") as file, torch.serialization.safe_globals([Namespace, timedelta]):
        torch.save(plain(torch.load(old_path)), file)


wrong(ex03.lock, "`elapsed` is 3600.0 in the new file, and should be -3600.0")(
    changes(lambda checkpoint: checkpoint | {"elapsed": abs(checkpoint["elapsed"])})
)


@wrong(ex03.lock, "nothing was written")
def forgets_to_save(old_path, new_path):
    with torch.serialization.safe_globals([timedelta, Namespace]):
        plain(torch.load(old_path))


# ---- prefix


@right(ex03.prefix)
def consumed(model, state_dict):
    state_dict = dict(state_dict)
    consume_prefix_in_state_dict_if_present(state_dict, "module.")
    model.load_state_dict(state_dict)


@right(ex03.prefix)
def sliced(model, state_dict):
    new = {}
    for name, tensor in state_dict.items():
        if name.startswith("module."):
            name = name[len("module.") :]
        new[name] = tensor
    model.load_state_dict(new)


@right(ex03.prefix)
def in_parts(model, state_dict):
    parts = [(*name.partition("module."), tensor) for name, tensor in state_dict.items()]
    model.load_state_dict({rest if not front else front + mid + rest: t for front, mid, rest, t in parts})


@right(ex03.prefix)
def copied_by_hand(model, state_dict):
    new = {name.removeprefix("module."): tensor for name, tensor in state_dict.items()}
    own = model.state_dict()
    if new.keys() != own.keys():
        raise KeyError("names differ")
    for name, tensor in own.items():
        if tensor.shape != new[name].shape:
            raise ValueError(name)
        tensor.copy_(new[name])


@wrong(ex03.prefix, "changes what it is given")
def consumes_what_it_is_given(model, state_dict):
    consume_prefix_in_state_dict_if_present(state_dict, "module.")
    model.load_state_dict(state_dict)


@wrong(ex03.prefix, "your code raises NameError")
def with_a_typo(model, state_dict):
    model.load_state_dict({name.removeprefix("module."): tensr for name, tensor in state_dict.items()})  # noqa: F821


@wrong(ex03.prefix, "`fc.weight` as (1, 3) in place of (2, 3) is taken without a word")
def what_fits(model, state_dict):
    own = model.state_dict()
    new = {name.removeprefix("module."): tensor for name, tensor in state_dict.items()}
    own.update({name: tensor for name, tensor in new.items() if tensor.shape == own[name].shape})
    if new.keys() != own.keys():
        raise KeyError("names differ")
    model.load_state_dict(own)


@wrong(ex03.prefix, "which the model lacks, is taken without a word")
def what_is_known(model, state_dict):
    new = {name.removeprefix("module."): tensor for name, tensor in state_dict.items()}
    model.load_state_dict({name: new[name] for name in model.state_dict()})


@wrong(ex03.prefix, "size mismatch")
def by_place(model, state_dict):
    model.load_state_dict(dict(zip(model.state_dict(), state_dict.values(), strict=True)))


@wrong(ex03.prefix, "`module2` is a name of its own")
def without_the_dot(model, state_dict):
    model.load_state_dict({name.removeprefix("module").lstrip("."): tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "the first part of every name is taken away")
def split(model, state_dict):
    model.load_state_dict({name.split(".", 1)[1]: tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "some names begin with `module.`: seven letters are taken away")
def decided_by_the_first(model, state_dict):
    cut = len("module.") if next(iter(state_dict)).startswith("module.") else 0
    model.load_state_dict({name[cut:]: tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "some names begin with `module.`: the names still have their prefix")
def cut(model, state_dict):
    cut = len("module.") if all(name.startswith("module.") for name in state_dict) else 0
    model.load_state_dict({name[cut:]: tensor for name, tensor in state_dict.items()})


def loads(change=lambda tensor: tensor, **options):
    """Return an answer that loads the tensors changed, with options."""

    def load_unwrapped(model, state_dict):
        new = {name.removeprefix("module."): change(tensor) for name, tensor in state_dict.items()}
        model.load_state_dict(new, **options)

    return load_unwrapped


wrong(ex03.prefix, "the model's parameters are new objects")(loads(assign=True))
wrong(ex03.prefix, "all names begin with `module.`: 1 of 11 tensors loaded")(
    loads(lambda tensor: tensor.half().to(tensor))
)
wrong(ex03.prefix, "a file without `fc.bias` is taken without a word (`strict=False`)")(loads(strict=False))


@wrong(ex03.prefix, "a file without `fc.bias` is taken without a word: it must be an error.")
def swallows(model, state_dict):
    with contextlib.suppress(RuntimeError):
        sliced(model, state_dict)


@wrong(ex03.prefix, "your code changes more than numbers")
def switches_to_evaluation(model, state_dict):
    sliced(model, state_dict)
    model.eval()


@wrong(ex03.prefix, "your code changes more than numbers")
def in_double(model, state_dict):
    sliced(model.double(), state_dict)


@wrong(
    ex03.prefix, "a file with `module.fc.bias2` in place of `module.fc.bias` is taken without a word (`strict=False`)"
)
def counts_names(model, state_dict):
    new = {name.removeprefix("module."): tensor for name, tensor in state_dict.items()}
    if len(new) != len(model.state_dict()):
        raise ValueError("names differ")
    model.load_state_dict(new, strict=False)


@wrong(ex03.prefix, "a file with `module.module.fc.bias` in place of `module.fc.bias` is taken without a word")
def as_often_as_it_is_there(model, state_dict):
    model.load_state_dict({re.sub(r"^(module\.)+", "", name): tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "a file with `net.module.fc.bias` in place of `module.fc.bias` is taken without a word")
def by_its_end(model, state_dict):
    own = model.state_dict()
    found = {name: next(n for n in own if name.endswith(n)) for name in state_dict}
    model.load_state_dict({found[name]: tensor for name, tensor in state_dict.items()})


def copies(shaped):
    """Return an answer that copies what `shaped(tensor, shape)` makes of each tensor."""

    def load_unwrapped(model, state_dict):
        new = {name.removeprefix("module."): tensor for name, tensor in state_dict.items()}
        own = model.state_dict()
        if new.keys() != own.keys():
            raise KeyError("names differ")
        for name, tensor in own.items():
            tensor.copy_(shaped(new[name], tensor.shape))

    return load_unwrapped


wrong(ex03.prefix, "a file with `fc.weight` as (1, 3) in place of (2, 3) is taken")(
    copies(lambda tensor, shape: tensor)
)
wrong(ex03.prefix, "a file with `fc.weight` as (3, 2) in place of (2, 3) is taken")(copies(torch.reshape))


@wrong(ex03.prefix, "a file without a single name is taken without a word")
def empty_is_fine(model, state_dict):
    if state_dict:
        sliced(model, state_dict)


@wrong(ex03.prefix, "the names still have their prefix")
def not_strict(model, state_dict):
    model.load_state_dict(state_dict, strict=False)


@wrong(ex03.prefix, "no name begins with `module.`: seven letters are taken away")
def always_cut(model, state_dict):
    model.load_state_dict({name[7:]: tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "the names still have their prefix")
def as_is(model, state_dict):
    model.load_state_dict(state_dict)


@wrong(ex03.prefix, "`lstrip` takes away letters")
def stripped(model, state_dict):
    model.load_state_dict({name.lstrip("module."): tensor for name, tensor in state_dict.items()})


@wrong(ex03.prefix, "the prefix stands at the beginning only")
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
        saved = torch.load(path)
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


@wrong(ex03.resume, "the model's numbers are not what was saved")
class WithoutModel(Parts):
    forgotten = ("model",)


@wrong(ex03.resume, "such as the momentum, are not what was saved")
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


@right(ex03.resume)
class Shorter:
    def __init__(self, *parts):
        self.model, self.optimizer, self.generator = parts

    def save(self, path, step):
        parts = [part.state_dict() for part in (self.model, self.optimizer)]
        states = [self.generator.get_state(), torch.get_rng_state(), random.getstate()]
        with open(path, "wb") as file:
            torch.save((step, parts, states), file)

    def load(self, path):
        step, parts, (generator, torch_rng, python_rng) = torch.load(path)
        for part, state in zip((self.model, self.optimizer), parts, strict=True):
            part.load_state_dict(state)
        self.generator.set_state(generator)
        torch.set_rng_state(torch_rng)
        random.setstate(python_rng)
        return step


@right(ex03.resume)
class Restored(Parts):
    def save(self, path, step):
        aside = path.with_suffix(".part")
        super().save(aside, step)
        os.replace(aside, path)


@right(ex03.resume)
class WithTheDefaultGenerator(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator)
        self.parts["torch"] = (torch.default_generator.get_state, torch.default_generator.set_state)


@wrong(ex03.resume, "after saving: depth differs. `save` must leave the training as it is")
class SeedsWhenSaving(Parts):
    def save(self, path, step):
        random.seed(0)
        super().save(path, step)


@wrong(ex03.resume, "after the first `save`")
class DrawsWhenSaving(Parts):
    def save(self, path, step):
        torch.rand(1)
        super().save(path, step)


@wrong(ex03.resume, "`load` leaves the model in evaluation mode")
class ToEvaluationMode(Parts):
    def load(self, path):
        step = super().load(path)
        self.parts["model"][0].__self__.eval()
        return step


@wrong(ex03.resume, "`save` leaves the model in evaluation mode")
class SavesInEvaluationMode(Parts):
    def save(self, path, step):
        self.parts["model"][0].__self__.eval()
        super().save(path, step)


@wrong(ex03.resume, "after resuming: depth differs. the depth comes from Python's `random`")
class KeptInTheClass(Parts):
    forgotten = ("python",)
    kept = {}

    def save(self, path, step):
        self.kept[step] = random.getstate()
        super().save(path, step)

    def load(self, path):
        step = super().load(path)
        random.setstate(self.kept[step])
        return step


@wrong(ex03.resume, "`load` works only in the object that saved")
class KeptInTheObject(Parts):
    def save(self, path, step):
        self.step = step
        super().save(path, step)

    def load(self, path):
        super().load(path)
        return self.step


@wrong(ex03.resume, "`checkpoint.rng` lies beside it")
class KeptBeside(Parts):
    def save(self, path, step):
        super().save(path, step)
        path.with_suffix(".rng").write_bytes(pickle.dumps(random.getstate()))


@wrong(ex03.resume, "the optimizer's settings are not what was saved")
class OnlyTheMomentum(Parts):
    def load(self, path):
        optimizer = self.parts["optimizer"][0].__self__
        groups = copy.deepcopy(optimizer.state_dict()["param_groups"])
        step = super().load(path)
        optimizer.load_state_dict({"state": optimizer.state_dict()["state"], "param_groups": groups})
        return step


@wrong(ex03.resume, "`load` returns 4, and 3 steps had been saved")
class FourSteps(Parts):
    def load(self, path):
        super().load(path)
        return 4


@wrong(ex03.resume, "FileNotFoundError")
class WithTheNameByHeart(Parts):
    def load(self, path):
        return super().load(path.with_name("checkpoint.pt"))


@wrong(ex03.resume, "does not load under the default lock")
class Pickled(Parts):
    def save(self, path, step):
        saved = {name: get() for name, (get, _) in self.parts.items()} | {"step": step}
        path.write_bytes(pickle.dumps(saved, protocol=2))


@wrong(ex03.resume, "writes nothing")
class NoFile(Parts):
    def save(self, path, step):
        self.saved = {"step": step}


@wrong(ex03.resume, "the model's numbers are not what was saved")
class WithoutBuffers(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator)
        names = [name for name, _ in model.named_parameters()]
        get = lambda: {name: model.state_dict()[name] for name in names}  # noqa: E731
        self.parts["model"] = get, lambda state: model.load_state_dict(state, strict=False)


@wrong(ex03.resume, "the optimizer does not hold the model's parameters")
class Assigned(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator)
        self.parts["model"] = model.state_dict, lambda state: model.load_state_dict(state, assign=True)


@wrong(ex03.resume, "such as the momentum, are not what was saved")
class OnlyMomentumBuffers(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator)

        def restore(saved):
            for state in saved["state"].values():
                for name in {*state} - {"momentum_buffer"}:
                    state[name] = torch.zeros_like(state[name])
            optimizer.load_state_dict(saved)

        self.parts["optimizer"] = optimizer.state_dict, restore


@wrong(ex03.resume, "the model's numbers are not what was saved")
class NotedWhenMade(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator)
        noted = copy.deepcopy(model.state_dict())
        self.parts["model"] = lambda: noted, model.load_state_dict


@wrong(ex03.resume, "`load` returns 0, and 4 steps had been saved")
class FirstSaveOnly(Parts):
    def save(self, path, step):
        if not path.exists():
            super().save(path, step)


@wrong(ex03.resume, "does not load under the default lock")
class OpensTheLock(Parts):
    def save(self, path, step):
        torch.serialization.add_safe_globals([Namespace])
        self.parts["args"] = (lambda: Namespace(step=step), print)
        super().save(path, step)


@wrong(ex03.resume, "diverges at step 1 after the first `save`: batch differs")
class SeedsWhenMade(Parts):
    def __init__(self, model, optimizer, generator):
        super().__init__(model, optimizer, generator.manual_seed(0))


@wrong(ex03.resume, "`save` changes the gradients")
class ClearsGradients(Parts):
    def save(self, path, step):
        super().save(path, step)
        self.parts["optimizer"][0].__self__.zero_grad()


@wrong(ex03.resume, "puts a model that was in evaluation mode into training mode")
class SavesAndTrains(Parts):
    def save(self, path, step):
        model = self.parts["model"][0].__self__.eval()
        super().save(path, step)
        model.train()


@wrong(ex03.resume, "`load` returns a dict of 6, and 4 steps had been saved")
class ReturnsAll(Parts):
    def load(self, path):
        super().load(path)
        return torch.load(path)


# ---- groups


def by(is_base, is_decayed=lambda name, p: p.ndim > 1, parameters=lambda model: model.named_parameters()):
    """Return an answer with four groups: is_base(model, name, parameter) and is_decayed(name, parameter)."""

    def make_groups(model, lr, weight_decay):
        made = [
            {"params": [], "lr": rate, "weight_decay": decay} for rate in (lr / 10, lr) for decay in (weight_decay, 0)
        ]
        for name, p in parameters(model):
            made[2 * (not is_base(model, name, p)) + (not is_decayed(name, p))]["params"].append(p)
        return made

    return make_groups


def in_base(model, name, parameter):
    return any(parameter is each for each in model.base.parameters())


right(ex03.groups)(by(in_base))
wrong(ex03.groups, "`tokens.weight`, of shape (3, 2), in `model.base` too, has the lr 2.0, not 0.2")(
    by(lambda model, name, parameter: name.startswith("base."))
)
wrong(ex03.groups, "`base.0.weight` stands in your groups 0 times")(
    by(in_base, parameters=lambda model: ((n, p) for n, p in model.named_parameters() if p.requires_grad))
)


@wrong(ex03.groups, "The size of tensor a (2) must match")
def in_a_list(model, lr, weight_decay):
    base = list(model.base.parameters())
    rest = [p for p in model.parameters() if p not in base]
    return [{"params": base, "lr": lr / 10}, {"params": rest, "lr": lr}]


@wrong(ex03.groups, "`tokens.weight`, of shape (3, 2), in `model.base` too, has the lr 2.0, not 0.2")
def one_group_each(model, lr, weight_decay):
    return [
        {
            "params": [p],
            "lr": lr * 0.1 if name.split(".")[0] == "base" else lr,
            "weight_decay": weight_decay * (p.dim() >= 2),
        }
        for name, p in model.named_parameters()
    ]


@right(ex03.groups)
def four_lists(model, lr, weight_decay):
    of_base = {id(p) for p in model.base.parameters()}
    parts = [list(model.base.parameters()), [p for p in model.parameters() if id(p) not in of_base]]
    groups = []
    for params, rate in zip(parts, (lr / 10, lr), strict=True):
        groups.append({"params": [p for p in params if p.ndim >= 2], "lr": rate, "weight_decay": weight_decay})
        groups.append({"params": (p for p in params if p.ndim < 2), "lr": rate, "weight_decay": 0.0})
    return groups


@wrong(ex03.groups, "`classifier.weight`, of shape (2, 3), is in a group that sets no weight_decay; it should be 0.5")
def rates_only(model, lr, weight_decay):
    return [{"params": model.base.parameters(), "lr": lr / 10}, {"params": model.classifier.parameters(), "lr": lr}]


@wrong(ex03.groups, "`classifier.weight` stands in your groups 0 times")
def only_the_base(model, lr, weight_decay):
    return by(in_base)(model, lr, weight_decay)[:2]


wrong(ex03.groups, "`base2.weight`, of shape (4, 4), has the lr 0.2, not 2")(
    by(lambda model, name, parameter: name.startswith("base"))
)
wrong(ex03.groups, "`head.base.weight`, of shape (4, 4), has the lr 0.2, not 2")(
    by(lambda model, name, parameter: "base" in name.split("."))
)
wrong(ex03.groups, "`base.1.weight`, of shape (4,), has the weight_decay 0.01, not 0")(
    by(in_base, lambda name, parameter: parameter.ndim > 0 and not name.endswith("bias"))
)
wrong(ex03.groups, "`bias_table`, of shape (2, 3), has the weight_decay 0, not 0.01")(
    by(in_base, lambda name, parameter: parameter.ndim > 1 and "bias" not in name)
)
wrong(ex03.groups, "`base.0.weight`, of shape (4, 3, 3, 3), has the weight_decay 0, not 0.01")(
    by(in_base, lambda name, parameter: parameter.ndim == 2)
)
wrong(ex03.groups, "`classifier.weight`, of shape (2, 3), has the weight_decay 0, not 0.5")(
    by(in_base, lambda name, parameter: parameter.ndim < 2)
)
wrong(ex03.groups, "`scale`, of shape (), has the weight_decay 0.01, not 0")(
    by(in_base, lambda name, parameter: parameter.ndim != 1)
)
wrong(ex03.groups, "`bias_table` stands in your groups 0 times")(
    by(in_base, parameters=lambda m: [(f"{c}.{n}", p) for c, k in m.named_children() for n, p in k.named_parameters()])
)
wrong(ex03.groups, "`base.2.head.weight` stands in your groups 2 times")(
    by(in_base, parameters=lambda model: model.named_parameters(remove_duplicate=False))
)
wrong(ex03.groups, "a group holds a tensor that is no parameter of the model")(
    by(in_base, parameters=lambda model: model.state_dict().items())
)


@wrong(ex03.groups, "`classifier.weight`, of shape (2, 3), has the lr 0.01, not 0.1")
def the_other_way_round(model, lr, weight_decay):
    return by(lambda *where: not in_base(*where))(model, lr, weight_decay)


@wrong(ex03.groups, "return a list of groups, not a dict of 4")
def a_dictionary(model, lr, weight_decay):
    return dict(enumerate(by(in_base)(model, lr, weight_decay)))


@wrong(ex03.groups, "return a list of groups, not an object of type AdamW")
def the_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(by(in_base)(model, lr, weight_decay), lr=lr)


@wrong(ex03.groups, "a group is a dictionary, and yours is a list of")
def bare_lists(model, lr, weight_decay):
    return [group["params"] for group in by(in_base)(model, lr, weight_decay)]


@wrong(ex03.groups, "a group has `params`, and one of yours has only ['parameters', 'lr']")
def another_key(model, lr, weight_decay):
    return [{"parameters": list(model.parameters()), "lr": lr}]


@wrong(ex03.groups, "gives None")
def keeps_them(model, lr, weight_decay):
    by(in_base)(model, lr, weight_decay)


# ---- slower


@right(ex03.slower)
def changes_a_copy(optimizer, saved, factor):
    saved = copy.deepcopy(saved)
    for group in saved["param_groups"]:
        group["lr"] = group["lr"] * factor
    optimizer.load_state_dict(saved)


@right(ex03.slower)
def with_a_new_dict(optimizer, saved, factor):
    groups = [{**group, "lr": factor * group["lr"]} for group in saved["param_groups"]]
    optimizer.load_state_dict({"state": copy.deepcopy(saved["state"]), "param_groups": groups})


@right(ex03.slower)
def by_position(optimizer, saved, factor):
    optimizer.load_state_dict(copy.deepcopy(saved))
    for i, group in enumerate(saved["param_groups"]):
        optimizer.param_groups[i].update(lr=group["lr"] * factor)


@wrong(ex03.slower, "the learning rates are [0.1, 0.1], and not [0.001, 0.0001]")
def with_a_scheduler(optimizer, saved, factor):
    optimizer.load_state_dict(copy.deepcopy(saved))
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: factor)


@right(ex03.slower)
def through_a_file(optimizer, saved, factor):
    file = io.BytesIO()
    torch.save(saved, file)
    file.seek(0)
    optimizer.load_state_dict(torch.load(file))
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * factor


@wrong(ex03.slower, "`saved` changes at the next step")
def shares(optimizer, saved, factor):
    optimizer.load_state_dict(saved)
    for group in optimizer.param_groups:
        group["lr"] *= factor


@wrong(ex03.slower, "momentum lost")
def scales_the_momentum_buffers(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, factor)
    for state in optimizer.state.values():
        state["momentum_buffer"] *= factor


@wrong(ex03.slower, "`initial_lr` is 0.1, and 1.0 was saved: only `lr` changes")
def scales_every_float(optimizer, saved, factor):
    optimizer.load_state_dict(copy.deepcopy(saved))
    for group in optimizer.param_groups:
        for name, value in group.items():
            if isinstance(value, float):
                group[name] = value * factor


@wrong(ex03.slower, "only `lr` changes")
def keeps_its_own_settings(optimizer, saved, factor):
    own = [{**group} for group in optimizer.param_groups]
    changes_a_copy(optimizer, saved, factor)
    for group, old in zip(optimizer.param_groups, own, strict=True):
        group["momentum"] = old.get("momentum")


@wrong(ex03.slower, "the learning rates are [0.1, 0.1], and not [0.001, 0.0001]")
def own_rates(optimizer, saved, factor):
    rates = [group["lr"] for group in optimizer.param_groups]
    optimizer.load_state_dict(copy.deepcopy(saved))
    for group, lr in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = lr * factor


@wrong(ex03.slower, "your code moves the weights")
def takes_a_step(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, factor)
    state = copy.deepcopy(optimizer.state_dict())
    for group in optimizer.param_groups:
        for weight in group["params"]:
            weight.grad = torch.ones(3)
    optimizer.step()
    optimizer.load_state_dict(state)


@wrong(ex03.slower, "the learning rates are")
def divides(optimizer, saved, factor):
    optimizer.load_state_dict(copy.deepcopy(saved))
    for group in optimizer.param_groups:
        group["lr"] /= factor


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


@wrong(ex03.slower, "`optimizer.state` has keys that are not its own parameters")
def under_numbers(optimizer, saved, factor):
    optimizer.state.clear()
    optimizer.state.update(copy.deepcopy(saved["state"]))
    for group, old in zip(optimizer.param_groups, saved["param_groups"], strict=True):
        group.update({name: value for name, value in old.items() if name != "params"}, lr=old["lr"] * factor)


@wrong(ex03.slower, "`optimizer.state` has keys that are not its own parameters")
def copies_the_keys(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, factor)
    optimizer.state = copy.deepcopy(optimizer.state)


@wrong(ex03.slower, "`optimizer` is as it was")
def another_optimizer(optimizer, saved, factor):
    optimizer = copy.deepcopy(optimizer)
    changes_a_copy(optimizer, saved, factor)
    return optimizer


@wrong(ex03.slower, "the learning rates are [0.1, 0.1], and not [0.001, 0.0001]")
def from_the_initial_rate(optimizer, saved, factor):
    optimizer.load_state_dict(copy.deepcopy(saved))
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor if "initial_lr" in group else group["lr"] * factor


@wrong(ex03.slower, "lr unchanged")
def never_faster(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, min(factor, 1))


@wrong(ex03.slower, "the learning rates are [0.25, 0.125, 0.00167], and not [0.25, 0.125, 0.001666666667]")
def rounds(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, factor)
    for group in optimizer.param_groups:
        group["lr"] = round(group["lr"], 5)


@wrong(ex03.slower, "momentum lost")
def keeps_its_own_where_none_is_saved(optimizer, saved, factor):
    own = copy.copy(optimizer.state)
    changes_a_copy(optimizer, saved, factor)
    if not saved["state"]:
        optimizer.state = own


@wrong(ex03.slower, "two steps later the weights are others")
def slows_at_every_step(optimizer, saved, factor):
    changes_a_copy(optimizer, saved, factor)

    def slow_again(optimizer, *_):
        for group in optimizer.param_groups:
            group["lr"] *= factor

    optimizer.register_step_post_hook(slow_again)


@wrong(ex03.slower, "`saved` changes at the next step")
def copies_what_it_knows(optimizer, saved, factor):
    names = "momentum_buffer", "exp_avg", "exp_avg_sq", "step"
    state = {
        i: {name: copy.deepcopy(value) if name in names else value for name, value in each.items()}
        for i, each in saved["state"].items()
    }
    optimizer.load_state_dict({"state": state, "param_groups": saved["param_groups"]})
    for group in optimizer.param_groups:
        group["lr"] *= factor
