"""What `jxai describe` prints and writes of each picture: lines, figures, JSON, maps."""

from pathlib import Path
from typing import Any

import numpy as np

from jxai.cli.describe_report import Descriptions, channels_of_word, words_with_maps
from jxai.language.vocabulary import because, decode
from jxai.report.flex import Justification
from jxai.report.flex_figures import annotation_figure, mistake_figure, sentences_figure, words_figure
from jxai.report.pictures import save_png
from jxai.run.outputs import save_maps, write_json

__all__ = ["summary", "write_case"]


def summary(report: Descriptions, k: int, section: Justification) -> str:
    """The sentence, what the others say, and the words with their relevance."""
    label, explanation = report.cases[k].label, report.of(k)
    whole = because(report.short(label), decode(report.explainers[0].vocabulary, explanation.tokens))
    lines = [f"{report.stem(k)}: {whole}  ({float(explanation.probabilities[label]):.1%})"]
    if section.text:
        lines.append(f"  {section.text}")
    lines += [f"  {sentence.method}: {sentence.text}" for sentence in section.sentences[1:]]
    words = ", ".join(f"{word.text} {word.relevance:.2f}" for word in section.relevant)
    lines.append(f"  decided by (relevance in nats): {words or 'none of its words'}")
    return "\n".join(lines)


def write_case(folder: Path, report: Descriptions, k: int, section: Justification) -> None:
    """Write the files of a case: figures, sentence and words as JSON, raw maps."""
    stem, explanation = report.stem(k), report.of(k)
    image = section.picture.image
    save_png(folder / f"{stem}_sentence.png", sentences_figure([section]))
    if section.mistaken and section.typical:
        save_png(folder / f"{stem}_mistake.png", mistake_figure(section))
    if section.maps:
        save_png(folder / f"{stem}_words.png", words_figure(image, section.maps))
    if section.places:
        save_png(folder / f"{stem}_parts.png", annotation_figure(image, section.places))
    write_json(folder / f"{stem}.json", _record(report, k, section))
    raw = {"grad_cam": explanation.heat, "relevant": explanation.relevant, "decided": explanation.decided}
    raw |= {f"words/{place}_{word}": explanation.maps[place] for word, place in words_with_maps(report, k).items()}
    about = {"image": report.subjects.names[report.cases[k].image], "words": "place_word"}
    save_maps(folder / f"{stem}.npz", raw, about)


def _record(report: Descriptions, k: int, section: Justification) -> dict[str, Any]:
    image, label = report.cases[k]
    explanation, truth = report.of(k), report.subjects.labels[image]
    first = section.sentences[0]
    channels = {word: channels_of_word(report, k, word)[:5] for word in words_with_maps(report, k)}
    text = decode(report.explainers[0].vocabulary, explanation.tokens)
    return {
        "picture": report.subjects.names[image],
        "class": report.short(label),
        "output": label,
        "probability": float(explanation.probabilities[label]),
        "predicted": report.short(int(np.argmax(explanation.probabilities))),
        "true": None if truth is None else report.short(truth),
        "learnt": bool(report.explainers[0].params["trained_classes"][label]),
        "method": report.explainers[0].method,
        "sentence": text,
        "because": because(report.short(label), text),
        "tokens": np.asarray(explanation.tokens).tolist(),
        "words": [{"word": w.text, "relevance": w.relevance, "decided": w.decisive} for w in first.words],
        "features": {word: [row._asdict() for row in rows] for word, rows in channels.items()},
        "places": [{"word": place.word, "x": place.point[0], "y": place.point[1]} for place in section.places],
        "others": [{"method": sentence.method, "sentence": sentence.text} for sentence in section.sentences[1:]],
        "remarks": section.text,
    }
