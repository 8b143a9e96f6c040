"""A landscape that is being furnished: what is there, and where there is room."""

import numpy as np

from jxai.data.scenes.canvas import Camera, Group, Thing
from jxai.data.scenes.rooms import Spot

__all__ = ["FAR", "SIZES", "Land"]

FAR = 900.0
"""So far, in metres, the ground reaches."""
SIZES = {"tree": 1.3, "umbrella": 1.3, "boat": 2.6, "animal": 1.1, "bicycle": 0.9, "ball": 0.25, "rock": 1.1,
          "bench": 0.95, "streetlight": 0.5, "traffic light": 0.3}  # fmt: skip
_HEIGHTS = {"tree": 4.0, "umbrella": 2.4, "boat": 2.0, "animal": 1.5, "bicycle": 1.1, "ball": 0.4, "rock": 0.8,
            "bench": 0.95, "streetlight": 6.0, "traffic light": 3.7}  # fmt: skip
_AWAY = {
    "tree": (8, 34),
    "umbrella": (6, 13),
    "boat": (9, 30),
    "animal": (6, 15),
    "bicycle": (5, 11),
    "ball": (3.6, 7),
    "rock": (4.5, 16),
    "bench": (5, 10),
    "streetlight": (8, 26),
    "traffic light": (6, 12),
    "person": (4.2, 9),
}


class Land:
    """A landscape that is being furnished."""

    def __init__(self, kinds: dict[str, int], camera: Camera, rng: np.random.Generator):
        """A sky, and nothing else."""
        self.kinds, self.camera, self.rng = kinds, camera, rng
        self.things: list[Thing] = [Thing("sky", [], layer=0, depth=FAR + 9)]
        self.spots: list[Spot] = []
        self.taken: list[tuple[float, float, float]] = []  # x, z, radius
        self.road: tuple[float, float] | None = None  # x from, to
        self.queue = [5.0, 5.0]  # how far the vehicles of the two lanes reach
        self.shore = FAR  # what is farther away is water
        self.side = 0  # where there is water beside a road: -1 left, 1 right

    def add(self, kind: str, groups: list[Group], x: float, z: float, **options) -> None:
        """A thing at its place."""
        measures = options.pop("width", 2 * SIZES.get(kind, 1.0)), options.pop("height", _HEIGHTS.get(kind, 1.0))
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
        elif self.shore < FAR:
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
