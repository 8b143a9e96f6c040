"""Multimodal explanations (MME): the position of the evidence for a class, and a sentence about it."""

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
from jxai.language.conditions import Sizes, class_vector, conditional_captioner, require_field, require_share
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
    # epsilon: the plain signed root has an infinite slope at zero
    return x * lax.rsqrt(jnp.abs(x) + jnp.asarray(epsilon, x.dtype))


def unit_length(x: Float[Array, "*shape"], epsilon: float = 1e-12) -> Float[Array, "*shape"]:
    """`x / sqrt(sum x^2 + epsilon)` along the last axis."""
    return x * lax.rsqrt(jnp.square(x).sum(-1, keepdims=True) + jnp.asarray(epsilon, x.dtype))


class Pointing(nnx.Module):
    """Attention over the locations of a map, from the class and the features."""

    def __init__(self, channels: int, classes: int, width: int, rngs: nnx.Rngs):
        """Draws the weights."""
        self.classes = nnx.Param(jax.random.normal(rngs.params(), (classes, width), jnp.float32))
        self.answer = dense(width, width, rngs=rngs)
        self.look, self.ask = dense(channels, width, rngs=rngs), dense(width, width, rngs=rngs)
        self.weigh, self.score = dense(width, width, rngs=rngs), dense(width, 1, rngs=rngs)
        self.channels = channels

    def class_embedding(self, image):
        """The embedding of the class, `[width]`."""
        return self.answer(jax.nn.relu(class_vector(self.classes[...], require_field(image, "label", "mme"))))

    def feature_map(self, image):
        """The map `[h, w, channels]`, after a check of its shape."""
        return require_field(image, "map", "mme", ("h", "w", self.channels)).astype(self.classes[...].dtype)

    def __call__(self, image):
        """The attention, `[h, w]`."""
        features, query = self.feature_map(image), self.ask(self.class_embedding(image))
        joint = unit_length(signed_root(self.look(features) * query.reshape(1, 1, -1)))
        scores = self.score(jax.nn.relu(self.weigh(joint)))[..., 0]
        # One softmax over all locations, not per row
        return tap(jax.nn.softmax(scores.reshape(-1)).reshape(scores.shape), "pointing")


class Mme(nnx.Module):
    """The attended features times the class as input of the second LSTM at every word."""

    def __init__(self, words, channels, classes, width, decoder: Sizes, rngs: nnx.Rngs):
        """Draws the layers."""
        self.pointing = Pointing(channels, classes, width, rngs)
        self.attended, self.answered = dense(channels, width, rngs=rngs), dense(width, width, rngs=rngs)
        self.decoder = Flex(words, width, *decoder, rngs)

    def condition(self, image):
        """The attended features times the class, `[width]`."""
        evidence = jnp.einsum("hw,hwc->c", self.pointing(image), self.pointing.feature_map(image))
        joint = self.attended(evidence) * self.answered(self.pointing.class_embedding(image))
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
    """The captioner of Park et al. 2018 ("Multimodal Explanations", CVPR), section 4, for a class without a question.

    With f the map, y the class (one-hot) and r(x) = unit_length(signed_root(x)), in the variant of ACT-X:

        a = W2 relu(W1 y) + b                                                   the embedded answer
        points = softmax over locations of  w relu(W5 r((W3 f + b) * (W4 a + b)) + b) + b
        v = r((W6 sum_locations points f + b) * (W7 a + b))                        the condition of the sentence
        s1_t = LSTM1(E w_{t-1})      s2_t = LSTM2([s1_t; W8 v + b])      P(w_t) = softmax(W_o s2_t + b)

    An image is `{"map": [h, w, channels], "label": int}`: a convolutional map of the classifier, of any size, and the
    class that it predicted (in training the true one). The label may also be weights of all classes, `[classes]`.
    `flex_objective(captioner, weight=0.0)`, the likelihood alone, trains it; the attention has no supervision.
    `pointing(params, image)` returns the attention; the tap `pointing` has the same value.

    It differs from the paper in four points. The classifier is given; the paper trains its own jointly. The question is
    left out. The decoder is that of GVE and FLEX with their dropout, for a fair comparison. The signed root has a small
    constant. The model was written without the paper's equations at hand.

    Args:
        words: size of the vocabulary, `START` and `UNKNOWN` included.
        channels: channels of the map.
        classes: number of classes.
        width: channels of the embeddings of image and class, which are multiplied.
        embedding: channels of a word.
        image_embedding: channels of the projection of v.
        hidden: channels of each LSTM.
        dropout: rate for the LSTMs' outputs in training.
        projection: one more linear layer before the second LSTM, as in the released FLEX.

    Returns:
        The captioner. It raises `ValueError` where the image lacks those arrays, or its label is not a class.

    Example:
        >>> captioner = mme(7, 3, 2, embedding=4, width=4, hidden=5)
        >>> params, image = captioner.init(jax.random.key(0)), {"map": jnp.ones((2, 2, 3)), "label": 1}
        >>> captioner.forced(params, image, jnp.asarray([3, 6, 2])).shape
        (3, 7)
        >>> pointing(params, image).tolist()
        [[0.25, 0.25], [0.25, 0.25]]
    """
    require_positive(channels=channels, classes=classes, width=width)
    require_positive(embedding=embedding, image_embedding=image_embedding, hidden=hidden)
    require_words(words)
    decoder = (embedding, image_embedding, hidden, require_share(dropout), projection)
    return conditional_captioner(functools.partial(Mme, words, channels, classes, width, decoder), words)


def pointing(params: Any, image: Any) -> Float[Array, "h w"]:
    """The attention of a captioner made by `mme` over the locations of the map; it sums to one.

    Args:
        params: the captioner's.
        image: `{"map": [h, w, channels], "label": int}`.

    Returns:
        The attention at the map's resolution.
    """
    own = params["pointing"]  # the sizes follow from the arrays: no captioner is needed
    (classes, width), channels = own["classes"].shape, own["look"]["kernel"].shape[0]
    return _pointer(channels, classes, width)(own)(image)


@functools.cache  # building the module traces its initialisation
def _pointer(channels: int, classes: int, width: int) -> Callable[[Any], Pointing]:
    return pure_module(functools.partial(Pointing, channels, classes, width))[1]
