"""Max pooling against a loop, and its gradient against reduce_window's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jxai.models.pooling import _reduce_window, max_pool


def loop(x, window, stride, padding, ceil):
    """PyTorch's definition, one window after the other."""

    def starts(n):
        count = (n + 2 * padding - window) / stride
        count = int(np.ceil(count) if ceil else np.floor(count)) + 1
        if ceil and (count - 1) * stride >= n + padding:
            count -= 1
        return [i * stride - padding for i in range(count)]

    def largest(i, j):
        return x[max(i, 0) : i + window, max(j, 0) : j + window].max((0, 1))

    return np.array([[largest(i, j) for j in starts(x.shape[1])] for i in starts(x.shape[0])])


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("window, stride, padding", [(2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0), (3, 3, 1)])
@pytest.mark.parametrize("side", [6, 7, 8])
def test_agrees_with_a_loop(side, window, stride, padding, ceil):
    x = np.random.default_rng(0).normal(size=(side, side + 1, 2)).astype(np.float32)
    ours = max_pool(jnp.asarray(x), window=window, stride=stride, padding=padding, ceil=ceil)
    np.testing.assert_array_equal(ours, loop(x, window, stride, padding, ceil))


@pytest.mark.parametrize("ties", [False, True])
def test_gradient_is_that_of_reduce_window(ties):
    x = np.random.default_rng(1).normal(size=(3, 9, 9, 4)).astype(np.float32)
    x = jnp.asarray(np.round(np.maximum(x, 0)) if ties else x)
    weights = jnp.asarray(np.random.default_rng(2).normal(size=(4, 4, 4)), jnp.float32)

    def gradient(pool):
        return jax.vmap(jax.grad(lambda x: (pool(x) * weights).sum()))(x)

    ours = gradient(lambda x: max_pool(x, window=3, stride=2))
    theirs = gradient(lambda x: _reduce_window(x, 3, 2, ((0, 0), (0, 0))))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_forward_is_that_of_reduce_window_with_same_padding():
    x = jax.random.normal(jax.random.key(0), (8, 7, 2), jnp.float32)
    pads = (*lax.padtype_to_pads((8, 7), (3, 3), (2, 2), "SAME"),)
    np.testing.assert_array_equal(max_pool(x, window=3, stride=2, padding="SAME"), _reduce_window(x, 3, 2, pads))


@pytest.mark.parametrize("place", [(0, 0), (1, 1), (2, 2)])
def test_a_nan_is_passed_on(place):
    x = jnp.ones((3, 3, 1)).at[(*place, 0)].set(jnp.nan)
    assert bool(jnp.isnan(max_pool(x, window=3)).all())


def test_is_differentiable_twice():
    x = jax.random.normal(jax.random.key(0), (4, 4, 1))
    hessian = jax.hessian(lambda x: (max_pool(x) ** 2).sum())(x)
    np.testing.assert_allclose(hessian.sum(), 2 * 4)


def test_bad_options():
    x = jnp.ones((4, 4, 1))
    with pytest.raises(ValueError, match="window of 5 does not fit into 4 pixels"):
        max_pool(x, window=5)
    with pytest.raises(ValueError, match="ceil=True goes with a number"):
        max_pool(x, padding="SAME", ceil=True)
