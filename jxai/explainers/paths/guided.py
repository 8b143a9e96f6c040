"""Guided integrated gradients: the path bends so that features of small gradient arrive first."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from jxai.core.errors import require_baseline, require_positive
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_trees
from jxai.core.integrate import Step, riemann
from jxai.core.types import Explain, Inputs, Key, Score

__all__ = ["guided_integrated_gradients"]


@explainer
@takes_trees
def guided_integrated_gradients(
    score: Score,
    *,
    steps: int = 50,
    fraction: float = 0.25,
    distance: float = 0.02,
    increment: Callable[[Step], Float[Array, "*shape"]] = riemann,
) -> Explain:
    r"""Guided integrated gradients: along a path that moves the features of small gradient first.

    At each of `steps` points the features with the smallest `|grad f|` move towards the input, a `fraction` of all at
    a time, until the path's L1 distance to the input has fallen by `1/steps` of the whole. No feature may be more
    than `distance` ahead of or behind the straight line. `phi = sum_j g_j (x_{j+1} - x_j)`.

    Args:
        score: function `(x, *args) -> number` of one example.
        steps: points of the path; each needs the one before, so they run one after another.
        fraction: the share of all features that moves at a time, in (0, 1].
        distance: the greatest distance from the straight line, as a share of its length, in (0, 1].
        increment: what a step contributes (see `idgi`).

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution`, shape of `x`, in units of the score; sums to
        `f(x) - f(b)` up to `O(1/steps)`. `baseline` is like `x`, or a number; None is zeros. Of a pytree `x` the
        features of all arrays are ordered together. Derivatives treat the choice of features as constant. The path is a
        scan: memory of a backward pass through an explanation grows with `steps`.

    Raises:
        ValueError: `steps` not positive, `fraction` or `distance` outside (0, 1], or a baseline of another shape.

    Reference:
        Kapishnikov et al. 2021, "Guided integrated gradients: an adaptive path method for removing noise",
        algorithm 1 with the anchor band of section 4.2. Ours is their inner loop over features in closed form: the
        thresholds are order statistics of the gradients, so features of equal gradient at a threshold all join the
        same group.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = guided_integrated_gradients(lambda x: 3.0 * x[0] + 2.0 * x[1], steps=5)
        >>> explain(jnp.array([1.0, 2.0])).round(4).tolist()
        [3.0, 4.0]
    """
    require_positive(steps=steps)
    for name, share in {"fraction": fraction, "distance": distance}.items():
        if not 0 < share <= 1:
            raise ValueError(f"{name} is a share in (0, 1]; {share} came.")

    def explain(x: Inputs, *args: Any, key: Key | None = None, baseline: Inputs | float | None = None) -> Inputs:
        del key
        b = require_baseline(x, baseline)

        def f(x: Float[Array, "*shape"]) -> Float[Array, ""]:
            return evaluate(score, x, *args)

        def step(
            carry: tuple[Float[Array, "*shape"], Float[Array, "*shape"], Step], along: Float[Array, ""]
        ) -> tuple[tuple[Float[Array, "*shape"], Float[Array, "*shape"], Step], None]:
            point, total, last = carry  # last.difference holds the score where the last step began
            value, gradient = jax.value_and_grad(f)(point)
            total = total + increment(last._replace(difference=value - last.difference))
            after = _advance(point, gradient, b, x, along, fraction, distance)
            return (after, total, Step(gradient, after - point, value)), None

        begin = jnp.zeros_like(x) + b
        none = jnp.zeros_like(begin)
        carry = begin, none, Step(none, none, jnp.zeros_like(begin.sum()))
        body = jax.checkpoint(step, prevent_cse=False)
        alongs = jnp.asarray((np.arange(steps) + 1) / steps, x.dtype)
        (point, total, last), _ = jax.lax.scan(body, carry, alongs)
        return total + increment(last._replace(difference=f(point) - last.difference))

    return explain


def _advance(
    point: Array, gradient: Array, b: Array, x: Array, along: Array, fraction: float, distance: float
) -> Array:
    """The next point: at L1 distance `(1 - along) |x - b|` from `x`, unless the band around the line forbids it."""
    behind = b + jnp.maximum(along - distance, 0) * (x - b)
    ahead = b + jnp.minimum(along + distance, 1) * (x - b)
    # the anchor band: a feature too far behind the line is moved up to it first, whatever its gradient
    late = (point - behind) * jnp.sign(x - b) < 0
    point = jnp.where(late, behind, point)
    way = jnp.where((ahead - point) * jnp.sign(x - b) > 0, ahead - point, jnp.zeros_like(point))
    to_go = jnp.abs(x - point).sum() - (1 - along) * jnp.abs(x - b).sum()

    groups = int(np.ceil(1 / fraction))
    size = max(1, round(fraction * point.size))
    # which group a feature is in is a choice, constant for derivatives; features that may not move come last
    steepness = jax.lax.stop_gradient(jnp.where(way == 0, jnp.inf, jnp.abs(gradient)))
    last = [min(k * size, point.size) for k in range(1, groups)]  # of each group but the last, counted from 1
    group = _groups(steepness, last) if last else jnp.zeros(point.shape, jnp.int32)
    lengths = jnp.stack([jnp.where(group == k, jnp.abs(way), 0).sum() for k in range(groups)])
    before = jnp.cumsum(lengths) - lengths
    full = jnp.where(lengths == 0, 1, lengths)
    share = jnp.where(lengths == 0, 0, jnp.clip((to_go - before) / full, 0, 1))
    whole = (share[group] == 1) & (way != 0)  # exactly there, so that no rounding keeps it in a later group
    return jnp.where(whole, ahead, point + share[group] * way)


def _groups(values: Array, places: list[int]) -> Array:
    """For each of `values >= 0`, how many of the `places`-th smallest lie below it: 0 in the first group.

    False position on the bits of the floats, many times faster than sorting. Every second guess halves the range, so
    that no distribution takes more than twice the steps of bisection.
    """
    wide = values.astype(values.dtype if values.dtype == jnp.float64 else jnp.float32)
    kind = jnp.int64 if wide.dtype == jnp.float64 else jnp.int32
    bits = jax.lax.bitcast_convert_type(wide, kind)
    none = jnp.zeros_like(bits, shape=(len(places),))
    rank = none + jnp.asarray(places, kind)

    def narrow(state: tuple[Array, ...]) -> tuple[Array, ...]:
        low, high, under, up_to, step = state  # `under` values lie below `low`, `reached` at or below `high`
        share = (rank - under).astype(wide.dtype) / jnp.maximum(up_to - under, 1).astype(wide.dtype)
        guess = (share * (high - low).astype(wide.dtype)).astype(kind)
        # the bits of floats that are not negative are ordered as the floats are
        guess = jnp.where(step % 2 == 1, (high - low) // 2, jnp.clip(guess, 0, jnp.maximum(high - low - 1, 0)))
        middle = low + guess
        count = jax.vmap(lambda m: (bits <= m).sum(dtype=kind))(middle)
        low, under = (jnp.where(count < rank, new, old) for new, old in ((middle + 1, low), (count, under)))
        high, up_to = (jnp.where(count >= rank, new, old) for new, old in ((middle, high), (count, up_to)))
        return jnp.where(count == rank, high, low), high, under, up_to, step + 1

    start = none + bits.min(), none + bits.max(), none, none + bits.size, jnp.zeros_like(bits, shape=())
    high = jax.lax.while_loop(lambda state: (state[0] < state[1]).any(), narrow, start)[1]
    return jax.vmap(lambda threshold: bits > threshold)(high).sum(0, dtype=jnp.int32)
