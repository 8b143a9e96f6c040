"""The body plans of birds: proportions, poses, and what is typical for each of CUB's fourteen shapes."""

from typing import NamedTuple

__all__ = ["BUILDS", "Build"]


class Build(NamedTuple):
    """A body plan. Lengths are in body lengths, angles in degrees.

    Fields:
        shape: The value of `has_shape`.
        nouns: Names of such birds.
        posture: Angle of the body over the horizon when it does not fly.
        depth: Depth of the body.
        head: Radius of the head.
        neck: Length and angle of the neck.
        leg: Length of the legs.
        tail: Length and half width of the tail.
        poses: How often it is seen perched, standing, flying, swimming, clinging to a trunk.
        bills: Bill shape and length, each a value of CUB's.
        wings: Wing shape.
        tails: Tail shape.
        size: Size.
    """

    shape: str
    nouns: tuple[str, ...]
    posture: float
    depth: float
    head: float
    neck: tuple[float, float]
    leg: float
    tail: tuple[float, float]
    poses: tuple[float, float, float, float, float]
    bills: tuple[str, str]
    wings: str
    tails: str
    size: str


_SHORT, _SAME, _LONG = "shorter_than_head", "about_the_same_as_head", "longer_than_head"
_TINY, _SMALL, _MEDIUM = "very_small_(3_-_5_in)", "small_(5_-_9_in)", "medium_(9_-_16_in)"
_LARGE, _HUGE = "large_(16_-_32_in)", "very_large_(32_-_72_in)"
_CURVED = "curved_(up_or_down)"
_ROUND, _POINT, _BROAD, _TAPER, _WIDE = (f"{s}-wings" for s in ("rounded", "pointed", "broad", "tapered", "long"))

# fmt: off
BUILDS = (
    Build("perching-like", ("Finch", "Bunting", "Grosbeak"), 32, 0.54, 0.23, (0.17, 65), 0.22, (0.50, 0.11),
          (6, 2, 1, 0, 0), ("cone", _SHORT), _ROUND, "notched_tail", _SMALL),
    Build("duck-like", ("Duck", "Teal", "Pochard"), 8, 0.46, 0.19, (0.34, 72), 0.17, (0.36, 0.12),
          (0, 3, 1, 6, 0), ("spatulate", _SAME), _POINT, "pointed_tail", _LARGE),
    Build("tree-clinging-like", ("Woodpecker", "Creeper", "Flicker"), 68, 0.42, 0.20, (0.18, 72), 0.15, (0.46, 0.10),
          (1, 0, 1, 0, 8), ("dagger", _SAME), _ROUND, "pointed_tail", _MEDIUM),
    Build("gull-like", ("Gull", "Tern", "Petrel"), 10, 0.40, 0.18, (0.22, 55), 0.26, (0.42, 0.12),
          (0, 5, 4, 2, 0), ("hooked_seabird", _SAME), _WIDE, "squared_tail", _LARGE),
    Build("perching-like", ("Warbler", "Vireo", "Chat"), 26, 0.50, 0.23, (0.16, 60), 0.24, (0.52, 0.10),
          (7, 1, 1, 0, 0), ("all-purpose", _SHORT), _POINT, "rounded_tail", _TINY),
    Build("hawk-like", ("Hawk", "Kite", "Falcon"), 62, 0.46, 0.19, (0.13, 75), 0.20, (0.52, 0.15),
          (6, 0, 4, 0, 0), ("hooked", _SHORT), _BROAD, "fan-shaped_tail", _LARGE),
    Build("hummingbird-like", ("Hummingbird", "Hermit", "Starthroat"), 42, 0.40, 0.20, (0.16, 60), 0.08, (0.40, 0.09),
          (4, 0, 6, 0, 0), ("needle", _LONG), _TAPER, "forked_tail", _TINY),
    Build("long-legged-like", ("Heron", "Crane", "Stork"), 30, 0.42, 0.14, (0.62, 74), 0.75, (0.30, 0.11),
          (0, 8, 1, 0, 0), ("dagger", _LONG), _BROAD, "squared_tail", _HUGE),
    Build("owl-like", ("Owl", "Owlet", "Boobook"), 72, 0.58, 0.30, (0.10, 80), 0.12, (0.36, 0.13),
          (8, 1, 2, 0, 0), ("hooked", _SHORT), _ROUND, "rounded_tail", _MEDIUM),
    Build("sandpiper-like", ("Sandpiper", "Plover", "Curlew"), 14, 0.42, 0.18, (0.26, 62), 0.46, (0.34, 0.10),
          (0, 8, 1, 0, 0), ("needle", _LONG), _POINT, "squared_tail", _SMALL),
    Build("swallow-like", ("Swallow", "Martin", "Swift"), 34, 0.38, 0.19, (0.13, 50), 0.10, (0.56, 0.09),
          (5, 0, 5, 0, 0), ("all-purpose", _SHORT), _TAPER, "forked_tail", _SMALL),
    Build("pigeon-like", ("Dove", "Pigeon", "Quail-Dove"), 22, 0.48, 0.16, (0.20, 66), 0.16, (0.48, 0.14),
          (5, 4, 1, 0, 0), ("all-purpose", _SHORT), _POINT, "fan-shaped_tail", _MEDIUM),
    Build("upright-perching_water-like", ("Cormorant", "Shag", "Kingfisher"), 58, 0.38, 0.16, (0.34, 78), 0.14,
    (0.34, 0.11),
          (6, 2, 1, 1, 0), ("dagger", _LONG), _TAPER, "rounded_tail", _LARGE),
    Build("upland-ground-like", ("Quail", "Partridge", "Grouse"), 20, 0.60, 0.17, (0.22, 70), 0.22, (0.28, 0.13),
          (1, 8, 0, 0, 0), ("cone", _SHORT), _ROUND, "fan-shaped_tail", _MEDIUM),
    Build("perching-like", ("Thrasher", "Mockingbird", "Jay"), 28, 0.44, 0.20, (0.18, 60), 0.26, (0.68, 0.11),
          (6, 3, 1, 0, 0), (_CURVED, _SAME), _ROUND, "rounded_tail", _MEDIUM),
    Build("chicken-like-marsh", ("Rail", "Crake", "Gallinule"), 16, 0.52, 0.17, (0.26, 68), 0.36, (0.28, 0.10),
          (0, 8, 0, 3, 0), ("all-purpose", _SAME), _ROUND, "pointed_tail", _MEDIUM),
)
# fmt: on
"""The body plans, in the order in which families take them."""
