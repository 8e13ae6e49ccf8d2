"""Run notebooks over a grid of parameters: python -m helpers.batch NOTEBOOKS… --set name=v1,v2 … --workers N --out DIR.

Each run is a run of papermill in a process of its own, with the notebook's folder as working folder. What is done stays
done: the same command again runs only what is missing or failed. DIR/index.html and DIR/results.csv show the results.
Exit code: 0, 1 where a run failed, 2 for a wrong command, 130 after Ctrl-C.
"""

import argparse
import glob
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from tqdm import tqdm

from helpers.batch.cluster import Cluster
from helpers.batch.execution import Result
from helpers.batch.grid import CannotStart, Run, parse_settings, plan
from helpers.batch.local import LocalProcesses
from helpers.batch.records import failed, in_words, is_done, load_records, new_record, store
from helpers.batch.report import summary, write_report
from helpers.batch.versions import library_versions


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with Cluster(options.scheduler) if options.scheduler else LocalProcesses(options.workers) as place:
            runs = plan(_paths(options.notebooks), parse_settings(options.set), library_versions())
            _make_folder(options.out)
            return _run_all(runs, place, options)
    except CannotStart as error:
        print(f"helpers.batch: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept; the same command goes on with the rest.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.batch",
        description="Run notebooks with papermill over a grid of parameters; what is done already is not run again.",
    )
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="a notebook, or a pattern such as *.ipynb")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=V1,V2",
        help="values of a parameter, read as papermill's -y reads them; give it once for each parameter",
    )
    parser.add_argument("--workers", type=_positive, default=1, metavar="N", help="runs at a time (1)")
    parser.add_argument("--out", type=Path, default=Path("runs"), metavar="DIR", help="where results are kept (runs)")
    parser.add_argument(
        "--time-limit", type=_positive, default=3600, metavar="S", help="seconds after which a run is ended (3600)"
    )
    parser.add_argument("--again", action="store_true", help="run also what is done already")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="run on the Dask cluster of this scheduler, such as tcp://host:8786"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _paths(patterns: list[str]) -> list[Path]:
    """Return the files, in order; patterns are for shells that leave them alone, as those of Windows do."""
    return list(dict.fromkeys(Path(name) for pattern in patterns for name in sorted(glob.glob(pattern)) or [pattern]))


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"--out {out} cannot be made: {error.strerror}.") from None


def _run_all(runs: list[Run], place: LocalProcesses | Cluster, options: argparse.Namespace) -> int:
    """Run what is not done, with a line for each run; keep its files and the report; return the exit code."""
    records = load_records(options.out)
    missing = [run for run in runs if options.again or not is_done(records.get(run.name), run)]
    if len(missing) < len(runs):
        print(f"{len(runs) - len(missing)} of {len(runs)} runs are done already (--again repeats them).")
    with tqdm(total=len(missing), unit="run", disable=None) as bar:
        for run, result in _results({place.submit(run, options.time_limit): run for run in missing}):
            records[run.name] = record = store(options.out, result.record, result.notebook, result.page)
            bar.update()
            bar.write(_line(run, record))
            _report(options.out, runs, records)
    _report(options.out, runs, records)
    mine = [records[run.name] for run in runs]
    print(f"{summary(mine)} {options.out / 'index.html'}")
    return int(any(record["state"] == "failed" for record in mine))


def _results(runs: dict[Future, Run]) -> Iterator[tuple[Run, Result]]:
    """Yield each run with its result, in the order in which they end."""
    while runs:
        for future in wait(runs, 1, FIRST_COMPLETED).done:  # after a second again, or Windows would not hear of Ctrl-C
            run = runs.pop(future)
            try:
                result = future.result()
            except Exception as error:  # all workers that tried it were lost, for one
                result = Result(failed(new_record(run), f"{type(error).__name__}: {error}"))
            yield run, result


def _line(run: Run, record: dict) -> str:
    line = f"{record['state']:6} {record['seconds']:7.1f} s {record['megabytes']:6} MB  {run.label}"
    return f"{line}: {record['reason']}" if record["reason"] else line


def _report(out: Path, runs: list[Run], records: dict[str, dict]) -> None:
    """Write the report of every run in `out`, those of this batch first; say so where it cannot be written."""
    records |= load_records(out, records)  # what another batch has put there meanwhile
    names = dict.fromkeys([run.name for run in runs] + sorted(records))
    try:
        write_report(out, [records[name] for name in names if name in records])
    except OSError as error:
        tqdm.write(f"The report cannot be written: {in_words(error, out)}", file=sys.stderr)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` ends a batch as gently as Ctrl-C
    sys.exit(main())
