"""The rows of `experiments.deliberative`: difficulty scores, attribution functions, and how the maps are combined."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

import jxai
from experiments.deliberative.summary import RELEASED
from jxai.explainers.deliberative.insecurities import product
from jxai.explainers.deliberative.maps import integrated_maps

__all__ = ["ROWS", "Row"]


def positive(*maps: Any) -> Any:
    """The product of the maps' positive parts: that of two negative ones is no evidence for both classes."""
    return product(*(jax.nn.relu(each) for each in maps))


class Row(NamedTuple):
    """A way to explain: a difficulty score (None: no map of it), an attribution function, how the maps are combined."""

    difficulty: str | None
    attribution: Callable[..., Any]
    variant: str = "paper"
    combine: Callable[..., Any] = product


AS_PRINTED = {
    "Gradient": Row("hardness", jxai.first_order),
    "Hesitancy": Row("hesitancy", jxai.first_order),
    "Entropy": Row("entropy", jxai.first_order),
    "Gradient without m^s": Row(None, jxai.first_order),
    "Integrated gradients": Row("hardness", integrated_maps(steps=50)),
    "Gradient-Hessian": Row("hardness", jxai.second_order),
}
ROWS = {
    **AS_PRINTED,
    "Gradient, positive parts": Row("hardness", jxai.first_order, combine=positive),
    **{name + RELEASED: row._replace(variant="released") for name, row in AS_PRINTED.items()},
}
