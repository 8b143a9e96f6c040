"""Table 1 of MaRC: rationales of film reviews, by MaRC and others, against people's marks and against the model.

    python -m experiments.marc_text                                       # reviews; trains the classifier first
    python -m experiments.marc_text --weights RUN                         # a classifier of `jxai train text`
    python -m experiments.marc_text --data movies --source movies.tar.gz  # the paper's data; --weights for an encoder

Writes the table into `results` (JSON, Markdown), and into the folder `out` Figure 1: the rationales of a few texts
(HTML, PNG). Every method explains the probability of the true class (MaRC its logarithm), with the same absent words.
"""

import dataclasses
import json
import pathlib
import time
from typing import Any, Literal

import jax
import numpy as np
import tyro

from experiments.benchmarks.timing import asked, machine
from experiments.marc_text.data import Texts, by_passages, chosen, of_words, rows_at, share_marked, valid_words
from experiments.marc_text.methods import ABLATIONS, Settings, faithfulness, methods
from experiments.marc_text.page import markdown, write_figure
from experiments.marc_text.table import Found, plausibility, rows_of
from jxai.cli.progress import telling
from jxai.cli.settings.text import Text
from jxai.cli.settings.train import TrainText
from jxai.cli.train_text import run as train
from jxai.core.scores import log_probability
from jxai.data.cache import cache_folder
from jxai.models import masked
from jxai.pipelines.checkpoints import text_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.texts.passages import of_passages
from jxai.pipelines.texts.rationale import probabilities
from jxai.run.map import map_examples

__all__ = ["Config", "main"]


@dataclasses.dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        data: reviews, which are made here, or ERASER's movies.
        source: archive or folder of movies.
        weights: folder of a `jxai train` run; by default a classifier is trained into the cache folder.
        texts: of the test set, taken evenly; by default 24 reviews, 8 of movies.
        longest: most words of a text; by default 150 of reviews, 400 of movies; 0: any.
        full: the whole test set, of any length, and as many steps as released, 900.
        absent: the token that stands for absent words: pad, the paper's, or mask, which a classifier of `jxai train`
            has met in training (token dropout), while it has never attended to padding.
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
    table: pathlib.Path = pathlib.Path(__file__).parents[1] / "results"


def main(config: Config) -> dict[str, Any]:
    """Explains, measures, writes; returns what the JSON file holds."""
    prepare(config.devices)
    began = time.perf_counter()
    folder = config.weights or _trained(config)
    trained = time.perf_counter() - began
    command, model, params = text_weights(Text(texts=(), weights=folder))
    texts = chosen(config, command, model, params)
    score = of_passages(log_probability(masked(model.apply)))
    settings = Settings(
        words=max(len(text.words) for text in texts.whole),
        count=texts.parts.count,
        steps=900 if config.full else config.steps,
        **{name: getattr(config, name) for name in ("samples", "permutations", "window", "path", "chunk")},
    )
    found = _explained(config, methods(score, settings, ablations=config.ablations), texts, params)
    faithful = _faithful(config, score, settings, texts, params, found)
    agree = {row: plausibility(each.words, texts.gold, valid_words(texts)) for row, each in found.items()}
    whole = {
        "machine": machine("jax", "flax"),
        "config": asked(config),
        "weights": _about(folder),
        "texts": {"ids": texts.ids, "words": [len(t.words) for t in texts.whole], "gold": share_marked(texts)},
        "seconds": {"training": round(trained, 1), "whole": round(time.perf_counter() - began, 1)},
        "rows": rows_of(found, faithful, agree),
        "marc": _facts(config, score, texts, params, found["MaRC"].raw),
    }
    _write(config, whole, texts, found)
    return whole


def _trained(config: Config) -> pathlib.Path:
    folder = cache_folder() / "runs" / f"{config.data}-classifier"
    train(TrainText(out=folder, data=config.data, source=config.source, devices=config.devices))
    return folder


def _about(folder: pathlib.Path) -> dict[str, Any]:
    file = folder / "metrics.jsonl"
    lines = file.read_text().splitlines() if file.is_file() else []
    best = max((json.loads(line) for line in lines), key=lambda epoch: epoch["validation_accuracy"], default={})
    keep = ("epoch", "validation_accuracy", "seconds")
    about = json.loads((folder / "model.json").read_text()) if (folder / "model.json").is_file() else {}
    return {**about, "best epoch": {name: best[name] for name in keep if name in best}}


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
            for rows in by_passages(texts):
                for row, values in mapped(rows_at(texts, rows), params, key=key, ids=rows).items():
                    raw.setdefault(row, {}).update(zip(rows.tolist(), values, strict=True))
            seconds = (time.perf_counter() - start) / len(texts.whole)
            for row, values in raw.items():
                tokens = [values[i] for i in range(len(texts.whole))]
                found[row] = Found(of_words(tokens, texts), tokens, seconds)
    return found


def _faithful(
    config: Config, score: Any, settings: Settings, texts: Texts, params: Any, found: dict[str, Found]
) -> dict[str, np.ndarray]:
    """Sufficiency and comprehensiveness of every text, `[n, 2]`, for each row of the table."""
    mapped = map_examples(faithfulness(score, settings), in_axes=(0, 0, None), per_device=config.per_device)
    result = {row: np.zeros((len(texts.whole), 2)) for row in found}
    for rows in by_passages(texts):
        example = rows_at(texts, rows)
        for row, each in found.items():
            result[row][rows] = mapped(each.words[rows], example, params)
    return result


def _facts(config: Config, score: Any, texts: Texts, params: Any, masks: list[np.ndarray]) -> dict[str, Any]:
    """How probable the true class is: for the texts, MaRC's rationales, their complements, and absent words alone."""
    measure = map_examples(probabilities(score), in_axes=(0, 0, 0, 0, 0, 0, None), per_device=config.per_device)
    parts, total = [], []
    for rows in by_passages(texts):
        e = rows_at(texts, rows)
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
