"""Parts of the measures of insecurities: sizes of masks, pixels of points, areas of parts, precision, recall, IoU."""

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
    "pixels_of_points",
    "precision_and_recall",
    "require_pairs",
    "sizes_of",
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
    if maps.ndim != 3 or common.ndim != 2 or len(common) != len(maps) or 0 in maps.shape[1:]:
        raise ValueError(
            f"expected n maps [n, h, w] with places and, for each, the parts its classes share, [n, p]; {maps.shape} "
            f"and {common.shape} came. Images go through jax.vmap."
        )


def sizes_of(coverages: Sequence[float], shape: tuple[int, ...], variant: str) -> Int[Array, " k"]:
    """The pixels of a mask of a grid at each coverage, `[k]`."""
    require_variant(variant)
    shares = np.asarray(coverages, np.float64)
    if shares.ndim != 1 or not shares.size or shares[0] <= 0 or shares[-1] > 1 or (np.diff(shares) <= 0).any():
        raise ValueError(
            f"coverages are shares of the image, above 0, at most 1, increasing; {np.round(shares, 4).tolist()} came."
        )
    pixels = shape[0] * shape[1]
    if variant == "released":
        # strictly above the int(t N)-th largest value: one pixel fewer
        return jnp.asarray([int(coverage * pixels) - 1 for coverage in shares])
    return jnp.asarray([portion(pixels, float(coverage)) for coverage in shares])


def levels_of(values: Float[Array, "h w"], variant: str) -> Int[Array, " pixels"]:
    """For each pixel, flat, the number that the size of a mask must exceed for it to be in the mask; one sort."""
    ranking = ranks(values.ravel())
    # first: equal values in order of place, so that a mask has exactly its size; most: all of them or none
    return ranking.most if variant == "released" else ranking.first


def pixels_of_points(
    points: Real[Array, "p 3"], common: Bool[Array, "n p"], shape: tuple[int, ...]
) -> tuple[Bool[Array, " p"], Int[Array, " p"]]:
    """Which parts are visible within the grid, and the flat index of their pixels."""
    if points.ndim != 2 or points.shape[-1] != 3 or len(points) != common.shape[1]:
        raise ValueError(f"expected a point (x, y, visible) of each of {common.shape[1]} parts; {points.shape} came.")
    height, width = shape
    column, row = (jnp.floor(points[:, axis]) for axis in (0, 1))
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    place = jnp.where(inside, row * width + column, 0).astype(int)  # any pixel; such a part is not visible
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


def precision_and_recall(
    hits: Real[Array, "*k"],
    in_mask: Real[Array, "*k"],
    in_both: Bool[Array, " p"],
    visible: Bool[Array, " p"],
    variant: str,
) -> tuple[Float[Array, "*k"], Float[Array, "*k"]]:
    """Precision and recall, NaN where a convention leaves them out."""
    some = jnp.ones_like(in_mask)
    precision = jnp.where(in_mask > 0, hits / jnp.where(in_mask > 0, in_mask, some), jnp.nan)
    present = (in_both & visible).sum()
    recall = hits / jnp.maximum(present, 1).astype(hits.dtype)  # 0 where the pair shares no part
    hidden, none = in_both.any() & (present == 0), ~in_both.any()
    # Paper: an insecurity of a pair without common parts is wrong, hence precision 0; hidden parts cannot be judged.
    # Released: precision skips pairs with an empty list of parts, recall counts those without common parts as 0.
    without = hidden if variant == "paper" else hidden | none
    left_out = hidden | none if variant == "paper" else hidden
    return jnp.where(without, jnp.nan, precision), jnp.where(left_out, jnp.nan, recall)


def best_iou(
    overlap: Real[Array, "*k p"],
    sizes: Real[Array, "*k"],
    areas: Real[Array, " p"],
    in_both: Bool[Array, " p"],
    variant: str,
) -> Float[Array, "*k"]:
    """IoU from the pixels of each part in the masks `[k, p]`, the masks' sizes `[k]` and the parts' areas `[p]`."""
    if variant == "released":
        inside, area = (
            (these * in_both.astype(these.dtype).reshape((1,) * (these.ndim - 1) + (-1,))).sum(-1)
            for these in (overlap, areas)
        )
        iou = inside / jnp.maximum(sizes + area - inside, 1)
        return jnp.where(in_both.any(), iou, jnp.nan)
    present = in_both & (areas > 0)
    inside = jnp.where(present[None], overlap, -1)  # below any intersection: absent parts never win
    iou = overlap / jnp.maximum(sizes[:, None] + areas[None] - overlap, 1)
    # the paper's "largest overlap" is read as the largest intersection; ties go to the better IoU
    best = jnp.where(inside == inside.max(-1, keepdims=True), iou, -1).max(-1)
    return jnp.where(present.any(), best, jnp.nan)
