"""Table 1 of MaRC: rationales of film reviews, by MaRC and others, against people's marks and against the model.

    python -m experiments.marc_text                                       # reviews; trains the classifier first
    python -m experiments.marc_text --weights RUN                         # the run of a classifier of reviews
    python -m experiments.marc_text --data movies --source movies.tar.gz  # the paper's data; --weights for an encoder

The table is written to `results` (JSON, Markdown). Figure 1, the rationales of a few texts, is written to the folder
`out` (HTML, PNG). Every method explains the probability of the true class (MaRC its logarithm), with the same absent
words.
"""

import dataclasses
import json
import pathlib
import time
from typing import Any, Literal

import jax
import numpy as np
import tyro

from experiments.experiment.paths import RESULTS
from experiments.experiment.record import machine, requested
from experiments.marc_text.data import (
    Texts,
    by_passages,
    load_texts,
    rows_at,
    share_marked,
    train_classifier,
    valid_words,
    word_values,
)
from experiments.marc_text.figure import write_figure
from experiments.marc_text.methods import ABLATIONS, Settings, faithfulness, methods
from experiments.marc_text.page import report
from experiments.marc_text.table import Explained, plausibility, table_rows
from jxai.cli.progress import progress_bars
from jxai.core.scores import log_probability
from jxai.models import masked
from jxai.pipelines.devices import prepare
from jxai.pipelines.texts.checkpoint import load_text_weights
from jxai.pipelines.texts.passages import of_passages
from jxai.pipelines.texts.rationale import probabilities
from jxai.run.map import map_examples

__all__ = ["Config", "main"]


@dataclasses.dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        data: reviews, which are generated, or ERASER's movies.
        source: archive or folder of movies.
        weights: folder of a trained classifier; by default one is trained into the cache folder.
        texts: of the test set, taken evenly; by default 24 reviews, 8 of movies.
        longest: most words of a text; by default 150 of reviews, 400 of movies; 0: any.
        full: the whole test set, of any length, and as many steps as released, 900.
        absent: the token that stands for absent words: pad, the paper's, or mask. A classifier trained by jxai has met
            the mask in training (token dropout), but has never attended to padding.
        steps: most steps of MaRC; released: 900.
        samples: of LIME.
        permutations: of Shapley.
        window: of occlusion, in tokens.
        path: steps of integrated gradients.
        chunk: evaluations side by side.
        per_device: texts that a device works on at once.
        ablations: whether to leave parts of MaRC out.
        shown: texts in the figure.
        seed: of the random numbers.
        devices: CPU devices; by default one per core.
        out: folder for the figure.
        table: folder for the table.
    """

    data: Literal["reviews", "movies"] = "reviews"
    source: pathlib.Path | None = None
    weights: pathlib.Path | None = None
    texts: int | None = None
    longest: int | None = None
    full: bool = False
    absent: Literal["pad", "mask"] = "mask"
    steps: int = 300
    samples: int = 100
    permutations: int = 15
    window: int = 5
    path: int = 50
    chunk: int = 8
    per_device: int = 1
    ablations: bool = True
    shown: int = 2
    seed: int = 0
    devices: int | None = None
    out: pathlib.Path = pathlib.Path("jxai-marc-text")
    table: pathlib.Path = RESULTS


def main(config: Config) -> dict[str, Any]:
    """Explains, measures, writes; returns what the JSON file holds."""
    prepare(config.devices)
    started = time.perf_counter()
    folder = config.weights or train_classifier(config.data, config.source, config.devices)
    training = time.perf_counter() - started
    classifier = load_text_weights(folder)
    texts, params = load_texts(config, classifier), classifier.params
    score = of_passages(log_probability(masked(classifier.model.apply)))
    settings = _settings(config, texts)
    explained = _explained(config, methods(score, settings, ablations=config.ablations), texts, params)
    faithful = _faithful(config, score, settings, texts, params, explained)
    plausible = {row: plausibility(each.words, texts.gold, valid_words(texts)) for row, each in explained.items()}
    results = {
        "machine": machine("jax", "flax"),
        "config": requested(config),
        "weights": _about(folder),
        "texts": {"ids": texts.ids, "words": [len(t.words) for t in texts.whole], "gold": share_marked(texts)},
        "seconds": {"training": round(training, 1), "whole": round(time.perf_counter() - started, 1)},
        "rows": table_rows(explained, faithful, plausible),
        "marc": _facts(config, score, texts, params, explained["MaRC"].raw),
    }
    print(report(config.data).write(config.table, results))
    of_figure = {row: each for row, each in explained.items() if not any(row.endswith(part) for part in ABLATIONS)}
    write_figure(config.out, texts, of_figure, shown=config.shown)
    print(config.out / "marc_text.html")
    return results


def _settings(config: Config, texts: Texts) -> Settings:
    shared = {name: getattr(config, name) for name in ("samples", "permutations", "window", "path", "chunk")}
    steps, words = 900 if config.full else config.steps, max(len(text.words) for text in texts.whole)
    return Settings(words=words, count=texts.parts.count, steps=steps, **shared)


def _about(folder: pathlib.Path) -> dict[str, Any]:
    file = folder / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.is_file() else []
    best = max((json.loads(line) for line in lines), key=lambda epoch: epoch["validation_accuracy"], default={})
    recorded = ("epoch", "validation_accuracy", "seconds")
    about = json.loads((folder / "model.json").read_text()) if (folder / "model.json").is_file() else {}
    return {**about, "best epoch": {name: best[name] for name in recorded if name in best}}


def _explained(config: Config, every: dict[str, Any], texts: Texts, params: Any) -> dict[str, Explained]:
    """For each row of the table one number per word, and the seconds per text of all rows from the same explanation."""
    explained: dict[str, Explained] = {}
    key = jax.random.key(config.seed)
    with progress_bars() as progress:
        for number, (name, maps) in enumerate(every.items()):
            progress(name, number, len(every))
            mapped = map_examples(maps, in_axes=(0, None), per_device=config.per_device)
            start = time.perf_counter()
            raw: dict[str, dict[int, np.ndarray]] = {}
            for rows in by_passages(texts):
                for row, values in mapped(rows_at(texts, rows), params, key=key, ids=rows).items():
                    raw.setdefault(row, {}).update(zip(rows.tolist(), values, strict=True))
            seconds = (time.perf_counter() - start) / len(texts.whole)
            for row, values in raw.items():
                tokens = [values[i] for i in range(len(texts.whole))]
                explained[row] = Explained(word_values(tokens, texts), tokens, seconds)
    return explained


def _faithful(
    config: Config, score: Any, settings: Settings, texts: Texts, params: Any, explained: dict[str, Explained]
) -> dict[str, np.ndarray]:
    """Sufficiency and comprehensiveness of every text, `[n, 2]`, for each row of the table."""
    mapped = map_examples(faithfulness(score, settings), in_axes=(0, 0, None), per_device=config.per_device)
    result = {row: np.zeros((len(texts.whole), 2)) for row in explained}
    for rows in by_passages(texts):
        example = rows_at(texts, rows)
        for row, each in explained.items():
            result[row][rows] = mapped(each.words[rows], example, params)
    return result


def _facts(config: Config, score: Any, texts: Texts, params: Any, masks: list[np.ndarray]) -> dict[str, Any]:
    """The probability of the true class for the texts, MaRC's rationales, their complements, and absent words only."""
    measure = map_examples(probabilities(score), in_axes=(0, 0, 0, 0, 0, 0, None), per_device=config.per_device)
    parts, total = [], []
    for rows in by_passages(texts):
        e = rows_at(texts, rows)
        shown = np.stack([masks[row] for row in rows])
        none = np.zeros_like(shown)
        inputs = e.x, e.absent, e.masks, e.present, e.label, params
        parts.append(np.column_stack([measure(shown, *inputs), measure(none, *inputs)[:, 1]]))
        total += [one[group >= 0].mean() for one, group in zip(shown, e.groups, strict=True)]
    rows = np.concatenate(parts)
    names = ("text", "rationale", "complement", "absent words")
    return {
        "P": {name: round(float(rows[:, k].mean()), 4) for k, name in enumerate(names)},
        "right": round(float((rows[:, 0] > 0.5).mean()), 4),
        "rationale enough": round(float((rows[:, 1] > 0.5).mean()), 4),
        "complement still right": round(float((rows[:, 2] > 0.5).mean()), 4),
        "mean mask": round(float(np.mean(total)), 4),
    }


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
