"""Python processes that run what a notebook has defined, and may be killed on the way."""

import io
import linecache
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from helpers.paths import REPOSITORY

IMPORTS = """
import os, random, sys
from pathlib import Path
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
"""


def write_script(path: Path, main: str, *functions) -> Path:
    """Write a script of the cells in which these functions stand, with the usual imports before and `main` behind."""
    cells = ["".join(linecache.getlines(function.__code__.co_filename)) for function in functions]
    path.write_text("\n\n".join([IMPORTS, *cells, main]), encoding="utf-8")
    return path


def start(script: Path, *arguments, seconds: float = 300) -> subprocess.Popen:
    """Start a process that runs `script`, in which `helpers` can be imported; it is killed after so many seconds."""
    command = [sys.executable, str(script), *map(str, arguments)]
    paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    with open(f"{script}.errors", "w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    return process


def lines_of(process: subprocess.Popen) -> Iterator[str]:
    """Yield the lines that the process prints. Where it fails, its own error is raised here."""
    with process:
        yield from process.stdout
    if process.returncode:
        raise RuntimeError(Path(f"{process.args[1]}.errors").read_text())


class SlowDisk(io.FileIO):
    """A file that stops half-way through the first large write, says so, and waits: `open` in a script to be killed."""

    def write(self, data):
        if len(data) < 100_000:
            return super().write(data)
        super().write(memoryview(data)[: len(data) // 2])
        print("half written", flush=True)
        time.sleep(600)
