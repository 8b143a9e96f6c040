"""What a sentence states of a bird: features as the attributes of CUB-200-2011 and **birds**, read by a small grammar.

A feature is a noun with a word for its colour, pattern, shape, length or size ("a short black bill": two features), or
a noun alone that is a pattern of the head ("an eyering"). It is written as the attributes any of which it states:
"hooked" is `has_bill_shape::hooked` or `has_bill_shape::hooked_seabird`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from jxai.data.birds.attributes import COLOURS, GROUPS
from jxai.data.schema import Meta

__all__ = ["BirdFeatures", "bird_features", "stated_features"]

Feature = tuple[str, ...]

_SHADES = {"gray": "grey", "greyish": "grey", "grayish": "grey", "silver": "grey", "brownish": "brown", "tan": "buff",
           "beige": "buff", "cream": "buff", "rusty": "rufous", "reddish": "red", "crimson": "red", "golden": "yellow",
           "gold": "yellow", "yellowish": "yellow", "blackish": "black", "bluish": "blue", "teal": "blue",
           "greenish": "green", "orangish": "orange", "pinkish": "pink", "whitish": "white",
           "violet": "purple"}  # fmt: skip
_COLOURS = {colour: (colour,) for colour in COLOURS} | {word: (colour,) for word, colour in _SHADES.items()}
_PATTERNS = {
    word: (value,)
    for value, words in {
        "spotted": "spotted speckled dotted mottled", "striped": "striped streaked barred banded",
        "multi-colored": "multi-colored multicolored two-toned pied", "solid": "solid plain",
    }.items()
    for word in words.split()
}  # fmt: skip
_BILLS = {"hooked": ("hooked", "hooked_seabird"), "curved": ("curved_(up_or_down)",), "cone-shaped": ("cone",),
          "downward-curving": ("curved_(up_or_down)",), "conical": ("cone",), "stout": ("cone",), "thick": ("cone",),
          "dagger-like": ("dagger",), "straight": ("dagger", "all-purpose", "needle"), "needle-thin": ("needle",),
          "thin": ("needle",), "flat": ("spatulate",), "spoon-shaped": ("spatulate",), "slender": ("all-purpose",),
          "crossed": ("specialized",)}  # fmt: skip
_LENGTHS = {"long": ("longer_than_head",), "short": ("shorter_than_head",)}
_TAILS = {"forked": ("forked_tail",), "rounded": ("rounded_tail",), "notched": ("notched_tail",),
          "fan-shaped": ("fan-shaped_tail",), "fanned": ("fan-shaped_tail",), "pointed": ("pointed_tail",),
          "square": ("squared_tail",), "squared": ("squared_tail",)}  # fmt: skip
_WINGS = {word: (f"{word}-wings",) for word in ("rounded", "pointed", "broad", "tapered", "long")}
_SIZES = {word: tuple(size for size in GROUPS["has_size"] if size.startswith(starts)) for word, starts in {
    "tiny": ("very_small",), "small": ("small", "very_small"), "little": ("small", "very_small"),
    "medium": ("medium",), "medium-sized": ("medium",), "mid-sized": ("medium",), "large": ("large", "very_large"),
    "big": ("large", "very_large"), "huge": ("very_large",)}.items()}  # fmt: skip
_CRESTS = {"crested": ("crested",), "striped": ("striped",), "spotted": ("spotted",)}
_WHOLE = ("has_primary_color", "has_upperparts_color", "has_underparts_color")

Tables = list[tuple[tuple[str, ...], dict[str, tuple[str, ...]]]]  # the groups that a table of words speaks of
_NOUNS: dict[str, Tables] = {
    "bill beak bills beaks": [(("has_bill_color",), _COLOURS), (("has_bill_shape",), _BILLS),
                              (("has_bill_length",), _LENGTHS)],
    "wing wings": [(("has_wing_color",), _COLOURS), (("has_wing_pattern",), _PATTERNS), (("has_wing_shape",), _WINGS)],
    "tail tails": [(("has_upper_tail_color", "has_under_tail_color"), _COLOURS), (("has_tail_pattern",), _PATTERNS),
                   (("has_tail_shape",), _TAILS)],
    "eye eyes": [(("has_eye_color",), _COLOURS)],
    "leg legs foot feet tarsus": [(("has_leg_color",), _COLOURS)],
    "crown cap": [(("has_crown_color",), _COLOURS), (("has_head_pattern",), _CRESTS)],
    "head": [(("has_crown_color", "has_forehead_color"), _COLOURS)],
    "nape neck": [(("has_nape_color",), _COLOURS)],
    "breast chest": [(("has_breast_color",), _COLOURS), (("has_breast_pattern",), _PATTERNS)],
    "belly abdomen underbelly": [(("has_belly_color",), _COLOURS), (("has_belly_pattern",), _PATTERNS)],
    "back": [(("has_back_color",), _COLOURS), (("has_back_pattern",), _PATTERNS)],
    "throat": [(("has_throat_color",), _COLOURS)], "forehead": [(("has_forehead_color",), _COLOURS)],
    "bird body": [(_WHOLE, _COLOURS), (("has_size",), _SIZES)],
}  # fmt: skip
_OF_NOUN = {noun: tables for nouns, tables in _NOUNS.items() for noun in nouns.split()}
_WORDS = {word for tables in _NOUNS.values() for _, table in tables for word in table}
_ALONE = {"eyering": "eyering", "eyerings": "eyering", "eyeline": "eyeline", "eyebrow": "eyebrow",
          "eyebrows": "eyebrow", "superciliary": "eyebrow", "mask": "masked", "malar": "malar", "moustache": "malar",
          "crest": "crested", "crested": "crested", "cap": "capped"}  # fmt: skip
_PHRASES = ((r"\beye[- ]?rings?\b", "eyering"), (r"\bwing[- ]?bars?\b", "wingbar"), (r"\beye ?brows?\b", "eyebrow"),
            (r"\bring around its eyes?\b", "eyering"), (r"\bline through its eyes?\b", "eyeline"),
            (r"\bstripe above its eyes?\b", "eyebrow"), (r"\bmask around its eyes?\b", "mask"),
            (r"\bcrest on its crown\b", "crest"))  # fmt: skip
_BETWEEN = {",", "and", "or"}  # between the nouns, or the words, of a list
_DEGREES = {"very", "bright", "dark", "light", "pale", "deep", "mostly", "all", "sharp", "strong", "downward"}
_COPULA = {"is", "are", "was", "were"}


class BirdFeatures(NamedTuple):
    """The features of n sentences and of c classes, as `jxai.metrics.insight` takes them.

    Fields:
        features: The f features that a sentence states, each as the attributes any of which it is.
        said: Which sentence states which, `[n, f]`.
        classes: Which class has which, `[c, f]`.
    """

    features: tuple[Feature, ...]
    said: Bool[np.ndarray, "n f"]
    classes: Bool[np.ndarray, "c f"]


def stated_features(sentence: str) -> list[Feature]:
    """The features that a sentence states of a bird, in its order.

    Words before a noun hold for it ("a short black bill") and for those that follow in a list without words of their
    own ("a white throat, breast and belly"); so do words after "is" or "are" ("wings that are black"). Words that the
    grammar does not know end what it is reading, so that a feature may be missed, rarely a wrong one read.

    Example:
        >>> stated_features("This bird has a black throat and nape, and eyes that are red.")
        [('has_throat_color::black',), ('has_nape_color::black',), ('has_eye_color::red',)]
    """
    text = sentence.lower()
    for phrase, word in _PHRASES:
        text = re.sub(phrase, word, text)
    tokens = re.findall(r"[a-z]+(?:-[a-z]+)*|[,.;]", text)
    features: list[Feature] = []
    before: list[str] = []  # words that wait for their noun
    carried: list[str] = []  # those of the last noun, while a list goes on
    place = 0
    while place < len(tokens):
        token, place = tokens[place], place + 1
        if token in _OF_NOUN:
            after, read = _after(tokens[place:])
            carried, before, place = before or ([] if after else carried), [], place + read
            features += _features(token, [*carried, *after])
        elif token in _WORDS:
            before, carried = [*before, token], []
        elif token not in _BETWEEN | _DEGREES:
            before, carried = [], []
        if token in _ALONE:
            features.append((f"has_head_pattern::{_ALONE[token]}",))
    return list(dict.fromkeys(features))


def _features(noun: str, words: list[str]) -> list[Feature]:
    return [
        tuple(f"{group}::{value}" for group in groups for value in table[word])
        for word in words
        for groups, table in _OF_NOUN[noun]
        if word in table
    ]


def _after(tokens: list[str]) -> tuple[list[str], int]:
    """The words that a noun is said to be, after `is` or `that are`, and how many tokens that takes."""
    start = 1 if tokens[:1] in (["that"], ["which"]) else 0
    if not set(tokens[start : start + 1]) & _COPULA:
        return [], 0
    start += 1
    stop = next((k for k in range(start, len(tokens)) if tokens[k] not in _WORDS | _BETWEEN | _DEGREES), len(tokens))
    if set(tokens[stop : stop + 1]) & set(_OF_NOUN):  # the last words are the next noun's
        stop = max((k for k in range(start, stop) if tokens[k] in _BETWEEN), default=start)
    return [token for token in tokens[start:stop] if token in _WORDS], stop


def bird_features(sentences: Sequence[str], meta: Meta, *, least: float = 50.0) -> BirdFeatures:
    """The features that sentences state, and which classes have them.

    Args:
        sentences: n of them.
        meta: Of CUB or **birds**.
        least: A class has a feature where at least so many percent of it have one of its attributes.

    Returns:
        The features that occur; none where no sentence states one.

    Raises:
        ValueError: The set has other attributes.

    Example:
        >>> from jxai.data import birds_meta
        >>> found = bird_features(["a bird with a red crown", "a red crown and a long tail"], birds_meta())
        >>> found.features, found.said.tolist()
        ((('has_crown_color::red',),), [[True], [True]])
    """
    stated = [stated_features(sentence) for sentence in sentences]
    features = tuple(dict.fromkeys(feature for of_one in stated for feature in of_one))
    places = {name: place for place, name in enumerate(meta.attribute_names)}
    if unknown := sorted({name for feature in features for name in feature} - set(places)):
        raise ValueError(
            f"expected a set with CUB's attributes, got one without {unknown[0]}: take birds_meta() or cub"
        )
    has = np.asarray(meta.class_attributes) >= least
    said = np.array([[feature in of_one for feature in features] for of_one in stated], bool)
    classes = [has[:, [places[name] for name in feature]].any(1) for feature in features]
    return BirdFeatures(
        features, said.reshape(len(stated), len(features)), np.array(classes, bool).reshape(len(features), len(has)).T
    )
