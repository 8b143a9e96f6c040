"""Scores against NumPy; labels, groups and shapes that do not fit are refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import scores
from tests.references.example import close, vector

W = vector((5, 4), 1)
X = vector(4, 2)
Z = np.asarray(W) @ np.asarray(X)
P = np.exp(Z) / np.exp(Z).sum()
SIGMOID = 1 / (1 + np.exp(-Z))


def apply(params, x):
    return params @ x


EXPECTED = {
    "logit": (scores.logit(apply), Z),
    "probability": (scores.probability(apply), P),
    "log_probability": (scores.log_probability(apply), np.log(P)),
    "log_sigmoid": (scores.log_sigmoid(apply), np.log(SIGMOID)),
    "mixture": (scores.mixture(apply), 0.9 * P + 0.1 * SIGMOID),
    "mixture of a third": (scores.mixture(apply, softmax=1 / 3), P / 3 + SIGMOID * 2 / 3),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_scores_of_a_class(name):
    score, expected = EXPECTED[name]
    close([score(X, label, W) for label in range(5)], expected)
    close(jax.jit(jax.vmap(score, in_axes=(None, 0, None)))(X, jnp.arange(5), W), expected)


def test_a_logarithm_of_a_vanishing_probability_is_finite():
    assert float(scores.log_probability(apply)(jnp.ones(4), 0, jnp.zeros((5, 4)).at[0].set(-1e4))) < -1e3


def test_margin():
    close(scores.margin(apply)(X, 3, 1, W), Z[3] - Z[1])


@pytest.mark.parametrize("members", [[2], [0, 3], [4, 1, 2], [0, 1, 2, 3]])
def test_class_group_by_labels_and_by_mask(members):
    score = scores.class_group(apply)
    mask = jnp.zeros(5, bool).at[jnp.array(members)].set(True)
    close(score(X, jnp.array(members), W), np.log(P[members].sum()), atol=1e-12)
    close(score(X, mask, W), np.log(P[members].sum()), atol=1e-12)
    assert np.all(np.isfinite(jax.grad(score)(X, mask, W)))


def test_groups_of_different_sizes_under_vmap():
    masks = jnp.array([[True, False, False, False, False], [True, True, False, True, False]])
    got = jax.vmap(scores.class_group(apply), in_axes=(None, 0, None))(X, masks, W)
    close(got, np.log([P[0], P[0] + P[1] + P[3]]))


def test_entropy():
    close(scores.entropy(apply)(X, W), -(P * np.log(P)).sum())
    close(scores.entropy(apply)(X, 0 * W), np.log(5))


SOFTMAX = {
    "probability": lambda apply: lambda x: scores.probability(apply)(x, 0, None),
    "log_probability": lambda apply: lambda x: scores.log_probability(apply)(x, 0, None),
    "mixture": lambda apply: lambda x: scores.mixture(apply)(x, 0, None),
    "log_mixture": lambda apply: lambda x: scores.log_mixture(apply)(x, 0, None),
    "class_group": lambda apply: lambda x: scores.class_group(apply)(x, jnp.array([0, 2]), None),
    "entropy": lambda apply: lambda x: scores.entropy(apply)(x, None),
    "max_probability": lambda apply: lambda x: scores.max_probability(apply)(x, None),
    "hesitancy": lambda apply: lambda x: scores.hesitancy(apply)(x, None),
}
OF_LOGITS = {
    "logit": lambda apply: lambda x: scores.logit(apply)(x, 0, None),
    "log_sigmoid": lambda apply: lambda x: scores.log_sigmoid(apply)(x, 0, None),
    "margin": lambda apply: lambda x: scores.margin(apply)(x, 0, 2, None),
}
LOGITS = jnp.array([0.3, 1.2, -0.5, 2.0])


@pytest.mark.parametrize("name", SOFTMAX | OF_LOGITS)
def test_a_class_with_a_logit_of_minus_infinity_has_no_share(name):
    """Value and gradient are those of the model without that class."""
    make = (SOFTMAX | OF_LOGITS)[name]
    without = jax.value_and_grad(make(lambda params, x: x))(LOGITS)
    for extra in (-jnp.inf, -1e300):  # the same where the probability underflows
        with_one = make(lambda params, x, extra=extra: jnp.append(x, jnp.full_like(x[:1], extra)))
        value, slope = jax.jit(jax.value_and_grad(with_one))(LOGITS)
        close(value, without[0])
        close(slope, without[1], atol=1e-15)
    value, slope = jax.value_and_grad(make(lambda params, x: x))(jnp.append(LOGITS, -jnp.inf))
    close(value, without[0])
    close(slope, jnp.append(without[1], 0), atol=1e-15)


@pytest.mark.parametrize("name", SOFTMAX)
def test_a_nan_among_the_logits_is_nan(name):
    for place in range(4):
        assert np.isnan(SOFTMAX[name](lambda params, x: x)(LOGITS.at[place].set(jnp.nan)))
    tied = SOFTMAX[name](lambda params, x: x)
    assert np.isfinite(jax.grad(tied)(jnp.zeros(4))).all() and np.isfinite(tied(jnp.zeros(4))), "ties"


def test_passages_that_are_nan_or_not_there():
    score = scores.joint(jnp.sum, in_axes=(0,))
    x = jnp.log(jnp.array([[0.2], [jnp.nan]]))
    close(score(x, jnp.array([True, False])), np.log(0.2))
    assert np.isnan(score(x, jnp.array([True, True]))) and np.isnan(score(x, jnp.array([False, False])))


@pytest.mark.parametrize("label", [5, -6, 100])
def test_a_label_out_of_range_is_refused(label):
    for name in ("logit", "probability", "log_probability", "log_sigmoid", "mixture"):
        with pytest.raises(ValueError, match=f"label {label} is out of range: the model has 5 classes"):
            getattr(scores, name)(apply)(X, label, W)
    with pytest.raises(ValueError, match=f"label {label} is out of range"):
        scores.margin(apply)(X, 0, label, W)


def test_a_batch_of_logits_is_refused():
    with pytest.raises(ValueError, match=r"logits of one example, shape \[k\]; shape \(1, 5\) came"):
        scores.logit(lambda params, x: (params @ x)[None])(X, 0, W)


def test_missing_parameters_are_named():
    with pytest.raises(ValueError, match=r"takes \(x, label, params\); 2 arguments came"):
        scores.logit(apply)(X, 0)
    with pytest.raises(ValueError, match=r"takes \(x, params\); 1 arguments came"):
        scores.entropy(apply)(X)
    with pytest.raises(ValueError, match=r"takes \(x, label, label, params\); 3 arguments came"):
        scores.margin(apply)(X, 0, 1)


@pytest.mark.parametrize("weight", [-0.1, 1.1])
def test_a_weight_outside_its_range_is_refused(weight):
    with pytest.raises(ValueError, match=rf"a weight in 0..1; {weight} came"):
        scores.mixture(apply, softmax=weight)


def test_scores_of_difficulty():
    close(scores.max_probability(apply)(X, W), P.max())
    close(scores.hesitancy(apply)(X, W), 1 - P.max())
    close(scores.entropy(apply, normalised=True)(X, W), -(P * np.log(P)).sum() / np.log(5))
    close(scores.entropy(apply, normalised=True)(X, jnp.zeros((5, 4))), 1.0)
    for make in (scores.max_probability, scores.hesitancy, scores.entropy):
        with pytest.raises(ValueError, match=r"this score takes \(x, params\); 3 arguments came"):
            make(apply)(X, W, W)


@pytest.mark.parametrize("name", SOFTMAX | OF_LOGITS)
def test_what_the_model_takes_need_not_be_one_floating_array(name):
    """Token numbers, or several inputs."""
    score = (SOFTMAX | OF_LOGITS)[name]
    expected = score(lambda params, x: x)(LOGITS)
    close(score(lambda params, tokens: LOGITS[tokens])(jnp.arange(4)), expected)
    close(score(lambda params, x: x["a"] + x["b"])({"a": LOGITS / 2, "b": LOGITS / 2}), expected)
