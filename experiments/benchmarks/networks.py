"""The networks that are timed, at 224 px, with real weights if their files exist."""

import pathlib
from typing import NamedTuple

import jax
import numpy as np

from experiments.experiment.paths import WEIGHTS, data_folder
from jxai.models import Model, load, mobilenet_v2, resnet50, vit_tiny
from jxai.models.model import Params

__all__ = ["MAKE", "MIDDLE", "Network", "network", "photographs"]

MAKE = {"mobilenet_v2": mobilenet_v2, "vit_tiny": vit_tiny, "resnet50": resnet50}
MIDDLE = {"mobilenet_v2": "block13", "vit_tiny": "block5/grid", "resnet50": "layer2"}


class Network(NamedTuple):
    """A model with its parameters.

    Attributes:
        name: of the architecture.
        model: its functions.
        params: its parameters.
        middle: a tap halfway down, for the methods that explain a layer.
        weights: "real" or "random".
    """

    name: str
    model: Model
    params: Params
    middle: str
    weights: str


def network(name: str, folder: pathlib.Path | None = None) -> Network:
    """Loads the weights from `folder` (or `$JXAI_DATA/models`); without a file, draws random ones."""
    place = folder or data_folder() / "models"
    path = place / WEIGHTS[name]
    if path.is_file():
        return Network(name, *load(name, path), MIDDLE[name], "real")
    model = MAKE[name]()
    return Network(name, model, model.init(jax.random.key(0)), MIDDLE[name], "random")


def photographs(network: Network, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Smooth random images `[batch, size, size, 3]` in -1..1, and labels; the time does not depend on their content."""
    random = np.random.default_rng(0)
    coarse = random.uniform(-1, 1, (batch, 14, 14, 3)).astype(np.float32)
    labels = random.integers(0, network.model.classes, batch).astype(np.int32)
    times = network.model.size // 14
    return coarse.repeat(times, 1).repeat(times, 2), labels
