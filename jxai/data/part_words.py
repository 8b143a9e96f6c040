"""Which words name which part of a bird and which object of a scene: what sentences are held against.

The words are our choice; FLEX's authors released none but a table of variants (`lemma.txt`). Words for more than one
part (head, face, body, upperparts, feathers) name none, and neither do words for a place near a part (cheek, rump,
flank, vent). A mapping of one's own takes their place: `BIRD_WORDS | {"crown": ("crown", "head")}`.
"""

from collections.abc import Iterable, Mapping

from jxai.data.scenes.nouns import NOUNS

__all__ = ["BIRD_WORDS", "SCENE_WORDS", "plural", "words_of"]

_EYE = ("eye", "eyes", "eyering", "eyerings", "eye-ring", "eye-rings", "eyeline", "pupil", "pupils", "iris")
_LEG = ("leg", "legs", "foot", "feet", "tarsus", "tarsi", "tarsuses", "tarsals", "thigh", "thighs", "claws", "talons")
_WING = ("wing", "wings", "wingbar", "wingbars", "wing-bar", "wing-bars", "primaries", "secondaries", "coverts")

BIRD_WORDS: dict[str, tuple[str, ...]] = {
    "back": ("back", "backs", "mantle"),
    "beak": ("beak", "beaks", "bill", "bills"),
    "belly": ("belly", "bellies", "underbelly", "abdomen", "stomach", "tummy"),
    "breast": ("breast", "breasts", "chest"),
    "crown": ("crown", "crowns", "cap", "crest"),
    "forehead": ("forehead", "foreheads"),
    "left eye": _EYE,
    "left leg": _LEG,
    "left wing": _WING,
    "nape": ("nape", "napes", "neck", "necks"),
    "right eye": _EYE,
    "right leg": _LEG,
    "right wing": _WING,
    "tail": ("tail", "tails", "rectrices", "retrices"),
    "throat": ("throat", "throats"),
}
"""The words for each of the fifteen parts of CUB and **birds**: beak or bill, nape or neck, crown, cap or crest, breast
or chest, belly or abdomen, legs with feet, wings with their bars and feathers by name, eyes with their rings."""

_PLURALS = {"person": "people", "man": "men", "woman": "women", "child": "children", "foot": "feet", "knife": "knives",
            "bookshelf": "bookshelves", "shelf": "shelves", "mouse": "mice", "leaf": "leaves"}  # fmt: skip
_PEOPLE = ("person", "somebody", "man", "woman", "boy", "girl", "child")
_UNCHANGED = ("glasses", "scissors", "trousers", "jeans", "shorts", "stairs", "people", "clothes")


def plural(noun: str) -> str:
    """The plural of an English noun, by rule and for a few that have none; of several words, of the last.

    Example:
        >>> [plural(noun) for noun in ("bench", "berry", "traffic light", "bookshelf", "toy")]
        ['benches', 'berries', 'traffic lights', 'bookshelves', 'toys']
    """
    *before, last = noun.split(" ")
    if last in _UNCHANGED:
        changed = last
    elif last in _PLURALS:
        changed = _PLURALS[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        changed = f"{last}es"
    elif last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        changed = f"{last[:-1]}ies"
    else:
        changed = f"{last}s"
    return " ".join([*before, changed])


def _both(nouns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for noun in nouns for form in (noun, plural(noun))))


SCENE_WORDS: dict[str, tuple[str, ...]] = {kind: _both(nouns) for kind, nouns in NOUNS.items()} | {
    "person": _both(_PEOPLE)
}
"""The words for each kind of object of **scenes**, as its sentences take them, also in the plural."""


def words_of(
    names: Iterable[str], table: Mapping[str, tuple[str, ...]] = BIRD_WORDS | SCENE_WORDS
) -> tuple[tuple[str, ...], ...]:
    """The words for each part or kind of object of a set, as `jxai.metrics.object_terms` takes them.

    Args:
        names: `Meta.part_names` or `SceneMeta.objects`.
        table: the words that are known; what it does not have is named by its own name, in the singular and the plural
            (the objects of ADE20K and MPII).

    Example:
        >>> words_of(("beak", "traffic light", "racket"))[1:]
        (('traffic light', 'traffic lights'), ('racket', 'rackets'))
    """
    return tuple(table[name] if name in table else _both([name.lower()]) for name in names)
