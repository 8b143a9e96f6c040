"""A questionnaire as one HTML file: a region and five classes, of which to choose two; the answers are downloaded.

The page contains neither the pair of the algorithm nor the kind of a region (insecurity or random crop): these are in
the key.
"""

import os
from dataclasses import dataclass

import numpy as np

from jxai.report.files import write_atomically
from jxai.report.pages import templates

__all__ = ["ANSWERS", "Choice", "Question", "Questionnaire", "render_study", "write_study"]

ANSWERS = "jxai-study-answers"
"""The `format` of a file of answers."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A class to choose: its name and an example."""

    name: str
    example: np.ndarray


@dataclass(frozen=True, eq=False)
class Question:
    """A region and the classes to choose from.

    Attributes:
        id: the question's name in the answers; it does not reveal the kind of the region.
        region: the picture.
        choices: in the order of the page.
    """

    id: str
    region: np.ndarray
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        """Refuse questions without a choice: two classes of two."""
        if len(self.choices) < 3:
            raise ValueError(f"Question: expected three classes or more, got {len(self.choices)}.")


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """All questions in the order of the page, and the name of the study, which the answers repeat."""

    study: str
    questions: tuple[Question, ...]
    title: str = "What could this region show?"

    def __post_init__(self) -> None:
        """Refuse an empty questionnaire, and names that occur twice."""
        names = [question.id for question in self.questions]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"Questionnaire: expected questions with different names, got {len(names)}.")


def render_study(study: Questionnaire) -> str:
    """The questionnaire as HTML.

    Args:
        study: the questions.

    Returns:
        One self-contained document that loads nothing and sends nothing. Its answers are a JSON file: `format`,
        `version`, `study`, `participant` (a random name), `synthetic` (true if a program or a test answered),
        `started`, `finished`, and `answers`: for each question its `question`, `choice` (two indices of the choices in
        the order of the page, from 0, or null for "don't know") and `seconds`.

    Example:
        >>> import numpy as np
        >>> grey = np.full((4, 4, 3), 127, np.uint8)
        >>> choices = tuple(Choice(name, grey) for name in ("gull", "tern", "<auk>"))
        >>> "&lt;auk&gt;" in render_study(Questionnaire("ab12", (Question("q1", grey, choices),)))
        True
    """
    environment = templates()
    script = environment.get_template("study_script.html").module.script()  # type: ignore[attr-defined]
    return environment.get_template("study.html").render(study=study, script=script, format=ANSWERS)


def write_study(path: str | os.PathLike, study: Questionnaire) -> None:
    """Writes the questionnaire, completely or not at all (see `files.write_atomically`).

    Args:
        path: the HTML file.
        study: the questions.

    Example:
        >>> import os, tempfile
        >>> import numpy as np
        >>> path = os.path.join(tempfile.mkdtemp(), "study.html")
        >>> grey = np.full((4, 4, 3), 127, np.uint8)
        >>> choices = tuple(Choice(name, grey) for name in ("gull", "tern", "auk"))
        >>> write_study(path, Questionnaire("ab12", (Question("q1", grey, choices),)))
        >>> os.path.getsize(path) > 1000
        True
    """
    write_atomically(path, render_study(study).encode())
