"""Control flow, in a loop of JAX and unrolled by hand; the first spelling is the unrolled one."""

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["COND", "MAP", "RECURRENT", "STACK"]

DEPTH = 3


def _block(w, h):
    return jax.nn.relu(h @ w) + h


def _unrolled(p, h):
    for w in p["stack"]:
        h = _block(w, h)
    return h


def _scan(body=_block, **options):
    return lambda p, h: lax.scan(lambda h, w: (body(w, h), None), h, p["stack"], **options)[0]


def _nested(p, h):
    def twice(h, ws):
        return lax.scan(lambda h, w: (_block(w, h), None), h, ws)[0], None

    return lax.scan(twice, h, p["stack"][:, None])[0]


def _with_outputs(p, h):  # the last of the stacked outputs is the last carry
    return lax.scan(lambda h, w: (_block(w, h),) * 2, h, p["stack"])[1][-1]


STACK = {
    "unrolled": _unrolled,
    "scan": _scan(),
    "scan, checkpoint": _scan(jax.checkpoint(_block)),
    "scan, jit": _scan(jax.jit(_block)),
    "scan, unroll=3": _scan(unroll=3),
    "scan, maximum": _scan(lambda w, h: jnp.maximum(h @ w, 0) + h),
    "scan in scan": _nested,
    "scan, outputs": _with_outputs,
    "fori_loop": lambda p, h: lax.fori_loop(0, DEPTH, lambda i, h: _block(p["stack"][i], h), h),
    "fori_loop, dynamic_index": lambda p, h: lax.fori_loop(
        0, DEPTH, lambda i, h: _block(lax.dynamic_index_in_dim(p["stack"], i, keepdims=False), h), h
    ),
}


def _cell(p, state, row):
    return jnp.tanh(state @ p["k"] + row @ p["q"])


def _recurrent_by_hand(p, h):
    state, states = jnp.zeros(4, h.dtype), []
    for row in h:
        state = _cell(p, state, row)
        states.append(state)
    return jnp.stack(states)


def _recurrent(**options):
    def layer(p, h):
        return lax.scan(lambda s, row: (lambda s: (s, s))(_cell(p, s, row)), jnp.zeros(4, h.dtype), h, **options)[1]

    return layer


def _recurrent_in_place(p, h):
    def body(i, carry):
        state, states = carry
        state = _cell(p, state, h[i])
        return state, states.at[i].set(state)

    return lax.fori_loop(0, h.shape[0], body, (jnp.zeros(4, h.dtype), jnp.zeros_like(h)))[1]


RECURRENT = {
    "by hand": _recurrent_by_hand,
    "scan": _recurrent(),
    "scan, unroll": _recurrent(unroll=True),
    "fori_loop, at[].set": _recurrent_in_place,
}


def _row(p, row):
    return jax.nn.relu(row @ p["k"] + p["b"])


MAP = {
    "by hand": lambda p, h: jnp.stack([_row(p, row) for row in h]),
    "lax.map": lambda p, h: lax.map(lambda row: _row(p, row), h),
    "lax.map, batch_size": lambda p, h: lax.map(lambda row: _row(p, row), h, batch_size=2),
    "vmap": lambda p, h: jax.vmap(lambda row: _row(p, row))(h),
    "scan without carry": lambda p, h: lax.scan(lambda c, row: (c, _row(p, row)), None, h)[1],
}
COND = {
    "no branch": _row,
    "cond(True)": lambda p, h: lax.cond(True, lambda h: _row(p, h), lambda h: h, h),
    "cond(array)": lambda p, h: lax.cond(jnp.asarray(False), lambda h: h, lambda h: _row(p, h), h),
    "switch(1)": lambda p, h: lax.switch(1, [lambda h: h, lambda h: _row(p, h)], h),
    "cond(of a parameter's shape)": lambda p, h: lax.cond(p["k"].shape[0] > 2, lambda h: _row(p, h), lambda h: h, h),
}
