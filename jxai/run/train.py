"""Training of a classifier, on all devices, that can be killed and continued.

The state after step s depends only on the settings, the data and the devices: the order of an epoch on (seed, epoch),
the augmentation of an image on (seed, step, place in the batch). So a run that is killed and started again ends with
the same weights, bit for bit, as one that was not.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jxai.run.config import TrainConfig, optimiser, schedule
from jxai.run.evaluate import check_classes, classifier, judged
from jxai.run.examples import Examples, stack
from jxai.run.outputs import fingerprint
from jxai.run.runs import RunFolder, Trained
from jxai.run.step import train_step

__all__ = ["Progress", "TrainConfig", "Trained", "train"]


class Progress(NamedTuple):
    """What `progress` is told, after every step.

    Attributes:
        step: steps done.
        steps: steps of the whole run.
        epoch: the running epoch, from 1.
        loss: of the step before (so that nobody waits for the devices); None at the first.
        accuracy: of the validation set after the newest finished epoch; None before.
    """

    step: int
    steps: int
    epoch: int
    loss: float | None
    accuracy: float | None


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
        data: training images: what `jxai.run.examples.stack` takes.
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
    mesh = Mesh(np.array(jax.local_devices() if devices is None else list(devices)), ("examples",))
    _check(init, apply, preprocess, config, examples, held_out, mesh)
    loop = _Loop(init, apply, preprocess, config, examples, mesh, progress)
    classify = classifier(apply, preprocess=preprocess, devices=list(mesh.devices.flat))
    keeper = RunFolder(Path(folder), _identity(config, examples, held_out))
    state, done = keeper.continued(loop.start)
    state = jax.device_put(state, loop.whole)
    while done["epoch"] < config.epochs:
        began = time.perf_counter()
        state, record = loop.epoch(state, done)
        accuracy = judged(classify(held_out.images, state["params"]), held_out).accuracy
        seconds = round(done["seconds"] + time.perf_counter() - began, 3)
        done = keeper.keep(state, done, {**record, "validation_accuracy": accuracy, "seconds": seconds})
    return keeper.finished()


def _check(init, apply, preprocess, config, examples, held_out, mesh) -> None:
    if len(examples.images) < config.batch:
        raise ValueError(
            f"expected at least one batch of {config.batch} training images, got {len(examples.images)}; lower batch"
        )
    if config.batch % mesh.size:
        raise ValueError(
            f"expected a batch that {mesh.size} devices share evenly, got {config.batch}; change batch or devices"
        )
    if held_out.images.shape[1:] != examples.images.shape[1:]:
        raise ValueError(
            f"expected validation images of shape {list(examples.images.shape[1:])} like the training images, "
            f"got {list(held_out.images.shape[1:])}; resize them"
        )
    image = jax.ShapeDtypeStruct(examples.images.shape[1:], np.float32)
    logits = jax.eval_shape(lambda key, x: apply(init(key), preprocess(x)), jax.random.key(0), image)
    if len(logits.shape) != 1:
        raise ValueError(f"expected logits [k] from apply, got shape {list(logits.shape)}")
    check_classes(examples, logits.shape[0], "data")
    check_classes(held_out, logits.shape[0], "validation")


def _identity(config: TrainConfig, examples: Examples, held_out: Examples) -> dict[str, Any]:
    """What a run must agree in to be continued."""
    data = {"data": fingerprint(tuple(examples[:2])), "validation": fingerprint(tuple(held_out[:2]))}
    return {**dataclasses.asdict(config), **data}


class _Loop:
    """Steps and epochs; knows nothing of files."""

    def __init__(self, init, apply, preprocess, config, examples, mesh, progress):
        self.init, self.config, self.examples, self.progress = init, config, examples, progress
        self.per_epoch = len(examples.images) // config.batch
        self.steps = config.epochs * self.per_epoch
        self.update = optimiser(config, self.steps)
        self.rate = schedule(config, self.steps)
        self.split = NamedSharding(mesh, PartitionSpec("examples"))
        self.whole = NamedSharding(mesh, PartitionSpec())
        self.step = train_step(apply, preprocess, config, self.update, mesh)
        self.first_key, key = jax.random.split(jax.random.key(config.seed))
        self.key = jax.device_put(key, self.whole)

    def start(self) -> dict[str, Any]:
        """The state before the first step."""

        def built(key):
            params = self.init(key)
            return {"params": params, "optimiser": self.update.init(params)}

        return jax.jit(built)(self.first_key)

    def epoch(self, state: Any, done: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One pass; returns the state and the record of the epoch."""
        seen = []
        for number, rows in enumerate(self._order(done["epoch"]), start=done["step"]):
            batch = jax.device_put((self.examples.images[rows], self.examples.labels[rows]), self.split)
            state, result = self.step(state, self.key, np.uint32(number), *batch)
            seen.append(result)
            previous = self._loss(seen[-2], number - 1) if len(seen) > 1 else None  # of a step that has ended
            self._tell(number + 1, done, previous)
        self._loss(seen[-1], number)
        _refuse_overflow(state["params"], number)
        loss, accuracy = np.mean(np.array(jax.device_get(seen), np.float64), axis=0).tolist()
        record = {"step": number + 1, "epoch": done["epoch"] + 1, "loss": loss, "train_accuracy": accuracy}
        return state, {**record, "learning_rate": float(np.asarray(self.rate(number)))}

    def _order(self, epoch: int) -> np.ndarray:
        order = np.random.default_rng([self.config.seed, epoch]).permutation(len(self.examples.images))
        return order[: self.per_epoch * self.config.batch].reshape(self.per_epoch, self.config.batch)

    def _loss(self, result: Any, number: int) -> float:
        loss = float(result[0])
        if not math.isfinite(loss):
            raise ValueError(f"the loss became {loss} in step {number + 1}; {_REMEDY}")
        return loss

    def _tell(self, step: int, done: dict[str, Any], loss: float | None) -> None:
        if self.progress is not None:
            self.progress(Progress(step, self.steps, done["epoch"] + 1, loss, done["accuracy"]))


_REMEDY = "lower learning_rate, set clip, or check that the images and weights are finite"


def _refuse_overflow(params: Any, number: int) -> None:
    if not all(np.isfinite(np.asarray(leaf, np.float32)).all() for leaf in jax.tree.leaves(params)):
        raise ValueError(f"the params are no longer finite after step {number + 1}; {_REMEDY}")
