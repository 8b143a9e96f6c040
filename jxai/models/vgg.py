"""VGG of 11 to 19 layers, with and without batch normalisation."""

import functools
from typing import Any

import jax
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import dense
from jxai.models.model import Model, imagenet_standard, pure
from jxai.models.norms import ConvNorm
from jxai.models.pooling import adaptive_mean, max_pool

__all__ = ["vgg", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]

GROUPS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDENS = (1, 2, 4, 8, 8)
SIDE = 7  # of the map that the dense layers read


class VGG(nnx.Module):
    """Groups of 3x3 convolutions with ReLU, a max pool after each group; two hidden dense layers and a last one."""

    def __init__(self, groups: tuple, width: int, hidden: int, norm: bool, channels, classes, rngs: nnx.Rngs):
        inputs, depth = channels, 0
        for repetitions, widens in zip(groups, WIDENS, strict=True):
            for _ in range(repetitions):
                layer = ConvNorm(
                    inputs, width * widens, 3, norm=norm, bias=True, rngs=rngs
                )  # released: a bias before the norm
                setattr(self, f"block{depth}", layer)
                inputs, depth = width * widens, depth + 1
        self.dense0 = dense(SIDE * SIDE * inputs, hidden, rngs=rngs)
        self.dense1 = dense(hidden, hidden, rngs=rngs)
        self.classify = dense(hidden, classes, rngs=rngs)
        self.depth = depth
        self.pooled = tuple(sum(groups[: i + 1]) - 1 for i in range(len(groups)))  # the last convolution of each

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        for i in range(self.depth):
            x = tap(jax.nn.relu(getattr(self, f"block{i}")(x)), f"block{i}")
            if i == self.depth - 1:  # before the pool: 14x14 instead of 7x7 for class activation maps
                x = tap(x, "features")
            if i in self.pooled:
                x = max_pool(x)
        x = adaptive_mean(x, SIDE).reshape(-1)  # the identity at size 224
        for name in ("dense0", "dense1"):
            x = tap(jax.nn.relu(getattr(self, name)(x)), name)
        return tap(self.classify(x), "logits")


def vgg(
    *,
    depth: int = 16,
    batch_norm: bool = False,
    width: int = 64,
    hidden: int = 4096,
    size: int = 224,
    classes: int = 1000,
    channels: int = 3,
) -> Model:
    """VGG in inference mode (no dropout); the last map is pooled to 7x7 whatever the size, as in torchvision.

    Args:
        depth: 11, 13, 16 or 19 layers with weights.
        batch_norm: after every convolution, with running statistics. `fold_batch_norm` turns its parameters
            into those of the network without.
        width: channels of the first convolutions; later ones have up to 8 times as many.
        hidden: width of the two hidden dense layers.
        size: side of the input in pixels, at least 32.
        classes: number of logits.
        channels: channels of the input.

    Returns:
        The model; taps `block0`, ... (each convolution after its ReLU, before pooling), `features` (the last of
        them, 14x14 at size 224), `dense0`, `dense1`, `logits`.

    Raises:
        ValueError: if there is no such depth, or the size is less than 32.

    Reference: Simonyan and Zisserman, 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition".

    Example:
        >>> vgg(depth=11, width=4, hidden=8, size=32).taps[-4:]
        ('features', 'dense0', 'dense1', 'logits')
    """
    if depth not in GROUPS:
        raise ValueError(f"depth must be one of {', '.join(map(str, GROUPS))}, not {depth}")
    if size < 32:
        raise ValueError(f"size must be at least 32, as the network halves it five times, not {size}")
    build = functools.partial(VGG, GROUPS[depth], width, hidden, batch_norm, channels, classes)
    init, apply = pure(build, size, channels)
    blocks = (f"block{i}" for i in range(sum(GROUPS[depth])))
    taps = (*blocks, "features", "dense0", "dense1", "logits")
    return Model(init, apply, taps, size, channels, classes, "features", imagenet_standard)


def vgg11(*, depth: int = 11, **options: Any) -> Model:
    """VGG11; the options are those of `vgg`."""
    return vgg(depth=depth, **options)


def vgg13(*, depth: int = 13, **options: Any) -> Model:
    """VGG13; the options are those of `vgg`."""
    return vgg(depth=depth, **options)


def vgg16(*, depth: int = 16, **options: Any) -> Model:
    """VGG16; the options are those of `vgg`."""
    return vgg(depth=depth, **options)


def vgg19(*, depth: int = 19, **options: Any) -> Model:
    """VGG19; the options are those of `vgg`."""
    return vgg(depth=depth, **options)


def vgg11_bn(*, depth: int = 11, batch_norm: bool = True, **options: Any) -> Model:
    """VGG11 with batch normalisation; the options are those of `vgg`."""
    return vgg(depth=depth, batch_norm=batch_norm, **options)


def vgg13_bn(*, depth: int = 13, batch_norm: bool = True, **options: Any) -> Model:
    """VGG13 with batch normalisation; the options are those of `vgg`."""
    return vgg(depth=depth, batch_norm=batch_norm, **options)


def vgg16_bn(*, depth: int = 16, batch_norm: bool = True, **options: Any) -> Model:
    """VGG16 with batch normalisation; the options are those of `vgg`."""
    return vgg(depth=depth, batch_norm=batch_norm, **options)


def vgg19_bn(*, depth: int = 19, batch_norm: bool = True, **options: Any) -> Model:
    """VGG19 with batch normalisation; the options are those of `vgg`."""
    return vgg(depth=depth, batch_norm=batch_norm, **options)
