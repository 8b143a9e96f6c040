"""Settings of training."""

import jax
import numpy as np
import optax
import pytest

from jxai.train.config import HardnessConfig, SentenceConfig, TrainConfig
from jxai.train.optimisers import optimiser, schedule


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs above 0"),
        ({"learning_rate": float("nan")}, "learning_rate above 0"),
        ({"warmup": 1.5}, r"warmup in 0\.\.1"),
        ({"shift": -1}, "shift in 0"),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**changes)


@pytest.mark.parametrize(
    ("config", "name"),
    [(HardnessConfig, "label_smoothing"), (SentenceConfig, "label_smoothing"), (SentenceConfig, "warmup")],
)
def test_what_a_training_does_not_have_cannot_be_set(config, name):
    assert getattr(config(), name) == 0
    with pytest.raises(TypeError, match=name):
        config(**{name: 0.1})


def test_schedule_against_the_formula():
    rate = schedule(TrainConfig(learning_rate=0.5, warmup=0.2), 50)
    steps = np.arange(51)
    cosine = 0.25 * (1 + np.cos(np.pi * (steps - 10) / 40))
    expected = np.where(steps < 10, 0.05 * steps, cosine)
    np.testing.assert_allclose([float(rate(step)) for step in steps], expected, atol=1e-6)
    assert float(schedule(TrainConfig(learning_rate=0.5, warmup=0.0), 50)(0)) == 0.5


def test_sgd_against_the_formula():
    config = TrainConfig(optimiser="sgd", learning_rate=0.1, momentum=0.9, weight_decay=0.5, warmup=0.0, clip=0.0)
    update = optimiser(config, 1000)
    params = {"w": np.full((2, 2), 2.0, np.float32), "b": np.full(2, 2.0, np.float32)}
    gradient = jax.tree.map(lambda leaf: np.full_like(leaf, 3.0), params)
    state = update.init(params)
    changes, state = update.update(gradient, state, params)
    nesterov = 3 + 0.9 * 3
    np.testing.assert_allclose(changes["w"], -0.1 * (nesterov + 0.5 * 2), rtol=1e-5)
    np.testing.assert_allclose(changes["b"], -0.1 * nesterov, rtol=1e-5)


def test_clip():
    config = TrainConfig(optimiser="sgd", learning_rate=1.0, momentum=0.0, weight_decay=0.0, warmup=0.0, clip=1.0)
    update = optimiser(config, 10)
    params = {"w": np.zeros((2, 2), np.float32)}
    changes, _ = update.update({"w": np.full((2, 2), 5.0, np.float32)}, update.init(params), params)
    np.testing.assert_allclose(float(optax.tree.norm(changes)), 1.0, rtol=1e-5)
