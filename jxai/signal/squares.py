"""Images of any shape in a square: padded, with a mask of the image, and cropped again."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from jxai.signal.filters import resize

__all__ = ["Square", "pad_square", "unpad"]


class Square(NamedTuple):
    """An image in the middle of a square."""

    image: Float[Array, "side side c"]
    valid: Bool[Array, "side side"]  # where the image is
    padding: tuple[tuple[int, int], tuple[int, int]]  # pixels (above, below), (left, right)


def pad_square(
    image: Float[Array, "..."], *, size: int | None = None, value: float | Float[Array, " c"] = 0.0
) -> Square:
    """The image in the middle of the smallest square that holds it, resized.

    Args:
        image: `[h, w, c]`.
        size: side of the result; None: the longer side of the image.
        value: of the padding, a number or one for each channel: black in the model's range.

    Returns:
        The square, the mask of the image in it (`valid` of `jxai.marc`), and the padding. An odd pixel of padding goes
        below or to the right. After resizing the padding is rounded to whole pixels.

    Raises:
        ValueError: the image does not have three axes, or size is not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> square = pad_square(jnp.ones((2, 4, 1)))
        >>> square.padding, square.valid[:, 0].tolist()
        (((1, 1), (0, 0)), [False, True, True, False])
    """
    if image.ndim != 3 or (size is not None and size < 1):
        raise ValueError(f"expected an image [h, w, c] and a size of at least 1; {image.shape}, size={size} came.")
    side = max(image.shape[:2])
    before = [(side - length) // 2 for length in image.shape[:2]]
    after = [side - length - first for length, first in zip(image.shape[:2], before, strict=True)]
    colour = jnp.broadcast_to(jnp.asarray(value, image.dtype), image.shape[-1:])
    # zeros_like(image): on the image's devices, as shard_map asks for
    whole = jnp.zeros_like(image, shape=(side, side, image.shape[-1])) + colour[None, None]
    whole = whole.at[before[0] : side - after[0], before[1] : side - after[1]].set(image)
    if size is not None and size != side:
        whole = resize(whole, (size, size))
    scale = (size or side) / side
    padding = tuple((round(b * scale), round(a * scale)) for b, a in zip(before, after, strict=True))
    return Square(whole, _valid(size or side, padding), padding)  # type: ignore[arg-type]


def unpad(map: Float[Array, "side side"], padding: tuple[tuple[int, int], tuple[int, int]]) -> Float[Array, "h w"]:
    """The part of a map that covers the image.

    Args:
        map: of the square.
        padding: pixels (above, below), (left, right).

    Returns:
        `[h, w]`, in units of the map.

    Example:
        >>> import jax.numpy as jnp
        >>> unpad(jnp.eye(4), ((1, 1), (0, 0))).tolist()
        [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    (above, below), (left, right) = padding
    return map[above : map.shape[0] - below, left : map.shape[1] - right]


def _valid(side: int, padding: tuple) -> Bool[Array, "side side"]:
    place = jnp.arange(side)
    rows, columns = ((place >= before) & (place < side - after) for before, after in padding)
    return rows[:, None] & columns[None, :]
