"""The type of image models: pure functions, and the facts that explainers need, in one NamedTuple."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from jxai.models.modules import pure_module

__all__ = ["Model", "Params", "imagenet_standard", "pure", "signed_unit"]

Params = Any  # a nested dict of arrays

# Per channel (red, green, blue) over ImageNet's training photographs, in 0..1.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Model(NamedTuple):
    """A classifier as pure functions of one example.

    `init` and `apply` take one example; for a batch use `jax.vmap(model.apply, in_axes=(None, 0))`.

    Attributes:
        init: `init(key) -> params`, a nested dict of float32 arrays.
        apply: `apply(params, x) -> logits [classes]`, x of `[size, size, channels]` as `preprocess` returns it.
            x is cast to the dtype of the parameters: cast these to compute in bfloat16 or float64.
        taps: names of the intermediates, in the order of the forward pass.
        size: side of the input in pixels.
        channels: channels of the input.
        classes: number of logits.
        features: the default tap of CAM methods: a map `[h, w, c]` late in the network.
        preprocess: `preprocess(image) -> x`, from RGB in 0..1 to what `apply` takes.
        crop: side of the centre crop as a fraction of the photograph's short side.
        resample: "bicubic" or "bilinear": how photographs were resized in training.
        label_offset: logits before the first named class (1 where logit 0 is "background").
    """

    init: Callable[[PRNGKeyArray], Params]
    apply: Callable[[Params, Float[Array, "h w c"]], Float[Array, " k"]]
    taps: tuple[str, ...]
    size: int
    channels: int
    classes: int
    features: str
    preprocess: Callable[[Float[Array, "h w c"]], Float[Array, "h w c"]]
    crop: float = 0.875
    resample: str = "bilinear"
    label_offset: int = 0


def signed_unit(image: Float[Array, "h w c"]) -> Float[Array, "h w c"]:
    """The preprocessing of most models: 0..1 to -1..1, `2 image - 1`."""
    return image * 2 - 1


def imagenet_standard(image: Float[Array, "h w 3"]) -> Float[Array, "h w 3"]:
    """The preprocessing of torchvision's models: minus ImageNet's mean colour, over its standard deviation.

    Example:
        >>> imagenet_standard(jnp.asarray(MEAN).reshape(1, 1, 3)).tolist()
        [[[0.0, 0.0, 0.0]]]
    """
    mean, deviation = (jnp.asarray(colour, image.dtype).reshape(1, 1, 3) for colour in (MEAN, DEVIATION))
    return (image - mean) / deviation


def pure(
    build: Callable[[nnx.Rngs], nnx.Module], size: int, channels: int
) -> tuple[Callable[[PRNGKeyArray], Params], Callable[[Params, Float[Array, "h w c"]], Float[Array, " k"]]]:
    """Turns a Flax NNX module into `(init, apply)`.

    Args:
        build: makes the module from its random streams.
        size: required side of the input.
        channels: required channels of the input.

    Returns:
        `init(key) -> params` and `apply(params, x) -> output`, both pure; parameters are a plain nested dict.
    """
    init, bind = pure_module(build)

    def apply(params, x):
        _check_input(x, (size, size, channels))
        dtype = jax.tree.leaves(params)[0].dtype
        return bind(params)(jnp.asarray(x).astype(dtype))

    return init, apply


def _check_input(x, expected: tuple[int, ...]) -> None:
    shape = jnp.shape(x)
    if shape == expected:
        return
    remedy = "resize and crop the image first, or build the model with another size="
    if len(shape) == 4:
        remedy = "a model takes one example: use jax.vmap(model.apply, in_axes=(None, 0)) for a batch"
    raise ValueError(f"the model takes one image of shape {expected}, channels last, not {shape}; {remedy}")
