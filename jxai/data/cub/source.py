"""**cub**: CUB-200-2011, birds with parts and attributes, from its official folder or from packed files."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from jxai.data.archives import Malformed
from jxai.data.birds.attributes import GROUP_PARTS, PARTS
from jxai.data.cub.division import DIVISIONS, division_of
from jxai.data.cub.files import Notes, official, packed
from jxai.data.images import ImageSource
from jxai.data.schema import ImageExample, Meta
from jxai.data.square import cut

__all__ = ["cub"]

_SPLITS = ("train", "val", "test")


class _Record(NamedTuple):
    """One image: its place in the notes, its label, and how to read it."""

    place: int
    label: int


def cub(
    split: str,
    source: str | os.PathLike,
    *,
    size: int | None = None,
    crop: str = "middle",
    division: str = "official",
    captioned: bool = False,
) -> ImageSource:
    """The examples of a split of CUB-200-2011, in the schema of **birds**.

    The official test split; of the official training images, in order, every tenth is for validation: 5395, 599 and
    5794 images. Or FLEX's division of the same training images: 4000, 1994 and 5794. Classes without an image in the
    source are left out, the others numbered in order; what `captioned` leaves out changes no number.

    Args:
        split: `train`, `val` or `test`.
        source: The official folder (`images.txt`, `image_class_labels.txt`, `train_test_split.txt`,
            `bounding_boxes.txt`, `parts/part_locs.txt`, `attributes/class_attribute_labels_continuous.txt`,
            `images/`; where they are there also `attributes/image_attribute_labels.txt` and captions, in
            `text_c10/CLASS/NAME.txt` or `captions.json`); or, beside a `cub_annotations.npz`, an `.npz` of packed crops
            (`jpeg_bytes`, `offsets`, `cub_index`, `parts_xyv_in_crop`), or a `.tar` of smaller images with its
            `index_NAME.npz`.
        size: Side of the images in pixels; None: as they are, each of its own size.
        crop: With `size`: `middle`, the largest square in the middle, or `box`, the bird's box, warped to a square.
            Packed crops are resized only.
        division: `official`, or `flex`, after `train_no_cub.txt`, `val_no_cub.txt` and `test_no_cub.txt` in the folder
            or beside the packed file: a name `CLASS/NAME.jpg` a line.
        captioned: Whether images without captions are left out.

    Returns:
        The examples in random access: `image`, `label`, `id` (CUB's own number), `parts`, `box`, and `attributes` and
        `captions` where there are any; no masks.

    Raises:
        FileNotFoundError: There is no such folder or file.
        ValueError: An unknown option, or files that are missing, malformed or do not fit each other.

    Reference: Wah, Branson, Welinder, Perona and Belongie, 2011, "The Caltech-UCSD Birds-200-2011 Dataset"; captions:
    Reed et al., 2016, "Learning Deep Representations of Fine-Grained Visual Descriptions"; the other division:
    Hendricks et al., 2016, "Generating Visual Explanations", as released with FLEX (Wickramanayake et al., 2019).
    """
    if split not in _SPLITS:
        raise ValueError(f"expected a split of {list(_SPLITS)}, got {split!r}")
    if crop not in ("middle", "box") or (size is not None and not 16 <= size <= 1024):
        raise ValueError(f"expected crop='middle' or 'box' and a size of 16 to 1024, got crop={crop!r}, size={size}")
    if division not in DIVISIONS:
        raise ValueError(f"expected a division of {list(DIVISIONS)}, got {division!r}")
    path = Path(source).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"no folder or file at {path}")
    whole = (path / "images.txt").is_file() and (path / "images").is_dir()
    notes = official(path) if whole else packed(path)
    labels = np.unique(notes.labels[notes.there])
    meta = Meta(
        tuple(notes.classes[k] for k in labels),
        PARTS,
        notes.attribute_names,
        GROUP_PARTS,
        notes.class_attributes[labels],
    )
    folder = path if whole else path.parent
    places = [place for place in division_of(notes, folder, division)[split] if notes.there[place]]
    places = [place for place in places if notes.captions.get(notes.names[place]) or not captioned]
    if not places:
        what = "pictures with captions" if captioned else "pictures"
        raise Malformed(f"{path.name} has no {what} of the split {split!r}; take more of the set")
    records = [_Record(int(place), int(np.searchsorted(labels, notes.labels[place]))) for place in places]
    return ImageSource(records, split=split, meta=meta, folder=path, read=_reader(notes, size, crop))


def _reader(notes: Notes, size: int | None, crop: str) -> Callable[[_Record], ImageExample]:
    def read(record: _Record) -> ImageExample:
        place, name = record.place, notes.names[record.place]
        image = _decoded(notes.load(place), name)
        parts = notes.parts(place)
        example: dict[str, Any] = {"image": image, "label": record.label, "id": int(notes.ids[place]), "parts": parts}
        example["box"] = notes.box(place)
        if notes.attributes is not None:
            example["attributes"] = notes.attributes[place]
        if name in notes.captions:
            example["captions"] = list(notes.captions[name])
        if size is not None:
            h, w = image.shape[:2]
            window = {"middle": None, "box": _within(example["box"], w, h)}[crop] if not notes.cropped else (0, 0, w, h)
            example = cut(example, size, window)
        return ImageExample(**example)

    return read


def _within(box: np.ndarray, width: int, height: int) -> tuple[float, float, float, float]:
    """A box as far as it lies in the picture."""
    x0, y0 = max(float(box[0]), 0.0), max(float(box[1]), 0.0)
    x1, y1 = min(float(box[0] + box[2]), float(width)), min(float(box[1] + box[3]), float(height))
    return x0, y0, x1 - x0, y1 - y0


def _decoded(data: bytes, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return np.array(picture.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise Malformed(f"the picture {name} cannot be read ({error}); copy it again") from None
