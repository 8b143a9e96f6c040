"""Generating visual explanations (GVE): sentences that fit the image and discriminate its class."""

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
from jxai.core.labels import checked, unless_outside
from jxai.language.captioner import START, Captioner, words_before
from jxai.language.conditions import Sizes, class_vector, conditional_captioner, require_field, require_share
from jxai.language.flex import Flex, require_words
from jxai.language.losses import flex_objective
from jxai.language.reinforce import expected_reward

__all__ = ["class_vectors", "gve", "gve_loss"]


class Gve(nnx.Module):
    """Image features and the class as input of the second LSTM at every word."""

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
    """The captioner of Hendricks et al. 2016 ("Generating Visual Explanations", ECCV): LRCN with the class.

    ```
    s1_t = LSTM1(E w_{t-1})                  s2_t = LSTM2([s1_t; W [visual; c] + b])
    P(w_t | w_<t, image, class) = softmax(W_o s2_t + b_o)
    ```

    An image is `{"visual": [visual], "label": int}`: the classifier's features as they are, and the class that it
    predicted (in training the true one), whose vector is c. The label may also be weights of all classes, `[classes]`.

    It differs from the paper in three points. c is learnt with the rest; the paper's is the mean state of a description
    model over people's sentences of the class (put the result of `class_vectors` at `params["classes"]`). One more
    linear layer is between condition and LSTM. Initialisation and dropout are those of `flex`, for a fair comparison.
    The model was written without the paper's equations at hand.

    Args:
        words: size of the vocabulary, `START` and `UNKNOWN` included.
        visual: channels of the image's features.
        classes: number of classes.
        class_embedding: channels of the vector of a class; the paper's: 1000.
        embedding: channels of a word; the paper's: 1000.
        image_embedding: channels to which features and class are projected together.
        hidden: channels of each LSTM; the paper's: 1000.
        dropout: rate for the LSTMs' outputs in training.
        projection: one more linear layer before the second LSTM, as in the released FLEX.

    Returns:
        The captioner. It raises `ValueError` where the image lacks those arrays, or its label is not a class.

    Example:
        >>> captioner = gve(7, 3, 2, embedding=4, class_embedding=4, hidden=5)
        >>> params = captioner.init(jax.random.key(0))
        >>> captioner.forced(params, {"visual": jnp.ones(3), "label": 1}, jnp.asarray([3, 6, 2])).shape
        (3, 7)
    """
    require_positive(visual=visual, classes=classes, class_embedding=class_embedding)
    require_positive(embedding=embedding, image_embedding=image_embedding, hidden=hidden)
    require_words(words)
    decoder = (embedding, image_embedding, hidden, require_share(dropout), projection)
    return conditional_captioner(functools.partial(Gve, words, visual, classes, class_embedding, decoder), words)


def gve_loss(
    captioner: Captioner,
    reward: Callable[[Int[Array, " t"], Any], Float[Array, ""]],
    *,
    stop: int,
    weight: float = 1.0,
    samples: int = 1,
    baseline: str = "none",
) -> Callable[[Any, Any, Int[Array, " t"], PRNGKeyArray | None], Float[Array, ""]]:
    """The loss of Hendricks et al. 2016: `L_R - lambda E[R_D(s)]` with s a sentence sampled from the model.

    The relevance loss `L_R = -sum_t log P(w_t | w_<t, image, class)` is for people's sentences (with dropout).
    The discriminative reward `R_D(s) = P(class | s)` is for sampled sentences (without dropout), by the score-function
    gradient: see `expected_reward`.

    Args:
        captioner: the model to train.
        reward: R_D: `class_reward(classifier, its params)`.
        stop: the token that ends a sentence.
        weight: lambda. L_R is a sum over words, about 13 nats a sentence on drawn birds, and R_D is in 0..1. There 3
            moves the sentences towards the class, and 10 does so at the cost of a hundredth of the likelihood. A step
            costs three times as much as one of the likelihood alone: train by that first, then continue with this.
        samples: number of sampled sentences for each of people's.
        baseline: subtracted from the reward: "none", as in the paper; "greedy" and "others" (at least two samples)
            leave the expected gradient and remove most of its variance.

    Returns:
        `objective(params, image, tokens, key) -> scalar` of one sentence. Sampled sentences are at most as
        long as `tokens`. It raises `MissingKey` without a key.

    Example:
        >>> captioner = gve(6, 3, 2, embedding=4, class_embedding=4, hidden=5)
        >>> params, image = captioner.init(jax.random.key(0)), {"visual": jnp.ones(3), "label": 1}
        >>> short = lambda tokens, image: (tokens[1] == START).astype(jnp.float32)
        >>> objective = gve_loss(captioner, short, stop=5, weight=0.5)
        >>> objective(params, image, jnp.asarray([2, 3, 5, 0]), jax.random.key(1)).shape
        ()
    """
    relevance = flex_objective(captioner, weight=0.0)  # the likelihood alone is the paper's relevance loss

    def objective(
        params: Any, image: Any, tokens: Int[Array, " t"], key: PRNGKeyArray | None = None
    ) -> Float[Array, ""]:
        dropout_key, sampling_key = jax.random.split(require_key(key, "gve_loss"))
        reward_estimate = expected_reward(
            captioner, reward, length=len(tokens), stop=stop, samples=samples, baseline=baseline
        )  # built here: the sentence's length is unknown before
        loss = relevance(params, image, tokens, dropout_key)
        return loss - jnp.asarray(weight, loss.dtype) * reward_estimate(params, image, sampling_key)

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
    """The vector of each class as in Hendricks et al. 2016, section 4: a captioner's mean state over its sentences.

    Args:
        captioner: a trained model, in the paper one without the class as input.
        params: its parameters.
        images: arrays `[n, ...]`, the image of each sentence.
        tokens: people's sentences.
        labels: the class of each.
        classes: number of classes.
        state: from the captioner's carry to `[d]`; by default the output of the second LSTM of `flex`, `gve` and `mme`.
        chunk: number of sentences processed at once.

    Returns:
        One vector for each class, the mean over its sentences and their words; zeros for a class without sentences.
        NaN where a traced label is out of range.

    Raises:
        ValueError: a label out of range.
    """

    def sums_of(image, tokens):
        def step(carry, token):
            carry, _ = captioner.step(params, carry, token)
            return carry, state(carry)

        states = jax.lax.scan(step, captioner.start(params, image), words_before(tokens))[1]
        mask = (tokens != START).astype(states.dtype)  # without the padding
        return mask @ states, mask.sum()

    labels = checked(labels, classes, ndim=1, name="labels", from_end=False)
    sums, counts = map_over(lambda each: sums_of(*each), (images, tokens), chunk=chunk)
    one_hot = jax.nn.one_hot(labels, classes, dtype=sums.dtype)
    means = (one_hot.T @ sums) / jnp.maximum(one_hot.T @ counts, 1).reshape(-1, 1)
    return unless_outside(means, labels, classes, from_end=False)
