"""Methods that read the attention maps of a transformer."""

from collections.abc import Callable
from typing import Any

import jxai
from tests.cases import ATTENDING, Method, method

__all__ = ["METHODS"]


def _attending(name: str, of: Callable, **fixed: Any) -> Method:
    return method(name, lambda score, case, **options: of(score, **{**fixed, **options}), kinds=ATTENDING)


METHODS = (
    _attending("raw_attention", jxai.raw_attention),
    _attending("raw_attention/max", jxai.raw_attention, heads="max", at="block0/attention", token=None),
    _attending("attention_rollout", jxai.attention_rollout),
    _attending("attention_rollout/discard", jxai.attention_rollout, heads="max", discard=0.3),
    _attending("attention_relevance", jxai.attention_relevance),
    _attending("attention_relevance/lrp", jxai.attention_relevance, rule="lrp"),
    _attending("transition_attention_maps", jxai.transition_attention_maps, steps=5),
)
