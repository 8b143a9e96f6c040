"""The captioner of FLEX: two stacked LSTMs with the features of the decision as input."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, Int

from jxai.core.errors import require_positive
from jxai.language.captioner import Captioner
from jxai.language.conditions import conditional_captioner, require_share
from jxai.language.layers import apply_dropout, dense, initial_state, lstm, lstm_step, word_embedding

__all__ = ["flex"]

State = tuple[Array, Array]


class Flex(nnx.Module):
    """From words and image features to the scores of the next word."""

    def __init__(self, words, visual, width, image_width, hidden, dropout, projection, rngs: nnx.Rngs):
        """Draws the layers."""
        self.words = word_embedding(words, width, rngs=rngs)
        self.image = dense(visual, image_width, rngs=rngs)
        # The names of these layers are names in weight files: renaming one would orphan saved captioners
        self.first = lstm(width, hidden, rngs=rngs)
        if projection:
            self.join = dense(hidden + image_width, hidden, rngs=rngs)
        self.second = lstm(hidden if projection else hidden + image_width, hidden, rngs=rngs)
        self.scores = dense(hidden, words, rngs=rngs)
        self.hidden, self.dropout, self.projection, self.visual = hidden, dropout, projection, visual

    @property
    def decoder(self) -> "Flex":
        """The decoder of the condition: itself."""
        return self

    def condition(self, image: Any) -> Float[Array, " visual"]:
        """The image's features, after a check of their shape."""
        if "visual" not in image:
            raise ValueError(f"image must be a dict with 'visual' [{self.visual}]; one with {sorted(image)} came.")
        shape = jnp.shape(image["visual"])
        if shape != (self.visual,):
            raise ValueError(
                f"image['visual'] must have shape [{self.visual}], one image's; {list(shape)} came. Build flex with "
                f"another visual=, or use jax.vmap for a batch."
            )
        return jnp.asarray(image["visual"]).astype(self.scores.kernel[...].dtype)

    def image_input(self, visual: Float[Array, " visual"]) -> Float[Array, " fed"]:
        """The image's part of the second LSTM's input, the same at every word: its half of the product with [s1; V]."""
        # With zeros for s1: the bias of the layer is added here, once
        image = self.image(visual)
        layer = self.join if self.projection else self.second.dense_i
        return layer(jnp.concatenate([jnp.zeros_like(image, shape=(self.hidden,)), image]))

    def first_gates(self, token: Int[Array, ""]) -> Float[Array, " gates"]:
        """The gates of the first LSTM from the word before, without the state's part."""
        return self.first.dense_i(self.words(token))

    def second_gates(self, output: Float[Array, " hidden"], image: Float[Array, " fed"]) -> Float[Array, " gates"]:
        """The gates of the second LSTM from the first one's output and the image, without the state's part."""
        if self.projection:
            return self.second.dense_i(output @ self.join.kernel[: self.hidden] + image)
        return output @ self.second.dense_i.kernel[: self.hidden] + image

    def start(self, visual: Float[Array, " visual"]) -> tuple[Array, State, State]:
        """The image's input at every word, and the states of the two LSTMs before the first word."""
        image = self.image_input(visual)
        return image, initial_state(self.first, image), initial_state(self.second, image)

    def step(self, carry, token, key):
        """The carry after a word and the scores of the next one."""
        image, first, second = carry
        keys = _two(key)
        first, output = lstm_step(self.first, first, self.first_gates(token))
        gates = self.second_gates(apply_dropout(keys[0], output, self.dropout), image)
        second, output = lstm_step(self.second, second, gates)
        return (image, first, second), self.scores(apply_dropout(keys[1], output, self.dropout))

    def forced(self, visual, before, key):
        """The scores at every word of a given sentence. Only the products with the LSTMs' states go word by word."""
        image, first, second = self.start(visual)
        outputs = self._run(self.first, first, jax.vmap(self.first_gates)(before))
        # The same keys as `teacher_forced` gives to `step` word by word: equal to it, dropout included
        keys = (None, None) if key is None else tuple(jax.vmap(_two)(jax.random.split(key, len(before))))
        gates = jax.vmap(self.second_gates, in_axes=(0, None))(self._drop(keys[0], outputs), image)
        outputs = self._run(self.second, second, gates)
        return jax.vmap(self.scores)(self._drop(keys[1], outputs))

    @staticmethod
    def _run(cell, carry, gates):
        return jax.lax.scan(functools.partial(lstm_step, cell), carry, gates)[1]

    def _drop(self, keys, outputs):
        if keys is None:
            return outputs
        return jax.vmap(functools.partial(apply_dropout, rate=self.dropout))(keys, outputs)


def _two(key: Array | None) -> tuple[Array | None, Array | None]:
    if key is None:
        return None, None
    first, second = jax.random.split(key)
    return first, second


def flex(
    words: int,
    visual: int,
    *,
    embedding: int = 256,
    image_embedding: int = 256,
    hidden: int = 256,
    dropout: float = 0.5,
    projection: bool = True,
) -> Captioner:
    """The language model of FLEX: two stacked LSTMs, the second with the image as input.

    ```
    s1_t = LSTM1(E w_{t-1})                  s2_t = LSTM2([s1_t; W_v V + b_v])
    P(w_t | w_<t, image) = softmax(W_o s2_t + b_o)
    ```

    `image` is a dict of arrays about one image, of which `image["visual"]` `[visual]` is read: the features V of the
    penultimate layer weighted by their importance (FLEX), or as they are (the paper's baseline). V is cast to the dtype
    of the parameters. Scale V to values of about 1 (`jxai train words` divides it by its root mean square): with the
    released initialisation features of a large norm drown the words in the second LSTM.

    Initialisation and dropout are those of the released code: word embeddings uniform in -1..1, every other matrix
    Gaussian with columns of norm 1, biases 0; with a key, dropout on the outputs of both LSTMs, not on their states.

    Args:
        words: size of the vocabulary, `START` and `UNKNOWN` included.
        visual: length of V.
        embedding: length of a word's embedding; the paper's: 1000 (CUB), 256 (MPII).
        image_embedding: length of the image's embedding; the paper's: 512.
        hidden: of either LSTM; the paper's: 1000 (CUB), 512 (MPII).
        dropout: rate for the LSTMs' outputs in training.
        projection: as in the released code, map [s1; V] to `hidden` numbers by a linear layer before the second LSTM;
            False: as in the paper, the input is [s1; V].

    Returns:
        The captioner.

    Raises:
        ValueError: for fewer than three words, sizes that are not above zero, or a dropout outside 0..1.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful Linguistic Explanations for Neural Net based Model
        Decisions", "Generate Linguistic Justification".

    Example:
        >>> from jxai.language import teacher_forced
        >>> captioner = flex(20, 5, embedding=4, image_embedding=3, hidden=6)
        >>> params = captioner.init(jax.random.key(0))
        >>> teacher_forced(captioner, params, {"visual": jnp.ones(5)}, jnp.asarray([3, 7, 2, 0])).shape
        (4, 20)
    """
    require_positive(visual=visual, embedding=embedding, image_embedding=image_embedding, hidden=hidden)
    require_words(words)
    sizes = (words, visual, embedding, image_embedding, hidden, require_share(dropout), projection)
    return conditional_captioner(functools.partial(Flex, *sizes), words)


def require_words(words: int) -> None:
    """Raises `ValueError` for a vocabulary without a word besides `START` and `UNKNOWN`: the stop token is one."""
    if words < 3:
        raise ValueError(f"words must be at least 3: start, unknown and the stop token; words={words} came.")
