"""Which words name which object, and which sentences contain them: from words to the masks that measures take."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from jxai.metrics.sentences.captions import caption_tokens

__all__ = ["Terms", "mentioned_terms", "object_terms"]

NO_VARIANTS: Mapping[str, tuple[str, ...]] = {}


class Terms(NamedTuple):
    """Terms for objects: each a set of words that count as one.

    Attributes:
        words: the words of each of the t terms.
        names: booleans `[objects, t]`, whether a term names an object.
    """

    words: tuple[tuple[str, ...], ...]
    names: Bool[np.ndarray, "o t"]


def object_terms(
    words: Sequence[Sequence[str]],
    *,
    synonyms: bool = True,
    variants: Mapping[str, Sequence[str]] = NO_VARIANTS,
) -> Terms:
    """Terms of objects, from the words for each.

    Args:
        words: for each object its words, also of several words (`traffic light`); none, where nothing names it.
        synonyms: whether all words of an object are one term, so that a sentence may take any of them (beak or bill);
            else every word is a term of its own, as equation 6 of FLEX counts.
        variants: other forms of a word (`{"wing": ("wings",)}`), one term with it in either case.

    Returns:
        The terms. Objects with the same words (left and right eye) share them.

    Example:
        >>> terms = object_terms([("beak", "bill"), ("eye",), ("eye",)])
        >>> terms.words, terms.names.astype(int).tolist()
        ((('beak', 'bill'), ('eye',)), [[1, 0], [0, 1], [0, 1]])
        >>> object_terms([("wing", "flank")], synonyms=False, variants={"wings": ("wing",)}).words
        (('wing', 'wings'), ('flank',))
    """
    forms = _forms(variants)
    of_objects = [_terms_of_object(_plain(own), forms, synonyms) for own in words]
    terms = tuple(dict.fromkeys(group for groups in of_objects for group in groups))  # each once, in order
    names = np.array([[group in groups for group in terms] for groups in of_objects], bool)
    return Terms(terms, names.reshape(len(words), len(terms)))  # reshape: without terms the array is flat


def mentioned_terms(
    texts: Sequence[str | Sequence[str]],
    terms: Sequence[Sequence[str]],
    *,
    tokenise: Callable[[str], list[str]] = caption_tokens,
) -> Bool[np.ndarray, "n t"]:
    """Which texts say which terms.

    Args:
        texts: n texts, each a sentence, or several of which any may say a term (the captions of an image).
        terms: t terms, the words of each; a term of a text is one that says any of them, word after word.
        tokenise: of a sentence, and of a term's words, to words.

    Returns:
        Booleans `[n, t]`.

    Example:
        >>> texts = ["A red bill.", ["a traffic light", "a car"]]
        >>> mentioned_terms(texts, [("beak", "bill"), ("traffic light",)]).tolist()
        [[True, False], [False, True]]
    """
    # spaces on both sides: "bill" is not in "billed"
    phrases = [[f" {' '.join(tokenise(word))} " for word in words] for words in terms]
    lines = [[f" {' '.join(tokenise(one))} " for one in ([text] if isinstance(text, str) else text)] for text in texts]
    mentions = [[any(word in line for word in words for line in of_text) for words in phrases] for of_text in lines]
    return np.array(mentions, bool).reshape(len(texts), len(terms))


def _plain(words: Sequence[str]) -> list[str]:
    if isinstance(words, str):
        raise ValueError(
            f"expected the words of each object in a tuple; the string {words!r} came: write ({words!r},)."
        )
    return [word.lower() for word in words]


def _forms(variants: Mapping[str, Sequence[str]]) -> list[set[str]]:
    """The sets of words that are forms of one another."""
    sets: list[set[str]] = []
    for word, others in variants.items():
        merged_set = set(_plain([word, *others]))
        # a form may belong to several words: their sets become one
        disjoint = [group for group in sets if not group & merged_set]
        sets = [*disjoint, merged_set.union(*(group for group in sets if group & merged_set))]
    return sets


def _terms_of_object(words: list[str], forms: list[set[str]], synonyms: bool) -> list[tuple[str, ...]]:
    """The terms of one object."""
    groups: list[tuple[str, ...]] = []
    for word in words:
        if not any(word in group for group in groups):
            others = sorted(set().union(*(group for group in forms if word in group)) - {word})
            groups.append((word, *others))
    return [tuple(dict.fromkeys(word for group in groups for word in group))] if synonyms and groups else groups
