"""Spans of words: runs of marked words, and spans [start, stop) as arrays of a fixed number of rows.

The evidence of a text has one of three forms everywhere:

[n] booleans       marked words; every run of them is a span
[n] whole numbers  0 for no span, else the number of the word's span, which keeps neighbouring spans apart
[m, 2]             spans [start, stop) in words; they may overlap; rows with stop <= start are padding (-1, -1 or 0, 0)
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Int, Shaped

__all__ = ["Runs", "as_spans", "marked", "runs"]


class Runs(NamedTuple):
    """The run that each word lies in.

    Attributes:
        start: [n], where the word's run begins; the word itself outside of runs.
        stop: [n], one after its end; the word itself outside of runs.
        first: [n], true at the first word of each run.
    """

    start: Int[Array, " n"]
    stop: Int[Array, " n"]
    first: Bool[Array, " n"]


def runs(words: Bool[Array, " n"] | Int[Array, " n"]) -> Runs:
    """Runs of marked words, or of equal numbers above 0.

    Args:
        words: [n], booleans or numbers of spans, see the module.

    Returns:
        The runs.

    Example:
        >>> import jax.numpy as jnp
        >>> each = runs(jnp.array([True, True, False, True]))
        >>> each.start.tolist(), each.stop.tolist(), each.first.tolist()
        ([0, 0, 2, 3], [2, 2, 2, 4], [True, False, False, True])
    """
    inside = words if words.dtype == bool else words > 0
    change = words[1:] != words[:-1]
    edge = jnp.ones_like(inside[:1])
    first = inside & jnp.concatenate([edge, change])
    last = inside & jnp.concatenate([change, edge])
    place = jnp.arange(words.size)
    # The last start before each word, and the first end behind it
    start = jax.lax.cummax(jnp.where(first, place, 0))
    stop = jax.lax.cummin(jnp.where(last, place + 1, words.size), reverse=True)
    return Runs(jnp.where(inside, start, place), jnp.where(inside, stop, place), first)


def marked(gold: Shaped[Array, "..."], n: int) -> Bool[Array, " n"]:
    """The words that the spans cover.

    Args:
        gold: one of the three forms, see the module.
        n: number of words.

    Returns:
        [n] booleans.

    Raises:
        ValueError: none of the three forms; a concrete span number below 0; a concrete span beyond the words.

    Example:
        >>> import jax.numpy as jnp
        >>> marked(jnp.array([[0, 2], [3, 4], [-1, -1]]), 5).tolist()
        [True, True, False, True, False]
    """
    require_gold(gold, n)
    if gold.ndim == 1:
        return gold if gold.dtype == bool else gold > 0
    # Spans that touch or overlap become one run: MaRC's program joins them too before IoU F1
    place, spans = jnp.arange(n)[:, None], gold.astype(jnp.result_type(int))
    return ((place >= spans[None, :, 0]) & (place < spans[None, :, 1])).any(1)


def as_spans(gold: Shaped[Array, "..."], n: int) -> Int[Array, "m 2"]:
    """The spans as rows [start, stop), padded with [0, 0]: `ceil(n / 2)` rows of marked words, `n` of numbers.

    Args:
        gold: one of the three forms, see the module; rows are returned as they are.
        n: number of words.

    Returns:
        [m, 2].

    Raises:
        ValueError: as `marked`.

    Example:
        >>> import jax.numpy as jnp
        >>> as_spans(jnp.array([False, True, True, False, True]), 5).tolist()
        [[1, 3], [4, 5], [0, 0]]
    """
    require_gold(gold, n)
    if gold.ndim == 2:
        return gold.astype(jnp.result_type(int))
    each = runs(gold)
    # Static number of rows: marked words have a gap between runs, numbered spans need none
    most = -(-n // 2) if gold.dtype == bool else n
    row = jnp.where(each.first, jnp.cumsum(each.first) - 1, most)  # others go to a last row, cut off below
    both = jnp.stack([each.start, each.stop], axis=1)
    return jnp.zeros_like(both, shape=(most + 1, 2)).at[row].set(both)[:most]


def require_gold(gold: Array, n: int) -> None:
    """Raises ValueError where `gold` has none of the three forms over n words."""
    whole = jnp.issubdtype(gold.dtype, jnp.integer)
    if not (gold.shape == (n,) and (whole or gold.dtype == bool)) and not (gold.shape[1:] == (2,) and whole):
        raise ValueError(
            f"gold must be [{n}] booleans (marked words), [{n}] whole numbers (0 for none, else the word's span) or "
            f"[m, 2] whole numbers (spans [start, stop)); {gold.dtype} of shape {gold.shape} came."
        )
    if isinstance(gold, Tracer) or not whole or not gold.size:
        return
    values = np.asarray(gold)  # np: inside jit, jnp functions of a concrete array are traced
    if values.ndim == 1 and values.min() < 0:
        raise ValueError("gold numbers spans from 1, with 0 for words outside; it holds a number below 0.")
    if values.ndim == 2 and values.max() > n:
        raise ValueError(f"gold has a span that ends after word {values.max()}; there are {n} words.")
