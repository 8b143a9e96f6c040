"""**mpii**: people and what they do, with sentences that explain it and boxes of objects, from a user's folder."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.data.archives import Malformed
from jxai.data.images import ImageSource
from jxai.data.mpii.files import Corners, read_explanations, read_objects, read_people
from jxai.data.photos import read_photo
from jxai.data.schema import Instance, SceneExample, SceneMeta
from jxai.data.source import require_folder
from jxai.data.square import cut

__all__ = ["mpii"]

_SPLITS = ("train", "val", "test")
_NOTHING = "nothing"  # the first of the activities of a set of scenes: that nobody does anything


class _Record(NamedTuple):
    """One image: its file, what is done, why, and where things are (as shares of the sides) and people (in pixels)."""

    image: Path
    label: int
    sentences: tuple[str, ...]
    objects: tuple[tuple[int, Corners], ...]
    people: Corners | None


def mpii(split: str, source: str | os.PathLike, *, size: int | None = None) -> ImageSource:
    """The examples of a split of ACT-X: images of MPII Human Pose with explanations, in the schema of **scenes**.

    The classes are the activities of the training split, in alphabetical order; images of other activities are left
    out, and so are images that the folder does not have.

    Args:
        split: `train`, `val` or `test`, as ACT-X divides the set.
        source: A folder with the images of MPII in `images/` (`015601864.jpg`) and ACT-X's `exp_train_split.json`,
            `exp_val_split.json` and `exp_test_split.json`, in the folder itself, in `textual/` or in `ACT-X/textual/`.
            Where they are there also `object_annotations.json` of FLEX's repository (boxes of objects in 150 images)
            and MPII's `mpii_human_pose_v1_u12_1.mat` (people), in any of the folder's folders.
        size: Side of the images in pixels: the largest square in the middle, resized; None: as they are.

    Returns:
        The examples in random access: `image`, `label` and `activity` (`label + 1`), `id` (the number in the image's
        name), `captions` (mostly three), `instances` (none where objects are not annotated; all as `involved`, which
        the set does not tell), and with MPII's file `box`, around all people. No masks, no parts. `meta` is a
        `SceneMeta` whose frequencies are not known.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: An unknown option, or files that are missing or malformed: file and line or entry are named.

    Reference: Andriluka, Pishchulin, Gehler and Schiele, 2014, "2D Human Pose Estimation: New Benchmark and State of
    the Art Analysis"; explanations: Park et al., 2018, "Multimodal Explanations: Justifying Decisions and Pointing to
    the Evidence"; objects: Wickramanayake, Hsu and Lee, 2019, "FLEX".
    """
    folder = require_folder(split, _SPLITS, size, source)
    objects = _optional(folder, "object_annotations.json", read_objects)
    kinds = tuple(sorted({label for of_image in objects.values() for label, _ in of_image}))
    explanations = read_explanations(_explanations(folder, "train"))
    classes = tuple(sorted({one.activity for one in explanations.values()}))
    explanations = explanations if split == "train" else read_explanations(_explanations(folder, split))
    people = _optional(folder, "mpii_human_pose_v1_u12_1.mat", read_people)
    records = [
        _Record(
            folder / "images" / name, classes.index(one.activity), one.sentences,
            tuple((kinds.index(label), corners) for label, corners in objects.get(name, ())), people.get(name),
        )
        for name, one in explanations.items()
        if one.activity in classes and (folder / "images" / name).is_file()
    ]  # fmt: skip
    if not records:
        raise Malformed(
            f"expected pictures of the split {split!r}, images/{next(iter(explanations))} first, in {folder.name}"
        )
    unknown = np.full((len(classes), len(kinds)), np.nan, np.float32)
    meta = SceneMeta(classes, kinds, unknown, (_NOTHING, *classes))
    return ImageSource(records, split=split, meta=meta, folder=folder, read=_reader(size))


def _explanations(folder: Path, split: str) -> Path:
    name = f"exp_{split}_split.json"
    for file in (folder / name, folder / "textual" / name, folder / "ACT-X" / "textual" / name):
        if file.is_file():
            return file
    raise Malformed(f"expected ACT-X's {name} in {folder.name}, in its textual/ or in its ACT-X/textual/")


def _optional(folder: Path, name: str, read: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What a file says that need not be there; it may lie in a folder of the folder."""
    places: Iterable[Path] = (folder, *sorted(inner for inner in folder.iterdir() if inner.is_dir()))
    return next((read(place / name) for place in places if (place / name).is_file()), {})


def _reader(size: int | None) -> Callable[[_Record], SceneExample]:
    def read(record: _Record) -> SceneExample:
        image = read_photo(record.image)
        height, width = image.shape[:2]
        example: dict[str, Any] = {"image": image, "label": record.label, "id": int(record.image.stem)}
        example |= {"activity": record.label + 1, "captions": list(record.sentences)}
        placed = ((kind, _box(corners, width, height, True)) for kind, corners in record.objects)
        example["instances"] = [Instance(kind, box, True) for kind, box in placed if box]
        if record.people and (box := _box(record.people, width, height, False)):
            example["box"] = np.array(box, np.float32)
        return SceneExample(**(example if size is None else cut(example, size)))

    return read


def _box(corners: Corners, width: int, height: int, shares: bool) -> tuple[float, float, float, float] | None:
    """A box in pixels, as far as it lies in the picture; None where nothing of it does."""
    left, top, right, bottom = corners
    if shares:
        left, top, right, bottom = left * width, top * height, right * width, bottom * height
    x0, y0, x1, y1 = max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
    return (x0, y0, x1 - x0, y1 - y0) if x1 > x0 and y1 > y0 else None
