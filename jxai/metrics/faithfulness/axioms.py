"""Axioms as numbers: does an attribution add up?"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.errors import require_baseline, require_scalar
from jxai.core.types import Inputs, Key, Measure, Score

__all__ = ["completeness_gap"]


def completeness_gap(score: Score) -> Measure:
    """How far an attribution is from summing to the change of the score: `|sum phi - (f(x) - f(b))|`.

    Args:
        score: function `(x, *args) -> number` of one example.

    Returns:
        Measure `(attribution, x, *args, key=None, baseline=None) -> number`, in units of the score; 0 is best,
        NaN where the attribution holds a NaN or the score is one.
        `baseline` is like `x`, or a number; None is zeros. Of a pytree `x`, the attribution is one, too.

    Raises:
        NotAScalar: the score returned something else than one number.

    Reference:
        Sundararajan, Taly and Yan 2017, proposition 1; Captum's convergence delta is the same without the magnitude.

    Example:
        >>> import jax.numpy as jnp
        >>> float(completeness_gap(lambda x: x.sum())(jnp.array([1.0, 1.5]), jnp.array([1.0, 2.0])))
        0.5
    """

    def measure(
        attribution: Inputs,
        x: Inputs,
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
    ) -> Float[Array, ""]:
        del key
        b = require_baseline(x, baseline, integers=True)
        change = require_scalar(score(x, *args)) - require_scalar(score(b, *args))
        total = sum(jax.tree.leaves(jax.tree.map(jnp.sum, attribution)), jnp.zeros_like(change))
        return jnp.abs(total - change)

    return measure
