"""What `jxai text` explains: sentences as embeddings, their targets, and what stands for absent words."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.data.photos import read_labels
from jxai.data.tokens import Tokenized, word_piece
from jxai.models import TextModel, mean_of_tokens
from jxai.pipelines.devices import require_finite
from jxai.pipelines.methods import require_known
from jxai.pipelines.targets import runner_up, target_class
from jxai.pipelines.texts.checkpoint import LoadedText
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


def make_cases(
    texts: Sequence[str],
    loaded: LoadedText,
    *,
    targets: Sequence[str] = ("top",),
    like: str | None = None,
    baseline: str = "pad",
    in_passages: bool = False,
) -> Cases:
    """Every sentence with every target.

    Args:
        texts: the sentences.
        loaded: the text model.
        targets: classes: numbers, names, or top for the prediction.
        like: of an encoder: the sentence that others are compared with.
        baseline: what stands for an absent word, of `BASELINES`.
        in_passages: prepare the texts in passages too, for `RATIONALES`.

    Raises:
        ValueError: an empty sentence, an unknown class or baseline, a vocabulary that does not fit the model.
    """
    require_known([baseline], BASELINES, "baseline")
    model, params = loaded.model, loaded.params
    tokenize = word_piece(loaded.vocabulary, lowercase=not loaded.cased)
    length = min(loaded.length or model.length, model.length)
    whole = [tokenize(text) for text in texts]
    read = _trimmed([tokenize(text, length=length, truncate=True) for text in texts])
    outputs = _outputs(read, model, params)
    if like is None:
        names = _class_names(loaded.labels, model)
        pairs = _classes(targets, names, outputs)
        top = [_predictions(logits, names) for logits in outputs]
    else:
        (other,) = _outputs(_trimmed([tokenize(like, length=length, truncate=True)]), model, params)
        pairs = [Target(i, f"similar to: {like}", other, None) for i in range(len(read))]
        top = [() for _ in read]
    rows = [target.sentence for target in pairs]
    sentences, whole = [read[i] for i in rows], [whole[i] for i in rows]
    xs, absent = _embedded(sentences, tokenize, model, params)
    return Cases(
        sentences,
        [target.name for target in pairs],
        [top[i] for i in rows],
        np.asarray([target.label for target in pairs]),
        xs,
        np.stack([sentence.mask for sentence in sentences]),
        _inputs(baseline, absent, sentences, pairs),
        whole,
        _passages(whole, loaded, tokenize, baseline, length) if in_passages else None,
    )


def _passages(
    whole: list[Tokenized], loaded: LoadedText, tokenize: Callable[..., Tokenized], baseline: str, length: int
) -> Passages:
    if short := [" ".join(text.words) for text in whole if len(text.words) < 2]:
        raise ValueError(
            f"a rationale is a choice among words: give a text of two words or more, not {short[0]!r} alone."
        )
    piece = PIECES.get(baseline)
    absent = None if piece is None else int(_number_of(piece, tokenize))
    return passages(whole, loaded.model.embed, loaded.params, length=length, absent=absent)


def _outputs(sentences: list[Tokenized], model: TextModel, params: Any) -> np.ndarray:
    """The logits of the sentences, or of an encoder the means of their tokens."""

    @jax.jit
    def output(params, tokens, types, mask):
        out = model.apply(params, model.embed(params, tokens, types), mask)
        return mean_of_tokens(out, mask) if model.classes is None else out

    for sentence in sentences:
        if sentence.tokens.max() >= model.vocabulary:
            raise ValueError(
                f"the vocabulary has a token {sentence.tokens.max()}, but the model only {model.vocabulary} tokens; "
                "name the vocabulary of this model by --vocab."
            )
    outputs = np.stack([np.asarray(output(params, *sentence[:3])) for sentence in sentences])
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


def _trimmed(sentences: list[Tokenized]) -> list[Tokenized]:
    """Without the padding that none of the sentences needs: one length, one program."""
    if empty := [sentence for sentence in sentences if not sentence.words]:
        raise ValueError(f"expected sentences with words; one gave only {' '.join(empty[0].pieces[:2])}.")
    most = max(int(sentence.mask.sum()) for sentence in sentences)
    return [
        sentence._replace(**{name: getattr(sentence, name)[:most] for name in Tokenized._fields[:5]})
        for sentence in sentences
    ]


def _class_names(path: Path | None, model: TextModel) -> list[str]:
    classes = model.classes or 0
    names = read_labels(path) if path else [f"class {k}" for k in range(classes)]
    if len(names) != classes:
        raise ValueError(f"{path} has {len(names)} names, but the model has {classes} classes; give the fitting file.")
    return names


def _classes(wanted: Sequence[str], names: list[str], outputs: np.ndarray) -> list[Target]:
    """Every sentence with every class that is asked for; the same class twice counts once."""
    return [
        Target(i, names[label], label, runner_up(logits, label))
        for i, logits in enumerate(outputs)
        for label in dict.fromkeys(target_class(target, names, logits, 0) for target in wanted)
    ]


def _predictions(logits: np.ndarray, names: list[str]) -> tuple[Prediction, ...]:
    probabilities = np.asarray(jax.nn.softmax(jnp.asarray(logits)))
    return tuple(Prediction(names[k], float(probabilities[k])) for k in np.argsort(-probabilities)[:5])


def _embedded(
    sentences: list[Tokenized], tokenize: Callable[..., Tokenized], model: TextModel, params: Any
) -> tuple[np.ndarray, dict]:
    """The embeddings `[n, t, d]`, and for each baseline the same with all words absent; special tokens stay."""
    embed = jax.jit(jax.vmap(model.embed, (None, 0, 0)))
    tokens, types, groups = (
        np.stack([getattr(sentence, name) for sentence in sentences]) for name in ("tokens", "types", "groups")
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
        read = tokenize(spelling)
        if spelling in read.pieces:
            return read.tokens[read.pieces.index(spelling)]
    raise ValueError(f"the vocabulary has no {piece}, which stands for absent words; take a whole one.")
