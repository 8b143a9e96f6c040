"""Which attributes of CUB-200-2011 describe which part: the groups behind the ground truth of insecurities."""

from jxai.data.birds.attributes import GROUPS, OFFSETS, PARTS

__all__ = ["CUB_PARTS", "PART_GROUPS", "PART_RANGES"]

CUB_PARTS = PARTS
"""The fifteen parts, in the order of CUB's `parts.txt`."""

_EYES = ("has_eye_color", "has_head_pattern")
_LEGS = ("has_leg_color",)
_WINGS = ("has_wing_color", "has_wing_shape", "has_wing_pattern")

PART_GROUPS: dict[str, tuple[str, ...]] = {
    "back": ("has_back_color", "has_back_pattern"),
    "beak": ("has_bill_shape", "has_bill_length", "has_bill_color"),
    "belly": ("has_belly_color", "has_belly_pattern"),
    "breast": ("has_breast_pattern", "has_breast_color"),
    "crown": ("has_head_pattern", "has_forehead_color", "has_crown_color"),
    "forehead": ("has_head_pattern", "has_forehead_color"),
    "left eye": _EYES,
    "left leg": _LEGS,
    "left wing": _WINGS,
    "nape": ("has_nape_color",),
    "right eye": _EYES,
    "right leg": _LEGS,
    "right wing": _WINGS,
    "tail": ("has_tail_shape", "has_upper_tail_color", "has_under_tail_color", "has_tail_pattern"),
    "throat": ("has_head_pattern", "has_throat_color"),
}
"""The attribute groups that the released code of deliberative explanations counts to each part, in its order."""

PART_RANGES: tuple[tuple[tuple[int, int], ...], ...] = tuple(
    tuple((OFFSETS[group], OFFSETS[group] + len(GROUPS[group])) for group in PART_GROUPS[part]) for part in CUB_PARTS
)
"""For each part the places of its groups among the 312 attributes, `(start, stop)` from 0, stop excluded: what
`jxai.metrics.attribute_ambiguity` takes. Wang and Vasconcelos (2019) count from 1 and include the end."""
