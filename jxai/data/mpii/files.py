"""The files around MPII Human Pose: why an activity is one (ACT-X), boxes of objects (FLEX), people (MPII's own)."""

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.data.archives import Malformed, read_lines

__all__ = ["Corners", "Explained", "read_explanations", "read_objects", "read_people"]

Corners = tuple[float, float, float, float]  # left, top, right, bottom
_SPELT = {"skatebaord": "skateboard", "bowel": "bowl"}  # as FLEX's file has them


class Explained(NamedTuple):
    """What ACT-X says of one image: its activity, and sentences why."""

    activity: str
    sentences: tuple[str, ...]


def image_name(value: Any) -> str:
    """The name of an image of MPII, nine digits and `.jpg`; "" for what is none."""
    stem = str(value).rsplit("/", 1)[-1].rsplit("___", 1)[-1].removesuffix(".jpg")
    return f"{int(stem):09d}.jpg" if stem.isdecimal() and len(stem) <= 9 else ""


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"{where} is no JSON ({error}); copy the file again") from None


def read_explanations(file: Path) -> dict[str, Explained]:
    """The explanations of a split of ACT-X by image, in the file's order.

    The file is one object: by any key an object with `iid`, the image's name; `ans`, the activity; `exp`, a sentence or
    several. Entries of one image are joined.

    Raises:
        Malformed: Something else; the key of the first such entry is named.
    """
    entries, explanations = _json("\n".join(read_lines(file)), file.name), {}
    if not isinstance(entries, dict) or not entries:
        raise Malformed(f"expected an object of explanations in {file.name}, got {str(entries)[:60]!r}")
    for key, entry in entries.items():
        name, explained = _explained(entry)
        if not name or not explained.activity or not explained.sentences:
            raise Malformed(
                f"{file.name}, entry {key!r}: expected 'iid' (an image of MPII), 'ans' (an activity) and 'exp' "
                f"(sentences), got {str(entry)[:120]!r}"
            )
        before = explanations.get(name, Explained(explained.activity, ()))
        if before.activity != explained.activity:
            raise Malformed(
                f"{file.name}, entry {key!r}: {name} is {explained.activity!r}, and before {before.activity!r}"
            )
        explanations[name] = Explained(explained.activity, before.sentences + explained.sentences)
    return explanations


def _explained(entry: Any) -> tuple[str, Explained]:
    entry = entry if isinstance(entry, dict) else {}
    activity, sentences = entry.get("ans"), entry.get("exp")
    sentences = [sentences] if isinstance(sentences, str) else sentences if isinstance(sentences, list) else []
    right = all(isinstance(one, str) and one.strip() for one in sentences)
    activity = activity.strip() if isinstance(activity, str) else ""
    return image_name(entry.get("iid", "")), Explained(activity, tuple(s.strip() for s in sentences) if right else ())


def read_objects(file: Path) -> dict[str, list[tuple[str, Corners]]]:
    """The objects of images by name: what, and the corners of its box as shares of width and height.

    A line for each image, as Dataturks writes it: an object with `content`, an address that ends in the image's name,
    and `annotation`, a list of objects with `label` and two `points` of `x` and `y`, or null for none.

    Raises:
        Malformed: A line that is none; it is named.
    """
    objects: dict[str, list[tuple[str, Corners]]] = {}
    for number, line in enumerate(read_lines(file), 1):
        if not line.strip():
            continue
        where = f"{file.name}, line {number}"
        row = _json(line, where)
        try:
            name, boxes = image_name(row["content"]), [_object(one) for one in row["annotation"] or []]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Malformed(
                f"{where}: expected 'content' and 'annotation' with labels and points ({error!r})"
            ) from None
        if not name:
            raise Malformed(f"{where}: expected an address that ends in an image of MPII, got {row['content']!r}")
        objects[name] = objects.get(name, []) + boxes
    return objects


def _object(one: dict[str, Any]) -> tuple[str, Corners]:
    label = one["label"][0] if isinstance(one["label"], list) else one["label"]
    x, y = ([float(point[axis]) for point in one["points"]] for axis in "xy")
    if len(x) < 2 or not np.isfinite([*x, *y]).all():
        raise ValueError(f"points {one['points']}")
    label = label.strip().lower()
    return _SPELT.get(label, label), tuple(min(max(v, 0.0), 1.0) for v in (min(x), min(y), max(x), max(y)))  # type: ignore[return-value]


def read_people(file: Path) -> dict[str, Corners]:
    """The box around all annotated joints and heads of an image, by its name, in pixels.

    The file is MPII's `mpii_human_pose_v1_u12_1.mat`: `RELEASE.annolist`, of each image `image.name` and `annorect`, of
    each person the head's `x1`, `y1`, `x2`, `y2` and the joints `annopoints.point` with `x` and `y`; any of these may
    be missing.

    Raises:
        Malformed: It is no such file.
    """
    about = file.stat()
    return _people(file, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=1)  # 25,000 images: half a minute
def _people(file: Path, changed: int, size: int) -> dict[str, Corners]:
    del changed, size  # of the cache's key
    from scipy.io import loadmat

    try:
        release = loadmat(file, struct_as_record=False, squeeze_me=True)["RELEASE"]
        images = [(image_name(one.image.name), _corners(one)) for one in np.atleast_1d(release.annolist)]
    except Exception as error:  # scipy raises many kinds for a file that is none, or damaged
        raise Malformed(
            f"{file.name} is not MPII's annotation ({error!r}); take mpii_human_pose_v1_u12_1.mat"
        ) from error
    return {name: corners for name, corners in images if name and corners is not None}


def _corners(image: Any) -> Corners | None:
    points: list[tuple[float, float]] = []
    for person in np.atleast_1d(getattr(image, "annorect", ())):
        for x, y in (("x1", "y1"), ("x2", "y2")):
            points += _point(getattr(person, x, None), getattr(person, y, None))
        joints = getattr(getattr(person, "annopoints", None), "point", ())
        for joint in np.atleast_1d(joints):
            points += _point(joint.x, joint.y)
    if not points:
        return None
    x, y = zip(*points, strict=True)
    return min(x), min(y), max(x), max(y)


def _point(x: Any, y: Any) -> list[tuple[float, float]]:
    """A point, where it is given: an empty array stands for none."""
    return [(float(x), float(y))] if np.size(x) == np.size(y) == 1 and x is not None and y is not None else []
