"""The score's loss when parts of the example are taken away.

ablation                f(x) - f(x without group g)
permutation_importance  mean over backgrounds b of f(x) - f(x with group g taken from b)
rise                    E[f(x under mask M) M] / E[M]
"""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int, PyTree, Shaped

from jxai.core.chunks import map_over, mean_over
from jxai.core.errors import (
    about_space,
    require_baseline,
    require_baselines,
    require_key,
    require_positive,
    require_space,
)
from jxai.core.evaluate import evaluate, explainer
from jxai.core.groups import Game, groups_of
from jxai.core.inputs import takes_space
from jxai.core.types import Explain, Inputs, Key, Labels, Score
from jxai.explainers.coalitions.over_coalitions import over_coalitions
from jxai.signal.filters import at_least_single
from jxai.signal.masks import keep

__all__ = ["ablation", "permutation_importance", "rise"]


@explainer
def ablation(score: Score, *, count: int | None = None, space: int | None = None, chunk: int = 4) -> Explain:
    r"""Feature ablation: the score's loss when a group alone is set to the baseline.

    `phi_g = f(x) - f(x without g)`

    Args:
        score: function `(x, *args) -> number` of one example.
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most evaluations side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None, groups=None) -> attribution` in units of the score, of the shape of
        `groups`: every element has its group's value. `groups` holds whole numbers, -1 for what never changes, in a
        shape that x's begins with (`[h, w]`, `[t]`, ...); None makes every position of space a group, and every element
        of a vector. `baseline` is like x, or a number; None is zeros. x may be a pytree of several arrays, as then are
        `groups` (one number for an array that is a group), `baseline` and attribution; it may hold whole numbers.

    Raises:
        TypeError: `groups` holds no whole numbers.
        ValueError: `chunk` not positive; a baseline or `groups` that does not fit x, or traced `groups` without
            `count`.

    Reference:
        Zeiler and Fergus 2014; Li, Monroe and Jurafsky 2016, "Understanding neural networks through representation
        erasure", eq. 2. Captum's FeatureAblation with `feature_mask` gives the same values in the shape of x.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = ablation(lambda x: x[0] * x[1] + x[2])
        >>> explain(jnp.array([2.0, 3.0, 4.0])).tolist()
        [6.0, 6.0, 4.0]
        >>> explain(jnp.array([2.0, 3.0, 4.0]), groups=jnp.array([-1, 0, 0])).tolist()
        [0.0, 10.0, 10.0]
    """
    require_positive(chunk=chunk)

    def values(worth: Game, _: None) -> Float[Array, " n"]:
        each = jnp.arange(worth.count)
        without = map_over(lambda g: worth.value(each != g), each, chunk=chunk)
        return worth.value(worth.everyone) - without

    return over_coalitions(score, values, count=count, space=space)


@explainer
def permutation_importance(
    score: Score, *, count: int | None = None, space: int | None = None, chunk: int = 4
) -> Explain:
    r"""Permutation importance: the score's loss when a group takes its values from other examples.

    `phi_g = mean_b [f(x) - f(x with g from b)]`

    This is the term of one example; averaged over a data set, with the data set as backgrounds, it is the importance of
    Fisher et al., the expectation of Breiman's over permutations.

    Args:
        score: function `(x, *args) -> number` of one example; for importance to the accuracy of a model, a negative
            loss.
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most evaluations side by side.

    Returns:
        Explain `(x, *args, key=None, backgrounds, groups=None) -> attribution` of the shape of `groups`, in units of
        the score; `groups` as for `ablation`, `backgrounds` is `[n, *x.shape]`, all of which are used: `n` evaluations
        a group. Under `vmap`, keywords are mapped: bind shared backgrounds by a lambda.

    Raises:
        ValueError: `chunk` not positive; backgrounds of another shape, or `groups` as for `ablation`.

    Reference:
        Breiman 2001, "Random forests", section 10; Fisher, Rudin and Dominici 2019, "All models are wrong, but many
        are useful", eq. 3. Captum's FeaturePermutation draws one permutation of the batch, a sample of this mean.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = permutation_importance(lambda x: 2.0 * x[0])
        >>> explain(jnp.array([1.0, 5.0]), backgrounds=jnp.array([[0.0, 7.0], [1.0, 9.0]])).tolist()
        [1.0, 0.0]
    """
    require_positive(chunk=chunk)

    def explain(
        x: Inputs,
        *args: Any,
        key: Key | None = None,
        backgrounds: Inputs,
        groups: PyTree[Labels | int] | None = None,
    ) -> Any:
        del key
        stacks = require_baselines(x, backgrounds, "backgrounds", integers=True)
        number = len(jax.tree.leaves(stacks)[0])
        parts, whole = groups_of(x, groups, count, space), evaluate(score, x, *args)
        each = jnp.arange(parts.count)

        def loss(code: Int[Array, ""]) -> Float[Array, " n"]:
            g, b = code // number, jax.tree.map(lambda stack: stack[code % number], stacks)
            change = whole - evaluate(score, parts.keep(x, each != g, b), *args)
            return jnp.where(each == g, change, jnp.zeros_like(change))

        # one flat loop over pairs of a group and a background, so that `chunk` bounds the evaluations side by side
        codes = jnp.arange(parts.count * number)
        total = mean_over(loss, codes, chunk=chunk, weights=jnp.ones(len(codes), jnp.float32))
        return parts.spread(total / number)

    return explain


@explainer
@takes_space
def rise(
    score: Score,
    *,
    masks: int = 4000,
    cells: int | Sequence[int] = 7,
    share: float = 0.5,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""RISE: random masks, averaged with the scores of the masked examples.

    `phi = E[f(b + M (x - b)) M] / E[M]`, `E[M] = share`

    A mask is a coarse grid of zeros and ones, enlarged bilinearly to `cells + 1` cells an axis and cut at a random
    shift of up to one cell. Masks are made where they are used, from the key folded with their number.

    Args:
        score: function `(x, *args) -> number` of one example; the paper explains probabilities.
        masks: how many.
        cells: of the coarse grid, one number or one for each axis of space.
        share: probability that a cell is kept.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most masked examples evaluated side by side.

    Returns:
        Explain `(x, *args, key, baseline=None) -> attribution` of shape `[*space]`, in units of the score: the expected
        score given that the place is kept (so it is not zero where nothing matters). `baseline` is like x, or a number;
        None is zeros, as in the paper. Where x holds whole numbers (tokens), which cannot be mixed, a place is kept
        whole or not at all: where the mask exceeds a number drawn for each mask, so that `E[M] = share` still.

    Raises:
        MissingKey: when called without a key.
        ValueError: a number not positive, `share` above 1, or x is a vector: it has no space.

    Reference:
        Petsiuk, Das and Saenko 2018, "RISE: randomized input sampling for explanation of black-box models", eq. 6 and
        section 3.2. Captum has none.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = rise(lambda x: x[0, 0], masks=500, cells=2, chunk=100)
        >>> phi = explain(jnp.ones((8, 1)), key=jax.random.key(0))
        >>> phi.shape, bool(phi[0] > phi[7])
        ((8,), True)
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(masks=masks, share=share, chunk=chunk, cells=int(np.min(cells)))
    if share > 1:
        raise ValueError(f"share is a probability, at most 1; share={share} came.")

    def explain(
        x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None, baseline: Inputs | float | None = None
    ) -> Float[Array, "*space"]:
        key, places = require_key(key, "rise"), require_space(x, "rise", integers=True)
        b = require_baseline(x, baseline, integers=True)
        grid = (cells,) * len(places) if isinstance(cells, int) else tuple(cells)
        if len(grid) != len(places):
            raise ValueError(
                f"cells must be one number, or one for each axis of {places}; {cells} came.{about_space(x)}"
            )

        def one(number: Int[Array, ""]) -> Float[Array, "*space"]:
            mask = _rise_mask(jax.random.fold_in(key, number), x, grid, share)
            value = evaluate(score, keep(x, mask, b), *args)
            return value * mask.astype(value.dtype)

        # bilinear weights sum to 1, so that a place's expected mask is the share, also at the border
        total = mean_over(one, jnp.arange(masks), chunk=chunk)
        return total / jnp.asarray(share, total.dtype)

    return explain


def _rise_mask(key: Key, x: Array, grid: tuple[int, ...], share: float) -> Array:
    cell_key, shift_key = jax.random.split(key)
    whole = jnp.issubdtype(x.dtype, jnp.integer)
    wide = jnp.dtype(jnp.float32) if whole else at_least_single(x.dtype)
    mask = jax.random.bernoulli(cell_key, share, grid).astype(wide)
    shifts = jax.random.uniform(shift_key, (len(grid),))
    for axis, (size, cells) in enumerate(zip(x.shape[:-1], grid, strict=True)):
        cell = math.ceil(size / cells)
        # the enlarged grid is one cell larger than the input, which is cut out at a shift of whole pixels
        shift = jnp.floor(shifts[axis] * cell).astype(wide)
        large = (cells + 1) * cell  # pixels of the whole enlarged grid
        at = (jnp.arange(size, dtype=wide) + shift + 0.5) * (cells / large) - 0.5
        away = jnp.abs(jnp.clip(at, 0, cells - 1)[None] - jnp.arange(cells, dtype=wide)[:, None])
        # bilinear enlargement of just the pixels that the cut keeps, as one small matrix for each axis
        mask = jnp.moveaxis(jnp.tensordot(mask, jax.nn.relu(1 - away), axes=(axis, 0), precision="highest"), -1, axis)
    return mask > jax.random.uniform(jax.random.fold_in(shift_key, 0), dtype=wide) if whole else mask.astype(x.dtype)
