"""The results of `experiments.marc_image`: numbers of each method, and MaRC against the best of the others."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from experiments.experiment.claims import best_rival
from experiments.marc_image.methods import PAPER, Effort, is_transformer
from experiments.marc_image.pictures import Pictures

__all__ = ["MEASURES", "Measured", "claim", "summary"]

MEASURES = ("sufficiency", "comprehensiveness")  # low is good, high is good
MARC = "MaRC"


class Measured(NamedTuple):
    """A method on a set of images.

    Attributes:
        maps: `[n, h, w]`, largest magnitude 1.
        sufficiency: `[n]`, low is good.
        comprehensiveness: `[n]`, high is good.
        seconds: per image, without compilation.
        masks: for methods that make masks: mean area, and probability of image, rationale and complement.
    """

    maps: np.ndarray
    sufficiency: np.ndarray
    comprehensiveness: np.ndarray
    seconds: float
    masks: dict[str, float]


def summary(pictures: Pictures, measured: Mapping[str, Measured], effort: Effort) -> dict[str, Any]:
    """The results of a network, as the JSON file holds them.

    Args:
        pictures: network, images and classes.
        measured: by method.
        effort: how much was computed for an image.
    """
    paper = PAPER["vit" if is_transformer(pictures.model) else "cnn"]
    values = {name: {label: getattr(row, name) for label, row in measured.items()} for name in MEASURES}
    return {
        "updates": effort.updates(pictures.model),
        "pictures": len(pictures.likely),
        "side": pictures.model.size,
        "right": round(pictures.right, 3),
        "likely": round(float(pictures.likely.mean()), 3),
        "claims": {name: claim(values[name], lower=name == "sufficiency") for name in MEASURES},
        "methods": {label: _method(row, paper.get(label)) for label, row in measured.items()},
    }


def _method(row: Measured, paper: tuple[float, float] | None) -> dict[str, Any]:
    numbers = {name: [round(float(value), 4) for value in getattr(row, name)] for name in MEASURES}
    masks = {"masks": {name: round(value, 4) for name, value in row.masks.items()}} if row.masks else {}
    return {**numbers, "paper": paper, "seconds": round(row.seconds, 2), **masks}


def claim(values: Mapping[str, np.ndarray], *, lower: bool) -> dict[str, Any]:
    """Whether MaRC is the best, image by image.

    Args:
        values: `[n]` by method; MaRC's own variants do not compete with it.
        lower: low values are good.

    Returns:
        How many `pictures`; the `place` of MaRC, `of` how many; the best `other`; mean and standard error of MaRC's
        advantage over it, `ahead` and `error`.
    """
    others = [name for name in values if not name.startswith(MARC)]
    best = best_rival(values, MARC, others, lower=lower)
    place = {"pictures": len(values[MARC]), "place": best.place, "of": len(others) + 1, "other": best.rival}
    return place | {"ahead": best.lead.mean, "error": best.lead.error}
