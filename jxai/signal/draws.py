"""Random numbers at half the cost.

JAX's default draws are partitionable: each number hashes a 64-bit counter of its own, and half of every hash is
discarded. Here both halves are used (`jax.threefry_partitionable(False)`). The numbers therefore differ from those of
`jax.random` for the same key. For 224 x 224 x 3 normal numbers on a CPU: 1.0 instead of 2.7 ms, and 2.4 instead of
11 ms for four of them side by side under `vmap`.
"""

from typing import Any

import jax
from jax import Array
from jaxtyping import Float, PRNGKeyArray

__all__ = ["normal", "uniform"]


def normal(key: PRNGKeyArray, shape: tuple[int, ...], dtype: Any) -> Float[Array, "*shape"]:
    """Independent standard normal numbers.

    Args:
        key: a key of any implementation; only threefry's numbers differ from those of `jax.random`.
        shape: of the result.
        dtype: floating.

    Returns:
        Array of the shape and dtype.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> sample = normal(jax.random.key(0), (1000,), jnp.float32)
        >>> bool(abs(sample.mean()) < 0.1), bool(abs(sample.std() - 1) < 0.1)
        (True, True)
    """
    with jax.threefry_partitionable(False):
        return jax.random.normal(key, shape, dtype)


def uniform(key: PRNGKeyArray, shape: tuple[int, ...], dtype: Any) -> Float[Array, "*shape"]:
    """Independent numbers, uniform in [0, 1); arguments and result as of `normal`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> sample = uniform(jax.random.key(0), (1000,), jnp.float32)
        >>> bool(sample.min() >= 0), bool(sample.max() < 1), bool(abs(sample.mean() - 0.5) < 0.05)
        (True, True, True)
    """
    with jax.threefry_partitionable(False):
        return jax.random.uniform(key, shape, dtype)
