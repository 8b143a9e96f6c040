"""Insight: does a sentence about a misclassified image name what the true and the predicted class have in common?

Features are words (`mentioned_terms` of the sentences; `class_terms` for what a class's descriptions say), or
attributes that a sentence's phrases state (`jxai.data.birds.stated_features`, which also says which classes have them).
Words are the weaker test: "black bill" is two of them, and a class with a black wing and a grey bill has both.
"""

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Bool, Int, Shaped

from jxai.core.labels import checked, unless_outside
from jxai.metrics.sentences.shares import Shares, shares

__all__ = ["class_terms", "insight"]

_UNNAMED = {"wrong": 0.0, "right": 1.0, "drop": jnp.nan}


def insight(
    said: Bool[ArrayLike, "n t"],
    truth: Int[ArrayLike, " n"],
    predicted: Int[ArrayLike, " n"],
    classes: Bool[ArrayLike, "c t"],
    *,
    unnamed: str = "wrong",
) -> Shares:
    """How many sentences about misclassified images give a correct insight, in percent.

    A sentence does where every feature that it names is one of both classes, the true and the predicted one. Images
    that are classified correctly do not count.

    Args:
        said: booleans `[n, t]`, which features the sentence of each image names.
        truth: integers `[n]`, the true classes.
        predicted: integers `[n]`, the predicted ones.
        classes: booleans `[c, t]`, which features a class has.
        unnamed: what a sentence counts that names no feature at all: "wrong", 0, as it gives no insight; "right", to
            the letter of the definition; "drop", nothing.

    Returns:
        The share of each image, 0 or 100, NaN where it does not count; their mean and its standard error.

    Raises:
        ValueError: shapes that do not fit, another `unnamed`, or a class out of range (a traced one: all is NaN).

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful linguistic explanations for neural net based model
        decisions", section "Insights into incorrect model decision"; how features were compared is not reported.

    Example:
        >>> import jax.numpy as jnp
        >>> classes = jnp.array([[True, True, False], [True, False, True]])
        >>> said = jnp.array([[True, False, False], [True, True, False], [True, False, False]])
        >>> insight(said, jnp.array([0, 0, 1]), jnp.array([1, 1, 1]), classes).each.tolist()
        [100.0, 0.0, nan]
    """
    said, truth, predicted, classes = (jnp.asarray(array) for array in (said, truth, predicted, classes))
    n, t = said.shape if said.ndim == 2 else (-1, -1)
    if truth.shape != (n,) or predicted.shape != (n,) or classes.ndim != 2 or classes.shape[1] != t:
        raise ValueError(
            f"insight: expected said [n, t], truth [n], predicted [n] and classes [c, t]; {said.shape}, {truth.shape}, "
            f"{predicted.shape} and {classes.shape} came."
        )
    if unnamed not in _UNNAMED:
        raise ValueError(f"insight: unnamed must be one of {list(_UNNAMED)}; {unnamed!r} came.")
    truth, predicted = (
        checked(labels, len(classes), ndim=1, name=name, from_end=False)
        for labels, name in ((truth, "truth"), (predicted, "predicted"))
    )
    said, classes = said.astype(bool), classes.astype(bool)
    right = (~said | (classes[truth] & classes[predicted])).all(1).astype(jnp.result_type(float))
    # an empty sentence names no wrong feature: `all` is true there
    right = jnp.where(said.any(1), right, _UNNAMED[unnamed])
    for labels in (truth, predicted):  # all of it: a NaN alone is an image that does not count
        right = unless_outside(right, labels, len(classes), from_end=False)
    return shares(jnp.where(truth == predicted, jnp.nan, right))


def class_terms(
    described: Shaped[ArrayLike, "n t"], labels: Int[ArrayLike, " n"], classes: int, *, least: float = 0.0
) -> Bool[Array, "classes t"]:
    """Which terms the descriptions of a class have: those of more than a share of its images.

    Args:
        described: booleans `[n, t]`, which terms the captions of an image say.
        labels: integers `[n]`, its class.
        classes: how many classes there are.
        least: a term belongs to a class where more than this share of its images says it; 0: any image does, FLEX's
            D_c, which for many captions a class holds nearly every common word.

    Returns:
        Booleans `[classes, t]`; a class without an image has none. A traced label out of range belongs to no class.

    Raises:
        ValueError: shapes that do not fit, or a share or a label out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> described = jnp.array([[True, False], [True, True], [False, True]])
        >>> class_terms(described, jnp.array([0, 0, 1]), 2).tolist()
        [[True, True], [False, True]]
        >>> class_terms(described, jnp.array([0, 0, 1]), 2, least=0.5).tolist()
        [[True, False], [False, True]]
    """
    described, labels = jnp.asarray(described), jnp.asarray(labels)
    if described.ndim != 2 or labels.shape != described.shape[:1]:
        raise ValueError(f"class_terms: expected [n, t] and labels [n]; {described.shape} and {labels.shape} came.")
    if not 0 <= least < 1:
        raise ValueError(f"class_terms: least must be from 0 to below 1; {least} came.")
    index = checked(labels, classes, ndim=1, name="labels", from_end=False)
    dtype = jnp.result_type(float)
    member = (jnp.arange(classes, dtype=index.dtype)[:, None] == index[None]).astype(dtype)
    return member @ described.astype(dtype) > least * member.sum(1)[:, None]
