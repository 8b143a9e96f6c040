r"""Contributions to a difference from a baseline, operation by operation (DeepLIFT).

The input and the baseline run side by side. Each operation gets a linear map of differences `d`, which takes the
inputs' differences to the output's exactly: the operation itself where it is linear, `(f(x) - f(b)) / (x - b)` times
`d` for functions of one number, `mean(a) d_b + mean(b) d_a` for products, the winners' differences for maxima. The
composition is linear in `x - b`, so each input has a contribution, and contributions add up to `f(x) - f(b)`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.errors import MissingRule
from jxai.core.evaluate import require_use
from jxai.core.program.elementwise import BLIND, UNARY, fuse_activations
from jxai.core.program.interpret import Operation, Program, Ref, reachable, trace
from jxai.core.program.patterns import SHAPES, name_relus
from jxai.core.program.places import KEPT, LINEAR, stands

__all__ = ["MOVES", "SUMS", "Sides", "Step", "contributions", "rescale", "slope"]

MOVES = SHAPES | set(
    "slice dynamic_slice dynamic_update_slice gather scatter concatenate pad rev real name reduce_precision select_n "
    "split optimization_barrier pvary pcast stop_gradient".split()
)
SUMS = frozenset("reduce_sum reduce_window_sum cumsum scatter-add scatter_add".split())
WINNERS = frozenset("max min max_pool reduce_max reduce_min reduce_window_max reduce_window_min".split())


class Sides(NamedTuple):
    """One operation at the input and at the baseline."""

    op: Operation
    x: tuple  # its inputs at the input
    b: tuple  # and at the baseline
    y: Float[Array, "..."]
    y0: Float[Array, "..."]
    active: tuple[bool, ...]  # which inputs differ
    chooses: bool  # whether it is a selection whose condition depends on the input
    where: Callable[[], str]

    def of(self, *values: Any) -> Float[Array, "..."]:
        """The operation as a function of its active inputs; the others are the same on both sides."""
        active = iter(values)
        return self.op.call(*(next(active) if a else v for a, v in zip(self.active, self.x, strict=True)))[0]

    def inputs(self, values: tuple) -> tuple:
        """The active ones among some inputs."""
        return tuple(v for v, a in zip(values, self.active, strict=True) if a)

    def along(self, at: tuple, differences: list) -> Float[Array, "..."]:
        """The operation's own derivative at some inputs, along differences of the active ones."""
        return jax.jvp(self.of, self.inputs(at), tuple(differences))[1]


Step = Callable[[Sides, list], Callable[[list], Any]]  # (operation, its inputs' differences) -> linear map of such


def contributions(
    fn: Callable[[Float[Array, "*shape"]], Float[Array, ""]],
    x: Float[Array, "*shape"],
    baseline: Float[Array, "*shape"],
    step: Step | None = None,
) -> Float[Array, "*shape"]:
    """What each element of `x` adds to `fn(x) - fn(baseline)`.

    Args:
        fn: function of one array that returns one number.
        x: the input.
        baseline: like `x`.
        step: how an operation maps differences; `rescale` by default, or `reveal_cancel`.

    Returns:
        Contributions, shape and dtype of `x`, in units of `fn`.

    Raises:
        MissingRule: an operation has no rule; the error names it and where it stands.
    """
    program = trace(fn, (x,), named=KEPT, flat=True)
    operations = fuse_activations(name_relus(program.operations, program.constants), program.inputs[:1])
    program = program._replace(operations=operations)
    run = _Run(program, step or rescale, x, baseline)
    # the map is linear, so its gradient is the same everywhere: one backward pass gives all multipliers
    return (x - baseline) * jax.grad(lambda change: require_use(run.difference(change), change))(jnp.zeros_like(x))


class _Run:
    """The values of a program on both sides, and the linear map from differences of the input to the output's."""

    def __init__(self, program: Program, step: Step, x: jax.Array, baseline: jax.Array):
        self.program, self.step, self.gap = program, step, x - baseline
        operations, start = program.operations, program.inputs[:1]
        self.depends = reachable(operations, start)
        self.active = reachable(operations, start, blind=BLIND - {"stop_gradient"})
        self.producer = {number: op for op in operations for number in op.outputs}
        self.x, self.b = ({**program.constants, start[0]: v} for v in (x, baseline))
        self.sides: dict[int, Sides] = {}
        for at in _schedule(program):
            self._both(at, operations[at])
        self._prune()

    def _both(self, at: int, op: Operation) -> None:
        inputs = [tuple(_value(values, ref) for ref in op.inputs) for values in (self.x, self.b)]
        ys = op.call(*inputs[0])
        zs = op.call(*inputs[1]) if self.depends.intersection(op.outputs) else ys
        if op.name == "stop_gradient" and self._is_shift(op.inputs[0]):
            # each side's own largest value would differ, and the difference would be taken for one of the logits
            ys = zs = (jnp.maximum(ys[0], zs[0]),)  # softmax is the same for any shift: a common one cancels
            self.active -= set(op.outputs)
        self.x.update(zip(op.outputs, ys, strict=True))
        self.b.update(zip(op.outputs, zs, strict=True))
        which = tuple(ref.number in self.active for ref in op.inputs)
        if any(which) and self.active.intersection(op.outputs):
            chooses = op.name == "select_n" and op.inputs[0].number in self.depends
            where = partial(stands, self.program.operations, at)
            self.sides[at] = Sides(op, inputs[0], inputs[1], ys[0], zs[0], which, chooses, where)
        else:
            self.active -= set(op.outputs)

    def _prune(self) -> None:
        """Drop operations without effect on the output's difference (the largest value that softmax subtracts)."""
        live = {ref.number for ref in self.program.outputs}
        for at in sorted(self.sides, reverse=True):
            op, active = self.sides[at].op, self.sides[at].active
            if live.intersection(op.outputs):
                live |= {ref.number for ref, a in zip(op.inputs, active, strict=True) if a}
            else:
                del self.sides[at]

    def _is_shift(self, ref: Ref) -> bool:
        """Whether a value under stop_gradient is the largest logit; softmax may reshape or bound it first."""
        while ref.number in self.producer and self.producer[ref.number].name in SHAPES | {"max", "select_n"}:
            ref = next(r for r in self.producer[ref.number].inputs[::-1] if r.number in self.depends)
        return ref.number in self.producer and self.producer[ref.number].name == "reduce_max"

    def difference(self, d: jax.Array) -> jax.Array:
        """The output's difference, linear in the input's difference `d`."""
        start = self.program.inputs[0]
        gaps, ds = {start: self.gap}, {start: d}
        for sides in self.sides.values():
            numbers = [ref.number for ref, a in zip(sides.op.inputs, sides.active, strict=True) if a]
            own_gaps = [gaps[n] for n in numbers]
            linear = self.step(sides, own_gaps)
            (out,) = sides.op.outputs
            gaps[out], ds[out] = linear(own_gaps), linear([ds[n] for n in numbers])
        number = self.program.outputs[0].number
        leaves = jax.tree.leaves(ds[number]) if number in ds else [jnp.zeros_like(d).sum()]
        return sum(leaves[1:], leaves[0])


def rescale(sides: Sides, gaps: list) -> Callable[[list], Float[Array, "..."]]:
    """The rescale rule: Shrikumar et al. 2017, section 3.5.1."""
    name, several = sides.op.name, sum(sides.active) > 1
    # the two sides may take different branches: neither branch's derivative gives the difference
    if sides.chooses:
        raise _missing(sides, "whose condition depends on x")
    if name == "stop_gradient":
        return lambda ds: ds[0]
    if name in MOVES | SUMS | {"add", "sub", "neg"}:
        return lambda ds: sides.along(sides.x, ds)
    if name in LINEAR | {"mul"}:
        return (lambda ds: _product(sides, ds)) if several else (lambda ds: sides.along(sides.x, ds))
    if name == "div" and sides.active[0]:
        return (lambda ds: _quotient(sides, ds)) if several else (lambda ds: sides.along(sides.x, ds))
    # of one active value, `max(x, 0)`, `clamp` and `c / x` are functions of one number, too
    if not several and name in UNARY | {"max", "min", "clamp", "pow", "div", "rem"}:
        (x,), (b,) = sides.inputs(sides.x), sides.inputs(sides.b)
        ratio = slope(sides.of, x, b, sides.y - sides.y0)
        return lambda ds: ratio * ds[0]
    if name in WINNERS:
        return lambda ds: _winners(sides, ds)
    raise _missing(sides, "")


def slope(
    fn: Callable, x: Float[Array, "*out"], b: Float[Array, "*out"], rise: Float[Array, "*out"]
) -> Float[Array, "*out"]:
    """`rise / (x - b)`, element by element; `fn`'s derivative half way where the two all but agree."""
    run = x - b
    near = jnp.abs(run) <= _near(x.dtype) * (1 + jnp.abs(x) + jnp.abs(b))
    # half way, where the derivative differs from the ratio by the square of the gap, not by the gap
    _, derivative = jax.jvp(fn, ((x + b) / 2,), (jnp.ones_like(x),))
    return jnp.where(near, derivative, rise / jnp.where(near, jnp.ones_like(run), run))


def _product(sides: Sides, ds: list) -> jax.Array:
    """`a` and `b` by the mean of the other on both sides: what Shapley gives two factors."""
    (a, b), (a0, b0) = sides.inputs(sides.x), sides.inputs(sides.b)
    return sides.of(ds[0], (b + b0) / 2) + sides.of((a + a0) / 2, ds[1])


def _quotient(sides: Sides, ds: list) -> jax.Array:
    (a, b), (a0, b0) = sides.x, sides.b
    return ds[0] * (1 / b + 1 / b0) / 2 - (a + a0) / 2 * ds[1] / (b * b0)


def _winners(sides: Sides, ds: list) -> jax.Array:
    """The rise above the baseline's largest goes to the input's winner, the fall below it to the baseline's."""
    gaps = [x - b for x, b in zip(sides.inputs(sides.x), sides.inputs(sides.b), strict=True)]
    least = sides.op.name.endswith("min")
    cross = jnp.minimum(sides.y, sides.y0) if least else jnp.maximum(sides.y, sides.y0)
    result = jnp.zeros_like(sides.y)
    for at, part in ((sides.x, cross - sides.y0), (sides.b, sides.y - cross)):
        gap = sides.along(at, gaps)  # of the winner
        near = jnp.abs(gap) <= _near(gap.dtype) * (1 + jnp.abs(sides.y) + jnp.abs(sides.y0))
        share = jnp.where(near, jnp.full_like(gap, 0.5), part / jnp.where(near, jnp.ones_like(gap), gap))
        result += share * sides.along(at, ds)
    return result


def _near(dtype: Any) -> float:
    return float(jnp.finfo(dtype).eps) ** 0.75  # where rounding spoils a ratio more than curvature the derivative


def _missing(sides: Sides, why: str) -> MissingRule:
    several = f"of {sum(sides.active)} values that differ" if sum(sides.active) > 1 else ""
    what = " ".join(filter(None, (sides.op.name, several, why)))
    return MissingRule(
        f"DeepLIFT has no rule for {what} ({sides.where()}). Write the model with operations that have one, or explain "
        f"a part of it: jxai.split(score, tap) gives features and head."
    )


def _schedule(program: Program) -> list[int]:
    live, positions = {ref.number for ref in program.outputs}, []
    for at in reversed(range(len(program.operations))):
        op = program.operations[at]
        if live.intersection(op.outputs):
            live.update(ref.number for ref in op.inputs)
            positions.append(at)
    return positions[::-1]


def _value(values: dict[int, Any], ref: Ref) -> Any:
    return ref.constant if ref.number < 0 else values[ref.number]
