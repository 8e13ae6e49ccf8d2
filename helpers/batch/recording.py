"""How a notebook hands numbers to the batch: as scraps, the outputs that scrapbook invented for papermill."""

import json
import math
import os
from collections.abc import Iterator

SCRAP = "application/scrapbook.scrap.json+json"


def record(**numbers) -> None:
    """Record numbers under their names, for the results of a batch: record(loss=loss, accuracy=accuracy).

    Takes Python's numbers and whatever has one number in `item()`, such as a tensor. A batch stores each as a scrap,
    in scrapbook's format; elsewhere only the name is shown, so that a stored notebook holds no number that changes.
    Raises TypeError for anything that is not a number.
    """
    from IPython.display import display

    for name, value in numbers.items():
        value = value.item() if hasattr(value, "item") else value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"record({name}=…) takes a number, not {type(value).__name__}.")
        bundle = {"text/plain": f"recorded: {name}"}
        if os.environ.get("COURSE_BATCH"):
            data = value if math.isfinite(value) else str(value)  # JSON has no nan and no infinity
            bundle[SCRAP] = {"name": name, "data": data, "encoder": "json", "version": 1}
        display(bundle, raw=True)


def recorded(notebook: dict) -> dict[str, float]:
    """Return the numbers recorded in an executed notebook, the last of each name."""
    return {scrap["name"]: float(scrap["data"]) for scrap in _scraps(notebook) if _is_number(scrap["data"])}


def _scraps(notebook: dict) -> Iterator[dict]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if SCRAP in output.get("data", {}):
                scrap = output["data"][SCRAP]
                yield json.loads(scrap) if isinstance(scrap, str) else scrap


def _is_number(data) -> bool:
    return isinstance(data, (int, float)) or data in ("nan", "inf", "-inf")
