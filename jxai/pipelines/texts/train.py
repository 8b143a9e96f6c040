"""Training of a classifier of texts on a data set: a small transformer from scratch, or a pretrained encoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jxai.data.spec import Splits
from jxai.data.tokens import word_piece, word_vocabulary
from jxai.models import TEXT_MODELS, TextModel, from_tokens, with_head
from jxai.pipelines.checkpoints import describe_text_run, vocabulary_beside, weight_file
from jxai.pipelines.progress import ProgressCallback
from jxai.train.config import TextConfig
from jxai.train.folder import Trained
from jxai.train.loop import each_step
from jxai.train.text import evaluate_text, train_text
from jxai.train.text_batches import Texts, encode

__all__ = ["NewTextModel", "few_examples", "from_scratch", "pretrained", "train_text_classifier"]

SMALL = {"depth": 2, "width": 64, "heads": 4, "read": "mean"}  # reading all tokens it learns sooner than by the first


class NewTextModel(NamedTuple):
    """A text model to be trained.

    Attributes:
        name: architecture.
        model: of that architecture.
        init: `init(key) -> params`.
        options: of the architecture, as `model.json` says them.
        vocabulary: pieces, or the file with them.
        cased: whether the vocabulary tells capitals from small letters.
    """

    name: str
    model: TextModel
    init: Callable[[Any], Any]
    options: dict[str, Any]
    vocabulary: list[str] | Path
    cased: bool


def from_scratch(name: str, splits: Splits, *, length: int, vocabulary: int) -> NewTextModel:
    """A small transformer with the words of the training texts.

    Args:
        name: architecture.
        splits: the data.
        length: most tokens of a text.
        vocabulary: words that it knows, at most.

    Raises:
        ValueError: the architecture is not trained from scratch.
    """
    if name != "text_transformer":
        raise ValueError(f"{name} is trained from a pretrained encoder; name its file or folder by --weights.")
    words = word_vocabulary([example["words"] for example in splits.train], vocabulary)
    options = {**SMALL, "vocabulary": len(words), "length": length, "classes": len(splits.meta.classes)}
    model = TEXT_MODELS[name](**options)
    return NewTextModel(name, model, model.init, options, words, False)


def pretrained(name: str, weights: Path, classes: int, *, heads: int | None, cased: bool) -> NewTextModel:
    """A pretrained encoder with a fresh head.

    Args:
        name: architecture.
        weights: weight file, or a folder with it; the vocabulary lies beside it.
        classes: how many there are.
        heads: attention heads, where no `config.json` says how many.
        cased: whether the vocabulary tells capitals from small letters.

    Raises:
        ValueError: the weights are not there, or do not fit the architecture.
    """
    file = weight_file(weights)
    model, init, options = with_head(name, file, classes=classes, **({} if heads is None else {"heads": heads}))
    return NewTextModel(name, model, init, options, vocabulary_beside(file), cased)


def few_examples(splits: Splits, count: int) -> Splits:
    """So many training examples, taken evenly: sets are often in the order of their labels.

    Raises:
        ValueError: there are not so many.
    """
    source = splits.train
    if not 1 <= count <= len(source):
        raise ValueError(f"--examples: expected 1 to {len(source)}, the size of the training set, got {count}.")
    places = np.linspace(0, len(source) - 1, count).round()
    return splits._replace(train=[source[int(place)] for place in places])


def train_text_classifier(
    new: NewTextModel, splits: Splits, folder: Path, config: TextConfig, progress: ProgressCallback
) -> tuple[Trained, float]:
    """Train a classifier of texts, or continue or return what the folder holds.

    Args:
        new: the model, of `from_scratch` or `pretrained`.
        splits: the data.
        folder: of the run; model, vocabulary and data are described in it.
        config: the settings.
        progress: called as `progress(what, done, total)`.

    Returns:
        The best params with the history, and the accuracy on the test texts.

    Raises:
        ValueError: the model takes fewer tokens, or has another vocabulary, or the folder holds another run.
    """
    if config.length > new.model.length:
        raise ValueError(f"the model takes {new.model.length} tokens; say --length {new.model.length} or less.")
    tokenize = word_piece(new.vocabulary, lowercase=not new.cased)
    texts = {split: encode(source, tokenize, name=split) for split, source in splits.sources.items()}
    _check_vocabulary(new.model, texts)
    about = {"model": new.name, "options": new.options, "classes": list(splits.meta.classes)}
    about |= {"cased": new.cased, "length": config.length}
    describe_text_run(folder, about, new.vocabulary, splits.spec)
    apply = from_tokens(new.model)
    trained = train_text(
        new.init,
        apply,
        texts["train"],
        tokenize=tokenize,
        validation=texts["val"],
        folder=folder,
        config=config,
        progress=each_step(progress, "training", "{:.0%} right"),
    )
    tested = evaluate_text(apply, trained.params, texts["test"], tokenize=tokenize, length=config.length)
    return trained, tested.accuracy


def _check_vocabulary(model: TextModel, texts: dict[str, Texts]) -> None:
    largest = max(int(each.tokens.max()) for each in texts.values())
    if largest >= model.vocabulary:
        raise ValueError(
            f"the vocabulary beside the weights has a token {largest}, but the model only {model.vocabulary} tokens; "
            "lay the vocabulary of this model beside them."
        )
