"""**SST**: sentences of film reviews, from the Stanford Sentiment Treebank."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from jxai.data.archives import Malformed, read_texts
from jxai.data.schema import TextExample
from jxai.data.texts import TextSource

__all__ = ["sst"]

_FILES = {"train": "train", "val": "dev", "test": "test"}
_FINE = ("very negative", "negative", "neutral", "positive", "very positive")
_TWO = ("negative", "positive")
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_WRITTEN = {"-LRB-": "(", "-RRB-": ")"}
_APART = 10_000_000  # between the ids of two splits


def sst(split: str, source: str | os.PathLike, *, fine: bool = False) -> TextSource:
    """The examples of a split of the Stanford Sentiment Treebank.

    Args:
        split: `train`, `val` or `test`.
        source: archive or folder with `train.txt`, `dev.txt` and `test.txt` (trees, one a line, with a label 0..4 at
            every phrase), or with `train.tsv`, `dev.tsv` and `test.tsv` (SST-2: a first line that names the columns
            `sentence` and `label`, then a sentence, a tab and 0 or 1 a line).
        fine: for trees: the five classes, instead of negative and positive alone (0..1 and 3..4; neutral sentences
            are then left out).

    Returns:
        The examples in random access: words and label; those of trees with `phrases`.

    Raises:
        FileNotFoundError: there is no such folder or archive.
        ValueError: an unknown split, or files that are missing or malformed.

    Reference: Socher et al., 2013, "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank".
    """
    if split not in _FILES:
        raise ValueError(f"expected a split of {list(_FILES)}, got {split!r}")
    path, stem = Path(source).expanduser(), _FILES[split]
    texts = read_texts(path, lambda name: name in (f"{stem}.txt", f"{stem}.tsv"))
    if not texts:
        raise Malformed(f"expected {stem}.txt (trees) or {stem}.tsv in {path.name}, got neither")
    if fine and f"{stem}.txt" not in texts:
        raise ValueError(f"five classes need trees, but {path.name} has {stem}.tsv alone; leave fine out")
    trees = f"{stem}.txt" in texts
    name = f"{stem}.txt" if trees else f"{stem}.tsv"
    examples = _examples(texts[name], name, _tree if trees else _pair, skip=0 if trees else 1)
    if trees and not fine:
        examples = [TextExample(**{**e, "label": int(e["label"] > 2)}) for e in examples if e["label"] != 2]
    first = list(_FILES).index(split) * _APART
    numbered = [TextExample(**{**example, "id": first + k}) for k, example in enumerate(examples)]
    return TextSource(numbered, split=split, classes=_FINE if fine else _TWO)


def _examples(text: str, name: str, read: Callable[[str], TextExample], skip: int) -> list[TextExample]:
    examples = []
    for number, line in enumerate(text.split("\n")[skip:], start=skip + 1):
        if not line.strip():
            continue
        try:
            examples.append(read(line))
        except (ValueError, IndexError) as error:
            raise Malformed(f"{name} line {number} cannot be read ({error}); copy the file again") from None
    return examples


def _pair(line: str) -> TextExample:
    """A sentence and its label."""
    sentence, label = line.rstrip("\r").split("\t")
    if label not in ("0", "1") or not sentence.split():
        raise ValueError(f"expected a sentence, a tab, and 0 or 1, got {line!r}")
    return TextExample(words=sentence.split(), label=int(label), id=0)


def _tree(line: str) -> TextExample:
    """`(3 (2 a) (4 treat))` as words, the label of the whole, and the labels of all phrases."""
    words: list[str] = []
    phrases: list[tuple[int, int, int]] = []
    open_: list[tuple[int, int]] = []  # first word and label of every phrase that has not ended
    tokens = _TOKEN.findall(line)
    place = 0
    while place < len(tokens):
        if tokens[place] == "(":
            open_.append((len(words), _label(tokens[place + 1])))
            place += 2
            continue
        if tokens[place] == ")":
            start, label = open_.pop()
            phrases.append((start, len(words), label))
        else:
            words.append(_WRITTEN.get(tokens[place]) or tokens[place].replace("\\/", "/").replace("\\*", "*"))
        place += 1
    if open_ or not words or phrases[-1][:2] != (0, len(words)):
        raise ValueError("its brackets do not match")
    return TextExample(words=words, label=phrases[-1][2], id=0, phrases=phrases)


def _label(token: str) -> int:
    if token not in ("0", "1", "2", "3", "4"):
        raise ValueError(f"expected a label 0..4 behind a bracket, got {token!r}")
    return int(token)
