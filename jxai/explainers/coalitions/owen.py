"""Owen values: Shapley values of groups that belong to unions, which join as wholes, one after the other.

phi_g = E_order[f(those before g, and g) - f(those before g)] over the orders in which every union stays together
"""

from collections.abc import Sequence
from math import comb

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import mean_over
from jxai.core.errors import require_positive
from jxai.core.evaluate import explainer
from jxai.core.groups import Game
from jxai.core.types import Explain, Key, Score
from jxai.explainers.coalitions.over_coalitions import over_coalitions
from jxai.explainers.coalitions.permutations import mean_over_orders, random_places

__all__ = ["owen_exact", "owen_sampling"]

_MOST = 2**20  # coalitions to evaluate at most


@explainer
def owen_exact(score: Score, *, partition: Sequence[int], space: int | None = None, chunk: int = 4) -> Explain:
    r"""Owen values from all coalitions that the unions allow.

    `phi_g = sum_{H, S} w(|H|, m) w(|S|, b) [f(H + S + g) - f(H + S)]`, `w(s, n) = s! (n - s - 1)! / n!`

    over sets H of the other unions (of m) and S of the others of g's union (of b): `2^(m - 1) 2^b` coalitions for each
    union, not `2^n`.

    Args:
        score: function `(x, *args) -> number` of one example.
        partition: the union, 0, 1, ..., of every group.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None, groups=None) -> attribution` of the shape of `groups`, in units of
        the score; `groups` (of as many groups as `partition` has entries) and `baseline` as for `ablation`. Sums to
        `f(x) - f(b)`; a union's sum is its Shapley value among the unions. With one union, or one for each group,
        these are Shapley values.

    Raises:
        ValueError: `partition` leaves a union empty or needs more than `2^20` coalitions, or as for `ablation`.

    Reference:
        Owen 1977, "Values of games with a priori unions". Captum has none; `shap`'s Partition explainer computes Owen
        values of a whole hierarchy of unions.

    Example:
        >>> import jax.numpy as jnp
        >>> owen_exact(lambda x: x[0] * x[1] * x[2], partition=(0, 0, 1))(jnp.array([1.0, 2.0, 2.0])).tolist()
        [1.0, 1.0, 2.0]
    """
    require_positive(chunk=chunk)
    # an option, not a keyword of the call: the unions fix the number of evaluations, and so shapes
    unions = _unions(partition)
    evaluations = sum(2 ** (unions.max() + len(_members(unions, u))) for u in range(unions.max() + 1))
    if evaluations > _MOST:
        raise ValueError(
            f"owen_exact tries at most {_MOST} coalitions; this partition needs {evaluations}. Use fewer or smaller "
            f"unions, or owen_sampling."
        )

    def values(worth: Game, _: None) -> Float[Array, " n"]:
        parts = [_of_union(worth, unions, union, chunk) for union in range(unions.max() + 1)]
        return sum(parts[1:], parts[0])

    return over_coalitions(score, values, count=len(unions), space=space)


@explainer
def owen_sampling(
    score: Score,
    *,
    partition: Sequence[int],
    permutations: int = 25,
    antithetic: bool = False,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Owen values from random orders of the unions, and of the groups within each.

    Args:
        score: function `(x, *args) -> number` of one example.
        partition: the union, 0, 1, ..., of every group.
        permutations: how many orders; each costs `n - 1` evaluations, besides `f(x)` and `f(b)`.
        antithetic: every second order is the one before it, backwards.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key, baseline=None, groups=None) -> attribution` as for `owen_exact`; the groups' values sum
        to `f(x) - f(b)` whatever the orders.

    Raises:
        MissingKey: when called without a key.
        ValueError: `partition` leaves a union empty, a count not positive, or as for `ablation`.

    Reference:
        Owen 1977; sampled as Castro, Gomez and Tejada 2009 sample Shapley values.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = owen_sampling(lambda x: x[0] + x[1] * x[2], partition=(0, 0, 1), permutations=2)
        >>> float(explain(jnp.array([1.0, 2.0, 2.0]), key=jax.random.key(0)).sum())
        5.0
    """
    require_positive(permutations=permutations, chunk=chunk)
    unions = _unions(partition)
    n = len(unions)

    def one(key: Key) -> Int[Array, " n"]:
        of_unions, within = jax.random.split(key)
        # unions in a random order, groups of one union side by side in a random order
        place = jax.random.permutation(of_unions, unions.max() + 1)[unions] * n + jax.random.permutation(within, n)
        return (place[:, None] > place[None]).sum(1)

    def values(worth: Game, key: Key) -> Float[Array, " n"]:
        places = random_places(key, one, antithetic=antithetic)
        return mean_over_orders(worth, places, orders=permutations, chunk=chunk)

    return over_coalitions(score, values, count=n, space=space, draws="owen_sampling")


def _unions(partition: Sequence[int]) -> np.ndarray:
    unions = np.asarray(partition)
    if unions.ndim != 1 or set(unions.tolist()) != set(range(len(set(unions.tolist())))) or not unions.size:
        raise ValueError(f"partition must name the union of every group, 0, 1, ... without gaps; {partition} came.")
    return unions


def _members(unions: np.ndarray, union: int) -> np.ndarray:
    return np.flatnonzero(unions == union)


def _of_union(worth: Game, unions: np.ndarray, union: int, chunk: int) -> Array:
    """The values of the groups of one union, `[n]`, 0 elsewhere."""
    inside, others = unions == union, int(unions.max())  # how many other unions
    n, b = len(unions), int(inside.sum())
    bit = np.where(inside, others + np.cumsum(inside) - 1, unions - (unions > union))  # of the code, for each group

    def share(code: Array) -> Array:
        coalition = (code >> jnp.asarray(bit, code.dtype)) & 1 == 1
        value, size = worth.value(coalition), (coalition & inside).sum()
        outside = (code >> jnp.arange(others) & 1).sum()
        # a coalition counts for the groups inside and against those outside, as in the Shapley value
        chance = jnp.asarray(_chances(others + 1), value.dtype)[outside]
        if_inside, if_outside = (jnp.asarray(w, value.dtype)[size] for w in ([0.0, *_chances(b)], [*_chances(b), 0.0]))
        return (
            value * chance * jnp.where(inside, jnp.where(coalition, if_inside, -if_outside), jnp.zeros(n, value.dtype))
        )

    codes = jnp.arange(2 ** (others + b))
    return mean_over(share, codes, chunk=chunk, weights=jnp.ones(len(codes), jnp.float32))


def _chances(n: int) -> list[float]:
    """`s! (n - s - 1)! / n!` for s = 0..n-1."""
    return [1 / (n * comb(n - 1, s)) for s in range(n)]
