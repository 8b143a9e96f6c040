"""Accuracy of a classifier on a set of images."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.run.map import Mapped, map_examples
from jxai.train.image_batches import Examples, stack

__all__ = ["Evaluation", "check_labels", "classifier", "evaluate", "evaluation_of", "from_uint8"]


class Evaluation(NamedTuple):
    """Predictions of a classifier on a set.

    Attributes:
        accuracy: fraction of examples whose largest logit is that of their label.
        predictions: the class with the largest logit, `[n]`.
        logits: `[n, k]`.
    """

    accuracy: float
    predictions: np.ndarray
    logits: np.ndarray


def from_uint8(image: jax.Array) -> jax.Array:
    """An image of 0..255 as float32 in 0..1.

    Args:
        image: uint8, any shape.
    """
    return image.astype(jnp.float32) / 255


def classifier(
    apply: Callable[[Any, Any], Any],
    *,
    preprocess: Callable[[Any], Any] = lambda image: image,
    per_device: int = 32,
    devices: Sequence[Any] | None = None,
) -> Mapped:
    """The logits of a set of images: `classifier(apply)(images, params)`; build once, call often.

    Args:
        apply: `apply(params, x) -> logits [k]` of one example.
        preprocess: from an image in 0..1 to x.
        per_device: images that a device works on at once.
        devices: to use; None: all.

    Returns:
        A `Mapped` from images uint8 `[n, h, w, 3]` and params (shared) to logits `[n, k]`.
    """

    def logits(image, params):
        return apply(params, preprocess(from_uint8(image)))  # bytes go to the devices: a quarter of the transfer

    return map_examples(logits, in_axes=(0, None), per_device=per_device, devices=devices)


def evaluate(
    apply: Callable[[Any, Any], Any],
    params: Any,
    data: Any,
    *,
    preprocess: Callable[[Any], Any] = lambda image: image,
    per_device: int = 32,
    devices: Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Classifies a set and compares with its labels.

    Args:
        apply: `apply(params, x) -> logits [k]` of one example.
        params: of the model.
        data: what `jxai.train.image_batches.stack` takes.
        preprocess: from an image in 0..1 to x.
        per_device: images that a device works on at once.
        devices: to use; None: all.
        progress: called as `progress(done, n)`.

    Returns:
        Accuracy, predictions and logits.

    Raises:
        ValueError: for an empty set, or labels that the model has no logit for.
    """
    examples = stack(data)
    classify = classifier(apply, preprocess=preprocess, per_device=per_device, devices=devices)
    return evaluation_of(classify(examples.images, params, progress=progress), examples)


def evaluation_of(logits: np.ndarray, examples: Examples) -> Evaluation:
    """Logits compared with labels."""
    check_classes(examples, logits.shape[-1], "data")
    predictions = logits.argmax(-1)
    return Evaluation(float(np.mean(predictions == examples.labels)), predictions, logits)


def check_classes(examples: Examples, classes: int, name: str) -> None:
    """Refuses images whose labels the model has no logit for."""
    check_labels(examples.labels, classes, name)


def check_labels(labels: np.ndarray, classes: int, name: str) -> None:
    """Refuses labels that the model has no logit for."""
    if labels.max() >= classes:
        raise ValueError(
            f"expected labels below {classes}, the model's number of classes, got {labels.max()} in {name}; "
            f"build the model with classes={labels.max() + 1} or more"
        )
