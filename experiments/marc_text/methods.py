"""The methods of MaRC's Table 1 on texts in passages, and the two measures of faithfulness."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

import jxai
from jxai.core.types import Explain, Key, Score
from jxai.pipelines.texts.rationale import rationale

__all__ = ["ABLATIONS", "Example", "Settings", "faithfulness", "methods"]

ABLATIONS: dict[str, dict[str, Any]] = {  # what is left out of MaRC, as Table 1 calls it
    "noise": {"noise": 0.0, "flips": 0.0},
    "Ω_λ": {"mask": {"sparsity": 0.0}},
    "Ω_σ": {"mask": {"sigma": 0.0}},
    "L(x̃ᶜ)": {"comprehensiveness": 0.0},
}
Maps = Callable[..., dict[str, Array]]


class Example(NamedTuple):
    """A text in passages, a row of `jxai.pipelines.texts.passages.Passages`, and its class; NumPy or JAX arrays."""

    x: Any
    absent: Any
    masks: Any
    groups: Any
    everywhere: Any
    present: Any
    label: Any


class Settings(NamedTuple):
    """The settings of the methods; `words` is the largest number of words in a text, `count` in a passage."""

    words: int
    count: int
    steps: int = 900
    samples: int = 100
    permutations: int = 15
    window: int = 5
    path: int = 50
    chunk: int = 8


def methods(score: Score, settings: Settings, *, ablations: bool = True) -> dict[str, Maps]:
    """The methods by name; one may make several rows of the table.

    Args:
        score: `(x, present, label, (params, masks)) -> log-probability`, in nats.
        settings: of the methods.
        ablations: include those of MaRC.

    Returns:
        Functions `(example, params, *, key) -> {row: [p, t]}`, one number per token.
    """
    true_class = probability(score)
    gradient = jxai.gradient(true_class)
    path = jxai.integrated_gradients(true_class, steps=settings.path, chunk=settings.chunk)
    window = jxai.occlusion(true_class, window=(1, settings.window), stride=(1, 1), chunk=settings.chunk)
    sampled: dict[str, Any] = {"count": settings.words, "chunk": settings.chunk}
    spans, kept, ridge = jxai.coalitions.spans(), jxai.coalitions.kept, jxai.regression.ridge()
    lime = jxai.lime(true_class, samples=settings.samples, sampler=spans, proximity=kept, fit=ridge, **sampled)
    shapley = jxai.shapley_sampling(true_class, permutations=settings.permutations, **sampled)
    every: dict[str, Maps] = {
        "MaRC": _marc("MaRC", score, settings),
        "MaRC as released": _marc("MaRC as released", score, settings, mask={"variant": "released"}),
        "Occlusion": lambda e, params, *, key: {"Occlusion": _explain(window, e, params, baseline=e.absent)},
        "Saliency": _reduced("Saliency", gradient),
        "InXGrad": _reduced("InXGrad", jxai.times_input(gradient)),
        "Int. Grads": _reduced("Int. Grads", path, baseline=True),
        "LIME": lambda e, params, *, key: {"LIME": _grouped(lime, e, params, key)},
        "Shapley": lambda e, params, *, key: {"Shapley": _grouped(shapley, e, params, key)},
        "Random": lambda e, params, *, key: {"Random": _random(e, key, settings.words)},
    }
    left_out = ABLATIONS.items() if ablations else ()
    return every | {f"MaRC without {name}": _marc(f"MaRC without {name}", score, settings, **o) for name, o in left_out}


def probability(score: Score) -> Score:
    """The probability from a log-probability."""
    return lambda *args: jnp.exp(score(*args))


def faithfulness(score: Score, settings: Settings) -> Callable[..., Array]:
    """Function `(values [words], example, params) -> [2]`: sufficiency and comprehensiveness of the probability."""
    options: dict[str, Any] = {"select": "above", "chunk": settings.chunk, "count": settings.words}
    measures = [m(probability(score), **options) for m in (jxai.metrics.sufficiency, jxai.metrics.comprehensiveness)]

    def measure(values: Array, example: Example, params: Any) -> Array:
        args = example.x, example.present, example.label, (params, example.masks)
        inputs = {"baseline": example.absent, "groups": example.everywhere}
        spread = _spread(values, example.everywhere)
        return jnp.stack([one(spread, *args, **inputs) for one in measures])

    return measure


def _explain(explain: Explain, e: Example, params: Any, **inputs: Any) -> Array:
    return explain(e.x, e.present, e.label, (params, e.masks), **inputs)


def _grouped(explain: Explain, e: Example, params: Any, key: Key) -> Array:
    return _explain(explain, e, params, key=key, baseline=e.absent, groups=e.everywhere)


def _marc(row: str, score: Score, settings: Settings, **options: Any) -> Maps:
    explain = rationale(score, count=settings.count, steps=settings.steps, **options)

    def maps(e: Example, params: Any, *, key: Key) -> dict[str, Array]:
        return {row: explain(e.x, e.absent, e.masks, e.groups, e.present, e.label, params, key=key)}

    return maps


def _reduced(row: str, explain: Explain, *, baseline: bool = False) -> Maps:
    """One number per token: the norm over its channels, n, and their sum, s."""

    def maps(e: Example, params: Any, *, key: Key) -> dict[str, Array]:
        values = _explain(explain, e, params, **({"baseline": e.absent} if baseline else {}))
        return {f"{row} n": jnp.sqrt(jnp.square(values).sum(-1)), f"{row} s": values.sum(-1)}

    return maps


def _random(e: Example, key: Key, words: int) -> Array:
    return _spread(jax.random.uniform(key, (words,), e.x.dtype), e.everywhere)


def _spread(values: Array, groups: Array) -> Array:
    spread = values[jnp.maximum(groups, 0)]
    return jnp.where(groups < 0, jnp.zeros_like(spread), spread)
