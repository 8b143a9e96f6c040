"""`jxai study`: a questionnaire about insecurities, or what its answers say."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.cli.insecurities import InsecurePictures, insecurities_of, output_names, require_pictures
from jxai.cli.job import Outcome, require_model, run_job
from jxai.cli.settings.study import Study
from jxai.cli.study_answers import compare_answers
from jxai.models import MODELS
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.insecurities import ImageInsecurities
from jxai.pipelines.insecurity_options import require_settings
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.study.key import CROP, INSECURITY, Asked, Key, write_key
from jxai.report.insecurities import region
from jxai.report.pictures import enlarge
from jxai.report.study import Choice, Question, Questionnaire, write_study

__all__ = ["run"]

PAGE, KEY = "study.html", "key.json"


class Candidate(NamedTuple):
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
        compare_answers(command.answers, command.key or command.out / KEY, command.level, command.samples, command.seed)
        return
    weights = _checked_weights(command)
    run_job(command, lambda progress: _questionnaire(command, weights, progress))


def _checked_weights(command: Study) -> Path:
    """The network's weights, where all settings can be used."""
    if command.key is not None:
        raise ValueError("--key belongs to --answers; leave it out to write a questionnaire.")
    if command.weights is None:
        raise ValueError("expected --weights FILE to write a questionnaire, or --answers FILE... to evaluate one.")
    require_settings(command.deliberation)
    require_model(command.model, MODELS)
    require_pictures(command.photos, command.hardest, command.run_images.test)
    if command.photos and command.run_images.examples is None:
        raise ValueError("expected pictures of the classes by --examples FOLDER, for photographs come without.")
    if command.choices < 3 or command.each < 1:
        raise ValueError("expected --choices of 3 or more, and --each of 1 or more.")
    return command.weights


def _questionnaire(command: Study, weights: Path, progress: ProgressCallback) -> Outcome:
    loaded = load_weights(command.model, weights)
    names, offset = output_names(loaded, command.labels), loaded.model.label_offset
    if len(names) - offset < command.choices:
        raise ValueError(f"--choices {command.choices}: the model has {len(names)} classes; ask for fewer.")
    pictures = insecurities_of(command, weights, loaded, names, progress)
    rng = np.random.default_rng(command.seed)
    candidates = _candidates(pictures.results, command.each, command.choices, command.others, offset, rng)
    order = [candidates[k] for k in rng.permutation(len(candidates))]
    questions = [_question(one, pictures, names, command.surround, rng) for one in order]
    asked = [
        Asked(question.id, one.kind, one.image, one.pair, one.choices)
        for question, one in zip(questions, order, strict=True)
    ]
    study = _digest(asked, questions)

    def write(folder: Path, record: Mapping[str, Any]) -> None:
        del record
        write_study(folder / PAGE, Questionnaire(study, tuple(questions)))
        write_key(folder / KEY, Key(study, tuple(pictures.subjects.names), tuple(names), tuple(asked)))

    count = sum(question.kind == INSECURITY for question in asked)
    lines = [
        f"{command.out / PAGE}: study {study}, {count} insecurities and {len(asked) - count} random crops",
        f"{command.out / KEY}: what the network found; keep it from the participants",
    ]
    return Outcome("study", loaded.params, pictures.subjects.images, command.seed, write, lines)


def _candidates(
    results: ImageInsecurities, each: int, choices: int, others: str, offset: int, rng: np.random.Generator
) -> list[Candidate]:
    """The insecurities of every image, and for each a random crop of as many pixels."""
    candidates, regions = [], results.insecurities
    for image, probabilities in enumerate(results.probabilities):
        for i in results.with_region(image, each):
            mask, pair = np.asarray(regions.mask[image, i]), (int(regions.a[image, i]), int(regions.b[image, i]))
            classes = _choices(probabilities, pair, choices, others, offset, rng)
            candidates.append(Candidate(image, INSECURITY, mask, pair, classes))
            candidates.append(Candidate(image, CROP, _crop(mask, rng), pair, classes))
    if not candidates:
        raise ValueError("no insecurity was found in these pictures: there is nothing to ask; try --hardest.")
    return candidates


def _choices(
    probabilities: np.ndarray, pair: tuple[int, int], count: int, others: str, offset: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """The pair and others, in random order."""
    rest = [int(c) for c in np.argsort(-probabilities, kind="stable") if c not in pair and c >= offset]
    if others == "random":
        rest = rng.permutation(rest).tolist()
    return tuple(map(int, rng.permutation([*pair, *rest[: count - 2]])))


def _crop(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square at random with (nearly) as many pixels as the region."""
    side = int(np.clip(round(float(mask.sum()) ** 0.5), 1, min(mask.shape)))
    top, left = (int(rng.integers(0, length - side + 1)) for length in mask.shape)
    crop = np.zeros_like(mask)
    crop[top : top + side, left : left + side] = True
    return crop


def _question(
    candidate: Candidate, pictures: InsecurePictures, names: list[str], surround: str, rng: np.random.Generator
) -> Question:
    """The question as the page has it."""
    choices = []
    for label in candidate.choices:
        examples = pictures.examples(label, 8)
        if not examples:
            raise ValueError(f"--examples: there is no picture of class {names[label]!r}; add a folder with some.")
        choices.append(Choice(names[label].split(",")[0], examples[int(rng.integers(len(examples)))]))
    image = enlarge(pictures.subjects.images[candidate.image])
    picture = region(image, candidate.mask, surround=surround)
    return Question(f"q{rng.integers(16**8):08x}", picture, tuple(choices))


def _digest(asked: list[Asked], questions: list[Question]) -> str:
    """The name of the study: another one for other questions."""
    content = repr([(one, question.region.tobytes()) for one, question in zip(asked, questions, strict=True)])
    return hashlib.sha256(content.encode()).hexdigest()[:16]
