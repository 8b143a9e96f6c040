"""Normalisations over channels, each in the spellings that are met in real code; the first is the canonical one.

A spelling is a function `(parameters, h)`; `p["g"]` is a gain, `p["b"]` a bias.
"""

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["BATCH_NORM", "LAYER_NORM", "RMS_NORM", "SOFTMAX", "UNIT_NORM"]

_EPS = 1e-2


def _square(h):
    return (h**2).mean(-1, keepdims=True) + _EPS


def _safe(n):
    return jnp.where(n == 0, 1.0, n)


_DIVIDED = {  # h over the root of a value v
    "h rsqrt(v)": lambda h, v: h * lax.rsqrt(v),
    "h / sqrt(v)": lambda h, v: h / jnp.sqrt(v),
    "h v ** -0.5": lambda h, v: h * v**-0.5,
    "h / v ** 0.5": lambda h, v: h / v**0.5,
    "h (1 / sqrt(v))": lambda h, v: h * (1 / jnp.sqrt(v)),
    "sqrt(1 / v) h": lambda h, v: jnp.sqrt(1 / v) * h,
    "reciprocal": lambda h, v: h * jnp.reciprocal(jnp.sqrt(v)),
    "h / where(n == 0, 1, n)": lambda h, v: h / _safe(jnp.sqrt(v)),
    "where(v > 0, h rsqrt(v), 0)": lambda h, v: jnp.where(v > 0, h * lax.rsqrt(v), 0),
    "h / maximum(n, tiny)": lambda h, v: h / jnp.maximum(jnp.sqrt(v), 1e-6),
    "jit": lambda h, v: jax.jit(lambda h, v: h * lax.rsqrt(v))(h, v),
}


def _layer_norm(divide, variance=lambda z, h: (z**2).mean(-1, keepdims=True)):
    def norm(p, h):
        z = h - h.mean(-1, keepdims=True)
        return divide(z, variance(z, h) + _EPS) * p["g"] + p["b"]

    return norm


def _clamped(z, h):  # as Flax computes it
    return jnp.maximum(0.0, (h**2).mean(-1, keepdims=True) - h.mean(-1, keepdims=True) ** 2)


def _of_jnp_var(z, h):
    return h.var(-1, keepdims=True)


RMS_NORM = {name: lambda p, h, divide=divide: divide(h, _square(h)) * p["g"] for name, divide in _DIVIDED.items()}
LAYER_NORM = {name: _layer_norm(divide) for name, divide in _DIVIDED.items()} | {
    "Flax's clamped variance": _layer_norm(_DIVIDED["h rsqrt(v)"], _clamped),
    "jnp.var": _layer_norm(_DIVIDED["h rsqrt(v)"], _of_jnp_var),
    "jax.nn.standardize": lambda p, h: jax.nn.standardize(h, epsilon=_EPS) * p["g"] + p["b"],
}
UNIT_NORM = {  # Euclidean length 1
    "h / sqrt(sum)": lambda p, h: h / jnp.sqrt((h**2).sum(-1, keepdims=True)),
    "h / linalg.norm": lambda p, h: h / jnp.linalg.norm(h, axis=-1, keepdims=True),
    "h rsqrt(sum)": lambda p, h: h * lax.rsqrt((h * h).sum(-1, keepdims=True)),
    "safe": lambda p, h: h / _safe(jnp.linalg.norm(h, axis=-1, keepdims=True)),
    "h / maximum(norm, tiny)": lambda p, h: h / jnp.maximum(jnp.linalg.norm(h, axis=-1, keepdims=True), 1e-6),
    "einsum": lambda p, h: h / jnp.sqrt(jnp.einsum("...c,...c->...", h, h))[..., None],
}
BATCH_NORM = {  # in inference mode
    "rsqrt": lambda p, h: (h - p["b_mean"]) * lax.rsqrt(p["v"] + _EPS) * p["g"] + p["b"],
    "/ sqrt": lambda p, h: (h - p["b_mean"]) / jnp.sqrt(p["v"] + _EPS) * p["g"] + p["b"],
    "gain first": lambda p, h: (h - p["b_mean"]) * (p["g"] / jnp.sqrt(p["v"] + _EPS)) + p["b"],
}


def _exp_by_sum(shift):
    def softmax(p, h):
        e = jnp.exp(h - shift(h))
        return e / e.sum(-1, keepdims=True)

    return softmax


SOFTMAX = {
    "jax.nn.softmax": lambda p, h: jax.nn.softmax(h, -1),
    "exp(h - max) / sum": _exp_by_sum(lambda h: h.max(-1, keepdims=True)),
    "exp(h - stop(max)) / sum": _exp_by_sum(lambda h: lax.stop_gradient(h.max(-1, keepdims=True))),
    "exp(h) / sum": _exp_by_sum(lambda h: 0.0),
    "exp(log_softmax)": lambda p, h: jnp.exp(jax.nn.log_softmax(h, -1)),
    "exp(h - logsumexp)": lambda p, h: jnp.exp(h - jax.nn.logsumexp(h, axis=-1, keepdims=True)),
}
