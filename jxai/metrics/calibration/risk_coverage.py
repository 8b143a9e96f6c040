"""Does a difficulty score predict mistakes? The risk on the examples accepted when the hardest are rejected."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Real, Shaped

from jxai.signal.ranks import ranks

__all__ = ["RiskCoverage", "risk_coverage"]


class RiskCoverage(NamedTuple):
    """The risk-coverage curve of n examples and its areas.

    Attributes:
        coverage: `[n]`, the share of examples accepted, 1/n to 1; `1 - coverage` is rejected.
        risk: `[n]`, the mean loss of the accepted examples.
        area: AURC, the mean of the risks; low is good.
        oracle: the area with the losses themselves as difficulty: the lowest of any score.
        excess: E-AURC, `area - oracle`; 0 for a perfect order.
    """

    coverage: Float[Array, " n"]
    risk: Float[Array, " n"]
    area: Float[Array, ""]
    oracle: Float[Array, ""]
    excess: Float[Array, ""]


def risk_coverage(
    difficulty: Real[Array, " n"], losses: Shaped[Array, " n"], *, valid: Bool[Array, " n"] | None = None
) -> RiskCoverage:
    r"""The reject curve: the mean loss of the k easiest examples, for k = 1..n.

    Of examples of equal difficulty each order is as likely as any other; the curve is the mean over all orders, so that
    a constant score has the risk of the whole set everywhere.

    Args:
        difficulty: `[n]`, larger for harder; pass minus a confidence.
        losses: `[n]`, of each example: whether the classifier is wrong, or any loss.
        valid: `[n]`, false on padding; the coverages beyond the valid examples are 1, their risks that of all.

    Returns:
        A `RiskCoverage`; NaN where a difficulty or a loss is NaN, or nothing is valid.

    Raises:
        ValueError: shapes that do not fit, or no example.

    Reference:
        El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification"; Geifman, Uziel and
        El-Yaniv 2019, "Bias-reduced uncertainty estimation for deep neural classifiers" (AURC, E-AURC).

    Example:
        >>> found = risk_coverage(jnp.array([0.1, 0.2, 0.9]), jnp.array([False, True, True]))
        >>> [round(float(risk), 3) for risk in found.risk], float(found.excess)
        ([0.0, 0.5, 0.667], 0.0)
    """
    if difficulty.ndim != 1 or losses.shape != difficulty.shape or not difficulty.size:
        raise ValueError(
            f"expected the difficulty and the loss of n > 0 examples, both [n]; {difficulty.shape} and {losses.shape} "
            "came."
        )
    real = jnp.ones(difficulty.shape, bool) if valid is None else jnp.asarray(valid, bool)
    difficulty, values = _floating(difficulty), _floating(losses)
    is_nan = (real & (jnp.isnan(difficulty) | jnp.isnan(values))).any() | ~real.any()
    values = jnp.where(real, values, 0)
    ranking = ranks(jnp.where(real, -difficulty, jnp.nan))  # padding comes last
    most, fewest = ranking.most[ranking.order], ranking.fewest[ranking.order]
    total = jnp.cumsum(values[ranking.order])
    # within a tie the cumulated loss is linear: the mean over all orders of the tie
    before = jnp.where(fewest > 0, total[jnp.maximum(fewest - 1, 0)], 0)
    place = jnp.arange(values.size, dtype=most.dtype)
    part = (place + 1 - fewest).astype(values.dtype) / (most + 1 - fewest).astype(values.dtype)
    order = jnp.sort(jnp.where(real, values, jnp.inf))  # the oracle accepts the smallest losses first; padding last
    ideal = jnp.cumsum(jnp.where(place < real.sum().astype(place.dtype), order, 0))
    return _curve_and_areas(before + part * (total[most] - before), ideal, real, is_nan)


def _floating(array: Array) -> Array:
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(jnp.result_type(float))


def _curve_and_areas(cumulated_loss: Array, ideal: Array, real: Array, is_nan: Array) -> RiskCoverage:
    """Curve and areas from the cumulated losses in the two orders."""
    count = real.sum()
    number = jnp.minimum(jnp.arange(1, cumulated_loss.size + 1, dtype=count.dtype), count).astype(cumulated_loss.dtype)
    inside = jnp.arange(cumulated_loss.size, dtype=count.dtype) < count
    size = jnp.maximum(count, 1).astype(cumulated_loss.dtype)
    risk, lowest = (jnp.where(inside, these / jnp.maximum(number, 1), 0) for these in (cumulated_loss, ideal))
    area, oracle = risk.sum() / size, lowest.sum() / size
    risk = jnp.where(inside, risk, cumulated_loss[-1] / size)  # beyond the valid examples all are accepted
    return RiskCoverage(
        *(jnp.where(is_nan, jnp.nan, these) for these in (number / size, risk, area, oracle, area - oracle))
    )
