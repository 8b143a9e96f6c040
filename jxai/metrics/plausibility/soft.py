"""Token F1 and IoU F1 that can be differentiated by the scores of words.

Each word is predicted with probability `p_i = sigmoid((a_i - threshold) / T)`, independently of the others. The
counts of `jxai.metrics.plausibility` become their expectations; as T tends to 0 they become those of
`scores > threshold`.
"""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.core.errors import require_positive
from jxai.metrics.plausibility.agreement import Agreement, valid_words
from jxai.signal.spans import as_spans, marked

__all__ = ["soft_iou_f1", "soft_span_agreement", "soft_token_agreement", "soft_token_f1"]


def soft_token_agreement(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    threshold: float | Float[Array, ""],
    temperature: float,
    valid: Shaped[Array, " n"] | None = None,
) -> Agreement:
    """Expected counts of words: `matched = sum_i p_i g_i`, `predicted = sum_i p_i`, `gold = sum_i g_i`.

    Args:
        scores: `[n]`.
        gold: what people marked, see `jxai.signal.spans`.
        threshold: above it a word belongs to the rationale; may be traced, and differentiated by.
        temperature: T, in units of the scores.
        valid: `[n]`, false on padding.

    Returns:
        Counts, with `.precision`, `.recall` and `.f1`; NaN where no word is valid or a score is NaN.

    Raises:
        ValueError: shapes that do not fit; a temperature that is not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([0.9, 0.5]), jnp.array([True, True])
        >>> counts = soft_token_agreement(scores, gold, threshold=0.5, temperature=0.01)
        >>> float(counts.predicted), float(counts.precision)
        (1.5, 1.0)
    """
    p, real, is_nan = _probabilities(scores, threshold, temperature, valid)
    truth = (marked(jnp.asarray(gold), p.size) & real).astype(p.dtype)
    return _or_nan(Agreement((p * truth).sum(), p.sum(), truth.sum()), is_nan)


def soft_token_f1(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    threshold: float | Float[Array, ""],
    temperature: float,
    valid: Shaped[Array, " n"] | None = None,
) -> Float[Array, ""]:
    """F1 of the expected counts of words, 0..1: `soft_token_agreement(...).f1`.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([0.9, 0.5, 0.1]), jnp.array([True, True, True])
        >>> round(float(soft_token_f1(scores, gold, threshold=0.4, temperature=0.01)), 4)
        0.8
    """
    return soft_token_agreement(scores, gold, threshold=threshold, temperature=temperature, valid=valid).f1


def soft_span_agreement(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    threshold: float | Float[Array, ""],
    temperature: float,
    valid: Shaped[Array, " n"] | None = None,
    overlap: float = 0.5,
    strict: bool = False,
) -> Agreement:
    """Expected counts of spans, by the probability of every run of words.

    `[a, b)` is a run with probability `(1 - p_{a-1}) p_a ... p_{b-1} (1 - p_b)`; `matched` sums it over the runs whose
    best intersection over union with a marked span is enough, `predicted` over all. Takes memory for `2 n^2` numbers,
    and time for `n^2` times the number of marked spans (half of n, where `gold` is `[n]` booleans). For many long
    documents take `jax.lax.map` instead of `vmap`.

    Args:
        scores: `[n]`.
        gold: what people marked, see `jxai.signal.spans`.
        threshold: above it a word belongs to the rationale; may be traced, and differentiated by.
        temperature: T, in units of the scores.
        valid: `[n]`, false on padding.
        overlap: least intersection over union.
        strict: whether it has to be exceeded.

    Returns:
        Counts, with `.precision`, `.recall` and `.f1`; NaN where no word is valid or a score is NaN.

    Raises:
        ValueError: shapes that do not fit; a temperature that is not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([0.9, 0.8, 0.1, 0.7]), jnp.array([[0, 2]])
        >>> counts = soft_span_agreement(scores, gold, threshold=0.5, temperature=0.01)
        >>> round(float(counts.precision), 4), round(float(counts.recall), 4)
        (0.5, 1.0)
    """
    p, real, is_nan = _probabilities(scores, threshold, temperature, valid)
    gold = jnp.asarray(gold)
    spans = as_spans(jnp.where(real, gold, jnp.zeros_like(gold)) if gold.ndim == 1 else gold, p.size)
    enough = _matches(spans, p.size, overlap, strict)
    matched = jnp.where(enough, _runs(p), jnp.zeros_like(p[:1, None])).sum()
    before = jnp.concatenate([jnp.zeros_like(p[:1]), p[:-1]])
    # a run begins where a word is predicted and the one before is not; padding (empty spans) is not counted
    counts = Agreement(matched, (p * (1 - before)).sum(), (spans[:, 1] > spans[:, 0]).sum().astype(p.dtype))
    return _or_nan(counts, is_nan)


def soft_iou_f1(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    threshold: float | Float[Array, ""],
    temperature: float,
    valid: Shaped[Array, " n"] | None = None,
    overlap: float = 0.5,
    strict: bool = False,
) -> Float[Array, ""]:
    """F1 of the expected counts of spans, 0..1: `soft_span_agreement(...).f1`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> scores, gold = jnp.array([0.9, 0.45, 0.1]), jnp.array([True, True, False])
        >>> slope = jax.grad(lambda s: soft_iou_f1(s, gold, threshold=0.5, temperature=0.1, overlap=0.6))(scores)
        >>> bool(slope[1] > 0)
        True
    """
    return soft_span_agreement(
        scores, gold, threshold=threshold, temperature=temperature, valid=valid, overlap=overlap, strict=strict
    ).f1


def _probabilities(
    scores: Float[Array, " n"], threshold: float | Array, temperature: float, valid: Shaped[Array, " n"] | None
) -> tuple[Array, Array, Array]:
    """The probability of every word, 0 on padding; which words are valid; whether nothing can be measured."""
    require_positive(temperature=temperature)
    if scores.ndim != 1 or not jnp.issubdtype(scores.dtype, jnp.floating):
        raise ValueError(f"scores must be [n] floating-point numbers; {scores.dtype} of shape {scores.shape} came.")
    real = valid_words(scores, valid)
    # the scores of padding may be NaN, which would reach the derivative even where p is 0
    safe = jnp.where(real, scores, jnp.zeros_like(scores))
    p = jax.nn.sigmoid((safe - jnp.asarray(threshold, scores.dtype)) / temperature)
    return jnp.where(real, p, jnp.zeros_like(p)), real, jnp.isnan(safe).any() | ~real.any()


def _runs(p: Float[Array, " n"]) -> Float[Array, "n n"]:
    """The probability that `[a, b]`, both ends included, is a run: `[n, n]`, 0 where b < a."""
    n = p.size
    row, column = jnp.arange(n)[:, None], jnp.arange(n)[None, :]
    # a product, not a sum of logarithms: the derivative stays finite where a probability is 0 or 1
    inside = jnp.cumprod(jnp.where(column >= row, p[None, :], jnp.ones_like(p[None, :])), axis=1)
    edge = jnp.ones_like(p[:1])
    before, after = jnp.concatenate([edge, 1 - p[:-1]]), jnp.concatenate([1 - p[1:], edge])
    every = before[:, None] * inside * after[None, :]
    return jnp.where(column >= row, every, jnp.zeros_like(every))


def _matches(spans: Array, n: int, overlap: float, strict: bool) -> Bool[Array, "n n"]:
    """Whether `[a, b]`, both ends included, overlaps one of the spans by enough: `[n, n]`."""
    dtype = jnp.result_type(float)
    start, stop = jnp.arange(n, dtype=spans.dtype)[:, None], jnp.arange(1, n + 1, dtype=spans.dtype)[None, :]

    def step(matches: Array, span: Array) -> tuple[Array, None]:
        intersection = jnp.minimum(stop, span[1]) - jnp.maximum(start, span[0])
        union = jnp.maximum(stop - start + span[1] - span[0] - intersection, 1)
        share = intersection.astype(dtype) / union.astype(dtype)
        enough = (share > overlap if strict else share >= overlap) & (intersection > 0) & (span[1] > span[0])
        return matches | enough, None

    # one span after another: all at once would take n^2 times their number
    nothing = jnp.zeros_like(spans, dtype=bool, shape=(n, n))
    return jax.lax.scan(step, nothing, spans)[0]


def _or_nan(counts: Agreement, is_nan: Array) -> Agreement:
    return Agreement(*(jnp.where(is_nan, jnp.nan, count) for count in counts))
