"""The hardness predictor of a classifier: trained beside it, read again, and measured."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.data.spec import Splits
from jxai.metrics import risk_coverage
from jxai.models import MODELS, Hardness, Model, hardness
from jxai.pipelines.checkpoints import Loaded, describe_run
from jxai.pipelines.progress import ProgressCallback
from jxai.run import checkpoints
from jxai.train.config import HardnessConfig
from jxai.train.evaluate import classifier
from jxai.train.folder import Trained
from jxai.train.hardness import train_hardness
from jxai.train.image_batches import Examples
from jxai.train.loop import each_step

__all__ = ["NAME", "OUTPUTS", "LoadedHardness", "load_hardness", "risks", "train_predictor"]

NAME = "hardness"
OUTPUTS = 5
"""Of the trunk for each class: 1000 for the 200 classes of CUB, as in the released code."""


class LoadedHardness(NamedTuple):
    """A hardness predictor and its classifier, with their parameters and the names of the classes.

    `predictor.apply(params, x)` is the hardness; `model.apply(classifier, x)` are the logits.
    """

    predictor: Hardness
    params: Any
    model: Model
    classifier: Any
    classes: list[str]


def train_predictor(
    run: Path,
    loaded: Loaded,
    splits: Splits,
    folder: Path,
    config: HardnessConfig,
    progress: ProgressCallback,
    *,
    hidden: tuple[int, ...] | None = None,
) -> Trained:
    """Train the hardness predictor of a classifier, or continue or return what the folder holds.

    Args:
        run: the classifier's, whose architecture the predictor has.
        loaded: the classifier.
        splits: its data.
        folder: of the predictor's run; model and data are described in it.
        config: the settings.
        progress: called as `progress(what, done, total)`.
        hidden: widths of the hidden layers, with the trunk's outputs first; None: those of the released code, for as
            many classes as there are.

    Raises:
        ValueError: the folder holds another run.
    """
    model, params, classes = loaded
    trunk = json.loads((run / "model.json").read_text())
    outputs, *layers = hidden or (OUTPUTS * len(trunk["classes"]),)
    predictor = _predictor(trunk, outputs, tuple(layers) if hidden else None)
    about = {"trunk": trunk, "outputs": outputs, "hidden": list(predictor.hidden)}
    describe_run(folder, NAME, about, list(classes or []), splits.spec)
    return train_hardness(
        model.apply,
        params,
        predictor,
        splits.train,
        validation=splits.val,
        folder=folder,
        config=config,
        preprocess=model.preprocess,
        progress=each_step(progress, "training", "{:.0%} right on average over coverages"),
    )


def load_hardness(folder: Path) -> LoadedHardness:
    """The predictor and the classifier of the best checkpoint of a `jxai train hardness` run.

    Raises:
        ValueError: there is no such run.
    """
    file = folder / "model.json"
    about = json.loads(file.read_text()) if file.is_file() else {}
    if about.get("model") != NAME:
        raise ValueError(
            f"expected the folder of a jxai train hardness run, but {folder} holds {about.get('model', 'none')}."
        )
    options, (params, _) = about["options"], checkpoints.load(folder / "best")
    arrays = jax.tree.map(np.asarray, params)
    predictor = _predictor(options["trunk"], options["outputs"], tuple(options["hidden"]))
    model = MODELS[options["trunk"]["model"]](**options["trunk"]["options"])
    return LoadedHardness(predictor, arrays[NAME], model, arrays["classifier"], about["classes"])


def _predictor(about: dict[str, Any], outputs: int, hidden: tuple[int, ...] | None) -> Hardness:
    """The predictor of a classifier's run: its architecture with other outputs."""
    return hardness(MODELS[about["model"]](**{**about["options"], "classes": outputs}), hidden=hidden)


def risks(loaded: LoadedHardness, examples: Examples) -> dict[str, float]:
    """The area under risk over coverage on a set, by hardness and by hesitancy, and the lowest there can be."""

    def both(params, x):
        z = loaded.predictor.logit(params[NAME], x)
        return jnp.append(loaded.model.apply(params["classifier"], x), z)

    params = {NAME: loaded.params, "classifier": loaded.classifier}
    outputs = classifier(both, preprocess=loaded.model.preprocess)(examples.images, params)
    logits, z = outputs[:, :-1], outputs[:, -1]
    wrong = jnp.asarray(logits.argmax(-1) != examples.labels)
    hesitancy = 1 - jax.nn.softmax(jnp.asarray(logits)).max(-1)
    by_hardness, by_hesitancy = (risk_coverage(jnp.asarray(score), wrong) for score in (z, hesitancy))
    areas = {"hardness": by_hardness.area, "hesitancy": by_hesitancy.area, "oracle": by_hardness.oracle}
    return {name: round(float(area), 4) for name, area in areas.items()}
