"""Pooling, in the form that is fastest on the platform."""

import functools
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jxai.models.windows import shifted_slices

__all__ = ["adaptive_mean", "global_mean", "max_pool"]


def global_mean(x: Float[Array, "h w c"]) -> Float[Array, " c"]:
    """Mean over the pixels."""
    return x.mean((0, 1))


def adaptive_mean(x: Float[Array, "h w c"], side: int) -> Float[Array, "side side c"]:
    """Means of `side * side` windows that cover the image, as PyTorch's adaptive average pooling.

    Window i holds the pixels from `floor(i h / side)` to `ceil((i + 1) h / side)`: neighbours overlap or repeat
    where `side` does not divide the image's side. An image of that side is returned as it is.

    Example:
        >>> import jax.numpy as jnp
        >>> adaptive_mean(jnp.arange(9.0).reshape(3, 3, 1), 2)[..., 0].tolist()
        [[2.0, 3.0], [5.0, 6.0]]
    """
    for axis in (0, 1):  # a window is a rectangle: its mean is that of the rows, then of the columns
        length = x.shape[axis]
        if length != side:
            ends = ((i * length // side, -(-(i + 1) * length // side)) for i in range(side))
            x = jnp.stack([lax.slice_in_dim(x, *end, axis=axis).mean(axis) for end in ends], axis)
    return x


@functools.partial(jax.jit, static_argnames=("window", "stride", "padding", "ceil"))
def max_pool(
    x: Float[Array, "h w c"],
    *,
    window: int = 2,
    stride: int = 2,
    padding: int | Literal["SAME", "VALID"] = 0,
    ceil: bool = False,
) -> Float[Array, "oh ow c"]:
    """The largest value of each window, per channel.

    On a CPU it is a maximum of shifted slices (its gradient takes a sixth of the time of `reduce_window`'s);
    elsewhere `reduce_window`. The choice is made when the function is traced, by `jax.default_backend()`. In the
    program it is one call named `max_pool`.

    The gradient goes to the largest element of the window; of ties to the first, row by row, on every platform (as
    in PyTorch; `jnp.maximum` would split it). A NaN in a window is its maximum.

    Args:
        x: one image, channels last.
        window: side of the square window.
        stride: pixels between two windows.
        padding: pixels of minus infinity on each side, or TensorFlow's "SAME" or "VALID".
        ceil: keep a last window that starts inside the image (or its left padding) but sticks out, as Caffe
            and PyTorch's `ceil_mode=True` do. Not with a named padding.

    Returns:
        The pooled image `[oh, ow, c]`, `oh = floor((h + 2 padding - window) / stride) + 1`.

    Raises:
        ValueError: if the window does not fit, or `ceil` meets a named padding.

    Example:
        >>> import jax.numpy as jnp
        >>> max_pool(jnp.arange(9.0).reshape(3, 3, 1), ceil=True)[..., 0].tolist()
        [[4.0, 5.0], [7.0, 8.0]]
    """
    pads = tuple(_pads(n, window, stride, padding, ceil) for n in x.shape[:2])
    # Not lax.platform_dependent: it leaves a `cond` in the program, which rules and taps cannot enter
    if jax.default_backend() != "cpu":
        return _reduce_window(x, window, stride, pads)
    low = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else np.iinfo(x.dtype).min
    padded = jnp.pad(x, (*pads, (0, 0)), constant_values=low)
    return functools.reduce(_first_maximum, shifted_slices(padded, (window, window), stride))


def _first_maximum(a, b):
    """The larger one, a where they are equal, NaN where either is; so is its gradient."""
    # where, not jnp.maximum: that gives each of two equal values half of the gradient
    return jnp.where((b > a) | (b != b), b, a)


def _reduce_window(x, window, stride, pads):
    low = np.asarray(
        -np.inf, x.dtype
    )  # a constant, not a traced value: only so does JAX recognise max pooling, and differentiate it
    return lax.reduce_window(x, low, lax.max, (window, window, 1), (stride, stride, 1), (*pads, (0, 0)))


def _pads(length: int, window: int, stride: int, padding, ceil: bool) -> tuple[int, int]:
    if isinstance(padding, str):
        if ceil:
            raise ValueError(f"ceil=True goes with a number as padding, not with {padding!r}; drop one of them")
        return lax.padtype_to_pads((length,), (window,), (stride,), padding)[0]
    room = length + 2 * padding - window
    if room < 0:
        raise ValueError(f"a window of {window} does not fit into {length} pixels with padding {padding}")
    if not ceil:
        return padding, padding
    last = -(-room // stride) * stride  # where the last window starts
    if last >= length + padding:  # PyTorch's rule: no window may start in the right padding
        last -= stride
    return padding, max(padding, last + window - length - padding)
