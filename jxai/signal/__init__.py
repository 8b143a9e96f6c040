"""Functions of one array: filters, baselines, maps, masks and segments; pure, vmappable, differentiable.

(Segmentations that look at the picture, `segments.slic` and `segments.felzenszwalb`, run on the host instead.)
"""

from jxai.signal import baselines, filters, maps, masks, segments, words

__all__ = ["baselines", "filters", "maps", "masks", "segments", "words"]
