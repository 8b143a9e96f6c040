"""Methods that take groups of elements away: perturbation, surrogates and Shapley values."""

from collections.abc import Callable
from typing import Any

import jxai
from jxai import coalitions, regression
from tests.cases import GROUPS, Case, Method

__all__ = ["METHODS"]


def _with(of: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: of(score, **{**fixed, **options})


def _grouped(of: Callable, **fixed: Any) -> Callable:
    return _with(of, count=GROUPS, **fixed)


def _values(score: Callable, case: Case, **options: Any) -> Callable:
    explain = jxai.shapley_estimate(score, **{"count": GROUPS, "permutations": 4, **options})
    return lambda *args, **inputs: explain(*args, **inputs).values


_PLACES = {"chunk": True, "inputs": ("baseline",), "shape": "places"}
_GROUPS = {"chunk": True, "inputs": ("baseline", "groups"), "shape": "places"}
_DRAWN = {"draws": True, **_GROUPS}
_SPACE = ("image", "text")

METHODS = (
    Method("ablation", _grouped(jxai.ablation), **_GROUPS),
    Method("ablation/places", _with(jxai.ablation), **_PLACES),
    Method("occlusion", _with(jxai.occlusion, window=3, stride=2), **_PLACES),
    Method("occlusion/paper", _with(jxai.occlusion, overlap="sum"), **_PLACES),
    Method("rise", _with(jxai.rise, masks=6, cells=3), draws=True, count="masks", kinds=_SPACE, **_PLACES),
    Method("owen_exact", _with(jxai.owen_exact, partition=(0, 1, 0, 1)), **_GROUPS),
    Method(
        "owen_sampling",
        _with(jxai.owen_sampling, partition=(0, 1, 0, 1), permutations=3),
        count="permutations",
        **_DRAWN,
    ),
    Method(
        "permutation_importance",
        _grouped(jxai.permutation_importance),
        chunk=True,
        inputs=("backgrounds", "groups"),
        shape="places",
    ),
    Method("lime", _grouped(jxai.lime, samples=9), count="samples", **_DRAWN),
    Method(
        "lime/text",
        _with(
            jxai.lime,
            samples=40,
            sampler=coalitions.spans(0.2, 0.4, following=1),
            proximity=coalitions.kept,
            fit=regression.lasso(1e-3),
        ),
        draws=True,
        kinds=("text",),
        **_PLACES,
    ),
    Method("kernel_shap", _grouped(jxai.kernel_shap, samples=20), **_DRAWN),
    Method("kernel_shap/places", _with(jxai.kernel_shap, samples=20), draws=True, count="samples", **_PLACES),
    Method("shapley_exact", _grouped(jxai.shapley_exact), **_GROUPS),
    Method("shapley_sampling", _grouped(jxai.shapley_sampling, permutations=3), count="permutations", **_DRAWN),
    Method("shapley_sampling/antithetic", _grouped(jxai.shapley_sampling, permutations=3, antithetic=True), **_DRAWN),
    Method(
        "shapley_estimate",
        _values,
        count="permutations",
        backward_in_bounded_memory=False,  # the merge of variances keeps its state
        **_DRAWN,
    ),
)
