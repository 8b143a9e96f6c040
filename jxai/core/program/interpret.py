"""Traces a function to a flat list of operations and replays it. The only file that touches `jax.extend`.

Inner `jit`s are inlined unless the model tells the compiler to keep them. Inner `checkpoint`s are inlined where they
hold what the caller looks for. `scan`, `while` and `cond` stay whole.

The list is flat because models write ReLU across `jit` boundaries: it is recognised only where they are gone.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from jxai.core.labels import is_known_integer

WHOLE = frozenset({"max_pool", "depthwise_conv"})  # functions that stay one call, unless `inline_if` holds inside

__all__ = ["WHOLE", "Operation", "Program", "Ref", "reachable", "replay", "trace"]

_CALLS = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr"}
_CHECKPOINTS = {"remat2": "jaxpr", "checkpoint": "jaxpr", "remat": "jaxpr"}
_CUSTOM = {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "custom_vjp_call_jaxpr": "fun_jaxpr"}


class Ref(NamedTuple):
    """A value of a program: computed, under `number`, or a `constant` written into it (`number` is then -1)."""

    number: int
    constant: Any = None


class Operation(NamedTuple):
    """One operation: `call(*inputs)` gives the tuple of outputs."""

    name: str  # of the primitive, or of the named function (relu, silu, ...) where that is kept whole
    inputs: tuple[Ref, ...]
    outputs: tuple[int, ...]
    call: Callable[..., tuple]
    params: Mapping[str, Any]
    equation: Any = None  # its equation in the jaxpr: shapes of its inputs, line of the model


class Program(NamedTuple):
    """A traced function: its operations in order, its inputs, constants and outputs by number."""

    operations: list[Operation]
    inputs: tuple[int, ...]
    x_leaves: int  # the first so many inputs are the leaves of argument 0
    arrays: list[Any]  # the values of the inputs
    constants: dict[int, Any]
    outputs: tuple[Ref, ...]
    tree: Any


def trace(
    fn: Callable,
    args: tuple,
    *,
    named: Iterable[str] = (),
    inline_if: Callable[[list[Operation]], bool] = lambda operations: False,
    custom: bool = False,
    flat: bool = False,
) -> Program:
    """The program of `fn(*args)`.

    Args:
        fn: any function that JAX can trace.
        args: its positional arguments. Leaves that are not arrays (numbers, strings) stay Python values, and integers
            that can be seen stay so, except in argument 0.
        named: names of functions kept whole (a `custom_jvp`, `custom_vjp` or `jit` function called so).
        inline_if: whether a list of operations holds what the caller looks for; a function that does is inlined.
        custom: inline such functions even where they have derivatives of their own, instead of raising.
        flat: inline every function that is not named; loops and branches stay whole and are not searched.

    Raises:
        NotImplementedError: what the caller looks for stands inside `scan`, `while`, `cond`, or a function with a
            custom derivative.
    """
    leaves, tree = jax.tree.flatten(args)
    first = len(jax.tree.leaves(args[:1]))
    # argument 0 is differentiated, so all of it is traced; elsewhere strings, functions and sizes stay Python values
    dynamic = [i < first or hasattr(leaf, "dtype") and not is_known_integer(leaf) for i, leaf in enumerate(leaves)]
    # labels keep their values, so that a score can check them; an index that is traced needs JAX's arrays
    leaves = [jax.numpy.asarray(leaf) if is_known_integer(leaf) else leaf for leaf in leaves]
    arrays = [leaf for leaf, keep in zip(leaves, dynamic, strict=True) if keep]

    def of_arrays(*arrays: Any) -> Any:
        rest = iter(arrays)
        return fn(*jax.tree.unflatten(tree, [next(rest) if d else v for v, d in zip(leaves, dynamic, strict=True)]))

    closed, shapes = jax.make_jaxpr(of_arrays, return_shape=True)(*arrays)
    reader = _Reader(frozenset(named), inline_if, custom, flat)
    inputs = tuple(reader.new() for _ in closed.jaxpr.invars)
    operations, outputs = reader.read(closed, [Ref(number) for number in inputs])
    return Program(operations, inputs, first, arrays, reader.constants, tuple(outputs), jax.tree.structure(shapes))


class _Reader:
    """Reads jaxprs into operations; numbers the values, because one jaxpr may be called more than once."""

    def __init__(self, named: frozenset[str], inline_if: Callable[[list[Operation]], bool], custom: bool, flat: bool):
        self.named, self.inline_if, self.custom, self.flat = named, inline_if, custom, flat
        self.constants: dict[int, Any] = {}
        self.count = 0

    def new(self) -> int:
        self.count += 1
        return self.count - 1

    def read(self, closed: ClosedJaxpr, arguments: list[Ref]) -> tuple[list[Operation], list[Ref]]:
        refs: dict[Any, Ref] = dict(zip(closed.jaxpr.invars, arguments, strict=True))
        for var, value in zip(closed.jaxpr.constvars, closed.consts, strict=True):
            refs[var] = Ref(self.new())
            self.constants[refs[var].number] = value

        def ref(atom: Any) -> Ref:
            return Ref(-1, atom.val) if isinstance(atom, Literal) else refs[atom]

        operations: list[Operation] = []
        for equation in closed.jaxpr.eqns:
            inner, outputs = self.equation(equation, [ref(atom) for atom in equation.invars])
            operations += inner
            refs.update(zip(equation.outvars, outputs, strict=True))
        return operations, [ref(atom) for atom in closed.jaxpr.outvars]

    def equation(self, equation: Any, inputs: list[Ref]) -> tuple[list[Operation], list[Ref]]:
        primitive, params = equation.primitive.name, equation.params
        calls = _CALLS | _CHECKPOINTS | _CUSTOM
        body = params[calls[primitive]] if primitive in calls else None
        name = _function_name(primitive, params, body)
        if body is None:
            if not self.flat:
                self.refuse_hidden(primitive, params)
        elif name not in self.named:
            operations, outputs = self.read(_closed(body), inputs)
            if self.flat:
                return operations, outputs
            # a named function stays one call, so that rules find it in a head or an edited program, too; and so does a
            # call that the compiler keeps apart, which would be slower if it were fused with its neighbours
            if self.inline_if(operations) or (primitive in _CALLS and name not in WHOLE and not _apart(equation)):
                if primitive in _CUSTOM and not self.custom:
                    raise NotImplementedError(_inside(f"{primitive} (the function {name!r})"))
                return operations, outputs
        outputs = tuple(self.new() for _ in equation.outvars)
        label = name if name in self.named else primitive
        operation = Operation(label, tuple(inputs), outputs, _call(equation), params, equation)
        return [operation], [Ref(number) for number in outputs]

    def refuse_hidden(self, primitive: str, params: Mapping[str, Any]) -> None:
        """Raise if a loop or branch, which stays whole, holds what the caller looks for."""
        for param in params.values():
            for inner in param if isinstance(param, tuple | list) else (param,):
                if isinstance(inner, ClosedJaxpr | Jaxpr):
                    closed = _closed(inner)
                    operations, _ = self.read(closed, [Ref(self.new()) for _ in closed.jaxpr.invars])
                    if self.inline_if(operations):
                        raise NotImplementedError(_inside(primitive))


def replay(
    program: Program,
    *,
    outputs: Iterable[Ref] | None = None,
    instead: Mapping[int, Callable[..., tuple]] | None = None,
    overrides: Mapping[int, Any] | None = None,
    arrays: list[Any] | None = None,
) -> list[Any]:
    """The values of `outputs`; runs only the operations that they need.

    Args:
        program: the traced function.
        outputs: the values to return; default the program's own.
        instead: for the operation at this position, a function called in place of its own.
        overrides: values by number, in place of the computed ones; operations that only lead to them do not run.
        arrays: the inputs' values; default those of the trace.
    """
    outputs = tuple(program.outputs if outputs is None else outputs)
    instead, overrides = instead or {}, overrides or {}
    arrays = program.arrays if arrays is None else arrays
    values = {**program.constants, **dict(zip(program.inputs, arrays, strict=True)), **overrides}
    positions, last = _schedule(program, outputs, overrides)

    def value(ref: Ref) -> Any:
        return ref.constant if ref.number < 0 else values[ref.number]

    for position in positions:
        operation = program.operations[position]
        call = instead.get(position, operation.call)
        results = call(*(value(ref) for ref in operation.inputs))
        values.update((n, r) for n, r in zip(operation.outputs, results, strict=True) if n not in overrides)
        for number in last[position]:  # eagerly, an intermediate is freed as soon as nothing needs it
            values.pop(number, None)
    return [value(ref) for ref in outputs]


def _schedule(program: Program, outputs: tuple[Ref, ...], overrides: Mapping[int, Any]) -> tuple[list[int], dict]:
    """Positions of the operations that `outputs` need; for each, numbers of the values that no later one needs."""
    schedule, alive = [], {ref.number for ref in outputs}
    last: dict[int, list[int]] = defaultdict(list)
    for position in reversed(range(len(program.operations))):
        operation = program.operations[position]
        if any(number in alive and number not in overrides for number in operation.outputs):
            schedule.append(position)
            for number in {ref.number for ref in operation.inputs} - alive:
                last[position].append(number)
                alive.add(number)
    return schedule[::-1], last


def reachable(operations: list[Operation], start: Iterable[int], *, blind: Container[str] = ()) -> set[int]:
    """Numbers of the values that depend on `start`, not counting paths through operations whose name is `blind`."""
    dependent = set(start)
    for operation in operations:
        if operation.name not in blind and any(ref.number in dependent for ref in operation.inputs):
            dependent.update(operation.outputs)
    return dependent


def _call(equation: Any) -> Callable[..., tuple]:
    """The equation as a function of its inputs."""

    def call(*values: Any) -> tuple:
        # functions with derivatives of their own bind functions, not jaxprs: JAX turns the params back
        bound = equation.primitive.get_bind_params(equation.params)
        functions, params = bound if isinstance(bound, tuple) else ((), bound)  # a pair before jax 0.10
        with equation.ctx.manager:
            results = equation.primitive.bind(*functions, *values, **params)
        return tuple(results) if equation.primitive.multiple_results else (results,)

    return call


def _apart(equation: Any) -> bool:
    """Whether the model asks the compiler to keep a call (`set_xla_metadata(inlineable="false")`)."""
    metadata = getattr(equation.ctx, "xla_metadata", None)
    return dict(getattr(metadata, "val", metadata) or {}).get("inlineable") == "false"


def _function_name(primitive: str, params: Mapping[str, Any], body: Any) -> str | None:
    if primitive in _CUSTOM:
        return _closed(body).jaxpr.debug_info.func_src_info.split(" at ")[0]
    return params.get("name") if primitive in _CALLS else None


def _closed(jaxpr: Any) -> ClosedJaxpr:
    return jaxpr if isinstance(jaxpr, ClosedJaxpr) else ClosedJaxpr(jaxpr, ())


def _inside(place: str) -> str:
    return (
        f"a tap or ruled operation stands inside {place}, which is kept whole; unroll it (a Python loop over the "
        f"layers), or move the tap out of it."
    )
