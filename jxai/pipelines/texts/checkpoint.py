"""The text model of a weight file or of a run, and how its texts are read."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.models import TEXT_MODELS, TextModel, load_text
from jxai.pipelines.checkpoints import ABOUT, LABELS, vocabulary_beside, weight_file
from jxai.run import checkpoints

__all__ = ["LoadedText", "load_text_weights"]


class LoadedText(NamedTuple):
    """A text model with its parameters, and how its texts are read.

    Attributes:
        name: architecture.
        model: its functions.
        params: its parameters.
        vocabulary: vocab.txt or tokenizer.json.
        labels: file with the names of the classes, one a line; None: they have numbers.
        length: tokens that are read at once; None: as many as the model takes.
        cased: the vocabulary tells capitals from small letters.
    """

    name: str
    model: TextModel
    params: Any
    vocabulary: Path
    labels: Path | None = None
    length: int | None = None
    cased: bool = False


def load_text_weights(
    path: Path,
    name: str | None = None,
    *,
    vocabulary: Path | None = None,
    labels: Path | None = None,
    length: int | None = None,
    heads: int | None = None,
    cased: bool = False,
) -> LoadedText:
    """The text model of a weight file, or of the best checkpoint of a training run.

    Args:
        path: file, folder with one, or folder of a run, which knows all that is not given here.
        name: architecture; None takes the run's own, or `bert` for a file.
        vocabulary: by default the one beside the weights.
        labels: file with the names of the classes.
        length: tokens that are read at once.
        heads: attention heads, where no `config.json` says how many.
        cased: the vocabulary of a vocab.txt tells capitals from small letters.

    Raises:
        ValueError: there is no such file or run, or it does not fit the architecture.
    """
    if not (path / ABOUT).is_file():
        file = weight_file(path)
        name = name or "bert"
        model, params = load_text(name, file, **({} if heads is None else {"heads": heads}))
        return LoadedText(name, model, params, vocabulary or vocabulary_beside(file), labels, length, cased)
    about = json.loads((path / ABOUT).read_text())
    if about["model"] not in TEXT_MODELS:
        raise ValueError(f"{path} holds a {about['model']}, a model of images; explain photographs by jxai explain.")
    if name not in (None, about["model"]):
        raise ValueError(f"{path} holds a {about['model']}, not a {name}; say --model {about['model']}.")
    params, _ = checkpoints.load(path / "best")
    return LoadedText(
        about["model"],
        TEXT_MODELS[about["model"]](**about["options"]),
        jax.tree.map(np.asarray, params),
        vocabulary or vocabulary_beside(path / ABOUT),
        labels or path / LABELS,
        length or about["length"],
        cased or about["cased"],
    )
