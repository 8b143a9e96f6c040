"""The files of drawn scenes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from jxai.data.builder import Made
from jxai.data.scenes.activities import ACTIVITY_NAMES
from jxai.data.scenes.profiles import CLASSES
from jxai.data.scenes.worker import drawn
from jxai.data.schema import Instance, SceneExample

__all__ = ["Scenes", "read"]


def read(record: Any) -> SceneExample:
    """An example from its record."""
    columns = zip(record["kinds"].tolist(), record["boxes"].tolist(), record["involved"].tolist(), strict=True)
    return SceneExample(
        image=record["image"],
        label=int(record["label"]),
        id=int(record["id"]),
        masks=record["masks"][..., 0],
        instances=[Instance(kind, (box[0], box[1], box[2], box[3]), bool(used)) for kind, box, used in columns],
        activity=int(record["activity"]),
        captions=[text.decode() for text in record["captions"]],
    )


class Scenes(Made):
    """The tfds builder of **scenes**; the options are size and seed."""

    VERSION = tfds.core.Version("1.0.0")
    name = "scenes"

    def choice(self) -> str:
        """Size and seed."""
        return f"s{self.options['size']}-seed{self.options['seed']}"

    def fields(self) -> dict[str, Any]:
        """The fields of `SceneExample`, the instances in columns."""
        side, features = self.options["size"], tfds.features
        return {
            "image": features.Image(shape=(side, side, 3)),
            "masks": features.Image(shape=(side, side, 1)),
            "label": features.ClassLabel(names=list(CLASSES)),
            "id": features.Scalar(np.int64),
            "kinds": features.Tensor(shape=(None,), dtype=np.int32),
            "boxes": features.Tensor(shape=(None, 4), dtype=np.float32),
            "involved": features.Tensor(shape=(None,), dtype=np.int32),
            "activity": features.ClassLabel(names=list(ACTIVITY_NAMES)),
            "captions": features.Sequence(features.Text()),
        }

    def examples(self, split: str, count: int) -> Iterator[dict[str, Any]]:
        """Drawn by several processes."""
        return drawn(split, count, **self.options)
