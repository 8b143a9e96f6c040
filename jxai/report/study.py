"""A questionnaire as one HTML file: a region, five classes, two of them to be chosen; the answers are downloaded.

The page knows neither which classes the algorithm named nor which regions are random crops: that is in the key.
"""

import os
from dataclasses import dataclass

import numpy as np

from jxai.report.files import write_atomically
from jxai.report.pages import templates

__all__ = ["ANSWERS", "Choice", "Question", "Questionnaire", "render_study", "write_study"]

ANSWERS = "jxai-study-answers"
"""What the format of a file of answers is called."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A class that may be chosen: its name, and an example of it."""

    name: str
    example: np.ndarray


@dataclass(frozen=True, eq=False)
class Question:
    """A region and the classes it may belong to.

    Attributes:
        id: names the question in the answers; tells nothing of what kind it is.
        region: the picture shown.
        choices: in the order shown.
    """

    id: str
    region: np.ndarray
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        """Refuse questions where there is nothing to choose."""
        if len(self.choices) < 3:
            raise ValueError(f"Question: expected three classes or more, got {len(self.choices)}.")


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """All questions in the order they are asked, and the name of the study, which the answers repeat."""

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
        `version`, `study`, `participant` (drawn at random), `synthetic` (a program or a test answered, not a person),
        `started`, `finished`, and `answers`: for each question its `question`, `choice` (two places of the choices as
        shown, from 0, or null for "don't know") and `seconds`.

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
    """Write the questionnaire, whole or not at all (see `files.write_atomically`).

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
