"""Long texts in passages that overlap, each short enough for a model: cut, and joined again; on the host."""

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

    A passage is closed by the word with which it has `first` tokens (the later ones: `later` new ones); a last one of
    at most `overlap` new tokens joins the one before it where both fit `length`. Then each but the first is extended
    backwards by words of at least `overlap` tokens, the last until it has at least `shortest`; never beyond `length`.

    Args:
        pieces: how many tokens each word has.
        length: the most tokens of a passage: the model's, less its special ones.
        first: tokens with which the first passage is closed.
        later: tokens with which each later one is, before it is extended.
        overlap: tokens that a passage has in common with the one before it, at least.
        shortest: tokens of the last passage, at least, where the text has them.

    Returns:
        The words of each passage, as ranges; one passage where the text fits `length`.

    Raises:
        ValueError: a text without words, a word longer than a passage, or sizes that leave no room to overlap.

    Reference:
        The released code of Brinner and Zarriess 2023, as described: `split_sample`.

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
    return _extended(ends, _closed(ends, length, first, later, overlap), length, overlap, shortest)


def _closed(ends: np.ndarray, length: int, first: int, later: int, overlap: int) -> list[tuple[int, int]]:
    """Passages that do not overlap yet, as (first word, word after the last)."""
    found, start, words = [], 0, len(ends) - 1
    while start < words:
        goal, most = (later, length - overlap) if found else (first, length)
        stop = start + 1
        while stop < words and ends[stop] - ends[start] < goal and ends[stop + 1] - ends[start] <= most:
            stop += 1
        found.append((start, stop))
        start = stop
    if len(found) > 1:
        (before, _), (start, stop) = found[-2:]
        if ends[stop] - ends[start] <= overlap and ends[stop] - ends[before] <= length:
            found[-2:] = [(before, stop)]
    return found


def _extended(ends: np.ndarray, found: list[tuple[int, int]], length: int, overlap: int, shortest: int) -> list[range]:
    """Backwards into the passage before: by the overlap, the last one until it is long enough."""
    passages = [range(*found[0])]
    for number, (start, stop) in enumerate(found[1:], 2):
        goal = min(ends[start] - overlap, ends[stop] - shortest) if number == len(found) else ends[start] - overlap
        begin = start
        while begin > 0 and ends[begin] > goal and ends[stop] - ends[begin - 1] <= length:
            begin -= 1
        passages.append(range(begin, stop))
    return passages


def blend(masks: Sequence[Float[np.ndarray, " _"]], passages: Sequence[range]) -> Float[np.ndarray, " words"]:
    """One mask of a text from those of its passages: over `T` common words, `k / T` of the later one at the `k`-th.

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
    done = 0
    for mask, words in zip(masks, passages, strict=True):
        common = max(0, done - words.start)
        share = np.ones(len(words), whole.dtype)
        share[:common] = np.arange(common) / max(common, 1)
        at = slice(words.start, words.stop)
        whole[at] = (1 - share) * whole[at] + share * np.asarray(mask)[: len(words)]
        done = words.stop
    return whole
