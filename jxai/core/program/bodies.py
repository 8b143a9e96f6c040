"""Operations that repeat a program: `scan` over stacked layers or steps of time, `shard_map` over devices.

`fori_loop` of fixed length, `lax.map` and Flax's `nn.scan` are scans. `while` has no number of iterations before it
runs, and `cond` no branch: they stay whole.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr
from jax.sharding import PartitionSpec

from jxai.core.program.operations import Body, Program, walk

__all__ = ["closed", "is_jaxpr", "open_body"]


def open_body(equation: Any, read: Callable[[ClosedJaxpr], Program]) -> Body | None:
    """The body of an equation, read by `read`; None for an equation that has none."""
    name, params = equation.primitive.name, equation.params
    if name not in ("scan", "shard_map"):
        return None
    program = read(closed(params["jaxpr"]))
    inside = {number for op in walk(program.operations) for number in op.outputs}
    numbers = frozenset(inside.union(program.inputs))
    if name == "shard_map":
        axes = _manual_axes(params)
        return Body(program, _over_devices(params, axes), None, (), _count(params["mesh"], axes), numbers)
    steps = _Steps(params, equation.invars)
    feedback = tuple((i, steps.consts + i) for i in range(steps.carried))
    return Body(program, steps.run, steps.around, feedback, params["length"], numbers)


def closed(jaxpr: Any) -> ClosedJaxpr:
    """A jaxpr with its constants, of which there may be none."""
    return jaxpr if isinstance(jaxpr, ClosedJaxpr) else ClosedJaxpr(jaxpr, ())


def is_jaxpr(value: Any) -> bool:
    """Whether a parameter of an equation is a program."""
    return isinstance(value, ClosedJaxpr | Jaxpr)


class _Steps:
    """A scan, run with another step."""

    def __init__(self, params: Mapping[str, Any], invars: list):
        self.params, self.consts, self.carried = params, params["num_consts"], params["num_carry"]
        self.dtypes = [atom.aval.dtype for atom in invars[self.consts : self.consts + self.carried]]

    def run(self, step: Callable, inputs: list, extras: Any) -> tuple[list, Any]:
        fixed, start, stacked = self._parts(inputs)
        state, (outputs, results) = self._scan(step, fixed, start, stacked, extras, self.params["length"])
        return [*state, *outputs], results

    def around(self, step: Callable, middle: Callable, at: int, inputs: list) -> list:
        """The outputs with iteration `at` run by `middle(arrays)`, outside of the two scans that remain."""
        fixed, state, stacked = self._parts(inputs)
        length = self.params["length"]
        early, late = slice(0, at), slice(at + 1, length)
        first, second = (late, early) if self.params["reverse"] else (early, late)

        def piece(state: list, part: slice) -> tuple[list, list]:
            some = jax.tree.map(lambda v: v[part], stacked)
            state, (outputs, _) = self._scan(step, fixed, state, some, None, part.stop - part.start)
            return state, outputs

        state, before = piece(state, first)
        outputs = middle([*fixed, *state, *jax.tree.map(lambda v: v[at], stacked)])
        state, after = piece(list(outputs[: self.carried]), second)
        own = jax.tree.map(lambda v: jnp.asarray(v)[None], list(outputs[self.carried :]))
        parts = (after, own, before) if self.params["reverse"] else (before, own, after)
        return [*state, *jax.tree.map(lambda *vs: jnp.concatenate(vs), *parts)]

    def _parts(self, inputs: list) -> tuple[list, list, list]:
        start, end = self.consts, self.consts + self.carried
        # a number written into the model has no array's type yet, and the state must keep its own
        state = [jnp.asarray(v, d) if jnp.isscalar(v) else v
                 for v, d in zip(inputs[start:end], self.dtypes, strict=True)]  # fmt: skip
        return inputs[:start], state, inputs[end:]

    def _scan(self, step: Callable, fixed: list, state: list, stacked: list, extras: Any, length: int) -> tuple:
        def one(state: list, slices: tuple) -> tuple[list, tuple]:
            outputs, results = step([*fixed, *state, *slices[0]], slices[1])
            return list(outputs[: self.carried]), (list(outputs[self.carried :]), results)

        reverse, unroll = self.params["reverse"], self.params["unroll"]
        return lax.scan(one, state, (stacked, extras), length, reverse=reverse, unroll=unroll)


def _over_devices(params: Mapping[str, Any], axes: tuple[str, ...]) -> Callable:
    over = PartitionSpec(axes)

    def run(step: Callable, inputs: list, extras: Any) -> tuple[list, Any]:
        def part(inputs: list, extras: Any) -> tuple[list, Any]:
            outputs, results = step(inputs, jax.tree.map(lambda e: e[0], extras))
            return list(outputs), jax.tree.map(lambda r: r[None], results)

        return jax.shard_map(
            part, mesh=params["mesh"], in_specs=(list(params["in_specs"]), over),
            out_specs=(list(params["out_specs"]), over), axis_names=set(axes), check_vma=params["check_vma"],
        )(inputs, extras)  # fmt: skip

    return run


def _manual_axes(params: Mapping[str, Any]) -> tuple[str, ...]:
    axes = params.get("newly_manual_axes", params.get("manual_axes"))  # the name before jax 0.10
    return tuple(name for name in params["mesh"].axis_names if name in axes)


def _count(mesh: Any, axes: tuple[str, ...]) -> int:
    sizes = dict(zip(mesh.axis_names, mesh.axis_sizes, strict=True))
    return math.prod(sizes[axis] for axis in axes)
