"""The scenes: which objects each class has, how often. Classes come in pairs that share most objects."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

__all__ = ["CLASSES", "COUNTS", "OBJECTS", "PROFILES", "Profile", "draw_kinds", "frequencies"]

OBJECTS = (
    "wall", "floor", "ceiling", "window", "door", "painting", "blackboard", "rug", "table", "chair", "sofa", "bed",
    "desk", "cabinet", "bookcase", "lamp", "computer", "television", "stove", "refrigerator", "sink", "plant", "book",
    "person", "sky", "building", "road", "sidewalk", "grass", "earth", "sand", "field", "water", "mountain", "tree",
    "car", "truck", "streetlight", "traffic light", "bench", "fence", "boat", "umbrella", "animal", "bicycle", "ball",
    "rock",
)  # fmt: skip
"""The kinds of objects, under ADE20K's names where it has them."""

_SHELL: tuple[str, ...] = ("wall", "floor", "ceiling")
_OPEN: tuple[str, ...] = ("sky",)


class Profile(NamedTuple):
    """One class of scenes.

    Fields:
        indoors: Whether it is a room.
        ground: Outdoors: how often the ground is of which kind; one of them it is.
        objects: How often an image has which object, each independently of the others.
    """

    indoors: bool
    ground: dict[str, float]
    objects: dict[str, float]


def _room(**objects: float) -> Profile:
    shared = {"window": 0.55, "door": 0.3, "painting": 0.3, "plant": 0.25, "lamp": 0.15, "chair": 0.35, "cabinet": 0.25,
              "person": 0.7, "book": 0.15, "rug": 0.2}  # fmt: skip
    return Profile(True, {}, shared | objects)


def _land(ground: dict[str, float], **objects: float) -> Profile:
    return Profile(False, ground, {name.replace("_", " "): share for name, share in objects.items()})


PROFILES: dict[str, Profile] = {
    "kitchen": _room(stove=0.93, refrigerator=0.86, sink=0.9, cabinet=0.5, table=0.4, chair=0.35, rug=0.05, lamp=0.05),
    "dining room": _room(table=0.98, chair=0.95, refrigerator=0.1, sink=0.1, stove=0.04, cabinet=0.35, painting=0.5,
                         plant=0.4, rug=0.3),
    "living room": _room(sofa=0.96, television=0.72, lamp=0.45, rug=0.65, painting=0.45, bookcase=0.2, table=0.2,
                         plant=0.4, bed=0.03, chair=0.2),
    "bedroom": _room(bed=0.96, lamp=0.5, rug=0.5, painting=0.45, television=0.2, sofa=0.1, desk=0.12, bookcase=0.12,
                     computer=0.1, chair=0.2),
    "office": _room(desk=0.97, computer=0.94, chair=0.7, bookcase=0.35, blackboard=0.08, cabinet=0.4, plant=0.45),
    "classroom": _room(desk=0.95, blackboard=0.94, computer=0.15, chair=0.7, bookcase=0.25, cabinet=0.3, lamp=0.02,
                       book=0.35, rug=0.02),
    "library": _room(bookcase=0.98, book=0.7, table=0.7, chair=0.7, desk=0.15, computer=0.2, sofa=0.12, plant=0.15),
    "street": _land({"sidewalk": 0.8, "earth": 0.1, "grass": 0.1}, road=0.95, building=0.93, car=0.8, truck=0.15,
                    tree=0.5, streetlight=0.55, traffic_light=0.45, person=0.85, bicycle=0.4, bench=0.2, fence=0.1,
                    mountain=0.06),
    "highway": _land({"grass": 0.6, "earth": 0.25, "sidewalk": 0.15}, road=0.98, building=0.1, car=0.9, truck=0.7,
                     tree=0.5, streetlight=0.35, fence=0.6, traffic_light=0.03, person=0.25, mountain=0.45, rock=0.2),
    "park": _land({"grass": 0.9, "sand": 0.1}, tree=0.95, bench=0.75, sidewalk=0.6, water=0.25, fence=0.2,
                  person=0.85, ball=0.45, bicycle=0.35, building=0.25, streetlight=0.3, animal=0.1, umbrella=0.1,
                  rock=0.15),
    "farm": _land({"field": 0.55, "grass": 0.45}, tree=0.7, fence=0.75, animal=0.92, building=0.7, mountain=0.2,
                  truck=0.15, person=0.65, road=0.12, bench=0.05, rock=0.15, water=0.08),
    "beach": _land({"sand": 0.95, "grass": 0.05}, water=0.97, umbrella=0.7, person=0.85, boat=0.35, ball=0.45,
                   mountain=0.25, rock=0.25, tree=0.2, building=0.12, bench=0.1),
    "harbour": _land({"sidewalk": 0.55, "sand": 0.2, "earth": 0.25}, water=0.97, boat=0.93, building=0.6, person=0.75,
                     streetlight=0.35, mountain=0.25, bench=0.2, fence=0.25, car=0.15, umbrella=0.05, rock=0.15),
    "mountain": _land({"grass": 0.55, "earth": 0.45}, mountain=0.97, tree=0.65, rock=0.7, water=0.3, person=0.65,
                      animal=0.2, fence=0.12, building=0.12, road=0.1, boat=0.05),
}  # fmt: skip
"""The classes of scenes and their profiles."""

CLASSES = tuple(PROFILES)
"""The names of the classes."""

COUNTS = {"chair": (1, 3), "desk": (1, 3), "bookcase": (1, 2), "window": (1, 2), "painting": (1, 2),
          "person": (1, 2), "building": (2, 6), "tree": (1, 5), "car": (1, 4), "boat": (1, 3), "umbrella": (1, 3),
          "animal": (1, 3), "rock": (1, 3), "streetlight": (1, 3), "bench": (1, 2), "plant": (1, 2), "computer": (1, 2),
          "bicycle": (1, 2)}  # fmt: skip
"""How many there are of an object where there are any: from, to; one where it is not named."""

_MORE = {("library", "bookcase"): (2, 4), ("classroom", "desk"): (2, 4), ("office", "computer"): (1, 3),
         ("park", "tree"): (2, 6), ("dining room", "chair"): (2, 4), ("beach", "umbrella"): (1, 4)}  # fmt: skip


def draw_kinds(name: str, rng: np.random.Generator) -> dict[str, int]:
    """The objects that one image of a class has, and how many of each."""
    profile = PROFILES[name]
    counts: dict[str, int] = dict.fromkeys(_SHELL if profile.indoors else _OPEN, 1)
    if profile.ground:
        counts[str(rng.choice(list(profile.ground), p=list(profile.ground.values())))] = 1
    for kind, share in profile.objects.items():
        low, high = _MORE.get((name, kind), COUNTS.get(kind, (1, 1)))
        there, count = rng.random() < share, int(rng.integers(low, high + 1))
        if there:
            counts[kind] = count
    return counts


@lru_cache(maxsize=1)
def frequencies() -> np.ndarray:
    """How often an image of a class is drawn with an object, 0..1, `[classes, objects]`."""
    table = np.zeros((len(CLASSES), len(OBJECTS)), np.float32)
    for row, profile in zip(table, PROFILES.values(), strict=True):
        shares = dict.fromkeys(_SHELL if profile.indoors else _OPEN, 1.0) | profile.ground | profile.objects
        for kind, share in shares.items():
            row[OBJECTS.index(kind)] = share
    return table
