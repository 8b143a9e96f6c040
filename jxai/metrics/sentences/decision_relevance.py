"""DREL: does a sentence name the objects that the decision rests on? Equation 6 of FLEX, its choices made explicit.

No code of it was released. What the paper leaves open is an argument here: which objects (`nearest_part` or
`overlapping`, and their options; the caller chooses the layer of the heat map), which words are one term
(`object_terms`), and what an image counts whose captions name none of its objects (`empty`). The level of DREL depends
on these choices: compare only values with the same ones.
"""

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Bool, Float, Int, Real

from jxai.core.errors import require_positive
from jxai.metrics.sentences.shares import Shares, shares

__all__ = ["drel", "kinds_of", "nearest_part", "overlapping"]


def drel(
    objects: Bool[ArrayLike, "n o"],
    names: Bool[ArrayLike, "o t"],
    described: Bool[ArrayLike, "n t"],
    said: Bool[ArrayLike, "n t"],
    *,
    empty: str = "drop",
) -> Shares:
    """The decision relevance of generated sentences: `100 |O_T n G_J| / |O_T|`.

    O are the objects that the decision rests on, O_T the terms of the captions that name one of them, G_J the terms of
    the generated sentence. A term is a word, or words that count as one: see `jxai.metrics.object_terms`, and
    `mentioned_terms` for `described` and `said`.

    Args:
        objects: booleans `[n, o]`, O of each of n images.
        names: booleans `[o, t]`, whether a term names an object.
        described: booleans `[n, t]`, whether the image's captions say the term.
        said: booleans `[n, t]`, whether its generated sentence does.
        empty: what an image with empty O_T counts: "drop", nothing, or "zero", 0.

    Returns:
        The share of each image, their mean and its standard error, 0..100.

    Raises:
        ValueError: shapes that do not fit, or another `empty`.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful linguistic explanations for neural net based model
        decisions", equation 6.

    Example:
        >>> import jax.numpy as jnp
        >>> names = jnp.array([[True, True, False], [False, False, True]])  # beak and bill; tail
        >>> objects = jnp.array([[True, False], [False, True]])
        >>> described = jnp.array([[True, True, True], [True, True, False]])
        >>> said = jnp.array([[True, False, False], [True, True, True]])
        >>> drel(objects, names, described, said).each.tolist()
        [50.0, nan]
    """
    arrays = objects, names, described, said = [jnp.asarray(a).astype(bool) for a in (objects, names, described, said)]
    if any(array.ndim != 2 for array in arrays):
        raise ValueError(f"drel: expected four matrices; shapes {[array.shape for array in arrays]} came.")
    (n, o), t = objects.shape, names.shape[1]
    if names.shape[0] != o or described.shape != (n, t) or said.shape != (n, t):
        raise ValueError(
            f"drel: expected objects [n, o], names [o, t], described [n, t] and said [n, t]; "
            f"{objects.shape}, {names.shape}, {described.shape} and {said.shape} came."
        )
    if empty not in ("drop", "zero"):
        raise ValueError(f'drel: empty must be "drop" or "zero"; {empty!r} came.')
    # a product of matrices, not [n, o, t] booleans in memory
    relevant = (objects.astype(jnp.float32) @ names.astype(jnp.float32) > 0) & described
    return shares(_share(relevant & said, relevant, jnp.nan if empty == "drop" else 0.0))


def nearest_part(
    heat: Float[ArrayLike, "h w"], parts: Real[ArrayLike, "p 3"], *, size: tuple[int, int] | None = None
) -> Bool[Array, " p"]:
    """The visible part nearest to the maximum of a heat map: O of images with points on their parts.

    Distances are Euclidean, from the centre of the map's largest cell, of equals the first.

    Args:
        heat: `[h, w]`, raw; what should not count (Grad-CAM's negative values) the caller clips.
        parts: `[p, 3]`, rows (x, y, visible) in pixels of the image, as `jxai.data.ImageExample`.
        size: height and width of the image, where the map is coarser; None: the map's own.

    Returns:
        Booleans `[p]`, one true; none, where no part is visible, or the map has no maximum: it is constant, or NaN.

    Raises:
        ValueError: shapes that do not fit, or a size that is not positive.

    Reference:
        Wickramanayake, Hsu and Lee 2019, section "Evaluation metric", for CUB. Our choices: visible parts only, a
        constant map points at nothing.

    Example:
        >>> import jax.numpy as jnp
        >>> heat = jnp.zeros((2, 2)).at[0, 1].set(1.0)  # its cell's centre is at x = 75, y = 25
        >>> nearest_part(heat, jnp.array([[70.0, 30, 1], [75, 25, 0], [10, 90, 1]]), size=(100, 100)).tolist()
        [True, False, False]
    """
    heat, parts = _map_and(heat, parts, 3, "nearest_part", "parts [p, 3], rows (x, y, visible)")
    cell = _cell(heat, size)
    row, column = jnp.unravel_index(jnp.argmax(heat), heat.shape)
    x, y = ((place.astype(parts.dtype) + 0.5) * side for place, side in ((column, cell[1]), (row, cell[0])))
    visible = (parts[:, 2] > 0) & ~jnp.isnan(parts).any(1)  # argmin would take a distance of NaN for the smallest
    distance = jnp.where(visible, (parts[:, 0] - x) ** 2 + (parts[:, 1] - y) ** 2, jnp.inf)
    first = jnp.arange(len(parts)) == jnp.argmin(distance)
    return first & visible & (heat.max() > heat.min())  # also false for NaN


def overlapping(
    heat: Float[ArrayLike, "h w"],
    boxes: Real[ArrayLike, "m 4"],
    threshold: float = 0.5,
    *,
    size: tuple[int, int] | None = None,
) -> Bool[Array, " m"]:
    """The boxes that overlap the hot area, `{heat > threshold max(heat)}`: O of images with boxes around their objects.

    A cell of the map covers its rectangle of the image; a box overlaps where they share an area. Where each pixel
    should have its own value, resize the map first.

    Args:
        heat: `[h, w]`, raw.
        boxes: `[m, 4]`, rows (x, y, width, height) in pixels of the image; without an area (padding): no box.
        threshold: share of the maximum, from 0 to below 1.
        size: height and width of the image, where the map is coarser; None: the map's own.

    Returns:
        Booleans `[m]`; none, where the map is nowhere above zero, or NaN.

    Raises:
        ValueError: shapes that do not fit, a size that is not positive, or a threshold out of range.

    Reference:
        Wickramanayake, Hsu and Lee 2019, section "Evaluation metric", for MPII; their threshold is not reported.

    Example:
        >>> import jax.numpy as jnp
        >>> heat = jnp.zeros((2, 2)).at[0, 1].set(1.0)  # hot is x from 50 to 100, y from 0 to 50
        >>> overlapping(heat, jnp.array([[40.0, 10, 20, 20], [0, 0, 50, 50]]), 0.5, size=(100, 100)).tolist()
        [True, False]
    """
    heat, boxes = _map_and(heat, boxes, 4, "overlapping", "boxes [m, 4], rows (x, y, width, height)")
    if not 0 <= threshold < 1:
        raise ValueError(f"overlapping: threshold must be from 0 to below 1; {threshold} came.")
    cell, top = _cell(heat, size), heat.max()
    hot = (heat > threshold * top) & (top > 0)
    # rectangles overlap where their projections do: per axis, and only then [m, h, w]
    rows, columns = (_overlapping_cells(boxes[:, k], boxes[:, k + 2], heat.shape[1 - k], cell[1 - k]) for k in (1, 0))
    return (rows[:, :, None] & columns[:, None, :] & hot[None]).any((1, 2))


def kinds_of(hit: Bool[ArrayLike, " m"], kinds: Int[ArrayLike, " m"], count: int) -> Bool[Array, " count"]:
    """From instances to kinds of objects: which kinds have an instance among those that are hit.

    Args:
        hit: booleans `[m]`, of the instances (`overlapping`).
        kinds: integers `[m]`, the kind of each instance, below `count`; -1 on padding.
        count: how many kinds there are.

    Returns:
        Booleans `[count]`.

    Example:
        >>> import jax.numpy as jnp
        >>> kinds_of(jnp.array([True, False, True, True]), jnp.array([2, 0, 2, -1]), 3).tolist()
        [False, False, True]
    """
    kinds = jnp.asarray(kinds)
    same = kinds[:, None] == jnp.arange(count, dtype=kinds.dtype)[None]
    return (same & jnp.asarray(hit, bool)[:, None]).any(0)


def _share(hits: Array, relevant: Array, otherwise: float) -> Array:
    """The share of the relevant terms that are hit, along the last axis; `otherwise` where none is relevant."""
    dtype = jnp.result_type(float)
    count = relevant.sum(-1).astype(dtype)
    return jnp.where(count > 0, hits.sum(-1).astype(dtype) / jnp.maximum(count, 1), otherwise)


def _map_and(heat: ArrayLike, rows: ArrayLike, columns: int, measure: str, what: str) -> tuple[Array, Array]:
    heat, rows = jnp.asarray(heat), jnp.asarray(rows)
    if heat.ndim != 2 or rows.ndim != 2 or rows.shape[1] != columns or 0 in heat.shape + rows.shape:
        raise ValueError(
            f"{measure}: expected a map [h, w] and {what}; {heat.shape} and {rows.shape} came. Images go through vmap."
        )
    return heat, rows.astype(jnp.result_type(float))


def _cell(heat: Array, size: tuple[int, int] | None) -> tuple[float, float]:
    """Height and width of a cell of the map, in pixels."""
    height, width = heat.shape if size is None else size
    require_positive(height=height, width=width)
    return height / heat.shape[0], width / heat.shape[1]


def _overlapping_cells(start: Array, length: Array, cells: int, side: float) -> Array:
    """Which cells of an axis overlap an interval by more than a point, `[m, cells]`."""
    edges = jnp.arange(cells + 1, dtype=start.dtype) * side
    stop = start + length
    inside = (edges[None, :-1] < stop[:, None]) & (edges[None, 1:] > start[:, None])
    return inside & (length > 0)[:, None]
