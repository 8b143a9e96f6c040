"""A trained explainer in words, with its classifier, and what it says of pictures."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.data.spec import DataSpec
from jxai.language.associations import Associations
from jxai.language.captioner import Captioner
from jxai.language.decode import beam
from jxai.language.vocabulary import Vocabulary, because, decode
from jxai.models import Model
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.words.captioners import Sizes, captioner_inputs, captioner_of, class_weights
from jxai.pipelines.words.features import reader
from jxai.pipelines.words.layers import Reading
from jxai.pipelines.words.settings import LENGTH_PENALTY, FlexSettings, Method
from jxai.run.map import map_examples

__all__ = ["Sentence", "SentenceExplainer", "SentenceTokens", "describe_images", "sentence_explainer", "to_sentence"]


class SentenceTokens(NamedTuple):
    """The sentence about a picture, as arrays.

    Attributes:
        label: the predicted output.
        probability: of it.
        tokens: int32 `[t]`: the sentence, its stop, zeros.
        relevant: booleans `[F]`, the channels that the decision rests on.
    """

    label: Any
    probability: Any
    tokens: Any
    relevant: Any


class Sentence(NamedTuple):
    """The sentence about a picture, as text.

    Attributes:
        label: the predicted output.
        probability: of it.
        sentence: "this bird has a red crown."
        because: "This is a Red-crowned Finch because this bird has a red crown."
        tokens: int32 `[t]`.
        relevant: booleans `[F]`, the channels that the decision rests on; None where they were not asked for.
    """

    label: int
    probability: float
    sentence: str
    because: str
    tokens: np.ndarray
    relevant: np.ndarray | None


class SentenceExplainer(NamedTuple):
    """A trained explainer in words with its classifier.

    Attributes:
        method: one of `jxai.pipelines.words.settings.METHODS`.
        vocabulary: its words.
        associations: word, score and support of each channel; channels in the order of `layers`.
        layers: channels of each layer, the first layer first.
        classes: names of the classifier's outputs.
        model: the classifier.
        reading: what is read of its decisions.
        captioner: the model of sentences.
        length: most words of a sentence, the stop counted.
        params: `{"classifier": ..., "captioner": ..., "trained_classes": [k]}`; the last are the outputs trained on.
        describe: `describe(image, params) -> SentenceTokens`, of one picture `[h, w, 3]` of bytes or 0..1: a pure
            function, for `jax.jit` and `jax.vmap`.
        data: the data set that it was trained on, where its run says it.
    """

    method: Method
    vocabulary: Vocabulary
    associations: Associations
    layers: dict[str, int]
    classes: tuple[str, ...]
    model: Model
    reading: Reading
    captioner: Captioner
    length: int
    params: Any
    describe: Callable[[Any, Any], SentenceTokens]
    data: DataSpec | None = None


def sentence_explainer(
    about: dict[str, Any], associations: Associations, params: Any, loaded: Loaded, *, width: int
) -> SentenceExplainer:
    """An explainer from its description, its parameters and its classifier.

    Args:
        about: what `jxai.pipelines.words.checkpoint.describe_flex` writes.
        associations: words of the channels.
        params: of the captioner.
        loaded: the classifier.
        width: sentences that the beam follows; 1: the likeliest word each time.
    """
    method: Method = about["method"]
    vocabulary = Vocabulary(tuple(about["words"]), about["stop"])
    reading = Reading(**{**about["reading"], "layers": tuple(about["reading"]["layers"])})
    sizes, settings = Sizes(**about["sizes"]), FlexSettings(**about["settings"])
    captioner = captioner_of(method, sizes, settings, size=about["size"])
    options = {"length": about["length"], "stop": vocabulary.stop}
    decoder = beam(captioner, width=width, length_penalty=LENGTH_PENALTY, **options)
    read = reader(loaded.model, reading, places=method == "mme")

    def describe(image: Any, params: Any) -> SentenceTokens:
        features = read(image, None, params["classifier"])
        inputs = captioner_inputs(method, features, class_weights(features.logits, params["trained_classes"]))
        probability = jax.nn.softmax(features.logits).max()
        return SentenceTokens(features.label, probability, decoder(params["captioner"], inputs), features.relevant)

    everything = {"classifier": loaded.params, "captioner": params, "trained_classes": np.array(about["learnt"], bool)}
    names = tuple(_names(loaded, about["classes"]))
    layers = about["channels"]
    return SentenceExplainer(
        method, vocabulary, associations, layers, names, loaded.model, reading, captioner, about["length"],
        everything, describe,
    )  # fmt: skip


def describe_images(
    explainer: SentenceExplainer,
    images: np.ndarray,
    *,
    channels: bool = False,
    per_device: int = 16,
    devices: Sequence[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Sentence]:
    """A sentence about each of a set of pictures.

    Args:
        explainer: of `load_flex`.
        images: `[n, size, size, 3]`, bytes or 0..1.
        channels: find the channels that the decisions rest on too, which takes several times as long.
        per_device: pictures that a device works on at once.
        devices: to use; None: all.
        progress: called as `progress(pictures done, pictures in all)`.

    Raises:
        ValueError: pictures of another size than the classifier's.
    """
    side = explainer.model.size
    if images.ndim != 4 or images.shape[1:3] != (side, side):
        raise ValueError(f"expected pictures [n, {side}, {side}, 3], got {images.shape}; cut and resize them.")

    def describe(image: Any, params: Any) -> SentenceTokens:
        tokens = explainer.describe(image, params)
        return tokens if channels else tokens._replace(relevant=None)

    mapped = map_examples(describe, in_axes=(0, None), per_device=per_device, devices=devices)
    tokens = mapped(images, explainer.params, progress=progress)
    return [to_sentence(explainer, jax.tree.map(lambda leaf, i=i: leaf[i], tokens)) for i in range(len(images))]


def to_sentence(explainer: SentenceExplainer, tokens: SentenceTokens) -> Sentence:
    """The sentence about one picture as text."""
    sentence, label = decode(explainer.vocabulary, tokens.tokens), int(tokens.label)
    whole = because(explainer.classes[label], sentence)
    return Sentence(label, float(tokens.probability), sentence, whole, tokens.tokens, tokens.relevant)


def _names(loaded: Loaded, classes: list[str]) -> list[str]:
    """A name for every output of the classifier."""
    return [f"background {k}" for k in range(loaded.model.label_offset)] + list(classes)
