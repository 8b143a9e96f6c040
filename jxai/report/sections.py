"""The sections of a page as data: photographs, texts, galleries, tables and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

__all__ = [
    "Column", "Gallery", "Group", "Item", "Note", "Page", "Passage", "Photograph", "Picture", "Prediction", "Section",
    "Table", "Value", "Words", "WordsGroup", "mean_of",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Picture:
    """An image with its caption.

    Attributes:
        image: as `pictures.rgb` takes it.
        caption: text below, such as the method's name.
        alt: text for readers who cannot see it; the caption by default.
        detail: a second, smaller line, such as `sum 3.2, 0.4 s`.
    """

    image: np.ndarray
    caption: str
    alt: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Prediction:
    """A label and its probability, 0..1; `right` marks the true label, if known."""

    label: str
    probability: float | int
    right: bool | None = None


@dataclass(frozen=True, eq=False)
class Group:
    """Maps for one question, such as all methods for one class."""

    title: str
    pictures: tuple[Picture, ...]
    text: str = ""


@dataclass(frozen=True, eq=False)
class Photograph:
    """The explanation of one photograph: its predictions, and a group of maps for each class."""

    kind: ClassVar[str] = "photograph"
    title: str
    picture: Picture
    predictions: tuple[Prediction, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, eq=False)
class Words:
    """A text with a value for each word.

    Attributes:
        words: the words, in order.
        values: one number per word, signed and finite.
        caption: text above, such as the method's name.
        detail: a second, smaller line.
        spaces: for each word whether white space follows it; empty: always.
    """

    words: Sequence[str]
    values: np.ndarray
    caption: str = ""
    detail: str = ""
    spaces: Sequence[bool] = ()

    def __post_init__(self) -> None:
        """Refuse values that do not fit the words."""
        values = np.asarray(self.values)
        if values.shape != (len(self.words),) or len(self.spaces) not in (0, len(self.words)):
            raise ValueError(
                f"Words: expected a value and a space for each of {len(self.words)} words, got values of shape "
                f"{values.shape} and {len(self.spaces)} spaces; add up pieces with jxai.signal.words.word_sum."
            )
        if not len(self.words) or not np.isfinite(values.astype(np.float64)).all():
            raise ValueError("Words: expected at least one word and finite values.")


@dataclass(frozen=True, eq=False)
class WordsGroup:
    """Highlighted texts for one question, such as all methods for one class."""

    title: str
    maps: tuple[Words, ...]
    text: str = ""


@dataclass(frozen=True, eq=False)
class Passage:
    """The explanation of one text: its predictions, and a group of highlighted texts for each class."""

    kind: ClassVar[str] = "passage"
    title: str
    predictions: tuple[Prediction, ...]
    groups: tuple[WordsGroup, ...]


@dataclass(frozen=True, eq=False)
class Item:
    """One row of a gallery: an image, its true and predicted label, one map for each method."""

    picture: Picture
    label: str
    prediction: Prediction
    maps: tuple[Picture, ...]

    @property
    def right(self) -> bool:
        """Whether the prediction is the true label."""
        return self.label == self.prediction.label if self.prediction.right is None else self.prediction.right


@dataclass(frozen=True, eq=False)
class Gallery:
    """Many images, each with the same methods."""

    kind: ClassVar[str] = "gallery"
    title: str
    items: tuple[Item, ...]
    text: str = ""


@dataclass(frozen=True)
class Value:
    """A mean and its standard error, in the units of its column."""

    mean: float | int
    error: float | int | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its heading.
        better: "higher" or "lower", printed in the heading; the best value is marked accordingly. None marks nothing.
        text: its meaning, for the explanation below the table.
        digits: decimals.
        unit: printed in the heading.
    """

    name: str
    better: str | None = None
    text: str = ""
    digits: int = 3
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown direction."""
        if self.better not in ("higher", "lower", None):
            raise ValueError(f"Column: expected better 'higher', 'lower' or None, got {self.better!r}.")


@dataclass(frozen=True)
class Table:
    """Rows by name; a cell for each column: a `Value`, a number, a text, or None for an empty one."""

    kind: ClassVar[str] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: Mapping[str, tuple]
    text: str = ""
    heading: str = "Method"

    def __post_init__(self) -> None:
        """Refuse rows of another length."""
        for name, cells in self.rows.items():
            if len(cells) != len(self.columns):
                raise ValueError(f"Table: expected {len(self.columns)} cells a row, got {len(cells)} for {name!r}.")

    def is_words(self, column: int) -> bool:
        """Whether a column holds texts, which are left-aligned."""
        return any(isinstance(cells[column], str) for cells in self.rows.values())

    def best(self, column: int) -> frozenset[str]:
        """Names of the rows with the best mean of a column; empty for a column without direction or with one value."""
        means = {name: mean_of(cells[column]) for name, cells in self.rows.items()}
        means = {name: mean for name, mean in means.items() if mean is not None and np.isfinite(mean)}
        better = self.columns[column].better
        if better is None or len(means) < 2:
            return frozenset()
        best = (max if better == "higher" else min)(means.values())
        return frozenset(name for name, mean in means.items() if mean == best)


@dataclass(frozen=True)
class Note:
    """Paragraphs under a heading."""

    kind: ClassVar[str] = "note"
    title: str
    paragraphs: tuple[str, ...]


@runtime_checkable
class Section(Protocol):
    """Any section of a page: of this module, an `insecurities.Deliberation` or a `flex.Justification`."""

    kind: ClassVar[str]

    @property
    def title(self) -> str:
        """The heading."""
        ...


@dataclass(frozen=True, eq=False)
class Page:
    """A page: a title, a sentence or two, facts (data, model, versions, seconds), and sections in order."""

    title: str
    sections: tuple[Section, ...]
    lead: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    footer: str = ""


def mean_of(cell: object) -> float | None:
    """The number in a cell of a table: the mean of a `Value`, or the number itself; None for anything else."""
    if isinstance(cell, Value):
        return cell.mean
    return float(cell) if isinstance(cell, int | float | np.number) else None
