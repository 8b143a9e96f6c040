"""Random changes of a training image that leave its class alone: mirror, shift, brightness, contrast."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["augment"]


def augment(
    key: Array,
    image: Float[Array, "h w c"],
    *,
    flip: bool = True,
    shift: int = 0,
    brightness: float = 0.0,
    contrast: float = 0.0,
) -> Float[Array, "h w c"]:
    """A randomly changed copy of one image; the same key gives the same copy.

    Args:
        key: random key of this image in this step.
        image: values in 0..1.
        flip: mirror left and right in half of the cases.
        shift: move by up to so many pixels up or down and left or right; the border is repeated.
        brightness: add a number in -brightness..brightness.
        contrast: scale the distance to the image's mean by a number in 1-contrast..1+contrast.

    Returns:
        The image, shape and dtype as before, values cut to 0..1.

    Example:
        >>> augment(jax.random.key(0), jnp.full((4, 4, 3), 0.5), shift=1).shape
        (4, 4, 3)
    """
    turn, move, light, spread = jax.random.split(key, 4)
    if flip:
        image = jnp.where(jax.random.bernoulli(turn), image[:, ::-1], image)
    if shift:
        image = _shifted(move, image, shift)
    if contrast:
        factor = 1 + contrast * jax.random.uniform(spread, dtype=image.dtype, minval=-1)
        middle = image.mean()
        image = (image - middle) * factor + middle
    if brightness:
        image = image + brightness * jax.random.uniform(light, dtype=image.dtype, minval=-1)
    return image.clip(0, 1) if brightness or contrast else image


def _shifted(key: Array, image: Float[Array, "h w c"], shift: int) -> Float[Array, "h w c"]:
    down, right = jax.random.randint(key, (2,), -shift, shift + 1)
    rows = (jnp.arange(image.shape[0]) + down).clip(0, image.shape[0] - 1)
    columns = (jnp.arange(image.shape[1]) + right).clip(0, image.shape[1] - 1)
    return image[rows][:, columns]
