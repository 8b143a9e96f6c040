"""What the explainers of `experiments.flex` learn from: decisions are read once a set, and kept."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.flex.data import Set
from experiments.flex.networks import Network
from jxai.data.part_words import words_of as words_of_things
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


def read_set(net: Network, data: Set, reading: Reading, folder: pathlib.Path, tell: Any) -> Read:
    """The decisions on all captioned pictures, by split; what the folder has is not read again.

    Args:
        net: the classifier.
        data: the set.
        reading: what is read.
        folder: where they are kept.
        tell: told of progress.
    """
    found: Read = {}
    for split, rows in data.captioned.items():
        pictures = captioned(Source(rows, split=split, read=lambda row: row), name=split)
        about = "-".join(map(str, (reading.variant, reading.k, reading.eta, len(reading.layers))))
        kept = folder / f"{split}-{about}-{fingerprint((pictures.images, net.params))[:12]}.npz"
        if not kept.exists():
            features = _read(net, data, reading, pictures, split, tell)
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, **{name: value for name, value in features._asdict().items() if value is not None})
        with np.load(kept) as arrays:
            found[split] = pictures, Features(**{name: arrays.get(name) for name in Features._fields})
    return found


def _read(net: Network, data: Set, reading: Reading, pictures: Captioned, split: str, tell: Any) -> Features:
    loaded = Loaded(net.model, net.params, list(data.classes))
    read = features_reader(loaded, reading, truth=split == "train", places=True)
    return read(pictures.images, pictures.labels, progress=lambda done, total: tell(f"reading {split}", done, total))


def prepared(
    read: Read,
    net: Network,
    data: Set,
    reading: Reading,
    *,
    captions: int,
    variants: Any,
    without: Sequence[int] = (),
    things: bool = False,
) -> Prepared:
    """Words of channels, and relevance of words: as `jxai train words` makes them, of what is read.

    Args:
        read: of `read_set`.
        net: the classifier.
        data: the set.
        reading: what was read.
        captions: sentences of a picture that are learnt from, at most.
        variants: other forms of words.
        without: classes that are left out of training and validation, and tested alone.
        things: give channels words of parts or objects alone, not of all nouns and adjectives.
    """
    kept = _without(read, without) if without else read
    words = words_of(kept["train"][0], least=3)
    candidates = words.content & _names(words, data.things) if things else None
    loaded = Loaded(net.model, net.params, list(data.classes))
    return prepared_of(loaded, reading, kept, words, captions=captions, variants=variants, candidates=candidates)


def _without(read: Mapping[str, tuple[Captioned, Features]], classes: Sequence[int]) -> Read:
    """Training and validation without the classes, the test pictures of these alone."""
    held_out({name: pictures for name, (pictures, _) in read.items()}, classes)  # refuses what would leave nothing
    found: Read = {}
    for name, (pictures, features) in read.items():
        rows = np.isin(pictures.labels, list(classes)) == (name == "test")
        of = [None if value is None else value[rows] for value in features]
        found[name] = pictures.of(rows), Features(*of)
    return found


def _names(words: Any, things: Sequence[str]) -> np.ndarray:
    """Which words name one of the things, bool `[D]`."""
    naming = {word for of in words_of_things(things) for word in of}
    return np.array([word in naming for word in words.vocabulary.words])
