"""The hardness predictor: what it computes, on every kind of trunk, from a classifier's weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.models import MODELS, hardness, small_cnn

SMALL = {
    "small_cnn": {"size": 16, "widths": (4, 8)},
    "mobilenet_v2": {"size": 32, "width": 0.1},
    "squeezenet": {"size": 32},
    "alexnet": {"size": 64, "width": 2, "hidden": 8},
    "vgg11_bn": {"size": 32, "width": 2, "hidden": 8},
    "resnet18": {"size": 32, "width": 2},
    "vit_tiny": {"size": 32, "patch": 16, "width": 8, "heads": 2, "depth": 1},
}


@pytest.fixture(scope="module")
def made():
    predictor = hardness(small_cnn(classes=6, **SMALL["small_cnn"]), hidden=(5, 3))
    params = jax.tree.map(lambda a: a.astype(jnp.float64), predictor.init(jax.random.key(0)))
    return predictor, params, jax.random.uniform(jax.random.key(1), (16, 16, 3))


def literal(head, z):
    """The head, layer by layer."""
    for i in range(len(head)):
        unit = head[f"unit{i}"]
        norm = unit["norm"]
        z = (z - norm["mean"]) / np.sqrt(norm["variance"] + 1e-5) * norm["scale"] + norm["bias"]
        z = np.where(z > 0, z, 0) @ unit["kernel"] + unit["bias"]
    return 1 / (1 + np.exp(-z[0]))


def test_head_equals_the_formula(made):
    predictor, params, x = made
    moved = jax.tree.map(lambda a: a + 0.1, params)
    outputs = np.asarray(predictor.trunk.apply(moved["trunk"], x))
    np.testing.assert_allclose(predictor.outputs(moved, x), outputs)
    wanted = literal(jax.tree.map(np.asarray, moved["head"]), outputs)
    np.testing.assert_allclose(predictor.apply(moved, x), wanted, rtol=1e-12)
    np.testing.assert_allclose(jax.nn.sigmoid(predictor.logit(moved, x)), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", SMALL)
def test_every_trunk(name):
    trunk = MODELS[name](classes=4, **SMALL[name])
    predictor = hardness(trunk, hidden=(3,))
    classifier = jax.eval_shape(MODELS[name](classes=7, **SMALL[name]).init, jax.random.key(0))
    given = jax.tree.map(lambda leaf: jnp.full(leaf.shape, 0.01, leaf.dtype), classifier)
    params = jax.eval_shape(predictor.start, jax.random.key(0), given)
    x = jax.ShapeDtypeStruct((trunk.size, trunk.size, 3), jnp.float32)
    assert jax.eval_shape(predictor.apply, params, x).shape == ()
    taps = jax.eval_shape(jxai.reap(lambda x, params: predictor.apply(params, x)), x, params)
    assert set(taps) == {*trunk.taps, "hidden0", "hidden1", "hardness"}


def test_default_widths():
    assert hardness(small_cnn(classes=40)).hidden == (40, 100)  # few units would all be 0 on the hardest examples


def test_starts_from_the_classifier(made):
    predictor, _, _ = made
    given = small_cnn(classes=9, **SMALL["small_cnn"]).init(jax.random.key(7))
    params = predictor.start(jax.random.key(0), given)
    np.testing.assert_array_equal(params["trunk"]["block1"]["kernel"], given["block1"]["kernel"])
    assert params["trunk"]["classify"]["kernel"].shape == (8, 6)
    other = small_cnn(classes=9, size=16, widths=(4, 6)).init(jax.random.key(7))
    with pytest.raises(ValueError, match="classifier's architecture"):
        predictor.start(jax.random.key(0), other)


def test_standardised(made):
    predictor, params, _ = made
    outputs = 5 + 3 * jax.random.normal(jax.random.key(2), (50, 6))
    head = jax.jit(predictor.standardised)(params, outputs)["head"]
    np.testing.assert_allclose(head["unit0"]["norm"]["mean"], outputs.mean(0))
    norm = (outputs - outputs.mean(0)[None]) / jnp.sqrt(outputs.var(0) + 1e-5)[None]
    below = jax.nn.relu(norm) @ params["head"]["unit0"]["kernel"]
    np.testing.assert_allclose(head["unit1"]["norm"]["variance"], below.var(0), rtol=1e-9)


def test_dropout_needs_a_key_and_keeps_the_mean(made):
    predictor, params, x = made
    keys = jax.random.split(jax.random.key(3), 4000)
    shallow = hardness(predictor.trunk, hidden=())  # linear after the ReLU: its mean is the value without
    small = {"trunk": params["trunk"], "head": {"unit0": {**params["head"]["unit0"], "bias": jnp.ones(1)}}}
    small["head"]["unit0"]["kernel"] = params["head"]["unit0"]["kernel"][:, :1]
    drawn = jax.jit(jax.vmap(lambda key: shallow.logit(small, x, key)))(keys)
    assert len(np.unique(np.asarray(drawn).round(9))) >= 4  # some of the few units that are not 0 are dropped
    spread = float(drawn.std()) / len(keys) ** 0.5
    assert abs(float(drawn.mean() - shallow.logit(small, x))) < 5 * spread + 1e-9


def test_maps_of_hardness_at_a_layer(made):
    """A score like any other: first-order maps at the trunk's features."""
    predictor, params, x = made
    explain = jxai.layer_attribution(lambda x, params: predictor.apply(params, x), jxai.gradient, at="features")
    found = explain(x, params)
    values, gradients = jxai.values_and_grads(lambda x, params: predictor.apply(params, x), "features")(x, params)
    np.testing.assert_allclose(found, gradients["features"], atol=1e-12)
    assert values["features"].shape == (8, 8, 8)
    assert np.abs(found).max() > 0


def test_refused():
    with pytest.raises(ValueError, match="widths"):
        hardness(small_cnn(), hidden=(0,))
    with pytest.raises(ValueError, match="dropout"):
        hardness(small_cnn(), dropout=1.0)
