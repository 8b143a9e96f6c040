"""What the measures of insecurities share: sizes of masks, places of points, areas of parts, what is undefined."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int, Real, Shaped

from jxai.core.errors import require_variant
from jxai.signal.ranks import portion, ranks

__all__ = [
    "COVERAGES",
    "PointQuality",
    "areas_of",
    "best_iou",
    "levels_of",
    "placed",
    "require_pairs",
    "sizes_of",
    "undefined",
]

COVERAGES = tuple(percent / 100 for percent in range(1, 91))
"""The shares of the image that the paper's masks cover: 1 % to 90 %."""


class PointQuality(NamedTuple):
    """How n masks match points, at k coverages.

    Attributes:
        precision: `[n, k]`, of the visible parts in the mask, the share that the two classes share.
        recall: `[n, k]`, of the visible parts that the two classes share, the share in the mask.
    """

    precision: Float[Array, "n k"]
    recall: Float[Array, "n k"]


def require_pairs(maps: Shaped[Array, "n h w"], common: Shaped[Array, "n p"]) -> None:
    """Refuse maps and common parts that do not belong together."""
    if maps.ndim != 3 or common.ndim != 2 or len(common) != len(maps):
        raise ValueError(
            f"expected n maps [n, h, w] and, for each, the parts its classes share, [n, p]; {maps.shape} and "
            f"{common.shape} came. Images go through jax.vmap."
        )


def sizes_of(coverages: Sequence[float], shape: tuple[int, ...], variant: str) -> Int[Array, " k"]:
    """The pixels of a mask of a grid at each coverage, `[k]`."""
    require_variant(variant)
    given = np.asarray(coverages, np.float64)
    if given.ndim != 1 or not given.size or given[0] <= 0 or given[-1] > 1 or (np.diff(given) <= 0).any():
        raise ValueError(
            f"coverages are shares of the image, above 0, at most 1, increasing; {np.round(given, 4).tolist()} came."
        )
    pixels = shape[0] * shape[1]
    if variant == "released":
        return jnp.asarray([int(coverage * pixels) - 1 for coverage in given])
    return jnp.asarray([portion(pixels, float(coverage)) for coverage in given])


def levels_of(values: Float[Array, "h w"], variant: str) -> Int[Array, " pixels"]:
    """For each pixel, flat, the number that the size of a mask must exceed for it to be in the mask; one sort."""
    found = ranks(values.ravel())
    return found.most if variant == "released" else found.first


def placed(
    points: Real[Array, "p 3"], common: Bool[Array, "n p"], shape: tuple[int, ...]
) -> tuple[Bool[Array, " p"], Int[Array, " p"]]:
    """Which parts are visible within the grid, and the flat index of their pixels."""
    if points.ndim != 2 or points.shape[-1] != 3 or len(points) != common.shape[1]:
        raise ValueError(f"expected a point (x, y, visible) of each of {common.shape[1]} parts; {points.shape} came.")
    height, width = shape
    column, row = (jnp.floor(points[:, axis]) for axis in (0, 1))
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    place = jnp.where(inside, row * width + column, 0).astype(int)
    return inside & (points[:, 2] > 0), place


def areas_of(
    masks: Int[Array, "h w"], common: Bool[Array, "n p"], shape: tuple[int, ...]
) -> tuple[Int[Array, " pixels"], Int[Array, " p"]]:
    """For each pixel, flat, its part plus one, 0 for none, and of each part the pixels `[p]`."""
    if masks.shape != shape or not jnp.issubdtype(masks.dtype, jnp.integer):
        raise ValueError(
            f"expected masks of whole numbers on the grid of the maps, {shape}; {masks.dtype} {masks.shape} came."
        )
    labels = masks.ravel().astype(int)
    labels = jnp.where((labels < 0) | (labels > common.shape[1]), 0, labels)  # other parts: none
    return labels, jnp.zeros(common.shape[1] + 1, int).at[labels].add(1)[1:]


def undefined(
    hits: Real[Array, "*k"],
    taken: Real[Array, "*k"],
    shared: Bool[Array, " p"],
    visible: Bool[Array, " p"],
    variant: str,
) -> tuple[Float[Array, "*k"], Float[Array, "*k"]]:
    """Precision and recall, NaN where a convention leaves them out."""
    some = jnp.ones_like(taken)
    precision = jnp.where(taken > 0, hits / jnp.where(taken > 0, taken, some), jnp.nan)
    found = (shared & visible).sum()
    recall = hits / jnp.maximum(found, 1).astype(hits.dtype)  # 0 where the pair shares no part
    hidden, none = shared.any() & (found == 0), ~shared.any()
    without = hidden if variant == "paper" else hidden | none
    left_out = hidden | none if variant == "paper" else hidden
    return jnp.where(without, jnp.nan, precision), jnp.where(left_out, jnp.nan, recall)


def best_iou(
    seen: Real[Array, "*k p"],
    sizes: Real[Array, "*k"],
    areas: Real[Array, " p"],
    shared: Bool[Array, " p"],
    variant: str,
) -> Float[Array, "*k"]:
    """IoU from the pixels of each part in the masks `[k, p]`, the masks' sizes `[k]` and the parts' areas `[p]`."""
    if variant == "released":
        inside, area = (
            (these * shared.astype(these.dtype).reshape((1,) * (these.ndim - 1) + (-1,))).sum(-1)
            for these in (seen, areas)
        )
        iou = inside / jnp.maximum(sizes + area - inside, 1)
        return jnp.where(shared.any(), iou, jnp.nan)
    present = shared & (areas > 0)
    inside = jnp.where(present[None], seen, -1)
    iou = seen / jnp.maximum(sizes[:, None] + areas[None] - seen, 1)
    best = jnp.where(inside == inside.max(-1, keepdims=True), iou, -1).max(-1)
    return jnp.where(present.any(), best, jnp.nan)
