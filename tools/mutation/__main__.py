"""Make the course's right answers and drawings wrong in small ways, and see what notices.

    python tools/mutation                          everything: an hour
    python tools/mutation ex01 ex02                the checks of these exercises, against mutants of every right answer
    python tools/mutation helpers/plots/bars.py    a module of drawings, against its tests
    python tools/mutation --sample 20              at most 20 mutants of each exercise and each module
    python tools/mutation --write ex01             and what was counted goes into the table of CONTRIBUTING.md

Prints every survivor as a change, then a table. A survivor is mended (the check, the test), or it is equivalent: then
it stands in tools/mutation/equivalents/ with a reason. Fails where there are survivors without one, or reasons for
none.
"""

import argparse
import os
import random
import re
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "tests")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

import targets  # noqa: E402
from judging import survivors  # noqa: E402

EQUIVALENTS = Path(__file__).parent / "equivalents"
TABLE = re.compile(r"(<!-- mutation: begin -->\n)(.*?)(<!-- mutation: end -->)", flags=re.DOTALL)
HEAD = "| what | mutants | equivalent | killed | of the others |\n|---|---|---|---|---|\n"


def equivalents_of(target: str) -> dict[str, dict[str, str]]:
    """Return the mutants of a target that are known to be equivalent: group → change → reason."""
    file = EQUIVALENTS / (target.removeprefix("helpers/").removesuffix(".py").replace("/", "_") + ".toml")
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def run(target: str, sample: int | None, jobs: int) -> list[dict]:
    """Judge the mutants of a target, print those that survive, return a row for each group."""
    if target.endswith(".py"):
        tasks, judge = list(targets.module_tasks(Path(target))), targets.passes_its_tests
    else:
        tasks, judge = list(targets.exercise_tasks(target)), targets.is_accepted
    by_group = defaultdict(list)
    for task in tasks:
        by_group[task.group].append(task)
    rows = {group: Counter(all=len(some), group=group) for group, some in by_group.items()}
    if sample:
        some = [random.Random(0).sample(each, min(sample, len(each))) for each in by_group.values()]
        tasks = [task for each in some for task in each]
    for task in tasks:
        rows[task.group]["made"] += 1
    known = equivalents_of(target)
    seen = set()
    for task in survivors(tasks, judge, seconds=60, jobs=jobs):
        name = task.group.rpartition(".")[2]
        seen.add((name, task.mutant.change))
        is_known = task.mutant.change in known.get(name, {})
        rows[task.group]["equivalent" if is_known else "survived"] += 1
        if not is_known:
            print(f"{task.group} survives: {task.mutant.change}", flush=True)
    stale = {(name, change) for name, changes in known.items() for change in changes} - seen
    for name, change in sorted(stale) if not sample else ():
        print(f"{target}: the equivalent mutant is none, remove it: [{name}] {change}")
        rows[next(group for group in rows if group.rpartition(".")[2] == name)]["stale"] += 1
    return list(rows.values())


def table_row(row: dict) -> str:
    count = row["made"] - row["equivalent"]
    killed = count - row["survived"]
    share = killed / max(1, count)
    made = f"{row['made']} of {row['all']}" if row["made"] < row["all"] else row["made"]
    return f"| {row['group']} | {made} | {row['equivalent']} | {killed} | {share:.1%} |"


def write_rows(rows: list[dict]) -> None:
    """Put the rows into the table of CONTRIBUTING.md, in place of those of the same name; sorted, exercises first."""
    file = targets.REPOSITORY / "CONTRIBUTING.md"
    text = file.read_text(encoding="utf-8")
    lines = TABLE.search(text)[2].splitlines()[2:] + [table_row(row) for row in rows]
    last_of_name = {line.split("|")[1]: line for line in lines}
    in_order = sorted(last_of_name.values(), key=lambda line: (not line.startswith("| ex"), line))
    file.write_text(TABLE.sub(lambda m: m[1] + HEAD + "\n".join(in_order) + "\n" + m[3], text), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=[])
    parser.add_argument("--sample", type=int, help="take at most so many mutants of each group, always the same")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help="put the rows into the table of CONTRIBUTING.md")
    options = parser.parse_args()
    rows = []
    for target in options.targets or targets.all_targets():
        rows += run(target, options.sample, options.jobs)
    print(HEAD + "\n".join(map(table_row, rows)))
    if options.write:
        write_rows(rows)
    return any(row["survived"] or row.get("stale") for row in rows)


if __name__ == "__main__":
    sys.exit(main())
