"""The files of drawn birds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from jxai.data.birds.attributes import ATTRIBUTE_NAMES, PARTS
from jxai.data.birds.species import birds_meta
from jxai.data.birds.worker import drawn
from jxai.data.builder import Made

__all__ = ["Birds"]


class Birds(Made):
    """The tfds builder of **birds**; the options are species, size and seed."""

    VERSION = tfds.core.Version("1.2.0")
    name = "birds"

    def choice(self) -> str:
        """Species, size and seed."""
        return f"k{self.options['species']}-s{self.options['size']}-seed{self.options['seed']}"

    def fields(self) -> dict[str, Any]:
        """The fields of `ImageExample`."""
        side, features = self.options["size"], tfds.features
        return {
            "image": features.Image(shape=(side, side, 3)),
            "masks": features.Image(shape=(side, side, 1)),
            "label": features.ClassLabel(names=list(birds_meta(self.options["species"]).classes)),
            "id": features.Scalar(np.int64),
            "parts": features.Tensor(shape=(len(PARTS), 3), dtype=np.float32),
            "box": features.Tensor(shape=(4,), dtype=np.float32),
            "attributes": features.Tensor(shape=(len(ATTRIBUTE_NAMES),), dtype=np.uint8),
            "captions": features.Sequence(features.Text()),
        }

    def examples(self, split: str, count: int) -> Iterator[dict[str, Any]]:
        """Drawn by several processes."""
        return drawn(split, count, **self.options)
