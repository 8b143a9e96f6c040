"""A split of a set of texts, in random access."""

from collections.abc import Callable, Sequence
from typing import Any

from jxai.data.schema import TextExample, TextMeta
from jxai.data.source import Source

__all__ = ["TextSource"]


class TextSource(Source[TextExample]):
    """The examples of one split of a set of texts: `len(source)`, `source[index]`.

    Attributes:
        classes: the names of the classes.
        meta: what is known about the set as a whole.
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
        super().__init__(records, split=split, read=read)
        self.classes = tuple(classes)
        self.meta = TextMeta(self.classes)

    def __repr__(self) -> str:
        """The split and its length."""
        return f"TextSource({self.split!r}, {len(self)} examples, {len(self.classes)} classes)"
