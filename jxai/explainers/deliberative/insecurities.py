"""Insecurities from attribution maps: regions where a prediction is difficult because two classes compete.

Wang and Vasconcelos 2019, "Deliberative explanations: visualizing network insecurities", section 3.1.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from jxai.core.labels import checked, unless_outside
from jxai.signal.filters import resize

__all__ = ["Insecurities", "candidate_pairs", "insecurities", "product", "region", "top_classes"]

_COVERAGE = 0.1  # where neither coverage nor threshold is given
Combine = Callable[[jax.Array, jax.Array, jax.Array], jax.Array]


class Insecurities(NamedTuple):
    """The `n` ambiguities of an example with their regions, the strongest first.

    Attributes:
        mask: `[n, *size]`, true inside the region; all false for two classes that are never candidates together.
        a: `[n]`, the more probable class of the pair.
        b: `[n]`, the other class.
        strength: `[n]`, mean over the map's positive part; 0 for two classes that are never candidates together. It
            does not depend on the threshold.
        map: `[n, *size]`, the ambiguity map (eq. 1), of which the region is a part; zeros for such classes.
    """

    mask: Bool[Array, "n *size"]
    a: Int[Array, " n"]
    b: Int[Array, " n"]
    strength: Float[Array, " n"]
    map: Float[Array, "n *size"]


def product(
    a: Float[Array, "*space"], b: Float[Array, "*space"], difficulty: Float[Array, "*space"]
) -> Float[Array, "*space"]:
    """The paper's combination of two class maps and the difficulty map: `m^a m^b m^s`."""
    return a * b * difficulty


def insecurities(
    maps: Float[Array, "r *space"],
    difficulty: Float[Array, "..."] | None,
    probabilities: Float[Array, " c"],
    *,
    labels: Int[Array, " l"] | None = None,
    classes: int = 5,
    candidates: int = 3,
    coverage: float | None = None,
    threshold: float | None = None,
    size: Sequence[int] | None = None,
    combine: Combine = product,
) -> Insecurities:
    r"""The regions of one example, each with the two classes between which it is ambiguous.

    `C(i)`: the `candidates` classes with the largest maps at place `i`, among the `classes` most probable;
    `A = union_i {(a, b): a, b in C(i)}`; `m^(a,b) = combine(m^a, m^b, m^s)` for each pair of `A`; region
    `m^(a,b) > T`.

    Args:
        maps: attribution of each class at each place: of all `c` classes in their order, of the `r < c` most probable
            ones in decreasing order of probability, or of `labels`.
        difficulty: attribution of the difficulty score at each place; None: 1 everywhere ("without m^s").
        probabilities: of all classes; only their order matters.
        labels: the class of each map, where that is not clear from their number.
        classes: how many of the most probable classes compete.
        candidates: how many of them are candidates at a place, 2 to `classes`.
        coverage: part of the example that each region covers, above 0 to 1: the region is where the map is above the
            value of rank `int(coverage * places)`; default 0.1.
        threshold: T itself, instead of a coverage.
        size: of masks and maps, for which the ambiguity maps are resized (bilinear, as areas); default that of `maps`.
        combine: `(m^a, m^b, m^s) -> m^(a,b)`, place by place.

    Returns:
        `n = classes (classes - 1) / 2` insecurities, the same number for every example; in units of the maps'
        product.

    Raises:
        ValueError: numbers, shapes, labels or thresholds that do not fit. A traced label out of range makes all
            strengths NaN.

    Reference:
        Wang and Vasconcelos 2019, eq. 1. Maps may be negative, and the product of two negative ones is positive, as in
        the equation. First-order maps of posteriors sum to 0 over the classes, so negative ones are common; the
        released code clips maps. `combine` can do so, too.

    Example:
        >>> import jax.numpy as jnp
        >>> maps = jnp.array([[[3.0, 0.0]], [[2.0, 1.0]], [[0.0, 2.0]]])
        >>> regions = insecurities(maps, None, jnp.array([0.5, 0.3, 0.2]), classes=3, candidates=2, threshold=1.0)
        >>> [(int(a), int(b), mask.tolist()) for a, b, mask in zip(regions.a, regions.b, regions.mask)]
        [(0, 1, [[True, False]]), (1, 2, [[False, True]]), (0, 2, [[False, False]])]
    """
    _require_counts(len(probabilities), len(maps), classes, candidates)
    if difficulty is not None and difficulty.shape != maps.shape[1:]:
        raise ValueError(
            f"the difficulty map must have the space of the class maps, {maps.shape[1:]}; {difficulty.shape} came. "
            f"Tap both networks where they have the same resolution, or resize one (jxai.signal.filters.resize)."
        )
    maps, top = _of_top(maps, probabilities, labels, classes)
    # all pairs, so that the number of insecurities is static; pairs that are no candidates are blanked below
    first, second = np.triu_indices(classes, 1)
    weight = jnp.ones_like(maps[0]) if difficulty is None else difficulty
    ambiguity = jax.vmap(lambda a, b: combine(a, b, weight))(maps[first], maps[second])
    if size is not None:
        ambiguity = jax.vmap(lambda m: resize(m, tuple(size)))(ambiguity)
    mask = region(ambiguity, coverage=coverage, threshold=threshold)
    candidates_together = candidate_pairs(maps, candidates)[first, second]
    is_candidate = candidates_together.reshape(-1, *(1,) * (ambiguity.ndim - 1))
    ambiguity = jnp.where(is_candidate, ambiguity, jnp.zeros_like(ambiguity))
    strength = jax.nn.relu(ambiguity).mean(tuple(range(1, ambiguity.ndim)))
    order = jnp.argsort(-strength, stable=True)
    regions = Insecurities(mask & is_candidate, top[first], top[second], strength, ambiguity)
    return Insecurities(*(field[order] for field in regions))


def top_classes(probabilities: Float[Array, " c"], classes: int) -> Int[Array, " r"]:
    """The most probable classes, in decreasing order; among equals the one with the smaller number first.

    Example:
        >>> import jax.numpy as jnp
        >>> top_classes(jnp.array([0.1, 0.6, 0.3]), 2).tolist()
        [1, 2]
    """
    return jax.lax.top_k(jax.lax.stop_gradient(probabilities), classes)[1]


def candidate_pairs(maps: Float[Array, "r *space"], candidates: int) -> Bool[Array, "r r"]:
    """Which pairs of maps are, at some place, both among the `candidates` largest (the set A of the paper).

    Example:
        >>> import jax.numpy as jnp
        >>> candidate_pairs(jnp.array([[3.0, 0.0], [2.0, 1.0], [0.0, 2.0]]), 2)[0].tolist()
        [True, True, False]
    """
    flat = jax.lax.stop_gradient(maps.reshape(len(maps), -1))
    number = jnp.arange(len(maps))
    earlier = (number[:, None] > number[None])[..., None]
    # ranks by counting, with no ties: [r, r, places], whether the second map beats the first
    before = (flat[None] > flat[:, None]) | ((flat[None] == flat[:, None]) & earlier)
    is_candidate = before.sum(1) < candidates
    return (is_candidate[:, None] & is_candidate[None]).any(-1)


def region(
    maps: Float[Array, "n *space"], *, coverage: float | None = None, threshold: float | None = None
) -> Bool[Array, "n *space"]:
    """Where each map is above its threshold, or above its value of rank `int(coverage * places)`.

    Args:
        maps: any number.
        coverage: above 0 to 1; default 0.1 where there is no threshold. Strictly above a value of the map: a region
            has one place less than the rank says, and all of a plateau or none of it.
        threshold: one value for all maps.

    Returns:
        Boolean masks.

    Raises:
        ValueError: both are given, or the coverage is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> region(jnp.array([[4.0, 3.0, 2.0, 1.0]]), coverage=0.5).tolist()
        [[True, False, False, False]]
    """
    if threshold is not None:
        if coverage is not None:
            raise ValueError(f"give a coverage or a threshold, not both; {coverage=} and {threshold=} came.")
        return maps > jnp.asarray(threshold, maps.dtype)
    coverage = _COVERAGE if coverage is None else coverage
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage is a part of the example, above 0 to 1; {coverage} came.")
    # the sort is the whole cost of a region; the threshold is constant to derivatives
    flat = jnp.sort(jax.lax.stop_gradient(maps.reshape(len(maps), -1)), axis=-1)
    value = flat[:, -max(1, int(coverage * flat.shape[1]))]
    return maps > value.reshape(-1, *(1,) * (maps.ndim - 1))


def _of_top(maps: jax.Array, probabilities: jax.Array, labels: jax.Array | None, classes: int) -> tuple:
    """The maps of the most probable classes, in decreasing order, and their labels."""
    count = len(probabilities)
    if labels is None:
        index: jax.Array = jnp.arange(count) if len(maps) == count else top_classes(probabilities, len(maps))
    elif len(labels) != len(maps):
        raise ValueError(f"there must be a label for each of the {len(maps)} maps; {len(labels)} came.")
    else:
        index = checked(labels, count, ndim=1, name="labels", from_end=False)
        maps = unless_outside(maps, index, count, from_end=False)
    best = top_classes(probabilities[index], classes)
    return maps[best], index[best].astype(jnp.int32)


def _require_counts(class_count: int, maps: int, classes: int, candidates: int) -> None:
    if not 2 <= classes <= min(class_count, maps):
        raise ValueError(
            f"classes must be 2 to the number of classes, {class_count}, and of maps, {maps}; classes={classes} came. "
            f"It is how many of the most probable classes compete."
        )
    if not 2 <= candidates <= classes:
        raise ValueError(
            f"candidates must be 2 to classes={classes}, as two make a pair; candidates={candidates} came."
        )
