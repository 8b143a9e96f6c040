"""Positions of the words of a decision's channels in the image: heat maps of words, and labelled points."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Bool, Float, Int

from jxai.language.associations import Associations, flatten
from jxai.signal.filters import resize

__all__ = ["Points", "annotate", "word_maps"]


class Points(NamedTuple):
    """A position for each of several words.

    Attributes:
        place: `[P, 2]`, (x, y) in pixels of the image, the origin at its top left corner.
        strength: `[P]`, `alpha_k A_k` at that position, in units of the score; 0 if no channel of the word is active.
        channel: `[P]`, the channel of the map, 0 to F - 1 in the order of `flatten`.
    """

    place: Float[Array, "p 2"]
    strength: Float[Array, " p"]
    channel: Int[Array, " p"]


def word_maps(
    values: Float[ArrayLike, "h w k"],
    alpha: Float[ArrayLike, " k"],
    *,
    size: tuple[int, int] | None = None,
    threshold: float = 0.5,
) -> Float[Array, "k H W"]:
    """The heat map of each channel of a layer: `alpha_k A_k`, small values suppressed, resized to the image.

    Args:
        values: `[h, w, K]`, the layer's values (`jxai.reap`).
        alpha: `[K]`, the weights of the channels (`decision_features`).
        size: height and width of the result; None: those of the layer.
        threshold: 0..1; values below this share of their own map's maximum become 0, and so do negative ones.

    Returns:
        `[K, H, W]`, at least 0, in units of the score. The map of a channel against the class is empty.

    Raises:
        ValueError: the shapes do not fit, or the threshold is outside 0..1.

    Reference:
        Wickramanayake, Hsu and Lee 2019 (FLEX), "Annotate Decision Relevant Features". The paper does not state the
        threshold.

    Example:
        >>> import jax.numpy as jnp
        >>> word_maps(jnp.array([[[1.0], [3.0], [2.0]]]), jnp.array([2.0])).tolist()
        [[[0.0, 6.0, 4.0]]]
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is a share in 0..1 of a map's maximum; {threshold} came.")
    heat = jax.nn.relu(_heat(values, alpha))
    # >=: with a threshold of 1 the maximum itself stays
    limit = jnp.asarray(threshold, heat.dtype) * heat.max((0, 1), keepdims=True)
    heat = jnp.moveaxis(jnp.where(heat >= limit, heat, jnp.zeros_like(heat)), -1, 0)
    return heat if size is None else jax.vmap(lambda one: resize(one, size))(heat)


def annotate(
    values: Mapping[str, Float[ArrayLike, "h w _k"]],
    alpha: Mapping[str, Float[ArrayLike, " _k"]],
    associations: Associations,
    named: Bool[ArrayLike, "p d"],
    *,
    size: tuple[int, int],
    important: Mapping[str, Bool[ArrayLike, " _k"]] | None = None,
    layers: Sequence[str] | None = None,
) -> Points:
    """For each part of an object the maximum of the strongest heat map of its words.

    Args:
        values: of each layer, `[h, w, K]`.
        alpha: of each layer, `[K]`.
        associations: the words of the channels of these layers.
        named: `[P, D]`, the words that name each part ("beak" and "bill").
        size: height and width of the image in pixels.
        important: for each layer, `[K]`, the only channels to use; None: all.
        layers: their order in the associations (`flatten`).

    Returns:
        The points: middles of cells of a layer, in pixels of the image.

    Raises:
        ValueError: the number of channels or of words differs from the associations'.

    Example:
        >>> import jax.numpy as jnp
        >>> words = Associations(jnp.array([1]), jnp.ones(1), jnp.ones(1), jnp.ones((1, 2)))
        >>> a = {"last": jnp.zeros((2, 2, 1)).at[0, 1].set(3.0)}
        >>> annotate(a, {"last": jnp.ones(1)}, words, jnp.array([[False, True]]), size=(8, 8)).place.tolist()
        [[6.0, 2.0]]
    """
    named = jnp.asarray(named, bool)
    peaks = {name: _peaks(values[name], alpha[name], size) for name in values}
    places = jnp.swapaxes(flatten({name: place for name, (place, _) in peaks.items()}, layers), 0, 1)
    strength = flatten({name: strength for name, (_, strength) in peaks.items()}, layers)
    if strength.shape != associations.word.shape or named.shape[1:] != associations.table.shape[1:]:
        raise ValueError(
            f"the associations are of {associations.table.shape} channels and words; {strength.shape[0]} channels and "
            f"named {named.shape} came: give the same layers, and named as [parts, words]."
        )
    if important is not None:
        strength = jnp.where(flatten(important, layers), strength, jnp.zeros_like(strength))
    # Token 0 means "no word": a channel without a word belongs to no part
    has_word = jnp.take(named.at[:, 0].set(False), associations.word, axis=1)
    of_part = jnp.where(has_word, strength[None], jnp.zeros_like(strength)[None])
    best = of_part.argmax(1)
    return Points(places[best], of_part.max(1), best)


def _heat(values: ArrayLike, alpha: ArrayLike) -> Array:
    values, alpha = jnp.asarray(values), jnp.asarray(alpha)
    if values.ndim != 3 or values.shape[-1:] != alpha.shape:
        raise ValueError(
            f"a layer of an image is [h, w, K], alpha [K]; {values.shape}, {alpha.shape} came: layers without space "
            f"have no heat maps; use jax.vmap for a batch."
        )
    return values.astype(alpha.dtype) * alpha[None, None]


def _peaks(values: ArrayLike, alpha: ArrayLike, size: tuple[int, int]) -> tuple[Array, Array]:
    """For each channel the position (x, y) `[2, K]` of the maximum of `alpha A`, and the maximum, at least 0."""
    heat = _heat(values, alpha)
    h, w, _ = heat.shape
    flat = heat.reshape(h * w, -1)
    at = flat.argmax(0)
    # + 0.5: middles of cells, as everywhere pixels are areas
    y, x = ((index.astype(heat.dtype) + 0.5) * (side / cells) for index, side, cells in _by_axis(at, (h, w), size))
    return jnp.stack([x, y]), jax.nn.relu(flat.max(0))


def _by_axis(at: Array, cells: tuple[int, int], size: tuple[int, int]) -> list[tuple[Array, int, int]]:
    return [(at // cells[1], size[0], cells[0]), (at % cells[1], size[1], cells[1])]
