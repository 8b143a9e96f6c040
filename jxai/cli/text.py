"""`jxai text`: sentences, and a text model's weights."""

import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jxai.cli.settings.text import Text
from jxai.models import TextModel
from jxai.pipelines.checkpoints import text_weights
from jxai.pipelines.devices import prepare, require_finite
from jxai.pipelines.methods import methods, require_known
from jxai.pipelines.texts.cases import RATIONALES, Cases, make_cases
from jxai.pipelines.texts.files import read_text
from jxai.pipelines.texts.methods import text_score, word_values, words_of
from jxai.pipelines.texts.rationale import rationales, score_name
from jxai.report.pages import write_page
from jxai.report.sections import Page, Passage, Words, WordsGroup
from jxai.report.text import terminal
from jxai.run.atomic import new_folder
from jxai.run.map import map_examples
from jxai.run.outputs import provenance, save_maps, write_json

__all__ = ["run"]


class Explained(NamedTuple):
    """A method's result for every case."""

    attributions: np.ndarray  # [n, ...] as the method returns them
    words: list[np.ndarray]  # for each case one number a word
    seconds: float  # per case, with compilation
    lines: list[str] | None = None  # what the method says of each case
    whole: bool = False  # of all words, also where a text is longer than the model's limit


def run(command: Text) -> None:
    """Explain the sentences; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    if not command.texts:
        raise ValueError("expected at least one sentence: jxai text 'A sentence.' --weights FILE.")
    require_known(command.method, methods(), "method")
    if command.out and command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")
    command = dataclasses.replace(command, texts=tuple(map(read_text, command.texts)))
    prepare(command.devices)
    command, model, params = text_weights(command)
    _check_target(command, model)
    cases = make_cases(command, model, params)
    found = {name: _explained(name, command, model, params, cases) for name in command.method}
    views = [_views(case, cases, found) for case in range(len(cases.names))]
    colour = command.colour and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for name, maps in zip(cases.names, views, strict=True):
        print(f"{name}\n", *(f"{terminal(words, colour=colour)}\n" for words in maps), sep="\n")
    if command.out:
        _write(command, params, cases, found, views)
        print(f"{command.out / 'report.html'}: {len(views)} explanations by {len(found)} methods")


def _check_target(command: Text, model: TextModel) -> None:
    if model.classes is None and command.like is None:
        raise ValueError("the model has no classes; name a sentence to be similar to: --like 'Another sentence.'")
    if model.classes is not None and command.like is not None:
        raise ValueError(f"--like is for encoders; this model has {model.classes} classes: choose by --target.")


def _explained(name: str, command: Text, model: TextModel, params: Any, cases: Cases) -> Explained:
    if name in RATIONALES and cases.passages:
        start = time.perf_counter()
        raw, words, lines = rationales(name, command.options, model, params, cases, cases.passages)
        return Explained(raw, words, (time.perf_counter() - start) / len(cases.names), lines, True)
    score = text_score(model, command.options.score)
    most = max(len(sentence.words) for sentence in cases.sentences)
    attribute, tied = word_values(name, score, command.options, words=most)
    start = time.perf_counter()
    mapped = map_examples(
        attribute, in_axes=(0, 0, 0, 0, None), per_device=1, devices=jax.local_devices()[: len(cases.names)]
    )
    key = jax.random.key(command.options.seed)
    raw = mapped(cases.xs, cases.labels, cases.inputs, cases.masks, params, key=key)
    require_finite(raw, f"the result of {name}")
    seconds = (time.perf_counter() - start) / len(cases.names)
    words = [
        words_of(name, one, sentence.groups, len(sentence.words), tied=tied)
        for one, sentence in zip(raw, cases.sentences, strict=True)
    ]
    return Explained(raw, words, seconds)


def _views(case: int, cases: Cases, found: dict[str, Explained]) -> tuple[Words, ...]:
    return tuple(_view(case, name, cases, result) for name, result in found.items())


def _view(case: int, name: str, cases: Cases, result: Explained) -> Words:
    whole = cases.whole[case]
    text = whole if result.whole else cases.sentences[case]
    detail = [f"{result.seconds:.2f} s", *([result.lines[case]] if result.lines else [])]
    if len(text.words) < len(whole.words):
        detail.append(f"only the first {len(text.words)} of {len(whole.words)} words, which the model takes at once")
    return Words(text.words, result.words[case], name, ", ".join(detail), text.spaces)


def _write(command: Text, params: Any, cases: Cases, found: dict[str, Explained], views: list) -> None:
    """The raw attributions and the values of words, where they come from, and the report."""
    options = command.options
    record = provenance(
        method=" ".join(command.method),
        arguments=vars(command),
        params=params,
        data=cases.xs,
        seed=options.seed,
        baseline=options.baseline,
    )
    raw = {f"{name}/attribution": result.attributions for name, result in found.items()}
    raw |= {f"{name}/words/{i}": words for name, result in found.items() for i, words in enumerate(result.words)}
    about = {"words": [list(sentence.words) for sentence in cases.sentences], "targets": cases.names}
    about |= {"whole": [list(text.words) for text in cases.whole]}
    facts = {"Model": f"{command.model} {command.weights.name}", "Baseline": options.baseline}
    facts |= {"Score": (options.score or "logit") if command.like is None else "cosine"}
    facts |= {f"Score of {name}": score_name(options) for name in command.method if name in RATIONALES}
    sections = tuple(
        Passage(f"Text {i + 1}", top, (WordsGroup(name, maps),))
        for i, (name, top, maps) in enumerate(zip(cases.names, cases.predictions, views, strict=True))
    )
    with new_folder(Path(command.out or "."), overwrite=command.overwrite) as folder:
        save_maps(folder / "attributions.npz", raw, about)
        write_json(folder / "provenance.json", record)
        write_page(folder / "report.html", Page("Explanations of text", sections, facts=facts))
