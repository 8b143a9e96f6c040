"""Long texts as overlapping passages, each short enough for a model: cutting and joining; on the host."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

__all__ = ["blend", "cut"]


def cut(
    pieces: Sequence[int] | Int[np.ndarray, " words"],
    *,
    length: int = 510,
    first: int = 500,
    later: int = 400,
    overlap: int = 100,
    shortest: int = 480,
) -> list[range]:
    """Cut a text into passages of whole words that overlap and fit a model; on the host.

    The first passage ends with the word that brings it to `first` tokens, each later one with the word that brings it
    to `later` new tokens. If the last one has at most `overlap` new tokens, it joins the one before it where both fit
    `length`. Then each passage but the first is extended backwards: by words of at least `overlap` tokens, the last one
    until it has at least `shortest`. No passage exceeds `length`, so a last one that was joined may overlap by less.

    Args:
        pieces: how many tokens each word has.
        length: the largest number of tokens of a passage: the model's, minus its special tokens.
        first: tokens of the first passage.
        later: new tokens of each later passage, before it is extended.
        overlap: the smallest number of tokens that a passage shares with the one before it.
        shortest: the smallest number of tokens of the last passage, where the text has as many.

    Returns:
        The words of each passage, as ranges; one passage where the text fits `length`.

    Raises:
        ValueError: a text without words, a word longer than a passage, or sizes that leave no room to overlap.

    Reference:
        After a description of `split_sample` in the released code of Brinner and Zarriess 2023. No output of that code
        with more than one passage was at hand to compare with.

    Example:
        >>> cut([1] * 12, length=6, first=5, later=3, overlap=2, shortest=5)
        [range(0, 5), range(3, 8), range(6, 12)]
    """
    sizes = [int(size) for size in pieces]
    if not sizes or max(sizes) > length:
        raise ValueError(f"pieces must name words of at most {length} tokens, and at least one; {sizes[:9]}... came.")
    if not 0 <= overlap < length or not 0 < first <= length or not 0 < later <= length - overlap:
        raise ValueError(
            f"first and later + overlap must fit length; length={length}, first={first}, later={later}, "
            f"overlap={overlap} came."
        )
    ends = np.concatenate([[0], np.cumsum(sizes)])
    if ends[-1] <= length:
        return [range(len(sizes))]
    return _extend_backwards(ends, _without_overlap(ends, length, first, later, overlap), length, overlap, shortest)


def _without_overlap(ends: np.ndarray, length: int, first: int, later: int, overlap: int) -> list[tuple[int, int]]:
    """Passages that do not overlap yet, as (first word, word after the last)."""
    passages, start, words = [], 0, len(ends) - 1
    while start < words:
        goal, most = (later, length - overlap) if passages else (first, length)
        stop = start + 1  # at least one word, however long
        while stop < words and ends[stop] - ends[start] < goal and ends[stop + 1] - ends[start] <= most:
            stop += 1
        passages.append((start, stop))
        start = stop
    if len(passages) > 1:
        (before, _), (start, stop) = passages[-2:]
        if ends[stop] - ends[start] <= overlap and ends[stop] - ends[before] <= length:
            passages[-2:] = [(before, stop)]
    return passages


def _extend_backwards(
    ends: np.ndarray, parts: list[tuple[int, int]], length: int, overlap: int, shortest: int
) -> list[range]:
    """Each passage extended into the one before it: by the overlap, the last one until it is long enough."""
    passages = [range(*parts[0])]
    for number, (start, stop) in enumerate(parts[1:], 2):
        goal = min(ends[start] - overlap, ends[stop] - shortest) if number == len(parts) else ends[start] - overlap
        begin = start  # ends of the untouched parts: a passage may reach back over more than one of them
        while begin > 0 and ends[begin] > goal and ends[stop] - ends[begin - 1] <= length:
            begin -= 1
        passages.append(range(begin, stop))
    return passages


def blend(masks: Sequence[Float[np.ndarray, " _"]], passages: Sequence[range]) -> Float[np.ndarray, " words"]:
    """One mask of a text from the masks of its passages, cross-faded where they overlap.

    At the `k`-th of `T` common words the later passage has weight `k / T`, the earlier one the rest.

    Args:
        masks: of each passage, one number a word.
        passages: the words of each, as `cut` gives them.

    Returns:
        `[words]`, in units of the masks; k counts from 0.

    Raises:
        ValueError: a mask is shorter than its passage.

    Example:
        >>> blend([np.ones(4), np.zeros(3)], [range(4), range(2, 5)]).tolist()
        [1.0, 1.0, 1.0, 0.5, 0.0]
    """
    for mask, words in zip(masks, passages, strict=True):
        if len(mask) < len(words):
            raise ValueError(f"a mask of {len(mask)} words came for a passage of {len(words)}.")
    whole = np.zeros(passages[-1].stop, np.result_type(*masks))
    end = 0  # of the words already covered
    for mask, words in zip(masks, passages, strict=True):
        common = max(0, end - words.start)
        weight = np.ones(len(words), whole.dtype)
        weight[:common] = np.arange(common) / max(common, 1)
        at = slice(words.start, words.stop)
        whole[at] = (1 - weight) * whole[at] + weight * np.asarray(mask)[: len(words)]
        end = words.stop
    return whole
