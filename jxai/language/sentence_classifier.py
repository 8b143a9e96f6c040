"""A classifier of sentences, an LSTM: its probability of the class rewards class-specific sentences."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

from jxai.core.errors import require_positive
from jxai.language.captioner import START
from jxai.language.conditions import class_vector, require_field, require_share
from jxai.language.layers import apply_dropout, dense, initial_state, lstm, lstm_step, word_embedding
from jxai.models.modules import pure_module

__all__ = ["SentenceClassifier", "class_reward", "classification_loss", "sentence_classifier"]


class SentenceClassifier(NamedTuple):
    """A classifier of sentences.

    Attributes:
        init: `init(key) -> params`, nested dicts of float32 arrays.
        apply: `apply(params, tokens [t], key=None) -> logits [classes]`; with a key dropout is on.
        words: size of the vocabulary.
        classes: number of classes.
    """

    init: Callable[[PRNGKeyArray], Any]
    apply: Callable[..., Float[Array, " classes"]]
    words: int
    classes: int


class Reader(nnx.Module):
    """An LSTM over the words, and a dense layer on its last state."""

    def __init__(self, words, classes, width, hidden, dropout, rngs: nnx.Rngs):
        """Draws the layers."""
        self.words = word_embedding(words, width, rngs=rngs)
        self.lstm = lstm(width, hidden, rngs=rngs)
        self.classify = dense(hidden, classes, rngs=rngs)
        self.dropout = dropout

    def __call__(self, tokens, key=None):
        """Maps a sentence `[t]` to logits `[k]`; its padding does not count."""
        keys = (None, None) if key is None else tuple(jax.random.split(key))
        words = self.words(tokens)
        gates = self.lstm.dense_i(apply_dropout(keys[0], words.reshape(-1), self.dropout).reshape(words.shape))

        def step(state, at):
            gates, is_word = at
            new, _ = lstm_step(self.lstm, state, gates)
            # Padding leaves the state: the last state is that after the stop
            return jax.tree.map(lambda after, before: jnp.where(is_word, after, before), new, state), None

        (_, output), _ = jax.lax.scan(step, initial_state(self.lstm, gates), (gates, tokens != START))
        return self.classify(apply_dropout(keys[1], output, self.dropout))


def sentence_classifier(
    words: int, classes: int, *, embedding: int = 256, hidden: int = 256, dropout: float = 0.5
) -> SentenceClassifier:
    """A classifier of sentences: one LSTM over the words, softmax of its last state (Hendricks et al. 2016, section 3).

    It learns the class from people's sentences alone, without the image, and is then fixed. Its probability of the
    class is the reward of `gve_loss`.

    Args:
        words: size of the vocabulary.
        classes: number of classes.
        embedding: channels of a word.
        hidden: channels of the LSTM.
        dropout: rate for the word channels and the last state in training. It differs from the paper, which has none:
            without it, the sentences of a small set are learnt by heart.

    Returns:
        `(init, apply, words, classes)`; `apply(params, tokens, key=None) -> logits [classes]`, tokens `[t]` padded with
        zeros.

    Example:
        >>> classifier = sentence_classifier(6, 3, embedding=4, hidden=5)
        >>> params = classifier.init(jax.random.key(0))
        >>> classifier.apply(params, jnp.asarray([2, 4, 3, 0, 0])).shape
        (3,)
    """
    require_positive(words=words, classes=classes, embedding=embedding, hidden=hidden)
    init, bind = pure_module(functools.partial(Reader, words, classes, embedding, hidden, require_share(dropout)))

    def apply(params: Any, tokens: Int[Array, " t"], key: PRNGKeyArray | None = None) -> Float[Array, " classes"]:
        return bind(params)(tokens, key)

    return SentenceClassifier(init, apply, words, classes)


def classification_loss(
    classifier: SentenceClassifier, *, label: str = "label"
) -> Callable[[Any, Any, Int[Array, " t"], PRNGKeyArray | None], Float[Array, ""]]:
    """The cross-entropy of a sentence's class: `-log P(class | sentence)`.

    Args:
        classifier: the model to train.
        label: the name of the true class in the arrays of the image.

    Returns:
        `objective(params, image, tokens, key=None) -> scalar` of one sentence; with a key dropout is on. Without a
        key its negative is the `likelihood` by which `jxai.train.sentences` chooses the best epoch.
    """

    def objective(
        params: Any, image: Any, tokens: Int[Array, " t"], key: PRNGKeyArray | None = None
    ) -> Float[Array, ""]:
        logs = jax.nn.log_softmax(classifier.apply(params, tokens, key))
        # class_vector: the label may be weights of all classes, too
        return -class_vector(logs.reshape(-1, 1), require_field(image, label, "classification_loss")).reshape(())

    return objective


def class_reward(
    classifier: SentenceClassifier, params: Any, *, label: str = "label"
) -> Callable[[Int[Array, " t"], Any], Float[Array, ""]]:
    """The reward of a class-specific sentence, R_D = P(class | sentence) (Hendricks et al. 2016, section 3).

    Args:
        classifier: trained on people's sentences.
        params: its parameters; they become constants of the compiled program.
        label: the name of the class in the arrays of the image.

    Returns:
        `reward(tokens, image) -> number` in 0..1.
    """

    def reward(tokens: Int[Array, " t"], image: Any) -> Float[Array, ""]:
        probabilities = jax.nn.softmax(classifier.apply(params, tokens))
        return class_vector(probabilities.reshape(-1, 1), require_field(image, label, "class_reward")).reshape(())

    return reward
