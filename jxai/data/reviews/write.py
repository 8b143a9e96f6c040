"""One review of **reviews**: a text, its label, and the words that decide it."""

import re

import numpy as np

from jxai.data.reviews.film import FILM
from jxai.data.reviews.sentences import SENTENCES
from jxai.data.reviews.words import OPINIONS
from jxai.data.schema import TextExample

__all__ = ["CLASSES", "SPLITS", "write_review"]

CLASSES = ("negative", "positive")
SPLITS = ("train", "val", "test")
SHORTEST, LONGEST = 100, 400  # words
MOST = 10_000_000  # examples of a split, so that ids of different splits differ

_SLOT = re.compile(r"\{(\w+)([+?-]?)\}")
_WORD = re.compile(r"[\[\]]|[A-Za-z0-9]+(?:['-][A-Za-z0-9]+)*|[^\sA-Za-z0-9]")
_VOWEL = re.compile(r"(?!one|uni|use)[aeiou]|hour|hon")
_AGAINST = 0.45  # how often what others say, and what the plot is like, speaks against the reviewer's opinion
_BODY = {"evidence": 0.54, "aside": 0.13, "earlier": 0.09, "story": 0.13, "fact": 0.11}


class _Writer:
    """Expands rules of the grammar; draws from one generator."""

    def __init__(self, rng: np.random.Generator, label: int):
        self.rng, self.label = rng, label
        self.drawn: list[float] = []
        self.names: dict[str, str] = {}  # what stays the same throughout a review
        self.used: set[str] = set()
        people = ("director", "actor", "second", "third", "writer", "villain")
        self.names = {"film": self.expand("{title}"), **{name: self.expand("{person}") for name in people}}
        self.names |= {name: self.expand("{first}") for name in ("hero", "friend")}

    def chance(self) -> float:
        """A number in 0..1."""
        if not self.drawn:
            self.drawn = self.rng.random(512).tolist()
        return self.drawn.pop()

    def pick(self, options: tuple[str, ...]) -> str:
        """One of the options; one that the review has not had yet, if it is found soon."""
        for _ in range(4):
            chosen = options[int(self.chance() * len(options))]
            if chosen not in self.used:
                break
        if len(chosen) > 2:
            self.used.add(chosen)
        return chosen

    def expand(self, text: str, side: int | None = None) -> str:
        """A rule's text with everything filled in, from the point of view of a side (0, 1)."""
        side = self.label if side is None else side

        def filled(slot: re.Match) -> str:
            name, sign = slot.groups()
            if name in self.names:
                return self.names[name]
            if sign == "?":
                inner = 1 - self.label if self.chance() < _AGAINST else self.label
            else:
                inner = 1 - side if sign == "-" else side
            options = OPINIONS[name][inner] if name in OPINIONS else SENTENCES.get(name) or FILM[name]
            return self.expand(self.pick(options), inner)

        return _SLOT.sub(filled, text)

    def sentence(self, kind: str) -> list[str]:
        """A sentence of a kind as words, with `[` and `]` around the evidence."""
        words = _WORD.findall(self.expand(f"{{{kind}}}"))
        first = next(i for i, word in enumerate(words) if word[0].isalnum())
        words[first] = words[first][0].upper() + words[first][1:]
        return _articles(words)

    def kind(self) -> str:
        """A kind of sentence for the middle of a review."""
        place, bounds = self.chance(), np.cumsum(list(_BODY.values()))
        return list(_BODY)[min(int(np.searchsorted(bounds, place, "right")), len(_BODY) - 1)]


def _articles(words: list[str]) -> list[str]:
    """`a` before a consonant, `an` before a vowel."""
    spoken = [word for word in words if word[0].isalnum()]
    following = iter(spoken[1:] + [""])
    changed = []
    for word in words:
        behind = next(following) if word[0].isalnum() else ""
        if word.lower() in ("a", "an") and behind:
            word = word[0] + ("n" if _VOWEL.match(behind.lower()) else "")
        changed.append(word)
    return changed


def _marked(sentences: list[list[str]]) -> tuple[list[str], list[tuple[int, int]]]:
    """The words without the marks, and the spans `(start, stop)` that they marked."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    for word in (word for sentence in sentences for word in sentence):
        if word == "[":
            start = len(words)
        elif word == "]":
            spans.append((start, len(words)))
        else:
            words.append(word)
    return words, spans


def _count(sentences: list[list[str]]) -> int:
    return sum(word not in "[]" for sentence in sentences for word in sentence)


def write_review(split: str, index: int, *, seed: int = 0) -> TextExample:
    """The example at a place of a split, which depends on nothing but the arguments.

    Args:
        split: `train`, `val` or `test`.
        index: place in the split; even ones are negative (0), odd ones positive (1).
        seed: another seed gives other reviews.

    Example:
        >>> example = write_review("train", 1)
        >>> example["label"], len(example["words"]) >= 100, len(example["rationale"]) >= 3
        (1, True, True)
    """
    part, label = SPLITS.index(split), index % 2
    rng = np.random.default_rng([seed, part, index, 4])
    writer = _Writer(rng, label)
    wanted = SHORTEST + min(rng.gamma(2.0, 42.0), LONGEST - SHORTEST - 60)
    end = [writer.sentence("verdict")] if writer.chance() < 0.8 else []
    body = [writer.sentence("opening"), writer.sentence("story"), writer.sentence("story"), writer.sentence("evidence")]
    body += [writer.sentence("evidence"), writer.sentence("evidence")]
    while (room := LONGEST - _count(body) - _count(end)) > 0 and _count(body) + _count(end) < wanted:
        new = writer.sentence(writer.kind())
        if _count([new]) <= room:
            body.append(new)
    head, rest = body[:3], body[3:]
    order = rng.permutation(len(rest))
    words, spans = _marked([*head, *(rest[i] for i in order), *end])
    return TextExample(words=words, label=label, id=part * MOST + index, rationale=spans)
