"""CUB as FLEX divides it, captioned images alone, and what malformed files say."""

import json

import pytest

from jxai.data import cub
from tests.data.cub.test_source import CLASSES, COUNT, official  # noqa: F401

NAMES = [f"{CLASSES[n % 3]}/Bird_{n:04d}.png" for n in range(1, COUNT + 1)]
LISTS = {"train": NAMES[10:2:-1], "val": [*NAMES[:3], "", NAMES[15]], "test": [NAMES[20], NAMES[11]]}


@pytest.fixture
def divided(official):  # noqa: F811
    for split, names in LISTS.items():
        (official / f"{split}_no_cub.txt").write_text("\n".join(names) + "\n")
    return official


def test_flexs_division(divided):
    for split, names in LISTS.items():
        ids = [example["id"] for example in cub(split, divided, division="flex")]
        assert ids == sorted(NAMES.index(name) + 1 for name in names if name)
    (divided / "images" / NAMES[20]).unlink()
    assert [example["id"] for example in cub("test", divided, division="flex")] == [12]


def test_captioned_images_alone(divided):
    told = {NAMES[k]: ["a bird."] for k in (4, 7, 11)} | {NAMES[5]: []}
    (divided / "captions.json").write_text(json.dumps(told))
    assert [e["id"] for e in cub("train", divided, division="flex", captioned=True)] == [5, 8]
    assert [e["id"] for e in cub("test", divided, captioned=True)] == [8, 12]
    source = cub("test", divided, captioned=True)
    assert source.meta.classes == CLASSES and all(example["captions"] == ["a bird."] for example in source)
    with pytest.raises(ValueError, match="no pictures with captions of the split 'val'"):
        cub("val", divided, division="flex", captioned=True)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("val_no_cub.txt", None, "expected val_no_cub.txt for division='flex'"),
        (
            "val_no_cub.txt",
            f"{NAMES[0]}\n\nNo_bird.jpg\n",
            "val_no_cub.txt, line 3: expected an image .* got 'No_bird.jpg'",
        ),
        (
            "val_no_cub.txt",
            f"{NAMES[0]}\n{NAMES[0]}\n",
            "val_no_cub.txt, line 2: .* named before, in val_no_cub.txt, line 1",
        ),
        ("test_no_cub.txt", f"{NAMES[10]}\n", "test_no_cub.txt, line 1: .* named before, in train_no_cub.txt, line 1"),
        ("captions.json", '{"a": ["b"],\n "c": }', "captions.json is no JSON .*line 2"),
        ("val_no_cub.txt", NAMES[0].encode() + b"\n\xff\xfe.jpg\n", "val_no_cub.txt, line 2: expected text in UTF-8"),
        ("captions.json", '["a"]', "in captions.json, got no object"),
        ("captions.json", '{"a": ["b"], "c": "d"}', "got of 'c' 'd'"),
        ("captions.json", '{"a": ["b", " "]}', "got of 'a'"),
    ],
)
def test_malformed_files(divided, file, text, message):
    if text is None:
        (divided / file).unlink()
    else:
        (divided / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=message):
        cub("train", divided, division="flex")


def test_another_division_is_refused(divided):
    with pytest.raises(ValueError, match=r"a division of \['official', 'flex'\], got 'gve'"):
        cub("train", divided, division="gve")


def test_flexs_division_of_the_shared_crops(shared_data):
    file = shared_data / "cub" / "cub100_crops128_jpeg.npz"
    sources = {split: cub(split, file, division="flex") for split in ("train", "val", "test")}
    assert sum(len(source) for source in sources.values()) == 5902 and len(sources["test"]) == 2903
    assert sources["train"].meta.classes == sources["test"].meta.classes
    captioned = {split: cub(split, file, division="flex", captioned=True) for split in sources}
    assert sum(len(source) for source in captioned.values()) == 1172
    assert all(len(captioned[split][k]["captions"]) == 10 for split in captioned for k in (0, -1))


def test_flexs_division_has_the_published_sizes(shared_data):
    """Of all images, of which the shared archive has those of ten classes."""
    from jxai.data.cub.division import division_of
    from jxai.data.cub.files import packed

    about = packed(shared_data / "cub" / "images_max320.tar")
    places = division_of(about, shared_data / "cub", "flex")
    assert [len(places[split]) for split in ("train", "val", "test")] == [4000, 1994, 5794]
    assert sorted(k for of in places.values() for k in of) == list(range(11788))
    assert not about.is_train[places["test"]].any(), "the official test split"
