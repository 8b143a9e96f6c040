"""The training loop of all models: steps, epochs, and the record of each epoch."""

import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jxai.train.config import BaseConfig
from jxai.train.folder import RunFolder, Trained
from jxai.train.optimisers import optimiser, schedule
from jxai.train.step import AXIS, Objective, train_step

__all__ = ["Progress", "Task", "each_step", "fit", "mesh_of"]


class Progress(NamedTuple):
    """The argument of `progress`, after every step.

    Attributes:
        step: steps done.
        steps: steps of the whole run.
        epoch: the running epoch, from 1.
        loss: of the step before, so that the devices need not be waited for; None at the first.
        accuracy: of the validation set after the newest finished epoch; None before.
    """

    step: int
    steps: int
    epoch: int
    loss: float | None
    accuracy: float | None


def each_step(report: Callable[[str, int, int], None], what: str, accuracy: str = "") -> Callable[[Progress], None]:
    """A `progress` of `fit` that draws a bar.

    Args:
        report: `report(what, done, total)` draws it.
        what: the description of the bar.
        accuracy: format of the newest validation accuracy, such as "{:.0%} right"; empty: not shown.

    Example:
        >>> draw = each_step(lambda what, done, total: print(what, done, total), "training", "{:.0%} right")
        >>> draw(Progress(step=3, steps=9, epoch=2, loss=0.5, accuracy=0.25))
        training, 25% right 3 9
    """

    def draw(progress: Progress) -> None:
        score = accuracy.format(progress.accuracy) if accuracy and progress.accuracy is not None else ""
        report(f"{what}, {score}" if score else what, progress.step, progress.steps)

    return draw


class Task(NamedTuple):
    """Model, objective and data of a training run.

    Attributes:
        init: `init(key) -> params`.
        objective: `objective(params, xs, labels) -> (loss, accuracy)` of a batch, as `train_step` takes it.
        prepare: `prepare(key, input) -> x`, with the random changes of training.
        order: `order(generator) -> [rows, ...]`: which examples each step of an epoch takes; always as many steps.
        take: `take(rows) -> (inputs, labels)`, arrays `[b, ...]`.
        evaluate: `evaluate(params) -> accuracy` of the validation set.
        steps: steps of an epoch.
        identity: data and weights that a run must have to be continued, beside the same settings.
        update: the optimiser; None: the one that the settings describe.
        plateau: `plateau(optimiser state, better) -> optimiser state` after every epoch; better: whether it brought a
            new best validation. The state then has `hyperparams["learning_rate"]`, which the history records. None:
            the learning rate follows the settings' schedule.
    """

    init: Callable[[Any], Any]
    objective: Objective
    prepare: Callable[[Any, Any], Any]
    order: Callable[[np.random.Generator], list[np.ndarray]]
    take: Callable[[np.ndarray], tuple[Any, np.ndarray]]
    evaluate: Callable[[Any], float]
    steps: int
    identity: dict[str, Any]
    update: optax.GradientTransformation | None = None
    plateau: Callable[[Any, bool], Any] | None = None


def mesh_of(devices: Any, batch: int) -> Mesh:
    """The devices that share a batch.

    Raises:
        ValueError: they cannot share it evenly.
    """
    mesh = Mesh(np.array(jax.local_devices() if devices is None else list(devices)), (AXIS,))
    if batch % mesh.size:
        raise ValueError(
            f"expected a batch that {mesh.size} devices share evenly, got {batch}; change batch or devices"
        )
    return mesh


def fit(
    task: Task, config: BaseConfig, *, folder: Path, mesh: Mesh, progress: Callable[[Progress], None] | None = None
) -> Trained:
    """Trains, or continues or returns what the folder holds.

    Args:
        task: model, objective and data.
        config: the settings.
        folder: of the run.
        mesh: of the devices.
        progress: called after every step.

    Returns:
        The best params and the history.
    """
    loop = _Loop(task, config, mesh, progress)
    keeper = RunFolder(folder, {**dataclasses.asdict(config), **task.identity})
    state, done = keeper.restore(loop.start)
    state = jax.device_put(state, loop.whole)
    while done["epoch"] < config.epochs:
        began = time.perf_counter()
        state, record = loop.epoch(state, done)
        accuracy = task.evaluate(state["params"])
        if task.plateau is not None:
            # before it is saved: a continued run has the rate, too
            state = {**state, "optimiser": task.plateau(state["optimiser"], accuracy > done["best"])}
        seconds = round(done["seconds"] + time.perf_counter() - began, 3)
        done = keeper.keep(state, done, {**record, "validation_accuracy": accuracy, "seconds": seconds})
    return keeper.result()


class _Loop:
    """Steps and epochs; knows nothing of files."""

    def __init__(self, task: Task, config: BaseConfig, mesh: Mesh, progress: Callable[[Progress], None] | None):
        self.task, self.config, self.progress = task, config, progress
        self.steps = config.epochs * task.steps
        self.update = task.update or optimiser(config, self.steps)
        self.rate = schedule(config, self.steps)
        self.split = NamedSharding(mesh, PartitionSpec(AXIS))
        self.whole = NamedSharding(mesh, PartitionSpec())
        self.step = train_step(task.objective, task.prepare, self.update, mesh)
        self.first_key, key = jax.random.split(jax.random.key(config.seed))
        self.key = jax.device_put(key, self.whole)

    def start(self) -> dict[str, Any]:
        """The state before the first step."""
        params = self.task.init(self.first_key)
        return {"params": params, "optimiser": jax.jit(self.update.init)(params)}

    def epoch(self, state: Any, done: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One pass; returns the state and the record of the epoch."""
        results = []
        # a generator of its own for each epoch: a continued run has the same order
        order = self.task.order(np.random.default_rng([self.config.seed, done["epoch"]]))
        for number, rows in enumerate(order, start=done["step"]):
            batch = jax.device_put(self.task.take(rows), self.split)
            state, result = self.step(state, self.key, np.uint32(number), *batch)
            results.append(result)
            previous = self._loss(results[-2], number - 1) if len(results) > 1 else None  # of a step that has ended
            self._report(number + 1, done, previous)
        self._loss(results[-1], number)  # the last step's, which the loop has not looked at
        _refuse_overflow(state["params"], number)  # a finite loss does not show that the update overflowed
        loss, accuracy = np.mean(np.array(jax.device_get(results), np.float64), axis=0).tolist()
        record = {"step": number + 1, "epoch": done["epoch"] + 1, "loss": loss, "train_accuracy": accuracy}
        return state, {**record, "learning_rate": self._rate(state, number)}

    def _rate(self, state: Any, number: int) -> float:
        follows_schedule = self.task.plateau is None
        rate = self.rate(number) if follows_schedule else state["optimiser"].hyperparams["learning_rate"]
        return float(np.asarray(rate))

    def _loss(self, result: Any, number: int) -> float:
        loss = float(result[0])
        if not math.isfinite(loss):
            raise ValueError(f"the loss became {loss} in step {number + 1}; {_REMEDY}")
        return loss

    def _report(self, step: int, done: dict[str, Any], loss: float | None) -> None:
        if self.progress is not None:
            self.progress(Progress(step, self.steps, done["epoch"] + 1, loss, done["accuracy"]))


_REMEDY = "lower learning_rate, set clip, or check that the examples and weights are finite"


def _refuse_overflow(params: Any, number: int) -> None:
    if not all(np.isfinite(np.asarray(leaf, np.float32)).all() for leaf in jax.tree.leaves(params)):
        raise ValueError(f"the params are no longer finite after step {number + 1}; {_REMEDY}")
