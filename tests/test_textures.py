"""The textures: an ImageFolder, the same each time, its splits cut from different parts of the photographs."""

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.feature import match_template
from torchvision.datasets import ImageFolder

from helpers import textures
from helpers.textures import CLASSES, make_textures


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_textures(tmp_path_factory.mktemp("data") / "textures")


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(["split", "count"], [("train", 40), ("val", 12)])
def test_textures_are_an_image_folder(folder, split, count):
    dataset = ImageFolder(folder / split)
    assert dataset.classes == ["brick", "grass", "gravel"]
    assert np.bincount(dataset.targets).tolist() == [count] * 3
    sizes = {image.size for image, _ in dataset}
    assert len(sizes) > count and {96 <= side <= 160 for size in sizes for side in size} == {True}


def test_pictures_are_grey_and_show_something(folder):
    for path in folder.rglob("*.jpg"):
        with Image.open(path) as image:
            assert image.mode == "L" and np.std(image) > 10, path


def test_splits_share_no_pixel(folder):
    """Found again in its photograph, every training picture ends left of where every validation picture begins."""
    for name in CLASSES:
        photograph, ends, starts = getattr(data, name)(), [], []
        for path in sorted(folder.glob(f"*/{name}/*.jpg"))[::4]:
            picture = np.asarray(Image.open(path))
            match = match_template(photograph, picture)
            assert match.max() > 0.95
            left = np.unravel_index(match.argmax(), match.shape)[1]
            starts.append(left) if "val" in path.parts else ends.append(left + picture.shape[1])
        assert len(ends) == 10 and len(starts) == 3 and max(ends) <= min(starts)


def test_textures_are_the_same_each_time(folder, tmp_path):
    assert contents(make_textures(tmp_path / "textures")) == contents(folder)


def test_whole_textures_are_not_made_again(folder, monkeypatch):
    monkeypatch.setattr(textures, "_cut_pictures", lambda folder: pytest.fail("they are made again"))
    make_textures(folder)


def test_damaged_textures_are_repaired(tmp_path):
    folder = make_textures(tmp_path / "textures")
    before = contents(folder)
    (folder / "train" / "brick" / "brick_00.jpg").unlink()
    truncated = folder / "val" / "gravel" / "gravel_11.jpg"
    truncated.write_bytes(truncated.read_bytes()[:-500])
    make_textures(folder)
    assert contents(folder) == before


def test_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert make_textures() == tmp_path / "textures"
