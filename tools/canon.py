"""Put notebooks into their one form: python tools/canon.py [--check] [NOTEBOOK ...]

Keeps what a reader sees: texts, sources, outputs, tags. Drops what differs from run to run or from one editor to the
next: timings, papermill's notes, widget views (their text and picture stay), the interpreter's version. Folds the
outputs of cells tagged `predict`. Without names, all of notebooks/. Then says what no notebook of the course may have.
--check writes nothing, and fails where there is something to say or a notebook is not in its form.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LARGEST = 1_000_000  # characters


def canonical(text: str) -> str:
    """Return the one form of the notebook in `text`."""
    notebook = nbformat.v4.reads(text)  # unlike nbformat.reads, gives no random ids to cells that have none
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    taken = {cell.get("id") for cell in notebook.cells}
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", _new_id(number, taken))
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            count += 1
            if cell.execution_count is not None:  # a cell that was not run stays so, and is reported
                cell.execution_count = count
            cell.outputs = _canonical_outputs(cell.outputs, count)
            if tags and "predict" in tags:  # its answer is folded until the learner has run the cell
                cell.metadata["jupyter"] = {"outputs_hidden": True}
    nbformat.validate(notebook)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _new_id(number: int, taken: set) -> str:
    name = f"cell-{number:02d}"
    return name if name not in taken else name + "-new"


def _canonical_outputs(outputs: list, count: int) -> list:
    kept = []
    for output in outputs:
        if "execution_count" in output:
            output.execution_count = count
        if WIDGET_VIEW in output.get("data", {}):
            del output.data[WIDGET_VIEW]
            if not output.data:
                continue
        if kept and output.output_type == kept[-1].output_type == "stream" and output.name == kept[-1].name:
            kept[-1].text += output.text  # where a stream is cut is chance
        else:
            kept.append(output)
    return kept


def problems(text: str) -> Iterator[str]:
    """Yield, in words, what is in the notebook `text` and may not be in a notebook of the course."""
    if len(text) > LARGEST:
        yield f"is {len(text) / 1e6:.1f} MB; keep it under {LARGEST / 1e6:.0f}"
    for number, cell in enumerate(nbformat.v4.reads(text).cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        tags = cell.metadata.get("tags", [])
        if cell.execution_count is None:
            yield f"cell {number} was not run"
        if "nbval-skip" in tags:
            yield f"cell {number} is skipped by the tests"
        if cell.source.rstrip().endswith(";"):
            yield f"cell {number} ends with a semicolon, which nbval does not heed"
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags:
                yield f"cell {number} ends in {output.ename} and is not tagged raises-exception"
            if output.get("name") == "stderr":
                yield f"cell {number} wrote to stderr: {output.text.strip().splitlines()[-1][:80]}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Put notebooks into their one form.")
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(Path("notebooks").glob("*.ipynb")))
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is to be said")
    options = parser.parse_args(arguments)
    said = 0
    for path in options.notebooks:
        old = path.read_text(encoding="utf-8")
        new = canonical(old)
        remarks = list(problems(new))
        if new != old and options.check:
            remarks.append("is not in canonical form: run python tools/canon.py")
        elif new != old:
            path.write_text(new, encoding="utf-8", newline="\n")
        for remark in remarks:
            print(f"{path}: {remark}", file=sys.stderr)
        said += len(remarks)
    return int(options.check and said > 0)


if __name__ == "__main__":
    sys.exit(main())
