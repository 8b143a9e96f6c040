"""Cars and trucks, each built around the origin along x, its front at +x."""

import math

import numpy as np

from jxai.data.scenes.canvas import Colour, Face, Group
from jxai.data.scenes.solids import box, darker, front, lighter, oval, prism, shadow, tinted

__all__ = ["GLASS", "PAINTS", "TYRE", "car", "truck"]

PAINTS: tuple[Colour, ...] = ((188, 40, 38), (40, 84, 160), (226, 226, 224), (44, 46, 52), (160, 166, 172),
                              (206, 168, 50), (58, 110, 78))  # fmt: skip
GLASS: Colour = (96, 122, 148)
TYRE: Colour = (26, 26, 28)


def _wheels(places: list[tuple[float, float]], half: float, r: float) -> list[Group]:
    """Wheels on both sides, their discs along x and y."""
    wheels = []
    for z, rim in ((-half - 0.01, True), (half + 0.01, True)):
        for x, y in places:
            disc = [(u, v, z) for u, v in oval(x, y, r, r)]
            hub = [(u, v, z + math.copysign(0.01, z)) for u, v in oval(x, y, r * 0.5, r * 0.5)]
            disc, hub = (disc, hub) if z < 0 else (disc[::-1], hub[::-1])
            wheels.append([Face(disc, TYRE, solid=True), Face(hub, (170, 174, 178), solid=True)][: 1 + rim])
    return wheels


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
