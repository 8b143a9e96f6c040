"""Is what a map marks enough, and is it everything? Sufficiency and comprehensiveness.

sufficiency        drop of the score when only the most important places are kept; low is good
comprehensiveness  drop of the score when the most important places are taken away; high is good
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive
from jxai.core.types import Key, Measure, Score
from jxai.metrics.faithfulness.removal import ranked_curve

__all__ = ["comprehensiveness", "comprehensiveness_curve", "sufficiency", "sufficiency_curve"]

STEPS = tuple(i / 20 for i in range(1, 20))


def sufficiency(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    select: str = "count",
    up: bool = False,
    noise: float = 0.0,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    r"""How much the score drops when only the most important places remain: `mean_p [f(x) - f(r_p)]`; low is good.

    `r_p` keeps the `k = round(p n)` of `n` places with the largest attribution and has the baseline at the others.
    The measure is an average over `p`, not an area. It is below 0 where the places kept score more than all.

    Args:
        score: function `(x, *args) -> number` of one example; a probability in the papers. A text of several segments
            is passed as `x [s, t, d]`, with a score that averages the probabilities of the segments.
        fractions: the `p`, static; 0.05, 0.10 to 0.95.
        select: `"count"`: k places, of equals the first. `"at_least"`: the places whose value is at least the
            threshold, the k-th of the sorted values counted from 0, that is `k + 1` places (MaRC's program for images).
            `"above"`: those strictly above it, k places or, where values are equal, fewer (its program for texts).
        up: round `p n` up instead of to the nearest (halves to even).
        noise: standard deviation of Gaussian noise on the attribution, in its units, so that ties are broken at random
            (1e-5 in MaRC's program for images); needs a key.
        chunk: the most evaluations side by side.
        count: number of groups, where `groups` is traced (under jit, vmap).
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Measure `(attribution, x, *args, key=None, baseline=None, baselines=None, groups=None, valid=None) -> number`,
        in units of the score. It evaluates the score (number of fractions + 1) times for each baseline.
        The attribution is a map over the space of `x`, for a vector `x` of its shape.
        `baseline` is like `x`, or a number; None is zeros. `baselines` `[b, *x.shape]` are several, over which scores
        are averaged.
        `groups`: whole numbers over the space: places of one number (pieces of a word, also in several segments) stay
        or go as one, with their mean attribution, and `n` counts the groups; -1 marks what never changes.
        `valid`: mask over the space, false on padding, which always has the baseline, also in `f(x)`, and does
        not count. NaN where the attribution holds a NaN at a valid place, or no place is valid.

    Raises:
        MissingKey: noise without a key.
        TypeError: `x` holds no numbers, or whole numbers and the baseline others.
        ValueError: no fractions, or one outside 0..1; `chunk` not positive; an unknown `select`; an attribution,
            baselines, groups or a mask of the wrong shape.

    Deviations:
        The paper's formula has exactly k places (`"count"`); its program for images has k + 1, in both measures. To
        repeat the program: `select="at_least", noise=1e-5` with `baselines` blurred, black, mean and white, and `valid`
        the area without padding. For texts: `select="above"` with the embedding of [PAD] as `baseline`.

    Reference:
        Brinner and Zarriess 2023, "Model interpretability and rationale extraction by input mask optimization",
        equation 11, appendix A. DeYoung et al. 2020 for ERASER's: `sufficiency_aopc`, and of hard rationales
        `rationale_sufficiency`.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> float(sufficiency(jnp.sum, fractions=(1 / 3, 2 / 3))(x, x))  # 7 - 4 and 7 - 6
        2.0
    """
    curve = sufficiency_curve(
        score, fractions=fractions, select=select, up=up, noise=noise, chunk=chunk, count=count, space=space
    )  # fmt: skip
    return _mean_drop(curve, whole=-1)


def comprehensiveness(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    select: str = "count",
    up: bool = False,
    noise: float = 0.0,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    r"""How much the score drops when the most important places are gone: `mean_p [f(x) - f(x \ r_p)]`; high is good.

    `x \ r_p` has the baseline at the places that `sufficiency` keeps, and `x` elsewhere. Arguments, result and errors
    as for `sufficiency`; Brinner and Zarriess 2023, equation 10.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> float(comprehensiveness(jnp.sum, fractions=(1 / 3, 2 / 3))(x, x))  # 7 - 3 and 7 - 1
        5.0
    """
    curve = comprehensiveness_curve(
        score, fractions=fractions, select=select, up=up, noise=noise, chunk=chunk, count=count, space=space
    )  # fmt: skip
    return _mean_drop(curve, whole=0)


def sufficiency_curve(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    select: str = "count",
    up: bool = False,
    noise: float = 0.0,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Callable[..., Float[Array, " points"]]:
    """The scores behind `sufficiency`: with each fraction kept, and last with everything kept.

    Arguments and errors as there.

    Returns:
        Function `(attribution, x, *args, key=None, baseline=None, baselines=None, groups=None, valid=None) -> curve
        [number of fractions + 1]`, in units of the score.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> sufficiency_curve(jnp.sum, fractions=(1 / 3, 2 / 3))(x, x).tolist()
        [4.0, 6.0, 7.0]
    """
    require_fractions(fractions, chunk)
    return ranked_curve(
        score, fractions, removing=False, whole=True, select=select, up=up, noise=noise, chunk=chunk, count=count,
        space=space, name="sufficiency",
    )  # fmt: skip


def comprehensiveness_curve(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    select: str = "count",
    up: bool = False,
    noise: float = 0.0,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Callable[..., Float[Array, " points"]]:
    """The scores behind `comprehensiveness`: first with nothing removed, then with each fraction removed.

    Arguments, result and errors as for `sufficiency_curve`.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> comprehensiveness_curve(jnp.sum, fractions=(1 / 3, 2 / 3))(x, x).tolist()
        [7.0, 3.0, 1.0]
    """
    require_fractions(fractions, chunk)
    return ranked_curve(
        score, fractions, removing=True, whole=True, select=select, up=up, noise=noise, chunk=chunk, count=count,
        space=space, name="comprehensiveness",
    )  # fmt: skip


def _mean_drop(curve: Callable[..., Array], *, whole: int) -> Measure:
    def measure(
        attribution: Float[Array, "*space"],
        x: Shaped[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        **inputs: Any,
    ) -> Float[Array, ""]:
        values = curve(attribution, x, *args, key=key, **inputs)
        return values[whole] - jnp.delete(values, whole).mean()

    return measure


def require_fractions(fractions: Sequence[float], chunk: int) -> None:
    require_positive(chunk=chunk)
    if not fractions or not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"fractions must be one or more numbers within 0..1; {tuple(fractions)} came.")
