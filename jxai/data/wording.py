"""Sentences in varied wording."""

from collections.abc import Callable

__all__ = ["different"]


def different(sentence: Callable[[], str], sentences: int, *, tries: int) -> list[str]:
    """So many sentences, different ones as far as `tries` draws find them, then the same again.

    Args:
        sentence: Draws a sentence.
        sentences: How many.
        tries: How many are drawn at most.

    Example:
        >>> words = iter("abab")
        >>> different(lambda: next(words), 3, tries=4)
        ['a', 'b', 'a']
    """
    unique: dict[str, None] = {}
    for _ in range(tries):
        unique[sentence()] = None
        if len(unique) == sentences:
            break
    distinct = list(unique)
    return [distinct[i % len(distinct)] for i in range(sentences)]
