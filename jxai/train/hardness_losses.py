"""Losses of a classifier and its hardness predictor, of batches; z is the predictor's value before the sigmoid."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

__all__ = ["adjusted_probability", "classifier_loss", "deliberative_loss", "eccv_loss", "failure_loss"]


def classifier_loss(logits: Array, labels: Array, hardness: Array) -> Array:
    """The classifier's: cross-entropy in which each example weighs as much as it is hard, `mean(s CE)`.

    Args:
        logits: `[b, k]`.
        labels: `[b]`.
        hardness: s `[b]`, 0..1.

    Reference:
        Wang and Vasconcelos 2018, "Towards realistic predictors".

    Example:
        >>> print(classifier_loss(jnp.zeros((2, 2)), jnp.array([0, 1]), jnp.array([1.0, 0.0])).round(4))
        0.3466
    """
    logs = jax.nn.log_softmax(logits)
    return -(hardness * jnp.take_along_axis(logs, labels[:, None], 1)[:, 0]).mean()


def eccv_loss(z: Array, probability: Array) -> Array:
    """`-mean(p log(1 - s) + (1 - p) log s)`: the predictor's hardness s is to be what the classifier lacks, 1 - p.

    Args:
        z: `[b]`, `s = sigmoid(z)`.
        probability: p `[b]`, the classifier's for the true class.

    Reference:
        Wang and Vasconcelos 2018, "Towards realistic predictors".

    Example:
        >>> print(eccv_loss(jnp.zeros(2), jnp.array([0.3, 0.9])).round(4))
        0.6931
    """
    # by z: log(1 - sigmoid(z)) would be -inf for large z
    return -(probability * jax.nn.log_sigmoid(-z) + (1 - probability) * jax.nn.log_sigmoid(z)).mean()


def failure_loss(z: Array, right: Array) -> Array:
    """Failure prediction: `eccv_loss` with 1 for the examples that the classifier gets right and 0 for others.

    Args:
        z: `[b]`.
        right: `[b]`, booleans.

    Reference:
        Devries and Taylor 2018; Hecker et al. 2018, "Failure prediction for autonomous driving"; among the related work
        of Wang and Vasconcelos 2019.
    """
    return eccv_loss(z, right.astype(z.dtype))


def adjusted_probability(probability: Array, right: Array) -> Array:
    """The p of the released code: at least 0.55 where the classifier is right.

    Args:
        probability: p `[b]`, of the true class.
        right: `[b]`, booleans.
    """
    return jnp.where(right, jnp.maximum(probability, 0.55), probability)


def deliberative_loss(
    z: Array,
    probability: Array,
    right: Array,
    *,
    press: float = 1.0,
    whole: Callable[[Array], Array] = lambda mean: mean,
) -> Array:
    """The released loss of deliberative explanations: `2 mean(w (1 - (1 - q) s - (1 - s) q))`.

    q is the adjusted probability. Examples with q > 0.5 are easy. So that both kinds count alike, w is the share of
    hard examples over the press for easy ones, and the share of easy ones times the press for hard ones.

    Args:
        z: `[b]`, `s = sigmoid(z)`.
        probability: p `[b]`, the classifier's for the true class.
        right: `[b]`, whether the classifier is right.
        press: favours hard examples; an argument of the released VGG and AlexNet versions that no caller gives.
        whole: the mean over the whole batch, where this is a part of it, from the mean over this part.

    Reference:
        Wang and Vasconcelos 2019; the formula is in their code alone.

    Example:
        >>> z, right = jnp.zeros(2), jnp.array([True, False])
        >>> print(deliberative_loss(z, jnp.array([0.9, 0.2]), right))
        0.5
    """
    s, q = jax.nn.sigmoid(z), adjusted_probability(probability, right)
    easy = q > 0.5
    # over the whole batch, or the loss would depend on the number of devices
    share = whole(easy.astype(z.dtype).mean())
    weight = jnp.where(easy, (1 - share) / press, share * press)
    return 2 * (weight * (1 - (1 - q) * s - (1 - s) * q)).mean()
