"""MPII with the explanations of ACT-X and the objects of FLEX: a tiny folder in their formats, made here."""

import json

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from jxai.data import mpii, words_of
from jxai.data.schema import Instance

ADDRESS = "http://com.dataturks.a96-i23.open.s3.amazonaws.com/2c9f/7754e9bb-ffc4___"
TOLD = {
    "train": {
        "t1": {"iid": "000000004", "ans": "surfing", "exp": ["He stands on a board.", "waves."]},
        "t2": {"iid": "000000007", "ans": "cello, sitting", "exp": ["She holds a cello."]},
        "t3": {"iid": "000000099", "ans": "golf", "exp": ["no picture of it."]},
    },
    "val": {"v1": {"iid": 12, "ans": "surfing", "exp": "He is in the sea."}},
    "test": {
        "v2": {"iid": "015601864.jpg", "ans": "cello, sitting", "exp": ["A cello."]},
        "v3": {"iid": "000000021", "ans": "surfing", "exp": ["A board."]},
        "v4": {"iid": "000000022", "ans": "curling", "exp": ["An activity that nobody was trained for."]},
    },
}
NUMBERS = (4, 7, 12, 15601864, 21, 22)


def annotated(number, *objects):
    marks = [
        {"label": label, "points": [{"x": x, "y": y} for x, y in points], "imageWidth": 40, "imageHeight": 20}
        for label, *points in objects
    ]
    return json.dumps({"content": f"{ADDRESS}{number:09d}.jpg", "annotation": marks or None})


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "mpii"
    (root / "images").mkdir(parents=True)
    (root / "textual").mkdir()
    for k, number in enumerate(NUMBERS):
        Image.fromarray(np.full((20, 40, 3), 30 * k, np.uint8)).save(root / "images" / f"{number:09d}.jpg")
    for split, told in TOLD.items():
        (root / "textual" / f"exp_{split}_split.json").write_text(json.dumps(told))
    lines = [
        annotated(15601864, ("cello", (0.25, 0.5), (0.75, 1.0)), ("bowel", (0.5, 0.25), (0.25, -0.01))),
        annotated(21),
        "",
        annotated(4, ("Skatebaord", (0.1, 0.1), (0.2, 0.2)), ("cello", (0.5, 0.5), (0.5, 0.9))),
    ]
    (root / "object_annotations.json").write_text("\n".join(lines) + "\n")
    return root


def test_the_examples(folder):
    sources = {split: mpii(split, folder) for split in TOLD}
    assert [len(source) for source in sources.values()] == [2, 1, 2]
    meta = sources["test"].meta
    assert meta == sources["train"].meta._replace(frequencies=meta.frequencies)
    assert meta.classes == ("cello, sitting", "golf", "surfing") and meta.activities == ("nothing", *meta.classes)
    assert meta.objects == ("bowl", "cello", "skateboard") and meta.frequencies.shape == (3, 3)
    assert np.isnan(meta.frequencies).all() and words_of(meta.objects)[0] == ("bowl", "bowls")
    example = sources["test"][0]
    assert (example["id"], example["label"], example["activity"]) == (15601864, 0, 1)
    assert example["captions"] == ["A cello."] and example["image"].shape == (20, 40, 3)
    assert example["instances"] == [Instance(1, (10, 10, 20, 10), True), Instance(0, (10, 0, 10, 5), True)]
    assert sources["test"][1]["instances"] == [] and "box" not in example
    assert sources["train"][0]["captions"] == ["He stands on a board.", "waves."]
    assert sources["train"][0]["instances"] == [Instance(2, (4, 2, 4, 2), True)], "a box without an area is none"
    assert sources["val"][0]["captions"] == ["He is in the sea."] and sources["val"][0]["label"] == 2


def test_resized(folder):
    example = mpii("test", folder, size=40)[0]  # the square from x = 10, doubled
    assert example["image"].shape == (40, 40, 3)
    assert example["instances"] == [Instance(1, (0, 20, 40, 20), True), Instance(0, (0, 0, 20, 10), True)]


def test_where_the_files_may_lie(folder):
    (folder / "ACT-X").mkdir()
    (folder / "textual").rename(folder / "ACT-X" / "textual")
    (folder / "flex").mkdir()
    (folder / "object_annotations.json").rename(folder / "flex" / "object_annotations.json")
    assert mpii("test", folder).meta.objects == ("bowl", "cello", "skateboard")
    (folder / "flex" / "object_annotations.json").unlink()
    for file in (folder / "ACT-X" / "textual").iterdir():
        file.rename(folder / file.name)
    assert mpii("test", folder).meta.objects == () and mpii("test", folder)[0]["instances"] == []


def struct(**fields):
    """A struct array as MATLAB writes it, from rows."""
    rows = max(len(values) for values in fields.values())
    found = np.zeros(rows, [(name, object) for name in fields])
    for name, values in fields.items():
        for row, value in enumerate(values):
            found[name][row] = value
    return found


def write_people(folder):
    empty = np.zeros((0, 0))
    joints = struct(x=[5.0, 9.0], y=[3.0, 15.0], id=[0, 1])
    people = struct(
        x1=[8.0, empty], y1=[2.0, empty], x2=[12.0, empty], y2=[6.0, empty], annopoints=[{"point": joints}, empty]
    )
    one = struct(x1=[30.0], y1=[-4.0], x2=[99.0], y2=[6.0])
    names = [{"name": f"{n:09d}.jpg"} for n in (4, 15601864, 21)]
    annolist = struct(image=names, annorect=[people, one, empty])
    savemat(folder / "mpii_human_pose_v1_u12_1.mat", {"RELEASE": {"annolist": annolist, "img_train": [1, 0, 0]}})


def test_the_box_around_people(folder):
    (folder / "annotation").mkdir()
    write_people(folder / "annotation")
    np.testing.assert_allclose(mpii("train", folder)[0]["box"], [5, 2, 7, 13])
    test = mpii("test", folder)
    np.testing.assert_allclose(test[0]["box"], [30, 0, 10, 6]), "cut at the picture's edge"
    assert "box" not in test[1] and "box" not in mpii("val", folder)[0]
    np.testing.assert_allclose(mpii("train", folder, size=40)[0]["box"], [0, 4, 4, 26])


GOOD = annotated(4, ("a", (0, 0), (1, 1)))


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("textual/exp_train_split.json", None, "expected ACT-X's exp_train_split.json in mpii"),
        ("textual/exp_train_split.json", '{"a":\n 1,}', "exp_train_split.json is no JSON .*line 2"),
        ("textual/exp_train_split.json", "{}", "expected an object of explanations in exp_train_split.json"),
        (
            "textual/exp_train_split.json",
            '{"t9": {"iid": "x", "ans": "a", "exp": ["b"]}}',
            "entry 't9': expected 'iid'",
        ),
        (
            "textual/exp_train_split.json",
            '{"t9": {"iid": "1", "ans": " ", "exp": ["b"]}}',
            "entry 't9': expected 'iid'",
        ),
        ("textual/exp_train_split.json", '{"t9": {"iid": "1", "ans": "a", "exp": []}}', "entry 't9': expected 'iid'"),
        ("textual/exp_train_split.json", '{"t9": {"iid": "1", "ans": "a", "exp": ["b", ""]}}', "entry 't9': expected"),
        ("textual/exp_train_split.json", '{"t9": 3}', "entry 't9': expected 'iid'"),
        (
            "textual/exp_train_split.json",
            '{"a": {"iid": "1", "ans": "a", "exp": "b"}, "c": {"iid": 1, "ans": "d", "exp": "e"}}',
            "entry 'c': 000000001.jpg is 'd', and before 'a'",
        ),
        (
            "textual/exp_val_split.json",
            '{"v": {"iid": "5", "ans": "surfing", "exp": "b"}}',
            "images/000000005.jpg first",
        ),
        ("object_annotations.json", f"{GOOD}\n{{", "object_annotations.json, line 2 is no JSON"),
        ("object_annotations.json", f'{GOOD}\n\n{{"content": "a"}}', "line 3: expected 'content' and 'annotation'"),
        ("object_annotations.json", annotated(4, ("a", (0, 0))), "line 1: expected 'content'"),
        ("object_annotations.json", GOOD.replace('"a"', "7"), "line 1: expected 'content'"),
        ("object_annotations.json", GOOD.replace("000000004", "photo"), "line 1: expected an address"),
        ("mpii_human_pose_v1_u12_1.mat", "no matlab", "is not MPII's annotation"),
    ],
)
def test_malformed_files(folder, file, text, message):
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text)
    with pytest.raises(ValueError, match=message):
        mpii("val", folder)


def test_refusals(folder, tmp_path):
    with pytest.raises(ValueError, match="expected a split"):
        mpii("dev", folder)
    with pytest.raises(ValueError, match="size of 16 to 1024"):
        mpii("val", folder, size=4)
    with pytest.raises(FileNotFoundError):
        mpii("val", tmp_path / "absent")
    (folder / "images" / "000000012.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="expected a picture"):
        mpii("val", folder)[0]
