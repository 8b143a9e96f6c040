"""Methods that take groups of elements away: perturbation, surrogates and Shapley values."""

from collections.abc import Callable
from typing import Any

import jxai
from jxai import coalitions, regression
from tests.cases import GROUPS, Case, method

__all__ = ["METHODS"]


def _with(of: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: of(score, **{**fixed, **options})


def _grouped(of: Callable, **fixed: Any) -> Callable:
    return _with(of, count=GROUPS, **fixed)


def _values(score: Callable, case: Case, **options: Any) -> Callable:
    explain = jxai.shapley_estimate(score, **{"count": GROUPS, "permutations": 4, **options})
    return lambda *args, **inputs: explain(*args, **inputs).values


_PLACES = {"inputs": ("baseline",)}  # each place is a group
_SPACE = ("image", "text")

METHODS = (
    method("ablation", _grouped(jxai.ablation)),
    method("ablation/places", _with(jxai.ablation), **_PLACES),
    method("occlusion", _with(jxai.occlusion, window=3, stride=2)),
    method("occlusion/paper", _with(jxai.occlusion, overlap="sum")),
    method("rise", _with(jxai.rise, masks=6, cells=3), kinds=_SPACE),
    method("owen_exact", _with(jxai.owen_exact, partition=(0, 1, 0, 1))),
    method("owen_sampling", _with(jxai.owen_sampling, partition=(0, 1, 0, 1), permutations=3)),
    method("permutation_importance", _grouped(jxai.permutation_importance)),
    method("lime", _grouped(jxai.lime, samples=9)),
    method(
        "lime/text",
        _with(
            jxai.lime,
            samples=40,
            sampler=coalitions.spans(0.2, 0.4, following=1),
            proximity=coalitions.kept,
            fit=regression.lasso(1e-3),
        ),
        count=None,
        kinds=("text",),
        **_PLACES,
    ),
    method("kernel_shap", _grouped(jxai.kernel_shap, samples=20), count=None),  # all coalitions of four groups
    method("kernel_shap/places", _with(jxai.kernel_shap, samples=20), **_PLACES),
    method("shapley_exact", _grouped(jxai.shapley_exact)),
    method("shapley_sampling", _grouped(jxai.shapley_sampling, permutations=3)),
    method("shapley_sampling/antithetic", _grouped(jxai.shapley_sampling, permutations=3, antithetic=True), count=None),
    method(
        "shapley_estimate",
        _values,
        shape="places",
        backward_in_bounded_memory=False,  # the merge of variances keeps its state
    ),
)
