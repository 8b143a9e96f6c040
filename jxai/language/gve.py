"""Generating visual explanations (GVE): sentences that fit the image and tell its class apart."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

from jxai.core.chunks import map_over
from jxai.core.errors import require_key, require_positive
from jxai.language.captioner import START, Captioner, words_before
from jxai.language.conditions import Sizes, class_vector, conditioned, require_field, require_share
from jxai.language.flex import Flex, require_words
from jxai.language.losses import flex_objective
from jxai.language.reinforce import expected_reward

__all__ = ["class_vectors", "gve", "gve_loss"]


class Gve(nnx.Module):
    """Image features and the class, both given to the second LSTM at every word."""

    def __init__(self, words, visual, classes, class_embedding, decoder: Sizes, rngs: nnx.Rngs):
        """Draws the layers."""
        self.classes = nnx.Param(jax.random.normal(rngs.params(), (classes, class_embedding), jnp.float32))
        self.decoder = Flex(words, visual + class_embedding, *decoder, rngs)
        self.visual = visual

    def condition(self, image):
        """The features and the class's vector, `[visual + class_embedding]`."""
        table = self.classes[...]
        visual = require_field(image, "visual", "gve", (self.visual,)).astype(table.dtype)
        return jnp.concatenate([visual, class_vector(table, require_field(image, "label", "gve"))])


def gve(
    words: int,
    visual: int,
    classes: int,
    *,
    class_embedding: int = 256,
    embedding: int = 256,
    image_embedding: int = 256,
    hidden: int = 256,
    dropout: float = 0.5,
    projection: bool = False,
) -> Captioner:
    """The speaker of Hendricks et al. 2016 ("Generating Visual Explanations", ECCV): LRCN with the class.

    ```
    s1_t = LSTM1(E w_{t-1})                  s2_t = LSTM2([s1_t; W [visual; c] + b])
    P(w_t | w_<t, image, class) = softmax(W_o s2_t + b_o)
    ```

    An image is `{"visual": [visual], "label": int}`: the classifier's features as they are, and the class that it
    predicted (in training the true one), whose vector is c. The label may also be weights of all classes, `[classes]`.

    Where it differs from the paper: c is learnt with the rest; the paper's, the mean state of a description model over
    people's sentences of the class, is what `class_vectors` returns: put it at `params["classes"]`. Between condition
    and LSTM stands one more linear layer, as in `flex`; initialisation and dropout are its too, so that the two can be
    compared.

    Args:
        words: how many words the vocabulary has, `START` and `UNKNOWN` counted.
        visual: channels of the image's features.
        classes: how many classes.
        class_embedding: channels of the vector of a class; the paper's: 1000.
        embedding: channels of a word; the paper's: 1000.
        image_embedding: channels to which features and class are projected together.
        hidden: channels of each LSTM; the paper's: 1000.
        dropout: share of the LSTMs' outputs that training leaves out.
        projection: one more linear layer before the second LSTM, as the released FLEX has it.

    Returns:
        The captioner. It raises `ValueError` where the image has not those arrays, or its label is no class's.

    Example:
        >>> speaker = gve(7, 3, 2, embedding=4, class_embedding=4, hidden=5)
        >>> params = speaker.init(jax.random.key(0))
        >>> speaker.forced(params, {"visual": jnp.ones(3), "label": 1}, jnp.asarray([3, 6, 2])).shape
        (3, 7)
    """
    require_positive(visual=visual, classes=classes, class_embedding=class_embedding)
    require_positive(embedding=embedding, image_embedding=image_embedding, hidden=hidden)
    require_words(words)
    decoder = (embedding, image_embedding, hidden, require_share(dropout), projection)
    return conditioned(functools.partial(Gve, words, visual, classes, class_embedding, decoder), words)


def gve_loss(
    captioner: Captioner,
    reward: Callable[[Int[Array, " t"], Any], Float[Array, ""]],
    *,
    stop: int,
    weight: float = 1.0,
    samples: int = 1,
    baseline: str = "none",
) -> Callable[[Any, Any, Int[Array, " t"], PRNGKeyArray | None], Float[Array, ""]]:
    """The loss of Hendricks et al. 2016: `L_R - lambda E[R_D(s)]`, s a sentence that the model draws itself.

    The relevance loss `L_R = -sum_t log P(w_t | w_<t, image, class)` is of people's sentence (with dropout); the
    discriminative reward `R_D(s) = P(class | s)` of sentences drawn (without), by the score-function gradient: see
    `expected_reward`.

    Args:
        captioner: what is trained.
        reward: R_D: `class_reward(classifier, its params)`.
        stop: the token that ends a sentence.
        weight: lambda. L_R is a sum over words, about 13 nats a sentence on drawn birds, R_D lies in 0..1: 3 moves the
            sentences towards the class there, 10 does so at the cost of a hundredth of the likelihood. Three times the
            work of the likelihood alone: train by that first, then go on with this.
        samples: sentences drawn for each of people's.
        baseline: what is taken from the reward: "none", as in the paper; "greedy" and "others" (of two samples at
            least) leave the expected gradient and take most of its variance away.

    Returns:
        `objective(params, image, tokens, key) -> scalar` of one sentence. Drawn sentences have as many tokens at most
        as `tokens`. It raises `MissingKey` without a key.

    Example:
        >>> speaker = gve(6, 3, 2, embedding=4, class_embedding=4, hidden=5)
        >>> params, image = speaker.init(jax.random.key(0)), {"visual": jnp.ones(3), "label": 1}
        >>> short = lambda tokens, image: (tokens[1] == START).astype(jnp.float32)
        >>> objective = gve_loss(speaker, short, stop=5, weight=0.5)
        >>> objective(params, image, jnp.asarray([2, 3, 5, 0]), jax.random.key(1)).shape
        ()
    """
    relevance = flex_objective(captioner, weight=0.0)

    def objective(
        params: Any, image: Any, tokens: Int[Array, " t"], key: PRNGKeyArray | None = None
    ) -> Float[Array, ""]:
        dropping, drawing = jax.random.split(require_key(key, "gve_loss"))
        expected = expected_reward(
            captioner, reward, length=len(tokens), stop=stop, samples=samples, baseline=baseline
        )  # built here: a sentence's length is known no earlier
        loss = relevance(params, image, tokens, dropping)
        return loss - jnp.asarray(weight, loss.dtype) * expected(params, image, drawing)

    return objective


def class_vectors(
    captioner: Captioner,
    params: Any,
    images: Any,
    tokens: Int[Array, "n t"],
    labels: Int[Array, " n"],
    *,
    classes: int,
    state: Callable[[Any], Float[Array, " d"]] = lambda carry: carry[2][1],
    chunk: int = 64,
) -> Float[Array, "classes d"]:
    """The vector of each class as in Hendricks et al. 2016, section 4: a speaker's mean state over its sentences.

    Args:
        captioner: a trained model of sentences, in the paper one that does not see the class.
        params: its parameters.
        images: arrays `[n, ...]`, the image of each sentence.
        tokens: people's sentences.
        labels: the class of each.
        classes: how many classes.
        state: from the captioner's carry to `[d]`; by default the output of the second LSTM of `flex`, `gve` and `mme`.
        chunk: sentences that are read at once.

    Returns:
        One vector for each class, the mean over its sentences and their words; zeros where it has no sentence.
    """

    def summed(image, tokens):
        def read(carry, token):
            carry, _ = captioner.step(params, carry, token)
            return carry, state(carry)

        states = jax.lax.scan(read, captioner.start(params, image), words_before(tokens))[1]
        there = (tokens != START).astype(states.dtype)
        return there @ states, there.sum()

    sums, counts = map_over(lambda each: summed(*each), (images, tokens), chunk=chunk)
    member = jax.nn.one_hot(labels, classes, dtype=sums.dtype)
    return (member.T @ sums) / jnp.maximum(member.T @ counts, 1).reshape(-1, 1)
