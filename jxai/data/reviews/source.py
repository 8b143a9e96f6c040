"""**reviews**: the embedded set of film reviews, written by a grammar, in the schema of the movie-review rationales.

A review says what its writer thinks of a film in some sentences: plainly, by denying the contrary ("never dull"), after
conceding the contrary, or against what others say. In between it tells the plot, what others think, what earlier films
were like, in the same words. So single words mislead: what decides is who says what of which film, and whether it is
denied. The clauses in which the writer takes a side are the rationale.
"""

import os
from collections.abc import Callable
from typing import Any

from jxai.data.reviews.write import CLASSES, SPLITS
from jxai.data.schema import TextExample
from jxai.data.source import require_made
from jxai.data.texts import TextSource
from jxai.extras import needs

__all__ = ["reviews"]


def reviews(
    split: str,
    *,
    seed: int = 0,
    train: int = 12_000,
    val: int = 500,
    test: int = 500,
    folder: str | os.PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TextSource:
    """The examples of a split of **reviews**; the first call writes all splits and keeps them as files.

    A review has 100 to 400 words (190 on average, punctuation counted) and depends on `seed`, `split` and its index in
    the split alone. Labels go round: example `i` has label `i % 2`; 0 is negative, 1 positive.

    Args:
        split: `train`, `val` or `test`.
        seed: another seed gives other reviews.
        train: how many examples the training split has.
        val: how many the validation split has.
        test: how many the test split has.
        folder: where to keep the files; by default the environment variable JXAI_CACHE names the folder, else it is
            `~/.cache/jxai`.
        progress: called with (reviews written, reviews in all) after every review while they are written.

    Returns:
        The examples in random access, each a `TextExample` with its rationale.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source = reviews("test", train=4, val=2, test=6, folder=folder)
        ...     example = source[0]
        >>> len(source), source.classes[example["label"]], len(example["words"]) >= 100
        (6, 'negative', True)
    """
    with needs("data"):  # tfds is loaded where it is used alone
        from jxai.data.builder import cache_folder, prepared
        from jxai.data.reviews.records import Reviews

    counts = {"train": train, "val": val, "test": test}
    require_made(split, SPLITS, counts)
    builder = prepared(Reviews, counts, {"seed": seed}, folder=cache_folder(folder), progress=progress)
    return TextSource(builder.as_data_source(split), split=split, classes=CLASSES, read=_example)


def _example(record: Any) -> TextExample:
    return TextExample(
        words=record["text"].decode().split(" "),
        label=int(record["label"]),
        id=int(record["id"]),
        rationale=[(int(start), int(stop)) for start, stop in record["rationale"]],
    )
