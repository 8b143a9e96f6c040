"""Integrals of a score's gradient along a path of inputs, by quadrature or step by step."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.chunks import mean_over
from jxai.core.devices import part
from jxai.core.errors import require_positive

__all__ = ["Step", "important_direction", "nodes", "riemann", "sum_of_changes", "sum_of_steps", "walk"]

Path = Callable[[Array], Array]  # t in 0..1 -> input


class Step(NamedTuple):
    """One step along a path, from `x_j` to `x_{j+1}`."""

    gradient: Float[Array, "*shape"]  # of the score at x_j
    displacement: Float[Array, "*shape"]  # x_{j+1} - x_j
    difference: Float[Array, ""]  # f(x_{j+1}) - f(x_j)


def riemann(step: Step) -> Float[Array, "*shape"]:
    """The left Riemann sum's increment, `g_j (x_{j+1} - x_j)`."""
    return step.gradient * step.displacement


def important_direction(step: Step) -> Float[Array, "*shape"]:
    """IDGI's increment, `g_j^2 d_j / sum(g_j^2)`; 0 where the gradient is 0. It sums to `d_j` exactly."""
    square = step.gradient**2
    norm = square.sum()
    flat = norm == 0  # divided by 1 there, not by 0: a NaN in the branch not taken would poison the derivative
    return jnp.where(flat, jnp.zeros_like(square), square * step.difference / jnp.where(flat, 1, norm))


def nodes(steps: int, quadrature: str) -> tuple[Float[np.ndarray, " steps"], Float[np.ndarray, " steps"]]:
    """Nodes and weights of a quadrature on 0..1, exact for polynomials of degree 1 and `2 steps - 1`.

    Args:
        steps: how many nodes.
        quadrature: `"midpoint"` or `"gauss_legendre"`.

    Raises:
        ValueError: an unknown quadrature, or `steps` not positive.

    Example:
        >>> [values.tolist() for values in nodes(2, "midpoint")]
        [[0.25, 0.75], [0.5, 0.5]]
    """
    require_positive(steps=steps)
    if quadrature == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    if quadrature == "gauss_legendre":
        at, weights = np.polynomial.legendre.leggauss(steps)
        return (at + 1) / 2, weights / 2
    raise ValueError(f"quadrature is 'midpoint' or 'gauss_legendre'; {quadrature!r} came.")


def walk(
    gradient: Callable[[Float[Array, "*shape"]], Float[Array, "*shape"]],
    path: Path,
    like: Float[Array, "*shape"],
    *,
    steps: int,
    quadrature: str,
    chunk: int,
) -> Float[Array, "*shape"]:
    r"""`int_0^1 gradient(path(t)) * path'(t) dt` by quadrature; shape and dtype of `like`."""
    at, weights = (jnp.asarray(values, like.dtype) for values in nodes(steps, quadrature))

    def one(t: Float[Array, ""]) -> Float[Array, "*shape"]:
        point, velocity = jax.jvp(path, (t,), (jnp.ones_like(t),))
        return gradient(point) * velocity

    return mean_over(one, at, chunk=chunk, weights=weights)


def sum_of_steps(
    score: Callable[[Float[Array, "*shape"]], Float[Array, ""]],
    path: Path,
    increment: Callable[[Step], Float[Array, "*shape"]],
    like: Float[Array, "*shape"],
    *,
    steps: int,
    chunk: int,
) -> Float[Array, "*shape"]:
    """The sum of `increment` over the `steps` steps between the `steps + 1` equidistant points of a path.

    Each point is evaluated once: a block of steps hands its last point to the next block.
    """

    def point(t: Float[Array, ""]) -> tuple[Float[Array, "*shape"], Float[Array, ""], Float[Array, "*shape"]]:
        return (path(t), *jax.value_and_grad(score)(path(t)))

    def between(before: tuple, after: tuple) -> Float[Array, "*shape"]:
        # the scan starts from zeros: the gradient of that first, spurious step is 0, and so is its increment
        return increment(Step(before[2], after[0] - before[0], after[1] - before[1]))

    return _sum_between(point, between, like, steps, chunk)


def sum_of_changes(
    point: Callable[[Float[Array, ""]], tuple[Float[Array, "*shape"], Float[Array, "*shape"]]],
    like: Float[Array, "..."],
    *,
    steps: int,
    chunk: int,
) -> Float[Array, "*shape"]:
    r"""`int_0^1 g dy` along a path, by `sum_k (g_k + g_{k+1}) / 2 * (y_{k+1} - y_k)` over equidistant points.

    Args:
        point: function `t -> (y, g)`; each of the `steps + 1` points is evaluated once.
        like: an array of the dtype of t, such as the input.
        steps: how many steps.
        chunk: the most points evaluated side by side.

    Example:
        >>> sum_of_changes(lambda t: (t, 2 * t), jnp.zeros(()), steps=2, chunk=1).item()
        1.0
    """

    def with_flag(t: Float[Array, ""]) -> tuple[Shaped[Array, "..."], ...]:
        y, g = point(t)
        return y, g, jnp.ones_like(t)  # 0 in the zeros that the scan starts from: their step does not count

    def between(before: tuple, after: tuple) -> Float[Array, "*shape"]:
        mean = (before[1] + after[1]) / 2
        return before[2].astype(mean.dtype) * mean * (after[0] - before[0])

    return _sum_between(with_flag, between, like, steps, chunk)


def _sum_between(
    point: Callable[[Array], tuple[Array, ...]],
    between: Callable[[tuple, tuple], Array],
    like: Array,
    steps: int,
    chunk: int,
) -> Array:
    """The sum of `between(point(t_k), point(t_{k+1}))`, with one more term, from zeros to the first point."""
    require_positive(steps=steps, chunk=chunk)
    here = part()
    ts = jnp.asarray(_places(steps, here.size, chunk), like.dtype)[here.at]
    evaluate = here.vmap(point, ts[0])

    def block(carry: tuple[Array, tuple], ts: Array) -> tuple[tuple[Array, tuple], None]:
        total, last = carry
        now = evaluate(ts)
        # the last point of the block before stands in front, so that each point is evaluated once
        every = jax.tree.map(lambda one, rest: jnp.concatenate([one[None], rest]), last, now)
        before, after = (jax.tree.map(lambda leaf, at=at: leaf[at], every) for at in (slice(-1), slice(1, None)))
        return (total + jax.vmap(between)(before, after).sum(0), jax.tree.map(lambda leaf: leaf[-1], now)), None

    zero = jnp.zeros_like(like.sum())  # under shard_map it varies over the devices as `like` does

    def zeros(kind: Any) -> Array:
        return jnp.broadcast_to(zero.astype(kind.dtype), kind.shape)

    last = jax.tree.map(zeros, jax.eval_shape(point, ts[0, 0]))
    carry = zeros(jax.eval_shape(between, last, last)), last
    # the checkpoint keeps a backward pass from storing every block's activations
    (total, _), _ = jax.lax.scan(jax.checkpoint(block, prevent_cse=False), carry, ts)
    return here.sum(total)


def _places(steps: int, parts: int, chunk: int) -> np.ndarray:
    """The points of a path, `[parts, blocks, size]`: a part begins where the one before ends."""
    each = -(-steps // parts)
    blocks = -(-(each + 1) // chunk)
    size = -(-(each + 1) // blocks)
    within = np.minimum(np.arange(blocks * size), each)  # beyond the end: steps of no length
    points = np.minimum(np.arange(parts)[:, None] * each + within, steps)
    return points.reshape(parts, blocks, size) / steps
