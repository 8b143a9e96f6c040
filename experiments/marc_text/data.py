"""The classifier of `experiments.marc_text` and the film reviews that it explains, with people's marks."""

import pathlib
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np

from experiments.marc_text.methods import Example
from jxai.cli.settings.train import TrainText
from jxai.cli.train_text import run as train
from jxai.data.cache import cache_folder
from jxai.data.movies import movies
from jxai.data.reviews.source import reviews
from jxai.data.tokens import Tokenized, word_piece
from jxai.pipelines.texts.checkpoint import LoadedText
from jxai.pipelines.texts.passages import Passages, joined, passages
from jxai.signal.spans import marked

__all__ = [
    "Texts",
    "by_passages",
    "load_texts",
    "rows_at",
    "share_marked",
    "train_classifier",
    "valid_words",
    "word_values",
]

FEW = {"reviews": (24, 150), "movies": (8, 400)}  # how many texts, of at most how many words
SPECIAL = {"pad": "[PAD]", "mask": "[MASK]"}


class Texts(NamedTuple):
    """The chosen texts, divided for the model.

    Attributes:
        whole: the texts in tokens.
        parts: their passages.
        labels: true classes, `[n]`.
        gold: which words people marked, bool `[n, words]`.
        classes: names.
        ids: of the texts in the data set.
    """

    whole: list[Tokenized]
    parts: Passages
    labels: np.ndarray
    gold: np.ndarray
    classes: tuple[str, ...]
    ids: list[int]


def train_classifier(data: str, source: pathlib.Path | None, devices: int | None) -> pathlib.Path:
    """Trains a classifier into the cache folder; returns the folder of the run.

    Args:
        data: reviews or movies.
        source: archive or folder of movies.
        devices: CPU devices.
    """
    folder = cache_folder() / "runs" / f"{data}-classifier"
    train(TrainText(out=folder, data=data, source=source, devices=devices))
    return folder


def load_texts(config: Any, classifier: LoadedText) -> Texts:
    """The texts to explain, chosen evenly from the test set; those that nobody marked are left out.

    Args:
        config: of the experiment.
        classifier: decides how the texts are divided.

    Raises:
        ValueError: no archive of movies, or fewer than two texts.
    """
    if config.data == "movies" and config.source is None:
        raise ValueError("name the archive or folder of movies by --source.")
    source = reviews("test") if config.data == "reviews" else movies("test", config.source or "")
    every = [cast(dict[str, Any], source[i]) for i in range(len(source))]
    every = [example for example in every if example.get("rationale")]
    if not config.full:
        texts = FEW[config.data][0] if config.texts is None else config.texts
        longest = FEW[config.data][1] if config.longest is None else config.longest
        every = [example for example in every if len(example["words"]) <= (longest or float("inf"))]
        every = [every[int(place)] for place in np.linspace(0, len(every) - 1, min(texts, len(every))).round()]
    if len(every) < 2:
        raise ValueError("expected two texts or more: the share of words to select is learned from the others.")
    model = classifier.model
    tokenize = word_piece(classifier.vocabulary, lowercase=not classifier.cased)
    whole = [tokenize(list(example["words"])) for example in every]
    absent = tokenize(SPECIAL[config.absent]).tokens[1]
    length = min(classifier.length or model.length, model.length)
    parts = passages(whole, model.embed, classifier.params, length=length, absent=int(absent))
    most = max(len(text.words) for text in whole)
    gold = np.stack([np.asarray(marked(jnp.asarray(example["rationale"]), most)) for example in every])
    labels = np.array([example["label"] for example in every], np.int32)
    return Texts(whole, parts, labels, gold, source.classes, [int(example["id"]) for example in every])


def _examples(texts: Texts) -> Example:
    parts = texts.parts
    return Example(
        parts.xs, parts.absent, parts.masks, parts.groups, parts.everywhere, parts.present, texts.labels
    )  # fmt: skip


def by_passages(texts: Texts) -> list[np.ndarray]:
    """The rows of texts grouped by their number of passages: a program is compiled for each number."""
    numbers = texts.parts.present.sum(1)
    return [np.flatnonzero(numbers == number) for number in np.unique(numbers)]


def rows_at(texts: Texts, rows: np.ndarray) -> Example:
    """Some texts, without the passages that none of them has."""
    example = jax.tree.map(lambda leaf: leaf[rows], _examples(texts))
    most = example.present.sum(1).max()
    return Example(*(leaf if leaf.ndim < 2 else leaf[:, :most] for leaf in example))


def word_values(tokens: list[np.ndarray], texts: Texts) -> np.ndarray:
    """From values of tokens to values of words `[n, words]`, between 0 and 1 in each text."""
    result = np.zeros(texts.gold.shape, np.float32)
    for row, (values, words) in enumerate(zip(tokens, texts.parts.words, strict=True)):
        one = joined(values, texts.parts.groups[row], words)
        spread = one.max() - one.min()
        result[row, : len(one)] = (one - one.min()) / (spread or 1)
    return result


def valid_words(texts: Texts) -> np.ndarray:
    """Which words exist, bool `[n, words]`."""
    return np.arange(texts.gold.shape[1]) < np.array([len(text.words) for text in texts.whole])[:, None]


def share_marked(texts: Texts) -> float:
    """The share of words that people marked."""
    return round(float(texts.gold.sum() / valid_words(texts).sum()), 4)
