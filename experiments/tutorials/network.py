"""What the tutorials share: a few hundred drawn birds, a small network that tells eight species apart, a folder.

The network is trained in seconds and kept in the folder, so that the next tutorial finds it there.
"""

import pathlib
import sys
from typing import Any, NamedTuple

import numpy as np

from jxai.data import ImageSource, birds
from jxai.models import Model, small_cnn
from jxai.pipelines.devices import prepare
from jxai.train.config import TrainConfig
from jxai.train.images import train

__all__ = ["SIZE", "Birds", "folder", "load", "pictures", "trained"]

SIZE, SPECIES = 64, 8
COUNTS: dict[str, Any] = {"train": 960, "val": 64, "test": 160}


class Birds(NamedTuple):
    """The three splits, and the names of the species."""

    train: ImageSource
    val: ImageSource
    test: ImageSource
    names: tuple[str, ...]


def folder() -> pathlib.Path:
    """Where pictures go: the script's argument; in a notebook, or without one, `jxai-tutorials`."""
    chosen = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    path = pathlib.Path(chosen[0] if chosen and "ipykernel" not in sys.modules else "jxai-tutorials")
    path.mkdir(parents=True, exist_ok=True)
    return path


def load() -> Birds:
    """Two families of four species each: within a family they differ in one to three attributes."""
    prepare()
    train, val, test = (birds(split, species=SPECIES, size=SIZE, **COUNTS) for split in ("train", "val", "test"))
    return Birds(train, val, test, tuple(train.meta.classes))


def trained(data: Birds, path: pathlib.Path) -> tuple[Model, Any]:
    """A small convolutional network, trained on first use."""
    model = small_cnn(classes=SPECIES, size=SIZE, widths=(24, 32, 48, 64))
    settings = TrainConfig(epochs=20, batch=32)
    run = train(
        model.init,
        model.apply,
        data.train,
        validation=data.val,
        folder=path / "network",
        config=settings,
        preprocess=model.preprocess,
    )
    return model, run.params


def pictures(source: ImageSource, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Images `[n, h, w, 3]` in 0..1 and labels `[n]`."""
    rows = [source[k] for k in places]
    return np.stack([row["image"] for row in rows]).astype(np.float32) / 255, np.array([row["label"] for row in rows])
