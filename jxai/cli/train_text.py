"""`jxai train` on texts: a small transformer from scratch, or a pretrained encoder with a fresh head."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.cli.progress import telling
from jxai.cli.settings.train import Train, settled
from jxai.data.movies import movies
from jxai.data.reviews.source import reviews
from jxai.data.sst import sst
from jxai.data.tokens import word_piece, word_vocabulary
from jxai.models import TEXT_MODELS, TextModel, from_tokens, with_head
from jxai.pipelines.checkpoints import describe_text_run, vocabulary_beside, weight_file
from jxai.pipelines.devices import prepare
from jxai.pipelines.methods import require_known
from jxai.train.config import TextConfig
from jxai.train.loop import Progress
from jxai.train.text import evaluate_text, train_text
from jxai.train.text_batches import encode

__all__ = ["TEXTS", "run_text"]

TEXTS = ("reviews", "movies", "sst")
REVIEWS = {"train": 12_000, "val": 500, "test": 500}
FROM_SCRATCH = TextConfig()
FINE_TUNED = TextConfig(epochs=3, batch=16, learning_rate=5e-5, weight_decay=0.01, token_dropout=0.0)
SMALL = {"depth": 2, "width": 64, "heads": 4, "read": "mean"}  # reading all tokens it learns sooner than by the first
Tell = Callable[[str, int, int], None]


class _Built(NamedTuple):
    """A text model to be trained."""

    name: str
    model: TextModel
    init: Callable[[Any], Any]
    options: dict[str, Any]
    vocabulary: list[str] | Path
    cased: bool


def run_text(command: Train) -> None:
    """Train, and print the accuracy on validation and test texts.

    Raises:
        ValueError: an unknown model, data that are not there, or settings that do not fit the folder's earlier run.
    """
    name = command.model or ("bert" if command.weights else "text_transformer")
    require_known([name], TEXT_MODELS, "text model")
    config: Any = settled(command.config, FINE_TUNED if command.weights else FROM_SCRATCH)
    prepare(command.devices)
    with telling() as tell:
        sources, classes = _splits(command, tell)
        built = _pretrained(command, name, len(classes)) if command.weights else _fresh(command, name, config, sources)
        if config.length > built.model.length:
            raise ValueError(f"the model takes {built.model.length} tokens; say --length {built.model.length} or less.")
        tokenize = word_piece(built.vocabulary, lowercase=not built.cased)
        texts = {split: encode(source, tokenize, name=split) for split, source in sources.items()}
        _check_vocabulary(built.model, texts)
        about = {"model": built.name, "options": built.options, "classes": classes}
        about |= {"cased": built.cased, "length": config.length}
        describe_text_run(command.out, about, built.vocabulary)

        def told(progress: Progress) -> None:
            accuracy = "" if progress.accuracy is None else f", {progress.accuracy:.0%} right"
            tell(f"training{accuracy}", progress.step, progress.steps)

        apply = from_tokens(built.model)
        options: dict[str, Any] = {"validation": texts["val"], "folder": command.out, "config": config}
        trained = train_text(built.init, apply, texts["train"], tokenize=tokenize, progress=told, **options)
    tested = evaluate_text(apply, trained.params, texts["test"], tokenize=tokenize, length=config.length)
    print(
        f"{command.out}: best epoch {trained.epoch} of {config.epochs}, "
        f"validation accuracy {trained.accuracy:.1%}, test accuracy {tested.accuracy:.1%}"
    )


def _check_vocabulary(model: TextModel, texts: dict[str, Any]) -> None:
    largest = max(int(each.tokens.max()) for each in texts.values())
    if largest >= model.vocabulary:
        raise ValueError(
            f"the vocabulary beside the weights has a token {largest}, but the model only {model.vocabulary} tokens; "
            "lay the vocabulary of this model beside them."
        )


def _splits(command: Train, tell: Tell) -> tuple[dict[str, Any], list[str]]:
    """The three splits, and the names of the classes."""
    if command.fine and command.data != "sst":
        raise ValueError(f"--fine: for the trees of sst alone, not for {command.data}; leave it out.")
    if command.data == "reviews":
        if command.source is not None:
            raise ValueError("reviews are made here: leave --source out.")
        read = functools.partial(reviews, progress=lambda done, total: tell("writing reviews", done, total), **REVIEWS)
    elif command.source is None:
        raise ValueError(f"name the archive or folder of {command.data} by --source.")
    elif command.data == "movies":
        read = functools.partial(movies, source=command.source)
    else:
        read = functools.partial(sst, source=command.source, fine=command.fine)
    sources: dict[str, Any] = {split: read(split) for split in REVIEWS}
    classes = list(sources["train"].classes)
    if command.examples is not None:
        sources["train"] = _spread(sources["train"], command.examples)
    return sources, classes


def _spread(source: Any, count: int) -> list[Any]:
    """So many examples, taken evenly: sets are often in the order of their labels."""
    if not 1 <= count <= len(source):
        raise ValueError(f"--examples: expected 1 to {len(source)}, the size of the training set, got {count}.")
    return [source[int(place)] for place in np.linspace(0, len(source) - 1, count).round()]


def _fresh(command: Train, name: str, config: TextConfig, sources: dict[str, Any]) -> _Built:
    if name != "text_transformer":
        raise ValueError(f"{name} is trained from a pretrained encoder; name its file or folder by --weights.")
    vocabulary = word_vocabulary([example["words"] for example in sources["train"]], command.vocabulary)
    classes = len(sources["val"].classes)
    options = {**SMALL, "vocabulary": len(vocabulary), "length": config.length, "classes": classes}
    model = TEXT_MODELS[name](**options)
    return _Built(name, model, model.init, options, vocabulary, False)


def _pretrained(command: Train, name: str, classes: int) -> _Built:
    file = weight_file(Path(command.weights or ""))
    heads = {} if command.heads is None else {"heads": command.heads}
    model, init, options = with_head(name, file, classes=classes, **heads)
    return _Built(name, model, init, options, vocabulary_beside(file), command.cased)
