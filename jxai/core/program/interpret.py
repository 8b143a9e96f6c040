"""Traces a function to a list of operations.

Inner `jit`s are inlined unless the model tells the compiler to keep them. Inner `checkpoint`s are inlined where they
hold what the caller looks for. A `cond` whose predicate is written into the model is the branch it takes. `scan` and
`shard_map` are one operation with a body, `while` and other `cond`s stay whole.

The list is flat because models write ReLU across `jit` boundaries: it is recognised only where they are gone.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import jax
from jax import lax
from jax.extend.core import ClosedJaxpr, Literal

from jxai.core.labels import is_known_integer
from jxai.core.program.bodies import closed, is_jaxpr, open_body
from jxai.core.program.constants import folded, number_of, uniform
from jxai.core.program.derivatives import CUSTOM, bind, declares_its_own, source_of
from jxai.core.program.elementwise import BINARY
from jxai.core.program.operations import Operation, Program, Ref

WHOLE = frozenset({"max_pool", "depthwise_conv"})  # jxai's own functions that stay one call

__all__ = ["WHOLE", "arrays_of", "trace"]

_CALLS = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr"}
_CHECKPOINTS = {"remat2": "jaxpr", "checkpoint": "jaxpr", "remat": "jaxpr"}


def trace(
    fn: Callable,
    args: tuple,
    *,
    named: Iterable[str] = (),
    inline_if: Callable[[list[Operation]], bool] = lambda operations: False,
    library: bool = False,
    custom: bool = False,
    flat: bool = False,
) -> Program:
    """The program of `fn(*args)`.

    Args:
        fn: any function that JAX can trace.
        args: its positional arguments. Leaves that are not arrays (numbers, strings) stay Python values, and integers
            that can be seen stay so, except in argument 0.
        named: names of functions kept whole (a `custom_jvp`, `custom_vjp` or `jit` function called so).
        library: whether only functions of JAX and of this library count as named: a model's own may be others.
        inline_if: whether a list of operations holds what the caller looks for; a function that does is inlined.
        custom: look into functions that declare another derivative than they have.
        flat: inline every function that is not named, but for those; branches and `while` loops are not searched.

    Raises:
        NotImplementedError: what the caller looks for stands inside `while`, `cond`, or a function that declares
            another derivative than it has.
    """
    leaves, tree = jax.tree.flatten(args)
    # labels keep their values, so that a score can check them; an index that is traced needs JAX's arrays
    leaves = [jax.numpy.asarray(leaf) if is_known_integer(leaf) else leaf for leaf in leaves]
    dynamic, arrays = _dynamic(args), arrays_of(args)

    def of_arrays(*arrays: Any) -> Any:
        rest = iter(arrays)
        return fn(*jax.tree.unflatten(tree, [next(rest) if d else v for v, d in zip(leaves, dynamic, strict=True)]))

    jaxpr, shapes = jax.make_jaxpr(of_arrays, return_shape=True)(*arrays)
    reader = _Reader(frozenset(named), library, inline_if, custom, flat)
    program = reader.program(jaxpr)
    return program._replace(x_leaves=len(jax.tree.leaves(args[:1])), arrays=arrays, tree=jax.tree.structure(shapes))


def arrays_of(args: tuple) -> list:
    """The leaves of a function's arguments that a trace of it takes as inputs."""
    return [leaf for leaf, traced in zip(jax.tree.leaves(args), _dynamic(args), strict=True) if traced]


def _dynamic(args: tuple) -> list[bool]:
    """Argument 0 is differentiated: all of it is traced. Elsewhere strings, functions, sizes and labels keep values."""
    first = len(jax.tree.leaves(args[:1]))
    leaves = enumerate(jax.tree.leaves(args))
    return [i < first or hasattr(leaf, "dtype") and not is_known_integer(leaf) for i, leaf in leaves]


class _Reader:
    """Reads jaxprs into operations; numbers the values, because one jaxpr may be called more than once."""

    def __init__(
        self,
        named: frozenset[str],
        library: bool,
        inline_if: Callable[[list[Operation]], bool],
        custom: bool,
        flat: bool,
    ):
        self.named, self.library, self.inline_if = named, library, inline_if
        self.custom, self.flat = custom, flat
        self.constants: dict[int, Any] = {}
        self.known: dict[int, Any] = {}
        self.count = 0

    def new(self) -> int:
        self.count += 1
        return self.count - 1

    def program(self, jaxpr: ClosedJaxpr, same: tuple[Ref, ...] = ()) -> Program:
        """A program of its own; its first inputs are the same values as the ones given."""
        begin, inputs = self.count, tuple(self.new() for _ in jaxpr.jaxpr.invars)
        self.learn(inputs, [number_of(ref, self.known) for ref in same])
        operations, outputs = self.read(jaxpr, [Ref(number) for number in inputs])
        constants = {number: value for number, value in self.constants.items() if number >= begin}
        return Program(operations, inputs, 0, [], constants, tuple(outputs), None, self.known)

    def learn(self, numbers: tuple[int, ...], values: list) -> None:
        self.known.update((n, value) for n, value in zip(numbers, values, strict=False) if value is not None)

    def read(self, jaxpr: ClosedJaxpr, arguments: list[Ref]) -> tuple[list[Operation], list[Ref]]:
        refs: dict[Any, Ref] = dict(zip(jaxpr.jaxpr.invars, arguments, strict=True))
        for var, value in zip(jaxpr.jaxpr.constvars, jaxpr.consts, strict=True):
            refs[var] = Ref(self.new())
            self.constants[refs[var].number] = value
            self.learn((refs[var].number,), [uniform(value)])

        def ref(atom: Any) -> Ref:
            return Ref(-1, atom.val) if isinstance(atom, Literal) else refs[atom]

        operations: list[Operation] = []
        for equation in jaxpr.jaxpr.eqns:
            inner, outputs = self.equation(equation, [ref(atom) for atom in equation.invars])
            operations += inner
            refs.update(zip(equation.outvars, outputs, strict=True))
        return operations, [ref(atom) for atom in jaxpr.jaxpr.outvars]

    def equation(self, equation: Any, inputs: list[Ref]) -> tuple[list[Operation], list[Ref]]:
        primitive, params = equation.primitive.name, equation.params
        calls = _CALLS | _CHECKPOINTS | CUSTOM
        if primitive in calls:
            return self.function(equation, params[calls[primitive]], inputs)
        if primitive == "cond" and (taken := number_of(inputs[0], self.known)) is not None:
            branches = params["branches"]
            return self.read(branches[min(max(int(taken), 0), len(branches) - 1)], inputs[1:])
        same = inputs[: params["num_consts"]] if primitive == "scan" else inputs
        body = open_body(equation, lambda inner: self.program(inner, tuple(same)))
        if body is None and not self.flat:
            self.refuse_hidden(primitive, params)
        return self.operation(primitive, equation, inputs, body)

    def function(self, equation: Any, body: Any, inputs: list[Ref]) -> tuple[list[Operation], list[Ref]]:
        """A function that the model calls: its operations, or one operation where it stays whole."""
        primitive, (source, known) = equation.primitive.name, source_of(body)
        # a checkpoint has no name: that of the function inside is not what is called
        name = source if primitive in CUSTOM else equation.params.get("name", "") if primitive in _CALLS else ""
        if name in self.named and (known or not self.library):
            return self.operation(name, equation, inputs)
        whole = primitive in CUSTOM and not self.custom and partial(declares_its_own, equation)
        if self.flat:
            if whole and whole():
                return self.operation(primitive, equation, inputs)
            return self.read(closed(body), inputs)
        operations, outputs = self.read(closed(body), inputs)
        # a named function stays one call, so that rules find it in a head or an edited program, too; and so does a
        # call that the compiler keeps apart, which would be slower if it were fused with its neighbours
        if self.inline_if(operations) or (primitive in _CALLS and name not in WHOLE and not _apart(equation)):
            if whole and whole():
                raise NotImplementedError(
                    _inside(f"{name!r}, which declares another derivative than it has", "; write it out")
                )
            return operations, outputs
        return self.operation(primitive, equation, inputs)

    def operation(
        self, name: str, equation: Any, inputs: list[Ref], body: Any = None
    ) -> tuple[list[Operation], list[Ref]]:
        before = self.spread(equation, inputs) if name in BINARY else []
        repeated = {op.inputs[0].number: Ref(op.outputs[0]) for op in before}
        refs = tuple(repeated.get(ref.number, ref) for ref in inputs)
        outputs = tuple(self.new() for _ in equation.outvars)
        operation = Operation(name, refs, outputs, _call(equation), equation.params, equation, body)
        for op in (*before, operation):
            self.learn(op.outputs, [folded(op, self.known)])
        return [*before, operation], [Ref(number) for number in outputs]

    def spread(self, equation: Any, inputs: list[Ref]) -> list[Operation]:
        """Operations that repeat the smaller operands, so that every rule meets operands of the result's shape."""
        result = equation.outvars[0].aval
        small = {
            ref.number: (ref, atom.aval)
            for ref, atom in zip(inputs, equation.invars, strict=True)
            if ref.number >= 0 and atom.aval.shape != result.shape
        }
        return [_repeat(aval, result, ref, self.new(), equation) for ref, aval in small.values()]

    def refuse_hidden(self, primitive: str, params: Mapping[str, Any]) -> None:
        """Raise if a loop or branch, which stays whole, holds what the caller looks for."""
        for param in params.values():
            for inner in param if isinstance(param, tuple | list) else (param,):
                if is_jaxpr(inner) and self.inline_if(self.program(closed(inner)).operations):
                    raise NotImplementedError(
                        _inside(primitive, _REMEDIES.get(primitive, ", which is kept whole; unroll it"))
                    )


def _repeat(small: Any, large: Any, ref: Ref, number: int, equation: Any) -> Operation:
    dims = tuple(range(len(large.shape) - len(small.shape), len(large.shape)))

    def call(value: Any) -> tuple:
        return (lax.broadcast_in_dim(value, large.shape, dims),)

    shapes = SimpleNamespace(
        invars=[SimpleNamespace(aval=small)], outvars=[SimpleNamespace(aval=large.update(dtype=small.dtype))],
        source_info=equation.source_info, primitive=SimpleNamespace(name="broadcast_in_dim"),
        params={"shape": large.shape, "broadcast_dimensions": dims},
    )  # fmt: skip
    return Operation("broadcast_in_dim", (ref,), (number,), call, shapes.params, shapes)


def _call(equation: Any) -> Callable[..., tuple]:
    """The equation as a function of its inputs."""
    return lambda *values: bind(equation, values)


def _apart(equation: Any) -> bool:
    """Whether the model asks the compiler to keep a call (`set_xla_metadata(inlineable="false")`)."""
    metadata = getattr(equation.ctx, "xla_metadata", None)
    return dict(getattr(metadata, "val", metadata) or {}).get("inlineable") == "false"


_REMEDIES = {
    "while": ", which is kept whole; give the loop a fixed length (lax.fori_loop with Python numbers, lax.scan)",
    "cond": ", which is kept whole; write the predicate as a Python value, or choose by jnp.where",
}


def _inside(place: str, remedy: str) -> str:
    return f"a tap or ruled operation stands inside {place}{remedy}, or move it out of there."
