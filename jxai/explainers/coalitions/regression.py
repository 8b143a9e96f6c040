"""Regularised linear regression from the sums of a least-squares problem: the last step of a local surrogate.

fit  (gram [n, n], right [n], weight) -> phi [n]

with `gram = sum w (z - zbar)(z - zbar)^T`, `right = sum w (z - zbar)(y - ybar)` and `weight = sum w`: the intercept is
left out of the penalty.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.errors import require_positive
from jxai.explainers.coalitions.linear_solve import shortest, solve

__all__ = ["Fit", "lasso", "ridge"]

Fit = Callable[[Float[Array, "n n"], Float[Array, " n"], Float[Array, ""]], Float[Array, " n"]]


def ridge(penalty: float = 1.0) -> Fit:
    """Ridge regression: the sum of weighted squares, and `penalty |phi|^2`; LIME's choice is 1.

    Returns:
        Fit `(gram [n, n], right [n], weight) -> phi [n]` of centred sums, see `lime`.
    """
    if not penalty >= 0:
        raise ValueError(f"penalty must be at least 0; penalty={penalty} came.")

    def fit(gram: Float[Array, "n n"], right: Float[Array, " n"], weight: Float[Array, ""]) -> Float[Array, " n"]:
        del weight
        # without a penalty, fewer coalitions than groups leave directions open
        if penalty == 0:
            return shortest(gram, right)
        return solve(gram + penalty * jnp.eye(len(gram), dtype=gram.dtype), right)

    return fit


def lasso(penalty: float = 0.01, *, sweeps: int = 100) -> Fit:
    """Lasso: half the weighted mean of squares, and `penalty sum_g |phi_g|` (as in scikit-learn).

    Coordinate descent finds which groups are not 0, and their signs. Their values then solve linear equations, and
    derivatives go through these alone.

    Args:
        penalty: in units of the score; larger, sparser.
        sweeps: over all coordinates.

    Returns:
        Fit, as `ridge`.
    """
    require_positive(penalty=penalty, sweeps=sweeps)

    def fit(gram: Float[Array, "n n"], right: Float[Array, " n"], weight: Float[Array, ""]) -> Float[Array, " n"]:
        gram, right = gram / weight, right / weight
        estimate = _descend(*jax.lax.stop_gradient((gram, right)), penalty, sweeps)
        least = float(jnp.finfo(estimate.dtype).eps) ** 0.5 * jnp.abs(estimate).max()  # below it: rounding
        active = (jnp.abs(estimate) > least).astype(estimate.dtype)
        # inactive groups get the equation phi = 0; so the system keeps its shape whatever the support
        among = gram * active[:, None] * active[None] + jnp.diag(1 - active)
        return active * shortest(among, active * (right - penalty * jnp.sign(estimate)))

    return fit


def _descend(gram: Array, right: Array, penalty: float, sweeps: int) -> Array:
    """Friedman, Hastie and Tibshirani 2010: one coordinate after another, soft-thresholded."""

    def update(phi: Array, g: Array) -> tuple[Array, None]:
        own = gram[g, g]
        slope = right[g] - jnp.matmul(gram[g], phi, precision="highest") + own * phi[g]
        shrunk = jnp.sign(slope) * jax.nn.relu(jnp.abs(slope) - penalty)
        return phi.at[g].set(jnp.where(own > 0, shrunk / jnp.where(own > 0, own, jnp.ones_like(own)), 0)), None

    def sweep(phi: Array, _: None) -> tuple[Array, None]:
        return jax.lax.scan(update, phi, jnp.arange(len(right)))

    return jax.lax.scan(sweep, jnp.zeros_like(right), None, length=sweeps)[0]
