"""The hardness predictor of a run, read again."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.models import MODELS, Hardness, Model, hardness
from jxai.run import checkpoints

__all__ = ["LoadedHardness", "load_hardness", "NAME"]

NAME = "hardness"


class LoadedHardness(NamedTuple):
    """A hardness predictor and its classifier, with their parameters and the names of the classes.

    `predictor.apply(params, x)` is the hardness; `model.apply(classifier, x)` are the logits.
    """

    predictor: Hardness
    params: Any
    model: Model
    classifier: Any
    classes: list[str]


def load_hardness(folder: Path) -> LoadedHardness:
    """The predictor and the classifier of the best checkpoint of a `jxai train --hardness` run.

    Raises:
        ValueError: there is no such run.
    """
    file = folder / "model.json"
    about = json.loads(file.read_text()) if file.is_file() else {}
    if about.get("model") != NAME:
        raise ValueError(
            f"expected the folder of a jxai train --hardness run, but {folder} holds {about.get('model', 'none')}."
        )
    options, (params, _) = about["options"], checkpoints.load(folder / "best")
    arrays = jax.tree.map(np.asarray, params)
    predictor = _predictor(options["trunk"], options["outputs"], tuple(options["hidden"]))
    model = MODELS[options["trunk"]["model"]](**options["trunk"]["options"])
    return LoadedHardness(predictor, arrays[NAME], model, arrays["classifier"], about["classes"])


def _predictor(about: dict[str, Any], outputs: int, hidden: tuple[int, ...] | None) -> Hardness:
    """The predictor of a classifier's run: its architecture with other outputs."""
    return hardness(MODELS[about["model"]](**{**about["options"], "classes": outputs}), hidden=hidden)
