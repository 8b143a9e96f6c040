"""Sums of bell-shaped sources, each with a width of its own: the masks of MaRC.

The width differs from source to source, so the sum is not a convolution. But `exp(-(y^2 + x^2) / s)` is a product of
one factor for each axis. A window of radius R costs `(R + 1)^2` products a place, `R + 1` exponentials a source, and
memory for `R + 1` maps. The backward pass is the same kind of sum, with the width of the place that receives it; it is
written by hand.
"""

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jxai.signal.filters import at_least_single

__all__ = ["dense_sum", "window_radius", "windowed_sum"]


def window_radius(width: float, *, tolerance: float = 1e-8) -> int:
    """The smallest window in which the kernel of a source falls to `tolerance`: `ceil(sqrt(width ln(1 / tolerance)))`.

    Args:
        width: the largest `s` of `exp(-d^2 / s)`, in squared pixels.
        tolerance: value of the kernel beyond the window, at most.

    Returns:
        Radius, in pixels.

    Raises:
        ValueError: width is not positive, or tolerance is outside 0..1.

    Example:
        >>> window_radius(6.3), window_radius(21.7)
        (11, 20)
    """
    if not width > 0 or not 0 < tolerance < 1:
        raise ValueError(f"width must be positive and tolerance in 0..1; width={width}, tolerance={tolerance} came.")
    return math.ceil(math.sqrt(width * math.log(1 / tolerance)))


def windowed_sum(
    weight: Float[Array, "*space"], width: Float[Array, "*space"], *, radius: int
) -> Float[Array, "*space"]:
    r"""Sum of sources on a line or a grid: `z_j = sum_i weight_i exp(-|i - j|^2 / width_i)`.

    The sum runs over the sources within `radius` of `j` along each axis (a square window); outside the array there are
    none. Reverse-mode derivatives are written by hand, so `jax.jvp` does not apply. It does apply to a gradient, and to
    the primal output of `jax.vjp`.

    Args:
        weight: of each source, one or two axes.
        width: of each source, above zero, in squared places.
        radius: of the window, in places; `window_radius` gives the one that leaves nothing out.

    Returns:
        The sum at each place, in units of `weight`; at least single precision.

    Raises:
        ValueError: the shapes differ, or have none or more than two axes, or the radius is negative.

    Reference:
        Brinner and Zarriess 2023, "Model interpretability and rationale extraction by input mask optimization", eq. 5
        and 6.

    Example:
        >>> import jax.numpy as jnp
        >>> one = jnp.zeros(5).at[2].set(1.0)
        >>> print(windowed_sum(one, jnp.full(5, 2.0), radius=1).round(2))
        [0.   0.61 1.   0.61 0.  ]
    """
    if weight.shape != width.shape or weight.ndim not in (1, 2) or radius < 0:
        raise ValueError(
            f"windowed_sum: expected weight and width of one shape, [n] or [h, w], and a radius of at least 0; "
            f"got {weight.shape}, {width.shape} and {radius}."
        )
    dtype = at_least_single(weight.dtype)
    weight, width = weight.astype(dtype), width.astype(dtype)
    weight, width = weight + jnp.zeros_like(width), width + jnp.zeros_like(weight)  # vary over the same mesh axes
    # a window never needs to reach farther than the array
    if weight.ndim == 1:
        column: Any = _grid_sum((min(radius, len(weight)), 0), weight[:, None], width[:, None])
        return column[:, 0]
    return _grid_sum((min(radius, weight.shape[0]), min(radius, weight.shape[1])), weight, width)


def dense_sum(weight: Float[Array, " n"], width: Float[Array, " n"]) -> Float[Array, " n"]:
    r"""The same on a line without a window: `z_j = sum_i weight_i exp(-(i - j)^2 / width_i)`, one `[n, n]` product.

    Args:
        weight: of each source.
        width: of each source, above zero, in squared places.

    Returns:
        The sum at each place, in units of `weight`; at least single precision.

    Example:
        >>> import jax.numpy as jnp
        >>> print(dense_sum(jnp.array([1.0, 0.0, 0.0]), jnp.full(3, 2.0)).round(2))
        [1.   0.61 0.14]
    """
    dtype = at_least_single(weight.dtype)
    place = jnp.arange(len(weight), dtype=dtype)
    squares = jnp.square(place[:, None] - place[None, :])
    return jnp.matmul(jnp.exp(-squares / width.astype(dtype)[None, :]), weight.astype(dtype), precision="highest")


# by hand, because automatic differentiation would store the products of every step
@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _grid_sum(radii: tuple[int, int], weight: Array, width: Array) -> Array:
    return _forward(radii, weight, width)[0]


def _forward(radii: tuple[int, int], weight: Array, width: Array) -> tuple[Array, tuple]:
    """For each distance `k` of rows: the sum of every source row along x, then its effect `k` rows up and down."""
    (up, side), (height, columns) = radii, weight.shape
    # exp(-(dx^2 + dy^2) / s) is a product: radius + 1 exponentials a source serve all its (2 radius + 1)^2 neighbours
    factors = _factors(max(radii), jnp.pad(width, ((0, 0), (side, side)), constant_values=1))
    padded = jnp.pad(weight, ((0, 0), (side, side)))

    def step(total: Array, number: Array) -> tuple[Array, None]:
        weighted_row = padded * _factor(factors, number)
        row = (weighted_row * factors[0])[:, side : side + columns]
        for x in range(1, side + 1):
            row += _both(weighted_row * factors[x], side, x, columns)
        row = jnp.pad(row, ((up, up), (0, 0)))
        return total + _up_and_down(row, up, number, height), None

    # a scan over rows: memory stays that of a few pictures, where all shifts at once take (2 radius + 1) of them
    total, _ = jax.lax.scan(step, jnp.zeros_like(weight), jnp.arange(up + 1))
    return total, (weight, width, factors)


def _backward(radii: tuple[int, int], residuals: tuple, slope: Array) -> tuple[Array, Array]:
    """A source gathers the slopes around it by its own width: for its weight as they are, for its width times d^2."""
    weight, width, factors = residuals
    (up, side), (height, columns) = radii, weight.shape
    inner = slice(side, side + columns)  # cut where it is used: a cut copy of all factors costs more than the products
    padded = jnp.pad(slope, ((up, up), (side, side)))

    def step(totals: tuple[Array, Array], number: Array) -> tuple[tuple[Array, Array], None]:
        factor = _factor(factors, number)[:, inner]
        neighbours = _up_and_down(padded, up, number, height)
        plain = factors[0][:, inner] * neighbours[:, inner]
        times_square = jnp.zeros_like(plain)
        for x in range(1, side + 1):
            term = factors[x][:, inner] * _both(neighbours, side, x, columns)
            plain, times_square = plain + term, times_square + x**2 * term
        by_weight, by_width = totals
        far = jnp.square(number).astype(plain.dtype)
        return (by_weight + factor * plain, by_width + factor * (far * plain + times_square)), None

    start = (jnp.zeros_like(weight), jnp.zeros_like(weight))
    (by_weight, by_width), _ = jax.lax.scan(step, start, jnp.arange(up + 1))
    return by_weight, weight / jnp.square(width) * by_width  # d exp(-d^2 / s) / ds = d^2 / s^2 exp(-d^2 / s)


_grid_sum.defvjp(_forward, _backward)


def _factors(radius: int, width: Array) -> Array:
    """`exp(-k^2 / width)` for k = 0..radius."""
    k = jnp.arange(radius + 1, dtype=width.dtype)[:, None, None]
    return jnp.exp(-jnp.square(k) / width[None])


def _factor(factors: Array, number: Array) -> Array:
    """The factors of the rows `number` away; halved for the row itself, which is added twice, above and below."""
    return factors[number] * jnp.where(number == 0, 0.5, 1.0).astype(factors.dtype)


def _both(row: Array, side: int, x: int, columns: int) -> Array:
    """The sum of the values `x` columns to the left and right, in an array with `side` more columns on both sides."""
    return row[:, side - x : side - x + columns] + row[:, side + x : side + x + columns]


def _up_and_down(row: Array, up: int, number: Array, height: int) -> Array:
    """The sum of the values `number` rows above and below, in an array with `up` more rows on both sides."""
    above = jax.lax.dynamic_slice_in_dim(row, up - number, height)
    return above + jax.lax.dynamic_slice_in_dim(row, up + number, height)
