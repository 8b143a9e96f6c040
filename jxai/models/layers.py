"""Layers of several models, in place of Flax's where those are slow on a CPU or hold a `max` that looks like a ReLU."""

import contextlib
import functools

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax
from jaxtyping import Array, Float

from jxai.models.windows import shifted_slices

try:
    from jax.experimental.xla_metadata import set_xla_metadata

    _apart = functools.partial(set_xla_metadata, inlineable="false")
except ImportError:  # an experimental name; without it only speed is lost
    _apart = contextlib.nullcontext


__all__ = ["Depthwise", "LayerNorm", "conv", "dense", "depthwise_conv", "gelu", "pointwise"]

he_normal = jax.nn.initializers.he_normal()
truncated_normal = jax.nn.initializers.truncated_normal(0.02)


def conv(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int | str = "SAME", rngs: nnx.Rngs
) -> nnx.Conv:
    """A square convolution, initialised for a ReLU behind it (He et al., 2015); a number pads each side by it."""
    return nnx.Conv(inputs, outputs, (kernel, kernel), stride, padding=padding, kernel_init=he_normal, rngs=rngs)


def pointwise(inputs: int, outputs: int, *, rngs: nnx.Rngs) -> nnx.Linear:
    """A 1x1 convolution: a dense layer over the channels of every pixel.

    In the program it is a `dot_general`, not a `conv_general_dilated` (half the time on a CPU): a backward
    rule for convolutions does not reach it, one for `dot_general` does.
    """
    return nnx.Linear(inputs, outputs, kernel_init=he_normal, rngs=rngs)


def dense(inputs: int, outputs: int, *, rngs: nnx.Rngs) -> nnx.Linear:
    """A dense layer with the initialisation of transformers (truncated normal, 0.02)."""
    return nnx.Linear(inputs, outputs, kernel_init=truncated_normal, rngs=rngs)


@jax.checkpoint
def gelu(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The exact GELU, `x (1 + erf(x / sqrt(2))) / 2`.

    On a CPU `jax.nn.gelu`, by erfc, takes twice as long. The derivative recomputes everything from x: that takes less
    memory, and less time than writing and reading intermediates.

    Args:
        x: any shape.

    Reference: Hendrycks and Gimpel, 2016, "Gaussian Error Linear Units".

    Example:
        >>> [round(value, 4) for value in gelu(jnp.array([-1.0, 0.0, 1.0])).tolist()]
        [-0.1587, 0.0, 0.8413]
    """
    return 0.5 * x * (1 + lax.erf(x * 0.5**0.5))


@functools.partial(jax.jit, static_argnames=("stride",))
def depthwise_conv(
    x: Float[Array, "h w c"], kernel: Float[Array, "kh kw 1 c"], *, stride: int = 1
) -> Float[Array, "oh ow c"]:
    """Convolves every channel with its own filter, TensorFlow's SAME padding.

    On a CPU it is a sum of shifted slices times weights: XLA's grouped convolution takes 5 to 60 times as
    long there, and its gradient 12 to 67 times. The compiled program keeps it as a separate call: fused with the
    operations before it, its gradient takes three times as long. The choice is made when the function is traced, by
    `jax.default_backend()`; the results agree to rounding. In the program it is one call named
    `depthwise_conv`, on every platform, so that a backward rule can name it.

    Args:
        x: one image, channels last.
        kernel: one filter for each channel.
        stride: pixels between two windows.

    Returns:
        The filters' responses, `[ceil(h / stride), ceil(w / stride), c]`.

    Example:
        >>> import jax.numpy as jnp
        >>> depthwise_conv(jnp.ones((4, 4, 2)), jnp.ones((3, 3, 1, 2)), stride=2)[..., 0].tolist()
        [[9.0, 6.0], [6.0, 4.0]]
    """
    # Not lax.platform_dependent: it leaves a `cond` in the program, which rules and taps cannot enter
    if jax.default_backend() != "cpu":
        return _grouped_conv(x, kernel, stride)
    with _apart():
        return _by_slices(x, kernel, stride=stride)


@functools.partial(jax.jit, static_argnames=("stride",))
def _by_slices(x, kernel, *, stride):
    window = (kernel.shape[0], kernel.shape[1])
    padding = lax.padtype_to_pads(x.shape[:2], window, (stride, stride), "SAME")
    padded = jnp.pad(x, (*padding, (0, 0)))
    # Explicit [1, 1, c] shapes: the tests forbid implicit rank promotion
    weights = kernel.reshape(-1, 1, 1, kernel.shape[-1])
    slices = shifted_slices(padded, window, stride)
    return functools.reduce(jnp.add, (part * weight for part, weight in zip(slices, weights, strict=True)))


def _grouped_conv(x, kernel, stride):
    layout = ("NHWC", "HWIO", "NHWC")
    groups = x.shape[-1]
    return lax.conv_general_dilated(
        x[None], kernel, (stride, stride), "SAME", dimension_numbers=layout, feature_group_count=groups
    )[0]


class Depthwise(nnx.Module):
    """A 3x3 depthwise convolution with a bias."""

    def __init__(self, channels: int, *, stride: int = 1, rngs: nnx.Rngs):
        """Draws the filters; the bias is zero."""
        self.kernel = nnx.Param(he_normal(rngs.params(), (3, 3, 1, channels), jnp.float32))
        self.bias = nnx.Param(jnp.zeros(channels, jnp.float32))
        self.stride = stride

    def __call__(self, x):
        """Maps `[h, w, c]` to `[ceil(h / stride), ceil(w / stride), c]`."""
        return depthwise_conv(x, self.kernel[...], stride=self.stride) + self.bias[...].reshape(1, 1, -1)


class LayerNorm(nnx.Module):
    """Layer normalisation over the channels of each token; its statistics are in float32 at least.

    Flax's own computes the variance as `max(0, E[x^2] - E[x]^2)`, and rules for ReLU would match that `max`. It
    also refuses bfloat16 under strict dtype promotion.
    """

    def __init__(self, channels: int, *, epsilon: float = 1e-6):
        """Scale 1, bias 0."""
        self.scale = nnx.Param(jnp.ones(channels, jnp.float32))
        self.bias = nnx.Param(jnp.zeros(channels, jnp.float32))
        self.epsilon = epsilon

    def __call__(self, x):
        """Normalises the tokens `[t, d]`."""
        wide = x.astype(x.dtype if x.dtype == jnp.float64 else jnp.float32)
        deviation = wide - wide.mean(-1, keepdims=True)
        variance = jnp.mean(deviation * deviation, -1, keepdims=True)
        normal = (deviation * lax.rsqrt(variance + self.epsilon)).astype(x.dtype)
        return normal * self.scale[...].reshape(1, -1) + self.bias[...].reshape(1, -1)
