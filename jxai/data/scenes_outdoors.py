"""Things of the street and the land: each built around the origin on the ground."""

import math

import numpy as np

from jxai.data.scenes_canvas import Colour, Face, Group
from jxai.data.scenes_solids import box, darker, front, lighter, oval, pick, prism, ring, shadow, tinted, top

__all__ = ["OUTDOORS", "bench", "building", "car", "fence", "streetlight", "traffic_light", "truck"]

PAINTS: tuple[Colour, ...] = ((188, 40, 38), (40, 84, 160), (226, 226, 224), (44, 46, 52), (160, 166, 172),
                              (206, 168, 50), (58, 110, 78))  # fmt: skip
WALLS: tuple[Colour, ...] = ((180, 116, 92), (206, 190, 160), (168, 172, 176), (150, 132, 118), (214, 204, 196),
                             (128, 142, 160))  # fmt: skip
GLASS: Colour = (96, 122, 148)
TYRE: Colour = (26, 26, 28)


def _wheels(places: list[tuple[float, float]], half: float, r: float) -> list[Group]:
    """Wheels on both sides, their discs along x and y."""
    found = []
    for z, rim in ((-half - 0.01, True), (half + 0.01, True)):
        for x, y in places:
            disc = [(u, v, z) for u, v in oval(x, y, r, r)]
            hub = [(u, v, z + math.copysign(0.01, z)) for u, v in oval(x, y, r * 0.5, r * 0.5)]
            disc, hub = (disc, hub) if z < 0 else (disc[::-1], hub[::-1])
            found.append([Face(disc, TYRE, solid=True), Face(hub, (170, 174, 178), solid=True)][: 1 + rim])
    return found


def _ends(x: float, half: float, low: float, high: float, colour: Colour, sign: int) -> Face:
    """A rectangle on the front or the back of a vehicle."""
    x += sign * 0.006
    points = [(x, low, -half), (x, low, half), (x, high, half), (x, high, -half)]
    return Face(points if sign > 0 else points[::-1], colour, solid=True)


def car(rng: np.random.Generator) -> list[Group]:
    """A car along x, its front at +x."""
    paint, half = tinted(PAINTS, rng), 0.9
    body = prism([(-2.1, 0.3), (2.1, 0.3), (2.15, 0.72), (1.2, 0.92), (-1.95, 0.98), (-2.12, 0.8)], -half, half, paint)
    for sign in (-1, 1):
        lights: Colour = (250, 244, 210) if sign > 0 else (200, 30, 30)
        x = 2.13 if sign > 0 else -2.12
        body += [_ends(x, half, 0.3, 0.42, (40, 42, 46), sign)]
        for z in (-0.62, 0.62):
            face = _ends(x, 0.2, 0.52, 0.72, lights, sign)
            body.append(face._replace(points=[(a, b, c + z) for a, b, c in face.points]))
    cabin = prism(
        [(-1.75, 0.96), (1.05, 0.9), (0.45, 1.44), (-1.35, 1.46)], -half + 0.08, half - 0.08, darker(paint, 0.95)
    )
    for z, turn in ((-half + 0.07, False), (half - 0.07, True)):
        glass = [(-1.5, 1.0), (0.85, 0.98), (0.38, 1.36), (-1.26, 1.38)]
        pane = [(x, y, z) for x, y in glass]
        cabin.append(Face(pane[::-1] if turn else pane, GLASS, solid=True))
        post = [(-0.35, 0.98), (-0.25, 0.98), (-0.25, 1.38), (-0.35, 1.38)]
        bar = [(x, y, z + math.copysign(0.004, z)) for x, y in post]
        cabin.append(Face(bar[::-1] if turn else bar, paint, solid=True))
    wide = 0.68
    cabin.append(
        Face([(1.01, 0.95, -wide), (1.01, 0.95, wide), (0.48, 1.42, wide), (0.48, 1.42, -wide)], GLASS, solid=True)
    )
    cabin.append(
        Face([(-1.74, 1.0, wide), (-1.74, 1.0, -wide), (-1.38, 1.42, -wide), (-1.38, 1.42, wide)], GLASS, solid=True)
    )
    return [shadow(0, 0, 2.4, 1.15), body, cabin, *_wheels([(-1.3, 0.34), (1.35, 0.34)], half, 0.34)]


def truck(rng: np.random.Generator) -> list[Group]:
    """A truck along x, its front at +x."""
    paint, cargo, half = tinted(PAINTS, rng), tinted(((224, 224, 222), (196, 150, 70), (90, 120, 160)), rng), 1.2
    load = box(-3.8, 1.5, 0.9, 3.3, -half, half, cargo)
    load.append(_ends(-3.8, half * 0.9, 1.05, 3.15, lighter(cargo, 0.25), -1))
    load.append(_ends(-3.81, 0.04, 1.05, 3.15, darker(cargo), -1))
    load.append(front(-3.4, 1.1, 1.9, 2.4, -half, darker(cargo, 0.75)))
    cab = prism([(1.65, 0.5), (3.6, 0.5), (3.65, 1.4), (3.3, 2.5), (1.65, 2.6)], -half + 0.05, half - 0.05, paint)
    cab.append(Face([(3.64, 1.5, -0.95), (3.64, 1.5, 0.95), (3.36, 2.4, 0.95), (3.36, 2.4, -0.95)], GLASS, solid=True))
    cab.append(front(2.1, 3.2, 1.5, 2.3, -half + 0.05, GLASS))
    cab += [_ends(3.64, 0.25, 0.7, 0.95, (250, 244, 210), 1)._replace(width=0.0)]
    bed = box(-3.8, 3.3, 0.5, 0.9, -half + 0.1, half - 0.1, (60, 62, 66))
    tail = [_ends(-3.8, 0.22, 0.55, 0.8, (200, 30, 30), -1)]
    bed += [face._replace(points=[(a, b, c + z) for a, b, c in face.points]) for face in tail for z in (-0.85, 0.85)]
    return [shadow(0, 0, 4.2, 1.5), bed, load, cab, *_wheels([(-2.7, 0.5), (-1.5, 0.5), (2.6, 0.5)], half, 0.5)]


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
    body += [f for x in (-w / 2 + 0.8, w / 2 - 2.2) for f in (
        front(x, x + 1.4, 0.9, 2.2, 0, (236, 236, 230)), front(x + 0.12, x + 1.28, 1.0, 2.1, -0.004, GLASS))]  # fmt: skip
    over = 0.35
    tiles: Group = [
        Face([(-w / 2 - over, h, -over), (w / 2 + over, h, -over), (w / 2, h + rise, d / 2), (-w / 2, h + rise, d / 2)], roof, solid=True),
        Face([(w / 2 + over, h, -over), (w / 2 + over, h, d + over), (w / 2, h + rise, d / 2)], darker(roof, 0.9), solid=True),
        Face([(-w / 2 - over, h, d + over), (-w / 2 - over, h, -over), (-w / 2, h + rise, d / 2)], darker(roof, 0.9), solid=True),
    ]  # fmt: skip
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
    coat = pick((((236, 232, 226), (104, 70, 48)), ((112, 72, 44), (70, 48, 36)), ((232, 226, 210),)), rng) if False else (
        tinted((((236, 232, 226)), ((122, 80, 52))), rng) if kind == 0 else tinted(((110, 70, 42), (60, 46, 40), (170, 120, 76)), rng) if kind == 1 else (232, 226, 212))  # fmt: skip
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
