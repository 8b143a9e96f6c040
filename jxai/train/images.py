"""Training of a classifier on all devices; it can be killed and continued.

The state after step s depends only on the settings, the data and the devices: the order of an epoch on (seed, epoch),
the augmentation of an image on (seed, step, place in the batch). So a run that is killed and started again ends with
the same weights, bit for bit, as one that was not.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jxai.run.outputs import fingerprint
from jxai.train.augment import augment
from jxai.train.config import TrainConfig
from jxai.train.evaluate import check_classes, classifier, evaluation_of, from_uint8
from jxai.train.folder import Trained
from jxai.train.image_batches import Examples, stack
from jxai.train.loop import Progress, Task, fit, mesh_of
from jxai.train.step import cross_entropy

__all__ = ["Progress", "TrainConfig", "Trained", "augmented", "check_images", "order_of", "train"]


def train(
    init: Callable[[Any], Any],
    apply: Callable[[Any, Any], Any],
    data: Any,
    *,
    validation: Any,
    folder: str | Path,
    config: TrainConfig = TrainConfig(),  # noqa: B008 (frozen)
    preprocess: Callable[[Any], Any] = lambda image: image,
    devices: Sequence[Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Trained:
    """Trains a classifier, or continues or returns what the folder holds.

    Cross-entropy, AdamW or SGD, warm-up and cosine schedule; data-parallel over the devices. The images are kept in
    memory as uint8 and augmented on the devices. The last images of an epoch that do not fill a batch are left out
    (the order is new in every epoch).

    Args:
        init: `init(key) -> params`, nested dicts of arrays.
        apply: `apply(params, x) -> logits [k]` of one example.
        data: training images: what `jxai.train.image_batches.stack` takes.
        validation: the same, to choose the best epoch.
        folder: of the run. An interrupted run there is continued, a finished one returned.
        config: the settings.
        preprocess: from an image in 0..1 to x.
        devices: to use; None: all devices of this process.
        progress: called after every step.

    Returns:
        The best params and the history.

    Raises:
        ValueError: for data that are empty or do not fit the model or the settings, a folder that holds another
            run (other settings or data), or a loss that is not finite.
        CheckpointError: if the folder's checkpoint is damaged.
    """
    examples, held_out = stack(data, name="data"), stack(validation, name="validation")
    mesh = mesh_of(devices, config.batch)
    check_images(init, apply, preprocess, config, examples, held_out)
    classify = classifier(apply, preprocess=preprocess, devices=list(mesh.devices.flat))
    task = Task(
        init=jax.jit(init),
        objective=cross_entropy(apply, config),
        prepare=augmented(config, preprocess),
        order=lambda rng: order_of(rng, len(examples.images), config.batch),
        take=lambda rows: (examples.images[rows], examples.labels[rows]),
        evaluate=lambda params: evaluation_of(classify(held_out.images, params), held_out).accuracy,
        steps=len(examples.images) // config.batch,
        # images and labels, not ids: the same pictures under other ids are the same run
        identity={"data": fingerprint(tuple(examples[:2])), "validation": fingerprint(tuple(held_out[:2]))},
    )
    return fit(task, config, folder=Path(folder), mesh=mesh, progress=progress)


def augmented(config: TrainConfig, preprocess: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """`prepare(key, image) -> x`: the augmentation of a training image, then the model's preprocessing."""
    options = {"flip": config.flip, "shift": config.shift, "brightness": config.brightness, "contrast": config.contrast}
    return lambda key, image: preprocess(augment(key, from_uint8(image), **options))


def order_of(rng: np.random.Generator, count: int, batch: int) -> list[np.ndarray]:
    """The examples of every step of an epoch; those that fill no batch are left out."""
    steps = count // batch
    return list(rng.permutation(count)[: steps * batch].reshape(steps, batch))


def check_images(init, apply, preprocess, config, examples: Examples, held_out: Examples) -> None:
    """Refuse images that do not fit the model or the settings."""
    if len(examples.images) < config.batch:
        raise ValueError(
            f"expected at least one batch of {config.batch} training images, got {len(examples.images)}; lower batch"
        )
    if held_out.images.shape[1:] != examples.images.shape[1:]:
        raise ValueError(
            f"expected validation images of shape {list(examples.images.shape[1:])} like the training images, "
            f"got {list(held_out.images.shape[1:])}; resize them"
        )
    # shapes alone: a mistake shows before the first program is compiled
    image = jax.ShapeDtypeStruct(examples.images.shape[1:], np.float32)
    logits = jax.eval_shape(lambda key, x: apply(init(key), preprocess(x)), jax.random.key(0), image)
    if len(logits.shape) != 1:
        raise ValueError(f"expected logits [k] from apply, got shape {list(logits.shape)}")
    check_classes(examples, logits.shape[0], "data")
    check_classes(held_out, logits.shape[0], "validation")
