r"""The words that a sentence about a decision should contain.

D_r  words of the channels that the decision rests on
D_I  words of the image's descriptions
D_c  words of the descriptions of all images of the class
z_w = relevance(w, D_r) + relevance(w, D_I) + relevance(w, D_c),  relevance(w, S) = -log(|S| / |D|) for w in S, else 0
"""

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Bool, Float, Int

from jxai.core.errors import require_positive, require_variant
from jxai.core.labels import checked, unless_outside
from jxai.language.associations import Associations

__all__ = ["class_words", "decision_words", "relevance", "relevance_vector", "relevance_vectors"]


def decision_words(
    relevant: Bool[ArrayLike, " f"],
    associations: Associations,
    *,
    own: Bool[ArrayLike, " d"] | None = None,
    variants: Bool[ArrayLike, "d d"] | None = None,
    spoken: Bool[ArrayLike, " d"] | None = None,
) -> Bool[Array, " d"]:
    """The words of the channels that a decision rests on, D_r.

    Args:
        relevant: `[F]`, the channels (`decision_features`, `flatten`).
        associations: the words of the channels.
        own: `[D]`, the only words to use: the content words of the image's descriptions, as in the released program.
            None, the paper: all.
        variants: `[D, D]`, row w the other forms of w (`variant_matrix`). The variants of a word are added if they
            are in `spoken`.
        spoken: `[D]`, all words of the image's descriptions.

    Returns:
        Booleans `[D]`.

    Raises:
        ValueError: `variants` without `spoken` or the reverse, or another number of channels.

    Example:
        >>> import jax.numpy as jnp
        >>> words = Associations(jnp.array([2, 0, 1]), jnp.ones(3), jnp.ones(3), jnp.ones((3, 4)))
        >>> decision_words(jnp.array([True, True, False]), words).tolist()
        [False, False, True, False]
    """
    relevant = jnp.asarray(relevant, bool)
    if relevant.shape != associations.word.shape:
        raise ValueError(
            f"the associations are of {len(associations.word)} channels, relevant has shape {relevant.shape}: flatten "
            f"the same layers in the same order, and map over images with jax.vmap."
        )
    if (variants is None) != (spoken is None):
        raise ValueError("variants are restricted to the words in spoken: give both, or none.")
    # Token 0 means "no word". Products of 0 and 1 instead of scatters: they work under vmap at no cost
    one_hot = jax.nn.one_hot(associations.word, associations.table.shape[1], dtype=jnp.float32).at[:, 0].set(0.0)
    words = jnp.asarray(relevant, jnp.float32) @ one_hot > 0
    if own is not None:
        words = words & jnp.asarray(own, bool)
    if variants is not None and spoken is not None:
        forms = jnp.asarray(words, jnp.float32) @ jnp.asarray(variants, jnp.float32) > 0
        words = words | (forms & jnp.asarray(spoken, bool))
    return words


def relevance(words: Bool[ArrayLike, "*n d"], *, epsilon: float = 0.0) -> Float[Array, "*n d"]:
    """The relevance of the words of a set: `-log((|S| + epsilon) / |D|)` in S, 0 outside.

    All words of a set have the same relevance; words of a small set have a large one.

    Args:
        words: `[..., D]`, the words in S.
        epsilon: added to the size of S; the released program adds 1e-5 for D_r.

    Returns:
        `[..., D]`, nats.

    Example:
        >>> import jax.numpy as jnp
        >>> [round(float(nats), 4) for nats in relevance(jnp.array([True, False]))]
        [0.6931, 0.0]
    """
    words = jnp.asarray(words, bool)
    # At least 1: no log of 0 for an empty set, which has no words anyway
    size = jnp.maximum(words.sum(-1, keepdims=True), 1).astype(float)
    nats = -jnp.log((size + epsilon) / words.shape[-1])
    return jnp.where(words, nats, jnp.zeros_like(nats))


def class_words(image: Bool[ArrayLike, "n d"], labels: Int[ArrayLike, " n"], classes: int) -> Bool[Array, "c d"]:
    """The words of the descriptions of each class, D_c.

    Args:
        image: `[n, D]`, the words of each image's descriptions.
        labels: `[n]`, the classes.
        classes: number of classes.

    Returns:
        Booleans `[classes, D]`; all False for a class without images. A traced label out of range belongs to no class.

    Raises:
        ValueError: a label out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> class_words(jnp.array([[True, False], [False, True]]), jnp.array([1, 1]), 2).tolist()
        [[False, False], [True, True]]
    """
    require_positive(classes=classes)
    labels = checked(labels, classes, ndim=1, name="labels", from_end=False)
    one_hot = jax.nn.one_hot(labels, classes, dtype=jnp.float32)
    return one_hot.T @ jnp.asarray(image, jnp.float32) > 0


def relevance_vector(
    decision: Bool[ArrayLike, "*n d"],
    image: Bool[ArrayLike, "*n d"],
    of_class: Bool[ArrayLike, "*n d"],
    *,
    variant: str = "paper",
    normalise: bool = True,
) -> Float[Array, "*n d"]:
    """The reward z of each word of one image (or of several: leading axes stay).

    Args:
        decision: `[D]`, D_r (`decision_words`).
        image: `[D]`, D_I.
        of_class: `[D]`, D_c (`class_words`).
        variant: "paper", or "released": 1e-5 is added to the size of D_r.
        normalise: stretch z to 0..1, as in the released program: the weight of the reward then means the same for
            images with many words and with few. If all words have the same z, it is 0.

    Returns:
        `[D]`.

    Reference:
        Wickramanayake, Hsu and Lee 2019 (FLEX), "Describe Decision-Relevant Features".

    Example:
        >>> import jax.numpy as jnp
        >>> sets = jnp.array([[0, 1, 0], [0, 1, 1], [1, 1, 1]], bool)
        >>> [round(float(z), 2) for z in relevance_vector(*sets)]
        [0.0, 1.0, 0.27]
    """
    epsilon = 1e-5 if require_variant(variant) else 0.0
    z = relevance(decision, epsilon=epsilon) + relevance(image) + relevance(of_class)
    if not normalise:
        return z
    low, high = z.min(-1, keepdims=True), z.max(-1, keepdims=True)
    span = high - low
    return (z - low) / jnp.where(span > 0, span, jnp.ones_like(span))


def relevance_vectors(
    decision: Bool[ArrayLike, "n d"],
    image: Bool[ArrayLike, "n d"],
    labels: Int[ArrayLike, " n"],
    classes: int,
    *,
    variant: str = "paper",
    normalise: bool = True,
) -> Float[Array, "n d"]:
    """`relevance_vector` of a whole set; the words of a class are those of its images.

    Args:
        decision: `[n, D]`, D_r of each image.
        image: `[n, D]`, D_I.
        labels: `[n]`, the true classes.
        classes: number of classes.
        variant: as for `relevance_vector`.
        normalise: as for `relevance_vector`.

    Returns:
        `[n, D]`; NaN where a traced label is out of range.

    Raises:
        ValueError: the shapes do not fit, an unknown variant, or a label out of range.
    """
    decision, image, labels = (jnp.asarray(a) for a in (decision, image, labels))
    if decision.shape != image.shape or image.ndim != 2 or labels.shape != image.shape[:1]:
        raise ValueError(
            f"decision and image are [n, D], labels [n]; {decision.shape}, {image.shape}, {labels.shape} came."
        )
    of_class = class_words(image, labels, classes)[labels]
    vectors = relevance_vector(decision, image, of_class, variant=variant, normalise=normalise)
    return unless_outside(vectors, labels, classes, from_end=False)
