"""Joint training of a hardness predictor and its classifier; can be killed and continued as in `jxai.train.images`."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jxai.run.map import map_examples
from jxai.run.outputs import fingerprint
from jxai.train.config import HardnessConfig
from jxai.train.evaluate import classifier, from_uint8
from jxai.train.folder import Trained
from jxai.train.hardness_losses import classifier_loss, deliberative_loss, eccv_loss, failure_loss
from jxai.train.image_batches import Examples, stack
from jxai.train.images import augmented, check_images, order_of
from jxai.train.loop import Progress, Task, fit, mesh_of
from jxai.train.optimisers import optimiser
from jxai.train.step import AXIS, Objective

__all__ = ["HardnessConfig", "joint_objective", "selective_accuracy", "train_hardness"]

MEASURED = 512  # training images from which the head's normalisation takes its statistics


def train_hardness(
    apply: Callable[[Any, Any], Any],
    params: Any,
    predictor: Any,
    data: Any,
    *,
    validation: Any,
    folder: str | Path,
    config: HardnessConfig = HardnessConfig(),  # noqa: B008 (frozen)
    preprocess: Callable[[Any], Any] = lambda image: image,
    devices: Sequence[Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Trained:
    """Trains a predictor with its classifier, or continues or returns what the folder holds.

    Both see the same augmented images. The predictor's loss changes the predictor alone. The classifier's loss, in
    which hard examples weigh more, changes the classifier alone. The best epoch is the one with the highest
    `selective_accuracy` on the validation images; the history calls it `validation_accuracy`.

    Deviations: the released code has constant learning rates, times 0.95 after each epoch, and the batch's statistics
    in the head's normalisation. Here the rates warm up and fall along a cosine, and the statistics are measured once,
    on training images, and stay.

    Args:
        apply: the classifier, `apply(params, x) -> logits [k]` of one example.
        params: the trained classifier's.
        predictor: a `jxai.models.Hardness` whose trunk has the classifier's architecture.
        data: training images: what `jxai.train.image_batches.stack` takes.
        validation: the same, to choose the best epoch.
        folder: of the run. An interrupted run there is continued, a finished one returned.
        config: the settings.
        preprocess: from an image in 0..1 to x.
        devices: to use; None: all devices of this process.
        progress: called after every step.

    Returns:
        The best params, a dict of `classifier` and `hardness`, and the history.

    Raises:
        ValueError: for data that are empty or do not fit the model or the settings, a folder that holds another run
            (other settings, data or classifier), or a loss that is not finite.
        CheckpointError: if the folder's checkpoint is damaged.

    Reference:
        Wang and Vasconcelos 2018, "Towards realistic predictors", joint training.
    """
    examples, held_out = stack(data, name="data"), stack(validation, name="validation")
    mesh = mesh_of(devices, config.batch)
    check_images(lambda key: params, apply, preprocess, config, examples, held_out)
    places = list(mesh.devices.flat)
    start = {"classifier": params, "hardness": predictor.start(jax.random.key(config.seed), params)}
    initial = _initial(start, predictor, preprocess, examples, places)
    both = classifier(_both(apply, predictor), preprocess=preprocess, devices=places)
    augment = augmented(config, preprocess)
    steps = len(examples.images) // config.batch
    task = Task(
        init=lambda key: initial,
        objective=joint_objective(apply, predictor, config),
        prepare=lambda key, image: (augment(key, image), jax.random.fold_in(key, 1)),  # the second key: dropout
        order=lambda rng: order_of(rng, len(examples.images), config.batch),
        take=lambda rows: (examples.images[rows], examples.labels[rows]),
        evaluate=lambda now: _selective(both(held_out.images, now), held_out),
        steps=steps,
        identity={
            "data": fingerprint(tuple(examples[:2])),
            "validation": fingerprint(tuple(held_out[:2])),
            # before the statistics are measured: their last bits depend on the number of threads, so that a run could
            # not be continued on another machine
            "initial weights": fingerprint(jax.device_get(start)),
        },
        update=_separate_optimisers(config, config.epochs * steps),
    )
    return fit(task, config, folder=Path(folder), mesh=mesh, progress=progress)


def joint_objective(apply: Callable[[Any, Any], Any], predictor: Any, config: HardnessConfig) -> Objective:
    """The sum of both losses, each with a gradient for its own network alone.

    Args:
        apply: the classifier.
        predictor: a `jxai.models.Hardness`.
        config: says which loss.

    Returns:
        `objective(params, (xs, keys), labels) -> (loss, accuracy of the classifier)`, on the devices of a mesh.
    """

    def objective(params, inputs, labels):
        xs, keys = inputs
        logits = jax.vmap(apply, in_axes=(None, 0))(params["classifier"], xs)
        # with a key, so with dropout: in training only
        z = jax.vmap(predictor.logit, in_axes=(None, 0, 0))(params["hardness"], xs, keys)
        right = logits.argmax(-1).astype(labels.dtype) == labels
        probability = jnp.take_along_axis(jax.nn.softmax(logits), labels[:, None], 1)[:, 0]
        # one sum, yet each loss changes its own network alone: each sees the other network's output as a constant
        hard = jax.lax.stop_gradient(jax.nn.sigmoid(z))
        loss = classifier_loss(logits, labels, hard) + _loss(z, jax.lax.stop_gradient(probability), right, config)
        return loss, right.astype(logits.dtype).mean()

    return objective


def _loss(z: Any, probability: Any, right: Any, config: HardnessConfig) -> Any:
    if config.loss == "eccv":
        return eccv_loss(z, probability)
    if config.loss == "failure":
        return failure_loss(z, right)
    return deliberative_loss(z, probability, right, press=config.press, whole=lambda mean: jax.lax.pmean(mean, AXIS))


def selective_accuracy(difficulty: np.ndarray, right: np.ndarray) -> float:
    """The accuracy on the k easiest examples, averaged over k = 1..n: 1 minus the area of the risk-coverage curve.

    Args:
        difficulty: `[n]`.
        right: `[n]`, whether the classifier is right.

    Example:
        >>> round(selective_accuracy(np.array([0.1, 0.9]), np.array([True, False])), 3)
        0.75
    """
    # 1 - `jxai.metrics.risk_coverage(...).area`, but for ties; not from there, as training imports no metrics
    order = np.argsort(difficulty, kind="stable")
    return float(np.mean(np.cumsum(right[order]) / np.arange(1, len(order) + 1)))


def _both(apply: Callable, predictor: Any) -> Callable:
    def both(params, x):
        z = predictor.logit(params["hardness"], x)
        return jnp.concatenate([apply(params["classifier"], x), z[None]])

    return both


def _selective(outputs: np.ndarray, examples: Examples) -> float:
    return selective_accuracy(outputs[:, -1], outputs[:, :-1].argmax(-1) == examples.labels)


def _initial(start: Any, predictor: Any, preprocess: Callable, examples: Examples, devices: list) -> Any:
    """The classifier, and the predictor with statistics of its trunk's outputs on training images."""

    def outputs(image, params):
        return predictor.outputs(params, preprocess(from_uint8(image)))

    # evenly spaced, for the images may be sorted by class
    images = examples.images[:: max(1, len(examples.images) // MEASURED)][:MEASURED]
    trunk_outputs = map_examples(outputs, in_axes=(0, None), per_device=32, devices=devices)(images, start["hardness"])
    return jax.device_get({**start, "hardness": predictor.standardised(start["hardness"], jnp.asarray(trunk_outputs))})


def _separate_optimisers(config: HardnessConfig, steps: int) -> optax.GradientTransformation:
    """The predictor's optimiser by the settings, and SGD for the classifier (none where its rate is 0)."""
    parts = {"hardness": optimiser(config, steps), "classifier": optax.set_to_zero()}
    if config.classifier_rate:
        changes: dict[str, Any] = {"optimiser": "sgd", "learning_rate": config.classifier_rate}
        parts["classifier"] = optimiser(dataclasses.replace(config, **changes), steps)

    def init(params):
        return {name: parts[name].init(params[name]) for name in parts}

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        both = {name: part.update(updates[name], state[name], params[name]) for name, part in parts.items()}
        return {name: new for name, (new, _) in both.items()}, {name: inner for name, (_, inner) in both.items()}

    return optax.GradientTransformation(init, update)
