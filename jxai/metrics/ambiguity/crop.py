"""Points and masks of a photograph where the model's input shows them: resized and cut as the picture was.

The crop is that of `jxai.data.photos.fit`: the square in the middle, `crop` times the short side, edges fractional.
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import ArrayLike, Real, Shaped

from jxai.core.errors import require_variant

__all__ = ["place_masks", "place_points"]


def place_points(
    points: Real[Array, "p 3"],
    height: Real[ArrayLike, ""],
    width: Real[ArrayLike, ""],
    *,
    size: int,
    crop: float = 0.875,
    variant: str = "paper",
) -> Real[Array, "p 3"]:
    """Points of a photograph in the pixels of the model's input.

    paper: `x' = (x - left) * size / side` with the square of `side = crop * min(height, width)` in the middle; what is
    cut off is hidden. released: `x' = round(size * x / width)`, `y' = round(size * y / height)`, as if the whole
    picture had been squeezed into the square: the code of Wang and Vasconcelos (2019) ignores the crop, so that points
    and maps do not match; a point at (0, 0) is hidden. Examples of `jxai.data` are cut already: their points need no
    placing, or `crop=1.0`.

    Args:
        points: `[p, 3]`, rows (x, y, visible), x to the right, in pixels.
        height: of the photograph, in pixels; it and the width may be traced.
        width: of the photograph.
        size: side of the input in pixels.
        crop: share of the short side that is kept; 1 for square pictures that are not cut.
        variant: "paper" or "released".

    Returns:
        `[p, 3]`, in the dtype of the points; the rows of hidden ones are (0, 0, 0).

    Raises:
        ValueError: points of another shape, or a size or crop out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> points = jnp.array([[150.0, 50.0, 1.0], [10.0, 50.0, 1.0]])
        >>> place_points(points, 100, 300, size=50, crop=1.0).tolist()
        [[25.0, 25.0, 1.0], [0.0, 0.0, 0.0]]
    """
    require_variant(variant)
    _check(size, crop)
    if points.ndim != 2 or points.shape[-1] != 3:
        raise ValueError(f"expected points [p, 3] of (x, y, visible); {points.shape} came.")
    sides = jnp.stack([jnp.asarray(side, points.dtype) for side in (width, height)])
    if variant == "released":
        positions = jnp.round(size * points[:, :2] / sides[None])
        visible = (positions != 0).any(-1) & (points[:, 2] > 0)
        positions = positions.clip(0, size - 1)
    else:
        window = crop * sides.min()
        positions = (points[:, :2] - (sides - window)[None] / 2) * size / window
        visible = ((positions >= 0) & (positions < size)).all(-1) & (points[:, 2] > 0)
    rows = jnp.concatenate([positions, jnp.ones_like(positions[:, :1])], -1)
    return jnp.where(visible[:, None], rows, jnp.zeros_like(rows))


def place_masks(
    masks: Shaped[Array, "h w"], *, size: int, crop: float = 0.875, variant: str = "paper"
) -> Shaped[Array, "size size"]:
    """The map of a photograph's parts on the grid of the model's input.

    paper: the nearest pixel of the square in the middle, see `place_points`. released: the flattened map repeated or
    cut off until the square is full, row by row, which is what `np.resize` does where a picture was to be resized: the
    code of Wang and Vasconcelos (2019) compares with such scrambled maps.

    Args:
        masks: `[h, w]` of whole numbers: for each pixel the index of the part plus one, 0 for none; or booleans.
        size: side of the input in pixels.
        crop: share of the short side that is kept.
        variant: "paper" or "released".

    Returns:
        `[size, size]`, dtype of the masks.

    Raises:
        ValueError: masks of another shape, or a size or crop out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> masks = jnp.array([[0, 1, 2, 3], [4, 5, 6, 7]])
        >>> place_masks(masks, size=2, crop=1.0).tolist()
        [[1, 2], [5, 6]]
        >>> place_masks(masks, size=2, variant="released").tolist()
        [[0, 1], [2, 3]]
    """
    require_variant(variant)
    _check(size, crop)
    if masks.ndim != 2:
        raise ValueError(f"expected one map [h, w] of the parts' numbers; {masks.shape} came.")
    if variant == "released":
        flat = masks.ravel()  # np.resize repeats the flattened array
        return flat[jnp.arange(size * size) % flat.size].reshape(size, size)
    window = crop * min(masks.shape)  # pixels, not rounded: `data.photos.fit` has fractional edges too
    pixel = jnp.arange(size, dtype=float) + 0.5
    rows, columns = (
        jnp.floor((side - window) / 2 + pixel * window / size).astype(int).clip(0, side - 1) for side in masks.shape
    )
    return masks[rows][:, columns]


def _check(size: int, crop: float) -> None:
    if size < 1 or not 0 < crop <= 1:
        raise ValueError(f"expected a size of 1 or more and a crop above 0 and at most 1; {size} and {crop} came.")
