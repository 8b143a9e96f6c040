"""Cuts a function after its last piecewise linear values: `fn(a, *rest) == smooth(values(a))`.

Convolutions, dense layers, ReLU, max pooling, batch normalisation in inference mode, additions, means and slices are
piecewise linear: their second derivative is 0 wherever it exists. Other functions (softmax, sigmoid, entropy, GELU)
come after the cut. The traced program decides, operation by operation. An unknown operation counts as not linear: the
cut may come too early, which costs time, but never too late. JAX's own relu and relu6, and this library's max_pool and
depthwise_conv, are known to be what their names say.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.program.elementwise import BLIND
from jxai.core.program.interpret import WHOLE, trace
from jxai.core.program.linearity import SELECTIONS, is_linear
from jxai.core.program.operations import Body, Operation, Program, Ref, replay

__all__ = ["Cut", "cut"]

_NAMED = WHOLE | {"relu", "relu6"}  # functions with derivatives of their own, or written as is fastest
# piecewise linear in all their floating inputs together, though not linear
_BENT = SELECTIONS | frozenset("abs max min clamp relu relu6 select_n".split())


class _Kind(IntEnum):
    """How a value depends on the first argument; a function of two values has, in most cases, the larger kind."""

    FREE = 0  # not at all
    STEP = 1  # in steps: its derivative is 0
    LINEAR = 2  # piecewise linearly
    SMOOTH = 3  # in any other way


class Cut(NamedTuple):
    """A function in two parts: `fn(a, *rest) == smooth(values(a))`."""

    linear: bool  # whether the whole function is piecewise linear in `a`
    values: Callable[
        [Float[Array, "*shape"]], tuple[list[Shaped[Array, "..."]], list[Any]]
    ]  # piecewise linear ones; others, with derivative 0
    smooth: Callable[[list[Shaped[Array, "..."]], list[Any]], Any]


def cut(fn: Callable, args: tuple) -> Cut:
    """`fn` cut after its last values that are piecewise linear in its first argument.

    Args:
        fn: function of `(a, *rest)`, `a` one array.
        args: its arguments.

    Returns:
        The cut. Where `fn` bends `a` itself, `values` returns `a`, and `smooth` is all of `fn`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> parts = cut(lambda a, w: jax.nn.softmax(jax.nn.relu(a) @ w), (jnp.ones(3), jnp.ones((3, 2))))
        >>> [value.shape for value in parts.values(jnp.ones(3))[0]], parts.linear
        ([(2,)], False)
    """
    program = trace(fn, args, named=_NAMED, library=True)
    kinds = _kinds(program)
    edge = _edge(program, kinds)
    moving = [n for n in edge if kinds[n] == _Kind.LINEAR]
    still = [n for n in edge if kinds[n] < _Kind.LINEAR]

    def values(a: Float[Array, "*shape"]) -> tuple[list[Shaped[Array, "..."]], list[Any]]:
        edge_values = replay(program, outputs=[Ref(n) for n in moving + still], arrays=[a, *program.arrays[1:]])
        return edge_values[: len(moving)], edge_values[len(moving) :]

    def smooth(linear_values: list[Shaped[Array, "..."]], constants: list[Any]) -> Any:
        overrides = dict(zip(moving + still, [*linear_values, *constants], strict=True))
        return jax.tree.unflatten(program.tree, replay(program, overrides=overrides))

    bends = any(kinds.get(ref.number, _Kind.FREE) == _Kind.SMOOTH for ref in program.outputs)
    return Cut(not bends, values, smooth)


def _edge(program: Program, kinds: dict[int, _Kind]) -> list[int]:
    """Numbers of the values that the operations after the cut, or the caller, take from the piecewise linear part."""
    bent = {ref.number for ref in program.outputs}
    for op in reversed(program.operations):
        if any(n in bent and kinds[n] == _Kind.SMOOTH for n in op.outputs):
            bent.update(ref.number for ref in op.inputs)
    # constants, weights among them, stay inside `smooth`: only what follows from `a` crosses the cut
    results = {number for op in program.operations for number in op.outputs} | {program.inputs[0]}
    return sorted(n for n in bent & results if kinds[n] != _Kind.SMOOTH)


def _kinds(program: Program) -> dict[int, _Kind]:
    kinds = {number: _Kind.FREE for number in (*program.inputs, *program.constants)}
    kinds[program.inputs[0]] = _Kind.LINEAR
    _spread(program.operations, kinds)
    return kinds


def _spread(operations: list[Operation], kinds: dict[int, _Kind]) -> None:
    """Adds the kinds of the operations' results, also inside bodies."""
    for op in operations:
        ins = [kinds.get(ref.number, _Kind.FREE) for ref in op.inputs]
        if op.body:
            outs = _of_body(op.body, ins, kinds)
        else:
            outs = [_kind(op, ins, out.aval.dtype) for out in op.equation.outvars]
        kinds.update(zip(op.outputs, outs, strict=True))


def _of_body(body: Body, ins: list[_Kind], kinds: dict[int, _Kind]) -> list[_Kind]:
    program, ins = body.program, list(ins)
    while True:
        kinds.update(zip(program.inputs, ins, strict=True))
        _spread(program.operations, kinds)
        outs = [kinds.get(ref.number, _Kind.FREE) for ref in program.outputs]
        returned = list(ins)
        for o, i in body.feedback:
            returned[i] = max(ins[i], outs[o])
        if returned == ins:
            return outs
        ins = returned


def _kind(op: Operation, ins: list[_Kind], dtype: Any) -> _Kind:
    most = max(ins, default=_Kind.FREE)
    if most <= _Kind.STEP:
        return most
    # predicates, whole numbers, stop_gradient: softmax's `x - stop_gradient(max)` stays linear through this
    if op.name in BLIND or not jnp.issubdtype(dtype, jnp.inexact):
        return _Kind.STEP
    # the size of a complex number bends
    bent = op.name in _BENT and not any(jnp.issubdtype(a.aval.dtype, jnp.complexfloating) for a in op.equation.invars)
    # a product of two moving values is quadratic: JAX cannot transpose it
    return most if bent or is_linear(op, tuple(kind >= _Kind.LINEAR for kind in ins)) else _Kind.SMOOTH
