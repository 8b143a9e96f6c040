"""Texts of any length as passages that fit a model's window, and what a method says of them joined again."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jxai.core.scores import joint
from jxai.data.tokens import Tokenized
from jxai.signal.passages import blend, cut
from jxai.signal.words import word_mean

__all__ = ["Passages", "joined", "of_passages", "passages"]

# of 510 tokens: how the released code of MaRC cuts; other windows in proportion
_WINDOW, _SIZES = 510, {"first": 500, "later": 400, "overlap": 100, "shortest": 480}


class Passages(NamedTuple):
    """Texts in passages `p` of `t` tokens each, rows of zeros where a text has fewer.

    Attributes:
        xs: embeddings `[n, p, t, d]`.
        absent: the same with all words absent; the special tokens stay.
        masks: `[n, p, t]`, False at padding.
        groups: `[n, p, t]`, the word of each token within its passage; -1 where there is none.
        present: `[n, p]`, False for a passage that only fills up the shape.
        words: of each text, the words of its passages.
    """

    xs: np.ndarray
    absent: np.ndarray
    masks: np.ndarray
    groups: np.ndarray
    present: np.ndarray
    words: list[list[range]]

    @property
    def count(self) -> int:
        """The most words of a passage."""
        return max(len(words) for each in self.words for words in each)

    @property
    def everywhere(self) -> np.ndarray:
        """`[n, p, t]`: the word of each token within the text, so that a word of two passages is one group."""
        starts = np.zeros(self.groups.shape[:2], np.int32)
        for row, each in enumerate(self.words):
            starts[row, : len(each)] = [words.start for words in each]
        return np.where(self.groups < 0, -1, self.groups + starts[..., None]).astype(np.int32)


def passages(
    texts: Sequence[Tokenized], embed: Callable[..., Array], params: Any, *, length: int, absent: int | None
) -> Passages:
    """Cut texts, each into passages of whole words that overlap, and embed them.

    Args:
        texts: whole and without padding; single texts, not pairs.
        embed: `TextModel.embed`.
        params: of the model.
        length: the most tokens of a passage, special ones counted.
        absent: the token that stands for an absent word; None: a vector of zeros.

    Raises:
        ValueError: a word alone is longer than the window.
    """
    room = length - int((texts[0].groups < 0).sum())
    words = [_cut(text, room) for text in texts]
    parts = [[_part(text, span) for span in each] for text, each in zip(texts, words, strict=True)]
    longest = max(len(part[0]) for each in parts for part in each)
    shape = len(texts), max(map(len, parts)), longest
    tokens, types, masks = (np.zeros(shape, kind) for kind in (np.int32, np.int32, bool))
    groups, present = np.full(shape, -1, np.int32), np.zeros(shape[:2], bool)
    for row, each in enumerate(parts):
        for number, (piece, kind, group) in enumerate(each):
            at = row, number, slice(len(piece))
            tokens[at], types[at], groups[at], masks[at] = piece, kind, group, True
            present[row, number] = True
    every = jax.jit(jax.vmap(jax.vmap(embed, (None, 0, 0)), (None, 0, 0)))
    xs = np.asarray(every(params, tokens, types))
    if absent is None:
        without = np.where(groups[..., None] < 0, xs, np.zeros_like(xs))
    else:
        without = np.asarray(every(params, np.where(groups < 0, tokens, np.int32(absent)), types))
    return Passages(xs, without, masks, groups, present, words)


def of_passages(score: Callable[..., Array]) -> Callable[..., Array]:
    """The score of a text in passages: the log of their mean probability.

    Args:
        score: `(x, label, (params, mask)) -> log-probability` of one passage.

    Returns:
        Score `(x, present, label, (params, masks)) -> number` in nats.
    """
    return joint(score, in_axes=(0, None, (None, 0)))


def joined(values: np.ndarray, groups: np.ndarray, words: Sequence[range]) -> np.ndarray:
    """One number a word of the text, from one a token `[p, t]`: the mean of its pieces, passages blended."""
    pairs = zip(values, groups, words, strict=False)  # rows behind the last passage only fill up the shape
    masks = [np.asarray(word_mean(one, group, words=len(span))) for one, group, span in pairs]
    return blend(masks, words)


def _cut(text: Tokenized, room: int) -> list[range]:
    pieces = np.bincount(text.groups[text.groups >= 0], minlength=len(text.words))
    sizes = {name: max(int(name != "overlap"), room * size // _WINDOW) for name, size in _SIZES.items()}
    return cut(pieces, length=room, **sizes)


def _part(text: Tokenized, words: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens, types and groups of some words between the special tokens."""
    rows = np.flatnonzero((text.groups < 0) | ((text.groups >= words.start) & (text.groups < words.stop)))
    groups = text.groups[rows]
    return text.tokens[rows], text.types[rows], np.where(groups < 0, -1, groups - words.start)
