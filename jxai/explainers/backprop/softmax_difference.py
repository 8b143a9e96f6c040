r"""Softmax, its logarithm and log-sum-exp under DeepLIFT: bounded and complete for logits of any size.

With `E_k = exp z_k`, `S = sum E_k` and the logarithmic mean `L(a, b) = (a - b) / (log a - log b)`,

    lse(z) - lse(b) = sum_k w_k (z_k - b_k),    w_k = L(E_k, E_k') / L(S, S')

exactly: the rescale rule of exp, the sum, and log. Weights are not negative and add up to 1 at most. A logarithm of a
probability is `z_i - lse`; a probability is its exponential. Each side keeps its own shift: none enters.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.explainers.backprop.differences import Sides

__all__ = ["softmax"]


def softmax(sides: Sides, gaps: list) -> Callable[[list], list]:
    """The rule for operations named `softmax` and `logsumexp`, whose first input is the logits."""
    axes, kind = sides.op.params["axes"], sides.op.params["kind"]
    (y,), (y0,) = sides.y, sides.y0
    z, z0 = (_wide(values[0]) for values in (sides.x, sides.b))
    lse, lse0 = _lse(z, _wide(y), kind, axes), _lse(z0, _wide(y0), kind, axes)
    some = jnp.isfinite(z) & jnp.isfinite(z0)  # a masked logit (-inf) has no share
    inner, outer = _log_mean(jnp.where(some, z, lse), jnp.where(some, z0, lse0)), _log_mean(lse, lse0)
    weights = jnp.where(some, jnp.exp(inner - outer), 0)

    def of_lse(d: Float[Array, "*shape"]) -> Float[Array, "*kept"]:
        return (weights * jnp.where(some, d, 0)).sum(axes, keepdims=True)

    def of_log(d: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        return jnp.where(some, d, 0) - of_lse(d)

    if kind == "logsumexp":
        return lambda ds: [of_lse(_wide(ds[0])).reshape(y.shape).astype(y.dtype)]
    factor = jnp.ones_like(z) if kind == "log_softmax" else _factor(_wide(y), _wide(y0), of_log(_wide(gaps[0])))
    return lambda ds: [(factor * of_log(_wide(ds[0]))).reshape(y.shape).astype(y.dtype)]


def _wide(values: Array) -> Array:
    """Half precision has too few digits for differences of large logits."""
    return values.astype(jnp.float32) if jnp.finfo(values.dtype).bits < 32 else values


def _lse(z: Array, y: Array, kind: str, axes: tuple[int, ...]) -> Array:
    """Log-sum-exp, with the axes kept; read off the result, which a mask may have a part in."""
    shape = tuple(1 if axis in axes else n for axis, n in enumerate(z.shape))
    if kind == "logsumexp":
        return y.reshape(shape)
    y = y.reshape(z.shape)
    p = y if kind == "softmax" else jnp.exp(y)
    some = p > 0
    log_p = jnp.log(jnp.where(some, p, 1)) if kind == "softmax" else jnp.where(some, y, 0)
    total = p.sum(axes, keepdims=True)
    return (p * jnp.where(some, z - log_p, 0)).sum(axes, keepdims=True) / total


def _log_mean(a: Array, b: Array) -> Array:
    """The logarithm of the logarithmic mean of `exp a` and `exp b`."""
    gap = jnp.abs(a - b)
    near = gap < 1e-4
    ratio = -jnp.expm1(-gap) / jnp.where(near, jnp.ones_like(gap), gap)
    return jnp.maximum(a, b) + jnp.log(jnp.where(near, 1 - gap / 2, ratio))


def _factor(p: Array, p0: Array, run: Array) -> Array:
    """`(p - p') / (log p - log p')`: between 0 and the larger of the two."""
    near = jnp.abs(run) < 1e-3
    ratio = (p - p0) / jnp.where(near, jnp.ones_like(run), run)
    return jnp.clip(jnp.where(near, (p + p0) / 2, ratio), 0, jax.lax.max(p, p0))
