"""Methods of attention maps: their network, options, axioms and errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from jxai.core.errors import UnusedTap
from tests.cases import ATTENDING, LABEL, case_of
from tests.references.attention import Transformer

NETS = {kind: Transformer(case_of(kind).params, LABEL) for kind in ATTENDING}
LAYERS = ["block0/attention", "block1/attention"]


def got(method, kind, *, of=scores.log_probability, inputs=None, **options):
    case = case_of(kind)
    explain = method(of(case.apply), **options)
    return np.asarray(jax.jit(lambda x, params: explain(x, LABEL, params, **(inputs or {})))(case.x, case.params))


@pytest.mark.parametrize("kind", ATTENDING)
def test_the_reference_network_is_the_jax_network(kind):
    case, net = case_of(kind), NETS[kind]
    x = np.asarray(case.x)
    np.testing.assert_allclose(net.run(x)[1], jax.jit(case.apply)(case.params, case.x), rtol=1e-12)
    maps = jax.jit(jxai.reap(lambda x: case.apply(case.params, x), *LAYERS))(case.x)
    np.testing.assert_allclose(np.stack(net.maps(x)), np.stack(list(maps.values())), rtol=1e-12)
    graded = jax.jit(jxai.values_and_grads(scores.log_probability(case.apply), *LAYERS))
    slopes = graded(case.x, LABEL, case.params)[1]
    np.testing.assert_allclose(np.stack([net.slope(x, i) for i in (0, 1)]), np.stack(list(slopes.values())), atol=1e-9)


def test_transition_attention_maps_leave_out_a_third_of_the_layers():
    maps = [f"m{i}" for i in range(6)]

    def score(x, a):
        for i, name in enumerate(maps):
            x = x + jxai.tap(a[i], name)[0] @ x
        return x[0].sum()

    x, a = jnp.eye(3), jax.nn.softmax(jax.random.normal(jax.random.key(0), (6, 1, 3, 3), jnp.float64))
    explain = lambda **options: jax.jit(jxai.transition_attention_maps(score, at=maps, steps=2, **options))(x, a)  # noqa: E731
    assert np.array_equal(explain(), explain(start=2)) and not np.allclose(explain(), explain(start=1))


def attending(x, a, w):
    """One layer, whose maps are an argument; token 0 is classified."""
    return (jxai.tap(a, "block0/attention") @ x).sum(0)[0] @ w


EXAMPLE = [
    sign * jax.random.normal(jax.random.key(i), shape, jnp.float64)
    for i, (shape, sign) in enumerate([((4, 3), 1), ((2, 4, 4), 1), ((3,), -1)])  # so that the score is positive
]
ALL = [
    jxai.raw_attention,
    jxai.attention_rollout,
    jxai.attention_relevance,
    lambda score, **options: jxai.attention_relevance(score, rule="lrp", **options),
    jxai.transition_attention_maps,
]


@pytest.mark.parametrize("method", ALL)
def test_the_order_of_heads_does_not_matter(method):
    x, a, w = EXAMPLE
    a = jax.nn.softmax(a)
    explain = jax.jit(method(attending))
    assert np.abs(explain(x, a, w)).max() > 1e-3
    np.testing.assert_allclose(explain(x, a[::-1], w), explain(x, a, w), rtol=1e-12)


@pytest.mark.parametrize("method", ALL)
def test_the_classified_token_may_stand_anywhere(method):
    x, a, w = EXAMPLE
    a, order = jax.nn.softmax(a), jnp.array([2, 3, 0, 1])
    last = lambda x, a, w: (jxai.tap(a, "block0/attention") @ x).sum(0)[2] @ w  # noqa: E731
    moved = jax.jit(method(last, token=2))(x[order], a[:, order][:, :, order], w)
    np.testing.assert_allclose(moved, jax.jit(method(attending))(x, a, w)[order], rtol=1e-12)


@pytest.mark.parametrize("method", ALL[:3])
def test_no_token_is_the_mean_over_tokens(method):
    x, a, w = EXAMPLE
    *rows, mean = (jax.jit(method(attending, token=token))(x, jax.nn.softmax(a), w) for token in (0, 1, 2, 3, None))
    np.testing.assert_allclose(mean, sum(rows) / 4, rtol=1e-9)


@pytest.mark.parametrize(
    "options", [{}, {"heads": "max", "discard": 0.6}, {"heads": "min"}, {"residual": 0.0}], ids=str
)
def test_rollout_sums_to_one(options):
    row = got(jxai.attention_rollout, "patches", grid=(5,), **options)
    assert row.min() >= 0 and row.sum() == pytest.approx(1, abs=1e-12)


def test_rollout_of_nothing_but_the_residual_stays_in_place():
    assert got(jxai.attention_rollout, "tokens", residual=1.0).tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("method", ALL)
def test_integer_inputs_and_prepended_tokens(method):
    """A model that puts its class token before the words: the words' values come back."""
    table, w = jnp.eye(4), jnp.arange(4.0)

    def score(x):
        tokens = jnp.concatenate([jnp.ones((1, 4)), x])
        return (jxai.tap(jax.nn.softmax(tokens @ tokens.T)[None], "block0/attention")[0] @ tokens)[0] @ w

    embedded = jax.jit(method(score))(table[jnp.array([2, 0, 3])])
    assert embedded.shape == (3,)
    if method is not jxai.transition_attention_maps:
        numbers = jax.jit(method(lambda x: score(table[x])))(jnp.array([2, 0, 3]))
        np.testing.assert_allclose(numbers, embedded, rtol=1e-12)


def of_tokens(t, x, **options):
    """Raw attention of a model with `t` tokens whose attention has nothing to do with the input."""
    uniform = jnp.full((1, t, t), 1 / t)
    return jxai.raw_attention(lambda x: x.sum() + jxai.tap(uniform + 0 * x.ravel()[0], "m/attention").sum(), **options)(
        x
    )


IMAGE = (224, 224, 3)
GRIDS = [
    (197, IMAGE, (14, 14)),
    (201, IMAGE, (14, 14)),  # four registers
    (50, IMAGE, (7, 7)),
    (10, (6, 6, 1), (3, 3)),
    (9, (6, 12, 1), (2, 4)),
    (7, (6, 2), (6,)),
    (6, (6, 2), (6,)),
]


@pytest.mark.parametrize(("t", "x", "grid"), GRIDS)
def test_the_grid_of_patches_is_found(t, x, grid):
    assert jax.eval_shape(lambda: of_tokens(t, jnp.ones(x))).shape == grid


@pytest.mark.parametrize(("t", "x"), [(197, (225, 225, 3)), (60, IMAGE), (4, (3,)), (2, (4, 4, 3))])
def test_a_grid_that_cannot_be_found_is_asked_for(t, x):
    with pytest.raises(ValueError, match=rf"input of shape .* suggests no grid for {t} tokens; say grid=\(h, w\)"):
        of_tokens(t, jnp.ones(x))
    assert jax.eval_shape(lambda: of_tokens(t, jnp.ones(x), grid=(t,))).shape == (t,)


def test_a_grid_that_does_not_fit():
    with pytest.raises(ValueError, match=r"grid=\(3, 3\) has 9 places for 5 tokens"):
        got(jxai.raw_attention, "patches", grid=(3, 3))


@pytest.mark.parametrize("method", ALL)
def test_taps_that_are_no_attention_maps(method):
    with pytest.raises(ValueError, match=r"must be \[heads, t, t\] with the same t; the tap 'block1' is \(5, 4\)"):
        got(method, "tokens", at="block1")
    with pytest.raises(
        UnusedTap, match="no tap matches 'layer/.'; this function's taps: block0/attention, block0, block1"
    ):
        got(method, "tokens", at="layer/*")
    with pytest.raises(UnusedTap, match="no tap named 'elsewhere' was reached"):
        got(method, "tokens", at=["elsewhere"])
    with pytest.raises(UnusedTap, match="at is an empty list"):
        got(method, "tokens", at=[])
    with pytest.raises(ValueError, match="one of the 5 tokens that attend; token=5 came"):
        got(method, "tokens", token=5)


def test_maps_of_different_sizes_are_refused():
    def score(x):
        few = jxai.tap(jnp.eye(2)[None] + x.sum(), "a/attention").sum()
        return few + jxai.tap(jnp.eye(3)[None] + x.sum(), "b/attention").sum()

    with pytest.raises(ValueError, match=r"'a/attention' is \(1, 2, 2\) among maps of \[2, 3\] tokens"):
        jxai.attention_rollout(score)(jnp.ones((3, 2)))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (jxai.raw_attention, {"heads": "median"}, "heads is one of mean, max, min; 'median' came"),
        (jxai.attention_rollout, {"heads": "median"}, "heads is one of mean, max, min; 'median' came"),
        (jxai.attention_rollout, {"discard": 1.0}, "discard in 0..1 without 1; residual=0.5, discard=1.0 came"),
        (jxai.attention_rollout, {"residual": -0.1}, "residual is in 0..1"),
        (jxai.attention_relevance, {"rule": "zplus"}, "rule is 'gradient' or 'lrp'; 'zplus' came"),
        (jxai.transition_attention_maps, {"quadrature": "simpson"}, "quadrature is 'midpoint' or 'gauss_legendre'"),
    ],
)
def test_options_out_of_range(method, options, message):
    with pytest.raises(ValueError, match=message):
        method(attending, **options)


@pytest.mark.parametrize("start", [-1, 2])
def test_a_start_out_of_range(start):
    with pytest.raises(ValueError, match=f"first of 2 layers and must leave one; start={start} came"):
        got(jxai.transition_attention_maps, "tokens", start=start)
