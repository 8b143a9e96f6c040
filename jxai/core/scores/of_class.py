"""Scores of one class, by its label."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.scores.logits import Apply, Label, logits_of
from jxai.core.types import Score

__all__ = ["log_mixture", "log_probability", "log_sigmoid", "logit", "mixture", "probability"]


def logit(apply: Apply) -> Score:
    """The output of a class before softmax: `z_label`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, label, params) -> number`, in units of logits.

    Raises:
        ValueError: when called, `apply` returned something else than a vector, or `label` is out of range. A traced
            label out of range gives NaN, as value and as derivative.
        TypeError: when called, `label` is no whole number.

    Example:
        >>> import jax.numpy as jnp
        >>> float(logit(lambda w, x: w @ x)(jnp.ones(2), 1, jnp.eye(2) * 3.0))
        3.0
    """
    return _of_class(apply, lambda logits, label: logits[label])


def probability(apply: Apply) -> Score:
    """The softmax probability of a class, `exp(z_label) / sum_k exp(z_k)`.

    Arguments and errors as for `logit`; a model of one class is refused, for its softmax is always 1.
    """
    return _of_class(apply, lambda logits, label: jax.nn.softmax(logits)[label], softmax=True)


def log_probability(apply: Apply) -> Score:
    """The logarithm of the softmax probability, in nats: class-discriminative evidence; otherwise as `probability`."""
    return _of_class(apply, lambda logits, label: jax.nn.log_softmax(logits)[label], softmax=True)


def log_sigmoid(apply: Apply) -> Score:
    """`log sigmoid(z_label)`: evidence for the class, whatever the other logits are; arguments as for `logit`."""
    return _of_class(apply, lambda logits, label: jax.nn.log_sigmoid(logits)[label])


def mixture(apply: Apply, *, softmax: float = 0.9) -> Score:
    """`softmax * p_label + (1 - softmax) * sigmoid(z_label)`: a probability of discriminative and indicative evidence.

    Args:
        apply: `(params, x) -> logits [k]` of one example.
        softmax: weight of the softmax probability, in 0..1; the sigmoid has the rest.

    Returns:
        Score `(x, label, params) -> number` in 0..1.

    Raises:
        ValueError: the weight is outside 0..1; when called, as `probability`.
    """
    if not 0 <= softmax <= 1:
        raise ValueError(f"softmax is a weight in 0..1; {softmax} came.")

    def of(logits: Float[Array, " k"], label: Label) -> Float[Array, ""]:
        return softmax * jax.nn.softmax(logits)[label] + (1 - softmax) * jax.nn.sigmoid(logits)[label]

    return _of_class(apply, of, softmax=softmax > 0)


def log_mixture(apply: Apply, *, softmax: float = 0.9) -> Score:
    """The logarithm of `mixture`, in nats, computed from logarithms; arguments as for `mixture`."""
    if not 0 < softmax < 1:
        raise ValueError(
            f"softmax is a weight above 0 and below 1; {softmax} came: log_probability and log_sigmoid are the ends."
        )

    def of(logits: Float[Array, " k"], label: Label) -> Float[Array, ""]:
        discriminative = jax.nn.log_softmax(logits)[label] + math.log(softmax)  # logarithms alone: no underflow
        return jnp.logaddexp(discriminative, jax.nn.log_sigmoid(logits)[label] + math.log(1 - softmax))

    return _of_class(apply, of, softmax=True)


def _of_class(
    apply: Apply, of: Callable[[Float[Array, " k"], Label], Float[Array, ""]], *, softmax: bool = False
) -> Score:
    def score(x: Any, label: Label, *params: Any) -> Float[Array, ""]:
        logits, (label,) = logits_of(apply, params, x, label, softmax=softmax)
        return of(logits, label)

    return score
