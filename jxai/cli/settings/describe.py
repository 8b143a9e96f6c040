"""The settings of `jxai explain --flex`."""

import dataclasses
import math
from pathlib import Path

from jxai.pipelines.words.settings import BEAM, LENGTH_PENALTY

__all__ = ["InWords", "require_in_words"]


@dataclasses.dataclass(frozen=True)
class InWords:
    """Sentences of an explainer in words.

    Attributes:
        flex: Explain in words, by the explainer in this folder (of a `jxai train flex` run); without --weights its own
            classifier is explained. Of photographs, or of test images of the classifier's data (--test, --wrong).
        beside: Folders of other explainers of the same classifier, whose sentences stand beside.
        beam: Sentences that the beam follows in its search; 1: the likeliest word each time. --samples draws so
            many sentences besides.
        length_penalty: Of the beam: log-likelihoods are divided by the number of words to this power. 0: the likeliest
            sentence, which is often a short one; 1: the likeliest words on average.
        wrong: Explain so many test images that the classifier is wrong about.
        least: Share of a feature map's maximum below which it is not shown.
    """

    flex: Path | None = None
    beside: tuple[Path, ...] = ()
    beam: int = BEAM
    length_penalty: float = LENGTH_PENALTY
    wrong: int = 0
    least: float = 0.5


def require_in_words(settings: InWords) -> None:
    """Refuse settings that are out of range.

    Raises:
        ValueError: the first such setting.
    """
    if settings.beam < 1:
        raise ValueError(f"--beam: expected one sentence or more to be followed, got {settings.beam}.")
    if not 0 <= settings.length_penalty < math.inf:
        raise ValueError(f"--length-penalty: expected a power of 0 or more, got {settings.length_penalty}.")
    if settings.wrong < 0:
        raise ValueError(f"--wrong: expected a number of test images, got {settings.wrong}.")
    if not 0 <= settings.least <= 1:
        raise ValueError(f"--least: expected a share within 0 to 1, got {settings.least}.")
