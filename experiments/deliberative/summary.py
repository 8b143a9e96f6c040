"""The results of `experiments.deliberative`: from curves of images and seeds to numbers and claims."""

from typing import Any

import numpy as np

from experiments.experiment.claims import mean, pooled

__all__ = ["MARGIN", "PAPER_COVERAGES", "RELEASED", "columns", "summary"]

RELEASED = ", as released"
MARGIN = ", ahead of random masks"
PAPER_COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5)
CLAIMS = (  # the better row, the other, the paper's claim
    ("Gradient", "Hesitancy", "hardness beats hesitancy"),
    ("Gradient", "Entropy", "hardness beats entropy"),
    ("Gradient-Hessian", "Gradient", "second order beats first"),
    ("Gradient", "Gradient without m^s", "the difficulty map helps"),
    ("Gradient", "random", "the maps beat random masks"),
)
Curves = dict[str, dict[str, np.ndarray]]


def summary(seeds: list[dict[str, Any]]) -> dict[str, Any]:
    """The results of an architecture on a set, as the JSON file holds them.

    Args:
        seeds: for each seed what `experiments.deliberative.measure` returns.
    """
    rows = [one["rows"] for one in seeds]
    return {
        "seeds": len(seeds),
        **{name: float(np.mean([one[name] for one in seeds])) for name in ("accuracy", "wrong")},
        **{name: _means([one[name] for one in seeds]) for name in ("risk", "positive")},
        "rows": {row: {name: _quality(rows, row, name) for name in of} for row, of in rows[0].items()},
        "claims": _claims(rows),
    }


def _means(seeds: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in seeds])) for name in seeds[0]}


def columns(coverages: tuple[float, ...] = PAPER_COVERAGES) -> list[int]:
    """The places of coverages in a curve, whose values stand at 1 to 90 %."""
    return [round(level * 100) - 1 for level in coverages]


def _quality(rows: list[Curves], row: str, quality: str) -> dict[str, Any]:
    """The average over coverages: mean, deviation over seeds, error over images; and the mean curve."""
    curves = [one[row][quality] for one in rows]
    per_image = [_per_image(each, quality) for each in curves]
    means, whole = [mean(each) for each in per_image], pooled(*per_image)
    numbers = {"mean": float(np.mean(means)), "over seeds": float(np.std(means))}
    numbers |= {"error": whole.error, "images": whole.images}
    if quality.endswith(MARGIN):  # the figure has no curve of it
        return numbers
    curve = mean(np.stack([mean(each, 0) for each in curves]), 0)
    return numbers | {"curve": [round(float(value), 4) for value in curve]}


def _per_image(curves: np.ndarray, quality: str) -> np.ndarray:
    """One number for each image: the mean over coverages; of IoU over 10 to 50 %, as in Table 1."""
    return mean(curves[:, columns()] if quality.startswith("iou") else curves, 1)


def _claims(rows: list[Curves]) -> list[dict[str, Any]]:
    """The claims for both variants, first as measured, then with the values of random masks subtracted."""
    named = [(best + end, other + end, text + end) for end in ("", RELEASED) for best, other, text in CLAIMS]
    quality = "iou" if "iou" in next(iter(rows[0].values())) else "precision"
    return [
        _claim(rows, best, other, text, quality + end)
        for end in ("", MARGIN)
        for best, other, text in named
        if all(quality + end in rows[0].get(row, {}) for row in (best, other))
    ]


def _claim(rows: list[Curves], best: str, other: str, text: str, quality: str) -> dict[str, Any]:
    """By how much a row exceeds another, image by image."""
    differences = [_per_image(one[best][quality], quality) - _per_image(one[other][quality], quality) for one in rows]
    whole = pooled(*differences)
    numbers = {"ahead": whole.mean, "error": whole.error, "over seeds": whole.over_seeds}
    return {"claim": text, "quality": quality, **numbers}
