"""Streets and landscapes: sky, ground, water, roads, and where things stand on them."""

import math

import numpy as np

from jxai.data.scenes_canvas import Camera, Colour, Face, Group, Light, Thing
from jxai.data.scenes_outdoors import OUTDOORS, bench, building, car, fence, streetlight, traffic_light, truck
from jxai.data.scenes_rooms import Layout, Spot
from jxai.data.scenes_solids import billboard, darker, lighter, oval, pick, put, shadow, tinted

__all__ = ["GROUNDS", "place"]

GROUNDS: dict[str, tuple[Colour, ...]] = {
    "sidewalk": ((164, 160, 154), (182, 172, 160), (150, 150, 154)), "grass": ((104, 144, 66), (124, 150, 76)),
    "earth": ((140, 114, 84), (156, 134, 106)), "sand": ((222, 200, 150), (232, 214, 172)),
    "field": ((196, 172, 92), (150, 150, 66), (176, 150, 80)),
}  # fmt: skip
"""The kinds of ground and their colours."""
_WATER: tuple[Colour, ...] = ((62, 116, 158), (80, 140, 164), (70, 104, 132))
_FAR = 900.0
_SIZES = {"tree": 1.3, "umbrella": 1.3, "boat": 2.6, "animal": 1.1, "bicycle": 0.9, "ball": 0.25, "rock": 1.1,
          "bench": 0.95, "streetlight": 0.5, "traffic light": 0.3}  # fmt: skip
_HEIGHTS = {"tree": 4.0, "umbrella": 2.4, "boat": 2.0, "animal": 1.5, "bicycle": 1.1, "ball": 0.4, "rock": 0.8,
            "bench": 0.95, "streetlight": 6.0, "traffic light": 3.7}  # fmt: skip
_AWAY = {"tree": (8, 34), "umbrella": (6, 13), "boat": (9, 30), "animal": (6, 15), "bicycle": (5, 11), "ball": (3.6, 7),
         "rock": (4.5, 16), "bench": (5, 10), "streetlight": (8, 26), "traffic light": (6, 12), "person": (4.2, 9)}  # fmt: skip


class _Land:
    """A landscape that is being furnished."""

    def __init__(self, kinds: dict[str, int], camera: Camera, rng: np.random.Generator):
        self.kinds, self.camera, self.rng = kinds, camera, rng
        self.things: list[Thing] = [Thing("sky", [], layer=0, depth=_FAR + 9)]
        self.spots: list[Spot] = []
        self.taken: list[tuple[float, float, float]] = []  # x, z, radius
        self.road: tuple[float, float] | None = None  # x from, to
        self.queue = [5.0, 5.0]  # how far the vehicles of the two lanes reach
        self.shore = _FAR  # what is farther away is water
        self.side = 0  # where there is water beside a road: -1 left, 1 right

    def add(self, kind: str, groups: list[Group], x: float, z: float, **options) -> None:
        """A thing at its place."""
        measures = options.pop("width", 2 * _SIZES.get(kind, 1.0)), options.pop("height", _HEIGHTS.get(kind, 1.0))
        self.spots.append(Spot(kind, len(self.things), x, z, options.pop("angle", 0.0), measures[0], 0.6, measures[1]))
        self.things.append(Thing(kind, groups, **options))
        self.taken.append((x, z, measures[0] / 2))

    def wet(self, x: float, z: float) -> bool:
        """Whether there is water."""
        return z > self.shore and (self.side == 0 or x * self.side > 0)

    def dry(self, kind: str, width: float, *, on_water: bool = False) -> tuple[float, float]:
        """A place in view that is free: beside the road, on land or on the water."""
        low, high = _AWAY[kind]
        if on_water:
            low = max(low, min(self.shore + 2.5, 24.0))
            high = low + 14
        elif self.shore < _FAR:
            high = max(low + 0.5, min(high, self.shore - 0.7))
        x = z = 0.0
        for attempt in range(24):
            away = low + (high - low) * self.rng.random() ** 1.5
            x, z = self.camera.world(self.rng.uniform(-0.46, 0.46) * away / self.camera.focal, away)
            if self.road and self.road[0] - 0.3 - width < x < self.road[1] + 0.3 + width:
                continue
            if self.wet(x, z) != on_water and attempt < 16:
                continue
            if all(abs(x / z - a / b) > 0.45 * (width / z + r / b) or abs(z - b) > 9 for a, b, r in self.taken):
                break
        if self.road and self.road[0] - width < x < self.road[1] + width:
            x = self.road[1] + width + 0.5 if self.rng.random() < 0.6 else self.road[0] - width - 0.5
        return x, z


def _bands(x0: float, x1: float, z0: float, z1: float, colour: Colour, y: float = 0.0) -> list[Face]:
    """A sheet on the ground in bands, each with the haze of its own distance."""
    edges = [z0, *(z for z in (4.0, 7.0, 11.0, 16.0, 24.0, 36.0, 55.0, 85.0, 140.0, 260.0) if z0 < z < z1), z1]
    return [_sheet(x0, x1, a, b, colour, y) for a, b in zip(edges, edges[1:], strict=False)]


def _sheet(x0: float, x1: float, z0: float, z1: float, colour: Colour, y: float = 0.0) -> Face:
    return Face([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], colour)


def _grounds(land: _Land) -> None:
    kinds, rng = land.kinds, land.rng
    base = next(kind for kind in kinds if kind in GROUNDS)
    colour = tinted(GROUNDS[base], rng, 8)
    faces = _bands(-_FAR, _FAR, -2, _FAR, colour)
    if base == "field":
        step = rng.uniform(0.9, 1.5)
        faces += [
            Face([(x * step, 0.01, 1), (x * step, 0.01, 70)], darker(colour, 0.8), width=0.35) for x in range(-22, 23)
        ]
    if base == "sidewalk":
        faces += [
            Face([(-30, 0.01, z), (30, 0.01, z)], darker(colour, 0.87), width=0.05) for z in np.arange(1.5, 16, 1.3)
        ]
        faces += [
            Face([(x, 0.01, 1), (x, 0.01, 24)], darker(colour, 0.87), width=0.05) for x in np.arange(-12, 13, 1.3)
        ]
    land.things.append(Thing(base, [faces], layer=0, depth=_FAR))
    land.spots.append(Spot(base, len(land.things) - 1, 0.0, 5.0, 0.0, 4.0, 4.0, 0.0))


def _path(land: _Land) -> None:
    """A paved path that winds away from the viewer."""
    rng, colour = land.rng, tinted(GROUNDS["sidewalk"], land.rng, 8)
    start, bend, wide = rng.uniform(-2.5, 2.5), rng.uniform(-0.25, 0.25), rng.uniform(0.9, 1.4)
    along = [(start + bend * z + 0.9 * math.sin(z * 0.16 + start), z) for z in np.linspace(1, 45, 23).tolist()]
    ends = [(x, z) for x, z in along if not land.wet(x, z)]
    edge = [(x - wide, 0.01, z) for x, z in ends] + [(x + wide, 0.01, z) for x, z in reversed(ends)]
    land.things.append(Thing("sidewalk", [[Face(edge, colour)]], layer=1, depth=_FAR - 3))
    land.spots.append(Spot("sidewalk", len(land.things) - 1, *along[3], 0.0, wide, 2.0, 0.0))


def _road(land: _Land) -> None:
    rng = land.rng
    wide, x0 = rng.uniform(6.5, 9.5), rng.uniform(-6.5, -2.0)
    x1, grey = x0 + wide, tinted(((92, 92, 96), (110, 108, 106), (78, 80, 86)), rng, 6)
    land.road = x0, x1
    faces = _bands(x0, x1, -2, _FAR, grey, 0.01)
    for x in (x0 + 0.35, x1 - 0.35):
        faces += _bands(x - 0.09, x + 0.09, -2, _FAR, (226, 224, 214), 0.012)
    middle = (x0 + x1) / 2
    faces += [
        _sheet(middle - 0.09, middle + 0.09, z, z + 2.6, (236, 232, 214), 0.012) for z in np.arange(2, 90, 5.5).tolist()
    ]
    if "traffic light" in land.kinds:
        z = rng.uniform(6, 9)
        faces += [
            _sheet(x, x + 0.45, z, z + 2.2, (230, 230, 226), 0.013) for x in np.arange(x0 + 0.6, x1 - 0.6, 0.9).tolist()
        ]
    land.things.append(Thing("road", [faces], layer=1, depth=_FAR - 2))
    land.spots.append(Spot("road", len(land.things) - 1, x0 + wide * 0.45, 7.0, 0.0, wide, 4.0, 0.0))


def _water(land: _Land) -> None:
    rng, kinds = land.rng, land.kinds
    colour = tinted(_WATER, rng, 8)
    land.side = int(pick((-1, 1), rng)) if land.road else 0
    pond = not land.road and rng.random() < 0.25
    land.shore = 8.0 if land.side else rng.uniform(7.0, 11.0)
    end = rng.uniform(34, 60) if pond else _FAR
    if land.side and land.road:
        edge = land.road[0] - 3.5 if land.side < 0 else land.road[1] + 3.5
        x = sorted((edge, land.side * _FAR))
        faces = _bands(x[0], x[1], land.shore, end, colour, 0.008)
    else:
        bends = [(x, land.shore + 0.9 * math.sin(0.31 * x + land.shore)) for x in np.linspace(-40, 40, 33).tolist()]
        near = [(-90.0, 0.008, land.shore), *((x, 0.008, z) for x, z in bends), (90.0, 0.008, land.shore)]
        faces = [Face([*near, (90.0, 0.008, land.shore + 2), (-90.0, 0.008, land.shore + 2)], colour)]
        faces += _bands(-_FAR, _FAR, land.shore + 1.5, end, colour, 0.008)
        if "sand" in kinds or "grass" in kinds:
            faces.append(Face([(x, 0.01, z + 0.2) for x, _, z in near[1:-1]], lighter(colour, 0.75), width=0.35))
        else:
            faces.append(Face([(x, 0.01, z) for x, _, z in near[1:-1]], (96, 88, 80), width=0.5))
    for _ in range(26):
        z = land.shore + 1 + rng.random() ** 2 * 40
        x, long = rng.uniform(-0.8, 0.8) * z, rng.uniform(0.3, 1.4) * (0.4 + z / 20)
        if land.wet(x, z) and z < end:
            tone = lighter(colour, rng.uniform(0.15, 0.4)) if rng.random() < 0.7 else darker(colour, 0.85)
            faces.append(Face([(x, 0.012, z), (x + long, 0.012, z)], tone, width=0.05 + z * 0.004))
    land.things.append(Thing("water", [faces], layer=0, depth=_FAR - 1))
    x = land.side * 14.0 if land.side else 0.0
    land.spots.append(Spot("water", len(land.things) - 1, x, land.shore + 3.2, 0.0, 8.0, 4.0, 0.0))


def _mountain(land: _Land) -> None:
    """Two ridges before the sky, with snow on what is high."""
    rng, faces = land.rng, []
    z, strength = 420.0, rng.uniform(0.7, 1.3)
    for layer, colour in enumerate(
        (tinted(((112, 126, 150), (124, 120, 138)), rng), tinted(((92, 112, 104), (106, 106, 96)), rng))
    ):
        z -= 60
        peaks = np.sort(rng.uniform(-330, 330, 5))
        heights = rng.uniform(50, 165, 5) * strength * (1.0 if layer == 0 else 0.55)
        for x, h in zip(peaks.tolist(), heights.tolist(), strict=True):
            w, lean = h * rng.uniform(0.9, 1.5), rng.uniform(-0.2, 0.2) * h
            outline = [
                (x - w, 0),
                (x - w * 0.5, h * 0.42),
                (x - w * 0.3, h * 0.74),
                (x + lean, h),
                (x + w * 0.35, h * 0.68),
                (x + w * 0.6, h * 0.36),
                (x + w, 0),
            ]
            faces.append(Face([(u, v, z) for u, v in outline], colour))
            shade = [
                (x + lean, h),
                (x + w * 0.35, h * 0.68),
                (x + w * 0.6, h * 0.36),
                (x + w, 0),
                (x + w * 0.1, 0),
                (x + lean * 0.4 - w * 0.06, h * 0.5),
            ]
            faces.append(Face([(u, v, z) for u, v in shade], darker(colour, 0.84)))
            if h > 90:
                cap = [
                    (x - w * 0.2, h * 0.82),
                    (x + lean, h),
                    (x + w * 0.22, h * 0.8),
                    (x + w * 0.08, h * 0.76),
                    (x + lean * 0.5, h * 0.83),
                    (x - w * 0.1, h * 0.75),
                ]
                faces.append(Face([(u, v, z) for u, v in cap], (244, 246, 250)))
    land.things.append(Thing("mountain", [faces], layer=0, depth=_FAR + 1))
    land.spots.append(Spot("mountain", len(land.things) - 1, 0.0, 8.0, 0.0, 9.0, 1.0, 20.0))


def _buildings(land: _Land, count: int) -> None:
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
            z = rng.uniform(20, 30) if land.shore == _FAR else rng.uniform(60, 75)
            scale = 1.0 if land.shore == _FAR else 2.4
            x = along * scale + w / 2
            along += w + rng.uniform(0.4, 4.0)
            land.add("building", put(groups, x, z), x, z, width=w, height=h)


def _vehicles(land: _Land, kind: str, count: int) -> None:
    rng, build = land.rng, car if kind == "car" else truck
    for k in range(count):
        if land.road:
            lane, long = int(rng.integers(2)), 8.5 if kind == "truck" else 5.0
            x = land.road[0] + (land.road[1] - land.road[0]) * (0.27 + 0.46 * lane)
            z = land.queue[lane] + long / 2 + rng.uniform(0.5, 5)
            land.queue[lane] = z + long / 2
            angle = -math.pi / 2 if lane else math.pi / 2  # the front away from the camera on the right
        else:
            x, z = land.camera.world(rng.uniform(-3.5, 3.5), rng.uniform(9, 15))
            angle = pick((0.0, math.pi), rng) + rng.normal(0, 0.25)
        groups = build(rng)
        land.add(kind, put(groups, x, z, angle), x, z, width=2.4, height=1.5, angle=angle)


def _fence(land: _Land) -> None:
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


def _singles(land: _Land, kind: str, count: int) -> None:
    for _ in range(count):
        x, z = land.dry(kind, _SIZES[kind], on_water=kind == "boat")
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
            dark = shadow(x, z, _SIZES[kind] * 0.8, _SIZES[kind] * 0.3, 40 if kind == "boat" else 70)
            land.things.append(Thing("", [dark], layer=2))
            land.add(kind, [flat], x, z, angle=0.0 if sign > 0 else math.pi)


def place(kinds: dict[str, int], rng: np.random.Generator) -> Layout:
    """A street or a landscape with these objects, so many of each."""
    camera = Camera(rng.uniform(-0.8, 0.8), rng.uniform(1.7, 2.6), 0.0, rng.uniform(-0.12, 0.12), rng.uniform(0.85, 1.05),
                    rng.uniform(0.38, 0.54))  # fmt: skip
    land = _Land(kinds, camera, rng)
    _grounds(land)
    for kind, make in (("road", _road), ("water", _water), ("mountain", _mountain)):
        if kind in kinds:
            make(land)
    if "sidewalk" in kinds and next(kind for kind in kinds if kind in GROUNDS) != "sidewalk":
        _path(land)
    _buildings(land, kinds.get("building", 0))
    for kind in ("truck", "car") if rng.random() < 0.5 else ("car", "truck"):
        _vehicles(land, kind, kinds.get(kind, 0))
    if "fence" in kinds:
        _fence(land)
    for kind in (
        "boat",
        "bench",
        "umbrella",
        "animal",
        "bicycle",
        "ball",
        "traffic light",
        "streetlight",
        "rock",
        "tree",
    ):
        _singles(land, kind, kinds.get(kind, 0))
    angle, high = rng.uniform(-1.2, 1.2), rng.uniform(0.45, 0.8)
    flat = math.sqrt(1 - high**2)
    haze = pick(((206, 218, 230), (214, 212, 208), (232, 214, 196)), rng)
    light = Light(
        (math.sin(angle) * flat, high, -math.cos(angle) * flat), rng.uniform(0.4, 0.65), haze, rng.uniform(160, 420)
    )
    free = [land.dry("person", 0.6) for _ in range(4)]
    return Layout(land.things, land.spots, camera, light, free)
