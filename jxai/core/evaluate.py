"""The value of a score, and whether it depends on what is explained.

A score that cannot say anything (a model of one class, `x` not used, a rounded value under a gradient) would give a
map of zeros that looks like an answer. While JAX differentiates or maps a score, it knows what depends on x: such a
value is a tracer of the same trace as x. So the question costs a comparison, and no trace of its own.
"""

from typing import Any

import jax
from jax import Array
from jax.core import Tracer
from jaxtyping import Real

from jxai.core.errors import UnusedInput, require_scalar
from jxai.core.types import Score

__all__ = ["evaluate", "require_use"]

_COMPILING = "DynamicJaxprTracer"  # the trace of jit: all that is computed in it belongs to it, whatever it depends on


def evaluate(score: Score, x: Any, *args: Any) -> Real[Array, ""]:
    """The score of `x`, one number that depends on it.

    Args:
        score: function `(x, *args) -> number`.
        x: what is explained: the example, or what a method makes of it.
        args: the score's other arguments.

    Returns:
        `score(x, *args)`.

    Raises:
        NotAScalar: the score returned something else than one number.
        UnusedInput: `x` is being differentiated or mapped over, and the score does not depend on it.

    Example:
        >>> import jax
        >>> jax.grad(lambda x: evaluate(lambda x: x.sum().round(), x))(jax.numpy.ones(2))
        Traceback (most recent call last):
        jxai.core.errors.UnusedInput: the score has no derivative by its input...
    """
    return require_use(require_scalar(score(x, *args)), x)


def require_use(value: Any, x: Any) -> Any:
    """Return a value that was computed while `x` is differentiated or mapped over; raise where it ignores `x`.

    Args:
        value: an array.
        x: a pytree of arrays.

    Raises:
        UnusedInput: the value does not depend on `x`.
    """
    leaves = [leaf for leaf in jax.tree.leaves(x) if isinstance(leaf, Tracer)]
    traces = [leaf._trace for leaf in leaves if type(leaf).__name__ != _COMPILING]
    if not traces or (isinstance(value, Tracer) and any(value._trace is trace for trace in traces)):
        return value
    if any(type(leaf).__name__ != "BatchTracer" for leaf in leaves):
        raise UnusedInput(
            "the score has no derivative by its input: it does not use it, or only through values that jump "
            "(stop_gradient, argmax, rounding, comparisons, integers). The map would be zero everywhere. Explain a "
            "score that changes with the input, such as scores.logit(apply); of values that jump, use a method that "
            "changes the input (occlusion, RISE, Shapley values)."
        )
    raise UnusedInput(
        "the score does not depend on its input: it is the same for every changed input, and the map would be zero "
        "everywhere. Explain a score of x, the first argument."
    )
