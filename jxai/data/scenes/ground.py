"""The ground of a landscape: grass, sand, roads, paths, water, and the mountains behind."""

import math

import numpy as np

from jxai.data.scenes.canvas import Colour, Face, Thing
from jxai.data.scenes.land import FAR, Land
from jxai.data.scenes.rooms import Spot
from jxai.data.scenes.solids import darker, lighter, tinted
from jxai.data.wording import pick

__all__ = ["GROUNDS", "lay_ground"]

GROUNDS: dict[str, tuple[Colour, ...]] = {
    "sidewalk": ((164, 160, 154), (182, 172, 160), (150, 150, 154)), "grass": ((104, 144, 66), (124, 150, 76)),
    "earth": ((140, 114, 84), (156, 134, 106)), "sand": ((222, 200, 150), (232, 214, 172)),
    "field": ((196, 172, 92), (150, 150, 66), (176, 150, 80)),
}  # fmt: skip
"""The kinds of ground and their colours."""
_WATER: tuple[Colour, ...] = ((62, 116, 158), (80, 140, 164), (70, 104, 132))


def _bands(x0: float, x1: float, z0: float, z1: float, colour: Colour, y: float = 0.0) -> list[Face]:
    """A sheet on the ground in bands, each with the haze of its own distance."""
    edges = [z0, *(z for z in (4.0, 7.0, 11.0, 16.0, 24.0, 36.0, 55.0, 85.0, 140.0, 260.0) if z0 < z < z1), z1]
    return [_sheet(x0, x1, a, b, colour, y) for a, b in zip(edges, edges[1:], strict=False)]


def _sheet(x0: float, x1: float, z0: float, z1: float, colour: Colour, y: float = 0.0) -> Face:
    return Face([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], colour)


def _grounds(land: Land) -> None:
    kinds, rng = land.kinds, land.rng
    base = next(kind for kind in kinds if kind in GROUNDS)
    colour = tinted(GROUNDS[base], rng, 8)
    faces = _bands(-FAR, FAR, -2, FAR, colour)
    if base == "field":
        step = rng.uniform(0.9, 1.5)
        faces += [
            Face([(x * step, 0.01, 1), (x * step, 0.01, 70)], darker(colour, 0.8), width=0.35) for x in range(-22, 23)
        ]
    if base == "sidewalk":
        joint = darker(colour, 0.87)
        lines = [[(-30, 0.01, z), (30, 0.01, z)] for z in np.arange(1.5, 16, 1.3).tolist()]
        lines += [[(x, 0.01, 1), (x, 0.01, 24)] for x in np.arange(-12, 13, 1.3).tolist()]
        faces += [Face(line, joint, width=0.05) for line in lines]
    land.things.append(Thing(base, [faces], layer=0, depth=FAR))
    land.spots.append(Spot(base, len(land.things) - 1, 0.0, 5.0, 0.0, 4.0, 4.0, 0.0))


def _path(land: Land) -> None:
    """A paved path that winds away from the viewer."""
    rng, colour = land.rng, tinted(GROUNDS["sidewalk"], land.rng, 8)
    start, bend, wide = rng.uniform(-2.5, 2.5), rng.uniform(-0.25, 0.25), rng.uniform(0.9, 1.4)
    along = [(start + bend * z + 0.9 * math.sin(z * 0.16 + start), z) for z in np.linspace(1, 45, 23).tolist()]
    ends = [(x, z) for x, z in along if not land.wet(x, z)]
    edge = [(x - wide, 0.01, z) for x, z in ends] + [(x + wide, 0.01, z) for x, z in reversed(ends)]
    land.things.append(Thing("sidewalk", [[Face(edge, colour)]], layer=1, depth=FAR - 3))
    land.spots.append(Spot("sidewalk", len(land.things) - 1, *along[3], 0.0, wide, 2.0, 0.0))


def _road(land: Land) -> None:
    rng = land.rng
    wide, x0 = rng.uniform(6.5, 9.5), rng.uniform(-6.5, -2.0)
    x1, grey = x0 + wide, tinted(((92, 92, 96), (110, 108, 106), (78, 80, 86)), rng, 6)
    land.road = x0, x1
    faces = _bands(x0, x1, -2, FAR, grey, 0.01)
    for x in (x0 + 0.35, x1 - 0.35):
        faces += _bands(x - 0.09, x + 0.09, -2, FAR, (226, 224, 214), 0.012)
    middle = (x0 + x1) / 2
    faces += [
        _sheet(middle - 0.09, middle + 0.09, z, z + 2.6, (236, 232, 214), 0.012) for z in np.arange(2, 90, 5.5).tolist()
    ]
    if "traffic light" in land.kinds:
        z = rng.uniform(6, 9)
        faces += [
            _sheet(x, x + 0.45, z, z + 2.2, (230, 230, 226), 0.013) for x in np.arange(x0 + 0.6, x1 - 0.6, 0.9).tolist()
        ]
    land.things.append(Thing("road", [faces], layer=1, depth=FAR - 2))
    land.spots.append(Spot("road", len(land.things) - 1, x0 + wide * 0.45, 7.0, 0.0, wide, 4.0, 0.0))


def _water(land: Land) -> None:
    rng, kinds = land.rng, land.kinds
    colour = tinted(_WATER, rng, 8)
    land.side = int(pick((-1, 1), rng)) if land.road else 0
    pond = not land.road and rng.random() < 0.25
    land.shore = 8.0 if land.side else rng.uniform(7.0, 11.0)
    far = 57.0 if "building" in kinds and not land.road else FAR  # what is built in the distance stands on a shore
    end = rng.uniform(34, 57) if pond else far
    if land.side and land.road:
        edge = land.road[0] - 3.5 if land.side < 0 else land.road[1] + 3.5
        x = sorted((edge, land.side * FAR))
        faces = _bands(x[0], x[1], land.shore, end, colour, 0.008)
    else:
        bends = [(x, land.shore + 0.9 * math.sin(0.31 * x + land.shore)) for x in np.linspace(-40, 40, 33).tolist()]
        near = [(-90.0, 0.008, land.shore), *((x, 0.008, z) for x, z in bends), (90.0, 0.008, land.shore)]
        faces = [Face([*near, (90.0, 0.008, land.shore + 2), (-90.0, 0.008, land.shore + 2)], colour)]
        faces += _bands(-FAR, FAR, land.shore + 1.5, end, colour, 0.008)
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
    land.things.append(Thing("water", [faces], layer=0, depth=FAR - 1))
    x = land.side * 14.0 if land.side else 0.0
    land.spots.append(Spot("water", len(land.things) - 1, x, land.shore + 3.2, 0.0, 8.0, 4.0, 0.0))


def _mountain(land: Land) -> None:
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
    land.things.append(Thing("mountain", [faces], layer=0, depth=FAR + 1))
    land.spots.append(Spot("mountain", len(land.things) - 1, 0.0, 8.0, 0.0, 9.0, 1.0, 20.0))


def lay_ground(land: Land) -> None:
    """The ground of a landscape, with all that lies on it or behind it."""
    _grounds(land)
    for kind, make in (("road", _road), ("water", _water), ("mountain", _mountain)):
        if kind in land.kinds:
            make(land)
    if "sidewalk" in land.kinds and next(kind for kind in land.kinds if kind in GROUNDS) != "sidewalk":
        _path(land)
