"""A folder of data appears whole or not at all, and nobody's files are lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from helpers.folders import MANIFEST, is_whole, new_folder


def fill(folder, edition=1, files=("a.txt", "sub/b.txt")):
    with new_folder(folder, edition) as new:
        for name in files:
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_text(f"{name} of edition {edition}")


def contents(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_is_whole(tmp_path):
    folder = tmp_path / "data" / "set"
    assert not is_whole(folder)
    fill(folder)
    assert is_whole(folder) and not is_whole(folder, edition=2)
    assert contents(folder) == {"a.txt", "sub/b.txt", MANIFEST}
    assert list(folder.parent.iterdir()) == [folder]


def test_nothing_is_left_when_the_work_fails(tmp_path):
    folder = tmp_path / "set"
    with pytest.raises(KeyboardInterrupt), new_folder(folder) as new:
        (new / "a.txt").write_text("half")
        assert not folder.exists()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_damage_is_seen_and_repaired(tmp_path, damage):
    folder = tmp_path / "set"
    fill(folder)
    (folder / "own.txt").write_text("a learner's file")
    assert is_whole(folder)
    victim = folder / "sub" / "b.txt"
    victim.write_text("") if damage == "truncated" else victim.unlink()
    assert not is_whole(folder)
    fill(folder)
    assert is_whole(folder) and victim.read_text() == "sub/b.txt of edition 1"
    assert (folder / "own.txt").read_text() == "a learner's file"
    assert list(tmp_path.iterdir()) == [folder]


def test_another_edition_replaces_its_own_files(tmp_path):
    folder = tmp_path / "set"
    fill(folder)
    (folder / "own.txt").write_text("a learner's file")
    fill(folder, edition=2, files=("a.txt", "new/c.txt"))
    assert is_whole(folder, edition=2)
    assert contents(folder) == {"a.txt", "new/c.txt", "own.txt", MANIFEST}
    assert (folder / "a.txt").read_text() == "a.txt of edition 2"


def test_files_of_others_are_not_touched(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    fill(folder)  # an empty folder may be filled
    assert is_whole(folder)
    (folder / MANIFEST).unlink()
    (folder / "a.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="set holds files that the course did not make"):
        fill(folder)
    assert (folder / "a.txt").read_text() == "mine"


def test_two_at_once_end_well(tmp_path):
    folder, both_are_ready = tmp_path / "set", Barrier(2)

    def work(number):
        with new_folder(folder) as new:
            (new / "who.txt").write_text(str(number))
            both_are_ready.wait(timeout=10)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [1, 2]))
    assert is_whole(folder) and list(tmp_path.iterdir()) == [folder]
    assert (folder / "who.txt").read_text() in ("1", "2")
