"""A split of a set of pictures, in random access."""

import operator
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["ImageSource"]


class ImageSource:
    """The examples of one split of a set of pictures: `len(source)`, `source[index]`.

    Attributes:
        meta: What is known about the set as a whole.
        split: The name of the split.
        folder: Where the files are.
    """

    def __init__(self, records: Sequence[Any], *, split: str, meta: Any, folder: Path, read: Callable[[Any], Any]):
        """Examples from records, each of which `read` turns into an example."""
        self._records, self._read, self.split, self.meta, self.folder = records, read, split, meta, folder

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._records)

    def __getitem__(self, index: int) -> Any:
        """The example at a place of the split; negative places count from its end."""
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"expected an index below {len(self)}, the length of the split {self.split!r}, got {place}"
            )
        return self._read(self._records[place % len(self)])

    def __iter__(self) -> Iterator[Any]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        """The split and its length."""
        return f"ImageSource({self.split!r}, {len(self)} examples, {len(self.meta.classes)} classes)"
