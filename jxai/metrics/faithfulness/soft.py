"""Sufficiency and comprehensiveness that can be differentiated with respect to the attribution.

The hard measures cut at a rank: their derivative by the attribution is 0. Here the cut is a sigmoid around the
threshold, which tends to it as the temperature tends to 0.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive
from jxai.core.types import Inputs, Key, Labels, Measure, Score
from jxai.metrics.faithfulness.removal import make_example, make_units
from jxai.metrics.faithfulness.sufficiency import STEPS, require_fractions
from jxai.metrics.soft_top import soft_top
from jxai.signal.ranks import portion

__all__ = ["soft_comprehensiveness", "soft_sufficiency"]


def soft_sufficiency(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    temperature: float = 0.1,
    up: bool = False,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    r"""Sufficiency with soft masks, differentiable by the attribution: `mean_p [f(x) - f(m_p x + (1 - m_p) b)]`.

    `m_p = sigmoid((a - t_p) / (T s))`: `t_p` lies midway between the k-th and the next of the sorted values,
    `k = round(p n)`, and `s` is the standard deviation of the attribution, so that scaling or shifting the attribution
    changes nothing. As T tends to 0 it becomes `sufficiency`, where no values are equal. Both `t_p` and `s` are
    differentiated through.

    Args:
        score: as for `sufficiency`.
        fractions: the `p`, static.
        temperature: T, in standard deviations of the attribution.
        up: round `p n` up.
        chunk: the most evaluations side by side.
        count: number of groups, where `groups` is traced.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Measure `(attribution, x, *args, key=None, baseline=None, baselines=None, groups=None, valid=None) -> number`,
        in units of the score; keywords as for `sufficiency`. Differentiable by the attribution, `x` and `args`. Of a
        constant attribution all masks are 1/2, except at `k = 0` and `k = n`.

    Raises:
        ValueError: as `sufficiency`; a temperature that is not positive.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> measure = soft_sufficiency(jnp.sum, fractions=(1 / 3, 2 / 3))
        >>> round(float(measure(x, x)), 2), bool((jax.grad(measure)(x, x) != 0).any())
        (2.01, True)
    """
    return _soft(score, fractions, temperature, up, chunk, count, space, removing=False)


def soft_comprehensiveness(
    score: Score,
    *,
    fractions: Sequence[float] = STEPS,
    temperature: float = 0.1,
    up: bool = False,
    chunk: int = 4,
    count: int | None = None,
    space: int | None = None,
) -> Measure:
    r"""Comprehensiveness with soft masks: `mean_p [f(x) - f((1 - m_p) x + m_p b)]`; as `soft_sufficiency` otherwise.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([4.0, 2.0, 1.0])
        >>> round(float(soft_comprehensiveness(jnp.sum, fractions=(1 / 3, 2 / 3))(x, x)), 2)
        4.99
    """
    return _soft(score, fractions, temperature, up, chunk, count, space, removing=True)


def _soft(
    score: Score,
    fractions: Sequence[float],
    temperature: float,
    up: bool,
    chunk: int,
    count: int | None,
    space: int | None,
    *,
    removing: bool,
) -> Measure:
    require_fractions(fractions, chunk)
    require_positive(temperature=temperature)

    def measure(
        attribution: Float[Array, "*space"],
        x: Shaped[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
        baselines: Inputs | None = None,
        groups: Labels | None = None,
        valid: Shaped[Array, "*space"] | None = None,
    ) -> Float[Array, ""]:
        del key
        case = make_example(x, args, baseline, baselines, valid, space)
        unit_set = make_units(attribution, case, groups, count)
        sizes = [portion(unit_set.number, fraction, up=up) for fraction in fractions]
        real = ~jnp.isnan(unit_set.values)  # padding is NaN there
        masks = soft_top(unit_set.values, real, jnp.asarray(sizes), unit_set.number, temperature)  # [fractions, m]
        # f(x) goes first, as one more mask: the same program evaluates it
        masks = jnp.concatenate([jnp.ones_like(masks[:1]), 1 - masks if removing else masks])
        values = case.scores(score, unit_set.spread, masks, chunk=chunk)
        return unit_set.or_nan(values[0] - values[1:].mean())

    return measure
