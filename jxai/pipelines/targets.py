"""From what a user calls a class - a number, a name, top - to an output of the model."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jxai.data.photos import read_labels
from jxai.models import Model

__all__ = ["class_names", "runner_up", "target_class"]


def class_names(path: Path | None, model: Model) -> list[str]:
    """The name of every output of the model, from a file with one name a line; numbers without a file.

    Raises:
        ValueError: the file has not as many names as the model has classes (with or without "background" first).
    """
    numbers = [f"class {k}" for k in range(model.classes - model.label_offset)]
    extra = ["background"] * model.label_offset
    if path is None:
        return extra + numbers
    names = read_labels(path)
    if len(names) == model.classes:
        return names
    if len(names) == len(numbers):
        return extra + names
    if len(names) == len(numbers) + 1 and names[0].casefold() == "background":
        return names[1:]
    raise ValueError(f"{path} has {len(names)} names, but the model has {len(numbers)} classes; give the fitting file.")


def target_class(target: str, names: Sequence[str], logits: np.ndarray, offset: int) -> int:
    """The model's output that a target means.

    Args:
        target: `top`, a class number (without background), or a name: a whole synonym, or else part of one name only.
        names: of the model's outputs.
        logits: of the photograph.
        offset: outputs before the first class.

    Raises:
        ValueError: no such class, or more than one.
    """
    if target == "top":
        return int(np.argmax(logits))
    if target.lstrip("-").isdigit():
        number = int(target)
        if not 0 <= number < len(names) - offset:
            raise ValueError(f"class {number} does not exist: the model has classes 0 to {len(names) - offset - 1}.")
        return number + offset
    wanted = target.casefold().strip()
    synonyms = [[s.strip() for s in name.casefold().split(",")] for name in names]
    matches = [k for k, words in enumerate(synonyms) if wanted in words or wanted == names[k].casefold()]
    matches = matches or [k for k, name in enumerate(names) if wanted in name.casefold()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        some = "; ".join(f"{k - offset}: {names[k]}" for k in matches[:5])
        raise ValueError(
            f"the class name {target!r} fits {len(matches)} classes ({some}); give more of it, or the number."
        )
    close = difflib.get_close_matches(wanted, [word for words in synonyms for word in words], n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "name classes by --labels FILE, or give a number."
    raise ValueError(f"no class is called {target!r}; {hint}")


def runner_up(logits: np.ndarray, label: int) -> int:
    """The likeliest other class; of a model of one class that class."""
    return int(next((k for k in np.argsort(-logits) if k != label), label))
