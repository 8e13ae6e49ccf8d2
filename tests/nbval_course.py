"""What nbval lacks to compare the course's notebooks; `pytest --noconftest` is nbval as it comes.

- A display that is updated, or cleared and drawn again, is compared in its last state, as a reader sees it.
- Decimal numbers in text are compared with a tolerance; words and whole numbers must be the same.
- Addresses and the device of a printed tensor do not count, nor do the words of an error that `helpers.errors` shows.
- A cell that was never run fails, and so, within two seconds, does one whose kernel has died.
"""

import math
import re
from queue import Empty

import pytest
from nbformat.v4 import output_from_msg
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

RELATIVE, ABSOLUTE = 5e-3, 5e-4
DECIMAL = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE][-+]?\d))(?:[eE][-+]?\d+)?")
UNSTABLE = re.compile(r",\s+device='(?:cuda|mps)(?::\d+)?'|0x[0-9a-fA-F]{6,16}")

# What helpers.errors shows, up to the type of the error; the words after it are a library's.
RAISED = re.compile(r'^(raised \w+|<pre data-raised="\w+").*', flags=re.DOTALL)


class Text(str):
    """Text of an output, equal to another that differs only in its decimals, and in those only a little."""

    __hash__ = None

    def __eq__(self, other):
        if not isinstance(other, str) or DECIMAL.split(self) != DECIMAL.split(other):
            return False
        pairs = zip(DECIMAL.findall(self), DECIMAL.findall(other), strict=True)
        return all(math.isclose(float(a), float(b), rel_tol=RELATIVE, abs_tol=ABSOLUTE) for a, b in pairs)

    def __ne__(self, other):
        return not self == other


def replay(messages: list[dict]) -> list:
    """Return the outputs that a front end shows once it has received these messages of one cell."""
    outputs, displays, clear_first = [], {}, False
    for message in messages:
        kind, content = message["msg_type"], message["content"]
        display_id = content.get("transient", {}).get("display_id")
        if kind == "clear_output":
            clear_first = content["wait"]
            if not clear_first:
                outputs.clear()
        elif kind == "update_display_data":
            for output in displays.get(display_id, []):
                output.update(data=content["data"], metadata=content["metadata"])
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if clear_first:
                outputs.clear()
                clear_first = False
            outputs.append(output_from_msg(message))
            displays.setdefault(display_id, []).append(outputs[-1])
    return outputs


class CourseFile(IPyNbFile):
    """A notebook whose kernel is watched while a cell runs, and whose messages are kept for `replay`."""

    def collect(self):
        for cell in super().collect():
            yield CourseCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )

    def setup(self):
        super().setup()
        self.messages = []
        self.kernel.await_reply = self.await_reply

    def await_reply(self, msg_id, timeout):
        """Wait for the end of a cell as nbval does, but look every second whether the kernel is still alive."""
        for _ in range(math.ceil(timeout)):
            try:
                return type(self.kernel).await_reply(self.kernel, msg_id, timeout=1)
            except Empty:
                if not self.kernel.is_alive():
                    raise RuntimeError("The kernel died while it ran this cell: out of memory?") from None
        raise Empty

    def get_kernel_message(self, timeout=None, stream="iopub"):
        message = super().get_kernel_message(timeout, stream)
        self.messages.append(message)
        return message


class CourseCell(IPyNbCell):
    """A cell compared in the state that a reader sees, its decimals with a tolerance."""

    def runtest(self):
        self.parent.messages.clear()
        super().runtest()
        if self.cell.execution_count is None and self.cell.source.strip():
            self.raise_cell_error("This cell was never run, so there is no output to compare: `make notebooks` runs it")

    def compare_outputs(self, test, ref, skip_compare=None):
        ended = self.parent.messages[-1]["parent_header"]["msg_id"]  # the last message says that this cell is done
        mine = [message for message in self.parent.messages if message["parent_header"].get("msg_id") == ended]
        return super().compare_outputs(coalesce_streams(replay(mine)), ref, skip_compare)

    def sanitize(self, s):
        s = super().sanitize(s)
        return Text(UNSTABLE.sub("", RAISED.sub(r"\1", s))) if isinstance(s, str) else s


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collectors = yield
    return [CourseFile.from_parent(parent, path=c.path) if isinstance(c, IPyNbFile) else c for c in collectors]
