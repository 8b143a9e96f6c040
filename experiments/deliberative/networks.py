"""The classifiers of `experiments.deliberative` and their hardness predictors, trained unless their folder exists."""

import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from experiments.deliberative.data import Set
from experiments.experiment.paths import BIRD_CLASSIFIER, data_folder
from jxai.models import Model, alexnet, hardness, load, resnet, small_cnn, vgg
from jxai.pipelines.hardness import OUTPUTS
from jxai.train.config import HardnessConfig, TrainConfig
from jxai.train.evaluate import classifier
from jxai.train.hardness import train_hardness
from jxai.train.image_batches import Examples
from jxai.train.images import train
from jxai.train.softmax_regression import softmax_regression

__all__ = ["ARCHITECTURES", "Networks", "networks"]

ARCHITECTURES: dict[str, Callable[..., Model]] = {  # "-like": sized for images of 64 px
    "small CNN": small_cnn,
    "AlexNet-like": lambda **options: alexnet(width=32, hidden=256, **options),
    "VGG-like": lambda **options: vgg(depth=11, width=16, hidden=256, **options),
    "ResNet-like": lambda **options: resnet(depth=18, width=16, **options),
}
OWN = ("loss", "classifier_rate")
FOLDS = 5


class Networks(NamedTuple):
    """A classifier and its hardness predictor.

    Attributes:
        apply: `(params, x) -> logits`.
        hardness: `(x, params) -> s`, 0..1.
        params: of both.
        at: the tap that is explained.
        preprocess: from an image in 0..1 to x.
        accuracy: on the test examples.
    """

    apply: Callable[[Any, Any], Any]
    hardness: Callable[..., Any]
    params: Any
    at: str
    preprocess: Callable[[Any], Any]
    accuracy: float


def networks(
    name: str, data: Set, folder: pathlib.Path, *, epochs: int, predictor: dict[str, Any], progress: Any
) -> Callable[[int], Networks]:
    """The networks of an architecture on a set; those of CUB have the trunk of a pretrained MobileNetV2.

    Args:
        name: of `ARCHITECTURES`.
        data: the set.
        folder: of the runs.
        epochs: of the classifier.
        predictor: settings of the hardness predictor, of `HardnessConfig`; each has a folder of its own.
        progress: called with what is done, how many steps of it, and how many there are.

    Returns:
        From a seed to the networks trained with it.
    """
    if data.name == "cub":
        return _pretrained(data)
    options: dict[str, Any] = {"size": data.train.images.shape[1]}
    model = ARCHITECTURES[name](classes=len(data.classes), **options)
    hard = hardness(ARCHITECTURES[name](classes=OUTPUTS * len(data.classes), **options))
    shared: dict[str, Any] = {"validation": data.val, "preprocess": model.preprocess}

    def report(what: str) -> Callable[[Any], None]:
        return lambda at: progress(f"{what}, {data.name}, {name}", at.step, at.steps)

    def trained(seed: int) -> Networks:
        run = folder / f"{data.name}-{name.replace(' ', '_')}-{epochs}-{seed}"
        settings = HardnessConfig(seed=seed, **predictor)
        first = train(
            model.init, model.apply, data.train, folder=run / "classifier", progress=report("classifier"),
            config=TrainConfig(epochs=epochs, seed=seed), **shared,
        )  # fmt: skip
        both = train_hardness(
            model.apply, first.params, hard, data.train, folder=run / _folder(settings),
            progress=report("hardness predictor"), config=settings, **shared,
        )  # fmt: skip
        apply = lambda params, x: model.apply(params["classifier"], x)  # noqa: E731
        predict = lambda x, params: hard.apply(params["hardness"], x)  # noqa: E731
        params = jax.tree.map(jnp.asarray, both.params)
        return _with_accuracy(Networks(apply, predict, params, model.features, model.preprocess, 0.0), data.test)

    return trained


def _folder(settings: HardnessConfig) -> str:
    """The folder of a predictor: its epochs, and the settings that differ from the default."""
    own = {name: getattr(settings, name) for name in OWN if getattr(settings, name) != getattr(HardnessConfig, name)}
    return "-".join(["hardness", str(settings.epochs), *(f"{name}_{value}" for name, value in own.items())])


def _pretrained(data: Set) -> Callable[[int], Networks]:
    """A MobileNetV2 trained on other photographs of birds, with a new last layer; hardness is read from its features.

    The last layer has memorised its training images. So the targets of the predictor come from `FOLDS` layers, each
    fitted without the images that it predicts. The features of the training images serve all seeds.
    """
    model, params = load("mobilenet_v2", data_folder() / "models" / BIRD_CLASSIFIER)
    trunk = jax.tree.map(jnp.asarray, {name: leaf for name, leaf in params.items() if name != "classify"})

    def outputs(trunk: Any, last: Any, x: Any) -> Any:
        return model.apply({**trunk, "classify": last}, x)

    def hard(x: Any, params: Any) -> Any:
        hidden = jax.nn.relu(outputs(params["trunk"], params["hidden"], x))
        return jax.nn.sigmoid(hidden @ params["last"]["kernel"][:, 0] + params["last"]["bias"][0])

    width = params["classify"]["kernel"].shape[0]
    identity = {"kernel": jnp.eye(width, dtype=jnp.float32), "bias": jnp.zeros(width, jnp.float32)}
    read = classifier(lambda both, x: outputs(both[0], both[1], x), preprocess=model.preprocess)
    features = jnp.asarray(read(data.train.images, (trunk, identity)))
    labels, classes = jnp.asarray(data.train.labels), len(data.classes)
    last = softmax_regression(features, labels, classes)

    def fitted(seed: int) -> Networks:
        head = _fitted_hardness(features, _held_out_probability(features, labels, classes, seed), seed)
        apply = lambda params, x: outputs(params["trunk"], params["classify"], x)  # noqa: E731
        every = {"trunk": trunk, "classify": last, **head}
        return _with_accuracy(Networks(apply, hard, every, model.features, model.preprocess, 0.0), data.test)

    return fitted


def _held_out_probability(features: Any, labels: Any, classes: int, seed: int) -> Any:
    """The probability of each image's true class by a layer that was fitted without it."""
    fold = jnp.asarray(np.random.default_rng(seed).permutation(len(labels)) % FOLDS)
    logits = jnp.zeros((len(labels), classes))
    for k in range(FOLDS):
        layer = softmax_regression(features, labels, classes, weights=fold != k)
        logits = jnp.where((fold == k)[:, None], features @ layer["kernel"] + layer["bias"], logits)
    return jnp.take_along_axis(jax.nn.softmax(logits), labels[:, None], 1)[:, 0]


def _fitted_hardness(features: Any, true: Any, seed: int, width: int = 64) -> Any:
    """The loss of Wang and Vasconcelos 2018 on one hidden layer of ReLUs."""
    draw = jax.random.normal(jax.random.key(seed), (features.shape[1], width)) * (2 / features.shape[1]) ** 0.5
    start = {
        "hidden": {"kernel": draw, "bias": jnp.zeros(width)},
        "last": {"kernel": jnp.zeros((width, 1)), "bias": jnp.zeros(1)},
    }

    def loss(head: Any) -> Any:
        hidden = jax.nn.relu(features @ head["hidden"]["kernel"] + head["hidden"]["bias"])
        z = (hidden @ head["last"]["kernel"] + head["last"]["bias"])[:, 0]
        size = sum((layer["kernel"] ** 2).sum() for layer in head.values())
        return -(true * jax.nn.log_sigmoid(-z) + (1 - true) * jax.nn.log_sigmoid(z)).mean() + 1e-3 * size

    return _minimise(loss, start, steps=300, rate=0.003)


def _minimise(loss: Callable[[Any], Any], start: Any, *, steps: int, rate: float) -> Any:
    optimiser = optax.adam(rate)

    def step(state: Any, _: Any) -> Any:
        params, moments = state
        updates, moments = optimiser.update(jax.grad(loss)(params), moments)
        return (optax.apply_updates(params, updates), moments), None

    run = jax.jit(lambda start: jax.lax.scan(step, (start, optimiser.init(start)), None, length=steps)[0][0])
    return run(start)


def _with_accuracy(networks: Networks, test: Examples) -> Networks:
    logits = classifier(networks.apply, preprocess=networks.preprocess)(test.images, networks.params)
    return networks._replace(accuracy=float((np.asarray(logits).argmax(-1) == test.labels).mean()))
