"""Show an error where it is the lesson, as learners will meet it, without ending the notebook's run."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.display import display

from helpers.style import RED

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # torch.load writes parts of its messages in bold
CELL_FILE = re.compile(r'"[^"\n]*ipykernel_\d+[^"\n]*"')  # where the kernel keeps a cell: another place at each run


@contextmanager
def raises(*types: type[Exception]) -> Iterator[None]:
    """Run the block, demand that it ends in an error of one of these types, and show the error's message.

    Any other error passes on; AssertionError where there is none. The stored output is compared by the error's type:
    the wording is the library's, and changes between its versions.
    """
    try:
        yield
    except types as error:
        display(_bundle(error), raw=True)
        return
    names = " or ".join(each.__name__ for each in types)
    raise AssertionError(f"This was expected to raise {names}, and raised nothing.")


def _bundle(error: Exception) -> dict[str, str]:
    name, message = type(error).__name__, CELL_FILE.sub("this notebook", ANSI.sub("", str(error))).strip()
    style = f"border-left: 4px solid {RED}; padding-left: 0.6em; white-space: pre-wrap"
    shown = f'<pre data-raised="{name}" style="{style}"><b>{name}</b>: {html.escape(message)}</pre>'
    return {"text/plain": f"raised {name}: {message}", "text/html": shown}
