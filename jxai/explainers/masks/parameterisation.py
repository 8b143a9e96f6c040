"""MaRC's masks: each place is a source with a weight and a width, and lights up its surroundings.

`m_j = sigmoid(sum_i w_i exp(-d(i, j)^2 / sigma_i))` (Brinner and Zarriess 2023, eq. 5 and 6). Image, series and text
differ in the distance, in the values outside, and in the penalties. All of that is in the `Mask`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from jxai.core.errors import require_variant
from jxai.signal.filters import at_least_single

__all__ = ["Mask", "Penalties", "Sources", "is_released", "total_variation", "zeros_varying_like"]


class Sources(NamedTuple):
    """The parameters of a mask, one pair for each place."""

    w: Float[Array, "*sources"]  # how strongly it lights up (negative: darkens) its surroundings
    sigma: Float[Array, "*sources"]  # how far, above zero


class Penalties(NamedTuple):
    """The penalties of a mask, each with its weight."""

    sparsity: Float[Array, "..."]  # weight x (mean mask)^2
    sigma: Float[Array, "..."]  # -weight x mean log sigma
    neighbours: Float[Array, "..."]  # weight x squared differences of neighbours / number of places


class Mask(NamedTuple):
    """A parameterisation of masks: a pair (init, apply) with its penalties.

    `inside` is an array of each example and says which places belong to it: `valid`, booleans of the space (None: all
    of it), or `groups`, the word of each token (-1: none).

    Attributes:
        inside: `(x, valid, groups) -> inside`; raises where they do not fit.
        init: `(x, inside) -> Sources`, computed from `x`, so that under `shard_map` they vary as `x` does.
        apply: `(sources, inside) -> values`, in 0..1, one a source.
        penalty: `(sources, values, inside) -> Penalties`.
        spread: `(values, inside, space) -> mask` of shape `[*space]`: a word's value on each of its pieces.
        area: `(values, inside) -> number`, the mean of the mask; one a passage where there are several.
        project: `Sources -> Sources`, the clamps.
        kind: "image" or "text"; decides about the stop rule and the optimiser.
        variant: "paper" or "released".
    """

    inside: Callable[[Any, Any, Any], Any]
    init: Callable[[Float[Array, "*space c"], Any], Sources]
    apply: Callable[[Sources, Any], Float[Array, "*sources"]]
    penalty: Callable[[Sources, Float[Array, "*sources"], Any], Penalties]
    spread: Callable[[Float[Array, "*sources"], Any, tuple[int, ...]], Float[Array, "*space"]]
    area: Callable[[Float[Array, "*sources"], Any], Float[Array, "..."]]
    project: Callable[[Sources], Sources]
    kind: str
    variant: str


def is_released(mask: Mask | None, variant: str | None) -> bool:
    """Whether the variant, or where it is None the mask's, is the released one; raise where the two differ."""
    released = require_variant(variant or (mask.variant if mask else "paper"))
    if mask and released != require_variant(mask.variant):
        raise ValueError(f"variant={variant!r} came with a mask of variant {mask.variant!r}: make both the same.")
    return released


def zeros_varying_like(x: Float[Array, "*space c"], coarse: tuple[int, ...]) -> Float[Array, "*coarse"]:
    """Zeros of a coarse mask, at least single precision, made from `x`.

    Under `shard_map` they vary as `x` does. The gradient of a fresh constant would be summed over the devices.
    """
    corner = x[..., 0][tuple(slice(size) for size in coarse)]
    return jnp.zeros_like(corner, dtype=at_least_single(x.dtype))


def total_variation(mask: Float[Array, "*space"], inside: Float[Array, "*space"]) -> Float[Array, ""]:
    """Sum of the squared differences of neighbours, of two on a line and of eight on a grid, each pair once.

    Args:
        mask: `[n]` or `[h, w]`.
        inside: 1 where a place counts, else 0; a pair counts where both places do.

    Returns:
        The sum, in squared units of the mask.

    Example:
        >>> import jax.numpy as jnp
        >>> float(total_variation(jnp.eye(2), jnp.ones((2, 2))))
        4.0
    """
    pairs = [(slice(None, -1),), (slice(1, None),)]
    if mask.ndim == 1:
        return _between(mask, inside, *pairs)
    every, first, last = slice(None), slice(None, -1), slice(1, None)
    sides = [((every, first), (every, last)), ((first, every), (last, every))]
    sides += [((first, first), (last, last)), ((first, last), (last, first))]
    return sum((_between(mask, inside, one, other) for one, other in sides), jnp.zeros_like(mask[0, 0]))


def _between(mask: Array, inside: Array, one: tuple, other: tuple) -> Array:
    return (inside[one] * inside[other] * jnp.square(mask[one] - mask[other])).sum()
