"""One example whose places go and come by the rank of an attribution; the score of what remains.

Shared by all measures that replace: deletion, insertion, sufficiency, comprehensiveness. A unit is a place of the
map, or with `groups` a group of places (a word) that goes as one. The map is sorted once.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.core.chunks import map_over
from jxai.core.errors import require_baseline, require_baselines, require_key, require_scalar
from jxai.core.groups import grouped
from jxai.core.types import Key, Labels, Score
from jxai.signal.draws import normal
from jxai.signal.filters import at_least_single
from jxai.signal.masks import keep
from jxai.signal.ranks import Number, choose, portion, ranks

__all__ = ["Example", "Units", "example", "ranked_curve", "units"]


class Example(NamedTuple):
    """One example, and what stands where something of it is absent.

    Attributes:
        x: the example.
        args: the score's other arguments.
        baselines: `[b, *x.shape]`.
        valid: `[*space]`, false on padding, which always stands at the baseline; None: everything is valid.
    """

    x: Float[Array, "*shape"]
    args: tuple
    baselines: Float[Array, "b *shape"]
    valid: Bool[Array, "*space"] | None

    @property
    def space(self) -> tuple[int, ...]:
        """The shape of x without channels; a vector's own."""
        return self.x.shape if self.x.ndim == 1 else self.x.shape[:-1]

    def scores(
        self, score: Score, present: Callable[[Any], Float[Array, "*space"]], steps: Any, *, chunk: int
    ) -> Float[Array, " n"]:
        """The score at each of n steps, averaged over the baselines: `[n]`; `present` gives a step's mask `[*space]`.

        Where the mask is 0, and on padding, stands the baseline.
        """
        n, b = len(jax.tree.leaves(steps)[0]), len(self.baselines)

        def point(given: tuple) -> Float[Array, ""]:
            step, which = given
            mask = present(step)
            if self.valid is not None:
                mask = jnp.where(self.valid, mask, jnp.zeros_like(mask))
            return require_scalar(score(keep(self.x, mask, self.baselines[which]), *self.args))

        every = jax.tree.map(lambda leaf: jnp.repeat(leaf, b, axis=0), steps)
        return map_over(point, (every, jnp.tile(jnp.arange(b), n)), chunk=chunk).reshape(n, b).mean(1)


class Units(NamedTuple):
    """The units of one example.

    Attributes:
        values: `[m]`, the attribution of each, in float32 at least; NaN where a unit is padding.
        number: of units that are none.
        broken: whether the attribution is NaN at a unit, or there is no unit: nothing can be measured.
        spread: `[m] -> mask [*space]`; 1 at places that belong to no group.
    """

    values: Float[Array, " m"]
    number: Number
    broken: Bool[Array, ""]
    spread: Callable[[Shaped[Array, " m"]], Shaped[Array, "*space"]]

    def or_nan(self, result: Float[Array, "..."]) -> Float[Array, "..."]:
        """The result, NaN where nothing can be measured."""
        return jnp.where(self.broken, jnp.asarray(jnp.nan, result.dtype), result)


def example(
    x: Float[Array, "*shape"],
    args: tuple,
    baseline: Float[Array, "*shape"] | None,
    baselines: Float[Array, "b *shape"] | None,
    valid: Shaped[Array, "*space"] | None,
) -> Example:
    """One example with its baselines and padding.

    Raises:
        TypeError: x holds integers.
        ValueError: both `baseline` and `baselines`, or one of another shape; `valid` no mask over the space of x.
    """
    if baseline is not None and baselines is not None:
        raise ValueError("baseline is one, like x; baselines are several, [b, *x.shape]: give one of the two.")
    several = require_baseline(x, baseline)[None] if baselines is None else require_baselines(x, baselines)
    made = Example(x, args, several, None if valid is None else jnp.asarray(valid, bool))
    if made.valid is not None and made.valid.shape != made.space:
        raise ValueError(f"valid must be a mask over the space of x, {made.space}; {made.valid.shape} came.")
    return made


def units(attribution: Float[Array, "*space"], given: Example, groups: Labels | None, count: int | None) -> Units:
    """The units of one example with their attribution: places, or groups with the mean over their places.

    Raises:
        TypeError: `groups` holds no integers.
        ValueError: the attribution or `groups` is no map over the space of x; see `core.groups`.
    """
    require_map(attribution, given)
    wide = attribution.astype(at_least_single(attribution.dtype)).ravel()
    if groups is None:
        real = None if given.valid is None else given.valid.ravel()
        return _units(wide, real, lambda present: present.reshape(given.space))
    if jnp.shape(groups) != given.space:
        raise ValueError(f"groups must lie over the space of x, {given.space}; {jnp.shape(groups)} came.")
    count = grouped(given.x, groups, count).count
    index = jnp.asarray(groups)
    index = jnp.where((index < 0) | (index >= count), count, index)  # the place after the last: what never changes
    real = index if given.valid is None else jnp.where(given.valid, index, count)
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
    name: str,
) -> Callable[..., Float[Array, " points"]]:
    """Function `(attribution, x, *args, key=None, ...) -> scores`: while the largest units are removed, or alone kept.

    Args:
        score: function `(x, *args) -> number`.
        fractions: how much of the units, static.
        removing: whether these are removed; else they alone are kept.
        whole: whether the score of all units is added: before what is removed, after what is kept.
        select: see `signal.ranks`.
        up: round the number of units up.
        noise: standard deviation of noise on the attribution that breaks ties; needs a key.
        chunk: the most evaluations side by side.
        count: number of groups.
        name: of the measure, for messages.
    """
    ends = (whole and removing, whole and not removing)
    everything = [True] * ends[0] + [False] * len(fractions) + [True] * ends[1]

    def curve(
        attribution: Float[Array, "*space"],
        x: Float[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        baseline: Float[Array, "*shape"] | None = None,
        baselines: Float[Array, "b *shape"] | None = None,
        groups: Labels | None = None,
        valid: Shaped[Array, "*space"] | None = None,
    ) -> Float[Array, " points"]:
        given = example(x, args, baseline, baselines, valid)
        found = units(attribution, given, groups, count)
        values = _noisy(found.values, noise, require_key(key, name)) if noise else found.values
        order = ranks(values)
        chosen = [portion(found.number, fraction, up=up) for fraction in fractions]
        steps = jnp.asarray([0] * ends[0] + chosen + [0] * ends[1]), jnp.asarray(everything)

        def present(step: tuple[Shaped[Array, ""], Shaped[Array, ""]]) -> Shaped[Array, "*space"]:
            k, all_of_it = step
            largest = choose(order, k, found.number, select)
            return found.spread((largest != removing) | all_of_it)

        return found.or_nan(given.scores(score, present, steps, chunk=chunk))

    return curve


def require_map(attribution: Array, given: Example) -> None:
    """ValueError where the attribution is no map over the space of x."""
    if attribution.shape != given.space:
        raise ValueError(
            f"expected a map over the space of x, shape {given.space}; {attribution.shape} came. Use "
            f"jxai.signal.maps.channel_sum over channels, upsample for a layer's map, map[groups] for numbers of words."
        )


def _units(values: Array, real: Array | None, spread: Callable[[Array], Array]) -> Units:
    if real is None:
        return Units(values, values.size, jnp.isnan(values).any(), spread)
    broken = (jnp.isnan(values) & real).any() | ~real.any()
    return Units(jnp.where(real, values, jnp.nan), real.sum(), broken, spread)


def _means(values: Array, index: Array, count: int) -> tuple[Array, Array]:
    """Mean and size of every group; the mean of equal numbers is that number, to the last bit."""
    sizes = jax.ops.segment_sum(jnp.ones_like(index), index, count + 1)
    lowest = jax.ops.segment_min(values, index, count + 1)
    base = jnp.where(sizes > 0, lowest, jnp.zeros_like(lowest))
    above = jnp.where(values == base[index], jnp.zeros_like(values), values - base[index])
    mean = base + jax.ops.segment_sum(above, index, count + 1) / jnp.maximum(sizes, 1).astype(values.dtype)
    return mean[:-1], sizes[:-1]


def _noisy(values: Array, noise: float, key: Key) -> Array:
    return values + jnp.asarray(noise, values.dtype) * normal(key, values.shape, values.dtype)
