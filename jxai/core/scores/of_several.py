"""Scores of several classes, and of several passages of one text."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from jxai.core.errors import warn_of_nothing
from jxai.core.labels import checked, known, marked, unless_outside
from jxai.core.scores.logits import Apply, Label, logits_of
from jxai.core.types import Score

__all__ = ["class_group", "joint", "margin"]


def margin(apply: Apply) -> Score:
    """Class a against class b: `z_a - z_b`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, a, b, params) -> number`, in units of logits.

    Raises:
        ValueError, TypeError: as `logit`.

    Warns:
        SaysNothing: a and b are the same class.

    Example:
        >>> import jax.numpy as jnp
        >>> float(margin(lambda w, x: w @ x)(jnp.ones(2), 0, 1, jnp.diag(jnp.array([3.0, 1.0]))))
        2.0
    """

    def score(x: Any, a: Label, b: Label, *params: Any) -> Float[Array, ""]:
        logits, (a, b) = logits_of(apply, params, x, a, b)
        if (pair := known([a, b])) is not None and len({int(label) % len(logits) for label in pair}) == 1:
            warn_of_nothing(f"the margin of class {pair[0]} against itself is 0 whatever the input: give another class")
        return logits[a] - logits[b]

    return score


def class_group(apply: Apply) -> Score:
    """A group of classes (all dogs): `log sum_{k in group} p_k`.

    Args:
        apply: `(params, x) -> logits [k]` of one example.

    Returns:
        Score `(x, group, params) -> number` in nats; `group` is a vector of labels, or a boolean mask over the `k`
        classes (which may differ in size between examples of a `vmap`). A class that is named twice counts once. A
        traced group that is empty gives `log 0 = -inf`.

    Raises:
        ValueError: when called, as `probability`; a mask of another length; a group that is seen to be empty.
        TypeError: when called, the group is neither whole numbers nor booleans.

    Warns:
        SaysNothing: the group holds all classes, so that its probability is 1.

    Example:
        >>> import jax.numpy as jnp
        >>> score = class_group(lambda params, x: x)
        >>> bool(jnp.isclose(score(jnp.zeros(4), jnp.array([0, 1]), None), jnp.log(0.5)))
        True
    """

    def score(x: Any, group: Label, *params: Any) -> Float[Array, ""]:
        logits, _ = logits_of(apply, params, x, softmax=True)
        logits, mask = _members(logits, group)
        return jax.nn.logsumexp(jax.nn.log_softmax(logits), where=mask)

    return score


def _members(logits: Float[Array, " k"], group: Any) -> tuple[Float[Array, " k"], Bool[Any, " k"]]:
    """The mask of a group; logits of NaN where a traced label of it is out of range."""
    classes, values = len(logits), known(group)
    if values is not None and not values.size:
        _require_some(0, classes)
    members = jnp.asarray(group) if values is None else values
    is_mask = members.dtype.kind == "b"
    if is_mask and members.shape != (classes,):
        raise ValueError(f"the mask of a group is over the {classes} classes of the model; {members.shape} came.")
    if is_mask:
        mask = jnp.asarray(members)
    else:
        members = checked(members, classes, ndim=1, name="group")
        logits, mask = unless_outside(logits, members, classes), marked(members, classes)
    if values is not None:
        _require_some(int(values.sum()) if is_mask else len(set((values % classes).tolist())), classes)
    return logits, mask


def _require_some(count: int, classes: int) -> None:
    if count == 0:
        raise ValueError("the group holds no class, so that its probability is 0 whatever the input: name one.")
    if count == classes:
        warn_of_nothing("the group holds all classes of the model, so that its probability is 1 whatever the input")


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
