"""First and second terms of a Taylor expansion at every place of a layer, for all outputs of a function at once.

With `a [*space, d]` the layer's values, `a_i` those at place `i` and `g` the function after the layer:

    first_i  = grad g_i . a_i              slope of `g` along `a_i`, all else fixed
    second_i = a_i^T [Hess g]_ii a_i       curvature along the same line

No Hessian is formed. First terms of piecewise linear values cost one backward pass a value or one forward pass a place,
whichever is fewer. For second terms let `g = phi(z(a))` with `z` the last piecewise linear values. Then
`second = c^T Hess(phi)(z) c`, where `c` are the first terms of `z`. For softmax, sigmoid or entropy of a ReLU network
`z` are the logits.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import map_over
from jxai.core.errors import NotAScalar, require_floating
from jxai.core.evaluate import require_use
from jxai.core.program.piecewise import cut

__all__ = ["first_terms", "number_or_vector", "require_places", "second_terms"]


def first_terms(
    head: Callable[[Float[Array, "*space d"]], Float[Array, "..."]],
    a: Float[Array, "*space d"],
    *,
    chunk: int,
    along: Float[Array, "*space d"] | None = None,
) -> Float[Array, "..."]:
    """The slopes of `head` along each place of `a`.

    Args:
        head: function of one array `[*space, d]` that returns a number or a vector `[c]`.
        a: where.
        chunk: the most passes done side by side.
        along: another direction than `a` itself, of its shape.

    Returns:
        `[*space]` for a number, `[c, *space]` for a vector; in units of the head.

    Raises:
        NotAScalar: the head returned something else than a number or a vector.

    Example:
        >>> import jax.numpy as jnp
        >>> first_terms(lambda a: (a**2).sum(), jnp.array([[1.0, 1.0], [3.0, 0.0]]), chunk=2).tolist()
        [4.0, 18.0]
    """
    (maps,) = _slopes(lambda a: [require_use(number_or_vector(head(a)), a)], a, a if along is None else along, chunk)
    return maps


def second_terms(
    head: Callable[..., Float[Array, "..."]], a: Float[Array, "*space d"], rest: tuple, *, chunk: int, at: str = "a"
) -> tuple[Float[Array, "*result"], Float[Array, "*result"]]:
    """Slopes and curvatures of `head` along each place of `a`.

    Args:
        head: function `(a, *rest)` of one array `[*space, d]` and others, that returns a number or a vector `[c]`.
        a: where.
        rest: the head's other arguments.
        chunk: the most places (or passes) done side by side.
        at: the name of `a`, for a message.

    Returns:
        `(first, second)`, each `[*space]` or `[c, *space]`, in units of the head.

    Raises:
        NotAScalar: the head returned something else than a number or a vector.
        ValueError: the head is piecewise linear in `a`: its curvature is 0 everywhere.

    Example:
        >>> import jax.numpy as jnp
        >>> a = jnp.array([[1.0, 1.0], [3.0, 0.0]])
        >>> [term.tolist() for term in second_terms(lambda a: (a**2).sum(), a, (), chunk=2)]
        [[4.0, 18.0], [4.0, 18.0]]
    """
    parts = cut(lambda a, *rest: number_or_vector(head(a, *rest)), (a, *rest))
    if parts.linear:
        raise ValueError(
            f"this function is piecewise linear in the layer {at!r}, as logits and pre-sigmoid values of ReLU networks "
            f"are: its second order is exactly 0. Explain the posterior instead (jax.nn.softmax of the logits, "
            f"scores.probability, jax.nn.sigmoid of a difficulty), or use first_order."
        )
    space, count = a.shape[:-1], math.prod(a.shape[:-1])
    # one linearisation serves all places; constants come along, as they have no derivative
    moving, push, constants = jax.linearize(parts.values, a, has_aux=True)

    def along(slopes: list[Float[Array, "..."]]) -> tuple[Float[Array, "*outputs"], Float[Array, "*outputs"]]:
        def slope(moving: list[Float[Array, "..."]]) -> Float[Array, "..."]:
            return jax.jvp(lambda moving: parts.smooth(moving, constants), (moving,), (slopes,))[1]

        # the slope and its own slope along the same line: both terms from one nested forward pass
        return jax.jvp(slope, (moving,), (slopes,))

    # fewer values than places: their maps by one backward pass each; else one forward pass for each place
    if sum(value.size for value in moving) < count:
        maps = _slopes(lambda a: parts.values(a)[0], a, a, chunk)
        lines = [jnp.moveaxis(m.reshape(*v.shape, count), -1, 0) for m, v in zip(maps, moving, strict=True)]
        terms = map_over(along, lines, chunk=chunk)
    else:
        terms = map_over(lambda k: along(push(_only(a, k))), jnp.arange(count), chunk=chunk)
    first, second = (jnp.moveaxis(term, 0, -1) for term in terms)
    return first.reshape(*first.shape[:-1], *space), second.reshape(*second.shape[:-1], *space)


def require_places(a: Any, at: str, what: str) -> tuple[int, ...]:
    """Return the space of a layer `[*space, d]`; raise where it has none, or cannot be differentiated."""
    require_floating(a, f"the layer {at!r}")
    if a.ndim < 2:
        raise ValueError(
            f"{what} gives one number for each place of a layer [*space, d]; the layer {at!r} has shape {a.shape}, "
            f"without spatial axes. Take an earlier one, such as the last convolution."
        )
    return a.shape[:-1]


def _slopes(values: Callable[[Array], list[Array]], a: Array, along: Array, chunk: int) -> list[Array]:
    """For each value `[*shape]`, its slopes `[*shape, *space]`, by the fewer of backward and forward passes."""
    count = math.prod(a.shape[:-1])
    kinds = jax.eval_shape(values, a)
    if sum(math.prod(kind.shape) for kind in kinds) > count:
        _, push = jax.linearize(values, a)
        rows = map_over(lambda k: push(_only(along, k)), jnp.arange(count), chunk=chunk)
        return [jnp.moveaxis(row, 0, -1).reshape(*row.shape[1:], *a.shape[:-1]) for row in rows]
    at, pull = jax.vjp(values, a)

    def back(i: int, k: Array) -> Array:
        (slope,) = pull([_one_hot(v, k) if j == i else jnp.zeros_like(v) for j, v in enumerate(at)])
        return (slope * along).sum(-1)

    maps = [map_over(lambda k, i=i: back(i, k), jnp.arange(v.size), chunk=chunk) for i, v in enumerate(at)]
    return [m.reshape(*v.shape, *a.shape[:-1]) for m, v in zip(maps, at, strict=True)]


def _only(a: Array, k: Array) -> Array:
    """`a` at the place number `k`, zero elsewhere."""
    places = jnp.arange(math.prod(a.shape[:-1])).reshape(*a.shape[:-1], 1)
    return jnp.where(places == k, a, jnp.zeros_like(a))


def _one_hot(value: Array, k: Array) -> Array:
    here = jnp.arange(value.size).reshape(value.shape) == k
    return jnp.where(here, jnp.ones_like(value), jnp.zeros_like(value))


def number_or_vector(value: Any) -> Float[Array, "..."]:
    """Return the value of a function, or raise `NotAScalar` where it is neither a number nor a vector."""
    if jnp.ndim(value) > 1 or not hasattr(value, "dtype") or not jnp.issubdtype(value.dtype, jnp.floating):
        came = f"{value.dtype} of shape {value.shape}" if hasattr(value, "dtype") else type(value).__name__
        raise NotAScalar(
            f"maps of first and second order are of one number, or of a vector of floating numbers (one map each); "
            f"{came} came. Take the batch axis out of the model, and map over examples with jax.vmap(explain)."
        )
    return value
