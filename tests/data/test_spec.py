"""The table of data sets, what names a set as plain data, and the one way to load them all."""

import dataclasses
import inspect
import json

import numpy as np
import pytest

from jxai.data.spec import DataSpec, load, meta_of
from jxai.data.table import DATA, names_of
from tests.data.cub.test_source import official  # noqa: F401
from tests.data.mpii.test_source import folder as mpii_folder  # noqa: F401
from tests.data.test_ade20k import folder as ade20k_folder  # noqa: F401
from tests.data.test_texts import eraser  # noqa: F401
from tests.tiny_runs import fewer_examples

MADE = names_of(made_here=True)


def again(spec):
    return DataSpec(**json.loads(json.dumps(dataclasses.asdict(spec))))


@pytest.fixture
def sources(tmp_path, official, mpii_folder, ade20k_folder, eraser):  # noqa: F811
    (tmp_path / "sst").mkdir()
    for name in ("train", "dev", "test"):
        (tmp_path / "sst" / f"{name}.txt").write_text("(3 (2 a) (4 (3 fine) (2 film)))\n(0 (2 no) (1 .))\n")
    return {"cub": official, "mpii": mpii_folder, "ade20k": ade20k_folder, "movies": eraser, "sst": tmp_path / "sst"}


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_here_loads(tmp_path, monkeypatch, name):
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path))
    fewer_examples(monkeypatch, name, 20, 6, 6)
    told, size = [], 32 if DATA[name].kind == "image" else None
    splits = load(DataSpec(name), size, progress=lambda *each: told.append(each))
    check(splits, DATA[name])
    assert told[-1] == (DATA[name].making, 32, 32)
    assert splits.spec.options == {**DATA[name].options, "train": 20, "val": 6, "test": 6}
    meta = meta_of(splits.spec)
    if meta is not None and name != "activities":
        assert meta.classes == splits.meta.classes


@pytest.mark.parametrize("name", names_of(made_here=False))
def test_what_a_user_has_loads(sources, name):
    spec = DataSpec(name, str(sources[name]))
    splits = load(again(spec), 32 if DATA[name].kind == "image" else None)
    check(splits, DATA[name])
    assert splits.spec == spec.complete() and meta_of(spec) is None


def check(splits, row):
    assert splits.sources == {"train": splits.train, "val": splits.val, "test": splits.test}
    example = splits.train[0]
    assert len(splits.val) and len(splits.test) and 0 <= example["label"] < len(splits.meta.classes)
    if row.kind == "text":
        assert example["words"]
        return
    assert example["image"].shape == (32, 32, 3)
    assert ("masks" in example) == row.masks and ("parts" in example) == row.parts


@pytest.mark.parametrize("row", DATA.values(), ids=lambda row: row.name)
def test_the_rows_say_what_the_readers_take(row):
    parameters = inspect.signature(row.read).parameters
    free = any(each.kind is each.VAR_KEYWORD for each in parameters.values())  # activities are read as scenes
    parameters = inspect.signature(DATA["scenes"].read).parameters if free else parameters
    for option, default in row.defaults.items():
        assert parameters[option].default == default
    assert ("source" in parameters) == (not row.made_here) and ("size" in parameters) == (row.kind == "image")
    assert row.about and row.paper and bool(row.making) == row.made_here


def test_options_change_the_examples(sources):
    boxes = load(DataSpec("cub", str(sources["cub"]), {"crop": "box"}), 32)
    middle = load(DataSpec("cub", str(sources["cub"])), 32)
    assert not np.array_equal(boxes.train[0]["image"], middle.train[0]["image"])
    assert len(load(DataSpec("sst", str(sources["sst"]), {"fine": True})).meta.classes) == 5


def test_a_spec_is_plain_data():
    spec = DataSpec("birds", options={"species": 4})
    assert again(spec) == spec and again(spec.complete()) == spec.complete()
    assert spec.same_examples(spec.complete()) and not spec.same_examples(DataSpec("birds"))
    assert DataSpec("cub", "here").same_examples(DataSpec("cub", "there"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "scenes"


@pytest.mark.parametrize(
    ("arguments", "size", "message"),
    [
        (("dogs",), None, "unknown data set 'dogs'; there are birds, scenes"),
        (("birds", "folder"), None, "birds are made here: leave --source out"),
        (("scenes", None, {"species": 4}), None, "scenes: there is no option 'species'"),
        (("movies",), None, "name the archive or folder of movies by --source"),
        (("cub",), 64, "name the folder of cub by --source"),
        (("reviews",), 64, "no size for the texts of reviews, got 64"),
    ],
)
def test_refuses(arguments, size, message):
    with pytest.raises(ValueError, match=message):
        load(DataSpec(*arguments), size)
