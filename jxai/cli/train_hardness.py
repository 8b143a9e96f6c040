"""`jxai train --hardness RUN`: the hardness predictor of a trained classifier; and reading it again."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jxai.cli.progress import telling
from jxai.cli.settings.train import Train, settled
from jxai.metrics import risk_coverage
from jxai.pipelines.checkpoints import describe_run, load_weights
from jxai.pipelines.hardness import NAME, LoadedHardness, _predictor, load_hardness
from jxai.train.config import HardnessConfig
from jxai.train.evaluate import classifier
from jxai.train.hardness import train_hardness
from jxai.train.image_batches import Examples, stack
from jxai.train.images import Progress

__all__ = ["OUTPUTS", "hardness_config", "risks", "run_hardness"]

OUTPUTS = 5
"""Of the trunk for each class: 1000 for the 200 classes of CUB, as in the released code."""


def hardness_config(command: Train) -> HardnessConfig:
    """The settings; what the classifier's run decides may not be given.

    Raises:
        ValueError: a setting that the run decides, or that there is not.
    """
    usual = Train()
    for name in ("model", "species", "size"):
        if getattr(command, name) != getattr(usual, name):
            raise ValueError(f"--{name}: the classifier's run decides it; leave it out.")
    return settled(command.config, HardnessConfig())  # type: ignore[return-value]


def run_hardness(command: Train, config: HardnessConfig, splits: Callable[..., dict[str, Any]]) -> None:
    """Train the predictor of the classifier in `command.hardness`, and print the risks on test examples.

    Args:
        command: the settings.
        config: those of the training.
        splits: `splits(command, tell)` -> data sources by split, of the command's size and number of species.
    """
    model, params, classes = load_weights(None, command.hardness)  # type: ignore[arg-type]
    about = json.loads((command.hardness / "model.json").read_text())  # type: ignore[operator]
    outputs, *hidden = command.hidden or (OUTPUTS * len(about["classes"]),)
    predictor = _predictor(about, outputs, tuple(hidden) if command.hidden else None)
    describe_run(
        command.out, NAME, {"trunk": about, "outputs": outputs, "hidden": list(predictor.hidden)}, list(classes or [])
    )
    with telling() as tell:
        sources = splits(dataclasses.replace(command, species=model.classes, size=model.size), tell)

        def told(progress: Progress) -> None:
            kept = "" if progress.accuracy is None else f", {progress.accuracy:.0%} right on average over coverages"
            tell(f"training{kept}", progress.step, progress.steps)

        trained = train_hardness(
            model.apply,
            params,
            predictor,
            sources["train"],
            validation=sources["val"],
            folder=command.out,
            config=config,
            preprocess=model.preprocess,
            progress=told,
        )
    found = risks(load_hardness(command.out), stack(sources["test"]))
    print(f"{command.out}: best epoch {trained.epoch} of {config.epochs}; test, area under risk over coverage: {found}")


def risks(loaded: LoadedHardness, examples: Examples) -> dict[str, float]:
    """The area under risk over coverage on a set, by hardness and by hesitancy, and the lowest there can be."""

    def both(params, x):
        z = loaded.predictor.logit(params[NAME], x)
        return jnp.append(loaded.model.apply(params["classifier"], x), z)

    params = {NAME: loaded.params, "classifier": loaded.classifier}
    found = classifier(both, preprocess=loaded.model.preprocess)(examples.images, params)
    logits, z = found[:, :-1], found[:, -1]
    wrong = jnp.asarray(logits.argmax(-1) != examples.labels)
    hesitancy = 1 - jax.nn.softmax(jnp.asarray(logits)).max(-1)
    by_hardness, by_hesitancy = (risk_coverage(jnp.asarray(score), wrong) for score in (z, hesitancy))
    areas = {"hardness": by_hardness.area, "hesitancy": by_hesitancy.area, "oracle": by_hardness.oracle}
    return {name: round(float(area), 4) for name, area in areas.items()}
