"""What notebook 01 teaches: its datasets, transforms and network, and the whole notebook on other data."""

import csv
import os
import shutil

import nbformat
import numpy as np
import papermill
import pytest
import torch
from notebook_code import load_definitions
from PIL import Image
from torchvision import tv_tensors

from helpers.exercises import ex01
from helpers.landmarks import COLUMNS
from helpers.paths import FACES, REPOSITORY, data_folder

NOTEBOOK = REPOSITORY / "notebooks" / "01_data_loading.ipynb"


@pytest.fixture(scope="module")
def taught():
    return load_definitions(NOTEBOOK)


def make_sample(height=30, width=40, count=68):
    """Return a sample of random pixels and of points in the picture and around it."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    points = rng.uniform(-5, max(height, width) + 5, (count, 2)).astype(np.float32)
    return {"image": image, "landmarks": points}


def copy_of(sample):
    return {key: value.copy() for key, value in sample.items()}


def assert_same(sample, other):
    for key in ("image", "landmarks"):
        assert sample[key].dtype == other[key].dtype
        np.testing.assert_array_equal(sample[key], other[key])


# ---- Rescale


SIZES = [
    ((30, 40), (120, 160)),
    ((30, 40), (90, 40)),
    ((30, 40), (60, 25)),
    ((60, 80), (24, 80)),
    ((64, 48), (25, 31)),
    ((33, 47), (100, 90)),
]


@pytest.mark.parametrize(["size", "new_size"], SIZES)
def test_rescale_moves_a_point_with_its_pixels(taught, size, new_size):
    """A bright spot stays on its landmark; the notes' formula misses it by 0.16 pixels or more."""
    x, y = 23, 14
    rows, columns = np.ogrid[: size[0], : size[1]]
    spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    sample = {"image": np.dstack([spot.astype(np.uint8)] * 3), "landmarks": np.full((68, 2), [x, y], np.float32)}
    rescaled = taught.Rescale(new_size)(sample)
    assert rescaled["image"].shape == (*new_size, 3)
    brightness = rescaled["image"].mean(axis=2)
    rows, columns = np.mgrid[: new_size[0], : new_size[1]]
    middle = [np.average(columns, weights=brightness), np.average(rows, weights=brightness)]
    np.testing.assert_allclose(rescaled["landmarks"][0], middle, atol=0.05)

    notes = taught.NotesRescale(new_size)(sample)["landmarks"][0]
    assert np.abs(notes - middle).max() > 0.16


def test_rescale_maps_the_corners_of_the_picture_onto_each_other(taught):
    sample = {"image": np.zeros((30, 40, 3), np.uint8), "landmarks": np.float32([[-0.5, -0.5], [39.5, 29.5]])}
    rescaled = taught.Rescale((50, 17))(sample)
    np.testing.assert_allclose(rescaled["landmarks"], [[-0.5, -0.5], [16.5, 49.5]])


LENGTHS = [
    ((324, 215), 256, (386, 256)),  # 385.8: rounded, not cut off
    ((215, 324), 256, (256, 386)),
    ((40, 40), 64, (64, 64)),
    ((30, 40), np.int64(15), (15, 20)),
    ((30, 40), (np.int64(9), 50), (9, 50)),
]


@pytest.mark.parametrize(["size", "wish", "new_size"], LENGTHS)
def test_rescale_takes_the_shorter_edge_or_both(taught, size, wish, new_size):
    rescaled = taught.Rescale(wish)(make_sample(*size))
    assert rescaled["image"].shape == (*new_size, 3)


def test_rescale_gives_floats_from_0_to_1_and_changes_no_sample(taught):
    sample = make_sample()
    sample["image"][:, :20], sample["image"][:, 20:] = 0, 255
    before = copy_of(sample)
    rescaled = taught.Rescale(60)(sample)
    assert rescaled["image"].dtype == rescaled["landmarks"].dtype == np.float32
    assert rescaled["image"].min() == 0 and rescaled["image"].max() == 1
    assert_same(sample, before)
    again = taught.Rescale(60)(rescaled)
    np.testing.assert_allclose(again["image"], rescaled["image"], atol=1e-6)  # floats are not scaled once more


# ---- RandomCrop


def numbered(height, width):
    """Return a sample whose picture tells row and column of each of its pixels."""
    image = np.stack(np.broadcast_arrays(*np.ogrid[:height, :width], 0), axis=2)
    return {"image": image, "landmarks": np.float32([[0, 0], [3, 2], [-1, 9]])}


@pytest.mark.parametrize(["crop", "offsets"], [(4, (3, 4)), ((5, 3), (2, 5)), (np.int64(5), (2, 3)), ((6, 7), (1, 1))])
def test_random_crop_reaches_every_offset_and_moves_the_points_along(taught, crop, offsets):
    np.random.seed(0)
    sample, seen = numbered(6, 7), set()
    height, width = crop if isinstance(crop, tuple) else (crop, crop)
    for _ in range(300):
        cut = taught.RandomCrop(crop)(sample)
        top, left, _ = cut["image"][0, 0]
        assert cut["image"].shape == (height, width, 3)
        np.testing.assert_array_equal(cut["image"], sample["image"][top : top + height, left : left + width])
        np.testing.assert_array_equal(cut["landmarks"], sample["landmarks"] - [left, top])
        assert cut["landmarks"].dtype == np.float32
        seen.add((top, left))
    assert seen == set(np.ndindex(offsets))
    assert_same(sample, numbered(6, 7))


@pytest.mark.parametrize("crop", [(7, 7), (6, 8), 7, 9])
def test_random_crop_refuses_a_picture_that_is_too_small(taught, crop):
    wanted = "{} × {}".format(*(crop if isinstance(crop, tuple) else (crop, crop)))
    with pytest.raises(ValueError, match=f"{wanted} .* 6 × 7"):
        taught.RandomCrop(crop)(numbered(6, 7))


def test_the_notes_never_draw_the_last_offset(taught):
    np.random.seed(0)
    for version, last in ((taught.NotesRandomCrop, 1), (taught.RandomCrop, 2)):
        offsets = taught.crop_offsets(version(4), 6, 6)
        assert offsets.shape == (300, 2) and offsets.min() == 0
        assert offsets.max(axis=0).tolist() == [last, last]


@pytest.mark.parametrize("version", ["notes", "yours"])
@pytest.mark.parametrize("gap", [0, 1, 4])
def test_the_crop_explorer_draws_or_refuses(taught, version, gap):
    if version == "notes" and gap == 0:
        with pytest.raises(ValueError):  # which explore turns into a picture
            taught.crop_coverage(gap, version)
    else:
        figure = taught.crop_coverage(gap, version)
        assert any(ax.get_title(loc="left").startswith("offsets") for ax in figure.axes)


# ---- ToTensor


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(3,), (1,), ()])
def test_to_tensor_gives_float32_in_memory_of_its_own(taught, dtype, channels):
    image = np.random.default_rng(0).integers(0, 256, (5, 4, *channels), dtype=np.uint8)
    wanted = image.reshape(5, 4, -1).transpose(2, 0, 1) / 255
    if dtype != np.uint8:
        image = (image / 255).astype(dtype)
    points = np.arange(136.0).reshape(68, 2)
    tensors = taught.ToTensor()({"image": image, "landmarks": points})
    for tensor in tensors.values():
        assert tensor.dtype == torch.float32 and tensor.is_contiguous()
    assert tensors["image"].shape == wanted.shape
    image[:], points[:] = 1, -1
    np.testing.assert_allclose(tensors["image"], wanted, atol=1e-6)
    np.testing.assert_array_equal(tensors["landmarks"], np.arange(136).reshape(68, 2))


def test_to_tensor_takes_a_view_that_runs_backwards(taught):
    sample = make_sample()
    mirrored = {"image": sample["image"][:, ::-1], "landmarks": sample["landmarks"][::-1]}
    tensors = taught.ToTensor()(mirrored)
    np.testing.assert_allclose(tensors["image"].permute(1, 2, 0) * 255, mirrored["image"], atol=1e-4)
    np.testing.assert_array_equal(tensors["landmarks"], mirrored["landmarks"])


# ---- the datasets


def write_faces(folder, sizes=((30, 40), (50, 20), (24, 24)), rows=None):
    """Write pictures of these sizes (h, w) and the CSV that names them; return the CSV and what was written."""
    samples = {f"face_{i}.png": make_sample(*size) for i, size in enumerate(sizes)}
    for name, sample in samples.items():
        Image.fromarray(sample["image"]).save(folder / name)
    rows = rows or [[name, *sample["landmarks"].ravel()] for name, sample in samples.items()]
    with open(folder / "face_landmarks.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder / "face_landmarks.csv", list(samples.values())


def test_a_dataset_gives_samples_as_they_are_on_disk(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    dataset = taught.FaceLandmarksDataset(csv_file, str(tmp_path))
    assert len(dataset) == 3
    for sample, wanted in zip(dataset, written, strict=True):
        assert sample.keys() == {"image", "landmarks"}
        assert_same(sample, wanted)
    assert_same(dataset[-1], written[-1])


def test_a_dataset_applies_its_transform(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    dataset = taught.FaceLandmarksDataset(csv_file, tmp_path, transform=lambda sample: sample["image"].shape)
    assert list(dataset) == [sample["image"].shape for sample in written]


def test_a_dataset_reads_a_picture_when_it_is_asked_for_it(taught, tmp_path, monkeypatch):
    csv_file, _ = write_faces(tmp_path)
    read, load_image = [], taught.load_image
    monkeypatch.setattr(taught, "load_image", lambda path, row: read.append((path.name, row)) or load_image(path, row))
    dataset = taught.FaceLandmarksDataset(csv_file, tmp_path)
    csv_file.unlink()  # the table is read once, the pictures are not read yet
    assert len(dataset) == 3 and read == []
    dataset[1], dataset[1]
    assert read == [("face_1.png", 3)] * 2


def test_a_transform_may_write_into_its_sample(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)

    def spoil(sample):
        sample["image"][:] = 0
        sample["landmarks"] += 100
        return sample

    spoiled = taught.FaceLandmarksDataset(csv_file, tmp_path, transform=spoil)
    assert spoiled[0]["landmarks"].max() > 100
    spoiled.transform = None
    assert_same(spoiled[0], written[0])


def test_faces_of_a_missing_or_broken_picture_are_named_with_their_row(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    dataset = taught.FaceLandmarksDataset(csv_file, tmp_path)
    (tmp_path / "face_1.png").unlink()
    (tmp_path / "face_2.png").write_text("not a picture")
    with pytest.raises(FileNotFoundError, match=r"face_1\.png \(row 3 of the CSV\)"):
        dataset[1]
    with pytest.raises(ValueError, match=r"face_2\.png \(row 4 of the CSV\) is not a picture"):
        dataset[2]
    assert_same(dataset[0], written[0])  # the others can still be had


def test_a_dataset_of_an_empty_folder_says_what_is_missing(taught, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"face_landmarks\.csv"):
        taught.FaceLandmarksDataset(tmp_path / "face_landmarks.csv", tmp_path)


BAD_ROWS = {
    "too few fields": ([["face_0.png", *range(135)]], "row 2: 136 fields where the header has 137"),
    "too many fields": ([["face_0.png", *range(136)], ["face_1.png", *range(137)]], "row 3: 138 fields"),
    "no number": ([["face_0.png", "left", *range(135)]], "row 2: part_0_x is 'left'"),
}


@pytest.mark.parametrize(["rows", "message"], BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_refused_at_once(taught, tmp_path, rows, message):
    csv_file, _ = write_faces(tmp_path, rows=rows)
    with pytest.raises(ValueError, match=rf"face_landmarks\.csv, {message}"):
        taught.FaceLandmarksDataset(csv_file, tmp_path)


def test_a_missing_column_is_refused_at_once(taught, tmp_path):
    csv_file, _ = write_faces(tmp_path)
    csv_file.write_text(csv_file.read_text().replace(",part_67_y", "", 1))
    with pytest.raises(ValueError, match=r"face_landmarks\.csv, row 1: the header has 136 columns"):
        taught.FaceLandmarksDataset(csv_file, tmp_path)


def test_key_points_know_their_picture(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    dataset = taught.FaceKeyPointsDataset(csv_file, tmp_path)
    for sample, wanted in zip(dataset, written, strict=True):
        assert type(sample["image"]) is taught.tv_tensors.Image
        assert type(sample["landmarks"]) is taught.tv_tensors.KeyPoints
        assert sample["landmarks"].canvas_size == wanted["image"].shape[:2]
        np.testing.assert_array_equal(sample["image"].permute(1, 2, 0), wanted["image"])
        np.testing.assert_array_equal(sample["landmarks"], wanted["landmarks"])
    dataset[0]["landmarks"].fill_(0)
    np.testing.assert_array_equal(dataset[0]["landmarks"], written[0]["landmarks"])


def test_key_points_move_with_their_picture(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    mirrored = taught.FaceKeyPointsDataset(csv_file, tmp_path, taught.v2.RandomHorizontalFlip(p=1))[0]
    width = written[0]["image"].shape[1]
    np.testing.assert_array_equal(mirrored["image"].permute(1, 2, 0), written[0]["image"][:, ::-1])
    np.testing.assert_allclose(mirrored["landmarks"], written[0]["landmarks"] * [-1, 1] + [width - 1, 0], atol=1e-4)


def test_key_points_of_a_missing_picture_name_it(taught, tmp_path):
    csv_file, _ = write_faces(tmp_path)
    (tmp_path / "face_1.png").unlink()
    with pytest.raises((RuntimeError, OSError), match=r"face_1\.png"):
        taught.FaceKeyPointsDataset(csv_file, tmp_path)[1]


def test_in_memory_makes_each_sample_once_and_transforms_it_at_each_call(taught):
    made, calls = [], []
    samples = (made.append(i) or i for i in range(3))
    dataset = taught.InMemory(samples, lambda sample: calls.append(sample) or 10 * sample)
    assert len(dataset) == 3 and made == [0, 1, 2] and calls == []
    assert [dataset[1], dataset[1], dataset[2]] == [10, 10, 20]
    assert made == [0, 1, 2] and calls == [1, 1, 2]


def test_the_slow_faces_are_those_of_the_exercise(taught):
    points = np.arange(3.0)[:, None, None] + np.zeros((3, 68, 2))
    stages = {"table": lambda: (list("abc"), points), "decode": ord, "resize": dict, "crop": lambda sample: sample}
    slow, mended = taught.SlowFaces(stages), ex01.thrift.answer(stages)
    assert len(slow) == len(mended) == 3
    for i in (2, 0, 1):
        assert slow[i]["image"] == mended[i]["image"] == ord("abc"[i])
        np.testing.assert_array_equal(slow[i]["landmarks"], mended[i]["landmarks"])


def test_landmarks_outside_the_picture_are_counted(taught):
    points = np.array([[-0.6, 0], [-0.5, 3.5], [4.6, 0], [0, 3.6], [4.4, 2], [9, 9]])
    assert taught.count_outside({"image": np.zeros((4, 5, 3)), "landmarks": points}) == 4


def test_lists_of_images_keep_their_sizes(taught, tmp_path):
    csv_file, written = write_faces(tmp_path)
    loader = taught.DataLoader(
        taught.FaceLandmarksDataset(csv_file, tmp_path), batch_size=3, collate_fn=taught.list_images
    )
    (batch,) = loader
    assert [image.shape for image in batch["image"]] == [sample["image"].shape for sample in written]
    assert batch["landmarks"].shape == (3, 68, 2) and batch["landmarks"].dtype == torch.float32


# ---- cut_out


def key_points(points, height, width):
    return tv_tensors.KeyPoints(torch.as_tensor(points, dtype=torch.float32), canvas_size=(height, width))


@pytest.mark.parametrize("sigma", [2, 4])
def test_the_box_keeps_a_landmark_on_its_pixels(taught, sigma):
    """A bright spot stays on its landmark, also where the box leaves the picture; v2 alone misses it."""
    y, x = torch.meshgrid(torch.arange(300.0), torch.arange(200.0), indexing="ij")
    spot = torch.exp(-((x - 90) ** 2 + (y - 120) ** 2) / (2 * sigma**2)).expand(3, -1, -1)
    points = key_points([[90, 120], [-20, 100], [130, 250], *[[50, 150]] * 65], 300, 200)
    box = taught.cut_out({"image": tv_tensors.Image(spot), "landmarks": points})
    assert box["image"].shape == (3, 76, 76) and isinstance(box["landmarks"], tv_tensors.KeyPoints)
    brightness = box["image"][0]
    rows, columns = torch.meshgrid(torch.arange(76.0), torch.arange(76.0), indexing="ij")
    middle = torch.stack([(columns * brightness).sum(), (rows * brightness).sum()]) / brightness.sum()
    torch.testing.assert_close(box["landmarks"][0].as_subclass(torch.Tensor), middle, atol=0.05, rtol=0)


def test_the_face_is_in_the_middle_of_its_box(taught):
    points = key_points(np.random.default_rng(0).uniform(-10, 200, (68, 2)), 150, 180)
    box = taught.cut_out({"image": tv_tensors.Image(torch.rand(3, 150, 180)), "landmarks": points})["landmarks"]
    low, high = box.aminmax(dim=0)
    assert (high - low).max().item() == pytest.approx(76 / 1.6, abs=0.5)
    torch.testing.assert_close((low + high) / 2, torch.tensor([37.5, 37.5]), atol=0.5, rtol=0)


# ---- mirror


def test_mirroring_agrees_with_the_exercise_and_keeps_the_label(taught):
    sample = make_sample(6, 8)
    given = {
        "image": tv_tensors.Image(sample["image"].transpose(2, 0, 1)),
        "landmarks": key_points(sample["landmarks"], 6, 8),
    }
    mirrored = taught.mirror(given)
    expected = ex01.flip.answer()(sample)
    np.testing.assert_array_equal(mirrored["image"].numpy().transpose(1, 2, 0), expected["image"])
    np.testing.assert_allclose(mirrored["landmarks"], expected["landmarks"], atol=1e-5)
    np.testing.assert_array_equal(given["image"].numpy().transpose(1, 2, 0), sample["image"])
    np.testing.assert_array_equal(given["landmarks"], sample["landmarks"])
    assert isinstance(mirrored["landmarks"], tv_tensors.KeyPoints)  # so that what turns the picture turns it


# ---- LandmarkNet


def test_the_network_answers_with_a_point_for_each_landmark(taught):
    model = taught.LandmarkNet()
    points = model(torch.rand(2, 3, 64, 64))
    assert points.shape == (2, 68, 2)
    points.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_the_answer_is_the_centre_of_mass_of_a_map(taught):
    model = taught.LandmarkNet()
    logits = torch.zeros(1, 68, 8, 8)
    logits[0, 0, 3, 6] = 1_000  # row 3, column 6
    logits[0, 1, 3, 6] = logits[0, 1, 5, 6] = 1_000
    model.maps = torch.nn.Identity()
    points = model(logits)[0]
    places = model.places
    torch.testing.assert_close(points[0], torch.stack([places[6], places[3]]))
    torch.testing.assert_close(points[1], torch.stack([places[6], (places[3] + places[5]) / 2]))
    torch.testing.assert_close(points[2], torch.full((2,), 31.5))  # no map at all: the middle of the picture


def test_the_error_is_the_mean_distance(taught):
    truth = torch.zeros(2, 68, 2)
    points = truth.clone()
    points[0] = torch.tensor([3.0, 4.0])
    assert taught.pixel_error(points, truth).item() == pytest.approx(2.5)


# ---- the whole notebook


def run_notebook(folder, output, **parameters):
    """Run the notebook by papermill with `folder` for its working folder; return the outputs of its cells."""
    papermill.execute_notebook(
        NOTEBOOK, output, parameters, cwd=folder, kernel_name="python3", progress_bar=False, execution_timeout=300
    )
    return [cell.outputs for cell in nbformat.read(output, as_version=4).cells if cell.cell_type == "code"]


def assert_no_errors(outputs):
    for output in (output for cell in outputs for output in cell):
        assert output.output_type != "error" and output.get("name") != "stderr", output


def lay_out_faces(source, folder, count=69):
    """Copy the faces that `source` has, and write a CSV of as many rows as published: the same ones again and again."""
    folder.mkdir(parents=True)
    with open(source / "face_landmarks.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows = [row for row in rows if (source / row[0]).is_file()]
    for name, *_ in rows:
        shutil.copy(source / name, folder)
    rows = [rows[i % len(rows)] for i in range(count)]
    with open(folder / "face_landmarks.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.mark.slow
def test_it_runs_on_the_published_photographs(tmp_path, monkeypatch):
    published = REPOSITORY.parent / "shared" / "data"  # a part of the published sets, where it is at hand
    if not (published / "faces" / "face_landmarks.csv").is_file() or not (published / "hymenoptera_data").is_dir():
        pytest.skip(f"no part of the published sets is in {os.path.relpath(published, REPOSITORY)}")
    lay_out_faces(published / "faces", tmp_path / "pytorch" / "faces")
    shutil.copytree(published / "hymenoptera_data", tmp_path / "pytorch" / "hymenoptera_data")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    outputs = run_notebook(NOTEBOOK.parent, tmp_path / "run.ipynb", data="pytorch", epochs=2)
    assert_no_errors(outputs)
    assert not (tmp_path / "faces").exists() and not (tmp_path / "textures").exists()  # nothing was drawn instead


@pytest.mark.slow
def test_it_runs_in_another_folder(tmp_path, monkeypatch):
    """A copy of the course, and the notebook at work somewhere inside it."""
    shutil.copytree(REPOSITORY / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FACES, tmp_path / "data" / "faces")
    folder = tmp_path / "a folder of its own"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA", str(data_folder()))
    assert_no_errors(run_notebook(folder, folder / "run.ipynb", data="drawn", epochs=2))
    assert [path.name for path in folder.iterdir()] == ["run.ipynb"]  # it leaves nothing behind
