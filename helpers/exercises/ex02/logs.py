"""The exercise on event files."""

import tempfile
from pathlib import Path

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, expect_same, reject


def log_run(folder, losses, depths):
    """Write the loss and the depth of each step to an event file in `folder`, as the scalars "loss" and "depth"."""
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as logger:
        for step, (loss, depth) in enumerate(zip(losses, depths, strict=True)):
            logger.add_scalar("loss", loss, step)
            logger.add_scalar("depth", depth, step)


def read_scalars(folder: str) -> dict[str, list]:
    """Return the scalars of the event files in `folder`: tag → events with `step` and `value`."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    return {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}


@exercise(
    solution=log_run,
    hints=(
        '`logger.add_scalar("loss", value, step)` writes one number. Without a step, or always with the same, '
        "nobody can tell the order.",
        "What is added waits in memory. Who writes it to the file, and when?",
        "`with SummaryWriter(folder) as logger:` closes the file at the end of the block, also after an error.",
    ),
)
def log(answer):
    """Every loss and every depth can be read back, at its step, as soon as the function returns."""
    losses, depths = [600.0, 410.5, 220.25, 300.75, 90.5, 44.0, 21.5], [3, 0, 1, 2, 0, 3, 1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        answer(folder, list(losses), list(depths))
        scalars = read_scalars(folder)
        places = {path.parent == Path(folder) for path in Path(folder).rglob("*tfevents*")}
    reject(not places, "there is no event file in `folder`: give `folder` to the SummaryWriter.")
    reject(places == {False}, "the events lie in a folder below `folder`: write into `folder` itself.")
    reject(not scalars, "0 events can be read back: what waits in memory must be written. Was the logger closed?")
    for tag, values in (("loss", losses), ("depth", depths)):
        expect(tag in scalars, f'there is no scalar "{tag}": the tags are {", ".join(scalars)}.')
        steps = [event.step for event in scalars[tag]]
        cut_off = " `close()` waits until the rest is written." if steps == list(range(len(steps))) else ""
        expect(len(steps) == len(values), f'"{tag}" has {len(steps)} events, not {len(values)}.{cut_off}')
        reject(len(set(steps)) == 1, f'every event of "{tag}" is at step {steps[0]}.')
        reject(steps == list(range(1, len(values) + 1)), f'the steps of "{tag}" begin at 1: the first is step 0.')
        expect(steps == list(range(len(values))), f'the steps of "{tag}" are {steps}, not 0 to {len(values) - 1}.')
        got = [event.value for event in scalars[tag]]
        mistakes = {f'"{tag}" holds the values of the other.': depths if tag == "loss" else losses}
        expect_same(got, values, f'the values of "{tag}" are not those of the run.', mistakes)
