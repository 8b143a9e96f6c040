"""The programs of the page "What programs are supported": each as people write it, and rewritten plainly.

A row holds a score `(x, w) -> number`, the same in plain operations, and the rule methods for which both must agree.
Where the second is missing, contributions of DeepLIFT must add up. Where a message stands, the methods refuse.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec

import jxai

__all__ = ["REFUSED", "ROWS", "Row"]

relu, tap = jax.nn.relu, jxai.tap


class Row(NamedTuple):
    written: Callable
    plain: Callable | None = None
    methods: tuple[str, ...] = ("lrp", "deep_lift", "gradient")


class Refused(NamedTuple):
    written: Callable
    methods: tuple[str, ...] = ("lrp", "deep_lift")


def net(activation: Callable) -> Callable:
    return lambda x, w: (tap(activation(x @ w), "h") @ w).sum() + jnp.tanh(activation(x @ w.T)).sum()


def layers(x, w):
    """Three layers, one after the other."""
    for k in range(3):
        x = tap(relu(x @ (w * (1 + k))), "h") if k == 2 else relu(x @ (w * (1 + k)))
    return x.sum()


def stack(w):
    return jnp.stack([w, 2 * w, 3 * w])


def scanned(x, w):
    return jax.lax.scan(lambda h, v: (tap(relu(h @ v), "h"), None), x, stack(w))[0].sum()


def counted(x, w):
    return jax.lax.fori_loop(0, 3, lambda k, h: relu(h @ stack(w)[k]), x).sum()


def attention(x, w, mask=None):
    q, k, v = x @ w, x @ w.T, x * 2.0
    scores = q @ k.T / 2.0
    scores = scores if mask is None else jnp.where(mask, scores, -jnp.inf)
    return jnp.tanh(jax.nn.softmax(scores) @ v).sum()


def fused(x, w):
    q, k, v = jnp.split(jnp.concatenate([x @ w, x @ w.T, x * 2.0], -1), 3, -1)
    return jnp.tanh(jax.nn.softmax(q @ k.T / 2.0) @ v).sum()


@jax.custom_vjp
def rounded(x):
    return jnp.round(4 * x) / 4


rounded.defvjp(lambda x: (rounded(x), None), lambda _, g: (g,))


def sharded(x, w):
    mesh = jax.make_mesh((1,), ("d",), devices=jax.devices()[:1], axis_types=(jax.sharding.AxisType.Auto,))
    spec = PartitionSpec()
    inner = jax.shard_map(lambda x, w: relu(x @ w), mesh=mesh, in_specs=(spec, spec), out_specs=spec)
    return inner(x, w).sum() + jnp.tanh(x @ w.T).sum()


F, MASK = np.exp(-2j * np.pi * np.outer(range(4), range(4)) / 4), np.tri(3, dtype=bool)

ROWS = {
    "ReLU in any spelling": Row(net(lambda a: jnp.where(a > 0, a, 0.0)), net(relu)),
    "An activation written out": Row(net(lambda a: a * (1 / (1 + jnp.exp(-a)))), net(jax.nn.silu)),
    "A normalisation written out": Row(
        lambda x, w: jnp.tanh(x * ((x**2).mean(-1, keepdims=True) + 1e-6) ** -0.5 @ w).sum(),
        lambda x, w: jnp.tanh(x * jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + 1e-6) @ w).sum(),
    ),
    "Several outputs": Row(fused, attention),
    "Attention with a mask of -inf": Row(
        lambda x, w: attention(x, w, MASK), lambda x, w: sum(attention_row(x, w, i) for i in range(3))
    ),
    "`jax.jit`, `jax.checkpoint`": Row(jax.jit(jax.checkpoint(net(relu))), net(relu)),
    "`jax.vmap` over tokens": Row(
        lambda x, w: jax.vmap(lambda v: tap(relu(w.T @ v), "h"))(x).sum(), lambda x, w: tap(relu(x @ w), "h").sum()
    ),
    "A batch axis of size 1": Row(lambda x, w: net(relu)(x[None], w), net(relu)),
    "`jax.lax.scan` over layers": Row(scanned, layers),
    "`jax.lax.fori_loop` of fixed length": Row(counted, layers),
    "`jax.lax.map`": Row(lambda x, w: jax.lax.map(lambda v: relu(v @ w), x).sum(), lambda x, w: relu(x @ w).sum()),
    "`jax.lax.cond` on a constant": Row(
        lambda x, w: jax.lax.cond(jnp.asarray(3) > 2, lambda x: relu(x @ w).sum(), lambda x: x.sum(), x),
        lambda x, w: relu(x @ w).sum(),
    ),
    "`jax.shard_map`": Row(sharded, lambda x, w: relu(x @ w).sum() + jnp.tanh(x @ w.T).sum()),
    "Complex numbers, FFT": Row(
        lambda x, w: (jnp.abs(jnp.fft.fft(x @ w)) ** 2).mean(),
        lambda x, w: (((x @ w) @ F.real) ** 2 + ((x @ w) @ F.imag) ** 2).mean(),
        ("gradient",),
    ),
    "Contributions through an FFT": Row(lambda x, w: jnp.abs(jnp.fft.rfft(x @ w)).sum()),
    "A comparison": Row(lambda x, w: ((x @ w) * (x @ w > 0.3)).sum()),
    "Rounding": Row(lambda x, w: (jnp.round(2 * x) @ w).sum() + x.sum()),
    "A derivative inside the model": Row(lambda x, w: jax.grad(lambda x: jnp.tanh(x @ w).sum())(x).sum()),
    "A declared derivative": Row(
        lambda x, w: relu(rounded(x) @ w).sum(),
        lambda x, w: relu((x + jax.lax.stop_gradient(jnp.round(4 * x) / 4 - x)) @ w).sum(),
        ("gradient",),
    ),
    "Softmax of large logits": Row(lambda x, w: jax.nn.softmax((1e4 * (x @ w)).reshape(-1))[2]),
}
REFUSED = {  # with the methods that refuse it
    "An index or a one-hot made from x": Refused(
        lambda x, w: relu(x @ w)[jnp.argmax(x[:, 0])].sum() * x.sum(), ("deep_lift",)
    ),
    "`jax.lax.while_loop`": Refused(
        lambda x, w: jax.lax.while_loop(lambda h: h.sum() < 100, lambda h: h * 2 + 1, x).sum()
    ),
    "`jax.lax.cond` on x": Refused(
        lambda x, w: jax.lax.cond(x.sum() > 0, lambda x: relu(x @ w).sum(), lambda x: x.sum(), x)
    ),
}


def attention_row(x, w, i):
    """One token's part of causal attention, over the tokens that it sees."""
    scores = (x @ w)[i] @ (x @ w.T)[: i + 1].T / 2.0
    return jnp.tanh(jax.nn.softmax(scores) @ (x * 2.0)[: i + 1]).sum()
