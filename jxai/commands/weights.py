"""Weights that a user names: a file, or the folder of a `jxai train` run."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.models import MODELS, Model, load
from jxai.run import checkpoints
from jxai.run.outputs import write_json

__all__ = ["Loaded", "describe_run", "load_weights"]

_ABOUT = "model.json"


class Loaded(NamedTuple):
    """A model with its parameters, and the names of its classes where they are known."""

    model: Model
    params: Any
    classes: list[str] | None


def describe_run(folder: Path, name: str, options: dict[str, int], classes: list[str]) -> None:
    """Write into a run's folder which model it trains, so that `load_weights` can build it again."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / _ABOUT, {"model": name, "options": options, "classes": classes})


def load_weights(name: str | None, path: Path) -> Loaded:
    """The model of a weight file, or of the best checkpoint of a training run.

    Args:
        name: architecture; None takes the run's own, or `vit_tiny` for a file.
        path: file, or folder of a run.

    Raises:
        ValueError: there is no such file or run, or it does not fit the architecture.
    """
    if not path.is_dir():
        return Loaded(*load(name or "vit_tiny", path), None)
    if not (path / _ABOUT).is_file():
        raise ValueError(f"expected a weight file or the folder of a jxai train run, but {path} has no {_ABOUT}.")
    about = json.loads((path / _ABOUT).read_text())
    if name not in (None, about["model"]):
        raise ValueError(f"{path} holds a {about['model']}, not a {name}; say --model {about['model']}.")
    params, _ = checkpoints.load(path / "best")
    model = MODELS[about["model"]](**about["options"])
    return Loaded(model, jax.tree.map(np.asarray, params), about["classes"])
