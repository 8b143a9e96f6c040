"""Layers that mix places or channels, each in several spellings; the first is the canonical one.

A spelling is a function `(parameters, h)` with `h` of shape `[*space, 4]`; the shape stays, but for pooling.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

__all__ = [
    "ATTENTION",
    "AVERAGE_POOL",
    "CAUSAL_ATTENTION",
    "CONCATENATE",
    "CONVOLUTION",
    "DENSE",
    "FOURIER",
    "GATHER",
    "GLU",
    "GRU_GATES",
    "JUMPS",
    "MAX_POOL",
    "MOVES",
    "RESIDUAL",
    "SQUEEZE_EXCITE",
    "STRAIGHT_THROUGH",
]

DENSE = {
    "h @ k": lambda p, h: h @ p["k"] + p["b"],
    "einsum": lambda p, h: jnp.einsum("oc,...c->...o", p["k"].T, h) + p["b"],
    "dot - b": lambda p, h: jnp.dot(h, p["k"]) - (-p["b"]),
    "tensordot": lambda p, h: p["b"] + jnp.tensordot(h, p["k"], 1),
    "k.T @ h.T": lambda p, h: (p["k"].T @ h.reshape(-1, 4).T).T.reshape(h.shape) + p["b"],
    "jit": lambda p, h: jax.jit(lambda k, h: h @ k)(p["k"], h) + p["b"],
    "[None]": lambda p, h: (h[None] @ p["k"])[0] + p["b"],
}


def _conv(h, k, numbers):
    return lax.conv_general_dilated(h, k, (1, 1), "SAME", dimension_numbers=numbers)


CONVOLUTION = {
    "NHWC": lambda p, h: _conv(h[None], p["k33"], ("NHWC", "HWIO", "NHWC"))[0] + p["b"],
    "NCHW": lambda p, h: (
        jnp.moveaxis(
            _conv(jnp.moveaxis(h, -1, 0)[None], jnp.transpose(p["k33"], (3, 2, 0, 1)), ("NCHW", "OIHW", "NCHW"))[0],
            0,
            -1,
        )
        + p["b"]
    ),
    "vmap": lambda p, h: jax.vmap(lambda h: _conv(h[None], p["k33"], ("NHWC", "HWIO", "NHWC"))[0])(h[None])[0] + p["b"],
}
MAX_POOL = {
    "reduce_window": lambda p, h: lax.reduce_window(h, -jnp.inf, lax.max, (2, 2, 1), (2, 2, 1), "VALID"),
    "reshape": lambda p, h: lax.optimization_barrier(h).reshape(h.shape[0] // 2, 2, h.shape[1] // 2, 2, 4).max((1, 3)),
    "slices": lambda p, h: jnp.maximum(
        jnp.maximum(h[::2, ::2], h[1::2, ::2]), jnp.maximum(h[::2, 1::2], h[1::2, 1::2])
    ),
}
AVERAGE_POOL = {
    "reshape": lambda p, h: h.reshape(h.shape[0] // 2, 2, h.shape[1] // 2, 2, 4).mean((1, 3)),
    "reduce_window": lambda p, h: lax.reduce_window(h, 0.0, lax.add, (2, 2, 1), (2, 2, 1), "VALID") / 4,
}


def _attend(q, k, v, mask=lambda logits: logits):
    return jax.nn.softmax(mask(q @ k.T / 2), -1) @ v


def _fused(p, h):
    return h @ jnp.concatenate([p["q"], p["k"], p["v_"]], -1)


def _einsum_attention(p, h):
    q, k, v = (jnp.einsum("tc,cd->td", h, p[name]) for name in ("q", "k", "v_"))
    weights = jax.nn.softmax(jnp.einsum("td,sd->ts", q, k) / 2, -1)
    return h + jnp.einsum("ts,sd->td", weights, v)


def _rows_attention(p, h):
    k, v = h @ p["k"], h @ p["v_"]
    return h + jax.vmap(lambda q: jax.nn.softmax(k @ q / 2) @ v)(h @ p["q"])


ATTENTION = {
    "q, k, v": lambda p, h: h + _attend(h @ p["q"], h @ p["k"], h @ p["v_"]),
    "fused, split": lambda p, h: h + _attend(*jnp.split(_fused(p, h), 3, -1)),
    "fused, slices": lambda p, h: h + _attend(*(lambda z: (z[:, :4], z[:, 4:8], z[:, 8:]))(_fused(p, h))),
    "fused, unstack": lambda p, h: h + _attend(*jnp.unstack(_fused(p, h).reshape(-1, 3, 4), axis=1)),
    "einsum": _einsum_attention,
    "a vmap over rows": _rows_attention,
}


def _causal(fill, add):
    def mask(logits):
        allowed = jnp.tril(jnp.ones(logits.shape, bool))
        if add:
            return logits + jnp.where(allowed, 0.0, fill).astype(logits.dtype)
        return jnp.where(allowed, logits, fill)

    return lambda p, h: h + _attend(h @ p["q"], h @ p["k"], h @ p["v_"], mask)


CAUSAL_ATTENTION = {
    "where(mask, l, -inf)": _causal(-jnp.inf, add=False),
    "where(mask, l, -1e4)": _causal(-1e4, add=False),
    "l + (0 or -inf)": _causal(-jnp.inf, add=True),
    "l + (0 or -1e4)": _causal(-1e4, add=True),
}
GLU = {
    "split": lambda p, h: (lambda a, b: a * jax.nn.sigmoid(b))(*jnp.split(h @ p["k48"], 2, -1)),
    "slices": lambda p, h: (lambda z: z[..., :4] * jax.nn.sigmoid(z[..., 4:]))(h @ p["k48"]),
    "jax.nn.glu": lambda p, h: jax.nn.glu(h @ p["k48"]),
    "two products": lambda p, h: (h @ p["k48"][:, :4]) * jax.nn.sigmoid(h @ p["k48"][:, 4:]),
}


def _gates(split):
    def layer(p, h):
        r, z, n = split(h @ jnp.concatenate([p["q"], p["k"], p["v_"]], -1))
        z = jax.nn.sigmoid(z)
        return (1 - z) * jnp.tanh(n * jax.nn.sigmoid(r)) + z * h

    return layer


GRU_GATES = {
    "split": _gates(lambda z: jnp.split(z, 3, -1)),
    "slices": _gates(lambda z: (z[..., :4], z[..., 4:8], z[..., 8:])),
    "split at": _gates(lambda z: jnp.split(z, (4, 8), -1)),
}
RESIDUAL = {
    "h + relu(h @ k)": lambda p, h: h + jax.nn.relu(h @ p["k"] + p["b"]),
    "checkpoint": lambda p, h: h + jax.checkpoint(lambda h: jax.nn.relu(h @ p["k"] + p["b"]))(h),
    "jit": lambda p, h: h + jax.jit(lambda p, h: jnp.maximum(h @ p["k"] + p["b"], 0))(p, h),
}
SQUEEZE_EXCITE = {
    "mean": lambda p, h: h * jax.nn.sigmoid(h.mean(tuple(range(h.ndim - 1))) @ p["k"]),
    "einsum": lambda p, h: jnp.einsum("...c,c->...c", h, jax.nn.sigmoid(h.reshape(-1, 4).mean(0) @ p["k"])),
}
_ORDER = np.array([2, 0, 3, 3])
CONCATENATE = {
    "concatenate": lambda p, h: jnp.concatenate([h, 0.5 * h[..., ::-1]], -1) @ p["k84"],
    "stack": lambda p, h: jnp.stack([h, 0.5 * jnp.flip(h, -1)], -2).reshape(*h.shape[:-1], 8) @ p["k84"],
    "pad": lambda p, h: (
        (
            jnp.pad(h, [(0, 0)] * (h.ndim - 1) + [(0, 4)])
            + jnp.pad(0.5 * h[..., ::-1], [(0, 0)] * (h.ndim - 1) + [(4, 0)])
        )
        @ p["k84"]
    ),
    "at[].set": lambda p, h: (
        jnp.zeros((*h.shape[:-1], 8), h.dtype).at[..., :4].set(h).at[..., 4:].set(0.5 * h[..., ::-1]) @ p["k84"]
    ),
}
GATHER = {
    "h[..., i]": lambda p, h: h[..., _ORDER],
    "take": lambda p, h: jnp.take(h, _ORDER, axis=-1),
    "one-hot": lambda p, h: h @ jax.nn.one_hot(_ORDER, 4, axis=0, dtype=h.dtype),
    "a list": lambda p, h: jnp.stack([h[..., i] for i in _ORDER], -1),
    "dynamic_slice": lambda p, h: jnp.concatenate([lax.dynamic_slice_in_dim(h, i, 1, h.ndim - 1) for i in _ORDER], -1),
    "take_along_axis": lambda p, h: jnp.take_along_axis(h, jnp.broadcast_to(_ORDER, h.shape), -1),
}
_LOWER = np.triu(np.ones((4, 4)))
MOVES = {  # linear, written as one product or as what moves data
    "cumsum": {
        "cumsum": lambda p, h: h.cumsum(-1),
        "a product": lambda p, h: h @ jnp.asarray(_LOWER, h.dtype),
        "associative_scan": lambda p, h: lax.associative_scan(jnp.add, h, axis=h.ndim - 1),
    },
    "tile": {
        "tile": lambda p, h: jnp.tile(h, (1,) * (h.ndim - 1) + (2,)) @ p["k84"],
        "concatenate": lambda p, h: jnp.concatenate([h, h], -1) @ p["k84"],
    },
    "repeat": {
        "repeat": lambda p, h: jnp.repeat(h, 2, -1) @ p["k84"],
        "stack": lambda p, h: jnp.stack([h, h], -1).reshape(*h.shape[:-1], 8) @ p["k84"],
        "broadcast": lambda p, h: jnp.broadcast_to(h[..., None], (*h.shape, 2)).reshape(*h.shape[:-1], 8) @ p["k84"],
    },
    "roll": {
        "roll": lambda p, h: jnp.roll(h, 1, -1),
        "concatenate": lambda p, h: jnp.concatenate([h[..., -1:], h[..., :-1]], -1),
    },
    "reverse": {
        "flip": lambda p, h: jnp.flip(h, -1),
        "[::-1]": lambda p, h: h[..., ::-1],
        "rev": lambda p, h: lax.rev(h, (h.ndim - 1,)),
    },
    "unstack": {
        "as it is": lambda p, h: h,
        "unstack": lambda p, h: jnp.stack(jnp.unstack(h, axis=-1), -1),
        "device_put": lambda p, h: jax.device_put(h, jax.devices()[0]),
        "optimization_barrier": lambda p, h: lax.optimization_barrier(h),
        "reduce_precision": lambda p, h: lax.reduce_precision(h, 11, 52),
        "transpose": lambda p, h: h.T.T,
        "pad, slice": lambda p, h: jnp.pad(h, [(1, 1)] * h.ndim)[(slice(1, -1),) * h.ndim],
    },
}
_DFT = np.exp(-2j * np.pi * np.arange(4)[:, None] * np.arange(4) / 4)
FOURIER = {
    "real matrices": lambda p, h: (h @ jnp.asarray(_DFT.real, h.dtype)) + (h @ jnp.asarray(_DFT.imag, h.dtype)),
    "fft": lambda p, h: (lambda z: z.real + z.imag)(jnp.fft.fft(h)),
    "complex product": lambda p, h: (lambda z: z.real + z.imag)(h @ _DFT),
    "irfft(rfft) twice": lambda p, h: (lambda z: jnp.real(z) + jnp.imag(z))(
        jnp.fft.fft(jnp.fft.irfft(jnp.fft.rfft(h), 4))
    ),
}


@jax.custom_vjp
def _sign(z):
    return jnp.sign(z)


_sign.defvjp(lambda z: (jnp.sign(z), z), lambda z, g: (g * (jnp.abs(z) <= 1),))

STRAIGHT_THROUGH = {
    "stop_gradient": lambda p, h: h + lax.stop_gradient(jnp.round(h) - h),
}
JUMPS = {
    "hard gate": {
        "hard gate": lambda p, h: h * (jnp.roll(h, 1, -1) > 0),
        "where": lambda p, h: jnp.where(jnp.roll(h, 1, -1) > 0, h, 0),
    },
    "round": {
        "round": lambda p, h: jnp.round(h) + h,
        "int": lambda p, h: jnp.rint(h).astype(jnp.int32).astype(h.dtype) + h,
    },
    "argmax": {
        "one_hot": lambda p, h: h * jax.nn.one_hot(h.argmax(-1), 4, dtype=h.dtype) + h,
        "index": lambda p, h: h + jnp.where(jnp.arange(4) == h.argmax(-1)[..., None], h, 0),
    },
    "experts": {
        "index": lambda p, h: jnp.einsum("...c,...co->...o", h, p["experts"][(h @ p["k"]).argmax(-1)]),
        "one_hot": lambda p, h: jnp.einsum(
            "...e,...c,eco->...o", jax.nn.one_hot((h @ p["k"]).argmax(-1), 4, dtype=h.dtype), h, p["experts"]
        ),
    },
    "sign": {"declared": lambda p, h: _sign(h) + h},
    "a gradient inside": {"grad": lambda p, h: jax.grad(lambda h: (jnp.sin(h) * jnp.roll(h, 1, -1)).sum())(h)},
    "mean of the non-zero": {"mask": lambda p, h: h / (1 + (jnp.abs(h) > 0.5).sum(-1, keepdims=True))},
}
