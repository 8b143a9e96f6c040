"""Birds as the cache keeps them, drawn in several processes."""

from collections.abc import Iterator
from typing import Any

from jxai.data.birds.draw import draw_example
from jxai.data.worker import in_processes, png

__all__ = ["drawn", "encoded"]


def encoded(split: str, index: int, *, species: int, size: int, seed: int) -> dict[str, Any]:
    """An example with its image and masks as PNG files, as a tfds builder takes it."""
    example: dict[str, Any] = dict(draw_example(split, index, species=species, size=size, seed=seed))
    return example | {"image": png(example["image"]), "masks": png(example["masks"])}


def drawn(split: str, count: int, **options: int) -> Iterator[dict[str, Any]]:
    """The encoded examples of a split in order."""
    return in_processes(__name__, split, count, **options)
