"""Attribution to the places of a layer, and deliberative explanations."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp

import jxai
from tests.cases import CLASSES, Case, Method

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


_SPACE = {"shape": "space", "kinds": ("image", "text")}

METHODS = (
    Method("first_order", _of_places(jxai.first_order), chunk=True, **_SPACE),
    Method("second_order", _of_places(jxai.second_order), chunk=True, **_SPACE),
    Method("second_order/probability", _of_places(jxai.second_order, jnp.exp), chunk=True, **_SPACE),
    Method("location_maps", _by, **_SPACE),
    Method("deliberative", _deliberative, chunk=True, **_SPACE),
    Method("deliberative/released", partial(_deliberative, variant="released"), chunk=True, **_SPACE),
)
