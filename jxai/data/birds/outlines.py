"""The outlines of bills, tails and wings, one for each value of CUB's shape attributes."""

import numpy as np

__all__ = ["bill_outline", "fan_lines", "folded_wing", "spread_wing", "tail_outline"]

_BILL_LENGTH = {"shorter_than_head": 0.9, "about_the_same_as_head": 1.7, "longer_than_head": 2.9}

# Points (share of the length, height in head radii), from the base along the upper edge to the tip and back.
_BILLS = {
    "cone": ((0, 0.52), (0.5, 0.32), (1, -0.06), (0.5, -0.36), (0, -0.5)),
    "dagger": ((0, 0.3), (0.5, 0.18), (1, 0), (0.5, -0.18), (0, -0.3)),
    "hooked": ((0, 0.4), (0.45, 0.42), (0.85, 0.22), (1, -0.2), (0.94, -0.56), (0.78, -0.16), (0.4, -0.26), (0, -0.3)),
    "hooked_seabird": ((0, 0.3), (0.7, 0.24), (0.93, 0.2), (1.02, -0.06), (0.98, -0.46), (0.86, -0.12),
    (0.6, -0.18), (0, -0.28)),
    "needle": ((0, 0.15), (0.5, 0.07), (1, 0.02), (1, -0.04), (0.5, -0.08), (0, -0.14)),
    "spatulate": ((0, 0.32), (0.45, 0.1), (0.75, 0.22), (0.95, 0.24), (1.05, 0), (0.95, -0.3), (0.7, -0.28),
    (0.4, -0.18), (0, -0.26)),
    "all-purpose": ((0, 0.26), (0.5, 0.17), (1, -0.05), (0.5, -0.17), (0, -0.25)),
    "specialized": ((0, 0.4), (0.6, 0.3), (1, -0.3), (0.7, -0.05), (1, 0.2), (0.5, -0.25), (0, -0.35)),
}  # fmt: skip


def bill_outline(shape: str, length: str) -> np.ndarray:
    """A bill in head radii: forward from its base at the front of the head, and up."""
    reach = _BILL_LENGTH[length]
    if shape == "curved_(up_or_down)":  # bends down, the more the longer it is
        along, droop = np.linspace(0, 1, 7), 0.32 * reach * np.linspace(0, 1, 7) ** 2
        half = 0.24 * (1 - along) + 0.03
        top, low = np.stack([along * reach, half - droop], 1), np.stack([along * reach, -half - droop], 1)
        return np.vstack([top, low[::-1]])
    return np.array(_BILLS[shape]) * [reach, 1.0]


# Points (share of the length, share of the half width) of one half, from the root to the middle of the end.
_TAILS = {
    "squared_tail": ((0, 0.6), (1, 1), (1, 0)),
    "rounded_tail": ((0, 0.6), (0.7, 1.15), (0.92, 0.8), (1.02, 0.35), (1.05, 0)),
    "fan-shaped_tail": ((0, 0.5), (0.55, 1.5), (0.82, 2.3), (0.98, 1.3), (1.04, 0)),
    "pointed_tail": ((0, 0.6), (0.5, 0.85), (0.9, 0.4), (1.3, 0)),
    "notched_tail": ((0, 0.6), (1, 1.15), (1.04, 0.8), (0.82, 0)),
    "forked_tail": ((0, 0.5), (0.6, 1.1), (1.35, 1.9), (1.1, 1.0), (0.5, 0)),
}


def tail_outline(shape: str, length: float, half_width: float) -> np.ndarray:
    """A tail in body lengths: backward from its root at the rump, and up."""
    half = np.array(_TAILS[shape])
    outline = np.vstack([half, half[-2::-1] * [1, -1]])
    return outline * [length, half_width]


# Where the tip lies (along the body), how deep the wing hangs, how blunt its tip is.
_FOLDED = {
    "rounded-wings": (0.10, 0.34, 0.12), "pointed-wings": (-0.06, 0.26, 0.02), "broad-wings": (0.00, 0.44, 0.12),
    "tapered-wings": (-0.14, 0.16, 0.02), "long-wings": (-0.24, 0.26, 0.02),
}  # fmt: skip


def folded_wing(shape: str, depth: float) -> np.ndarray:
    """A folded wing, in the frame of the body."""
    tip, hang, blunt = _FOLDED[shape]
    low = 0.12 - hang
    return np.array([
        (0.86, 0.10 * depth), (0.74, 0.30 * depth), (0.48, 0.36 * depth), (0.24, 0.26 * depth),
        (tip + 0.03, (0.12 + blunt) * depth),
        (tip, 0.06 * depth), (tip + 0.05, (0.02 - blunt) * depth), (0.26, (low * 0.9) * depth),
        (0.52, (low - 0.16) * depth), (0.76, (low - 0.08) * depth),
    ])  # fmt: skip


# Span and chord in body lengths, how far the tip is swept back, and the chord's share at 0, 1/4, ... of the span.
_SPREAD = {
    "rounded-wings": (0.95, 0.50, 0.04, (1, 1.05, 1.05, 0.85, 0.30)),
    "pointed-wings": (1.15, 0.44, 0.22, (1, 0.95, 0.78, 0.48, 0.03)),
    "broad-wings": (1.20, 0.56, 0.02, (1, 1.05, 1.05, 0.95, 0.45)),
    "tapered-wings": (1.15, 0.36, 0.30, (1, 0.80, 0.60, 0.35, 0.03)),
    "long-wings": (1.45, 0.34, 0.20, (1, 1.0, 0.82, 0.50, 0.04)),
}  # fmt: skip


def _edges(shape: str, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far backward the leading and the trailing edge lie, at shares of the span."""
    _, chord, sweep, shares = _SPREAD[shape]
    lead = sweep * along**2 - 0.07 * np.sin(np.pi * np.minimum(1.6 * along, 1))
    return lead, lead + chord * np.interp(along, np.linspace(0, 1, 5), shares)


def spread_wing(shape: str) -> np.ndarray:
    """A spread wing in body lengths: outward from the shoulder, and backward."""
    along = np.array([0, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0])
    lead, trail = _edges(shape, along)
    outline = np.vstack([np.stack([along, lead], 1), np.stack([along, trail], 1)[::-1]])
    return outline * [_SPREAD[shape][0], 1]


def fan_lines(shape: str, feathers: int) -> list[np.ndarray]:
    """The lines between the flight feathers of a spread wing, from its middle to its trailing edge."""
    along = np.linspace(0.12, 0.9, feathers)
    lead, _ = _edges(shape, along * 0.9)
    _, trail = _edges(shape, along)
    span = _SPREAD[shape][0]
    roots = np.stack([along * 0.9 * span, 0.55 * lead + 0.45 * trail], 1)
    return list(np.stack([roots, np.stack([along * span, trail], 1)], 1))
