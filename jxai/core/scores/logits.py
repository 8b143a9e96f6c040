"""The logits of one example, with the labels that select among them."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.labels import checked, require_classes, unless_outside

__all__ = ["Apply", "Label", "logits_of"]

Apply = Callable[[Any, Any], Float[Array, " k"]]  # x: an array, or what else the model takes
Label = Any  # a whole number of any type; perhaps traced


def logits_of(
    apply: Apply, params: tuple, x: Any, *labels: Label, softmax: bool = False
) -> tuple[Float[Array, " k"], list[Label]]:
    """The logits, and the labels as indices of them.

    Args:
        apply: `(params, x) -> logits [k]` of one example.
        params: the arguments of a score after its labels: the parameters alone.
        x: the example.
        labels: of single classes.
        softmax: whether the score takes one, which says nothing of one class.

    Returns:
        Logits and labels; logits of NaN where a traced label is out of range.

    Raises:
        ValueError: another number of arguments, logits of another shape, a label out of range, one class under a
            softmax.
        TypeError: a label is no whole number.
    """
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
    if softmax:
        require_classes(len(logits))
    indices = [checked(label, len(logits)) for label in labels]
    for label in indices:
        logits = unless_outside(logits, label, len(logits))
    return logits, indices
