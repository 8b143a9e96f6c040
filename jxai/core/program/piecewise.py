"""Cuts a function after its last piecewise linear values: `fn(a, *rest) == smooth(values(a))`.

Convolutions, dense layers, ReLU, max pooling, batch normalisation in inference mode, additions, means and slices are
piecewise linear: their second derivative is 0 wherever it exists. Other functions (softmax, sigmoid, entropy, GELU)
come after the cut. The traced program decides, operation by operation. An unknown operation counts as not linear: the
cut may come too early, which costs time, but never too late. Functions named relu, relu6, max_pool and depthwise_conv
are trusted to be what their names say, as backward rules trust them.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.program.elementwise import BLIND
from jxai.core.program.interpret import WHOLE, Operation, Program, Ref, replay, trace
from jxai.core.program.patterns import SHAPES

__all__ = ["Cut", "cut"]

_NAMED = WHOLE | {"relu", "relu6"}  # functions with derivatives of their own, or written as is fastest
# piecewise linear in all their floating inputs together
_LINEAR = SHAPES | frozenset(
    "add add_any sub neg abs max min clamp relu relu6 max_pool select_n name real reduce_sum reduce_max reduce_min "
    "reduce_window_sum reduce_window_max reduce_window_min cumsum cummax cummin concatenate stack unstack tile pad rev "
    "slice split dynamic_slice dynamic_update_slice gather scatter scatter-add scatter-sub sort top_k reduce_precision "
    "optimization_barrier pvary pcast psum psum_invariant sharding_constraint device_put".split()
)
# linear in each of their two inputs
_PRODUCTS = frozenset("mul dot_general conv_general_dilated depthwise_conv".split())


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
    program = trace(fn, args, named=_NAMED)
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
    for op in program.operations:
        ins = [kinds.get(ref.number, _Kind.FREE) for ref in op.inputs]
        for number, out in zip(op.outputs, op.equation.outvars, strict=True):
            kinds[number] = _kind(op, ins, out.aval.dtype)
    return kinds


def _kind(op: Operation, ins: list[_Kind], dtype: Any) -> _Kind:
    most = max(ins, default=_Kind.FREE)
    if most <= _Kind.STEP:
        return most
    # predicates, whole numbers, stop_gradient: softmax's `x - stop_gradient(max)` stays linear through this
    if op.name in BLIND or not jnp.issubdtype(dtype, jnp.floating):
        return _Kind.STEP
    moving = [kind for kind in ins if kind >= _Kind.LINEAR]
    # a product of two moving values is quadratic
    one_factor = op.name in _PRODUCTS and len(moving) == 1 or op.name == "div" and ins[1] < _Kind.LINEAR
    return most if op.name in _LINEAR or one_factor else _Kind.SMOOTH
