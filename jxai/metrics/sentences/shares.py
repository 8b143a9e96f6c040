"""Shares of a test set in percent, with their mean and its standard error: the result of measures of sentences."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

__all__ = ["Shares", "shares"]


class Shares(NamedTuple):
    """Shares of the n images of a test set, in percent.

    Attributes:
        each: `[n]`, of each image; NaN where the image does not count.
        mean: over the images that count; NaN where none does.
        standard_error: of the mean, by the sample deviation; NaN below two images.
        count: how many images count.
    """

    each: Float[Array, " n"]
    mean: Float[Array, ""]
    standard_error: Float[Array, ""]
    count: Int[Array, ""]


def shares(fractions: Float[Array, " n"]) -> Shares:
    """In percent: fractions `[n]`, 0..1, NaN where undefined, with their mean and its standard error.

    Example:
        >>> import jax.numpy as jnp
        >>> percent = shares(jnp.array([0.5, jnp.nan, 1.0]))
        >>> float(percent.mean), float(percent.standard_error), int(percent.count)
        (75.0, 25.0, 2)
    """
    if fractions.ndim != 1:
        raise ValueError(f"shares: expected one fraction for each image, [n]; shape {fractions.shape} came.")
    each = 100 * fractions
    count, mean = (~jnp.isnan(each)).sum(), jnp.nanmean(each, 0)
    variance = jnp.nanmean((each - mean) ** 2, 0) / jnp.maximum(count - 1, 1).astype(each.dtype)  # of the mean
    return Shares(each, mean, jnp.where(count > 1, jnp.sqrt(variance), jnp.nan), count)
