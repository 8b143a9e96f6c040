"""A small convolutional network that trains in minutes on a CPU."""

import functools

import jax
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import conv, dense
from jxai.models.model import Model, pure, signed_unit
from jxai.models.pooling import global_mean, max_pool

__all__ = ["small_cnn"]


class SmallCNN(nnx.Module):
    """Convolutions with ReLU, the first with stride 2; global mean; a dense layer."""

    def __init__(self, widths: tuple[int, ...], channels: int, classes: int, rngs: nnx.Rngs):
        sizes = zip((channels, *widths), widths, strict=False)
        for i, (inputs, outputs) in enumerate(sizes):
            layer = conv(inputs, outputs, 3 if i else 5, stride=1 if i else 2, rngs=rngs)
            setattr(self, f"block{i}", layer)
        self.classify = dense(widths[-1], classes, rngs=rngs)
        self.depth = len(widths)

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        for i in range(self.depth):
            x = tap(jax.nn.relu(getattr(self, f"block{i}")(x)), f"block{i}")
            if _has_pool(i, self.depth):
                x = max_pool(x)
        return tap(self.classify(global_mean(tap(x, "features"))), "logits")


def _has_pool(i: int, depth: int) -> bool:
    # No pool at the end: maps at `features` keep their resolution
    return i % 2 == 1 and i < depth - 1


def small_cnn(
    *,
    classes: int = 20,
    size: int = 64,
    channels: int = 3,
    widths: tuple[int, ...] = (32, 64, 96, 96, 192),
) -> Model:
    """A small convolutional network without batch normalisation.

    A 5x5 convolution with stride 2, 3x3 convolutions, ReLU after each, 2x2 max pooling after every second
    one but the last, global mean, dense. It has no dropout and no statistics: the network that is explained is exactly
    the one that was trained.

    Args:
        classes: number of logits.
        size: side of the input in pixels.
        channels: channels of the input.
        widths: channels of each convolution.

    Returns:
        The model; taps `block0`, ... (before pooling), `features` (the last map), `logits`.

    Example:
        >>> import jax
        >>> model = small_cnn(classes=3, size=32, widths=(4, 8))
        >>> model.apply(model.init(jax.random.key(0)), jax.numpy.zeros((32, 32, 3))).shape
        (3,)
    """
    init, apply = pure(functools.partial(SmallCNN, widths, channels, classes), size, channels)
    taps = (*(f"block{i}" for i in range(len(widths))), "features", "logits")
    return Model(init, apply, taps, size, channels, classes, "features", signed_unit, crop=1.0)
