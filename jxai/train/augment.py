"""Random changes of a training image that leave its class alone: mirror, shift, brightness, contrast."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

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
    turn, down, right, light, spread = jax.random.uniform(key, (5,), jnp.float32)  # one draw: quick to compile
    if flip:
        image = jnp.where(turn < 0.5, image[:, ::-1], image)
    if shift:
        image = _shift(image, _whole(down, shift), _whole(right, shift))
    if contrast:
        factor = 1 + contrast * (2 * spread - 1).astype(image.dtype)
        middle = image.mean()
        image = (image - middle) * factor + middle
    if brightness:
        image = image + brightness * (2 * light - 1).astype(image.dtype)
    return image.clip(0, 1) if brightness or contrast else image  # a flip or shift stays in 0..1


def _whole(uniform: Float[Array, ""], most: int) -> Int[Array, ""]:
    """A number in 0..1 as a whole number in -most..most, all equally likely."""
    return jnp.floor(uniform * (2 * most + 1)).astype(jnp.int32) - most


def _shift(image: Float[Array, "h w c"], down: Int[Array, ""], right: Int[Array, ""]) -> Float[Array, "h w c"]:
    height, width, _ = image.shape
    rows = (jnp.arange(height, dtype=jnp.int32) + down).clip(0, height - 1)
    columns = (jnp.arange(width, dtype=jnp.int32) + right).clip(0, width - 1)
    return image[rows][:, columns]
