"""The markings of plumage: bars, spots and panels on a region of the bird."""

import numpy as np

from jxai.data.birds.canvas import Colour, Shape, blob, darker, lighter, on_parts

__all__ = ["contrast", "markings", "noticeable"]


def contrast(colour: Colour) -> Colour:
    """The colour of markings on plumage: dark on light, light on dark."""
    luminance = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]
    return darker(colour, 0.32) if luminance > 125 else lighter(colour, 0.82)


def noticeable(colour: Colour, ground: Colour) -> Colour:
    """A colour for a marking: itself where it stands out against the ground, else the ground's contrast."""
    distance = sum(abs(a - b) for a, b in zip(colour, ground, strict=True))
    return colour if distance > 150 else contrast(ground)


def _grid(corners: np.ndarray, along: int, across: int) -> np.ndarray:
    """Points on a grid over a quadrilateral, every second row shifted by half a step, `[along, across, 2]`."""
    a = (np.arange(along)[:, None] + 0.5) / along
    b = (np.arange(across)[None] + 0.5 + 0.25 * (-1.0) ** np.arange(along)[:, None]) / across
    a, b = (np.broadcast_to(v, (along, across))[..., None] for v in (a, b))
    p, q, r, s = corners
    return (1 - a) * ((1 - b) * p + b * q) + a * ((1 - b) * s + b * r)


def markings(
    pattern: str, corners: np.ndarray, colour: Colour, on: tuple[str, ...], *, bars: int = 3, size: float = 0.03
) -> list[Shape]:
    """The markings of a region that lies within a quadrilateral.

    Args:
        pattern: A value of CUB's pattern groups. `solid` has none; `striped` bars along the first side, `spotted`
            spots, `multi-colored` a second colour over the far half.
        corners: The quadrilateral, its first side along the bars, `[4, 2]`.
        colour: The colour of the region.
        on: The parts on which the markings are seen.
        bars: How many bars there are.
        size: The radius of spots; bars are as thick.
    """
    ink, where = contrast(colour), on_parts(*on)
    if pattern == "spotted":
        return [Shape([blob(p, size) for p in _grid(corners, bars + 2, 4).reshape(-1, 2)], ink, None, where)]
    p, q, r, s = corners
    if pattern == "striped":
        shares = (np.arange(bars) + 0.7) / bars
        lines = [np.stack([p + t * (s - p), q + t * (r - q)]) for t in shares]
        return [Shape(lines, ink, None, where, 1.6 * size)]
    if pattern == "multi-colored":
        return [Shape([np.stack([(p + s) / 2, (q + r) / 2, r, s])], ink, None, where)]
    return []
