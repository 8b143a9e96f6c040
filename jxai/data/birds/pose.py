"""The pose of a bird: what it does, how it holds itself, and the frames in which its parts are drawn.

Local coordinates: x to the right, y down, one body length is 1, the bird faces right. `place` brings them into the
image.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from jxai.data.birds.builds import Build

__all__ = ["Frame", "POSES", "Pose", "body_frame", "draw_pose", "head_frame", "place"]

POSES = ("perched", "standing", "flying", "swimming", "clinging")


class Pose(NamedTuple):
    """How one bird holds itself. Angles in degrees; `side` is +1 where it faces right, -1 where left."""

    kind: str
    side: int
    posture: float
    tilt: float
    head: float
    neck: tuple[float, float]
    depth: float
    wing: float
    tail: float
    stride: float
    extent: float
    shift: tuple[float, float]


_EXTENT = {"very_small": 0.68, "small": 0.75, "medium": 0.81, "large": 0.87, "very_large": 0.93}


def draw_pose(build: Build, size: str, rng: np.random.Generator) -> Pose:
    """A pose that birds of this body plan take. The larger the species, the more of the image it fills."""
    weights = np.array(build.poses) / sum(build.poses)
    kind = POSES[int(np.searchsorted(np.cumsum(weights), rng.random()))]
    flying = kind == "flying"
    posture = build.posture * (0.3 if flying and build.shape != "hummingbird-like" else 1.0)
    angle = build.neck[1] * (0.55 if flying else 1.0)
    return Pose(
        kind=kind,
        side=1 if rng.random() < 0.5 else -1,
        posture=posture + rng.normal(0, 5),
        tilt=float(rng.uniform(-12, 12)) if flying else float(rng.uniform(-4, 4)),
        head=float(rng.normal(0, 9)),
        neck=(build.neck[0] * float(rng.uniform(0.85, 1.2)), angle + float(rng.normal(0, 6))),
        depth=build.depth * float(rng.uniform(0.92, 1.1)),
        wing=float(rng.uniform(88, 132) if rng.random() < 0.7 else rng.uniform(-118, -80)),
        tail=float(rng.normal(0, 6)),
        stride=float(rng.uniform(-0.06, 0.08)),
        extent=_EXTENT[size.split("_(")[0]] * float(rng.uniform(0.92, 1.05)),
        shift=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
    )


class Frame(NamedTuple):
    """A place and two directions: `forward` along a part, `up` across it; `unit` is its length in body lengths."""

    origin: np.ndarray
    forward: np.ndarray
    up: np.ndarray
    unit: float = 1.0

    def at(self, *points: Sequence[float] | np.ndarray) -> np.ndarray:
        """Points of this frame in local coordinates, `[n, 2]`."""
        grid = np.asarray(points, np.float64) * self.unit
        return self.origin + grid[:, :1] * self.forward + grid[:, 1:] * self.up

    def turned(self, origin: np.ndarray, degrees: float, unit: float = 1.0) -> "Frame":
        """A frame at another place, turned upwards against this one."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return Frame(origin, c * self.forward + s * self.up, c * self.up - s * self.forward, unit)


_LEVEL = Frame(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, -1.0]))


def body_frame(pose: Pose) -> Frame:
    """The frame of the body: forward from the rump (0) to the chest (1), up to the back."""
    return _LEVEL.turned(np.zeros(2), pose.posture)


def head_frame(pose: Pose, build: Build, body: Frame) -> Frame:
    """The frame of the head: its centre, forward to the bill; one unit is the radius of the head."""
    length, angle = pose.neck
    base = body.at((0.84, 0.18 * pose.depth))[0]
    r = math.radians(angle)
    centre = base + (length + 0.35 * build.head) * np.array([math.cos(r), -math.sin(r)])
    return _LEVEL.turned(centre, pose.head, build.head)


def place(points: np.ndarray, pose: Pose):
    """The map from local coordinates to the image's (0..1), for a bird whose outline is `points`.

    The bird is mirrored to the side that it faces, tilted, scaled so that its longer extent is the pose's, and shifted
    within what room is left. Returns the map of `[n, 2]` arrays, and the length of one local unit in the image.
    """
    r = math.radians(pose.tilt)
    turn = np.array([[math.cos(r), math.sin(r)], [-math.sin(r), math.cos(r)]]) @ np.diag([pose.side, 1.0])
    turned = points @ turn.T
    low, high = turned.min(0), turned.max(0)
    scale = pose.extent / float((high - low).max())
    room = np.maximum(0.0, 0.48 - scale * (high - low) / 2)
    offset = 0.5 + np.array(pose.shift) * room - scale * (low + high) / 2
    return (lambda xy: np.asarray(xy) @ turn.T * scale + offset), scale
