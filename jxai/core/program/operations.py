"""A traced function as a list of operations, what depends on what in it, and how it is run again with changes.

A loop over stacked layers, or a function split over devices, is one operation with a body. Its body is a program of its
own; values inside have numbers of their own. A value inside a loop is, outside of it, the stack of its values over all
iterations.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["Body", "Operation", "Program", "Ref", "leading", "reachable", "replay", "walk", "with_bodies"]


class Ref(NamedTuple):
    """A value of a program: computed, under `number`, or a `constant` written into it (`number` is then -1)."""

    number: int
    constant: Any = None


class Operation(NamedTuple):
    """One operation: `call(*inputs)` gives the tuple of outputs."""

    name: str  # of the primitive, or of the named function (max_pool, ...) where that is kept whole
    inputs: tuple[Ref, ...]
    outputs: tuple[int, ...]
    call: Callable[..., tuple]
    params: Mapping[str, Any]
    equation: Any = None  # its equation in the jaxpr: shapes of its inputs, line of the model
    body: "Body | None" = None

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the inputs as the model wrote them."""
        return [atom.aval.shape for atom in self.equation.invars]


class Program(NamedTuple):
    """A traced function: its operations in order, its inputs, constants and outputs by number."""

    operations: list[Operation]
    inputs: tuple[int, ...]
    x_leaves: int  # the first so many inputs are the leaves of argument 0
    arrays: list[Any]  # the values of the inputs
    constants: dict[int, Any]
    outputs: tuple[Ref, ...]
    tree: Any
    known: dict[int, Any]  # numbers written into the program, also where it spreads them over an array


class Body(NamedTuple):
    """What an operation repeats.

    `run(step, inputs, extras)` runs it with another step. `step(arrays, extra)` returns `(outputs, results)`. Inputs
    and outputs may be pytrees, whose leaves are split or stacked alike; extras and results have a leading axis.
    `around(step, middle, at, inputs)` runs one iteration by itself, as `middle(arrays)`; over devices there is none.
    """

    program: Program
    run: Callable[[Callable, list, Any], tuple[list, Any]]
    around: Callable[[Callable, Callable, int, list], list] | None
    feedback: tuple[tuple[int, int], ...]  # (output, input): what one iteration hands to the next
    length: int
    inside: frozenset[int]  # the numbers of all values inside


def walk(operations: Iterable[Operation]) -> Iterator[Operation]:
    """All operations, those inside bodies too."""
    for op in operations:
        yield op
        if op.body is not None:
            yield from walk(op.body.program.operations)


def with_bodies(operations: list[Operation], change: Callable[[Program], list[Operation]]) -> list[Operation]:
    """The same operations, the bodies among them with changed operations."""

    def changed(op: Operation) -> Operation:
        if op.body is None:
            return op
        program = op.body.program
        return op._replace(body=op.body._replace(program=program._replace(operations=change(program))))

    return [changed(op) for op in operations]


def reachable(operations: list[Operation], start: Iterable[int], *, blind: Container[str] = ()) -> set[int]:
    """Numbers of the values that depend on `start`, not counting paths through operations whose name is `blind`."""
    dependent = set(start)
    for op in operations:
        if op.name not in blind and any(ref.number in dependent for ref in op.inputs):
            dependent.update(_through(op, op.body, dependent, blind) if op.body else op.outputs)
    return dependent


def _through(op: Operation, body: Body, dependent: set[int], blind: Container[str]) -> set[int]:
    program = body.program
    inside = {n for n, ref in zip(program.inputs, op.inputs, strict=True) if ref.number in dependent}
    while True:
        reached = reachable(program.operations, inside, blind=blind)
        returned = {program.inputs[i] for o, i in body.feedback if program.outputs[o].number in reached}
        if returned <= inside:
            outputs = zip(op.outputs, program.outputs, strict=True)
            return reached | {number for number, ref in outputs if ref.number in reached}
        inside |= returned


def leading(
    operations: list[Operation], ends: Iterable[int], passes: Callable[[Operation, int], bool] = lambda op, i: True
) -> set[int]:
    """Numbers of the values that lead to `ends`, through the inputs `(operation, i)` that `passes` lets through."""
    live = set(ends)
    for op in reversed(operations):
        if live.intersection(op.outputs):
            entered = _entered(op, op.body, live, passes) if op.body else range(len(op.inputs))
            live |= {op.inputs[i].number for i in entered if passes(op, i)}
    live.discard(-1)
    return live


def _entered(op: Operation, body: Body, live: set[int], passes: Callable[[Operation, int], bool]) -> list[int]:
    """Which inputs of a body lead to its live outputs; the values inside that do are added to `live`."""
    program = body.program
    ends = {ref.number for number, ref in zip(op.outputs, program.outputs, strict=True) if number in live}
    while True:
        inside = leading(program.operations, ends, passes)
        returned = {program.outputs[o].number for o, i in body.feedback if program.inputs[i] in inside} - {-1}
        if returned <= ends:
            live |= inside
            return [i for i, number in enumerate(program.inputs) if number in inside]
        ends |= returned


def replay(
    program: Program,
    *,
    outputs: Iterable[Ref] | None = None,
    instead: Mapping[int, Callable[..., tuple]] | None = None,
    extras: Mapping[int, Any] | None = None,
    overrides: Mapping[int, Any] | None = None,
    arrays: list[Any] | None = None,
) -> list[Any]:
    """The values of `outputs`; runs only the operations that they need.

    Args:
        program: the traced function.
        outputs: the values to return, those inside bodies stacked; default the program's own.
        instead: by the number of an operation's first output, also inside bodies: a function called in its place.
        extras: by the same number, an array that such a function gets too, after the operation's inputs. Inside a
            body, it has the leading axis of the stack.
        overrides: values by number, in place of the computed ones; operations that only lead to them do not run.
        arrays: the inputs' values; default those of the trace.
    """
    outputs = tuple(program.outputs if outputs is None else outputs)
    instead, extras, overrides = instead or {}, extras or {}, overrides or {}
    arrays = program.arrays if arrays is None else arrays
    values = {**program.constants, **dict(zip(program.inputs, arrays, strict=True)), **overrides}
    wanted = {ref.number for ref in outputs}
    positions, last = _schedule(program, wanted, overrides)

    def value(ref: Ref) -> Any:
        return ref.constant if ref.number < 0 else values[ref.number]

    for position in positions:
        op = program.operations[position]
        inputs, first = [value(ref) for ref in op.inputs], op.outputs[0] if op.outputs else -1
        if op.body and not op.body.inside.isdisjoint(wanted | instead.keys()):
            results, stacks = _run(op.body, inputs, sorted(op.body.inside & wanted), instead, extras)
            values.update(stacks)
        elif first in instead:
            results = instead[first](*inputs, *([extras[first]] if first in extras else []))
        else:
            results = op.call(*inputs)
        values.update((n, r) for n, r in zip(op.outputs, results, strict=True) if n not in overrides)
        for number in last[position]:  # eagerly, an intermediate is freed as soon as nothing needs it
            values.pop(number, None)
    return [value(ref) for ref in outputs]


def _run(body: Body, inputs: list, wanted: list[int], instead: Mapping, extras: Mapping) -> tuple[list, dict]:
    """A body's outputs with changes inside, and the stacks of the values `wanted` from inside."""
    program = body.program
    refs = (*program.outputs, *(Ref(number) for number in wanted))

    def step(arrays: list, extra: dict) -> tuple[list, dict]:
        results = replay(program, outputs=refs, instead=instead, extras=extra, arrays=arrays)
        count = len(program.outputs)
        return results[:count], dict(zip(wanted, results[count:], strict=True))

    return body.run(step, inputs, {number: extras[number] for number in body.inside & extras.keys()})


def _schedule(program: Program, wanted: set[int], overrides: Mapping[int, Any]) -> tuple[list[int], dict]:
    """Positions of the operations that `wanted` needs; for each, numbers of the values that no later one needs."""
    schedule, alive = [], set(wanted)
    last: dict[int, list[int]] = defaultdict(list)
    for position in reversed(range(len(program.operations))):
        operation = program.operations[position]
        holds = operation.body is not None and not operation.body.inside.isdisjoint(wanted)
        if holds or any(number in alive and number not in overrides for number in operation.outputs):
            schedule.append(position)
            for number in {ref.number for ref in operation.inputs} - alive:
                last[position].append(number)
                alive.add(number)
    return schedule[::-1], last
