"""The report of `jxai describe`: a section for each picture and class."""

import itertools
import re
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.language.associations import Row, rows
from jxai.language.captioner import START, UNKNOWN
from jxai.language.vocabulary import STOP, Vocabulary, because
from jxai.pipelines.subjects import ClassExamples, Subjects
from jxai.pipelines.words.explain import SentenceExplanation
from jxai.pipelines.words.explainer import SentenceExplainer
from jxai.pipelines.words.parts import Parts
from jxai.report.flex import Justification, Sentence, Word, WordMap
from jxai.report.labels import Place
from jxai.report.pictures import enlarge
from jxai.report.sections import Picture, Prediction

__all__ = ["NAMES", "Case", "Descriptions", "channels_of_word", "section_of", "words_with_maps"]

NAMES = {"flex": "FLEX", "flex_without_relevance": "FLEX without relevance", "baseline": "Description"}
NAMES |= {"gve": "GVE", "mme": "MME"}
TYPICAL, MAPS, PLACES = 4, 8, 12  # how many are report, at most


class Case(NamedTuple):
    """An image and the output that it is explained by."""

    image: int
    label: int


class Descriptions(NamedTuple):
    """What the files are made from.

    Attributes:
        explainers: the first is the one that is asked, the others stand beside.
        explanations: of each explainer, with one row a case.
        cases: the explained pairs of a picture and a class.
        subjects: the pictures.
        names: of the model's outputs.
        parts: that the first explainer has words for.
        examples: of the classes.
    """

    explainers: list[SentenceExplainer]
    explanations: list[SentenceExplanation]
    cases: list[Case]
    subjects: Subjects
    names: list[str]
    parts: Parts
    examples: ClassExamples

    def of(self, k: int, explainer: int = 0) -> SentenceExplanation:
        """An explainer's sentence about a case."""
        return jax.tree.map(lambda leaf: leaf[k], self.explanations[explainer])

    def short(self, label: int) -> str:
        """The first name of a class."""
        return self.names[label].split(",")[0]

    def stem(self, k: int) -> str:
        """What files of a case are called after."""
        image, label = self.cases[k]
        name = self.subjects.names[image]
        several = sum(case.image == image for case in self.cases) > 1
        kind = re.sub(r"[^\w.-]+", "_", self.short(label))
        return f"{name}_{kind}" if several else name


def section_of(report: Descriptions, k: int) -> Justification:
    """The section of a case: its sentences, heat maps and parts."""
    image, label = report.cases[k]
    explanation, truth = report.of(k), report.subjects.labels[image]
    probabilities = np.asarray(explanation.probabilities)
    top = tuple(
        Prediction(report.short(c), float(probabilities[c]), None if truth is None else c == truth)
        for c in map(int, np.argsort(-probabilities)[:5])
    )
    name = report.short(label)
    title = report.subjects.names[image].replace("test_", "Test image ")
    picture = enlarge(report.subjects.images[image])
    return Justification(
        title if sum(case.image == image for case in report.cases) == 1 else f"{title}: {name}",
        Picture(picture, "as the network sees it", alt="the picture as the network sees it"),
        because(name, "").strip(),
        name,
        _sentences(report, k),
        np.asarray(explanation.heat),
        top,
        None if truth is None else report.short(truth),
        report.examples(label, TYPICAL),
        _maps(report, k),
        _places(report, k),
        _remarks(report, k),
    )


def _sentences(report: Descriptions, k: int) -> tuple[Sentence, ...]:
    first, explanation = report.explainers[0], report.of(k)
    sentences = [_sentence(report, k, 0, explanation.tokens, NAMES[first.method])]
    for i, tokens in enumerate(explanation.samples, 1):
        sentences.append(_sentence(report, k, 0, tokens, f"{NAMES[first.method]}, drawn {i}"))
    for i, explainer in enumerate(report.explainers[1:], 1):
        sentences.append(_sentence(report, k, i, report.of(k, i).tokens, NAMES[explainer.method]))
    return tuple(sentences)


def _sentence(report: Descriptions, k: int, explainer: int, tokens: Any, method: str) -> Sentence:
    """A sentence of any explainer; decided and relevant is what the first one's associations say."""
    tokens_of, explanation, words = report.explainers[0].vocabulary.tokens, report.of(k), []
    for text in _spelt(report.explainers[explainer].vocabulary, tokens):
        token = tokens_of.get(text, UNKNOWN)
        words.append(Word(text, bool(explanation.decided[token]), float(explanation.relevance[token])))
    return Sentence(tuple(words), method)


def _spelt(vocabulary: Vocabulary, tokens: Any) -> list[str]:
    """The words up to the stop; an explainer may say none at all."""
    kept = list(itertools.takewhile(lambda token: token != vocabulary.stop, np.asarray(tokens).tolist()))
    words = [vocabulary.words[token] for token in kept if token != START]
    return [*(words or ["nothing"]), STOP]


def words_with_maps(report: Descriptions, k: int) -> dict[str, int]:
    """The words of the sentence that have a map, and the place of each in the sentence."""
    explanation, words = report.of(k), report.explainers[0].vocabulary.words
    places: dict[str, int] = {}
    for place, token in enumerate(np.asarray(explanation.tokens)):
        if explanation.channels[place] and np.asarray(explanation.maps[place]).any():
            places.setdefault(words[token], place)
    return places


def channels_of_word(report: Descriptions, k: int, word: str) -> list[Row]:
    """The channels that a word comes from, those that the decision rests on first, the best associated first."""
    first, explanation = report.explainers[0], report.of(k)
    table = rows(first.associations, first.vocabulary, first.layers)
    own = [(bool(on), row) for on, row in zip(explanation.relevant, table, strict=True) if row.word == word]
    chosen = [row for on, row in own if on] or [row for _, row in own]
    return sorted(chosen, key=lambda row: -row.score)


def _maps(report: Descriptions, k: int) -> tuple[WordMap, ...]:
    explanation = report.of(k)
    maps = []
    for word, place in list(words_with_maps(report, k).items())[:MAPS]:
        best, count = channels_of_word(report, k, word)[0], int(explanation.channels[place])
        more = f" and {count - 1} more" if count > 1 else ""
        detail = f"{best.layer} {best.channel} ({best.score:.2g}){more}"
        maps.append(WordMap(word, np.asarray(explanation.maps[place]), detail))
    return tuple(maps)


def _places(report: Descriptions, k: int) -> tuple[Place, ...]:
    """Where the parts are; where the data's parts are not known, the words of the sentence."""
    explanation, (height, width) = report.of(k), report.subjects.images.shape[1:3]
    if not report.parts.names:
        peaks = {word: np.asarray(explanation.maps[place]) for word, place in words_with_maps(report, k).items()}
        at = {word: np.unravel_index(map.argmax(), map.shape) for word, map in peaks.items()}
        return tuple(Place(word, ((x + 0.5) / width, (y + 0.5) / height)) for word, (y, x) in at.items())
    strength = explanation.points.strength
    order = [p for p in np.argsort(-strength, kind="stable") if strength[p] > 0][:PLACES]
    points = np.asarray(explanation.points.place, np.float64) / (width, height)
    return tuple(Place(report.parts.names[p], tuple(points[p].clip(0, 1).tolist())) for p in order)


def _remarks(report: Descriptions, k: int) -> str:
    """What a reader has to know of the sentence."""
    label, explanation = report.cases[k].label, report.of(k)
    best, remarks = int(np.argmax(explanation.probabilities)), []
    if best != label:
        likely, own = (float(explanation.probabilities[k]) for k in (best, label))
        remarks.append(
            f"The network takes it for {report.short(best)} ({likely:.1%}); this is what speaks for "
            f"{report.short(label)} ({own:.1%})."
        )
    if not report.explainers[0].params["trained_classes"][label]:
        remarks.append(f"The explainer has seen no picture of {report.short(label)} in its training.")
    sentence = _sentence(report, k, 0, explanation.tokens, "")
    if not any(word.decisive for word in sentence.words):
        remarks.append("None of its words names a feature that this decision rests on.")
    if not words_with_maps(report, k):
        remarks.append("No word of the sentence goes with a feature of the network, so none has a heat map.")
    return " ".join(remarks)
