"""Labels: which of a model's classes is meant.

JAX reads an index out of range as the last one, silently. So every function here that is given labels passes them
through one of these: labels whose values can be seen are checked, and traced ones out of range turn to NaN what they
select from.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, Float, Shaped

__all__ = ["checked", "is_known_integer", "known", "marked", "require_classes", "unless_outside"]


def known(values: Any) -> Shaped[np.ndarray, "*shape"] | None:
    """The values as a NumPy array; None where they cannot be seen: traced, or on another host.

    Example:
        >>> known(jnp.array([0, 2]))
        array([0, 2]...)
    """
    leaves = jax.tree.leaves(values)
    if any(isinstance(leaf, Tracer) or not getattr(leaf, "is_fully_addressable", True) for leaf in leaves):
        return None
    return np.asarray(values)  # np, not jnp: inside jit every jnp function of a concrete array is traced


def is_known_integer(value: Any) -> bool:
    """Whether a value is a whole number, or a few of them, that can be seen.

    Example:
        >>> is_known_integer(jnp.array(3)), is_known_integer(jnp.array(3.0))
        (True, False)
    """
    kind = getattr(value, "dtype", None)
    return kind is not None and kind.kind in "biu" and value.ndim < 2 and known(value) is not None


def checked(labels: Any, classes: int, *, ndim: int = 0, name: str = "label", from_end: bool = True) -> Any:
    """The labels, where they are whole numbers of classes that exist.

    Args:
        labels: a whole number of any type (Python's, NumPy's, JAX's), or a vector of them.
        classes: how many classes there are.
        ndim: of the labels: 0 for one, 1 for several.
        name: for messages.
        from_end: whether negative labels count from the end, as indices do.

    Returns:
        The labels, as JAX's integers where they are an array or a list.

    Raises:
        TypeError: the labels are no whole numbers.
        ValueError: another number of axes; a label out of range, where its value can be seen.

    Example:
        >>> checked(np.int64(2), 3)
        2
        >>> checked(jnp.array(3), 3)
        Traceback (most recent call last):
        ValueError: label 3 is out of range: the model has 3 classes, 0 to 2.
    """
    values = known(labels)
    if isinstance(labels, list | tuple):
        labels = jnp.stack([jnp.asarray(label) for label in labels]) if values is None else values
    shape, dtype = (labels if values is None else values).shape, (labels if values is None else values).dtype
    if not np.issubdtype(dtype, np.integer):
        came = f"{labels!r}" if not shape and values is not None else f"{dtype} of shape {shape}"
        raise TypeError(
            f"{name} must be {'the whole number of a class' if ndim == 0 else 'whole numbers of classes'}; {came} came."
        )
    if len(shape) != ndim:
        raise ValueError(
            f"{name} must be {'one number' if ndim == 0 else 'a vector of numbers'}; shape {shape} came. Explain "
            f"several classes by jxai.all_classes(explain) or jax.vmap."
        )
    if values is not None and (wrong := values[~_inside(values, classes, from_end)]).size:
        raise ValueError(f"{name} {wrong.flat[0]} is out of range: the model has {_count(classes)}.")
    return _as_int(labels)


def unless_outside(
    values: Float[Array, "*shape"], labels: Any, classes: int, *, from_end: bool = True
) -> Float[Array, "*shape"]:
    """The values as they are, or all NaN, with NaN derivatives, where one of the traced labels is out of range.

    A derivative of NaN does not pass what is switched off, a ReLU at 0: where no class is affected, it stays 0. Labels
    whose values can be seen were checked, and add nothing to the program.

    Example:
        >>> jax.jit(lambda label: unless_outside(jnp.ones(2), label, 2))(5).tolist()
        [nan, nan]
    """
    if known(labels) is not None:
        return values
    inside = _inside(labels, classes, from_end).all()
    # a factor, not a choice: the derivative by the values must be NaN too
    return values * jnp.where(inside, jnp.ones_like(values), jnp.full_like(values, jnp.nan))


def marked(labels: Any, classes: int) -> Bool[Array, " k"]:
    """Which classes are among the labels, each once however often it is named; negative labels count from the end.

    Example:
        >>> marked(jnp.array([0, -1, 0]), 3).tolist()
        [True, False, True]
    """
    return jnp.zeros(classes, bool).at[jnp.asarray(labels)].set(True)


def require_classes(classes: int) -> None:
    """Raise `ValueError` for one class, of which a softmax says nothing."""
    if classes < 2:
        raise ValueError(
            f"the model has {_count(classes)}: a softmax over it is 1 whatever the input. Explain scores.logit(apply) "
            f"or scores.log_sigmoid(apply) with label 0, or give the model the other class, whose logit is 0."
        )


def _inside(labels: Any, classes: int, from_end: bool) -> Any:
    return (labels >= (-classes if from_end else 0)) & (labels < classes)


def _as_int(labels: Any) -> Any:
    if isinstance(labels, int | np.generic) or isinstance(labels, np.ndarray) and not labels.ndim:
        return int(labels)
    # JAX counts negative indices from the end in their own type, and an int8 cannot hold the number of 1000 classes
    most = jnp.iinfo(int).max
    if jnp.iinfo(labels.dtype).max > most:
        labels = jnp.minimum(labels, labels.dtype.type(most))
    return jnp.asarray(labels, int)


def _count(classes: int) -> str:
    return "one class" if classes == 1 else f"{classes} classes, 0 to {classes - 1}"
