"""From scores of words to a rationale, as MaRC does: how many words, by kernel regression over other documents.

The only measures here over several documents at once, `[documents, n]`: how much to take of one is learnt from the
others.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.core.chunks import map_over
from jxai.core.errors import require_positive
from jxai.metrics.plausibility.agreement import iou_f1, token_f1, valid_words
from jxai.metrics.plausibility.precision_recall import average_precision
from jxai.signal.filters import at_least_single
from jxai.signal.ranks import Ranks, choose, ranks
from jxai.signal.spans import marked

__all__ = ["Rationales", "best_fraction", "kernel_regression", "leave_one_out", "top_words"]

CANDIDATES = tuple(float(y) for y in np.linspace(0.01, 0.99, 150))


class Rationales(NamedTuple):
    """Rationales of several documents.

    Attributes:
        predicted: `[documents, n]`, booleans.
        fraction: `[documents]`, of words, as the regression predicts it; NaN where a document has none.
        best: `[documents]`, the fraction that suits the document's own marks best, from which others learn.
    """

    predicted: Bool[Array, "documents n"]
    fraction: Float[Array, " documents"]
    best: Float[Array, " documents"]


def top_words(
    scores: Float[Array, " n"],
    fraction: float | Float[Array, ""],
    *,
    valid: Shaped[Array, " n"] | None = None,
    inclusive: bool = False,
) -> Bool[Array, " n"]:
    """The words above a threshold that is the k-th of the sorted scores counted from 0, `k = min(round(y n), n - 1)`.

    Args:
        scores: `[n]`, larger is more important.
        fraction: y, 0..1; may be traced. Halves round to even.
        valid: `[n]`, false on padding.
        inclusive: whether words at the threshold are taken: k + 1 words or more; else k or, where scores are equal,
            fewer (MaRC's "legacy", on which the paper's figures rest).

    Returns:
        `[n]` booleans; all false where a score or the fraction is NaN, or no word is valid.

    Raises:
        ValueError: shapes that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> top_words(jnp.array([0.1, 0.9, 0.5, 0.2]), 0.5).tolist()
        [False, True, True, False]
    """
    ranking, real, is_nan = _ranking(scores, valid)
    return _cut(ranking, jnp.asarray(fraction, at_least_single(scores.dtype)), real.sum(), inclusive) & ~is_nan


def best_fraction(
    scores: Float[Array, " n"],
    gold: Shaped[Array, "..."],
    *,
    valid: Shaped[Array, " n"] | None = None,
    target: str = "token_f1",
    inclusive: bool = False,
    candidates: tuple[float, ...] = CANDIDATES,
    chunk: int = 16,
) -> Float[Array, ""]:
    """The fraction of words at which the rationale of one document agrees best with the marks; of equals, the smallest.

    Args:
        scores: `[n]`.
        gold: what people marked, see `jxai.signal.spans`.
        valid: `[n]`, false on padding.
        target: the quantity to maximise: `"token_f1"`, `"iou_f1"`, or `"average_precision"` of the cut scores.
        inclusive: see `top_words`.
        candidates: fractions to choose from, increasing; 150 equidistant ones from 0.01 to 0.99.
        chunk: the most candidates side by side.

    Returns:
        One of the candidates; NaN where a score is NaN, or no word is valid or marked.

    Raises:
        ValueError: shapes that do not fit; an unknown target; `chunk` not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> scores, gold = jnp.array([0.1, 0.9, 0.5, 0.2]), jnp.array([False, True, True, False])
        >>> round(float(best_fraction(scores, gold, candidates=(0.25, 0.5, 0.75))), 2)
        0.5
    """
    measure = _target(target)
    ranking, real, is_nan = _ranking(scores, valid)
    gold = jnp.asarray(gold)
    every = jnp.asarray(candidates, at_least_single(scores.dtype))

    def agreement(fraction: Float[Array, ""]) -> Float[Array, ""]:
        predicted = _cut(ranking, fraction, real.sum(), inclusive) & real
        return measure(predicted, gold, valid=real)

    best = every[jnp.argmax(map_over(agreement, every, chunk=chunk))]
    none = is_nan | ~(marked(gold, scores.size) & real).any()
    return jnp.where(none, jnp.asarray(jnp.nan, best.dtype), best)


def kernel_regression(
    x: Float[Array, " m"],
    y: Float[Array, " m"],
    at: Float[Array, ""],
    *,
    width: float = 0.05,
    weights: Shaped[Array, " m"] | None = None,
) -> Float[Array, ""]:
    r"""Nadaraya-Watson: `y(a) = sum_i w_i K_i y_i / sum_i w_i K_i`, `K_i = exp(-(a - x_i)^2 / width)`.

    Args:
        x: `[m]`.
        y: `[m]`.
        at: a, a number.
        width: of the kernel, in squared units of x: twice the variance of a Gaussian.
        weights: `[m]`, w; None: all 1.

    Returns:
        Number within the range of y; NaN where no weight is above 0.

    Raises:
        ValueError: a width that is not positive.

    Reference:
        Nadaraya 1964; Watson 1964. The kernel is that of MaRC's program.

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(kernel_regression(jnp.array([0.0, 1.0]), jnp.array([2.0, 4.0]), jnp.array(0.5))), 4)
        3.0
    """
    require_positive(width=width)
    weights = jnp.ones_like(x) if weights is None else weights
    apart = jnp.where(weights > 0, -jnp.square(at - x) / width, -jnp.inf)
    # all divided by the largest, or far from every x the kernel would be 0 / 0; the nearest counts there
    kernel = weights * jnp.exp(apart - jax.lax.stop_gradient(apart.max()))
    return (kernel * y).sum() / kernel.sum()


def leave_one_out(
    scores: Float[Array, "documents n"],
    gold: Shaped[Array, "documents ..."],
    *,
    valid: Shaped[Array, "documents n"] | None = None,
    target: str = "token_f1",
    inclusive: bool = False,
    above: float = 0.1,
    width: float = 0.05,
    share: Float[Array, " documents"] | None = None,
    candidates: tuple[float, ...] = CANDIDATES,
    chunk: int = 16,
) -> Rationales:
    r"""Rationales of documents by MaRC's rule: the fraction of words to take is predicted from the other documents.

    Of each document, `x` is the fraction of scores above `above`, and `y` its `best_fraction`. The rationale has the
    `top_words` at the Nadaraya-Watson estimate `\hat y(x)` from all other documents. As in their program, x counts
    scores above `above` where it is learnt from, and scores at least `above` where it is predicted from. Documents
    without a valid or marked word, or with a NaN among the scores, teach nothing.

    Args:
        scores: `[documents, n]`, min-max normalised in the paper.
        gold: what people marked, a row of one of the forms of `jxai.signal.spans` for each document.
        valid: `[documents, n]`, false on padding.
        target: the quantity that the fraction maximises; the paper reports token F1 under `"token_f1"`, IoU F1 under
            `"iou_f1"`.
        inclusive: false is MaRC's "legacy", the paper's.
        above: a score that counts.
        width: of the kernel.
        share: `[documents]`, x where it is learnt from, if it is counted over other words than `scores` has.
        candidates: see `best_fraction`.
        chunk: the most candidates side by side.

    Returns:
        The rationales. Nothing is predicted, and `fraction` is NaN, for a document with a NaN among its scores or
        without a valid word, and where no other document teaches.

    Raises:
        ValueError: shapes that do not fit; fewer than two documents; an unknown target.

    Reference:
        Brinner and Zarriess 2023, appendix A, and their program.

    Example:
        >>> import jax.numpy as jnp
        >>> scores = jnp.array([[0.9, 0.8, 0.1, 0.0], [0.0, 0.7, 0.6, 0.2]])
        >>> gold = jnp.array([[True, True, False, False], [False, True, True, False]])
        >>> leave_one_out(scores, gold).predicted.tolist()
        [[True, True, False, False], [False, True, True, False]]
    """
    if scores.ndim != 2 or len(scores) < 2:
        raise ValueError(f"scores must be [documents, n], two documents or more; {scores.shape} came.")
    real = valid_words(scores, valid)
    options = {"target": target, "inclusive": inclusive, "candidates": candidates, "chunk": chunk}
    best = jax.vmap(lambda s, g, v: best_fraction(s, g, valid=v, **options))(scores, jnp.asarray(gold), real)
    # > where x is learnt from and >= where it is used: so in MaRC's program
    x_train = (_share(scores > above, real) if share is None else jnp.asarray(share)).astype(best.dtype)
    x_query = _share(scores >= above, real).astype(best.dtype)
    teaches = ~jnp.isnan(best) & ~jnp.isnan(x_train)
    # weight 0 is not enough: 0 times NaN is NaN
    x, y = (jnp.where(teaches, values, jnp.zeros_like(values)) for values in (x_train, best))
    others = (teaches[None, :] & ~jnp.eye(len(scores), dtype=bool)).astype(best.dtype)
    fraction = jax.vmap(lambda at, w: kernel_regression(x, y, at, width=width, weights=w))(x_query, others)
    is_nan = (jnp.isnan(scores) & real).any(1) | ~real.any(1)
    fraction = jnp.where(is_nan, jnp.asarray(jnp.nan, fraction.dtype), fraction)
    predicted = jax.vmap(lambda s, f, v: top_words(s, f, valid=v, inclusive=inclusive))(scores, fraction, real)
    return Rationales(predicted, fraction, best)


def _target(target: str) -> Callable[..., Array]:
    targets: dict[str, Callable[..., Array]] = {
        "token_f1": token_f1,
        "iou_f1": iou_f1,
        "average_precision": lambda predicted, gold, valid: average_precision(predicted, gold, valid=valid),
    }
    if target not in targets:
        raise ValueError(f"target must be one of {', '.join(targets)}; {target!r} came.")
    return targets[target]


def _ranking(scores: Array, valid: Array | None) -> tuple[Ranks, Array, Array]:
    """Ranks of the scores of one document, which words are valid, and whether nothing can be cut."""
    if scores.ndim != 1 or not jnp.issubdtype(scores.dtype, jnp.floating):
        raise ValueError(f"scores must be [n] floating-point numbers; {scores.dtype} of shape {scores.shape} came.")
    real = valid_words(scores, valid)
    return ranks(jnp.where(real, scores, jnp.nan)), real, (jnp.isnan(scores) & real).any() | ~real.any()


def _cut(ranking: Ranks, fraction: Array, n: Array, inclusive: bool) -> Array:
    k = jnp.round(fraction * n.astype(fraction.dtype))
    finite = ~jnp.isnan(k)
    # a NaN as a whole number is undefined
    k = jnp.where(finite, k, jnp.zeros_like(k)).astype(ranking.order.dtype)
    return choose(ranking, k, n.astype(k.dtype), "at_least" if inclusive else "above") & finite


def _share(counts: Array, real: Array) -> Array:
    """The fraction of the valid words of each document that count."""
    wide = jnp.result_type(float)
    return (counts & real).sum(1).astype(wide) / jnp.maximum(real.sum(1), 1).astype(wide)
