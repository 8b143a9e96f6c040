"""Batch normalisation in inference mode: as a separate layer, or folded into the convolution before it."""

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax
from jaxtyping import Array, Float

from jxai.models.layers import he_normal
from jxai.models.model import Params
from jxai.models.weights.arrays import flatten, nest

__all__ = ["BatchNorm", "ConvNorm", "batch_norm", "fold_arrays", "fold_batch_norm"]

EPSILON = 1e-5  # PyTorch's, and that of all released weights read here


@functools.partial(jax.jit, static_argnames=("epsilon",))
def batch_norm(
    x: Float[Array, "h w c"],
    scale: Float[Array, " c"],
    bias: Float[Array, " c"],
    mean: Float[Array, " c"],
    variance: Float[Array, " c"],
    *,
    epsilon: float = EPSILON,
) -> Float[Array, "h w c"]:
    """Batch normalisation with running statistics, a linear map of each channel.

    `y = a x + (bias - a mean)` with `a = scale / sqrt(variance + epsilon)`. In the program it is one call named
    `batch_norm`, which a backward rule can name. Without such a rule it is inlined as a product and a sum, and the
    offset absorbs relevance. The statistics have no gradient: they are measured, not learned.

    Args:
        x: one image, channels last.
        scale: the learned factor of each channel.
        bias: the learned offset.
        mean: running mean of each channel.
        variance: running variance of each channel.
        epsilon: added to the variance.

    Returns:
        The normalised image.

    Reference: Ioffe and Szegedy, 2015, "Batch Normalization".

    Example:
        >>> import jax.numpy as jnp
        >>> one = jnp.ones(1)
        >>> batch_norm(jnp.full((1, 1, 1), 5.0), one * 3, one, one * 2, one * 9, epsilon=0.0).item()
        4.0
    """
    factor, offset = _affine(scale, bias, lax.stop_gradient(mean), lax.stop_gradient(variance), epsilon)
    return x * factor.astype(x.dtype).reshape(1, 1, -1) + offset.astype(x.dtype).reshape(1, 1, -1)


def _affine(scale, bias, mean, variance, epsilon):
    """Factor and offset of each channel, in at least float32."""
    wide = scale.dtype if scale.dtype == jnp.float64 else jnp.float32
    scale, bias, mean, variance = (a.astype(wide) for a in (scale, bias, mean, variance))
    factor = scale * lax.rsqrt(variance + epsilon)
    return factor, bias - mean * factor


class BatchNorm(nnx.Module):
    """`batch_norm` with scale, bias, mean and variance as parameters: weight files hold all four."""

    def __init__(self, channels: int):
        """Starts as the identity (to epsilon)."""
        self.scale, self.variance = (nnx.Param(jnp.ones(channels, jnp.float32)) for _ in range(2))
        self.bias, self.mean = (nnx.Param(jnp.zeros(channels, jnp.float32)) for _ in range(2))

    def __call__(self, x):
        """Normalises `[h, w, c]`."""
        return batch_norm(x, self.scale[...], self.bias[...], self.mean[...], self.variance[...])


class ConvNorm(nnx.Module):
    """A square convolution with PyTorch's symmetric padding, followed by batch normalisation or with it folded in.

    A 1x1 convolution is a dense layer over the channels of every pixel (`dot_general` in the program, half the
    time on a CPU). Larger ones stay XLA's convolutions: as shifted matrix products or im2col they gain
    little at some sizes, take three times as long at others, and lose the name that rules know.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, norm=True, bias=False, rngs: nnx.Rngs
    ):
        """Draws the filters (He et al., 2015); without `norm` there is always a bias."""
        self.step = stride if kernel == 1 else 1  # a strided 1x1 convolution skips pixels: slice, then the dense layer
        options = {"use_bias": bias or not norm, "kernel_init": he_normal, "rngs": rngs}
        if kernel == 1:
            self.conv = nnx.Linear(inputs, outputs, **options)
        else:
            self.conv = nnx.Conv(inputs, outputs, (kernel, kernel), stride, padding=kernel // 2, **options)
        self.norm = BatchNorm(outputs) if norm else None

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[ceil(h / stride), ceil(w / stride), outputs]`."""
        x = self.conv(x[:: self.step, :: self.step])
        return x if self.norm is None else self.norm(x)


def fold_batch_norm(params: Params, *, epsilon: float = EPSILON) -> Params:
    """Folds every batch normalisation into the convolution before it: the same logits from fewer layers.

    `kernel' = a kernel`, `bias' = a bias_conv + bias_norm - a mean`, `a = scale / sqrt(variance + epsilon)`. For
    relevance propagation this is the canonical form of the network. The result is for the model built with
    `batch_norm=False`.

    Args:
        params: parameters of a model built with batch normalisation (`resnet50`, `vgg16_bn`, ...).
        epsilon: that of the normalisation.

    Returns:
        Parameters without `norm`; every convolution has a `bias`.

    Raises:
        ValueError: if there is no batch normalisation, or one without a convolution before it.

    Example:
        >>> import jax.numpy as jnp
        >>> one = jnp.ones(1)
        >>> norm = {"scale": one * 3, "bias": one, "mean": one * 2, "variance": one * 9}
        >>> params = {"block0": {"conv": {"kernel": jnp.full((1, 1), 5.0)}, "norm": norm}}
        >>> conv = fold_batch_norm(params, epsilon=0.0)["block0"]["conv"]
        >>> conv["kernel"].item(), conv["bias"].item()
        (5.0, -1.0)
    """
    return nest(fold_arrays(flatten(params), epsilon=epsilon))


def fold_arrays(flat: Mapping[str, Any], *, epsilon: float = EPSILON) -> dict[str, Any]:
    """`fold_batch_norm` for flat names, such as `block0/norm/scale`."""
    # `norm/variance` tells a batch normalisation from a layer normalisation, which has none
    units = [name.removesuffix("norm/variance") for name in flat if name.endswith("norm/variance")]
    if not units:
        raise ValueError("expected parameters with batch normalisation (names such as block0/norm/variance); none came")
    arrays = {name: array for name, array in flat.items() if "norm/" not in name}
    for unit in units:
        arrays |= _fold_unit(unit, flat, epsilon)
    return arrays


def _fold_unit(unit: str, flat: Mapping[str, Any], epsilon: float) -> dict[str, Any]:
    names = [f"{unit}conv/kernel", *(f"{unit}norm/{part}" for part in ("scale", "bias", "mean", "variance"))]
    absent = [name for name in names if name not in flat]
    if absent:
        raise ValueError(f"expected {', '.join(names)}, to fold the normalisation; {', '.join(absent)} did not come")
    kernel, scale, bias, mean, variance = (jnp.asarray(flat[name]) for name in names)
    factor, offset = _affine(scale, bias, mean, variance, epsilon)
    if f"{unit}conv/bias" in flat:
        offset = offset + factor * jnp.asarray(flat[f"{unit}conv/bias"]).astype(factor.dtype)
    # The last axis of a kernel, of convolutions and dense layers alike, is the output channel
    product = kernel.astype(factor.dtype) * factor.reshape((1,) * (kernel.ndim - 1) + (-1,))
    return {f"{unit}conv/kernel": product.astype(kernel.dtype), f"{unit}conv/bias": offset.astype(kernel.dtype)}
