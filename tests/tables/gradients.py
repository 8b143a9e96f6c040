"""Gradient, path, smoothing, class activation and layer methods, and the tools that make explainers."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

import jxai
from jxai import rules
from tests.cases import Case, Method

__all__ = ["METHODS"]


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
