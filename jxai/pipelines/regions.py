"""Regions of pictures, made on the host: the groups that are switched on and off, and segments of several scales."""

import math
from collections.abc import Callable

import numpy as np

from jxai.pipelines.options import Options
from jxai.signal import segments

__all__ = ["GROUPS", "MAKERS"]

GROUPS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "grid": lambda image, count: np.asarray(
        segments.grid(image.shape[:2], math.ceil(image.shape[0] / max(1, round(count**0.5))))
    ),
    "slic": lambda image, count: segments.slic(image, count),
}


def _groups(image: np.ndarray, method: str, options: Options) -> np.ndarray:
    """The groups `[h, w]` that the options ask for."""
    return GROUPS[options.groups](image, options.count)


def _segments(image: np.ndarray, method: str, options: Options) -> np.ndarray:
    """Segments of several scales `[levels, h, w]`, as the method's paper makes them."""
    if method == "xrai":
        return segments.dilated(segments.multiscale(image))
    return segments.multiscale(image, (25, 50, 100), by=segments.slic)


# What a method may take by keyword, and how it is made from a picture, the method's name and the options.
MAKERS: dict[str, Callable[[np.ndarray, str, Options], np.ndarray]] = {"groups": _groups, "segments": _segments}
