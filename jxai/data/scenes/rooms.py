"""Rooms: walls, floor and ceiling in perspective, and where the furniture stands and hangs."""

import math
from typing import NamedTuple

import numpy as np

from jxai.data.scenes.built import CLOTHS, Built
from jxai.data.scenes.canvas import Camera, Face, Light, Thing
from jxai.data.scenes.furniture import FURNITURE
from jxai.data.scenes.hangings import HANGINGS
from jxai.data.scenes.shell import shell
from jxai.data.scenes.solids import lighter, put, shadow, tinted
from jxai.data.wording import pick

__all__ = ["Layout", "Spot", "room"]

_FORCED = 14  # so many places are tried before things may stand before each other


class Spot(NamedTuple):
    """Where a thing is: its place in the list of things, the middle of its back, the way it looks, its measures."""

    kind: str
    place: int
    x: float
    z: float
    angle: float
    width: float
    depth: float
    height: float


class Layout(NamedTuple):
    """What is drawn: things, where they are, the camera and the light, and free places `(x, z)` for people."""

    things: list[Thing]
    spots: list[Spot]
    camera: Camera
    light: Light
    free: list[tuple[float, float]]


class _Room:
    """A room that is being furnished."""

    def __init__(self, rng: np.random.Generator, *, tiled: bool):
        self.rng, self.tiled = rng, tiled
        self.width, self.deep, self.high = rng.uniform(3.8, 4.6), rng.uniform(2.7, 3.5), rng.uniform(2.35, 2.7)
        self.taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
        self.centres: list[tuple[float, float, float]] = []
        self.things: list[Thing] = []
        self.spots: list[Spot] = []

    def add(self, kind: str, built: Built, x: float, z: float, angle: float = 0.0, y: float = 0.0, **options) -> None:
        """A thing at its place, with its shadow."""
        groups = put(built.groups, x, z, angle, y)
        if y == 0 and built.height > 0.2 and kind not in HANGINGS:
            dark = shadow(0, -built.depth / 2, built.width * 0.62, built.depth * 0.66, 46)
            self.things.append(Thing("", put([dark], x, z, angle), layer=2))
        self.spots.append(Spot(kind, len(self.things), x, z, angle, built.width, built.depth, built.height + y))
        self.things.append(Thing(kind, groups, **options))

    def _fits(self, wall: str, levels: tuple[str, ...], low: float, high: float) -> bool:
        spans = (span for level in levels for span in self.taken.get((wall, level), ()))
        return all(high <= a or low >= b for a, b in spans)

    def along(self, width: float, levels: tuple[str, ...], back: float = 0.62) -> tuple[float, float, float]:
        """A free place at a wall: x, z and the angle of what stands there."""
        low, high, wall = 0.0, 0.0, "back"
        for _ in range(_FORCED):
            wall = "back" if self.rng.random() < back else str(pick(("left", "right"), self.rng))
            first, last = (-self.width / 2, self.width / 2) if wall == "back" else (1.1, self.deep - 0.7)
            if last - first < width:
                wall, first, last = "back", -self.width / 2, self.width / 2
            middle = self.rng.uniform(first + width / 2, last - width / 2)
            low, high = middle - width / 2, middle + width / 2
            if self._fits(wall, levels, low, high):
                break
        for level in levels:
            self.taken.setdefault((wall, level), []).append((low - 0.04, high + 0.04))
        middle = (low + high) / 2
        if wall == "back":
            return middle, self.deep, 0.0
        return (-self.width / 2, middle, -math.pi / 2) if wall == "left" else (self.width / 2, middle, math.pi / 2)

    def centre(self, radius: float, first: float = 0.7) -> tuple[float, float]:
        """A place on the floor that is free, as far as there is one."""
        x = z = 0.0
        for _ in range(_FORCED):
            x = self.rng.uniform(-0.34, 0.34) * self.width
            z = self.rng.uniform(first, self.deep - 0.9)
            if all(math.hypot(x - a, z - b) > radius + r for a, b, r in self.centres):
                break
        self.centres.append((x, z, radius))
        return x, z


def _rug(room: _Room) -> None:
    rng = room.rng
    x, z, a, b = rng.uniform(-0.5, 0.5), rng.uniform(1.0, 1.7), rng.uniform(0.9, 1.4), rng.uniform(0.6, 0.9)
    colour, other = tinted(CLOTHS, rng), tinted(CLOTHS, rng)
    faces = [
        Face(
            [
                (x - a * s, 0.006, z - b * s),
                (x + a * s, 0.006, z - b * s),
                (x + a * s, 0.006, z + b * s),
                (x - a * s, 0.006, z + b * s),
            ],
            c,
        )
        for s, c in ((1.0, colour), (0.84, lighter(other, 0.3)), (0.74, colour), (0.3, other))
    ]
    room.spots.append(Spot("rug", len(room.things), x, z, 0.0, 2 * a, 2 * b, 0.01))
    room.things.append(Thing("rug", [faces], layer=1))


def _hang(room: _Room, kind: str) -> None:
    built = HANGINGS[kind](room.rng)
    levels = ("floor", "hang") if kind == "door" else ("hang",)
    x, z, angle = room.along(built.width, levels, 0.9 if kind == "blackboard" else 0.66)
    room.add(kind, built, x, z, angle, layer=2)


def _stand(room: _Room, kind: str) -> None:
    """A thing that stands at a wall."""
    built = FURNITURE[kind](room.rng)
    levels = ("floor", "hang") if built.height > 1.3 and kind != "lamp" else ("floor",)
    x, z, angle = room.along(built.width, levels, 0.62 if kind in ("chair", "cabinet", "plant", "lamp") else 0.85)
    if built.depth > 1:  # a bed reaches far into the room
        room.centres.append((x, z - 1.0 if angle == 0 else z, 0.9))
    room.add(kind, built, x, z, angle)


def _seats(room: _Room, count: int) -> int:
    """Chairs at tables and desks; returns how many are left."""
    for spot in [s for s in room.spots if s.kind in ("table", "desk")]:
        if count == 0:
            return 0
        c, s = math.cos(spot.angle), math.sin(spot.angle)
        sides = [(-0.3, -spot.depth - 0.42, math.pi)] if spot.kind == "desk" else [
            (-0.35, 0.38, 0.0), (0.35, 0.38, 0.0), (-spot.width / 2 - 0.4, -spot.depth / 2 + 0.25, -math.pi / 2),
            (spot.width / 2 + 0.4, -spot.depth / 2 + 0.25, math.pi / 2)]  # fmt: skip
        for u, v, turn in sides[:count]:
            built = FURNITURE["chair"](room.rng)
            room.add("chair", built, spot.x + u * c + v * s, spot.z - u * s + v * c, spot.angle + turn)
            count -= 1
    return count


def _loose(room: _Room, kind: str, count: int) -> None:
    """Tables and desks in the middle of the room, in rows where there are several."""
    for k in range(count):
        built = FURNITURE[kind](room.rng)
        if count == 1 and kind == "desk" and room.rng.random() < 0.5:
            _stand(room, kind)
            continue
        if kind == "desk" and count > 1:
            x, z = (k % 2 - 0.5) * 1.9 + room.rng.normal(0, 0.08), room.deep - 1.25 - (k // 2) * 1.15
            room.centres.append((x, z, 0.8))
        else:
            x, z = room.centre(0.9)
        room.add(kind, built, x, z + built.depth / 2, room.rng.normal(0, 0.06))


def _on_top(room: _Room, kind: str, count: int) -> None:
    """Computers and books on desks and tables, else on cabinets, beds, sofas or the floor."""
    order = ("desk", "table", "cabinet", "bed", "sofa") if kind == "book" else ("desk", "table", "cabinet")
    carriers = [s for name in order for s in room.spots if s.kind == name and s.height < 1.2][: max(count, 2)]
    for k in range(count):
        built = FURNITURE[kind](room.rng)
        if not carriers:
            x, z = room.centre(0.4)
            room.add(kind, built, x, z)
            continue
        spot = carriers[k % len(carriers)]
        side = (k // len(carriers) or (0.5 if kind == "book" else 0)) * spot.width * 0.55
        c, s, inside = math.cos(spot.angle), math.sin(spot.angle), -0.05 if spot.depth < 1 else -1.2
        x, z = spot.x + side * c + inside * s, spot.z - side * s + inside * c
        room.add(kind, built, x, z, spot.angle, y=0.56 if spot.kind in ("bed", "sofa") else spot.height)


def room(kinds: dict[str, int], rng: np.random.Generator) -> Layout:
    """A room with these objects, so many of each."""
    made = _Room(rng, tiled=bool({"stove", "sink", "refrigerator"} & set(kinds)))
    made.things += shell(made.width / 2, made.deep, made.high, made.tiled, rng)
    if "rug" in kinds:
        _rug(made)
    for kind in ("door", "blackboard"):
        for _ in range(kinds.get(kind, 0)):
            _hang(made, kind)
    for kind in ("bed", "sofa", "refrigerator", "bookcase", "stove", "sink", "television", "cabinet", "plant", "lamp"):
        for _ in range(kinds.get(kind, 0)):
            _stand(made, kind)
    for kind in ("window", "painting"):
        for _ in range(kinds.get(kind, 0)):
            _hang(made, kind)
    for kind in ("table", "desk"):
        _loose(made, kind, kinds.get(kind, 0))
    for _ in range(_seats(made, kinds.get("chair", 0))):
        x, z = made.centre(0.35)
        made.add("chair", FURNITURE["chair"](rng), x, z, rng.uniform(-1, 1))
    for kind in ("computer", "book"):
        _on_top(made, kind, kinds.get(kind, 0))
    yaw = rng.uniform(-0.24, 0.24)
    camera = Camera(-yaw * 4.0 + rng.normal(0, 0.15), rng.uniform(1.45, 1.75), -rng.uniform(1.0, 1.4), yaw,
                    rng.uniform(0.86, 1.0), rng.uniform(0.36, 0.44))  # fmt: skip
    angle = rng.uniform(-0.9, 0.9)
    sun = (math.sin(angle) * 0.55, 0.68, -math.cos(angle) * 0.48)
    free = [made.centre(0.4, first=1.3) for _ in range(4)]
    return Layout(made.things, made.spots, camera, Light(sun, rng.uniform(0.38, 0.6)), free)
