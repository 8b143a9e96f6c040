"""`jxai train hardness`: from a classifier's run to a predictor that can be read again."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.cli.app import main
from jxai.data.birds.source import birds_meta
from jxai.data.spec import DataSpec
from jxai.models import small_cnn
from jxai.pipelines.checkpoints import describe_run, load_weights
from jxai.pipelines.hardness import load_hardness, risks
from jxai.pipelines.run_data import data_of_run
from jxai.run import checkpoints
from jxai.train.image_batches import Examples

OPTIONS = {"classes": 4, "size": 16}
CLASSES = list(birds_meta(4).classes)
DATA = DataSpec("birds", options={"species": 4, "train": 64, "val": 16, "test": 16})


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the run of a classifier of four species."""
    monkeypatch.setattr("jxai.cli.train_hardness.prepare", lambda devices=None: None)
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "cache"))
    describe_run(tmp_path / "run", "small_cnn", OPTIONS, CLASSES, DATA)
    model = small_cnn(**OPTIONS)
    checkpoints.save(tmp_path / "run" / "best", jax.device_get(model.init(jax.random.key(0))))
    return tmp_path


def train(place, *more):
    arguments = ["train", "hardness", "--weights", str(place / "run"), "--out", str(place / "hard"), "--epochs", "1"]
    main([*arguments, "--batch", "32", "--hidden", "6", "5", *more])


def refused(capsys, place, *more):
    with pytest.raises(SystemExit) as stop:
        train(place, *more)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_trains_and_comes_back(place, capsys):
    train(place, "--loss", "deliberative")
    said = capsys.readouterr().out
    assert "oracle" in said
    loaded = load_hardness(place / "hard")
    assert loaded.predictor.hidden == (5,)
    assert loaded.classes == CLASSES and data_of_run(place / "hard") == DATA.complete()
    x = jnp.zeros((16, 16, 3))
    assert 0 < loaded.predictor.apply(loaded.params, x) < 1
    model, params, classes = load_weights(None, place / "hard")  # the classifier beside it
    np.testing.assert_array_equal(model.apply(params, x), loaded.model.apply(loaded.classifier, x))
    assert classes == loaded.classes
    lines = (place / "hard" / "metrics.jsonl").read_text()
    train(place, "--loss", "deliberative")  # finished: returned
    assert (place / "hard" / "metrics.jsonl").read_text() == lines
    images = np.zeros((3, 16, 16, 3), np.uint8)
    found = risks(loaded, Examples(images, np.array([0, 1, 2], np.int32), np.arange(3)))
    assert found["oracle"] <= found["hardness"] <= 1
    assert "loss differ" in refused(capsys, place, "--loss", "failure")


@pytest.mark.parametrize(
    "more, says",
    [
        (["--size", "32"], "--size"),
        (["--label-smoothing", "0.1"], "--label-smoothing"),
        (["--press", "0"], "press above 0"),
        (["--data", "cub"], "name the folder of cub by --source"),
    ],
)
def test_refuses(place, capsys, more, says):
    assert says in refused(capsys, place, *more)
    assert not (place / "hard").exists()


def test_refuses_what_is_no_run(place, capsys):
    with pytest.raises(SystemExit):
        main(["train", "hardness", "--weights", str(place / "none")])
    assert "expected the folder of a jxai train classifier run" in capsys.readouterr().err
    with pytest.raises(ValueError, match="holds small_cnn"):
        load_hardness(place / "run")
