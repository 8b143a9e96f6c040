"""From a classifier and captioned pictures to what explainers in words are trained on, and to trained explainers."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jxai.language.associations import Associations, associations
from jxai.language.relevance import class_words
from jxai.language.tagging import Variants, variant_matrix
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.words.captions import Captioned, captioned, held_out
from jxai.pipelines.words.features import Features, features_reader
from jxai.pipelines.words.layers import Reading, channels_of
from jxai.pipelines.words.lexicon import Words, relevance_of, sentences, spoken_words, words_of

__all__ = ["Prepared", "Split", "prepare_words", "prepared_of"]


class Split(NamedTuple):
    """A split as explainers see it; n pictures, m sentences.

    Attributes:
        data: pictures, labels and captions.
        features: of `jxai.pipelines.words.features`, arrays `[n, ...]`.
        spoken: `[n, D]`, nouns and adjectives of the picture's captions (D_I).
        decided: `[n, D]`, words of the channels that the decision rests on (D_r).
        z: `[n, D]`, reward of each word.
        tokens: int32 `[m, t]`.
        owner: int32 `[m]`, the picture of each sentence.
    """

    data: Captioned
    features: Features
    spoken: np.ndarray
    decided: np.ndarray
    z: np.ndarray
    tokens: np.ndarray
    owner: np.ndarray


class Prepared(NamedTuple):
    """What explainers in words of one classifier are trained on.

    Attributes:
        loaded: the classifier, with the names of its classes.
        reading: what is read of its decisions.
        layers: channels of each layer.
        words: vocabulary, nouns and adjectives, length.
        associations: the words of the channels.
        trained_classes: `[k]`, outputs whose pictures are learnt from.
        splits: train, val and test; where classes are held out, test has these alone.
    """

    loaded: Loaded
    reading: Reading
    layers: dict[str, int]
    words: Words
    associations: Associations
    trained_classes: np.ndarray
    splits: dict[str, Split]

    @property
    def left_out(self) -> dict[str, int]:
        """How many pictures of each split have no captions."""
        return {name: split.data.left_out for name, split in self.splits.items() if split.data.left_out}


def prepare_words(
    loaded: Loaded,
    sources: Mapping[str, Any],
    reading: Reading,
    *,
    least: int = 3,
    length: int | None = None,
    captions: int | None = None,
    without: Collection[int] = (),
    variants: Variants | None = None,
    places: bool = False,
    per_device: int = 16,
    progress: ProgressCallback = no_progress,
) -> Prepared:
    """Reads the decisions on all captioned pictures, and gives the classifier's channels their words.

    Words go with channels that are important for the true class; what a decision rests on, and the features of a
    sentence, are of the predicted class, as in the released code.

    Args:
        loaded: the classifier.
        sources: data sources `train`, `val` and `test` with captions, of the classifier's size and classes.
        reading: what is read.
        least: how often a word occurs in the training sentences.
        length: most words of a sentence; None: what holds 95 of 100 training sentences.
        captions: sentences of a picture that are learnt from, at most.
        without: outputs that are held out: neither trained on, nor validated on, tested alone.
        variants: other forms of words (`jxai.language.read_variants`), which a channel's word brings along.
        places: keep the maps, for `mme`.
        per_device: pictures that a device reads at once.
        progress: called as the work goes on.

    Raises:
        ValueError: no captions, no nouns, or pictures of another size.
    """
    model = loaded.model
    data = {}
    for name in ("train", "val", "test"):
        report = partial(progress, f"opening {name} pictures")
        data[name] = captioned(sources[name], offset=model.label_offset, name=name, progress=report)
    if without:
        rest, out = held_out(data, without)
        data = {**rest, "test": out["test"]}
    words = words_of(data["train"], least=least, length=length)
    features = _features(data, loaded, reading, places, per_device, progress)
    read = {name: (part, features[name]) for name, part in data.items()}
    return prepared_of(loaded, reading, read, words, captions=captions, variants=variants)


def prepared_of(
    loaded: Loaded,
    reading: Reading,
    read: Mapping[str, tuple[Captioned, Features]],
    words: Words,
    *,
    captions: int | None = None,
    variants: Variants | None = None,
    candidates: np.ndarray | None = None,
) -> Prepared:
    """Words of channels, and relevance of words, of decisions that are read.

    Args:
        loaded: the classifier.
        reading: what was read.
        read: pictures and their features: train, val and test.
        words: of the training pictures.
        captions: sentences of a picture that are learnt from, at most.
        variants: other forms of words, which a channel's word brings along.
        candidates: bool `[D]`, the words that a channel may have; None: all nouns and adjectives.
    """
    spoken = {name: spoken_words(words, part) for name, (part, _) in read.items()}
    train, features_of_train = read["train"]
    table = associations(
        jnp.asarray(features_of_train.chosen), jnp.asarray(spoken["train"]),
        content=jnp.asarray(words.content if candidates is None else candidates), variant=reading.variant,
    )  # fmt: skip
    classes = loaded.model.classes
    of_class = np.asarray(class_words(jnp.asarray(spoken["train"]), jnp.asarray(train.labels), classes))
    forms = None if variants is None else variant_matrix(words.vocabulary, variants)
    splits = {}
    for name, (part, features) in read.items():
        decided, z = relevance_of(
            features.relevant, table, spoken[name], of_class[part.labels], variant=reading.variant, forms=forms
        )
        splits[name] = Split(part, features, spoken[name], decided, z, *sentences(words, part, most=captions))
    trained = np.isin(np.arange(classes), train.labels)
    return Prepared(loaded, reading, channels_of(loaded, reading.layers), words, table, trained, splits)


def _features(
    data: Mapping[str, Captioned],
    loaded: Loaded,
    reading: Reading,
    places: bool,
    per_device: int,
    progress: ProgressCallback,
) -> dict[str, Features]:
    """The important channels for the true class are needed of training pictures alone."""
    options: dict[str, Any] = {"places": places, "per_device": per_device}
    learn, test = (features_reader(loaded, reading, truth=truth, **options) for truth in (True, False))
    features = {}
    for name, part in data.items():
        read = learn if name == "train" else test
        features[name] = read(part.images, part.labels, progress=partial(progress, f"reading decisions, {name}"))
    return features
