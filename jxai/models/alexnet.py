"""AlexNet in torchvision's version."""

import functools

import jax
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import conv, dense
from jxai.models.model import Model, imagenet_standard, pure
from jxai.models.pooling import adaptive_mean, max_pool

__all__ = ["alexnet"]

# Of each convolution: channels in units of the width, kernel, stride, padding.
CONVOLUTIONS = ((1, 11, 4, 2), (3, 5, 1, 2), (6, 3, 1, 1), (4, 3, 1, 1), (4, 3, 1, 1))
POOLED = (0, 1, 4)  # convolutions followed by a max pool
SIDE = 6  # of the map that the dense layers read
SMALLEST = 63  # sides that leave a pixel after the last pool


class AlexNet(nnx.Module):
    """Five convolutions with ReLU, three of them followed by max pools; two hidden dense layers and a last one."""

    def __init__(self, width: int, hidden: int, channels: int, classes: int, rngs: nnx.Rngs):
        inputs = channels
        for i, (widens, kernel, stride, padding) in enumerate(CONVOLUTIONS):
            layer = conv(inputs, width * widens, kernel, stride=stride, padding=padding, rngs=rngs)
            setattr(self, f"block{i}", layer)
            inputs = width * widens
        self.dense0 = dense(SIDE * SIDE * inputs, hidden, rngs=rngs)
        self.dense1 = dense(hidden, hidden, rngs=rngs)
        self.classify = dense(hidden, classes, rngs=rngs)

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        for i in range(len(CONVOLUTIONS)):
            x = tap(jax.nn.relu(getattr(self, f"block{i}")(x)), f"block{i}")
            if i == len(CONVOLUTIONS) - 1:  # before the pool: 13x13 instead of 6x6 for class activation maps
                x = tap(x, "features")
            if i in POOLED:
                x = max_pool(x, window=3, stride=2)
        x = adaptive_mean(x, SIDE).reshape(-1)  # the identity at size 224; lets other sizes use the same weights
        for name in ("dense0", "dense1"):
            x = tap(jax.nn.relu(getattr(self, name)(x)), name)
        return tap(self.classify(x), "logits")


def alexnet(*, width: int = 64, hidden: int = 4096, size: int = 224, classes: int = 1000, channels: int = 3) -> Model:
    """AlexNet in inference mode (no dropout), the one-column version that torchvision distributes.

    It differs from the paper: no response normalisation, no split over two GPUs. The last map is pooled to 6x6 at
    every size.

    Args:
        width: channels of the first convolution.
        hidden: width of the two hidden dense layers.
        size: side of the input in pixels, at least 63.
        classes: number of logits.
        channels: channels of the input.

    Returns:
        The model; taps `block0` to `block4` (the convolutions after their ReLU, before pooling), `features` (the
        last of them, 13x13 at size 224), `dense0`, `dense1`, `logits`.

    Raises:
        ValueError: if the size is too small for the three pools.

    Reference: Krizhevsky, 2014, "One weird trick for parallelizing convolutional neural networks".

    Example:
        >>> alexnet(width=4, hidden=8).taps[-4:]
        ('features', 'dense0', 'dense1', 'logits')
    """
    if size < SMALLEST:
        raise ValueError(f"size must be at least {SMALLEST}, for the stride of 4 and three max pools, not {size}")
    init, apply = pure(functools.partial(AlexNet, width, hidden, channels, classes), size, channels)
    taps = (*(f"block{i}" for i in range(len(CONVOLUTIONS))), "features", "dense0", "dense1", "logits")
    return Model(init, apply, taps, size, channels, classes, "features", imagenet_standard)
