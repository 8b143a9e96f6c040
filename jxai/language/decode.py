"""Decoders of captioning models: greedy, sampling, beam search."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.errors import require_key, require_positive
from jxai.language.captioner import START, UNKNOWN, Captioner

__all__ = ["beam", "greedy", "mask_special_tokens", "sample"]

Decode = Callable[..., Int[Array, " length"]]


def greedy(captioner: Captioner, *, length: int, stop: int) -> Decode:
    """Greedy decoding: the likeliest next word at each step.

    `w_t = argmax P(w | w_<t, image)`, the decoder of FLEX's released code. It tends to repeat itself; a beam
    hardly does.

    Every decoder here returns whole sentences: words, the stop token, zeros. `START` and `UNKNOWN` never occur (their
    probability goes to the other words in proportion). A sentence without a stop before its last position ends there.

    Args:
        captioner: the model.
        length: largest number of tokens, the stop included.
        stop: the token that ends a sentence, usually of ".".

    Returns:
        `decode(params, image, key=None) -> tokens`, int32 `[length]`, of one image; `jax.vmap` for more.

    Raises:
        ValueError: if the length is not above zero, or the stop token is not in the vocabulary.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params[token])
        >>> follows = jnp.asarray([[0.0, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 9, 0]])
        >>> bigrams = Captioner(lambda key: follows, lambda params, image: (), step, 4)
        >>> greedy(bigrams, length=5, stop=2)(follows, None).tolist()
        [3, 2, 0, 0, 0]
    """
    _check(captioner, length, stop)

    def decode(params, image, key=None):
        del key
        return _generate(captioner, params, image, length, stop, lambda scores, at: scores.argmax())

    return decode


def sample(captioner: Captioner, *, length: int, stop: int, temperature: float = 1.0) -> Decode:
    """Sampling: a sentence drawn from the model word by word.

    `w_t ~ softmax(log P(. | w_<t, image) / temperature)`. Otherwise as `greedy`.

    Args:
        captioner: the model.
        length: largest number of tokens, the stop included.
        stop: the token that ends a sentence.
        temperature: 1 samples from the model; at 0 the limit is `greedy`.

    Returns:
        `decode(params, image, key) -> tokens`, int32 `[length]`.

    Raises:
        ValueError: as `greedy`; for a temperature that is not above zero; `MissingKey` without a key.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params)
        >>> unigrams = Captioner(lambda key: jnp.zeros(5), lambda params, image: (), step, 5)
        >>> tokens = sample(unigrams, length=4, stop=2)(jnp.zeros(5), None, jax.random.key(0))
        >>> tokens.shape, bool((tokens == 2).sum() == 1)
        ((4,), True)
    """
    _check(captioner, length, stop)
    require_positive(temperature=temperature)

    def decode(params, image, key=None):
        key = require_key(key, "sample")

        def draw(scores, at):
            tempered = scores / jnp.asarray(temperature, scores.dtype)
            return jax.random.categorical(jax.random.fold_in(key, at), tempered)

        return _generate(captioner, params, image, length, stop, draw)

    return decode


def _generate(captioner, params, image, length, stop, choose) -> Int[Array, " length"]:
    """The sentence of the words that `choose(scores, position)` returns."""

    def step(carry, at):
        inner, token, is_over = carry
        inner, logits = captioner.step(params, inner, token)
        word = choose(_scores(logits, at == length - 1, stop), at).astype(jnp.int32)
        word = jnp.where(is_over, jnp.full_like(word, START), word)  # START is also the padding
        return (inner, word, is_over | (word == stop)), word

    begin = captioner.start(params, image)
    token = _zeros_varying_like((params, begin), jnp.int32)
    return jax.lax.scan(step, (begin, token + START, token > 0), jnp.arange(length, dtype=jnp.int32))[1]


def beam(captioner: Captioner, *, length: int, stop: int, width: int = 5, length_penalty: float = 0.0) -> Decode:
    """Beam search for the likeliest sentence.

    It keeps the `width` best beginnings of sentences and extends each by every word; complete sentences compete with
    them. It maximises `sum_t log P(w_t | w_<t, image) / T^length_penalty` over sentences of T tokens with the stop.
    Otherwise as `greedy`, which is the beam of width 1 without penalty. If `width` is the number of all beginnings, the
    search is exhaustive.

    Args:
        captioner: the model.
        length: largest number of tokens, the stop included.
        stop: the token that ends a sentence.
        width: number of beginnings to keep.
        length_penalty: 0 compares likelihoods, which favour short sentences; 1 compares means per token.

    Returns:
        `decode(params, image, key=None) -> tokens`, int32 `[length]`.

    Raises:
        ValueError: as `greedy`; for a width that is not above zero, a penalty that is not finite or below zero.

    Example:
        >>> step = lambda params, carry, token, key=None: (carry, params[token])
        >>> follows = jnp.log(jnp.asarray([[0, 0, 0, 0.6, 0.4], [1] * 5, [1] * 5, [0, 0, 0.3, 0.4, 0.3],
        ...                                [0, 0, 1, 0, 0]]))
        >>> bigrams = Captioner(lambda key: follows, lambda params, image: (), step, 5)
        >>> greedy(bigrams, length=3, stop=2)(follows, None).tolist()  # 0.6 x 0.4
        [3, 3, 2]
        >>> beam(bigrams, length=3, stop=2, width=2)(follows, None).tolist()  # 0.4 x 1
        [4, 2, 0]
    """
    _check(captioner, length, stop)
    require_positive(width=width)
    if not 0 <= length_penalty < math.inf:
        raise ValueError(f"expected a length penalty of 0 or more, got {length_penalty}")

    def decode(params, image, key=None):
        del key
        begin = captioner.start(params, image)
        zero = _zeros_varying_like((params, begin), jnp.int32)
        none = jnp.zeros_like(zero, shape=(width,))
        first = jnp.arange(width) == 0
        carry = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (width, *leaf.shape)), begin)
        logits = jax.eval_shape(captioner.step, params, begin, zero)[1]
        likely = jnp.where(
            first, none.astype(logits.dtype), -jnp.inf
        )  # all beams are equal at the start: only one counts
        tokens = jnp.zeros_like(zero, shape=(width, length))
        state = (carry, none + START, none > 0, likely, tokens)
        state, _ = jax.lax.scan(extend(params), state, jnp.arange(length, dtype=jnp.int32))
        return state[-1][0]

    def extend(params):
        def step(state, at):
            carry, token, is_over, likely, tokens = state
            carry, logits = jax.vmap(captioner.step, in_axes=(None, 0, 0))(params, carry, token)
            each = jax.vmap(_scores, in_axes=(0, None, None))(logits, at == length - 1, stop)
            # A complete sentence has one continuation, padding, of probability 1: it keeps one place in the beam
            nothing = jnp.where(jnp.arange(captioner.words) == START, jnp.zeros_like(each), -jnp.inf)
            each = jnp.where(is_over[:, None], nothing, each)
            total = (likely[:, None] + each).ravel()
            lengths = jnp.where(is_over, (tokens != START).sum(1, dtype=at.dtype), at + 1).astype(likely.dtype)
            place = jax.lax.top_k(total / jnp.repeat(lengths**length_penalty, captioner.words), width)[1]
            parent, word = (place // captioner.words).astype(jnp.int32), (place % captioner.words).astype(jnp.int32)
            carry, is_over, tokens = jax.tree.map(lambda leaf: leaf[parent], (carry, is_over, tokens))
            likely = total[place]  # without the penalty, which only ranks
            return (carry, word, is_over | (word == stop), likely, tokens.at[:, at].set(word)), None

        return step

    return decode


def mask_special_tokens(logits: Float[Array, " words"]) -> Float[Array, " words"]:
    """The scores of the next word with -inf at the tokens that never occur: `START` and `UNKNOWN`."""
    word = jnp.arange(len(logits))
    return jnp.where((word != START) & (word != UNKNOWN), logits, jnp.asarray(-jnp.inf, logits.dtype))


def _scores(logits: Float[Array, " words"], last: Array, stop: int) -> Float[Array, " words"]:
    """Log-probabilities of the allowed words: neither START nor UNKNOWN; at the last position only the stop."""
    # After log_softmax: the stop at the last position keeps its own probability, so sentences stay comparable
    return jnp.where(
        last & (jnp.arange(len(logits)) != stop), -jnp.inf, jax.nn.log_softmax(mask_special_tokens(logits))
    )


def _zeros_varying_like(tree: Any, dtype: Any) -> Array:
    """A zero that varies over the devices as the arrays do, as the carry of a scan must from its first step on."""
    zeros = [jnp.zeros_like(leaf, shape=(), dtype=dtype) for leaf in jax.tree.leaves(tree)]
    return sum(zeros[1:], zeros[0])


def _check(captioner: Captioner, length: int, stop: int) -> None:
    require_positive(length=length)
    if not UNKNOWN < stop < captioner.words:
        raise ValueError(
            f"stop must be a word of the vocabulary, {UNKNOWN + 1}..{captioner.words - 1}; stop={stop} came. Take "
            f"vocabulary.stop."
        )
