"""Estimates with their errors over images and seeds, and whether a difference supports a claim."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "VERDICTS",
    "Comparison",
    "Estimate",
    "best_rival",
    "estimate",
    "lead",
    "mean",
    "pooled",
    "standard_error",
    "total_error",
    "verdict",
]

VERDICTS = "Yes and no: the difference exceeds two standard errors, those over images and over seeds together."
"""The sentence above the claims of a page; see `verdict`."""


class Estimate(NamedTuple):
    """A mean over images and seeds.

    Attributes:
        mean: over all.
        error: standard error over images.
        over_seeds: standard error over seeds; NaN for a single seed.
        images: how many have a value.
    """

    mean: float
    error: float
    over_seeds: float
    images: int


def estimate(*seeds: ArrayLike) -> Estimate:
    """The estimate of a quantity that all seeds measure on the same images.

    Args:
        *seeds: for each seed `[n]`, NaN where an image has no value; or one number, which has no error over images.

    Returns:
        The mean of the seeds' means. Its error over images is that of each image's mean over the seeds.

    Example:
        >>> estimate([0.0, 1.0, np.nan], [1.0, 1.0, np.nan]).mean
        0.75
    """
    values = np.stack([np.atleast_1d(np.asarray(each, float)) for each in seeds])
    means, per_image = mean(values, 1), mean(values, 0)
    images = int(np.isfinite(per_image).sum())
    return Estimate(float(mean(means)), standard_error(per_image), standard_error(means), images)


def pooled(*seeds: ArrayLike) -> Estimate:
    """The estimate of a quantity that each seed measures on images of its own: all images count alike.

    Args:
        *seeds: for each seed `[n]`, NaN where an image has no value.

    Example:
        >>> pooled([0.0, 1.0], [1.0, np.nan]).images
        3
    """
    values, means = np.concatenate(seeds), np.array([mean(each) for each in seeds])
    images = int(np.isfinite(values).sum())
    return Estimate(float(mean(values)), standard_error(values), standard_error(means), images)


class Comparison(NamedTuple):
    """One method against the best of the others.

    Attributes:
        rival: name of the best other.
        place: 1 if the method is the best of all.
        lead: how much better the method is than the rival, image by image; negative where it is worse.
    """

    rival: str
    place: int
    lead: Estimate


def best_rival(values: Mapping[str, np.ndarray], own: str, rivals: Sequence[str], *, lower: bool = False) -> Comparison:
    """Compares a method with the best of its rivals on the same images.

    Args:
        values: `[n]` by method.
        own: the method.
        rivals: the others.
        lower: low values are good.

    Example:
        >>> scores = {"a": np.array([3.0, 5.0]), "b": np.array([1.0, 2.0]), "c": np.array([2.0, 2.0])}
        >>> best_rival(scores, "a", ["b", "c"]).rival
        'c'
    """
    sign = -1 if lower else 1
    means = {name: sign * mean(values[name]) for name in (own, *rivals)}
    rival = max(rivals, key=lambda name: means[name])
    place = 1 + sum(bool(means[name] > means[own]) for name in rivals)
    return Comparison(rival, place, pooled(sign * (values[own] - values[rival])))


def mean(values: ArrayLike, axis: int | None = None) -> Any:
    """The mean of the finite values, over an axis or over all; NaN where there are none.

    Example:
        >>> float(mean([1.0, 2.0, np.nan]))
        1.5
    """
    values = np.asarray(values, float)
    finite = np.isfinite(values)
    count = finite.sum(axis)
    return np.where(count > 0, np.where(finite, values, 0).sum(axis) / np.maximum(count, 1), np.nan)


def standard_error(values: ArrayLike) -> float:
    """The standard error of the mean of the finite values; NaN for fewer than two.

    Example:
        >>> standard_error([0.0, 1.0, np.nan])
        0.5
    """
    values = np.asarray(values, float)
    finite = values[np.isfinite(values)]
    return float(finite.std(ddof=1) / np.sqrt(len(finite))) if len(finite) > 1 else float("nan")


def total_error(*errors: float) -> float:
    """The error of independent causes together, such as images and seeds; NaN counts as nothing.

    Example:
        >>> total_error(3.0, 4.0), total_error(3.0, float("nan"))
        (5.0, 3.0)
    """
    return float(np.sqrt(np.nansum(np.square(errors))))


def verdict(difference: float, *errors: float) -> str:
    """Whether a difference lies beyond two standard errors: "yes", "no" (on the wrong side of 0) or "undecided".

    Args:
        difference: above 0 where the claim holds.
        *errors: standard errors of independent causes; NaN where one is unknown, as over a single seed.

    Example:
        >>> verdict(0.05, 0.02, float("nan")), verdict(0.05, 0.02, 0.03), verdict(-0.05, 0.02)
        ('yes', 'undecided', 'no')
    """
    error = total_error(*errors)
    return "yes" if difference > 2 * error else "no" if difference < -2 * error else "undecided"


def lead(difference: float, rival: str = "") -> str:
    """The sign of a difference in words.

    Example:
        >>> lead(0.1), lead(-0.1), lead(0.1, "LIME"), lead(-0.1, "LIME")
        ('ahead', 'behind', 'ahead of LIME', 'behind LIME')
    """
    if difference >= 0:
        return f"ahead of {rival}" if rival else "ahead"
    return f"behind {rival}" if rival else "behind"
