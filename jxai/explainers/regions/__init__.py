"""Attributions of regions of a segmentation: XRAI and regional multi-scale attributions."""

__all__: list[str] = []
