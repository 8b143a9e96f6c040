"""Backpropagation with rules: guided, relevance, differences from a baseline, excitation."""

from collections.abc import Callable
from typing import Any

import jxai
from jxai import rules
from tests.cases import method

__all__ = ["METHODS"]


def _lrp(composite: Any) -> Callable:
    return lambda score, case: jxai.lrp(score, composite=composite)


def _averaged(of: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: of(score, **{"chunk": 2, **fixed, **options})


METHODS = (
    method("guided_backprop", lambda score, case: jxai.guided_backprop(score)),
    method("deconvnet", lambda score, case: jxai.deconvnet(score)),
    method("guided_grad_cam", lambda score, case: jxai.guided_grad_cam(score, at=case.at), kinds=("image", "text")),
    method("lrp", _lrp(None)),
    method("lrp/epsilon_gamma_box", _lrp(rules.epsilon_gamma_box(-6.0, 6.0, eps=1e-3))),
    method("lrp/alpha2beta1", _lrp(rules.alpha2beta1(1e-3))),
    method("deep_lift", lambda score, case: jxai.deep_lift(score)),
    method("deep_lift/reveal_cancel", lambda score, case: jxai.deep_lift(score, rule="reveal_cancel")),
    method("deep_shap", _averaged(jxai.deep_shap)),
    method("gradient_shap", _averaged(jxai.gradient_shap, samples=5, noise=0.1)),
    method("excitation_backprop", lambda score, case: jxai.excitation_backprop(score)),
    method("excitation_backprop/layer", lambda score, case: jxai.excitation_backprop(score, at=case.at), shape="space"),
    method("excitation_backprop/contrastive", lambda score, case: jxai.excitation_backprop(score, contrastive=True)),
)
