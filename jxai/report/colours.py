"""Colours of maps that are distinguishable with every common kind of colour vision.

Signed maps: blue (against the score) - white (0) - vermilion (for it), equally dark at equal magnitude.
Unsigned maps: black (0) through violet and orange to pale yellow, perceptually even (matplotlib's inferno).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex

__all__ = ["DIVERGING", "DIVERGING_DARK", "PALETTE", "SEQUENTIAL", "css_gradient", "ink"]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Eight colours for categories (Okabe & Ito 2008)."""

# 511 colours, an odd number: exactly one, white, is for 0
DIVERGING: Colormap = LinearSegmentedColormap.from_list(
    "jxai_diverging", ["#00366b", "#0f6cb4", "#79b2dd", "#ffffff", "#f0a06a", "#cb4f06", "#752300"], N=511
)
"""-1..1 as 0..1; white in the middle."""

DIVERGING_DARK: Colormap = LinearSegmentedColormap.from_list(
    "jxai_diverging_dark", ["#8ccbff", "#2c86cf", "#1d4b74", "#1b2129", "#6b3a1c", "#c4621f", "#ffb07a"], N=511
)
"""The same for words on a dark page: dark in the middle, lighter to both sides."""

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


def ink(colour: Sequence[float] | np.ndarray) -> str:
    """Black or white, whichever is more legible on a colour; the contrast is at least 4.58 (WCAG asks for 4.5).

    Args:
        colour: red, green and blue in 0..1; a fourth number, alpha, is ignored.

    Returns:
        "#000000" or "#ffffff".

    Example:
        >>> ink((1.0, 1.0, 0.0))
        '#000000'
    """
    rgb = np.asarray(colour[:3], np.float64)
    # sRGB's transfer function: WCAG's luminance is of linear light
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    # WCAG's contrast (L1 + 0.05) / (L2 + 0.05) with black and with white is equal at (L + 0.05)^2 = 1.05 * 0.05
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"
