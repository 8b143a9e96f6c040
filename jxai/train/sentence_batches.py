"""Sentences about images in memory: checked, by image, and in batches of like length."""

from typing import Any, NamedTuple

import jax
import numpy as np

__all__ = ["PADDING", "Sentences", "by_image", "check_sentences", "order_by_length", "rows_of", "widths_of"]

PADDING = 0
GROUPS = 4  # each is compiled; with sentences of 16 +- 4 words, four groups leave an eighth of padding


class Sentences(NamedTuple):
    """Sentences about images; an image has as many as there are.

    Attributes:
        tokens: whole numbers `[m, t]`, one row a sentence: its words, the stop token, then zeros.
        image: whole numbers `[m]`: which image each is about.
        images: what the model takes of the images, a pytree of arrays `[n, ...]`.
    """

    tokens: Any
    image: Any
    images: Any


def check_sentences(sentences: Sentences, name: str) -> Sentences:
    """The sentences in NumPy arrays.

    Raises:
        ValueError: where there are none, one is empty, or they do not fit the images.
    """
    tokens, image = np.asarray(sentences.tokens), np.asarray(sentences.image)
    images = jax.tree.map(np.asarray, sentences.images)
    if tokens.ndim != 2 or 0 in tokens.shape or tokens.dtype.kind not in "iu":
        raise ValueError(f"expected whole numbers [m, t] as tokens of {name}, got {tokens.dtype} {list(tokens.shape)}")
    if image.shape != tokens.shape[:1] or image.dtype.kind not in "iu":
        raise ValueError(
            f"expected a whole number for each of {len(tokens)} sentences as image of {name}, "
            f"got {image.dtype} {list(image.shape)}"
        )
    _check_images(images, image, name)
    _check_padding(tokens, name)
    return Sentences(tokens.astype(np.int32), image.astype(np.int64), images)


def _check_images(images: Any, image: np.ndarray, name: str) -> None:
    counts = sorted({len(leaf) if leaf.ndim else 0 for leaf in jax.tree.leaves(images)})
    if len(counts) != 1 or not 0 <= image.min() <= image.max() < counts[0]:
        raise ValueError(
            f"expected images of {name} as arrays with a row for each of {image.min()}..{image.max()}, "
            f"got {counts or 'no'} rows"
        )


def _check_padding(tokens: np.ndarray, name: str) -> None:
    words = tokens != PADDING
    # a word after padding would count in the loss, but not in the width to which batches are cut
    wrong = np.flatnonzero(~words[:, 0] | (words[:, 1:] & ~words[:, :-1]).any(axis=1))
    if len(wrong):
        sentence = tokens[wrong[0]].tolist() if words[wrong[0]].any() else "empty"
        raise ValueError(
            f"expected sentences of words, then zeros, in {name}, but sentence {wrong[0]} is {sentence}; leave it out"
        )


def rows_of(images: Any, at: np.ndarray) -> Any:
    """The arrays of some images, taken on the host: for a batch of vectors a thousandth of a step's time."""
    return jax.tree.map(lambda array: array[at], images)


def by_image(sentences: Sentences) -> tuple[np.ndarray, np.ndarray]:
    """All sentences of each image.

    Returns:
        Tokens `[images, most of an image, t]`, rows of padding where an image has fewer; and which images these are.

    Example:
        >>> tokens, at = by_image(Sentences(np.array([[5, 2], [6, 2], [7, 2]]), np.array([4, 1, 4]), None))
        >>> at.tolist(), tokens.tolist()
        ([1, 4], [[[6, 2], [0, 0]], [[5, 2], [7, 2]]])
    """
    order = np.argsort(sentences.image, kind="stable")  # an image's sentences stay in their order
    at, first, counts = np.unique(sentences.image[order], return_index=True, return_counts=True)
    tokens = np.full((len(at), counts.max(), sentences.tokens.shape[1]), PADDING, np.int32)
    places = np.arange(len(order)) - np.repeat(first, counts)
    tokens[np.repeat(np.arange(len(at)), counts), places] = sentences.tokens[order]
    return tokens, at


def widths_of(tokens: np.ndarray, groups: int = GROUPS) -> list[int]:
    """The longest sentence of each of some groups of like length and about as many sentences, ascending.

    Example:
        >>> widths_of(np.array([[5, 2, 0, 0], [5, 2, 0, 0], [5, 6, 7, 2], [5, 6, 2, 0]]), groups=2)
        [2, 4]
    """
    lengths = np.sort((tokens != PADDING).sum(axis=1))
    ends = -(-len(lengths) * np.arange(1, groups + 1) // groups) - 1
    return np.unique(lengths[ends]).tolist()  # fewer than `groups` where many sentences are of one length


def order_by_length(rng: np.random.Generator, tokens: np.ndarray, widths: list[int], batch: int) -> list[np.ndarray]:
    """The sentences of every step of an epoch, of one group each, in any order.

    Those that fill no batch of their group come with the next longer one; the last ones of all are left out.
    """
    permutation = rng.permutation(len(tokens))
    group = np.searchsorted(widths, (tokens != PADDING).sum(axis=1)[permutation])
    waiting, steps = permutation[:0], []
    for number in range(len(widths)):
        waiting = np.concatenate([waiting, permutation[group == number]])
        full = len(waiting) // batch * batch
        steps += list(waiting[:full].reshape(-1, batch))
        waiting = waiting[full:]
    return [steps[place] for place in rng.permutation(len(steps))]  # else an epoch would go from short to long
