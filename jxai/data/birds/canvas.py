"""Drawing with anti-aliasing: shapes on a large canvas, which is then reduced; and the map of parts beside it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from jxai.data.birds.attributes import PARTS

__all__ = [
    "Colour",
    "RGB",
    "Shape",
    "blob",
    "darker",
    "ellipse",
    "lighter",
    "on_parts",
    "paint",
    "patch",
    "spline",
    "strokes",
]

Colour = tuple[int, int, int]

RGB: dict[str, Colour] = {
    "blue": (52, 98, 196), "brown": (112, 76, 46), "iridescent": (16, 128, 122), "purple": (112, 58, 150),
    "rufous": (172, 76, 34), "grey": (134, 138, 146), "yellow": (238, 206, 48), "olive": (112, 116, 46),
    "green": (48, 138, 60), "pink": (236, 152, 172), "orange": (240, 134, 30), "black": (34, 32, 36),
    "white": (242, 240, 234), "red": (206, 36, 34), "buff": (220, 190, 142),
}  # fmt: skip


class Shape(NamedTuple):
    """One thing to draw, in image coordinates 0..1 (before placement: in local ones).

    Fields:
        points: A polygon; or a line where `width` is given; or several of them.
        colour: RGB.
        part: The index of the part that it shows; -1 where it shows none and hides what is behind; None where it is a
            marking on whatever is there.
        on: The parts on which it is seen; empty: everywhere.
        width: The width of a line.
        outline: Whether it counts for the extent of the bird.
    """

    points: Sequence[np.ndarray]
    colour: Colour
    part: int | None = None
    on: tuple[int, ...] = ()
    width: float | None = None
    outline: bool = False


def on_parts(*names: str) -> tuple[int, ...]:
    """The indices of parts."""
    return tuple(PARTS.index(name) for name in names)


def patch(points: np.ndarray, colour: Colour, part: str | None, *on: str) -> Shape:
    """A filled region; it extends the bird's outline unless it lies `on` other parts."""
    index = None if part is None else PARTS.index(part)
    return Shape([points], colour, index, on_parts(*on), outline=not on and part is not None)


def strokes(lines: Sequence[np.ndarray], colour: Colour, width: float, *on: str) -> Shape:
    """Lines that mark what is there."""
    return Shape(lines, colour, None, on_parts(*on), width)


@lru_cache(maxsize=4)
def _basis(steps: int) -> np.ndarray:
    t = np.arange(steps)[:, None] / steps
    return np.hstack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]) / 2


def spline(points: np.ndarray, *, closed: bool = True, steps: int = 6) -> np.ndarray:
    """A smooth curve (Catmull-Rom) through points, `[n * steps, 2]`."""
    if not closed:
        points = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
        quads = np.stack([points[:-3], points[1:-2], points[2:-1], points[3:]])
        curve = np.einsum("sk,knd->nsd", _basis(steps), quads).reshape(-1, 2)
        return np.vstack([curve, points[-2:-1]])
    quads = np.stack([np.roll(points, shift, 0) for shift in (1, 0, -1, -2)])
    return np.einsum("sk,knd->nsd", _basis(steps), quads).reshape(-1, 2)


def ellipse(centre: np.ndarray, radii: tuple[float, float], *, steps: int = 24) -> np.ndarray:
    """An ellipse along the axes, as a polygon."""
    t = np.arange(steps) * (2 * np.pi / steps)
    return centre + np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)], 1)


def blob(centre: np.ndarray, radius: float) -> np.ndarray:
    """A small disc, as a polygon."""
    return ellipse(centre, (radius, radius), steps=10)


def darker(colour: Colour, share: float = 0.7) -> Colour:
    """A darker shade."""
    return tuple(int(c * share) for c in colour)  # type: ignore[return-value]


def lighter(colour: Colour, share: float = 0.5) -> Colour:
    """A lighter tint."""
    return tuple(int(c + (255 - c) * share) for c in colour)  # type: ignore[return-value]


def _stamp(
    draw: ImageDraw.ImageDraw, shape: Shape, fill: int | Colour, side: int, corner: tuple[int, int] = (0, 0)
) -> None:
    for points in shape.points:
        flat = (points * side - corner).ravel().tolist()
        if shape.width is None:
            draw.polygon(flat, fill=fill)
        else:
            width = max(1, round(shape.width * side))
            draw.line(
                flat, fill=fill, width=width, joint="curve" if width > 5 else None
            )  # joints of thin lines do not show


def _window(shape: Shape, side: int) -> tuple[int, int, int, int]:
    """The rectangle of the canvas, in pixels, outside which a shape draws nothing."""
    points = np.vstack(shape.points)
    margin = (shape.width or 0) * side + 2
    low, high = np.floor(points.min(0) * side - margin), np.ceil(points.max(0) * side + margin)
    (x0, y0), (x1, y1) = np.clip(low, 0, side).astype(int).tolist(), np.clip(high, 0, side).astype(int).tolist()
    return x0, y0, x1, y1


def _clip(shape: Shape, index: Image.Image, side: int, window: tuple[int, int, int, int]) -> Image.Image:
    """Where a shape is seen within a window: inside its outline, and on the parts on which it lies."""
    mask = Image.new("L", (window[2] - window[0], window[3] - window[1]), 0)
    _stamp(ImageDraw.Draw(mask), shape, 255, side, window[:2])
    table = bytearray(256)
    for part in shape.on:
        table[part + 1] = 255
    return ImageChops.darker(mask, index.crop(window).point(list(table)))


def _paint_on(shape: Shape, side: int, index: Image.Image, picture: Image.Image | None) -> None:
    """Draws a shape where it lies on certain parts."""
    window = _window(shape, side)
    if window[0] >= window[2] or window[1] >= window[3]:
        return
    mask = _clip(shape, index, side, window)
    if picture is not None:
        picture.paste(shape.colour, window, mask)
    if shape.part is not None:
        index.paste(shape.part + 1, window, mask)


def paint(shapes: Sequence[Shape], side: int, picture: Image.Image | None) -> Image.Image:
    """Draws shapes, each over those before it, onto a picture (changed in place) of `side` pixels.

    Returns:
        The map of parts of the same side: index of the part plus one, 0 where there is none. Without a picture, only
        the map is drawn.
    """
    index = Image.new("L", (side, side), 0)
    marks = ImageDraw.Draw(index)
    pens = None if picture is None else ImageDraw.Draw(picture)
    for shape in shapes:
        if shape.part is None and pens is None:
            continue
        if shape.on:
            _paint_on(shape, side, index, picture)
            continue
        if pens is not None:
            _stamp(pens, shape, shape.colour, side)
        if shape.part is not None:
            _stamp(marks, shape, shape.part + 1, side)
    return index
