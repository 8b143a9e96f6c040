"""What `jxai explain --flex` tells and writes of each picture: lines, figures, a section of the report, JSON, maps."""

import itertools
import re
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.language.associations import Row, rows
from jxai.language.captioner import START, UNKNOWN
from jxai.language.vocabulary import STOP, Vocabulary, because, decode
from jxai.pipelines.subjects import ClassExamples, Subjects
from jxai.pipelines.words.explain import Heard
from jxai.pipelines.words.explainer import Speaker
from jxai.pipelines.words.parts import Parts
from jxai.report.flex import Justification, Sentence, Word, WordMap
from jxai.report.flex_figures import annotation_figure, mistake_figure, sentences_figure, words_figure
from jxai.report.labels import Place
from jxai.report.pictures import enlarged, save_png
from jxai.report.sections import Picture, Prediction
from jxai.run.outputs import save_maps, write_json

__all__ = ["NAMES", "Case", "Shown", "told", "written"]

NAMES = {"flex": "FLEX", "flex_without_relevance": "FLEX without relevance", "baseline": "Description"}
NAMES |= {"gve": "GVE", "mme": "MME"}
TYPICAL, MAPS, PLACES = 4, 8, 12  # how many are shown, at most


class Case(NamedTuple):
    """An image and the output that it is explained by."""

    image: int
    label: int


class Shown(NamedTuple):
    """What the files are made from: the first speaker is the one that is asked, the others stand beside."""

    speakers: list[Speaker]
    heard: list[Heard]
    cases: list[Case]
    subjects: Subjects
    names: list[str]
    parts: Parts
    typical: ClassExamples

    def of(self, k: int, speaker: int = 0) -> Heard:
        """What a speaker said of a case."""
        return jax.tree.map(lambda leaf: leaf[k], self.heard[speaker])

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


def told(shown: Shown, k: int, section: Justification) -> str:
    """The sentence, what the others say, and the words with their relevance; from the section that `written` made."""
    label, heard = shown.cases[k].label, shown.of(k)
    whole = because(shown.short(label), decode(shown.speakers[0].vocabulary, heard.tokens))
    lines = [f"{shown.stem(k)}: {whole}  ({float(heard.probabilities[label]):.1%})"]
    if section.text:
        lines.append(f"  {section.text}")
    lines += [f"  {sentence.method}: {sentence.text}" for sentence in section.sentences[1:]]
    words = ", ".join(f"{word.text} {word.relevance:.2f}" for word in section.relevant)
    lines.append(f"  decided by (relevance in nats): {words or 'none of its words'}")
    return "\n".join(lines)


def written(folder: Path, shown: Shown, k: int) -> Justification:
    """The files of a case: figures, sentence and words as JSON, raw maps; and its section of the report."""
    section, stem, heard = _section(shown, k), shown.stem(k), shown.of(k)
    image = section.picture.image
    save_png(folder / f"{stem}_sentence.png", sentences_figure([section]))
    if section.mistaken and section.typical:
        save_png(folder / f"{stem}_mistake.png", mistake_figure(section))
    if section.maps:
        save_png(folder / f"{stem}_words.png", words_figure(image, section.maps))
    if section.places:
        save_png(folder / f"{stem}_parts.png", annotation_figure(image, section.places))
    write_json(folder / f"{stem}.json", _record(shown, k, section))
    raw = {"grad_cam": heard.heat, "relevant": heard.relevant, "decided": heard.decided}
    raw |= {f"words/{place}_{word}": heard.maps[place] for word, place in _mapped(shown, k).items()}
    save_maps(folder / f"{stem}.npz", raw, {"image": shown.subjects.names[shown.cases[k].image], "words": "place_word"})
    return section


def _section(shown: Shown, k: int) -> Justification:
    image, label = shown.cases[k]
    heard, truth = shown.of(k), shown.subjects.labels[image]
    probabilities = np.asarray(heard.probabilities)
    top = tuple(
        Prediction(shown.short(c), float(probabilities[c]), None if truth is None else c == truth)
        for c in map(int, np.argsort(-probabilities)[:5])
    )
    name = shown.short(label)
    title = shown.subjects.names[image].replace("test_", "Test image ")
    picture = enlarged(shown.subjects.images[image])
    return Justification(
        title if sum(case.image == image for case in shown.cases) == 1 else f"{title}: {name}",
        Picture(picture, "as the network sees it", alt="the picture as the network sees it"),
        because(name, "").strip(),
        name,
        _sentences(shown, k),
        np.asarray(heard.heat),
        top,
        None if truth is None else shown.short(truth),
        shown.typical(label, TYPICAL),
        _maps(shown, k),
        _places(shown, k),
        _remarks(shown, k),
    )


def _sentences(shown: Shown, k: int) -> tuple[Sentence, ...]:
    first, heard = shown.speakers[0], shown.of(k)
    found = [_sentence(shown, k, 0, heard.tokens, NAMES[first.method])]
    found += [
        _sentence(shown, k, 0, tokens, f"{NAMES[first.method]}, drawn {i}") for i, tokens in enumerate(heard.samples, 1)
    ]
    for i, speaker in enumerate(shown.speakers[1:], 1):
        found.append(_sentence(shown, k, i, shown.of(k, i).tokens, NAMES[speaker.method]))
    return tuple(found)


def _sentence(shown: Shown, k: int, speaker: int, tokens: Any, method: str) -> Sentence:
    """A sentence of any speaker; decided and relevant is what the first one's associations say."""
    known, heard, words = shown.speakers[0].vocabulary.tokens, shown.of(k), []
    for text in _spelt(shown.speakers[speaker].vocabulary, tokens):
        token = known.get(text, UNKNOWN)
        words.append(Word(text, bool(heard.decided[token]), float(heard.relevance[token])))
    return Sentence(tuple(words), method)


def _spelt(vocabulary: Vocabulary, tokens: Any) -> list[str]:
    """The words up to the stop; an explainer may say none at all."""
    kept = list(itertools.takewhile(lambda token: token != vocabulary.stop, np.asarray(tokens).tolist()))
    words = [vocabulary.words[token] for token in kept if token != START]
    return [*(words or ["nothing"]), STOP]


def _mapped(shown: Shown, k: int) -> dict[str, int]:
    """The words of the sentence that have a map, and the place of each in the sentence."""
    heard, words = shown.of(k), shown.speakers[0].vocabulary.words
    found: dict[str, int] = {}
    for place, token in enumerate(np.asarray(heard.tokens)):
        if heard.channels[place] and np.asarray(heard.maps[place]).any():
            found.setdefault(words[token], place)
    return found


def _features(shown: Shown, k: int, word: str) -> list[Row]:
    """The channels that a word comes from, those that the decision rests on first, the best associated first."""
    first, heard = shown.speakers[0], shown.of(k)
    table = rows(first.associations, first.vocabulary, first.layers)
    own = [(bool(on), row) for on, row in zip(heard.relevant, table, strict=True) if row.word == word]
    chosen = [row for on, row in own if on] or [row for _, row in own]
    return sorted(chosen, key=lambda row: -row.score)


def _maps(shown: Shown, k: int) -> tuple[WordMap, ...]:
    heard = shown.of(k)
    found = []
    for word, place in list(_mapped(shown, k).items())[:MAPS]:
        best, count = _features(shown, k, word)[0], int(heard.channels[place])
        more = f" and {count - 1} more" if count > 1 else ""
        detail = f"{best.layer} {best.channel} ({best.score:.2g}){more}"
        found.append(WordMap(word, np.asarray(heard.maps[place]), detail))
    return tuple(found)


def _places(shown: Shown, k: int) -> tuple[Place, ...]:
    """Where the parts are; where the data's parts are not known, the words of the sentence."""
    heard, (height, width) = shown.of(k), shown.subjects.images.shape[1:3]
    if not shown.parts.names:
        peaks = {word: np.asarray(heard.maps[place]) for word, place in _mapped(shown, k).items()}
        at = {word: np.unravel_index(map.argmax(), map.shape) for word, map in peaks.items()}
        return tuple(Place(word, ((x + 0.5) / width, (y + 0.5) / height)) for word, (y, x) in at.items())
    order = [p for p in np.argsort(-heard.points.strength, kind="stable") if heard.points.strength[p] > 0][:PLACES]
    points = np.asarray(heard.points.place, np.float64) / (width, height)
    return tuple(Place(shown.parts.names[p], tuple(points[p].clip(0, 1).tolist())) for p in order)


def _remarks(shown: Shown, k: int) -> str:
    """What a reader has to know of the sentence."""
    label, heard = shown.cases[k].label, shown.of(k)
    best, found = int(np.argmax(heard.probabilities)), []
    if best != label:
        found.append(
            f"The network takes it for {shown.short(best)} ({float(heard.probabilities[best]):.1%}); this is what "
            f"speaks for {shown.short(label)} ({float(heard.probabilities[label]):.1%})."
        )
    if not shown.speakers[0].params["learnt"][label]:
        found.append(f"The explainer has seen no picture of {shown.short(label)} in its training.")
    said = _sentence(shown, k, 0, heard.tokens, "")
    if not any(word.decisive for word in said.words):
        found.append("None of its words names a feature that this decision rests on.")
    if not _mapped(shown, k):
        found.append("No word of the sentence goes with a feature of the network, so none has a heat map.")
    return " ".join(found)


def _record(shown: Shown, k: int, section: Justification) -> dict[str, Any]:
    image, label = shown.cases[k]
    heard, truth = shown.of(k), shown.subjects.labels[image]
    first = section.sentences[0]
    sentence = decode(shown.speakers[0].vocabulary, heard.tokens)
    return {
        "picture": shown.subjects.names[image],
        "class": shown.short(label),
        "output": label,
        "probability": float(heard.probabilities[label]),
        "predicted": shown.short(int(np.argmax(heard.probabilities))),
        "true": None if truth is None else shown.short(truth),
        "learnt": bool(shown.speakers[0].params["learnt"][label]),
        "method": shown.speakers[0].method,
        "sentence": sentence,
        "because": because(shown.short(label), sentence),
        "tokens": np.asarray(heard.tokens).tolist(),
        "words": [{"word": w.text, "relevance": w.relevance, "decided": w.decisive} for w in first.words],
        "features": {word: [row._asdict() for row in _features(shown, k, word)[:5]] for word in _mapped(shown, k)},
        "places": [{"word": place.word, "x": place.point[0], "y": place.point[1]} for place in section.places],
        "others": [{"method": said.method, "sentence": said.text} for said in section.sentences[1:]],
        "remarks": section.text,
    }
