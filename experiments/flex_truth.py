"""Is what a sentence says of a bird true? Colours that it gives to parts, against the picture's own attributes."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from jxai.data.birds_attributes import COLOURS, GROUP_PARTS

__all__ = ["claims", "grammatical", "true_share"]

NOUNS = {
    "bill": "has_bill_color", "beak": "has_bill_color", "wings": "has_wing_color", "wing": "has_wing_color",
    "tail": "has_upper_tail_color", "eyes": "has_eye_color", "eye": "has_eye_color", "legs": "has_leg_color",
    "cap": "has_crown_color",
    **{part: f"has_{part}_color" for part in ("crown", "forehead", "nape", "throat", "breast", "belly", "back")},
}  # fmt: skip
"""The attribute that a colour before a noun states."""
_LISTED = {",", "and"}


def claims(sentence: str) -> list[tuple[str, str]]:
    """The colours that a sentence gives to parts: `[(attribute group, colour)]`.

    "a white throat, breast and belly": the colour goes on to nouns that follow without a word of their own.

    Example:
        >>> claims("this bird has a white throat and belly, and striped brown wings.")
        [('has_throat_color', 'white'), ('has_belly_color', 'white'), ('has_wing_color', 'brown')]
    """
    found, colour, listing = [], "", False
    for word in re.findall(r"[\w-]+|[,.;]", sentence.lower()):
        if word in NOUNS and colour:
            found.append((NOUNS[word], colour))
            listing = True
        elif not (word in _LISTED and listing):
            colour, listing = (word if word in COLOURS else ""), False
    return found


def true_share(sentence: str, attributes: np.ndarray, parts: np.ndarray, names: Sequence[str], things: Any) -> float:
    """Which share of a sentence's claims holds in the picture; NaN where it makes none.

    A claim holds where the bird has the attribute and a part that carries it is seen.

    Args:
        sentence: about one picture.
        attributes: of the bird, 0 or 1, `[a]`.
        parts: `(x, y, visible)`, `[p, 3]`.
        names: of the attributes.
        things: names of the parts.
    """
    index, seen = {name: i for i, name in enumerate(names)}, {t for t, p in zip(things, parts, strict=True) if p[2]}
    held = [
        bool(attributes[index[f"{group}::{colour}"]]) and bool(seen & set(GROUP_PARTS[group]))
        for group, colour in claims(sentence)
        if f"{group}::{colour}" in index
    ]
    return float(np.mean(held)) if held else float("nan")


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
