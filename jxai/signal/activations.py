"""Functions of a layer's activations and the score's gradients there."""

import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["class_activation"]


def class_activation(values: Float[Array, "*space c"], gradients: Float[Array, "*space c"]) -> Float[Array, "*space"]:
    """Channels of a layer weighted by the score's mean gradient in each (Grad-CAM): `sum_c A_c mean(G_c)`.

    Args:
        values: [*space, c], a layer's activations.
        gradients: [*space, c], the score's derivative by them.

    Returns:
        Map [*space], signed, in units of the score.

    Example:
        >>> import jax.numpy as jnp
        >>> print(class_activation(jnp.array([[1.0], [3.0]]), jnp.array([[0.0], [2.0]])))
        [1. 3.]
    """
    # Raw and signed: Grad-CAM's ReLU is the caller's choice (`signal.maps.positive`)
    weights = gradients.mean(tuple(range(gradients.ndim - 1)))
    return (values * jnp.broadcast_to(weights, values.shape)).sum(-1)
