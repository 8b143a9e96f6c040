"""Maps as colours, over the image or alone: from NumPy arrays to uint8 RGB."""

import os

import numpy as np
from PIL import Image

from jxai.report import files
from jxai.report.colours import DIVERGING, SEQUENTIAL

__all__ = ["enlarge", "heat", "is_signed", "limit", "overlay", "rgb", "save_png"]


def is_signed(map: np.ndarray) -> bool:
    """Whether a map has negative values, and so needs two colours.

    Args:
        map: [h, w].

    Returns:
        True if any value is negative.

    Example:
        >>> import numpy as np
        >>> is_signed(np.array([[-1.0, 2.0]]))
        True
    """
    return bool((np.asarray(map) < 0).any())


def limit(*maps: np.ndarray, percentile: float | int = 99.0) -> float:
    """The magnitude of the strongest colour; values beyond it are clipped.

    Args:
        maps: one map, or several on a common scale.
        percentile: of the magnitudes, 0..100: below 100 a few extreme values do not hide the rest.

    Returns:
        The limit, in units of the maps; the largest magnitude where the percentile is 0.

    Example:
        >>> import numpy as np
        >>> limit(np.array([[0.0, -2.0, 1.0]]), percentile=100)
        2.0
    """
    if not 0 <= percentile <= 100:
        raise ValueError(f"limit: expected a percentile within 0..100, got {percentile}.")
    magnitudes = np.abs(np.concatenate([_require_map(map).ravel() for map in maps]))
    # A sparse map may have 99 % zeros: then its largest value
    return float(np.percentile(magnitudes, percentile) or magnitudes.max())


def heat(
    map: np.ndarray, *, signed: bool | None = None, percentile: float | int = 99.0, limit: float | None = None
) -> np.ndarray:
    """A map in colours without its image.

    Signed: blue - white - vermilion, symmetric about 0. Unsigned: black (0) to pale yellow.

    Args:
        map: [h, w], any numbers.
        signed: two colours or one; None: two if a value is negative (`is_signed`).
        percentile: of the magnitudes, beyond which values are clipped.
        limit: magnitude of the strongest colour, in place of the percentile: for maps on a common scale.

    Returns:
        uint8 RGB [h, w, 3].

    Raises:
        ValueError: the map has other axes, or a value is not finite.

    Example:
        >>> import numpy as np
        >>> heat(np.array([[0.0, 0.0, -1.0]]), signed=True)[0, 0].tolist()
        [255, 255, 255]
    """
    colours, _ = _colours_and_strength(_require_map(map), signed, percentile, limit)
    return _bytes(colours)


def overlay(
    image: np.ndarray,
    map: np.ndarray,
    *,
    alpha: float | int = 0.8,
    signed: bool | None = None,
    percentile: float | int = 99.0,
    limit: float | int | None = None,
) -> np.ndarray:
    """A map in colours over its image. The image is nearly grey, so only the map has colour.

    Opacity grows with the root of the magnitude: where the map is 0 the image is visible. A signed map is drawn on a
    lightened image (blue against, vermilion for), an unsigned one lights up a darkened image.

    Args:
        image: [h, w, 3], [h, w, 1] or [h, w]; uint8, or floats within 0..1.
        map: [h', w'] of any size: resized smoothly to the image.
        alpha: opacity of the strongest values, 0..1.
        signed: two colours or one; None: two if a value is negative (`is_signed`).
        percentile: of the magnitudes, beyond which values are clipped.
        limit: magnitude of the strongest colour, in place of the percentile: for maps on a common scale.

    Returns:
        uint8 RGB [h, w, 3].

    Raises:
        ValueError: image or map have other axes or values.

    Example:
        >>> import numpy as np
        >>> overlay(np.zeros((8, 8, 3), np.uint8), np.eye(4)).shape
        (8, 8, 3)
    """
    photograph, map = rgb(image) / 255.0, _require_map(map)
    # Of the map itself: bicubic resizing may overshoot below 0
    signed = is_signed(map) if signed is None else signed
    # Rec. 601 luma; a fifth of the colour stays, so that the objects can be recognised
    grey = (photograph @ np.array([0.299, 0.587, 0.114]))[..., None]
    ground = 0.8 * grey + 0.2 * photograph
    ground = 0.45 + 0.55 * ground if signed else 0.6 * ground
    colours, strength = _colours_and_strength(_resize(map, photograph.shape[:2]), signed, percentile, limit)
    # The root: half the strength is already at 0.7 of the opacity, so weaker values stay visible
    opacity = alpha * np.sqrt(strength)[..., None]
    return _bytes(ground * (1 - opacity) + colours * opacity)


def rgb(image: np.ndarray) -> np.ndarray:
    """Any image as uint8 RGB.

    Args:
        image: [h, w, 3], [h, w, 1] or [h, w]; uint8, or floats within 0..1.

    Returns:
        uint8 [h, w, 3].

    Raises:
        ValueError: other axes, types or values.

    Example:
        >>> import numpy as np
        >>> rgb(np.ones((2, 2)))[0, 0].tolist()
        [255, 255, 255]
    """
    image = np.asarray(image)
    image = image[..., None] if image.ndim == 2 else image
    if image.ndim != 3 or image.shape[-1] not in (1, 3) or 0 in image.shape:
        raise ValueError(f"expected an image [h, w, 3], [h, w, 1] or [h, w], got shape {image.shape}.")
    if image.dtype != np.uint8:  # with room for the rounding of a preprocessing that was undone
        if not (np.issubdtype(image.dtype, np.floating) and (image >= -1e-3).all() and (image <= 1.001).all()):
            raise ValueError(
                f"expected an image of uint8, or of floats within 0..1, got {image.dtype} within "
                f"{image.min()}..{image.max()}; undo the model's preprocessing first."
            )
        image = _bytes(image)
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def enlarge(image: np.ndarray, *, side: int = 224) -> np.ndarray:
    """A small image enlarged by bicubic interpolation: a map over it then has fine detail.

    Args:
        image: as `rgb` takes it.
        side: pixels of the shorter side of the result; a larger image is returned as it is.

    Returns:
        uint8 RGB, same proportions.

    Example:
        >>> import numpy as np
        >>> enlarge(np.zeros((64, 96, 3), np.uint8)).shape
        (224, 336, 3)
    """
    image = rgb(image)
    height, width = image.shape[:2]
    scale = side / min(height, width)
    if scale <= 1:
        return image
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def save_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes an image as PNG, completely or not at all (see `files.write_atomically`).

    Args:
        path: the file.
        image: as `rgb` takes it.

    Example:
        >>> import numpy as np, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "map.png")
        >>> save_png(path, heat(np.eye(3)))
        >>> os.path.exists(path)
        True
    """
    files.write_atomically(path, files.png(rgb(image)))


def _require_map(map: np.ndarray) -> np.ndarray:
    map = np.asarray(map, dtype=np.float64)
    if map.ndim != 2 or 0 in map.shape:
        raise ValueError(
            f"expected a map [h, w], got shape {map.shape}; reduce the channels first, for example by "
            "jxai.signal.maps.channel_sum."
        )
    if not np.isfinite(map).all():
        raise ValueError(f"expected finite numbers in a map, got {int((~np.isfinite(map)).sum())} that are not.")
    return map


def _resize(map: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The map at another size, bicubic, within its own range; averages where it shrinks."""
    if map.shape == shape:
        return map
    scale = np.abs(map).max() or 1.0  # Pillow computes in float32: products of three maps may underflow there
    picture = Image.fromarray((map / scale).astype(np.float32))
    larger = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), dtype=np.float64) * scale
    return larger.clip(map.min(), map.max())


def _colours_and_strength(
    map: np.ndarray, signed: bool | None, percentile: float | int, largest: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Colours [h, w, 3] and strength [h, w], within 0..1."""
    signed = is_signed(map) if signed is None else signed
    largest = limit(map if signed else map.clip(0), percentile=percentile) if largest is None else largest
    level = (map / largest if largest > 0 else np.zeros_like(map)).clip(-1 if signed else 0, 1)
    colours = DIVERGING((level + 1) / 2) if signed else SEQUENTIAL(level)
    return colours[..., :3], np.abs(level)


def _bytes(colours: np.ndarray) -> np.ndarray:
    return (colours.clip(0, 1) * 255).round().astype(np.uint8)
