"""The attributes of birds: the 28 groups and 312 names of CUB-200-2011, and which values are alike."""

__all__ = ["ATTRIBUTE_NAMES", "COLOURS", "GROUPS", "GROUP_PARTS", "OFFSETS", "PARTS", "SAMPLED", "SIMILAR", "similar"]

PARTS = ("back", "beak", "belly", "breast", "crown", "forehead", "left eye", "left leg", "left wing", "nape",
         "right eye", "right leg", "right wing", "tail", "throat")  # fmt: skip

COLOURS = ("blue", "brown", "iridescent", "purple", "rufous", "grey", "yellow", "olive", "green", "pink", "orange",
           "black", "white", "red", "buff")  # fmt: skip
PATTERNS = ("solid", "spotted", "striped", "multi-colored")
BILLS = ("curved_(up_or_down)", "dagger", "hooked", "needle", "hooked_seabird", "spatulate", "all-purpose", "cone",
         "specialized")  # fmt: skip
TAILS = ("forked_tail", "rounded_tail", "notched_tail", "fan-shaped_tail", "pointed_tail", "squared_tail")
HEADS = ("spotted", "malar", "crested", "masked", "unique_pattern", "eyebrow", "eyering", "plain", "eyeline", "striped",
         "capped")  # fmt: skip
LENGTHS = ("about_the_same_as_head", "longer_than_head", "shorter_than_head")
WINGS = ("rounded-wings", "pointed-wings", "broad-wings", "tapered-wings", "long-wings")
SIZES = ("large_(16_-_32_in)", "small_(5_-_9_in)", "very_large_(32_-_72_in)", "medium_(9_-_16_in)",
         "very_small_(3_-_5_in)")  # fmt: skip
SHAPES = ("upright-perching_water-like", "chicken-like-marsh", "long-legged-like", "duck-like", "owl-like", "gull-like",
          "hummingbird-like", "pigeon-like", "tree-clinging-like", "hawk-like", "sandpiper-like", "upland-ground-like",
          "swallow-like", "perching-like")  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    "has_bill_shape": BILLS,
    "has_wing_color": COLOURS,
    "has_upperparts_color": COLOURS,
    "has_underparts_color": COLOURS,
    "has_breast_pattern": PATTERNS,
    "has_back_color": COLOURS,
    "has_tail_shape": TAILS,
    "has_upper_tail_color": COLOURS,
    "has_head_pattern": HEADS,
    "has_breast_color": COLOURS,
    "has_throat_color": COLOURS,
    "has_eye_color": tuple(c for c in COLOURS if c != "iridescent"),
    "has_bill_length": LENGTHS,
    "has_forehead_color": COLOURS,
    "has_under_tail_color": COLOURS,
    "has_nape_color": COLOURS,
    "has_belly_color": COLOURS,
    "has_wing_shape": WINGS,
    "has_size": SIZES,
    "has_shape": SHAPES,
    "has_back_pattern": PATTERNS,
    "has_tail_pattern": PATTERNS,
    "has_belly_pattern": PATTERNS,
    "has_primary_color": COLOURS,
    "has_leg_color": COLOURS,
    "has_bill_color": COLOURS,
    "has_crown_color": COLOURS,
    "has_wing_pattern": PATTERNS,
}
"""The attribute groups and their values, in the order of CUB."""

DERIVED = ("has_upperparts_color", "has_underparts_color", "has_primary_color")
SAMPLED = tuple(group for group in GROUPS if group not in DERIVED)
"""The groups that are drawn for each image, one value each; the other three follow from them."""

ATTRIBUTE_NAMES = tuple(f"{group}::{value}" for group, values in GROUPS.items() for value in values)
OFFSETS = {group: ATTRIBUTE_NAMES.index(f"{group}::{values[0]}") for group, values in GROUPS.items()}
"""Where the values of a group begin among the 312 attributes."""

_WINGS, _EYES, _LEGS = ("left wing", "right wing"), ("left eye", "right eye"), ("left leg", "right leg")
_WHERE: dict[str, tuple[str, ...]] = {
    "bill": ("beak",), "wing": _WINGS, "upperparts": ("back", *_WINGS), "underparts": ("breast", "belly"),
    "breast": ("breast",), "back": ("back",), "tail": ("tail",), "upper": ("tail",), "under": ("tail",),
    "head": ("crown", "forehead", "nape", *_EYES), "throat": ("throat",), "eye": _EYES, "forehead": ("forehead",),
    "nape": ("nape",), "belly": ("belly",), "size": (), "shape": (), "primary": (), "leg": _LEGS, "crown": ("crown",),
}  # fmt: skip
GROUP_PARTS = {group: _WHERE[group.split("_")[1]] for group in GROUPS}
"""The parts that carry the attributes of a group; none for what is about the whole bird."""

SIMILAR: dict[str, tuple[str, ...]] = {
    "blue": ("purple", "grey"), "brown": ("rufous", "olive"), "iridescent": ("green", "blue"),
    "purple": ("blue", "pink"),
    "rufous": ("brown", "orange"), "grey": ("white", "black"), "yellow": ("olive", "buff"), "olive": ("green", "brown"),
    "green": ("olive", "iridescent"), "pink": ("buff", "purple"), "orange": ("yellow", "red"),
    "black": ("grey", "brown"),
    "white": ("buff", "grey"), "red": ("orange", "rufous"), "buff": ("white", "brown"),
    "solid": ("spotted", "striped"), "spotted": ("striped", "solid"), "striped": ("spotted", "solid"),
    "multi-colored": ("solid", "striped"),
    "curved_(up_or_down)": ("needle", "hooked"), "dagger": ("needle", "all-purpose"), "hooked": ("all-purpose", "cone"),
    "needle": ("dagger", "curved_(up_or_down)"), "hooked_seabird": ("dagger", "hooked"),
    "cone": ("all-purpose", "hooked"),
    "spatulate": ("all-purpose", "dagger"), "all-purpose": ("dagger", "cone"),
    "forked_tail": ("notched_tail", "pointed_tail"), "rounded_tail": ("squared_tail", "fan-shaped_tail"),
    "notched_tail": ("squared_tail", "forked_tail"), "fan-shaped_tail": ("rounded_tail", "squared_tail"),
    "pointed_tail": ("rounded_tail", "notched_tail"), "squared_tail": ("notched_tail", "rounded_tail"),
    "malar": ("eyeline", "plain"), "crested": ("capped", "plain"), "masked": ("eyeline", "plain"),
    "eyebrow": ("eyeline", "plain"), "eyering": ("plain", "eyebrow"), "plain": ("eyering", "eyeline"),
    "eyeline": ("eyebrow", "masked"), "capped": ("plain", "crested"),
    "about_the_same_as_head": ("shorter_than_head", "longer_than_head"),
    "longer_than_head": ("about_the_same_as_head",), "shorter_than_head": ("about_the_same_as_head",),
    "rounded-wings": ("broad-wings", "pointed-wings"), "pointed-wings": ("tapered-wings", "long-wings"),
    "broad-wings": ("rounded-wings",), "tapered-wings": ("pointed-wings",), "long-wings": ("pointed-wings",),
    "very_small_(3_-_5_in)": ("small_(5_-_9_in)",), "small_(5_-_9_in)": ("medium_(9_-_16_in)", "very_small_(3_-_5_in)"),
    "medium_(9_-_16_in)": ("small_(5_-_9_in)", "large_(16_-_32_in)"),
    "large_(16_-_32_in)": ("medium_(9_-_16_in)", "very_large_(32_-_72_in)"),
    "very_large_(32_-_72_in)": ("large_(16_-_32_in)",),
}  # fmt: skip


def similar(group: str, value: str) -> tuple[str, ...]:
    """The values that a bird of a class may have in place of the typical one.

    Example:
        >>> similar("has_wing_color", "grey"), similar("has_shape", "owl-like")
        (('white', 'black'), ())
    """
    if group == "has_head_pattern" and value in ("striped", "spotted"):
        return ("plain",)
    return tuple(v for v in SIMILAR.get(value, ()) if v in GROUPS[group])
