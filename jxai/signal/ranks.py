"""Order of values with ties: ranks from one sort, and the largest values by number or by threshold.

A threshold is the (k+1)-th largest of n values, counted from 0 the k-th. By it are chosen
count     exactly k values; of equals, the first
above     the values strictly above it: k of them, fewer where they are equal
at_least  it and what is above it: k + 1 values, more where they are equal
"""

from fractions import Fraction
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, Real

__all__ = ["Number", "Ranks", "choose", "portion", "ranks"]

Number = int | Int[Array, ""]


class Ranks(NamedTuple):
    """Ranks of n values in decreasing order, from 0.

    Attributes:
        order: the positions by decreasing value; of equals, the first first; NaN last.
        first: of each value, its place in `order`.
        fewest: of each value, how many are larger.
        most: of each value, how many others are at least as large.
    """

    order: Int[Array, " n"]
    first: Int[Array, " n"]
    fewest: Int[Array, " n"]
    most: Int[Array, " n"]


def ranks(values: Real[Array, " n"]) -> Ranks:
    """Ranks by one sort.

    Args:
        values: [n]; NaN counts as smaller than everything, and as equal to nothing.

    Returns:
        The ranks.

    Example:
        >>> import jax.numpy as jnp
        >>> found = ranks(jnp.array([1.0, 3.0, 3.0, 2.0]))
        >>> found.first.tolist(), found.fewest.tolist(), found.most.tolist()
        ([3, 0, 1, 2], [3, 0, 0, 2], [3, 1, 1, 2])
    """
    floating = jnp.issubdtype(values.dtype, jnp.floating)
    order = jnp.argsort(-values, stable=True) if floating else jnp.argsort(values, descending=True, stable=True)
    ordered = values[order]
    place = jnp.arange(values.size, dtype=order.dtype)
    new = jnp.concatenate([jnp.ones_like(ordered[:1], bool), ordered[1:] != ordered[:-1]])
    last = jnp.concatenate([new[1:], jnp.ones_like(new[:1])])
    fewest = jax.lax.cummax(jnp.where(new, place, 0))
    most = jax.lax.cummin(jnp.where(last, place, values.size), reverse=True)
    return Ranks(order, *(_placed(order, rank) for rank in (place, fewest, most)))


def choose(found: Ranks, k: Number, n: Number, select: str = "count") -> Bool[Array, " n"]:
    """Which values are chosen, see the module.

    Args:
        found: the ranks; values beyond the n largest are padding (NaN).
        k: how many, or the number of the threshold, at most n - 1; may be traced.
        n: how many values there are; may be traced.
        select: "count", "above" or "at_least".

    Returns:
        [size] of booleans.

    Raises:
        ValueError: another `select`.

    Example:
        >>> import jax.numpy as jnp
        >>> found = ranks(jnp.array([1.0, 3.0, 3.0, 2.0]))
        >>> choose(found, 1, 4, "above").tolist(), choose(found, 2, 4, "at_least").tolist()
        ([False, False, False, False], [False, True, True, True])
    """
    if select == "count":
        return found.first < jnp.minimum(k, n)
    k = jnp.minimum(k, n - 1)
    if select == "above":
        return found.most < k
    if select == "at_least":
        return found.fewest <= k
    raise ValueError(f'select must be "count", "above" or "at_least"; {select!r} came.')


def portion(n: Number, fraction: float | Fraction, *, up: bool = False) -> Number:
    """A fraction of n as a whole number, by exact arithmetic: a padded example has the counts of an unpadded one.

    Args:
        n: a whole number; may be traced.
        fraction: 0..1, static; a float stands for the nearest fraction with a denominator of at most 10000.
        up: round up; else to the nearest, halves to even.

    Returns:
        Whole number, 0..n.

    Raises:
        ValueError: a fraction outside 0..1.

    Example:
        >>> portion(30, 0.05), portion(50, 0.05), portion(30, 0.05, up=True)
        (2, 2, 2)
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"expected a fraction within 0..1; {fraction} came.")
    part = fraction if isinstance(fraction, Fraction) else Fraction(fraction).limit_denominator(10_000)
    a, d = part.numerator, part.denominator
    tens, ones = n // d, n % d  # n a / d = tens a + ones a / d stays small
    whole, rest = tens * a + ones * a // d, ones * a % d
    more = rest > 0 if up else (2 * rest > d) | ((2 * rest == d) & (whole % 2 == 1))
    return whole + (more.astype(jnp.result_type(whole)) if isinstance(more, jax.Array | np.ndarray) else int(more))


def _placed(order: Int[Array, " n"], rank: Int[Array, " n"]) -> Int[Array, " n"]:
    """From sorted to original positions; a scatter costs a third of a second sort."""
    return jnp.zeros_like(order).at[order].set(rank, unique_indices=True)
