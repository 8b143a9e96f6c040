"""`jxai describe`: why photographs, or test images, are said to be of a class, in sentences."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from jxai.cli.describe_files import summary, write_case
from jxai.cli.describe_report import NAMES, Case, Descriptions, section_of
from jxai.cli.job import Outcome, require_model, run_job, versions
from jxai.cli.settings.describe import Describe
from jxai.data.spec import Splits
from jxai.models import MODELS
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.images import logits_of
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.run_data import splits_of_run
from jxai.pipelines.subjects import Subjects, class_examples, photographs, test_images
from jxai.pipelines.targets import class_names, target_class
from jxai.pipelines.words.checkpoint import load_flex
from jxai.pipelines.words.explain import SentenceExplanation, explain_sentences
from jxai.pipelines.words.explainer import SentenceExplainer
from jxai.pipelines.words.parts import parts_of
from jxai.report.sections import Page
from jxai.train.evaluate import classifier
from jxai.train.image_batches import stack

__all__ = ["run"]

ABOUT = (
    "A sentence gives the reason of the network's decision (FLEX: Wickramanayake, Hsu and Lee 2019). Its underlined "
    "words are those that go, over the training images, with the feature maps which this decision rests on."
)


def run(command: Describe) -> None:
    """Explain in sentences; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    _check(command)
    run_job(command, lambda progress: _describe(command, progress))


def _check(command: Describe) -> None:
    if command.beam < 1:
        raise ValueError(f"--beam: expected one sentence or more to be followed, got {command.beam}.")
    if not 0 <= command.length_penalty < math.inf:
        raise ValueError(f"--length-penalty: expected a power of 0 or more, got {command.length_penalty}.")
    if command.wrong < 0:
        raise ValueError(f"--wrong: expected a number of test images, got {command.wrong}.")
    if not 0 <= command.least <= 1:
        raise ValueError(f"--least: expected a share within 0 to 1, got {command.least}.")
    require_model(command.model, MODELS)
    if bool(command.run_images.test) + bool(command.wrong) + bool(command.photos) != 1:
        raise ValueError("expected either photographs, or test images by --test NUMBER... or --wrong NUMBER.")
    if command.samples < 0:
        raise ValueError(f"--samples: expected a number of sentences to draw, got {command.samples}.")


def _describe(command: Describe, progress: ProgressCallback) -> Outcome:
    explainers = _explainers(command)
    first, run = explainers[0], command.run_images
    names = class_names(command.labels, first.model) if command.labels else list(first.classes)
    data = _data(command, first, progress)
    examples = class_examples(run.examples, data, names, first.model, command.seed)
    subjects = _subjects(command, first, data)
    cases = _cases(command.target, first, subjects, names)
    parts = parts_of(first, data.meta if data else None)
    images = subjects.images[[case.image for case in cases]]
    labels = np.array([case.label for case in cases])
    explanations = [
        _explained(command, explainer, parts.named if explainer is first else None, images, labels, progress)
        for explainer in explainers
    ]
    report = Descriptions(explainers, explanations, cases, subjects, names, parts, examples)
    sections = tuple(section_of(report, k) for k in range(len(cases)))
    lines = [summary(report, k, section) for k, section in enumerate(sections)]
    lines.append(f"{command.out / 'report.html'}: {len(cases)} explanations by {len(explainers)} explainers")

    def write(folder: Path, record: Mapping) -> Page:
        for k, section in enumerate(sections):
            write_case(folder, report, k, section)
        facts = {"Explainer": NAMES[first.method], "Layers": ", ".join(first.layers)}
        facts |= {"Words": f"{len(first.vocabulary.words)}", "Sentence from": first.reading.at}
        return Page("Explanations in words", sections, lead=ABOUT, facts=facts | {"Versions": versions(record)})

    return Outcome(first.method, first.params["classifier"], images, command.seed, write, lines)


def _explained(
    command: Describe,
    explainer: SentenceExplainer,
    named: np.ndarray | None,
    images: np.ndarray,
    labels: np.ndarray,
    progress: ProgressCallback,
) -> SentenceExplanation:
    """The sentences of an explainer; of those that stand beside no words name parts."""
    if named is None:
        named = np.zeros((1, len(explainer.vocabulary.words)), bool)
    return explain_sentences(
        explainer,
        images,
        labels,
        named=named,
        width=command.beam,
        length_penalty=command.length_penalty,
        samples=command.samples,
        threshold=command.least,
        chunk=command.chunk,
        seed=command.seed,
        per_device=command.per_device,
        progress=progress,
    )


def _explainers(command: Describe) -> list[SentenceExplainer]:
    """The explainers, all of one classifier."""
    loaded = load_weights(command.model, command.weights) if command.weights else None
    first = load_flex(command.explainer, loaded)
    same = Loaded(first.model, first.params["classifier"], None)
    return [first, *(load_flex(folder, same) for folder in command.beside)]


def _data(command: Describe, explainer: SentenceExplainer, progress: ProgressCallback) -> Splits | None:
    """The classifier's data, where test images are asked for, or the data set is named for its examples of classes."""
    run, model = command.run_images, explainer.model
    if not (run.test or command.wrong or run.data):
        return None
    classes, own = list(explainer.classes[model.label_offset :]), {"name": run.data, "source": run.source}
    return splits_of_run(command.explainer, classes, model.size, **own, progress=progress)


def _subjects(command: Describe, explainer: SentenceExplainer, data: Splits | None) -> Subjects:
    if command.photos:
        return photographs(command.photos, explainer.model, command.crop)
    assert data is not None
    numbers = command.run_images.test or _mistakes(explainer, data, command.wrong)
    return test_images(data, numbers, explainer.model)


def _mistakes(explainer: SentenceExplainer, data: Splits, count: int) -> list[int]:
    """The first test images that the classifier is wrong about.

    Raises:
        ValueError: there are none.
    """
    examples, model = stack(data.test), explainer.model
    logits = classifier(model.apply, preprocess=model.preprocess)(examples.images, explainer.params["classifier"])
    numbers = np.flatnonzero(logits.argmax(-1) != examples.labels + model.label_offset)[:count].tolist()
    if not numbers:
        raise ValueError(f"--wrong: the classifier is right about all {len(logits)} test images; use --test.")
    return numbers


def _cases(
    targets: Sequence[str], explainer: SentenceExplainer, subjects: Subjects, names: Sequence[str]
) -> list[Case]:
    """Every image with every target; the same class twice counts once."""
    cases, model = [], explainer.model
    for image, logits in enumerate(logits_of(model, explainer.params["classifier"], subjects.images)):
        labels = [target_class(target, names, logits, model.label_offset) for target in targets]
        cases += [Case(image, label) for label in dict.fromkeys(labels)]
    return cases
