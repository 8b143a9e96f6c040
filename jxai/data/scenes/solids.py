"""What things are built of: boxes, prisms, discs, and flat figures that look at the camera."""

import math
from collections.abc import Sequence

import numpy as np

from jxai.data.scenes.canvas import Camera, Colour, Face, Group, Point
from jxai.data.wording import pick

__all__ = [
    "billboard",
    "box",
    "darker",
    "front",
    "lighter",
    "oval",
    "prism",
    "put",
    "ring",
    "shadow",
    "tinted",
    "top",
]

Flat = Sequence[tuple[float, float]]


def darker(colour: Colour, share: float = 0.7) -> Colour:
    """A darker shade."""
    return colour[0] * share, colour[1] * share, colour[2] * share


def lighter(colour: Colour, share: float = 0.4) -> Colour:
    """A lighter tint."""
    r, g, b = colour
    return r + (255 - r) * share, g + (255 - g) * share, b + (255 - b) * share


def tinted(options: Sequence[Colour], rng: np.random.Generator, spread: float = 14) -> Colour:
    """One of several colours, a little changed."""
    r, g, b = pick(options, rng)
    changes = rng.normal(0, spread, 3) * 0.5 + rng.normal(0, spread)
    return r + changes[0], g + changes[1], b + changes[2]


def prism(profile: Flat, z0: float, z1: float, colour: Colour) -> Group:
    """A solid: a profile `(x, y)`, counter-clockwise, drawn out from z0 (the front) to z1."""
    points = [(x, y, z0) for x, y in profile], [(x, y, z1) for x, y in reversed(profile)]
    faces = [Face(corner, colour, solid=True) for corner in points]
    edges = zip(profile, [*profile[1:], profile[0]], strict=True)
    faces += [
        Face([(ax, ay, z1), (bx, by, z1), (bx, by, z0), (ax, ay, z0)], colour, solid=True)
        for (ax, ay), (bx, by) in edges
    ]
    return faces


def box(x0: float, x1: float, y0: float, y1: float, z0: float, z1: float, colour: Colour) -> Group:
    """A box; its front looks towards the viewer, at z0."""
    return prism([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], z0, z1, colour)


def front(x0: float, x1: float, y0: float, y1: float, z: float, colour: Colour) -> Face:
    """A rectangle that looks towards the viewer, on the front of something at z."""
    z -= 0.004
    return Face([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], colour, solid=True)


def top(x0: float, x1: float, z0: float, z1: float, y: float, colour: Colour) -> Face:
    """A rectangle that looks up, on the top of something at y."""
    y += 0.004
    return Face([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], colour, solid=True)


def oval(u: float, v: float, ru: float, rv: float, *, steps: int = 14, tilt: float = 0.0) -> list[tuple[float, float]]:
    """An ellipse of a flat figure, turned by `tilt`."""
    c, s = math.cos(tilt), math.sin(tilt)
    angles = [2 * math.pi * k / steps for k in range(steps)]
    return [
        (u + ru * math.cos(a) * c - rv * math.sin(a) * s, v + ru * math.cos(a) * s + rv * math.sin(a) * c)
        for a in angles
    ]


def ring(u: float, v: float, r: float, *, steps: int = 16) -> list[tuple[float, float]]:
    """A circle as a closed line."""
    points = oval(u, v, r, r, steps=steps)
    return [*points, points[0]]


def shadow(x: float, z: float, rx: float, rz: float, alpha: int = 70) -> Group:
    """The shadow of a thing on the ground."""
    return [Face([(u, 0.01, w) for u, w in oval(x, z, rx, rz)], (12, 14, 20), alpha=alpha)]


def put(groups: Sequence[Group], x: float, z: float, angle: float = 0.0, y: float = 0.0) -> list[Group]:
    """Things that were built around the origin, turned by an angle and brought to their place."""
    c, s = math.cos(angle), math.sin(angle)

    def moved(p: Point) -> Point:
        return x + p[0] * c + p[2] * s, y + p[1], z - p[0] * s + p[2] * c

    return [[face._replace(points=[moved(p) for p in face.points]) for face in group] for group in groups]


def billboard(
    figures: Sequence[tuple[Flat, Colour, float]], camera: Camera, x: float, z: float, *, y: float = 0.0, scale=1.0
) -> Group:
    """A flat figure that looks at the camera: outlines `(u, v)` in metres, colours, widths (0: filled)."""
    c, s = math.cos(camera.yaw), math.sin(camera.yaw)
    return [
        Face([(x + u * scale * c, y + v * scale, z - u * scale * s) for u, v in outline], colour, width * scale)
        for outline, colour, width in figures
    ]
