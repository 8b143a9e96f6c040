"""`jxai text`: sentences, and a text model's weights."""

import dataclasses
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jxai.cli.job import Outcome, run_job
from jxai.cli.settings.text import Text
from jxai.measures import MEASURES
from jxai.models import TextModel
from jxai.pipelines.measures import USUAL
from jxai.pipelines.methods import methods, require_known
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.texts.cases import RATIONALES, Cases, make_cases
from jxai.pipelines.texts.checkpoint import LoadedText, load_text_weights
from jxai.pipelines.texts.explain import ExplainedTexts, explain_texts
from jxai.pipelines.texts.files import read_text
from jxai.pipelines.texts.measures import measure_texts, require_text_measures, text_table
from jxai.pipelines.texts.rationale import score_name
from jxai.report.sections import Page, Passage, Words, WordsGroup
from jxai.report.text import terminal
from jxai.run.outputs import save_maps

__all__ = ["run"]


def run(command: Text) -> None:
    """Explain the sentences; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    if not command.texts:
        raise ValueError("expected at least one sentence: jxai text 'A sentence.' --weights FILE.")
    require_known(command.method, methods(), "method")
    require_text_measures(command.measure or ())
    run_job(command, lambda progress: _explain(command, progress))


def _explain(command: Text, progress: ProgressCallback) -> Outcome:
    texts, options = tuple(map(read_text, command.texts)), command.options
    loaded = load_text_weights(
        command.weights,
        command.model,
        vocabulary=command.vocab,
        labels=command.labels,
        length=command.length,
        heads=command.heads,
        cased=command.cased,
    )
    _require_target(command.like, loaded.model)
    in_passages = bool(set(RATIONALES) & set(command.method))
    cases = make_cases(
        texts, loaded, targets=command.target, like=command.like, baseline=options.baseline, in_passages=in_passages
    )
    results = explain_texts(command.method, loaded.model, loaded.params, cases, options, progress=progress)
    views = [_views(case, cases, results) for case in range(len(cases.names))]
    measured = {}
    if command.measure is not None:
        by = command.measure or USUAL
        measured = measure_texts(by, loaded.model, loaded.params, cases, results, progress=progress)

    def write(folder: Path, record: Mapping[str, Any]) -> Page:
        del record
        save_maps(folder / "attributions.npz", *_raw(cases, results))
        page = _page(command, loaded, cases, views)
        table = [text_table(measured, len(cases.names))] if measured else []
        return dataclasses.replace(page, sections=(*page.sections, *table))

    colour = command.colour and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    lines = [
        "\n".join([f"{name}\n", *(f"{terminal(words, colour=colour)}\n" for words in maps)])
        for name, maps in zip(cases.names, views, strict=True)
    ]
    lines += [
        f"{method}: {', '.join(f'{MEASURES[name].title} {values.mean():.3f}' for name, values in row.items())}"
        for method, row in measured.items()
    ]
    if command.out:
        lines.append(f"{command.out / 'report.html'}: {len(views)} explanations by {len(results)} methods")
    resolved = {"texts": texts, "vocab": loaded.vocabulary, "model": loaded.name, "cased": loaded.cased}
    resolved |= {"labels": loaded.labels, "length": loaded.length}
    return Outcome(
        " ".join(command.method), loaded.params, cases.xs, options.seed, write, lines,
        resolved=resolved, more={"baseline": options.baseline},
    )  # fmt: skip


def _require_target(like: str | None, model: TextModel) -> None:
    if model.classes is None and like is None:
        raise ValueError("the model has no classes; name a sentence to be similar to: --like 'Another sentence.'")
    if model.classes is not None and like is not None:
        raise ValueError(f"--like is for encoders; this model has {model.classes} classes: choose by --target.")


def _views(case: int, cases: Cases, results: dict[str, ExplainedTexts]) -> tuple[Words, ...]:
    """A text once for each method, with its values."""
    whole, views = cases.whole[case], []
    for name, result in results.items():
        text = whole if result.whole else cases.sentences[case]
        detail = [f"{result.seconds:.2f} s", *([result.lines[case]] if result.lines else [])]
        if (count := len(text.words)) < len(whole.words):
            detail.append(f"only the first {count} of {len(whole.words)} words, which the model takes at once")
        views.append(Words(text.words, result.words[case], name, ", ".join(detail), text.spaces))
    return tuple(views)


def _raw(cases: Cases, results: dict[str, ExplainedTexts]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The raw attributions and the values of words, and what they are of."""
    raw = {f"{name}/attribution": result.attributions for name, result in results.items()}
    raw |= {f"{name}/words/{i}": words for name, result in results.items() for i, words in enumerate(result.words)}
    about = {"words": [list(sentence.words) for sentence in cases.sentences], "targets": cases.names}
    return raw, about | {"whole": [list(text.words) for text in cases.whole]}


def _page(command: Text, loaded: LoadedText, cases: Cases, views: list[tuple[Words, ...]]) -> Page:
    options = command.options
    facts = {"Model": f"{loaded.name} {command.weights.name}", "Baseline": options.baseline}
    facts |= {"Score": (options.score or "logit") if command.like is None else "cosine"}
    facts |= {f"Score of {name}": score_name(options) for name in command.method if name in RATIONALES}
    sections = tuple(
        Passage(f"Text {i + 1}", top, (WordsGroup(name, maps),))
        for i, (name, top, maps) in enumerate(zip(cases.names, cases.predictions, views, strict=True))
    )
    return Page("Explanations of text", sections, facts=facts)
