"""Is confidence probability? The gap between the two; `fit_temperature` closes most of it."""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.metrics.calibration.temperature import fit_temperature

__all__ = ["calibration_error", "fit_temperature"]


def calibration_error(
    confidence: Float[Array, " n"], right: Shaped[Array, " n"], *, bins: int = 15
) -> Float[Array, ""]:
    r"""Expected calibration error: `sum_b (n_b / n) |right_b - confidence_b|` over bins of equal width.

    Args:
        confidence: `[n]`, 0..1, such as the largest probability.
        right: `[n]`, whether the prediction is right.
        bins: their number; a bin holds its upper end, the first also 0.

    Returns:
        Number in 0..1; NaN where a confidence is.

    Raises:
        ValueError: shapes that do not fit, or no bin.

    Reference:
        Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning"; Guo et
        al. 2017.

    Example:
        >>> round(float(calibration_error(jnp.array([0.9, 0.9]), jnp.array([True, False]))), 3)
        0.4
    """
    if confidence.ndim != 1 or right.shape != confidence.shape or not confidence.size:
        raise ValueError(
            f"expected n > 0 confidences and whether each is right; {confidence.shape} {right.shape} came."
        )
    if bins < 1:
        raise ValueError(f"expected at least one bin; {bins} came.")
    # ceil - 1, not floor: a bin holds its upper end; the clip takes 0 into the first
    place = jnp.clip(jnp.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    # n_b |mean right - mean confidence| is the sum of the gaps in the bin: no division by empty bins
    gap = right.astype(confidence.dtype) - confidence
    sums = jnp.zeros_like(confidence, shape=bins).at[place].add(gap)
    return jnp.abs(sums).sum() / confidence.size
