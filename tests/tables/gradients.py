"""Gradient, path, smoothing, class activation and layer methods, and the tools that make explainers."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

import jxai
from jxai import rules
from tests.cases import Case, method

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


_SPACE = ("image", "text")

METHODS = (
    method("gradient", lambda score, case: jxai.gradient(score)),
    method("times_input", lambda score, case: jxai.times_input(jxai.gradient(score))),
    method("contrast", lambda score, case: jxai.contrast(jxai.times_input(jxai.gradient(score)))),
    method("all_classes", lambda score, case, **options: jxai.all_classes(jxai.gradient(score), **options)),
    method("integrated_gradients", _path(jxai.integrated_gradients)),
    method("integrated_gradients/gauss_legendre", _path(jxai.integrated_gradients, quadrature="gauss_legendre")),
    method("blur_integrated_gradients", _path(jxai.blur_integrated_gradients, sigma=2.0), kinds=_SPACE),
    method(
        "guided_integrated_gradients",
        _path(jxai.guided_integrated_gradients, distance=0.2),
        backward_in_bounded_memory=False,  # each point depends on the last: all are kept
    ),
    method(
        "expected_gradients",
        lambda score, case, **options: jxai.expected_gradients(score, **{"samples": 5, "chunk": 2, **options}),
    ),
    method("idgi", _path(jxai.idgi), backward_in_bounded_memory=False),
    method(
        "idgi/blur",
        _path(jxai.idgi, over=jxai.blur_integrated_gradients, sigma=2.0),
        inputs=(),
        kinds=_SPACE,
        backward_in_bounded_memory=False,
    ),
    method(
        "idgi/guided",
        _path(jxai.idgi, over=jxai.guided_integrated_gradients, distance=0.2),
        chunk=False,
        backward_in_bounded_memory=False,
    ),
    method("smoothgrad", _noisy(jxai.smoothgrad)),
    method(
        "smoothgrad/integrated_gradients",
        _noisy(jxai.smoothgrad, lambda score, case: jxai.integrated_gradients(score, steps=3)),
        inputs=("baseline",),
    ),
    method("smoothgrad_squared", _noisy(jxai.smoothgrad_squared)),
    method("vargrad", _noisy(jxai.vargrad), backward_in_bounded_memory=False),
    method("grad_cam", _cam(jxai.grad_cam)),
    method("grad_cam_pp", _cam(jxai.grad_cam_pp)),
    method("hires_cam", _cam(jxai.hires_cam)),
    method("layer_cam", _cam(jxai.layer_cam)),
    method("score_cam", _cam(jxai.score_cam), kinds=_SPACE),
    method("eigen_cam", _cam(jxai.eigen_cam), kinds=_SPACE),
    method(
        "layer_attribution",
        lambda score, case: jxai.layer_attribution(
            score, lambda head: jxai.times_input(jxai.gradient(head)), at=case.at
        ),
    ),
    method(
        "neuron",
        lambda score, case: jxai.times_input(
            jxai.gradient(lambda *args: jnp.tanh(jxai.neuron(score, at=case.at, index=case.index)(*args)))
        ),
        shape="x",
    ),
    method("conductance", _along(jxai.conductance)),
    method("internal_influence", _along(jxai.internal_influence)),
    method(
        "neuron_conductance",
        lambda score, case, **options: jxai.neuron_conductance(
            score, at=case.at, index=case.index, **{"steps": 5, **options}
        ),
    ),
    method(
        "with_rules/guided",
        lambda score, case: jxai.gradient(jxai.with_rules(score, {"relu": rules.guided})),
        shape="x",
    ),
    method("with_rules/lrp", _lrp, shape="x"),
    method("edit", lambda score, case: jxai.gradient(jxai.edit(score, {case.at: lambda a: a**2})), shape="x"),
)
