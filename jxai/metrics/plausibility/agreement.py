"""Does a rationale agree with what people marked? Plain functions of arrays, one document; vmap over documents.

Documents are padded to one length, with `valid` false on the padding. Gold evidence has one of the three forms of
`jxai.signal.spans`. Means over documents are at the end. They take every document, so that NaN (no valid word, no gold
word where a measure needs one, a NaN among the scores) shows. Leave documents out by `where`.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.signal.spans import marked, require_gold, runs

__all__ = [
    "Agreement", "f1_of_means", "iou_f1", "mean_f1", "span_agreement", "token_agreement", "token_f1", "valid_words",
]  # fmt: skip


class Agreement(NamedTuple):
    """Counts of one document, or arrays of them `[documents]`, and what follows from them.

    Attributes:
        matched: how many of the predicted (words, spans) match.
        predicted: how many are predicted.
        gold: how many are marked.
    """

    matched: Float[Array, "*documents"]
    predicted: Float[Array, "*documents"]
    gold: Float[Array, "*documents"]

    @property
    def precision(self) -> Float[Array, "*documents"]:
        """`matched / predicted`; 0 where nothing is predicted."""
        return _ratio(self.matched, self.predicted)

    @property
    def recall(self) -> Float[Array, "*documents"]:
        """`matched / gold`; 0 where nothing is marked."""
        return _ratio(self.matched, self.gold)

    @property
    def f1(self) -> Float[Array, "*documents"]:
        """`2 P R / (P + R) = 2 matched / (predicted + gold)`; 0 where that is 0 / 0."""
        return _ratio(2 * self.matched, self.predicted + self.gold)


def token_agreement(
    predicted: Shaped[Array, " n"], gold: Shaped[Array, "..."], *, valid: Shaped[Array, " n"] | None = None
) -> Agreement:
    """Words of the rationale against words that people marked.

    Args:
        predicted: `[n]`, booleans (or 0 and 1): the words of the rationale.
        gold: what people marked, see `jxai.signal.spans`.
        valid: `[n]`, false on padding.

    Returns:
        Counts of words, with `.precision`, `.recall` and `.f1`. NaN where no word is valid.

    Raises:
        ValueError: shapes that do not fit; `predicted` of floating-point numbers, which have to be cut first
            (`leave_one_out`, `top_words`).

    Reference:
        DeYoung et al. 2020, "ERASER: a benchmark to evaluate rationalized NLP models", section 4.1.

    Example:
        >>> import jax.numpy as jnp
        >>> counts = token_agreement(jnp.array([True, True, False, False]), jnp.array([[1, 3]]))
        >>> float(counts.precision), float(counts.recall), float(counts.f1)
        (0.5, 0.5, 0.5)
    """
    words, valid = _words(predicted, valid)
    truth = marked(jnp.asarray(gold), words.size) & valid
    return _agreement((words & truth).sum(), words.sum(), truth.sum(), valid)


def span_agreement(
    predicted: Shaped[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    valid: Shaped[Array, " n"] | None = None,
    threshold: float = 0.5,
    strict: bool = False,
) -> Agreement:
    """Spans of the rationale against spans that people marked: a match overlaps a marked span by enough.

    Predicted spans are the runs of predicted words. One matches where its best intersection over union with a marked
    span reaches the threshold. The same matches count for precision and recall, as in both programs: where two
    predicted spans match one marked span, which the threshold of one half excludes unless marked spans overlap or
    `threshold` is lower, recall may exceed 1.

    Args:
        predicted: `[n]`, booleans (or 0 and 1).
        gold: what people marked, see `jxai.signal.spans`. MaRC's program joins marked spans that touch or overlap:
            give marked words; ERASER's compares with each: give spans.
        valid: `[n]`, false on padding.
        threshold: least intersection over union, within 0..1; what does not overlap never matches.
        strict: whether it has to be exceeded (MaRC's paper) or reached (its program, and ERASER's).

    Returns:
        Counts of spans, with `.precision`, `.recall` and `.f1`. NaN where no word is valid.

    Raises:
        ValueError: as `token_agreement`.

    Reference:
        DeYoung et al. 2020, section 4.1; Brinner and Zarriess 2023, section 4.2.

    Example:
        >>> import jax.numpy as jnp
        >>> words = jnp.array([True, True, True, False, True])
        >>> counts = span_agreement(words, jnp.array([[1, 3], [3, 4]]))
        >>> float(counts.precision), float(counts.recall)
        (0.5, 0.5)
    """
    words, valid = _words(predicted, valid)
    own = runs(words)
    start, stop, spans = _gold_spans(jnp.asarray(gold), valid)
    intersection = jnp.minimum(own.stop[:, None], stop) - jnp.maximum(own.start[:, None], start)  # [n, m], per word
    union = (own.stop - own.start)[:, None] + (stop - start) - intersection
    overlap = _ratio(*(n.astype(jnp.result_type(float)) for n in (intersection, union)))
    enough = (overlap > threshold if strict else overlap >= threshold) & (intersection > 0) & (stop > start)
    hits = jnp.cumsum(enough.any(1) & words)  # a run matches where one of its words does
    hits = jnp.concatenate([jnp.zeros_like(hits[:1]), hits])  # hits[b] - hits[a]: those of the words a..b-1
    matched = own.first & (hits[own.stop] > hits[own.start])
    return _agreement(matched.sum(), own.first.sum(), spans, valid)


def token_f1(
    predicted: Shaped[Array, " n"], gold: Shaped[Array, "..."], *, valid: Shaped[Array, " n"] | None = None
) -> Float[Array, ""]:
    """F1 of the words of one document, 0..1: `token_agreement(...).f1`.

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(token_f1(jnp.array([True, True, False]), jnp.array([True, True, True]))), 4)
        0.8
    """
    return token_agreement(predicted, gold, valid=valid).f1


def iou_f1(
    predicted: Shaped[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    valid: Shaped[Array, " n"] | None = None,
    threshold: float = 0.5,
    strict: bool = False,
) -> Float[Array, ""]:
    """F1 of the spans of one document, 0..1: `span_agreement(...).f1`.

    Example:
        >>> import jax.numpy as jnp
        >>> float(iou_f1(jnp.array([True, True, False]), jnp.array([True, True, True])))
        1.0
    """
    return span_agreement(predicted, gold, valid=valid, threshold=threshold, strict=strict).f1


def mean_f1(agreement: Agreement, *, where: Bool[Array, " documents"] | None = None) -> Float[Array, ""]:
    """Mean over documents of their F1: ERASER's and MaRC's token F1, MaRC's IoU F1.

    Args:
        agreement: arrays over documents, from `vmap`.
        where: `[documents]`, which documents count; None: all.

    Returns:
        Number in 0..1; NaN where a document that counts is NaN, or none counts.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> predicted, gold = jnp.array([[True, True], [True, False]]), jnp.array([[True, True], [False, True]])
        >>> float(mean_f1(jax.vmap(token_agreement)(predicted, gold)))
        0.5
    """
    return _mean(agreement.f1, where)


def f1_of_means(agreement: Agreement, *, where: Bool[Array, " documents"] | None = None) -> Float[Array, ""]:
    """F1 of mean precision and mean recall over documents: ERASER's IoU F1 (macro).

    The mean of precision runs over documents where something is predicted, that of recall over documents where
    something is marked. Arguments and result as for `mean_f1`; 0 where nothing is predicted or nothing marked anywhere.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> predicted, gold = jnp.array([[True, True], [True, False]]), jnp.array([[True, True], [False, True]])
        >>> float(f1_of_means(jax.vmap(span_agreement)(predicted, gold)))
        0.5
    """
    where = jnp.ones_like(agreement.matched, bool) if where is None else where
    missing = (jnp.isnan(agreement.matched) & where).any() | ~where.any()
    has_prediction, has_gold = where & (agreement.predicted > 0), where & (agreement.gold > 0)
    precision = jnp.where(has_prediction.any(), _mean(agreement.precision, has_prediction), 0)
    recall = jnp.where(has_gold.any(), _mean(agreement.recall, has_gold), 0)
    return jnp.where(missing, jnp.nan, _ratio(2 * precision * recall, precision + recall))


def _mean(values: Array, where: Array | None) -> Array:
    if where is None:
        return values.mean()
    return jnp.where(where, values, jnp.zeros_like(values)).sum() / where.sum().astype(values.dtype)


def _words(predicted: Array, valid: Array | None) -> tuple[Array, Array]:
    """Predicted words that are valid, and which words are."""
    if predicted.ndim != 1 or jnp.issubdtype(predicted.dtype, jnp.floating):
        raise ValueError(
            f"predicted must be [n] booleans, one document; {predicted.dtype} of shape {predicted.shape} came. Scores "
            f"are cut first, by jxai.metrics.leave_one_out or top_words; documents go through jax.vmap."
        )
    valid = valid_words(predicted, valid)
    return (predicted if predicted.dtype == bool else predicted > 0) & valid, valid


def valid_words(
    like: Shaped[Array, "*documents n"], valid: Shaped[Array, "*documents n"] | None
) -> Bool[Array, "*documents n"]:
    """Which of the words `[n]` are valid; ValueError for a mask of another shape."""
    if valid is None:
        return jnp.ones_like(like, bool)
    if jnp.shape(valid) != like.shape:
        raise ValueError(f"valid must have the shape of the words, {like.shape}; {jnp.shape(valid)} came.")
    return jnp.asarray(valid, bool)


def _gold_spans(gold: Array, valid: Array) -> tuple[Array, Array, Array]:
    """Start and stop, `[n, 1]` of the marked run that each word lies in, or `[1, m]` of all spans; how many spans."""
    require_gold(gold, valid.size)
    if gold.ndim == 2:
        start, stop = gold.astype(jnp.result_type(int)).T
        return start[None], stop[None], (stop > start).sum()
    gold_runs = runs(jnp.where(valid, gold, jnp.zeros_like(gold)))
    return gold_runs.start[:, None], gold_runs.stop[:, None], gold_runs.first.sum()


def _agreement(matched: Array, predicted: Array, gold: Array, valid: Array) -> Agreement:
    dtype = jnp.result_type(float)
    return Agreement(*(jnp.where(valid.any(), n.astype(dtype), jnp.nan) for n in (matched, predicted, gold)))


def _ratio(a: Array, b: Array) -> Array:
    """`a / b`; 0, with derivative 0, where b is 0."""
    # two wheres: a division by 0 that is not taken would still make the derivative NaN
    none = b == 0
    return jnp.where(none, jnp.zeros_like(a), a / jnp.where(none, jnp.ones_like(b), b))
