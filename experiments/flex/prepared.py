"""The training data of the explainers of `experiments.flex`; decisions are read once for each set, into a folder."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.flex.data import Set
from experiments.flex.networks import Network
from jxai.data.part_words import words_of as words_of_parts
from jxai.data.source import Source
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.words.captions import Captioned, captioned, held_out
from jxai.pipelines.words.features import Features, features_reader
from jxai.pipelines.words.layers import Reading
from jxai.pipelines.words.lexicon import words_of
from jxai.pipelines.words.prepare import Prepared, prepared_of
from jxai.run.outputs import fingerprint

__all__ = ["Read", "prepared", "read_set"]

Read = dict[str, tuple[Captioned, Features]]


def read_set(net: Network, data: Set, reading: Reading, folder: pathlib.Path, progress: Any) -> Read:
    """The decisions on all images with sentences, by split; what the folder has is not read again.

    Args:
        net: the classifier.
        data: the set.
        reading: what is read.
        folder: where they are stored.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    decisions: Read = {}
    for split, rows in data.captioned.items():
        images = captioned(Source(rows, split=split, read=lambda row: row), name=split)
        about = "-".join(map(str, (reading.variant, reading.k, reading.eta, len(reading.layers))))
        file = folder / f"{split}-{about}-{fingerprint((images.images, net.params))[:12]}.npz"
        if not file.exists():
            features = _read(net, data, reading, images, split, progress)
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, **{name: value for name, value in features._asdict().items() if value is not None})
        with np.load(file) as arrays:
            decisions[split] = images, Features(**{name: arrays.get(name) for name in Features._fields})
    return decisions


def _read(net: Network, data: Set, reading: Reading, images: Captioned, split: str, progress: Any) -> Features:
    loaded = Loaded(net.model, net.params, list(data.classes))
    read = features_reader(loaded, reading, truth=split == "train", places=True)
    report = lambda done, total: progress(f"reading {split}", done, total)  # noqa: E731
    return read(images.images, images.labels, progress=report)


def prepared(
    read: Read,
    net: Network,
    data: Set,
    reading: Reading,
    *,
    captions: int,
    variants: Any,
    without: Sequence[int] = (),
    parts_only: bool = False,
) -> Prepared:
    """The words of channels and the relevance of words, made from the decisions as the command line makes them.

    Args:
        read: of `read_set`.
        net: the classifier.
        data: the set.
        reading: what was read.
        captions: sentences per image that are learned from, at most.
        variants: other forms of words.
        without: classes that are left out of training and validation, and tested alone.
        parts_only: give channels words of parts or objects only, not all nouns and adjectives.
    """
    chosen = _without(read, without) if without else read
    words = words_of(chosen["train"][0], least=3)
    candidates = words.content & _names(words, data.things) if parts_only else None
    loaded = Loaded(net.model, net.params, list(data.classes))
    return prepared_of(loaded, reading, chosen, words, captions=captions, variants=variants, candidates=candidates)


def _without(read: Mapping[str, tuple[Captioned, Features]], classes: Sequence[int]) -> Read:
    """Training and validation without the classes, and only the test images of these."""
    held_out({name: images for name, (images, _) in read.items()}, classes)  # refuses what would leave nothing
    chosen: Read = {}
    for name, (images, features) in read.items():
        rows = np.isin(images.labels, list(classes)) == (name == "test")
        of = [None if value is None else value[rows] for value in features]
        chosen[name] = images.of(rows), Features(*of)
    return chosen


def _names(words: Any, things: Sequence[str]) -> np.ndarray:
    """Which words name one of the things, bool `[D]`."""
    naming = {word for of in words_of_parts(things) for word in of}
    return np.array([word in naming for word in words.vocabulary.words])
