"""Segments of an example: integer labels over its space, one for each location.

`grid` is arithmetic and runs anywhere. `slic` and `felzenszwalb` segment the picture by scikit-image on the host. Call
them before the explanation and pass their labels to it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Int

from jxai.extras import needs

__all__ = ["dilated", "felzenszwalb", "grid", "multiscale", "slic"]


_LAB = 100.0  # lightness runs to 100 in Lab, intensities to 1: this makes compactness mean the same for both


def grid(shape: Sequence[int], side: int | Sequence[int]) -> Int[Array, "*space"]:
    """Boxes of equal size, numbered row by row; the last one along an axis may be smaller.

    Args:
        shape: the space, `x.shape[:-1]`, of any number of axes.
        side: locations along the edge of a box; one number, or one for each axis.

    Returns:
        Labels 0..n-1, int32, of shape `shape`.

    Raises:
        ValueError: a side below 1, or the number of sides does not fit.

    Example:
        >>> print(grid((3, 4), 2))
        [[0 0 1 1]
         [0 0 1 1]
         [2 2 3 3]]
    """
    shape = tuple(shape)
    sides = (side,) * len(shape) if isinstance(side, int) else tuple(side)
    if len(sides) != len(shape) or any(one < 1 for one in sides):
        raise ValueError(f"grid: expected one side >= 1, or one for each axis of {shape}; {side} came.")
    # Mixed radix: each axis multiplies the number so far by its count of boxes and adds its own index
    labels = jnp.zeros(shape, jnp.int32)
    for axis, (size, one) in enumerate(zip(shape, sides, strict=True)):
        place = jnp.arange(size, dtype=jnp.int32) // one
        labels = labels * -(-size // one) + jnp.expand_dims(place, [i for i in range(len(shape)) if i != axis])
    return labels


def slic(image: Any, count: int = 100, *, compactness: float = 10.0, sigma: float = 1.0) -> Int[np.ndarray, "h w"]:
    """Superpixels: k-means of colour and position.

    Args:
        image: `[h, w, 3]`, or `[h, w, c]`, `[h, w]` without conversion to Lab; uint8, or numbers in 0..1. The
            photograph, not the network's input.
        count: about how many segments.
        compactness: weight of position against colour; larger gives squarer segments.
        sigma: blur beforehand, in pixels.

    Returns:
        Labels 0..n-1, int32 NumPy array `[h, w]`.

    Raises:
        TypeError: the image is traced.
        ValueError: not an image, numbers outside 0..1, or a count below 1.
        MissingExtra: scikit-image is not installed.

    Reference:
        Achanta et al. 2012, "SLIC superpixels compared to state-of-the-art superpixel methods".

    Example:
        >>> image = np.zeros((8, 8, 3))
        >>> image[:, 4:] = 1.0
        >>> print(slic(image, 4, sigma=0.0)[0])
        [0 0 0 0 1 1 1 1]
    """
    with needs("app"):
        from skimage.segmentation import slic as of
    _require_positive("slic", count=count, compactness=compactness)
    picture, channels = _picture(image, "slic")
    lab = channels is not None and picture.shape[channels] == 3
    options = {"n_segments": count, "sigma": sigma, "start_label": 0, "channel_axis": channels, "convert2lab": lab}
    # scikit-image may skip labels; ours are 0..n-1 without gaps
    return _renumber(of(picture, compactness=compactness if lab else compactness / _LAB, **options))


def felzenszwalb(image: Any, scale: float = 100.0, *, sigma: float = 0.8, smallest: int = 20) -> Int[np.ndarray, "h w"]:
    """Graph-based segments: two neighbours are joined if they differ by less than the variation within them.

    Args:
        image: `[h, w, c]` or `[h, w]`; uint8, or numbers in 0..1. The photograph, not the network's input.
        scale: larger gives larger segments; for intensities of 0..255, as in the reference.
        sigma: blur beforehand, in pixels.
        smallest: segments of fewer pixels are merged into a neighbour.

    Returns:
        Labels 0..n-1, int32 NumPy array `[h, w]`.

    Raises:
        TypeError: the image is traced.
        ValueError: not an image, numbers outside 0..1, or a scale or size that is not positive.
        MissingExtra: scikit-image is not installed.

    Reference:
        Felzenszwalb and Huttenlocher 2004, "Efficient graph-based image segmentation".

    Example:
        >>> image = np.zeros((8, 8, 3))
        >>> image[:, 4:] = 1.0
        >>> print(felzenszwalb(image, sigma=0.0)[0])
        [0 0 0 0 1 1 1 1]
    """
    with needs("app"):
        from skimage.segmentation import felzenszwalb as of
    _require_positive("felzenszwalb", scale=scale, smallest=smallest)
    picture, channels = _picture(image, "felzenszwalb")
    return _renumber(of(picture, scale=scale, sigma=sigma, min_size=smallest, channel_axis=channels))


def multiscale(
    image: Any,
    scales: Sequence[float] = (50, 100, 150, 250, 500, 1200),
    *,
    by: Callable[[Any, Any], Any] = felzenszwalb,
) -> Int[np.ndarray, "levels *space"]:
    """Segmentations at several scales, as `jxai.xrai` and `jxai.regional_multiscale` take them.

    Args:
        image: as `by` takes it.
        scales: one for each level; the default is XRAI's, for `felzenszwalb` at about 224 pixels.
        by: `felzenszwalb` (scale), `slic` (count of segments), or any `(image, scale) -> labels`.

    Returns:
        Labels, int32 NumPy array `[levels, *space]`; each level's from 0.

    Raises:
        ValueError: no scales; also the errors of `by`.

    Example:
        >>> multiscale(np.zeros((4, 6, 3)), (1, 2, 3), by=lambda image, side: grid(image.shape[:2], side)).shape
        (3, 4, 6)
    """
    if not len(scales):
        raise ValueError("multiscale: expected at least one scale.")
    return np.stack([np.asarray(by(image, scale), np.int32) for scale in scales])


def dilated(segments: Any, radius: int = 5, *, smallest: int = 20) -> Int[np.ndarray, "layers *space"]:
    """Segments grown beyond their borders. They then overlap, and are spread over as many layers as that needs.

    XRAI grows its segments by 5 pixels: a thin segment along an edge then holds both sides of it. Without growing,
    slivers along edges come first.

    Args:
        segments: integers, `[levels, *space]` or `[*space]` of an image; concrete, not traced.
        radius: the number of locations to add on every side (a square).
        smallest: segments of fewer locations, before growing, are left out.

    Returns:
        int32 NumPy array `[layers, *space]`: disjoint segments, numbered from 0 in each layer; -1 between them. The
        number of layers depends on the picture; pad with layers of -1 where it has to be fixed.

    Raises:
        TypeError: the segments are traced.
        ValueError: a negative radius, or no segment has `smallest` locations.

    Example:
        >>> print(dilated(np.array([[0, 0, 0, 1, 1, 1]])[None], 1, smallest=1)[:, 0])
        [[ 0  0  0  0 -1 -1]
         [-1 -1  0  0  0  0]]
    """
    from scipy.ndimage import binary_dilation, find_objects

    if isinstance(segments, Tracer):
        raise TypeError("dilated runs on the host and got traced segments; grow them before jit, and pass them in.")
    if radius < 0:
        raise ValueError(f"dilated: expected a radius of 0 or more, got {radius}.")
    levels = np.asarray(segments, np.int32)
    levels = levels[None] if levels.ndim == 2 else levels
    square, layers = np.ones((2 * radius + 1,) * (levels.ndim - 1), bool), []
    for level in levels:
        for label, box in enumerate(find_objects(level + 1)):  # 0 is background there; None: no such label
            if box is None or (level[box] == label).sum() < smallest:
                continue
            # Grow within a window, not the whole picture: hundreds of segments a level
            wide = tuple(slice(max(side.start - radius, 0), side.stop + radius) for side in box)
            grown = np.asarray(binary_dilation(level[wide] == label, square), bool)
            # First fit: the first layer where the grown segment overlaps none
            free = (layer for layer in layers if not (grown & (layer[wide] >= 0)).any())
            layer = next(free, None)
            if layer is None:
                layer = np.full(level.shape, -1, np.int32)
                layers.append(layer)
            layer[wide][grown] = layer.max() + 1
    if not layers:
        raise ValueError(f"dilated: no segment has {smallest} locations; lower smallest.")
    return np.stack(layers)


def _picture(image: Any, name: str) -> tuple[np.ndarray, int | None]:
    """The image as float64 in 0..1, and its channel axis."""
    if isinstance(image, Tracer):
        raise TypeError(f"{name} runs on the host and got a traced image; segment before jit, and pass the labels in.")
    picture = np.asarray(image)
    picture = picture / 255.0 if picture.dtype == np.uint8 else picture.astype(np.float64)
    if picture.ndim not in (2, 3):
        raise ValueError(f"{name}: expected an image [h, w] or [h, w, c], got shape {picture.shape}.")
    if not (picture.min() >= 0 and picture.max() <= 1):
        raise ValueError(
            f"{name}: expected an image of uint8 or of numbers in 0..1, got {picture.min():.3g}..{picture.max():.3g}; "
            f"segment the photograph, not the network's preprocessed input."
        )
    return picture, (2 if picture.ndim == 3 else None)


def _renumber(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _require_positive(name: str, **numbers: float) -> None:
    for option, value in numbers.items():
        if not value > 0:
            raise ValueError(f"{name}: expected {option} above zero, got {value}.")
