"""Recognises in a traced function what JAX leaves no name for: ReLU in its usual spellings, and layers with a bias."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from jxai.core.interpret import Operation, Ref

__all__ = ["name_relus", "with_bias"]

_SAME = {"broadcast_in_dim", "convert_element_type", "copy", "reshape", "squeeze", "stop_gradient", "copy_p"}
_SHAPES = {"broadcast_in_dim", "convert_element_type", "reshape", "squeeze", "transpose", "expand_dims"}
_ABOVE = {"gt", "ge"}
_BELOW = {"lt", "le"}


def name_relus(operations: list[Operation], constants: dict[int, Any]) -> list[Operation]:
    """The same operations, with every ReLU under the name `"relu"` and called as `jax.nn.relu`.

    Recognised: a function named `relu` (kept whole by the trace), `max(x, 0)`, `where(x > 0, x, 0)` and
    `x * (x > 0)`, each with the operands either way round and with any of the four comparisons.
    """
    made = {number: op for op in operations for number in op.outputs}

    def source(operation: Operation) -> Ref | None:
        return _rectified(operation, made, constants)

    def renamed(operation: Operation) -> Operation:
        x = source(operation)
        return operation if x is None else Operation("relu", (x,), operation.outputs, _relu, {})

    return [renamed(operation) for operation in operations]


def _relu(x: jax.Array) -> tuple[jax.Array]:
    return (jax.nn.relu(x),)


def _rectified(op: Operation, made: dict[int, Operation], constants: dict[int, Any]) -> Ref | None:
    """The value whose ReLU the operation computes, if it computes one."""

    def zero(ref: Ref) -> bool:
        return _is_zero(ref, made, constants)

    def side(ref: Ref) -> tuple[str, Ref] | None:
        return _compared_with_zero(ref, made, zero)

    if op.name == "relu":
        return op.inputs[0]
    if op.name == "max":
        for x, other in _both_ways(op):
            if zero(other) and not zero(x):
                return x
    if op.name == "select_n" and len(op.inputs) == 3:
        (which, if_false, if_true) = op.inputs
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


def _compared_with_zero(ref: Ref, made: dict[int, Operation], zero: Callable[[Ref], bool]) -> Any:
    """`("above", x)` for a mask made by `x > 0`, `("below", x)` for `x < 0`; None for anything else."""
    op = made.get(ref.number)
    while op is not None and op.name in _SAME:
        op = made.get(op.inputs[0].number)
    if op is None or op.name not in _ABOVE | _BELOW:
        return None
    left, right = op.inputs
    if zero(right):
        return ("above" if op.name in _ABOVE else "below"), left
    if zero(left):
        return ("below" if op.name in _ABOVE else "above"), right
    return None


def _is_zero(ref: Ref, made: dict[int, Operation], constants: dict[int, Any]) -> bool:
    while ref.number in made and made[ref.number].name in _SAME:
        ref = made[ref.number].inputs[0]
    value = ref.constant if ref.number < 0 else constants.get(ref.number)
    if value is None or isinstance(value, Tracer) or np.size(value) > 4096:
        return False
    return not np.any(np.asarray(value))


def with_bias(
    operations: list[Operation], active: set[int], outputs: tuple[Ref, ...], names: frozenset[str]
) -> list[Operation]:
    """The same operations, with each linear layer `names` and the bias added to its result as one operation.

    A bias is what is added and does not depend on the input (`active` holds the numbers of the values that do).
    Rules that share out a layer's whole output need the two together.
    """
    users: dict[int, list[int]] = {}
    for at, op in enumerate(operations):
        for ref in op.inputs:
            users.setdefault(ref.number, []).append(at)
    for ref in outputs:
        users.setdefault(ref.number, []).append(-1)
    fused: dict[int, Operation] = {}
    gone: set[int] = set()
    for at, op in enumerate(operations):
        if op.name in names and len(op.outputs) == 1:
            chain = _to_bias(at, operations, users, active)
            if chain:
                gone.update(chain[:-1])
                fused[chain[-1]] = _joined([operations[i] for i in chain])
    return [fused.get(at, op) for at, op in enumerate(operations) if at not in gone]


def _to_bias(at: int, operations: list[Operation], users: dict[int, list[int]], active: set[int]) -> list[int]:
    """Positions from a layer through changes of shape to the addition of its bias; empty if there is none."""
    chain = [at]
    while True:
        (number,) = operations[chain[-1]].outputs
        following = users.get(number, [])
        if len(following) != 1 or following[0] < 0:
            return []
        op = operations[following[0]]
        chain.append(following[0])
        if op.name == "add":
            others = [ref for ref in op.inputs if ref.number != number]
            return chain if len(others) == 1 and others[0].number not in active else []
        if op.name not in _SHAPES:
            return []


def _joined(chain: list[Operation]) -> Operation:
    """A chain of operations, each fed by the one before, as one; the bias is its last input."""
    layer, *shapes, addition = chain
    before = (shapes or [layer])[-1].outputs[0]
    bias = next(ref for ref in addition.inputs if ref.number != before)

    def call(*values: Any) -> tuple:
        (result,) = layer.call(*values[:-1])
        for shape in shapes:
            (result,) = shape.call(result)
        return addition.call(result, values[-1])

    params = {**layer.params, "bias": True}
    return Operation(layer.name, (*layer.inputs, bias), addition.outputs, call, params)
