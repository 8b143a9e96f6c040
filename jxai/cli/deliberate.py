"""`jxai explain --deliberate`: the insecurities of photographs, or of test images of a run."""

import dataclasses
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jxai.cli.progress import telling
from jxai.cli.settings.commands import Explain
from jxai.data.spec import Splits
from jxai.models import MODELS
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.insecurities import Deliberated, Difficulty, deliberate, difficulty_of, hardest
from jxai.pipelines.insecurity_options import Deliberation, require_settings
from jxai.pipelines.methods import changed, require_known
from jxai.pipelines.run_data import splits_of_run
from jxai.pipelines.shared_parts import shared
from jxai.pipelines.subjects import ClassExamples, Subjects, class_examples, photographs, test_images
from jxai.pipelines.targets import class_names
from jxai.report.insecurities import Candidate, Insecurity
from jxai.report.insecurities import Deliberation as Section
from jxai.report.insecurity_figures import figure
from jxai.report.pages import write_page
from jxai.report.pictures import enlarged, save_png
from jxai.report.sections import Page, Picture, Prediction
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, save_maps, write_json

__all__ = ["refuse_settings", "run"]

ABOUT = (
    "A region of an insecurity is where the product of three attributions is largest: for one class, for another, and "
    "for the difficulty of the decision (Wang and Vasconcelos 2019). Insecurities are in the order of their strength, "
    "the mean of that product over its positive part."
)
EXAMPLES = 3  # images of each class in the report


class Shown(NamedTuple):
    """What the files of a report are made from."""

    subjects: Subjects
    found: Deliberated
    names: list[str]
    examples: ClassExamples
    data: Splits | None
    offset: int


def refuse_settings(command: Explain) -> None:
    """Refuse settings of insecurities where none are asked for.

    Raises:
        ValueError: the first of them.
    """
    if given := changed(command.deliberation, Deliberation()):
        raise ValueError(f"--{given[0]} belongs to --deliberate; add that, or leave it out.")


def run(command: Explain) -> None:
    """Explain the insecurities; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    settings = command.deliberation
    _check(command)
    prepare(command.devices)
    loaded = load_weights(command.model, command.own_weights)
    model, params, classes = loaded
    names = classes if classes and not command.labels else class_names(command.labels, model)
    with telling() as tell:
        difficulty = difficulty_of(settings, loaded)
        tests = bool(settings.hardest or settings.test)
        own = {"name": settings.data, "source": settings.source}
        data = splits_of_run(command.own_weights, classes, model.size, **own, progress=tell) if tests else None
        subjects = _subjects(command, loaded, data, difficulty, tell)
        examples = class_examples(settings.examples, data, names, model, command.options.seed)
        per = {"per_device": command.per_device, "tell": tell}
        found = deliberate(model, params, subjects.images, difficulty, settings, options=command.options, **per)
    shown = Shown(subjects, found, names, examples, data, model.label_offset)
    record = provenance(
        method="deliberative",
        arguments=vars(command),
        params=params,
        data=subjects.images,
        seed=command.options.seed,
        difficulty=difficulty.name,
    )
    with new_folder(command.out, overwrite=command.overwrite) as folder:
        sections = [_written(folder, shown, k, settings) for k in range(len(subjects.names))]
        write_json(folder / "provenance.json", record)
        facts = {"Model": f"{command.model or ''} {command.own_weights.name}".strip(), "Difficulty": difficulty.name}
        facts["Layer"] = command.options.at or model.features
        facts["Versions"] = ", ".join(f"{package} {number}" for package, number in record["versions"].items())
        write_page(folder / "report.html", Page("Insecurities", tuple(sections), lead=ABOUT, facts=facts))
    for k in range(len(subjects.names)):
        print(_told(shown, k, difficulty.name))
    print(f"{command.out / 'report.html'}: insecurities of {len(subjects.names)} pictures")


def _check(command: Explain) -> None:
    usual = {field.name: field.default for field in dataclasses.fields(Explain)}
    for name in ("method", "target", "against", "measure", "text"):
        if getattr(command, name) != usual[name]:
            raise ValueError(f"--{name} belongs to maps of methods; leave it out with --deliberate.")
    require_settings(command.deliberation)
    require_known([command.model] if command.model else [], MODELS, "model")
    settings = command.deliberation
    if not (command.photos or settings.hardest or settings.test):
        raise ValueError("expected photographs, or test images of a run by --hardest NUMBER or --test NUMBER...")
    if command.photos and (settings.hardest or settings.test):
        raise ValueError("expected photographs or test images, not both; call twice.")
    if command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")


def _subjects(command: Explain, loaded: Loaded, data: Splits | None, difficulty: Difficulty, tell) -> Subjects:
    if data is None:
        return photographs(command.photos, loaded.model, command.crop)
    settings = command.deliberation
    numbers = settings.test or hardest(loaded.model, loaded.params, data.test, difficulty, settings.hardest, tell)
    return test_images(data, numbers, loaded.model)


def _written(folder: Path, shown: Shown, k: int, settings: Deliberation) -> Section:
    """The files of one image: pictures and raw maps; and its section of the report."""
    name, found = shown.subjects.names[k], shown.found
    insecurities = [_insecurity(shown, k, i) for i in found.shown(k, settings.most)]
    for rank, insecurity in enumerate(insecurities, 1):
        kind = "_or_".join(_file_name(side.name) for side in (insecurity.a, insecurity.b))
        save_png(folder / f"{name}_{rank}_{kind}.png", figure(shown.subjects.images[k], insecurity))
    raw = {f"insecurities/{part}": values[k] for part, values in found.insecurities._asdict().items()}
    raw |= {part: np.asarray(values[k]) for part, values in found._asdict().items() if part != "insecurities"}
    about = {"image": name, "classes": [shown.names[int(label)] for label in found.labels[k]]}
    save_maps(folder / f"{name}.npz", raw, about)
    return _section(shown, k, tuple(insecurities), settings)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)


def _short(name: str) -> str:
    return name.split(",")[0]


def _insecurity(shown: Shown, k: int, i: int) -> Insecurity:
    regions = shown.found.insecurities
    a, b = (int(labels[k, i]) for labels in (regions.a, regions.b))
    parts = ()
    if shown.data is not None:
        parts = shared(shown.data.meta, a - shown.offset, b - shown.offset, shown.subjects.examples[k])
    a_side, b_side = (
        Candidate(_short(shown.names[c]), float(shown.found.probabilities[k, c]), shown.examples(c, EXAMPLES))
        for c in (a, b)
    )
    return Insecurity(
        np.asarray(regions.map[k, i]),
        np.asarray(regions.mask[k, i]),
        a_side,
        b_side,
        float(regions.strength[k, i]),
        parts,
    )


def _section(shown: Shown, k: int, insecurities: tuple[Insecurity, ...], settings: Deliberation) -> Section:
    probabilities, truth = np.asarray(shown.found.probabilities[k]), shown.subjects.labels[k]
    top = tuple(
        Prediction(_short(shown.names[c]), float(probabilities[c]), None if truth is None else c == truth)
        for c in map(int, np.argsort(-probabilities)[:5])
    )
    title = shown.subjects.names[k].replace("test_", "Test image ")
    picture = Picture(enlarged(shown.subjects.images[k]), _caption(shown, k), alt="the picture as the model sees it")
    count = shown.found.insecurities.a.shape[1]
    text = "" if insecurities else "No two of the likeliest classes are candidates at the same place: no insecurity."
    if 0 < len(insecurities) < count:
        text = f"The {len(insecurities)} strongest of {count} pairs of the {settings.compete} likeliest classes."
    difficulty = f"{settings.score} {float(shown.found.score[k]):.2f}"
    return Section(title, picture, top, insecurities, difficulty, settings.coverage, text)


def _caption(shown: Shown, k: int) -> str:
    truth = shown.subjects.labels[k]
    return "as the model sees it" if truth is None else f"true label: {_short(shown.names[truth])}"


def _told(shown: Shown, k: int, difficulty: str) -> str:
    """The insecurities of an image in order, a line each; those without a region are left out."""
    found, regions = shown.found, shown.found.insecurities
    best = int(np.argmax(found.probabilities[k]))
    likely = f"{_short(shown.names[best])} {float(found.probabilities[k, best]):.1%}"
    lines = [f"{shown.subjects.names[k]}: {likely}, {difficulty} {float(found.score[k]):.3f}"]
    for rank, i in enumerate(found.shown(k, regions.a.shape[1]), 1):
        a, b = (_short(shown.names[int(labels[k, i])]) for labels in (regions.a, regions.b))
        lines.append(f"  {rank:2d}. {a} / {b}  strength {float(regions.strength[k, i]):.3g}")
    return "\n".join(lines)
