"""Baselines: values, shapes, dtypes and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage

from jxai.signal import baselines


def example(dtype=jnp.float64):
    return jnp.asarray(np.random.default_rng(1).random((6, 5, 3))).astype(dtype)


ALL = {
    "constant": lambda x: baselines.constant(x, 0.5),
    "black": baselines.black,
    "white": baselines.white,
    "mean_colour": baselines.mean_colour,
    "blurred": lambda x: baselines.blurred(x, 2.0),
    "uniform_noise": lambda x: baselines.uniform_noise(x, jax.random.key(0)),
    "gaussian_noise": lambda x: baselines.gaussian_noise(x, jax.random.key(0), 0.1),
}


def test_every_baseline_is_in_the_table():
    assert set(ALL) == set(baselines.__all__)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_shape_dtype_jit_and_vmap(name, dtype):
    x, f = example(dtype), ALL[name]
    y = jax.jit(f)(x)
    assert y.shape == x.shape and y.dtype == dtype and jnp.isfinite(y).all()
    several = jax.jit(jax.vmap(f))(jnp.stack([x, x]))
    np.testing.assert_allclose(several[1].astype(float), y.astype(float), atol=float(4 * jnp.finfo(dtype).eps))


def test_constants():
    x, mean, std = example(), jnp.array([0.485, 0.456, 0.406]), jnp.array([0.229, 0.224, 0.225])
    np.testing.assert_array_equal(baselines.constant(x, 2), np.full(x.shape, 2.0))
    np.testing.assert_array_equal(baselines.black(x, low=-1.0), np.full(x.shape, -1.0))
    np.testing.assert_array_equal(baselines.white(x), np.ones(x.shape))
    expected = np.broadcast_to(-np.asarray(mean) / np.asarray(std), x.shape)
    np.testing.assert_allclose(baselines.black(x, low=-mean / std), expected, rtol=1e-12)


def test_mean_colour_and_blur():
    x = example()
    expected = np.broadcast_to(np.asarray(x).reshape(-1, 3).mean(0), x.shape)
    np.testing.assert_allclose(baselines.mean_colour(x), expected, rtol=1e-12)
    expected = scipy.ndimage.gaussian_filter(x, (3.0, 3.0, 0), mode="nearest")
    np.testing.assert_allclose(baselines.blurred(x, 3.0), expected, atol=1e-12)


def test_noise_has_its_moments():
    x, key = jnp.full((100, 100, 3), 5.0), jax.random.key(3)
    uniform = baselines.uniform_noise(x, key, -1.0, 3.0)
    assert -1 <= uniform.min() < -0.99 and 2.99 < uniform.max() < 3
    np.testing.assert_allclose(uniform.mean(), 1.0, atol=0.04)
    normal = baselines.gaussian_noise(x, key, 0.5)
    np.testing.assert_allclose([normal.mean(), normal.std()], [5.0, 0.5], atol=0.02)
    assert not jnp.array_equal(normal, baselines.gaussian_noise(x, jax.random.key(4), 0.5))


def test_refusals():
    with pytest.raises(ValueError, match="one number or 3"):
        baselines.constant(example(), jnp.zeros(2))
    with pytest.raises(ValueError, match="for a vector use constant"):
        baselines.mean_colour(jnp.zeros(4))
    with pytest.raises(ValueError, match="no axis to blur along"):
        baselines.blurred(jnp.zeros(4), 1.0)
