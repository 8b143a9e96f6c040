"""Names what a region of a program computes: ReLU in any spelling, or an activation function as one operation."""

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp

from jxai.core.program.constants import number_of
from jxai.core.program.operations import Operation, Program, Ref, leading, with_bodies
from jxai.core.program.probe import Match, probe
from jxai.core.program.regions import Region, between, exits, producers, regions

__all__ = ["doubtful", "fuse_activations", "name_relus", "prune", "relus"]


def fuse_activations(program: Program, depends: set[int]) -> list[Operation]:
    """The operations; every function of one number that is written in several of them becomes one.

    Its name is `"relu"` if it is `c max(x, 0)` with `c > 0`, else `"activation"`. Its first input is the number.
    Functions that are affine (a change of scale) stay as they are, and so do single operations.
    """

    def fuse(region: Region) -> Operation | None:
        if len(region.operations) == 1 and not _relu_of(region, program):
            return None
        what = probe(region, program.known, region.avals[0].dtype)
        name = "relu" if _relu_of(region, program) else "activation"
        return None if what.affine else region.as_one(name, {"computes": region.key()})

    fused = {region.result: fuse(region) for region in _regions(program, depends)}
    operations = [
        (len(op.outputs) == 1 and fused.get(op.outputs[0])) or op
        for op in with_bodies(program.operations, lambda body: fuse_activations(body, depends))
    ]
    return prune(operations, program.outputs)


def name_relus(
    program: Program, depends: set[int], fresh: Iterator[int], acts: Callable[[int], bool]
) -> list[Operation]:
    """The operations; every ReLU on the way from x is one named `"relu"`, in any spelling, with what is left of it.

    `min(relu(x), 6)` are two operations then, however they are written; `fresh` gives numbers for values between.
    `acts` says whether a value is one of features on the way to the score.
    """
    replaced: dict[int, list[Operation]] = {}
    for region, match in relus(program, depends, deep=False):
        op = region.operations[match.value - 1]
        if acts(op.outputs[0]) and op.outputs[0] not in replaced:
            source = region.source if match.of == 0 else region.operations[match.of - 1].outputs[0]
            replaced[op.outputs[0]] = _relu_and_rest(op, source, match, fresh)

    def changed(op: Operation) -> list[Operation]:
        return replaced.get(op.outputs[0], [op]) if len(op.outputs) == 1 else [op]

    inner = with_bodies(program.operations, lambda body: name_relus(body, depends, fresh, acts))
    return [new for op in inner for new in changed(op)]


def relus(program: Program, depends: set[int], *, deep: bool = True) -> Iterator[tuple[Region, Match]]:
    """The ReLUs of a program, each with the region that it stands in; also those in bodies if `deep`."""
    for region in _regions(program, depends):
        for match in probe(region, program.known, region.avals[0].dtype).relus:
            yield region, match
    for op in program.operations if deep else ():
        if op.body:
            yield from relus(op.body.program, depends)


def doubtful(program: Program, depends: set[int], acts: Callable[[int], bool]) -> list[Operation]:
    """Operations that are a ReLU if a value that is not written into the model happens to be 0."""
    found = [
        op
        for op in program.operations
        if op.name in ("max", "min") and len(op.outputs) == 1 and acts(op.outputs[0])
        and [ref.number in depends for ref in op.inputs].count(True) == 1
        and any(number_of(ref, program.known) is None for ref in op.inputs if ref.number not in depends)
    ]  # fmt: skip
    inner = [op.body.program for op in program.operations if op.body]
    return found + [op for body in inner for op in doubtful(body, depends, acts)]


def prune(operations: list[Operation], outputs: tuple[Ref, ...]) -> list[Operation]:
    """The operations that something still takes the results of."""
    live = leading(operations, {ref.number for ref in outputs})
    return [op for op in operations if live.intersection(op.outputs)]


def _regions(program: Program, depends: set[int]) -> list[Region]:
    source, producer = regions(program.operations, depends, program.known), producers(program.operations)
    ends = exits(program.operations, source, program.outputs)
    return [between(source[number], number, producer, depends) for number in ends]


def _relu_of(region: Region, program: Program) -> bool:
    """Whether the whole region is `c max(x, 0)`, `c > 0`."""
    return any(
        match.value == len(region.operations) and match.of == 0 and match.top is None and match.scale > 0
        for match in probe(region, program.known, region.avals[0].dtype).relus
    )


def _relu_and_rest(op: Operation, source: int, match: Match, fresh: Iterator[int]) -> list[Operation]:
    dtype, (number,) = op.equation.outvars[0].aval.dtype, op.outputs
    # whatever the spelling, the derivative at 0 is 0: that of a bare `max(x, 0)` would be 1/2
    relu = Operation("relu", (Ref(source),), op.outputs, lambda x: (jax.nn.relu(x).astype(dtype),), {}, op.equation)
    if match.scale == 1 and match.top is None:
        return [relu]
    between_them = next(fresh)

    def rest(x: jax.Array) -> tuple:
        bounded = x if match.top is None else jnp.minimum(x, jnp.asarray(match.top, x.dtype))
        return ((bounded * jnp.asarray(match.scale, x.dtype)).astype(dtype),)

    relu = relu._replace(outputs=(between_them,))
    return [relu, Operation("scaled", (Ref(between_them),), (number,), rest, {}, op.equation)]
