"""The explainer of FLEX: two stacked LSTMs that see the features of the decision."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, Int

from jxai.core.errors import require_positive
from jxai.language.captioner import Captioner
from jxai.language.conditions import conditioned, require_share
from jxai.language.layers import advance, dense, dropped, lstm, rest, word_embedding

__all__ = ["flex"]

State = tuple[Array, Array]


class Flex(nnx.Module):
    """Words and image features to the scores of the next word."""

    def __init__(self, words, visual, width, image_width, hidden, dropout, projection, rngs: nnx.Rngs):
        """Draws the layers."""
        self.words = word_embedding(words, width, rngs=rngs)
        self.image = dense(visual, image_width, rngs=rngs)
        self.first = lstm(width, hidden, rngs=rngs)
        if projection:
            self.join = dense(hidden + image_width, hidden, rngs=rngs)
        self.second = lstm(hidden if projection else hidden + image_width, hidden, rngs=rngs)
        self.scores = dense(hidden, words, rngs=rngs)
        self.hidden, self.dropout, self.projection, self.visual = hidden, dropout, projection, visual

    @property
    def decoder(self) -> "Flex":
        """What says the condition: itself."""
        return self

    def condition(self, image: Any) -> Float[Array, " visual"]:
        """The features that it is told of, checked."""
        if "visual" not in image:
            raise ValueError(f"image must be a dict with 'visual' [{self.visual}]; one with {sorted(image)} came.")
        shape = jnp.shape(image["visual"])
        if shape != (self.visual,):
            raise ValueError(
                f"image['visual'] must have shape [{self.visual}], one image's; {list(shape)} came. Build flex with "
                f"another visual=, or use jax.vmap for a batch."
            )
        return jnp.asarray(image["visual"]).astype(self.scores.kernel[...].dtype)

    def see(self, visual: Float[Array, " visual"]) -> Float[Array, " fed"]:
        """What the image adds to the second LSTM's input at every word: its half of the product with [s1; V]."""
        embedded = self.image(visual)
        layer = self.join if self.projection else self.second.dense_i
        return layer(jnp.concatenate([jnp.zeros_like(embedded, shape=(self.hidden,)), embedded]))

    def feed_first(self, token: Int[Array, ""]) -> Float[Array, " gates"]:
        """What the word before adds to the gates of the first LSTM."""
        return self.first.dense_i(self.words(token))

    def feed_second(self, said: Float[Array, " hidden"], seen: Float[Array, " fed"]) -> Float[Array, " gates"]:
        """What the first LSTM's output, joined with the image, adds to the gates of the second."""
        if self.projection:
            return self.second.dense_i(said @ self.join.kernel[: self.hidden] + seen)
        return said @ self.second.dense_i.kernel[: self.hidden] + seen

    def start(self, visual: Float[Array, " visual"]) -> tuple[Array, State, State]:
        """What of the image is needed at every word, and the states of the two LSTMs before the first one."""
        seen = self.see(visual)
        return seen, rest(self.first, seen), rest(self.second, seen)

    def step(self, carry, token, key):
        """The carry after a word and the scores of the next one."""
        seen, first, second = carry
        keys = _two(key)
        first, said = advance(self.first, first, self.feed_first(token))
        fed = self.feed_second(dropped(keys[0], said, self.dropout), seen)
        second, said = advance(self.second, second, fed)
        return (seen, first, second), self.scores(dropped(keys[1], said, self.dropout))

    def forced(self, visual, before, key):
        """The scores at every word of a given sentence; only products with the LSTMs' states are done word by word."""
        seen, first, second = self.start(visual)
        said = self._run(self.first, first, jax.vmap(self.feed_first)(before))
        keys = (None, None) if key is None else tuple(jax.vmap(_two)(jax.random.split(key, len(before))))
        fed = jax.vmap(self.feed_second, in_axes=(0, None))(self._drop(keys[0], said), seen)
        said = self._run(self.second, second, fed)
        return jax.vmap(self.scores)(self._drop(keys[1], said))

    @staticmethod
    def _run(cell, carry, fed):
        return jax.lax.scan(functools.partial(advance, cell), carry, fed)[1]

    def _drop(self, keys, said):
        if keys is None:
            return said
        return jax.vmap(functools.partial(dropped, rate=self.dropout))(keys, said)


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
    """The language model of FLEX: two stacked LSTMs, the second of which sees the image.

    ```
    s1_t = LSTM1(E w_{t-1})                  s2_t = LSTM2([s1_t; W_v V + b_v])
    P(w_t | w_<t, image) = softmax(W_o s2_t + b_o)
    ```

    `image` is a dict of arrays about one image, of which `image["visual"]` `[visual]` is read: the features V of the
    penultimate layer weighted by their importance (FLEX), or as they are (the paper's baseline). The dtype of the
    parameters decides: V is cast to it.

    Initialisation and dropout are those of the released code: word embeddings uniform in -1..1, every other matrix
    Gaussian with columns of norm 1, biases 0; with a key, dropout on the outputs of both LSTMs, not on their states.

    Args:
        words: how many words the vocabulary has, `START` and `UNKNOWN` counted.
        visual: length of V.
        embedding: length of a word's embedding; the paper's: 1000 (CUB), 256 (MPII).
        image_embedding: length of the image's embedding; the paper's: 512.
        hidden: of either LSTM; the paper's: 1000 (CUB), 512 (MPII).
        dropout: share of an LSTM's outputs that are dropped in training.
        projection: as the released code, map [s1; V] to `hidden` numbers by a linear layer before the second LSTM;
            False: as the paper says, feed both.

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
    return conditioned(functools.partial(Flex, *sizes), words)


def require_words(words: int) -> None:
    """Raise where a vocabulary has no word beside `START` and `UNKNOWN`: the stop token is one."""
    if words < 3:
        raise ValueError(f"words must be at least 3: start, unknown and the stop token; words={words} came.")
