"""Methods that read the attention maps of a transformer."""

from collections.abc import Callable
from typing import Any

import jxai
from tests.cases import ATTENDING, Method

__all__ = ["METHODS"]

_KIND = {"shape": "tokens", "kinds": ATTENDING}


def _of(method: Callable, **fixed: Any) -> Callable:
    return lambda score, case, **options: method(score, **{**fixed, **options})


METHODS = (
    Method("raw_attention", _of(jxai.raw_attention), **_KIND),
    Method("raw_attention/max", _of(jxai.raw_attention, heads="max", at="block0/attention", token=None), **_KIND),
    Method("attention_rollout", _of(jxai.attention_rollout), **_KIND),
    Method("attention_rollout/discard", _of(jxai.attention_rollout, heads="max", discard=0.3), **_KIND),
    Method("attention_relevance", _of(jxai.attention_relevance), **_KIND),
    Method("attention_relevance/lrp", _of(jxai.attention_relevance, rule="lrp"), **_KIND),
    Method(
        "transition_attention_maps",
        _of(jxai.transition_attention_maps, steps=5),
        count="steps",
        chunk=True,
        inputs=("baseline",),
        **_KIND,
    ),
)
