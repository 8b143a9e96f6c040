"""Segments of an example: integer labels over its space, one for each location.

`grid` is arithmetic and runs anywhere. `slic` and `felzenszwalb` look at the picture; they are scikit-image's and run
on the host, before the explanation: their result is an array of numbers that is passed to it.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

__all__ = ["felzenszwalb", "grid", "label_count", "levels_of", "multiscale", "slic"]


_LAB = 100.0  # lightness in Lab runs to 100, plain intensities to 1: so compactness means the same for both


def grid(shape: Sequence[int], side: int | Sequence[int]) -> jax.Array:
    """Boxes of equal size, numbered row by row; the last of an axis may be smaller.

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
    labels = jnp.zeros(shape, jnp.int32)
    for axis, (size, one) in enumerate(zip(shape, sides, strict=True)):
        place = jnp.arange(size, dtype=jnp.int32) // one
        labels = labels * -(-size // one) + jnp.expand_dims(place, [i for i in range(len(shape)) if i != axis])
    return labels


def slic(image: Any, count: int = 100, *, compactness: float = 10.0, sigma: float = 1.0) -> np.ndarray:
    """Superpixels: k-means of colour and place.

    Args:
        image: `[h, w, 3]`, or `[h, w, c]`, `[h, w]` without conversion to Lab; uint8, or numbers in 0..1. A photograph,
            not the array that a network is fed.
        count: about how many segments.
        compactness: weight of place against colour; larger is squarer.
        sigma: blur beforehand, in pixels.

    Returns:
        Labels 0..n-1, int32 NumPy array `[h, w]`.

    Raises:
        TypeError: the image is traced.
        ValueError: another shape, numbers outside 0..1, or a count below 1.
        ImportError: scikit-image is not installed.

    Reference:
        Achanta et al. 2012, "SLIC superpixels compared to state-of-the-art superpixel methods".

    Example:
        >>> image = np.zeros((8, 8, 3))
        >>> image[:, 4:] = 1.0
        >>> print(slic(image, 4, sigma=0.0)[0])
        [0 0 0 0 1 1 1 1]
    """
    from skimage.segmentation import slic as of

    _require_positive("slic", count=count, compactness=compactness)
    picture, channels = _picture(image, "slic")
    lab = channels is not None and picture.shape[channels] == 3
    given = {"n_segments": count, "sigma": sigma, "start_label": 0, "channel_axis": channels, "convert2lab": lab}
    return _numbered(of(picture, compactness=compactness if lab else compactness / _LAB, **given))


def felzenszwalb(image: Any, scale: float = 100.0, *, sigma: float = 0.8, smallest: int = 20) -> np.ndarray:
    """Graph-based segments: neighbours are joined where they differ by less than their segments do within.

    Args:
        image: `[h, w, c]` or `[h, w]`; uint8, or numbers in 0..1. A photograph, not the array that a network is fed.
        scale: larger gives larger segments; for intensities of 0..255, as in the reference.
        sigma: blur beforehand, in pixels.
        smallest: segments of fewer pixels are joined to a neighbour.

    Returns:
        Labels 0..n-1, int32 NumPy array `[h, w]`.

    Raises:
        TypeError: the image is traced.
        ValueError: another shape, numbers outside 0..1, or a scale or size that is not positive.
        ImportError: scikit-image is not installed.

    Reference:
        Felzenszwalb and Huttenlocher 2004, "Efficient graph-based image segmentation".

    Example:
        >>> image = np.zeros((8, 8, 3))
        >>> image[:, 4:] = 1.0
        >>> print(felzenszwalb(image, sigma=0.0)[0])
        [0 0 0 0 1 1 1 1]
    """
    from skimage.segmentation import felzenszwalb as of

    _require_positive("felzenszwalb", scale=scale, smallest=smallest)
    picture, channels = _picture(image, "felzenszwalb")
    return _numbered(of(picture, scale=scale, sigma=sigma, min_size=smallest, channel_axis=channels))


def multiscale(
    image: Any,
    scales: Sequence[float] = (50, 100, 150, 250, 500, 1200),
    *,
    by: Callable[[Any, Any], Any] = felzenszwalb,
) -> np.ndarray:
    """Segmentations at several scales, as `jxai.xrai` and `jxai.regional_multiscale` take them.

    Args:
        image: as `by` takes it.
        scales: one for each level; the default is XRAI's, for `felzenszwalb` at about 224 pixels.
        by: `felzenszwalb` (scale), `slic` (count of segments), or any `(image, scale) -> labels`.

    Returns:
        Labels, int32 NumPy array `[levels, *space]`; each level's from 0.

    Raises:
        ValueError: no scales; else as `by`.

    Example:
        >>> multiscale(np.zeros((4, 6, 3)), (1, 2, 3), by=lambda image, side: grid(image.shape[:2], side)).shape
        (3, 4, 6)
    """
    if not len(scales):
        raise ValueError("multiscale: expected at least one scale.")
    return np.stack([np.asarray(by(image, scale), np.int32) for scale in scales])


def levels_of(segments: Any, space: Sequence[int]) -> jax.Array:
    """Segments as `[levels, *space]`: checks them, and gives a single segmentation its level axis.

    Args:
        segments: integers, `[*space]` or `[levels, *space]`; negative where a location belongs to no segment.
        space: the example's, `x.shape[:-1]`.

    Returns:
        int32 array `[levels, *space]`.

    Raises:
        TypeError: no integers.
        ValueError: another space.

    Example:
        >>> levels_of(grid((4,), 2), (4,)).shape
        (1, 4)
    """
    space = tuple(space)
    if not jnp.issubdtype(jnp.result_type(segments), jnp.integer):
        raise TypeError(f"segments must be integer labels 0..n-1; {jnp.result_type(segments)} came.")
    segments = jnp.asarray(segments, jnp.int32)
    if segments.shape == space:
        segments = segments[None]
    if segments.shape[1:] != space or not len(segments):
        raise ValueError(
            f"segments must have shape {space} or [levels, *{space}], the space of x; {segments.shape} came. "
            f"jxai.signal.segments makes them."
        )
    return segments


def label_count(segments: Any, count: int | None = None) -> int:
    """How many labels each level has at most: as told, or counted where the segments are known.

    Args:
        segments: integers; perhaps traced.
        count: the number as the caller knows it.

    Returns:
        `count`, or one more than the largest label.

    Raises:
        ValueError: the segments are traced and `count` is None; or they hold a larger label.

    Example:
        >>> label_count(grid((4,), 2))
        2
    """
    if isinstance(segments, Tracer):
        if count is None:
            raise ValueError(
                "segments are traced, so how many there are is unknown: give the number at construction, "
                "count=int(segments.max()) + 1 (the largest of a batch)."
            )
        return operator.index(count)
    found = int(np.asarray(segments).max()) + 1
    if count is not None and found > count:
        raise ValueError(f"segments must have labels below count={count}; {found - 1} came.")
    return found if count is None else operator.index(count)


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


def _numbered(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _require_positive(name: str, **numbers: float) -> None:
    for option, value in numbers.items():
        if not value > 0:
            raise ValueError(f"{name}: expected {option} above zero, got {value}.")
