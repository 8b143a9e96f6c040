"""Chunked maps, means and variances: any number, any chunk, bounded memory, no leaks between examples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai.core.chunks import map_over, mean_and_variance_over, mean_over
from tests.references.example import vector

COUNTS = st.integers(1, 9)
CHUNKS = st.integers(1, 12)


def fn(a):
    return {"wave": jnp.sin(a) * jnp.arange(3.0), "number": a**2}


def close(got, expected):
    jax.tree.map(lambda g, e: np.testing.assert_allclose(g, e, rtol=1e-12, atol=1e-12), got, expected)


@settings(max_examples=12, deadline=None)
@given(COUNTS, CHUNKS)
def test_map_over_equals_a_loop(n, chunk):
    xs = vector(n, n)
    expected = {"wave": np.sin(np.asarray(xs))[:, None] * np.arange(3.0), "number": np.asarray(xs) ** 2}
    close(jax.jit(lambda xs: map_over(fn, xs, chunk=chunk))(xs), expected)


@settings(max_examples=12, deadline=None)
@given(COUNTS, CHUNKS, st.booleans())
def test_mean_over_equals_a_loop(n, chunk, weighted):
    xs, weights = vector(n, n), (vector(n, n + 50) if weighted else None)
    w = np.full(n, 1 / n) if weights is None else np.asarray(weights)
    numbers = np.asarray(xs)
    expected = {"wave": (w @ np.sin(numbers)) * np.arange(3.0), "number": w @ numbers**2}
    close(mean_over(fn, xs, chunk=chunk, weights=weights), expected)


@settings(max_examples=12, deadline=None)
@given(COUNTS, CHUNKS, st.booleans())
def test_sums_of_products_equal_a_loop(n, chunk, weighted):
    xs, weights = vector(n, n), (vector(n, n + 50) if weighted else None)
    w = np.full(n, 1 / n) if weights is None else np.asarray(weights)
    rows = np.stack([np.sin(np.asarray(xs)), np.asarray(xs)], 1)

    def products(weights, rows):
        return (weights.astype(rows.dtype)[:, None] * rows).T @ rows

    got = mean_over(lambda a: jnp.stack([jnp.sin(a), a]), xs, chunk=chunk, weights=weights, total=products)
    close(got, (w[:, None] * rows).T @ rows)


@settings(max_examples=12, deadline=None)
@given(COUNTS, CHUNKS)
def test_moments_over_equal_numpy(n, chunk):
    xs = 3.0 + vector(n, n)
    each = map_over(fn, xs, chunk=100)
    mean, variance = mean_and_variance_over(fn, xs, chunk=chunk)
    close(mean, jax.tree.map(lambda leaf: np.asarray(leaf).mean(0), each))
    close(variance, jax.tree.map(lambda leaf: np.asarray(leaf).var(0), each))


def test_trees_of_inputs_and_keys():
    keys = jax.random.split(jax.random.key(0), 5)
    got = mean_over(lambda kx: jax.random.normal(kx[0]) * kx[1], (keys, jnp.arange(5.0)), chunk=2)
    close(got, np.mean([float(jax.random.normal(k)) * i for i, k in enumerate(keys)]))


@pytest.mark.parametrize("over", [map_over, mean_over, mean_and_variance_over])
def test_what_is_refused(over):
    with pytest.raises(ValueError, match="chunk must be above zero; chunk=0 came"):
        over(fn, jnp.ones(3), chunk=0)
    with pytest.raises(ValueError, match=r"one leading axis of at least one element; lengths \[0\] came"):
        over(fn, jnp.ones(0), chunk=1)
    with pytest.raises(ValueError, match=r"lengths \[2, 3\] came"):
        over(lambda pair: pair[0], (jnp.ones(3), jnp.ones(2)), chunk=1)


def test_sums_of_half_precision_run_in_single():
    """4096 ones and a small number: in bfloat16 the sum would stop at 256."""
    xs = jnp.ones(4096, jnp.bfloat16)
    mean = mean_over(lambda a: a, xs, chunk=16)
    assert mean.dtype == jnp.bfloat16 and float(mean) == 1.0
    mean, variance = mean_and_variance_over(lambda a: a, (jnp.arange(4096) % 2).astype(jnp.bfloat16), chunk=16)
    assert float(mean) == 0.5 and float(variance) == 0.25


def masked_mean(n):
    """As RISE: the mean of masks, each drawn from its key, times the score of the masked image."""

    def mean(image, key):
        def one(key):
            mask = jax.random.bernoulli(key, 0.5, image.shape).astype(image.dtype)
            return (mask * image).sum() * mask

        return mean_over(one, jax.random.split(key, n), chunk=8)

    return mean


def temporaries(fn, *args):
    """Memory is that of optimised programs."""
    return jax.jit(fn).lower(*args).compile().memory_analysis().temp_size_in_bytes


@pytest.mark.optimised
def test_memory_does_not_grow_with_the_masks():
    image, key = jnp.ones((64, 64), jnp.float32), jax.random.key(0)
    one_mask = image.nbytes
    few, many = (temporaries(masked_mean(n), image, key) for n in (16, 200))
    assert many < 1.1 * few
    assert many < 60 * one_mask  # eight at a time, with their random bits; stacked they would be 200 and more


@pytest.mark.optimised
def test_memory_of_the_derivative_does_not_grow_either():
    image, key = jnp.ones((64, 64), jnp.float32), jax.random.key(0)

    def slope(n):
        return jax.grad(lambda image, key: (masked_mean(n)(image, key) ** 2).sum())

    few, many = (temporaries(slope(n), image, key) for n in (16, 200))
    assert many < 1.1 * few


def test_derivatives_pass_through():
    xs = vector(5, 1)
    slope = jax.grad(lambda a: mean_over(lambda x: jnp.sin(a * x), xs, chunk=2))(0.7)
    assert float(slope) == pytest.approx(float((np.cos(0.7 * np.asarray(xs)) * np.asarray(xs)).mean()), rel=1e-12)
