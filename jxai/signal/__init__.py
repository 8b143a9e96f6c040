"""Functions of one array: filters, baselines, maps, masks and segments; pure, vmappable, differentiable.

(Segmentations that look at the picture, `segments.slic` and `segments.felzenszwalb`, run on the host instead.)
"""

from jxai.signal import (
    baselines,
    filters,
    insecurities,
    kernels,
    labels,
    maps,
    masks,
    passages,
    segments,
    space_masks,
    squares,
    text_masks,
    words,
)

__all__ = [
    "baselines",
    "filters",
    "insecurities",
    "kernels",
    "labels",
    "maps",
    "masks",
    "passages",
    "segments",
    "space_masks",
    "squares",
    "text_masks",
    "words",
]
