"""Labelled images in memory: a data source stacked into arrays."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Examples", "stack"]


class Examples(NamedTuple):
    """Labelled images of one size.

    Attributes:
        images: uint8 `[n, h, w, 3]`.
        labels: int32 `[n]`.
        ids: int64 `[n]`; what `fold_in` takes for each example.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray


def stack(source: Any, *, name: str = "data") -> Examples:
    """Reads a data source into memory; `Examples` are only checked.

    Args:
        source: random access (`len(source)`, `source[i]`) to dicts with `image` uint8 `[h, w, 3]`, `label` and
            optionally `id` (else its position); or `Examples`.
        name: what the messages call it.

    Returns:
        The examples, in order.

    Raises:
        ValueError: for an empty source, images of different sizes or of another type, or negative labels.

    Example:
        >>> stack([{"image": np.zeros((8, 8, 3), np.uint8), "label": 3}]).images.shape
        (1, 8, 8, 3)
    """
    if isinstance(source, Examples):
        return _check(source, name)
    if len(source) == 0:
        raise ValueError(f"expected at least one example in {name}, got an empty source")
    rows = [source[i] for i in range(len(source))]
    labels = np.array([int(row["label"]) for row in rows], np.int32)
    ids = np.array([int(row.get("id", i)) for i, row in enumerate(rows)], np.int64)
    return _check(Examples(_images([row["image"] for row in rows], name), labels, ids), name)


def _images(images: Sequence[Any], name: str) -> np.ndarray:
    arrays = [np.asarray(image) for image in images]
    shapes = sorted({array.shape for array in arrays})
    if len(shapes) > 1:  # np.stack would name no remedy
        raise ValueError(
            f"expected images of one size in {name}, got {shapes[0]} and {len(shapes) - 1} other sizes; resize them"
        )
    return np.stack(arrays)


def _check(examples: Examples, name: str) -> Examples:
    images, labels, ids = examples
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) == 0:
        raise ValueError(
            f"expected at least one image uint8 [h, w, c] in {name}, got {images.dtype} {list(images.shape)}; "
            "give values 0..255"
        )
    if labels.shape != images.shape[:1] or ids.shape != images.shape[:1]:
        raise ValueError(f"expected one label and one id for each of {len(images)} images in {name}")
    if labels.min() < 0:
        raise ValueError(f"expected labels from 0 in {name}, got {labels.min()}")
    return examples
