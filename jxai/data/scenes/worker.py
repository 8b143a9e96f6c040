"""Scenes as the cache keeps them, drawn in several processes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from jxai.data.scenes.draw import draw_scene
from jxai.data.worker import in_processes, png

__all__ = ["drawn", "encoded"]


def encoded(split: str, index: int, *, size: int, seed: int) -> dict[str, Any]:
    """An example as a tfds builder takes it: PNG files, and the instances in columns."""
    example: dict[str, Any] = dict(draw_scene(split, index, size=size, seed=seed))
    instances = example.pop("instances")
    return example | {
        "image": png(example["image"]),
        "masks": png(example["masks"]),
        "kinds": np.array([one.kind for one in instances], np.int32),
        "boxes": np.array([one.box for one in instances], np.float32).reshape(-1, 4),
        "involved": np.array([one.involved for one in instances], np.int32),
    }


def drawn(split: str, count: int, **options: int) -> Iterator[dict[str, Any]]:
    """The encoded examples of a split in order."""
    return in_processes(__name__, split, count, **options)
