"""Keeping part of an example."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal.masks import keep


@pytest.mark.parametrize("shape", [(4, 5, 3), (6, 2), (2, 3, 4, 1)])
def test_keep_equals_a_loop(shape):
    rng = np.random.default_rng(0)
    x, baseline, mask = rng.normal(size=shape), rng.normal(size=shape), rng.random(shape[:-1])
    expected = np.empty(shape)
    for place in np.ndindex(*shape):
        m = mask[place[:-1]]
        expected[place] = m * x[place] + (1 - m) * baseline[place]
    y = keep(jnp.asarray(x), jnp.asarray(mask), jnp.asarray(baseline))
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    full = jnp.asarray(np.repeat(mask[..., None], shape[-1], -1))
    np.testing.assert_allclose(keep(jnp.asarray(x), full, jnp.asarray(baseline)), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_binary_masks_are_exact_and_dtype_is_that_of_x(dtype):
    x, mask = jnp.array([0.1, 0.2, 0.3], dtype), jnp.array([True, False, True])
    y = keep(x, mask, jnp.ones_like(x))
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, jnp.where(mask, x, jnp.ones_like(x)))


def test_keep_vmaps_over_masks_and_differentiates():
    x, masks = jnp.ones((4, 4, 3)), jnp.linspace(0.0, 1.0, 5)[:, None, None] * jnp.ones((1, 4, 4))
    baseline = jnp.zeros_like(x)
    y = jax.vmap(keep, in_axes=(None, 0, None))(x, masks, baseline)
    np.testing.assert_allclose(y[:, 0, 0, 0], [0, 0.25, 0.5, 0.75, 1.0])
    slope = jax.grad(lambda m: keep(x, m, baseline).sum())(masks[2])
    np.testing.assert_array_equal(slope, np.full((4, 4), 3.0))


def test_keep_refuses_another_space():
    with pytest.raises(ValueError, match=r"expected a mask of shape \(4, 4\)"):
        keep(jnp.zeros((4, 4, 3)), jnp.zeros((2, 2)), jnp.zeros((4, 4, 3)))
