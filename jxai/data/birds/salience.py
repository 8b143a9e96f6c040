"""What of a bird strikes the eye: how often people name which of its parts.

    weight = rate(part) · sqrt(share of the bird / usual share) · contrast(colour) · pattern · shape

People who describe a photograph name few parts, and not the same of each bird: in ten sentences on a picture of
CUB-200-2011 the tail is named in 10 %, but from picture to picture in 0 to 30 %. The rates are those of CUB's sentences
(Reed et al. 2016); the factors are our choice, so that the spread between pictures is about CUB's.
"""

from collections.abc import Mapping

__all__ = ["salience"]

_RATE = {"back": 0.07, "beak": 0.59, "belly": 0.32, "breast": 0.19, "crown": 0.16, "forehead": 0.05, "eye": 0.13,
         "leg": 0.13, "wing": 0.38, "nape": 0.07, "tail": 0.1, "throat": 0.08, "head": 0.12}  # fmt: skip
"""In which share of CUB's sentences the part is named; of a forehead and the head's pattern, a guess."""
_USUAL = {"back": 0.059, "beak": 0.032, "belly": 0.098, "breast": 0.089, "crown": 0.043, "forehead": 0.015,
          "eye": 0.017, "leg": 0.018, "wing": 0.31, "nape": 0.116, "tail": 0.113, "throat": 0.056}  # fmt: skip
"""Which share of the bird's pixels the part has, where it is seen: the mean over drawn birds."""
_VIVID = ("blue", "iridescent", "purple", "rufous", "yellow", "green", "pink", "orange", "red")
_REGIONS = ("back", "wing", "breast", "belly", "crown")  # whose most frequent colour is the bird's
_COLOUR = {"tail": "has_upper_tail_color", "beak": "has_bill_color", "head": "has_crown_color"}
_USUAL_PATTERNS = ("solid", "plain")
_COMMON_SHAPES = ("all-purpose", "cone", "rounded_tail", "notched_tail", "squared_tail", "shorter_than_head")
_SHAPES = {"beak": ("has_bill_shape", "has_bill_length"), "tail": ("has_tail_shape",)}


def salience(part: str, values: Mapping[str, str], share: float | None = None) -> float:
    """How much a part of a bird strikes the eye, above 0: parts are named in proportion.

    Args:
        part: back, beak, belly, breast, crown, forehead, eye, leg, wing, nape, tail, throat, or head (its pattern).
        values: the bird's value of each attribute group.
        share: of the bird's visible pixels, 0 to 1; the usual one if None.

    Example:
        >>> values = {f"has_{part}_color": "brown" for part in _REGIONS} | {"has_leg_color": "brown"}
        >>> round(salience("leg", values), 2), round(salience("leg", values | {"has_leg_color": "red"}), 2)
        (0.03, 0.47)
    """
    size = 1.0 if share is None else min(2.5, max(0.4, share / _USUAL[part]))
    return _RATE[part] * size * _contrast(part, values) * _pattern(part, values) * _shape(part, values)


def _contrast(part: str, values: Mapping[str, str]) -> float:
    colour = values[_COLOUR.get(part, f"has_{part}_color")]
    regions = [values[f"has_{region}_color"] for region in _REGIONS]
    same = regions.count(colour) / len(regions)  # of the bird's large regions
    return (3.0 if colour in _VIVID else 1.0) * (1.2 - same)


def _pattern(part: str, values: Mapping[str, str]) -> float:
    return 1.0 if values.get(f"has_{part}_pattern", "solid") in _USUAL_PATTERNS else 3.0


def _shape(part: str, values: Mapping[str, str]) -> float:
    unusual = [group for group in _SHAPES.get(part, ()) if values[group] not in _COMMON_SHAPES]
    return 2.0 ** len(unusual)
