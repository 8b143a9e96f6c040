"""The parts that features are looked for on: those of the classifier's data, with the words that name them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from jxai.data.part_words import words_of
from jxai.data.schema import Meta, SceneMeta
from jxai.data.spec import meta_of
from jxai.language.vocabulary import Vocabulary
from jxai.pipelines.words.explainer import SentenceExplainer

__all__ = ["Parts", "named_parts", "parts_of"]


class Parts(NamedTuple):
    """Parts, and the words for them.

    Attributes:
        names: of the parts whose words the explainer knows; of a part that comes twice (left, right) once.
        named: `[P, D]`, which words name which part; one empty row where there is no part.
    """

    names: tuple[str, ...]
    named: Bool[np.ndarray, "p d"]


def parts_of(explainer: SentenceExplainer, meta: Meta | SceneMeta | None) -> Parts:
    """The parts that an explainer can name.

    Args:
        explainer: of `load_flex`.
        meta: of the classifier's data; None: of the data that it was trained on, if they are made here.
    """
    meta = meta_of(explainer.data) if meta is None and explainer.data else meta
    return named_parts(_names(meta), explainer.vocabulary)


def named_parts(names: tuple[str, ...], vocabulary: Vocabulary) -> Parts:
    """The parts that a vocabulary has words for.

    Example:
        >>> words = Vocabulary(("<s>", "<unk>", ".", "bill", "eye"), 2)
        >>> parts = named_parts(("left eye", "right eye", "beak", "rug"), words)
        >>> parts.names, parts.named.astype(int).tolist()
        (('eye', 'beak'), [[0, 0, 0, 0, 1], [0, 0, 0, 1, 0]])
    """
    words: dict[str, set[str]] = {}
    for name, own in zip(names, words_of(names), strict=True):
        words.setdefault(name.removeprefix("left ").removeprefix("right "), set()).update(own)
    rows = {name: [word in own for word in vocabulary.words] for name, own in words.items()}
    rows = {name: row for name, row in rows.items() if any(row)}
    return Parts(tuple(rows), np.array(list(rows.values()) or [[False] * len(vocabulary.words)], bool))


def _names(meta: Meta | SceneMeta | None) -> tuple[str, ...]:
    if meta is None:
        return ()
    return meta.objects if isinstance(meta, SceneMeta) else meta.part_names
