"""Does the map lie on the object? Functions of a map and a mask; no score, no explainer.

A map (or a mask of numbers) that holds a NaN has no largest value: its measure is NaN.
"""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Shaped

from jxai.signal.maps import rank

__all__ = ["pointing_game", "relevance_mass", "relevance_rank"]


def pointing_game(attribution: Float[Array, "*space"], mask: Shaped[Array, "*space"]) -> Float[Array, ""]:
    """Whether the largest value lies inside the mask: 1 or 0; the first of equals counts.

    Args:
        attribution: map `[*space]`.
        mask: `[*space]`, true or above 0 on the object.

    Returns:
        0 or 1; NaN where the map or the mask holds a NaN.

    Raises:
        ValueError: the shapes differ, or the map is empty.

    Reference:
        Zhang et al. 2018, "Top-down neural attention by excitation backprop" (without their tolerance of 15 pixels).

    Example:
        >>> import jax.numpy as jnp
        >>> float(pointing_game(jnp.array([0.1, 0.9]), jnp.array([0, 1])))
        1.0
    """
    inside = _inside(attribution, mask)
    hit = inside.ravel()[jnp.argmax(attribution)].astype(attribution.dtype)
    return _or_nan(hit, attribution, mask)


def relevance_mass(attribution: Float[Array, "*space"], mask: Shaped[Array, "*space"]) -> Float[Array, ""]:
    """The share of the positive attribution that lies inside the mask, 0..1; 0 where nothing is positive.

    Arguments and errors as for `pointing_game`; NaN also where the positive attribution is infinite.

    Reference:
        Arras, Osman and Samek 2022, "CLEVR-XAI: a benchmark dataset for the ground truth evaluation of neural network
        explanations", relevance mass accuracy.

    Example:
        >>> import jax.numpy as jnp
        >>> float(relevance_mass(jnp.array([1.0, 3.0]), jnp.array([0, 1])))
        0.75
    """
    inside = _inside(attribution, mask)
    positive = jnp.maximum(attribution, 0)
    total = positive.sum()
    share = jnp.where(inside, positive, 0).sum() / jnp.where(total == 0, 1, total)  # 0 / 1 where nothing is positive
    return _or_nan(share, attribution, mask)


def relevance_rank(attribution: Float[Array, "*space"], mask: Shaped[Array, "*space"]) -> Float[Array, ""]:
    """Of as many largest values as the mask has places, the share inside the mask, 0..1; 0 for an empty mask.

    Of equal values the first count. Arguments and errors as for `pointing_game`.

    Reference:
        Arras, Osman and Samek 2022, relevance rank accuracy.

    Example:
        >>> import jax.numpy as jnp
        >>> float(relevance_rank(jnp.array([1.0, 3.0, 2.0]), jnp.array([1, 1, 0])))
        0.5
    """
    inside = _inside(attribution, mask)
    places = inside.sum()
    hits = (inside & (rank(attribution) < places)).sum()  # ranks from 0: exactly as many as the mask has places
    return _or_nan((hits / jnp.maximum(places, 1)).astype(attribution.dtype), attribution, mask)


def _inside(attribution: Float[Array, "*space"], mask: Shaped[Array, "*space"]) -> Bool[Array, "*space"]:
    if attribution.shape != mask.shape:
        raise ValueError(f"map and mask must have one shape; {attribution.shape} and {mask.shape} came.")
    if not attribution.size:
        raise ValueError(f"a map has at least one place; shape {attribution.shape} came.")
    return mask if mask.dtype == bool else mask > 0


def _or_nan(result: Array, attribution: Array, mask: Array) -> Array:
    is_nan = jnp.isnan(attribution).any() | jnp.isnan(mask).any()
    return jnp.where(is_nan, jnp.asarray(jnp.nan, result.dtype), result)
