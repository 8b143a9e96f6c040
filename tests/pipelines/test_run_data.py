"""Which data a run was trained on: written, read back, and guessed for runs of the version that did not write it."""

import dataclasses
import json
from pathlib import Path

import pytest

from jxai.data.birds.source import birds_meta
from jxai.data.scenes.source import scenes_meta
from jxai.data.spec import DataSpec
from jxai.pipelines.checkpoints import describe_run
from jxai.pipelines.run_data import data_of_run, describe_data, named_data, splits_of_run
from tests.tiny_runs import COUNTS, birds_data, birds_run, fewer_examples, flex_run, hardness_run

CLASSES = list(birds_meta(6).classes)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("cache")
def test_every_run_says_its_data(tmp_path):
    run = birds_run(tmp_path / "run")
    for folder in (run, hardness_run(tmp_path / "hard"), flex_run(tmp_path / "words", run)):
        assert data_of_run(folder) == birds_data().complete()
        assert json.loads((folder / "data.json").read_text())["options"] == {"species": 6, "seed": 0, **COUNTS}
        splits = splits_of_run(folder, CLASSES, 32)
        assert len(splits.test) == COUNTS["test"] and splits.test[0]["image"].shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("classes", "data"),
    [
        (CLASSES, DataSpec("birds", options={"species": 6})),
        (scenes_meta().classes, DataSpec("scenes")),
        (scenes_meta().activities[1:], DataSpec("activities")),
        (["a", "b"], None),
    ],
)
@pytest.mark.parametrize("file", ["model.json", "flex.json"])
def test_a_run_of_the_last_version_is_read(tmp_path, file, classes, data):
    """Its folder has no data.json."""
    (tmp_path / file).write_text(json.dumps({"model": "small_cnn", "options": {}, "classes": list(classes)}))
    assert data_of_run(tmp_path) == data


@pytest.mark.usefixtures("cache")
def test_the_splits_of_a_run_of_the_last_version(tmp_path, monkeypatch):
    fewer_examples(monkeypatch, "birds", *COUNTS.values())
    describe_run(tmp_path / "run", "small_cnn", {"classes": 6, "size": 32}, CLASSES)
    assert not (tmp_path / "run" / "data.json").exists()
    assert splits_of_run(tmp_path / "run", CLASSES, 32).spec == birds_data().complete()
    describe_run(tmp_path / "run", "small_cnn", {"classes": 6, "size": 32}, CLASSES, birds_data())
    assert data_of_run(tmp_path / "run") == birds_data().complete()  # continued: written


@pytest.mark.parametrize("other", [DataSpec("scenes"), DataSpec("birds", options={"species": 8}), DataSpec("birds")])
def test_a_run_on_other_data_is_refused(tmp_path, other):
    run = birds_run(tmp_path / "run")
    model = (run / "model.json").read_text()
    with pytest.raises(ValueError, match=rf"holds a run on birds \(species 6\) .*, not on {other.name}"):
        describe_data(run, other)
    with pytest.raises(ValueError, match="holds a run on birds"):
        describe_run(run, "vgg", {}, CLASSES, other)
    assert (run / "model.json").read_text() == model and data_of_run(run) == birds_data().complete()


def test_files_may_move(tmp_path):
    describe_data(tmp_path, named_data("ade20k", "here"))
    assert data_of_run(tmp_path).source == str(Path("here").absolute())
    describe_data(tmp_path, named_data("ade20k", "there"))
    assert data_of_run(tmp_path).source == str(Path("there").absolute())
    with pytest.raises(FileNotFoundError, match="no folder at .*moved"):
        splits_of_run(tmp_path, ["a"], 32, source=Path("moved"))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("classes", "named", "message"),
    [
        (None, {}, "expected --weights to be the folder of a jxai train run"),
        (["a", "b"], {}, r"--data birds: the run has other classes \(a, ...\)"),
        (CLASSES, {"name": "cub"}, "name the folder of cub by --source"),
        (CLASSES, {"source": Path("x")}, "birds are made here"),
    ],
)
def test_refuses(tmp_path, classes, named, message):
    with pytest.raises(ValueError, match=message):
        splits_of_run(birds_run(tmp_path / "run"), classes, 32, **named)


def test_refuses_what_nobody_knows(tmp_path):
    with pytest.raises(ValueError, match="does not say what it was trained on; name the data set by --data"):
        splits_of_run(tmp_path, ["a", "b"], 32)
    (tmp_path / "data.json").write_text(json.dumps({**dataclasses.asdict(DataSpec("birds")), "colour": 1}))
    with pytest.raises(ValueError, match="data.json is not what jxai train writes .*colour"):
        data_of_run(tmp_path)
