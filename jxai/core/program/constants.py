"""Numbers that are written into a program, also where it spreads them over an array: `jnp.zeros_like(x)` is 0.

What only this run knows is no such number: an array made outside the score has a value when the score is explained
directly and none under `jit`, and both must give the same explanation.
"""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from jxai.core.program.elementwise import ELEMENTWISE, SHAPES
from jxai.core.program.operations import Operation, Ref

__all__ = ["folded", "number_of", "uniform"]

_SAME = SHAPES | {"stop_gradient", "name", "tap", "optimization_barrier"}


def uniform(value: Any) -> Any:
    """The one number that an array of NumPy's, or a literal, holds; None for any other value."""
    if isinstance(value, jax.Array):
        return None
    array = np.asarray(value)
    if array.dtype == object or not array.size:
        return None
    first = array.reshape(-1)[0]
    # a weight differs within its first numbers: only constants are read to the end
    few = array.reshape(-1)[:16]
    return first if np.array_equal(few, np.full_like(few, first)) and np.all(array == first) else None


def number_of(ref: Ref, known: Mapping[int, Any]) -> Any:
    """The number that a value is known to be everywhere, or None."""
    return uniform(ref.constant) if ref.number < 0 else known.get(ref.number)


def folded(op: Operation, known: Mapping[int, Any]) -> Any:
    """The number that an operation on known numbers gives, or None."""
    if op.name not in ELEMENTWISE | _SAME or len(op.outputs) != 1:
        return None
    numbers = [number_of(ref, known) for ref in op.inputs]
    if any(number is None for number in numbers):
        return None
    if op.name in _SAME:
        return np.asarray(numbers[0], op.params.get("new_dtype", None))[()]
    with jax.ensure_compile_time_eval():
        return np.asarray(op.call(*numbers)[0])[()]
