"""People brought to where they do what they do."""

import math
from typing import NamedTuple

import numpy as np

from jxai.data.scenes.activities import ACTIVITIES
from jxai.data.scenes.built import CLOTHS
from jxai.data.scenes.canvas import Camera, Face, Group, Thing, depth_of
from jxai.data.scenes.ground import GROUNDS
from jxai.data.scenes.people import Looks, draw_looks, person
from jxai.data.scenes.rooms import Layout, Spot
from jxai.data.scenes.solids import billboard, box, darker, oval, put, shadow, tinted
from jxai.data.wording import pick

__all__ = ["Staged", "stage"]

_RAISED = {"sofa": 0.1, "bench": 0.06, "umbrella": -0.3, "boat": 0.35, "bicycle": 0.0}
_SMALL = {"ball": 0.35, "plant": 0.35, "traffic light": 0.6, "streetlight": 0.6}  # how far beside it one stands


class Staged(NamedTuple):
    """All things, with the people; who is the one that does something, and which things it involves (places)."""

    things: list[Thing]
    actor: int | None
    involved: tuple[int, ...]
    looks: dict[int, Looks]


def _local(spot: Spot, u: float, v: float) -> tuple[float, float]:
    """A place beside a thing: to its right, behind it."""
    c, s = math.cos(spot.angle), math.sin(spot.angle)
    return spot.x + u * c + v * s, spot.z - u * s + v * c


def _lying(looks: Looks, spot: Spot) -> list[Group]:
    """Somebody in a bed, the cover over his legs."""
    x = -0.22 if spot.width > 1.5 else 0.0
    head = [(x + u, 0.74 + v) for u, v in oval(0, 0, 0.15, 0.15)]
    body = box(x - 0.3, x + 0.3, 0.5, 0.74, -1.25, -0.52, looks.shirt)
    legs = box(x - 0.24, x + 0.24, 0.52, 0.7, -1.75, -1.25, darker(looks.shirt, 0.75))
    face = [Face([(u, v, -0.46) for u, v in head], looks.skin)]
    face.append(Face([(x + u, 0.82 + v, -0.46) for u, v in oval(0, 0, 0.15, 0.08)], looks.hair))
    return put([body, legs, face], spot.x, spot.z, spot.angle)


def _book(camera: Camera, x: float, z: float, looks: Looks, rng: np.random.Generator) -> Group:
    """An open book in the hands of somebody."""
    cover, v = tinted(CLOTHS, rng, 20), 1.12
    pages = [([(0, v + 0.0), (0.2, v + 0.06), (0.2, v + 0.3), (0, v + 0.24)], (246, 242, 230)),
             ([(-0.2, v + 0.06), (0, v + 0.0), (0, v + 0.24), (-0.2, v + 0.3)], (228, 222, 206))]  # fmt: skip
    outline = [(-0.25, v + 0.02), (0, v - 0.05), (0.25, v + 0.02), (0.25, v + 0.3), (0, v + 0.24), (-0.25, v + 0.3)]
    return billboard([(outline, cover, 0.0), *((p, c, 0.0) for p, c in pages)], camera, x, z, scale=looks.scale)


def _nearest(layout: Layout, kind: str, to: tuple[float, float] | None) -> Spot:
    """The thing of a kind that is nearest to a place, or to the middle of the picture."""
    spots = [spot for spot in layout.spots if spot.kind == kind]
    if to is not None:
        return min(spots, key=lambda s: math.hypot(s.x - to[0], s.z - to[1]))
    return min(spots, key=lambda s: abs((v := layout.camera.view([(s.x, 0.0, s.z)])[0])[0] / max(v[2], 0.5)))


class _Place(NamedTuple):
    """Where somebody is, whether he looks the other way, and when he is painted (None: by his distance)."""

    x: float
    z: float
    y: float = 0.0
    mirrored: bool = False
    depth: float | None = None


def _in_the_open(spot: Spot, layout: Layout, side: int, rng: np.random.Generator) -> _Place:
    """On the ground, on a road or in the water; before mountains."""
    x, z = spot.x + rng.uniform(-1.5, 1.5), spot.z + rng.uniform(-1.2, 0.6)
    if spot.kind not in ("road", "water"):
        on_path = spot.kind == "sidewalk" and spot.depth < 3
        x, z = (spot.x, spot.z) if on_path else layout.free[0]
    return _Place(x, z, mirrored=side < 0)


def _on(spot: Spot, layout: Layout, side: int) -> _Place:
    """On a seat, under an umbrella, on a bicycle, in a boat: painted right after it."""
    after = depth_of(layout.things[spot.place], layout.camera) - 0.02
    if spot.kind in ("bicycle", "boat"):
        return _Place(spot.x, spot.z, _RAISED[spot.kind], abs(spot.angle) > 1, after)
    back = -0.05 if spot.kind == "umbrella" else -0.5
    return _Place(*_local(spot, side * 0.24 * spot.width, back), _RAISED[spot.kind], False, after)


def _before(spot: Spot, side: int) -> _Place:
    """Before a thing, a little to its side, so that it is seen."""
    far = {"television": 1.0, "computer": 0.62}.get(spot.kind, 0.4)
    return _Place(*_local(spot, side * min(0.42, 0.4 * spot.width), -spot.depth - far), mirrored=side > 0)


def _beside(spot: Spot, layout: Layout, side: int) -> _Place:
    """Beside a thing, turned to it, on its side that is nearer to the middle of the picture."""
    across = layout.camera.view([(spot.x, 0.0, spot.z)])[0][0]
    side = -1 if across > 0.6 else 1 if across < -0.6 else side
    if spot.kind in ("animal", "car"):
        x, z = spot.x + side * (spot.width / 2 + 0.6), spot.z - 0.25
    elif spot.kind == "fence":
        x, z = _local(spot, 0.0, -0.4)
    elif abs(spot.angle) > 1:  # at a side wall: before it
        x, z = _local(spot, 0.0, -0.45 if spot.kind == "plant" else -spot.depth - 0.45)
        return _Place(x, z - 0.35, mirrored=spot.angle < 0)
    elif spot.kind in _SMALL:
        x, z = _local(spot, side * (spot.width / 2 + _SMALL[spot.kind]), -0.25)
    else:
        x, z = _local(spot, side * (spot.width / 2 + 0.28), -spot.depth - 0.25)
    return _Place(x, z, mirrored=x > spot.x)


def _where(spot: Spot, how: str, layout: Layout, rng: np.random.Generator) -> _Place:
    """Where somebody does something with a thing."""
    side = int(pick((-1, 1), rng))
    if spot.kind in (*GROUNDS, "road", "water", "mountain"):
        return _in_the_open(spot, layout, side, rng)
    if how == "behind":
        return _Place(*_local(spot, side * 0.2, 0.28), 0.05)
    if how == "on":
        return _on(spot, layout, side)
    return _before(spot, side) if how == "before" else _beside(spot, layout, side)


def stage(
    layout: Layout, kinds: dict[str, int], doing: tuple[str, tuple[str, ...]] | None, rng: np.random.Generator
) -> Staged:
    """Adds the people of a scene: one who does something, if there is something to do, and others who stand about.

    Args:
        layout: What is there already.
        kinds: How many there are of each object.
        doing: The activity and the objects that it takes.
        rng: The source of randomness.
    """
    things, looks, actor, involved = list(layout.things), {}, None, ()
    free = layout.free[1:]
    for k in range(kinds.get("person", 0)):
        one = draw_looks(rng)
        if k == 0 and doing is not None:
            actor, involved = _act(things, layout, doing, one, rng)
            looks[actor] = one
            continue
        x, z = free[k % len(free)]
        looks[len(things)] = one
        pose = pick(("stand", "walk"), rng)
        things.append(Thing("person", [person(pose, one, layout.camera, x, z, mirrored=rng.random() < 0.5)]))
    return Staged(things, actor, involved, looks)


def _act(
    things: list[Thing], layout: Layout, doing: tuple[str, tuple[str, ...]], one: Looks, rng: np.random.Generator
) -> tuple[int, tuple[int, ...]]:
    """Adds the one who does something; returns its place and those of the things that it involves."""
    activity, needs = ACTIVITIES[doing[0]], doing[1]
    if activity.place == "with":  # what is held is not there before
        x, z = layout.free[0]
        things.append(Thing("person", [person(activity.pose, one, layout.camera, x, z)]))
        depth = depth_of(things[-1], layout.camera) - 0.02
        things.append(Thing(needs[0], [_book(layout.camera, x, z, one, rng)], depth=depth))
        return len(things) - 2, (len(things) - 1,)
    first = _nearest(layout, needs[0], None)
    involved = [first.place, *(_nearest(layout, kind, (first.x, first.z)).place for kind in needs[1:])]
    if activity.pose == "lie":
        depth = depth_of(things[first.place], layout.camera) - 0.02
        things.append(Thing("person", _lying(one, first), depth=depth))
        return len(things) - 1, tuple(involved)
    where = _where(first, activity.place, layout, rng)
    if where.y == 0 and activity.pose != "swim":
        things.append(Thing("", [shadow(where.x, where.z, 0.32, 0.2, 60)], layer=2))
    figure = person(activity.pose, one, layout.camera, where.x, where.z, y=where.y, mirrored=where.mirrored)
    things.append(Thing("person", [figure], depth=where.depth))
    return len(things) - 1, tuple(involved)
