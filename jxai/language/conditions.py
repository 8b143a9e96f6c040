"""Parts of FLEX, GVE and MME besides their decoder: from a module to the captioner, and the vector of a class."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float

from jxai.core.labels import checked, unless_outside
from jxai.language.captioner import Captioner, words_before
from jxai.models.modules import pure_module

__all__ = ["Sizes", "class_vector", "conditional_captioner", "require_field", "require_share"]

Sizes = tuple[int, int, int, float, bool]
"""Options of a FLEX decoder: channels of a word, of the embedded condition, of the LSTMs; dropout; projection."""


def conditional_captioner(build: Callable[[nnx.Rngs], Any], words: int) -> Captioner:
    """The captioner of a module that maps an image to one vector and decodes a sentence from it.

    Args:
        build: makes the module from its random streams; it has `condition(image) -> [c]` and `decoder`, the
            `jxai.language.flex.Flex` that takes this vector.
        words: size of the vocabulary.
    """
    init, bind = pure_module(build)

    def start(params, image):
        module = bind(params)
        return module.decoder.start(module.condition(image))

    def step(params, carry, token, key=None):
        return bind(params).decoder.step(carry, token, key)

    def forced(params, image, tokens, key=None):
        module = bind(params)
        return module.decoder.forced(module.condition(image), words_before(tokens), key)

    return Captioner(init, start, step, words, forced)


def class_vector(table: Float[Array, "classes d"], label: Any) -> Float[Array, " d"]:
    """The vector of a class: a row of the table for a number, the weighted sum of rows for weights `[classes]`.

    Raises:
        ValueError: the label is neither the number of a class (a traced one gives NaN) nor weights of all classes.

    Example:
        >>> table = jnp.asarray([[0.0, 1.0], [2.0, 3.0]])
        >>> class_vector(table, 1).tolist(), class_vector(table, jnp.asarray([0.5, 0.5])).tolist()
        ([2.0, 3.0], [1.0, 2.0])
    """
    classes, shape, kind = len(table), jnp.shape(label), jnp.asarray(label).dtype
    # Weights are for a class without an embedding (held out): a mixture by the classifier's probabilities
    if shape == (classes,) and jnp.issubdtype(kind, jnp.floating):
        return jnp.asarray(label).astype(table.dtype) @ table
    if shape or not jnp.issubdtype(kind, jnp.integer):
        raise ValueError(
            f"label must be the number of one class, 0..{classes - 1}, or weights of all, [{classes}]; {kind} of shape "
            f"{shape} came. Use jax.vmap for a batch."
        )
    label = checked(label, classes, from_end=False)
    return unless_outside(table[label], label, classes, from_end=False)


def require_field(image: Any, name: str, who: str, shape: tuple[int | str, ...] | None = None) -> Any:
    """Returns an array of the image; raises `ValueError` where it is missing or has another shape.

    Args:
        image: the arrays of one image.
        name: of the array.
        who: the caller, for the message.
        shape: the required shape; a letter means any length. None: any shape.
    """
    if not isinstance(image, dict) or name not in image:
        came = sorted(image) if isinstance(image, dict) else type(image).__name__
        raise ValueError(f"{who} needs an image with {name!r}; {came} came.")
    came = jnp.shape(image[name])
    if shape is None:
        return image[name]
    if len(came) != len(shape) or any(n != m for n, m in zip(came, shape, strict=True) if isinstance(m, int)):
        sizes = ", ".join(map(str, shape))
        raise ValueError(f"{who} needs image[{name!r}] of shape [{sizes}]; {came} came. Use jax.vmap for a batch.")
    return jnp.asarray(image[name])


def require_share(dropout: float) -> float:
    """Returns the dropout rate; raises `ValueError` outside 0..1, 1 excluded."""
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must lie in 0..1, 1 left out; dropout={dropout} came.")
    return dropout
