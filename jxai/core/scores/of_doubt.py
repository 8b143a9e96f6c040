"""Scores without a label: how sure the model is."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.scores.logits import Apply, logits_of
from jxai.core.types import Score

__all__ = ["entropy", "hesitancy", "max_probability"]


def entropy(apply: Apply, *, normalised: bool = False) -> Score:
    """How undecided the model is: `-sum_k p_k log p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.
        normalised: divide by `log k`, the largest entropy (Wang and Vasconcelos 2019, eq. 4).

    Returns:
        Score `(x, params) -> number` in nats, 0 to log k; normalised 0 to 1.

    Raises:
        ValueError: when called, `apply` returned something else than a vector, or one class, of which all are sure.

    Example:
        >>> import jax.numpy as jnp
        >>> float(entropy(lambda params, x: x, normalised=True)(jnp.zeros(5), None).round(6))
        1.0
    """

    def score(x: Any, *params: Any) -> Float[Array, ""]:
        logits, _ = logits_of(apply, params, x, softmax=True)
        logs = jax.nn.log_softmax(logits)
        # p log p tends to 0 with p: a class with a logit of -inf has no share, and 0 times -inf would be NaN
        some = jnp.where(jnp.isneginf(logs), jnp.zeros_like(logs), logs)
        value = -(jnp.exp(logs) * some).sum()
        return value / math.log(len(logs)) if normalised else value

    return score


def max_probability(apply: Apply) -> Score:
    """The confidence of the model: `max_k p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, params) -> number`, 1/k to 1.

    Raises:
        ValueError: as `entropy`.

    Example:
        >>> import jax.numpy as jnp
        >>> float(max_probability(lambda params, x: x)(jnp.zeros(4), None))
        0.25
    """

    def score(x: Any, *params: Any) -> Float[Array, ""]:
        logits, _ = logits_of(apply, params, x, softmax=True)
        return jax.nn.softmax(logits).max()

    return score


def hesitancy(apply: Apply) -> Score:
    """How far the model is from certain: `1 - max_k p_k` (Wang and Vasconcelos 2019, eq. 3).

    Arguments as for `max_probability`; 0 to 1 - 1/k.
    """
    confidence = max_probability(apply)
    return lambda x, *params: 1 - confidence(x, *params)
