"""Colours of maps, told apart with every common kind of colour vision.

Signed maps: blue (against the score) - white (0) - vermilion (for it), equally dark at equal magnitude.
Unsigned maps: black (0) through violet and orange to pale yellow, perceptually even (matplotlib's inferno).
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex

__all__ = ["DIVERGING", "PALETTE", "SEQUENTIAL", "css_gradient"]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Eight colours for categories (Okabe & Ito 2008)."""

DIVERGING: Colormap = LinearSegmentedColormap.from_list(
    "jxai_diverging", ["#00366b", "#0f6cb4", "#79b2dd", "#ffffff", "#f0a06a", "#cb4f06", "#752300"], N=511
)
"""-1..1 as 0..1; white in the middle."""

SEQUENTIAL: Colormap = colormaps["inferno"]
"""0..1, dark to light."""


def css_gradient(colours: Colormap, *, stops: int = 13) -> str:
    """A colour map as a CSS `linear-gradient`, for a legend.

    Args:
        colours: the map.
        stops: colours along it.

    Returns:
        CSS text.

    Example:
        >>> css_gradient(DIVERGING, stops=3)
        'linear-gradient(to right, #00366b, #ffffff, #752300)'
    """
    samples = ", ".join(to_hex(colour) for colour in colours(np.linspace(0, 1, stops)))
    return f"linear-gradient(to right, {samples})"
