"""`jxai explain`: maps of a user's own photographs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jxai.cli.explain_report import ExplainedPhotos, photograph, write_photo
from jxai.cli.job import Outcome, require_model, run_job, versions
from jxai.cli.settings.explain import Explain
from jxai.models import MODELS, Model
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.images import Cases, explain_cases, logits_of
from jxai.pipelines.marc import background_names
from jxai.pipelines.measures import USUAL, measure_cases, measures_table, require_measures
from jxai.pipelines.methods import methods, require_known, score_name
from jxai.pipelines.options import Options
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.rationales import evaluate_masks
from jxai.pipelines.subjects import photographs
from jxai.pipelines.targets import class_names, runner_up, target_class
from jxai.report.sections import Page

__all__ = ["run"]


def run(command: Explain) -> None:
    """Explain the photographs; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    if not command.photos:
        raise ValueError("expected at least one photograph: jxai explain PHOTO... --weights FILE.")
    require_known(command.method, methods(), "method")
    require_measures(command.measure or (), command.method)
    require_model(command.model, MODELS)
    run_job(command, lambda progress: _explain(command, progress))


def _explain(command: Explain, progress: ProgressCallback) -> Outcome:
    model, params, classes = load_weights(command.model, command.weights)
    score, baseline = _scores(command.method, model, command.options), _baseline(command.method, model, command.options)
    names = classes if classes and not command.labels else class_names(command.labels, model)
    subjects = photographs(command.photos, model, command.crop)
    logits = logits_of(model, params, subjects.images)
    cases, photo_of = _cases(command.target, command.against, subjects.images, logits, names, model.label_offset)
    settings: dict[str, Any] = {"options": command.options, "per_device": command.per_device}
    results = explain_cases(model, params, cases, command.method, progress=progress, **settings)
    masks = evaluate_masks(model, params, cases, results["marc"].maps, **settings) if "marc" in results else None
    measured = {}
    if command.measure is not None:
        measures = command.measure or USUAL
        measured = measure_cases(model, params, cases, results, names=measures, progress=progress, **settings)
    explained = ExplainedPhotos(
        command.photos, subjects.names, subjects.images, logits, cases, photo_of, results, masks, names,
        model.label_offset, score,
    )  # fmt: skip

    def write(folder: Path, record: Mapping[str, Any]) -> Page:
        photos = range(len(command.photos))
        for photo in photos:
            write_photo(folder, explained, photo)
        sections: list[Any] = [photograph(explained, photo) for photo in photos]
        sections += [measures_table(results, measured, len(cases.labels))] if measured else []
        facts = {"Model": f"{command.model or ''} {command.weights.name}".strip(), "Score": score}
        facts |= {"Baseline": baseline, "Versions": versions(record)}
        return Page("Explanations", tuple(sections), facts=facts)

    line = f"{command.out / 'report.html'}: {len(cases.labels)} explanations by {len(command.method)} methods"
    return Outcome(
        " ".join(command.method), params, subjects.images, command.options.seed, write, [line],
        resolved={"scored": score}, more={"baseline": baseline},
    )  # fmt: skip


def _cases(
    targets: tuple[str, ...], against: str | None, images: np.ndarray, logits: np.ndarray, names: list[str], offset: int
) -> tuple[Cases, np.ndarray]:
    """Every photograph with every target, and the photograph of each; the same class twice counts once."""
    pairs = []
    for photo, row in enumerate(logits):
        labels = [target_class(target, names, row, offset) for target in targets]
        pairs += [(photo, label) for label in dict.fromkeys(labels)]
    photos, labels = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    others = [
        target_class(against, names, logits[photo], offset) if against else runner_up(logits[photo], label)
        for photo, label in pairs
    ]
    ids = photos.astype(np.uint32)  # the same noise for all classes of a photograph
    return Cases(images[photos], labels, np.array(others, np.int32), ids), photos


def _scores(methods: tuple[str, ...], model: Model, options: Options) -> str:
    """The score, or each method's own where they differ."""
    scores = {name: score_name(name, model, options) for name in methods}
    if len(set(scores.values())) == 1:
        return scores[methods[0]]
    return ", ".join(f"{name}: {score}" for name, score in scores.items())


def _baseline(methods: tuple[str, ...], model: Model, options: Options) -> str:
    """What stands for absence; marc has backgrounds of its own where none is named."""
    baseline = options.baseline or "black"
    backgrounds = background_names(model, options)
    if "marc" in methods and backgrounds != (baseline,):
        return f"{baseline}; marc: {', '.join(backgrounds)}"
    return baseline
