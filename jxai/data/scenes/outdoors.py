"""Flat figures of the land: trees, animals, boats, and small things; outlines `(u, v)` in metres."""

import math

import numpy as np

from jxai.data.scenes.canvas import Colour
from jxai.data.scenes.solids import darker, lighter, oval, ring, tinted
from jxai.data.scenes.vehicles import GLASS, PAINTS, TYRE

__all__ = ["OUTDOORS"]

Figure = list[tuple[list[tuple[float, float]], Colour, float]]


def _tree(rng: np.random.Generator) -> Figure:
    h, green = rng.uniform(3.6, 6.5), tinted(((62, 112, 48), (88, 132, 58), (46, 92, 50), (132, 140, 60)), rng)
    trunk = tinted(((92, 70, 50), (110, 92, 74)), rng)
    if rng.random() < 0.28:
        layers = [[(-w, v), (w, v), (0, v + 0.42 * h)] for w, v in ((1.3, 0.15 * h), (1.05, 0.38 * h), (0.72, 0.6 * h))]
        return [([(0, 0), (0, 0.3 * h)], trunk, 0.28)] + [
            (outline, darker(green, 0.6 + 0.14 * k), 0.0) for k, outline in enumerate(layers)
        ]
    figure: Figure = [([(0, 0), (0.04, 0.55 * h)], trunk, 0.3), ([(0, 0.35 * h), (0.5, 0.6 * h)], trunk, 0.14)]
    for k in range(9):
        angle, r = rng.uniform(0, 2 * math.pi), rng.uniform(0.2, 1.0)
        u, v = r * 1.05 * math.cos(angle), 0.7 * h + r * 0.2 * h * math.sin(angle)
        shade = darker(green, 0.72) if k < 3 else lighter(green, rng.uniform(0, 0.16)) if v > 0.7 * h else green
        figure.append((oval(u, v, rng.uniform(0.75, 1.1), rng.uniform(0.6, 0.95), steps=11), shade, 0.0))
    return figure


def _umbrella(rng: np.random.Generator) -> Figure:
    colour, other = tinted(((206, 50, 46), (40, 110, 180), (230, 180, 50), (60, 150, 110)), rng), (244, 240, 232)
    rim = [(-1.35 + 2.7 * k / 6, 1.75 - 0.12 * math.cos(math.pi * (k - 3) / 3)) for k in range(7)]
    figure: Figure = [([(0, 0), (0, 2.3)], (190, 186, 176), 0.08)]
    for k in range(6):
        figure.append(
            (
                [rim[k], rim[k + 1], (0.25 * (k - 2) * 0.5, 2.55), (0.25 * (k - 3) * 0.5, 2.55)],
                colour if k % 2 else other,
                0.0,
            )
        )
    return figure


def _boat(rng: np.random.Generator) -> Figure:
    hull = tinted(((234, 234, 230), (176, 44, 40), (36, 70, 120), (120, 80, 50)), rng)
    shape = [(-2.4, 0.7), (-2.0, 0.0), (1.9, 0.0), (2.9, 0.85)]
    figure: Figure = [
        (shape, hull, 0.0),
        ([(-2.4, 0.7), (2.9, 0.83)], lighter(hull), 0.1),
        ([(-2.1, 0.12), (2.05, 0.12)], darker(hull, 0.5), 0.14),
    ]
    if rng.random() < 0.6:
        sail = tinted(((244, 242, 236), (226, 120, 60), (240, 230, 200)), rng, 8)
        figure += [([(0.3, 0.7), (0.3, 5.6)], (96, 80, 64), 0.1), ([(0.15, 1.1), (0.15, 5.4), (-2.1, 1.1)], sail, 0.0),
                   ([(0.45, 1.1), (0.45, 4.9), (2.4, 1.1)], darker(sail, 0.92), 0.0)]  # fmt: skip
    else:
        figure += [([(-1.4, 0.72), (0.8, 0.74), (0.5, 1.75), (-1.3, 1.75)], (232, 230, 224), 0.0),
                   ([(-1.1, 1.1), (0.5, 1.1), (0.35, 1.6), (-1.05, 1.6)], GLASS, 0.0),
                   ([(-0.7, 1.75), (-0.7, 2.6)], (80, 80, 84), 0.07)]  # fmt: skip
    return figure


def _animal(rng: np.random.Generator) -> Figure:
    """A cow, a horse or a sheep, from its side, the head at +u."""
    kind = int(rng.integers(3))
    coats = (((236, 232, 226), (122, 80, 52)), ((110, 70, 42), (60, 46, 40), (170, 120, 76)), ((232, 226, 212),))
    coat = tinted(coats[kind], rng, 8)
    dark = darker(coat, 0.7)
    h = (1.0, 1.15, 0.62)[kind]
    legs: Figure = [
        ([(u, 0), (u * 0.97, h)], dark if k % 2 else darker(coat, 0.85), 0.15 if kind < 2 else 0.1)
        for k, u in enumerate((-0.72, -0.55, 0.5, 0.66))
    ]
    body = (oval(0, h + 0.12, 0.92, 0.42 if kind < 2 else 0.5), coat, 0.0)
    if kind == 0:
        spots: Figure = [
            (oval(u, h + v, 0.24, 0.17, steps=9), (46, 38, 36), 0.0)
            for u, v in ((-0.45, 0.2), (0.15, 0.0), (0.5, 0.28))
        ]
        head: Figure = [
            (oval(1.1, h + 0.42, 0.34, 0.19, tilt=-0.5), coat, 0.0),
            ([(0.98, h + 0.62), (0.9, h + 0.8)], (226, 214, 190), 0.07),
            (oval(1.3, h + 0.28, 0.13, 0.11), (226, 170, 160), 0.0),
        ]
        return [*legs, body, *spots, *head, ([(-0.9, h + 0.3), (-1.05, h - 0.4)], dark, 0.07)]
    if kind == 1:
        neck: Figure = [
            ([(0.65, h + 0.2), (0.95, h + 0.4), (1.22, h + 0.92), (0.98, h + 1.08), (0.6, h + 0.5)], coat, 0.0),
            (oval(1.28, h + 0.88, 0.34, 0.14, tilt=-0.7), coat, 0.0),
            ([(0.62, h + 0.5), (0.97, h + 1.05)], darker(coat, 0.45), 0.14),
        ]
        return [*legs, body, *neck, ([(-0.85, h + 0.3), (-1.1, h - 0.4)], darker(coat, 0.45), 0.15)]
    wool: Figure = [
        (oval(u, h + v, 0.3, 0.26, steps=9), lighter(coat, 0.3), 0.0)
        for u, v in ((-0.6, 0.25), (-0.2, 0.42), (0.25, 0.42), (0.6, 0.2), (0, 0.1))
    ]
    return [*legs, body, *wool, (oval(0.95, h + 0.4, 0.24, 0.16, tilt=-0.6), (58, 52, 50), 0.0)]


def _bicycle(rng: np.random.Generator) -> Figure:
    frame = tinted(PAINTS, rng)
    wheels: Figure = [(ring(u, 0.36, 0.35), TYRE, 0.07) for u in (-0.55, 0.55)]
    bars = [
        [(-0.55, 0.36), (-0.2, 0.82), (0.42, 0.82), (0.55, 0.36)],
        [(-0.2, 0.85), (-0.02, 0.36), (0.42, 0.82)],
        [(-0.55, 0.36), (-0.02, 0.36)],
    ]
    return [
        *wheels,
        *((bar, frame, 0.075) for bar in bars),
        ([(0.42, 0.8), (0.38, 1.05), (0.55, 1.08)], (50, 50, 54), 0.06),
        ([(-0.34, 0.93), (-0.08, 0.93)], (40, 34, 32), 0.1),
    ]


def _ball(rng: np.random.Generator) -> Figure:
    colour, r = tinted(((226, 60, 50), (240, 240, 236), (250, 190, 40), (60, 120, 210)), rng), 0.2
    return [
        (oval(0, r, r, r), colour, 0.0),
        (oval(-0.05, r + 0.06, r * 0.45, r * 0.35, tilt=0.6), lighter(colour, 0.6), 0.0),
        ([(-r * 0.9, r * 0.9), (0, r * 0.7), (r * 0.9, r * 0.95)], darker(colour, 0.6), 0.03),
    ]


def _rock(rng: np.random.Generator) -> Figure:
    grey, w, h = (
        tinted(((130, 126, 122), (150, 138, 122), (108, 108, 112)), rng),
        rng.uniform(0.7, 1.5),
        rng.uniform(0.5, 1.0),
    )
    outline = [
        (-w, 0),
        (w, 0),
        (w * 0.9, h * 0.45),
        (w * 0.4, h * rng.uniform(0.8, 1)),
        (-w * 0.3, h),
        (-w * 0.85, h * 0.5),
    ]
    return [
        (outline, grey, 0.0),
        ([(-w, 0), (-w * 0.1, 0), (w * 0.1, h * 0.6), (-w * 0.3, h), (-w * 0.85, h * 0.5)], lighter(grey, 0.2), 0.0),
    ]


OUTDOORS = {"tree": _tree, "umbrella": _umbrella, "boat": _boat, "animal": _animal, "bicycle": _bicycle,
            "ball": _ball, "rock": _rock}  # fmt: skip
"""How to draw each kind of flat figure, in metres."""
