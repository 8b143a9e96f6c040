"""Attributions to layers and neurons, by cutting the score at a tap.

layer_attribution    any method, applied to what follows the layer
neuron               the score that is one neuron's value
conductance          int dF/dy_j dy_j/dt dt, per neuron of a layer
neuron_conductance   (x - b) int dF/dy_j dy_j/dx dt, per input, through one neuron
internal_influence   int dF/dy_j dt
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import mean_over
from jxai.core.errors import require_baseline, require_positive
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_trees
from jxai.core.integrate import nodes, sum_of_changes
from jxai.core.taps import reap, split
from jxai.core.types import Explain, Inputs, Key, Score

__all__ = ["conductance", "internal_influence", "layer_attribution", "neuron", "neuron_conductance"]


def layer_attribution(score: Score, method: Callable[[Score], Explain], *, at: str) -> Explain:
    """Any method applied to the part of the score that follows a layer.

    `method(head)(features(x, *args), x, *args)` with `features, head = split(score, at)`.

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        method: `Score -> Explain`, e.g. `gradient`, `lambda s: times_input(gradient(s))`,
            `functools.partial(integrated_gradients, steps=64)`.
        at: the tap.

    Returns:
        Explain `(x, *args, key=None, **inputs) -> attribution` of the layer's shape; keywords are the method's, so a
        `baseline` is one of the layer.

    Raises:
        UnusedTap: when called, the score reaches no such tap.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> from jxai.explainers.gradients import gradient
        >>> score = lambda x: (tap(2.0 * x, "layer") ** 2).sum()
        >>> layer_attribution(score, gradient, at="layer")(jnp.array([1.0, 2.0])).tolist()
        [4.0, 8.0]
    """
    features, head = split(score, at)
    explain_head = method(head)

    def explain(x: Inputs, *args: Any, key: Key | None = None, **inputs: Any) -> Any:
        return explain_head(features(x, *args), x, *args, key=key, **inputs)

    return explain


@explainer
def neuron(fn: Callable, *, at: str, index: int | tuple[int, ...]) -> Score:
    """The score that is the value of one neuron, to be explained by any method.

    Args:
        fn: function `(x, *args)` that taps its intermediates.
        at: the tap.
        index: which element of the tapped array.

    Returns:
        Score `(x, *args) -> number`, in units of the layer.

    Raises:
        UnusedTap: when called, the function reaches no such tap.
        IndexError: when called, the layer has no such element.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> jax.grad(neuron(lambda x: tap(x**2, "layer").sum(), at="layer", index=1))(jnp.array([1.0, 2.0])).tolist()
        [0.0, 4.0]
    """

    def score(*args: Any) -> Float[Array, ""]:
        return _element(reap(fn, at)(*args)[at], index, at)

    return score


@takes_trees(like_x=False)
def conductance(score: Score, *, at: str, steps: int = 50, quadrature: str = "midpoint", chunk: int = 4) -> Explain:
    r"""Layer conductance: how much of `f(x) - f(b)` flows through each neuron of a layer.

    `phi_j = int_0^1 dF/dy_j(p(t)) dy_j(p(t))/dt dt`, `p(t) = b + t (x - b)`

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        at: the tap.
        steps: nodes of the quadrature.
        quadrature: `"midpoint"` or `"gauss_legendre"`, with the exact `dy/dt`; or `"differences"`, the trapezoid
            rule `sum_k (dF/dy(t_k) + dF/dy(t_{k+1})) / 2 (y(t_{k+1}) - y(t_k))`, which needs no derivative of the
            layer: one forward pass a node instead of two.
        chunk: the most nodes evaluated side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution` of the layer's shape, in units of the score; sums
        to `f(x) - f(b)` where all paths lead through the layer. `x` may be a pytree of several arrays; `baseline` is
        like it, or a number; None is zeros.

    Raises:
        UnusedTap: when called, the score reaches no such tap.
        ValueError: `steps` or `chunk` not positive, or an unknown quadrature.

    Reference:
        Dhamdhere, Sundararajan and Yan 2019, "How important is a neuron?", eq. 3. Captum takes differences too, with
        the gradient at one end of each.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(2.0 * x, "layer") ** 2).sum()
        >>> conductance(score, at="layer", steps=4)(jnp.array([1.0, 2.0])).tolist()
        [4.0, 16.0]
    """

    def integrand(head: Callable, features: Callable, path: Callable, t: Float[Array, ""]) -> Float[Array, "*layer"]:
        y, rate = jax.jvp(lambda t: features(path(t)), (t,), (jnp.ones_like(t),))
        return jax.grad(evaluate, 1)(head, y, path(t)) * rate

    def by_differences(
        head: Callable, features: Callable, path: Callable, x: Float[Array, "*shape"]
    ) -> Float[Array, "*layer"]:
        def point(t: Float[Array, ""]) -> tuple[Float[Array, "*layer"], Float[Array, "*layer"]]:
            y = features(path(t))
            return y, jax.grad(evaluate, 1)(head, y, path(t))

        return sum_of_changes(point, x, steps=steps, chunk=chunk)

    if quadrature == "differences":
        require_positive(steps=steps, chunk=chunk)
        return _from_baseline(score, at, by_differences)
    return _along_line(score, at, steps, quadrature, chunk, integrand)


@takes_trees
def neuron_conductance(
    score: Score,
    *,
    at: str,
    index: int | tuple[int, ...],
    steps: int = 50,
    quadrature: str = "midpoint",
    chunk: int = 4,
) -> Explain:
    r"""Neuron conductance: what each input contributes to the score through one neuron.

    `phi_i = (x_i - b_i) int_0^1 dF/dy_j(p(t)) dy_j/dx_i(p(t)) dt`; arguments and errors as for `conductance`.

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        at: the tap.
        index: which element of the tapped array.
        steps: nodes of the quadrature.
        quadrature: `"midpoint"` or `"gauss_legendre"`.
        chunk: the most nodes evaluated side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution`, shape of `x`, in units of the score.

    Reference:
        Dhamdhere, Sundararajan and Yan 2019, "How important is a neuron?", eq. 2.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(2.0 * x, "layer") ** 2).sum()
        >>> neuron_conductance(score, at="layer", index=1, steps=4)(jnp.array([1.0, 2.0])).tolist()
        [0.0, 16.0]
    """

    def integrand(head: Callable, features: Callable, path: Callable, t: Float[Array, ""]) -> Float[Array, "*shape"]:
        x = path(t)
        # two gradients, towards the layer and of the neuron: the whole Jacobian dy/dx is not needed
        slope = jax.grad(evaluate, 1)(head, features(x), x)
        through = jax.grad(evaluate, 1)(lambda x: _element(features(x), index, at), x)
        return _element(slope, index, at) * through * jax.jvp(path, (t,), (jnp.ones_like(t),))[1]

    return _along_line(score, at, steps, quadrature, chunk, integrand)


@takes_trees(like_x=False)
def internal_influence(
    score: Score, *, at: str, steps: int = 50, quadrature: str = "midpoint", chunk: int = 4
) -> Explain:
    r"""Internal influence: the mean gradient towards a layer, along the line from a baseline.

    `phi_j = int_0^1 dF/dy_j(p(t)) dt`; arguments and errors as for `conductance`; the layer's shape, in units of the
    score by units of the layer.

    Reference:
        Leino et al. 2018, "Influence-directed explanations for deep convolutional networks".

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(2.0 * x, "layer") ** 2).sum()
        >>> internal_influence(score, at="layer", steps=4)(jnp.array([1.0, 2.0])).tolist()
        [2.0, 4.0]
    """

    def integrand(head: Callable, features: Callable, path: Callable, t: Float[Array, ""]) -> Float[Array, "*layer"]:
        return jax.grad(evaluate, 1)(head, features(path(t)), path(t))

    return _along_line(score, at, steps, quadrature, chunk, integrand)


def _along_line(
    score: Score, at: str, steps: int, quadrature: str, chunk: int, integrand: Callable[..., Array]
) -> Explain:
    """The integral over the straight line from the baseline of `integrand(head, features, path, t)`."""
    places, weights = nodes(steps, quadrature)
    require_positive(chunk=chunk)

    def integral(head: Callable, features: Callable, path: Callable, x: Array) -> Array:
        ts, weight = jnp.asarray(places, x.dtype), jnp.asarray(weights, x.dtype)
        return mean_over(lambda t: integrand(head, features, path, t), ts, chunk=chunk, weights=weight)

    return _from_baseline(score, at, integral)


@explainer
def _from_baseline(score: Score, at: str, integral: Callable[..., Array]) -> Explain:
    """The explainer of `integral(head, features, path, x)` over the straight line from the baseline to x."""
    features, head = split(score, at)

    def explain(x: Array, *args: Any, key: Key | None = None, baseline: Inputs | float | None = None) -> Array:
        del key
        b = require_baseline(x, baseline)
        return integral(lambda y, x: head(y, x, *args), lambda x: features(x, *args), lambda t: b + t * (x - b), x)

    return explain


def _element(values: Array, index: int | tuple[int, ...], at: str) -> Array:
    index = (index,) if isinstance(index, int) else tuple(index)
    if len(index) != values.ndim or any(not -n <= i < n for i, n in zip(index, values.shape, strict=True)):
        raise IndexError(f"index {index} is not one element of the layer {at!r}, whose shape is {values.shape}.")
    return values[index]
