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

from jxai.core.program.elementwise import ELEMENTWISE
from jxai.core.program.linearity import is_linear
from jxai.core.program.places import LINEAR
from jxai.explainers.backprop.differences import Sides, Step
from jxai.explainers.backprop.rescale import rescale, slope

__all__ = ["REVEAL_CANCEL", "Pair"]

_SUMS = frozenset("reduce_sum reduce_window_sum cumsum scatter-add scatter_add add sub".split())


class Pair(NamedTuple):
    """The positive and the negative part of a difference."""

    up: Float[Array, "*shape"]
    down: Float[Array, "*shape"]


def _reveal_cancel(sides: Sides, gaps: list) -> Callable[[list], list]:
    """The rule: Shrikumar et al. 2017, sections 3.4 and 3.5.2."""
    name, one = sides.op.name, sum(sides.active) == 1
    rises = [x - b for x, b in zip(sides.inputs(sides.x), sides.inputs(sides.b), strict=True)]
    whole = rescale(sides, [_whole(gap) for gap in gaps])  # raises where an operation has no rule
    plain = is_linear(sides.op, sides.active, numbers=True) and not any(map(jnp.iscomplexobj, (*sides.x, *sides.y)))

    def linear(ds: list) -> list:
        pairs = [_pair(d, rise) for d, rise in zip(ds, rises, strict=True)]
        if one and name in LINEAR and plain:
            return [_layer(sides, _by_sign(pairs[0], rises[0]))]
        if plain and one and name in ("mul", "div", "neg") or name == "sub" and sides.active == (False, True):
            return [_scale(sides, pairs[0])]
        if plain and name in _SUMS and not (one and name in ("add", "sub")):
            negative = [name == "sub" and i == 1 for i in range(len(pairs))]
            # summands are contributions, sorted anew by sign; a subtrahend's parts change places
            parts = [_by_sign(p, r)[:: -1 if t else 1] for p, r, t in zip(pairs, rises, negative, strict=True)]
            return [Pair(*(sides.along(sides.x, [p[i] for p in parts])[0] for i in (0, 1)))]
        if plain and name not in LINEAR | {"fft"} or name == "stop_gradient":
            return [Pair(*parts) for parts in zip(*(whole([p[i] for p in pairs]) for i in (0, 1)), strict=True)]
        if one and name in ELEMENTWISE and jnp.issubdtype(sides.y[0].dtype, jnp.floating) and not plain:
            return [_nonlinear(sides, _pair(gaps[0], rises[0]), pairs[0])]
        # products, maxima, ...: the paper has no rule that keeps the parts apart
        sums = whole([_whole(p) for p in pairs])
        return [_pair(s, _real(y) - _real(y0)) for s, y, y0 in zip(sums, sides.y, sides.y0, strict=True)]

    return linear


def _pair(d: Any, rise: jax.Array) -> Pair:
    return d if isinstance(d, Pair) else _by_sign(Pair(d, jnp.zeros_like(d)), rise)


REVEAL_CANCEL = Step(_reveal_cancel, _pair)


def _whole(d: Any) -> jax.Array:
    return d.up + d.down if isinstance(d, Pair) else d


def _real(values: jax.Array) -> jax.Array:
    return values if jnp.issubdtype(values.dtype, jnp.inexact) else values.astype(jnp.float32)


def _by_sign(pair: Pair, rise: jax.Array) -> Pair:
    """The whole difference on the side of its sign; half on each side where it is 0."""
    whole = pair.up + pair.down
    share = (jnp.sign(jnp.real(rise)) + 1) / 2
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
    (scale,) = sides.along(sides.x, [jnp.ones_like(pair.up)])
    zero = jnp.zeros_like(scale)
    plus, minus = jnp.maximum(scale, zero), jnp.minimum(scale, zero)
    return Pair(plus * pair.up + minus * pair.down, plus * pair.down + minus * pair.up)


def _nonlinear(sides: Sides, gap: Pair, pair: Pair) -> Pair:
    """The mean over both orders of what each part adds, as a multiplier of that part (section 3.5.2)."""
    (b,), (y,), (y0,) = sides.inputs(sides.b), sides.y, sides.y0

    def of(x: jax.Array) -> jax.Array:
        return sides.of(x)[0]

    above, below = of(b + gap.up), of(b + gap.down)
    rise_of_up = ((above - y0) + (y - below)) / 2
    rise_of_down = ((below - y0) + (y - above)) / 2
    up = slope(of, b + gap.up, b, rise_of_up)
    down = slope(of, b + gap.down, b, rise_of_down)
    return Pair(up * pair.up, down * pair.down)
