"""Are an image's parts annotated right by points with words? Against points, within a tolerance, or against masks.

A label is a word, or words that count as one, with the point where a model puts it. The parts that it names are
`Terms.names` of `jxai.metrics.object_terms`. Parts that share a label (left and right eye) are one: either is right.
Only visible parts can be checked.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Bool, Int, Real

from jxai.core.errors import require_positive
from jxai.metrics.sentences.shares import Shares, shares

__all__ = ["Annotated", "PartAnnotation", "annotated_in_masks", "annotated_near_points", "part_annotation"]


class Annotated(NamedTuple):
    """Which of the t labels of one image are right.

    Attributes:
        right: booleans `[t]`, whether the label is on a visible part that it names.
        due: booleans `[t]`, whether such a part is visible at all.
    """

    right: Bool[Array, "*n t"]
    due: Bool[Array, "*n t"]


class PartAnnotation(NamedTuple):
    """Shares of the images with a visible part, in percent.

    Attributes:
        some: where at least one label is right.
        all: where every label that is due is right.
        labels: the share of the labels due that are right.
    """

    some: Shares
    all: Shares
    labels: Shares


def annotated_near_points(
    points: Real[ArrayLike, "t 3"],
    names: Bool[ArrayLike, "p t"],
    parts: Real[ArrayLike, "p 3"],
    box: Real[ArrayLike, "4"],
    *,
    tolerance: float = 0.1,
) -> Annotated:
    """Labels against points of parts: right within `tolerance` times the longer side of the object's box.

    Args:
        points: `[t, 3]`, rows (x, y, placed) in pixels of the image; 0 where the model places no such label.
        names: booleans `[p, t]`, whether a label names a part.
        parts: `[p, 3]`, rows (x, y, visible), as `jxai.data.ImageExample`.
        box: (x, y, width, height) of the object.
        tolerance: share of the longer side.

    Returns:
        An `Annotated`. One image: `jax.vmap` over several, with `in_axes=(0, None, 0, 0)`.

    Raises:
        ValueError: shapes that do not fit, or a tolerance that is not positive.

    Reference:
        The task is of Wickramanayake, Hsu and Lee 2019, section "Annotate decision relevant features", which does not
        say when an annotation is correct; distances relative to the box as Yang and Ramanan 2013, "Articulated human
        detection with flexible mixtures of parts", PCK with 0.1.

    Example:
        >>> import jax.numpy as jnp
        >>> points, parts = jnp.array([[10.0, 10, 1], [50, 50, 1]]), jnp.array([[12.0, 14, 1], [90, 50, 1], [0, 0, 0]])
        >>> names = jnp.array([[True, False], [False, True], [False, True]])
        >>> annotated_near_points(points, names, parts, jnp.array([0, 0, 100, 80])).right.tolist()
        [True, False]
    """
    points, names, parts, box = (jnp.asarray(array) for array in (points, names, parts, box))
    _require(points, names, parts.shape[:1] if parts.ndim == 2 and parts.shape[1] == 3 else None, parts)
    if box.shape != (4,):
        raise ValueError(f"expected a box (x, y, width, height); shape {box.shape} came. Images go through vmap.")
    require_positive(tolerance=tolerance)
    dtype = jnp.result_type(float)
    points, parts = points.astype(dtype), parts.astype(dtype)
    reach = tolerance * box[2:].max().astype(dtype)
    away = ((points[None, :, :2] - parts[:, None, :2]) ** 2).sum(-1)  # [p, t]
    checkable = names.astype(bool) & (parts[:, 2] > 0)[:, None]
    return Annotated((checkable & (away <= reach**2)).any(0) & (points[:, 2] > 0), checkable.any(0))


def annotated_in_masks(
    points: Real[ArrayLike, "t 3"], names: Bool[ArrayLike, "p t"], masks: Int[ArrayLike, "h w"]
) -> Annotated:
    """Labels against a map of parts: right where the point lies on a part that the label names.

    Args:
        points: `[t, 3]`, rows (x, y, placed) in pixels of the map.
        names: booleans `[p, t]`, whether a label names a part.
        masks: integers `[h, w]`, the part that each pixel shows, plus one, as `jxai.data.ImageExample`.

    Returns:
        An `Annotated`; a part is visible that has a pixel. A point outside the map is wrong.

    Raises:
        ValueError: shapes that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> masks = jnp.array([[1, 1], [0, 2]])
        >>> labels = annotated_in_masks(jnp.array([[1.5, 0.2, 1], [0.5, 1.5, 1]]), jnp.eye(2, dtype=bool), masks)
        >>> labels.right.tolist(), labels.due.tolist()
        ([True, False], [True, True])
    """
    points, names, masks = (jnp.asarray(array) for array in (points, names, masks))
    _require(points, names, names.shape[:1] if masks.ndim == 2 else None, masks)
    h, w = masks.shape
    x, y = points[:, 0], points[:, 1]
    inside = (points[:, 2] > 0) & (y >= 0) & (y < h) & (x >= 0) & (x < w)  # before NaN becomes some whole number
    column, row = (jnp.floor(at).astype(int) for at in (x, y))
    # clipped, as an index below 0 would count from the end; `inside` leaves such points out
    part_at_point = masks.astype(int)[jnp.clip(row, 0, h - 1), jnp.clip(column, 0, w - 1)]
    numbers = jnp.arange(1, len(names) + 1)[:, None]
    visible = (numbers == masks.astype(int).ravel()[None]).any(1)
    checkable = names.astype(bool)
    right = (checkable & (numbers == part_at_point[None])).any(0) & inside
    return Annotated(right, (checkable & visible[:, None]).any(0))


def part_annotation(annotated: Annotated) -> PartAnnotation:
    """In how many images at least one part, and all parts, are annotated right.

    Args:
        annotated: of n images, arrays `[n, t]`, from `jax.vmap`.

    Returns:
        A `PartAnnotation`; images without a visible part that has a label do not count.

    Raises:
        ValueError: not arrays `[n, t]`.

    Example:
        >>> import jax.numpy as jnp
        >>> right = jnp.array([[True, False], [True, False], [False, False]])
        >>> due = jnp.array([[True, True], [True, False], [False, False]])
        >>> rates = part_annotation(Annotated(right, due))
        >>> float(rates.some.mean), float(rates.all.mean), float(rates.labels.mean)
        (100.0, 50.0, 75.0)
    """
    right, due = (jnp.asarray(array).astype(bool) for array in annotated)
    if right.ndim != 2 or right.shape != due.shape:
        raise ValueError(f"part_annotation: expected arrays [images, labels]; {right.shape} and {due.shape} came.")
    dtype = jnp.result_type(float)
    has_due, right = due.any(1), right & due
    part = right.sum(1).astype(dtype) / jnp.maximum(due.sum(1), 1).astype(dtype)
    outcomes = right.any(1).astype(dtype), (right == due).all(1).astype(dtype), part
    return PartAnnotation(*(shares(jnp.where(has_due, outcome, jnp.nan)) for outcome in outcomes))


def _require(points: Array, names: Array, parts: tuple[int, ...] | None, truth: Array) -> None:
    if points.ndim != 2 or points.shape[1] != 3 or names.ndim != 2 or names.shape != (*(parts or ()), len(points)):
        raise ValueError(
            f"expected points [t, 3], rows (x, y, placed), names [p, t], and parts [p, 3] or masks [h, w]; "
            f"{points.shape}, {names.shape} and {truth.shape} came. Images go through vmap."
        )
