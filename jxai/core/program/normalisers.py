"""Finds the divisors of normalisations by what they do: the quotient does not depend on the scale of the features.

Layer normalisation, RMSNorm, division by a norm: `x * rsqrt(v)`, `x / sqrt(v)`, `x * v ** -0.5`, `x * (1 / sqrt v)`,
with or without guards against zero. In all of them the divisor grows as the features do, a small constant aside.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.core.program.elementwise import ELEMENTWISE, SHAPES
from jxai.core.program.operations import Operation
from jxai.core.program.regions import Producers, Region, between, producers

__all__ = ["normalisers"]

_STATISTICS = frozenset(
    "reduce_sum reduce_max reduce_min reduce_window_sum reduce_window_max cumsum dot_general".split()
)
_LOOKED_THROUGH = ELEMENTWISE | SHAPES | _STATISTICS | {"concatenate", "slice", "split", "tap"}
_MOST = 40  # operations between the features and the divisor
_seen: dict[Any, bool] = {}


def normalisers(operations: list[Operation], active: set[int]) -> set[tuple[int, int]]:
    """`(number of the result, input)` where an active value is divided by a statistic of the same features.

    The input is the divisor, or the factor that is one over it.
    """
    producer = producers(operations)
    return {
        (op.outputs[0], i)
        for op in operations
        if op.name in ("mul", "div") and op.inputs[0].number in active and op.inputs[1].number in active
        for i in ((0, 1) if op.name == "mul" else (1,))
        if _divides(op, i, producer, active)
    }


def _divides(op: Operation, i: int, producer: Producers, active: set[int]) -> bool:
    divisor, features = op.inputs[i].number, op.inputs[1 - i].number
    degree = 1 if op.name == "div" else -1
    frontier, seen = {divisor}, set()
    while len(seen) < _MOST:
        at, latest = max((producer.get(n, (-1, op)) for n in frontier), key=lambda pair: pair[0])
        if at < 0 or latest.name not in _LOOKED_THROUGH or len(latest.outputs) != 1 or "layer" in latest.params:
            return False
        seen.add(latest.name)
        frontier = (frontier - set(latest.outputs)) | {ref.number for ref in latest.inputs if ref.number in active}
        if len(frontier) == 1 and seen & _STATISTICS:
            (source,) = frontier
            if (
                _leads(features, source, producer, active)
                and _grows(between(source, divisor, producer, active), degree)
                and (features == source or _grows(between(source, features, producer, active), 1))
            ):
                return True
    return False


def _leads(features: int, source: int, producer: Producers, active: set[int]) -> bool:
    """Whether the features are the source itself, or made of it alone."""
    left, made = [features], set()
    while left:
        number = left.pop()
        if number == source or number in made:
            continue
        made.add(number)
        op = producer[number][1] if number in producer else None
        if op is None or op.name not in _LOOKED_THROUGH or "layer" in op.params:
            return False
        left += [ref.number for ref in op.inputs if ref.number in active]
    return True


def _grows(region: Region, degree: int) -> bool:
    """Whether a value grows with the power `degree` of its source, where that is large."""
    key = (degree, *region.key(shapes=True))
    if key not in _seen:
        if len(_seen) > 1000:
            _seen.clear()
        with jax.ensure_compile_time_eval():
            _seen[key] = _computed(region, degree)
    return _seen[key]


def _computed(region: Region, degree: int) -> bool:
    draw = np.random.default_rng(0)
    source, *rest = region.avals
    if not jnp.issubdtype(source.dtype, jnp.floating):
        return False
    small = jnp.finfo(source.dtype).bits < 32
    size, times, tolerance = (4.0, 4.0, 0.05) if small else (1e3, 16.0, 1e-3)
    # drawn, not known: whatever else the divisor holds (weights, a small constant) does not grow
    others = [_drawn(aval, draw) for aval in rest]
    x = jnp.asarray(size * draw.normal(size=source.shape), source.dtype)
    once, larger = (np.asarray(region.call(v, *others)[0], np.float64) for v in (x, x * times))
    expected = once * times**degree
    scale = np.abs(expected).max(initial=0.0)
    return bool(scale > 0 and np.isfinite(larger).all() and np.abs(larger - expected).max() <= tolerance * scale)


def _drawn(aval: Any, draw: np.random.Generator) -> jax.Array:
    if jnp.issubdtype(aval.dtype, jnp.floating):
        return jnp.asarray(draw.uniform(0.5, 1.0, size=aval.shape), aval.dtype)
    return jnp.ones(aval.shape, aval.dtype)
