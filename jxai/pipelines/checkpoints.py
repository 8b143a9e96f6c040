"""Weights that a user names: a file, or the folder of a `jxai train` run."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.data.spec import DataSpec
from jxai.models import MODELS, Model, load
from jxai.pipelines.run_data import describe_data, require_same_data
from jxai.run import checkpoints
from jxai.run.outputs import write_json

__all__ = [
    "ABOUT",
    "LABELS",
    "Loaded",
    "describe_run",
    "describe_text_run",
    "load_weights",
    "vocabulary_beside",
    "weight_file",
]

ABOUT, LABELS = "model.json", "labels.txt"
VOCABULARIES = ("tokenizer.json", "vocab.txt")


class Loaded(NamedTuple):
    """A model with its parameters, and the names of its classes where they are known."""

    model: Model
    params: Any
    classes: list[str] | None


def describe_run(
    folder: Path, name: str, options: dict[str, Any], classes: list[str], data: DataSpec | None = None
) -> None:
    """Write into a run's folder which model it trains on which data, so that both can be loaded again.

    Args:
        folder: of the run.
        name: architecture.
        options: of the architecture.
        classes: names of the classes.
        data: which data set; None writes nothing about it.

    Raises:
        ValueError: the folder holds the run of another model, or on other data.
    """
    _describe(folder, {"model": name, "options": options, "classes": classes}, data)


def describe_text_run(
    folder: Path, about: dict[str, Any], vocabulary: list[str] | Path, data: DataSpec | None = None
) -> None:
    """Write into a run's folder which text model it trains, its vocabulary, the names of its classes, and its data.

    Args:
        folder: of the run.
        about: model, options, classes, cased and length.
        vocabulary: pieces, or the file with them.
        data: which data set; None writes nothing about it.

    Raises:
        ValueError: the folder holds the run of another model, or on other data.
    """
    pretrained = isinstance(vocabulary, Path)
    file = folder / (vocabulary.name if pretrained else VOCABULARIES[1])
    content = vocabulary.read_bytes() if pretrained else "".join(f"{piece}\n" for piece in vocabulary).encode()
    if file.is_file() and file.read_bytes() != content:
        raise ValueError(f"expected a new folder or the run of the same data, but {file} is another vocabulary.")
    _describe(folder, about, data)
    file.write_bytes(content)
    (folder / LABELS).write_text("".join(f"{name}\n" for name in about["classes"]))


def _describe(folder: Path, about: dict[str, Any], data: DataSpec | None) -> None:
    """Nothing is changed where another model is trained: its checkpoints would no longer fit."""
    file = folder / ABOUT
    if data is not None:
        require_same_data(folder, data)
    if file.is_file() and json.loads(file.read_text()) != about:
        raise ValueError(
            f"expected a new folder or the run of the same model, but {folder} holds the run of a "
            f"{json.loads(file.read_text())['model']} with other settings; name another folder, or delete it."
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_json(file, about)
    if data is not None:
        describe_data(folder, data)


def load_weights(name: str | None, path: Path) -> Loaded:
    """The model of a weight file, or of the best checkpoint of a training run; of a hardness run, the classifier.

    Args:
        name: architecture; None takes the run's own, or `vit_tiny` for a file.
        path: file, or folder of a run.

    Raises:
        ValueError: there is no such file or run, or it does not fit the architecture.
    """
    if not path.is_dir():
        return Loaded(*load(name or "vit_tiny", path), None)
    if not (path / ABOUT).is_file():
        raise ValueError(f"expected a weight file or the folder of a jxai train run, but {path} has no {ABOUT}.")
    about = json.loads((path / ABOUT).read_text())
    beside = about["model"] == "hardness"  # a predictor's run holds the classifier that it was trained with
    about = about["options"]["trunk"] if beside else about
    if name not in (None, about["model"]):
        raise ValueError(f"{path} holds a {about['model']}, not a {name}; say --model {about['model']}.")
    if about["model"] not in MODELS:
        raise ValueError(f"{path} holds a {about['model']}, a model of texts; explain texts by jxai text.")
    params, _ = checkpoints.load(path / "best")
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in about["options"].items()}
    model = MODELS[about["model"]](**options)
    return Loaded(model, jax.tree.map(np.asarray, params["classifier"] if beside else params), about["classes"])


def weight_file(path: Path) -> Path:
    """A weight file, or the one in a folder.

    Raises:
        ValueError: the folder has none, or several.
    """
    if not path.is_dir():
        return path
    files = [file for file in sorted(path.iterdir()) if file.suffix in (".safetensors", ".npz")]
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise ValueError(f"expected one weight file, .safetensors or .npz, in {path}, got {names}; name the file.")
    return files[0]


def vocabulary_beside(weights: Path) -> Path:
    """The vocabulary in the folder of a weight file.

    Raises:
        ValueError: there is none.
    """
    for name in VOCABULARIES:
        if (weights.parent / name).is_file():
            return weights.parent / name
    raise ValueError(f"there is no tokenizer.json or vocab.txt beside {weights.name}; name one by --vocab.")
