"""Checks of segments as explainers take them: integer labels over the space of an example."""

import operator
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Int

__all__ = ["label_count", "levels_of"]


def levels_of(segments: Any, space: Sequence[int]) -> Int[Array, "levels *space"]:
    """Segments as `[levels, *space]`: checks them, and gives a single segmentation its level axis.

    Args:
        segments: integers, `[*space]` or `[levels, *space]`; negative where a location belongs to no segment.
        space: the example's, `x.shape[:-1]`.

    Returns:
        int32 array `[levels, *space]`.

    Raises:
        TypeError: the labels are not integers.
        ValueError: the shape does not fit the space.

    Example:
        >>> levels_of(jnp.array([0, 0, 1, 1]), (4,)).shape
        (1, 4)
    """
    space = tuple(space)
    if not jnp.issubdtype(jnp.result_type(segments), jnp.integer):
        raise TypeError(f"segments must be integer labels 0..n-1; {jnp.result_type(segments)} came.")
    segments = jnp.asarray(segments, jnp.int32)
    if segments.shape == space:
        segments = segments[None]
    if segments.shape[1:] != space or not len(segments):
        raise ValueError(
            f"segments must have shape {space} or [levels, *{space}], the space of x; {segments.shape} came. "
            f"jxai.signal.segments makes them."
        )
    return segments


def label_count(segments: Any, count: int | None = None) -> int:
    """The largest number of labels of a level: `count`, or counted where the segments are concrete.

    Args:
        segments: integers; perhaps traced.
        count: the number of labels, where the caller has it.

    Returns:
        `count`, or one more than the largest label.

    Raises:
        ValueError: the segments are traced and `count` is None; or they hold a larger label.

    Example:
        >>> label_count(jnp.array([0, 0, 1, 1]))
        2
    """
    if isinstance(segments, Tracer):
        if count is None:
            raise ValueError(
                "segments are traced, so their number is unknown: give it at construction, "
                "count=int(segments.max()) + 1 (the largest of a batch)."
            )
        return operator.index(count)
    # np, not jnp: inside jit every jnp function of a concrete array is traced too, and int() would fail
    labels = int(np.asarray(segments).max()) + 1
    if count is not None and labels > count:
        raise ValueError(f"segments must have labels below count={count}; {labels - 1} came.")
    return labels if count is None else operator.index(count)
