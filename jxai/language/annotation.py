"""Where in the image the words of a decision's channels are: heat maps with words, and labelled points."""

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
    """A place for each of several words.

    Attributes:
        place: `[P, 2]`, (x, y) in pixels of the image, the origin at its top left corner.
        strength: `[P]`, `alpha_k A_k` at the place, in units of the score; 0: no channel of the word is active.
        channel: `[P]`, whose map it is, a number 0 to F - 1 in the order of `flatten`.
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
        threshold: values below this share of their own map's maximum become 0, and negative ones; 0..1.

    Returns:
        `[K, H, W]`, at least 0, in units of the score. A channel that speaks against the class has an empty map.

    Raises:
        ValueError: the shapes do not fit, or the threshold is outside 0..1.

    Reference:
        Wickramanayake, Hsu and Lee 2019 (FLEX), "Annotate Decision Relevant Features", which leaves the threshold
        open.

    Example:
        >>> import jax.numpy as jnp
        >>> word_maps(jnp.array([[[1.0], [3.0], [2.0]]]), jnp.array([2.0])).tolist()
        [[[0.0, 6.0, 4.0]]]
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is a share in 0..1 of a map's maximum; {threshold} came.")
    heat = jax.nn.relu(_weighted(values, alpha))
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
    """For each part of an object the place where the strongest heat map of its words is strongest.

    Args:
        values: of each layer, `[h, w, K]`.
        alpha: of each layer, `[K]`.
        associations: the words of the channels of these layers.
        named: `[P, D]`, which words name the part ("beak" and "bill").
        size: height and width of the image in pixels.
        important: of each layer, `[K]`, only these channels; None: all.
        layers: in which order the associations were made (`flatten`).

    Returns:
        The places: the middle of the cell of the layer, in pixels of the image.

    Raises:
        ValueError: the number of channels or of words is not the associations'.

    Example:
        >>> import jax.numpy as jnp
        >>> found = Associations(jnp.array([1]), jnp.ones(1), jnp.ones(1), jnp.ones((1, 2)))
        >>> a = {"last": jnp.zeros((2, 2, 1)).at[0, 1].set(3.0)}
        >>> annotate(a, {"last": jnp.ones(1)}, found, jnp.array([[False, True]]), size=(8, 8)).place.tolist()
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
    carries = jnp.take(named.at[:, 0].set(False), associations.word, axis=1)
    of_part = jnp.where(carries, strength[None], jnp.zeros_like(strength)[None])
    best = of_part.argmax(1)
    return Points(places[best], of_part.max(1), best)


def _weighted(values: ArrayLike, alpha: ArrayLike) -> Array:
    values, alpha = jnp.asarray(values), jnp.asarray(alpha)
    if values.ndim != 3 or values.shape[-1:] != alpha.shape:
        raise ValueError(
            f"a layer of an image is [h, w, K], alpha [K]; {values.shape}, {alpha.shape} came: layers without space "
            f"have no heat maps, and images go through jax.vmap."
        )
    return values.astype(alpha.dtype) * alpha[None, None]


def _peaks(values: ArrayLike, alpha: ArrayLike, size: tuple[int, int]) -> tuple[Array, Array]:
    """Of each channel the place (x, y) `[2, K]` where `alpha A` is largest, and how large it is there, at least 0."""
    heat = _weighted(values, alpha)
    h, w, _ = heat.shape
    flat = heat.reshape(h * w, -1)
    at = flat.argmax(0)
    y, x = ((where.astype(heat.dtype) + 0.5) * (side / cells) for where, side, cells in _both(at, (h, w), size))
    return jnp.stack([x, y]), jax.nn.relu(flat.max(0))


def _both(at: Array, cells: tuple[int, int], size: tuple[int, int]) -> list[tuple[Array, int, int]]:
    return [(at // cells[1], size[0], cells[0]), (at % cells[1], size[1], cells[1])]
