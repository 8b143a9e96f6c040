"""Linear surrogates: the score of random coalitions of groups, fitted by a linear function of who is present.

lime         argmin_{c, phi} sum_S w(S) (f(S) - c - sum_{g in S} phi_g)^2 + penalty
kernel_shap  the same with the Shapley kernel, exact at the whole and at the baseline

Both go through the sums of a least-squares problem, so that their memory does not depend on the number of samples.
"""

import functools
from collections.abc import Callable
from math import comb
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import mean_over
from jxai.core.errors import require_positive
from jxai.core.evaluate import explainer
from jxai.core.groups import Game
from jxai.core.types import Explain, Key, Score
from jxai.explainers.coalitions.linear_solve import shortest, solve
from jxai.explainers.coalitions.over_coalitions import over_coalitions
from jxai.explainers.coalitions.regression import Fit, ridge
from jxai.explainers.coalitions.sampling import Proximity, Sampler, coin, exponential, shapley_sizes, smallest
from jxai.signal.draws import uniform
from jxai.signal.filters import at_least_single

__all__ = ["kernel_shap", "lime"]

_MOST = 4096  # groups: the sums hold a number for each pair of them


class _Sums(NamedTuple):
    """Weighted sums over coalitions `z` and their worths `y`."""

    weight: Array
    z: Array  # [n]
    y: Array
    zz: Array  # [n, n]
    zy: Array  # [n]


@explainer
def lime(
    score: Score,
    *,
    samples: int = 100,
    sampler: Sampler | None = None,
    proximity: Proximity | None = None,
    fit: Fit | None = None,
    count: int | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""LIME: a linear function of which groups are present, fitted near the example.

    `phi = argmin min_c sum_S w(S) (f(S) - c - sum_{g in S} phi_g)^2 + penalty`

    Args:
        score: function `(x, *args) -> number` of one example; the paper explains probabilities.
        samples: coalitions evaluated.
        sampler: how they are drawn (`jxai.coalitions`): `coin()`, each group with probability 1/2, by default;
            `any_size()`, the paper's; `spans()`, MaRC's for texts.
        proximity: `w`: `exponential(0.25)` by default; `kept`, MaRC's for texts.
        fit: `ridge(1.0)` by default, or `lasso(penalty)` (`jxai.regression`).
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key, baseline=None, groups=None) -> attribution` of the shape of `groups` (segments of an
        image, words of a text), in units of the score; `groups` and `baseline` as for `ablation`.

    Raises:
        MissingKey: when called without a key.
        ValueError: `samples` or `chunk` not positive, or as for `ablation`.

    Reference:
        Ribeiro, Singh and Guestrin 2016, "Why should I trust you?", eq. 2 and section 3.3. The released code takes the
        root of the kernel, adds the example itself to the samples, and selects features first; its sampler for images
        is the fair coin, as here. Captum measures distances between inputs rather than coalitions, with
        `exp(-D^2 / (2 width^2))`, and fits a Lasso by default: with the same coalitions and weights the values are the
        same.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = lime(lambda x: 3.0 * x[0] - x[1], samples=64, fit=ridge(0.0))
        >>> [round(float(value), 3) for value in explain(jnp.array([1.0, 2.0]), key=jax.random.key(0))]
        [3.0, -2.0]
    """
    require_positive(samples=samples, chunk=chunk)
    sampler, proximity, fit = sampler or coin(), proximity or exponential(), fit or ridge()

    def values(worth: Game, key: Key) -> Float[Array, " n"]:
        _require_few(worth)
        whole = worth.value(worth.everyone)
        wide = at_least_single(whole.dtype)

        def one(number: Int[Array, ""]) -> tuple[Float[Array, ""], Float[Array, " n"], Float[Array, ""]]:
            coalition = sampler(jax.random.fold_in(key, number), worth.count)
            z = coalition.astype(wide)
            # relative to the whole: the intercept takes the shift, and sums of smaller numbers keep more digits
            return proximity(z).astype(wide), z, (worth.value(coalition) - whole).astype(wide)

        ones = jnp.ones(samples, jnp.float32)
        sums = mean_over(one, jnp.arange(samples), chunk=chunk, weights=ones, total=_sums)
        z, y = sums.z / sums.weight, sums.y / sums.weight
        # centred sums: the intercept is free of the penalty
        gram = sums.zz - sums.weight * z[:, None] * z[None]
        return fit(gram, sums.zy - sums.weight * z * y, sums.weight).astype(whole.dtype)

    return over_coalitions(score, values, count=count, space=space, draws="lime")


@explainer
def kernel_shap(
    score: Score,
    *,
    samples: int = 100,
    paired: bool = True,
    count: int | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""KernelSHAP: Shapley values as the solution of one weighted least-squares problem.

    `phi = argmin sum_S k(S) (f(S) - f(b) - sum_{g in S} phi_g)^2`, `k(S) = (n - 1) / (C(n, |S|) |S| (n - |S|))`,
    subject to `sum_g phi_g = f(x) - f(b)`

    The constraint holds exactly: one degree of freedom is eliminated. Where `samples` is at least `2^n - 2`, every
    coalition is evaluated once, and the result is the Shapley value; else coalitions are drawn from the kernel.

    Args:
        score: function `(x, *args) -> number` of one example.
        samples: coalitions evaluated, besides the whole and nobody.
        paired: every second coalition is the complement of the one before it (antithetic sampling).
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where without `groups` each position is one; None: all but the last.
        chunk: the most coalitions evaluated side by side.

    Returns:
        Explain `(x, *args, key, baseline=None, groups=None) -> attribution` of the shape of `groups`, in units of the
        score; `groups` and `baseline` as for `ablation`. The groups' values sum to `f(x) - f(b)`. With fewer distinct
        coalitions (pairs) than groups, the result is the solution nearest to equal values. With about as many, the
        variance is large: take `samples` of at least 4 times the groups, or `paired=False`.

    Raises:
        MissingKey: when called without a key.
        ValueError: `samples` or `chunk` not positive, or as for `ablation`.

    Reference:
        Lundberg and Lee 2017, "A unified approach to interpreting model predictions", theorem 2; paired sampling:
        Covert and Lee 2021, "Improving KernelSHAP". Captum gives the whole and nobody a large weight in place of the
        constraint, and does not pair.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = kernel_shap(lambda x: x[0] * x[1] + x[2], samples=6)
        >>> print(explain(jnp.array([2.0, 3.0, 4.0]), key=jax.random.key(0)).round(4))
        [3. 3. 4.]
    """
    require_positive(samples=samples, chunk=chunk)

    def values(worth: Game, key: Key) -> Float[Array, " n"]:
        _require_few(worth)
        start, whole = jax.vmap(worth.value)(jnp.stack([~worth.everyone, worth.everyone]))
        total, n = whole - start, worth.count
        if n == 1:
            return total[None]
        wide = at_least_single(start.dtype)
        every = n < 32 and 2**n - 2 <= samples  # n < 32: a coalition's number must fit 32 bits
        coalition_of = _every(n) if every else _pairs(key, n, paired)

        def one(number: Int[Array, ""]) -> tuple[Float[Array, ""], Float[Array, " n"], Float[Array, ""]]:
            coalition, weight = coalition_of(number)
            z, value = coalition.astype(wide), (worth.value(coalition) - start).astype(wide)
            return weight.astype(wide), z - z.mean(), value - z.mean() * total.astype(wide)

        number = 2**n - 2 if every else samples
        ones = jnp.ones(number, jnp.float32)
        sums = mean_over(one, jnp.arange(number), chunk=chunk, weights=ones, total=_sums)
        return (total.astype(wide) / n + _solve_centred(sums.zz, sums.zy, every)).astype(total.dtype)

    return over_coalitions(score, values, count=count, space=space, draws="kernel_shap")


def _require_few(worth: Game) -> None:
    if worth.count > _MOST:
        raise ValueError(
            f"a linear surrogate takes at most {_MOST} groups, and few to be of use; {worth.count} came. "
            f"Pass groups=, e.g. a grid of segments."
        )


def _sums(weights: Array, rows: tuple[Array, Array, Array]) -> _Sums:
    """The sums of a chunk of rows `(w, z, y)`."""
    own, z, y = rows
    w = weights.astype(own.dtype) * own
    # one matrix product a chunk: outer products of each coalition took longer than a small network
    times = functools.partial(jnp.matmul, precision="highest")
    return _Sums(w.sum(), times(w, z), times(w, y), times(w[None] * z.T, z), times(w * y, z))


def _solve_centred(gram: Array, right: Array, exact: bool) -> Array:
    """The solution that sums to 0: the rows of the problem are centred, so that their direction of ones is free."""
    # rows sum to 0, so ones are in the null space: adding to every entry fills it without touching the rest. Dropping
    # the last variable instead would not be symmetric in the groups in single precision.
    free = gram + jnp.trace(gram) / len(gram) ** 2
    psi = (solve if exact else shortest)(free, right)
    return psi - psi.mean()


def _pairs(key: Key, n: int, paired: bool) -> Callable[[Array], tuple[Array, Array]]:
    """Coalitions drawn from the Shapley kernel, each with weight 1."""
    chances = jnp.asarray(shapley_sizes(n).cumsum(), jnp.float32)

    def draw(number: Array) -> tuple[Array, Array]:
        mine = jax.random.fold_in(key, number // 2 if paired else number)
        # the first number draws the size, the others the members
        uniforms = uniform(mine, (n + 1,), jnp.float32)
        coalition = smallest(uniforms[1:], 1 + (chances[:-1] < uniforms[0]).sum())
        return coalition ^ (number % 2 == 1) if paired else coalition, jnp.asarray(1.0)

    return draw


def _every(n: int) -> Callable[[Array], tuple[Array, Array]]:
    """All coalitions but the whole and nobody, with the Shapley kernel."""
    weights = jnp.asarray([1.0] + [(n - 1) / (comb(n, s) * s * (n - s)) for s in range(1, n)])

    def coalition(number: Array) -> tuple[Array, Array]:
        members = ((number + 1) >> jnp.arange(n)) & 1 == 1
        return members, weights[members.sum()]

    return coalition
