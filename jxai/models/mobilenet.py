"""MobileNet V1 and V2 with the batch normalisation folded into the convolutions."""

import functools

import jax
from flax import nnx

from jxai.core.taps import tap
from jxai.models.layers import Depthwise, conv, dense, pointwise
from jxai.models.model import Model, pure, signed_unit
from jxai.models.pooling import global_mean

__all__ = ["mobilenet_v1", "mobilenet_v2"]

# V1: channels and stride of each block. V2: expansion, channels, repetitions, first stride of each group.
V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
V2 = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class Separable(nnx.Module):
    """V1's block: a depthwise and a 1x1 convolution, ReLU6 after each."""

    def __init__(self, inputs: int, outputs: int, stride: int, rngs: nnx.Rngs):
        self.depthwise = Depthwise(inputs, stride=stride, rngs=rngs)
        self.project = pointwise(inputs, outputs, rngs=rngs)

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[h / stride, w / stride, outputs]`."""
        return jax.nn.relu6(self.project(jax.nn.relu6(self.depthwise(x))))


class Inverted(nnx.Module):
    """V2's block: expand, filter each channel, project linearly; added to the input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, rngs: nnx.Rngs):
        if expansion > 1:
            self.expand = pointwise(inputs, inputs * expansion, rngs=rngs)
        self.depthwise = Depthwise(inputs * expansion, stride=stride, rngs=rngs)
        self.project = pointwise(inputs * expansion, outputs, rngs=rngs)
        self.expands = expansion > 1
        self.residual = stride == 1 and inputs == outputs

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[h / stride, w / stride, outputs]`."""
        # ReLU6 twice, none after the projection: the linear bottleneck of the paper
        wide = jax.nn.relu6(self.expand(x)) if self.expands else x
        y = self.project(jax.nn.relu6(self.depthwise(wide)))
        return x + y if self.residual else y


class MobileNet(nnx.Module):
    """A 3x3 convolution with stride 2, blocks, in V2 one more 1x1 convolution; global mean; a dense layer."""

    def __init__(self, stem: int, blocks: list, last: int | None, channels: int, classes: int, rngs: nnx.Rngs):
        self.stem = conv(channels, stem, 3, stride=2, rngs=rngs)
        width = stem
        for i, (make, outputs, *options) in enumerate(blocks, 1):
            setattr(self, f"block{i}", make(width, outputs, *options, rngs=rngs))
            width = outputs
        if last:
            self.last = pointwise(width, last, rngs=rngs)
        self.classify = dense(last or width, classes, rngs=rngs)
        self.depth, self.has_last = len(blocks), bool(last)

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        x = tap(jax.nn.relu6(self.stem(x)), "block0")
        for i in range(1, self.depth + 1):
            x = tap(getattr(self, f"block{i}")(x), f"block{i}")
        if self.has_last:
            x = jax.nn.relu6(self.last(x))
        return tap(self.classify(global_mean(tap(x, "features"))), "logits")


def mobilenet_v1(
    *, width: float = 1.0, size: int = 224, classes: int = 1001, channels: int = 3, label_offset: int | None = None
) -> Model:
    """MobileNet V1 in inference mode: batch normalisation folded, ReLU6, TensorFlow's SAME padding.

    Args:
        width: multiplies the channels of every layer (0.25, 0.5, 0.75, 1.0).
        size: side of the input in pixels.
        classes: number of logits; the released weights have 1001, the first is "background".
        channels: channels of the input.
        label_offset: logits before the first named class; None: 1 of 1001 classes, else 0.

    Returns:
        The model; taps `block0` (the first convolution), `block1` to `block13`, `features`, `logits`.

    Reference: Howard et al., 2017, "MobileNets".

    Example:
        >>> mobilenet_v1(width=0.25, size=128).features
        'features'
    """
    # V1 truncates the scaled widths, V2 rounds them to multiples of 8: so the released weights
    blocks = [(Separable, max(8, int(outputs * width)), stride) for outputs, stride in V1]
    return _mobilenet(max(8, int(32 * width)), blocks, None, size, classes, channels, label_offset)


def mobilenet_v2(
    *, width: float = 1.0, size: int = 224, classes: int = 1001, channels: int = 3, label_offset: int | None = None
) -> Model:
    """MobileNet V2 in inference mode: batch normalisation folded, ReLU6, TensorFlow's SAME padding.

    Args:
        width: multiplies the channels of every layer (0.35, 0.5, 0.75, 1.0, 1.3, 1.4), rounded to eights.
        size: side of the input in pixels.
        classes: number of logits; the released weights have 1001, the first is "background".
        channels: channels of the input.
        label_offset: logits before the first named class; None: 1 of 1001 classes, else 0.

    Returns:
        The model; taps `block0` (the first convolution), `block1` to `block17`, `features`, `logits`.

    Reference: Sandler et al., 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks".

    Example:
        >>> mobilenet_v2(classes=965).label_offset
        0
    """
    blocks = [
        (Inverted, _eights(outputs * width), stride if i == 0 else 1, expansion)
        for expansion, outputs, repetitions, stride in V2
        for i in range(repetitions)
    ]
    last = _eights(1280 * max(1.0, width))  # a smaller multiplier does not shrink the last layer
    return _mobilenet(_eights(32 * width), blocks, last, size, classes, channels, label_offset)


def _mobilenet(stem, blocks, last, size, classes, channels, label_offset) -> Model:
    init, apply = pure(functools.partial(MobileNet, stem, blocks, last, channels, classes), size, channels)
    taps = (*(f"block{i}" for i in range(len(blocks) + 1)), "features", "logits")
    # 1001 classes: ImageNet's and "background" before them
    offset = int(classes == 1001) if label_offset is None else label_offset
    return Model(init, apply, taps, size, channels, classes, "features", signed_unit, label_offset=offset)


def _eights(channels: float) -> int:
    """The nearest multiple of 8 that is at most a tenth smaller than `channels` (TensorFlow's `make_divisible`)."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest
