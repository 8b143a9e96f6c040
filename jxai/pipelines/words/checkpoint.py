"""The folder of a `jxai train words` run.

flex.json          what is explained and how: classifier, layers, vocabulary, sizes
data.json          the data set that it learnt from
associations.npz   the words of the channels
best/, latest/, metrics.jsonl    as of every training run
classifier/        the classifier's run, where a new last layer was fitted
"""

import json
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from jxai.data.spec import DataSpec
from jxai.language.associations import Associations
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.run_data import data_of_run, describe_data
from jxai.pipelines.words.explainer import SentenceExplainer, sentence_explainer
from jxai.pipelines.words.settings import BEAM
from jxai.run import checkpoints
from jxai.run.outputs import fingerprint, load_maps, save_maps, write_json

__all__ = ["describe_flex", "described", "load_flex", "require_same"]

_ABOUT, _TABLE, _FORMAT = "flex.json", "associations.npz", 1


def describe_flex(
    folder: Path, about: dict[str, Any], associations: Associations, data: DataSpec | None = None
) -> None:
    """Write into a run's folder what is needed beside the captioner's parameters to explain a picture.

    Args:
        folder: of the run.
        about: method, words, stop, length, reading, channels, sizes, settings, learnt, classes and classifier.
        associations: words of the channels.
        data: which data set; None writes nothing about it.

    Raises:
        ValueError: the folder holds the run of another explainer, or one on other data.
    """
    table = {name: np.asarray(value) for name, value in associations._asdict().items()}
    about = {"format": _FORMAT, **about, "associations": fingerprint(table)}
    require_same(folder, about)
    if data is not None:
        describe_data(folder, data)
    folder.mkdir(parents=True, exist_ok=True)
    save_maps(folder / _TABLE, table, {})
    write_json(folder / _ABOUT, about)


def require_same(folder: Path, about: dict[str, Any]) -> None:
    """Refuse a folder that holds the run of another explainer.

    Args:
        folder: of the run.
        about: what is known of the explainer so far.

    Raises:
        ValueError: the folder's explainer differs in some of that.
    """
    if not (folder / _ABOUT).is_file():
        return
    written, new = described(folder), json.loads(json.dumps(about))
    differ = [name for name in new if written.get(name) != new[name]]
    if differ:
        raise ValueError(
            f"expected a new folder or the run of the same explainer, but in {folder} {', '.join(differ)} differ; "
            "name another folder, or delete it."
        )


def load_flex(folder: Path, loaded: Loaded | None = None, *, width: int = BEAM) -> SentenceExplainer:
    """The explainer of the best checkpoint of a `jxai train words` run.

    Args:
        folder: of the run.
        loaded: the classifier that is explained; None: the one that the explainer was trained for, from where its
            weights were then.
        width: sentences that the beam follows; 1: the likeliest word each time.

    Raises:
        ValueError: there is no such run, or no checkpoint yet, or it was trained for another classifier.
        CheckpointError: the checkpoint is damaged.
    """
    folder = Path(folder)
    about = described(folder)
    loaded = loaded or _classifier(folder, about["classifier"])
    if fingerprint(loaded.params) != about["classifier"]["fingerprint"]:
        raise ValueError(
            f"{folder} explains another classifier, the one in {about['classifier']['path']}; give its "
            "weights, or train an explainer of this one by jxai train words."
        )
    arrays, _ = load_maps(folder / _TABLE)
    if fingerprint(arrays) != about["associations"]:
        raise checkpoints.CheckpointError(
            f"{folder / _TABLE} is not what was saved; restore it from a copy, or train the explainer anew."
        )
    if not checkpoints.exists(folder / "best"):
        raise ValueError(f"the training in {folder} has not finished an epoch; continue it by jxai train words.")
    params, _ = checkpoints.load(folder / "best")
    words = Associations(**{name: jnp.asarray(array) for name, array in arrays.items()})
    return sentence_explainer(about, words, params, loaded, width=width)._replace(data=data_of_run(folder))


def described(folder: Path) -> dict[str, Any]:
    """What a run says of its explainer.

    Raises:
        ValueError: it is no run of `jxai train words`, or of another version.
    """
    file = folder / _ABOUT
    if not file.is_file():
        raise ValueError(f"expected the folder of a jxai train words run, but {folder} has no {_ABOUT}.")
    about = json.loads(file.read_text())
    if about.get("format") != _FORMAT:
        raise ValueError(
            f"{file} has format {about.get('format')}, this jxai reads {_FORMAT}; train the explainer anew."
        )
    return about


def _classifier(folder: Path, about: dict[str, Any]) -> Loaded:
    if about["path"] is None or not Path(about["path"]).exists():
        raise ValueError(f"the classifier that {folder} explains is not at {about['path']}; name its weights.")
    return load_weights(about["model"], Path(about["path"]))
