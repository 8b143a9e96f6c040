"""Shapley values: a group's marginal contribution, averaged over the orders in which groups may join.

phi_g = E_order[f(those before g, and g) - f(those before g)];  f(S): the score with all groups but S at the baseline

shapley_exact      all 2^n coalitions
shapley_sampling   random orders
shapley_estimate   random orders, with the standard error of each value

All are complete: the groups' values sum to `f(x) - f(baseline)`.
"""

from math import factorial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import mean_and_variance_over, mean_over
from jxai.core.errors import require_positive
from jxai.core.evaluate import explainer
from jxai.core.groups import Game
from jxai.core.types import Explain, Key, Score
from jxai.explainers.coalitions.over_coalitions import over_coalitions
from jxai.explainers.coalitions.permutations import Places, contributions, ends, mean_over_orders, random_places

__all__ = ["Estimate", "shapley_estimate", "shapley_exact", "shapley_sampling"]

_MOST = 20  # groups at most: 2^20 coalitions to evaluate


class Estimate(NamedTuple):
    """Values with their uncertainty, both maps in units of the score."""

    values: Float[Array, "*space"]
    error: Float[Array, "*space"]  # standard error of the mean over orders


@explainer
def shapley_exact(score: Score, *, count: int | None = None, space: int | None = None, chunk: int = 4) -> Explain:
    r"""Shapley values from all coalitions of few groups.

    `phi_g = sum_{S without g} |S|! (n - |S| - 1)! / n! [f(S + g) - f(S)]`

    Every one of the `2^n` coalitions is evaluated once and goes into all values.

    Args:
        score: function `(x, *args) -> number` of one example.
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None, groups=None) -> attribution` of the shape of `groups`, in units of
        the score; `groups` and `baseline` as for `ablation`. The groups' values sum to `f(x) - f(b)`.

    Raises:
        ValueError: more than 20 groups, or as for `ablation`.

    Reference:
        Shapley 1953, "A value for n-person games", eq. 12. Captum's ShapleyValues gives the same from all `n!` orders.

    Example:
        >>> import jax.numpy as jnp
        >>> print(shapley_exact(lambda x: x[0] * x[1] + x[2])(jnp.array([2.0, 3.0, 4.0])).round(5))
        [3. 3. 4.]
    """
    require_positive(chunk=chunk)

    def values(worth: Game, _: None) -> Float[Array, " n"]:
        n = worth.count
        if n > _MOST:
            raise ValueError(
                f"shapley_exact tries all 2^n coalitions of at most {_MOST} groups; {n} came. Pass groups=, fewer and "
                f"larger ones, or use shapley_sampling or kernel_shap."
            )
        of_members, of_others = _weights(n)

        def share(code: Int[Array, ""]) -> Float[Array, " n"]:
            coalition = (code >> jnp.arange(n)) & 1 == 1  # the bits of the code are the members
            value, size = worth.value(coalition), coalition.sum()
            at = jnp.asarray(of_members, value.dtype)[size], jnp.asarray(of_others, value.dtype)[size]
            return value * jnp.where(coalition, at[0], -at[1])

        ones = jnp.ones(2**n, jnp.float32)
        return mean_over(share, jnp.arange(2**n), chunk=chunk, weights=ones)

    return over_coalitions(score, values, count=count, space=space)


def _weights(n: int) -> tuple[list[float], list[float]]:
    """By size of a coalition: the weight of its worth for those inside, and (negative) for those outside."""
    inside = [0.0] + [factorial(s - 1) * factorial(n - s) / factorial(n) for s in range(1, n + 1)]
    return inside, [*inside[1:], 0.0]


@explainer
def shapley_sampling(
    score: Score,
    *,
    permutations: int = 25,
    antithetic: bool = False,
    count: int | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Shapley values from random orders in which the groups join.

    `phi_g = mean_order [f(those before g, and g) - f(those before g)]`

    Args:
        score: function `(x, *args) -> number` of one example.
        permutations: how many orders; each costs `n - 1` evaluations, besides `f(x)` and `f(b)`.
        antithetic: every second order is the one before it, backwards.
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key, baseline=None, groups=None) -> attribution` of the shape of `groups`, in units of the
        score; `groups` and `baseline` as for `ablation`. The groups' values sum to `f(x) - f(b)` whatever the orders.

    Raises:
        MissingKey: when called without a key.
        ValueError: `permutations` or `chunk` not positive, or as for `ablation`.

    Reference:
        Castro, Gomez and Tejada 2009, "Polynomial calculation of the Shapley value based on sampling" (ApproShapley);
        antithetic orders: Mitchell et al. 2022, "Sampling permutations for Shapley value estimation". Captum's
        ShapleyValueSampling is the same with orders of its own.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = shapley_sampling(lambda x: 3.0 * x[0] - x[1], permutations=2)
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0)).tolist()
        [3.0, -2.0]
    """
    require_positive(permutations=permutations, chunk=chunk)

    def values(worth: Game, key: Key) -> Float[Array, " n"]:
        places = _places(key, worth.count, antithetic)
        return mean_over_orders(worth, places, orders=permutations, chunk=chunk)

    return over_coalitions(score, values, count=count, space=space, draws="shapley_sampling")


@explainer
def shapley_estimate(
    score: Score,
    *,
    permutations: int = 25,
    antithetic: bool = False,
    count: int | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Shapley values from random orders, with error bars: `sqrt(variance / (permutations - 1))` of each value.

    Arguments, keywords and errors as for `shapley_sampling`, whose values these are; with `antithetic` the variance is
    that of the means of pairs, and `permutations` must be even. At least two orders (or pairs) are needed.

    Returns:
        Explain with the result `Estimate(values, error)`: two maps in units of the score.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = shapley_estimate(lambda x: 3.0 * x[0] - x[1], permutations=4)
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0)).error.tolist()  # orders do not matter here
        [0.0, 0.0]
    """
    require_positive(permutations=permutations, chunk=chunk)
    each = 2 if antithetic else 1
    if permutations % each or permutations < 2 * each:
        raise ValueError(
            f"error bars need at least two orders, with antithetic=True two whole pairs; permutations={permutations} "
            f"came."
        )

    def values(worth: Game, key: Key) -> Estimate:
        places = _places(key, worth.count, antithetic)
        whole, draws = ends(worth), permutations // each

        def draw(number: Int[Array, ""]) -> Float[Array, " n"]:
            several = [contributions(worth, places(each * number + i), whole, chunk=chunk) for i in range(each)]
            return sum(several[1:], several[0]) / each

        # chunk=1: the coalitions of one order are what runs side by side
        mean, variance = mean_and_variance_over(draw, jnp.arange(draws), chunk=1)
        return Estimate(mean, _root(variance / (draws - 1)))

    return over_coalitions(score, values, count=count, space=space, draws="shapley_estimate")


def _places(key: Key, n: int, antithetic: bool) -> Places:
    return random_places(key, lambda key: jax.random.permutation(key, n), antithetic=antithetic)


def _root(variance: Array) -> Array:
    """The square root, with slope 0 where there is no variance: there it would be infinite."""
    none = variance <= 0
    return jnp.where(none, jnp.zeros_like(variance), jnp.sqrt(jnp.where(none, jnp.ones_like(variance), variance)))
