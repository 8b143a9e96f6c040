"""Streets and landscapes: where things stand on the ground."""

import math

import numpy as np

from jxai.data.scenes.buildings import bench, building, fence, streetlight, traffic_light
from jxai.data.scenes.canvas import Camera, Light, Thing
from jxai.data.scenes.ground import lay_ground
from jxai.data.scenes.land import FAR, SIZES, Land
from jxai.data.scenes.outdoors import OUTDOORS
from jxai.data.scenes.rooms import Layout, Spot
from jxai.data.scenes.solids import billboard, put, shadow
from jxai.data.scenes.vehicles import car, truck
from jxai.data.wording import pick

__all__ = ["place"]

_LOOSE = ("boat", "bench", "umbrella", "animal", "bicycle", "ball", "traffic light", "streetlight", "rock", "tree")


def _buildings(land: Land, count: int) -> None:
    """Houses along the road, or side by side in the distance."""
    rng = land.rng
    tall = rng.random() < (0.0 if "sidewalk" not in land.kinds else 0.8 if land.road else 0.35)
    rows = {-1: rng.uniform(7, 12), 1: rng.uniform(7, 12)}
    along = rng.uniform(-16, -4)
    for k in range(count):
        groups, w, h = building(rng, tall=tall and rng.random() < 0.85)
        if land.road and not (land.side and land.side == (-1 if k % 2 else 1)):
            side = -1 if k % 2 else 1
            x = land.road[0] - 3.0 if side < 0 else land.road[1] + 3.0
            z = rows[side] + w / 2
            rows[side] += w + rng.uniform(0.3, 1.5)
            land.add(
                "building", put(groups, x, z, side * math.pi / 2), x, z, width=w, height=h, angle=side * math.pi / 2
            )
        else:
            z = rng.uniform(20, 30) if land.shore == FAR else rng.uniform(60, 75)
            scale = 1.0 if land.shore == FAR else 2.4
            x = along * scale + w / 2
            along += w + rng.uniform(0.4, 4.0)
            land.add("building", put(groups, x, z), x, z, width=w, height=h)


def _vehicles(land: Land, kind: str, count: int) -> None:
    rng, build = land.rng, car if kind == "car" else truck
    for _ in range(count):
        if land.road:
            lane, long = int(rng.integers(2)), 8.5 if kind == "truck" else 5.0
            x = land.road[0] + (land.road[1] - land.road[0]) * (0.27 + 0.46 * lane)
            z = land.queue[lane] + long / 2 + rng.uniform(0.5, 5)
            land.queue[lane] = z + long / 2
            angle = -math.pi / 2 if lane else math.pi / 2  # the front away from the camera on the right
        else:
            far = min(15.0, land.shore - 1.6)
            x, z = land.camera.world(rng.uniform(-3.5, 3.5), rng.uniform(min(9.0, far), far))
            angle = pick((0.0, math.pi), rng) + rng.normal(0, 0.25)
        groups = build(rng)
        land.add(kind, put(groups, x, z, angle), x, z, width=2.4, height=1.5, angle=angle)


def _fence(land: Land) -> None:
    rng = land.rng
    if land.road:
        x = land.road[1] + 1.0 if rng.random() < 0.5 else land.road[0] - 1.0
        a, b = (x, 3.0), (x + 0.3, 45.0)
    else:
        z = min(rng.uniform(7, 14), land.shore - 0.6)
        a, b = (-11.0, z + rng.uniform(-1, 1)), (11.0, z + rng.uniform(-1, 1))
    t = rng.uniform(0.25, 0.6) if not land.road else 0.12
    x, z = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
    land.spots.append(Spot("fence", len(land.things), x, z, 0.0, 1.2, 0.2, 1.1))
    land.things.append(Thing("fence", fence(a, b, rng), depth=max(a[1], b[1]) if not land.road else 24.0))


def _singles(land: Land, kind: str, count: int) -> None:
    for _ in range(count):
        x, z = land.dry(kind, SIZES[kind], on_water=kind == "boat")
        if kind == "bench":
            land.add(kind, put(bench(land.rng), x, z, land.rng.normal(0, 0.2)), x, z)
        elif kind in ("streetlight", "traffic light"):
            if land.road:
                side = int(pick((0, 1), land.rng))
                x = land.road[side] + (1.0 if side else -1.0)
            made = streetlight(land.rng) if kind == "streetlight" else traffic_light(land.rng)
            turn = math.pi if kind == "streetlight" and x > 0 else 0.0
            land.add(kind, put(made, x, z, turn), x, z)
        else:
            sign = 1 if land.rng.random() < 0.5 else -1
            figure = [
                ([(sign * u, v) for u, v in line], colour, width) for line, colour, width in OUTDOORS[kind](land.rng)
            ]
            flat = billboard(figure, land.camera, x, z, y=-0.1 if kind == "boat" else 0.0)
            dark = shadow(x, z, SIZES[kind] * 0.8, SIZES[kind] * 0.3, 40 if kind == "boat" else 70)
            land.things.append(Thing("", [dark], layer=2))
            land.add(kind, [flat], x, z, angle=0.0 if sign > 0 else math.pi)


def place(kinds: dict[str, int], rng: np.random.Generator) -> Layout:
    """A street or a landscape with these objects, so many of each."""
    camera = Camera(
        rng.uniform(-0.8, 0.8),
        rng.uniform(1.7, 2.6),
        0.0,
        rng.uniform(-0.12, 0.12),
        rng.uniform(0.85, 1.05),
        rng.uniform(0.38, 0.54),
    )
    land = Land(kinds, camera, rng)
    lay_ground(land)
    _buildings(land, kinds.get("building", 0))
    for kind in ("truck", "car") if rng.random() < 0.5 else ("car", "truck"):
        _vehicles(land, kind, kinds.get(kind, 0))
    if "fence" in kinds:
        _fence(land)
    for kind in _LOOSE:
        _singles(land, kind, kinds.get(kind, 0))
    angle, high = rng.uniform(-1.2, 1.2), rng.uniform(0.45, 0.8)
    flat = math.sqrt(1 - high**2)
    haze = pick(((206, 218, 230), (214, 212, 208), (232, 214, 196)), rng)
    light = Light(
        (math.sin(angle) * flat, high, -math.cos(angle) * flat), rng.uniform(0.4, 0.65), haze, rng.uniform(160, 420)
    )
    free = [land.dry("person", 0.6) for _ in range(4)]
    return Layout(land.things, land.spots, camera, light, free)
