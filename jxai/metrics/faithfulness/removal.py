"""Removal of places of an example by the rank of their attribution, and the score of what remains.

Deletion, insertion, sufficiency and comprehensiveness all use it. A unit is a place of the map, or with `groups` a
group of places (a word) that is removed as one. The map is sorted once.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.core.chunks import map_over
from jxai.core.errors import about_space, require_baseline, require_baselines, require_key
from jxai.core.evaluate import evaluate
from jxai.core.groups import groups_of
from jxai.core.inputs import with_channels
from jxai.core.types import Inputs, Key, Labels, Score
from jxai.signal.draws import normal
from jxai.signal.filters import at_least_single
from jxai.signal.masks import keep
from jxai.signal.ranks import Number, choose, portion, ranks

__all__ = ["Example", "Units", "make_example", "make_units", "ranked_curve", "require_map"]


class Example(NamedTuple):
    """One example, and the baselines that replace removed places.

    Attributes:
        x: the example, `[*space, c]` or a vector.
        args: the score's other arguments.
        baselines: `[b, *x.shape]`.
        valid: `[*space]`, false on padding, which always has the baseline's values; None: everything is valid.
        back: brings what is like x into the form that the score takes.
    """

    x: Shaped[Array, "*shape"]
    args: tuple
    baselines: Shaped[Array, "b *shape"]
    valid: Bool[Array, "*space"] | None
    back: Callable[[Shaped[Array, "*shape"]], Shaped[Array, "..."]]

    @property
    def space(self) -> tuple[int, ...]:
        """The shape of x without channels; a vector's own."""
        return self.x.shape if self.x.ndim == 1 else self.x.shape[:-1]

    def scores(
        self, score: Score, present: Callable[[Any], Float[Array, "*space"]], steps: Any, *, chunk: int
    ) -> Float[Array, " n"]:
        """The score at each of n steps, averaged over the baselines: `[n]`; `present` gives a step's mask `[*space]`.

        The baseline replaces places where the mask is 0, and padding.
        """
        n, b = len(jax.tree.leaves(steps)[0]), len(self.baselines)

        def point(step_and_baseline: tuple) -> Float[Array, ""]:
            step, which = step_and_baseline
            mask = present(step)
            if self.valid is not None:
                mask = jnp.where(self.valid, mask, jnp.zeros_like(mask))
            return evaluate(score, self.back(keep(self.x, mask, self.baselines[which])), *self.args)

        # steps x baselines in one list, so that `chunk` bounds both together
        every = jax.tree.map(lambda leaf: jnp.repeat(leaf, b, axis=0), steps)
        return map_over(point, (every, jnp.tile(jnp.arange(b), n)), chunk=chunk).reshape(n, b).mean(1)


class Units(NamedTuple):
    """The units of one example.

    Attributes:
        values: `[m]`, the attribution of each, in float32 at least; NaN where a unit is padding.
        number: how many units are no padding.
        is_nan: whether the result is NaN: the attribution is NaN at a unit, or there is no unit.
        spread: `[m] -> mask [*space]`; 1 at places that belong to no group.
    """

    values: Float[Array, " m"]
    number: Number
    is_nan: Bool[Array, ""]
    spread: Callable[[Shaped[Array, " m"]], Shaped[Array, "*space"]]

    def or_nan(self, result: Float[Array, "..."]) -> Float[Array, "..."]:
        """The result, or NaN if `is_nan`."""
        return jnp.where(self.is_nan, jnp.asarray(jnp.nan, result.dtype), result)


def make_example(
    x: Shaped[Array, "*shape"],
    args: tuple,
    baseline: Inputs | float | None,
    baselines: Inputs | None,
    valid: Shaped[Array, "*space"] | None,
    space: int | None,
) -> Example:
    """One example with its baselines and padding; `space` counts its axes of space, None: all but the last.

    Raises:
        TypeError: x is no array of numbers.
        ValueError: both `baseline` and `baselines`, or one of another shape; `valid` no mask over the space of x.
    """
    if baseline is not None and baselines is not None:
        raise ValueError("baseline is one, like x; baselines are several, [b, *x.shape]: give one of the two.")
    form = with_channels(x, space, "a measure of maps")
    if baselines is None:
        several = require_baseline(x, baseline, integers=True)[None]
    else:
        several = require_baselines(x, baselines, integers=True)
    several, valid = jax.vmap(form.bring)(several), None if valid is None else jnp.asarray(valid, bool)
    case = Example(form.array, args, several, valid, form.back)
    if case.valid is not None and case.valid.shape != case.space:
        raise ValueError(f"valid must be a mask over the space of x, {case.space}; {case.valid.shape} came.")
    return case


def make_units(attribution: Float[Array, "*space"], case: Example, groups: Labels | None, count: int | None) -> Units:
    """The units of one example with their attribution: places, or groups with the mean over their places.

    Raises:
        TypeError: `groups` holds no integers.
        ValueError: the attribution or `groups` is no map over the space of x; see `core.groups`.
    """
    require_map(attribution, case)
    wide = attribution.astype(at_least_single(attribution.dtype)).ravel()
    if groups is None:
        real = None if case.valid is None else case.valid.ravel()
        return _units(wide, real, lambda present: present.reshape(case.space))
    if jnp.shape(groups) != case.space:
        raise ValueError(f"groups must lie over the space of x, {case.space}; {jnp.shape(groups)} came.")
    count = groups_of(case.x, groups, count).count
    index = jnp.asarray(groups)
    index = jnp.where((index < 0) | (index >= count), count, index)  # one slot after the last: places that never change
    # padding is not counted in the mean of its group, and falls into the same slot
    real = index if case.valid is None else jnp.where(case.valid, index, count)
    means, sizes = _means(wide, real.ravel(), count)
    return _units(means, sizes > 0, lambda present: jnp.append(present, jnp.ones_like(present[:1]))[index])


def ranked_curve(
    score: Score,
    fractions: Sequence[Any],
    *,
    removing: bool,
    whole: bool,
    select: str = "count",
    up: bool = False,
    noise: float = 0.0,
    chunk: int,
    count: int | None,
    space: int | None,
    name: str,
) -> Callable[..., Float[Array, " points"]]:
    """Function `(attribution, x, *args, key=None, ...) -> scores`: while the largest units are removed, or alone kept.

    Args:
        score: function `(x, *args) -> number`.
        fractions: how much of the units, static.
        removing: whether these are removed; else they alone are kept.
        whole: whether f(x) is a point of the curve, too: the first when removing, the last when keeping.
        select: see `signal.ranks`.
        up: round the number of units up.
        noise: standard deviation of noise on the attribution that breaks ties; needs a key.
        chunk: the most evaluations side by side.
        count: number of groups.
        space: how many axes of x are space.
        name: of the measure, for messages.
    """
    ends = (whole and removing, whole and not removing)
    everything = [True] * ends[0] + [False] * len(fractions) + [True] * ends[1]

    def curve(
        attribution: Float[Array, "*space"],
        x: Shaped[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
        baselines: Inputs | None = None,
        groups: Labels | None = None,
        valid: Shaped[Array, "*space"] | None = None,
    ) -> Float[Array, " points"]:
        case = make_example(x, args, baseline, baselines, valid, space)
        unit_set = make_units(attribution, case, groups, count)
        values = _noisy(unit_set.values, noise, require_key(key, name)) if noise else unit_set.values
        order = ranks(values)  # the only sort: every fraction is read from it
        sizes = [portion(unit_set.number, fraction, up=up) for fraction in fractions]
        steps = jnp.asarray([0] * ends[0] + sizes + [0] * ends[1]), jnp.asarray(everything)

        def present(step: tuple[Shaped[Array, ""], Shaped[Array, ""]]) -> Shaped[Array, "*space"]:
            k, all_of_it = step
            largest = choose(order, k, unit_set.number, select)
            return unit_set.spread((largest != removing) | all_of_it)

        return unit_set.or_nan(case.scores(score, present, steps, chunk=chunk))

    return curve


def require_map(attribution: Shaped[Array, "..."], case: Example) -> None:
    """Raise `ValueError` for an attribution that is no map over the space of x, or for a space without places."""
    if not attribution.size:
        raise ValueError(f"a map has at least one place; shape {attribution.shape} came.")
    if attribution.shape != case.space:
        raise ValueError(
            f"expected a map over the space of x, shape {case.space}; {attribution.shape} came. Use "
            f"jxai.signal.maps.channel_sum over channels, upsample for a layer's map, map[groups] for numbers of words."
            f"{about_space(case.x) if attribution.shape == case.x.shape else ''}"
        )


def _units(values: Array, real: Array | None, spread: Callable[[Array], Array]) -> Units:
    if real is None:
        return Units(values, values.size, jnp.isnan(values).any(), spread)
    is_nan = (jnp.isnan(values) & real).any() | ~real.any()
    return Units(jnp.where(real, values, jnp.nan), real.sum(), is_nan, spread)


def _means(values: Array, index: Array, count: int) -> tuple[Array, Array]:
    """Mean and size of every group; the mean of equal numbers is that number, to the last bit."""
    # lowest value plus the mean of the rest: a plain mean rounds, and words of equal values would not tie
    sizes = jax.ops.segment_sum(jnp.ones_like(index), index, count + 1)
    lowest = jax.ops.segment_min(values, index, count + 1)
    base = jnp.where(sizes > 0, lowest, jnp.zeros_like(lowest))
    # where, as inf - inf is NaN
    above = jnp.where(values == base[index], jnp.zeros_like(values), values - base[index])
    mean = base + jax.ops.segment_sum(above, index, count + 1) / jnp.maximum(sizes, 1).astype(values.dtype)
    return mean[:-1], sizes[:-1]


def _noisy(values: Array, noise: float, key: Key) -> Array:
    return values + jnp.asarray(noise, values.dtype) * normal(key, values.shape, values.dtype)
