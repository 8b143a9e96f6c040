"""Pictures with all that is known about them, brought to one size: the geometry of a crop and a resize."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from jxai.data.schema import Instance

__all__ = ["cut"]


def _box(box: Any, corner: tuple[float, float], scale: tuple[float, float], size: int) -> tuple[float, ...] | None:
    """A box in the new picture, cut at its edges; None where nothing of it is left."""
    x0, y0 = ((float(box[k]) - corner[k]) * scale[k] for k in (0, 1))
    x1, y1 = x0 + float(box[2]) * scale[0], y0 + float(box[3]) * scale[1]
    x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, float(size)), min(y1, float(size))
    return (x0, y0, x1 - x0, y1 - y0) if x1 > x0 and y1 > y0 else None


def _parts(parts: np.ndarray, corner: tuple[float, float], scale: tuple[float, float], size: int) -> np.ndarray:
    points = (parts[:, :2] - np.asarray(corner)) * np.asarray(scale)
    inside = (points >= 0).all(1) & (points < size).all(1) & (parts[:, 2] > 0)
    return np.where(inside[:, None], np.column_stack([points, np.ones(len(points))]), 0).astype(np.float32)


def cut(
    example: Mapping[str, Any], size: int, window: tuple[float, float, float, float] | None = None
) -> dict[str, Any]:
    """A window of a picture, resized to `size` x `size`, with its masks, parts and boxes.

    The picture is resized with anti-aliasing (bicubic) from fractional edges; masks take the nearest pixel. Parts
    outside the window become hidden, boxes are cut at its edges.

    Args:
        example: An `ImageExample` or `SceneExample`.
        size: Side of the new picture in pixels.
        window: `(x, y, width, height)` in pixels of the picture; None: the largest square in the middle. A window that
            is no square is warped.

    Returns:
        The example with the same fields.

    Example:
        >>> example = {"image": np.zeros((4, 8, 3), np.uint8), "label": 0, "parts": np.array([[4.0, 2.0, 1.0]])}
        >>> cut(example, 2)["parts"].tolist()
        [[1.0, 1.0, 1.0]]
    """
    picture = Image.fromarray(example["image"])
    if window is None:
        side = min(picture.size)
        window = (picture.width - side) / 2, (picture.height - side) / 2, side, side
    x, y, w, h = window
    edges, scale = (x, y, x + w, y + h), (size / w, size / h)
    cropped = dict(example) | {"image": np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, edges))}
    if "masks" in example:
        map_ = Image.fromarray(example["masks"]).resize((size, size), Image.Resampling.NEAREST, edges)
        cropped["masks"] = np.asarray(map_)
    if "parts" in example:
        cropped["parts"] = _parts(np.asarray(example["parts"]), (x, y), scale, size)
    if "box" in example:
        cropped["box"] = np.array(_box(example["box"], (x, y), scale, size) or (0, 0, 0, 0), np.float32)
    if "instances" in example:
        moved = [(one, _box(one.box, (x, y), scale, size)) for one in example["instances"]]
        cropped["instances"] = [Instance(one.kind, box, one.involved) for one, box in moved if box]  # type: ignore[arg-type]
    return cropped
