"""Do insecurities lie on the parts that make their classes ambiguous? At many coverages, from one sort of each map.

The functions take one image with n insecurities: their maps of ambiguity, and for each the parts that its two classes
share (`truth[a, b]` of `jxai.metrics.select_insecurities`). They return a value for each insecurity, NaN where it is
undefined. `jnp.nanmean` over the insecurities is the image's value, and over images the set's. With `variant="paper"` a
mask of coverage t holds exactly `round(t N)` of the N pixels (of equal values, the first). With `"released"` it holds
those strictly above the `int(t N)`-th largest value, one pixel fewer where no values are equal.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, Real

from jxai.metrics.ambiguity.coverage_curves import (
    COVERAGES,
    PointQuality,
    areas_of,
    best_iou,
    levels_of,
    pixels_of_points,
    precision_and_recall,
    require_pairs,
    sizes_of,
)

__all__ = [
    "mask_iou", "point_precision_recall", "precision_at_recall", "random_mask_iou", "random_point_precision_recall",
]  # fmt: skip


def point_precision_recall(
    maps: Float[Array, "n h w"],
    common: Bool[Array, "n p"],
    points: Real[Array, "p 3"],
    *,
    coverages: Sequence[float] = COVERAGES,
    variant: str = "paper",
) -> PointQuality:
    """Precision and recall of masks where parts are annotated with points.

    `P = |J| / |visible parts in the mask|`, `R = |J| / |visible common parts|`, J the common parts in the mask.

    NaN: the precision of a mask on no part; both, where the common parts are all hidden. A pair without common parts
    has in the paper variant no recall and a precision of 0; in the released one no precision and a recall of 0 (it
    stays in the denominator of the mean). To repeat the released figures, clip the class maps to 1e-7 and multiply them
    at their own resolution before they are enlarged.

    Args:
        maps: `[n, h, w]`, the ambiguity maps of the n insecurities, on the grid of the points.
        common: booleans `[n, p]`, the parts that the classes of each share.
        points: `[p, 3]`, rows (x, y, visible) in pixels of the maps' grid, see `jxai.metrics.place_points`; those
            outside count as hidden.
        coverages: shares of the grid, increasing, above 0, at most 1.
        variant: "paper" or "released".

    Returns:
        A `PointQuality`; NaN too where a map holds a NaN.

    Raises:
        ValueError: shapes that do not fit, or coverages out of range or order.

    Reference:
        Wang and Vasconcelos 2019, "Deliberative explanations", section 4; their code for `variant="released"`.

    Example:
        >>> maps = jnp.array([[[4.0, 3.0], [2.0, 1.0]]])
        >>> points = jnp.array([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
        >>> quality = point_precision_recall(maps, jnp.array([[False, True]]), points, coverages=(0.25, 1.0))
        >>> quality.precision.tolist(), quality.recall.tolist()
        ([[0.0, 0.5]], [[0.0, 1.0]])
    """
    require_pairs(maps, common)
    sizes = sizes_of(coverages, maps.shape[1:], variant)
    visible, place = pixels_of_points(points, common, maps.shape[1:])

    def of(values: Float[Array, "h w"], in_both: Bool[Array, " p"]) -> PointQuality:
        level = levels_of(values, variant)[place]
        in_mask = visible[None] & (level[None] < sizes[:, None])
        hits, count = (these.sum(-1).astype(values.dtype) for these in (in_mask & in_both[None], in_mask))
        precision, recall = precision_and_recall(hits, count, in_both, visible, variant)
        is_nan = jnp.isnan(values).any()
        return PointQuality(*(jnp.where(is_nan, jnp.nan, quality) for quality in (precision, recall)))

    return jax.vmap(of)(maps, common)


def mask_iou(
    maps: Float[Array, "n h w"],
    common: Bool[Array, "n p"],
    masks: Int[Array, "h w"],
    *,
    coverages: Sequence[float] = COVERAGES,
    variant: str = "paper",
) -> Float[Array, "n k"]:
    """Intersection over union of masks where parts are annotated with masks.

    paper: with that common part of the image with which the mask has the largest intersection (of equal ones, the
    best). released: with the union of all common parts.

    Args:
        maps: `[n, h, w]`, the ambiguity maps of the n insecurities.
        common: booleans `[n, p]`, the parts that the classes of each share.
        masks: whole numbers `[h, w]` on the same grid: the index of the part plus one, 0 for none; see
            `jxai.metrics.place_masks`.
        coverages: shares of the grid, increasing, above 0, at most 1.
        variant: "paper" or "released".

    Returns:
        `[n, k]`, 0..1. NaN where the pair has no common part (paper: none in the image), or the map holds a NaN.

    Raises:
        ValueError: shapes that do not fit, or coverages out of range or order.

    Reference:
        Wang and Vasconcelos 2019, section 4, by which `largest overlap` says the part; their code.

    Example:
        >>> maps, masks = jnp.array([[[4.0, 3.0], [2.0, 1.0]]]), jnp.array([[1, 1], [1, 2]])
        >>> print(mask_iou(maps, jnp.array([[True, False]]), masks, coverages=(0.25, 0.75)).round(3))
        [[0.333 1.   ]]
    """
    require_pairs(maps, common)
    sizes = sizes_of(coverages, maps.shape[1:], variant)
    labels, areas = areas_of(masks, common, maps.shape[1:])

    def of(values: Float[Array, "h w"], in_both: Bool[Array, " p"]) -> Float[Array, " k"]:
        first = jnp.searchsorted(sizes, levels_of(values, variant), side="right")  # the smallest mask with the pixel
        overlap = jnp.zeros((len(sizes) + 1, len(areas) + 1), values.dtype).at[first, labels].add(1)
        overlap = jnp.cumsum(overlap, 0)[:-1]  # the last row holds the pixels of no mask
        iou = best_iou(overlap[:, 1:], overlap.sum(-1), areas.astype(values.dtype), in_both, variant)
        return jnp.where(jnp.isnan(values).any(), jnp.nan, iou)

    return jax.vmap(of)(maps, common)


def random_point_precision_recall(
    common: Bool[Array, "n p"],
    points: Real[Array, "p 3"],
    shape: tuple[int, int],
    *,
    coverages: Sequence[float] = COVERAGES,
    variant: str = "paper",
) -> PointQuality:
    """What `point_precision_recall` yields on average for masks of random pixels, parts at different pixels.

    `P = |visible common parts| / |visible parts|` at any coverage, `R` the coverage.

    Args:
        common: booleans `[n, p]`.
        points: `[p, 3]`, on a grid of `shape`.
        shape: height and width of the grid.
        coverages: shares of the grid.
        variant: "paper" or "released".

    Returns:
        A `PointQuality`, NaN where the pair's is.

    Example:
        >>> points = jnp.array([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
        >>> random_point_precision_recall(jnp.array([[False, True]]), points, (2, 2), coverages=(0.5,)).precision.item()
        0.5
    """
    sizes = sizes_of(coverages, shape, variant)
    visible, _ = pixels_of_points(points, common, shape)
    share = jnp.asarray(sizes, points.dtype) / (shape[0] * shape[1])

    def of(in_both: Bool[Array, " p"]) -> PointQuality:
        hits, all_of_them = ((these.sum().astype(points.dtype) * share) for these in (in_both & visible, visible))
        return PointQuality(*precision_and_recall(hits, all_of_them, in_both, visible, variant))

    return jax.vmap(of)(common)


def random_mask_iou(
    common: Bool[Array, "n p"],
    masks: Int[Array, "h w"],
    *,
    coverages: Sequence[float] = COVERAGES,
    variant: str = "paper",
) -> Float[Array, "n k"]:
    """What `mask_iou` yields for masks of random pixels: the IoU of the expected intersections, `share * area`.

    Arguments and result as there; the difference from the expected IoU vanishes with the number of pixels.

    Example:
        >>> print(random_mask_iou(jnp.array([[True]]), jnp.array([[1, 1], [0, 0]]), coverages=(0.5,)).round(3))
        [[0.333]]
    """
    _, areas = areas_of(masks, common, masks.shape)
    sizes = sizes_of(coverages, masks.shape, variant).astype(jnp.result_type(float))
    areas = areas.astype(sizes.dtype)
    overlap = sizes[:, None] * areas[None] / masks.size
    return jax.vmap(lambda in_both: best_iou(overlap, sizes, areas, in_both, variant))(common)


def precision_at_recall(
    precision: Float[Array, " k"], recall: Float[Array, " k"], levels: Float[Array, "*levels"]
) -> Float[Array, "*levels"]:
    """A precision-recall curve read at given recalls, by linear interpolation; NaN outside the curve.

    Args:
        precision: `[k]`, such as the means over a set.
        recall: `[k]`, not decreasing, as it is over increasing coverages.
        levels: recalls; the released code prints .10 to .44.

    Returns:
        Precisions, shape of the levels.

    Example:
        >>> print(precision_at_recall(jnp.array([0.4, 0.2]), jnp.array([0.1, 0.3]), jnp.array([0.2, 0.9])).round(3))
        [0.3 nan]
    """
    return jnp.interp(levels, recall, precision, left=jnp.nan, right=jnp.nan)
