"""Scenes in perspective: a camera, faces in metres, and their painting with the map of instances beside it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

__all__ = ["Camera", "Colour", "Face", "Group", "Light", "Point", "Thing", "depth_of", "paint"]

Point = tuple[float, float, float]
Colour = tuple[float, float, float]
_NEAR = 0.35  # what is nearer to the camera, in metres, is cut off


class Face(NamedTuple):
    """One polygon or line in the world: x to the right, y up, z away from the viewer, in metres.

    Fields:
        points: The corners; those of a `solid` go round counter-clockwise, seen from outside.
        colour: RGB, 0..255.
        width: The width of a line in metres; 0: a polygon.
        solid: A side of a solid: seen from outside alone, and shaded by the direction in which it looks.
        alpha: Below 255 it lies on whatever there is: it changes its colour by so much, not what it is.
    """

    points: Sequence[Point]
    colour: Colour
    width: float = 0.0
    solid: bool = False
    alpha: int = 255


Group = list[Face]  # a convex piece with what is on it, painted in this order


class Thing(NamedTuple):
    """One instance of an object.

    Fields:
        kind: The name of the object.
        groups: Its pieces; those that are farther away are painted first.
        layer: Lower layers are painted first.
        depth: Within a layer, what is farther away is painted first; None: that of the pieces.
    """

    kind: str
    groups: list[Group]
    layer: int = 3
    depth: float | None = None


class Camera(NamedTuple):
    """Where the viewer stands, and how he looks.

    Fields:
        x: Place, in metres.
        y: Height of the eye.
        z: Place.
        yaw: Angle to the right, in radians.
        focal: Focal length, in widths of the image.
        horizon: Height of the horizon in the image, 0 (top) to 1.
    """

    x: float
    y: float
    z: float
    yaw: float
    focal: float
    horizon: float

    def view(self, points: Sequence[Point]) -> list[Point]:
        """Points as the camera sees them: to the right, up, away."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        cx, cy, cz = self.x, self.y, self.z
        return [((x - cx) * c - (z - cz) * s, y - cy, (x - cx) * s + (z - cz) * c) for x, y, z in points]

    def world(self, right: float, away: float) -> tuple[float, float]:
        """The x and z of a place that the camera sees at `right`, `away`."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return self.x + right * c + away * s, self.z - right * s + away * c


class Light(NamedTuple):
    """The light: where the sun stands (towards it, of length 1), its share, and the haze of the distance."""

    sun: Point
    share: float
    haze: Colour = (200, 210, 220)
    reach: float = math.inf


def _clipped(points: list[Point]) -> list[Point]:
    """The part of a polygon that lies before the camera."""
    if all(p[2] >= _NEAR for p in points):
        return points
    ahead = []
    for a, b in zip(points, points[1:] + points[:1], strict=True):
        if a[2] >= _NEAR:
            ahead.append(a)
        if (a[2] >= _NEAR) != (b[2] >= _NEAR):
            t = (_NEAR - a[2]) / (b[2] - a[2])
            ahead.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), _NEAR))
    return ahead


def _lit(face: Face, light: Light, away: float) -> tuple[int, int, int]:
    """The colour of a face in its light and distance."""
    factor = 1.0
    if face.solid:
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = face.points[:3]
        ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - bx, cy - by, cz - bz
        n = (uz * vy - uy * vz, ux * vz - uz * vx, uy * vx - ux * vy)
        length = math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) or 1.0
        cosine = (n[0] * light.sun[0] + n[1] * light.sun[1] + n[2] * light.sun[2]) / length
        factor = 1 + light.share * (cosine - 0.35 if cosine > 0 else 0.5 * cosine - 0.35)
    if light.reach == math.inf:
        return tuple(min(255, max(0, int(c * factor))) for c in face.colour)  # type: ignore[return-value]
    far = 1 - math.exp(-max(away, 0.0) / light.reach)
    mixed = (c * factor + (h - c * factor) * far for c, h in zip(face.colour, light.haze, strict=True))
    return tuple(min(255, max(0, int(c))) for c in mixed)  # type: ignore[return-value]


def _outside(flat: list[tuple[float, float]]) -> bool:
    """Whether a side of a solid is seen from outside."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(flat, flat[1:] + flat[:1], strict=True))
    return area < 0


def _beyond(across: list[float], side: int) -> bool:
    """Whether all lies well to the left or the right of the picture."""
    return bool(max(across) < -0.2 * side or min(across) > 1.2 * side)


class _Pens(NamedTuple):
    picture: ImageDraw.ImageDraw | None
    glaze: ImageDraw.ImageDraw | None
    index: ImageDraw.ImageDraw


def _draw(face: Face, mark: int, camera: Camera, light: Light, side: int, pens: _Pens) -> None:
    points = camera.view(face.points)
    away = sum(p[2] for p in points) / len(points)
    points = [p for p in points if p[2] >= _NEAR] if face.width else _clipped(points)
    if len(points) < (2 if face.width else 3):
        return
    f, h = camera.focal, camera.horizon
    flat = [(side * (0.5 + f * x / z), side * (h - f * y / z)) for x, y, z in points]
    if (face.solid and not _outside(flat)) or _beyond([p[0] for p in flat], side):
        return
    width = max(1, round(face.width * f / max(away, _NEAR) * side))
    for pen, fill in _fills(face, mark, light, away, pens):
        if face.width:
            pen.line(flat, fill=fill, width=width, joint="curve" if width > 3 else None)
        else:
            pen.polygon(flat, fill=fill)


def _fills(face: Face, mark: int, light: Light, away: float, pens: _Pens):
    if pens.picture is not None and pens.glaze is not None:
        colour = _lit(face, light, away)
        yield (pens.picture, colour) if face.alpha == 255 else (pens.glaze, (*colour, face.alpha))
    if face.alpha == 255:
        yield pens.index, mark


def _away(group: Group, camera: Camera) -> float:
    """How far away a piece is: the middle of its first two faces, a solid's front and back."""
    points = [p for face in group[:2] for p in face.points]
    return sum(p[2] for p in camera.view(points)) / len(points)


def depth_of(thing: Thing, camera: Camera) -> float:
    """How far away a thing is, for the order of painting."""
    if thing.depth is not None:
        return thing.depth
    return sum(_away(group, camera) for group in thing.groups) / len(thing.groups)


def paint(things: Sequence[Thing], camera: Camera, light: Light, side: int, picture: Image.Image | None) -> Image.Image:
    """Paints things, the farther ones first, onto a picture (changed in place) of `side` pixels.

    Returns:
        The map of instances of the same side: the place in `things` plus one. What nothing covers shows the thing that
        has no pieces (the sky), or 0. Without a picture, only the map is painted.
    """
    sky = next((place + 1 for place, thing in enumerate(things) if not thing.groups), 0)
    index = Image.new("L", (side, side), sky)
    pens = _Pens(
        None if picture is None else ImageDraw.Draw(picture),
        None if picture is None else ImageDraw.Draw(picture, "RGBA"),
        ImageDraw.Draw(index),
    )
    depths = [depth_of(thing, camera) for thing in things]
    for place in sorted(range(len(things)), key=lambda i: (things[i].layer, -depths[i])):
        groups = things[place].groups
        for group in sorted(groups, key=lambda g: -_away(g, camera)) if len(groups) > 1 else groups:
            for face in group:
                _draw(face, place + 1, camera, light, side, pens)
    return index
