"""Furniture that stands on the floor: each built around the origin, its back at z = 0, its front towards the viewer."""

import numpy as np

from jxai.data.scenes.built import CLOTHS, DARK, LAMINATES, WHITES, WOODS, Built
from jxai.data.scenes.canvas import Colour, Face, Group
from jxai.data.scenes.kitchen import refrigerator, sink, stove
from jxai.data.scenes.solids import box, darker, front, lighter, oval, prism, tinted, top

__all__ = ["FURNITURE"]


def _legs(w: float, d: float, h: float, thick: float, colour: Colour) -> list[Group]:
    places = [(x, z) for x in (-w / 2, w / 2 - thick) for z in (-d, -thick)]
    return [box(x, x + thick, 0, h, z, z + thick, colour) for x, z in places]


def _table(rng: np.random.Generator) -> Built:
    w, d, h, wood = rng.uniform(1.5, 1.9), rng.uniform(0.9, 1.1), 0.76, tinted(WOODS[:3], rng)
    board = box(-w / 2, w / 2, h - 0.06, h, -d, 0, wood)
    groups = [*_legs(w, d, h - 0.06, 0.08, darker(wood, 0.85)), board]
    if rng.random() < 0.5:
        cloth = tinted(CLOTHS, rng)
        board.append(top(-w * 0.5, w * 0.5, -d * 0.8, -d * 0.2, h, cloth))
        board.append(top(-w * 0.5, w * 0.5, -d * 0.55, -d * 0.45, h, lighter(cloth)))
    for x in (-0.3, 0.25):
        plate = [(u, h + 0.006, v) for u, v in oval(x * w, -d * rng.uniform(0.35, 0.65), 0.12, 0.12)]
        board.append(Face(plate, (238, 236, 230)))
    return Built(groups, w, d, h)


def _chair(rng: np.random.Generator) -> Built:
    w, d, seat, high = 0.5, 0.5, 0.46, rng.uniform(0.9, 1.05)
    wood = tinted(WOODS, rng)
    cloth = wood if rng.random() < 0.5 else tinted(CLOTHS, rng)
    groups = _legs(w, d, seat, 0.06, wood)
    groups.append(box(-w / 2, w / 2, seat - 0.05, seat + 0.02, -d, 0, cloth))
    groups += [box(x, x + 0.06, seat, high, -0.06, 0, wood) for x in (-w / 2, w / 2 - 0.06)]
    groups.append(box(-w / 2, w / 2, high - 0.28, high, -0.06, 0, cloth))
    return Built(groups, w, d, high)


def _sofa(rng: np.random.Generator) -> Built:
    w, d, cloth = rng.uniform(1.9, 2.3), 0.95, darker(tinted(CLOTHS, rng), 0.85)
    seats = 2 if w < 2.05 else 3
    groups = [box(-w / 2, w / 2, 0.06, 0.4, -d + 0.08, 0, darker(cloth, 0.85)),
              box(-w / 2, w / 2, 0.4, 0.88, -0.24, 0, cloth)]  # fmt: skip
    groups += [box(x, x + 0.2, 0.04, 0.62, -d, 0, darker(cloth, 0.92)) for x in (-w / 2, w / 2 - 0.2)]
    each = (w - 0.4) / seats
    for k in range(seats):
        x = -w / 2 + 0.2 + k * each
        groups.append(box(x + 0.01, x + each - 0.01, 0.4, 0.52, -d + 0.04, -0.24, lighter(cloth, 0.12)))
        groups[1].append(front(x + 0.04, x + each - 0.04, 0.5, 0.84, -0.24, lighter(cloth, 0.08)))
    if rng.random() < 0.6:
        other = tinted(CLOTHS, rng)
        groups.append(box(-w / 2 + 0.24, -w / 2 + 0.62, 0.53, 0.82, -0.42, -0.26, other))
    return Built(groups, w, d, 0.88)


def _bed(rng: np.random.Generator) -> Built:
    w, d, wood = rng.uniform(1.5, 1.9), 1.9, tinted(WOODS[:3], rng)
    blanket, sheet = lighter(tinted(CLOTHS, rng), 0.3), lighter(tinted(WHITES, rng, 6), 0.4)
    end = -d * rng.uniform(0.8, 0.9)
    groups = [box(-w / 2, w / 2, 0.08, 0.32, -d, 0, wood), box(-w / 2, w / 2, 0, 1.1, -0.02, 0.05, wood)]
    groups.append(box(-w / 2 + 0.02, w / 2 - 0.02, 0.32, 0.52, -d + 0.02, -0.04, sheet))
    cover = box(-w / 2, w / 2, 0.26, 0.56, -d - 0.01, end + 1.0, blanket)
    cover.append(top(-w / 2, w / 2, end + 0.86, end + 1.0, 0.56, lighter(blanket)))
    groups.append(cover)
    for x in (-0.25, 0.25) if w > 1.45 else (0.0,):
        groups.append(box(x * w - 0.28, x * w + 0.28, 0.52, 0.66, -0.5, -0.08, lighter(sheet)))
    return Built(groups, w, d, 0.6)


def _desk(rng: np.random.Generator) -> Built:
    w, d, h, wood = rng.uniform(1.15, 1.5), 0.65, 0.76, tinted(LAMINATES, rng, 8)
    side = darker(wood, 0.9)
    drawers = box(w / 2 - 0.42, w / 2, 0.06, h - 0.05, -d + 0.02, -0.02, side)
    for k in range(3):
        y = 0.1 + k * 0.2
        drawers.append(front(w / 2 - 0.39, w / 2 - 0.03, y, y + 0.17, -d + 0.02, lighter(wood, 0.12)))
        drawers.append(front(w / 2 - 0.26, w / 2 - 0.16, y + 0.07, y + 0.1, -d + 0.015, DARK))
    groups = [drawers, box(-w / 2, -w / 2 + 0.06, 0, h - 0.05, -d + 0.02, -0.02, side)]
    groups += [box(-w / 2, w / 2, h - 0.05, h, -d, 0, wood), box(-w / 2, w / 2, 0.35, h - 0.05, -0.06, 0, side)]
    paper = top(-w * 0.42, -w * 0.22, -d * 0.8, -d * 0.4, h, (240, 240, 236))
    groups[2].append(paper)
    return Built(groups, w, d, h)


def _cabinet(rng: np.random.Generator) -> Built:
    tall = rng.random() < 0.4
    w, d, h = rng.uniform(0.9, 1.3), 0.5, 1.9 if tall else 0.92
    wood = tinted(WOODS, rng)
    body = box(-w / 2, w / 2, 0, h, -d, 0, wood)
    for k in range(2):
        x = -w / 2 + k * w / 2
        body.append(front(x + 0.04, x + w / 2 - 0.04, 0.1, h - 0.06, -d, lighter(wood, 0.15)))
        knob = x + (w / 2 - 0.12 if k == 0 else 0.07)
        body.append(front(knob, knob + 0.05, h * 0.45, h * 0.45 + 0.12, -d - 0.004, DARK))
    return Built([body], w, d, h)


def _bookcase(rng: np.random.Generator) -> Built:
    w, d, h, wood = rng.uniform(0.9, 1.4), 0.36, rng.uniform(1.7, 2.1), tinted(WOODS, rng)
    body, rows = box(-w / 2, w / 2, 0, h, -d, 0, wood), 4
    each = (h - 0.16) / rows
    for row in range(rows):
        low, x = 0.1 + row * each, -w / 2 + 0.06
        body.append(front(-w / 2 + 0.05, w / 2 - 0.05, low, low + each - 0.06, -d, darker(wood, 0.45)))
        while x < w / 2 - 0.16:
            wide = rng.uniform(0.05, 0.12)
            if rng.random() < 0.88:
                high = (each - 0.06) * rng.uniform(0.7, 0.95)
                body.append(front(x, x + wide, low, low + high, -d - 0.004, tinted(CLOTHS, rng, 22)))
            x += wide + 0.008
    return Built([body], w, d, h)


def _television(rng: np.random.Generator) -> Built:
    w, wood = rng.uniform(1.1, 1.4), tinted(WOODS, rng)
    stand = box(-w / 2 - 0.05, w / 2 + 0.05, 0, 0.48, -0.42, 0, darker(wood, 0.8))
    stand.append(front(-w / 2, w / 2, 0.1, 0.38, -0.42, darker(wood, 0.5)))
    screen = box(-w / 2, w / 2, 0.55, 1.25, -0.26, -0.18, (24, 24, 28))
    lit = rng.random() < 0.6
    picture = tinted(((70, 120, 190), (90, 150, 90), (190, 120, 70)), rng) if lit else (52, 56, 66)
    screen.append(front(-w / 2 + 0.05, w / 2 - 0.05, 0.6, 1.2, -0.26, picture))
    slant = (
        [(-w * 0.3, 1.2), (-w * 0.42, 1.2), (-w * 0.42, 0.85)] if not lit else [(-w * 0.4, 0.6), (0.1, 0.6), (0, 0.95)]
    )
    z = -0.27
    screen.append(Face([(x, y, z) for x, y in slant], lighter(picture, 0.35)))
    return Built([stand, screen, box(-0.1, 0.1, 0.48, 0.55, -0.26, -0.18, (30, 30, 34))], w, 0.42, 1.25)


def _lamp(rng: np.random.Generator) -> Built:
    shade, h = tinted(((236, 208, 140), (240, 226, 190), (206, 110, 80), (150, 176, 190)), rng), rng.uniform(1.45, 1.7)
    pole = [Face([(0, 0.02, -0.2), (0, h, -0.2)], DARK, width=0.05)]
    base = box(-0.14, 0.14, 0, 0.05, -0.34, -0.06, DARK)
    cone = prism([(-0.26, h - 0.05), (0.26, h - 0.05), (0.15, h + 0.32), (-0.15, h + 0.32)], -0.4, 0, shade)
    glow = [Face([(u, v, -0.41) for u, v in oval(0, h + 0.1, r, r)], (255, 236, 170), alpha=34) for r in (0.42, 0.6)]
    return Built([base, pole, [*cone, *glow]], 0.5, 0.4, h + 0.3)


def _plant(rng: np.random.Generator) -> Built:
    pot, green = (
        tinted(((170, 90, 58), (210, 206, 198), (70, 84, 110)), rng),
        tinted(((58, 120, 54), (88, 140, 62)), rng),
    )
    h = rng.uniform(0.5, 1.1)
    groups = [prism([(-0.14, 0), (0.14, 0), (0.2, 0.34), (-0.2, 0.34)], -0.42, -0.06, pot)]
    leaves = []
    for k in range(11):
        lean = (k - 5) * 0.26 + rng.normal(0, 0.1)
        u, v = 0.34 * np.sin(lean) * (0.6 + h / 2), 0.34 + h * (0.25 + 0.45 * np.cos(lean * 0.8))
        shade = lighter(green, rng.uniform(0, 0.25)) if rng.random() < 0.5 else darker(green, rng.uniform(0.65, 1))
        leaf = oval(float(u), float(v), 0.085, 0.1 + 0.26 * h, tilt=-lean)
        leaves.append(Face([(x, y, -0.3 + 0.01 * rng.normal()) for x, y in leaf], shade))
    return Built([*groups, leaves], 0.5, 0.45, 0.4 + h)


def _computer(rng: np.random.Generator) -> Built:
    w = rng.uniform(0.55, 0.68)
    screen = box(-w / 2, w / 2, 0.12, 0.54, -0.3, -0.24, (40, 42, 46))
    colour = tinted(((96, 150, 214), (210, 224, 236), (60, 90, 140)), rng)
    screen.append(front(-w / 2 + 0.03, w / 2 - 0.03, 0.15, 0.51, -0.3, colour))
    screen += [
        front(-w / 2 + 0.07, w * rng.uniform(-0.1, 0.35), y, y + 0.03, -0.304, (244, 246, 248))
        for y in (0.24, 0.33, 0.42)
    ]
    keys = box(-0.24, 0.24, 0, 0.03, -0.6, -0.42, (214, 216, 220))
    return Built([box(-0.05, 0.05, 0, 0.14, -0.28, -0.24, (60, 62, 66)), screen, keys], w, 0.6, 0.55)


def _book(rng: np.random.Generator) -> Built:
    cover = tinted(CLOTHS, rng, 20)
    body = box(-0.2, 0.2, 0, 0.07, -0.32, -0.02, cover)
    body.append(front(-0.18, 0.19, 0.015, 0.055, -0.32, (238, 232, 216)))
    return Built([body, box(-0.17, 0.15, 0.07, 0.13, -0.3, -0.04, tinted(CLOTHS, rng, 20))], 0.4, 0.32, 0.13)


FURNITURE = {
    "table": _table, "chair": _chair, "sofa": _sofa, "bed": _bed, "desk": _desk, "cabinet": _cabinet,
    "bookcase": _bookcase, "stove": stove, "refrigerator": refrigerator, "sink": sink, "television": _television,
    "lamp": _lamp, "plant": _plant, "computer": _computer, "book": _book,
}  # fmt: skip
"""How to build each kind of furniture."""
