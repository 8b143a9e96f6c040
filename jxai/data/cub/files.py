"""The files of CUB-200-2011: the official folder, or annotations packed as arrays beside packed pictures."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.data.archives import Malformed, read_lines
from jxai.data.birds.attributes import ATTRIBUTE_NAMES, PARTS

__all__ = ["Notes", "official", "packed"]


class Notes(NamedTuple):
    """All that is written about the images, in the order of CUB's numbers.

    Fields:
        names: `CLASS/NAME.jpg`.
        ids: CUB's number of each image.
        labels: Its class, from 0.
        is_train: Whether it is of the official training split.
        there: Whether the source has the picture.
        classes: The names of all classes.
        attribute_names: The names of the attributes.
        class_attributes: Percentages, `[classes, attributes]`.
        attributes: 0 or 1 for each image and attribute, where that is known.
        captions: Sentences by name.
        parts: The parts of an image, `[15, 3]`, in pixels of the picture.
        box: Its box `(x, y, width, height)`, in pixels of the picture.
        load: The picture's file.
        cropped: Whether the pictures are cut to the birds' boxes.
    """

    names: list[str]
    ids: np.ndarray
    labels: np.ndarray
    is_train: np.ndarray
    there: np.ndarray
    classes: list[str]
    attribute_names: tuple[str, ...]
    class_attributes: np.ndarray
    attributes: np.ndarray | None
    captions: dict[str, list[str]]
    parts: Callable[[int], np.ndarray]
    box: Callable[[int], np.ndarray]
    load: Callable[[int], bytes]
    cropped: bool = False


def _rows(folder: Path, name: str) -> list[list[str]]:
    file = folder / name
    if not file.is_file():
        raise Malformed(f"expected the official folder of CUB-200-2011, but {folder.name} has no {name}")
    return [line.split() for line in read_lines(file) if line.strip()]


def _by_image(folder: Path, name: str, ids: dict[int, int], columns: int) -> np.ndarray:
    """The numbers behind each image's id, in the order of images.txt."""
    values = np.full((len(ids), columns), np.nan)
    for row in _rows(folder, name):
        try:
            values[ids[int(row[0])]] = [float(value) for value in row[1 : 1 + columns]]
        except (ValueError, KeyError, IndexError):
            raise Malformed(f"{name} has a line {' '.join(row)!r}, which fits no image of images.txt") from None
    if np.isnan(values).any():
        missing = list(ids)[int(np.flatnonzero(np.isnan(values).any(1))[0])]
        raise Malformed(f"{name} says nothing of image {missing} of images.txt; take the whole set")
    return values


def _part_table(folder: Path, ids: dict[int, int]) -> np.ndarray:
    table = np.zeros((len(ids), len(PARTS), 3), np.float32)
    for row in _rows(folder, "parts/part_locs.txt"):
        try:
            image, part, x, y, visible = int(row[0]), int(row[1]), *map(float, row[2:5])
            table[ids[image], part - 1] = (x, y, 1) if visible else (0, 0, 0)
        except (ValueError, KeyError, IndexError):
            raise Malformed(f"parts/part_locs.txt has a line {' '.join(row)!r}, which fits no image or part") from None
    return table


def _percentages(folder: Path, classes: int) -> np.ndarray:
    rows = _rows(folder, "attributes/class_attribute_labels_continuous.txt")
    shapes = sorted({len(row) for row in rows})
    if len(rows) != classes or shapes != [len(ATTRIBUTE_NAMES)]:
        raise Malformed(
            f"expected {classes} lines of {len(ATTRIBUTE_NAMES)} percentages in class_attribute_labels_continuous.txt, "
            f"got {len(rows)} lines of {shapes}"
        )
    return np.array(rows, np.float32)


def _attributes(folder: Path, ids: dict[int, int]) -> np.ndarray | None:
    """The attributes of each image: lines of image, attribute, 0 or 1, and more."""
    file = folder / "attributes" / "image_attribute_labels.txt"
    if not file.is_file():
        return None
    values = np.zeros((len(ids), len(ATTRIBUTE_NAMES)), np.uint8)
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):  # 3.7 million of them
            try:
                image, attribute, present = line.split(None, 3)[:3]
                if present != "1":
                    continue
                place, column = ids[int(image)], int(attribute) - 1
            except (ValueError, KeyError):
                place, column = -1, -1
            if not 0 <= column < len(ATTRIBUTE_NAMES):
                raise Malformed(f"{file.name}, line {number}: {line.strip()!r} fits no image and attribute")
            values[place, column] = 1
    return values


def _captions(folder: Path, names: list[str]) -> dict[str, list[str]]:
    packed_file, texts = folder / "captions.json", folder / "text_c10"
    if packed_file.is_file():
        return _sentences(packed_file)
    files = {name: (texts / name).with_suffix(".txt") for name in names} if texts.is_dir() else {}
    return {
        name: [line.strip() for line in read_lines(file) if line.strip()]
        for name, file in files.items()
        if file.is_file()
    }


def _sentences(file: Path) -> dict[str, list[str]]:
    try:
        sentences = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # a JSONDecodeError says the line
        raise Malformed(f"{file.name} is no JSON ({error}); copy it again") from None
    wrong = "no object" if not isinstance(sentences, dict) else None
    for name, texts in sentences.items() if wrong is None else ():
        if not isinstance(texts, list) or not all(isinstance(one, str) and one.strip() for one in texts):
            wrong = f"of {name!r} {str(texts)[:60]!r}"
            break
    if wrong is not None:
        raise Malformed(f"expected an object of image names with lists of sentences in {file.name}, got {wrong}")
    return sentences


def official(folder: Path) -> Notes:
    """What the official folder says.

    Raises:
        Malformed: files that are missing or do not fit each other.
    """
    rows = _rows(folder, "images.txt")
    if wrong := [row for row in rows if len(row) < 2 or not row[0].isdecimal()]:
        raise Malformed(f"expected a number and CLASS/NAME.jpg a line in images.txt, got {' '.join(wrong[0])!r}")
    ids = {int(row[0]): place for place, row in enumerate(rows)}
    names = [" ".join(row[1:]) for row in rows]
    labels = _by_image(folder, "image_class_labels.txt", ids, 1)[:, 0].astype(int) - 1
    classes = [" ".join(row[1:]) for row in _rows(folder, "classes.txt")] if (folder / "classes.txt").is_file() else []
    count = len(classes) or int(labels.max()) + 1
    by_label = dict(zip(labels.tolist(), names, strict=True))
    classes = classes or [by_label[k].split("/")[0] if k in by_label else str(k + 1) for k in range(count)]
    if labels.min() < 0 or labels.max() >= count:
        raise Malformed(f"expected classes 1..{count} in image_class_labels.txt, got up to {labels.max() + 1}")
    parts, boxes = _part_table(folder, ids), _by_image(folder, "bounding_boxes.txt", ids, 4).astype(np.float32)
    return Notes(
        names, np.array(list(ids)), labels, _by_image(folder, "train_test_split.txt", ids, 1)[:, 0] == 1,
        np.array([(folder / "images" / name).is_file() for name in names]), classes, ATTRIBUTE_NAMES,
        _percentages(folder, count), _attributes(folder, ids), _captions(folder, names),
        parts=lambda place: parts[place], box=lambda place: boxes[place],
        load=lambda place: (folder / "images" / names[place]).read_bytes(),
    )  # fmt: skip


def packed(file: Path) -> Notes:
    """What `cub_annotations.npz` says, with the pictures of a file beside it.

    Raises:
        Malformed: it is no such file, or files are missing or do not fit each other.
    """
    beside = file.parent / "cub_annotations.npz"
    if file.is_dir() or file.suffix not in (".npz", ".tar") or not beside.is_file():
        raise Malformed(
            f"expected the official folder of CUB-200-2011 (with images.txt and images/), or a file of packed pictures "
            f"(.npz or .tar) beside cub_annotations.npz, got {file.name}; name the folder or the file"
        )
    try:
        with np.load(beside) as arrays:
            about = {name: arrays[name] for name in arrays.files if name != "part_names"}
        make = _crops if file.suffix == ".npz" else _tar
        return make(file, about)
    except (KeyError, OSError, ValueError, tarfile.TarError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"{file.name} or cub_annotations.npz is not what it should be ({error}); copy it") from error


def _notes(about: dict[str, Any], index: np.ndarray, folder: Path, **options: Any) -> Notes:
    there = np.zeros(len(about["names"]), bool)
    there[index] = True
    names = about["names"].tolist()
    return Notes(
        names, np.arange(1, len(names) + 1), about["label"].astype(int), about["is_train"] == 1, there,
        about["classes"].tolist(), tuple(about["attribute_names"].tolist()), about["class_attributes_percent"], None,
        _captions(folder, names), **options,
    )  # fmt: skip


def _crops(file: Path, about: dict[str, Any]) -> Notes:
    """Pictures cut to the birds' boxes and warped: JPEG files one behind the other."""
    with np.load(file) as arrays:
        data, offsets, index = arrays["jpeg_bytes"], arrays["offsets"], arrays["cub_index"]
        parts, side = arrays["parts_xyv_in_crop"].astype(np.float32), _side(arrays["jpeg_bytes"])
    place_of = {int(k): i for i, k in enumerate(index)}
    return _notes(
        about, index, file.parent, cropped=True,
        parts=lambda place: parts[place_of[place]] * (parts[place_of[place]][:, 2:] > 0),
        box=lambda place: np.array([0, 0, *side], np.float32),
        load=lambda place: data[offsets[place_of[place]] : offsets[place_of[place] + 1]].tobytes(),
    )  # fmt: skip


def _side(data: np.ndarray) -> tuple[int, int]:
    """Width and height of the first of the pictures; all are alike."""
    import io

    from PIL import Image

    return Image.open(io.BytesIO(data.tobytes())).size


def _tar(file: Path, about: dict[str, Any]) -> Notes:
    """Smaller pictures in an archive, with the scale of each in `index_NAME.npz`."""
    listing = file.with_name(f"index_{file.stem.removeprefix('images_')}.npz")
    if not listing.is_file():
        raise Malformed(f"expected {listing.name} beside {file.name}: the scale of each picture")
    with np.load(listing) as arrays:
        scale = dict(zip(arrays["cub_index"].tolist(), arrays["scale_xy"].astype(np.float32), strict=True))
    with tarfile.open(file) as archive:
        members = {m.name.removeprefix("./"): (m.offset_data, m.size) for m in archive if m.isfile()}
    names = about["names"].tolist()
    if lacking := [names[place] for place in scale if names[place] not in members]:
        raise Malformed(f"{file.name} lacks {len(lacking)} pictures that {listing.name} names, {lacking[0]} first")

    def load(place: int) -> bytes:
        start, size = members[names[place]]
        with file.open("rb") as whole:
            whole.seek(start)
            return whole.read(size)

    return _notes(
        about, np.array(list(scale)), file.parent, load=load,
        parts=lambda place: (about["parts_xyv"][place] * [*scale[place], 1]).astype(np.float32),
        box=lambda place: (about["bbox_xywh"][place] * np.tile(scale[place], 2)).astype(np.float32),
    )  # fmt: skip
