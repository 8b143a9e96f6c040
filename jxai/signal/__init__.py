"""Functions of one array: filters, baselines, maps, masks and segments; pure, vmappable, differentiable.

(Segmentations that look at the picture, `segments.slic` and `segments.felzenszwalb`, run on the host instead.)
"""

from jxai.signal import baselines, filters, labels, maps, masks, passages, segments, squares, words

__all__ = [
    "baselines",
    "filters",
    "labels",
    "maps",
    "masks",
    "passages",
    "segments",
    "squares",
    "words",
]
