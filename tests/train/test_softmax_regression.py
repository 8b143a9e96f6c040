"""Softmax regression against its own condition of optimality, in NumPy."""

import jax.numpy as jnp
import numpy as np

from jxai.train.softmax_regression import softmax_regression


def _problem():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 5))
    labels = (features @ rng.normal(size=(5, 3)) + 0.5 * rng.normal(size=(60, 3))).argmax(1)
    return features, labels


def _slope(last, features, labels, weights, decay):
    logits = features @ np.asarray(last["kernel"]) + np.asarray(last["bias"])
    chance = np.exp(logits - logits.max(1, keepdims=True))
    chance /= chance.sum(1, keepdims=True)
    apart = weights[:, None] / weights.sum() * (chance - np.eye(3)[labels])
    return features.T @ apart + 2 * decay * np.asarray(last["kernel"]), apart.sum(0)


def test_it_ends_where_the_slope_of_the_loss_is_zero():
    features, labels = _problem()
    weights = np.random.default_rng(1).uniform(0.1, 2.0, 60)
    last = softmax_regression(features, labels, 3, weights=weights, steps=4000, decay=0.01)
    for slope in _slope(last, features, labels, weights, 0.01):
        np.testing.assert_allclose(slope, 0, atol=1e-4)


def test_weight_zero_leaves_an_example_out():
    features, labels = _problem()
    keep = np.arange(60) % 3 > 0
    with_weights = softmax_regression(features, labels, 3, weights=keep)
    without = softmax_regression(features[keep], labels[keep], 3)
    np.testing.assert_allclose(with_weights["kernel"], without["kernel"], atol=1e-10)
    np.testing.assert_allclose(with_weights["bias"], without["bias"], atol=1e-10)


def test_the_layer_has_the_features_type():
    features, labels = _problem()
    assert softmax_regression(features.astype(np.float32), labels, 3, steps=2)["kernel"].dtype == jnp.float32
