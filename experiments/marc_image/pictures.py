"""The images of MaRC's Table 2 with the networks that classify them: drawn birds, and photographs of ImageNet."""

import csv
import pathlib
from typing import Any, NamedTuple

import jax
import numpy as np

from experiments.experiment.paths import WEIGHTS
from jxai.data.birds.source import birds
from jxai.data.photos import fit, read_photo
from jxai.data.spec import DataSpec
from jxai.data.spec import load as load_data
from jxai.models import Model, load
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.classifier import train_classifier
from jxai.pipelines.images import Cases
from jxai.pipelines.targets import class_names, runner_up
from jxai.run.map import map_examples
from jxai.train.config import TrainConfig

__all__ = ["Pictures", "bird_pictures", "of_arrays", "photographs", "probabilities"]

SPECIES, SIDE = 20, 64


class Pictures(NamedTuple):
    """A network and the images that it classifies.

    Attributes:
        name: of the network.
        model: its functions.
        params: its parameters.
        cases: images, true classes, the likeliest other class, ids.
        names: of the model's outputs.
        likely: `[n]`, probability of the true class.
        right: share of the images that the network gets right.
    """

    name: str
    model: Model
    params: Any
    cases: Cases
    names: list[str]
    likely: np.ndarray
    right: float


def bird_pictures(count: int, weights: pathlib.Path, progress: Any) -> Pictures:
    """The first birds of the test split, and the small network, trained if its folder does not exist.

    Args:
        count: how many.
        weights: folder of the run.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    if not (weights / "best").is_dir():
        splits = load_data(DataSpec("birds", options={"species": SPECIES}), SIDE, progress=progress)
        train_classifier("small_cnn", splits, SIDE, weights, TrainConfig(), progress)
    model, params, names = load_weights(None, weights)
    # an image depends only on its split and its number: the rest of the set need not be drawn
    test = birds("test", species=SPECIES, size=SIDE, train=1, val=1, test=count)
    images = np.stack([test[k]["image"] for k in range(count)]).astype(np.float32) / 255
    labels = np.array([test[k]["label"] for k in range(count)], np.int32)
    return of_arrays("small_cnn", model, params, images, labels, names or class_names(None, model))


def photographs(name: str, count: int, folder: pathlib.Path) -> Pictures:
    """Photographs of ImageNet, evenly chosen from all, cropped as for the network's training.

    Args:
        name: of the network.
        count: how many, at most.
        folder: with `models` and `images`.
    """
    model, params = load(name, folder / "models" / WEIGHTS[name])
    labelled = []
    for part in ("imagenet_500", "imagenet_val_11"):
        with (folder / "images" / part / "labels.csv").open() as file:
            labelled += [(folder / "images" / part / row["file"], int(row["index"])) for row in csv.DictReader(file)]
    chosen = [labelled[k] for k in np.unique(((np.arange(count) + 0.5) * len(labelled) / count).astype(int))]
    photos = [read_photo(path) for path, _ in chosen]
    images = np.stack([fit(photo, model.size, crop=model.crop, resample=model.resample) for photo in photos])
    labels = np.array([label + model.label_offset for _, label in chosen], np.int32)
    return of_arrays(name, model, params, images, labels, class_names(folder / "models" / "imagenet_labels.txt", model))


def of_arrays(
    name: str, model: Model, params: Any, images: np.ndarray, labels: np.ndarray, names: list[str]
) -> Pictures:
    """Images `[n, size, size, 3]` in 0..1 with the outputs of their true classes `[n]`."""
    likely = probabilities(model, params, images)
    against = np.array([runner_up(row, int(label)) for row, label in zip(likely, labels, strict=True)], np.int32)
    cases = Cases(images, labels, against, np.arange(len(labels), dtype=np.uint32))
    right = float((likely.argmax(1) == labels).mean())
    return Pictures(name, model, params, cases, names, likely[np.arange(len(labels)), labels], right)


def probabilities(model: Model, params: Any, images: np.ndarray) -> np.ndarray:
    """The probability of every class for every image, `[n, classes]`."""

    def one(image: jax.Array, params: Any) -> jax.Array:
        return jax.nn.softmax(model.apply(params, model.preprocess(image)))

    mapped = map_examples(one, in_axes=(0, None), per_device=1, devices=jax.local_devices()[: len(images)])
    return mapped(images, params)
