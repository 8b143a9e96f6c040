"""The settings of deliberative explanations, which `jxai deliberate` and `jxai study` share."""

import dataclasses
from pathlib import Path
from typing import Literal

__all__ = ["InsecurityOptions", "require_settings"]


@dataclasses.dataclass(frozen=True)
class InsecurityOptions:
    """Insecurities: regions that could belong to two classes.

    Attributes:
        difficulty: What makes a place difficult; by default hardness where a predictor is named, else hesitancy.
        hardness: Folder of a hardness predictor that was trained with the network.
        attribution: second_order is the paper's gradient-Hessian, first_order its gradient.
        compete: How many of the most probable classes compete.
        candidates: How many of them are candidates at a place.
        coverage: Share of the picture that each region covers, at first; the report's slider changes it.
        as_printed: Eq. 1 and 2 as the paper prints them, of posteriors with their signs, instead of the authors' code
            (maps of logits, without negative values), whose regions lie better.
    """

    difficulty: Literal["hesitancy", "entropy", "hardness"] | None = None
    hardness: Path | None = None
    attribution: Literal["second_order", "first_order"] = "second_order"
    compete: int = 5
    candidates: int = 3
    coverage: float = 0.1
    as_printed: bool = False

    @property
    def score(self) -> str:
        """The difficulty score's name."""
        return self.difficulty or ("hardness" if self.hardness else "hesitancy")


def require_settings(settings: InsecurityOptions) -> None:
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
