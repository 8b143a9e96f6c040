"""A split of a set of texts, in random access."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jxai.data.schema import TextExample

__all__ = ["TextSource"]


class TextSource:
    """The examples of one split of a set of texts: `len(source)`, `source[index]`.

    Attributes:
        classes: the names of the classes.
        split: the name of the split.
    """

    def __init__(
        self,
        records: Sequence[Any],
        *,
        split: str,
        classes: Sequence[str],
        read: Callable[[Any], TextExample] = lambda record: record,
    ):
        """Examples from records, each of which `read` turns into an example."""
        self._records, self._read, self.split, self.classes = records, read, split, tuple(classes)

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._records)

    def __getitem__(self, index: int) -> TextExample:
        """The example at a place of the split; negative places count from its end."""
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"expected an index below {len(self)}, the length of the split {self.split!r}, got {place}"
            )
        return self._read(self._records[place % len(self)])

    def __iter__(self) -> Iterator[TextExample]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        """The split and its length."""
        return f"TextSource({self.split!r}, {len(self)} examples, {len(self.classes)} classes)"
