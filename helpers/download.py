"""Fetch the two published sets of photographs: faces with landmarks, and ants and bees."""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from helpers.folders import MANIFEST, is_whole, new_folder
from helpers.landmarks import load_landmarks
from helpers.paths import data_folder

FACES_URL = "https://download.pytorch.org/tutorial/faces.zip"
HYMENOPTERA_URL = "https://download.pytorch.org/tutorial/hymenoptera_data.zip"
HYMENOPTERA_SHA256 = "fbc41b31d544714d18dd1230b1e2b455e1557766e13e67f9f5a7a23af7c02209"
MOST_BYTES = 500_000_000  # ten times what the larger set takes on disk
OFFLINE = 'Nothing was kept. Try again later, or go on with data="drawn", which needs no network.'


def download_faces(folder: Path | None = None, *, url: str = FACES_URL, sha256: str | None = None) -> Path:
    """Fetch 69 faces and face_landmarks.csv into `folder` (data/pytorch/faces) and return the folder.

    A folder that is there and has this layout is returned without a look at the network, so the set may also be laid
    there by hand. No checksum is published: what arrives is checked against its own CSV.
    Raises ConnectionError where the address cannot be read, ValueError where it sends something else, FileNotFoundError
    where a folder laid by hand lacks something.
    """
    return _download(Path(folder or data_folder() / "pytorch" / "faces"), "faces", url, sha256, _check_faces)


def download_hymenoptera(
    folder: Path | None = None, *, url: str = HYMENOPTERA_URL, sha256: str | None = HYMENOPTERA_SHA256
) -> Path:
    """Fetch the ImageFolder {train,val}/{ants,bees} into `folder` (data/pytorch/hymenoptera_data) and return it.

    Checked against the published checksum; otherwise as `download_faces`.
    """
    folder = Path(folder or data_folder() / "pytorch" / "hymenoptera_data")
    return _download(folder, "hymenoptera_data", url, sha256, _check_hymenoptera)


def _check_faces(folder: Path) -> None:
    names, _ = load_landmarks(folder / "face_landmarks.csv")
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise FileNotFoundError(f"{folder} lacks {len(missing)} of {len(names)} pictures, {missing[0]} among them.")


def _check_hymenoptera(folder: Path) -> None:
    for split in ("train", "val"):
        for name in ("ants", "bees"):
            if not any((folder / split / name).glob("*.jpg")):
                raise FileNotFoundError(f"{folder / split / name} has no pictures.")


def _download(folder: Path, top: str, url: str, sha256: str | None, check: Callable[[Path], None]) -> Path:
    if is_whole(folder):
        return folder
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():  # laid there by hand
        try:
            check(folder)
        except (FileNotFoundError, ValueError) as error:
            raise type(error)(f"{error} Complete {folder}, or move it away to have it downloaded.") from None
        return folder
    with new_folder(folder) as new, tempfile.TemporaryDirectory() as aside:
        archive = _retrieve(url, sha256, Path(aside))
        try:
            _unpack(archive, top, new)
            check(new)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # all that zipfile raises
            raise ValueError(f"{url} did not send a whole zip archive ({error}). {OFFLINE}") from None
        except (FileNotFoundError, ValueError) as error:
            reason = str(error).replace(str(new), top)
            raise ValueError(f"{url} did not send what it used to: {reason} {OFFLINE}") from None
    return folder


def _retrieve(url: str, sha256: str | None, folder: Path) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")  # the progress bar says the same
    try:
        return Path(pooch.retrieve(url, sha256 and f"sha256:{sha256}", "archive.zip", folder, downloader=_stream))
    except requests.RequestException as error:
        status = getattr(error.response, "status_code", None)
        reason = f"the server answers {status}" if status else f"is there a network? {type(error).__name__}"
        raise ConnectionError(f"{url} cannot be downloaded ({reason}). {OFFLINE}") from None
    except ValueError as error:  # the checksum
        raise ValueError(f"{url} did not send the published file: {error} {OFFLINE}") from None


def _stream(url: str, path: str, _pooch: object) -> None:
    import requests
    from tqdm.auto import tqdm

    with requests.get(url, stream=True, timeout=30) as response, open(path, "wb") as file:
        response.raise_for_status()
        total = int(response.headers.get("content-length", 0)) or None
        with tqdm(total=total, unit="B", unit_scale=True, desc=url.rpartition("/")[2]) as progress:
            for chunk in response.iter_content(chunk_size=2**16):
                progress.update(file.write(chunk))
                if progress.n > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES} bytes arrived.")


def _unpack(archive: Path, top: str, folder: Path) -> None:
    """Unpack the folder `top` of a zip archive as `folder`, hidden files left out."""
    with zipfile.ZipFile(archive) as file:
        members = [member for member in file.infolist() if not member.is_dir()]
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise ValueError(f"unpacked, the archive has more than {MOST_BYTES} bytes.")
        for member in members:
            first, *parts = _parts(member)
            if first == top and parts and not any(part.startswith(".") for part in parts):  # __MACOSX is another first
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source, open(target, "wb") as copy:
                    shutil.copyfileobj(source, copy)


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        raise ValueError(f"{member.filename!r} in the archive leads out of its folder.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ValueError(f"{member.filename!r} in the archive is a link.")
    return path.parts
