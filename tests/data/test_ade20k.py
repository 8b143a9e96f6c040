"""ADE20K: a tiny official folder made here, the three shared images, and the geometry of a cut."""

import numpy as np
import pytest
from PIL import Image

from jxai.data import ade20k, cut, object_frequencies
from jxai.data.schema import Instance

SCENES = ("kitchen", "beach")


@pytest.fixture
def folder(tmp_path):
    root, rows = tmp_path / "ADEChallengeData2016", []
    for kind, part, count in (("train", "training", 21), ("val", "validation", 4)):
        for top in ("images", "annotations"):
            (root / top / part).mkdir(parents=True)
        for n in range(1, count + 1):
            name = f"ADE_{kind}_{n:08d}"
            rows.append(f"{name} {'moon' if name.endswith('val_00000004') else SCENES[n % 2]}")
            masks = np.zeros((20, 32), np.uint8)
            masks[5:15, 8:24], masks[0, 0] = 1 + n % 2, 3
            Image.fromarray(np.full((20, 32, 3), 9 * n, np.uint8)).save(root / "images" / part / f"{name}.jpg")
            Image.fromarray(masks).save(root / "annotations" / part / f"{name}.png")
    (root / "sceneCategories.txt").write_text("\n".join(rows) + "\n")
    names = "Idx\tRatio\tTrain\tVal\tName\n1\t0.5\t9\t9\twall\n2\t0.2\t9\t9\tbuilding, edifice\n3\t0.1\t9\t9\tsky\n"
    (root / "objectInfo150.txt").write_text(names)
    return root


def test_the_official_folder(folder):
    sources = {split: ade20k(split, folder) for split in ("train", "val", "test")}
    assert [len(source) for source in sources.values()] == [19, 2, 3]
    meta = sources["train"].meta
    assert meta.classes == ("beach", "kitchen") and meta.objects == ("wall", "building", "sky")
    assert [example["id"] for example in sources["val"]] == [10, 20]
    ids = [example["id"] for source in sources.values() for example in source]
    assert len(set(ids)) == 24
    example = sources["train"][0]
    assert example["label"] == 0 and example["image"].shape == (20, 32, 3) and example["masks"].shape == (20, 32)
    assert example["instances"] == [Instance(1, (8, 5, 16, 10)), Instance(2, (0, 0, 1, 1))]
    found = object_frequencies(sources["train"], 2, 3)
    np.testing.assert_array_equal(found, [[0, 1, 1], [1, 0, 1]])


def test_resized(folder):
    example = ade20k("train", folder, size=40)[0]  # the square from x = 6, doubled
    assert example["image"].shape == (40, 40, 3) and example["masks"].shape == (40, 40)
    assert example["instances"] == [Instance(1, (4, 10, 32, 20))]
    assert set(np.unique(example["masks"])) == {0, 2}


def test_a_folder_without_parts(folder):
    for top in ("images", "annotations"):
        for file in list((folder / top / "validation").iterdir()):
            file.rename(folder / top / file.name)
    assert len(ade20k("test", folder)) == 3


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "sceneCategories.txt").unlink(), "has no sceneCategories.txt"),
        (lambda f: (f / "objectInfo150.txt").unlink(), "has no objectInfo150.txt"),
        (lambda f: (f / "objectInfo150.txt").write_text("Idx\tName\n2\twall\n"), "the objects 1, 2"),
        (lambda f: (f / "sceneCategories.txt").write_text("ADE_train_00000001\n"), "an image and a scene a line"),
        (lambda f: (f / "annotations/training/ADE_train_00000002.png").unlink(), "1 images have no annotation"),
    ],
)
def test_missing_files(folder, damage, message):
    damage(folder)
    with pytest.raises(ValueError, match=message):
        ade20k("train", folder)


def test_annotations_that_do_not_fit(folder):
    file = folder / "annotations/training/ADE_train_00000001.png"
    Image.fromarray(np.zeros((20, 31), np.uint8)).save(file)
    with pytest.raises(ValueError, match=r"\[20, 32\] like its image, in ADE_train_00000001.png, got uint8 \[20, 31\]"):
        ade20k("train", folder)[0]
    Image.fromarray(np.full((20, 32), 4, np.uint8)).save(file)
    with pytest.raises(ValueError, match="expected objects 0..3"):
        ade20k("train", folder)[0]


def test_refusals(folder, tmp_path):
    with pytest.raises(ValueError, match="expected a split"):
        ade20k("dev", folder)
    with pytest.raises(ValueError, match="size of 16 to 1024"):
        ade20k("train", folder, size=2)
    with pytest.raises(FileNotFoundError):
        ade20k("train", tmp_path / "absent")


def test_the_shared_images(shared_data):
    source = ade20k("test", shared_data / "ade20k_mini")
    assert len(source) == 3 and len(source.meta.classes) == 1040 and len(source.meta.objects) == 150
    assert [source.meta.classes[example["label"]] for example in source] == ["abbey", "abbey", "access_road"]
    example = source[0]
    assert example["masks"].shape == example["image"].shape[:2] == (512, 683)
    names = {source.meta.objects[one.kind] for one in example["instances"]}
    assert {"building", "sky"} <= names
    labels = (shared_data / "ade20k_mini" / "ADE_label_name.txt").read_text().split()[1::2]
    assert tuple(labels) == source.meta.classes
    with pytest.raises(ValueError, match="images/training"):
        ade20k("train", shared_data / "ade20k_mini")


def test_a_cut_keeps_points_on_their_pixels():
    rng = np.random.default_rng(0)
    masks = rng.integers(0, 4, (30, 50)).astype(np.uint8)
    image = np.repeat(masks[..., None] * 60, 3, -1)
    example = {"image": image, "label": 0, "masks": masks, "box": np.array([0, 0, 50, 30], np.float32)}
    same = cut(example, 30, (10, 0, 30, 30))
    np.testing.assert_array_equal(same["masks"], masks[:, 10:40])
    np.testing.assert_array_equal(same["image"], image[:, 10:40])
    np.testing.assert_allclose(same["box"], [0, 0, 30, 30])
    twice = cut(example, 60, (10, 0, 30, 30))
    np.testing.assert_array_equal(twice["masks"][::2, ::2], masks[:, 10:40])
    away = cut({**example, "instances": [Instance(0, (0, 0, 5, 5)), Instance(1, (20, 10, 4, 4), True)]}, 30)
    assert away["instances"] == [Instance(1, (10, 10, 4, 4), True)]
    assert cut({**example, "box": np.array([0, 0, 4, 4])}, 30)["box"].tolist() == [0, 0, 0, 0]
