"""Relevance at taps: by hand, alike for one function in several spellings, refused where there is no rule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import scores, tap
from jxai.explainers.attention.lrp import relevance
from tests.cases import LABEL, case_of
from tests.references.example import close, vector

X = vector((3, 4), 1)
V = vector((3, 4), 2)


def before(fn, x=X, weight=V):
    """The relevance of what enters `fn`, of the score `sum(fn(x) * weight)`."""
    return jax.jit(relevance(lambda x: (fn(tap(x, "in")) * weight).sum(), "in"))(x)["in"]


def proportional(z):
    """What a weighted sum sends back: shares of its terms."""
    return z * V / (z * V).sum()


def norm(x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def norm_by_moments(x):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.maximum(0.0, (x * x).mean(-1, keepdims=True) - mean * mean)
    return (x - mean) * (jax.lax.rsqrt(variance + 1e-5) * jnp.ones_like(mean))


def norm_by_division(x):
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)


def norm_turned(x):
    centred = x - x.mean(-1, keepdims=True)
    return jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * centred


def softmax(x):
    raised = jnp.exp(x - jax.lax.stop_gradient(x.max(-1, keepdims=True)))
    return raised / raised.sum(-1, keepdims=True)


PASSING = {
    "tanh": jnp.tanh,
    "relu": lambda x: jax.nn.relu(x) + 1e-3,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu by tanh": jax.nn.gelu,
    "gelu by sigmoid": lambda x: jax.nn.sigmoid(1.702 * x) * x,
    "silu": jax.nn.silu,
    "softmax": jax.nn.softmax,
    "softmax by hand": softmax,
    "norm": norm,
    "norm by moments": norm_by_moments,
    "norm by division": norm_by_division,
    "norm turned": norm_turned,
    "norm kept whole": jax.checkpoint(norm),
    "scaled, shifted": lambda x: 2.0 * x * vector((1, 4), 5) + vector((3, 1), 6),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_relevance_on_unchanged(name):
    close(before(PASSING[name]), proportional(PASSING[name](X)), rtol=1e-7)


@pytest.mark.parametrize("axis", [0, 1, None])
def test_sums_share_in_proportion(axis):
    weight = vector(X.sum(axis).shape, 3)
    got = before(lambda x: x.sum(axis), weight=weight)
    above = X.sum(axis) * weight
    close(got, X / X.sum(axis, keepdims=True) * jnp.expand_dims(above / above.sum(), () if axis is None else axis))


def test_weights_share_by_positive_products_and_biases_take_no_part():
    w = vector((4, 2), 3)
    got = before(lambda x: x @ w + 7.0, weight=jnp.ones((3, 2)))
    expected = np.zeros(X.shape)
    z = np.asarray(X @ w + 7.0)
    for row in range(3):
        for i in range(2):
            positive = np.maximum(np.asarray(X[row] * w[:, i]), 0)
            if positive.any():
                expected[row] += positive / positive.sum() * z[row, i] / z.sum()
    close(got, expected)


def test_a_convolution_is_a_layer_with_weights():
    kernel = vector((2, 4, 5), 3)
    fn = lambda x: jax.lax.conv_general_dilated(  # noqa: E731
        x[None], kernel, (1,), "VALID", dimension_numbers=("NHC", "HIO", "NHC")
    )
    same = lambda x: jnp.concatenate([x[:-1], x[1:]], 1) @ kernel.reshape(8, 5)  # noqa: E731
    close(before(fn, weight=1.0), before(same, weight=1.0))


def test_a_product_of_two_activations_gives_each_half():
    u, v = X, V.T
    score = lambda x: (tap(x[0], "u") @ tap(x[1], "v")).sum()  # noqa: E731
    got = relevance(score, "u", "v")((u, v))
    close(got["u"], u * v.sum(1)[None] / (u @ v).sum() / 2)
    close(got["v"], v * u.sum(0)[:, None] / (u @ v).sum() / 2)


def test_a_product_of_elements_gives_each_half_also_where_one_is_repeated():
    score = lambda x: (tap(x[0], "u") * tap(x[1], "v")).sum()  # noqa: E731
    got = relevance(score, "u", "v")((X, V[:1]))
    share = X * V[:1] / (X * V[:1]).sum() / 2
    close(got["u"], share)
    close(got["v"], share.sum(0, keepdims=True))


def test_a_gated_unit_of_two_layers_gives_each_half():
    """`a * silu(b)` cut from one layer: neither is made from the other."""
    score = lambda x: (tap(x[:, :2], "a") * tap(jax.nn.silu(x[:, 2:]), "b")).sum()  # noqa: E731
    got = relevance(score, "a", "b")(X)
    assert float(got["a"].sum()) == pytest.approx(0.5) and float(got["b"].sum()) == pytest.approx(0.5)


@pytest.mark.parametrize(("u", "v"), [(3.0, 1.0), (3.0, -1.0), (-1.0, -4.0)])
def test_a_skip_connection_brings_its_sides_to_one_sign(u, v):
    """`|S_u| / (|S_u| + |S_v|)` of the whole: 3/4, 3/4, 1/5."""
    score = lambda x: tap(x[0], "u") + tap(x[1], "v")  # noqa: E731
    got = relevance(score, "u", "v")(jnp.array([u, v]))
    assert float(got["u"]) == pytest.approx(abs(u) / (abs(u) + abs(v)))
    assert float(got["u"] + got["v"]) == pytest.approx(1)


def test_a_difference_is_shared_with_signs():
    score = lambda x: tap(x[0], "u") - tap(x[1], "v")  # noqa: E731
    got = relevance(score, "u", "v")(jnp.array([3.0, 1.0]))
    assert [float(got[name]) for name in "uv"] == pytest.approx([1.5, -0.5])


@pytest.mark.parametrize("kind", [scores.logit, scores.log_probability, scores.probability])
def test_scores_of_one_class_start_alike(kind):
    """Relevance 1 at the logit, whatever stands behind it and whatever its value."""
    case = case_of("tokens")
    got = jax.jit(relevance(kind(case.apply), "block1/attention"))(case.x, LABEL, case.params)
    close(
        got["block1/attention"],
        relevance(scores.logit(case.apply), "block1/attention")(case.x, LABEL, case.params)["block1/attention"],
    )


def test_a_certain_prediction_has_relevance():
    """In float32 its log-probability is exactly 0: gradient times input under rules would vanish."""
    score = scores.log_probability(lambda w, x: tap(x, "in") @ w)
    x, w = jnp.ones(2, jnp.float32), jnp.array([[90.0, 0.0], [30.0, 0.0]], jnp.float32)
    assert float(score(x, 0, w)) == 0.0
    assert relevance(score, "in")(x, 0, w)["in"].tolist() == pytest.approx([0.75, 0.25])


def test_a_tap_that_the_score_does_not_use_has_none():
    def score(x):
        flag = tap(x + 1.0, "other").sum() > 9
        return jnp.where(flag, 2.0, 3.0) * (tap(x, "used") * 2.0).sum()

    got = relevance(score, "used", "other")(X)
    close(got["used"], X / X.sum())
    assert np.abs(got["other"]).max() == 0


def test_products_with_zero_give_nothing_and_stay_finite():
    got = relevance(lambda x: (tap(x, "in") @ x.T).sum() + 1.0, "in")(jnp.zeros((2, 3)))["in"]
    assert np.abs(got).max() == 0


def test_an_operation_without_a_rule_is_named():
    score = lambda x: jnp.sort(tap(jnp.tanh(x), "block3") * V).sum()  # noqa: E731
    with pytest.raises(
        NotImplementedError,
        match=r"no rule for the operation sort, which follows the tap 'block3'; use rule='gradient'",
    ):
        relevance(score, "block3")(X)
    looped = lambda x: jax.lax.scan(lambda c, _: (c @ jnp.ones((4, 4)), None), tap(x, "in"), None, length=2)[0].sum()  # noqa: E731
    with pytest.raises(NotImplementedError, match="no rule for the operation scan"):
        relevance(looped, "in")(X)
