"""Attribution of a function to the places of a layer, for all its outputs at once.

first_order      slope along each place
second_order     slope and half the curvature
integrated_maps  slope towards a baseline, averaged along the way of the image
location_maps    by any other explainer
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import map_over, mean_over
from jxai.core.errors import require_baseline, require_positive
from jxai.core.evaluate import explainer
from jxai.core.inputs import without_batch
from jxai.core.integrate import nodes
from jxai.core.taps import split
from jxai.core.types import Explain, Key, Score
from jxai.explainers.deliberative.taylor import first_terms, number_or_vector, require_places, second_terms

CHUNK = 32  # passes side by side by default; more than elsewhere, as they run through the head alone

__all__ = ["CHUNK", "first_order", "integrated_maps", "location_maps", "second_order"]


@explainer
def first_order(fn: Callable, *, at: str, chunk: int = CHUNK) -> Explain:
    r"""The first-order attribution of a function to each place of a layer, for all its outputs at once.

    `m_i = [grad g]_i . a_i`, with `a [*space, d]` the layer, `g` what follows it

    Args:
        fn: function `(x, *args)` that taps its intermediates and returns a number, or a vector `[c]` (all class
            probabilities, say).
        at: the tap of a layer `[*space, d]`, usually the last convolution.
        chunk: the most passes through what follows the layer done side by side.

    Returns:
        Explain `(x, *args, key=None) -> maps`, `[*space]` for a number, `[c, *space]` for a vector; signed,
        in units of the function. By one backward pass an output or one forward pass a place, whichever is fewer.

    Raises:
        UnusedTap: when called, the function reaches no such tap.
        NotAScalar: when called, the function returned something else than a number or a vector.
        ValueError: when called, the layer has no spatial axes; `chunk` is not positive.

    Reference:
        Wang and Vasconcelos 2019, eq. 2, first term ("gradient"). Of one score it equals `hires_cam`.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> fn = lambda x: (tap(x, "layer") ** 2).sum(0)
        >>> first_order(fn, at="layer")(jnp.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [[2.0, 18.0], [8.0, 0.0]]
    """
    require_positive(chunk=chunk)
    features, head = split(fn, at)

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "..."]:
        del key
        a = features(x, *args)
        require_places(a, at, "first_order")
        return without_batch(first_terms(lambda a: head(a, x, *args), a, chunk=chunk), a, x)

    return explain


@explainer
def second_order(fn: Callable, *, at: str, chunk: int = CHUNK) -> Explain:
    r"""The second-order attribution of a function to each place of a layer, for all its outputs at once.

    `m_i = [grad g]_i . a_i + a_i^T [Hess g]_ii a_i / 2`, `[Hess g]_ii` the `d x d` block of place i; also called
    gradient-Hessian

    Exact, without any Hessian. The network after the layer is often piecewise linear up to a last function `phi` of few
    values `z` (dense layers, ReLU, pooling, then softmax, sigmoid, entropy, ...); the traced program shows it. Then
    `a^T Hess a = c^T Hess(phi)(z) c` with `c` the first-order maps of `z`, and only first derivatives go through the
    network. Otherwise it takes nested forward derivatives along each place of the layer. They do not exist through a
    `custom_vjp` after the layer (`with_rules`): JAX then raises its own error.

    Arguments and result as for `first_order`.

    Raises:
        UnusedTap: when called, the function reaches no such tap.
        NotAScalar: when called, the function returned something else than a number or a vector.
        ValueError: when called, the function is piecewise linear in the layer, so that its second order is 0 (logits of
            a ReLU network); the layer has no spatial axes; `chunk` is not positive.

    Reference:
        Wang and Vasconcelos 2019, eq. 2. The released code takes one Hessian-vector product for each channel and place
        (100,352 backward passes an image for VGG16), and gets zeros where the score is piecewise linear.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> fn = lambda x: (tap(x, "layer") ** 2).sum(0)
        >>> second_order(fn, at="layer")(jnp.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [[3.0, 27.0], [12.0, 0.0]]
    """
    require_positive(chunk=chunk)
    features, head = split(fn, at)

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "..."]:
        del key
        a = features(x, *args)
        require_places(a, at, "second_order")
        first, second = second_terms(head, a, (x, *args), at=at, chunk=chunk)
        return without_batch(first + second / 2, a, x)

    return explain


def integrated_maps(*, steps: int = 50, quadrature: str = "midpoint", chunk: int = 4) -> Callable[..., Explain]:
    r"""Integrated gradients of a layer along the image's path, for use where `first_order` and `second_order` are.

    `m_i = (a - a_b)_i . int_0^1 [grad g](a(x_t))_i dt`, `x_t = b + t (x - b)`, `a_b` the layer at the baseline b

    Args:
        steps: nodes of the quadrature.
        quadrature: "midpoint", "gauss_legendre", or "ends": `steps + 1` nodes from 0 to 1 and their plain mean, as in
            the released code of deliberative explanations (50 steps).
        chunk: the most nodes side by side, and passes at each.

    Returns:
        A function `(fn, *, at) -> explain` like `first_order`: explain `(x, *args, key=None, baseline=None) -> maps`,
        `[*space]` or `[c, *space]`. (Integrated gradients along the straight line of the *layer* are
        `location_maps(integrated_gradients)`.)

    Raises:
        ValueError: unknown quadrature, a number not positive; when called, a baseline of another shape.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> fn = lambda x: (tap(x, "layer") ** 2).sum(0)
        >>> integrated_maps(steps=4)(fn, at="layer")(jnp.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [[1.0, 9.0], [4.0, 0.0]]
    """
    require_positive(steps=steps, chunk=chunk)
    if quadrature == "ends":
        places, weights = np.linspace(0, 1, steps + 1), np.full(steps + 1, 1 / (steps + 1))
    else:
        places, weights = nodes(steps, quadrature)

    def attribution(fn: Callable, *, at: str) -> Explain:
        features, head = split(fn, at)

        def explain(
            x: Float[Array, "*shape"],
            *args: Any,
            key: Key | None = None,
            baseline: Float[Array, "*shape"] | None = None,
        ) -> Float[Array, "..."]:
            del key
            b = require_baseline(x, baseline)
            # the direction is that between the ends, the gradient that along the image's path
            way = features(x, *args) - features(b, *args)
            require_places(way, at, "integrated_maps")

            def one(t: Float[Array, ""]) -> Float[Array, "..."]:
                point = b + t * (x - b)
                inner = features(point, *args)
                return first_terms(lambda a: head(a, point, *args), inner, chunk=chunk, along=way)

            ts, weight = jnp.asarray(places, x.dtype), jnp.asarray(weights, x.dtype)
            return without_batch(mean_over(one, ts, chunk=chunk, weights=weight), way, x)

        return explain

    return attribution


def location_maps(method: Callable[[Score], Explain], *, chunk: int = 4) -> Callable[..., Explain]:
    r"""Any explainer as an attribution to the places of a layer, for use where `first_order` and `second_order` are.

    The method explains the part after the layer, one output at a time; attributions are summed over the channels.

    Args:
        method: `Score -> Explain` whose result has the shape of what it explains, or of its space: for integrated
            gradients of the layer `functools.partial(integrated_gradients, steps=50)`, for gradient x activation
            `lambda score: times_input(gradient(score))`.
        chunk: the most outputs explained side by side.

    Returns:
        A function `(fn, *, at) -> explain` like `first_order`: explain `(x, *args, key=None, **inputs) -> maps`,
        `[*space]` or `[c, *space]`; keywords are the method's (a `baseline` is one of the layer), and the same for all
        outputs.

    Raises:
        ValueError: when called, the result has another shape; the layer has no spatial axes; `chunk` is not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> fn = lambda x: (tap(x, "layer") ** 2).sum(0)
        >>> by = location_maps(lambda score: lambda a, *args, key=None: a * jax.grad(score)(a, *args))
        >>> by(fn, at="layer")(jnp.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [[2.0, 18.0], [8.0, 0.0]]
    """
    require_positive(chunk=chunk)

    def attribution(fn: Callable, *, at: str) -> Explain:
        features, head = split(fn, at)

        def explain(
            x: Float[Array, "*shape"], *args: Any, key: Key | None = None, **inputs: Any
        ) -> Float[Array, "..."]:
            a = features(x, *args)
            require_places(a, at, "location_maps")
            kind = jax.eval_shape(lambda a: number_or_vector(head(a, x, *args)), a)

            def of(score: Score) -> Float[Array, "*space"]:
                return without_batch(_per_place(method(score)(a, x, *args, key=key, **inputs), a, at), a, x)

            if kind.ndim == 0:
                return of(head)
            return map_over(lambda k: of(lambda *arguments: head(*arguments)[k]), jnp.arange(len(kind)), chunk=chunk)

        return explain

    return attribution


def _per_place(result: Any, a: Array, at: str) -> Array:
    shape = getattr(result, "shape", None)
    if shape == a.shape:
        return result.sum(-1)
    if shape == a.shape[:-1]:
        return result
    raise ValueError(
        f"the method must return one number for each element or each place of the layer {at!r}, shape {a.shape} or "
        f"{a.shape[:-1]}; {type(result).__name__ if shape is None else shape} came."
    )
