"""Recognises ReLU in its usual spellings in a traced function; JAX leaves no name for most of them."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from jxai.core.program.interpret import Operation, Ref

__all__ = ["SHAPES", "name_relus"]

_SAME = {"broadcast_in_dim", "convert_element_type", "copy", "reshape", "squeeze", "stop_gradient", "copy_p"}
SHAPES = {
    "broadcast_in_dim",
    "convert_element_type",
    "reshape",
    "squeeze",
    "transpose",
    "expand_dims",
    "copy",
    "copy_p",
}
_ABOVE = {"gt", "ge"}
_BELOW = {"lt", "le"}


def name_relus(operations: list[Operation], constants: dict[int, Any]) -> list[Operation]:
    """The same operations; every ReLU gets the name `"relu"` and is called as `jax.nn.relu`.

    Recognised are a function named `relu` (which the trace keeps whole), `max(x, 0)`, `where(x > 0, x, 0)` and
    `x * (x > 0)`, with their operands in either order and any of the four comparisons.
    """
    producer = {number: op for op in operations for number in op.outputs}

    def source(operation: Operation) -> Ref | None:
        return _relu_input(operation, producer, constants)

    def rename(operation: Operation) -> Operation:
        x = source(operation)
        return operation if x is None else Operation("relu", (x,), operation.outputs, _relu, {}, operation.equation)

    return [rename(operation) for operation in operations]


def _relu(x: jax.Array) -> tuple[jax.Array]:
    # whatever the spelling, the derivative at 0 is 0: that of a bare `max(x, 0)` would be 1/2
    return (jax.nn.relu(x),)


def _relu_input(op: Operation, producer: dict[int, Operation], constants: dict[int, Any]) -> Ref | None:
    """The value whose ReLU the operation computes, if it computes one."""

    def zero(ref: Ref) -> bool:
        return _is_zero(ref, producer, constants)

    def side(ref: Ref) -> tuple[str, Ref] | None:
        return _compared_with_zero(ref, producer, zero)

    if op.name == "relu":
        return op.inputs[0]
    if op.name == "max":
        for x, other in _both_ways(op):
            if zero(other) and not zero(x):
                return x
    if op.name == "select_n" and len(op.inputs) == 3:
        (which, if_false, if_true) = op.inputs  # select_n takes the case of False first
        for x, other, sign in ((if_true, if_false, "above"), (if_false, if_true, "below")):
            if zero(other) and side(which) == (sign, x):
                return x
    if op.name == "mul":
        for x, mask in _both_ways(op):
            if side(mask) == ("above", x):
                return x
    return None


def _both_ways(op: Operation) -> tuple[tuple[Ref, Ref], ...]:
    left, right = op.inputs
    return (left, right), (right, left)


def _compared_with_zero(ref: Ref, producer: dict[int, Operation], zero: Callable[[Ref], bool]) -> Any:
    """`("above", x)` for a mask made by `x > 0`, `("below", x)` for `x < 0`; None for anything else."""
    op = producer.get(ref.number)
    while op is not None and op.name in _SAME:
        op = producer.get(op.inputs[0].number)
    if op is None or op.name not in _ABOVE | _BELOW:
        return None
    left, right = op.inputs
    if zero(right):
        return ("above" if op.name in _ABOVE else "below"), left
    if zero(left):
        return ("below" if op.name in _ABOVE else "above"), right
    return None


def _is_zero(ref: Ref, producer: dict[int, Operation], constants: dict[int, Any]) -> bool:
    while ref.number in producer and producer[ref.number].name in _SAME:
        ref = producer[ref.number].inputs[0]
    value = ref.constant if ref.number < 0 else constants.get(ref.number)
    # a tracer has no value yet, and a large array is a weight: comparing it would only take time
    if value is None or isinstance(value, Tracer) or np.size(value) > 4096:
        return False
    return not np.any(np.asarray(value))
