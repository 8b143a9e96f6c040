"""Several devices at work on one example: the evaluations of a method are shared out over the axis `EVALUATIONS`.

Where `shard_map` (or `vmap`) binds the axis, the outermost call of `core.chunks` or `core.integrate` does its part of
the elements on every device, and every device gets the whole result. Nothing changes where the axis is not bound.
Results agree to rounding: a sum is taken in another order. Reverse-mode derivatives are those of one device: the rules
for them are written here, and need `shard_map(..., check_vma=False)`, which else inserts rules of its own: those add up
over the devices what an evaluation differentiates for itself.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Shaped

__all__ = ["EVALUATIONS", "Part", "part", "has_shared_evaluations"]

EVALUATIONS = "jxai_evaluations"
_INSIDE = "jxai_evaluation"  # bound while an element is evaluated: what is nested there is not shared out again
_noted: ContextVar[list | None] = ContextVar("_noted", default=None)


class Part(NamedTuple):
    """The part of a call's elements that is done on this device."""

    size: int  # in how many parts the elements are cut; 1: not shared out
    at: Any  # which of them is done here: 0, or traced

    def sum(self, values: Any) -> Any:
        """The sum over the parts."""
        return values if self.size == 1 else jax.tree.map(_sum, values)

    def stack(self, values: Any) -> Any:
        """The values of all parts along a new leading axis."""

        def at_own_place(value: Shaped[Array, "*shape"]) -> Shaped[Array, "parts *shape"]:
            whole = jnp.zeros_like(value, shape=(self.size, *value.shape))
            return jax.lax.dynamic_update_index_in_dim(whole, value, self.at, 0)

        return jax.tree.map(lambda v: v[None] if self.size == 1 else self.sum(at_own_place(v)), values)

    def vmap(self, fn: Callable, like: Any) -> Callable:
        """`jax.vmap`, for arguments `like` these; inside it nothing is shared out again.

        What `fn` closes over is common to all devices: derivatives towards it are added up over them.
        """
        if self.size == 1:
            return jax.vmap(fn)
        # closed-over values become arguments, because a rule of derivatives can be given to arguments alone
        vmapped, constants = jax.closure_convert(jax.vmap(fn, axis_name=_INSIDE), like)
        own = [_own(value) if jnp.issubdtype(value.dtype, jnp.floating) else value for value in constants]
        return lambda block: vmapped(block, *own)


def part() -> Part:
    """This device's part: the whole, unless the axis `EVALUATIONS` is bound and no outer call shares it out."""
    size = _axis_size(EVALUATIONS)
    if size is None or size == 1 or _axis_size(_INSIDE) is not None:
        return Part(1, 0)
    if (noted := _noted.get()) is not None:
        noted.append(size)
    return Part(size, jax.lax.axis_index(EVALUATIONS))


def has_shared_evaluations(fn: Callable, *args: Any, **inputs: Any) -> bool:
    """Whether `fn(*args, **inputs)` has evaluations that devices can share; arguments may be `ShapeDtypeStruct`s.

    Example:
        >>> from jxai.core.chunks import mean_over
        >>> has_shared_evaluations(lambda xs: mean_over(jnp.sin, xs, chunk=2), jnp.ones(8))
        True
        >>> has_shared_evaluations(jnp.sin, jnp.ones(8))
        False
    """
    # `part` notes every axis that it shares out; vmap binds the axis without any device, and nothing is computed
    token = _noted.set(noted := [])
    try:
        bound = jax.vmap(
            lambda call: fn(*call[0], **call[1]), in_axes=None, out_axes=None, axis_name=EVALUATIONS, axis_size=2
        )
        jax.eval_shape(bound, (args, inputs))
    finally:
        _noted.reset(token)
    return bool(noted)


@jax.custom_vjp
def _own(value: jax.Array) -> jax.Array:
    """What all devices have in common, as used by one of them: its cotangent is the sum of theirs."""
    return value


@jax.custom_vjp
def _sum(value: jax.Array) -> jax.Array:
    """The sum over the devices, which all have it: its cotangent is that of each summand."""
    return jax.lax.psum(value, EVALUATIONS)


_own.defvjp(lambda value: (value, None), lambda _, cotangent: (jax.lax.psum(cotangent, EVALUATIONS),))
_sum.defvjp(lambda value: (jax.lax.psum(value, EVALUATIONS), None), lambda _, cotangent: (cotangent,))


def _axis_size(name: str) -> int | None:
    try:
        return jax.lax.axis_size(name)  # JAX's own axis environment, which its caches of traces know
    except NameError:
        return None
