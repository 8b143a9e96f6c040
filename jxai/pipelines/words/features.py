"""One pass of a classifier over a set: what each decision rests on, and the features that sentences are made from."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jxai.core.taps import reap
from jxai.language.associations import flatten
from jxai.models import Model
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.devices import require_finite
from jxai.pipelines.words.layers import Reading, as_unit, decide
from jxai.run.map import map_examples

__all__ = ["Features", "features_reader", "reader"]


class Features(NamedTuple):
    """What is read of a decision; of a set, the first axis of all arrays is the picture.

    Attributes:
        label: the predicted output.
        logits: `[k]`.
        relevant: `[F]`, channels of all layers that the predicted class's decision rests on, first layer first.
        chosen: `[F]`, the important channels for the true class; None where it was not asked for.
        visual: `[d]`, features weighted by their importance for the predicted class.
        plain: `[d]`, the same unweighted.
        map: `[h, w, d]`, before the mean over places; None where it was not asked for.
    """

    label: Any
    logits: Any
    relevant: Any
    chosen: Any
    visual: Any
    plain: Any
    map: Any


def reader(
    model: Model,
    reading: Reading,
    *,
    truth: bool = False,
    places: bool = False,
    of_label: bool = False,
    chunk: int = 5,
) -> Callable[..., Features]:
    """Reads one picture.

    Args:
        model: the classifier.
        reading: what is read.
        truth: read the important channels of the true class too.
        places: read the map too.
        of_label: read what speaks for the output that is passed, as if it had been predicted.
        chunk: backward passes side by side.

    Returns:
        Function `(image, label, params) -> Features`: picture of bytes or 0..1, true output (None without `truth`
        and `of_label`), the classifier's params. What nobody uses of the result is not computed under `jax.jit`.
    """
    decision = decide(model, reading, chunk=chunk)

    def read(image: Any, label: Any, params: Any) -> Features:
        x = model.preprocess(as_unit(image))
        logits = model.apply(params, x)
        predicted = label if of_label else logits.argmax()
        now = decision(x, predicted, params)
        values = reap(lambda x: model.apply(params, x), reading.at)(x)[reading.at] if places else None
        return Features(
            predicted.astype(jnp.int32),
            logits,
            flatten(now.relevant, reading.layers),
            flatten(decision(x, label, params).important, reading.layers) if truth else None,
            now.visual,
            now.plain,
            values,
        )

    return read


def features_reader(
    loaded: Loaded,
    reading: Reading,
    *,
    truth: bool = False,
    places: bool = False,
    per_device: int = 16,
    chunk: int = 5,
) -> Callable[..., Features]:
    """Reads sets of pictures on all devices; build once, call for each set.

    Args:
        loaded: the classifier.
        reading: what is read.
        truth: see `reader`.
        places: see `reader`.
        per_device: pictures that a device reads at once.
        chunk: backward passes side by side.

    Returns:
        Function `(images, labels, progress=None) -> Features` of arrays: pictures `[n, h, w, 3]`, bytes or 0..1, and
        true outputs `[n]`. It raises `ValueError` for pictures of another size than the classifier's, and for values
        that are not finite.
    """
    side = loaded.model.size
    read = reader(loaded.model, reading, truth=truth, places=places, chunk=chunk)
    mapped = map_examples(read, in_axes=(0, 0, None), per_device=per_device)

    def read_all(
        images: np.ndarray, labels: np.ndarray, progress: Callable[[int, int], None] | None = None
    ) -> Features:
        if images.ndim != 4 or images.shape[1:3] != (side, side):
            raise ValueError(f"expected pictures [n, {side}, {side}, 3] for this classifier, got {images.shape}.")
        features = mapped(images, labels, loaded.params, progress=progress)
        require_finite(features.visual, f"the features at {reading.at}")
        return features

    return read_all
