"""DeepLIFT's reveal-cancel rule: positive and negative differences apart, so that they do not cancel unseen.

A difference is a pair, its positive and its negative part. Layers sort the contributions of their inputs by sign. A
function of one number adds the two parts one after the other, in both orders, and takes the mean.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.program.elementwise import UNARY
from jxai.core.program.places import LINEAR
from jxai.explainers.backprop.differences import MOVES, SUMS, Sides, rescale, slope

__all__ = ["Pair", "reveal_cancel"]


class Pair(NamedTuple):
    """The positive and the negative part of a difference."""

    up: Float[Array, "*shape"]
    down: Float[Array, "*shape"]


def reveal_cancel(sides: Sides, gaps: list) -> Callable[[list], Pair]:
    """The rule as a step of `differences.contributions`; Shrikumar et al. 2017, sections 3.4 and 3.5.2."""
    name, one = sides.op.name, sum(sides.active) == 1
    rises = [x - b for x, b in zip(sides.inputs(sides.x), sides.inputs(sides.b), strict=True)]

    def linear(ds: list) -> Pair:
        pairs = [_pair(d, rise) for d, rise in zip(ds, rises, strict=True)]
        if one and name in LINEAR:
            return _layer(sides, _by_sign(pairs[0], rises[0]))
        if name in MOVES or one and name in ("add", "sub") and sides.active[0] or one and name == "add":
            return Pair(*(rescale(sides, gaps)([p[i] for p in pairs]) for i in (0, 1)))
        if one and name in ("mul", "div", "neg", "sub"):
            return _scale(sides, pairs[0])
        if name in SUMS | {"add", "sub"}:
            negative = [name == "sub" and i == 1 for i in range(len(pairs))]
            # summands are contributions, sorted anew by sign; a subtrahend's parts change places
            parts = [_by_sign(p, r)[:: -1 if t else 1] for p, r, t in zip(pairs, rises, negative, strict=True)]
            return Pair(*(sides.along(sides.x, [p[i] for p in parts]) for i in (0, 1)))
        if one and name in UNARY | {"max", "min", "clamp", "pow"}:
            return _nonlinear(sides, _pair(gaps[0], rises[0]), pairs[0])
        # products, maxima, ...: the paper has no rule that keeps the parts apart
        whole = rescale(sides, rises)([p.up + p.down for p in pairs])
        return _by_sign(Pair(whole, jnp.zeros_like(whole)), sides.y - sides.y0)

    return linear


def _pair(d: Any, rise: jax.Array) -> Pair:
    return d if isinstance(d, Pair) else _by_sign(Pair(d, jnp.zeros_like(d)), rise)


def _by_sign(pair: Pair, rise: jax.Array) -> Pair:
    """The whole difference on the side of its sign; half on each side where it is 0."""
    whole = pair.up + pair.down
    share = (jnp.sign(rise) + 1) / 2
    return Pair(whole * share, whole * (1 - share))


def _layer(sides: Sides, pair: Pair) -> Pair:
    """Contributions `w_i d_i` by their sign."""
    at = sides.active.index(True)
    weight = jnp.asarray(sides.x[1 - at])
    zero = jnp.zeros_like(weight)

    def of(d: jax.Array, weight: jax.Array) -> jax.Array:
        return sides.op.call(*((d, weight) if at == 0 else (weight, d)))[0]

    up, down = jnp.maximum(weight, zero), jnp.minimum(weight, zero)
    return Pair(of(pair.up, up) + of(pair.down, down), of(pair.down, up) + of(pair.up, down))


def _scale(sides: Sides, pair: Pair) -> Pair:
    """A scale of either sign, after a layer or by itself."""
    scale = sides.along(sides.x, [jnp.ones_like(pair.up)])
    zero = jnp.zeros_like(scale)
    plus, minus = jnp.maximum(scale, zero), jnp.minimum(scale, zero)
    return Pair(plus * pair.up + minus * pair.down, plus * pair.down + minus * pair.up)


def _nonlinear(sides: Sides, gap: Pair, pair: Pair) -> Pair:
    """The mean over both orders of what each part adds, as a multiplier of that part (section 3.5.2)."""
    (b,) = sides.inputs(sides.b)
    above, below = sides.of(b + gap.up), sides.of(b + gap.down)
    rise_of_up = ((above - sides.y0) + (sides.y - below)) / 2
    rise_of_down = ((below - sides.y0) + (sides.y - above)) / 2
    up = slope(sides.of, b + gap.up, b, rise_of_up)
    down = slope(sides.of, b + gap.down, b, rise_of_down)
    return Pair(up * pair.up, down * pair.down)
