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

__all__ = ["CASES", "GROUPS", "LABEL", "Case", "Method", "applied", "call_inputs", "case_of", "expected_shape"]

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


def _plus(a: Array, bias: Array) -> Array:
    return a + jnp.broadcast_to(bias, a.shape)


def _convolve(x: Array, kernel: Array, stride: int) -> Array:
    return jax.lax.conv_general_dilated(
        x[None], kernel, (stride, stride), [(1, 1), (1, 1)], dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[0]


_SHAPES = {
    "image": dict(k1=(3, 3, 3, 4), b1=(4,), k2=(3, 3, 4, 5), b2=(5,), w=(80, 3), c=(3,)),
    "text": dict(v=(4, 5), b=(5,), w=(5, 3), c=(3,)),
    "vector": dict(v=(6, 8), b=(8,), w=(8, 3), c=(3,)),
}
_NETS = {
    "image": (image_net, (8, 8, 3), "conv2", (4, 4, 5), (1, 2, 3)),
    "text": (text_net, (6, 4), "words", (6, 5), (2, 1)),
    "vector": (vector_net, (6,), "hidden", (8,), (4,)),
}
CASES = tuple(_NETS)


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
    """An explainer of the face, ready to be built over a score."""

    name: str  # the face's name; variants after a slash
    build: Callable[..., Callable]  # (score, case, **options) -> explain
    draws: bool = False  # needs a key
    count: str | None = None  # its option for the number of evaluations
    chunk: bool = False  # has the option chunk
    inputs: tuple[str, ...] = ()  # arrays that it takes by keyword
    shape: str = "x"  # of its result: x, layer, space (of the layer), places (x's space; a vector's elements), classes
    kinds: tuple[str, ...] = CASES
    backward_in_bounded_memory: bool = True  # whether its derivative's memory is independent of the count too


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
        "groups": lambda: jax.random.randint(drawn, _places(case), -1, GROUPS),
        "against": lambda: jnp.asarray(0),
    }
    return {name: arrays[name]() for name in method.inputs}, (jax.random.key(seed + 1) if method.draws else None)


def expected_shape(method: Method, case: Case) -> tuple[int, ...]:
    """What the method promises of its result's shape."""
    return {
        "x": case.x.shape,
        "layer": case.layer,
        "space": case.layer[:-1],
        "places": _places(case),
        "classes": (CLASSES, *case.x.shape),
    }[method.shape]


def _places(case: Case) -> tuple[int, ...]:
    return case.x.shape[:-1] or case.x.shape
