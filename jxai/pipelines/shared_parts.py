"""What two classes share, in words and places: the parts and attributes of a data set."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from jxai.data.schema import Meta, SceneMeta
from jxai.report.insecurities import Shared

__all__ = ["shared", "shared_objects", "shared_parts"]

LEAST = 50.0  # percent of a class's examples that have an attribute which is said to be the class's
FREQUENT = 0.3  # share of a class's pictures that show an object which is said to be the class's (the paper's)
OBJECTS = 10  # kinds of objects that are named, at most


def shared(meta: Meta | SceneMeta, a: int, b: int, example: Mapping[str, Any] | None) -> tuple[Shared, ...]:
    """What two classes share: objects of scenes, else parts and attributes."""
    if isinstance(meta, SceneMeta):
        return shared_objects(meta, a, b, example)
    return shared_parts(meta, a, b, example)


def shared_objects(meta: SceneMeta, a: int, b: int, example: Mapping[str, Any] | None) -> tuple[Shared, ...]:
    """The kinds of objects that are frequent in both of two classes of scenes, the most frequent first.

    Args:
        meta: of the data set.
        a: one class, an index into `meta.classes`.
        b: the other.
        example: whose objects are located, at the pixel nearest to the middle of a kind; None for a photograph.

    Returns:
        At most ten kinds, those seen in the example first.
    """
    frequencies = np.asarray(meta.frequencies)[[a, b]]
    both = np.flatnonzero((frequencies > FREQUENT).all(0))  # NaN is not frequent
    order = both[np.argsort(-frequencies[:, both].mean(0), kind="stable")]
    objects = [Shared(meta.objects[k], (), _middle(example, int(k))) for k in order]
    return tuple(sorted(objects, key=lambda part: part.point is None)[:OBJECTS])


def _middle(example: Mapping[str, Any] | None, kind: int) -> tuple[float, float] | None:
    """The pixel of a kind of object that is nearest to the mean of its pixels, in 0..1."""
    if example is None or "masks" not in example:
        return None
    places = np.argwhere(example["masks"] == kind + 1)
    if not len(places):
        return None
    row, column = places[np.argmin(((places - places.mean(0)) ** 2).sum(-1))]
    height, width = example["masks"].shape
    return (float(column) + 0.5) / width, (float(row) + 0.5) / height


def shared_parts(meta: Meta, a: int, b: int, example: Mapping[str, Any] | None) -> tuple[Shared, ...]:
    """The parts in whose attributes two classes are alike, with the attributes in words.

    A class's attribute of a group is the one that most of its examples have. A part is shared where all groups that it
    carries have the same attribute in both classes. The left and the right of a part that comes twice are one.

    Args:
        meta: of the data set.
        a: one class, an index into `meta.classes`.
        b: the other.
        example: whose parts are located; None for a photograph.

    Returns:
        The parts, those seen in the example first.
    """
    typical = {group: (_typical(meta, group, a), _typical(meta, group, b)) for group in meta.attribute_parts}
    parts: dict[str, Shared] = {}
    for index, part in enumerate(meta.part_names):
        groups = [group for group, carriers in meta.attribute_parts.items() if part in carriers]
        typical_groups = [group for group in groups if None not in typical[group]]
        if typical_groups and all(typical[group][0] == typical[group][1] for group in typical_groups):
            name = part.removeprefix("left ").removeprefix("right ")
            point = _point(example, index)
            if name not in parts or (parts[name].point is None and point is not None):
                words = tuple(_words(group, str(typical[group][0]), name) for group in typical_groups)
                parts[name] = Shared(name, words, point)
    return tuple(sorted(parts.values(), key=lambda part: part.point is None))


def _typical(meta: Meta, group: str, label: int) -> str | None:
    """The value of a group that most examples of a class have; None where none is had by half of them."""
    places = [k for k, name in enumerate(meta.attribute_names) if name.startswith(f"{group}::")]
    if not places:
        return None
    shares = np.asarray(meta.class_attributes)[label, places]
    best = int(np.argmax(shares))
    return meta.attribute_names[places[best]].split("::")[1] if shares[best] >= LEAST else None


def _words(group: str, value: str, part: str) -> str:
    """`has_bill_shape` and `curved_(up_or_down)` as words: `bill shape: curved (up or down)`."""
    group = group.removeprefix("has_").replace("_", " ").removeprefix(f"{part} ")
    return f"{group}: {value.replace('_', ' ')}"


def _point(example: Mapping[str, Any] | None, part: int) -> tuple[float, float] | None:
    """Where an example shows a part, in 0..1."""
    if example is None or "parts" not in example:
        return None
    x, y, visible = (float(number) for number in example["parts"][part])
    height, width = example["image"].shape[:2]
    return (x / width, y / height) if visible and 0 <= x < width and 0 <= y < height else None
