"""Where an operation stands in a model. Composites choose rules by it, and errors name it."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jxai.core.errors import MissingRule
from jxai.core.program.affine import join_layers
from jxai.core.program.elementwise import BLIND, fuse_activations, fuse_softmax, normalisers
from jxai.core.program.interpret import WHOLE, Operation, Program, reachable, trace
from jxai.core.program.patterns import name_relus

__all__ = ["KEPT", "LINEAR", "Place", "missing_rule", "places", "stands", "trace_layers"]

# depthwise_conv: a named function under which a model keeps its depthwise convolution, however it is computed
LINEAR = frozenset({"dot_general", "conv_general_dilated", "depthwise_conv"})
KEPT = WHOLE | {"relu"}  # named functions for which a composite gives one rule
# frames of these are machinery; jxai/models is not among them, because its lines are the model's
_PACKAGES = ("jax", "jaxlib", "flax", "jxai/core", "jxai/explainers", "jxai/metrics")


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
        where: in words, for a message.
    """

    name: str
    index: int
    first: bool
    last: bool
    grid: bool
    active: tuple[bool, ...]
    params: Mapping[str, Any]
    where: str


def trace_layers(fn: Callable, args: tuple) -> tuple[Program, set[int]]:
    """The program of `fn(*args)` with activations, softmax and layers each as one operation; the active numbers."""
    program = trace(fn, args, named=KEPT, flat=True)
    start = program.inputs[: program.x_leaves]
    # softmax before activations, which would take parts of it; layers last, because they need to know what is active
    operations = fuse_softmax(program.operations, start)
    operations = fuse_activations(name_relus(operations, program.constants), start)
    active = reachable(operations, start, blind=BLIND)
    operations = join_layers(operations, active, program.outputs, LINEAR)
    return program._replace(operations=operations), active


def places(program: Program, active: set[int]) -> dict[int, Place]:
    """The place of every operation through which the input reaches the score, by position."""
    operations = program.operations
    constants = normalisers(operations, active)
    reaching = _reaching(program, active, constants)
    early = reachable(operations, program.inputs[: program.x_leaves], blind=BLIND | LINEAR)
    late = _reaching(program, active, constants, LINEAR)
    count: Counter[str] = Counter()
    place_at = {}
    for at, op in enumerate(operations):
        which = tuple(ref.number in active and (at, i) not in constants for i, ref in enumerate(op.inputs))
        if any(which) and reaching.intersection(op.outputs):
            linear = op.name in LINEAR
            first = linear and any(ref.number in early for ref, a in zip(op.inputs, which, strict=True) if a)
            last = linear and bool(late.intersection(op.outputs))
            place_at[at] = Place(
                op.name, count[op.name], first, last, _grid(op, which), which, op.params,
                stands(operations, at),
            )  # fmt: skip
            count[op.name] += 1
    return place_at


def _reaching(
    program: Program, active: set[int], constants: set[tuple[int, int]], stop: frozenset[str] = frozenset()
) -> set:
    """Numbers of the active values that reach the output, not counting paths through operations named in `stop`."""
    reaching = {ref.number for ref in program.outputs if ref.number in active}
    for at in reversed(range(len(program.operations))):
        op = program.operations[at]
        if reaching.intersection(op.outputs) and op.name not in stop:
            reaching |= {r.number for i, r in enumerate(op.inputs) if r.number in active and (at, i) not in constants}
    return reaching


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
    taps = [op.params["name"] for op in operations[:at] if op.name == "name"]
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
        f"{what} has no rule for {place.name}{several} ({place.where}). Write the model with operations that have one, "
        f"or explain a part of it: jxai.split(score, tap) gives features and head."
    )
