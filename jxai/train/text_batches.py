"""Labelled texts in memory: token numbers, and the segments of them that a model takes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Texts", "buckets", "encode", "segment"]

_BUCKETS = 4  # lengths, each compiled as a program of its own
_STEP = 16  # multiples, so that few texts more or less do not change them


class Texts(NamedTuple):
    """Labelled texts as token numbers.

    Attributes:
        tokens: int32 `[n, t]`, without special tokens; 0 behind the end of a text.
        starts: int32 `[n, t]`: where the word of each token begins.
        counts: int32 `[n]`: tokens of each text.
        labels: int32 `[n]`.
        ids: int64 `[n]`.
        special: int32 `[4]`: the tokens before a text, behind it, of padding, and in place of a dropped token.
    """

    tokens: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    special: np.ndarray

    def inputs(self, rows: np.ndarray, room: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens, starts and counts of some texts, cut behind the first `room` tokens."""
        return self.tokens[rows, :room], self.starts[rows, :room], self.counts[rows]


def encode(source: Any, tokenize: Callable[..., Any], *, name: str = "data") -> Texts:
    """Reads a data source into memory as token numbers; `Texts` are returned as they are.

    Args:
        source: random access (`len(source)`, `source[i]`) to `TextExample`s; or `Texts`.
        tokenize: what `jxai.data.word_piece` returns.
        name: what the messages call the source.

    Raises:
        ValueError: for an empty source, a text without words, or a negative label.
    """
    if isinstance(source, Texts):
        return source
    if len(source) == 0:
        raise ValueError(f"expected at least one text in {name}, got an empty source")
    examples = [source[i] for i in range(len(source))]
    texts = [tokenize(list(example["words"])) for example in examples]
    groups = [each.groups[each.groups >= 0] for each in texts]
    counts = np.array([len(each) for each in groups], np.int32)
    if not counts.all():
        raise ValueError(f"expected texts with words in {name}, but text {int(counts.argmin())} has none")
    labels = np.array([int(example["label"]) for example in examples], np.int32)
    if labels.min() < 0:
        raise ValueError(f"expected labels from 0 in {name}, got {labels.min()}")
    tokens, starts = (np.zeros((len(texts), counts.max()), np.int32) for _ in range(2))
    for row, (each, words) in enumerate(zip(texts, groups, strict=True)):
        tokens[row, : counts[row]] = each.tokens[each.groups >= 0]
        starts[row, : counts[row]] = np.searchsorted(words, words)
    ids = np.array([int(example.get("id", i)) for i, example in enumerate(examples)], np.int64)
    return Texts(tokens, starts, counts, labels, ids, _special(tokenize, list(examples[0]["words"])))


def _special(tokenize: Callable[..., Any], words: list[str]) -> np.ndarray:
    text = tokenize(words)
    # tokenizers do not name their special tokens: these are read off their results
    padding = tokenize(words, length=len(text.tokens) + 1).tokens[-1]
    mask_text = next((t for t in map(tokenize, ("[MASK]", "<mask>")) if len(t.tokens) == 3), None)  # one special token
    number = padding if mask_text is None else mask_text.tokens[1]
    return np.array([text.tokens[0], text.tokens[-1], padding, number], np.int32)


def segment(
    inputs: tuple[Any, Any, Any], special: np.ndarray, length: int, *, key: Any = None, dropout: float = 0.0
) -> tuple[jax.Array, jax.Array]:
    """A segment of one text as a model takes it: whole words between the special tokens, then padding.

    Args:
        inputs: tokens `[t]`, starts `[t]` and count of a text (`Texts.inputs`, one row).
        special: as in `Texts`.
        length: tokens of the segment, special ones counted; a shorter text stays whole.
        key: random key of the segment's start and of the dropped tokens; None: the beginning, nothing dropped.
        dropout: share of tokens that are dropped.

    Returns:
        Token numbers int32 `[length]`, and the mask bool `[length]`, False at padding. From the beginning they are
        those of `word_piece(...)(words, length=length, truncate=True)`.
    """
    tokens, starts, count = (jnp.asarray(part) for part in inputs)
    before, behind, padding, mask_token = (jnp.asarray(number) for number in special)
    room, last = length - 2, tokens.shape[0] - 1
    # ones: no token is below the rate of dropout
    uniform = jnp.ones(length, jnp.float32) if key is None else jax.random.uniform(key, (length,), jnp.float32)
    first = jnp.zeros_like(count)
    if key is not None:
        choices = (jnp.maximum(count - room, 0) + 1).astype(jnp.float32)
        # the start of the word there: no segment begins within a word
        first = starts[jnp.floor(uniform[0] * choices).astype(count.dtype).clip(0, last)]
    size = jnp.minimum(count - first, room)
    whole = starts[(first + size).clip(0, last)] - first  # so many, and no word is cut
    # a word longer than the segment (whole = 0) is cut after all
    size = jnp.where((first + size < count) & (whole > 0), whole, size)
    place = jnp.arange(length, dtype=count.dtype)
    words = jnp.where(uniform < dropout, mask_token, tokens[(first + place - 1).clip(0, last)])
    segment_tokens = jnp.where(
        place == 0, before, jnp.where(place <= size, words, jnp.where(place == size + 1, behind, padding))
    )
    return segment_tokens, place < size + 2


def buckets(texts: Texts, length: int) -> list[int]:
    """A few lengths, so that most texts need little padding: quartiles of the lengths, the last one the longest.

    Args:
        texts: the texts.
        length: most tokens of a segment.
    """
    sizes = np.minimum(texts.counts + 2, length)  # two special tokens
    quantiles = np.quantile(sizes, np.arange(1, _BUCKETS + 1) / _BUCKETS, method="higher")
    return sorted({min(-(-int(size) // _STEP) * _STEP, length) for size in quantiles})
