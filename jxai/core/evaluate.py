"""The value of a score, whether it depends on what is explained, and whether a map says anything.

A score that does not depend on x (`x` not used, a rounded value under a gradient) would give a map of zeros that looks
like an answer. While JAX differentiates or maps a score, it knows what depends on x: such a value is a tracer of the
same trace as x. So the question costs a comparison, and no trace of its own.

What depends on x may still be zero for this x: a saturated probability, dead units, a baseline that equals x. That
shows in the values alone, where they can be seen.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

import jax
from jax import Array
from jax.core import Tracer
from jaxtyping import Real

from jxai.core.errors import UnusedInput, require_scalar, warn_of_nothing
from jxai.core.labels import known
from jxai.core.types import Explain, Score

__all__ = ["evaluate", "explainer", "require_use", "warn_of_zeros"]

Arguments = ParamSpec("Arguments")

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


def explainer(make: Callable[Arguments, Explain]) -> Callable[Arguments, Explain]:
    """Let the explainers that a function makes warn (`SaysNothing`) of a map that is zero everywhere.

    Only maps whose values can be seen are looked at: not under a transformation.

    Args:
        make: makes an explainer.

    Returns:
        The same function otherwise.

    Example:
        >>> import warnings
        >>> make = explainer(lambda score: lambda x: 0 * x)
        >>> with warnings.catch_warnings(record=True, action="always") as said:
        ...     _ = make(lambda x: x.sum())(jax.numpy.ones(2))
        >>> print(str(said[0].message)[:31])
        the map is zero everywhere: the
    """

    @functools.wraps(make)
    def make_and_look(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Explain:
        explain = make(*args, **kwargs)

        @functools.wraps(explain)
        def explain_and_look(*args: Any, **kwargs: Any) -> Any:
            result = explain(*args, **kwargs)
            maps = [known(leaf) for leaf in jax.tree.leaves(result)]
            if maps and not any(map is None or map.any() for map in maps):
                warn_of_zeros()
            return result

        return explain_and_look

    return make_and_look


def warn_of_zeros(which: str = "") -> None:
    """Warn of a map that is zero everywhere, and say where to look.

    Args:
        which: which map, where there are several.
    """
    warn_of_nothing(
        f"the map is zero everywhere{which}: the score does not change with what the method changes. Look for a "
        f"saturated probability (explain the logit or its logarithm), for dead units, and for a baseline that equals x",
        stacklevel=3,  # whoever called the explainer
    )
