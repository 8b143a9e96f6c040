"""What the sources of all sets share: examples in random access, and what may be asked of a set that is made here."""

import operator
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

__all__ = ["Source", "require_folder", "require_made"]

Example = TypeVar("Example")
_MOST = 10_000_000  # examples of a split: their numbers fit beside the split's own


class Source(Generic[Example]):
    """The examples of one split of a set: `len(source)`, `source[index]`.

    Attributes:
        split: The name of the split.
    """

    def __init__(self, records: Sequence[Any], *, split: str, read: Callable[[Any], Example]):
        """Examples from records, each of which `read` turns into an example."""
        self._records, self._read, self.split = records, read, split

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._records)

    def __getitem__(self, index: int) -> Example:
        """The example at a place of the split; negative places count from its end."""
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"expected an index below {len(self)}, the length of the split {self.split!r}, got {place}"
            )
        return self._read(self._records[place % len(self)])

    def __iter__(self) -> Iterator[Example]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))


def require_made(split: str, splits: Collection[str], counts: Mapping[str, int], size: int | None = None) -> None:
    """Refuse a split, a size or a number of examples that a set which is made here cannot have.

    Raises:
        ValueError: An argument is out of range.
    """
    _require_split(split, splits, size)
    for name, count in counts.items():
        if not 1 <= count <= _MOST:
            raise ValueError(f"expected 1 to {_MOST:,} examples in {name!r}, got {count}")


def require_folder(split: str, splits: Collection[str], size: int | None, source: str | os.PathLike) -> Path:
    """The folder of a set that a user has.

    Raises:
        ValueError: A split or a size that the set cannot have.
        FileNotFoundError: There is no such folder.
    """
    _require_split(split, splits, size)
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder at {folder}")
    return folder


def _require_split(split: str, splits: Collection[str], size: int | None) -> None:
    if split not in splits:
        raise ValueError(f"expected a split of {list(splits)}, got {split!r}")
    if size is not None and not 16 <= size <= 1024:
        raise ValueError(f"expected a size of 16 to 1024 pixels, got {size}")
