"""The key of a study, and files of answers: what they hold, and reading them with care."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.metrics.studies.agreement import DONT_KNOW, MISSING
from jxai.report.study import ANSWERS
from jxai.run.outputs import write_json

__all__ = ["CROP", "INSECURITY", "Answers", "Asked", "Key", "read_answers", "read_key", "write_key"]

INSECURITY, CROP = "insecurity", "random crop"
FORMAT = "jxai-study-key"


class Asked(NamedTuple):
    """One question, and what the participants do not see of it.

    Attributes:
        id: its name in the answers.
        kind: `INSECURITY` or `CROP`.
        image: the number of the picture, in `Key.images`.
        pair: the two classes of the insecurity, or of the one that a crop is the control of.
        choices: the classes in the order shown.
    """

    id: str
    kind: str
    image: int
    pair: tuple[int, int]
    choices: tuple[int, ...]


class Key(NamedTuple):
    """What a questionnaire asked: the name of the study, of its pictures and of the classes, and the questions."""

    study: str
    images: tuple[str, ...]
    classes: tuple[str, ...]
    questions: tuple[Asked, ...]


class Answers(NamedTuple):
    """One participant's file: the classes chosen `[q, 2]`, `DONT_KNOW` or `MISSING` twice."""

    participant: str
    synthetic: bool
    chosen: np.ndarray


def write_key(path: Path, key: Key) -> None:
    """Write a key as JSON."""
    questions = [question._asdict() for question in key.questions]
    write_json(path, {"format": FORMAT, "version": 1, **key._asdict(), "questions": questions})


def read_key(path: Path) -> Key:
    """Read a key.

    Raises:
        ValueError: no such file, or not a key.
    """
    raw = _read(path, FORMAT, "the key of a study")
    try:
        questions = tuple(
            Asked(str(q["id"]), q["kind"], int(q["image"]), (int(q["pair"][0]), int(q["pair"][1])), tuple(q["choices"]))
            for q in raw["questions"]
        )
        key = Key(str(raw["study"]), tuple(raw["images"]), tuple(raw["classes"]), questions)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{path}: expected the key of a study, but {error!r} is amiss.") from None
    if not questions or any(question.kind not in (INSECURITY, CROP) for question in questions):
        raise ValueError(f"{path}: expected questions of the kinds {INSECURITY!r} and {CROP!r}.")
    return key


def read_answers(path: Path, key: Key) -> Answers:
    """Read one participant's answers to a study.

    Raises:
        ValueError: no such file, broken JSON, answers of another study, to a question that was not asked, twice to the
            same, or something else than two of the choices or null.
    """
    raw = _read(path, ANSWERS, "answers to a study")
    if raw.get("study") != key.study:
        raise ValueError(f"{path}: answers of another study ({raw.get('study')}); the key is of study {key.study}.")
    for field, kind in (("participant", str), ("synthetic", bool), ("answers", list)):
        if not isinstance(raw.get(field), kind):
            raise ValueError(f"{path}: expected {field!r} as {kind.__name__}, got {raw.get(field)!r}.")
    if not raw["participant"]:
        raise ValueError(f"{path}: expected the participant's number, got none.")
    places = {question.id: k for k, question in enumerate(key.questions)}
    chosen, seen = np.full((len(places), 2), MISSING), set()
    for answer in raw["answers"]:
        name = answer.get("question") if isinstance(answer, dict) else None
        if name not in places:
            raise ValueError(f"{path}: an answer to question {name!r}, which the study did not ask.")
        if name in seen:
            raise ValueError(f"{path}: question {name!r} is answered twice.")
        seen.add(name)
        chosen[places[name]] = _chosen(path, answer, key.questions[places[name]])
    return Answers(raw["participant"], raw["synthetic"], chosen)


def _chosen(path: Path, answer: dict[str, Any], asked: Asked) -> tuple[int, int]:
    """The two classes of an answer."""
    choice = answer.get("choice", "nothing")
    if choice is None:
        return DONT_KNOW, DONT_KNOW
    whole = isinstance(choice, list) and all(type(place) is int for place in choice)
    if not whole or len(set(choice)) != 2 or not all(0 <= place < len(asked.choices) for place in choice):
        raise ValueError(
            f"{path}: question {asked.id!r}: expected two of the {len(asked.choices)} choices or null, got {choice!r}."
        )
    return asked.choices[choice[0]], asked.choices[choice[1]]


def _read(path: Path, format: str, what: str) -> dict[str, Any]:
    if not path.is_file():
        raise ValueError(f"expected {what} at {path}, but there is no such file.")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: broken JSON ({error}); ask for the file again.") from None
    if not isinstance(raw, dict) or raw.get("format") != format or raw.get("version") != 1:
        raise ValueError(f"{path}: expected {what} (format {format!r}, version 1).")
    return raw
