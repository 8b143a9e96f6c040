"""Masks: keep part of an example and replace the rest; smooth masks from coarse ones."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray, Shaped

from jxai.signal.filters import gaussian_blur, resize

__all__ = ["cells", "flip", "keep", "smooth_max", "spread"]


def keep(
    x: Shaped[Array, "*shape"],
    mask: Float[Array, "..."] | Bool[Array, "..."],
    baseline: Shaped[Array, "*shape"],
) -> Shaped[Array, "*shape"]:
    """Keep x where the mask is 1, take the baseline where it is 0: mask x + (1 - mask) baseline.

    Args:
        x: the example, [*space, c] or a vector [d]; where it holds whole numbers, the mask holds booleans.
        mask: [*space], the same for all channels, or the shape of x; numbers in 0..1, or booleans.
        baseline: the values that mean absence, shape of x (see `signal.baselines`).

    Returns:
        Array, shape and dtype of x, in units of x.

    Raises:
        TypeError: a mask in 0..1 for whole numbers: what lies between two tokens is none.
        ValueError: the mask's shape is neither that of x nor that of its space.

    Example:
        >>> import jax.numpy as jnp
        >>> x = jnp.array([[1.0, 2.0], [3.0, 4.0]])
        >>> print(keep(x, jnp.array([1.0, 0.0]), jnp.zeros_like(x)))
        [[1. 2.]
         [0. 0.]]
    """
    if mask.shape not in (x.shape, x.shape[:-1]):
        raise ValueError(
            f"keep: expected a mask of shape {x.shape[:-1]} (space) or {x.shape} (space and channels), "
            f"got {mask.shape}; resize a smaller one by signal.filters.resize."
        )
    if jnp.issubdtype(x.dtype, jnp.integer) and mask.dtype != bool:
        raise TypeError(
            f"keep: whole numbers, {x.dtype}, cannot be mixed with a baseline; expected a mask of booleans, got "
            f"{mask.dtype}. Convert images with image / 255.0, and explain token numbers through their embeddings."
        )
    mask = mask.astype(x.dtype)
    if mask.ndim < x.ndim:
        mask = mask[..., None]
    mask = jnp.broadcast_to(mask, x.shape)  # explicit: the tests forbid implicit rank promotion
    return mask * x + (1 - mask) * baseline.astype(x.dtype)


def flip(mask: Float[Array, "*shape"], share: float, key: PRNGKeyArray) -> Float[Array, "*shape"]:
    """Sets random entries of a mask to 0 and others to 1, each with probability `share`.

    An entry that is drawn for both keeps its value.

    Args:
        mask: any shape.
        share: in 0..1.
        key: from `jax.random.key`.

    Returns:
        Mask, shape and dtype of `mask`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> flip(jnp.full(3, 0.5), 0.0, jax.random.key(0)).tolist()
        [0.5, 0.5, 0.5]
    """
    off, on = (jax.random.bernoulli(one, share, mask.shape) for one in jax.random.split(key))
    return jnp.where(off ^ on, on.astype(mask.dtype), mask)


def cells(shape: Sequence[int], side: int) -> tuple[int, ...]:
    """The size of a coarse mask: how many cells of `side` locations cover each axis.

    Args:
        shape: the space, `x.shape[:-1]`.
        side: locations along the edge of a cell.

    Returns:
        `ceil(size / side)` for each axis.

    Example:
        >>> cells((224, 230), 8)
        (28, 29)
    """
    return tuple(-(-size // side) for size in shape)


def spread(mask: Float[Array, "*coarse"], shape: Sequence[int], sigma: float) -> Float[Array, "*space"]:
    """A coarse mask over the whole space: each cell a block, smoothed by a Gaussian.

    Args:
        mask: `[*coarse]`.
        shape: the space, `x.shape[:-1]`.
        sigma: standard deviation in pixels; 0 leaves the blocks as they are.

    Returns:
        Mask `[*shape]`, within the range of the coarse one.

    Example:
        >>> import jax.numpy as jnp
        >>> print(spread(jnp.array([0.0, 1.0]), (4,), 0.0))
        [0. 0. 1. 1.]
    """
    return gaussian_blur(resize(mask, shape, method="nearest")[..., None], sigma)[..., 0]


def smooth_max(
    mask: Float[Array, "*coarse"], shape: Sequence[int], radius: float, temperature: float = 0.05
) -> Float[Array, "*space"]:
    r"""A coarse mask over the whole space by smooth max-convolution; kept regions are at least as large as the kernel.

    `m(u) = smax_v k(|u - c_v| / radius) mask(v)`, `k(r) = exp(-max(0, r - 1)^2 / 4)`,
    `smax_v f = sum_v f_v exp(f_v / T) / sum_v exp(f_v / T)`; `c_v` is the middle of cell `v`.

    Args:
        mask: `[*coarse]`, in 0..1.
        shape: the space, of as many axes; cost is the product of both sizes.
        radius: of the kernel's plateau, in locations of `shape`; the kernel falls to one half at 2.7 times it.
        temperature: T; at 0 the limit is the maximum.

    Returns:
        Mask `[*shape]`, at most the largest of the coarse one.

    Reference:
        Fong, Patrick and Vedaldi 2019, "Understanding deep networks via extremal perturbations and smooth masks",
        section 3.2.

    Example:
        >>> import jax.numpy as jnp
        >>> print(smooth_max(jnp.array([0.0, 0.0, 1.0, 0.0, 0.0]), (5,), 1.0).round(2))
        [0.78 1.   1.   1.   0.78]
    """
    squares = jnp.zeros((1, 1), mask.dtype)
    for size, count in zip(shape, mask.shape, strict=True):
        # Middles of the cells in pixel coordinates (half-pixel centres, as in `filters.resize`)
        middle = (jnp.arange(count, dtype=mask.dtype) + 0.5) * (size / count) - 0.5
        distance = jnp.square(jnp.arange(size, dtype=mask.dtype)[:, None] - middle[None, :])
        squares = squares[:, None, :, None] + distance[None, :, None, :]
        squares = squares.reshape(squares.shape[0] * size, -1)  # [locations, cells]
    # The kernel's form is our reading of the paper, whose text was not at hand
    beyond = jax.nn.relu(jnp.sqrt(squares) / radius - 1)
    values = jnp.exp(-jnp.square(beyond) / 4) * mask.reshape(1, -1)
    return (values * jax.nn.softmax(values / temperature, axis=-1)).sum(-1).reshape(tuple(shape))
