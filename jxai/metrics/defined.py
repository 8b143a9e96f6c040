"""What measures of insecurities share: means of what is defined, and the name of a variant."""

import jax.numpy as jnp
from jax import Array

__all__ = ["mean_defined", "require_variant"]


def mean_defined(values: Array, axis: int = 0) -> Array:
    """The mean of what is no NaN; NaN where all is.

    Args:
        values: any floating array; NaN stands for undefined.
        axis: over which.

    Example:
        >>> mean_defined(jnp.array([1.0, jnp.nan, 2.0])).item()
        1.5
    """
    known = ~jnp.isnan(values)
    count = known.sum(axis).astype(values.dtype)
    total = jnp.where(known, values, jnp.zeros_like(values)).sum(axis)
    return jnp.where(count > 0, total / jnp.maximum(count, 1), jnp.nan)


def require_variant(variant: str) -> None:
    """Refuse a variant that there is not."""
    if variant not in ("paper", "released"):
        raise ValueError(f'variant must be "paper" or "released"; {variant!r} came.')
