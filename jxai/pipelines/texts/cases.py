"""What `jxai text` explains: sentences as embeddings, their targets, and what stands for absent words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.cli.settings.text import Text
from jxai.data.photos import read_labels
from jxai.data.tokens import Tokenized, word_piece
from jxai.models import TextModel, mean_of_tokens
from jxai.pipelines.checkpoints import vocabulary_beside
from jxai.pipelines.devices import require_finite
from jxai.pipelines.methods import require_known
from jxai.pipelines.targets import runner_up, target_class
from jxai.pipelines.texts.methods import BASELINES
from jxai.pipelines.texts.passages import Passages, passages
from jxai.report.sections import Prediction

__all__ = ["RATIONALES", "Cases", "make_cases"]

PIECES = {"pad": "[PAD]", "mask": "[MASK]"}
RATIONALES = ("marc",)  # methods that explain a text of any length, in passages


class Target(NamedTuple):
    """A sentence, and what of it is explained."""

    sentence: int
    name: str
    label: Any  # an output of the model, or a vector [d] to be similar to
    against: int | None  # the class that contrast compares with


class Cases(NamedTuple):
    """What is explained, one row each: a sentence and a target.

    Attributes:
        sentences: the sentences, of one length `t`.
        names: of the targets.
        predictions: of the sentences; empty for an encoder.
        labels: outputs of the model `[n]`, or vectors to be similar to `[n, d]`.
        xs: embeddings `[n, t, d]`.
        masks: `[n, t]`.
        inputs: what methods may take by keyword, `[n, ...]`: baseline, baselines, groups; against a class if there are.
        whole: the sentences with all their words, where those above are cut to the model's limit.
        passages: the same in passages; None where no method takes them.
    """

    sentences: list[Tokenized]
    names: list[str]
    predictions: list[tuple[Prediction, ...]]
    labels: np.ndarray
    xs: np.ndarray
    masks: np.ndarray
    inputs: dict[str, np.ndarray]
    whole: list[Tokenized]
    passages: Passages | None


def make_cases(command: Text, model: TextModel, params: Any) -> Cases:
    """Every sentence with every target.

    Raises:
        ValueError: an empty sentence, an unknown class or baseline, a vocabulary that does not fit the model.
    """
    require_known([command.options.baseline], BASELINES, "baseline")
    tokenize = word_piece(command.vocab or vocabulary_beside(command.weights), lowercase=not command.cased)
    length = min(command.length or model.length, model.length)
    whole = [tokenize(text) for text in command.texts]
    found = _trimmed([tokenize(text, length=length, truncate=True) for text in command.texts])
    outputs = _outputs(found, model, params)
    if command.like is None:
        names = _class_names(command.labels, model)
        targets = _classes(command.target, names, outputs)
        top = [_predictions(logits, names) for logits in outputs]
    else:
        (like,) = _outputs(_trimmed([tokenize(command.like, length=length, truncate=True)]), model, params)
        targets = [Target(i, f"similar to: {command.like}", like, None) for i in range(len(found))]
        top = [() for _ in found]
    rows = [target.sentence for target in targets]
    sentences = [found[i] for i in rows]
    xs, absent = _embedded(sentences, tokenize, model, params)
    return Cases(
        sentences,
        [target.name for target in targets],
        [top[i] for i in rows],
        np.asarray([target.label for target in targets]),
        xs,
        np.stack([sentence.mask for sentence in sentences]),
        _inputs(command.options.baseline, absent, sentences, targets),
        [whole[i] for i in rows],
        _passages(command, [whole[i] for i in rows], tokenize, model, params, length),
    )


def _passages(
    command: Text,
    whole: list[Tokenized],
    tokenize: Callable[..., Tokenized],
    model: TextModel,
    params: Any,
    length: int,
) -> Passages | None:
    if not set(RATIONALES) & set(command.method):
        return None
    if short := [" ".join(text.words) for text in whole if len(text.words) < 2]:
        raise ValueError(
            f"a rationale is a choice among words: give a text of two words or more, not {short[0]!r} alone."
        )
    piece = PIECES.get(command.options.baseline)
    absent = None if piece is None else int(_number_of(piece, tokenize))
    return passages(whole, model.embed, params, length=length, absent=absent)


def _outputs(found: list[Tokenized], model: TextModel, params: Any) -> np.ndarray:
    """The logits of the sentences, or of an encoder the means of their tokens."""

    @jax.jit
    def output(params, tokens, types, mask):
        out = model.apply(params, model.embed(params, tokens, types), mask)
        return mean_of_tokens(out, mask) if model.classes is None else out

    for sentence in found:
        if sentence.tokens.max() >= model.vocabulary:
            raise ValueError(
                f"the vocabulary has a token {sentence.tokens.max()}, but the model only {model.vocabulary} tokens; "
                "name the vocabulary of this model by --vocab."
            )
    outputs = np.stack([np.asarray(output(params, *sentence[:3])) for sentence in found])
    require_finite(outputs, "the model's output")
    return outputs


def _inputs(
    baseline: str, absent: dict[str, np.ndarray], sentences: list[Tokenized], targets: list[Target]
) -> dict[str, np.ndarray]:
    inputs = {
        "baseline": absent[baseline],
        "baselines": np.stack(list(absent.values()), 1),
        "groups": np.stack([sentence.groups for sentence in sentences]),
    }
    against = [target.against for target in targets if target.against is not None]
    return inputs | ({"against": np.asarray(against)} if len(against) == len(targets) else {})


def _trimmed(found: list[Tokenized]) -> list[Tokenized]:
    """Without the padding that none of the sentences needs: one length, one program."""
    if empty := [sentence for sentence in found if not sentence.words]:
        raise ValueError(f"expected sentences with words; one gave only {' '.join(empty[0].pieces[:2])}.")
    most = max(int(sentence.mask.sum()) for sentence in found)
    return [
        sentence._replace(**{name: getattr(sentence, name)[:most] for name in Tokenized._fields[:5]})
        for sentence in found
    ]


def _class_names(path: Path | None, model: TextModel) -> list[str]:
    classes = model.classes or 0
    names = read_labels(path) if path else [f"class {k}" for k in range(classes)]
    if len(names) != classes:
        raise ValueError(f"{path} has {len(names)} names, but the model has {classes} classes; give the fitting file.")
    return names


def _classes(wanted: tuple[str, ...], names: list[str], outputs: np.ndarray) -> list[Target]:
    """Every sentence with every class that is asked for; the same class twice counts once."""
    return [
        Target(i, names[label], label, runner_up(logits, label) if len(logits) > 1 else label)
        for i, logits in enumerate(outputs)
        for label in dict.fromkeys(target_class(target, names, logits, 0) for target in wanted)
    ]


def _predictions(logits: np.ndarray, names: list[str]) -> tuple[Prediction, ...]:
    probabilities = np.asarray(jax.nn.softmax(jnp.asarray(logits)))
    return tuple(Prediction(names[k], float(probabilities[k])) for k in np.argsort(-probabilities)[:5])


def _embedded(
    found: list[Tokenized], tokenize: Callable[..., Tokenized], model: TextModel, params: Any
) -> tuple[np.ndarray, dict]:
    """The embeddings `[n, t, d]`, and for each baseline the same with all words absent; special tokens stay."""
    embed = jax.jit(jax.vmap(model.embed, (None, 0, 0)))
    tokens, types, groups = (
        np.stack([getattr(sentence, name) for sentence in found]) for name in ("tokens", "types", "groups")
    )
    xs = np.asarray(embed(params, tokens, types))
    numbers = {kind: _number_of(piece, tokenize) for kind, piece in PIECES.items()}
    absent = {
        kind: np.asarray(embed(params, np.where(groups < 0, tokens, number), types)) for kind, number in numbers.items()
    }
    return xs, absent | {"zero": np.where(groups[..., None] < 0, xs, np.zeros_like(xs))}


def _number_of(piece: str, tokenize: Callable[..., Tokenized]) -> np.int32:
    """The number of a special token; RoBERTa writes them otherwise."""
    for spelling in (piece, piece.lower().replace("[", "<").replace("]", ">")):
        found = tokenize(spelling)
        if spelling in found.pieces:
            return found.tokens[found.pieces.index(spelling)]
    raise ValueError(f"the vocabulary has no {piece}, which stands for absent words; take a whole one.")
