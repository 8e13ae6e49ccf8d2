"""Make a folder of data whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "manifest.json"  # its edition, and the name and size of every file


def is_whole(folder: Path, edition: int = 1) -> bool:
    """Say whether `folder` still holds every file, at its full size, that `new_folder` left there in this edition.

    Looks at sizes only, so it costs a millisecond per hundred files. Other files in the folder do not matter.
    """
    manifest = _read_manifest(folder)
    return (
        manifest is not None
        and manifest["edition"] == edition
        and manifest["files"] == _sizes(folder, manifest["files"])
    )


@contextmanager
def new_folder(folder: Path, edition: int = 1) -> Iterator[Path]:
    """Yield an empty folder to fill, which takes the name `folder` when the block ends well.

    When it does not, nothing is left. Of two processes at once the first one wins. Where the folder is there but
    damaged, or of another edition, its files are replaced and those that others put there stay.
    Raises FileExistsError where the folder holds something that was not made this way.
    """
    if folder.exists() and any(folder.iterdir()) and _read_manifest(folder) is None:
        raise FileExistsError(
            f"{folder} holds files that the course did not make. Move that folder away and try again."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.part-", dir=folder.parent) as aside:
        new = Path(aside) / folder.name
        new.mkdir()
        yield new
        names = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
        manifest = {"edition": edition, "files": _sizes(new, names)}
        (new / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        try:
            new.rename(folder)
        except OSError:  # no system renames a folder onto one that holds something
            if not folder.is_dir():
                raise
            if not is_whole(folder, edition):
                _replace_files(new, folder, names)


def _replace_files(new: Path, folder: Path, names: list[str]) -> None:
    manifest = _read_manifest(folder) or {"files": {}}
    for name in manifest["files"].keys() - set(names):
        (folder / name).unlink(missing_ok=True)
    for name in [*names, MANIFEST]:  # the manifest comes last: until then the folder does not count as whole
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(new / name, folder / name)


def _read_manifest(folder: Path) -> dict | None:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _sizes(folder: Path, names: list[str] | dict[str, int]) -> dict[str, int]:
    return {name: (folder / name).stat().st_size for name in names if (folder / name).is_file()}
