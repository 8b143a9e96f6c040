"""Joins a linear layer with what follows it: a bias, batch normalisation in inference mode, changes of shape.

Rules that share out a layer's whole output need all of that together: the bias is in their denominators, and a negative
scale turns the sign of a weight.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jax import Array
from jaxtyping import Shaped

from jxai.core.program.elementwise import SHAPES
from jxai.core.program.operations import Operation, Ref

__all__ = ["Layer", "join_layers"]

_AFFINE = {"add", "sub", "mul", "div"}


class Layer(NamedTuple):
    """A joined layer `tail(linear(a, w), *rest)`; the tail is `scale * shape(z) + offset`, element by element."""

    linear: Callable[[Any, Any], Shaped[Array, "..."]]  # bilinear in its two inputs
    shape: Callable[[Shaped[Array, "..."]], Shaped[Array, "..."]]  # the tail's changes of shape alone
    tail: Callable[..., Shaped[Array, "..."]]
    scales: bool  # whether the tail's scale can be another than 1


def join_layers(
    operations: list[Operation], active: set[int], outputs: tuple[Ref, ...], names: frozenset[str]
) -> list[Operation]:
    """The same operations; each layer named in `names` becomes one operation with the affine ones that follow it.

    Those are additions, subtractions, products and quotients with values that do not depend on the input, in any order:
    a bias, or `(z - mean) * rsqrt(var + eps) * scale + shift`. `active` holds the numbers of the values that do depend
    on it. A value with another use ends the chain, so that no intermediate value is lost; so does a tap.
    """
    users: dict[int, list[int]] = {}
    for at, op in enumerate(operations):
        for number in {ref.number for ref in op.inputs}:
            users.setdefault(number, []).append(at)
    for ref in outputs:
        users.setdefault(ref.number, []).append(-1)  # an output is a use, so that its value is kept
    layers: dict[int, Operation] = {}  # at the position of its last operation, where all its inputs exist
    gone: set[int] = set()
    for at, op in enumerate(operations):
        if op.name in names and len(op.inputs) == 2 and len(op.outputs) == 1:
            chain = _chain(at, operations, users, active)
            gone.update(chain[:-1])
            layers[chain[-1]] = _as_one([operations[i] for i in chain])
    return [layers.get(at, op) for at, op in enumerate(operations) if at not in gone]


def _chain(at: int, operations: list[Operation], users: dict[int, list[int]], active: set[int]) -> list[int]:
    """Positions from a layer to the last affine operation on its result that nothing interrupts."""
    chain, end = [at], 1
    while True:
        (number,) = operations[chain[-1]].outputs
        following = users.get(number, [])
        if len(following) != 1 or following[0] < 0:
            return chain[:end]
        op = operations[following[0]]
        if op.name in _AFFINE and _affine_in(number, op, active):
            end = len(chain) + 1
        elif op.name not in SHAPES:
            return chain[:end]  # trailing changes of shape are not the layer's: it ends at its last affine operation
        chain.append(following[0])


def _affine_in(number: int, op: Operation, active: set[int]) -> bool:
    others = [ref.number for ref in op.inputs if ref.number != number]  # empty for z + z, z * z: not affine
    numerator = op.name != "div" or op.inputs[0].number == number
    return len(others) == 1 and others[0] not in active and numerator


def _as_one(chain: list[Operation]) -> Operation:
    """A chain of operations, each of which takes the result before it, as one; the tail's numbers come last."""
    first, *following = chain
    before = dict(zip(map(id, following), chain, strict=False))

    def takes_chain(op: Operation) -> list[bool]:
        return [ref.number == before[id(op)].outputs[0] for ref in op.inputs]

    rest = tuple(ref for op in following for ref, own in zip(op.inputs, takes_chain(op), strict=True) if not own)

    def tail(z: jax.Array, *values: Any) -> jax.Array:
        others = iter(values)
        for op in following:
            (z,) = op.call(*(z if own else next(others) for own in takes_chain(op)))
        return z

    def shape(z: jax.Array) -> jax.Array:
        for op in following:
            if op.name in SHAPES:
                (z,) = op.call(z)
        return z

    def linear(a: Any, w: Any) -> jax.Array:
        return first.call(a, w)[0]

    def call(a: Any, w: Any, *values: Any) -> tuple:
        return (tail(linear(a, w), *values),)

    # `c - z` scales by -1; a layer without scale spares its rules a second convolution
    scales = any(op.name in ("mul", "div") or op.name == "sub" and takes_chain(op)[1] for op in following)
    params = {**first.params, "layer": Layer(linear, shape, tail, scales)}
    return Operation(first.name, (*first.inputs, *rest), chain[-1].outputs, call, params, first.equation)
