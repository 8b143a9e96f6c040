r"""Contributions to a difference from a baseline, operation by operation (DeepLIFT).

The input and the baseline run side by side. Each operation gets a linear map of differences `d`, which takes the
inputs' differences to the output's exactly. The composition is linear in `x - b`, so each input has a contribution, and
contributions add up to `f(x) - f(b)`. A loop runs with all of it as its state.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.core import Tracer
from jaxtyping import Float, PyTree

from jxai.core.errors import MissingRule
from jxai.core.evaluate import require_use
from jxai.core.program.elementwise import BINARY
from jxai.core.program.interpret import WHOLE, trace
from jxai.core.program.operations import Body, Operation, Program, Ref, reachable, walk
from jxai.core.program.places import recognise, remedy_for, stands

__all__ = ["Sides", "Step", "contributions", "missing"]


class Sides(NamedTuple):
    """One operation at the input and at the baseline.

    Predicates and whole numbers that differ are numbers, too: `x` and `b` hold them as floating ones.
    """

    op: Operation
    x: tuple  # its inputs at the input
    b: tuple  # and at the baseline
    y: tuple  # its outputs at the input
    y0: tuple
    active: tuple[bool, ...]  # which inputs depend on what is explained
    where: Callable[[], str]

    def of(self, *values: Any) -> tuple:
        """The operation as a function of its active inputs; the others are the same on both sides."""
        active = iter(values)
        return self.op.call(*(next(active) if a else v for a, v in zip(self.active, self.x, strict=True)))

    def inputs(self, values: tuple) -> tuple:
        """The active ones among some inputs."""
        return tuple(v for v, a in zip(values, self.active, strict=True) if a)

    def along(self, at: tuple, differences: list) -> list:
        """The operation's own derivative at some inputs, along differences of the active ones."""
        return list(jax.jvp(self.of, self.inputs(at), tuple(differences))[1])


class Step(NamedTuple):
    """A rule of DeepLIFT.

    `rule(sides, gaps)` returns the linear map from differences of the active inputs to those of the outputs. `part`
    brings a difference, which belongs to a rise, to the one form that the state of a loop keeps.
    """

    rule: Callable[[Sides, list], Callable[[list], list]]
    part: Callable[[Any, Any], Any]


class _Moving(NamedTuple):
    """A value that depends on the input: on both sides, its difference, and the difference that is mapped."""

    x: Any
    b: Any
    gap: Any
    d: Any


def contributions(
    fn: Callable[[PyTree[Float[Array, "..."]]], Float[Array, ""]],
    x: PyTree[Float[Array, "..."]],
    baseline: PyTree[Float[Array, "..."]],
    step: Step,
) -> tuple[PyTree[Float[Array, "..."]], PyTree[Float[Array, "..."]]]:
    """What each element of `x` adds to `fn(x) - fn(baseline)`.

    Args:
        fn: function of one array, or pytree of arrays, that returns one number.
        x: the input.
        baseline: like `x`.
        step: how an operation maps differences.

    Returns:
        Contributions, shape and dtype of `x`, in units of `fn`; and multipliers, by which `x - baseline` gives them.

    Raises:
        MissingRule: an operation has no rule; the error names it and where it stands. Contributions do not add up.
    """
    leaves, tree = jax.tree.flatten(x)
    sides = [_Moving(v, b, v - b, None) for v, b in zip(leaves, jax.tree.leaves(baseline), strict=True)]
    program = recognise(trace(fn, (x,), named=WHOLE, library=True, custom=True, flat=True))
    run = _Run(program, step)

    def difference(ds: list) -> tuple[Float[Array, ""], tuple]:
        inputs = [side._replace(d=d) for side, d in zip(sides, ds, strict=True)]
        (result,) = run.outputs(program, inputs)
        moving = isinstance(result, _Moving)
        total = require_use(sum(jax.tree.leaves(result.d)) if moving else result, ds)
        return total, (result.x, result.b) if moving else (result, result)

    # the map is linear, so its gradient is the same everywhere: one backward pass gives all multipliers
    multipliers, ends = jax.grad(difference, has_aux=True)([jnp.zeros_like(v) for v in leaves])
    parts = [side.gap * m for side, m in zip(sides, multipliers, strict=True)]
    _check_sum(parts, *ends)
    return jax.tree.unflatten(tree, parts), jax.tree.unflatten(tree, multipliers)


class _Run:
    """A program on both sides, with the linear map from differences of the input to those of any value."""

    def __init__(self, program: Program, step: Step):
        self.step, self.every = step, list(walk(program.operations))
        self.depends = reachable(program.operations, program.inputs[: program.x_leaves])
        self.real = program.arrays[0].dtype

    def outputs(self, program: Program, inputs: list) -> list:
        """The program's outputs for its inputs; each is a `_Moving` where it depends on what is explained."""
        values: dict[int, Any] = {**program.constants, **dict(zip(program.inputs, inputs, strict=True))}

        def value(ref: Ref) -> Any:
            return ref.constant if ref.number < 0 else values[ref.number]

        for op in program.operations:
            ins = [value(ref) for ref in op.inputs]
            values.update(zip(op.outputs, self.results(op, ins), strict=True))
        return [value(ref) for ref in program.outputs]

    def results(self, op: Operation, ins: list) -> list:
        if not any(isinstance(v, _Moving) for v in ins):
            return list(op.call(*ins))
        if op.body:
            return self.repeated(op.body, ins)
        active = tuple(isinstance(v, _Moving) for v in ins)
        xs = tuple(v.x if isinstance(v, _Moving) else v for v in ins)
        bs = tuple(v.b if isinstance(v, _Moving) else v for v in ins)
        y, y0 = op.call(*xs), op.call(*bs)
        sides = Sides(
            op, self.floats(op, xs, active), self.floats(op, bs, active), y, y0, active, partial(self.where, op)
        )
        gaps = [v.gap for v in ins if isinstance(v, _Moving)]
        linear = self.step.rule(sides, gaps)
        moved = linear([v.d for v in ins if isinstance(v, _Moving)])
        return [_Moving(v, b, *self.typed(v, pair)) for v, b, *pair in zip(y, y0, linear(gaps), moved, strict=True)]

    def typed(self, value: Any, differences: list) -> list:
        """Differences in the dtype of their value: a rule may have computed them in another."""
        dtype = value.dtype if jnp.issubdtype(value.dtype, jnp.inexact) else self.real
        return jax.tree.map(lambda d: d.astype(dtype), differences)

    def where(self, op: Operation) -> str:
        return stands(self.every, next(i for i, one in enumerate(self.every) if one is op))

    def floats(self, op: Operation | None, values: tuple, active: tuple[bool, ...]) -> tuple:
        """Whole numbers and predicates that are counted with, as floating ones; indices stay as they are."""
        counts = op is not None and op.name in BINARY

        def floating(value: Any, moves: bool) -> Any:
            whole = not jnp.issubdtype(jnp.result_type(value), jnp.inexact)
            return jnp.asarray(value, self.real) if whole and (moves or counts and any(active)) else value

        return tuple(map(floating, values, active))

    def repeated(self, body: Body, ins: list) -> list:
        """A loop whose state holds both sides; what it starts from may not depend on the input yet."""
        program = body.program
        moving = [number in self.depends for number in program.inputs]
        start = [self.moving(v) if m else v for v, m in zip(ins, moving, strict=True)]
        fed_back = {o for o, i in body.feedback if moving[i]}

        def step(arrays: list, _: Any) -> tuple[list, None]:
            results = self.outputs(program, list(arrays))
            return [
                self.moving(r) if o in fed_back or isinstance(r, _Moving) else r for o, r in enumerate(results)
            ], None

        return body.run(step, start, None)[0]

    def moving(self, value: Any) -> _Moving:
        if not isinstance(value, _Moving):
            value = jnp.asarray(value)
            dtype = value.dtype if jnp.issubdtype(value.dtype, jnp.inexact) else self.real
            value = _Moving(value, value, *(jnp.zeros_like(value, dtype),) * 2)
        rise, fall = self.floats(None, (value.x, value.b), (True, True))
        return value._replace(gap=self.step.part(value.gap, rise - fall), d=self.step.part(value.d, rise - fall))


def missing(sides: Sides, why: str = "") -> MissingRule:
    """The error for an operation that has no rule."""
    several = f"of {sum(sides.active)} values that differ" if sum(sides.active) > 1 else ""
    what = " ".join(filter(None, (sides.op.name, several, why)))
    return MissingRule(
        f"DeepLIFT has no rule for {what} ({sides.where()}). {remedy_for(sides.op.name)}: jxai.split(score, tap) gives "
        f"features and head."
    )


def _check_sum(parts: list, end: Any, start: Any) -> None:
    """Raise where contributions do not add up to the difference, if the values can be seen."""
    if any(isinstance(v, Tracer) for v in (*parts, end, start)):
        return
    total, whole = float(sum(jnp.sum(p) for p in parts)), float(end) - float(start)
    size = float(sum(jnp.abs(p).sum() for p in parts)) + abs(float(end)) + abs(float(start))
    if abs(total - whole) > 50 * float(jnp.finfo(parts[0].dtype).eps) ** 0.5 * size:
        raise MissingRule(
            f"DeepLIFT's contributions add up to {total:.6g}, not to the difference {whole:.6g} between input and "
            f"baseline: a value jumps where the two are all but equal. Move the baseline, or explain a part of the "
            f"model: jxai.split(score, tap) gives features and head."
        )
