"""Functions of attributions against NumPy, and their gradients where these could break."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal import maps

DTYPES = [jnp.bfloat16, jnp.float32]
REFERENCES = {
    "channel_sum": lambda a: a.sum(-1),
    "l1_norm": lambda a: np.abs(a).sum(-1),
    "l2_norm": lambda a: np.sqrt((a**2).sum(-1)),
    "absolute": np.abs,
    "positive": lambda a: np.where(a > 0, a, 0),
    "min_max": lambda a: (a - a.min()) / (a.max() - a.min()),
    "scale_max": lambda a: a / np.abs(a).max(),
    "clip_percentile": lambda a: np.clip(a, -np.percentile(np.abs(a), 99.0), np.percentile(np.abs(a), 99.0)),
}


def numbers(*shape):
    return np.random.default_rng(2).normal(size=shape)


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("shape", [(5, 6, 3), (9,)])
def test_equals_numpy(name, shape):
    a = numbers(*shape)
    np.testing.assert_allclose(getattr(maps, name)(jnp.asarray(a)), REFERENCES[name](a), rtol=1e-12)


@pytest.mark.parametrize("name", [*REFERENCES, "top_fraction"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtype_jit_and_vmap(name, dtype):
    options = {"fraction": 0.3} if name == "top_fraction" else {}
    f = lambda a: getattr(maps, name)(a, **options)
    a = jnp.asarray(numbers(2, 5, 6, 3)).astype(dtype)
    several = jax.jit(jax.vmap(f))(a)
    assert several.dtype == dtype
    np.testing.assert_allclose(several[1].astype(float), f(a[1]).astype(float), rtol=float(4 * jnp.finfo(dtype).eps))


@pytest.mark.parametrize("name", [*REFERENCES, "top_fraction"])
@pytest.mark.parametrize("value", [0.0, -2.0])
def test_constant_attributions_have_finite_values_and_gradients(name, value):
    options = {"fraction": 0.5} if name == "top_fraction" else {}
    a = jnp.full((3, 3, 2), value)
    f = lambda a: getattr(maps, name)(a, **options)
    slope = jax.grad(lambda a: jnp.sum(jnp.cos(f(a))))
    both = jax.jit(lambda a: (f(a), jax.jvp(slope, (a,), (jnp.ones_like(a),))))(a)
    for array in jax.tree.leaves(both):  # the value, its gradient, and the gradient's derivative
        assert np.isfinite(array).all()


def test_degenerate_maps_become_zeros():
    np.testing.assert_array_equal(maps.min_max(jnp.full((3, 3), 7.0)), np.zeros((3, 3)))
    np.testing.assert_array_equal(maps.scale_max(jnp.zeros((3, 3))), np.zeros((3, 3)))


@pytest.mark.parametrize("name", ["l2_norm", "min_max", "scale_max", "clip_percentile"])
def test_gradient_equals_finite_differences(name):
    a = jnp.asarray(numbers(4, 3, 2))
    f = jax.jit(lambda a: jnp.sum(jnp.sin(getattr(maps, name)(a))))
    direction = jnp.asarray(numbers(4, 3, 2)[::-1])
    expected = (f(a + 1e-6 * direction) - f(a - 1e-6 * direction)) / 2e-6
    np.testing.assert_allclose(jnp.sum(jax.grad(f)(a) * direction), expected, rtol=1e-6)


def test_l2_norm_gradient_is_the_unit_vector_and_zero_at_zero():
    a = jnp.array([[3.0, -4.0], [0.0, 0.0]])
    slope = jax.grad(lambda a: maps.l2_norm(a).sum())(a)
    np.testing.assert_allclose(slope, [[0.6, -0.8], [0.0, 0.0]])


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_l2_norm_neither_underflows_nor_overflows(size):
    a = jnp.array([[3.0, 4.0]], jnp.float32) * jnp.float32(size)
    norm, slope = jax.jit(jax.value_and_grad(lambda a: maps.l2_norm(a).sum()))(a)
    np.testing.assert_allclose(norm / jnp.float32(size), 5.0, rtol=1e-6)
    np.testing.assert_allclose(slope, [[0.6, 0.8]], rtol=1e-6)


def literal_rank(map):
    order = sorted(range(map.size), key=lambda i: (-map.flat[i], i))
    places = np.empty(map.size, int)
    for place, i in enumerate(order):
        places[i] = place
    return places.reshape(map.shape)


def test_rank_breaks_ties_by_position():
    map = np.random.default_rng(0).integers(-2, 3, (6, 7)).astype(float)
    np.testing.assert_array_equal(maps.rank(jnp.asarray(map)), literal_rank(map))
    np.testing.assert_array_equal(maps.rank(jnp.array([0.0, -0.0, 0.0])), [0, 1, 2])


@pytest.mark.parametrize("fraction", [0, 0.01, 1 / 3, 0.5, 1])
def test_top_fraction_takes_exactly_so_many(fraction):
    map = np.random.default_rng(0).integers(0, 4, (6, 7)).astype(float)
    mask = np.asarray(maps.top_fraction(jnp.asarray(map), fraction))
    np.testing.assert_array_equal(mask, (literal_rank(map) < round(fraction * 42)).astype(float))
    assert mask.sum() == round(fraction * 42)


def test_top_fraction_of_many_fractions_at_once():
    map, fractions = jnp.asarray(numbers(8, 8)), jnp.linspace(0.0, 1.0, 9)
    many = jax.jit(jax.vmap(maps.top_fraction, in_axes=(None, 0)))(map, fractions)
    for fraction, mask in zip(fractions, many, strict=True):
        np.testing.assert_array_equal(mask, maps.top_fraction(map, float(fraction)))


def test_upsample_equals_interpolation():
    map = numbers(4)
    at = (np.arange(10) + 0.5) * 0.4 - 0.5
    expected = np.interp(at, np.arange(4), map)
    np.testing.assert_allclose(maps.upsample(jnp.asarray(map), (10,)), expected, atol=1e-6)


def test_refusals():
    with pytest.raises(ValueError, match="fraction within 0..1, got 30"):
        maps.top_fraction(jnp.zeros((2, 2)), 30)
    with pytest.raises(ValueError, match="percentile within 0..100, got 101"):
        maps.clip_percentile(jnp.zeros((2, 2)), 101)
    with pytest.raises(ValueError, match="one size for each of the map's 2 axes"):
        maps.upsample(jnp.zeros((2, 2)), (4, 4, 3))
