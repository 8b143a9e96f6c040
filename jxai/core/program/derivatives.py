"""Functions that declare a derivative of their own, by `jax.custom_jvp` or `jax.custom_vjp`.

Most declare the derivative that they have, in a stabler form: rules may look inside. Others declare another one
(straight-through, quantised or clipped): rules that looked inside would forget it. Which it is, is computed.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun

from jxai.core.program.bodies import closed

__all__ = ["CUSTOM", "bind", "declares_its_own", "source_of"]

CUSTOM = {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "custom_vjp_call_jaxpr": "fun_jaxpr"}
_LIBRARIES = ("/jax/_src/", "/jxai/")  # their declared derivatives are tested to be the function's
_seen: dict[Any, bool] = {}


def source_of(body: Any) -> tuple[str, bool]:
    """The name of a traced function, and whether JAX or this library defines it."""
    name, _, file = closed(body).jaxpr.debug_info.func_src_info.partition(" at ")
    return name, any(library in file.replace("\\", "/") for library in _LIBRARIES)


def declares_its_own(equation: Any) -> bool:
    """Whether the declared derivative is another than that of the function's own operations.

    Both are computed at a few drawn points. A function that cannot be run by itself (over several devices) counts as
    one that declares its own.
    """
    body = closed(equation.params[CUSTOM[equation.primitive.name]])
    if source_of(body)[1]:
        return False
    rule = equation.params.get("jvp_jaxpr_fun") or equation.params.get("jvp_jaxpr_thunk") or equation.params.get("bwd")
    # the rule itself is kept in the key, so that no other object can take its place in memory
    key = (str(body), tuple(str(atom.aval) for atom in equation.invars), rule)
    if key not in _seen:
        if len(_seen) > 1000:
            _seen.clear()
        _seen[key] = not _agree(equation, body)
    return _seen[key]


def bind(equation: Any, values: tuple) -> tuple:
    """The results of an equation for other values."""
    # functions with derivatives of their own bind functions, not jaxprs: JAX turns the params back
    bound = equation.primitive.get_bind_params(equation.params)
    functions, params = bound if isinstance(bound, tuple) else ((), bound)  # a pair before jax 0.10
    with equation.ctx.manager:
        results = equation.primitive.bind(*functions, *values, **params)
    return tuple(results) if equation.primitive.multiple_results else (results,)


def _agree(equation: Any, body: Any) -> bool:
    inner = jaxpr_as_fun(body)
    try:
        with jax.ensure_compile_time_eval():
            return all(_same_at(equation, inner, seed) for seed in range(3))
    except Exception:  # what cannot be run by itself cannot be compared
        return False


def _same_at(equation: Any, inner: Any, seed: int) -> bool:
    draw = np.random.default_rng(seed)
    values = [_drawn(atom.aval, draw) for atom in equation.invars]
    at = [i for i, value in enumerate(values) if jnp.issubdtype(value.dtype, jnp.inexact)]

    def pulled(fn: Any) -> list:
        def of(*moving: Any) -> tuple:
            every = list(values)
            for i, value in zip(at, moving, strict=True):
                every[i] = value
            return tuple(r for r in fn(*every) if jnp.issubdtype(r.dtype, jnp.inexact))

        results, pull = jax.vjp(of, *(values[i] for i in at))
        return list(pull(tuple(jnp.cos(jnp.arange(r.size, dtype=r.real.dtype)).reshape(r.shape).astype(r.dtype)
                               for r in results)))  # fmt: skip

    for one, other in zip(pulled(lambda *v: bind(equation, v)), pulled(inner), strict=True):
        tolerance = float(jnp.finfo(one.dtype).eps) ** 0.5
        if not np.allclose(np.asarray(one, complex), np.asarray(other, complex), tolerance, tolerance):
            return False
    return True


def _drawn(aval: Any, draw: np.random.Generator) -> jax.Array:
    # three units wide, so that what saturates or clips does; whole numbers may be indices
    numbers = 3 * draw.normal(size=aval.shape) if jnp.issubdtype(aval.dtype, jnp.inexact) else np.zeros(aval.shape)
    return jnp.asarray(numbers, aval.dtype)
