"""What to explain: scores made from a model's `apply(params, x) -> logits [k]`.

Every score takes `(x, label, params)`; `label` may be traced, so `vmap` over labels gives the maps of all classes.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from jxai.core.types import Score

__all__ = [
    "class_group",
    "entropy",
    "hesitancy",
    "joint",
    "log_mixture",
    "log_probability",
    "log_sigmoid",
    "logit",
    "margin",
    "max_probability",
    "mixture",
    "probability",
]

Apply = Callable[[Any, Float[Array, "*shape"]], Float[Array, " k"]]


def logit(apply: Apply) -> Score:
    """The output of a class before softmax: `z_label`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, label, params) -> number`, in units of logits.

    Raises:
        ValueError: when called, `apply` returned something else than a vector, or `label` is a number out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> float(logit(lambda w, x: w @ x)(jnp.ones(2), 1, jnp.eye(2) * 3.0))
        3.0
    """
    return _of_class(apply, lambda logits, label: logits[label])


def probability(apply: Apply) -> Score:
    """The softmax probability of a class, `exp(z_label) / sum_k exp(z_k)`; arguments as for `logit`."""
    return _of_class(apply, lambda logits, label: jax.nn.softmax(logits)[label])


def log_probability(apply: Apply) -> Score:
    """The logarithm of the softmax probability, in nats: class-discriminative evidence; arguments as for `logit`."""
    return _of_class(apply, lambda logits, label: jax.nn.log_softmax(logits)[label])


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
        ValueError: the weight is outside 0..1.
    """
    if not 0 <= softmax <= 1:
        raise ValueError(f"softmax is a weight in 0..1; {softmax} came.")

    def of(logits: Float[Array, " k"], label: Any) -> Float[Array, ""]:
        return softmax * jax.nn.softmax(logits)[label] + (1 - softmax) * jax.nn.sigmoid(logits)[label]

    return _of_class(apply, of)


def log_mixture(apply: Apply, *, softmax: float = 0.9) -> Score:
    """The logarithm of `mixture`, in nats, computed from logarithms; arguments as for `mixture`."""
    if not 0 < softmax < 1:
        raise ValueError(
            f"softmax is a weight above 0 and below 1; {softmax} came: log_probability and log_sigmoid are the ends."
        )

    def of(logits: Float[Array, " k"], label: Any) -> Float[Array, ""]:
        discriminative = jax.nn.log_softmax(logits)[label] + math.log(softmax)  # logarithms alone: no underflow
        return jnp.logaddexp(discriminative, jax.nn.log_sigmoid(logits)[label] + math.log(1 - softmax))

    return _of_class(apply, of)


def joint(score: Score, *, in_axes: Any = 0) -> Score:
    """Several passages of one text as one: the log of the mean probability, `log mean_p exp(score(x_p))`.

    Args:
        score: function `(x, *args) -> number` of one passage, a log-probability.
        in_axes: for each of the score's arguments, x first, as in `jax.vmap`: 0 where each passage has its own, None
            where they share it.

    Returns:
        Score `(x, present, *args) -> number` in nats, with passages along the leading axis of x and of `present`,
        booleans: False for a passage that only fills up the shape.

    Example:
        >>> import jax.numpy as jnp
        >>> score = joint(jnp.sum, in_axes=(0,))
        >>> x = jnp.log(jnp.array([[0.2], [0.4], [0.9]]))
        >>> round(float(jnp.exp(score(x, jnp.array([True, True, False])))), 4)
        0.3
    """

    def of(x: Float[Array, "p *shape"], present: Bool[Array, " p"], *args: Any) -> Float[Array, ""]:
        logs = jax.vmap(score, in_axes)(x, *args)
        present = jnp.asarray(present, bool)
        logs = jnp.where(present, logs, jnp.zeros_like(logs))  # an absent passage's nan would poison the derivative
        return jax.nn.logsumexp(logs, where=present) - jnp.log(present.sum().astype(logs.dtype))

    return of


def margin(apply: Apply) -> Score:
    """Class a against class b: `z_a - z_b`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, a, b, params) -> number`, in units of logits.

    Example:
        >>> import jax.numpy as jnp
        >>> float(margin(lambda w, x: w @ x)(jnp.ones(2), 0, 1, jnp.diag(jnp.array([3.0, 1.0]))))
        2.0
    """

    def score(x: Float[Array, "*shape"], a: Any, b: Any, *params: Any) -> Float[Array, ""]:
        logits = _logits(apply, params, x, a, b)
        return logits[a] - logits[b]

    return score


def class_group(apply: Apply) -> Score:
    """A group of classes (all dogs): `log sum_{k in group} p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, group, params) -> number` in nats; `group` is a vector of labels, or a boolean mask over the `k`
        classes (which may differ in size between examples of a `vmap`).

    Example:
        >>> import jax.numpy as jnp
        >>> score = class_group(lambda params, x: x)
        >>> bool(jnp.isclose(score(jnp.zeros(4), jnp.array([0, 1]), None), jnp.log(0.5)))
        True
    """

    def score(x: Float[Array, "*shape"], group: Int[Array, " m"] | Bool[Array, " k"], *params: Any) -> Float[Array, ""]:
        logs = jax.nn.log_softmax(_logits(apply, params, x))
        group = jnp.asarray(group)
        if group.dtype == bool:
            return jax.nn.logsumexp(logs, where=group)
        return jax.nn.logsumexp(logs[group])

    return score


def entropy(apply: Apply, *, normalised: bool = False) -> Score:
    """How undecided the model is: `-sum_k p_k log p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.
        normalised: divide by `log k`, the largest entropy (Wang and Vasconcelos 2019, eq. 4).

    Returns:
        Score `(x, params) -> number` in nats, 0 to log k; normalised 0 to 1.

    Example:
        >>> import jax.numpy as jnp
        >>> float(entropy(lambda params, x: x, normalised=True)(jnp.zeros(5), None).round(6))
        1.0
    """

    def score(x: Float[Array, "*shape"], *params: Any) -> Float[Array, ""]:
        logs = jax.nn.log_softmax(_logits(apply, params, x))
        value = -(jnp.exp(logs) * logs).sum()
        return value / math.log(len(logs)) if normalised else value

    return score


def max_probability(apply: Apply) -> Score:
    """The confidence of the model: `max_k p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, params) -> number`, 1/k to 1.

    Example:
        >>> import jax.numpy as jnp
        >>> float(max_probability(lambda params, x: x)(jnp.zeros(4), None))
        0.25
    """

    def score(x: Float[Array, "*shape"], *params: Any) -> Float[Array, ""]:
        return jax.nn.softmax(_logits(apply, params, x)).max()

    return score


def hesitancy(apply: Apply) -> Score:
    """How far the model is from certain: `1 - max_k p_k` (Wang and Vasconcelos 2019, eq. 3).

    Arguments as for `max_probability`; 0 to 1 - 1/k.
    """
    confidence = max_probability(apply)
    return lambda x, *params: 1 - confidence(x, *params)


def _of_class(apply: Apply, of: Callable[[jax.Array, Any], jax.Array]) -> Score:
    def score(x: jax.Array, label: Any, *params: Any) -> jax.Array:
        return of(_logits(apply, params, x, label), label)

    return score


def _logits(apply: Apply, params: tuple, x: jax.Array, *labels: Any) -> jax.Array:
    if len(params) != 1:
        raise ValueError(
            f"this score takes (x, {'label, ' * len(labels)}params); {len(labels) + 1 + len(params)} arguments came."
        )
    logits = apply(params[0], x)
    if jnp.ndim(logits) != 1:
        raise ValueError(
            f"apply(params, x) must return the logits of one example, shape [k]; shape {jnp.shape(logits)} came. Take "
            f"the batch axis out of the model, and map over examples with jax.vmap(explain)."
        )
    for label in labels:  # a traced one cannot be checked
        if isinstance(label, int) and not -len(logits) <= label < len(logits):
            raise ValueError(f"label {label} is out of range: the model has {len(logits)} classes.")
    return logits
