"""Soft masks of the largest values, for the differentiable measures."""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Real

from jxai.signal.ranks import Number, ranks

__all__ = ["deviation", "soft_top"]


def soft_top(
    values: Float[Array, " m"], real: Bool[Array, " m"], k: Real[Array, " rows"], n: Number, temperature: float
) -> Float[Array, "rows m"]:
    """Soft masks of the k largest values, a row for each of several k.

    `sigmoid((a - t) / (T s))`: t midway between the k-th and the next of the sorted values, s their standard deviation.

    Args:
        values: `[m]`.
        real: `[m]`, false on padding.
        k: `[rows]`, how many; at 0 and at n the mask is all 0 and all 1.
        n: how many values are real.
        temperature: T, in standard deviations.

    Returns:
        `[rows, m]`, in 0..1.

    Example:
        >>> import jax.numpy as jnp
        >>> print(soft_top(jnp.array([3.0, 1.0]), jnp.array([True, True]), jnp.array([1]), 2, 0.1).round(3))
        [[1. 0.]]
    """
    values = jnp.where(real, values, jnp.zeros_like(values))  # NaN of padding would reach the threshold's derivative
    descending = values[ranks(jnp.where(real, values, jnp.nan)).order]
    above, below = descending[jnp.maximum(k - 1, 0)], descending[jnp.minimum(k, values.size - 1)]
    apart = values[None, :] - ((above + below) / 2)[:, None]
    soft = jax.nn.sigmoid(apart / (temperature * deviation(values, real)))
    # no value lies beyond the last or before the first: there the midpoint would cut through the extreme value itself
    soft = jnp.where((k >= n)[:, None], jnp.ones_like(soft), soft)
    return jnp.where((k <= 0)[:, None], jnp.zeros_like(soft), soft)


def deviation(values: Float[Array, " m"], real: Bool[Array, " m"]) -> Float[Array, ""]:
    """Standard deviation of the values that are real; 1, with derivative 0, where all are equal.

    Args:
        values: `[m]`.
        real: `[m]`, false on padding.

    Returns:
        Number above 0.

    Example:
        >>> import jax.numpy as jnp
        >>> float(deviation(jnp.array([1.0, 3.0, 9.0]), jnp.array([True, True, False])))
        1.0
    """
    n = jnp.maximum(real.sum(), 1).astype(values.dtype)
    shift = jax.lax.stop_gradient(
        jnp.where(real, values, -jnp.inf).max(initial=-jnp.inf)
    )  # equal values become zeros exactly
    values = jnp.where(real, values - shift, jnp.zeros_like(values))
    apart = jnp.where(real, values - values.sum() / n, jnp.zeros_like(values))
    variance = jnp.square(apart).sum() / n
    # both branches are differentiated, and the derivative of a root at 0 is infinite
    some = variance > 0
    return jnp.where(some, jnp.sqrt(jnp.where(some, variance, jnp.ones_like(variance))), jnp.ones_like(variance))
