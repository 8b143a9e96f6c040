"""Baselines: arrays like x that stand for absence.

Values are in the model's own range. A model that is fed (image - 0.5) / 0.5 sees black at -1: `black(x, low=-1.0)`.
The choice of the baseline changes the attribution; report it with the result.

Reference: Sturmfels, Lundberg & Lee (2020), Visualizing the impact of feature attribution baselines. Distill.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Real

from jxai.signal.draws import normal
from jxai.signal.filters import gaussian_blur

__all__ = ["black", "blurred", "constant", "gaussian_noise", "mean_colour", "uniform_noise", "white"]

Number = float | int | Real[Array, ""]


def constant(x: Float[Array, "*space c"], value: Number | Real[Array, "..."]) -> Float[Array, "*space c"]:
    """One value everywhere.

    Args:
        x: the example; only its shape and dtype matter.
        value: a number, or one for each channel, in the model's value range.

    Returns:
        Baseline, shape and dtype of x.

    Raises:
        ValueError: value is neither one number nor one number for each channel.

    Example:
        >>> import jax.numpy as jnp
        >>> print(constant(jnp.ones((2, 2)), 0.5))
        [[0.5 0.5]
         [0.5 0.5]]
    """
    value = jnp.asarray(value).astype(x.dtype)
    if value.shape not in ((), x.shape[-1:]):
        raise ValueError(
            f"constant: expected one number or {x.shape[-1]}, one for each channel, got shape {value.shape}."
        )
    # zeros_like(x) +: the constant varies over the devices as x does, which shard_map's check_vma asks for
    return jnp.zeros_like(x) + jnp.broadcast_to(value, x.shape)


def black(x: Float[Array, "*space c"], *, low: Number | Real[Array, " c"] = 0.0) -> Float[Array, "*space c"]:
    """The lowest value that the model takes, everywhere.

    Args:
        x: the example.
        low: black in the model's value range: 0 by default, -1 for a model fed (image - 0.5) / 0.5,
            -mean / std for each channel of a model fed (image - mean) / std.

    Returns:
        Baseline, shape and dtype of x.

    Example:
        >>> import jax.numpy as jnp
        >>> print(black(jnp.ones((1, 3)), low=-1.0))
        [[-1. -1. -1.]]
    """
    return constant(x, low)


def white(x: Float[Array, "*space c"], *, high: Number | Real[Array, " c"] = 1.0) -> Float[Array, "*space c"]:
    """The highest value that the model takes, everywhere.

    Args:
        x: the example.
        high: white in the model's value range: 1 by default, (1 - mean) / std for each channel of a model fed
            (image - mean) / std.

    Returns:
        Baseline, shape and dtype of x.

    Example:
        >>> import jax.numpy as jnp
        >>> print(white(jnp.zeros((1, 3))))
        [[1. 1. 1.]]
    """
    return constant(x, high)


def mean_colour(x: Float[Array, "*space c"]) -> Float[Array, "*space c"]:
    """The mean of each channel over the example's own space, everywhere.

    Args:
        x: the example.

    Returns:
        Baseline, shape and dtype of x, in units of x. It depends on x, and is differentiated as such.

    Raises:
        ValueError: x is a vector. It has no space, and its mean over none would be x itself.

    Example:
        >>> import jax.numpy as jnp
        >>> print(mean_colour(jnp.array([[0.0, 2.0], [1.0, 4.0]])))
        [[0.5 3. ]
         [0.5 3. ]]
    """
    if x.ndim < 2:
        raise ValueError(
            f"mean_colour: expected [*space, channels], got shape {x.shape}; for a vector use constant(x, x.mean())."
        )
    mean = x.mean(axis=tuple(range(x.ndim - 1)), keepdims=True)
    return jnp.broadcast_to(mean, x.shape)


def blurred(x: Float[Array, "*space c"], sigma: Number, *, radius: int | None = None) -> Float[Array, "*space c"]:
    """The example without detail: its Gaussian blur.

    Args:
        x: the example.
        sigma: standard deviation in pixels.
        radius: half the window in pixels; required where sigma is traced, see `filters.gaussian_blur`.

    Returns:
        Baseline, shape and dtype of x, in units of x.

    Example:
        >>> import jax.numpy as jnp
        >>> print(f"{blurred(jnp.array([[0.0], [1.0], [0.0]]), 1.0)[1, 0]:.3f}")
        0.399
    """
    return gaussian_blur(x, sigma, radius=radius)


def uniform_noise(
    x: Float[Array, "*space c"], key: PRNGKeyArray, low: float | int = 0.0, high: float | int = 1.0
) -> Float[Array, "*space c"]:
    """Independent uniform noise between `low` and `high`.

    Args:
        x: the example; only its shape and dtype matter.
        key: from `jax.random.key`.
        low: smallest value.
        high: largest value.

    Returns:
        Baseline, shape and dtype of x.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> uniform_noise(jnp.zeros((2, 3)), jax.random.key(0), -1.0, 1.0).shape
        (2, 3)
    """
    return jax.random.uniform(key, x.shape, x.dtype, low, high)


def gaussian_noise(x: Float[Array, "*space c"], key: PRNGKeyArray, sigma: Number) -> Float[Array, "*space c"]:
    """The example with Gaussian noise added: x + sigma e, e ~ N(0, 1). Not clipped.

    Args:
        x: the example.
        key: from `jax.random.key`.
        sigma: standard deviation of the noise, in units of x.

    Returns:
        Baseline, shape and dtype of x.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> print(gaussian_noise(jnp.ones((2, 3)), jax.random.key(0), 0.0)[0])
        [1. 1. 1.]
    """
    # astype first: under strict promotion a float32 sigma times bfloat16 noise raises
    return x + jnp.asarray(sigma).astype(x.dtype) * normal(key, x.shape, x.dtype)
