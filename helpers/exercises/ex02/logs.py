"""The exercise on event files."""

import tempfile
from pathlib import Path

from helpers.exercises.core import exercise
from helpers.exercises.words import expect, reject, run, same, shown


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
    needs=("tensorboard.backend.event_processing.event_accumulator", "tensorboardX"),  # the second for most answers
)
def log(answer):
    """Every loss and every depth can be read back, at its step, as soon as the function returns."""
    _expect_log(answer, [600.0, 410.5, 220.25, 300.75, 90.5, 44.0, 21.5], [3, 0, 1, 2, 0, 3, 1])
    _expect_log(answer, [0.25], [2])
    _expect_log(answer, [1.5 * step for step in range(60, 0, -1)], [step % 4 for step in range(60)])
    _expect_log(answer, [1234.567, 0.0, 0.0625, 0.0625, -0.5, float("nan"), float("inf"), 3.0], [12, *range(7)])


def _expect_log(answer, losses: list, depths: list) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        kept = Path(folder, "notes.txt")
        kept.touch()
        run(lambda losses, depths: answer(folder, losses, depths), losses, depths)
        expect(kept.exists(), "your code removes what was in `folder` before.")
        scalars = read_scalars(folder)
        places = {path.parent == Path(folder) for path in Path(folder).rglob("*tfevents*")}
    count = len(losses)
    reject(not places, "there is no event file in `folder`: give `folder` to the SummaryWriter.")
    is_below = not scalars and False in places
    reject(is_below, "the events lie in a folder below `folder`: write into `folder` itself, with `add_scalar`.")
    in_memory = "0 scalars can be read back: `add_scalar` makes them, and `close()` writes what waits in memory."
    expect(scalars, in_memory)
    for tag, values, others in (("loss", losses, depths), ("depth", depths, losses)):
        missing = f'there is no scalar "{tag}": the tags are {", ".join(scalars)}.'
        two = " Do you make two SummaryWriters? In the same second they write one file: use one for both."
        expect(tag in scalars, missing + two * (list(scalars) == ["depth"]))
        events = sorted((event.step, event.value) for event in scalars[tag])
        steps, got = [step for step, _ in events], [value for _, value in events]
        case = f'of {count} given, "{tag}" holds'
        expect(len(steps) == count, f"{case} {len(steps)} events, at the steps {shown(steps)}.")
        reject(count > 1 and len(set(steps)) == 1, f'every event of "{tag}" is at step {steps[0]}.')
        exchanged = same(sorted(got), list(range(count))) and steps == sorted(int(value) for value in values)
        reject(exchanged and count > 1, f'"{tag}" has its step as value, and its value as step: the value comes first.')
        reject(steps == list(range(1, count + 1)), f'the steps of "{tag}" begin at 1: the first is step 0.')
        expect(steps == list(range(count)), f'the steps of "{tag}" are {shown(steps)}, not 0 to {count - 1}.')
        reject(same(got, others), f'"{tag}" holds the values of the other.')
        for step, (value, wanted) in enumerate(zip(got, values, strict=True)):
            expect(same(value, wanted), f'at step {step} "{tag}" holds {value:.7g}, not {wanted:.7g}.')
