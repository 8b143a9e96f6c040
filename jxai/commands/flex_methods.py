"""The five explainers in words as one kind of thing: a captioner, what it sees of a picture, and its objective."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from jxai.commands.flex_config import FlexSettings, Method
from jxai.commands.flex_features import Features
from jxai.language.captioner import Captioner
from jxai.language.flex import flex
from jxai.language.gve import gve, gve_loss
from jxai.language.losses import flex_objective
from jxai.language.mme import mme
from jxai.language.sentence_classifier import SentenceClassifier, class_reward, sentence_classifier

__all__ = ["CONDITIONED", "Sizes", "captioner_of", "objective_of", "reader_of_sentences", "seen_by", "shown_class"]

CONDITIONED = ("gve", "mme")  # methods that are told the class


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


def captioner_of(method: Method, sizes: Sizes, settings: FlexSettings) -> Captioner:
    """The model of sentences of a method."""
    words, channels, classes = sizes
    own = {"embedding": settings.embedding, "hidden": settings.hidden, "dropout": settings.dropout}
    width = settings.image_embedding
    if method == "gve":
        return gve(words, channels, classes, image_embedding=width, class_embedding=width, **own)
    if method == "mme":
        return mme(words, channels, classes, width=width, **own)
    return flex(words, channels, image_embedding=width, **own)


def seen_by(method: Method, features: Features, label: Any) -> dict[str, Any]:
    """What a method's captioner sees of a picture, or of a set of pictures.

    Args:
        method: the method.
        features: of `jxai.commands.flex_features`.
        label: the class that is explained: a number, or weights of all classes.
    """
    if method == "gve":
        return {"visual": features.plain, "label": label}
    if method == "mme":
        return {"map": features.map, "label": label}
    return {"visual": features.plain if method == "baseline" else features.visual}


def shown_class(logits: Float[Array, " k"], learnt: Bool[Array, " k"]) -> Float[Array, " k"]:
    """The predicted class as weights of the classes that the explainer has learnt.

    One-hot where it has learnt the predicted class. Of another class it has no embedding, so the classes that it knows
    are mixed as probable as the classifier finds them.

    Args:
        logits: of the classifier.
        learnt: which classes the explainer was trained on.

    Example:
        >>> shown_class(jnp.array([5.0, 0.0, 0.0]), jnp.array([False, True, True])).tolist()
        [0.0, 0.5, 0.5]
    """
    one_hot = jax.nn.one_hot(logits.argmax(), len(logits), dtype=logits.dtype)
    mixed = jax.nn.softmax(jnp.where(learnt, logits, jnp.full_like(logits, -jnp.inf)))
    return jnp.where(learnt[logits.argmax()], one_hot, mixed)


def reader_of_sentences(sizes: Sizes, settings: FlexSettings) -> SentenceClassifier:
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
        `objective(params, image, tokens, key=None) -> number`; `image` as `seen_by` returns it, of FLEX with `z` too.
    """
    if method == "gve":
        assert reader is not None
        return gve_loss(captioner, class_reward(*reader), stop=stop, weight=settings.discrimination)
    return flex_objective(captioner, weight=settings.relevance if method == "flex" else 0.0)
