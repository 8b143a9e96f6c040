"""Several devices at work on one example: the mesh axis `EVALUATIONS` divides a method's evaluations among them.

Where `shard_map` (or `vmap`) binds the axis, the outermost call of `core.chunks` or `core.integrate` does its part of
the elements on every device, and every device gets the whole result. Nothing changes where the axis is not bound.
Results agree to rounding: a sum is taken in another order.

Reverse-mode derivatives are those of one device. The rules for them are written here. They need
`shard_map(..., check_vma=False)`: with the check, JAX inserts rules of its own, which add up over the devices even a
gradient that an evaluation takes for itself.
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
# Bound while an element is evaluated, so that nested calls are not divided again. It lives in JAX's axis environment,
# not in a variable of ours, because JAX's caches of traces depend on that environment.
_INSIDE = "jxai_evaluation"
_shared_sizes: ContextVar[list | None] = ContextVar("_noted", default=None)


class Part(NamedTuple):
    """The part of a call's elements that this device evaluates."""

    size: int  # the number of parts; 1: not divided
    at: Any  # the number of this part: 0, or traced

    def sum(self, values: Any) -> Any:
        """The sum over the parts."""
        return values if self.size == 1 else jax.tree.map(_sum, values)

    def stack(self, values: Any) -> Any:
        """The values of all parts along a new leading axis."""

        def at_own_place(value: Shaped[Array, "*shape"]) -> Shaped[Array, "parts *shape"]:
            # a sum of zeros and one part, not an all_gather: the sum's derivative is written below
            whole = jnp.zeros_like(value, shape=(self.size, *value.shape))
            return jax.lax.dynamic_update_index_in_dim(whole, value, self.at, 0)

        return jax.tree.map(lambda v: v[None] if self.size == 1 else self.sum(at_own_place(v)), values)

    def vmap(self, fn: Callable, like: Any) -> Callable:
        """`jax.vmap`, for arguments `like` these; calls inside it are not divided again.

        All devices have in common the values that `fn` closes over: their derivatives are added up over the devices.
        """
        if self.size == 1:
            return jax.vmap(fn)
        # closed-over values become arguments, because only arguments can have a rule of derivatives
        over_elements, constants = jax.closure_convert(jax.vmap(fn, axis_name=_INSIDE), like)
        own = [_own(value) if jnp.issubdtype(value.dtype, jnp.floating) else value for value in constants]
        return lambda block: over_elements(block, *own)


def part() -> Part:
    """This device's part: the whole, unless the axis `EVALUATIONS` is bound and no outer call divides it already."""
    size = _axis_size(EVALUATIONS)
    if size is None or size == 1 or _axis_size(_INSIDE) is not None:
        return Part(1, 0)
    if (sizes := _shared_sizes.get()) is not None:
        sizes.append(size)
    return Part(size, jax.lax.axis_index(EVALUATIONS))


def has_shared_evaluations(fn: Callable, *args: Any, **inputs: Any) -> bool:
    """Whether devices can share the evaluations of `fn(*args, **inputs)`; arguments may be `ShapeDtypeStruct`s.

    Example:
        >>> from jxai.core.chunks import mean_over
        >>> has_shared_evaluations(lambda xs: mean_over(jnp.sin, xs, chunk=2), jnp.ones(8))
        True
        >>> has_shared_evaluations(jnp.sin, jnp.ones(8))
        False
    """
    # `part` appends the size of every axis that it divides. vmap binds the axis without any device, eval_shape computes
    # nothing
    token = _shared_sizes.set(sizes := [])
    try:
        bound = jax.vmap(
            lambda call: fn(*call[0], **call[1]), in_axes=None, out_axes=None, axis_name=EVALUATIONS, axis_size=2
        )
        jax.eval_shape(bound, (args, inputs))
    finally:
        _shared_sizes.reset(token)
    return bool(sizes)


@jax.custom_vjp
def _own(value: jax.Array) -> jax.Array:
    """A value common to all devices, as one of them uses it: its cotangent is the sum of theirs."""
    return value


@jax.custom_vjp
def _sum(value: jax.Array) -> jax.Array:
    """The sum over the devices, known to all of them: its cotangent is that of each summand."""
    return jax.lax.psum(value, EVALUATIONS)


_own.defvjp(lambda value: (value, None), lambda _, cotangent: (jax.lax.psum(cotangent, EVALUATIONS),))
_sum.defvjp(lambda value: (jax.lax.psum(value, EVALUATIONS), None), lambda _, cotangent: (cotangent,))


def _axis_size(name: str) -> int | None:
    try:
        return jax.lax.axis_size(name)  # JAX's own axis environment, which its caches of traces know
    except NameError:
        return None
