"""Mask optimisation, segment-based methods, and the maps for comparison."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

import jxai
from tests.cases import Case, method

__all__ = ["METHODS"]

_SPACE = ("image", "text")
_LABELS = 8  # at most, at each level of the segments of `tests.cases.call_inputs`


def _masked(of: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: of(score, **{"steps": 4, "cell": 2, "sigma": 1.5, **fixed, **options})


def _regional(score: Callable, case: Case, **options: Any) -> Callable:
    return jxai.regional_multiscale(lambda *args: jnp.exp(score(*args)), **{"samples": 3, "count": _LABELS, **options})


_BLURRED = {"inputs": (), "kinds": _SPACE, "backward_in_bounded_memory": False}

METHODS = (
    method("meaningful_perturbation", _masked(jxai.meaningful_perturbation, smooth=1.0, jitter=1, l1=0.1), **_BLURRED),
    method(
        "extremal_perturbation",
        _masked(jxai.extremal_perturbation, smooth=1.0, areas=(0.2, 0.4), levels=3, weight=1.0, game="both"),
        **_BLURRED,
    ),
    method("xrai", lambda score, case: jxai.xrai(jxai.times_input(jxai.gradient(score)), count=_LABELS), kinds=_SPACE),
    method("regional_multiscale", _regional, kinds=_SPACE),
    method("random_map", lambda score, case: jxai.random_map(score), follows=()),
    method("edge_detector", lambda score, case: jxai.edge_detector(score), kinds=_SPACE, follows=("x",)),
)
