"""From a map over the pieces of words to one over words."""

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Int, Real

__all__ = ["word_mean", "word_sum"]


def word_sum(map: Real[ArrayLike, " t"], groups: Int[ArrayLike, " t"], *, words: int) -> Float[Array, " n"]:
    """Sum over the pieces of each word: for the gradient family, where the pieces share the word's effect.

    `sum_w = sum_{j: groups_j = w} map_j`. The total is preserved, except for special tokens and padding.

    Args:
        map: [t], one number for each piece: reduce channels first (`maps.channel_sum`).
        groups: [t], the word of each piece, 0..n-1; -1 where there is no word (`[CLS]`, `[SEP]`, padding).
        words: n, the number of words.

    Returns:
        [n], in units of the map; 0 for a word without pieces.

    Example:
        >>> import jax.numpy as jnp
        >>> word_sum(jnp.array([9.0, 1.0, 2.0, 3.0, 9.0]), jnp.array([-1, 0, 0, 1, -1]), words=2).tolist()
        [3.0, 3.0]
    """
    _check(map, groups, words)
    map, groups = jnp.asarray(map), jnp.asarray(groups)
    # Special tokens (-1) add 0 to word 0, whatever segment_sum does with negative numbers
    values = jnp.where(groups < 0, jnp.zeros_like(map), map)
    return jax.ops.segment_sum(values, jnp.maximum(groups, 0), words)


def word_mean(map: Real[ArrayLike, " t"], groups: Int[ArrayLike, " t"], *, words: int) -> Float[Array, " n"]:
    """Mean over the pieces of each word: for methods called with `groups=`, where each piece has the word's value.

    Args:
        map: as for `word_sum`.
        groups: as for `word_sum`.
        words: as for `word_sum`.

    Returns:
        [n], in units of the map; 0 for a word without pieces.

    Example:
        >>> import jax.numpy as jnp
        >>> word_mean(jnp.array([9.0, 2.0, 2.0, 3.0, 9.0]), jnp.array([-1, 0, 0, 1, -1]), words=2).tolist()
        [2.0, 3.0]
    """
    map = jnp.asarray(map)
    pieces = word_sum(jnp.ones_like(map), groups, words=words)
    return word_sum(map, groups, words=words) / jnp.maximum(pieces, 1)  # a word may have no pieces: 0, not nan


def _check(map: ArrayLike, groups: ArrayLike, words: int) -> None:
    if jnp.ndim(map) != 1 or jnp.shape(map) != jnp.shape(groups):
        raise ValueError(
            f"expected a map and groups of one length, [t], got {jnp.shape(map)} and {jnp.shape(groups)}; reduce the "
            "channels first, for example by jxai.signal.maps.channel_sum."
        )
    if words < 1:
        raise ValueError(f"expected words to be the number of words, got {words}.")
    if isinstance(groups, Tracer):
        return
    last = int(jnp.max(jnp.asarray(groups), initial=-1))
    if last >= words:
        raise ValueError(f"groups name word {last}, but there are {words} words, 0..{words - 1}.")
