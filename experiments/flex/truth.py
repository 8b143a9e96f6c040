"""Is what a sentence says of a bird true? The features that it states, against the picture's own attributes."""

import re
from collections.abc import Sequence

import numpy as np

from jxai.data.birds.attributes import GROUP_PARTS
from jxai.data.birds.stated_features import stated_features

__all__ = ["grammatical", "states_of", "true_share"]


def true_share(
    sentence: str, attributes: np.ndarray, parts: np.ndarray, names: Sequence[str], things: Sequence[str]
) -> float:
    """Which share of the features that a sentence states holds in the picture; NaN where it states none.

    One holds where the bird has the attribute, and a part that carries it is seen (or it is of the whole bird).

    Args:
        sentence: about one picture.
        attributes: of the bird, 0 or 1, `[a]`.
        parts: `(x, y, visible)`, `[p, 3]`.
        names: of the attributes.
        things: names of the parts.
    """
    has = {name for name, there in zip(names, attributes, strict=True) if there}
    seen = {thing for thing, place in zip(things, parts, strict=True) if place[2]}
    held = [
        any(name in has and _seen(name, seen) for name in feature)
        for feature in stated_features(sentence)
        if any(name in names for name in feature)
    ]
    return float(np.mean(held)) if held else float("nan")


def _seen(name: str, seen: set[str]) -> bool:
    carried = GROUP_PARTS[name.split("::")[0]]
    return not carried or bool(seen & set(carried))


def states_of(sentence: str, part: str, attributes: np.ndarray, names: Sequence[str]) -> bool:
    """Whether a sentence states a true feature of a part.

    Args:
        sentence: about one picture.
        part: its name.
        attributes: of the bird, 0 or 1, `[a]`.
        names: of the attributes.
    """
    has = {name for name, there in zip(names, attributes, strict=True) if there}
    return any(
        name in has and part in GROUP_PARTS[name.split("::")[0]]
        for feature in stated_features(sentence)
        for name in feature
    )


_START = re.compile(r"^(this|the|an?|somebody|there|one|it)\b.*[^,]\.$")
_BROKEN = re.compile(r"\b(\w+) \1\b|\b(a|an|the|and|with|has|that|of) *[.,;]|\b(an?|the) (an?|the|and|with|has|is)\b")


def grammatical(sentence: str) -> bool:
    """Whether nothing is plainly broken: how it begins and ends, no word twice, no article or "and" before a stop.

    Example:
        >>> grammatical("this bird has a red crown."), grammatical("this bird has a a red and.")
        (True, False)
    """
    wrong = re.search(r"\ba [aeio]", sentence) or re.search(r"\ban [^aeiou]", sentence)
    return bool(_START.search(sentence)) and not _BROKEN.search(sentence) and not wrong
