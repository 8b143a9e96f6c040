"""Gradients integrated along a path from a baseline to the input.

integrated_gradients       (x - b) * int_0^1 grad f(b + t (x - b)) dt
blur_integrated_gradients  int grad f(p(t)) * p'(t) dt,  p(t) = blur(x, sigma (1 - t))
idgi                       sum_j g_j^2 d_j / sum(g_j^2) over any of these paths
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import mean_over
from jxai.core.errors import (
    require_baseline,
    require_positive,
    require_space,
)
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_space, takes_trees
from jxai.core.integrate import Step, important_direction, nodes, sum_of_steps, walk
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.signal.filters import gaussian_blur

__all__ = ["blur_integrated_gradients", "idgi", "integrated_gradients"]

Increment = Callable[[Step], Array]


@explainer
@takes_trees
def integrated_gradients(
    score: Score,
    *,
    steps: int = 50,
    quadrature: str | None = None,
    chunk: int = 4,
    multiply_by_inputs: bool = True,
    increment: Increment | None = None,
) -> Explain:
    r"""Integrated gradients along the straight line from a baseline.

    `phi = (x - b) * int_0^1 grad f(b + t (x - b)) dt`

    Args:
        score: function `(x, *args) -> number` of one example.
        steps: nodes of the quadrature.
        quadrature: `"midpoint"` (the default) or `"gauss_legendre"`.
        chunk: the most nodes evaluated side by side; peak memory depends on it, not on `steps`.
        multiply_by_inputs: False leaves out the factor `x - b`: the mean gradient along the line, in units of the score
            by units of `x` (local in place of global attribution, Ancona et al. 2018).
        increment: walk step by step instead, with this function of a `core.integrate.Step` (see `idgi`).

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution`, shape of `x`, in units of the score; sums to
        `f(x) - f(b)` up to `O(1/steps^2)`. `baseline` is like `x`, or a number; None is zeros. `x` may be a pytree of
        several arrays, as then is the attribution, whose sum over all of them is complete.

    Raises:
        ValueError: `steps` or `chunk` not positive, an unknown quadrature, a baseline of another shape, or `increment`
            with `multiply_by_inputs=False` or with a quadrature.

    Reference:
        Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", eq. 1 (whose right Riemann sum
        converges as `O(1/steps)`). Captum detaches the result; here d(phi)/dx and d(phi)/d(params) are exact.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = integrated_gradients(lambda x: 5.0 * x[0] + x[1] ** 2)
        >>> explain(jnp.array([1.0, 2.0]), baseline=jnp.array([0.5, 1.0])).round(4).tolist()
        [2.5, 3.0]
    """
    at, weights = nodes(steps, quadrature or "midpoint")
    require_positive(chunk=chunk)
    _either(quadrature, increment)
    if increment is not None and not multiply_by_inputs:
        raise ValueError("an increment contains the step, and so has no factor to leave out: see multiply_by_inputs.")

    def explain(x: Inputs, *args: Any, key: Key | None = None, baseline: Inputs | float | None = None) -> Inputs:
        del key
        b = require_baseline(x, baseline)
        f = _of_x(score, args)
        if increment is not None:
            return sum_of_steps(f, lambda t: b + t * (x - b), increment, x, steps=steps, chunk=chunk)
        gradients = mean_over(lambda t: jax.grad(f)(b + t * (x - b)), _as(x, at), chunk=chunk, weights=_as(x, weights))
        # the factor is outside the mean: the running sum needs no product at every node
        return (x - b) * gradients if multiply_by_inputs else gradients

    return explain


@explainer
@takes_space(like_x=True)
def blur_integrated_gradients(
    score: Score,
    *,
    sigma: float = 20.0,
    steps: int = 50,
    quadrature: str | None = None,
    space: int | None = None,
    chunk: int = 4,
    increment: Increment | None = None,
) -> Explain:
    r"""Integrated gradients along the path from a blurred input to the input; needs no baseline.

    `phi = int_0^1 grad f(p(t)) * p'(t) dt`, `p(t) = blur(x, sigma (1 - t))`

    Args:
        score: function `(x, *args) -> number` of one example.
        sigma: the strongest blur's standard deviation, in pixels (or tokens, samples).
        steps: nodes of the quadrature.
        quadrature: `"midpoint"` (the default) or `"gauss_legendre"`.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most nodes evaluated side by side.
        increment: walk step by step instead (see `idgi`).

    Returns:
        Explain `(x, *args, key=None) -> attribution`, shape of `x`, in units of the score; sums to
        `f(x) - f(blur(x, sigma))` up to the quadrature's error.

    Raises:
        ValueError: `sigma`, `steps` or `chunk` not positive, or `x` is a vector: it has no space to blur over.

    Reference:
        Xu, Venugopalan and Sundararajan 2020, "Attribution in scale and space". Their code takes finite differences
        between the blurred images; here `p'(t)` is exact.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = blur_integrated_gradients(lambda x: x[2, 0], sigma=1.0)
        >>> print(f"{explain(jnp.eye(5)[:, 2:3]).sum():.2f}")  # 1 - the height of the blurred peak
        0.60
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(sigma=sigma, chunk=chunk)
    nodes(steps, quadrature or "midpoint")
    _either(quadrature, increment)
    radius = int(np.ceil(4 * sigma))  # fixed by the widest blur: a traced sigma cannot choose the kernel's size

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*shape"]:
        del key
        require_space(x, "blur_integrated_gradients")
        f = _of_x(score, args)

        def path(t: Float[Array, ""]) -> Float[Array, "*shape"]:
            return gaussian_blur(x, sigma * (1 - t), radius=radius)

        if increment is not None:
            return sum_of_steps(f, path, increment, x, steps=steps, chunk=chunk)
        return walk(jax.grad(f), path, x, steps=steps, quadrature=quadrature or "midpoint", chunk=chunk)

    return explain


@explainer
def idgi(score: Score, *, over: Callable[..., Explain] = integrated_gradients, **options: Any) -> Explain:
    r"""Integrated directional gradients: the change of each step is divided along the gradient.

    `phi = sum_j g_j^2 d_j / sum(g_j^2)`, `g_j = grad f(x_j)`, `d_j = f(x_{j+1}) - f(x_j)`

    Args:
        score: function `(x, *args) -> number` of one example; the paper explains the softmax probability.
        over: the path method: `integrated_gradients`, `blur_integrated_gradients` or `guided_integrated_gradients`,
            or any function that takes `increment=`.
        **options: those of the path method (`steps`, `chunk`, `sigma`, ...).

    Returns:
        Explain with the arguments of the path method; shape of `x`, in units of the score. Sums to `f(end) - f(start)`
        exactly, whatever `steps`. The exception are steps that begin where the gradient is 0: they contribute nothing
        (the released code gives NaN). In float32 many small steps lose digits in `d_j`: prefer fewer steps,
        log-probabilities or float64.

    Raises:
        TypeError: `over` takes no `increment`.

    Reference:
        Yang, Wang and Bilgic 2023, "IDGI: a framework to eliminate explanation noise from integrated gradients", eq. 6.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = idgi(lambda x: (x**2).sum(), steps=8)
        >>> print(f"{explain(jnp.array([1.0, 2.0]), baseline=jnp.ones(2) / 2).sum():.2f}")
        4.50
    """
    # tried, not inspected: a path method of the user's may take its options as **options
    try:
        return over(score, increment=important_direction, **options)
    except TypeError as error:
        if "increment" not in str(error):
            raise
        name = getattr(over, "__name__", over)
        raise TypeError(f"idgi needs a path method, one that takes increment=; {name} is none.") from error


def _either(quadrature: str | None, increment: Increment | None) -> None:
    if quadrature is not None and increment is not None:
        raise ValueError("a walk by increments visits equidistant points: leave quadrature out, or increment.")


def _of_x(score: Score, args: tuple) -> Callable[[Array], Array]:
    return lambda x: evaluate(score, x, *args)


def _as(x: Array, values: np.ndarray) -> Array:
    return jnp.asarray(values, x.dtype)
