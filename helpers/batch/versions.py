"""What besides notebook and parameters decides the outcome of a run."""

import hashlib
import platform
from importlib import metadata

from helpers.paths import REPOSITORY

LIBRARIES = (
    "torch",
    "torchvision",
    "numpy",
    "pillow",
    "scikit-image",
    "matplotlib",
    "ipywidgets",
    "ipykernel",
    "papermill",
    "safetensors",
    "tensorboardX",
)


def library_versions() -> dict[str, str]:
    """Return the versions of Python, of the libraries and, as a digest of its text, of the course's own helpers."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "none"
    text = hashlib.sha256()
    for path in sorted((REPOSITORY / "helpers").rglob("*.py")):
        text.update(path.read_text(encoding="utf-8").encode())  # the same digest for either kind of line end
    versions["helpers"] = text.hexdigest()[:12]
    return versions


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Return in words where two sets of versions differ; "" where they do not."""
    names = [name for name in there if here.get(name) != there[name]]
    return ", ".join(f"{name} {here.get(name)} instead of {there[name]}" for name in names)
