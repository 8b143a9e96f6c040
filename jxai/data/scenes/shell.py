"""The shell of a room: its walls, floor and ceiling."""

import numpy as np

from jxai.data.scenes.canvas import Colour, Face, Group, Thing
from jxai.data.scenes.solids import darker, lighter, tinted

__all__ = ["shell"]

_PAINT: tuple[Colour, ...] = ((226, 220, 206), (206, 214, 220), (220, 204, 180), (196, 208, 190), (222, 196, 190),
                              (186, 196, 212), (236, 232, 226))  # fmt: skip
_TILES: tuple[Colour, ...] = ((206, 204, 198), (186, 190, 192), (214, 200, 178))
_PLANKS: tuple[Colour, ...] = ((168, 124, 82), (136, 98, 68), (196, 164, 120), (150, 112, 80))


def shell(w: float, d: float, h: float, tiled: bool, rng: np.random.Generator) -> list[Thing]:
    """Walls, floor and ceiling.

    Args:
        w: Half the width of the room, in metres.
        d: Its depth.
        h: Its height.
        tiled: Whether it looks like a kitchen: mostly with tiles.
        rng: The source of randomness.
    """
    near = -4.0
    paint, floor = tinted(_PAINT, rng, 8), tinted(_TILES if tiled else _PLANKS, rng, 8)
    sides = {
        "back": [(-w, 0, d), (w, 0, d), (w, h, d), (-w, h, d)],
        "left": [(-w, 0, near), (-w, 0, d), (-w, h, d), (-w, h, near)],
        "right": [(w, 0, d), (w, 0, near), (w, h, near), (w, h, d)],
    }
    accent = tinted(_PAINT, rng) if rng.random() < 0.25 else paint
    walls: list[Group] = [
        [Face(points, accent if side == "back" else paint, solid=True)] for side, points in sides.items()
    ]
    for points, group in zip(sides.values(), walls, strict=True):
        (ax, _, az), (bx, _, bz) = points[:2]
        group.append(Face([(ax, 0, az), (bx, 0, bz), (bx, 0.1, bz), (ax, 0.1, az)], lighter(paint, 0.5), solid=True))
    boards: Group = [Face([(-w, 0, near), (w, 0, near), (w, 0, d), (-w, 0, d)], floor, solid=True)]
    if rng.random() < (0.15 if tiled else 0.85):
        step = rng.uniform(0.25, 0.5)
        lines = [[(x, 0.003, -1.5), (x, 0.003, d)] for x in np.arange(-w + step, w, step).tolist()]
    else:
        step = rng.uniform(0.5, 0.8)
        lines = [[(x, 0.003, -1.5), (x, 0.003, d)] for x in np.arange(-w + step, w, step).tolist()]
        lines += [[(-w, 0.003, z), (w, 0.003, z)] for z in np.arange(-1.4, d, step).tolist()]
    boards += [Face(line, darker(floor, 0.8), width=0.018) for line in lines]
    above: Group = [Face([(-w, h, d), (w, h, d), (w, h, near), (-w, h, near)], (218, 216, 210))]
    return [Thing("wall", walls, layer=0), Thing("floor", [boards], layer=0), Thing("ceiling", [above], layer=0)]
