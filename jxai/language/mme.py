"""Multimodal explanations (MME): where the evidence of a class is, and a sentence about it."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jaxtyping import Float

from jxai.core.errors import require_positive
from jxai.core.taps import tap
from jxai.language.captioner import Captioner
from jxai.language.conditions import Sizes, class_vector, conditioned, require_field, require_share
from jxai.language.flex import Flex, require_words
from jxai.language.layers import dense
from jxai.models.modules import pure_module

__all__ = ["mme", "pointing", "signed_root", "unit_length"]


def signed_root(x: Float[Array, "*shape"], epsilon: float = 1e-6) -> Float[Array, "*shape"]:
    """`x / sqrt(|x| + epsilon)`: sign(x) sqrt(|x|), with a finite slope at zero.

    Example:
        >>> signed_root(jnp.asarray([4.0, -16.0, 0.0])).round(1).tolist()
        [2.0, -4.0, 0.0]
    """
    return x * lax.rsqrt(jnp.abs(x) + jnp.asarray(epsilon, x.dtype))


def unit_length(x: Float[Array, "*shape"], epsilon: float = 1e-12) -> Float[Array, "*shape"]:
    """`x / sqrt(sum x^2 + epsilon)` along the last axis."""
    return x * lax.rsqrt(jnp.square(x).sum(-1, keepdims=True) + jnp.asarray(epsilon, x.dtype))


class Pointing(nnx.Module):
    """Attention over the places of a map, which the class decides with what is there."""

    def __init__(self, channels: int, classes: int, width: int, rngs: nnx.Rngs):
        """Draws the weights."""
        self.classes = nnx.Param(jax.random.normal(rngs.params(), (classes, width), jnp.float32))
        self.answer = dense(width, width, rngs=rngs)
        self.look, self.ask = dense(channels, width, rngs=rngs), dense(width, width, rngs=rngs)
        self.weigh, self.score = dense(width, width, rngs=rngs), dense(width, 1, rngs=rngs)
        self.channels = channels

    def answered(self, image):
        """The embedding of the class, `[width]`."""
        return self.answer(jax.nn.relu(class_vector(self.classes[...], require_field(image, "label", "mme"))))

    def seen(self, image):
        """The map `[h, w, channels]`, checked."""
        return require_field(image, "map", "mme", ("h", "w", self.channels)).astype(self.classes[...].dtype)

    def __call__(self, image):
        """The attention, `[h, w]`."""
        seen, asked = self.seen(image), self.ask(self.answered(image))
        joint = unit_length(signed_root(self.look(seen) * asked.reshape(1, 1, -1)))
        scores = self.score(jax.nn.relu(self.weigh(joint)))[..., 0]
        return tap(jax.nn.softmax(scores.reshape(-1)).reshape(scores.shape), "pointing")


class Mme(nnx.Module):
    """What the class points at, together with the class, given to the second LSTM at every word."""

    def __init__(self, words, channels, classes, width, decoder: Sizes, rngs: nnx.Rngs):
        """Draws the layers."""
        self.pointing = Pointing(channels, classes, width, rngs)
        self.attended, self.answered = dense(channels, width, rngs=rngs), dense(width, width, rngs=rngs)
        self.decoder = Flex(words, width, *decoder, rngs)

    def condition(self, image):
        """The features that are pointed at, times the class, `[width]`."""
        attended = jnp.einsum("hw,hwc->c", self.pointing(image), self.pointing.seen(image))
        joint = self.attended(attended) * self.answered(self.pointing.answered(image))
        return unit_length(signed_root(joint))


def mme(
    words: int,
    channels: int,
    classes: int,
    *,
    width: int = 256,
    embedding: int = 256,
    image_embedding: int = 256,
    hidden: int = 256,
    dropout: float = 0.5,
    projection: bool = False,
) -> Captioner:
    """The speaker of Park et al. 2018 ("Multimodal Explanations", CVPR), section 4, for a class without a question.

    With f the map, y the class (one-hot) and r(x) = unit_length(signed_root(x)), in the variant of ACT-X:

        a = W2 relu(W1 y) + b                                                   the embedded answer
        points = softmax over places of  w relu(W5 r((W3 f + b) * (W4 a + b)) + b) + b
        v = r((W6 sum_places points f + b) * (W7 a + b))                        what the sentence is about
        s1_t = LSTM1(E w_{t-1})      s2_t = LSTM2([s1_t; W8 v + b])      P(w_t) = softmax(W_o s2_t + b)

    An image is `{"map": [h, w, channels], "label": int}`: a convolutional map of the classifier, of any size, and the
    class that it predicted (in training the true one). The label may also be weights of all classes, `[classes]`.
    `flex_objective(captioner, weight=0.0)`, the likelihood alone, trains it; nobody says where to point.
    `pointing(params, image)` shows the attention, and so does the tap `pointing`.

    Where it differs from the paper: the classifier is given (the paper trains its own along), what the paper takes
    from the question is left out, and the decoder is the one of GVE and FLEX with their dropout, so that the three can
    be compared.

    Args:
        words: how many words the vocabulary has, `START` and `UNKNOWN` counted.
        channels: channels of the map.
        classes: how many classes.
        width: channels in which image and class are embedded and multiplied.
        embedding: channels of a word.
        image_embedding: channels to which v is projected.
        hidden: channels of each LSTM.
        dropout: share of the LSTMs' outputs that training leaves out.
        projection: one more linear layer before the second LSTM, as the released FLEX has it.

    Returns:
        The captioner. It raises `ValueError` where the image has not those arrays, or its label is no class's.

    Example:
        >>> speaker = mme(7, 3, 2, embedding=4, width=4, hidden=5)
        >>> params, image = speaker.init(jax.random.key(0)), {"map": jnp.ones((2, 2, 3)), "label": 1}
        >>> speaker.forced(params, image, jnp.asarray([3, 6, 2])).shape
        (3, 7)
        >>> pointing(params, image).tolist()
        [[0.25, 0.25], [0.25, 0.25]]
    """
    require_positive(channels=channels, classes=classes, width=width)
    require_positive(embedding=embedding, image_embedding=image_embedding, hidden=hidden)
    require_words(words)
    decoder = (embedding, image_embedding, hidden, require_share(dropout), projection)
    return conditioned(functools.partial(Mme, words, channels, classes, width, decoder), words)


def pointing(params: Any, image: Any) -> Float[Array, "h w"]:
    """Where a speaker made by `mme` looks: its attention over the places of the map, which sums to one.

    Args:
        params: the speaker's.
        image: `{"map": [h, w, channels], "label": int}`.

    Returns:
        The attention at the map's resolution.
    """
    own = params["pointing"]
    (classes, width), channels = own["classes"].shape, own["look"]["kernel"].shape[0]
    return _pointer(channels, classes, width)(own)(image)


@functools.cache
def _pointer(channels: int, classes: int, width: int) -> Callable[[Any], Pointing]:
    return pure_module(functools.partial(Pointing, channels, classes, width))[1]
