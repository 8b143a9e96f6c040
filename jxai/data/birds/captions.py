"""Sentences about a bird: a grammar over what is visible, first what strikes the eye. A hidden part is never named."""

import re
from collections.abc import Collection, Mapping

import numpy as np

from jxai.data.birds.attributes import GROUP_PARTS
from jxai.data.birds.salience import salience
from jxai.data.wording import different

__all__ = ["captions"]

_SIZES = {"very_small": ("tiny", "very small"), "small": ("small", "little"), "medium": ("medium-sized", "mid-sized"),
          "large": ("large", "big"), "very_large": ("very large", "huge")}  # fmt: skip
_BILLS = {"cone": ("cone-shaped", "stout"), "dagger": ("dagger-like", "straight pointed"), "hooked": ("hooked",),
          "hooked_seabird": ("hooked", "strong hooked"), "needle": ("needle-thin", "thin"),
          "spatulate": ("flat", "spoon-shaped"),
          "all-purpose": ("", "slender"), "curved_(up_or_down)": ("curved", "downward-curving"),
          "specialized": ("crossed",)}  # fmt: skip
_LENGTHS = {"about_the_same_as_head": "", "longer_than_head": "long", "shorter_than_head": "short"}
_PATTERNS = {
    "solid": ("",),
    "spotted": ("spotted", "speckled"),
    "striped": ("striped", "streaked"),
    "multi-colored": ("two-toned", "pied"),
}
_BARRED = _PATTERNS | {"striped": ("barred", "banded")}
_TAILS = {"forked_tail": ("forked",), "rounded_tail": ("", "rounded"), "notched_tail": ("", "notched"),
          "fan-shaped_tail": ("fan-shaped", "fanned"), "pointed_tail": ("pointed",),
          "squared_tail": ("", "square")}  # fmt: skip
_HEADS = {"eyebrow": ("an eyebrow stripe", "a stripe above its eye"),
          "eyering": ("a ring around its eye", "an eyering"),
          "eyeline": ("a line through its eye", "an eyeline"), "masked": ("a mask around its eye",),
          "malar": ("a moustache stripe", "a malar stripe"), "crested": ("a crest on its crown", "a crested crown"),
          "striped": ("a striped crown",), "spotted": ("a spotted crown",)}  # fmt: skip
_DOING = {"perched": ("sitting on a branch", "perched on a twig"),
          "standing": ("standing on the ground", "on the ground"),
          "flying": ("in flight", "flying"), "swimming": ("swimming on the water", "on the water"),
          "clinging": ("clinging to a trunk", "on the side of a tree")}  # fmt: skip
_PLAIN = ("crown", "forehead", "nape", "throat", "breast", "belly", "back")


def _article(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeio' else 'a'} {phrase}"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _pick(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _phrase(*words: str) -> str:
    return " ".join(word for word in words if word)


def _bill(values: dict[str, str], rng: np.random.Generator) -> str:
    noun, colour = _pick(("bill", "beak"), rng), values["has_bill_color"]
    shape = _pick(_BILLS[values["has_bill_shape"]], rng) if rng.random() < 0.8 else ""
    return _article(_phrase(_LENGTHS[values["has_bill_length"]], shape, colour, noun))


def _plain(part: str, values: dict[str, str], regions: list[str], rng: np.random.Generator) -> str:
    """One of the plain regions; often with others of its colour: a white throat, breast and belly."""
    colour = values[f"has_{part}_color"]
    pattern = _pick(_PATTERNS[values.get(f"has_{part}_pattern", "solid")], rng)
    same = [
        p for p in regions if values[f"has_{p}_color"] == colour and values.get(f"has_{p}_pattern", "solid") == "solid"
    ]
    if pattern or len(same) < 2 or rng.random() < 0.4:
        return _article(_phrase(pattern, colour, part))
    first = [p for p in same if p != part][:2]
    return _article(f"{colour} {_joined([p for p in same if p == part or p in first])}")


def _head(values: dict[str, str], visible: Collection[str], rng: np.random.Generator) -> str | None:
    """The pattern of the head, where the parts that show it are visible."""
    pattern = values["has_head_pattern"]
    if pattern == "capped" and "crown" in visible:
        return _article(f"{values['has_crown_color']} cap")
    needed = {"crown"} if pattern in ("crested", "striped", "spotted") else {"left eye", "right eye"}
    return _pick(_HEADS[pattern], rng) if pattern in _HEADS and needed & set(visible) else None


def _tail(values: dict[str, str], rng: np.random.Generator) -> str:
    shape, pattern = _pick(_TAILS[values["has_tail_shape"]], rng), _pick(_BARRED[values["has_tail_pattern"]], rng)
    return _article(_phrase(shape, pattern, values["has_upper_tail_color"], "tail"))


def _fact(part: str, values: dict[str, str], regions: list[str], rng: np.random.Generator) -> str:
    """What can be said of a part, as a noun phrase."""
    if part == "beak":
        return _bill(values, rng)
    if part == "tail":
        return _tail(values, rng)
    if part == "wing":
        return _phrase(_pick(_BARRED[values["has_wing_pattern"]], rng), values["has_wing_color"], "wings")
    if part in _PLAIN:
        return _plain(part, values, regions, rng)
    return f"{values[f'has_{part}_color']} {part}s"  # eyes, legs


def _striking(values: dict[str, str], visible: Mapping[str, float]) -> dict[str, float]:
    """What can be named, by how much it strikes the eye: left and right count as one, the larger."""
    shares: dict[str, float] = {}
    for part, share in visible.items():
        name = part.split()[-1]
        shares[name] = max(share, shares.get(name, 0.0))
    return {part: salience(part, values, share) for part, share in shares.items()}


def _facts(
    values: dict[str, str],
    striking: Mapping[str, float],
    visible: Collection[str],
    count: int,
    rng: np.random.Generator,
) -> list[str]:
    """So many facts on visible parts, a noun phrase each: the more a part strikes the eye, the likelier and earlier."""
    regions, head = [part for part in _PLAIN if part in visible], _head(values, visible, rng)
    weights = {**striking, "head": salience("head", values)} if head else striking
    keys = np.log(rng.random(len(weights))) / list(weights.values())  # weighted, without replacement
    facts: list[str] = []
    for part in (list(weights)[place] for place in np.argsort(-keys)):
        named = set(re.findall(r"\w+", " ".join(facts)))
        if len(facts) < count and part not in named:
            others = [region for region in regions if region not in named]
            facts.append(head if head and part == "head" else _fact(part, values, others, rng))
    return facts


def _main_colours(values: dict[str, str], visible: Mapping[str, float]) -> list[str]:
    """The colours of at least two of the five large regions, where two such regions are visible."""
    regions = [
        values[f"has_{r}_color"]
        for r in ("back", "wing", "breast", "belly", "crown")
        if visible.keys() & set(GROUP_PARTS[f"has_{r}_color"])
    ]
    return [colour for colour in dict.fromkeys(regions) if regions.count(colour) > 1][:2]


def _sentence(
    values: dict[str, str],
    pose: str,
    striking: Mapping[str, float],
    visible: Mapping[str, float],
    rng: np.random.Generator,
) -> str:
    facts = _facts(values, striking, visible, int(rng.choice((1, 2, 3, 4), p=(0.3, 0.45, 0.2, 0.05))), rng)
    size = _pick(_SIZES[values["has_size"].split("_(")[0]], rng)
    colour = " and ".join(_main_colours(values, visible)) if rng.random() < 0.6 else ""
    kind = _phrase(size if rng.random() < 0.6 else "", colour, "bird")
    has = _joined(facts) if facts else f"a {size} body"
    doing = _pick(_DOING[pose], rng)
    forms = (
        f"this bird has {has}",
        f"this {kind} has {has}",
        f"{_article(kind)} with {has}",
        f"this is {_article(kind)} with {has}",
        f"{_article(kind)} {doing}, with {has}",
        f"the bird is {size} and has {has}",
        f"{_article(kind)} that has {has}",
        f"{_article(kind)} {doing}; it has {has}",
    )
    return f"{_pick(forms, rng)}."


def captions(
    values: dict[str, str],
    pose: str,
    visible: Mapping[str, float],
    rng: np.random.Generator,
    *,
    sentences: int = 10,
) -> list[str]:
    """Different sentences that describe one bird.

    Args:
        values: The bird's value of each attribute group.
        pose: What it does: perched, standing, flying, swimming, clinging.
        visible: Its visible parts, each with its share of the bird's visible pixels.
        rng: The source of randomness.
        sentences: How many.

    Returns:
        The sentences; two are alike only where there is too little to say.
    """
    striking = _striking(values, visible)
    return different(lambda: _sentence(values, pose, striking, visible, rng), sentences, tries=6 * sentences)
