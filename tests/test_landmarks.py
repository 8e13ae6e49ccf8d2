"""The landmark groups, their mirror image, and what the readers refuse."""

import numpy as np
import pytest
from PIL import Image

from helpers.landmarks import COLUMNS, GROUPS, MIRROR, load_image, load_landmarks

HEADER = ",".join(COLUMNS)
ROW = ",".join(["anna.jpg", *map(str, range(136))])


def write(folder, text, encoding="utf-8"):
    csv_file = folder / "face_landmarks.csv"
    csv_file.write_bytes(text.encode(encoding))
    return csv_file


def test_groups_cover_every_landmark_once():
    assert [index for group in GROUPS.values() for index in group.indices] == list(range(68))


def test_mirror_maps_each_group_onto_its_twin():
    twin = {"brow_left": "brow_right", "eye_left": "eye_right"}
    twin |= {right: left for left, right in twin.items()}
    for name, group in GROUPS.items():
        assert {MIRROR[index] for index in group.indices} == set(GROUPS[twin.get(name, name)].indices)
    assert [MIRROR[index] for index in MIRROR] == list(range(68))


def test_mirror_keeps_the_order_of_a_face():
    """The parts of a symmetric face, each drawn as the order goes, are where they were after mirroring."""
    lid, lip = np.pi * (1 - np.arange(6) / 3), np.pi * (1 - np.arange(12) / 6)
    x = np.concatenate(
        [
            np.arange(-8, 9),  # jaw
            [-7, -6, -5, -4, -3, 3, 4, 5, 6, 7],  # brows
            [0, 0, 0, 0, -2, -1, 0, 1, 2],  # nose
            np.cos(lid) - 5,
            np.cos(lid) + 5,
            3 * np.cos(lip),
            2 * np.cos(np.pi * (1 - np.arange(8) / 4)),  # inner lip
        ]
    )
    np.testing.assert_allclose(-x[MIRROR], x, atol=1e-12)


def test_load_landmarks_reads_names_and_points(tmp_path):
    other = ",".join(["ben.jpg", "-3.5", *["1e2"] * 135])
    names, landmarks = load_landmarks(write(tmp_path, f"{HEADER}\n{ROW}\n\n{other}\n"))
    assert names == ["anna.jpg", "ben.jpg"]
    assert landmarks.dtype == np.float32 and landmarks.shape == (2, 68, 2)
    assert landmarks[0, 5].tolist() == [10, 11] and landmarks[1, 0].tolist() == [-3.5, 100]


def test_load_landmarks_accepts_windows_files(tmp_path):
    names, _ = load_landmarks(write(tmp_path, f"{HEADER}\r\n{ROW}\r\n", encoding="utf-8-sig"))
    assert names == ["anna.jpg"]


BAD_TABLES = {
    "empty file": ("", r"row 1: the header has 0 columns"),
    "no rows": (f"{HEADER}\n", r"row 1: there are no landmarks below the header"),
    "no header": (f"{ROW}\n", r"row 1: column 1 is called 'anna.jpg' where 'image_name' belongs"),
    "misnamed column": (f"{HEADER.replace('part_3_y', 'y3')}\n{ROW}\n", r"row 1: column 9 .*'y3' where 'part_3_y'"),
    "missing column": (f"{HEADER.removesuffix(',part_67_y')}\n{ROW}\n", r"row 1: the header has 136 columns"),
    "extra column": (f"{HEADER},age\n{ROW},7\n", r"row 1: the header has 138 columns"),
    "short row": (f"{HEADER}\n{ROW}\n{ROW.removesuffix(',135')}\n", r"row 3: 136 fields where the header has 137"),
    "long row": (f"{HEADER}\n{ROW},4\n", r"row 2: 138 fields"),
    "row cut off": (f"{HEADER}\n{ROW}\n{ROW[:40]}", r"row 3: \d+ fields"),
    "word": (f"{HEADER}\n{ROW.replace(',7,', ',seven,')}\n", r"row 2: part_3_y is 'seven'"),
    "nothing": (f"{HEADER}\n{ROW.replace(',7,', ',,')}\n", r"row 2: part_3_y is ''"),
    "nan": (f"{HEADER}\n{ROW.replace(',7,', ',nan,')}\n", r"row 2: part_3_y is 'nan'"),
    "infinite": (f"{HEADER}\n{ROW.replace(',7,', ',1e400,')}\n", r"row 2: part_3_y is '1e400'"),
    "underscore": (f"{HEADER}\n{ROW.replace(',7,', ',1_2,')}\n", r"row 2: part_3_y is '1_2'"),
    "no name": (f"{HEADER}\n\n{ROW.replace('anna.jpg', ' ')}\n", r"row 3: the picture has no name"),
    "open quote": (f'{HEADER}\n"{ROW}\n', r"row 2: unexpected end of data"),
}


@pytest.mark.parametrize(["text", "message"], BAD_TABLES.values(), ids=BAD_TABLES)
def test_load_landmarks_names_file_and_row(tmp_path, text, message):
    with pytest.raises(ValueError, match=r"face_landmarks\.csv, " + message):
        load_landmarks(write(tmp_path, text))


def test_load_landmarks_refuses_other_files(tmp_path):
    with pytest.raises(ValueError, match="face_landmarks.csv is not a text file in UTF-8"):
        load_landmarks(write(tmp_path, HEADER, encoding="utf-16"))
    for missing in (tmp_path / "other.csv", tmp_path):
        with pytest.raises(FileNotFoundError, match=missing.name):
            load_landmarks(missing)


PICTURES = [("L", "jpg"), ("RGB", "png"), ("RGBA", "png"), ("LA", "png"), ("P", "gif"), ("CMYK", "jpg")]


@pytest.mark.parametrize(["mode", "suffix"], PICTURES)
def test_load_image_gives_three_channels(tmp_path, mode, suffix):
    path = tmp_path / f"picture.{suffix}"
    Image.new("RGB", (6, 4), (204, 204, 204)).convert(mode).save(path)
    image = load_image(path)
    assert image.shape == (4, 6, 3) and image.dtype == np.uint8 and image.flags.writeable
    assert np.abs(image.astype(int) - 204).max() <= 2


def test_load_image_drops_transparency_and_keeps_colour(tmp_path):
    Image.new("RGBA", (2, 2), (10, 20, 30, 0)).save(tmp_path / "picture.png")
    assert load_image(tmp_path / "picture.png")[0, 0].tolist() == [10, 20, 30]


def jpeg(folder):
    path = folder / "picture.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    return path, path.read_bytes()


@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5, 0.98])
def test_load_image_refuses_a_truncated_jpeg(tmp_path, kept):
    path, content = jpeg(tmp_path)
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(ValueError, match=r"picture\.jpg \(row 7 of the CSV\) is not a picture that can be read"):
        load_image(path, row=7)


def test_load_image_refuses_what_is_no_picture(tmp_path):
    (tmp_path / "text.jpg").write_text("not a picture")
    with pytest.raises(ValueError, match=r"text\.jpg is not a picture"):
        load_image(tmp_path / "text.jpg")
    Image.fromarray(np.full((4, 4), 40_000, dtype=np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(ValueError, match=r"deep\.png .* 8 bits per channel"):
        load_image(tmp_path / "deep.png")
    with pytest.raises(FileNotFoundError, match=r"There is no picture .*missing\.jpg \(row 2 of the CSV\)"):
        load_image(tmp_path / "missing.jpg", row=2)
