"""Residual networks of 18 to 152 layers."""

import functools
from collections.abc import Callable
from typing import Any

import jax
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import dense
from jxai.models.model import Model, imagenet_standard, pure
from jxai.models.norms import ConvNorm
from jxai.models.pooling import global_mean, max_pool

__all__ = ["resnet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]

GROUPS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


class Basic(nnx.Module):
    """Two 3x3 convolutions, added to the input (or to a 1x1 convolution of it, where the shapes differ)."""

    widens = 1

    def __init__(self, inputs: int, width: int, stride: int, norm: bool, rngs: nnx.Rngs):
        make = functools.partial(ConvNorm, norm=norm, rngs=rngs)
        self.first = make(inputs, width, 3, stride=stride)
        self.second = make(width, width, 3)
        # A 1x1 convolution only where the shapes differ (option B of the paper), else the identity
        self.shortcut = make(inputs, width, 1, stride=stride) if stride > 1 or inputs != width else None

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[h / stride, w / stride, width]`."""
        y = self.second(jax.nn.relu(self.first(x)))
        return jax.nn.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Bottleneck(nnx.Module):
    """A 1x1, a 3x3 (with the stride, as in torchvision) and a 1x1 convolution to four widths, added to the input."""

    widens = 4

    def __init__(self, inputs: int, width: int, stride: int, norm: bool, rngs: nnx.Rngs):
        make = functools.partial(ConvNorm, norm=norm, rngs=rngs)
        outputs = width * self.widens
        self.first = make(inputs, width, 1)
        # The stride is here, not in the first 1x1 convolution as in the paper: "v1.5", torchvision's weights
        self.second = make(width, width, 3, stride=stride)
        self.third = make(width, outputs, 1)
        self.shortcut = make(inputs, outputs, 1, stride=stride) if stride > 1 or inputs != outputs else None

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[h / stride, w / stride, 4 width]`."""
        y = jax.nn.relu(self.second(jax.nn.relu(self.first(x))))
        return jax.nn.relu(self.third(y) + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nnx.Module):
    """A 7x7 convolution with stride 2, a max pool, four groups of blocks, global mean, a dense layer."""

    def __init__(self, block: Callable, groups: tuple, width: int, norm: bool, channels, classes, rngs: nnx.Rngs):
        self.stem = ConvNorm(channels, width, 7, stride=2, norm=norm, rngs=rngs)
        inputs, i = width, 0
        for group, repetitions in enumerate(groups):
            for repetition in range(repetitions):
                i += 1
                # The max pool has already halved the map before the first group
                stride = 2 if group and not repetition else 1
                setattr(self, f"block{i}", block(inputs, width * 2**group, stride, norm, rngs=rngs))
                inputs = width * 2**group * block.widens
        self.classify = dense(inputs, classes, rngs=rngs)
        self.groups = groups

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        x = tap(jax.nn.relu(self.stem(x)), "block0")
        x, i = max_pool(x, window=3, stride=2, padding=1), 0
        for group, repetitions in enumerate(self.groups, 1):
            for _ in range(repetitions):
                i += 1
                x = tap(getattr(self, f"block{i}")(x), f"block{i}")
            x = tap(x, f"layer{group}")  # the same value under torchvision's name
        return tap(self.classify(global_mean(tap(x, "features"))), "logits")


def resnet(
    *,
    depth: int = 50,
    batch_norm: bool = True,
    width: int = 64,
    size: int = 224,
    classes: int = 1000,
    channels: int = 3,
) -> Model:
    """A residual network in inference mode, as in torchvision.

    It has PyTorch's padding. It differs from the paper in the bottlenecks' stride, which is in the 3x3 convolution.

    Args:
        depth: 18, 34 (two convolutions a block), 50, 101 or 152 (three).
        batch_norm: as separate layers with running statistics; False: folded into the convolutions, for
            parameters from `fold_batch_norm`. Training does not change the statistics.
        width: channels of the first convolution.
        size: side of the input in pixels.
        classes: number of logits.
        channels: channels of the input.

    Returns:
        The model; taps `block0` (the first convolution, before pooling), `block1`, ... (each residual block),
        `layer1` to `layer4` (the last block of each group), `features` (the last of all), `logits`.

    Raises:
        ValueError: if there is no such depth.

    Reference: He et al., 2016, "Deep Residual Learning for Image Recognition".

    Example:
        >>> resnet(depth=18).taps[:4]
        ('block0', 'block1', 'block2', 'layer1')
    """
    if depth not in GROUPS:
        raise ValueError(f"depth must be one of {', '.join(map(str, GROUPS))}, not {depth}")
    block = Bottleneck if depth >= 50 else Basic
    build = functools.partial(ResNet, block, GROUPS[depth], width, batch_norm, channels, classes)
    init, apply = pure(build, size, channels)
    return Model(init, apply, _taps(GROUPS[depth]), size, channels, classes, "features", imagenet_standard)


def _taps(groups: tuple[int, ...]) -> tuple[str, ...]:
    names, i = ["block0"], 0
    for group, repetitions in enumerate(groups, 1):
        names += [f"block{i + k}" for k in range(1, repetitions + 1)] + [f"layer{group}"]
        i += repetitions
    return (*names, "features", "logits")


def resnet18(*, depth: int = 18, **options: Any) -> Model:
    """ResNet-18; the options are those of `resnet`."""
    return resnet(depth=depth, **options)


def resnet34(*, depth: int = 34, **options: Any) -> Model:
    """ResNet-34; the options are those of `resnet`."""
    return resnet(depth=depth, **options)


def resnet50(*, depth: int = 50, **options: Any) -> Model:
    """ResNet-50; the options are those of `resnet`."""
    return resnet(depth=depth, **options)


def resnet101(*, depth: int = 101, **options: Any) -> Model:
    """ResNet-101; the options are those of `resnet`."""
    return resnet(depth=depth, **options)


def resnet152(*, depth: int = 152, **options: Any) -> Model:
    """ResNet-152; the options are those of `resnet`."""
    return resnet(depth=depth, **options)
