"""Rules of relevance propagation for operations without weights; each passes on `g = R / value`."""

import jax
import jax.numpy as jnp

from jxai.rules.backward import Ruled

__all__ = ["bounded", "halves", "inverse", "passing", "ratio", "require_one_input", "summands"]


def passing(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Relevance passes an activation function unchanged: `R_in = R_out`, so `g_in = g_out f(x) / x`, 0 at x = 0."""
    at = require_one_input(operation, "passing")
    # R / x of a tiny x is more than a half-precision number holds
    x = inputs[at]
    # a cast inside may have made the output of another dtype
    share = bounded(cotangent * ratio(output, x.astype(output.dtype))).astype(x.dtype)
    return tuple(share if i == at else None for i in range(len(inputs)))


def halves(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """A product of values that both depend on the input gives each half: Achtibat et al. 2024 (AttnLRP), eq. 12."""
    return operation.pull(inputs, cotangent / 2)


def summands(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """A sum or difference divides by magnitude: `R_a = |a| / (|a| + |b|) R`; no share is negative."""
    a, b = inputs
    # g = R_a / a, and |a| / a is the sign
    share = cotangent * ratio(output, jnp.abs(a) + jnp.abs(b))
    return tuple(jnp.sign(v) * share if active else None for v, active in zip(inputs, operation.active, strict=True))


def ratio(value: jax.Array, z: jax.Array, eps: float = 0.0) -> jax.Array:
    """`value / (z + eps sign z)`, 0 where the denominator is 0, and the sign of both where both are infinite.

    A rule multiplies relevance by a ratio, so that a masked value (-inf) without relevance stays without.
    """
    both = jnp.isinf(value) & jnp.isinf(z)
    one = jnp.ones_like(value)
    signs = jnp.sign(jnp.where(both, value, one)) * jnp.sign(jnp.where(both, z, one))
    return jnp.where(both, signs, bounded(jnp.where(both, one, value) * bounded(inverse(jnp.where(both, one, z), eps))))


def bounded(values: jax.Array) -> jax.Array:
    """Real values, infinite ones at the largest finite number: infinity times a relevance of 0 would be NaN."""
    if jnp.iscomplexobj(values):
        return values
    most = jnp.finfo(values.dtype).max
    return jnp.clip(values, -most, most)


def inverse(z: jax.Array, eps: float = 0.0) -> jax.Array:
    """`1 / (z + eps sign z)`, 0 where the denominator is 0.

    The sign of a complex number is `z / |z|`. The inner `where` keeps 1 / 0 out of the branch not taken, whose
    derivative would be NaN.
    """
    if jnp.iscomplexobj(z):
        size = jnp.abs(z)
        sign = jnp.where(size == 0, jnp.ones_like(z), z / jnp.where(size == 0, jnp.ones_like(size), size))
        stable = z + eps * sign
    else:
        stable = z + jnp.where(z >= 0, eps, -eps).astype(z.dtype)  # sign(0) counts as +, or eps would not help there
    return jnp.where(stable == 0, jnp.zeros_like(z), 1 / jnp.where(stable == 0, jnp.ones_like(z), stable))


def require_one_input(operation: Ruled, name: str) -> int:
    """The place of an activation function's input; raises for other operations."""
    if sum(operation.active) != 1 or len(operation.active) > 1 and operation.layer is not None:
        raise ValueError(f"{name} is for activation functions of one input; {operation.name} came.")
    return operation.active.index(True)
