"""Explain texts by several methods: an attribution for each token, and one number for each word."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.models import TextModel
from jxai.pipelines.devices import require_finite, say_zeros
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.texts.cases import RATIONALES, Cases
from jxai.pipelines.texts.methods import text_score, word_values, words_of
from jxai.pipelines.texts.options import TextOptions
from jxai.pipelines.texts.rationale import rationales
from jxai.run.map import map_examples

__all__ = ["ExplainedTexts", "explain_texts"]


class ExplainedTexts(NamedTuple):
    """A method's result for every case.

    Attributes:
        attributions: `[n, ...]` as the method returns them.
        words: for each case one number a word.
        seconds: per case, with compilation.
        lines: what the method says of each case; None: nothing.
        whole: the result is of all words, also where a text is longer than the model's limit.
    """

    attributions: np.ndarray
    words: list[np.ndarray]
    seconds: float
    lines: list[str] | None = None
    whole: bool = False


def explain_texts(
    names: Sequence[str],
    model: TextModel,
    params: Any,
    cases: Cases,
    options: TextOptions,
    *,
    progress: ProgressCallback = no_progress,
) -> dict[str, ExplainedTexts]:
    """Every case by every method.

    Args:
        names: methods, of `jxai.pipelines.methods.methods()`.
        model: what is explained.
        params: its parameters.
        cases: of `make_cases`, with passages where the names have a method of `RATIONALES`.
        options: the methods' settings.
        progress: called as the work goes on.

    Returns:
        Method -> result.

    Raises:
        ValueError: an unknown name, a method that does not fit the model, or an attribution that is not finite.
    """
    results = {}
    for name in names:
        if name in RATIONALES and cases.passages:
            start = time.perf_counter()
            raw, words, lines = rationales(name, options, model, params, cases, cases.passages)
            seconds = (time.perf_counter() - start) / len(cases.names)
            results[name] = ExplainedTexts(raw, words, seconds, lines, whole=True)
        else:
            results[name] = _explained(name, model, params, cases, options, progress)
    return results


def _explained(
    name: str, model: TextModel, params: Any, cases: Cases, options: TextOptions, progress: ProgressCallback
) -> ExplainedTexts:
    """The result of a method that explains what fits the model's limit."""
    score = text_score(model, options.score)
    most = max(len(sentence.words) for sentence in cases.sentences)
    attribute, tied = word_values(name, score, options, words=most)
    start = time.perf_counter()
    mapped = map_examples(
        attribute, in_axes=(0, 0, 0, 0, None), per_device=1, devices=jax.local_devices()[: len(cases.names)]
    )
    rows = cases.xs, cases.labels, cases.inputs, cases.masks
    raw = mapped(*rows, params, key=jax.random.key(options.seed), progress=partial(progress, name))
    require_finite(raw, f"the result of {name}")
    say_zeros(raw, name)
    seconds = (time.perf_counter() - start) / len(cases.names)
    words = [
        words_of(name, one, sentence.groups, len(sentence.words), tied=tied)
        for one, sentence in zip(raw, cases.sentences, strict=True)
    ]
    return ExplainedTexts(raw, words, seconds)
