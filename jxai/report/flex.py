"""Sentences that explain a decision: the words that name what decided it, their own heat maps, and places with words.

Plain arrays come in. `Justification` is a section of a page (`report.pages`); `flex_figures` draws the same as
pictures.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from jxai.report.drawing import length
from jxai.report.labels import Label, Place, labels
from jxai.report.pictures import enlarged, overlay, rgb
from jxai.report.sections import Picture, Prediction

__all__ = ["Justification", "Sentence", "Word", "WordMap", "annotation", "source"]

GLUED = frozenset(",.;:!?)%") | {"'s", "n't"}
"""What follows a word without a space."""

SIDE, LETTERS = 280, 17  # of a picture with labels in a page: its width, and the size of the letters


@dataclass(frozen=True)
class Word:
    """A word of a sentence.

    Attributes:
        text: the word.
        decisive: whether it names a feature that the decision was made by.
        relevance: its relevance to the decision, not negative; None where it is not known.
    """

    text: str
    decisive: bool = False
    relevance: float | None = None


@dataclass(frozen=True)
class Sentence:
    """What one method says.

    Attributes:
        words: in order, the stop among them.
        method: who says it, such as `FLEX`.
        detail: a smaller remark, such as `log probability -4.2`.
    """

    words: tuple[Word, ...]
    method: str = "FLEX"
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse a sentence without words."""
        if not self.words or not all(word.text for word in self.words):
            raise ValueError(f"Sentence: expected words, got {len(self.words)}; {self.method} said nothing.")

    @property
    def spaced(self) -> tuple[tuple[str, Word], ...]:
        """Each word with what stands before it, a space or nothing; the first is written with a capital.

        Example:
            >>> said = Sentence((Word("red"), Word(",")))
            >>> "".join(before + word.text for before, word in said.spaced)
            'Red,'
        """
        first, *rest = self.words
        capital = Word(first.text[:1].upper() + first.text[1:], first.decisive, first.relevance)
        return (("", capital), *(("" if word.text in GLUED else " ", word) for word in rest))

    @property
    def text(self) -> str:
        """The sentence as it is read."""
        return "".join(before + word.text for before, word in self.spaced)


@dataclass(frozen=True, eq=False)
class WordMap:
    """Where a word comes from: `alpha_k A_k` of the channels that are associated with it.

    Attributes:
        word: the word.
        map: [h, w] of any size, not negative; 0 where it was suppressed.
        detail: a smaller line, such as `block3, channel 12`.
    """

    word: str
    map: np.ndarray
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no heat map."""
        _require_heat(self.map, f"WordMap {self.word!r}")


@dataclass(frozen=True, eq=False)
class Justification:
    """One image, the class that it is explained by, and the sentences of one or several methods.

    Attributes:
        title: heading.
        picture: the image, whole.
        claim: what the sentences give the reason of, such as `This is a Cardinal because`.
        label: the class that is explained.
        sentences: one for each method.
        heat: class activation map of the label [h, w], not negative; None where there is none.
        predictions: the likeliest classes.
        truth: the true class, where it is known; another one than `label` makes it a mistake.
        typical: images of the class that is explained.
        maps: where words of the sentence come from.
        places: parts of the image with their words.
        text: a sentence about the whole.
    """

    kind: ClassVar[str] = "justification"
    title: str
    picture: Picture
    claim: str
    label: str
    sentences: tuple[Sentence, ...]
    heat: np.ndarray | None = None
    predictions: tuple[Prediction, ...] = ()
    truth: str | None = None
    typical: tuple[np.ndarray, ...] = ()
    maps: tuple[WordMap, ...] = ()
    places: tuple[Place, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        """Refuse an image about which nobody says anything, and maps that are none."""
        if not self.sentences:
            raise ValueError(f"Justification {self.title!r}: expected a sentence or more, got none.")
        if self.heat is not None:
            _require_heat(self.heat, f"Justification {self.title!r}")

    @property
    def mistaken(self) -> bool:
        """Whether another class is the true one."""
        return self.truth is not None and self.truth != self.label

    @property
    def relevant(self) -> tuple[Word, ...]:
        """The different words with a relevance above 0, the most relevant first."""
        words = {word.text: word for said in self.sentences for word in said.words if word.relevance}
        return tuple(sorted(words.values(), key=lambda word: -(word.relevance or 0)))


def source(section: Justification, map: np.ndarray) -> np.ndarray:
    """A heat map over the image of its section, as uint8 RGB."""
    return overlay(enlarged(section.picture.image), map, signed=False)


def annotation(section: Justification) -> dict[str, Any]:
    """What a page draws of the places: sizes of the drawing and, for each label, its point, line and text."""
    height, width = rgb(section.picture.image).shape[:2]
    side, high = float(SIDE), round(SIDE * height / width, 1)
    found = labels(section.places, gap=22 / high)
    left, right = (
        18 + max((72 * length(label.word, size=LETTERS) for label in found if label.left == side_is_left), default=0)
        for side_is_left in (True, False)
    )
    drawn = [_label(label, left, side, high) for label in found]
    width = round(left + side + right, 1)
    return {"width": width, "height": high, "left": round(left, 1), "side": side, "size": LETTERS, "labels": drawn}


def _label(label: Label, left: float, side: float, high: float) -> dict[str, Any]:
    x, y, at = left + label.point[0] * side, label.point[1] * high, label.y * high
    end, gap = (left - 6, -4) if label.left else (left + side + 6, 4)
    place = {"x": round(x, 1), "y": round(y, 1), "end": round(end + gap, 1), "height": round(at, 1)}
    return {**place, "points": f"{x:.1f},{y:.1f} {end:.1f},{at:.1f}", "left": label.left, "word": label.word}


def _require_heat(map: np.ndarray, whose: str) -> None:
    map = np.asarray(map)
    if map.ndim != 2 or 0 in map.shape or not np.isfinite(map).all() or (map < 0).any():
        raise ValueError(f"{whose}: expected a finite map [h, w] without negative values, got shape {map.shape}.")
