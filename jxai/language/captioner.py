"""The type of captioning models: pure functions of one image, in one NamedTuple."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

__all__ = ["START", "UNKNOWN", "Captioner", "teacher_forced", "words_before"]

# START is 0 and is the padding too, so that `tokens != START` is the mask of a sentence
START, UNKNOWN = 0, 1
"""Tokens: the start of a sentence, also its padding; a word outside the vocabulary."""


class Captioner(NamedTuple):
    """A model that describes one image word by word.

    All functions take one image; for a batch use `jax.vmap`. `image` is a pytree of arrays about one image; the
    documentation of each model lists them.

    Attributes:
        init: `init(key) -> params`, nested dicts of float32 arrays.
        start: `start(params, image) -> carry`, before the first word.
        step: `step(params, carry, token, key=None) -> (carry, logits [words])`: from the word before (at first `START`)
            to the scores of the next one; with a key dropout is on.
        words: size of the vocabulary.
        forced: `forced(params, image, tokens, key=None) -> logits [t, words]`: the result of `teacher_forced`, dropout
            included, if the model can compute it faster than word by word; else None.
    """

    init: Callable[[PRNGKeyArray], Any]
    start: Callable[[Any, Any], Any]
    step: Callable[..., tuple[Any, Float[Array, " words"]]]
    words: int
    forced: Callable[..., Float[Array, "t words"]] | None = None


def words_before(tokens: Int[Array, " t"]) -> Int[Array, " t"]:
    """The word before each word of a sentence; before the first, `START`.

    Example:
        >>> words_before(jnp.asarray([5, 2, 0])).tolist()
        [0, 5, 2]
    """
    return jnp.concatenate([jnp.full_like(tokens[:1], START), tokens[:-1]])


def teacher_forced(
    captioner: Captioner, params: Any, image: Any, tokens: Int[Array, " t"], *, key: PRNGKeyArray | None = None
) -> Float[Array, "t words"]:
    """The scores of each next word of a given sentence (teacher forcing).

    Args:
        captioner: the model.
        params: its parameters.
        image: the arrays of one image.
        tokens: the sentence, `[t]`; the scores at position i depend on the tokens before i.
        key: for dropout; None: no dropout.

    Returns:
        Logits, `[t, words]`: `log_softmax(logits)[i, tokens[i]]` is log P(w_i | w_<i, image).

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params[token])
        >>> bigrams = Captioner(lambda key: jnp.eye(3), lambda params, image: (), step, 3)
        >>> teacher_forced(bigrams, jnp.eye(3), None, jnp.asarray([2, 1])).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if captioner.forced is not None:
        return captioner.forced(params, image, tokens, key)
    # A key for each word, as a model's own `forced` must split it: both have the same dropout
    keys = None if key is None else jax.random.split(key, len(tokens))
    begin = captioner.start(params, image)
    return jax.lax.scan(lambda carry, at: captioner.step(params, carry, *at), begin, (words_before(tokens), keys))[1]
