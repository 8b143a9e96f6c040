"""`jxai explain --flex`: why photographs, or test images, are said to be of a class, in words."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from jxai.cli.describe_report import NAMES, Case, Shown, told, written
from jxai.cli.progress import telling
from jxai.cli.settings.commands import Explain
from jxai.cli.settings.describe import InWords, require_in_words
from jxai.data.spec import Splits
from jxai.models import MODELS
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import logits_of
from jxai.pipelines.insecurity_options import Deliberation
from jxai.pipelines.methods import changed, require_known
from jxai.pipelines.options import Options
from jxai.pipelines.run_data import splits_of_run
from jxai.pipelines.subjects import Subjects, class_examples, photographs, test_images
from jxai.pipelines.targets import class_names, target_class
from jxai.pipelines.words.checkpoint import load_flex
from jxai.pipelines.words.explain import hear
from jxai.pipelines.words.explainer import Speaker
from jxai.pipelines.words.parts import Parts, parts_of
from jxai.report.pages import write_page
from jxai.report.sections import Page
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, write_json
from jxai.train.evaluate import classifier
from jxai.train.image_batches import stack

__all__ = ["refuse_in_words", "run"]

ABOUT = (
    "A sentence gives the reason of the network's decision (FLEX: Wickramanayake, Hsu and Lee 2019). Its underlined "
    "words are those that go, over the training images, with the feature maps which this decision rests on."
)
OWN, SHARED = ("samples", "seed", "chunk"), ("data", "source", "examples", "test")
"""Settings of methods, and of insecurities, that sentences have too."""


def refuse_in_words(command: Explain) -> None:
    """Refuse settings of sentences where none are asked for.

    Raises:
        ValueError: the first of them.
    """
    if given := changed(command.in_words, InWords()):
        raise ValueError(f"--{given[0]} belongs to --flex; add that, or leave it out.")


def run(command: Explain) -> None:
    """Explain in words; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    _check(command)
    prepare(command.devices)
    speakers = _speakers(command)
    first = speakers[0]
    with telling() as tell:
        shown, images = _shown(command, speakers, tell)
    arguments = {name: value for name, value in vars(command).items() if name != "deliberation"}
    arguments |= {name: getattr(command.deliberation, name) for name in SHARED}
    record = provenance(
        method=first.method,
        arguments=arguments,
        params=first.params["classifier"],
        data=images,
        seed=command.options.seed,
    )
    with new_folder(command.out, overwrite=command.overwrite) as folder:
        sections = tuple(written(folder, shown, k) for k in range(len(shown.cases)))
        write_json(folder / "provenance.json", record)
        facts = {"Explainer": NAMES[first.method], "Layers": ", ".join(first.layers)}
        facts |= {"Words": f"{len(first.vocabulary.words)}", "Sentence from": first.reading.at}
        facts["Versions"] = ", ".join(f"{package} {number}" for package, number in record["versions"].items())
        write_page(folder / "report.html", Page("Explanations in words", sections, lead=ABOUT, facts=facts))
    for k, section in enumerate(sections):
        print(told(shown, k, section))
    print(f"{command.out / 'report.html'}: {len(shown.cases)} explanations by {len(speakers)} explainers")


def _shown(command: Explain, speakers: list[Speaker], tell: Any) -> tuple[Shown, np.ndarray]:
    """What all explainers say of all images, and the images."""
    first, settings, own = speakers[0], command.in_words, command.options
    names = class_names(command.labels, first.model) if command.labels else list(first.classes)
    data = _data(command, first, tell)
    typical = class_examples(command.deliberation.examples, data, names, first.model, own.seed)
    subjects = _subjects(command, first, data)
    cases = _cases(command, first, subjects, names)
    parts = parts_of(first, data.meta if data else None)
    images, labels = subjects.images[[case.image for case in cases]], np.array([case.label for case in cases])
    options: dict[str, Any] = {
        "width": settings.beam,
        "length_penalty": settings.length_penalty,
        "samples": own.samples or 0,
        "threshold": settings.least,
    }
    options |= {"chunk": own.chunk or 4, "seed": own.seed, "per_device": command.per_device, "tell": tell}
    heard = [hear(speaker, images, labels, named=_named(parts, speaker, first), **options) for speaker in speakers]
    return Shown(speakers, heard, cases, subjects, names, parts, typical), images


def _check(command: Explain) -> None:
    usual = {field.name: field.default for field in dataclasses.fields(Explain)}
    for name in ("method", "against", "measure", "text", "deliberate"):
        if getattr(command, name) != usual[name]:
            raise ValueError(f"--{name} belongs to maps of methods; leave it out with --flex.")
    for settings, default, own in ((command.options, Options(), OWN), (command.deliberation, Deliberation(), SHARED)):
        if others := [name for name in changed(settings, default) if name not in own]:
            raise ValueError(f"--{others[0]} is nothing that sentences have; leave it out with --flex.")
    require_in_words(command.in_words)
    require_known([command.model] if command.model else [], MODELS, "model")
    tests = bool(command.deliberation.test) + bool(command.in_words.wrong)
    if tests + bool(command.photos) != 1:
        raise ValueError("expected either photographs, or test images by --test NUMBER... or --wrong NUMBER.")
    if (command.options.samples or 0) < 0:
        raise ValueError(f"--samples: expected a number of sentences to draw, got {command.options.samples}.")
    if command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")


def _speakers(command: Explain) -> list[Speaker]:
    """The explainers, all of one classifier."""
    loaded = load_weights(command.model, command.weights) if command.weights else None
    settings = command.in_words
    assert settings.flex is not None
    first = load_flex(settings.flex, loaded)
    same = Loaded(first.model, first.params["classifier"], None)
    return [first, *(load_flex(folder, same) for folder in settings.beside)]


def _data(command: Explain, speaker: Speaker, tell: Any) -> Splits | None:
    """The classifier's data, where test images are asked for, or the data set is named for its typical images."""
    settings = command.deliberation
    if not (settings.test or command.in_words.wrong or settings.data):
        return None
    classes, run = list(speaker.classes[speaker.model.label_offset :]), command.in_words.flex
    assert run is not None
    own = {"name": settings.data, "source": settings.source}
    return splits_of_run(run, classes, speaker.model.size, **own, progress=tell)


def _subjects(command: Explain, speaker: Speaker, data: Splits | None) -> Subjects:
    if command.photos:
        return photographs(command.photos, speaker.model, command.crop)
    assert data is not None
    return test_images(data, command.deliberation.test or _wrong(speaker, data, command.in_words.wrong), speaker.model)


def _wrong(speaker: Speaker, data: Splits, count: int) -> list[int]:
    """The first test images that the classifier is wrong about.

    Raises:
        ValueError: there are none.
    """
    examples, model = stack(data.test), speaker.model
    logits = classifier(model.apply, preprocess=model.preprocess)(examples.images, speaker.params["classifier"])
    found = np.flatnonzero(logits.argmax(-1) != examples.labels + model.label_offset)[:count].tolist()
    if not found:
        raise ValueError(f"--wrong: the classifier is right about all {len(logits)} test images; use --test.")
    return found


def _cases(command: Explain, speaker: Speaker, subjects: Subjects, names: Sequence[str]) -> list[Case]:
    """Every image with every target; the same class twice counts once."""
    cases = []
    for image, scores in enumerate(logits_of(speaker.model, speaker.params["classifier"], subjects.images)):
        labels = [target_class(target, names, scores, speaker.model.label_offset) for target in command.target]
        cases += [Case(image, label) for label in dict.fromkeys(labels)]
    return cases


def _named(parts: Parts, speaker: Speaker, first: Speaker) -> np.ndarray:
    """Which words of a speaker name the parts; those that speak beside name none."""
    return parts.named if speaker is first else np.zeros((1, len(speaker.vocabulary.words)), bool)
