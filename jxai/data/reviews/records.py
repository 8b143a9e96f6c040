"""The files of written reviews."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from jxai.data.builder import Made
from jxai.data.reviews.write import CLASSES, write_review

__all__ = ["Reviews"]


class Reviews(Made):
    """The tfds builder of **reviews**; the option is the seed."""

    VERSION = tfds.core.Version("1.0.0")
    name = "reviews"

    def choice(self) -> str:
        """The seed."""
        return f"seed{self.options['seed']}"

    def fields(self) -> dict[str, Any]:
        """The fields of `TextExample`; the words side by side, which no word has a blank in."""
        features = tfds.features
        return {
            "text": features.Text(),
            "label": features.ClassLabel(names=list(CLASSES)),
            "id": features.Scalar(np.int64),
            "rationale": features.Tensor(shape=(None, 2), dtype=np.int64),
        }

    def examples(self, split: str, count: int) -> Iterator[dict[str, Any]]:
        """Written one after the other: thousands a second."""
        for index in range(count):
            example = write_review(split, index, **self.options)
            yield {
                "text": " ".join(example["words"]),
                "label": example["label"],
                "id": example["id"],
                "rationale": np.asarray(example.get("rationale"), np.int64).reshape(-1, 2),
            }
