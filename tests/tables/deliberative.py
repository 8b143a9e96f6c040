"""Attribution to the places of a layer, and deliberative explanations."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp

import jxai
from tests.cases import CLASSES, Case, method

__all__ = ["METHODS"]


def _of_places(of: Callable, change: Callable = lambda value: value) -> Callable:
    def build(score: Callable, case: Case, **options: Any) -> Callable:
        return of(lambda *args: change(score(*args)), at=case.at, **options)

    return build


def _by(score: Callable, case: Case, **options: Any) -> Callable:
    method = lambda head: jxai.times_input(jxai.gradient(head))
    by = jxai.location_maps(method, **options)
    return by(lambda x, label, params: score(x, label, params), at=case.at)


def _deliberative(score: Callable, case: Case, variant: str = "paper", **options: Any) -> Callable:
    """The sum of the ambiguity maps: it does not depend on their order."""
    explain = jxai.deliberative(
        case.apply,
        lambda x, params, label: 100 * score(x, label, params),  # products of three maps are small
        at=case.at,
        attribution=partial(jxai.second_order, **options),
        classes=CLASSES,
        candidates=2,
        variant=variant,
    )
    return lambda x, label, params, key=None: explain(x, params, label, key=key).map.sum(0)


_SPACE = {"kinds": ("image", "text")}
_SUM = {"chunk": True, "shape": "space", **_SPACE}  # of all maps, which have options of their own

METHODS = (
    method("first_order", _of_places(jxai.first_order), **_SPACE),
    method("second_order", _of_places(jxai.second_order), **_SPACE),
    method("second_order/probability", _of_places(jxai.second_order, jnp.exp), **_SPACE),
    method("location_maps", _by, chunk=False, **_SPACE),
    method("deliberative", _deliberative, **_SUM),
    method("deliberative/released", partial(_deliberative, variant="released"), **_SUM),
)
