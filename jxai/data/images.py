"""A split of a set of pictures, in random access."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jxai.data.source import Source

__all__ = ["ImageSource"]


class ImageSource(Source[Any]):
    """The examples of one split of a set of pictures: `len(source)`, `source[index]`.

    Attributes:
        meta: What is known about the set as a whole.
        split: The name of the split.
        folder: Where the files are.
    """

    def __init__(self, records: Sequence[Any], *, split: str, meta: Any, folder: Path, read: Callable[[Any], Any]):
        """Examples from records, each of which `read` turns into an example."""
        super().__init__(records, split=split, read=read)
        self.meta, self.folder = meta, folder

    def __repr__(self) -> str:
        """The split and its length."""
        return f"ImageSource({self.split!r}, {len(self)} examples, {len(self.meta.classes)} classes)"
