"""Sums of sources: equal to the double loop, in value and both derivatives; closed under vmap, shard_map."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

from jxai.explainers.masks.kernels import dense_sum, window_radius, windowed_sum
from tests.jitted import jitted

RNG = np.random.default_rng(3)
W, S = RNG.normal(size=(5, 7)), RNG.uniform(0.5, 4, (5, 7))


def loop(w, s, radius):
    z = np.zeros_like(w)
    for j in np.ndindex(w.shape):
        for i in np.ndindex(w.shape):
            apart = np.subtract(i, j)
            if np.abs(apart).max() <= radius:
                z[j] += w[i] * np.exp(-(apart**2).sum() / s[i])
    return z


def direct(w, s, radius):
    """The same in one formula, for automatic differentiation."""
    place = jnp.stack(jnp.meshgrid(*map(jnp.arange, w.shape), indexing="ij"), -1).reshape(-1, w.ndim)
    apart = place[:, None] - place[None]
    near = jnp.abs(apart).max(-1) <= radius
    kernel = jnp.where(near, jnp.exp(-jnp.square(apart).sum(-1).astype(s.dtype) / s.reshape(1, -1)), 0)
    return (kernel @ w.reshape(-1)).reshape(w.shape)


@pytest.mark.parametrize("radius", [0, 1, 2, 4, 6, 20])
def test_equals_a_double_loop(radius):
    got = jitted(windowed_sum)(jnp.asarray(W), jnp.asarray(S), radius=radius)
    np.testing.assert_allclose(got, loop(W, S, radius), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("radius", [0, 3, 30])
def test_on_a_line(radius):
    w, s = W.ravel(), S.ravel()
    got = jitted(windowed_sum)(jnp.asarray(w), jnp.asarray(s), radius=radius)
    np.testing.assert_allclose(got, loop(w, s, radius), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(dense_sum(jnp.asarray(w), jnp.asarray(s)), loop(w, s, 99), rtol=1e-12, atol=1e-13)


def functional(fn, radius):
    c = jnp.asarray(RNG.normal(size=W.shape))
    return lambda w, s: jnp.vdot(c, jnp.tanh(fn(w, s, radius)))


@pytest.mark.parametrize("radius", [1, 9])
def test_derivatives_of_both_orders(radius):
    c = jnp.asarray(RNG.normal(size=W.shape))
    by_hand, automatic = (
        (lambda w, s, fn=fn: jnp.vdot(c, jnp.tanh(fn(w, s))))
        for fn in (lambda w, s: windowed_sum(w, s, radius=radius), lambda w, s: direct(w, s, radius))
    )
    given = jnp.asarray(W), jnp.asarray(S)
    for got, expected in zip(*(jax.jit(jax.grad(f, (0, 1)))(*given) for f in (by_hand, automatic)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)

    def second(f):
        def slope(w, s):
            return sum(jnp.vdot(c, jnp.square(g)) for g in jax.grad(f, (0, 1))(w, s))

        return jax.jit(lambda *w: (jax.grad(slope, (0, 1))(*w), jax.jvp(slope, w, w)[1]))(*given)

    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11), second(by_hand), second(automatic)
    )


def test_derivatives_equal_finite_differences():
    f = jax.jit(functional(lambda w, s, r: windowed_sum(w, s, radius=r), 3))
    h, along = 1e-6, RNG.normal(size=(2, *W.shape))
    difference = (f(*jnp.asarray(np.stack([W, S]) + h * along)) - f(*jnp.asarray(np.stack([W, S]) - h * along))) / (
        2 * h
    )
    slopes = jax.jit(jax.grad(f, (0, 1)))(jnp.asarray(W), jnp.asarray(S))
    assert sum(np.vdot(g, a) for g, a in zip(slopes, along, strict=True)) == pytest.approx(float(difference), rel=1e-7)


def test_vmap_and_shard_map():
    ws, ss = jnp.stack([jnp.asarray(W) * k for k in (1, 2, 3, 4)]), jnp.stack([jnp.asarray(S) + k for k in range(4)])
    one = jax.grad(lambda w, s: jnp.sum(windowed_sum(w, s, radius=2) ** 2), (0, 1))
    many = jax.vmap(one)
    mesh = jax.make_mesh((4,), ("examples",), axis_types=(jax.sharding.AxisType.Auto,))
    sharded = jax.shard_map(many, mesh=mesh, in_specs=P("examples"), out_specs=P("examples"))
    shared = jax.shard_map(  # the width is the same for all, the weights are each device's own
        jax.vmap(lambda w: one(w, jnp.asarray(S))[0]), mesh=mesh, in_specs=P("examples"), out_specs=P("examples")
    )
    found, on_devices, alone = jax.jit(many)(ws, ss), jax.jit(sharded)(ws, ss), jax.jit(one)
    on_one_width = jax.jit(shared)(ws)
    for k in range(4):
        jax.tree.map(
            lambda a, b, c, k=k: (np.testing.assert_allclose(a[k], c), np.testing.assert_allclose(b[k], c)),
            found,
            on_devices,
            alone(ws[k], ss[k]),
        )
        np.testing.assert_allclose(on_one_width[k], alone(ws[k], jnp.asarray(S))[0], rtol=1e-12)


def test_memory_is_that_of_the_maps_of_one_window():
    given = (jax.ShapeDtypeStruct((224, 224), jnp.float32),) * 2
    run = jax.jit(jax.value_and_grad(lambda w, s: windowed_sum(w, s, radius=12).sum(), (0, 1)))
    assert run.lower(*given).compile().memory_analysis().temp_size_in_bytes < 20 * 2**20


def test_half_precision_is_summed_in_single():
    got = windowed_sum(jnp.asarray(W, jnp.bfloat16), jnp.asarray(S, jnp.bfloat16), radius=2)
    assert got.dtype == jnp.float32
    np.testing.assert_allclose(got, loop(W, S, 2), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("width", [0.6, 1.2, 6.3, 21.7])
def test_the_window_leaves_nothing_out(width):
    radius = window_radius(width)
    assert np.exp(-(radius**2) / width) <= 1e-8 < np.exp(-((radius - 1) ** 2) / width)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="weight and width of one shape"):
        windowed_sum(jnp.ones((2, 2, 2)), jnp.ones((2, 2, 2)), radius=1)
    with pytest.raises(ValueError, match="radius of at least 0"):
        windowed_sum(jnp.ones(2), jnp.ones(2), radius=-1)
    with pytest.raises(ValueError, match="width must be positive"):
        window_radius(0.0)
