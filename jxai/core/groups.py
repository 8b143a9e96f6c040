"""One example as a cooperative game: its elements in groups, which are present or stand at the baseline.

`groups` is an array of whole numbers whose shape is a leading part of the example's: `[h, w]` (segments) or `[h, w, c]`
for an image, `[t]` (words) for a text, `[d]` for a vector. Entries 0, 1, ... name the groups; -1 marks elements that
never change. None makes every position of space (every element of a vector) a group of its own.

The number of groups fixes shapes, so it must be known while JAX traces: `count` gives it where `groups` is traced.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, Float, Real, Shaped

from jxai.core.errors import require_baseline, require_floating
from jxai.core.evaluate import evaluate
from jxai.core.types import Labels, Score

__all__ = ["Game", "Groups", "game", "groups_of"]


class Groups(NamedTuple):
    """How an example falls into groups.

    Attributes:
        count: number of groups.
        keep: `(x, coalition [count], b) -> x` with the groups that are absent from the coalition at b.
        spread: `[count] -> map`: every element gets its group's value, elements that never change get 0.
    """

    count: int
    keep: Callable[[Float[Array, "*shape"], Bool[Array, " n"], Float[Array, "*shape"]], Float[Array, "*shape"]]
    spread: Callable[[Shaped[Array, " n"]], Shaped[Array, "*space"]]


class Game(NamedTuple):
    """The worth of every coalition of groups.

    Attributes:
        count: number of groups.
        value: `coalition [count] of booleans -> number`: the score with the other groups at the baseline.
        spread: `[count] -> map`, see `Groups`.
        everyone: the coalition of all groups.
    """

    count: int
    value: Callable[[Bool[Array, " n"]], Real[Array, ""]]
    spread: Callable[[Shaped[Array, " n"]], Shaped[Array, "*space"]]
    everyone: Bool[Array, " n"]


def game(
    score: Score,
    x: Shaped[Array, "*shape"],
    args: tuple,
    *,
    baseline: Shaped[Array, "..."] | None,
    groups: Labels | None,
    count: int | None,
) -> Game:
    """The game of one example: the worth of a coalition is the score when all other groups stand at the baseline.

    Args:
        score: function `(x, *args) -> number`.
        x: the example.
        args: the score's other arguments.
        baseline: like x; None is zeros.
        groups: see the module; None: every position of space.
        count: number of groups; None: as many as `groups` names.

    Returns:
        The game.

    Raises:
        TypeError: x or `groups` of the wrong kind of number.
        ValueError: a baseline or `groups` that does not fit x.

    Example:
        >>> import jax.numpy as jnp
        >>> g = game(jnp.sum, jnp.array([1.0, 2.0, 4.0]), (), baseline=None, groups=jnp.array([0, 1, 0]), count=None)
        >>> float(g.value(jnp.array([True, False])))
        5.0
    """
    b = require_baseline(x, baseline)
    parts = groups_of(x, groups, count)

    def value(coalition: Bool[Array, " n"]) -> Real[Array, ""]:
        return evaluate(score, parts.keep(x, coalition, b), *args)

    return Game(parts.count, value, parts.spread, jnp.ones(parts.count, bool))


def groups_of(x: Shaped[Array, "*shape"], groups: Labels | None, count: int | None) -> Groups:
    """The groups of x: see the module.

    Raises:
        TypeError: x holds integers, or `groups` no integers.
        ValueError: `groups` has no leading part of x's shape, names no group or more than `count`, or is traced
            without `count`.

    Example:
        >>> import jax.numpy as jnp
        >>> parts = groups_of(jnp.ones((3, 2)), jnp.array([1, -1, 0]), None)
        >>> parts.spread(jnp.array([5.0, 7.0])).tolist()
        [7.0, 0.0, 5.0]
    """
    require_floating(x)
    if groups is None:
        return _positions(x, count)
    shape = jnp.shape(groups)
    if not shape or shape != x.shape[: len(shape)]:
        raise ValueError(
            f"groups must have a shape that x's shape {x.shape} begins with, e.g. {_space(x)}; {shape} came."
        )
    count = _group_count(groups, count)
    index = jnp.asarray(groups)
    # one place after the last stands for all that never changes: always present in `keep`, 0 in `spread`
    index = jnp.where((index < 0) | (index >= count), count, index)

    def keep(
        x: Float[Array, "*shape"], coalition: Bool[Array, " n"], b: Float[Array, "*shape"]
    ) -> Float[Array, "*shape"]:
        return _where(jnp.append(coalition, True)[index], x, b)

    def spread(values: Shaped[Array, " n"]) -> Shaped[Array, "*space"]:
        return jnp.append(values, jnp.zeros_like(values[:1]))[index]

    return Groups(count, keep, spread)


def _positions(x: Array, count: int | None) -> Groups:
    space = _space(x)
    number = math.prod(space)
    if count not in (None, number):
        raise ValueError(f"without groups every position is one, {number} in {space}; count={count} came: pass groups.")
    return Groups(
        number,
        lambda x, coalition, b: _where(coalition.reshape(space), x, b),
        lambda values: values.reshape(space),
    )


def _space(x: Array) -> tuple[int, ...]:
    return x.shape if x.ndim < 2 else x.shape[:-1]


def _where(mask: Array, x: Array, b: Array) -> Array:
    return jnp.where(mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim)), x, b)


def _group_count(groups: Any, count: int | None) -> int:
    """The number of groups; a `count` must not be smaller than concrete groups need."""
    dtype = groups.dtype if hasattr(groups, "dtype") else np.asarray(groups).dtype
    if not jnp.issubdtype(dtype, jnp.integer):
        raise TypeError(f"groups must be whole numbers, -1 for what never changes; {dtype} came.")
    if isinstance(groups, Tracer):
        if count is None:
            raise ValueError(
                "groups is traced (under jit, vmap or shard_map), so that their number is unknown; give it when the "
                "explainer is made, count=..., one more than the largest entry."
            )
        return count
    largest = int(np.asarray(groups).max(initial=-1)) + 1  # NumPy: under jit, jnp would trace even a known array
    if largest < 1 or largest > (count or largest):
        raise ValueError(f"groups must name 1 to {count or 'any number of'} groups, from 0; it names {largest}.")
    return count or largest
