"""SqueezeNet 1.0."""

import functools

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from jxai.core.taps import tap
from jxai.models.layers import conv, pointwise
from jxai.models.model import Model, imagenet_standard, pure
from jxai.models.pooling import global_mean, max_pool

__all__ = ["squeezenet", "squeezenet1_0"]

WIDTHS = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
POOLED = (0, 3, 7)  # blocks followed by a max pool
MEAN_BGR = (104.0, 117.0, 123.0)


class Fire(nnx.Module):
    """Squeezes the channels by a 1x1 convolution, then expands them by a 1x1 and a 3x3 side by side."""

    def __init__(self, inputs: int, squeeze: int, expand: int, rngs: nnx.Rngs):
        self.squeeze = pointwise(inputs, squeeze, rngs=rngs)
        self.expand1 = pointwise(squeeze, expand, rngs=rngs)
        self.expand3 = conv(squeeze, expand, 3, rngs=rngs)

    def __call__(self, x):
        """Maps `[h, w, inputs]` to `[h, w, 2 expand]`."""
        x = jax.nn.relu(self.squeeze(x))
        return jax.nn.relu(jnp.concatenate([self.expand1(x), self.expand3(x)], -1))


class SqueezeNet(nnx.Module):
    """A 7x7 convolution with stride 2, eight fire blocks, a 1x1 convolution to the classes, global mean."""

    def __init__(self, channels: int, classes: int, padding: int, rngs: nnx.Rngs):
        self.block0 = conv(channels, 96, 7, stride=2, padding="VALID", rngs=rngs)
        width = 96
        for i, (squeeze, expand) in enumerate(WIDTHS, 1):
            setattr(self, f"block{i}", Fire(width, squeeze, expand, rngs=rngs))
            width = 2 * expand
        self.classify = pointwise(width, classes, rngs=rngs)
        self.padding = padding

    def __call__(self, x):
        """Maps an image `[h, w, c]` to logits `[k]`."""
        for i in range(len(WIDTHS) + 1):
            x = getattr(self, f"block{i}")(x)
            # A fire block ends with its own ReLU
            x = tap(x if i else jax.nn.relu(x), f"block{i}")
            if i in POOLED:
                x = max_pool(x, window=3, stride=2, ceil=True)  # as Caffe pools; torchvision's weights expect it too
        x = tap(x, "features")
        edge = (self.padding, self.padding)
        x = jnp.pad(x, (edge, edge, (0, 0)))
        return tap(global_mean(tap(jax.nn.relu(self.classify(x)), "class_maps")), "logits")


def _caffe(image: Float[Array, "h w 3"]) -> Float[Array, "h w 3"]:
    """RGB in 0..1 to BGR in 0..255 minus the mean colour."""
    # Caffe subtracts a colour and does not divide by a deviation
    return image[..., ::-1] * 255 - jnp.asarray(MEAN_BGR, image.dtype).reshape(1, 1, 3)


def squeezenet(*, size: int = 227, classes: int = 1000, channels: int = 3) -> Model:
    """SqueezeNet 1.0 as released for Caffe: BGR input, ceil-mode max pools, padded class maps.

    Args:
        size: side of the input in pixels.
        classes: number of logits.
        channels: channels of the input.

    Returns:
        The model; taps `block0` (the first convolution), `block1` to `block8` (the fire blocks), `features`
        (the last of them), `class_maps` (`[h, w, classes]`; the logits are their mean), `logits`.

    Reference: Iandola et al., 2016, "SqueezeNet".

    Example:
        >>> squeezenet().preprocess(jax.numpy.ones((1, 1, 3))).tolist()
        [[[151.0, 138.0, 132.0]]]
    """
    # Caffe's release pads its last 1x1 convolution, so its border sees the bias alone; torchvision's does not
    return _squeezenet(size, classes, channels, 1)._replace(preprocess=_caffe, crop=1.0, resample="bicubic")


def squeezenet1_0(*, size: int = 224, classes: int = 1000, channels: int = 3) -> Model:
    """SqueezeNet 1.0 as in torchvision: RGB input minus ImageNet's mean, class maps without padding.

    Args and taps are those of `squeezenet`.

    Example:
        >>> squeezenet1_0(classes=5).taps[-2:]
        ('class_maps', 'logits')
    """
    return _squeezenet(size, classes, channels, 0)


def _squeezenet(size: int, classes: int, channels: int, padding: int) -> Model:
    init, apply = pure(functools.partial(SqueezeNet, channels, classes, padding), size, channels)
    taps = (*(f"block{i}" for i in range(len(WIDTHS) + 1)), "features", "class_maps", "logits")
    return Model(init, apply, taps, size, channels, classes, "features", imagenet_standard)
