"""People as flat figures, in the pose of what they do."""

from typing import NamedTuple

import numpy as np

from jxai.data.scenes.canvas import Camera, Colour, Group
from jxai.data.scenes.solids import billboard, darker, oval, pick, tinted

__all__ = ["Looks", "POSES", "draw_looks", "person"]

SHIRTS: dict[str, Colour] = {"red": (200, 44, 44), "blue": (48, 92, 190), "green": (56, 140, 70),
                             "yellow": (236, 196, 56), "white": (238, 236, 230), "black": (44, 44, 50)}  # fmt: skip
_SKINS: tuple[Colour, ...] = ((240, 200, 170), (224, 172, 132), (168, 116, 80), (112, 76, 54))
_HAIRS: tuple[Colour, ...] = ((40, 30, 26), (92, 60, 36), (190, 150, 84), (150, 146, 142), (140, 70, 36))
_TROUSERS: tuple[Colour, ...] = ((52, 66, 104), (60, 58, 60), (150, 130, 100), (96, 74, 58))
Line = list[tuple[float, float]]
Figure = list[tuple[Line, Colour, float]]


class Looks(NamedTuple):
    """How a person looks: what he is called, the name of the shirt's colour, the colours, and his size."""

    who: str
    shirt_name: str
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    scale: float


class _Pose(NamedTuple):
    """Joints `(u, v)` in metres: legs and arms as lines from the trunk outwards."""

    hip: tuple[float, float]
    neck: tuple[float, float]
    head: tuple[float, float]
    legs: tuple[Line, ...]
    arms: tuple[Line, ...]
    back: bool = False


_STAND: tuple[Line, ...] = ([(-0.09, 0.88), (-0.12, 0.0)], [(0.09, 0.88), (0.12, 0.0)])
_STEP: tuple[Line, ...] = ([(-0.02, 0.88), (-0.12, 0.46), (-0.36, 0.06)], [(0.02, 0.88), (0.2, 0.48), (0.28, 0.0)])
_SIT: tuple[Line, ...] = ([(-0.1, 0.52), (-0.14, 0.46), (-0.14, 0.0)], [(0.1, 0.52), (0.14, 0.46), (0.14, 0.0)])
_DOWN: tuple[Line, ...] = ([(-0.24, 1.36), (-0.31, 1.1), (-0.28, 0.84)], [(0.24, 1.36), (0.31, 1.1), (0.28, 0.84)])
_LOW: tuple[Line, ...] = ([(-0.24, 0.98), (-0.3, 0.74), (-0.1, 0.62)], [(0.24, 0.98), (0.3, 0.74), (0.1, 0.62)])
_UPRIGHT = ((0.0, 0.86), (0.0, 1.42), (0.0, 1.6))
_SEATED = ((0.0, 0.46), (0.0, 1.04), (0.0, 1.22))
POSES: dict[str, _Pose] = {
    "stand": _Pose(*_UPRIGHT, _STAND, _DOWN),
    "back": _Pose(*_UPRIGHT, _STAND, _DOWN, True),
    "walk": _Pose(
        (0, 0.86),
        (0.04, 1.42),
        (0.07, 1.6),
        _STEP,
        ([(-0.1, 1.36), (-0.26, 1.1), (-0.2, 0.9)], [(0.14, 1.36), (0.3, 1.12), (0.4, 0.98)]),
    ),
    "hike": _Pose(
        (0, 0.86),
        (0.08, 1.42),
        (0.11, 1.6),
        _STEP,
        ([(-0.1, 1.36), (-0.2, 1.1), (0.0, 0.9)], [(0.14, 1.36), (0.36, 1.16), (0.5, 1.0), (0.52, 0.0)]),
        True,
    ),
    "reach": _Pose(
        (0, 0.86),
        (0.06, 1.4),
        (0.1, 1.58),
        _STAND,
        ([(-0.08, 1.34), (0.16, 1.1), (0.44, 1.08)], [(0.2, 1.34), (0.32, 1.12), (0.58, 1.14)]),
    ),
    "reach up": _Pose(
        *_UPRIGHT, _STAND, ([(-0.24, 1.36), (-0.3, 1.1), (-0.26, 0.84)], [(0.22, 1.36), (0.42, 1.5), (0.56, 1.7)]), True
    ),
    "write": _Pose(
        *_UPRIGHT,
        _STAND,
        ([(-0.24, 1.36), (-0.32, 1.1), (-0.28, 0.84)], [(0.22, 1.36), (0.42, 1.42), (0.46, 1.7)]),
        True,
    ),
    "hold": _Pose(
        *_UPRIGHT, _STAND, ([(-0.24, 1.36), (-0.3, 1.12), (-0.12, 1.12)], [(0.24, 1.36), (0.3, 1.12), (0.12, 1.12)])
    ),
    "kick": _Pose(
        (0, 0.86),
        (-0.06, 1.42),
        (-0.06, 1.6),
        ([(-0.02, 0.88), (-0.08, 0.45), (-0.14, 0.0)], [(0.02, 0.88), (0.26, 0.56), (0.5, 0.24)]),
        ([(-0.2, 1.36), (-0.46, 1.26), (-0.6, 1.36)], [(0.12, 1.36), (0.34, 1.24), (0.52, 1.3)]),
    ),
    "sit front": _Pose(*_SEATED, _SIT, _LOW),
    "ride": _Pose(
        (-0.2, 0.92),
        (0.08, 1.44),
        (0.18, 1.62),
        ([(-0.18, 0.94), (0.12, 0.72), (-0.02, 0.3)], [(-0.16, 0.94), (0.2, 0.8), (0.04, 0.44)]),
        ([(0.06, 1.36), (0.24, 1.2), (0.46, 1.1)],),
    ),
    "swim": _Pose((-0.3, -0.12), (0.0, 0.06), (0.16, 0.2), (), ([(-0.05, 0.08), (0.2, 0.42), (0.5, 0.1)],)),
}
"""The joints of each pose of somebody 1.75 m tall."""


def draw_looks(rng: np.random.Generator) -> Looks:
    """How somebody looks."""
    who = str(rng.choice(("man", "woman", "boy", "girl"), p=(0.36, 0.36, 0.14, 0.14)))
    shirt = str(pick(list(SHIRTS), rng))
    scale = rng.uniform(0.96, 1.06) if who in ("man", "woman") else rng.uniform(0.72, 0.8)
    return Looks(who, shirt, tinted(_SKINS, rng, 5), tinted(_HAIRS, rng, 5), tinted([SHIRTS[shirt]], rng, 4),
                 tinted(_TROUSERS, rng, 8), float(scale))  # fmt: skip


def _trunk(pose: _Pose) -> Line:
    (hx, hy), (nx, ny) = pose.hip, pose.neck
    wide = 0.2 if abs(hy - ny) > 0.3 else 0.1
    return [(hx - wide * 0.85, hy - 0.03), (hx + wide * 0.85, hy - 0.03), (nx + wide * 1.2, ny - 0.06),
            (nx + 0.08, ny + 0.02), (nx - 0.08, ny + 0.02), (nx - wide * 1.2, ny - 0.06)]  # fmt: skip


def _head(pose: _Pose, looks: Looks) -> Figure:
    """Neck, head and hair; long hair falls beside the face, and over a back."""
    u, v = pose.head
    head: Figure = [([(u - 0.03, v - 0.2), (u, v)], looks.skin, 0.1)]
    if looks.who in ("woman", "girl"):
        sides = ((-0.17, 0.17),) if pose.back else ((-0.19, -0.09), (0.09, 0.19))
        head += [
            ([(u + a, v + 0.06), (u + a, v - 0.28), (u + b, v - 0.28), (u + b, v + 0.06)], looks.hair, 0.0)
            for a, b in sides
        ]
    head.append((oval(u, v, 0.13, 0.155), looks.hair if pose.back else looks.skin, 0.0))
    if not pose.back:
        cap = ((-0.15, -0.01), (-0.1, 0.06), (0.1, 0.07), (0.15, 0.01), (0.12, 0.15), (0.0, 0.2), (-0.12, 0.15))
        head.append(([(u + a, v + b) for a, b in cap], looks.hair, 0.0))
    return head


def figure(pose: str, looks: Looks) -> Figure:
    """The outlines of somebody in a pose."""
    joints = POSES[pose]
    outlines: Figure = []
    for leg in joints.legs:
        outlines += [
            (leg, looks.trousers, 0.16),
            ([leg[-1], (leg[-1][0] + 0.08, leg[-1][1] + 0.02)], (40, 34, 32), 0.1),
        ]
    outlines.append((_trunk(joints), looks.shirt, 0.0))
    for arm in joints.arms:
        outlines += [(arm[:3], darker(looks.shirt, 0.86), 0.11), (arm[1:3], looks.skin, 0.08)]
        outlines += [(arm[2:], (120, 90, 60), 0.04)] if len(arm) > 3 else []
    return [*outlines, *_head(joints, looks)]


def person(
    pose: str, looks: Looks, camera: Camera, x: float, z: float, *, y: float = 0.0, mirrored: bool = False
) -> Group:
    """Somebody in a pose at a place, looking at the camera or to the side."""
    sign = -1 if mirrored else 1
    flat = [([(sign * u, v) for u, v in outline], colour, width) for outline, colour, width in figure(pose, looks)]
    return billboard(flat, camera, x, z, y=y, scale=looks.scale)
