"""One example as a cooperative game: its elements in groups, which are present or stand at the baseline.

`groups` is an array of whole numbers whose shape is a leading part of the example's: `[h, w]` (segments) or `[h, w, c]`
for an image, `[t]` (words) for a text, `[d]` for a vector. Entries 0, 1, ... name the groups; -1 marks elements that
never change. None makes every position of space (every element of a vector) a group of its own; the space is all axes
but the last, or as many as `space` says.

Where the example is a pytree of several arrays, so are the groups, whose numbers count through all arrays; a single
number makes an array one group. None: the positions of each.

The number of groups fixes shapes, so it must be known while JAX traces: `count` gives it where `groups` is traced.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, Real, Shaped

from jxai.core.errors import require_array, require_baseline, require_numbers, require_positive
from jxai.core.evaluate import evaluate
from jxai.core.leaves import is_array, matching
from jxai.core.types import Inputs, Score

__all__ = ["Game", "Groups", "game", "groups_of"]


Place = Callable[[Shaped[Array, " n"], Shaped[Array, " 1"]], Shaped[Array, "*space"]]  # the groups' values, the rest's


class Groups(NamedTuple):
    """How an example falls into groups.

    Attributes:
        count: number of groups.
        keep: `(x, coalition [count], b) -> x` with the groups that are absent from the coalition at b.
        spread: `[count] -> map`: every element gets its group's value, elements that never change get 0.
    """

    count: int
    keep: Callable[[Inputs, Bool[Array, " n"], Inputs], Inputs]
    spread: Callable[[Shaped[Array, " n"]], Inputs]


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
    spread: Callable[[Shaped[Array, " n"]], Inputs]
    everyone: Bool[Array, " n"]


def game(
    score: Score,
    x: Inputs,
    args: tuple,
    *,
    baseline: Any,
    groups: Any,
    count: int | None,
    space: int | None = None,
) -> Game:
    """The game of one example: the worth of a coalition is the score when all other groups stand at the baseline.

    Args:
        score: function `(x, *args) -> number`.
        x: the example; whole numbers (tokens, pixels) may be, as nothing is differentiated by it.
        args: the score's other arguments.
        baseline: like x, or a number; None is zeros.
        groups: see the module; None: every position of space.
        count: number of groups; None: as many as `groups` names.
        space: how many axes of x are space; None: all but the last.

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
    b = require_baseline(x, baseline, integers=True)
    parts = groups_of(x, groups, count, space)

    def value(coalition: Bool[Array, " n"]) -> Real[Array, ""]:
        return evaluate(score, parts.keep(x, coalition, b), *args)

    return Game(parts.count, value, parts.spread, jnp.ones(parts.count, bool))


def groups_of(x: Inputs, groups: Any, count: int | None, space: int | None = None) -> Groups:
    """The groups of x: see the module.

    Raises:
        TypeError: x holds no numbers, or `groups` no integers.
        ValueError: `groups` has no leading part of x's shape, names no group or more than `count`, or is traced
            without `count`; `space` has more axes than x.

    Example:
        >>> import jax.numpy as jnp
        >>> parts = groups_of(jnp.ones((3, 2)), jnp.array([1, -1, 0]), None)
        >>> parts.spread(jnp.array([5.0, 7.0])).tolist()
        [7.0, 0.0, 5.0]
    """
    require_numbers(x)
    if space is not None:
        require_array(x, "space=")
        require_positive(space=space)
    leaves, tree = jax.tree.flatten(x)
    if groups is None:
        places, count = _positions([_space(leaf, space) for leaf in leaves], count)
    else:
        named = [groups] if is_array(x) else jax.tree.leaves(matching(x, groups, "groups"))
        count = _group_count(named, count)
        places = [_places(leaf, numbers, count, is_array(x)) for leaf, numbers in zip(leaves, named, strict=True)]

    def keep(x: Inputs, coalition: Bool[Array, " n"], b: Inputs) -> Inputs:
        present = [place(coalition, jnp.ones_like(coalition[:1])) for place in places]
        return jax.tree.map(_where, tree.unflatten(present), x, b)

    def spread(values: Shaped[Array, " n"]) -> Inputs:
        return tree.unflatten([place(values, jnp.zeros_like(values[:1])) for place in places])

    return Groups(count, keep, spread)


def _positions(spaces: list[tuple[int, ...]], count: int | None) -> tuple[list[Place], int]:
    """Every position of each array is a group; their numbers count through all arrays."""
    ends = np.cumsum([math.prod(space) for space in spaces]).tolist()
    if count not in (None, ends[-1]):
        raise ValueError(
            f"without groups every position is one, {ends[-1]} in {', '.join(map(str, spaces))}; count={count} came: "
            f"pass groups."
        )

    def place_of(space: tuple[int, ...], end: int) -> Place:
        return lambda values, rest: values[end - math.prod(space) : end].reshape(space)

    return [place_of(space, end) for space, end in zip(spaces, ends, strict=True)], ends[-1]


def _places(leaf: Array, groups: Any, count: int, alone: bool) -> Place:
    """The group of each place of an array, as an index into the values of all groups."""
    shape = jnp.shape(groups)
    if shape != leaf.shape[: len(shape)] or (alone and not shape):
        raise ValueError(
            f"groups must have a shape that x's shape {leaf.shape} begins with, e.g. {_space(leaf)}; {shape} came."
        )
    index = jnp.asarray(groups)
    # one place after the last stands for all that never changes: always present in `keep`, 0 in `spread`
    index = jnp.where((index < 0) | (index >= count), count, index)
    return lambda values, rest: jnp.append(values, rest)[index]


def _space(x: Array, space: int | None = None) -> tuple[int, ...]:
    if space is None:
        return x.shape if x.ndim < 2 else x.shape[:-1]
    if x.ndim < space:
        raise ValueError(f"space={space} axes of space were announced; x has shape {x.shape}.")
    return x.shape[:space]


def _where(mask: Array, x: Array, b: Array) -> Array:
    return jnp.where(mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim)), x, b)


def _group_count(groups: list[Any], count: int | None) -> int:
    """The number of groups; a `count` must not be smaller than concrete groups need."""
    for numbers in groups:
        dtype = numbers.dtype if hasattr(numbers, "dtype") else np.asarray(numbers).dtype
        if not jnp.issubdtype(dtype, jnp.integer):
            raise TypeError(f"groups must be whole numbers, -1 for what never changes; {dtype} came.")
    if any(isinstance(numbers, Tracer) for numbers in groups):
        if count is None:
            raise ValueError(
                "groups is traced (under jit, vmap or shard_map), so that their number is unknown; give it when the "
                "explainer is made, count=..., one more than the largest entry."
            )
        return count
    # NumPy: under jit, jnp would trace even a known array
    largest = max(int(np.asarray(numbers).max(initial=-1)) for numbers in groups) + 1
    if largest < 1 or largest > (count or largest):
        raise ValueError(f"groups must name 1 to {count or 'any number of'} groups, from 0; it names {largest}.")
    return count or largest
