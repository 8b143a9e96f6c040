"""The settings of deliberative explanations, which `jxai explain --deliberate` and `jxai study` share."""

import dataclasses
from pathlib import Path
from typing import Literal

__all__ = ["Deliberation", "require_settings"]


@dataclasses.dataclass(frozen=True)
class Deliberation:
    """Insecurities: regions that could belong to two classes, and the test images of a run.

    Attributes:
        difficulty: What makes a place difficult; by default hardness where a predictor is named, else hesitancy.
        hardness: Folder of a hardness predictor that was trained with the network.
        attribution: second_order is the paper's gradient-Hessian, first_order its gradient.
        compete: How many of the most probable classes compete.
        candidates: How many of them are candidates at a place.
        coverage: Share of the picture that each region covers, at first; the report's slider changes it.
        most: Insecurities of a picture that are shown, at most; npz files have all.
        examples: Folder with pictures of the classes, one folder a class, called by its number or name; by default a
            run's own training images.
        hardest: Explain so many test images of the run: those that are most difficult.
        test: Explain these test images of the run, by their numbers.
        data: The run's data set, where its classes do not tell: birds, scenes, cub or ade20k.
        source: Folder of a data set that is not made here.
        as_printed: Eq. 1 and 2 as the paper prints them, of posteriors with their signs, instead of the authors' code
            (maps of logits, without negative values), whose regions lie better.
    """

    difficulty: Literal["hesitancy", "entropy", "hardness"] | None = None
    hardness: Path | None = None
    attribution: Literal["second_order", "first_order"] = "second_order"
    compete: int = 5
    candidates: int = 3
    coverage: float = 0.1
    most: int = 5
    examples: Path | None = None
    hardest: int = 0
    test: tuple[int, ...] = ()
    data: Literal["birds", "scenes", "cub", "ade20k"] | None = None
    source: Path | None = None
    as_printed: bool = False

    @property
    def score(self) -> str:
        """The difficulty score's name."""
        return self.difficulty or ("hardness" if self.hardness else "hesitancy")


def require_settings(settings: Deliberation) -> None:
    """Refuse settings that contradict each other or are out of range.

    Raises:
        ValueError: the first such setting.
    """
    if settings.score == "hardness" and settings.hardness is None:
        raise ValueError("--difficulty hardness: name the folder of a hardness predictor by --hardness.")
    if settings.score != "hardness" and settings.hardness is not None:
        raise ValueError(f"--hardness and --difficulty {settings.score} contradict each other; leave one out.")
    if not 0.01 <= settings.coverage <= 0.9:
        raise ValueError(f"--coverage: expected a share within 0.01 to 0.9, got {settings.coverage}.")
    if settings.most < 1:
        raise ValueError(f"--most: expected at least one insecurity, got {settings.most}.")
    if settings.hardest < 0 or (settings.hardest and settings.test):
        raise ValueError("--hardest: expected a number above 0, or the images by --test, not both.")
