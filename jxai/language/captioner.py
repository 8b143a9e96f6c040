"""What a model of sentences is: a few pure functions of one image, in one NamedTuple."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

__all__ = ["START", "UNKNOWN", "Captioner", "teacher_forced", "words_before"]

START, UNKNOWN = 0, 1
"""Tokens: what a sentence starts after and is padded with; a word that the vocabulary does not have."""


class Captioner(NamedTuple):
    """A model of sentences about one image, word after word.

    No function sees a batch: `jax.vmap` does. `image` is a pytree of arrays about one image; which ones, the model's
    own page says.

    Attributes:
        init: `init(key) -> params`, nested dicts of float32 arrays.
        start: `start(params, image) -> carry`, before the first word.
        step: `step(params, carry, token, key=None) -> (carry, logits [words])`: the word before (at first `START`) to
            the scores of the next one; with a key dropout is on.
        words: how many words the vocabulary has.
        forced: `forced(params, image, tokens, key=None) -> logits [t, words]`: what `teacher_forced` returns, where the
            model has a faster way to it than word after word; equal to it, dropout and all. None: there is none.
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
    """The scores of every next word where the sentence so far is the given one.

    Args:
        captioner: the model.
        params: its parameters.
        image: the arrays of one image.
        tokens: the sentence, `[t]`; the score at place i has seen the tokens before i.
        key: of the dropout; None: none.

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
    keys = None if key is None else jax.random.split(key, len(tokens))
    begin = captioner.start(params, image)
    return jax.lax.scan(lambda carry, at: captioner.step(params, carry, *at), begin, (words_before(tokens), keys))[1]
