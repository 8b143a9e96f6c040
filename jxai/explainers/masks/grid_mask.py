"""Masks of images and series: a source at every pixel or time."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool

from jxai.core.errors import require_variant
from jxai.explainers.masks.kernels import windowed_sum
from jxai.explainers.masks.parameterisation import Mask, Penalties, Sources, total_variation
from jxai.signal.filters import at_least_single

__all__ = ["image_mask", "series_mask"]


def image_mask(
    *,
    variant: str = "paper",
    sparsity: float = 0.6,
    sigma: float = 1.2,
    neighbours: float = 10.0,
    start: tuple[float, float] = (0.5, 1.2),
    radius: int | None = None,
    smallest: float | None = None,
) -> Mask:
    r"""A source at every pixel; distances in pixels.

    Penalties: `sparsity (sum m / n)^2 - sigma mean(log sigma) + neighbours sum_{i~j} (m_i - m_j)^2 / n`, over the `n`
    valid pixels and the pairs of neighbours (of eight) among them.

    Args:
        variant: `"paper"`: no sources outside the valid area, and sigma at most `radius^2 / ln(1e8)`, so that the
            window leaves nothing out. `"released"`: the outermost valid values are repeated outside and contribute too.
        sparsity: weight of the mask's size; the paper's 0.6 for ResNet-101, 0.25 for ViT-B/16.
        sigma: weight of the barrier that keeps the sources wide.
        neighbours: weight of the differences of neighbours.
        start: w and sigma of every pixel at first.
        radius: of the square window, in pixels; None: 12 (paper), 20 (released).
        smallest: lower clamp of sigma; None: 0.1 (paper: only to keep it positive), 0.6 (released).

    Returns:
        The parameterisation, for `jxai.marc(score, mask=...)`.

    Raises:
        ValueError: a variant of another name, or an option out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> mask = image_mask(start=(0.0, 1.2))
        >>> sources = mask.init(jnp.ones((2, 3, 1)), None)
        >>> mask.apply(sources, None).tolist()
        [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    released = require_variant(variant)
    reach = radius or (20 if released else 12)
    low = smallest if smallest is not None else 0.6 if released else 0.1
    # at this width a source at the edge of the window has fallen to 1e-8: the window leaves nothing out
    high = math.inf if released else reach**2 / math.log(1e8)
    return _space_mask(2, (sparsity, sigma, neighbours), start, reach, (low, high), variant)


def series_mask(
    *,
    sparsity: float = 1.0,
    sigma: float = 1.2,
    neighbours: float = 1.0,
    start: tuple[float, float] = (1.2, 2.0),
    radius: int = 32,
    cell: int = 1,
) -> Mask:
    """A source at every time (or at every `cell` times) of a series: audio, measurements.

    As `image_mask(variant="paper")` along one axis; the numbers are those for texts, and our choice.

    Args:
        sparsity: weight of the mask's size.
        sigma: weight of the barrier that keeps the sources wide.
        neighbours: weight of the differences of neighbours.
        start: w and sigma of every source at first; sigma in squared cells.
        radius: of the window, in cells; sigma is at most `radius^2 / ln(1e8)`.
        cell: times that share a source, and their mask: long series need fewer sources than samples.

    Returns:
        The parameterisation, for `jxai.marc(score, mask=...)`, of examples `[t, channels]`.

    Raises:
        ValueError: an option out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> mask = series_mask(cell=2, start=(0.0, 1.0))
        >>> values = mask.apply(mask.init(jnp.ones((5, 1)), None), None)
        >>> values.shape, mask.spread(values, None, (5,)).shape
        ((3,), (5,))
    """
    high = radius**2 / math.log(1e8)
    return _space_mask(1, (sparsity, sigma, neighbours), start, radius, (0.1, high), "paper", cell)


def _space_mask(
    ndim: int,
    weights: tuple[float, float, float],
    start: tuple[float, float],
    radius: int,
    clamp: tuple[float, float],
    variant: str,
    cell: int = 1,
) -> Mask:
    """A source at every place (or cell) of a space of one or two axes."""
    if radius < 1 or cell < 1 or not start[1] > 0 or min(weights) < 0 or not 0 <= clamp[0] < clamp[1]:
        raise ValueError(
            f"radius and cell must be at least 1, start's sigma above zero, weights and clamp at least zero; "
            f"radius={radius}, cell={cell}, start={start}, weights={weights}, clamp={clamp} came."
        )

    def inside(x: Array, valid: Any, groups: Any) -> Array | None:
        if groups is not None or x.ndim != ndim + 1 or (valid is not None and jnp.shape(valid) != x.shape[:-1]):
            raise ValueError(
                f"this mask is for x of {ndim} axes of space and channels, valid of that space, and no groups (texts "
                f"have a sequence_mask); shapes {x.shape}, {_shape(valid)} and {_shape(groups)} came."
            )
        return None if valid is None else _any_of(jnp.asarray(valid, bool), cell)

    def init(x: Array, inside: Array | None) -> Sources:
        # made from x: under shard_map a fresh constant's gradient is summed over the devices, and examples would mix
        zeros = jnp.zeros_like(x[..., 0], dtype=at_least_single(x.dtype))[(slice(None, None, cell),) * ndim]
        return Sources(zeros + start[0], zeros + start[1])

    def apply(sources: Sources, inside: Array | None) -> Array:
        light = _with_repeated_border if variant == "released" else _without_outside
        values = jax.nn.sigmoid(light(sources, inside, radius))
        return values if inside is None else values * inside.astype(values.dtype)

    def penalty(sources: Sources, values: Array, inside: Array | None) -> Penalties:
        ones = _ones(values, inside)
        n = _at_least_one(ones.sum())
        # log 1 = 0: padded sources do not enter the barrier
        logs = jnp.log(jnp.where(ones > 0, sources.sigma, jnp.ones_like(ones))).sum() / n
        area = values.sum() / n
        differences = total_variation(values, ones) / n
        return Penalties(weights[0] * jnp.square(area), -weights[1] * logs, weights[2] * differences)

    def spread(values: Array, inside: Array | None, size: tuple[int, ...]) -> Array:
        for axis, length in enumerate(size if cell > 1 else ()):
            values = jax.lax.slice_in_dim(jnp.repeat(values, cell, axis=axis), 0, length, axis=axis)
        return values

    def area(values: Array, inside: Array | None) -> Array:
        return values.sum() / _at_least_one(_ones(values, inside).sum())

    def project(sources: Sources) -> Sources:
        return sources._replace(sigma=jnp.clip(sources.sigma, *clamp))

    return Mask(inside, init, apply, penalty, spread, area, project, "image", variant)


def _without_outside(sources: Sources, inside: Array | None, radius: int) -> Array:
    """The sum of sources where those outside the valid places have weight 0."""
    if inside is None:
        return windowed_sum(*sources, radius=radius)
    return windowed_sum(sources.w * inside.astype(sources.w.dtype), sources.sigma, radius=radius)


def _with_repeated_border(sources: Sources, inside: Array | None, radius: int) -> Array:
    """The sum of sources where the outermost values of the valid rectangle repeat outside it."""
    wide = Sources(*(_onwards(a, inside, radius) for a in sources))
    middle = tuple(slice(radius, radius + size) for size in sources.w.shape)
    return windowed_sum(*wide, radius=radius)[middle]


def _onwards(values: Array, inside: Array | None, radius: int) -> Array:
    if inside is None:
        return jnp.pad(values, radius, mode="edge")
    for axis, size in enumerate(values.shape):
        has_valid = inside.any(axis=tuple(i for i in range(values.ndim) if i != axis))
        first, last = jnp.argmax(has_valid), size - 1 - jnp.argmax(has_valid[::-1])
        place = jnp.clip(jnp.arange(-radius, size + radius), first, last)
        values = jnp.take(values, place, axis=axis, mode="clip")
    return values


def _any_of(valid: Bool[Array, "*space"], cell: int) -> Array:
    """Which cells hold a valid place."""
    for axis, size in enumerate(valid.shape if cell > 1 else ()):
        rest = [(0, -size % cell) if i == axis else (0, 0) for i in range(valid.ndim)]
        padded = jnp.pad(valid, rest)
        shape = (*padded.shape[:axis], -1, cell, *padded.shape[axis + 1 :])
        valid = padded.reshape(shape).any(axis + 1)
    return valid


def _ones(values: Array, inside: Array | None) -> Array:
    return jnp.ones_like(values) if inside is None else inside.astype(values.dtype)


def _at_least_one(count: Array) -> Array:
    return jnp.maximum(count, jnp.ones_like(count))


def _shape(array: Any) -> tuple[int, ...] | None:
    return None if array is None else jnp.shape(array)
