"""Faithfulness as the ERASER benchmark defines it: of soft rationales at five thresholds, and of hard ones."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive
from jxai.core.types import Inputs, Key, Measure, Score
from jxai.metrics.faithfulness.removal import make_example, require_map
from jxai.metrics.faithfulness.sufficiency import comprehensiveness, sufficiency

__all__ = ["comprehensiveness_aopc", "rationale_comprehensiveness", "rationale_sufficiency", "sufficiency_aopc"]

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)


def sufficiency_aopc(
    score: Score,
    *,
    fractions: Sequence[float] = FRACTIONS,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    """ERASER's sufficiency of soft rationales, the area over the perturbation curve: `mean_p [f(x) - f(r_p)]`.

    `sufficiency` at 1, 5, 10, 20 and 50 % of the words, rounded up, as their baselines do. The mean runs over these
    five (their program); the paper's formula also counts `p = 0` as a drop of 0 (times 5/6 for comprehensiveness).
    Their score is the probability of the predicted class.

    Args:
        score: as for `sufficiency`.
        fractions: the `p`, static.
        chunk: the most evaluations side by side.
        count: number of groups, where `groups` is traced.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Measure as `sufficiency`.

    Raises:
        ValueError: as `sufficiency`.

    Reference:
        DeYoung et al. 2020, "ERASER: a benchmark to evaluate rationalized NLP models", section 4.2; Samek et al. 2015.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> round(float(sufficiency_aopc(jnp.sum)(x, x)), 4)  # one word four times, then two
        2.6
    """
    return sufficiency(score, fractions=fractions, up=True, chunk=chunk, count=count, space=space)


def comprehensiveness_aopc(
    score: Score,
    *,
    fractions: Sequence[float] = FRACTIONS,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    r"""ERASER's comprehensiveness of soft rationales: `mean_p [f(x) - f(x \ r_p)]`; as `sufficiency_aopc` otherwise.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> round(float(comprehensiveness_aopc(jnp.sum)(x, x)), 4)
        4.4
    """
    return comprehensiveness(score, fractions=fractions, up=True, chunk=chunk, count=count, space=space)


def rationale_sufficiency(score: Score, *, chunk: int = 4, space: int | None = None) -> Measure:
    """How much the score drops when only a rationale remains: `f(x) - f(r)`, ERASER's for hard rationales; low is good.

    Args:
        score: function `(x, *args) -> number` of one example; a probability in the paper.
        chunk: the most baselines side by side.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Measure `(rationale, x, *args, key=None, baseline=None, baselines=None, valid=None) -> number`, in units of the
        score. The rationale is a mask over the space of `x`: booleans, or numbers 0..1, `r = m x + (1 - m) b`, with
        respect to which it can be differentiated. Keywords as for `sufficiency`; NaN where the
        rationale holds a NaN, or no place is valid.

    Raises:
        TypeError: `x` holds whole numbers, and the rationale no booleans.
        ValueError: a rationale, baselines or `valid` of the wrong shape; `chunk` not positive.

    Reference:
        DeYoung et al. 2020, section 4.2.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> float(rationale_sufficiency(jnp.sum)(jnp.array([True, False, True]), x))
        2.0
    """
    return _of_rationale(score, chunk, space, removing=False)


def rationale_comprehensiveness(score: Score, *, chunk: int = 4, space: int | None = None) -> Measure:
    r"""How much the score drops when a rationale is taken away: `f(x) - f(x \ r)`; high is good.

    `x \ r = (1 - m) x + m b`; as `rationale_sufficiency` otherwise.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> float(rationale_comprehensiveness(jnp.sum)(jnp.array([True, False, True]), x))
        5.0
    """
    return _of_rationale(score, chunk, space, removing=True)


def _of_rationale(score: Score, chunk: int, space: int | None, *, removing: bool) -> Measure:
    require_positive(chunk=chunk)

    def measure(
        rationale: Shaped[Array, "*space"],
        x: Shaped[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
        baselines: Inputs | None = None,
        valid: Shaped[Array, "*space"] | None = None,
    ) -> Float[Array, ""]:
        del key
        case = make_example(x, args, baseline, baselines, valid, space)
        require_map(rationale, case)
        mask = rationale if jnp.issubdtype(x.dtype, jnp.integer) else rationale.astype(x.dtype)
        if removing:
            mask = ~mask if mask.dtype == bool else 1 - mask
        # the whole example with the mask 1: on padding it has the baseline, too
        whole, rest = case.scores(score, lambda mask: mask, jnp.stack([jnp.ones_like(mask), mask]), chunk=chunk)
        valid = jnp.ones(case.space, bool) if case.valid is None else case.valid
        is_nan = ~valid.any() | (jnp.isnan(mask) & valid).any()  # the score may not look where the mask is NaN
        return jnp.where(is_nan, jnp.asarray(jnp.nan, whole.dtype), whole - rest)

    return measure
