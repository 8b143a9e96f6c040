"""Whether an operation is linear, decided by what it is: JAX can transpose it."""

from typing import Any

import jax
import jax.numpy as jnp

from jxai.core.program.elementwise import BINARY, BLIND
from jxai.core.program.operations import Operation

__all__ = ["SELECTIONS", "is_linear"]

# transposing needs the devices that they run on
_OVER_DEVICES = frozenset(
    "psum psum_invariant psum2 pvary pcast pbroadcast all_gather all_gather_invariant all_to_all ppermute "
    "reduce_scatter sharding_constraint device_put".split()
)
# copies in another precision, and copies into places: their transposes are not written for every case
_COPIES = frozenset("reduce_precision scatter optimization_barrier tap".split())
# the winner's value, and the same values in order
SELECTIONS = frozenset(
    "max_pool reduce_max reduce_min reduce_window_max reduce_window_min cummax cummin sort top_k".split()
)
_BENT = frozenset(("relu", "softmax", "logsumexp"))  # joined, and never linear
_seen: dict[Any, bool] = {}


def is_linear(op: Operation, active: tuple[bool, ...], *, numbers: bool = False) -> bool:
    """Whether an operation is linear in its active inputs together; `add` and `sub` of a constant count, too.

    Products are linear in one factor, quotients in their numerator. Whole numbers and predicates are not linear, except
    where they are taken as `numbers`: a predicate is 0 or 1 then.
    """
    if op.name in _OVER_DEVICES | _COPIES | {"add", "sub", "add_any"}:
        return True
    if op.equation is None or op.body is not None or op.name in BLIND | SELECTIONS | _BENT or "call" in op.name:
        return False
    avals = [atom.aval for atom in op.equation.invars]
    if len(avals) != len(op.inputs):
        return False  # a joined operation
    if "layer" in op.params and sum(active) > 1:
        return False  # a product of two values that depend on x
    own = op.name == getattr(getattr(op.equation, "primitive", None), "name", None) and "layer" not in op.params
    if not own and "computes" not in op.params:  # parameters do not say what a joined operation computes
        return _transposes(op, avals, active, numbers)
    key = (op.name, str(op.params), str(avals), active, numbers)
    if key not in _seen:
        if len(_seen) > 10000:
            _seen.clear()
        _seen[key] = _transposes(op, avals, active, numbers)
    return _seen[key]


def _transposes(op: Operation, avals: list, active: tuple[bool, ...], numbers: bool) -> bool:
    def real(aval: Any) -> jax.ShapeDtypeStruct:
        whole = numbers and not jnp.issubdtype(aval.dtype, jnp.inexact)
        return jax.ShapeDtypeStruct(aval.shape, jnp.float32 if whole else aval.dtype)

    moving = [real(a) for a, at in zip(avals, active, strict=True) if at]
    counts = op.name in BINARY  # both operands have one dtype
    fixed = [real(a) if counts else jax.ShapeDtypeStruct(a.shape, a.dtype)
             for a, at in zip(avals, active, strict=True) if not at]  # fmt: skip
    if numbers and op.name in ("div", "rem") and not jnp.issubdtype(op.equation.outvars[0].aval.dtype, jnp.inexact):
        return False  # a whole quotient is rounded
    if op.name == "convert_element_type" and not jnp.issubdtype(op.params["new_dtype"], jnp.inexact):
        return numbers and not jnp.issubdtype(avals[0].dtype, jnp.inexact)  # rounding is a function of one number
    results = [real(v.aval) for v in op.equation.outvars]
    if not all(jnp.issubdtype(a.dtype, jnp.inexact) for a in (*moving, *results)):
        return False

    def transposed(fixed: list, cotangents: list) -> Any:
        def of(*moving: Any) -> tuple:
            numbers, constants = iter(moving), iter(fixed)
            return op.call(*(next(numbers) if at else next(constants) for at in active))

        return jax.linear_transpose(of, *moving)(tuple(cotangents))

    try:
        jax.eval_shape(transposed, fixed, results)
    except Exception:  # whatever keeps JAX from transposing it: it is not known to be linear
        return False
    return True
