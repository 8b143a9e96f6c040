"""**ade20k**: scenes with object masks, from the folder of the MIT Scene Parsing Benchmark."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from jxai.data.archives import Malformed
from jxai.data.images import ImageSource
from jxai.data.photos import read_photo
from jxai.data.schema import Instance, SceneExample, SceneMeta
from jxai.data.source import require_folder
from jxai.data.square import cut

__all__ = ["ade20k"]

_SPLITS = ("train", "val", "test")
_EVERY = 10  # of the training images one in so many is for validation


class _Record(NamedTuple):
    """One image: its files, its label and its number."""

    image: Path
    annotation: Path
    label: int
    id: int


def ade20k(split: str, source: str | os.PathLike, *, size: int | None = None) -> ImageSource:
    """The examples of a split of ADE20K (scene parsing: 150 objects), in the schema of **scenes**.

    The classes are the scenes of the training images, in the order in which `sceneCategories.txt` names them. The
    training images, in order, every tenth of which is for validation; the test split are the official validation images
    whose scene is among the classes: 18,189, 2021 and 1985 images of 1040 classes. Images that the folder does not have
    are left out, but count.

    Args:
        split: `train`, `val` or `test`.
        source: The official folder (`images/`, `annotations/`, each with `training/` and `validation/`,
            `sceneCategories.txt`, `objectInfo150.txt`), or one that has the images without these two folders, also
            within `sampleData/`.
        size: Side of the images in pixels: the largest square in the middle, resized (masks: the nearest pixel); None:
            as they are, each of its own size.

    Returns:
        The examples in random access: `image`, `label`, `id`, `masks` (0: none of the objects) and `instances`. The set
        does not tell instances of a kind apart: there is one, with the box around all of them.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: An unknown split, files that are missing, or an annotation of another size than its image.

    Reference: Zhou et al., 2017, "Scene Parsing through ADE20K Dataset".
    """
    folder = require_folder(split, _SPLITS, size, source)
    rows, objects = _scenes(folder), _objects(folder)
    classes = tuple(dict.fromkeys(scene for name, scene in rows if name.startswith("ADE_train")))
    unknown = np.full((len(classes), len(objects)), np.nan, np.float32)
    records = _records(folder, rows, classes, split)
    meta = SceneMeta(classes, objects, unknown)
    return ImageSource(records, split=split, meta=meta, folder=folder, read=_reader(size, len(objects)))


def _lines(folder: Path, name: str) -> list[str]:
    if not (folder / name).is_file():
        raise Malformed(f"expected the folder of ADE20K's scene parsing, but {folder.name} has no {name}")
    return [line for line in (folder / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def _scenes(folder: Path) -> list[tuple[str, str]]:
    """Names of images and their scenes."""
    rows = [line.split() for line in _lines(folder, "sceneCategories.txt")]
    if bad := [row for row in rows if len(row) != 2]:
        raise Malformed(f"expected an image and a scene a line in sceneCategories.txt, got {' '.join(bad[0])!r}")
    return [(name, scene) for name, scene in rows]


def _objects(folder: Path) -> tuple[str, ...]:
    """The names of the objects: the first of those that the last column gives."""
    lines = _lines(folder, "objectInfo150.txt")[1:]
    names = [line.split("\t")[-1].split(",")[0].strip() for line in lines]
    numbers = [line.split("\t")[0].strip() for line in lines]
    if numbers != [str(k + 1) for k in range(len(lines))] or not lines:
        raise Malformed("expected the objects 1, 2, ... in objectInfo150.txt, columns divided by tabs")
    return tuple(names)


def _files(folder: Path, kind: str, part: str, ending: str) -> dict[str, Path]:
    """The files of a part of the set by name."""
    for top in (folder, folder / "sampleData"):
        for place in (top / kind / part, top / kind):
            if files := {file.stem: file for file in place.glob(f"*{ending}")}:
                return files
    return {}


def _records(folder: Path, rows: list[tuple[str, str]], classes: tuple[str, ...], split: str) -> list[_Record]:
    prefix, part = ("ADE_val", "validation") if split == "test" else ("ADE_train", "training")
    index = {name: k for k, name in enumerate(classes)}
    listed = [(name, scene) for name, scene in rows if name.startswith(prefix)]
    if split == "test":
        chosen = [(name, scene) for name, scene in listed if scene in index]
    else:
        held_out = {name for name, _ in listed[_EVERY - 1 :: _EVERY]}
        chosen = [(name, scene) for name, scene in listed if (name in held_out) == (split == "val")]
    images, annotations = _files(folder, "images", part, ".jpg"), _files(folder, "annotations", part, ".png")
    present = [(name, scene) for name, scene in chosen if name in images]
    if not present:
        raise Malformed(f"expected images/{part}/*.jpg of the split {split!r} in {folder.name}, but there are none")
    if lacking := [name for name, _ in present if name not in annotations]:
        raise Malformed(f"{len(lacking)} images have no annotation, {lacking[0]} first; take annotations/ too")
    base = 10_000_000 if split == "test" else 0  # images of both official splits are numbered from 1
    return [
        _Record(images[name], annotations[name], index[scene], base + int(name.rsplit("_", 1)[-1]))
        for name, scene in present
    ]


def _instances(masks: np.ndarray) -> list[Instance]:
    """One for each kind that is shown."""
    instances = []
    for kind in np.unique(masks[masks > 0]).tolist():
        rows, columns = np.flatnonzero((masks == kind).any(1)), np.flatnonzero((masks == kind).any(0))
        x, y = float(columns[0]), float(rows[0])
        instances.append(Instance(kind - 1, (x, y, columns[-1] + 1.0 - x, rows[-1] + 1.0 - y)))
    return instances


def _reader(size: int | None, objects: int) -> Callable[[_Record], SceneExample]:
    def read(record: _Record) -> SceneExample:
        image = read_photo(record.image)
        with Image.open(record.annotation) as picture:
            masks = np.array(picture)
        if masks.shape != image.shape[:2] or masks.dtype != np.uint8:
            raise Malformed(
                f"expected an annotation of one byte a pixel, {list(image.shape[:2])} like its image, in "
                f"{record.annotation.name}, got {masks.dtype} {list(masks.shape)}"
            )
        if masks.max() > objects:
            raise Malformed(f"expected objects 0..{objects} in {record.annotation.name}, got {masks.max()}")
        example: dict[str, Any] = {"image": image, "label": record.label, "id": record.id, "masks": masks}
        example = example if size is None else cut(example, size)
        return SceneExample(**example, instances=_instances(example["masks"]))

    return read
