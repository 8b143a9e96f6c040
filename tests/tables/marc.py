"""MaRC: masks of images and texts, in both variants, few steps, without a stop rule, so that there are derivatives."""

from collections.abc import Callable
from typing import Any

import jxai
from tests.cases import Case, method

__all__ = ["METHODS"]


def _marc(**fixed: Any) -> Callable:
    def build(score: Callable, case: Case, **options: Any) -> Callable:
        return jxai.marc(score, **{"steps": 3, "learning_rate": 0.1, "stop": False, **fixed, **options})

    return build


_ALL = {"kinds": ("image", "text"), "inputs": ("backgrounds",)}

METHODS = (
    method("marc", _marc(), backward_in_bounded_memory=False, **_ALL),
    method("marc/released", _marc(variant="released", noise=0.03, flips=0.2), draws=True, count=None, **_ALL),
)
