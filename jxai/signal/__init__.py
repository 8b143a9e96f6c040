"""Functions of one array: filters, baselines, maps and masks; pure, vmappable, differentiable."""

from jxai.signal import baselines, filters, maps, masks, words

__all__ = ["baselines", "filters", "maps", "masks", "words"]
