"""Training: learns, and can be killed at any time without a trace in the weights."""

import dataclasses
import json
import os
import signal
import subprocess
import sys

import jax
import numpy as np
import pytest

from jxai.run import checkpoints
from jxai.run.outputs import fingerprint
from jxai.train.evaluate import evaluate
from jxai.train.image_batches import stack
from jxai.train.images import TrainConfig, train

pytestmark = pytest.mark.usefixtures("compiled_once")
CONFIG = TrainConfig(epochs=3, batch=16, learning_rate=0.1, shift=1, brightness=0.05, contrast=0.1, weight_decay=0.0)


def init(key):
    return {"w": 0.01 * jax.random.normal(key, (3, 3), np.float32), "b": np.zeros(3, np.float32)}


def apply(params, x):
    return x.mean((0, 1)) @ params["w"] + params["b"]


def preprocess(image):
    return image * 8 - 2


def made(count, seed):
    """Noise with one brighter colour channel, the class."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 80, (count, 6, 6, 3), dtype=np.uint8)
    labels = rng.integers(0, 3, count)
    images[np.arange(count), ..., labels] += np.uint8(40)
    return [{"image": image, "label": int(label)} for image, label in zip(images, labels, strict=True)]


def run(folder, **changes):
    options = {"validation": made(21, 1), "config": CONFIG, "preprocess": preprocess, "devices": jax.devices()[:2]}
    data = changes.pop("data", made(72, 0))
    fns = changes.pop("init", init), changes.pop("apply", apply)
    return train(*fns, data, folder=folder, **(options | changes))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "run"
    return folder, run(folder)


def latest(folder):
    return fingerprint(checkpoints.load(folder / "latest")[0])


def lines(folder):
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in record.items() if name != "seconds"} for record in records]


def test_learns(uninterrupted):
    _, trained = uninterrupted
    fresh = evaluate(apply, trained.params, made(100, 2), preprocess=preprocess)
    assert fresh.accuracy > 0.9
    assert trained.accuracy == max(record["validation_accuracy"] for record in trained.history) > 0.9
    before = evaluate(apply, init(jax.random.key(0)), made(100, 2), preprocess=preprocess)
    assert before.accuracy < 0.8


def test_metrics(uninterrupted):
    folder, trained = uninterrupted
    assert [(record["epoch"], record["step"]) for record in trained.history] == [(1, 4), (2, 8), (3, 12)]
    names = {"step", "epoch", "loss", "train_accuracy", "validation_accuracy", "learning_rate", "seconds"}
    assert all(set(record) == names for record in trained.history)
    assert trained.history[2]["loss"] < trained.history[0]["loss"]
    assert len(lines(folder)) == 3


def test_a_finished_run_is_returned(uninterrupted):
    folder, trained = uninterrupted
    again = run(folder, progress=lambda _: pytest.fail("trained again"))
    assert fingerprint(again.params) == fingerprint(trained.params)
    assert again.history == trained.history


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", [1, 4, 5, 11])
def test_interrupted_in_a_step(uninterrupted, tmp_path, step):
    def interrupt(now):
        if now.step == step:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "run", progress=interrupt)
    resumed = run(tmp_path / "run")
    assert latest(tmp_path / "run") == latest(uninterrupted[0])
    assert fingerprint(resumed.params) == fingerprint(uninterrupted[1].params)
    assert lines(tmp_path / "run") == lines(uninterrupted[0])


@pytest.mark.parametrize("name", ["best", "latest"])
@pytest.mark.parametrize("after", [False, True])
def test_interrupted_while_keeping(uninterrupted, tmp_path, monkeypatch, name, after):
    real, calls = checkpoints.save, []

    def save(folder, *args):
        calls.append(folder.name)
        stop = folder.name == name and len(calls) > 2
        if after or not stop:
            real(folder, *args)
        if stop:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save", save)
        with pytest.raises(Killed):
            run(tmp_path / "run", apply=apply_to_be_better)
    whole = run(tmp_path / "whole", apply=apply_to_be_better)
    resumed = run(tmp_path / "run", apply=apply_to_be_better)
    assert latest(tmp_path / "run") == latest(tmp_path / "whole")
    assert (resumed.accuracy, resumed.epoch) == (whole.accuracy, whole.epoch)
    assert lines(tmp_path / "run") == lines(tmp_path / "whole")


def apply_to_be_better(params, x):
    """Learns so slowly that the accuracy rises in more than one epoch."""
    return apply(jax.tree.map(lambda leaf: leaf * 0.05, params), x - 3) + jax.numpy.array([0.05, 0, 0], x.dtype)


KILLED = """
import os, signal, sys, jax
jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_enable_x64", True)
sys.path.insert(0, sys.argv[2])
import test_images
def kill(now):
    if now.step == 7:
        os.kill(os.getpid(), signal.SIGKILL)
from pathlib import Path
test_images.run(Path(sys.argv[1]), progress=kill)
"""


def test_kill_9(uninterrupted, tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), os.path.dirname(__file__)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(lines(tmp_path / "run")) == 1
    run(tmp_path / "run")
    assert latest(tmp_path / "run") == latest(uninterrupted[0])
    assert lines(tmp_path / "run") == lines(uninterrupted[0])


def test_progress(tmp_path):
    told = []
    run(tmp_path / "run", progress=told.append, config=dataclasses.replace(CONFIG, epochs=2))
    assert [now.step for now in told] == list(range(1, 9)) and {now.steps for now in told} == {8}
    assert [now.loss is None for now in told] == [True, False, False, False] * 2
    assert told[0].accuracy is None and told[4].accuracy is not None


def test_traced_once(tmp_path):
    traces = []

    def counted(params, x):
        traces.append(1)
        return apply(params, x)

    short = dataclasses.replace(CONFIG, epochs=2)
    run(tmp_path / "a", apply=counted, config=dataclasses.replace(CONFIG, epochs=1))
    once = len(traces)
    run(tmp_path / "b", apply=counted, config=short)
    assert len(traces) == 2 * once


def test_seed_and_devices(tmp_path, uninterrupted):
    other = run(tmp_path / "seed", config=dataclasses.replace(CONFIG, seed=1))
    assert fingerprint(other.params) != fingerprint(uninterrupted[1].params)
    four = run(tmp_path / "four", devices=jax.devices())
    for a, b in zip(jax.tree.leaves(four.params), jax.tree.leaves(uninterrupted[1].params), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_sgd_and_label_smoothing(tmp_path):
    config = dataclasses.replace(CONFIG, optimiser="sgd", label_smoothing=0.1, clip=0.0, warmup=0.0)
    assert run(tmp_path / "run", config=config).accuracy > 0.9


def test_another_run_is_refused(uninterrupted):
    folder, _ = uninterrupted
    with pytest.raises(ValueError, match="seed differ; name another folder"):
        run(folder, config=dataclasses.replace(CONFIG, seed=1))
    with pytest.raises(ValueError, match="but data differ"):
        run(folder, data=made(72, 5))
    assert len(lines(folder)) == 3


def test_a_loss_that_is_not_finite(tmp_path):
    with pytest.raises(ValueError, match="loss became nan in step 1; lower learning_rate"):
        run(tmp_path / "run", apply=lambda params, x: apply(params, x) * np.float32(np.nan))
    assert not checkpoints.exists(tmp_path / "run" / "latest")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": []}, "at least one example in data"),
        ({"validation": []}, "at least one example in validation"),
        ({"data": made(8, 0)}, "one batch of 16"),
        ({"data": [{"image": np.zeros((6, 6, 3), np.uint8), "label": 3}] * 20}, "labels below 3.*classes=4"),
        ({"data": [{"image": np.zeros((6, 6, 3), np.float32), "label": 1}] * 20}, "uint8"),
        ({"data": made(20, 0) + [{"image": np.zeros((7, 6, 3), np.uint8), "label": 1}]}, "images of one size"),
        ({"validation": [{"image": np.zeros((7, 6, 3), np.uint8), "label": 1}]}, "like the training images"),
        ({"devices": jax.devices()[:3]}, "3 devices share evenly"),
        ({"apply": lambda params, x: x}, "logits \\[k\\]"),
    ],
)
def test_refuses(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "run", **changes)
    assert list(tmp_path.iterdir()) == []


def test_evaluate():
    data = made(10, 3)
    result = evaluate(lambda params, x: x.mean((0, 1)) * params, np.float32(2), data, per_device=1)
    expected = np.stack([row["image"].mean((0, 1)) for row in data]) / 255 * 2
    np.testing.assert_allclose(result.logits, expected, rtol=1e-5)
    np.testing.assert_array_equal(result.predictions, expected.argmax(-1))
    assert result.accuracy == np.mean([row["label"] for row in data] == expected.argmax(-1))


def test_stack():
    data = [dict(row, id=i + 7) for i, row in enumerate(made(4, 0))]
    examples = stack(data)
    assert examples.ids.tolist() == [7, 8, 9, 10] and stack(made(4, 0)).ids.tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(examples.images[2], data[2]["image"])
    assert stack(examples) is examples
    with pytest.raises(ValueError, match="labels from 0"):
        stack([dict(data[0], label=-1)])
