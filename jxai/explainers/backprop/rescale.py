r"""DeepLIFT's rescale rule: Shrikumar et al. 2017, section 3.5.1, for every operation that has one.

A linear operation maps differences as it maps values. A function of one number has the multiplier
`(f(x) - f(b)) / (x - b)`; comparisons and rounding are such functions. A product gives each factor's difference the
mean of the other's two values; a choice by a condition is a product with the condition as a number. In a maximum the
rise goes to the input's winner, the fall to the baseline's. Softmax shares out its shift by logarithmic means.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.program.elementwise import COMPARISONS, ELEMENTWISE
from jxai.core.program.linearity import is_linear
from jxai.core.program.places import LINEAR
from jxai.explainers.backprop.differences import Sides, Step, missing
from jxai.explainers.backprop.softmax_difference import softmax

__all__ = ["RESCALE", "rescale", "slope"]

_WINNERS = frozenset("max min max_pool reduce_max reduce_min reduce_window_max reduce_window_min".split())
_LOGIC = frozenset("and or xor".split())


def rescale(sides: Sides, gaps: list) -> Callable[[list], list]:
    """The rescale rule, as a step of `differences.contributions`."""
    name, several = sides.op.name, sum(sides.active) > 1
    if name == "stop_gradient":
        return lambda ds: ds
    if name in ("softmax", "logsumexp") and sides.active[0]:
        return softmax(sides, gaps)
    if is_linear(sides.op, sides.active, numbers=True):
        # a predicate as a whole number is the same number
        same = name == "convert_element_type" and not jnp.issubdtype(sides.y[0].dtype, jnp.inexact)
        return (lambda ds: ds) if same else lambda ds: sides.along(sides.x, ds)
    if name == "select_n":
        return _choice(sides)
    if name in LINEAR | {"mul"} and several:
        return lambda ds: [_product(sides, ds)]
    if name == "div" and several:
        return lambda ds: [_quotient(sides, ds)]
    if name in _LOGIC and several:
        return _logic(sides)
    if name == "abs" and jnp.iscomplexobj(sides.x[0]):
        return lambda ds: [_size(sides, ds[0])]
    if name in COMPARISONS and several:
        return _comparison(sides)
    if name in ELEMENTWISE and not several:
        return _one_number(sides)
    if name in _WINNERS and not any(map(jnp.iscomplexobj, sides.x)):
        return lambda ds: [_winners(sides, ds)]
    raise missing(sides)


RESCALE = Step(rescale, lambda d, rise: d)


def slope(
    fn: Callable, x: Float[Array, "*out"], b: Float[Array, "*out"], rise: Float[Array, "*out"]
) -> Float[Array, "*out"]:
    """`rise / (x - b)`, element by element; `fn`'s derivative half way where the two all but agree."""
    run = x - b
    near = jnp.abs(run) <= _near(x.dtype) * (1 + jnp.abs(x) + jnp.abs(b))
    # half way, where the derivative differs from the ratio by the square of the gap, not by the gap
    result, derivative = jax.jvp(fn, ((x + b) / 2,), (jnp.ones_like(x),))
    whole = not jnp.issubdtype(result.dtype, jnp.inexact)  # or a predicate
    derivative = jnp.zeros_like(x) if whole else derivative.astype(x.dtype)
    return jnp.where(near, derivative, rise.astype(x.dtype) / jnp.where(near, jnp.ones_like(run), run))


def _one_number(sides: Sides) -> Callable[[list], list]:
    (x,), (b,) = sides.inputs(sides.x), sides.inputs(sides.b)
    ratio = slope(lambda x: sides.of(x)[0], x, b, _rise(sides))
    return lambda ds: [ratio * ds[0]]


def _comparison(sides: Sides) -> Callable[[list], list]:
    """A comparison of two values is a function of their difference."""
    (a, c), (a0, c0) = sides.x, sides.b
    difference, before = a - c, a0 - c0
    ratio = slope(lambda x: sides.op.call(x, jnp.zeros_like(x))[0], difference, before, _rise(sides))
    return lambda ds: [ratio * (ds[0] - ds[1])]


def _rise(sides: Sides) -> Array:
    """The difference of the result; a predicate counts as 0 or 1."""
    (y,), (y0,) = sides.y, sides.y0
    if jnp.issubdtype(y.dtype, jnp.inexact):
        return y - y0
    (x, *_) = sides.inputs(sides.x)
    return jnp.asarray(y, x.dtype) - jnp.asarray(y0, x.dtype)


def _logic(sides: Sides) -> Callable[[list], list]:
    """`a and b` is a product, `a or b` is `a + b - a b`, `a xor b` is `a + b - 2 a b`."""
    (a, b), (a0, b0) = sides.x, sides.b
    alone, both = {"and": (0, 1), "or": (1, -1), "xor": (1, -2)}[sides.op.name]
    of_a, of_b = alone + both * (b + b0) / 2, alone + both * (a + a0) / 2
    return lambda ds: [of_a * ds[0] + of_b * ds[1]]


def _choice(sides: Sides) -> Callable[[list], list]:
    """`m t + (1 - m) f`, with the condition `m` as a factor."""
    if len(sides.x) != 3 or not sides.active[0] or jnp.issubdtype(sides.op.equation.invars[0].aval.dtype, jnp.integer):
        raise missing(sides, "whose condition depends on x")
    (m, f, t), (m0, f0, t0) = sides.x, sides.b
    mean = (m + m0) / 2
    # where the condition is the same on both sides, the other branch may hold anything, also infinity
    gain = jnp.where(m == m0, jnp.zeros_like(mean), (t + t0) / 2 - (f + f0) / 2)
    factors = [factor for factor, active in zip((gain, 1 - mean, mean), sides.active, strict=True) if active]

    def linear(ds: list) -> list:
        return [sum(factor * d for factor, d in zip(factors, ds, strict=True))]

    return linear


def _product(sides: Sides, ds: list) -> Array:
    """`a` and `b` by the mean of the other on both sides: what Shapley gives two factors."""
    (a, b), (a0, b0) = sides.inputs(sides.x), sides.inputs(sides.b)
    return sides.of(ds[0], (b + b0) / 2)[0] + sides.of((a + a0) / 2, ds[1])[0]


def _quotient(sides: Sides, ds: list) -> Array:
    (a, b), (a0, b0) = sides.x, sides.b
    return ds[0] * (1 / b + 1 / b0) / 2 - (a + a0) / 2 * ds[1] / b / b0


def _size(sides: Sides, d: Array) -> Array:
    """`|z|` of a complex number: `|z|^2 - |b|^2` is the real part of `conj(z + b) (z - b)`."""
    (z,), (b,) = sides.x, sides.b
    total = jnp.abs(z) + jnp.abs(b)
    some = total > 0
    return jnp.where(some, jnp.real(jnp.conj(z + b) * d) / jnp.where(some, total, jnp.ones_like(total)), 0)


def _winners(sides: Sides, ds: list) -> Array:
    """The rise above the baseline's largest goes to the input's winner, the fall below it to the baseline's."""
    (y,), (y0,) = sides.y, sides.y0
    gaps = [x - b for x, b in zip(sides.inputs(sides.x), sides.inputs(sides.b), strict=True)]
    cross = jnp.minimum(y, y0) if sides.op.name.endswith("min") else jnp.maximum(y, y0)
    result = jnp.zeros_like(y)
    for at, part in ((sides.x, cross - y0), (sides.b, y - cross)):
        (gap,) = sides.along(at, gaps)  # of the winner
        near = jnp.abs(gap) <= _near(gap.dtype) * (1 + jnp.abs(y) + jnp.abs(y0))
        share = jnp.where(near, jnp.full_like(gap, 0.5), part / jnp.where(near, jnp.ones_like(gap), gap))
        result += share * sides.along(at, ds)[0]
    return result


def _near(dtype: Any) -> float:
    return float(jnp.finfo(dtype).eps) ** 0.75  # where rounding spoils a ratio more than curvature the derivative
