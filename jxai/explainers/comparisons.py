"""Maps that explain nothing, for comparison: every method should do better.

random_map     uniform numbers
edge_detector  how steep the input itself is

Both are explainers of a score that they never evaluate; they only check that it is one.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_array, require_key, require_numbers, require_scalar, require_space
from jxai.core.inputs import takes_space
from jxai.core.types import Explain, Key, Score

__all__ = ["edge_detector", "random_map"]


@takes_space
def random_map(score: Score, *, space: int | None = None) -> Explain:
    """Random map: independent uniform numbers in 0..1, whatever the score.

    Args:
        score: function `(x, *args) -> number` of one example; traced, never evaluated.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Explain `(x, *args, key) -> map` of shape `[*space]` (a vector's own shape), without unit.

    Raises:
        MissingKey: when called without a key.
        NotAScalar: the score does not return one number.

    Reference:
        The baseline of Petsiuk, Das and Saenko 2018, "RISE", and of most comparisons since.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = random_map(lambda x: x.sum())
        >>> explain(jnp.ones((4, 6, 3)), key=jax.random.key(0)).shape
        (4, 6)
    """
    del space  # `takes_space` brings x into the form [*space, c]

    def explain(x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*space"]:
        key = require_key(key, "random_map")
        require_array(x, "random_map")
        require_numbers(x)
        _check_score(score, x, *args)
        return jax.random.uniform(key, x.shape[:-1] if x.ndim > 1 else x.shape, _floating(x.dtype))

    return explain


@takes_space
def edge_detector(score: Score, *, space: int | None = None) -> Explain:
    r"""Edge detector: the size of the Sobel gradient of the input, whatever the score.

    `phi_i = sqrt(sum_{axis, c} S_axis(x)_ic^2)`; `S_axis` is the central difference `(x_{i+1} - x_{i-1}) / 2` along the
    axis, averaged with weights (1, 2, 1) / 4 along the others; borders are repeated.

    Args:
        score: function `(x, *args) -> number` of one example; traced, never evaluated.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Explain `(x, *args, key=None) -> map` of shape `[*space]`, in units of `x` per location; not negative.

    Raises:
        NotAScalar: the score does not return one number.
        ValueError: `x` is a vector.

    Reference:
        Adebayo et al. 2018, "Sanity checks for saliency maps", section 5.1: a map that looks right may be an edge
        detector's. Sobel's usual kernel is 8 times this one. Where `x` is flat, the derivative of `phi` is taken as 0.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = edge_detector(lambda x: x.sum())
        >>> explain(jnp.array([[0.0], [0.0], [1.0], [1.0]])).tolist()
        [0.0, 0.5, 0.5, 0.0]
    """
    del space  # `takes_space` brings x into the form [*space, c]

    def explain(x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*space"]:
        del key
        require_space(x, "edge_detector", integers=True)
        _check_score(score, x, *args)
        x = x.astype(_floating(x.dtype))  # differences of unsigned numbers would wrap around
        squares = sum((jnp.square(_sobel(x, axis)).sum(-1) for axis in range(x.ndim - 1)), jnp.zeros_like(x[..., 0]))
        some = squares > 0  # the root has no derivative at 0: taken of 1 there, and not used
        return jnp.where(some, jnp.sqrt(jnp.where(some, squares, jnp.ones_like(squares))), jnp.zeros_like(squares))

    return explain


def _check_score(score: Score, x: Array, *args: Any) -> None:
    # traced, not run: a score that is wrong fails here as in every other method, at no cost
    jax.eval_shape(lambda x, args: require_scalar(score(x, *args)), x, args)


def _floating(dtype: Any) -> Any:
    return dtype if jnp.issubdtype(dtype, jnp.floating) else jnp.float32


def _sobel(x: Array, along: int) -> Array:
    for axis in range(x.ndim - 1):
        n = x.shape[axis]
        padded = jnp.pad(x, [(1, 1) if i == axis else (0, 0) for i in range(x.ndim)], mode="edge")
        low, mid, high = (jax.lax.slice_in_dim(padded, i, i + n, axis=axis) for i in range(3))
        x = (high - low) / 2 if axis == along else (low + 2 * mid + high) / 4
    return x
