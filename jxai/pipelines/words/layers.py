"""Where an explainer in words looks into a classifier, and what it reads there."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jxai.core import scores
from jxai.core.taps import reap
from jxai.language.decisions import Decision, decision_features
from jxai.models import Model
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.methods import require_known
from jxai.train.evaluate import from_uint8

__all__ = ["Reading", "as_unit", "channels_of", "decide", "default_layers", "reading_of"]

MOST = 8  # layers read by default; of deeper networks the last one of each resolution, as in the released code


class Reading(NamedTuple):
    """What is read of a classifier's decision.

    Attributes:
        layers: taps whose channels may get words, first to last.
        at: tap of the features that the sentence is made from: the last map.
        eta: share of a layer's importance that its important channels hold.
        k: channels followed from each layer to the one below.
        variant: "released" or "paper", see `jxai.language.decision_features`.
    """

    layers: tuple[str, ...]
    at: str
    eta: float = 0.8
    k: int = 5
    variant: Literal["released", "paper"] = "released"


def reading_of(
    loaded: Loaded,
    *,
    layers: tuple[str, ...] = (),
    at: str | None = None,
    eta: float = 0.8,
    k: int = 5,
    variant: Literal["released", "paper"] = "released",
) -> Reading:
    """A reading that the classifier can be read by; what is not named is chosen.

    Raises:
        ValueError: an unknown layer, or one without channels over places (`[h, w, c]`).
    """
    at = at or loaded.model.features
    if at is None:
        raise ValueError("this network has no feature maps [h, w, c]; FLEX explains convolutional networks.")
    require_known([*layers, at], loaded.model.taps, "layer")
    maps = _maps(loaded)
    for name in (*layers, at):
        if name not in maps:
            raise ValueError(f"layer {name!r} has no channels over places; choose from {', '.join(maps)}.")
    ordered = tuple(name for name in maps if name in layers) or default_layers(loaded)
    return Reading(ordered, at, eta, k, variant)


def default_layers(loaded: Loaded) -> tuple[str, ...]:
    """All feature maps, each once; of more than eight the last of each resolution."""
    maps = _maps(loaded)
    names = [name for name, after in zip(maps, [*list(maps)[1:], None], strict=True) if not _same(maps, name, after)]
    if len(names) > MOST:
        sides = [maps[name].shape[:2] for name in names]
        names = [name for i, name in enumerate(names) if i + 1 == len(names) or sides[i] != sides[i + 1]]
    return tuple(names)


def channels_of(loaded: Loaded, layers: tuple[str, ...]) -> dict[str, int]:
    """How many channels each layer has."""
    maps = _maps(loaded)
    return {name: maps[name].shape[-1] for name in layers}


def decide(model: Model, reading: Reading, *, chunk: int = 5) -> Callable[[Array, Array, Any], Decision]:
    """Reads the decision for a class.

    Args:
        model: the classifier.
        reading: what is read.
        chunk: backward passes side by side.

    Returns:
        Function `(x, label, params) -> Decision`, of one preprocessed picture, with the classifier's params.
    """
    score = scores.logit(model.apply)
    own = {"layers": reading.layers, "at": reading.at, "eta": reading.eta, "k": reading.k}
    return decision_features(score, variant=reading.variant, chunk=chunk, **own)


def as_unit(image: Any) -> Array:
    """A picture in 0..1, from one in 0..1 or one of bytes."""
    image = jnp.asarray(image)
    return from_uint8(image) if image.dtype == jnp.uint8 else image


def _maps(loaded: Loaded) -> dict[str, Any]:
    """The values `[h, w, c]` at all taps that have places, of a picture of noise."""
    model = loaded.model
    image = np.random.default_rng(0).random((model.size, model.size, model.channels), np.float32)
    values = jax.jit(reap(lambda x, params: model.apply(params, x)))(
        model.preprocess(jnp.asarray(image)), loaded.params
    )
    return {name: np.asarray(values[name]) for name in model.taps if values[name].ndim == 3}


def _same(maps: dict[str, Any], name: str, after: str | None) -> bool:
    """Whether two taps stand at one value, as a network's last block and its `features` may."""
    return after is not None and np.array_equal(maps[name], maps[after])
