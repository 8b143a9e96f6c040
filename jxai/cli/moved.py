"""What existed under an old name, and its new one."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["MOVED", "Moved", "new_name"]


class Moved(NamedTuple):
    """An old spelling: its command, whether the words behind that are it, how it was written, and how it is now."""

    command: str
    matches: Callable[[Sequence[str]], bool]
    old: str
    new: str


KINDS = ("classifier", "text", "hardness", "words")  # of training
TEXTS = ("reviews", "movies", "sst")


def _flag(name: str) -> Callable[[Sequence[str]], bool]:
    return lambda words: any(word == name or word.startswith(f"{name}=") for word in words)


def _no_kind(words: Sequence[str]) -> bool:
    return not words or words[0] not in (*KINDS, "-h", "--help")


def _flex(words: Sequence[str]) -> bool:
    before = dict(zip(words[1:], words, strict=False)).get("flex", "")  # `--out flex` is the name of a folder
    return _no_kind(words) and "flex" in words and not before.startswith("--")


def _hardness(words: Sequence[str]) -> bool:
    return _no_kind(words) and _flag("--hardness")(words)


def _text(words: Sequence[str]) -> bool:
    named = [word.removeprefix("--data=") for word in words if word.startswith("--data=")]
    named += [name for flag, name in zip(words, words[1:], strict=False) if flag == "--data"]
    return _no_kind(words) and any(name in TEXTS for name in named)


MOVED = (
    Moved("explain", _flag("--flex"), "explain --flex RUN", "describe --explainer RUN"),
    Moved("explain", _flag("--deliberate"), "explain --deliberate", "deliberate"),
    Moved("explain", _flag("--text"), "explain --text TEXT...", "text TEXT..."),
    Moved("train", _flex, "train flex", "train words"),
    Moved("train", _hardness, "train --hardness RUN", "train hardness --weights RUN"),
    Moved("train", _text, "train --data reviews", "train text --data reviews"),
    Moved("train", _no_kind, "train --data birds", "train classifier --data birds"),
)
"""The old spellings; the first that matches is meant."""


def new_name(args: Sequence[str]) -> str | None:
    """One line that says what an old spelling is called now; None where the arguments have none.

    Args:
        args: of the command line, behind `jxai`.

    Example:
        >>> new_name(["explain", "--flex", "run"])
        'jxai explain --flex RUN is now jxai describe --explainer RUN.'
        >>> new_name(["explain", "photo.png", "--weights", "run"]) is None
        True
    """
    for moved in MOVED:
        if args and args[0] == moved.command and moved.matches(args[1:]):
            return f"jxai {moved.old} is now jxai {moved.new}."
    return None
