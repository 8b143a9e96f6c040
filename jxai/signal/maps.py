"""Functions of an attribution: from channels to a map [*space], and from map to map.

Explainers return raw, signed attributions. The caller turns them into the map to show or to measure.
Gradients are finite everywhere. At a kink or a jump the derivative is taken as 0.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int, Real

from jxai.signal.filters import at_least_single, resize
from jxai.signal.ranks import ranks

__all__ = [
    "absolute", "channel_sum", "clip_percentile", "l1_norm", "l2_norm", "min_max",
    "positive", "rank", "scale_max", "top_fraction", "upsample",
]  # fmt: skip

Number = float | int | Real[Array, ""]


def channel_sum(attribution: Float[Array, "*space c"]) -> Float[Array, "*space"]:
    """Sum over the channels; preserves signs and the total.

    Args:
        attribution: [*space, c].

    Returns:
        Map [*space], in units of the attribution.

    Example:
        >>> import jax.numpy as jnp
        >>> print(channel_sum(jnp.array([[1.0, -3.0], [0.0, 2.0]])))
        [-2.  2.]
    """
    return attribution.sum(-1)


def l1_norm(attribution: Float[Array, "*space c"]) -> Float[Array, "*space"]:
    """Sum of magnitudes over the channels.

    Args:
        attribution: [*space, c].

    Returns:
        Map [*space], not negative, in units of the attribution.

    Example:
        >>> import jax.numpy as jnp
        >>> print(l1_norm(jnp.array([[1.0, -3.0], [0.0, 2.0]])))
        [4. 2.]
    """
    return jnp.abs(attribution).sum(-1)


def l2_norm(attribution: Float[Array, "*space c"]) -> Float[Array, "*space"]:
    """Root of the sum of squares over the channels; its gradient at 0 is taken as 0.

    Args:
        attribution: [*space, c].

    Returns:
        Map [*space], not negative, in units of the attribution.

    Example:
        >>> import jax.numpy as jnp
        >>> print(l2_norm(jnp.array([[3.0, -4.0], [0.0, 0.0]])))
        [5. 0.]
    """
    largest = jax.lax.stop_gradient(jnp.abs(attribution).max(-1, keepdims=True))
    # squares stay in range; the gradient of the scale cancels
    scale = jnp.where((largest > 0) & jnp.isfinite(largest), largest, jnp.ones_like(largest))
    total = jnp.square(attribution / scale).sum(-1)
    some = total != 0  # true of NaN
    root = jnp.sqrt(jnp.where(some, total, jnp.ones_like(total)))  # twice where: no 1 / sqrt(0)
    return jnp.where(some, root, jnp.zeros_like(total)) * scale[..., 0]


def absolute(map: Float[Array, "*space"]) -> Float[Array, "*space"]:
    """Magnitudes: strength, whether for or against.

    Args:
        map: [*space]; any array.

    Returns:
        |map|, shape and units of the map.

    Example:
        >>> import jax.numpy as jnp
        >>> print(absolute(jnp.array([-1.0, 2.0])))
        [1. 2.]
    """
    return jnp.abs(map)


def positive(map: Float[Array, "*space"]) -> Float[Array, "*space"]:
    """The evidence for the score: max(map, 0), the ReLU of Grad-CAM.

    Args:
        map: [*space]; any array.

    Returns:
        Shape and units of the map.

    Example:
        >>> import jax.numpy as jnp
        >>> print(positive(jnp.array([-1.0, 2.0])))
        [0. 2.]
    """
    return jax.nn.relu(map)


def min_max(map: Float[Array, "*space"]) -> Float[Array, "*space"]:
    """Stretch to 0..1: (map - min) / (max - min). A constant map becomes zeros.

    Args:
        map: [*space]; any array.

    Returns:
        Shape of the map, no unit.

    Example:
        >>> import jax.numpy as jnp
        >>> print(min_max(jnp.array([-1.0, 0.0, 3.0])))
        [0.   0.25 1.  ]
    """
    lowest = -_largest(-map)  # the same derivative rule for both ends
    return _safe_quotient(map - lowest, _largest(map) - lowest)


def scale_max(map: Float[Array, "*space"]) -> Float[Array, "*space"]:
    """Divide by the largest magnitude: map / max|map|. Keeps signs and 0; zeros stay zeros.

    Args:
        map: [*space]; any array.

    Returns:
        Shape of the map, within -1..1, no unit.

    Example:
        >>> import jax.numpy as jnp
        >>> print(scale_max(jnp.array([-1.0, 0.0, 4.0])))
        [-0.25  0.    1.  ]
    """
    return _safe_quotient(map, _largest(jnp.abs(map)))


def upsample(map: Float[Array, "*space"], shape: Sequence[int]) -> Float[Array, "*new"]:
    """Enlarge a coarse map to the example's space, linearly along each axis.

    Args:
        map: [*space], such as a class activation map; axes of size 1 in front (a model's own batch) are left out.
        shape: the example's space, `x.shape[:-1]`.

    Returns:
        Map [*shape], in units of the map; `filters.resize` offers other methods and resizes channels.

    Raises:
        ValueError: the number of axes does not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> print(upsample(jnp.array([0.0, 1.0]), (4,)))
        [0.   0.25 0.75 1.  ]
    """
    while map.ndim > len(shape) and map.shape[0] == 1:
        map = map[0]
    if len(shape) != map.ndim:
        sizes = f"one size for each of the map's {map.ndim} axes"
        raise ValueError(f"upsample: expected {sizes}, got {tuple(shape)}; give x.shape[:-1].")
    return resize(map, shape, method="bilinear")


def rank(map: Float[Array, "*space"]) -> Int[Array, "*space"]:
    """Rank of each location in decreasing order, 0 for the largest; ties in order of position; NaN last.

    Args:
        map: [*space]; any array.

    Returns:
        Integers 0..n-1, each once, shape of the map.

    Example:
        >>> import jax.numpy as jnp
        >>> print(rank(jnp.array([1.0, 3.0, 3.0, 2.0])))
        [3 0 1 2]
    """
    return ranks(map.ravel()).first.reshape(map.shape)


def top_fraction(map: Float[Array, "*space"], fraction: Number) -> Float[Array, "*space"]:
    """Mask of the largest values: 1 at exactly round(fraction n) of the n locations, 0 elsewhere.

    Args:
        map: [*space]; any array.
        fraction: share of locations, 0..1; may be traced. Halves round to even; of ties the first.

    Returns:
        Mask of 0 and 1, shape and dtype of the map; its gradient is 0.

    Raises:
        ValueError: a concrete fraction outside 0..1.

    Example:
        >>> import jax.numpy as jnp
        >>> print(top_fraction(jnp.array([1.0, 3.0, 3.0, 2.0]), 0.5))
        [0. 1. 1. 0.]
    """
    if isinstance(fraction, Tracer):
        count = jnp.round(fraction * map.size)  # halves to even, like Python's round below
    elif 0 <= float(fraction) <= 1:
        count = round(float(fraction) * map.size)
    else:
        raise ValueError(f"top_fraction: expected a fraction within 0..1, got {fraction}.")
    order = rank(jax.lax.stop_gradient(map))
    return (order < jnp.asarray(count).astype(order.dtype)).astype(map.dtype)


def clip_percentile(map: Float[Array, "*space"], percentile: float | int = 99.0) -> Float[Array, "*space"]:
    """Limit magnitudes to their own percentile, so that a few extreme values do not hide the rest.

    min(max(map, -q), q), q the percentile of |map|: symmetric, so signs and 0 keep their meaning.

    Args:
        map: [*space]; any array.
        percentile: 0..100, static.

    Returns:
        Shape and units of the map.

    Raises:
        ValueError: a percentile outside 0..100.

    Example:
        >>> import jax.numpy as jnp
        >>> print(clip_percentile(jnp.array([-9.0, 1.0, 2.0]), 50))
        [-2.  1.  2.]
    """
    if not 0 <= percentile <= 100:
        raise ValueError(f"clip_percentile: expected a percentile within 0..100, got {percentile}.")
    wide = at_least_single(map.dtype)
    # percentile interpolates at positions up to n, which 8 bits of bfloat16 cannot represent
    limit = jnp.percentile(jnp.abs(map).astype(wide), percentile).astype(map.dtype)
    return jnp.clip(map, -limit, limit)


def _largest(map: jax.Array) -> jax.Array:
    # Not max: its derivative searches for the entries equal to it. XLA may recompute the map with other rounding; then
    # no entry is equal, and the derivative is nan.
    flat = map.reshape(-1)
    return flat[jnp.argmax(flat)]


def _safe_quotient(map: jax.Array, by: jax.Array) -> jax.Array:
    """The quotient map / by for by >= 0; where by is 0, zeros with zero gradient; NaN where by is."""
    some = by != 0  # twice where: neither value nor derivative sees 0 / 0; NaN is no 0
    return jnp.where(some, map / jnp.where(some, by, jnp.ones_like(by)), jnp.zeros_like(map))
