"""Methods that take groups of elements away: perturbation, surrogates and Shapley values."""

from collections.abc import Callable
from typing import Any

import jxai
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
    Method(
        "permutation_importance",
        _grouped(jxai.permutation_importance),
        chunk=True,
        inputs=("backgrounds", "groups"),
        shape="places",
    ),
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
