"""`jxai study`: a questionnaire about insecurities, or what its answers say."""

import hashlib
from typing import Any, NamedTuple

import numpy as np

from jxai.cli.progress import telling
from jxai.cli.settings.study import Study
from jxai.models import MODELS
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.insecurities import Deliberated, deliberate, difficulty_of, hardest
from jxai.pipelines.insecurity_options import require_settings
from jxai.pipelines.methods import require_known
from jxai.pipelines.options import Options
from jxai.pipelines.run_data import splits_of_run
from jxai.pipelines.study import answers as study_answers
from jxai.pipelines.study.key import CROP, INSECURITY, Asked, Key, write_key
from jxai.pipelines.subjects import ClassExamples, Subjects, class_examples, photographs, test_images
from jxai.pipelines.targets import class_names
from jxai.report.insecurities import region
from jxai.report.pictures import enlarged
from jxai.report.study import Choice, Question, Questionnaire, write_study
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, write_json

__all__ = ["run"]

PAGE, KEY = "study.html", "key.json"


class Posed(NamedTuple):
    """A question before it has its place: the picture's number, what kind, the region, the pair, and all choices."""

    image: int
    kind: str
    mask: np.ndarray
    pair: tuple[int, int]
    choices: tuple[int, ...]


def run(command: Study) -> None:
    """Write the questionnaire and its key, or compare answers with the key.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    if command.answers:
        prepare(command.devices)
        study_answers.run(command, command.key or command.out / KEY)
        return
    _check(command)
    prepare(command.devices)
    assert command.weights is not None
    loaded = load_weights(command.model, command.weights)
    names = loaded.classes if loaded.classes and not command.labels else class_names(command.labels, loaded.model)
    if len(names) - loaded.model.label_offset < command.choices:
        raise ValueError(f"--choices {command.choices}: the model has {len(names)} classes; ask for fewer.")
    subjects, found, examples = _found(command, loaded, names)
    rng = np.random.default_rng(command.seed)
    posed = _posed(command, found, len(subjects.names), loaded.model.label_offset, rng)
    order = rng.permutation(len(posed))
    questions = [_question(command, posed[k], subjects, names, examples, rng) for k in order]
    asked = [
        Asked(q.id, p.kind, p.image, p.pair, c) for (q, c), p in zip(questions, [posed[k] for k in order], strict=True)
    ]
    _write(command, loaded, subjects, names, [question for question, _ in questions], asked)


def _check(command: Study) -> None:
    settings = command.deliberation
    if command.key is not None:
        raise ValueError("--key belongs to --answers; leave it out to write a questionnaire.")
    if command.weights is None:
        raise ValueError("expected --weights FILE to write a questionnaire, or --answers FILE... to evaluate one.")
    require_settings(settings)
    require_known([command.model] if command.model else [], MODELS, "model")
    if bool(command.photos) == bool(settings.hardest or settings.test):
        raise ValueError("expected photographs, or test images of a run by --hardest NUMBER or --test NUMBER...")
    if command.photos and settings.examples is None:
        raise ValueError("expected pictures of the classes by --examples FOLDER, for photographs come without.")
    if command.choices < 3 or command.each < 1:
        raise ValueError("expected --choices of 3 or more, and --each of 1 or more.")
    if command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")


def _found(command: Study, loaded: Loaded, names: list[str]) -> tuple[Subjects, Deliberated, ClassExamples]:
    assert command.weights is not None
    model, params, classes = loaded
    settings = command.deliberation
    options = Options(at=command.at, seed=command.seed)
    with telling() as tell:
        difficulty = difficulty_of(settings, loaded)
        data = (
            None
            if command.photos
            else splits_of_run(
                command.weights, classes, model.size, name=settings.data, source=settings.source, progress=tell
            )
        )
        if data is None:
            subjects = photographs(command.photos, model, command.crop)
        else:
            numbers = settings.test or hardest(model, params, data.test, difficulty, settings.hardest, tell)
            subjects = test_images(data, numbers, model)
        examples = class_examples(settings.examples, data, names, model, command.seed)
        found = deliberate(model, params, subjects.images, difficulty, settings, options=options, tell=tell)
    return subjects, found, examples


def _posed(command: Study, found: Deliberated, images: int, offset: int, rng: np.random.Generator) -> list[Posed]:
    """The insecurities of every image, and for each a random crop of as many pixels."""
    posed, regions = [], found.insecurities
    for image in range(images):
        for i in found.shown(image, command.each):
            mask, pair = np.asarray(regions.mask[image, i]), (int(regions.a[image, i]), int(regions.b[image, i]))
            choices = _choices(command, found.probabilities[image], pair, offset, rng)
            posed.append(Posed(image, INSECURITY, mask, pair, choices))
            posed.append(Posed(image, CROP, _crop(mask, rng), pair, choices))
    if not posed:
        raise ValueError("no insecurity was found in these pictures: there is nothing to ask; try --hardest.")
    return posed


def _choices(
    command: Study, probabilities: np.ndarray, pair: tuple[int, int], offset: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """The pair and others, in random order."""
    rest = [int(c) for c in np.argsort(-probabilities, kind="stable") if c not in pair and c >= offset]
    if command.others == "random":
        rest = rng.permutation(rest).tolist()
    return tuple(map(int, rng.permutation([*pair, *rest[: command.choices - 2]])))


def _crop(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square at random with (nearly) as many pixels as the region."""
    side = int(np.clip(round(float(mask.sum()) ** 0.5), 1, min(mask.shape)))
    top, left = (int(rng.integers(0, length - side + 1)) for length in mask.shape)
    crop = np.zeros_like(mask)
    crop[top : top + side, left : left + side] = True
    return crop


def _question(
    command: Study, posed: Posed, subjects: Subjects, names: list[str], examples: ClassExamples, rng: Any
) -> tuple[Question, tuple[int, ...]]:
    """The question as the page has it, with the classes in the order shown."""
    shown = []
    for label in posed.choices:
        pictures = examples(label, 8)
        if not pictures:
            raise ValueError(f"--examples: there is no picture of class {names[label]!r}; add a folder with some.")
        shown.append(Choice(names[label].split(",")[0], pictures[int(rng.integers(len(pictures)))]))
    picture = region(enlarged(subjects.images[posed.image]), posed.mask, surround=command.surround)
    return Question(f"q{rng.integers(16**8):08x}", picture, tuple(shown)), posed.choices


def _write(
    command: Study, loaded: Loaded, subjects: Subjects, names: list[str], questions: list[Question], asked: list[Asked]
) -> None:
    digest = hashlib.sha256(repr([(a, q.region.tobytes()) for a, q in zip(asked, questions, strict=True)]).encode())
    study = digest.hexdigest()[:16]
    about = provenance(
        method="study",
        arguments=vars(command),
        params=loaded.params,
        data=subjects.images,
        seed=command.seed,
    )
    key = Key(study, tuple(subjects.names), tuple(names), tuple(asked))
    with new_folder(command.out, overwrite=command.overwrite) as folder:
        write_study(folder / PAGE, Questionnaire(study, tuple(questions)))
        write_key(folder / KEY, key)
        write_json(folder / "provenance.json", about)
    count = sum(question.kind == INSECURITY for question in asked)
    print(f"{command.out / PAGE}: study {study}, {count} insecurities and {len(asked) - count} random crops")
    print(f"{command.out / KEY}: what the network found; keep it from the participants")
