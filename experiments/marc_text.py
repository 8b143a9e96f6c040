"""Table 1 of MaRC: rationales of film reviews, by MaRC and others, against people's marks and against the model.

    python -m experiments.marc_text                                       # reviews; trains the classifier first
    python -m experiments.marc_text --weights RUN                         # a classifier of `jxai train --data reviews`
    python -m experiments.marc_text --data movies --source movies.tar.gz  # the paper's data; --weights for an encoder

Writes the table into `results` (JSON, Markdown), and into the folder `out` Figure 1: the rationales of a few texts
(HTML, PNG). Every method explains the probability of the true class (MaRC its logarithm), with the same absent words.
"""

import dataclasses
import json
import pathlib
import time
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
import tyro
from jxai.scores import log_probability

from experiments.benchmarks.timing import machine
from experiments.marc_text_methods import ABLATIONS, Example, Settings, faithfulness, methods
from experiments.marc_text_page import markdown, write_figure
from experiments.marc_text_table import Found, plausibility, rows_of
from jxai.commands.progress import telling
from jxai.commands.runtime import prepare
from jxai.commands.text_config import Text
from jxai.commands.text_passages import Passages, joined, of_passages, passages
from jxai.commands.text_rationale import probabilities
from jxai.commands.train import run as train
from jxai.commands.train_config import Train
from jxai.commands.weights import text_weights
from jxai.data.cache import cache_folder
from jxai.data.movies import movies
from jxai.data.reviews import reviews
from jxai.data.tokens import Tokenized, word_piece
from jxai.models import TextModel, masked
from jxai.run.sharding import map_examples
from jxai.signal.spans import marked

__all__ = ["Config", "main"]

SPECIAL = {"pad": "[PAD]", "mask": "[MASK]"}


@dataclasses.dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        data: reviews, which are made here, or ERASER's movies.
        source: archive or folder of movies.
        weights: folder of a `jxai train` run; by default a classifier is trained into the cache folder.
        texts: of the test set, taken evenly.
        longest: most words of a text, in the default setting of reviews; 0: any.
        full: the whole test set, of any length.
        absent: the token that stands for absent words: pad or mask.
        steps: most steps of MaRC.
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
    texts: int = 24
    longest: int = 200
    full: bool = False
    absent: Literal["pad", "mask"] = "pad"
    steps: int = 900
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
    table: pathlib.Path = pathlib.Path(__file__).parent / "results"


class Texts(NamedTuple):
    """The chosen texts: cut for the model, and marked by people."""

    whole: list[Tokenized]
    parts: Passages
    labels: np.ndarray
    gold: np.ndarray  # [n, words], booleans
    classes: tuple[str, ...]
    ids: list[int]


def main(config: Config) -> dict[str, Any]:
    """Explains, measures, writes; returns what the JSON file holds."""
    prepare(config.devices)
    began = time.perf_counter()
    folder = config.weights or _trained(config)
    trained = time.perf_counter() - began
    command, model, params = text_weights(Text(texts=(), weights=folder))
    texts = _texts(config, command, model, params)
    score = of_passages(log_probability(masked(model.apply)))
    settings = Settings(
        max(len(text.words) for text in texts.whole), texts.parts.count, config.steps, config.samples,
        config.permutations, config.window, config.path, config.chunk,
    )  # fmt: skip
    found = _explained(config, methods(score, settings, ablations=config.ablations), texts, params)
    measure = faithfulness(score, settings)
    faithful = {row: _over(config, measure, texts, params, each.words) for row, each in found.items()}
    agree = {row: plausibility(each.words, texts.gold, _valid(texts)) for row, each in found.items()}
    whole = {
        "machine": machine("jax", "flax"),
        "config": {name: str(v) if isinstance(v, pathlib.Path) else v for name, v in vars(config).items()},
        "weights": _about(folder),
        "texts": {"ids": texts.ids, "words": [len(t.words) for t in texts.whole], "gold": _share(texts)},
        "seconds": {"training": round(trained, 1), "whole": round(time.perf_counter() - began, 1)},
        "rows": rows_of(found, faithful, agree),
        "marc": _facts(config, score, texts, params, found["MaRC"].raw),
    }
    _write(config, whole, texts, found)
    return whole


def _trained(config: Config) -> pathlib.Path:
    folder = cache_folder() / "runs" / f"{config.data}-classifier"
    train(Train(out=folder, data=config.data, source=config.source, devices=config.devices))
    return folder


def _about(folder: pathlib.Path) -> dict[str, Any]:
    file = folder / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.is_file() else []
    best = max((json.loads(line) for line in lines), key=lambda epoch: epoch["validation_accuracy"], default={})
    keep = ("epoch", "validation_accuracy", "seconds")
    about = json.loads((folder / "model.json").read_text()) if (folder / "model.json").is_file() else {}
    return {**about, "best epoch": {name: best[name] for name in keep if name in best}}


def _texts(config: Config, command: Text, model: TextModel, params: Any) -> Texts:
    if config.data == "movies" and config.source is None:
        raise ValueError("name the archive or folder of movies by --source.")
    source = reviews("test") if config.data == "reviews" else movies("test", config.source or "")
    every = [example for example in source if example.get("rationale")]
    if not config.full:
        limit = config.longest if config.data == "reviews" and config.longest else float("inf")
        every = [example for example in every if len(example["words"]) <= limit]
        every = [every[int(place)] for place in np.linspace(0, len(every) - 1, min(config.texts, len(every))).round()]
    if len(every) < 2:
        raise ValueError("expected two texts or more: how much to cut is learnt from the others.")
    tokenize = word_piece(command.vocab or "", lowercase=not command.cased)
    whole = [tokenize(list(example["words"])) for example in every]
    absent = tokenize(SPECIAL[config.absent]).tokens[1]
    length = min(command.length or model.length, model.length)
    parts = passages(whole, model.embed, params, length=length, absent=int(absent))
    most = max(len(text.words) for text in whole)
    gold = np.stack([np.asarray(marked(np.asarray(example["rationale"]), most)) for example in every])
    labels = np.array([example["label"] for example in every], np.int32)
    return Texts(whole, parts, labels, gold, source.classes, [int(example["id"]) for example in every])


def _examples(texts: Texts) -> Example:
    parts = texts.parts
    return Example(
        parts.xs, parts.absent, parts.masks, parts.groups, parts.everywhere, parts.present, texts.labels
    )  # fmt: skip


def _by_passages(texts: Texts) -> list[np.ndarray]:
    """Rows of texts with as many passages each: a program is compiled for each number."""
    numbers = texts.parts.present.sum(1)
    return [np.flatnonzero(numbers == number) for number in np.unique(numbers)]


def _rows(texts: Texts, rows: np.ndarray) -> Example:
    """Some texts, without the passages that none of them has."""
    example = jax.tree.map(lambda leaf: leaf[rows], _examples(texts))
    most = example.present.sum(1).max()
    return Example(*(leaf if leaf.ndim < 2 else leaf[:, :most] for leaf in example))


def _explained(config: Config, every: dict[str, Any], texts: Texts, params: Any) -> dict[str, Found]:
    """For each row of the table one number a word, and the seconds a text that all rows of the explanation took."""
    found: dict[str, Found] = {}
    key = jax.random.key(config.seed)
    with telling() as tell:
        for number, (name, maps) in enumerate(every.items()):
            tell(name, number, len(every))
            mapped = map_examples(maps, in_axes=(0, None), per_device=config.per_device)
            start = time.perf_counter()
            raw: dict[str, dict[int, np.ndarray]] = {}
            for rows in _by_passages(texts):
                for row, values in mapped(_rows(texts, rows), params, key=key, ids=rows).items():
                    raw.setdefault(row, {}).update(zip(rows.tolist(), values, strict=True))
            seconds = (time.perf_counter() - start) / len(texts.whole)
            for row, values in raw.items():
                tokens = [values[i] for i in range(len(texts.whole))]
                found[row] = Found(_words(tokens, texts), tokens, seconds)
    return found


def _words(tokens: list[np.ndarray], texts: Texts) -> np.ndarray:
    """From numbers of tokens to those of words `[n, words]`, between 0 and 1 in each text."""
    result = np.zeros(texts.gold.shape, np.float32)
    for row, (values, words) in enumerate(zip(tokens, texts.parts.words, strict=True)):
        one = joined(values, texts.parts.groups[row], words)
        spread = one.max() - one.min()
        result[row, : len(one)] = (one - one.min()) / (spread or 1)
    return result


def _valid(texts: Texts) -> np.ndarray:
    return np.arange(texts.gold.shape[1]) < np.array([len(text.words) for text in texts.whole])[:, None]


def _over(config: Config, measure: Any, texts: Texts, params: Any, values: np.ndarray) -> np.ndarray:
    """A measure of every text, `[n, ...]`."""
    mapped = _MAPPED.setdefault(
        id(measure), map_examples(measure, in_axes=(0, 0, None), per_device=config.per_device)
    )  # built once for all rows
    groups = _by_passages(texts)
    parts = [mapped(values[rows], _rows(texts, rows), params) for rows in groups]
    return np.concatenate(parts)[np.argsort(np.concatenate(groups))]


_MAPPED: dict[int, Any] = {}


def _facts(config: Config, score: Any, texts: Texts, params: Any, masks: list[np.ndarray]) -> dict[str, Any]:
    """How probable the true class is: for the texts, MaRC's rationales, their complements, and absent words alone."""
    measure = map_examples(probabilities(score), in_axes=(0, 0, 0, 0, 0, 0, None), per_device=config.per_device)
    parts, total = [], []
    for rows in _by_passages(texts):
        e = _rows(texts, rows)
        shown = np.stack([masks[row] for row in rows])
        none = np.zeros_like(shown)
        given = e.x, e.absent, e.masks, e.present, e.label, params
        parts.append(np.column_stack([measure(shown, *given), measure(none, *given)[:, 1]]))
        total += [one[group >= 0].mean() for one, group in zip(shown, e.groups, strict=True)]
    chances = np.concatenate(parts)
    names = ("text", "rationale", "complement", "absent words")
    return {
        "P": {name: round(float(chances[:, k].mean()), 4) for k, name in enumerate(names)},
        "right": round(float((chances[:, 0] > 0.5).mean()), 4),
        "rationale enough": round(float((chances[:, 1] > 0.5).mean()), 4),
        "complement still right": round(float((chances[:, 2] > 0.5).mean()), 4),
        "mean mask": round(float(np.mean(total)), 4),
    }


def _share(texts: Texts) -> float:
    return round(float(texts.gold.sum() / _valid(texts).sum()), 4)


def _write(config: Config, whole: dict[str, Any], texts: Texts, found: dict[str, Found]) -> None:
    name = "marc_text" if config.data == "reviews" else f"marc_text_{config.data}"
    config.table.mkdir(parents=True, exist_ok=True)
    page = markdown(whole)
    (config.table / f"{name}.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    (config.table / f"{name}.md").write_text(page)
    print(page)
    ours = [row for row in found if not any(row.endswith(part) for part in ABLATIONS)]
    write_figure(config.out, texts, {row: found[row] for row in ours}, shown=config.shown)
    print(config.out / "marc_text.html")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
