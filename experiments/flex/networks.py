"""The classifiers that `experiments.flex` explains, trained unless their folder exists."""

import pathlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from experiments.experiment.paths import BIRD_CLASSIFIER, WEIGHTS, data_folder
from experiments.flex.data import Set
from jxai.models import Model, load, small_cnn
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.words.classifier import fit_last_layer
from jxai.train.config import TrainConfig
from jxai.train.evaluate import classifier
from jxai.train.images import train

__all__ = ["Network", "logits_of", "network"]

EPOCHS = {"birds": 12, "scenes": 40}
LAYERS = {  # from the first to the last
    "small_cnn": ("block0", "block1", "block2", "block3", "features"),
    "mobilenet_v2": ("block1", "block3", "block6", "block13", "features"),
}


class Network(NamedTuple):
    """A classifier.

    Attributes:
        model: its functions.
        params: its parameters.
        layers: the taps that are explained, from the first to the last.
        accuracy: on all test images.
    """

    model: Model
    params: Any
    layers: tuple[str, ...]
    accuracy: float


def network(data: Set, folder: pathlib.Path, *, seed: int, progress: Any) -> Network:
    """The classifier of a set: a small CNN from scratch, or a pretrained MobileNetV2 with a new last layer.

    Args:
        data: the set.
        folder: of the runs.
        seed: of the training.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    if data.name in EPOCHS:
        return _small(data, folder / f"{data.name}-{EPOCHS[data.name]}-{seed}", seed, progress)
    return _pretrained(data, folder / f"{data.name.replace(' ', '_')}-{len(data.pictures['train'].labels)}.npz")


def _small(data: Set, run: pathlib.Path, seed: int, progress: Any) -> Network:
    model = small_cnn(classes=len(data.classes), size=data.pictures["train"].images.shape[1])
    result = train(
        model.init, model.apply, data.pictures["train"], validation=data.pictures["val"], folder=run,
        config=TrainConfig(epochs=EPOCHS[data.name], seed=seed), preprocess=model.preprocess,
        progress=lambda at: progress(f"training, {data.name}", at.step, at.steps),
    )  # fmt: skip
    return _with_accuracy(model, jax.tree.map(jnp.asarray, result.params), "small_cnn", data)


def _pretrained(data: Set, file: pathlib.Path) -> Network:
    """A MobileNetV2 whose last layer is fitted to the features of the training images, and stored in the file."""
    name = BIRD_CLASSIFIER if data.name.startswith("cub") else WEIGHTS["mobilenet_v2"]
    model, params = load("mobilenet_v2", data_folder() / "models" / name)
    trunk = jax.tree.map(jnp.asarray, {name: leaf for name, leaf in params.items() if name != "classify"})
    model = model._replace(classes=len(data.classes), label_offset=0)
    if file.exists():
        with np.load(file) as arrays:
            last = {name: jnp.asarray(arrays[name]) for name in ("kernel", "bias")}
    else:
        last = fit_last_layer(Loaded(model, params, None), data.pictures["train"], len(data.classes))["classify"]
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, kernel=np.asarray(last["kernel"]), bias=np.asarray(last["bias"]))
    return _with_accuracy(model, {**trunk, "classify": last}, "mobilenet_v2", data)


def _with_accuracy(model: Model, params: Any, kind: str, data: Set) -> Network:
    test = data.pictures["test"]
    predicted = logits_of(model, params, test.images).argmax(-1)
    return Network(model, params, LAYERS[kind], float((predicted == test.labels).mean()))


def logits_of(model: Model, params: Any, images: np.ndarray) -> np.ndarray:
    """The logits of all images, `[n, k]`."""
    return np.asarray(classifier(model.apply, preprocess=model.preprocess)(images, params))
