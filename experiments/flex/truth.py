"""Is a sentence about a bird true? The features that it states are compared with the image's own attributes."""

import re
from collections.abc import Sequence

import numpy as np

from jxai.data.birds.attributes import GROUP_PARTS
from jxai.data.birds.stated_features import stated_features

__all__ = ["grammatical", "states_of", "true_share"]


def true_share(
    sentence: str, attributes: np.ndarray, parts: np.ndarray, names: Sequence[str], things: Sequence[str]
) -> float:
    """The share of the features stated by a sentence that hold in the image; NaN where it states none.

    A feature holds if the bird has the attribute and a part that carries it is visible (or it is of the whole bird).

    Args:
        sentence: about one image.
        attributes: of the bird, 0 or 1, `[a]`.
        parts: `(x, y, visible)`, `[p, 3]`.
        names: of the attributes.
        things: names of the parts.
    """
    has = {name for name, there in zip(names, attributes, strict=True) if there}
    visible = {thing for thing, place in zip(things, parts, strict=True) if place[2]}
    holds = [
        any(name in has and _is_visible(name, visible) for name in feature)
        for feature in stated_features(sentence)
        if any(name in names for name in feature)
    ]
    return float(np.mean(holds)) if holds else float("nan")


def _is_visible(name: str, visible: set[str]) -> bool:
    carriers = GROUP_PARTS[name.split("::")[0]]
    return not carriers or bool(visible & set(carriers))


def states_of(sentence: str, part: str, attributes: np.ndarray, names: Sequence[str]) -> bool:
    """Whether a sentence states a true feature of a part.

    Args:
        sentence: about one image.
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
    """Whether a sentence has no plain error: beginning, end, a repeated word, an article or "and" before a stop.

    Example:
        >>> grammatical("this bird has a red crown."), grammatical("this bird has a a red and.")
        (True, False)
    """
    wrong = re.search(r"\ba [aeio]", sentence) or re.search(r"\ban [^aeiou]", sentence)
    return bool(_START.search(sentence)) and not _BROKEN.search(sentence) and not wrong
