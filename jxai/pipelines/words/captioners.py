"""The five explainers in words as one kind of thing: a captioner, what it sees of a picture, and its objective."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from jxai.language.captioner import Captioner
from jxai.language.flex import flex
from jxai.language.gve import gve, gve_loss
from jxai.language.losses import flex_objective
from jxai.language.mme import mme
from jxai.language.sentence_classifier import SentenceClassifier, class_reward, sentence_classifier
from jxai.pipelines.words.features import Features
from jxai.pipelines.words.settings import FlexSettings, Method

__all__ = [
    "CONDITIONED",
    "Sizes",
    "captioner_of",
    "features_size",
    "objective_of",
    "reward_classifier",
    "captioner_inputs",
    "class_weights",
]

CONDITIONED = ("gve", "mme")  # methods that are given the class


class Sizes(NamedTuple):
    """What decides the shapes of an explainer's parameters, beside the settings.

    Attributes:
        words: of the vocabulary.
        channels: of the features.
        classes: outputs of the classifier.
    """

    words: int
    channels: int
    classes: int


def captioner_of(method: Method, sizes: Sizes, settings: FlexSettings, *, size: float = 1.0) -> Captioner:
    """The model of sentences of a method.

    Args:
        method: the method.
        sizes: of its parts.
        settings: widths and dropout.
        size: the root mean square of the features over the training pictures. They are divided by it: features much
            larger than the LSTMs' states drown the words, and a sentence that does not know what it has said says it
            again. (Those of the released code are of length one.)
    """
    words, channels, classes = sizes
    own = {"embedding": settings.embedding, "hidden": settings.hidden, "dropout": settings.dropout}
    own["image_embedding"] = width = settings.image_embedding
    if method == "gve":
        return _divided(gve(words, channels, classes, class_embedding=width, **own), "visual", size)
    if method == "mme":
        return _divided(mme(words, channels, classes, width=width, **own), "map", size)
    return _divided(flex(words, channels, **own), "visual", size)


def features_size(method: Method, features: Features) -> float:
    """The root mean square of the features that a method's captioner sees."""
    inputs = captioner_inputs(method, features, features.label)
    values = np.asarray(inputs["map"] if "map" in inputs else inputs["visual"], np.float64)
    return float(np.sqrt((values**2).mean())) or 1.0


def _divided(captioner: Captioner, name: str, size: float) -> Captioner:
    def divided(image: Any) -> Any:
        values = jnp.asarray(image[name])
        return {**image, name: values / jnp.asarray(size, values.dtype)}

    def start(params: Any, image: Any) -> Any:
        return captioner.start(params, divided(image))

    def forced(params: Any, image: Any, tokens: Array, key: Array | None = None) -> Array:
        assert captioner.forced is not None
        return captioner.forced(params, divided(image), tokens, key)

    return captioner._replace(start=start, forced=forced if captioner.forced else None)


def captioner_inputs(method: Method, features: Features, label: Any) -> dict[str, Any]:
    """What a method's captioner sees of a picture, or of a set of pictures.

    Args:
        method: the method.
        features: of `jxai.pipelines.words.features`.
        label: the class that is explained: a number, or weights of all classes.
    """
    if method == "gve":
        return {"visual": features.plain, "label": label}
    if method == "mme":
        return {"map": features.map, "label": label}
    return {"visual": features.plain if method == "baseline" else features.visual}


def class_weights(logits: Float[Array, " k"], trained_classes: Any) -> Float[Array, " k"]:
    """The predicted class as weights of the classes that the explainer was trained on.

    One-hot where the predicted class is one of them. Of another class it has no embedding, so the classes that it knows
    are mixed as probable as the classifier finds them.

    Args:
        logits: of the classifier.
        trained_classes: booleans `[k]`, which classes the explainer was trained on.

    Example:
        >>> class_weights(jnp.array([5.0, 0.0, 0.0]), jnp.array([False, True, True])).tolist()
        [0.0, 0.5, 0.5]
    """
    trained = jnp.asarray(trained_classes)
    one_hot = jax.nn.one_hot(logits.argmax(), len(logits), dtype=logits.dtype)
    mixed = jax.nn.softmax(jnp.where(trained, logits, jnp.full_like(logits, -jnp.inf)))
    return jnp.where(trained[logits.argmax()], one_hot, mixed)


def reward_classifier(sizes: Sizes, settings: FlexSettings) -> SentenceClassifier:
    """The classifier of sentences whose answer rewards GVE."""
    return sentence_classifier(
        sizes.words, sizes.classes, embedding=settings.embedding, hidden=settings.hidden, dropout=settings.dropout
    )


def objective_of(
    method: Method,
    captioner: Captioner,
    settings: FlexSettings,
    *,
    stop: int,
    reader: tuple[SentenceClassifier, Any] | None = None,
) -> Callable[[Any, Any, Array, Array | None], Array]:
    """The loss of one sentence; FLEX's as printed: padding counts for nothing.

    Args:
        method: the method.
        captioner: of `captioner_of`.
        settings: with the weight of the reward.
        stop: token that ends a sentence.
        reader: of GVE: the classifier of sentences and its trained params.

    Returns:
        `objective(params, image, tokens, key=None) -> number`; `image` as `captioner_inputs` returns it, of FLEX with
        `z` too.
    """
    if method == "gve":
        assert reader is not None
        return gve_loss(captioner, class_reward(*reader), stop=stop, weight=settings.discrimination)
    return flex_objective(captioner, weight=settings.relevance if method == "flex" else 0.0)
