"""Which words of a sentence name a part of a bird or a kind of object."""

from jxai.data.scenes_captions import NOUNS

__all__ = ["words_of_things"]

PARTS = {
    "beak": ("bill", "beak", "bills", "beaks"), "crown": ("crown", "cap", "crest", "head"),
    "forehead": ("forehead",), "nape": ("nape", "neck"), "throat": ("throat", "chin"),
    "back": ("back",), "belly": ("belly", "abdomen", "stomach"), "breast": ("breast", "chest"),
    "tail": ("tail", "rectrices", "retrices", "tails"),
    **dict.fromkeys(("left eye", "right eye"), ("eye", "eyes", "eyering", "eyeline", "eyebrow")),
    **dict.fromkeys(("left leg", "right leg"), ("leg", "legs", "feet", "foot", "tarsus", "tarsi")),
    **dict.fromkeys(("left wing", "right wing"), ("wing", "wings", "wingbar", "wingbars", "primaries", "secondaries")),
}  # fmt: skip


def words_of_things(things: tuple[str, ...] | list[str]) -> list[tuple[str, ...]]:
    """The words for each part or kind of object, its plural with it.

    Example:
        >>> words_of_things(["nape", "sofa"])
        [('nape', 'neck'), ('sofa', 'couch', 'sofas', 'couches')]
    """
    return [PARTS.get(name) or _with_plural(NOUNS.get(name, tuple(name.split(", ")))) for name in things]


def _with_plural(words: tuple[str, ...]) -> tuple[str, ...]:
    return (*words, *(f"{word}es" if word.endswith(("ch", "sh", "x", "s")) else f"{word}s" for word in words))
