"""Small tapped networks, and what the contract must know of a method over them."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

import jxai
from jxai import scores
from jxai.methods import METHODS

__all__ = [
    "ATTENDING",
    "CASES",
    "GROUPS",
    "LABEL",
    "Case",
    "Method",
    "applied",
    "call_inputs",
    "case_of",
    "expected_shape",
    "method",
    "pictures",
    "words",
]

CLASSES = 3
LABEL = 2
GROUPS = 4


class Case(NamedTuple):
    """One example, a network for it and where to look inside."""

    apply: Callable[[Any, Array], Array]
    params: Any
    x: Array
    at: str  # a tap
    layer: tuple[int, ...]  # the shape there
    index: tuple[int, ...]  # one of its neurons, not dead


def image_net(params: dict, x: Array) -> Array:
    """Two convolutions and a dense layer: `[8, 8, 3] -> [3]`."""
    a = jxai.tap(jax.nn.relu(_plus(_convolve(x, params["k1"], 1), params["b1"])), "conv1")  # [8, 8, 4]
    a = jxai.tap(jax.nn.relu(_plus(_convolve(a, params["k2"], 2), params["b2"])), "conv2")  # [4, 4, 5]
    return a.reshape(-1) @ params["w"] + params["c"]


def text_net(params: dict, x: Array) -> Array:
    """A layer for each word, a mixing of neighbours and a mean: `[6, 4] -> [3]`."""
    a = jxai.tap(jax.nn.relu(_plus(x @ params["v"], params["b"])), "words")  # [6, 5]
    mixed = jnp.tanh(a + jnp.roll(a, 1, axis=0) ** 2)
    return mixed.mean(0) @ params["w"] + params["c"]


def vector_net(params: dict, x: Array) -> Array:
    """Two dense layers: `[6] -> [3]`."""
    a = jxai.tap(jax.nn.relu(x @ params["v"] + params["b"]), "hidden")  # [8]
    return jnp.tanh(a) @ params["w"] + params["c"]


def tokens_net(params: dict, x: Array) -> Array:
    """Two blocks of a transformer, class token first, which is classified: `[5, 4] -> [3]`."""
    for i in range(2):
        x = _attended(params, i, x)
        hidden = jax.nn.gelu(_plus(_normal(x) @ params[f"up{i}"], params[f"bias{i}"]), approximate=False)
        x = jxai.tap(x + hidden @ params[f"down{i}"], f"block{i}")
    return _normal(x)[0] @ params["w"] + params["c"]


def patches_net(params: dict, x: Array) -> Array:
    """The same behind patches of 2 x 2 pixels and a class token: `[4, 4, 3] -> [3]`."""
    patches = x.reshape(2, 2, 2, 2, 3).transpose(0, 2, 1, 3, 4).reshape(4, 12) @ params["embed"]
    patches = jxai.tap(patches.reshape(2, 2, 4), "grid").reshape(4, 4)
    return tokens_net(params, jnp.concatenate([params["token"], patches]))


def _attended(params: dict, i: int, x: Array) -> Array:
    normal = _normal(x)
    query, key, value = ((normal @ params[name + str(i)]).reshape(5, 2, 2).transpose(1, 0, 2) for name in "qkv")
    attention = jax.nn.softmax(query @ key.transpose(0, 2, 1) * jnp.asarray(2.0**-0.5, x.dtype))
    mixed = jxai.tap(attention, f"block{i}/attention") @ value
    return x + _plus(mixed.transpose(1, 0, 2).reshape(5, 4) @ params[f"out{i}"], params[f"shift{i}"])


def _normal(x: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + jnp.asarray(1e-3, x.dtype))


def _plus(a: Array, bias: Array) -> Array:
    return a + jnp.broadcast_to(bias, a.shape)


def _convolve(x: Array, kernel: Array, stride: int) -> Array:
    return jax.lax.conv_general_dilated(
        x[None], kernel, (stride, stride), [(1, 1), (1, 1)], dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[0]


_BLOCK = dict(q=(4, 4), k=(4, 4), v=(4, 4), out=(4, 4), shift=(4,), up=(4, 6), bias=(6,), down=(6, 4))
_TRANSFORMER = {f"{name}{i}": size for i in range(2) for name, size in _BLOCK.items()} | dict(w=(4, 3), c=(3,))
_SHAPES = {
    "image": dict(k1=(3, 3, 3, 4), b1=(4,), k2=(3, 3, 4, 5), b2=(5,), w=(80, 3), c=(3,)),
    "text": dict(v=(4, 5), b=(5,), w=(5, 3), c=(3,)),
    "vector": dict(v=(6, 8), b=(8,), w=(8, 3), c=(3,)),
    "tokens": _TRANSFORMER,
    "patches": _TRANSFORMER | dict(embed=(12, 4), token=(1, 4)),
}
_NETS = {
    "image": (image_net, (8, 8, 3), "conv2", (4, 4, 5), (1, 2, 3)),
    "text": (text_net, (6, 4), "words", (6, 5), (2, 1)),
    "vector": (vector_net, (6,), "hidden", (8,), (4,)),
    "tokens": (tokens_net, (5, 4), "block1", (5, 4), (0, 1)),
    "patches": (patches_net, (4, 4, 3), "grid", (2, 2, 4), (1, 0, 2)),
}
CASES = ("image", "text", "vector")  # what a method explains unless it says otherwise
ATTENDING = ("tokens", "patches")  # the networks with attention maps


# shard_map takes erf (GELU) with its check of what varies over devices; JAX 0.12 raises an error of its own
ERF_IS_CHECKED = jax.__version_info__ < (0, 12)


@cache
def case_of(kind: str, dtype: Any = jnp.float64) -> Case:
    """The example and network of a kind; the same numbers in every dtype, up to rounding."""
    apply, shape, at, layer, index = _NETS[kind]
    keys = jax.random.split(jax.random.key(7), 1 + len(_SHAPES[kind]))
    params = {
        name: (jax.random.normal(key, size, jnp.float64) / math.prod(size[:-1]) ** 0.5).astype(dtype)
        for key, (name, size) in zip(keys[1:], _SHAPES[kind].items(), strict=True)
    }
    x = jax.random.normal(keys[0], shape, jnp.float64).astype(dtype)
    return Case(apply, params, x, at, layer, index)


class Method(NamedTuple):
    """A method of the table, or a variant of it, ready to be built over a score."""

    name: str  # the face's name; variants after a slash
    build: Callable[..., Callable]  # (score, case, **options) -> explain
    draws: bool = False  # needs a key
    count: str | None = None  # its option for the number of evaluations
    chunk: bool = False  # has the option chunk
    inputs: tuple[str, ...] = ()  # arrays that it takes by keyword
    # of its result: x, places (the space of x; a vector's elements), layer, space (of the layer), tokens, classes
    shape: str = "x"
    kinds: tuple[str, ...] = CASES
    backward_in_bounded_memory: bool = True  # whether its derivative's memory is independent of the count too
    follows: tuple[str, ...] = ("x", "params")  # what its result depends on, and has derivatives in


def method(name: str, build: Callable[..., Callable], **settings: Any) -> Method:
    """A method with the facts of its row in `jxai.methods`, but for the settings given here."""
    row = METHODS[name.partition("/")[0]]
    facts = {"draws": row.draws, "count": row.count or None, "chunk": row.chunk, "shape": row.shape}
    return Method(name, build, **{**facts, "inputs": (*row.inputs, *row.needs), **settings})


def words(method: Method) -> str:
    """The kind of a small example on which the method is tested."""
    return "text" if "text" in method.kinds else method.kinds[0]


def pictures(method: Method) -> str:
    """The kind of a larger example on which the method is tested."""
    return "image" if "image" in method.kinds else method.kinds[-1]


def applied(method: Method, case: Case, **options: Any) -> Callable[..., Array]:
    """The method over the log-probability, as a function `(x, params, inputs, key) -> attribution`."""
    explain = method.build(scores.log_probability(case.apply), case, **options)
    label = jnp.arange(CLASSES) if method.shape == "classes" else LABEL

    def explained(x: Array, params: Any, inputs: dict, key: Array | None) -> Array:
        return explain(x, label, params, key=key, **inputs)

    return explained


def call_inputs(method: Method, case: Case, seed: int = 11) -> tuple[dict, Array | None]:
    """The arrays that the method takes by keyword, and its key (None where it draws nothing)."""
    drawn = jax.random.key(seed)
    arrays = {
        "baseline": lambda: 0.3 * jax.random.normal(drawn, case.x.shape, jnp.float64).astype(case.x.dtype),
        "baselines": lambda: jax.random.normal(drawn, (4, *case.x.shape), jnp.float64).astype(case.x.dtype),
        "backgrounds": lambda: jax.random.normal(drawn, (3, *case.x.shape), jnp.float64).astype(case.x.dtype),
        "groups": lambda: jax.random.randint(drawn, case.x.shape[:-1] or case.x.shape, -1, GROUPS),
        "against": lambda: jnp.asarray(0),
        "segments": lambda: _segments(case.x.shape[:-1], seed),
    }
    return {name: arrays[name]() for name in method.inputs}, (jax.random.key(seed + 1) if method.draws else None)


def _segments(space: tuple[int, ...], seed: int) -> Array:
    """Two levels: blocks of two and of three along each axis, the second with its numbers turned by the seed."""
    fine, coarse = (jxai.signal.segments.grid(space, (side, *(side + 1,) * (len(space) - 1))) for side in (3, 4))
    return jnp.stack([fine, (coarse + seed) % (coarse.max() + 1)])


def expected_shape(method: Method, case: Case) -> tuple[int, ...]:
    """What the method promises of its result's shape."""
    return {
        "x": case.x.shape,
        "places": case.x.shape[:-1] or case.x.shape,
        "layer": case.layer,
        "space": case.layer[:-1],
        "tokens": case.layer[:-1],
        "classes": (CLASSES, *case.x.shape),
    }[method.shape]
