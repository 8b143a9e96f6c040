"""ReLU in every usual spelling is found, and biases are taken with their layer."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules
from jxai.core.errors import UnusedRule
from tests.references.example import close, vector

V, W = vector((6, 8), 1), vector((8, 8), 2)
X = vector(6, 3)

RELUS = {
    "jax.nn.relu": jax.nn.relu,
    "maximum": lambda a: jnp.maximum(a, 0.0),
    "maximum, zero first": lambda a: jnp.maximum(0.0, a),
    "maximum of zeros_like": lambda a: jnp.maximum(a, jnp.zeros_like(a)),
    "lax.max": lambda a: jax.lax.max(a, jnp.zeros((8,), a.dtype)),
    "where": lambda a: jnp.where(a > 0, a, 0.0),
    "where, at least": lambda a: jnp.where(a >= 0, a, 0.0),
    "where, below": lambda a: jnp.where(a < 0, 0.0, a),
    "where, zero above": lambda a: jnp.where(0.0 < a, a, jnp.zeros_like(a)),
    "mask times value": lambda a: a * (a > 0).astype(a.dtype),
    "value times mask": lambda a: (a > 0).astype(a.dtype) * a,
    "in an inner jit": jax.jit(lambda a: jnp.maximum(a, 0.0)),
    "jitted relu": jax.jit(jax.nn.relu),
    "in a checkpoint": jax.checkpoint(lambda a: jnp.where(a > 0, a, 0.0)),
    "relu in a checkpoint": jax.checkpoint(jax.nn.relu),
    "clip from below": lambda a: jnp.clip(a, min=0.0),
}


def network(relu):
    return lambda x, v, w: relu(relu(x @ v) @ w) @ jnp.array([1.0, -2.0, 3.0, -1.0, 2.0, 1.0, -3.0, 1.0])


RULES = {
    "guided": {"relu": rules.guided},
    "deconvnet": {"relu": rules.deconvnet},
    "lrp": {"relu": rules.passing, "dot_general": rules.epsilon(0.01)},
}


@cache
def expected(kind):
    """The attribution where ReLU is written as `jax.nn.relu`, and not the plain gradient."""
    plain = jxai.gradient(network(jax.nn.relu))(X, V, W)
    ruled = jxai.gradient(jxai.with_rules(network(jax.nn.relu), RULES[kind]))(X, V, W)
    assert np.abs(ruled - plain).max() > 1e-3
    return np.asarray(ruled)


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("spelling", RELUS)
def test_every_spelling_of_relu_gives_the_same_attribution(spelling, kind):
    explain = jxai.gradient(jxai.with_rules(network(RELUS[spelling]), RULES[kind]))
    close(explain(X, V, W), expected(kind))


@pytest.mark.parametrize("spelling", RELUS)
def test_and_so_under_jit(spelling):
    explain = jxai.gradient(jxai.with_rules(network(RELUS[spelling]), RULES["guided"]))
    close(jax.jit(explain)(X, V, W), expected("guided"))


@pytest.mark.parametrize(
    "relu6",
    [jax.nn.relu6, lambda a: jnp.minimum(jnp.maximum(a, 0.0), 6.0), lambda a: jnp.minimum(jax.nn.relu(a), 6.0)],
    ids=["jax.nn.relu6", "minimum of maximum", "minimum of relu"],
)
def test_relu_inside_relu6(relu6):
    x = jnp.array([-1.0, 2.0, 7.0, 3.0])
    c = jnp.array([1.0, 1.0, 1.0, -1.0])
    guided = jxai.gradient(jxai.with_rules(lambda x: (c * relu6(x)).sum(), {"relu": rules.guided}))
    assert guided(x).tolist() == [0.0, 1.0, 0.0, 0.0]
    deconvnet = jxai.gradient(jxai.with_rules(lambda x: (c * relu6(x)).sum(), {"relu": rules.deconvnet}))
    assert deconvnet(x).tolist() == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "fn",
    [
        lambda a: jnp.maximum(a, 0.5),
        lambda a: jnp.maximum(a, -a),
        lambda a: jnp.where(a > 0, 0.0, a),
        lambda a: jnp.where(a > 1.0, a, 0.0),
        lambda a: jnp.minimum(a, 0.0),
        lambda a: jnp.abs(a),
        lambda a: a * a,
        jax.nn.leaky_relu,
    ],
)
def test_what_is_no_relu_is_not_taken_for_one(fn):
    with pytest.raises(UnusedRule, match="rule for relu"):
        jax.grad(jxai.with_rules(lambda x: fn(x).sum(), {"relu": rules.guided}))(X)


@pytest.mark.parametrize("name", ["silu", "elu", "leaky_relu", "gelu", "celu", "softplus", "relu6"])
def test_named_functions_can_be_ruled_by_their_name(name):
    fn = lambda x: (getattr(jax.nn, name)(x) * jnp.array([1.0, -1.0, 1.0, 1.0])).sum()  # noqa: E731
    x = jnp.array([-1.0, 2.0, 0.7, 3.0])
    try:
        got = jax.grad(jxai.with_rules(fn, {name: rules.guided}))(x)
    except UnusedRule:
        assert name in {"gelu"}  # JAX leaves no name for it
        return
    slope = jax.vmap(jax.grad(getattr(jax.nn, name)))(x)
    close(got, jnp.where(jnp.array([True, False, True, True]), slope, 0.0))


BIASED = {
    "x @ w + b": lambda x, w, b: x @ w + b,
    "b + x @ w": lambda x, w, b: b + x @ w,
    "with a batch axis": lambda x, w, b: (x[None] @ w + b[None])[0],
    "batch axis taken off first": lambda x, w, b: (x[None] @ w)[0] + b,
    "broadcast bias": lambda x, w, b: (x[None] @ w + jnp.broadcast_to(b, (1, 3)))[0],
    "einsum": lambda x, w, b: jnp.einsum("i,ij->j", x, w) + b,
    "in a jit": jax.jit(lambda x, w, b: x @ w + b),
}


@pytest.mark.parametrize("spelling", BIASED)
def test_a_bias_keeps_its_share_however_it_is_added(spelling):
    w, b = vector((6, 3), 4), vector(3, 5)
    rule = rules.epsilon(0.3)
    explain = jxai.times_input(
        jxai.gradient(jxai.with_rules(lambda x, w, b: BIASED[spelling](x, w, b)[1], {"dot_general": rule}))
    )
    z = X @ w[:, 1] + b[1]
    close(explain(X, w, b), X * w[:, 1] / (z + 0.3 * jnp.sign(z)) * z)


def test_what_depends_on_the_input_is_no_bias():
    """A residual connection is added, not shared out by the layer's rule."""
    w = vector((6, 6), 4)
    explain = jxai.times_input(
        jxai.gradient(jxai.with_rules(lambda x: (x @ w + x)[1], {"dot_general": rules.epsilon(0.3)}))
    )
    z = X @ w[:, 1]
    close(explain(X), X * w[:, 1] / (z + 0.3 * jnp.sign(z)) * z + jnp.eye(6)[1] * X[1])
