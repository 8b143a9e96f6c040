"""What relevance, differences and probabilities add up to, in every kind of layer; and what is refused, and how."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jxai
from jxai import rules
from jxai.core.errors import MissingRule, UnusedRule
from jxai.models.layers import depthwise_conv
from jxai.models.pooling import max_pool
from tests.references.example import close, vector

K = [vector((3, 3, 2, 4), 1, 0.3), vector((3, 3, 4, 4), 2, 0.3), vector((4, 4), 3, 0.5), vector((3, 3, 1, 4), 9, 0.3)]
V, IMAGE = vector(4, 4), vector((6, 6, 2), 5)
WORDS = vector((5, 4), 6)


def convolve(x, kernel):
    return jax.lax.conv_general_dilated(
        x[None], kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[0]  # fmt: skip


def normal(z, scale=None, shift=0.0):
    """Batch normalisation in inference mode, as a layer of its own; without shift it has no bias."""
    scale = jnp.array([1.5, -0.7, 0.4, -1.1]) if scale is None else scale
    return z * (jax.lax.rsqrt(jnp.array([0.3, 1.2, 2.0, 0.8]) + 1e-5) * scale)[None, None] + shift


def residual(x):
    a = jax.nn.relu(normal(convolve(x, K[0])))
    a = jax.nn.relu(a + normal(convolve(a, K[1])))
    return V @ a.mean((0, 1))


def pooled(x):
    a = max_pool(jax.nn.relu(convolve(x, K[0])))
    a = jax.nn.relu6(depthwise_conv(a, K[3]))
    return V @ jax.lax.reduce_window(a, 0.0, jax.lax.add, (2, 2, 1), (1, 1, 1), "VALID").max((0, 1))


def gated(x):
    a = jax.nn.gelu(x[0] @ K[0][0, 0], approximate=False)
    a = jax.nn.silu(a @ K[2]) + jnp.tanh(a)
    return V @ jax.nn.gelu(a @ K[2]).sum(0)


def attention(x):
    """A pre-norm block without biases (the mean taken off, and divided by the standard deviation)."""
    centred = x - x.mean(-1, keepdims=True)
    a = centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-3)
    weights = jax.lax.stop_gradient(jax.nn.softmax(a @ K[2] @ a.T))
    return V @ (x + weights @ (a @ K[2])).sum(0)


NETWORKS = {
    "residual": (residual, IMAGE),
    "pooled": (pooled, IMAGE),
    "gated": (gated, IMAGE),
    "norm": (attention, WORDS),
}
COMPOSITES = {
    "epsilon": rules.relevance(lambda place: rules.epsilon(0.0)),
    "gamma": rules.relevance(lambda place: rules.gamma(0.25)),
    "first flat": rules.relevance(lambda place: rules.flat if place.first else rules.epsilon(0.0)),
    "first box": rules.relevance(lambda place: rules.box(-5.0, 5.0) if place.first else rules.epsilon(0.0)),
    "first w^2": rules.relevance(lambda place: rules.wsquare if place.first else rules.epsilon(0.0)),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("composite", COMPOSITES)
def test_relevance_is_conserved(name, composite):
    score, x = NETWORKS[name]
    if name == "norm" and composite.startswith("first"):
        pytest.skip("the layer that meets the input comes after a normalisation, and beside a residual path")
    got = jax.jit(jxai.lrp(score, composite=COMPOSITES[composite]))(x)
    assert abs(float(score(x))) > 1e-2
    assert float(got.sum()) == pytest.approx(float(score(x)), rel=1e-6)


@pytest.mark.parametrize("rule", ["flat", "wsquare", "box"])
def test_relevance_of_black_pixels_is_not_lost(rule):
    x = IMAGE.at[:3].set(0.0)
    rule = rules.box(-5.0, 5.0) if rule == "box" else getattr(rules, rule)
    composite = rules.relevance(lambda p: rule if p.first else rules.epsilon(0.0))
    got = jax.jit(jxai.lrp(residual, composite=composite))(x)
    assert np.abs(got[:3]).min() > 0
    assert float(got.sum()) == pytest.approx(float(residual(x)), rel=1e-6)


def test_the_share_of_biases_is_what_relevance_lacks():
    b = vector(4, 8)
    score = lambda x, b: V @ jax.nn.relu(convolve(x, K[0]) + b[None, None]).mean((0, 1))  # noqa: E731
    explain = jax.jit(jxai.lrp(score, composite=COMPOSITES["epsilon"]))
    of_bias = float((b * jax.grad(score, argnums=1)(IMAGE, b)).sum())
    assert float(explain(IMAGE, b).sum()) + of_bias == pytest.approx(float(score(IMAGE, b)), rel=1e-9)


ORDERS = {
    "scaled factor": lambda z, m, s, g, b: (z - m) * (s * g) + b,
    "factor by factor": lambda z, m, s, g, b: (z - m) * s * g + b,
    "scale first": lambda z, m, s, g, b: g * ((z - m) * s) + b,
    "folded": lambda z, m, s, g, b: z * (s * g) + (b - m * s * g),
    "divided": lambda z, m, s, g, b: (z - m) / (1 / s) * g + b,
}
STATS = [vector(4, 11), jnp.abs(vector(4, 12)) + 0.3, vector(4, 13), vector(4, 14)]


@pytest.mark.parametrize("order", [*ORDERS, "flax"])
@pytest.mark.parametrize("rule", ["zplus", "gamma", "alpha_beta"])
def test_batch_normalisation_is_joined_with_the_layer_before_it(order, rule):
    """In any order of its operations it is one layer with scaled weights and a bias."""
    mean, inverse, scale, shift = STATS
    chosen = rules.zplus if rule == "zplus" else getattr(rules, rule)()
    explain = lambda score: jax.jit(jxai.lrp(score, composite=rules.relevance(lambda place: chosen)))  # noqa: E731

    def separate(x):
        z = convolve(x, K[0])
        if order == "flax":
            norm = nnx.BatchNorm(4, use_running_average=True, epsilon=0.0, param_dtype=jnp.float64, rngs=nnx.Rngs(0))
            norm.mean, norm.var = (nnx.BatchStat(jnp.zeros(4, jnp.float64)) for _ in range(2))
            norm.mean[...], norm.var[...] = mean, 1 / inverse**2
            norm.scale[...], norm.bias[...] = scale, shift
            z = norm(z)
        else:
            z = ORDERS[order](z, *(s[None, None] for s in STATS))
        return V @ jax.nn.relu(z).mean((0, 1))

    def joined(x):
        z = convolve(x, K[0] * (inverse * scale)[None, None, None]) + (shift - mean * inverse * scale)[None, None]
        return V @ jax.nn.relu(z).mean((0, 1))

    np.testing.assert_allclose(explain(separate)(IMAGE), explain(joined)(IMAGE), rtol=1e-8, atol=1e-8)


COMPLETE = {
    **NETWORKS,
    "softmax": (lambda x: jax.nn.softmax(x @ K[2])[:, 1].sum() ** 2, WORDS),
    "class group": (lambda x: jax.nn.logsumexp(jax.nn.log_softmax(x[0] @ K[2])[:2]), WORDS),
    "attention": (lambda x: V @ (jax.nn.softmax(x @ K[2] @ x.T) @ x).sum(0), WORDS),
    "quotient": (lambda x: x[0, 0] / (1 + jnp.exp(x[0, 1])) + jnp.sqrt(1 + x[1, 1] ** 2), WORDS),
}


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("rule", ["rescale", "reveal_cancel"])
def test_deep_lift_is_complete(name, rule):
    score, x = COMPLETE[name]
    explain = jax.jit(jxai.deep_lift(score, rule=rule))
    for seed in (21, 22):
        b = vector(x.shape, seed)
        got = explain(x, baseline=b)
        assert float(got.sum()) == pytest.approx(float(score(x) - score(b)), rel=1e-7, abs=1e-9)


RELUS = {
    "jax.nn.relu": jax.nn.relu,
    "maximum": lambda a: jnp.maximum(a, 0.0),
    "where": lambda a: jnp.where(a > 0, a, 0.0),
    "mask": lambda a: a * (a > 0).astype(a.dtype),
}


@pytest.mark.parametrize("spelling", RELUS)
@pytest.mark.parametrize("of", [jxai.guided_backprop, jxai.lrp, jxai.deep_lift, jxai.excitation_backprop])
def test_every_spelling_of_relu_gives_the_same_result(spelling, of):
    score = lambda relu: lambda x: V @ relu(relu(x[0] @ K[0][0, 0]) @ K[2] + 0.1).sum(0)  # noqa: E731
    one, other = (jax.jit(of(score(relu)))(IMAGE) for relu in (RELUS[spelling], jax.nn.relu))
    close(one, other)


@pytest.mark.parametrize("of", [jxai.lrp, jxai.deep_lift])
def test_every_spelling_of_silu_gives_the_same_result(of):
    one = jax.jit(of(lambda x: V @ jax.nn.silu(x @ K[2]).sum(0)))(WORDS)
    gate = jax.jit(of(lambda x: V @ (lambda a: a * jax.nn.sigmoid(a))(x @ K[2]).sum(0)))(WORDS)
    close(gate, one, rtol=1e-7)
    other = jax.jit(of(lambda x: V @ (lambda a: a / (1 + jnp.exp(-a)))(x @ K[2]).sum(0)))(WORDS)
    close(other, one, rtol=1e-7)


@pytest.mark.parametrize("at", [None, "layer"])
def test_excitation_sums_to_one(at):
    score = lambda x: V @ jxai.tap(jax.nn.relu(convolve(x, K[0])), "layer").mean((0, 1))  # noqa: E731
    got = jax.jit(jxai.excitation_backprop(score, at=at))(IMAGE)
    assert float(got.sum()) == pytest.approx(1.0) and float(got.min()) >= 0
    assert got.shape == ((6, 6, 2) if at is None else (6, 6))
    contrastive = jax.jit(jxai.excitation_backprop(score, at=at, contrastive=True))(IMAGE)
    assert float(contrastive.sum()) == pytest.approx(0.0, abs=1e-9) and float(jnp.abs(contrastive).max()) > 1e-3


def test_a_composite_is_asked_where_an_operation_stands():
    seen = []
    score = lambda x: V @ jnp.tanh(jax.nn.relu(convolve(x, K[0])) @ K[2]).mean((0, 1))  # noqa: E731
    jax.grad(jxai.with_rules(score, lambda place: seen.append(place)))(IMAGE)
    layers = [p for p in seen if p.name in ("conv_general_dilated", "dot_general")]
    assert sorted((p.name, p.index, p.first, p.last, p.grid) for p in layers) == [
        ("conv_general_dilated", 0, True, False, True),
        ("dot_general", 0, False, False, True),
        ("dot_general", 1, False, True, False),
    ]


def unruled(x):
    a = jxai.tap(x @ K[2], "hidden")
    return jnp.exp(a).sum()


@pytest.mark.parametrize(
    ("of", "score", "message"),
    [
        (jxai.lrp, unruled, r"relevance propagation has no rule for exp \(in unruled, .*, after the tap 'hidden'\)"),
        (jxai.excitation_backprop, lambda x: (x @ x.T).sum(), "excitation .* has no rule for dot_general of 2 values"),
        (jxai.deep_lift, lambda x: jnp.sort(x @ K[2]).sum(), "DeepLIFT has no rule for sort"),
        (jxai.lrp, lambda x: jax.lax.while_loop(lambda a: a[0, 0] < 9, lambda a: a * 2.0, x).sum(), "rule for while"),
    ],
)  # fmt: skip
def test_an_operation_without_a_rule_is_named_with_its_place(of, score, message):
    with pytest.raises(MissingRule, match=message):
        of(score)(WORDS)


def test_rules_of_the_input_are_refused_in_deeper_layers():
    explain = jxai.lrp(gated, composite=rules.relevance(lambda place: rules.flat))
    with pytest.raises(ValueError, match="the flat rule is for the layer that meets the input; dot_general"):
        explain(IMAGE)


def test_guided_backpropagation_needs_a_relu():
    with pytest.raises(UnusedRule, match="rule for relu"):
        jxai.guided_backprop(lambda x: jnp.tanh(x).sum())(WORDS)
