"""Ranks of values with ties from one sort; the largest values by number or by threshold.

The threshold is the (k+1)-th largest of n values. `choose` selects
count     exactly k values; of ties the first
above     the values strictly above the threshold: k of them, fewer where there are ties
at_least  the values from the threshold upwards: k + 1 of them, more where there are ties
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
        order: the positions by decreasing value; ties in order of position; NaN last.
        first: of each value, its index in `order`.
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
        values: [n]; NaN counts as smaller than every number and equal to none.

    Returns:
        The ranks.

    Example:
        >>> import jax.numpy as jnp
        >>> ranking = ranks(jnp.array([1.0, 3.0, 3.0, 2.0]))
        >>> ranking.first.tolist(), ranking.fewest.tolist(), ranking.most.tolist()
        ([3, 0, 1, 2], [3, 0, 0, 2], [3, 1, 1, 2])
    """
    # Negated, not descending: that would put NaN first. Integers cannot be negated safely (unsigned, the smallest)
    floating = jnp.issubdtype(values.dtype, jnp.floating)
    order = jnp.argsort(-values, stable=True) if floating else jnp.argsort(values, descending=True, stable=True)
    descending = values[order]
    place = jnp.arange(values.size, dtype=order.dtype)
    # A run of ties begins where a value differs from the one before it; its first and last index are the two ranks
    new = jnp.concatenate([jnp.ones_like(descending[:1], bool), descending[1:] != descending[:-1]])
    last = jnp.concatenate([new[1:], jnp.ones_like(new[:1])])
    fewest = jax.lax.cummax(jnp.where(new, place, 0))
    most = jax.lax.cummin(jnp.where(last, place, values.size), reverse=True)
    return Ranks(order, *(_unsorted(order, rank) for rank in (place, fewest, most)))


def choose(found: Ranks, k: Number, n: Number, select: str = "count") -> Bool[Array, " n"]:
    """Selects values by rank, see the module.

    Args:
        found: the ranks; values beyond the n largest are padding (NaN).
        k: how many, or the index of the threshold, at most n - 1; may be traced.
        n: the number of values; may be traced.
        select: "count", "above" or "at_least".

    Returns:
        [size] of booleans.

    Raises:
        ValueError: an unknown `select`.

    Example:
        >>> import jax.numpy as jnp
        >>> ranking = ranks(jnp.array([1.0, 3.0, 3.0, 2.0]))
        >>> choose(ranking, 1, 4, "above").tolist(), choose(ranking, 2, 4, "at_least").tolist()
        ([False, False, False, False], [False, True, True, True])
    """
    if select == "count":
        return found.first < jnp.minimum(k, n)
    k = jnp.minimum(k, n - 1)
    # A tie at the threshold falls out of "above" and into "at_least" as a whole
    if select == "above":
        return found.most < k
    if select == "at_least":
        return found.fewest <= k
    raise ValueError(f'select must be "count", "above" or "at_least"; {select!r} came.')


def portion(n: Number, fraction: float | Fraction, *, up: bool = False) -> Number:
    """A fraction of n as a whole number, by exact arithmetic.

    Floats would round differently traced and untraced; so a padded example has the same counts as an unpadded one.

    Args:
        n: a whole number; may be traced.
        fraction: 0..1, static; a float means the nearest fraction with a denominator of at most 10000.
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
    tens, ones = n // d, n % d  # n a / d = tens a + ones a / d: n a alone could overflow int32
    whole, rest = tens * a + ones * a // d, ones * a % d
    # Halves to even, as Python's round
    more = rest > 0 if up else (2 * rest > d) | ((2 * rest == d) & (whole % 2 == 1))
    return whole + (more.astype(jnp.result_type(whole)) if isinstance(more, jax.Array | np.ndarray) else int(more))


def _unsorted(order: Int[Array, " n"], rank: Int[Array, " n"]) -> Int[Array, " n"]:
    """From sorted to original positions; a scatter costs a third of a second sort."""
    return jnp.zeros_like(order).at[order].set(rank, unique_indices=True)
