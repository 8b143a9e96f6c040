"""**movies**: film reviews with the passages that people marked as evidence, from the ERASER benchmark."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jxai.data.archives import Malformed, read_texts
from jxai.data.schema import TextExample
from jxai.data.texts import TextSource

__all__ = ["movies"]

_FILES = {"train": "train.jsonl", "val": "val.jsonl", "test": "test.jsonl"}
_PREPARED = {"train": "train", "val": "validation", "test": "test"}  # as tfds calls them
_LABELS = {"NEG": 0, "POS": 1}
_CLASSES = ("negative", "positive")
_APART = 10_000_000  # between the ids of two splits


def movies(split: str, source: str | os.PathLike) -> TextSource:
    """The examples of a split of ERASER's movie reviews: 1600, 200 and 199 of them.

    Words are what stands between white space, as ERASER counts them, so that its offsets are exact: the words of every
    evidence are compared with its text. Evidence may overlap, and stays as marked, in the order of the text; a few
    marks of no word are left out.

    Args:
        split: `train`, `val` or `test`.
        source: the archive `movies.tar.gz` of eraserbenchmark.com or the folder that it unpacks to; or a folder in
            which tensorflow-datasets has prepared `movie_rationales` as ArrayRecord files. tfds keeps the texts of the
            evidence, not its place: there it is the first place at which the text stands.

    Returns:
        The examples in random access: words, label (0 negative, 1 positive) and rationale.

    Raises:
        FileNotFoundError: there is no such folder or archive.
        ValueError: an unknown split, or files that are missing or malformed.

    Reference: DeYoung et al., 2020, "ERASER: A Benchmark to Evaluate Rationalized NLP Models"; the marks are by Zaidan,
    Eisner and Piatko, 2007, the reviews by Pang and Lee, 2004.
    """
    if split not in _FILES:
        raise ValueError(f"expected a split of {list(_FILES)}, got {split!r}")
    folder = Path(source).expanduser()
    if folder.is_dir() and (prepared := sorted(folder.rglob("dataset_info.json"))):
        return _from_tfds(split, prepared[-1].parent)
    file = _FILES[split]
    texts = read_texts(folder, lambda name: name == file or name.startswith("docs/"))
    if file not in texts:
        raise Malformed(f"expected {file} and docs/ in {folder.name}, but there is no {file}; take ERASER's movies")
    rows = [_row(line, f"{file} line {k + 1}") for k, line in enumerate(texts[file].splitlines()) if line.strip()]
    first = list(_FILES).index(split) * _APART
    examples = [_example(row, texts, first + k) for k, row in enumerate(rows)]
    return TextSource(examples, split=split, classes=_CLASSES)


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        spans = [span for group in row["evidences"] for span in group]
        evidence = [(int(e["start_token"]), int(e["end_token"]), str(e["text"])) for e in spans]
        return {"id": str(row["annotation_id"]), "label": _LABELS[row["classification"]], "evidence": sorted(evidence)}
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(
            f"{where} is no annotation of ERASER ({type(error).__name__}: {error}); copy it again"
        ) from None


def _example(row: Mapping[str, Any], texts: Mapping[str, str], number: int) -> TextExample:
    name = row["id"]
    if f"docs/{name}" not in texts:
        raise Malformed(f"the review docs/{name} is missing; take the whole archive")
    words = texts[f"docs/{name}"].split()
    for start, stop, text in row["evidence"]:
        if words[start:stop] != text.split():
            there = " ".join(words[start:stop])
            raise Malformed(f"evidence of {name} at words {start}..{stop} is {text!r}, but there stands {there!r}")
    spans = [(start, stop) for start, stop, _ in row["evidence"] if start < stop]
    return TextExample(words=words, label=row["label"], id=number, rationale=spans)


def _from_tfds(split: str, folder: Path) -> TextSource:
    import tensorflow_datasets as tfds  # slow to load

    builder = tfds.builder_from_directory(folder)
    try:
        records: Any = builder.as_data_source(_PREPARED[split])  # pyright: ignore[reportCallIssue]
    except (ValueError, KeyError, NotImplementedError) as error:
        raise Malformed(f"{folder} has no {_PREPARED[split]!r} as ArrayRecord files: {error}") from error
    first = list(_FILES).index(split) * _APART
    examples = [_placed(record, first + k) for k, record in enumerate(records)]
    return TextSource(examples, split=split, classes=_CLASSES)


def _placed(record: Mapping[str, Any], number: int) -> TextExample:
    words = record["review"].decode().split()
    spans = sorted(_place(text.decode().split(), words) for text in record["evidences"])
    return TextExample(words=words, label=int(record["label"]), id=number, rationale=spans)


def _place(part: list[str], words: list[str]) -> tuple[int, int]:
    for start in range(len(words) - len(part) + 1):
        if words[start : start + len(part)] == part:
            return start, start + len(part)
    raise Malformed(f"the evidence {' '.join(part)!r} does not stand in its review")
