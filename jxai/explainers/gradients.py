"""The gradient of a score, and simple combinations of explanations.

gradient      df/dx
times_input   x * e(x), for any explanation e
contrast      e(x, a) - e(x, b)
all_classes   e(x, k) for every class k
"""

from typing import Any

import jax
import numpy as np
from jax import Array
from jaxtyping import Int

from jxai.core.chunks import map_over
from jxai.core.errors import require_floating, warn_of_nothing
from jxai.core.evaluate import evaluate, explainer
from jxai.core.labels import known
from jxai.core.leaves import matching
from jxai.core.types import Explain, Inputs, Key, Score

__all__ = ["all_classes", "contrast", "gradient", "times_input"]


@explainer
def gradient(score: Score) -> Explain:
    r"""The gradient: how fast the score changes with each input.

    `phi_i = df / dx_i`

    Args:
        score: function `(x, *args) -> number` of one example.

    Returns:
        Explain `(x, *args, key=None) -> attribution`, shape of `x`, in units of the score by units of `x`; signed. It
        is a pytree where `x` is one of several arrays.

    Raises:
        NotAScalar: when called, the score returned something else than one number.
        TypeError: when called, `x` is not floating.

    Reference:
        Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks" (who take the absolute value and
        the largest channel; `jxai.signal.maps` has these).

    Example:
        >>> import jax.numpy as jnp
        >>> gradient(lambda x, w: (w * x**2).sum())(jnp.array([1.0, 2.0]), jnp.array([1.0, 3.0])).tolist()
        [2.0, 12.0]
    """

    def explain(x: Inputs, *args: Any, key: Key | None = None) -> Inputs:
        del key
        require_floating(x)
        return jax.grad(lambda x: evaluate(score, x, *args))(x)

    return explain


def times_input(explain: Explain) -> Explain:
    r"""The input times an explanation: `phi_i = x_i e_i(x)`.

    Of `gradient(score)` this is InputXGradient; of `gradient(with_rules(score, rules))` it is layer-wise relevance
    propagation; of `gradient(head)` after `split`, layer gradient x activation.

    Args:
        explain: any explainer whose result has the shape of `x`.

    Returns:
        Explain with the arguments of `explain`; shape of `x`, in units of the score; a pytree where `x` is one.

    Raises:
        ValueError: when called, the explanation has not the shape of `x`.

    Reference:
        Shrikumar, Greenside and Kundaje 2017, "Not just a black box" (v1, 2016).

    Example:
        >>> import jax.numpy as jnp
        >>> times_input(gradient(lambda x: (x**2).sum()))(jnp.array([1.0, 2.0])).tolist()
        [2.0, 8.0]
    """

    def explain_times_input(x: Inputs, *args: Any, key: Key | None = None, **inputs: Any) -> Inputs:
        return jax.tree.map(_product, x, matching(x, explain(x, *args, key=key, **inputs), "the explanation"))

    return explain_times_input


def contrast(explain: Explain) -> Explain:
    r"""Evidence for one class against another: `e(x, label) - e(x, against)`.

    For explainers that are linear in the score (gradient, integrated gradients, Grad-CAM, ...) it equals the
    explanation of the margin `f_label - f_against`.

    Args:
        explain: any explainer whose first argument after `x` is a label.

    Returns:
        Explain `(x, label, *args, against=label, key=None, **inputs)`; both explanations get the same key.

    Raises:
        TypeError: when called without `against`.

    Warns:
        SaysNothing: both are the same class.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = contrast(gradient(lambda x, label, w: (w @ x)[label]))
        >>> explain(jnp.ones(2), 0, jnp.array([[1.0, 2.0], [3.0, 5.0]]), against=1).tolist()
        [-2.0, -3.0]
    """

    def explain_contrast(x: Inputs, label: Any, *args: Any, against: Any, key: Key | None = None, **inputs: Any) -> Any:
        a, b = known(label), known(against)
        if a is not None and b is not None and np.array_equal(a, b):
            warn_of_nothing(f"the evidence for class {label} against itself is 0 whatever the input: give another one")
        # the same key, so that both see the same draws
        one = explain(x, label, *args, key=key, **inputs)
        other = explain(x, against, *args, key=key, **inputs)
        return jax.tree.map(lambda a, b: a - b, one, other)

    return explain_contrast


@explainer
def all_classes(explain: Explain, *, chunk: int = 32) -> Explain:
    r"""The explanations of many classes of one example.

    `jax.vmap(explain, in_axes=(None, 0, None))` in bounded memory: the forward pass is shared by the classes of a
    chunk, whose backward passes run side by side.

    Args:
        explain: any explainer whose first argument after `x` is a label.
        chunk: the most classes explained side by side.

    Returns:
        Explain `(x, labels, *args, key=None, **inputs) -> attributions`, `[len(labels), ...]`; every class gets the
        same key. The labels are traced here: one that is out of range has a map of NaN (see `jxai.scores`).

    Example:
        >>> import jax.numpy as jnp
        >>> explain = all_classes(gradient(lambda x, label, w: (w @ x)[label]))
        >>> explain(jnp.ones(2), jnp.arange(2), jnp.array([[1.0, 2.0], [3.0, 5.0]])).tolist()
        [[1.0, 2.0], [3.0, 5.0]]
    """

    def explain_classes(x: Inputs, labels: Int[Array, " k"], *args: Any, key: Key | None = None, **inputs: Any) -> Any:
        return map_over(lambda label: explain(x, label, *args, key=key, **inputs), labels, chunk=chunk)

    return explain_classes


def _product(x: Array, attribution: Array) -> Array:
    if attribution.shape != x.shape:
        raise ValueError(
            f"times_input needs an explanation of the shape of x, {x.shape}; shape {attribution.shape} came."
        )
    return x * attribution
