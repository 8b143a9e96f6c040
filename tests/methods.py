"""The table of all methods: each explainer of the face over a small tapped network, and what the contract must know.

A new explainer is added to `METHODS`, and is thereby tested by `test_contracts.py`; a test there compares the table
with the face.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

import jxai
from jxai import rules, scores

__all__ = ["CASES", "METHODS", "Case", "TOOLS", "Method", "applied", "call_inputs", "case_of", "expected_shape"]

TOOLS = {"metrics", "reap", "rule", "rules", "scores", "signal", "split", "tap", "values_and_grads"}  # no explainers
CLASSES = 3
LABEL = 2


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
    shape: str = "x"  # of its result: x, layer, space (of the layer), classes
    kinds: tuple[str, ...] = CASES
    backward_in_bounded_memory: bool = True  # whether its derivative's memory is independent of the count too


def _lrp(score: Callable, case: Case) -> Callable:
    eps = rules.epsilon(1e-3)
    linear = {"dot_general": eps} | ({"conv_general_dilated": eps} if case.x.ndim == 3 else {})
    return jxai.times_input(jxai.gradient(jxai.with_rules(score, linear)))


def _path(of: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: of(score, **{"steps": 5, **fixed, **options})


def _noisy(of: Callable, inner: Callable = lambda score, case: jxai.gradient(score)) -> Callable:
    return lambda score, case, **options: of(inner(score, case), **{"samples": 5, "chunk": 2, **options})


def _cam(of: Callable) -> Callable:
    return lambda score, case, **options: of(score, at=case.at, **options)


def _along(of: Callable) -> Callable:
    return lambda score, case, **options: of(score, at=case.at, **{"steps": 5, **options})


_STEPS = {"count": "steps", "chunk": True, "inputs": ("baseline",)}
_SAMPLES = {"draws": True, "count": "samples", "chunk": True}
_SPACE = ("image", "text")

METHODS = (
    Method("gradient", lambda score, case: jxai.gradient(score)),
    Method("times_input", lambda score, case: jxai.times_input(jxai.gradient(score))),
    Method("contrast", lambda score, case: jxai.contrast(jxai.times_input(jxai.gradient(score))), inputs=("against",)),
    Method(
        "all_classes",
        lambda score, case, **options: jxai.all_classes(jxai.gradient(score), **options),
        chunk=True,
        shape="classes",
    ),
    Method("integrated_gradients", _path(jxai.integrated_gradients), **_STEPS),
    Method(
        "integrated_gradients/gauss_legendre",
        _path(jxai.integrated_gradients, quadrature="gauss_legendre"),
        **_STEPS,
    ),
    Method(
        "blur_integrated_gradients",
        _path(jxai.blur_integrated_gradients, sigma=2.0),
        count="steps",
        chunk=True,
        kinds=_SPACE,
    ),
    Method(
        "guided_integrated_gradients",
        _path(jxai.guided_integrated_gradients, distance=0.2),
        count="steps",
        inputs=("baseline",),
        backward_in_bounded_memory=False,  # each point depends on the last: all are kept
    ),
    Method(
        "expected_gradients",
        lambda score, case, **options: jxai.expected_gradients(score, **{"samples": 5, "chunk": 2, **options}),
        inputs=("baselines",),
        **_SAMPLES,
    ),
    Method("idgi", _path(jxai.idgi), backward_in_bounded_memory=False, **_STEPS),
    Method(
        "idgi/blur",
        _path(jxai.idgi, over=jxai.blur_integrated_gradients, sigma=2.0),
        count="steps",
        chunk=True,
        kinds=_SPACE,
        backward_in_bounded_memory=False,
    ),
    Method(
        "idgi/guided",
        _path(jxai.idgi, over=jxai.guided_integrated_gradients, distance=0.2),
        count="steps",
        inputs=("baseline",),
        backward_in_bounded_memory=False,
    ),
    Method("smoothgrad", _noisy(jxai.smoothgrad), **_SAMPLES),
    Method(
        "smoothgrad/integrated_gradients",
        _noisy(jxai.smoothgrad, lambda score, case: jxai.integrated_gradients(score, steps=3)),
        inputs=("baseline",),
        **_SAMPLES,
    ),
    Method("smoothgrad_squared", _noisy(jxai.smoothgrad_squared), **_SAMPLES),
    Method("vargrad", _noisy(jxai.vargrad), backward_in_bounded_memory=False, **_SAMPLES),
    Method("grad_cam", _cam(jxai.grad_cam), shape="space"),
    Method("grad_cam_pp", _cam(jxai.grad_cam_pp), shape="space"),
    Method("hires_cam", _cam(jxai.hires_cam), shape="space"),
    Method("layer_cam", _cam(jxai.layer_cam), shape="space"),
    Method("score_cam", _cam(jxai.score_cam), chunk=True, inputs=("baseline",), shape="space", kinds=_SPACE),
    Method("eigen_cam", _cam(jxai.eigen_cam), shape="space", kinds=_SPACE),
    Method(
        "layer_attribution",
        lambda score, case: jxai.layer_attribution(
            score, lambda head: jxai.times_input(jxai.gradient(head)), at=case.at
        ),
        shape="layer",
    ),
    Method(
        "neuron",
        lambda score, case: jxai.times_input(
            jxai.gradient(lambda *args: jnp.tanh(jxai.neuron(score, at=case.at, index=case.index)(*args)))
        ),
    ),
    Method("conductance", _along(jxai.conductance), shape="layer", **_STEPS),
    Method("internal_influence", _along(jxai.internal_influence), shape="layer", **_STEPS),
    Method(
        "neuron_conductance",
        lambda score, case, **options: jxai.neuron_conductance(
            score, at=case.at, index=case.index, **{"steps": 5, **options}
        ),
        **_STEPS,
    ),
    Method(
        "with_rules/guided",
        lambda score, case: jxai.gradient(jxai.with_rules(score, {"relu": rules.guided})),
    ),
    Method("with_rules/lrp", _lrp),
    Method(
        "edit",
        lambda score, case: jxai.gradient(jxai.edit(score, {case.at: lambda a: a**2})),
    ),
)


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
        "against": lambda: jnp.asarray(0),
    }
    return {name: arrays[name]() for name in method.inputs}, (jax.random.key(seed + 1) if method.draws else None)


def expected_shape(method: Method, case: Case) -> tuple[int, ...]:
    """What the method promises of its result's shape."""
    return {
        "x": case.x.shape,
        "layer": case.layer,
        "space": case.layer[:-1],
        "classes": (CLASSES, *case.x.shape),
    }[method.shape]
