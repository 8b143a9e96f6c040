"""Which word describes a channel: how often both occur with the same images."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jax.typing import ArrayLike
from jaxtyping import Bool, Float, Int

from jxai.core.errors import require_variant
from jxai.language.captioner import START
from jxai.language.vocabulary import Vocabulary

__all__ = ["Associations", "Row", "associate", "associations", "cooccurrence", "flatten", "rows", "widths"]


class Associations(NamedTuple):
    """The word of each channel.

    Attributes:
        word: `[F]`, tokens; 0 for a channel that no word describes.
        score: `[F]`, of that word with that channel, 0..1; 0 where there is no word.
        support: `[F]`, with how many images both occur.
        table: `[F, D]`, the scores of all words.
    """

    word: Int[Array, " f"]
    score: Float[Array, " f"]
    support: Float[Array, " f"]
    table: Float[Array, "f d"]


class Row(NamedTuple):
    """What `rows` tells of a channel."""

    layer: str
    channel: int
    word: str
    score: float
    support: int


def associations(
    chosen: Bool[ArrayLike, "n f"],
    mentioned: Bool[ArrayLike, "n d"],
    *,
    content: Bool[ArrayLike, " d"],
    variant: str = "paper",
) -> Associations:
    """The word that goes best with each channel over a training set, in one matrix product.

    `score(w, v) = 2 occur(w, v) / (count(w) + count(v))`, Dice's coefficient: `occur` counts images in whose
    decision v is important and whose descriptions mention w; `count` images in which either is so.

    Args:
        chosen: `[n, F]`, for each image its important channels (`decision_features` of its true class, `flatten`).
        mentioned: `[n, D]`, for each image the words of its descriptions (`mentions`).
        content: `[D]`, which words may describe a channel: nouns and adjectives (`content_words`).
        variant: "paper", or "released": `C / (sum_w C + sum_v C)`, the sums over the whole row and column of
            `C = occur`, without the factor 2.

    Returns:
        The associations. Of words that score alike the first in the vocabulary is taken.

    Raises:
        ValueError: the shapes do not fit, no word is a content word, or an unknown variant.

    Reference:
        Wickramanayake, Hsu and Lee 2019 (FLEX), eq. 3.

    Example:
        >>> import jax.numpy as jnp
        >>> mentioned = jnp.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]], bool)
        >>> found = associations(mentioned[:, 2:], mentioned, content=jnp.array([0, 0, 1, 1], bool))
        >>> found.word.tolist(), found.score.tolist(), found.support.tolist()
        ([2, 3], [1.0, 1.0], [2.0, 2.0])
    """
    require_variant(variant)
    chosen, mentioned, content = (jnp.asarray(a, bool) for a in (chosen, mentioned, content))
    _check(chosen, mentioned, content)
    occur = cooccurrence(chosen, mentioned)
    return associate(occur, _count(chosen), _count(mentioned), content=content, variant=variant)


def cooccurrence(chosen: Bool[ArrayLike, "n f"], mentioned: Bool[ArrayLike, "n d"]) -> Float[Array, "f d"]:
    """With how many images each channel and each word occur together; sums of batches are those of the set.

    Arguments as for `associations`.

    Example:
        >>> import jax.numpy as jnp
        >>> cooccurrence(jnp.array([[True], [True]]), jnp.array([[True, False], [True, True]])).tolist()
        [[2.0, 1.0]]
    """
    one, other = (jnp.asarray(a, float) for a in (chosen, mentioned))
    return jnp.matmul(one.T, other, precision="highest")


def associate(
    occur: Float[Array, "f d"],
    channels: Float[Array, " f"] | None,
    words: Float[Array, " d"] | None,
    *,
    content: Bool[ArrayLike, " d"],
    variant: str = "paper",
) -> Associations:
    """`associations` from counts, for a set that is not held in memory at once.

    Args:
        occur: `[F, D]`, `cooccurrence`.
        channels: `[F]`, the number of images in which each channel is important; None will do for "released".
        words: `[D]`, the number of images whose descriptions mention each word; None will do for "released".
        content: as for `associations`.
        variant: as for `associations`.

    Raises:
        ValueError: counts are missing, or an unknown variant.

    Example:
        >>> import jax.numpy as jnp
        >>> occur = jnp.array([[0.0, 0.0, 3.0, 1.0]])
        >>> content = jnp.array([False, False, True, True])
        >>> associate(occur, jnp.array([3.0]), jnp.array([0.0, 0.0, 3.0, 1.0]), content=content).table.tolist()
        [[0.0, 0.0, 1.0, 0.5]]
    """
    released = require_variant(variant)
    occur = jnp.where(jnp.asarray(content, bool)[None], occur, jnp.zeros_like(occur))
    if released:
        channels, words = occur.sum(1), occur.sum(0)
    if channels is None or words is None:
        raise ValueError("Dice's coefficient needs the counts of channels and of words; None came.")
    under = channels[:, None] + words[None]
    over = occur if released else 2 * occur
    table = jnp.where(under > 0, over / jnp.where(under > 0, under, jnp.ones_like(under)), jnp.zeros_like(over))
    best = table.argmax(1)
    score = jnp.take_along_axis(table, best[:, None], 1)[:, 0]
    support = jnp.take_along_axis(occur, best[:, None], 1)[:, 0]
    return Associations(jnp.where(score > 0, best, jnp.full_like(best, START)), score, support, table)


def flatten(by_layer: Mapping[str, Any], layers: Sequence[str] | None = None) -> Any:
    """The channels of all layers as one axis, the last: `{layer: [..., K]}` to `[..., F]`.

    Args:
        by_layer: one array of each layer.
        layers: in which order; None: sorted by name, as JAX returns dictionaries from `jit`.

    Raises:
        ValueError: a layer is not there.

    Example:
        >>> import jax.numpy as jnp
        >>> flatten({"b": jnp.array([3]), "a": jnp.array([1, 2])}).tolist()
        [1, 2, 3]
    """
    return jnp.concatenate([by_layer[name] for name in _order(by_layer, layers)], -1)


def widths(by_layer: Mapping[str, Any], layers: Sequence[str] | None = None) -> dict[str, int]:
    """How many channels each layer has, in the order of `flatten`; arguments as for it.

    Example:
        >>> import jax.numpy as jnp
        >>> widths({"b": jnp.zeros(1), "a": jnp.zeros(2)})
        {'a': 2, 'b': 1}
    """
    return {name: by_layer[name].shape[-1] for name in _order(by_layer, layers)}


def rows(found: Associations, vocabulary: Vocabulary, channels: Mapping[str, int]) -> list[Row]:
    """The associations as a table to read: layer, channel, word, score, support.

    Args:
        found: the associations.
        vocabulary: whose tokens they are.
        channels: for each layer how many channels it has, in the order in which they were flattened (`widths`).

    Returns:
        A row for each channel; "" stands for no word.

    Raises:
        ValueError: as many channels, or words, as the associations have are not there.

    Example:
        >>> import jax.numpy as jnp
        >>> found = Associations(jnp.array([2, 0]), jnp.array([0.5, 0.0]), jnp.array([7.0, 0.0]), jnp.zeros((2, 3)))
        >>> rows(found, Vocabulary(("<s>", "<unk>", "red"), 0), {"last": 2})[0]
        Row(layer='last', channel=0, word='red', score=0.5, support=7)
    """
    f, d = found.table.shape
    if sum(channels.values()) != f or len(vocabulary.words) != d:
        raise ValueError(
            f"the associations are of {f} channels and {d} words; {sum(channels.values())} channels and "
            f"{len(vocabulary.words)} words came: give the layers and the vocabulary that they were made with."
        )
    places = [(name, channel) for name, count in channels.items() for channel in range(count)]
    word, score, support = (np.asarray(column).tolist() for column in found[:3])
    names = ["" if token == START else vocabulary.words[token] for token in word]
    return [
        Row(layer, channel, name, value, round(count))
        for (layer, channel), name, value, count in zip(places, names, score, support, strict=True)
    ]


def _order(by_layer: Mapping[str, Any], layers: Sequence[str] | None) -> list[str]:
    order = sorted(by_layer) if layers is None else list(layers)
    missing = [name for name in order if name not in by_layer]
    if missing or not order:
        raise ValueError(f"expected arrays of the layers {order}; those of {sorted(by_layer)} came.")
    return order


def _count(present: Array) -> Array:
    return jnp.asarray(present, float).sum(0)


def _check(chosen: Array, mentioned: Array, content: Array) -> None:
    if chosen.ndim != 2 or mentioned.ndim != 2 or len(chosen) != len(mentioned):
        raise ValueError(
            f"chosen is [n, F] and mentioned [n, D], of the same n images; {chosen.shape}, {mentioned.shape} came."
        )
    if content.shape != mentioned.shape[1:]:
        raise ValueError(f"content is [D], D = {mentioned.shape[1]}; {content.shape} came.")
    if not isinstance(content, Tracer) and not np.any(content):
        raise ValueError("no word is a content word: nothing can describe a channel. See content_words.")
