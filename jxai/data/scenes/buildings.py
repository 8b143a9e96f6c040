"""Houses, and what stands along streets: each built around the origin on the ground."""

import math

import numpy as np

from jxai.data.scenes.canvas import Colour, Face, Group
from jxai.data.scenes.solids import box, darker, front, lighter, oval, shadow, tinted
from jxai.data.scenes.vehicles import GLASS, PAINTS

__all__ = ["bench", "building", "fence", "streetlight", "traffic_light"]

WALLS: tuple[Colour, ...] = ((180, 116, 92), (206, 190, 160), (168, 172, 176), (150, 132, 118), (214, 204, 196),
                             (128, 142, 160))  # fmt: skip


def _windows(x0: float, x1: float, y0: float, y1: float, z: float, rng: np.random.Generator) -> list[Face]:
    """Rows of windows on a front."""
    wide, high = rng.uniform(1.7, 2.4), rng.uniform(2.6, 3.2)
    columns, rows = max(1, int((x1 - x0) / wide)), max(1, int((y1 - y0) / high))
    colour = tinted((GLASS, (70, 84, 104), (140, 160, 176)), rng)
    faces = []
    for i in range(columns):
        for j in range(rows):
            x, y = x0 + (i + 0.5) * (x1 - x0) / columns, y0 + (j + 0.5) * (y1 - y0) / rows
            shade = (236, 214, 140) if rng.random() < 0.08 else darker(colour, rng.uniform(0.8, 1.15))
            faces.append(front(x - wide * 0.28, x + wide * 0.28, y - high * 0.3, y + high * 0.28, z, shade))
    return faces


def building(rng: np.random.Generator, *, tall: bool) -> tuple[list[Group], float, float]:
    """A house with a roof, or a tall block; its front at z = 0, looking towards the viewer: pieces, width, height."""
    wall = tinted(WALLS, rng)
    if tall:
        w, d, h = rng.uniform(6, 9), rng.uniform(6, 9), rng.uniform(9, 20)
        body = box(-w / 2, w / 2, 0, h, 0, d, wall)
        body += _windows(-w / 2 + 0.4, w / 2 - 0.4, 3.4, h - 0.5, 0, rng)
        body.append(front(-w / 2, w / 2, 0, 2.9, 0, darker(wall, 0.8)))
        shop = tinted(PAINTS, rng)
        body += [
            front(-w / 2 + 0.6, w / 2 - 2.0, 0.5, 2.3, 0.0, (120, 140, 154)),
            front(-w / 2 + 0.4, w / 2 - 1.8, 2.3, 2.8, -0.01, shop),
        ]
        body.append(front(w / 2 - 1.5, w / 2 - 0.5, 0, 2.2, 0, (70, 52, 44)))
        side = [f._replace(points=[(w / 2 + 0.004 - p[2], p[1], (p[0] + w / 2) * d / w) for p in f.points])
                for f in _windows(-w / 2 + 0.4, w / 2 - 0.4, 3.4, h - 0.5, 0, rng)]  # fmt: skip
        other = [f._replace(points=[(-w / 2 - 0.004 + p[2], p[1], (w / 2 - p[0]) * d / w) for p in f.points])
                 for f in _windows(-w / 2 + 0.4, w / 2 - 0.4, 3.4, h - 0.5, 0, rng)]  # fmt: skip
        return [[*body, *side, *other]], w, h
    w, d, h, rise = rng.uniform(6, 9), rng.uniform(5, 7), rng.uniform(2.8, 4.4), rng.uniform(1.8, 3)
    roof = tinted(((150, 70, 54), (96, 82, 78), (120, 60, 50), (70, 78, 92)), rng)
    body = box(-w / 2, w / 2, 0, h, 0, d, wall)
    body += [front(-0.55, 0.55, 0, 2.1, 0, tinted(PAINTS, rng))]
    body += [
        f
        for x in (-w / 2 + 0.8, w / 2 - 2.2)
        for f in (front(x, x + 1.4, 0.9, 2.2, 0, (236, 236, 230)), front(x + 0.12, x + 1.28, 1.0, 2.1, -0.004, GLASS))
    ]
    over = 0.35
    tiles: Group = [
        Face(
            [(-w / 2 - over, h, -over), (w / 2 + over, h, -over), (w / 2, h + rise, d / 2), (-w / 2, h + rise, d / 2)],
            roof,
            solid=True,
        ),
        Face(
            [(w / 2 + over, h, -over), (w / 2 + over, h, d + over), (w / 2, h + rise, d / 2)],
            darker(roof, 0.9),
            solid=True,
        ),
        Face(
            [(-w / 2 - over, h, d + over), (-w / 2 - over, h, -over), (-w / 2, h + rise, d / 2)],
            darker(roof, 0.9),
            solid=True,
        ),
    ]
    return [[*body, *tiles]], w, h + rise


def streetlight(rng: np.random.Generator) -> list[Group]:
    """A lamp on a pole with an arm along x."""
    h, grey = rng.uniform(5.5, 7), tinted(((90, 94, 98), (60, 66, 64), (140, 144, 148)), rng)
    pole = [(0.0, 0.0, 0.0), (0.0, h, 0.0), (0.4, h + 0.3, 0.0), (1.5, h + 0.35, 0.0)]
    head = [(u, v, -0.02) for u, v in oval(1.6, h + 0.26, 0.42, 0.17)]
    return [[Face(pole, grey, width=0.15), Face(head, (244, 238, 206)), Face(ring_line(head), grey, width=0.06)]]


def ring_line(points: list) -> list:
    """A closed line through points."""
    return [*points, points[0]]


def traffic_light(rng: np.random.Generator) -> list[Group]:
    """A traffic light on a pole."""
    lit = int(rng.integers(3))
    case = box(-0.26, 0.26, 2.5, 3.75, -0.16, 0.16, (34, 38, 36))
    for k, colour in enumerate(((60, 214, 90), (250, 196, 60), (236, 50, 44))):
        bright = colour if k == lit else darker(colour, 0.35)
        case.append(Face([(u, v, -0.17) for u, v in oval(0, 2.72 + 0.4 * k, 0.16, 0.16)], bright))
    return [[Face([(0, 0, 0.05), (0, 2.5, 0.05)], (80, 84, 86), width=0.14)], case]


def bench(rng: np.random.Generator) -> list[Group]:
    """A bench, its back at z = 0."""
    wood = tinted(((150, 98, 56), (120, 84, 54), (74, 110, 84)), rng)
    groups = [shadow(0, -0.3, 1.0, 0.45)] + [box(x, x + 0.1, 0, 0.45, -0.5, 0, (50, 52, 54)) for x in (-0.75, 0.65)]
    groups.append(box(-0.9, 0.9, 0.43, 0.5, -0.55, 0, wood))
    back = [box(-0.9, 0.9, y, y + 0.16, -0.04, 0.02, lighter(wood, 0.08)) for y in (0.58, 0.82)]
    return [*groups, *back]


def fence(a: tuple[float, float], b: tuple[float, float], rng: np.random.Generator) -> list[Group]:
    """A fence from one place on the ground to another."""
    white = tinted(((230, 228, 220), (132, 98, 66), (150, 152, 154)), rng)
    count = max(2, int(math.dist(a, b) / 1.3))
    rails = [Face([(a[0], y, a[1]), (b[0], y, b[1])], white, width=0.13) for y in (0.4, 0.82)]
    posts = [
        Face([(x, 0, z), (x, 1.12, z)], darker(white, 0.88), width=0.15)
        for x, z in ((a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count) for k in range(count + 1))
    ]
    return [[*rails, *posts]]
