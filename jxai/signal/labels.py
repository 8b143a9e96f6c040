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
        TypeError: no integers.
        ValueError: another space.

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
    """How many labels each level has at most: as told, or counted where the segments are known.

    Args:
        segments: integers; perhaps traced.
        count: the number as the caller knows it.

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
                "segments are traced, so how many there are is unknown: give the number at construction, "
                "count=int(segments.max()) + 1 (the largest of a batch)."
            )
        return operator.index(count)
    found = int(np.asarray(segments).max()) + 1
    if count is not None and found > count:
        raise ValueError(f"segments must have labels below count={count}; {found - 1} came.")
    return found if count is None else operator.index(count)
