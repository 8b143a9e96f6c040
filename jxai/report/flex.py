"""Sentences that explain a decision: words that name its features, heat maps of words, and places with words.

The input is plain arrays. `Justification` is a section of a page (`report.pages`); `flex_figures` draws the same as
pictures.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from jxai.report.drawing import length
from jxai.report.labels import Label, Place, labels
from jxai.report.pictures import enlarge, overlay, rgb
from jxai.report.sections import Picture, Prediction

__all__ = ["Justification", "Sentence", "Word", "WordMap", "annotation", "source"]

GLUED = frozenset(",.;:!?)%") | {"'s", "n't"}
"""Tokens that follow a word without a space."""

SIDE, LETTERS = 280, 17  # of a picture with labels in a page: its width, and the size of the letters


@dataclass(frozen=True)
class Word:
    """A word of a sentence.

    Attributes:
        text: the word.
        decisive: whether it names a feature that the decision rests on.
        relevance: its relevance to the decision, not negative; None where it is unknown.
    """

    text: str
    decisive: bool = False
    relevance: float | None = None


@dataclass(frozen=True)
class Sentence:
    """The sentence of one method.

    Attributes:
        words: in order, with the stop.
        method: its name, such as `FLEX`.
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
    def with_spaces(self) -> tuple[tuple[str, Word], ...]:
        """Each word with the text before it, a space or nothing; the first word has a capital.

        Example:
            >>> sentence = Sentence((Word("red"), Word(",")))
            >>> "".join(before + word.text for before, word in sentence.with_spaces)
            'Red,'
        """
        first, *rest = self.words
        capital = Word(first.text[:1].upper() + first.text[1:], first.decisive, first.relevance)
        return (("", capital), *(("" if word.text in GLUED else " ", word) for word in rest))

    @property
    def text(self) -> str:
        """The sentence as a string."""
        return "".join(before + word.text for before, word in self.with_spaces)


@dataclass(frozen=True, eq=False)
class WordMap:
    """The heat map of a word: `alpha_k A_k` of the channels associated with it.

    Attributes:
        word: the word.
        map: [h, w] of any size, not negative; 0 where suppressed.
        detail: a smaller line, such as `block3, channel 12`.
    """

    word: str
    map: np.ndarray
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse anything but a heat map."""
        _require_heat(self.map, f"WordMap {self.word!r}")


@dataclass(frozen=True, eq=False)
class Justification:
    """One image, its explained class, and the sentences of one or several methods.

    Attributes:
        title: heading.
        picture: the image, whole.
        claim: the text before the sentences, such as `This is a Cardinal because`.
        label: the class that is explained.
        sentences: one for each method.
        heat: class activation map of the label [h, w], not negative; None where there is none.
        predictions: the likeliest classes.
        truth: the true class, if known; the image is a mistake where it differs from `label`.
        typical: images of the explained class.
        maps: heat maps of words of the sentence.
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
        """Refuse an image without sentences, and a class activation map of another form."""
        if not self.sentences:
            raise ValueError(f"Justification {self.title!r}: expected a sentence or more, got none.")
        if self.heat is not None:
            _require_heat(self.heat, f"Justification {self.title!r}")

    @property
    def mistaken(self) -> bool:
        """Whether the true class is another one."""
        return self.truth is not None and self.truth != self.label

    @property
    def relevant(self) -> tuple[Word, ...]:
        """The distinct words with a relevance above 0, the most relevant first."""
        words = {word.text: word for sentence in self.sentences for word in sentence.words if word.relevance}
        return tuple(sorted(words.values(), key=lambda word: -(word.relevance or 0)))


def source(section: Justification, map: np.ndarray) -> np.ndarray:
    """A heat map over the image of its section, as uint8 RGB."""
    return overlay(enlarge(section.picture.image), map, signed=False)


def annotation(section: Justification) -> dict[str, Any]:
    """The drawing of the places for a page: its sizes and, for each label, the point, line and text."""
    height, width = rgb(section.picture.image).shape[:2]
    side, high = float(SIDE), round(SIDE * height / width, 1)
    places = labels(section.places, gap=22 / high)
    # Room for the words on either side; 72: pixels of the page for an inch of text
    left, right = (
        18 + max((72 * length(label.word, size=LETTERS) for label in places if label.left == side_is_left), default=0)
        for side_is_left in (True, False)
    )
    drawings = [_label(label, left, side, high) for label in places]
    width = round(left + side + right, 1)
    return {"width": width, "height": high, "left": round(left, 1), "side": side, "size": LETTERS, "labels": drawings}


def _label(label: Label, left: float, side: float, high: float) -> dict[str, Any]:
    x, y, at = left + label.point[0] * side, label.point[1] * high, label.y * high
    end, gap = (left - 6, -4) if label.left else (left + side + 6, 4)
    place = {"x": round(x, 1), "y": round(y, 1), "end": round(end + gap, 1), "height": round(at, 1)}
    return {**place, "points": f"{x:.1f},{y:.1f} {end:.1f},{at:.1f}", "left": label.left, "word": label.word}


def _require_heat(map: np.ndarray, whose: str) -> None:
    map = np.asarray(map)
    if map.ndim != 2 or 0 in map.shape or not np.isfinite(map).all() or (map < 0).any():
        raise ValueError(f"{whose}: expected a finite map [h, w] without negative values, got shape {map.shape}.")
