"""Whose insecurities are shown: photographs, or test images of a run; and what examples of its classes look like."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.data.photos import fit, read_photo
from jxai.data.spec import Splits
from jxai.models import Model

__all__ = [
    "ClassExamples",
    "Subjects",
    "class_examples",
    "photographs",
    "test_images",
]

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
ClassExamples = Callable[[int, int], tuple[np.ndarray, ...]]  # (output of the model, how many) -> images


class Subjects(NamedTuple):
    """Pictures as the model takes them, before its preprocessing."""

    images: np.ndarray  # [n, size, size, 3] in 0..1
    names: list[str]
    labels: list[int | None]  # outputs of the model, where the truth is known
    examples: list[Any]  # the data set's, None for photographs


def photographs(paths: Sequence[Path], model: Model, crop: float | None) -> Subjects:
    """Photographs of one's own, cut and resized for the model."""
    pictures = [read_photo(path) for path in paths]
    images = np.stack([fit(p, model.size, crop=crop or model.crop, resample=model.resample) for p in pictures])
    stems = [path.stem for path in paths]
    names = [stem if stems.count(stem) == 1 else f"{k:02d}_{stem}" for k, stem in enumerate(stems)]
    return Subjects(images, names, [None] * len(names), [None] * len(names))


def test_images(data: Splits, numbers: Sequence[int], model: Model) -> Subjects:
    """Test images of a run, by number.

    Raises:
        ValueError: there is no image of that number.
    """
    for number in numbers:
        if not 0 <= number < len(data.test):
            raise ValueError(f"--test {number}: the run has test images 0 to {len(data.test) - 1}.")
    examples = [data.test[int(number)] for number in numbers]
    images = np.stack([example["image"] for example in examples]).astype(np.float32) / 255
    names = [f"test_{number}" for number in numbers]
    return Subjects(images, names, [example["label"] + model.label_offset for example in examples], examples)


def class_examples(
    folder: Path | None, data: Splits | None, names: list[str], model: Model, seed: int
) -> ClassExamples:
    """Images of a class: from a folder, from a run's training data, or none.

    Raises:
        ValueError: the folder is none, or one of its folders is called like no class.
    """
    if folder is not None:
        return _from_folder(folder, names, model, seed)
    if data is not None:
        return _from_data(data, model, seed)
    return lambda label, count: ()


def _from_folder(folder: Path, names: list[str], model: Model, seed: int) -> ClassExamples:
    if not folder.is_dir():
        raise ValueError(f"--examples: expected a folder with one folder a class, got {folder}.")
    files_of = {}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(file for file in place.iterdir() if file.suffix.lower() in ENDINGS)
        files_of[_class_of(place.name, names, model)] = files
    if not files_of:
        raise ValueError(f"--examples: expected one folder a class in {folder}, got none.")

    def examples(label: int, count: int) -> tuple[np.ndarray, ...]:
        files = files_of.get(label, [])
        order = np.random.default_rng((seed, label)).permutation(len(files))[:count]
        return tuple(read_photo(files[k]) for k in order)

    return examples


def _class_of(folder: str, names: list[str], model: Model) -> int:
    """The output that a folder is named after: `17`, `cat`, or `017.cat`."""
    words = [[word.strip().casefold() for word in (name, *name.split(","))] for name in names]
    wanted = folder.replace("_", " ").casefold()
    for label, synonyms in enumerate(words):
        if wanted in synonyms:
            return label
    number = folder.split(".")[0]
    if number.isdigit() and int(number) < len(names) - model.label_offset:
        return int(number) + model.label_offset
    close = difflib.get_close_matches(wanted, [word for synonyms in words for word in synonyms], n=2)
    raise ValueError(
        f"--examples: no class is called {folder!r}; {'is it ' + ' or '.join(close) if close else 'rename it'}."
    )


def _from_data(data: Splits, model: Model, seed: int) -> ClassExamples:
    """Training images at random; those seen on the way are kept for the other classes."""
    order = iter(np.random.default_rng(seed).permutation(len(data.train)))
    images_of: dict[int, list[np.ndarray]] = {}

    def examples(label: int, count: int) -> tuple[np.ndarray, ...]:
        own = images_of.setdefault(label, [])
        while len(own) < count and (place := next(order, None)) is not None:
            example = data.train[int(place)]
            images_of.setdefault(example["label"] + model.label_offset, []).append(example["image"])
        return tuple(own[:count])

    return examples
