"""Functions of one number that a model writes in several operations: where each begins and ends.

`x * sigmoid(x)`, `0.5 * (1 + tanh(a))`, a `where` of two branches: all of them come, number by number, from one value.
Such a region reaches back as far as operations on that value and on numbers written into the model go. A value that the
model adds (a bias) or multiplies by (a scale) ends it: that is a layer's.
"""

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax.numpy as jnp

from jxai.core.program.bodies import closed
from jxai.core.program.constants import number_of
from jxai.core.program.derivatives import CUSTOM
from jxai.core.program.elementwise import ELEMENTWISE
from jxai.core.program.operations import Operation, Ref

__all__ = ["Producers", "Region", "between", "dominated", "exits", "regions"]


Producers = Mapping[int, tuple[int, Operation]]


class Region(NamedTuple):
    """The operations from a value `source` to a value `result`, in order, and the other values that they take."""

    source: int
    result: int
    operations: list[Operation]
    others: tuple[Ref, ...]

    @property
    def avals(self) -> list[Any]:
        """Shape and dtype of the source and of `others`."""
        pairs = [pair for op in self.operations for pair in zip(op.inputs, op.equation.invars, strict=True)]
        aval_of = {ref.number: atom.aval for ref, atom in pairs}
        return [aval_of[number] for number in (self.source, *(ref.number for ref in self.others))]

    def key(self, *, shapes: bool = False) -> tuple:
        """The region without its numbers: equal for equal ones of all layers; with the shapes of inputs, if asked."""
        place: dict[int, Any] = {n: -2 - i for i, n in enumerate([self.source, *(ref.number for ref in self.others)])}
        place |= {n: (i, j) for i, op in enumerate(self.operations) for j, n in enumerate(op.outputs)}
        return tuple(
            (op.name, str(op.params), *([str([atom.aval for atom in op.equation.invars])] if shapes else []),
             *(str(ref.constant) if ref.number < 0 else place[ref.number] for ref in op.inputs))
            for op in self.operations
        )  # fmt: skip

    def as_one(self, name: str, params: Mapping[str, Any]) -> Operation:
        """The region as one operation, whose first input is the source."""
        last = self.operations[-1]
        equation = SimpleNamespace(
            invars=[SimpleNamespace(aval=aval) for aval in self.avals], outvars=last.equation.outvars,
            source_info=last.equation.source_info, params=params,
        )  # fmt: skip
        return Operation(name, (Ref(self.source), *self.others), last.outputs, self.call, params, equation)

    def call(self, x: Any, *others: Any) -> tuple:
        """The result, for other values of the source and of `others`."""
        return (self.values(x, *others)[self.result],)

    def values(self, x: Any, *others: Any) -> dict[int, Any]:
        """All values of the region, by number."""
        values_of = {self.source: x, **dict(zip((ref.number for ref in self.others), others, strict=True))}
        for op in self.operations:
            inputs = [ref.constant if ref.number < 0 else values_of[ref.number] for ref in op.inputs]
            results = op.call(*_alike(inputs, op.shapes, jnp.shape(x)))
            values_of.update(zip(op.outputs, results, strict=True))
        return values_of


def regions(operations: list[Operation], depends: set[int], known: Mapping[int, Any]) -> dict[int, int]:
    """For each value that is a function of one earlier number, the value that it is a function of."""
    producer = producers(operations)
    source: dict[int, int] = {}
    for op in operations:
        moving = {ref.number for ref in op.inputs if ref.number in depends}
        if not moving or not _is_elementwise(op):
            continue
        sources = {source.get(number, number) for number in moving}
        others = [ref for ref in op.inputs if ref.number not in depends]
        written = all(number_of(ref, known) is not None for ref in others)
        if len(sources) == 1 and written:
            source[op.outputs[0]] = sources.pop()
        elif len(moving) > 1 and (start := dominated(op, producer, depends, _is_elementwise)) is not None:
            source[op.outputs[0]] = source.get(start, start)
    return source


def producers(operations: Iterable[Operation]) -> Producers:
    """Which operation, and at which position, makes a value."""
    return {number: (at, op) for at, op in enumerate(operations) for number in op.outputs}


def dominated(
    op: Operation,
    producer: Producers,
    depends: set[int],
    through: Callable[[Operation], bool],
) -> int | None:
    """The nearest value through which alone an operation depends on the input; None where there is none.

    Only operations that `through` accepts are looked through.
    """
    frontier = {ref.number for ref in op.inputs if ref.number in depends}
    # The latest operation goes first: what it depends on comes earlier, so a value is expanded only after all its uses.
    while len(frontier) > 1:
        at, latest = max((producer.get(n, (-1, op)) for n in frontier), key=lambda pair: pair[0])
        if at < 0 or not through(latest):
            return None  # an input, or an operation that mixes places: no function of one number
        frontier -= set(latest.outputs)
        frontier |= {ref.number for ref in latest.inputs if ref.number in depends}
    return next(iter(frontier), None)


def exits(operations: list[Operation], source: Mapping[int, int], outputs: Iterable[Ref]) -> list[int]:
    """Values that are functions of one number, and that something else than a larger such function takes."""
    taken = {ref.number for ref in outputs}
    for op in operations:
        own = source.get(op.outputs[0]) if len(op.outputs) == 1 else None
        taken |= {ref.number for ref in op.inputs if own is None or own != source.get(ref.number)}
    return sorted(taken & source.keys())


def between(start: int, result: int, producer: Producers, depends: set[int]) -> Region:
    """The region from one value to another."""
    at: dict[int, Operation] = {}
    open_numbers = [result]
    while open_numbers:
        position, op = producer[open_numbers.pop()]
        if position not in at:
            at[position] = op
            open_numbers += [r.number for r in op.inputs if r.number in depends and r.number != start]
    operations = [at[position] for position in sorted(at)]
    inside = {start, -1}.union(*(op.outputs for op in operations))
    others = {ref.number: ref for op in operations for ref in op.inputs if ref.number not in inside}
    return Region(start, result, operations, tuple(others.values()))


def _alike(inputs: list, shapes: list[tuple[int, ...]], shape: tuple[int, ...]) -> list:
    """The inputs; numbers in place of arrays are repeated to `shape`."""
    return [jnp.broadcast_to(v, shape) if s and not jnp.ndim(v) else v for v, s in zip(inputs, shapes, strict=True)]


def _is_elementwise(op: Operation) -> bool:
    """Whether an operation computes each number of its result from the numbers at the same place."""
    if len(op.outputs) != 1 or not (op.name in ELEMENTWISE or op.name in CUSTOM and _holds_elementwise(op)):
        return False
    shape = op.equation.outvars[0].aval.shape
    if any(jnp.issubdtype(v.aval.dtype, jnp.complexfloating) for v in (*op.equation.invars, *op.equation.outvars)):
        return False  # two numbers
    if any(jnp.issubdtype(atom.aval.dtype, jnp.integer) for atom in op.equation.invars):
        return False  # a count: no grid of numbers tells what is done with it
    # a number may be spread over a result, an array may not
    return all(s in ((), shape) for s in op.shapes) and shape in op.shapes


def _holds_elementwise(op: Operation) -> bool:
    """Whether a function that declares its own derivative is one of single numbers."""
    jaxpr = closed(op.params[CUSTOM[op.name]]).jaxpr
    shapes = {v.aval.shape for equation in jaxpr.eqns for v in (*equation.invars, *equation.outvars)}
    return len(shapes - {()}) <= 1 and all(equation.primitive.name in ELEMENTWISE for equation in jaxpr.eqns)
