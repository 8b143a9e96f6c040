"""The classifier that is explained in words: a run, or pretrained weights with a last layer for the data's classes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.data.spec import Splits
from jxai.models.weights.arrays import flatten
from jxai.models.weights.sizes import options_from
from jxai.pipelines.checkpoints import Loaded, describe_run, load_weights
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.run import checkpoints
from jxai.run.outputs import fingerprint
from jxai.train.evaluate import classifier
from jxai.train.image_batches import stack
from jxai.train.softmax_regression import softmax_regression

__all__ = ["Classifier", "classifier_of", "fit_last_layer", "with_classes"]


class Classifier(NamedTuple):
    """A classifier of the data's classes, where its weights are, and its architecture where those do not say it."""

    loaded: Loaded
    path: Path
    name: str | None = None


def classifier_of(
    weights: Path,
    name: str | None,
    splits_of: Callable[[Loaded], Splits],
    folder: Path,
    *,
    keep_head: bool,
    progress: ProgressCallback = no_progress,
) -> tuple[Classifier, Splits]:
    """The classifier of a run or a weight file, and the splits of its data.

    Args:
        weights: folder of a run, or weight file.
        name: architecture of a weight file.
        splits_of: `splits_of(loaded)` -> the data for it.
        folder: of the explainer's run; a new last layer is kept there.
        keep_head: a weight file's outputs are the classes already.
        progress: called as `progress(what, done, total)`.

    Raises:
        ValueError: the run has other classes than the data.
    """
    loaded = load_weights(name, weights)
    splits = splits_of(loaded)
    classes = list(splits.meta.classes)
    if loaded.classes is not None or keep_head:
        return Classifier(with_classes(loaded, classes), weights.absolute(), name), splits
    own, origin = folder / "classifier", {"trunk": fingerprint(loaded.params)}
    if not checkpoints.exists(own / "best"):
        params = fit_last_layer(loaded, splits.train, len(classes), progress=progress)
        options = {
            **options_from(name or "vit_tiny", flatten(jax.tree.map(np.asarray, loaded.params))),
            "size": loaded.model.size,
        }
        describe_run(own, name or "vit_tiny", {**options, "classes": len(classes)}, classes, splits.spec)
        checkpoints.save(own / "best", params, origin)
    elif checkpoints.load(own / "best")[1] != origin:
        raise ValueError(f"{own} holds a classifier made from other weights than {weights}; name another folder.")
    return Classifier(with_classes(load_weights(None, own), classes), own.absolute()), splits


def with_classes(loaded: Loaded, classes: list[str]) -> Loaded:
    """The classifier with the names of its classes.

    Raises:
        ValueError: it has others, or not so many.
    """
    if loaded.classes is not None and list(loaded.classes) != classes:
        raise ValueError(
            f"the classifier knows {len(loaded.classes)} classes ({loaded.classes[0]}, ...), the data have "
            f"{len(classes)} ({classes[0]}, ...); name the data that it was trained on."
        )
    named = loaded.model.classes - loaded.model.label_offset
    if named != len(classes):
        raise ValueError(f"the classifier has {named} outputs for classes, the data have {len(classes)} classes.")
    return loaded._replace(classes=classes)


def fit_last_layer(
    loaded: Loaded,
    train: Any,
    classes: int,
    *,
    steps: int = 300,
    decay: float = 1e-3,
    progress: ProgressCallback = no_progress,
) -> Any:
    r"""The weights with a new last layer: softmax regression on the features of the training pictures.

    Args:
        loaded: a network whose last layer is dense (`classify`).
        train: training examples, what `jxai.train.image_batches.stack` takes.
        classes: how many outputs the new layer has.
        steps: of Adam, at 0.01.
        decay: weight of the squared weights.
        progress: called as `progress(what, done, total)`.

    Raises:
        ValueError: the network has no dense last layer.
    """
    last = loaded.params.get("classify", {}) if isinstance(loaded.params, dict) else {}
    if "kernel" not in last or np.ndim(last["kernel"]) != 2:
        raise ValueError(
            "a new last layer needs a network with a dense one; train the classifier by jxai train classifier."
        )
    width = last["kernel"].shape[0]
    identity = {"kernel": jnp.eye(width, dtype=jnp.float32), "bias": jnp.zeros(width, jnp.float32)}
    read = classifier(lambda params, x: loaded.model.apply(params, x), preprocess=loaded.model.preprocess)
    examples = stack(train)
    report = partial(progress, "reading for the new last layer")
    features = read(examples.images, {**loaded.params, "classify": identity}, progress=report)
    fitted = softmax_regression(features, examples.labels, classes, steps=steps, decay=decay)
    return {**loaded.params, "classify": fitted}
