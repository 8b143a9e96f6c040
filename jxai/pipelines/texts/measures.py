"""Measures by name, of the words of texts: a word's pieces stay or go as one, its place taken by the baseline."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.measures import MEASURES
from jxai.models import TextModel, masked
from jxai.pipelines.measures import columns_and_rows, measures
from jxai.pipelines.methods import require_known
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.texts.cases import Cases
from jxai.pipelines.texts.explain import ExplainedTexts
from jxai.report.sections import Table
from jxai.run.map import map_examples

__all__ = ["measure_texts", "require_text_measures", "text_measures", "text_table"]


def text_measures() -> dict[str, str]:
    """Name -> one line of description, of every measure of words that needs no ground truth."""
    return {name: about for name, about in measures().items() if "groups" in MEASURES[name].inputs}


def require_text_measures(names: Sequence[str]) -> None:
    """Raise `ValueError` for a name that is no measure of words, with those that come close."""
    require_known(names, text_measures(), "measure of texts")


def measure_texts(
    names: Sequence[str],
    model: TextModel,
    params: Any,
    cases: Cases,
    results: dict[str, ExplainedTexts],
    *,
    progress: ProgressCallback = no_progress,
) -> dict[str, dict[str, np.ndarray]]:
    """Every case by every measure, of the probability of its class.

    Args:
        names: measures, of `text_measures()`.
        model: what is explained.
        params: its parameters.
        cases: what was explained.
        results: the values of words, by method.
        progress: called as the work goes on.

    Returns:
        Method -> measure -> values `[n]`.

    Raises:
        ValueError: an unknown name, a model without classes, or a text longer than the model's limit that a method
            explained as a whole.
    """
    require_text_measures(names)
    if model.classes is None:
        raise ValueError("measures replace words and watch the probability of a class; this model has no classes.")
    probability = jxai.scores.probability(masked(model.apply))
    most = max(len(sentence.words) for sentence in cases.sentences)
    by_name = {name: MEASURES[name].function(probability, count=most) for name in names}

    def measure(
        values: Array, x: Array, label: Array, mask: Array, baseline: Array, groups: Array, params: Any
    ) -> dict[str, Array]:
        map = jnp.where(groups < 0, jnp.zeros_like(values[:1]), values[groups])
        arguments = label, (params, mask)
        return {name: one(map, x, *arguments, baseline=baseline, groups=groups) for name, one in by_name.items()}

    devices = jax.local_devices()[: len(cases.names)]
    mapped = map_examples(measure, in_axes=(0, 0, 0, 0, 0, 0, None), per_device=1, devices=devices)
    rows = cases.xs, cases.labels, cases.masks, cases.inputs["baseline"], cases.inputs["groups"]
    measured = {}
    for method, result in results.items():
        report = partial(progress, f"measuring {method}")
        values = mapped(_padded(method, result, cases, most), *rows, params, progress=report)
        measured[method] = {name: values[name] for name in names}  # JAX sorts the names of a dict
    return measured


def text_table(measured: dict[str, dict[str, np.ndarray]], count: int) -> Table:
    """Mean and standard error of every measure by method, over `count` texts and classes."""
    absent = "the baseline of absent words"
    columns, rows = columns_and_rows(measured, {"mean": absent, "blur": absent}, "text")
    return Table("Measures", columns, rows, text=f"Places are words. Mean ± standard error over {count} explanations.")


def _padded(name: str, result: ExplainedTexts, cases: Cases, most: int) -> np.ndarray:
    """The values of the words of all cases, `[n, most]`."""
    for values, sentence in zip(result.words, cases.sentences, strict=True):
        if len(values) != len(sentence.words):
            raise ValueError(
                f"measures see a text as the model takes it, {len(sentence.words)} words; {name} explained "
                f"{len(values)}: shorten the text, or measure another method."
            )
    return np.stack([np.pad(values, (0, most - len(values))) for values in result.words]).astype(np.float32)
