"""Do scores of words rank first what people marked? Average precision and the area under precision over recall.

Plain functions of arrays, one document; vmap over documents padded to one length. See `jxai.metrics.plausibility`.
"""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive
from jxai.metrics.plausibility.agreement import valid_words
from jxai.metrics.soft_top import deviation
from jxai.signal.filters import at_least_single
from jxai.signal.ranks import Ranks, ranks
from jxai.signal.spans import marked

__all__ = ["area_under_precision_recall", "average_precision", "soft_average_precision"]


def average_precision(
    scores: Shaped[Array, " n"], gold: Shaped[Array, "..."], *, valid: Shaped[Array, " n"] | None = None
) -> Float[Array, ""]:
    r"""Average precision of scores of words: `sum_t (R_t - R_{t-1}) P_t` over the distinct scores as thresholds.

    That is the mean, over the marked words, of the precision when all words of at least its score are taken. The mean
    over documents is MaRC's mAP. As scikit-learn's, but for a document without marked words (NaN here, 0 there).

    Args:
        scores: `[n]`, any numbers; larger is more important.
        gold: what people marked, see `jxai.signal.spans`.
        valid: `[n]`, false on padding.

    Returns:
        Number in 0..1. NaN where no word is marked (ERASER leaves out such documents, and those with all words marked),
        and where a score is NaN.

    Raises:
        ValueError: shapes that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([4.0, 3.0, 2.0, 1.0]), jnp.array([True, False, True, False])
        >>> round(float(average_precision(scores, gold)), 4)
        0.8333
    """
    precision, _, truth, is_nan, _ = _thresholds(scores, gold, valid)
    total = jnp.where(truth, precision, jnp.zeros_like(precision)).sum()
    return jnp.where(is_nan, jnp.nan, total / jnp.maximum(truth.sum(), 1).astype(total.dtype))


def area_under_precision_recall(
    scores: Shaped[Array, " n"], gold: Shaped[Array, "..."], *, valid: Shaped[Array, " n"] | None = None
) -> Float[Array, ""]:
    r"""Area under the curve of precision over recall by trapezoids, ERASER's AUPRC.

    `sum_t (R_t - R_{t-1}) (P_t + P_{t-1}) / 2` over the distinct scores as thresholds, from `R = 0, P = 1`. Above
    `average_precision`, for it interpolates. ERASER averages it over all documents, also those with all words marked.
    Arguments, result and errors as there.

    Reference:
        DeYoung et al. 2020, section 4.1; Davis and Goadrich 2006 on why not to interpolate.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([4.0, 3.0, 2.0, 1.0]), jnp.array([True, False, True, False])
        >>> round(float(area_under_precision_recall(scores, gold)), 4)
        0.7917
    """
    precision, recall, truth, is_nan, ranking = _thresholds(scores, gold, valid)
    precision, recall = precision[ranking.order], recall[ranking.order]  # at each threshold, equal among equals
    before = jnp.concatenate([jnp.ones_like(precision[:1]), precision[:-1]])
    gain = jnp.diff(recall, prepend=jnp.zeros_like(recall[:1]))  # 0 within equals
    area = (gain * (precision + before) / 2).sum()
    return jnp.where(is_nan, jnp.nan, area)


def soft_average_precision(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    temperature: float = 0.1,
    valid: Shaped[Array, " n"] | None = None,
) -> Float[Array, ""]:
    r"""Average precision with smooth ranks, differentiable by the scores.

    `mean_{i marked} (1 + sum_{j != i, marked} s_ij) / (1 + sum_{j != i} s_ij)`, `s_ij = sigmoid((a_j - a_i) / (T s))`,
    s the standard deviation of the scores. As T tends to 0 it becomes `average_precision`, where no scores are equal
    (equal ones count by half). Takes memory for `n^2` numbers.

    Args:
        scores: `[n]`.
        gold: what people marked, see `jxai.signal.spans`.
        temperature: T, in standard deviations of the scores.
        valid: `[n]`, false on padding.

    Returns:
        Number in 0..1; NaN as `average_precision`.

    Raises:
        ValueError: shapes that do not fit; a temperature that is not positive.

    Reference:
        Qin, Liu and Li 2010, "A general approximation framework for direct optimization of information retrieval
        measures": the rank as a sum of sigmoids.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([4.0, 3.0, 2.0, 1.0]), jnp.array([True, False, True, False])
        >>> round(float(soft_average_precision(scores, gold, temperature=0.01)), 4)
        0.8333
    """
    require_positive(temperature=temperature)
    values, truth, real, is_nan = _prepare(scores, gold, valid)
    values = jnp.where(real, values, jnp.zeros_like(values))
    apart = (values[None, :] - values[:, None]) / (temperature * deviation(values, real))
    above = jax.nn.sigmoid(apart) * (1 - jnp.eye(values.size, dtype=values.dtype))
    marks, words = truth.astype(values.dtype), real.astype(values.dtype)
    # precision="highest": the products count words, and accelerators would round them
    better, all_of_them = (jnp.matmul(above, these, precision="highest") for these in (marks, words))
    precision = (1 + better) / (1 + all_of_them)
    return jnp.where(is_nan, jnp.nan, (precision * marks).sum() / jnp.maximum(marks.sum(), 1))


def _thresholds(
    scores: Shaped[Array, " n"], gold: Shaped[Array, "..."], valid: Shaped[Array, " n"] | None
) -> tuple[Array, Array, Array, Array, Ranks]:
    """For each word, precision and recall of all words of at least its score; marks; whether none; ranks."""
    values, truth, real, is_nan = _prepare(scores, gold, valid)
    ranking = ranks(jnp.where(real, values, jnp.nan))
    # `most`, the last rank of a tie: all equal scores pass a threshold together
    hits = jnp.cumsum(truth[ranking.order])[ranking.most].astype(values.dtype)
    count = (ranking.most + 1).astype(values.dtype)
    return hits / count, hits / jnp.maximum(truth.sum(), 1).astype(values.dtype), truth, is_nan, ranking


def _prepare(
    scores: Shaped[Array, " n"], gold: Shaped[Array, "..."], valid: Shaped[Array, " n"] | None
) -> tuple[Array, Array, Array, Array]:
    """Scores, marks, valid words, and whether nothing can be measured."""
    if scores.ndim != 1:
        raise ValueError(f"scores must be [n], one document; {scores.shape} came. Documents go through jax.vmap.")
    floating = jnp.issubdtype(scores.dtype, jnp.floating)
    values = scores.astype(at_least_single(scores.dtype) if floating else jnp.result_type(float))
    real = valid_words(scores, valid)
    truth = marked(jnp.asarray(gold), scores.size) & real
    return values, truth, real, (jnp.isnan(values) & real).any() | ~truth.any()
