"""Where an operation stands in a model. Composites choose rules by it, and errors name it."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp

from jxai.core.errors import MissingRule
from jxai.core.program.activations import fuse_activations
from jxai.core.program.affine import join_layers
from jxai.core.program.elementwise import BLIND, STEPS
from jxai.core.program.interpret import WHOLE, trace
from jxai.core.program.linearity import is_linear
from jxai.core.program.marks import TAP
from jxai.core.program.normalisers import normalisers
from jxai.core.program.operations import Operation, Program, leading, reachable, walk, with_bodies
from jxai.core.program.softmax import fuse_softmax

__all__ = [
    "LINEAR",
    "Place",
    "joined",
    "levels",
    "missing_rule",
    "places",
    "recognise",
    "remedy_for",
    "stands",
    "trace_layers",
]

# depthwise_conv: a named function under which a model keeps its depthwise convolution, however it is computed
LINEAR = frozenset({"dot_general", "conv_general_dilated", "depthwise_conv"})
_BLIND = BLIND - STEPS  # a value that jumps is an activation like others: relevance passes it
# frames of these are machinery; jxai/models is not among them, because its lines are the model's
_PACKAGES = ("jax", "jaxlib", "flax", "jxai/core", "jxai/rules", "jxai/explainers", "jxai/metrics")


class Place(NamedTuple):
    """One operation on a path from the input to the score: the argument of a composite.

    Attributes:
        name: of the operation: a primitive, or `relu`, `max_pool`, `depthwise_conv`, `softmax` (its logarithm too),
            `logsumexp`, or `activation` for any function of one value that the model writes in several operations.
        index: its number among those of its name, in the order of the forward pass.
        first: a linear layer that the input reaches through no other one.
        last: a linear layer that reaches the score through no other one.
        grid: a layer over two or more axes of space: a convolution, or a dot product that is one (1x1).
        active: which inputs depend on what is explained; a normaliser (of layer normalisation) counts as constant.
        params: of the operation.
        linear: whether it is linear in its active inputs, a constant that is added aside.
        complex: whether an active input is complex.
        where: in words, for a message.
    """

    name: str
    index: int
    first: bool
    last: bool
    grid: bool
    active: tuple[bool, ...]
    params: Mapping[str, Any]
    linear: bool
    complex: bool
    where: str


def trace_layers(fn: Callable, args: tuple) -> tuple[Program, set[int]]:
    """The program of `fn(*args)` with activations, softmax and layers each as one operation; the active numbers."""
    program = recognise(trace(fn, args, named=WHOLE, library=True, flat=True))
    active = reachable(program.operations, program.inputs[: program.x_leaves], blind=_BLIND)
    return joined(program, active), active


def recognise(program: Program) -> Program:
    """The program with activations and softmax each as one operation."""
    depends = reachable(program.operations, program.inputs[: program.x_leaves])
    # softmax before activations, which would take parts of it
    program = program._replace(operations=fuse_softmax(program, depends))
    return program._replace(operations=fuse_activations(program, depends))


def joined(program: Program, active: set[int], names: frozenset[str] = LINEAR) -> Program:
    """The program with the layers in `names` each as one operation with the affine ones that follow."""
    operations = with_bodies(program.operations, lambda body: joined(body, active, names).operations)
    return program._replace(operations=join_layers(operations, active, program.outputs, names))


def places(program: Program, active: set[int]) -> dict[int, Place]:
    """The place of every operation through which the input reaches the score, by the number of its first output.

    Operations inside a loop have one place for all iterations. `first` and `last` hold there if they do in one of them.
    """
    every = list(walk(program.operations))
    constants = {divisor for operations in levels(program) for divisor in normalisers(operations, active)}
    ends = {ref.number for ref in program.outputs if ref.number in active}

    def passes(op: Operation, i: int) -> bool:
        number = op.inputs[i].number
        return number in active and (not op.outputs or (op.outputs[0], i) not in constants)

    reaching = leading(program.operations, ends, passes)
    early = reachable(program.operations, program.inputs[: program.x_leaves], blind=_BLIND | LINEAR)
    late = leading(program.operations, ends, lambda op, i: passes(op, i) and op.name not in LINEAR)
    count: Counter[str] = Counter()
    place_of = {}
    for at, op in enumerate(every):
        which = tuple(passes(op, i) for i in range(len(op.inputs)))
        if op.body is None and any(which) and reaching.intersection(op.outputs):
            layer = op.name in LINEAR
            first = layer and any(ref.number in early for ref, a in zip(op.inputs, which, strict=True) if a)
            last = layer and bool(late.intersection(op.outputs))
            place_of[op.outputs[0]] = Place(
                op.name, count[op.name], first, last, _grid(op, which), which, op.params, is_linear(op, which),
                _is_complex(op, which), stands(every, at),
            )  # fmt: skip
            count[op.name] += 1
    return place_of


def levels(program: Program) -> list[list[Operation]]:
    """The lists of operations of a program: its own, and those of the bodies in it."""
    inner = [op.body.program for op in program.operations if op.body]
    return [program.operations, *(level for body in inner for level in levels(body))]


def _is_complex(op: Operation, which: tuple[bool, ...]) -> bool:
    avals = [atom.aval for atom in op.equation.invars] if op.equation is not None else []
    return any(jnp.issubdtype(a.dtype, jnp.complexfloating) for a, active in zip(avals, which, strict=False) if active)


def _grid(op: Operation, which: tuple[bool, ...]) -> bool:
    if op.name != "dot_general":
        return op.name in LINEAR
    if sum(which) != 1:
        return False
    at = which.index(True)
    contraction, batch = op.equation.params["dimension_numbers"]
    shape = op.equation.invars[at].aval.shape
    # a 1x1 convolution is a dot product whose input keeps two or more axes of space
    free = [n for axis, n in enumerate(shape) if axis not in (*contraction[at], *batch[at]) and n > 1]
    return len(free) > 1


def stands(operations: list[Operation], at: int) -> str:
    """Where an operation stands: the line of the model, and the last tap before it."""
    taps = [op.params["name"] for op in operations[:at] if op.name == TAP]
    after = f"after the tap {taps[-1]!r}" if taps else "before any tap"
    return f"{_line(operations[at].equation)}, {after}"


def _line(equation: Any) -> str:
    """The innermost line of the traceback that is neither JAX's nor this library's machinery."""
    traceback = getattr(getattr(equation, "source_info", None), "traceback", None)
    for frame in traceback.frames if traceback is not None else ():
        path = Path(frame.file_name).as_posix()
        if not any(f"/{package}/" in path for package in _PACKAGES):
            return f"in {frame.function_name}, {Path(path).name} line {frame.line_num}"
    return "at an unknown line"


def missing_rule(place: Place, what: str) -> MissingRule:
    """The error for an operation that a composite, or a method, has no rule for."""
    several = f" of {sum(place.active)} values that depend on x" if sum(place.active) > 1 else ""
    return MissingRule(
        f"{what} has no rule for {place.name}{several} ({place.where}). {remedy_for(place.name)}: "
        f"jxai.split(score, tap) gives features and head."
    )


def remedy_for(name: str) -> str:
    """What a user can do about an operation that has no rule."""
    return _REMEDIES.get(name, "Write the model with operations that have one, or explain a part of it")


_DECLARED = (
    "It is a function that declares another derivative than it has: name a rule for it in with_rules, write its "
    "operations out, or explain a part of the model"
)
_REMEDIES = {
    "custom_vjp_call": _DECLARED,
    "custom_jvp_call": _DECLARED,
    "while": "Give the loop a fixed length (lax.fori_loop, lax.scan), or explain a part of the model",
    "cond": "Write the predicate as a Python value, choose by jnp.where, or explain a part of the model",
}
