"""Methods by name, for text: from a method's name to values of words."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.models import TextModel, masked, mean_of_tokens
from jxai.pipelines.methods import SCORES, build_explainer, require_known
from jxai.pipelines.texts.options import TextOptions
from jxai.signal.maps import channel_sum
from jxai.signal.words import word_mean, word_sum

__all__ = ["BASELINES", "similarity", "text_score", "word_values", "words_of"]

BASELINES = ("pad", "mask", "zero")


def similarity(apply: Callable[..., Array]) -> Callable[..., Array]:
    """The score of an encoder: the cosine of a sentence's mean token and another vector.

    Args:
        apply: `(params, x, mask) -> tokens [t, d]`.

    Returns:
        Score `(x, other, (params, mask)) -> number` in -1..1.
    """

    def score(x: Array, other: Array, params_and_mask: tuple[Any, Array]) -> Array:
        params, mask = params_and_mask
        mean = mean_of_tokens(apply(params, x, mask), mask)
        other = other.astype(mean.dtype)
        return mean @ other / jnp.sqrt((mean @ mean) * (other @ other))

    return score


def text_score(model: TextModel, name: str | None) -> Callable[..., Array]:
    """The score of that name, the logit by default, `(x, label, (params, mask)) -> number`; an encoder's similarity."""
    name = name or "logit"
    require_known([name], SCORES, "score")
    return similarity(model.apply) if model.classes is None else getattr(jxai.scores, name)(masked(model.apply))


def word_values(
    name: str, score: Callable[..., Array], options: TextOptions, *, words: int
) -> tuple[Callable[..., Array], bool]:
    """A method as a function of one sentence.

    Args:
        name: one of `jxai.pipelines.methods.methods()`.
        score: `(x, label, (params, mask)) -> number`.
        options: settings.
        words: the most words of a sentence, for methods that must know how many groups there are (`count`).

    Returns:
        Function `(x, label, inputs, mask, params, *, key) -> attribution`, the method's own; `inputs` holds
        `baseline`, `baselines`, `against` and `groups`, of which the method gets those that it takes. And whether
        it takes the groups.

    Raises:
        ValueError: an unknown name, or a method that needs a layer and got none.
    """
    every = {**dataclasses.asdict(options), "count": words, "features": None}
    explain, input_needs = build_explainer(name, score, every)

    def attribute(x: Array, label: Array, inputs: dict[str, Array], mask: Array, params: Any, *, key: Array) -> Array:
        absent = sorted(kind for kind, needed in input_needs.items() if needed and kind not in inputs)
        if absent:
            raise ValueError(f"{name} needs {' and '.join(absent)}, which a text model without classes does not have.")
        chosen = {kind: value for kind, value in inputs.items() if kind in input_needs}
        return explain(x, label, (params, mask), key=key, **chosen)

    return attribute, "groups" in input_needs


def words_of(name: str, attribution: np.ndarray, groups: np.ndarray, words: int, *, tied: bool) -> np.ndarray:
    """One number a word.

    Args:
        name: of the method, for the message.
        attribution: `[t, d]` or `[t]`.
        groups: `[t]`, the word of each piece.
        words: how many there are.
        tied: the pieces of a word were changed together, so that each carries the word's value.

    Raises:
        ValueError: the attribution is not one over tokens.
    """
    if attribution.ndim not in (1, 2) or attribution.shape[0] != groups.shape[0]:
        raise ValueError(
            f"{name} returned {attribution.shape}, which is not over the {groups.shape[0]} tokens; choose a method of "
            "the input, or a layer of tokens [t, d] (--at)."
        )
    array = jnp.asarray(attribution)
    map = channel_sum(array) if array.ndim == 2 else array
    return np.asarray((word_mean if tied else word_sum)(map, groups, words=words))
