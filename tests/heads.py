"""What may follow a layer `[4, 4, 2]`: piecewise linear and bending functions `(p, a) -> number or [c]`."""

from functools import partial

import jax
import jax.numpy as jnp

from jxai import scores
from jxai.models.pooling import global_mean, max_pool
from tests.references.example import vector

__all__ = ["A", "BENDING", "P", "STRAIGHT", "conv", "pooled_net", "posterior", "relu_net"]

A = jax.nn.relu(vector((4, 4, 2), 1)) + 0.1
K, V, W = vector((3, 3, 2, 3), 2), vector((12, 5), 3), vector((5, 3), 4)
P = {
    "k": K,
    "v": V,
    "w": W,
    "q": vector((2, 2), 5),
    "o": vector((2, 3), 6),
    "z": vector((32, 3), 7),
    "u": vector((32, 5), 14),
}


def conv(a, kernel):
    return jax.lax.conv_general_dilated(a[None], kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))[0]


def relu_net(p, a, act=jax.nn.relu):
    a = act(normal_of(conv(a, p["k"])))
    a = max_pool(a).reshape(-1)
    return act(a @ p["v"]) @ p["w"]


def normal_of(a):
    return (a - jnp.broadcast_to(vector(3, 8), a.shape)) * jnp.broadcast_to(
        jax.lax.rsqrt(vector(3, 9) ** 2 + 0.5), a.shape
    )


def attention_net(p, a):
    tokens = a.reshape(16, 2)
    centred = tokens - tokens.mean(-1, keepdims=True)
    tokens = tokens + jax.nn.softmax(tokens @ p["q"] @ tokens.T) @ centred
    return jnp.tanh(tokens).mean(0) @ p["o"]


def pooled_net(p, a):
    return global_mean(a) @ p["o"]


def odd_net(p, a):
    """Piecewise linear, written in unusual ways."""
    a = jnp.where(a > 0.5, a, 0.1 * a) + jnp.abs(a) * (a > 0.3).astype(a.dtype)
    a = jnp.clip(jnp.concatenate([a, -a], -1)[..., ::2], -1.0, 1.0)
    a = jnp.sort(a, axis=0).cumsum(1) / 3.0 - jax.lax.stop_gradient(a.max())
    return jnp.maximum(a.reshape(-1), jnp.pad(a.reshape(-1), (1, 0))[:-1]) @ p["z"]


def posterior(net):
    return lambda p, a: jax.nn.softmax(net(p, a))


def dense_net(p, a, act=jax.nn.relu):
    return act(a.reshape(-1) @ p["u"]) @ p["w"]


BENDING = {
    "softmax": posterior(relu_net),
    "sigmoid": lambda p, a: jax.nn.sigmoid(relu_net(p, a)[0]),
    "log-softmax": lambda p, a: jax.nn.log_softmax(dense_net(p, a)),
    "entropy": lambda p, a: scores.entropy(dense_net, normalised=True)(a, p),
    "hesitancy": lambda p, a: scores.hesitancy(dense_net)(a, p),
    "log-probability": lambda p, a: scores.log_probability(dense_net)(a, 1, p),
    "logsumexp of a pooled": lambda p, a: jax.nn.logsumexp(pooled_net(p, a)),
    "pooled": posterior(pooled_net),
    "odd": posterior(odd_net),
    "relu6": posterior(partial(dense_net, act=jax.nn.relu6)),
    "gelu": posterior(partial(dense_net, act=partial(jax.nn.gelu, approximate=False))),
    "silu": partial(dense_net, act=jax.nn.silu),
    "elu": partial(dense_net, act=jax.nn.elu),
    "hard swish": partial(dense_net, act=jax.nn.hard_swish),
    "attention": posterior(attention_net),
    "product": lambda p, a: pooled_net(p, a) * dense_net(p, a),
    "quotient": lambda p, a: dense_net(p, a) / (3.0 + jnp.abs(pooled_net(p, a))),
    "scan": lambda p, a: jax.lax.scan(lambda c, row: (c * 0.5 + row @ p["o"], None), jnp.zeros(3), a.reshape(-1, 2))[0]
    ** 3,
}  # fmt: skip
STRAIGHT = {
    "logits": relu_net,
    "pooled": pooled_net,
    "odd": odd_net,
    "relu6": partial(dense_net, act=jax.nn.relu6),
    "leaky": partial(dense_net, act=jax.nn.leaky_relu),
    "constant": lambda p, a: p["o"][0],
    "steps": lambda p, a: jnp.floor(a).sum((0, 1)) * 1.0,
}
