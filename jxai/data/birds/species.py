"""The species of the embedded data set: families whose members share most attributes and differ in one to three."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from jxai.data.birds.attributes import ATTRIBUTE_NAMES, GROUP_PARTS, GROUPS, OFFSETS, PARTS, SAMPLED, similar
from jxai.data.birds.builds import BUILDS, Build
from jxai.data.birds.names import epithet, family_name
from jxai.data.birds.palettes import KEYS, PALETTES, contrasting
from jxai.data.schema import Meta

__all__ = ["FAMILY", "MOST", "Species", "attribute_vector", "birds_meta", "draw_values", "species_list"]

FAMILY = 4
"""Members of a family: species `4 f` to `4 f + 3` are family `f`."""
MOST = 200
"""So many species there are at most."""

_MEMBERS = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 1))  # which key attributes are changed: any two differ in 1 to 3
_TYPICAL = {"has_shape": 1.0, "has_size": 0.8, "has_eye_color": 0.88, "has_wing_shape": 0.9, "has_bill_length": 0.92}
_KEY, _OTHER = 0.97, 0.92  # how often a bird has the typical value: in the family's key attributes, in the others


class Species(NamedTuple):
    """A species: its name, family and body plan, and for each drawn attribute group how often it has which value."""

    name: str
    family: int
    build: Build
    typical: dict[str, str]
    odds: dict[str, dict[str, float]]


def _family_values(family: int, build: Build) -> dict[str, str]:
    """The typical values of the first member of a family."""
    values = dict(PALETTES[(family * 3 + family // len(BUILDS)) % len(PALETTES)])
    values |= {"has_bill_shape": build.bills[0], "has_bill_length": build.bills[1], "has_wing_shape": build.wings}
    values |= {"has_tail_shape": build.tails, "has_size": build.size, "has_shape": build.shape}
    return {group: values[group] for group in SAMPLED}


def _odds(group: str, value: str, rivals: tuple[str, ...]) -> dict[str, float]:
    """How often a species has which value of a group: mostly the typical, else one like it or one of its relatives'."""
    others = rivals or similar(group, value)
    share = _TYPICAL.get(group, _KEY if rivals else _OTHER) if others else 1.0
    return {value: share} | {other: (1 - share) / len(others) for other in others}


def _member(family: int, build: Build, base: dict[str, str], keys: dict[str, str], member: int) -> Species:
    """One species of a family: the family's values, with its own in the key attributes that it changes."""
    changed = [group for group, change in zip(keys, _MEMBERS[member], strict=True) if change]
    typical = base | {group: keys[group] for group in changed}
    odds = {}
    for group, value in typical.items():
        rivals = {base[group], keys[group]} - {value} if group in keys else set()
        odds[group] = _odds(group, value, tuple(sorted(rivals)))
    telling = changed[-1] if changed else next(iter(keys))
    name = f"{epithet(telling, typical[telling])} {family_name(family, build)}"
    return Species(name, family, build, typical, odds)


@lru_cache(maxsize=4)
def species_list(species: int) -> tuple[Species, ...]:
    """The first `species` species of the 200; they depend on no seed."""
    if not 2 <= species <= MOST:
        raise ValueError(f"expected 2 to {MOST} species, got {species}")
    members: list[Species] = []
    for family in range(-(-species // FAMILY)):
        build = BUILDS[family % len(BUILDS)]
        base = _family_values(family, build)
        keys = {group: contrasting(group, base, family) for group in KEYS[family % len(KEYS)]}
        members += [_member(family, build, base, keys, member) for member in range(FAMILY)]
    return tuple(members[:species])


def draw_values(species: Species, rng: np.random.Generator) -> dict[str, str]:
    """The values that one bird of a species has, one for each drawn attribute group."""
    draws = rng.random(len(SAMPLED))
    values = {}
    for group, draw in zip(SAMPLED, draws, strict=True):
        odds = species.odds[group]
        index = int(np.searchsorted(np.cumsum(list(odds.values())), draw))
        values[group] = list(odds)[min(index, len(odds) - 1)]
    return values


_PRIMARY = ("has_back_color", "has_wing_color", "has_breast_color", "has_belly_color", "has_crown_color")

_OTHERS = [[j for j in range(5) if j != i] for i in range(5)]


def _percentages(odds: dict[str, dict[str, float]]) -> np.ndarray:
    """How often each of the 312 attributes is present, 0..1; the groups are drawn independently of each other."""
    present = np.zeros(len(ATTRIBUTE_NAMES), np.float32)
    for group in SAMPLED:
        for value, share in odds[group].items():
            present[OFFSETS[group] + GROUPS[group].index(value)] = share
    for index, colour in enumerate(GROUPS["has_primary_color"]):
        shares = {group: odds[group].get(colour, 0.0) for group in SAMPLED}
        back, wing, breast, belly, _ = five = np.array([shares[group] for group in _PRIMARY])
        none = np.prod(1 - five)
        one = sum(five[i] * np.prod((1 - five)[_OTHERS[i]]) for i in range(5))
        present[OFFSETS["has_upperparts_color"] + index] = 1 - (1 - back) * (1 - wing)
        present[OFFSETS["has_underparts_color"] + index] = 1 - (1 - breast) * (1 - belly)
        present[OFFSETS["has_primary_color"] + index] = max(0.0, 1 - none - one)  # at least two of the five regions
    return present


def attribute_vector(values: dict[str, str]) -> np.ndarray:
    """The binary attributes of a bird that has these values, uint8 `[312]`.

    Its upperparts have the colours of back and wing, its underparts those of breast and belly; a primary colour is one
    that at least two of back, wing, breast, belly and crown have.
    """
    has = {group: {value} for group, value in values.items()}
    region = [values[group] for group in _PRIMARY]
    has["has_upperparts_color"], has["has_underparts_color"] = set(region[:2]), set(region[2:4])
    has["has_primary_color"] = {colour for colour in region if region.count(colour) > 1}
    return np.array([value in has[group] for group, names in GROUPS.items() for value in names], np.uint8)


@lru_cache(maxsize=4)
def birds_meta(species: int = 20) -> Meta:
    """The names of classes, parts and attributes of **birds**, and the class x attribute percentages.

    Args:
        species: How many species, 2 to 200.

    Returns:
        The metadata, in the layout of CUB-200-2011.

    Example:
        >>> meta = birds_meta(8)
        >>> len(meta.classes), meta.class_attributes.shape, meta.attribute_parts["has_bill_shape"]
        (8, (8, 312), ('beak',))
    """
    members = species_list(species)
    percentages = np.stack([100 * _percentages(one.odds) for one in members])
    return Meta(tuple(one.name for one in members), PARTS, ATTRIBUTE_NAMES, GROUP_PARTS, percentages)
