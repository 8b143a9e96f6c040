"""Sentences about a scene: what somebody does, with what; otherwise what there is. Only what is seen is named."""

import numpy as np

from jxai.data.scenes.activities import ACTIVITIES
from jxai.data.scenes.people import Looks
from jxai.data.scenes.solids import pick
from jxai.data.wording import different

__all__ = ["NOUNS", "captions"]

NOUNS: dict[str, tuple[str, ...]] = {
    "wall": ("wall",), "floor": ("floor",), "ceiling": ("ceiling",), "window": ("window",), "door": ("door",),
    "painting": ("painting", "picture"), "blackboard": ("blackboard", "board"), "rug": ("rug", "carpet"),
    "table": ("table",), "chair": ("chair",), "sofa": ("sofa", "couch"), "bed": ("bed",), "desk": ("desk",),
    "cabinet": ("cabinet", "cupboard"), "bookcase": ("bookcase", "bookshelf"), "lamp": ("lamp",),
    "computer": ("computer",), "television": ("television", "TV"), "stove": ("stove", "cooker"),
    "refrigerator": ("refrigerator", "fridge"), "sink": ("sink",), "plant": ("plant",), "book": ("book",),
    "sky": ("sky",), "building": ("building",), "road": ("road",), "sidewalk": ("pavement", "sidewalk"),
    "grass": ("grass", "lawn"), "earth": ("ground",), "sand": ("sand",), "field": ("field",), "water": ("water",),
    "mountain": ("mountain",), "tree": ("tree",), "car": ("car",), "truck": ("truck", "lorry"),
    "streetlight": ("streetlight",), "traffic light": ("traffic light",), "bench": ("bench",),
    "fence": ("fence",), "boat": ("boat",), "umbrella": ("parasol", "umbrella"), "animal": ("animal",),
    "bicycle": ("bicycle", "bike"), "ball": ("ball",), "rock": ("rock",),
}  # fmt: skip
"""The words for each kind of object but people."""
_MASS = ("sky", "grass", "sand", "water", "earth")
_NUMBERS = ("two", "three", "four", "several")
_NEAR = ("near", "next to", "not far from", "close to")
_SURFACES = ("wall", "floor", "ceiling", "sky", "grass", "earth", "sand", "field", "sidewalk")


def _named(kind: str, article: str, rng: np.random.Generator) -> str:
    noun = pick(NOUNS[kind], rng)
    if kind in _MASS:
        article = "the"
    if article == "a" and noun[0] in "aeiou":
        article = "an"
    return f"{article} {noun}"


def _subject(looks: Looks, rng: np.random.Generator) -> str:
    first = pick(("a", "a", "the"), rng)
    if rng.random() < 0.15:
        return pick(("a person", "somebody"), rng)
    dressed = pick((f"in a {looks.shirt_name} shirt", f"wearing a {looks.shirt_name} shirt"), rng)
    return f"{first} {looks.who} {dressed}" if rng.random() < 0.45 else f"{first} {looks.who}"


def _surroundings(visible: dict[str, int], but: tuple[str, ...], rng: np.random.Generator) -> str:
    """What else there is: one or two things that are visible."""
    others = [kind for kind in visible if kind in NOUNS and kind not in but and kind not in _SURFACES]
    if not others or rng.random() < 0.35:
        return ""
    chosen = [others[i] for i in rng.permutation(len(others))[: 1 + (rng.random() < 0.35)]]
    return f" {pick(_NEAR, rng)} {' and '.join(_named(kind, pick(('a', 'the'), rng), rng) for kind in chosen)}"


def _acting(name: str, needs: tuple[str, ...], looks: Looks, visible: dict[str, int], rng: np.random.Generator) -> str:
    said, objects = pick(ACTIVITIES[name].said, rng), [pick(NOUNS[kind], rng) for kind in needs]
    return f"{_subject(looks, rng)} {said.format(*objects)}{_surroundings(visible, needs, rng)}."


def _counted(kind: str, count: int, rng: np.random.Generator) -> str:
    if count == 1 or kind in _MASS:
        return _named(kind, "a", rng)
    noun = pick(NOUNS[kind], rng)
    plural = {"bookshelf": "bookshelves"}.get(noun, f"{noun}es" if noun.endswith(("ch", "x")) else f"{noun}s")
    return f"{_NUMBERS[min(count, 5) - 2]} {plural}"


def _describing(visible: dict[str, int], people: list[Looks], rng: np.random.Generator) -> str:
    kinds = [kind for kind in visible if kind in NOUNS and (kind not in _SURFACES or len(visible) < 5)]
    objects = [
        _counted(kinds[i], visible[kinds[i]], rng) for i in rng.permutation(len(kinds))[: int(rng.integers(1, 4))]
    ]
    listed = objects[0] if len(objects) == 1 else f"{', '.join(objects[:-1])} and {objects[-1]}"
    if people and rng.random() < 0.75:
        verb = pick(("stands", "is", "can be seen"), rng)
        return f"{_subject(pick(people, rng), rng)} {verb} {pick(_NEAR, rng)} {listed}."
    verb = "are" if objects[0].split()[0] in _NUMBERS else "is"
    return pick((f"there {verb} {{}}.", "one can see {}.", "a view of {}."), rng).format(listed)


def captions(
    doing: tuple[str, tuple[str, ...]] | None,
    actor: Looks | None,
    people: list[Looks],
    visible: dict[str, int],
    rng: np.random.Generator,
    *,
    sentences: int = 5,
) -> list[str]:
    """Different sentences about one scene.

    Args:
        doing: The activity of the actor, and the objects that it takes; None where nobody does anything.
        actor: How the actor looks.
        people: How the people look that are visible.
        visible: How many of each object are visible.
        rng: The source of randomness.
        sentences: How many.

    Returns:
        The sentences; two are alike only where there is too little to say.
    """

    def sentence() -> str:
        return _acting(*doing, actor, visible, rng) if doing and actor else _describing(visible, people, rng)

    return different(sentence, sentences, tries=8 * sentences)
