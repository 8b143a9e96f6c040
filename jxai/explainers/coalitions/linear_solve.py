"""Small symmetric systems of equations, without LAPACK.

LAPACK's routines, batched on several CPU devices of one process, can block XLA's threads for ever (jaxlib 0.10.2).
"""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

__all__ = ["inverse", "shortest", "solve"]


def solve(matrix: Float[Array, "n n"], right: Float[Array, "n *columns"]) -> Float[Array, "n *columns"]:
    """The solution of `matrix @ x = right` for a symmetric positive definite matrix.

    Args:
        matrix: `[n, n]`.
        right: `[n]`.

    Returns:
        `[n]`. Computed by `inverse` and one step of refinement; differentiable to any order.

    Example:
        >>> import jax.numpy as jnp
        >>> solve(jnp.array([[2.0, 1.0], [1.0, 2.0]]), jnp.array([3.0, 3.0])).round(5).tolist()
        [1.0, 1.0]
    """
    inverse_matrix = inverse(matrix)
    first = _times(inverse_matrix, right)
    # one step of refinement takes back what elimination without exchange of rows rounds away
    return first + _times(inverse_matrix, right - _times(matrix, first))


def shortest(matrix: Float[Array, "n n"], right: Float[Array, " n"]) -> Float[Array, " n"]:
    """The shortest solution of `matrix @ x = right` for a symmetric matrix that may be singular, `right` in its range.

    It is `matrix P P right`, corrected once, with `P = (matrix + r)^-1` and r the root of the precision. P enlarges the
    rounding errors outside the range; the product with the matrix comes last and removes them. (A small ridge alone
    would leave noise of eps / r there.)

    Args:
        matrix: `[n, n]`, no negative eigenvalue.
        right: `[n]`.

    Returns:
        `[n]`; directions with eigenvalues below about `1e-3` (float32) of the mean are damped.

    Example:
        >>> import jax.numpy as jnp
        >>> shortest(jnp.ones((2, 2)), jnp.ones(2)).round(4).tolist()
        [0.5, 0.5]
    """
    n = len(matrix)
    little = float(jnp.finfo(matrix.dtype).eps) ** 0.5 * jnp.trace(matrix) / n
    inverse_matrix = inverse(matrix + little * jnp.eye(n, dtype=matrix.dtype))

    def within(right: Float[Array, " n"]) -> Float[Array, " n"]:
        return _times(matrix, _times(inverse_matrix, _times(inverse_matrix, right)))

    first = within(right)
    return first + within(right - _times(matrix, first))


@jax.custom_jvp
def inverse(matrix: Float[Array, "n n"]) -> Float[Array, "n n"]:
    """The inverse of a symmetric positive definite matrix, by Gauss and Jordan's elimination in place.

    Such a matrix needs no exchange of rows: every pivot is positive.

    Args:
        matrix: `[n, n]`.

    Returns:
        `[n, n]`.

    Example:
        >>> import jax.numpy as jnp
        >>> inverse(jnp.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """

    def sweep(a: Float[Array, "n n"], k: Int[Array, ""]) -> tuple[Float[Array, "n n"], None]:
        # the pivot's row and column turn into the inverse's, in place; every other row loses its multiple of the row
        here = jnp.arange(len(a)) == k
        row = jnp.where(here, 1 / a[k, k], a[k] / a[k, k])
        rest = (
            jnp.where(here[None], jnp.zeros_like(a), a)
            - jnp.where(here, jnp.zeros_like(row), a[:, k])[:, None] * row[None]
        )
        return jnp.where(here[:, None], row[None], rest), None

    return jax.lax.scan(sweep, matrix, jnp.arange(len(matrix)))[0]


@inverse.defjvp
def _inverse_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """`d(A^-1) = -A^-1 dA A^-1`: reverse mode stores no elimination."""
    inverse_matrix = inverse(primals[0])
    return inverse_matrix, -_times(_times(inverse_matrix, tangents[0]), inverse_matrix)


def _times(a: Array, b: Array) -> Array:
    return jnp.matmul(a, b, precision="highest")
