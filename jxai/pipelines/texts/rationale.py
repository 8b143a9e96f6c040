"""MaRC on texts: the rationale of a text of any length, and how likely it and its complement make the class."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.core.types import Score
from jxai.explainers.masks.text_mask import sequence_mask
from jxai.models import TextModel, masked
from jxai.pipelines.devices import require_finite
from jxai.pipelines.marc import LOGS
from jxai.pipelines.texts.cases import Cases
from jxai.pipelines.texts.options import TextOptions
from jxai.pipelines.texts.passages import Passages, joined, of_passages
from jxai.run.map import map_examples
from jxai.signal.masks import keep

__all__ = ["probabilities", "rationale", "rationales", "score_name"]

NOISE, FLIPS, STEPS = 0.03, 0.05, 900  # the paper's, for embeddings and tokens


def rationale(score: Score, *, count: int, steps: int | None = None, mask: Any = None, **options: Any) -> Callable:
    """MaRC with the paper's settings for texts.

    Args:
        score: `(x, present, label, (params, masks)) -> log-probability` of a text in passages.
        count: the most words of a passage.
        steps: the most updates; None: 900.
        mask: settings of `sequence_mask`.
        **options: other settings of `marc`.

    Returns:
        Function `(x, absent, masks, groups, present, label, params, *, key) -> mask [p, t]`.
    """
    settings = {"noise": NOISE, "flips": FLIPS, "steps": steps or STEPS} | options
    explain = jxai.marc(score, mask=sequence_mask(count=count, **(mask or {})), **settings)

    def attribute(
        x: Array, absent: Array, masks: Array, groups: Array, present: Array, label: Array, params: Any, *, key: Array
    ) -> Array:
        return explain(x, present, label, (params, masks), key=key, backgrounds=absent[None], groups=groups)

    return attribute


def score_name(options: TextOptions) -> str:
    """The score that a rationale is of: where nothing is said, the log-probability."""
    return options.score or "log_probability"


def probabilities(score: Score) -> Callable[..., Array]:
    """Function `(mask, x, absent, masks, present, label, params) -> [3]`: P of the text, rationale and complement."""

    def measure(mask: Array, x: Array, absent: Array, masks: Array, present: Array, label: Array, params: Any) -> Array:
        def of(shown: Array) -> Array:
            return jnp.exp(score(keep(x, shown, absent), present, label, (params, masks)))

        return jnp.stack([of(jnp.ones_like(mask)), of(mask), of(1 - mask)])

    return measure


def rationales(
    name: str, options: TextOptions, model: TextModel, params: Any, cases: Cases, parts: Passages
) -> tuple[np.ndarray, list[np.ndarray], list[str]]:
    """The masks of all cases `[n, p, t]`, one number for each word of each text, and a line on each.

    Raises:
        ValueError: a model without classes, or a score that is no log-probability.
    """
    if model.classes is None:
        raise ValueError(f"{name} needs a model with classes: it makes a class likely by the words that it keeps.")
    score = score_name(options)
    if score not in LOGS:
        raise ValueError(f"{name} needs the logarithm of a probability: --score {', '.join(LOGS)}; {score} came.")
    whole = of_passages(getattr(jxai.scores, score)(masked(model.apply)))
    chunk = {} if options.chunk is None else {"chunk": options.chunk}
    mask = {"variant": options.variant}
    attribute = rationale(whole, count=parts.count, steps=options.steps, mask=mask, **chunk)
    devices = jax.local_devices()[: len(cases.names)]
    inputs = parts.xs, parts.absent, parts.masks, parts.groups, parts.present, cases.labels, params
    axes = (0,) * (len(inputs) - 1) + (None,)
    mapped = map_examples(attribute, in_axes=axes, per_device=1, devices=devices)
    raw = mapped(*inputs, key=jax.random.key(options.seed))
    require_finite(raw, f"the result of {name}")
    measure = map_examples(probabilities(whole), in_axes=(0, 0, 0, 0, 0, 0, None), per_device=1, devices=devices)
    shares = measure(raw, parts.xs, parts.absent, parts.masks, parts.present, cases.labels, params)
    words = [joined(one, groups, spans) for one, groups, spans in zip(raw, parts.groups, parts.words, strict=True)]
    return raw, words, [_line(spans, *three.tolist()) for three, spans in zip(shares, parts.words, strict=True)]


def _line(spans: list[range], whole: float, kept: float, left: float) -> str:
    text = f"P(text) {whole:.2f}, P(rationale) {kept:.2f}, P(complement) {left:.2f}"
    return text if len(spans) == 1 else f"{text}, in {len(spans)} passages"
