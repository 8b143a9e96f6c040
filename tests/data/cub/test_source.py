"""CUB-200-2011: the official folder (a tiny one made here), and the packed files of the shared data."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from jxai.data import cub
from jxai.data.birds.attributes import ATTRIBUTE_NAMES, PARTS

CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross")
COUNT = 24  # images 1..24, the class going round; every fourth is of the test split


def picture(number):
    image = np.full((40, 60 + number, 3), number * 10, np.uint8)
    image[10:20, 20:50] = 255 - number
    return image


def write(folder, name, rows):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(" ".join(str(value) for value in row) + "\n" for row in rows))


@pytest.fixture
def official(tmp_path):
    folder = tmp_path / "CUB_200_2011"
    numbers = range(1, COUNT + 1)
    names = [f"{CLASSES[n % 3]}/Bird_{n:04d}.png" for n in numbers]
    for n, name in zip(numbers, names, strict=True):
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(n)).save(folder / "images" / name)
    write(folder, "images.txt", zip(numbers, names, strict=True))
    write(folder, "classes.txt", enumerate(CLASSES, 1))
    write(folder, "image_class_labels.txt", [(n, n % 3 + 1) for n in numbers])
    write(folder, "train_test_split.txt", [(n, int(n % 4 != 0)) for n in numbers])
    write(folder, "bounding_boxes.txt", [(n, 20.0, 10.0, 30.0, 10.0) for n in numbers])
    write(folder, "parts/part_locs.txt", [(n, p, 15.0 + p, 12.0, p % 2) for n in numbers for p in range(1, 16)])
    percent = np.arange(3 * 312).reshape(3, 312) / 10
    write(folder, "attributes/class_attribute_labels_continuous.txt", percent.tolist())
    return folder


def test_the_official_folder(official):
    sources = {split: cub(split, official) for split in ("train", "val", "test")}
    assert [len(source) for source in sources.values()] == [17, 1, 6]
    ids = [example["id"] for source in sources.values() for example in source]
    assert sorted(ids) == list(range(1, COUNT + 1))
    assert [example["id"] % 4 for example in sources["test"]] == [0] * 6
    meta = sources["train"].meta
    assert meta.classes == CLASSES and meta.part_names == PARTS and meta.attribute_names == ATTRIBUTE_NAMES
    assert meta.class_attributes[1, 2] == np.float32(31.4)
    for example in sources["train"]:
        number = example["id"]
        assert example["label"] == number % 3
        np.testing.assert_array_equal(example["image"], picture(number))
        np.testing.assert_array_equal(example["box"], [20, 10, 30, 10])
        assert example["parts"].shape == (15, 3) and example["parts"].dtype == np.float32
        np.testing.assert_array_equal(example["parts"][0], [16, 12, 1])
        np.testing.assert_array_equal(example["parts"][1], [0, 0, 0])
        assert "captions" not in example and "attributes" not in example and "masks" not in example


def test_attributes_and_captions_where_they_are(official):
    write(official, "attributes/image_attribute_labels.txt", [(3, 7, 1, 4, 2.5), (3, 8, 0, 4, 2.5)])
    texts = official / "text_c10" / CLASSES[0] / "Bird_0003.txt"
    texts.parent.mkdir(parents=True)
    texts.write_text("a grey bird.\n\na bird with a bill.\n")
    example = next(example for example in cub("train", official) if example["id"] == 3)
    assert np.flatnonzero(example["attributes"]).tolist() == [6]
    assert example["captions"] == ["a grey bird.", "a bird with a bill."]
    (official / "captions.json").write_text(json.dumps({f"{CLASSES[0]}/Bird_0003.png": ["one."]}))
    assert next(e for e in cub("train", official) if e["id"] == 3)["captions"] == ["one."]


def test_resized_from_the_middle_and_from_the_box(official):
    middle = cub("test", official, size=20)[0]  # image 4: 64 x 40; the square from x = 12
    assert middle["image"].shape == (20, 20, 3)
    np.testing.assert_allclose(middle["box"], [4, 5, 15, 5])
    np.testing.assert_allclose(middle["parts"][0], [2, 6, 1])
    box = cub("test", official, size=20, crop="box")[0]
    np.testing.assert_allclose(box["box"], [0, 0, 20, 20])
    assert (box["image"][4:16, 2:18] == 255 - 4).all()
    assert box["parts"][0].tolist() == [0, 0, 0], "left of the box"
    np.testing.assert_allclose(box["parts"][6], [4 / 3, 4, 1], rtol=1e-6)


def test_pictures_that_are_not_there_are_left_out(official):
    for file in (official / "images" / CLASSES[1]).iterdir():
        file.unlink()
    source = cub("train", official)
    assert source.meta.classes == (CLASSES[0], CLASSES[2]) and source.meta.class_attributes.shape == (2, 312)
    assert {example["label"] for example in source} == {0, 1}
    assert all(example["label"] == (example["id"] % 3) // 2 for example in source)


@pytest.mark.parametrize(
    ("file", "rows", "message"),
    [
        ("train_test_split.txt", None, "has no train_test_split.txt"),
        ("image_class_labels.txt", [(1, 1)], "says nothing of image 2"),
        ("image_class_labels.txt", [(99, 1)], "fits no image"),
        ("image_class_labels.txt", [(n, 7) for n in range(1, 25)], "expected classes 1..3"),
        ("parts/part_locs.txt", [(1, 16, 1.0, 1.0, 1)], "fits no image or part"),
        ("attributes/class_attribute_labels_continuous.txt", [(1.0, 2.0)], "expected 3 lines of 312 percentages"),
        (
            "attributes/image_attribute_labels.txt",
            [(1, 400, 1, 4, 2.5)],
            "image_attribute_labels.txt, line 1: .* fits no",
        ),
        ("attributes/image_attribute_labels.txt", [(1, 4, 1), (99, 4, 1)], "line 2: '99 4 1' fits no image"),
        ("attributes/image_attribute_labels.txt", [(1, 4, 0), (1, 4)], "line 2: '1 4' fits no image"),
        ("images.txt", [(1, "a.jpg"), ("b.jpg",)], "a number and CLASS/NAME.jpg a line in images.txt, got 'b.jpg'"),
    ],
)
def test_damaged_folders(official, file, rows, message):
    if rows is None:
        (official / file).unlink()
    else:
        write(official, file, rows)
    with pytest.raises(ValueError, match=message):
        cub("train", official)


def test_refusals(official, tmp_path):
    with pytest.raises(ValueError, match="expected a split"):
        cub("dev", official)
    with pytest.raises(ValueError, match="crop='middle' or 'box'"):
        cub("train", official, crop="none")
    with pytest.raises(FileNotFoundError):
        cub("train", tmp_path / "absent")
    with pytest.raises(ValueError, match="name the folder or the file"):
        cub("train", tmp_path)
    name = cub("test", official)[0]["id"]
    (official / "images" / CLASSES[name % 3] / f"Bird_{name:04d}.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot be read"):
        cub("test", official)[0]


def jpeg(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "jpeg", quality=95)
    return buffer.getvalue()


@pytest.fixture
def notes(tmp_path):
    names = [f"{CLASSES[k % 2]}/Bird_{k}.jpg" for k in range(6)]
    parts = np.zeros((6, 15, 3), np.float32)
    parts[:, 0] = 30, 20, 1
    np.savez(
        tmp_path / "cub_annotations.npz", names=names, label=np.arange(6) % 2, is_train=np.array([1, 0, 1, 1, 0, 1]),
        bbox_xywh=np.tile(np.float32([10, 10, 40, 20]), (6, 1)), parts_xyv=parts, classes=CLASSES[:2],
        class_attributes_percent=np.zeros((2, 312), np.float32), attribute_names=np.array(ATTRIBUTE_NAMES),
    )  # fmt: skip
    return tmp_path


def test_packed_crops(notes):
    files = [jpeg(np.full((32, 32, 3), 40 * k, np.uint8)) for k in range(3)]
    parts = np.zeros((3, 15, 3), np.float32)
    parts[:, 2] = 8, 16, 1
    np.savez(
        notes / "crops.npz", jpeg_bytes=np.frombuffer(b"".join(files), np.uint8),
        offsets=np.cumsum([0, *map(len, files)]), cub_index=np.array([1, 3, 4]), parts_xyv_in_crop=parts,
    )  # fmt: skip
    test = cub("test", notes / "crops.npz", size=16)
    assert [example["id"] for example in test] == [2, 5] and [example["label"] for example in test] == [1, 0]
    assert abs(int(test[1]["image"].mean()) - 80) < 3
    np.testing.assert_allclose(test[0]["parts"][2], [4, 8, 1])
    np.testing.assert_allclose(test[0]["box"], [0, 0, 16, 16])


def test_packed_archive(notes):
    names = [f"{CLASSES[k % 2]}/Bird_{k}.jpg" for k in range(6)]
    with tarfile.open(notes / "images_small.tar", "w") as archive:
        for k in (0, 2):
            data = jpeg(np.full((20, 30, 3), 50 * k, np.uint8))
            info = tarfile.TarInfo(names[k])
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    with pytest.raises(ValueError, match="expected index_small.npz"):
        cub("train", notes / "images_small.tar")
    np.savez(notes / "index_small.npz", cub_index=np.array([0, 2]), scale_xy=np.full((2, 2), 0.5))
    source = cub("train", notes / "images_small.tar")
    assert [example["id"] for example in source] == [1, 3] and source.meta.classes == CLASSES[:1]
    np.testing.assert_allclose(source[1]["parts"][0], [15, 10, 1])
    np.testing.assert_allclose(source[1]["box"], [5, 5, 20, 10])
    assert abs(int(source[1]["image"].mean()) - 100) < 3
    np.savez(notes / "index_small.npz", cub_index=np.array([0, 5]), scale_xy=np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="lacks 1 pictures"):
        cub("train", notes / "images_small.tar")
    np.savez(notes / "index_small.npz", cub_index=np.array([0, 2]), scale_xy=np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="no pictures of the split 'test'"):
        cub("test", notes / "images_small.tar")


def test_the_shared_crops(shared_data):
    file = shared_data / "cub" / "cub100_crops128_jpeg.npz"
    sources = {split: cub(split, file) for split in ("train", "val", "test")}
    assert sum(len(source) for source in sources.values()) == 5902
    assert len(sources["test"]) == 2903 and len(sources["train"].meta.classes) == 100
    example = sources["test"][0]
    assert example["image"].shape == (128, 128, 3) and example["id"] == 1
    np.testing.assert_allclose(example["parts"][1], [99.24922, 65.26316, 1], rtol=1e-5)
    captioned = [k for k in range(0, 2903, 7) if "captions" in sources["test"][k]]
    assert captioned and len(sources["test"][captioned[0]]["captions"]) == 10


def test_the_shared_archive(shared_data):
    source = cub("test", shared_data / "cub" / "images_max320.tar")
    assert len(source.meta.classes) == 10
    for example in (source[0], source[-1]):
        h, w = example["image"].shape[:2]
        assert max(h, w) <= 320 and example["parts"][:, 0].max() < w and example["parts"][:, 1].max() < h
        x, y, width, height = example["box"]
        assert 0 <= x and 0 <= y and x + width <= w + 1 and y + height <= h + 1
        seen = example["parts"][example["parts"][:, 2] > 0]
        assert (seen[:, 0] >= x - 3).all() and (seen[:, 1] <= y + height + 3).all()
        assert len(example["captions"]) == 10
