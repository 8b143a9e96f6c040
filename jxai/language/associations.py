"""The word that describes a channel, by how often both occur with the same images."""

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
        word: `[F]`, tokens; 0 for a channel without a word.
        score: `[F]`, of that word with that channel, 0..1; 0 without a word.
        support: `[F]`, the number of images with both.
        table: `[F, D]`, the scores of all words.
    """

    word: Int[Array, " f"]
    score: Float[Array, " f"]
    support: Float[Array, " f"]
    table: Float[Array, "f d"]


class Row(NamedTuple):
    """A row of `rows`: one channel and its word."""

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
    """The best word for each channel over a training set, by one matrix product.

    `score(w, v) = 2 occur(w, v) / (count(w) + count(v))`, Dice's coefficient: `occur` counts images where v is
    important for the decision and the descriptions mention w; `count` counts images with one of the two.

    Args:
        chosen: `[n, F]`, the important channels of each image (`decision_features` of its true class, `flatten`).
        mentioned: `[n, D]`, the words in each image's descriptions (`mentions`).
        content: `[D]`, the words that may describe a channel: nouns and adjectives (`content_words`).
        variant: "paper", or "released": `C / (sum_w C + sum_v C)`, the sums over the whole row and column of
            `C = occur`, without the factor 2.

    Returns:
        The associations. Of words with equal scores the first in the vocabulary counts.

    Raises:
        ValueError: the shapes do not fit, no word is a content word, or an unknown variant.

    Reference:
        Wickramanayake, Hsu and Lee 2019 (FLEX), eq. 3.

    Example:
        >>> import jax.numpy as jnp
        >>> mentioned = jnp.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]], bool)
        >>> words = associations(mentioned[:, 2:], mentioned, content=jnp.array([0, 0, 1, 1], bool))
        >>> words.word.tolist(), words.score.tolist(), words.support.tolist()
        ([2, 3], [1.0, 1.0], [2.0, 2.0])
    """
    require_variant(variant)
    chosen, mentioned, content = (jnp.asarray(a, bool) for a in (chosen, mentioned, content))
    _check(chosen, mentioned, content)
    occur = cooccurrence(chosen, mentioned)
    return associate(occur, _count(chosen), _count(mentioned), content=content, variant=variant)


def cooccurrence(chosen: Bool[ArrayLike, "n f"], mentioned: Bool[ArrayLike, "n d"]) -> Float[Array, "f d"]:
    """The number of images with both, for each channel and word. Counts of batches add up to those of the set.

    Arguments as for `associations`.

    Example:
        >>> import jax.numpy as jnp
        >>> cooccurrence(jnp.array([[True], [True]]), jnp.array([[True, False], [True, True]])).tolist()
        [[2.0, 1.0]]
    """
    one, other = (jnp.asarray(a, float) for a in (chosen, mentioned))
    # highest: TF32 and bfloat16 would round counts above 2048 and 256
    return jnp.matmul(one.T, other, precision="highest")


def associate(
    occur: Float[Array, "f d"],
    channels: Float[Array, " f"] | None,
    words: Float[Array, " d"] | None,
    *,
    content: Bool[ArrayLike, " d"],
    variant: str = "paper",
) -> Associations:
    """`associations` from counts, for a set that does not fit into memory.

    Args:
        occur: `[F, D]`, `cooccurrence`.
        channels: `[F]`, the number of images in which each channel is important; None is enough for "released".
        words: `[D]`, the number of images whose descriptions mention each word; None is enough for "released".
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
    # The released statistic is nearly a lift: it favours words of few classes, Dice's coefficient words of all images
    if released:
        channels, words = occur.sum(1), occur.sum(0)
    if channels is None or words is None:
        raise ValueError("Dice's coefficient needs the counts of channels and of words; None came.")
    denominator = channels[:, None] + words[None]
    numerator = occur if released else 2 * occur
    safe = jnp.where(denominator > 0, denominator, jnp.ones_like(denominator))
    table = jnp.where(denominator > 0, numerator / safe, jnp.zeros_like(numerator))
    best = table.argmax(1)  # the first of equal scores
    score = jnp.take_along_axis(table, best[:, None], 1)[:, 0]
    support = jnp.take_along_axis(occur, best[:, None], 1)[:, 0]
    return Associations(jnp.where(score > 0, best, jnp.full_like(best, START)), score, support, table)


def flatten(by_layer: Mapping[str, Any], layers: Sequence[str] | None = None) -> Any:
    """The channels of all layers as one axis, the last: `{layer: [..., K]}` to `[..., F]`.

    Args:
        by_layer: one array of each layer.
        layers: their order; None: sorted by name, as JAX returns dictionaries from `jit`.

    Raises:
        ValueError: a layer is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> flatten({"b": jnp.array([3]), "a": jnp.array([1, 2])}).tolist()
        [1, 2, 3]
    """
    return jnp.concatenate([by_layer[name] for name in _order(by_layer, layers)], -1)


def widths(by_layer: Mapping[str, Any], layers: Sequence[str] | None = None) -> dict[str, int]:
    """The number of channels of each layer in the order of `flatten`; arguments as there.

    Example:
        >>> import jax.numpy as jnp
        >>> widths({"b": jnp.zeros(1), "a": jnp.zeros(2)})
        {'a': 2, 'b': 1}
    """
    return {name: by_layer[name].shape[-1] for name in _order(by_layer, layers)}


def rows(found: Associations, vocabulary: Vocabulary, channels: Mapping[str, int]) -> list[Row]:
    """The associations as a readable table: layer, channel, word, score, support.

    Args:
        found: the associations.
        vocabulary: of their tokens.
        channels: the number of channels of each layer, in the order of `flatten` (`widths`).

    Returns:
        A row for each channel; "" where there is no word.

    Raises:
        ValueError: the number of channels or of words differs from the associations'.

    Example:
        >>> import jax.numpy as jnp
        >>> words = Associations(jnp.array([2, 0]), jnp.array([0.5, 0.0]), jnp.array([7.0, 0.0]), jnp.zeros((2, 3)))
        >>> rows(words, Vocabulary(("<s>", "<unk>", "red"), 0), {"last": 2})[0]
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
    # jit returns dictionaries sorted by name: the order of the network is lost unless `layers` gives it
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
