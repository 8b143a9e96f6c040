"""Masks: keep part of an example, replace the rest."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

__all__ = ["keep"]


def keep(
    x: Float[Array, "*shape"],
    mask: Float[Array, "..."] | Bool[Array, "..."],
    baseline: Float[Array, "*shape"],
) -> Float[Array, "*shape"]:
    """Keep x where the mask is 1, take the baseline where it is 0: mask x + (1 - mask) baseline.

    Args:
        x: the example, [*space, c] or a vector [d].
        mask: [*space], the same for all channels, or the shape of x; numbers in 0..1, or booleans.
        baseline: what stands for absence, shape of x (see `signal.baselines`).

    Returns:
        Array, shape and dtype of x, in units of x.

    Raises:
        ValueError: the mask's shape is neither that of x nor that of its space.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([[1.0, 2.0], [3.0, 4.0]])
        >>> print(keep(x, jnp.array([1.0, 0.0]), jnp.zeros_like(x)))
        [[1. 2.]
         [0. 0.]]
    """
    if mask.shape not in (x.shape, x.shape[:-1]):
        raise ValueError(
            f"keep: expected a mask of shape {x.shape[:-1]} (space) or {x.shape} (space and channels), "
            f"got {mask.shape}; resize a smaller one by signal.filters.resize."
        )
    mask = mask.astype(x.dtype)
    if mask.ndim < x.ndim:
        mask = mask[..., None]
    mask = jnp.broadcast_to(mask, x.shape)
    return mask * x + (1 - mask) * baseline.astype(x.dtype)
