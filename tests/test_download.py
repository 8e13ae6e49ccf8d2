"""The downloads, from a server on the loopback device: what arrives is whole and safe, or nothing is there."""

import hashlib
import io
import stat
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest
from PIL import Image

from helpers import download
from helpers.download import download_faces, download_hymenoptera
from helpers.landmarks import COLUMNS, load_image, load_landmarks
from helpers.paths import FACES, REPOSITORY


def jpeg(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "jpeg")
    return file.getvalue()


def pack(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture(scope="module")
def faces():
    """The files of a set of two faces, by their names in the archive."""
    image, (landmarks,) = load_image(FACES / "astronaut.jpg"), load_landmarks(FACES / "face_landmarks.csv")[1][:1]
    numbers = ",".join(f"{number:g}" for number in landmarks.ravel())
    table = "\n".join([",".join(COLUMNS), f"anna.jpg,{numbers}", f"ben.jpg,{numbers}\n"])
    return {"faces/face_landmarks.csv": table.encode(), "faces/anna.jpg": jpeg(image), "faces/ben.jpg": jpeg(image)}


@pytest.fixture(scope="module")
def insects():
    picture = jpeg(np.random.default_rng(seed=0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    return {
        f"hymenoptera_data/{split}/{name}/1.jpg": picture for split in ("train", "val") for name in ("ants", "bees")
    }


class Server(ThreadingHTTPServer):
    """Answers every request with `content`, and pretends that `missing` bytes more are to come."""

    daemon_threads = True
    content, missing, status, requests = b"", 0, 200, 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/archive.zip"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.content) + self.server.missing))
        self.end_headers()
        self.wfile.write(self.server.content)
        self.server.answered.set()
        self.server.go_on.wait(timeout=20)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.answered, server.go_on = threading.Event(), threading.Event()
        server.go_on.set()
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.go_on.set()
        server.shutdown()


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}


def test_faces_arrive(server, faces, tmp_path, capfd, caplog):
    pooch.get_logger().addHandler(caplog.handler)  # it is no child of the root logger
    server.content = pack(faces)
    folder = download_faces(tmp_path / "faces", url=server.url)
    pooch.get_logger().removeHandler(caplog.handler)
    assert folder == tmp_path / "faces" and list(tmp_path.iterdir()) == [folder]
    pictures, landmarks = load_landmarks(folder / "face_landmarks.csv")
    assert [load_image(folder / picture).shape for picture in pictures] == [(285, 252, 3)] * 2
    assert landmarks.shape == (2, 68, 2)
    assert "archive.zip: 100%" in capfd.readouterr().err and caplog.text == ""  # the progress bar, and no log


def test_insects_arrive_and_match_their_checksum(server, insects, tmp_path):
    server.content = pack(insects)
    sha256 = hashlib.sha256(server.content).hexdigest()
    folder = download_hymenoptera(tmp_path / "hymenoptera_data", url=server.url, sha256=sha256)
    assert names(folder) == {name.removeprefix("hymenoptera_data/") for name in insects}


def test_a_second_call_makes_no_request(server, faces, tmp_path):
    server.content = pack(faces)
    for _ in range(2):
        download_faces(tmp_path / "faces", url=server.url)
    assert server.requests == 1


def test_damage_is_repaired(server, faces, tmp_path):
    server.content = pack(faces)
    picture = download_faces(tmp_path / "faces", url=server.url) / "anna.jpg"
    picture.write_bytes(picture.read_bytes()[:100])
    download_faces(tmp_path / "faces", url=server.url)
    assert picture.read_bytes() == faces["faces/anna.jpg"] and server.requests == 2


def test_a_folder_laid_by_hand_is_taken_as_it_is(server, faces, insects, tmp_path):
    with zipfile.ZipFile(io.BytesIO(pack({**faces, **insects}))) as archive:
        archive.extractall(tmp_path)
    before = names(tmp_path)
    assert download_faces(tmp_path / "faces", url=server.url) == tmp_path / "faces"
    assert download_hymenoptera(tmp_path / "hymenoptera_data", url=server.url) == tmp_path / "hymenoptera_data"
    assert names(tmp_path) == before and server.requests == 0

    (tmp_path / "faces" / "ben.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks 1 of 2 pictures, ben\.jpg .* or move it away"):
        download_faces(tmp_path / "faces", url=server.url)
    (tmp_path / "hymenoptera_data" / "val" / "bees" / "1.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"bees has no pictures\. Complete"):
        download_hymenoptera(tmp_path / "hymenoptera_data", url=server.url)
    assert (tmp_path / "faces" / "anna.jpg").is_file() and server.requests == 0


def test_default_folders(faces, insects, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with zipfile.ZipFile(io.BytesIO(pack({**faces, **insects}))) as archive:
        archive.extractall(tmp_path / "pytorch")
    assert download_faces() == tmp_path / "pytorch" / "faces"
    assert download_hymenoptera() == tmp_path / "pytorch" / "hymenoptera_data"


def test_clutter_is_left_out(server, faces, tmp_path):
    clutter = {
        "__MACOSX/faces/._anna.jpg": b"x",
        "faces/._anna.jpg": b"x",
        "faces/.DS_Store": b"x",
        "other/a.jpg": b"x",
    }
    server.content = pack({**clutter, **faces})
    assert names(download_faces(tmp_path / "faces", url=server.url)) == {"face_landmarks.csv", "anna.jpg", "ben.jpg"}


def refused(server, error, match, tmp_path, **options):
    """Check that the download fails in the way told, tells of the offline default and leaves nothing."""
    with pytest.raises(error, match=match) as caught:
        download_faces(tmp_path / "data" / "faces", url=server.url, **options)
    assert 'data="drawn"' in str(caught.value) and server.url in str(caught.value)
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("name", ["faces/../../evil.jpg", "../evil.jpg", "/evil.jpg", "..\\evil.jpg", "C:evil.jpg"])
def test_paths_that_leave_the_folder_are_refused(server, faces, tmp_path, name):
    server.content = pack({**faces, name: b"evil"})
    refused(server, ValueError, "leads out of its folder", tmp_path)
    assert not list(tmp_path.rglob("*evil*"))


def test_links_are_refused(server, faces, tmp_path):
    link = zipfile.ZipInfo("faces/carol.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    server.content = pack({**faces, link: "anna.jpg"})
    refused(server, ValueError, r"carol\.jpg' in the archive is a link", tmp_path)


def test_too_much_is_refused(server, faces, tmp_path, monkeypatch):
    server.content = pack({**faces, "faces/zeros.jpg": bytes(1_000_000)})  # packs to a kilobyte
    monkeypatch.setattr(download, "MOST_BYTES", len(server.content) + 1)
    refused(server, ValueError, "unpacked, the archive has more than", tmp_path)
    monkeypatch.setattr(download, "MOST_BYTES", len(server.content) - 1)
    refused(server, ValueError, r"more than \d+ bytes arrived", tmp_path)


def test_a_wrong_checksum_is_refused(server, faces, tmp_path):
    server.content = pack(faces)
    refused(server, ValueError, "did not send the published file: SHA256", tmp_path, sha256="0" * 64)


def test_a_web_page_is_refused(server, tmp_path):
    server.content = b"<!DOCTYPE html><title>Sign in to the network</title>"
    refused(server, ValueError, "did not send a whole zip archive", tmp_path)


def test_a_corrupt_archive_is_refused(server, faces, tmp_path):
    whole = pack(faces)
    for start in range(
        40, len(whole) - 400, len(whole) // 7
    ):  # in headers, in packed data and in the table of contents
        server.content = whole[:start] + bytes(400) + whole[start + 400 :]
        refused(server, ValueError, "did not send", tmp_path)
    first = zipfile.sizeFileHeader + len("faces/face_landmarks.csv")  # where the first file's packed data begins
    server.content = whole[:first] + b"\xff" + whole[first + 1 :]
    refused(server, ValueError, "did not send a whole zip archive .*invalid block type", tmp_path)


def test_an_archive_that_lacks_something_is_refused(server, faces, insects, tmp_path):
    server.content = pack({name: content for name, content in faces.items() if "ben" not in name})
    refused(server, ValueError, r"faces lacks 1 of 2 pictures, ben\.jpg", tmp_path)
    server.content = pack({**faces, "faces/face_landmarks.csv": faces["faces/face_landmarks.csv"][:-9]})
    refused(server, ValueError, r"faces/face_landmarks\.csv, row 3: \d+ fields", tmp_path)
    server.content = pack(insects)
    refused(server, ValueError, r"There is no file faces.face_landmarks\.csv", tmp_path)


def test_a_lost_connection_leaves_nothing(server, faces, tmp_path):
    server.content, server.missing = pack(faces), 1000
    refused(server, (ConnectionError, ValueError), "cannot be downloaded|did not send", tmp_path)
    server.missing = 0
    download_faces(tmp_path / "data" / "faces", url=server.url)


def test_a_missing_file_is_told(server, tmp_path):
    server.status = 404
    refused(server, ConnectionError, "the server answers 404", tmp_path)


def test_no_network_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        pass  # nobody listens at its address any more
    refused(server, ConnectionError, "is there a network", tmp_path)


def test_an_interruption_leaves_nothing(server, faces, tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    server.content = pack(faces)
    monkeypatch.setattr(download, "_check_faces", interrupt)  # the last thing before the folder takes its name
    with pytest.raises(KeyboardInterrupt):
        download_faces(tmp_path / "faces", url=server.url)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_download_can_be_run_again(server, faces, tmp_path):
    server.content, server.missing = pack(faces), 1000
    server.go_on.clear()
    program = f"from helpers.download import *; download_faces({str(tmp_path / 'faces')!r}, url={server.url!r})"
    process = subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    assert server.answered.wait(timeout=60)
    process.kill()
    process.wait(timeout=10)
    assert not (tmp_path / "faces").exists()
    server.missing = 0
    server.go_on.set()
    assert len(names(download_faces(tmp_path / "faces", url=server.url))) == 3
