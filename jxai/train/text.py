"""Training of a classifier of texts, from scratch or from a pretrained encoder; killed and continued as with images.

Texts are grouped by length, so that short ones need little padding. A batch has texts of one group, with those left
over from the group of shorter ones. Of a text that is longer than `length`, each step takes another segment.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jxai.run.map import map_examples
from jxai.run.outputs import fingerprint
from jxai.train.config import TextConfig
from jxai.train.evaluate import Evaluation, check_labels
from jxai.train.folder import Trained
from jxai.train.loop import Progress, Task, fit, mesh_of
from jxai.train.step import cross_entropy
from jxai.train.text_batches import Texts, buckets, encode, segment

__all__ = ["TextConfig", "evaluate_text", "train_text"]

Apply = Callable[[Any, Any, Any], Any]  # params, tokens, mask -> logits


def train_text(
    init: Callable[[Any], Any],
    apply: Apply,
    data: Any,
    *,
    tokenize: Callable[..., Any],
    validation: Any,
    folder: str | Path,
    config: TextConfig = TextConfig(),  # noqa: B008 (frozen)
    devices: Sequence[Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Trained:
    """Trains a classifier of texts, or continues or returns what the folder holds.

    As `jxai.train.images.train`: cross-entropy, AdamW or SGD, data-parallel over the devices, the same files. There is
    no dropout inside the network, as there is none in inference; tokens are dropped instead (`token_dropout`).

    Args:
        init: `init(key) -> params`: random ones, or pretrained ones with a fresh head.
        apply: `apply(params, tokens, mask) -> logits [k]` of one text; `models.from_tokens(model)` is one.
        data: training texts: what `jxai.train.text_batches.encode` takes.
        tokenize: what `jxai.data.word_piece` returns, for the vocabulary of the model.
        validation: the same as data, to choose the best epoch.
        folder: of the run. An interrupted run there is continued, a finished one returned.
        config: the settings.
        devices: to use; None: all devices of this process.
        progress: called after every step.

    Returns:
        The best params and the history.

    Raises:
        ValueError: for data that are empty or do not fit the model or the settings, a folder that holds another run
            (other settings, data or initial weights), or a loss that is not finite.
        CheckpointError: if the folder's checkpoint is damaged.
    """
    texts = encode(data, tokenize, name="data")
    held_out = encode(validation, tokenize, name="validation")
    mesh = mesh_of(devices, config.batch)
    if len(texts.labels) < config.batch:
        raise ValueError(
            f"expected at least one batch of {config.batch} training texts, got {len(texts.labels)}; lower batch"
        )
    # once, on the host: pretrained weights are part of the run's identity
    initial = jax.device_get(init(jax.random.split(jax.random.key(config.seed))[0]))
    _check(initial, apply, texts, held_out, config.length)
    lengths = buckets(texts, config.length)
    classify = _Classifier(apply, held_out, config.length, per_device=16, devices=list(mesh.devices.flat))

    def prepare(key, inputs):
        length = min(inputs[0].shape[0] + 2, config.length)  # two special tokens
        return segment(inputs, texts.special, length, key=key, dropout=config.token_dropout)

    task = Task(
        init=lambda key: initial,
        objective=cross_entropy(lambda params, x: apply(params, *x), config),
        prepare=prepare,
        order=lambda rng: _order(rng, texts, lengths, config.batch),
        take=lambda rows: (texts.inputs(rows, _room(texts, rows, lengths)), texts.labels[rows]),
        evaluate=lambda params: _evaluation(classify(held_out, params), held_out).accuracy,
        steps=len(texts.labels) // config.batch,
        identity={
            "data": fingerprint((texts.tokens, texts.labels)),
            "validation": fingerprint((held_out.tokens, held_out.labels)),
            "initial weights": fingerprint(initial),
        },
    )
    return fit(task, config, folder=Path(folder), mesh=mesh, progress=progress)


def evaluate_text(
    apply: Apply,
    params: Any,
    data: Any,
    *,
    tokenize: Callable[..., Any],
    length: int = 512,
    per_device: int = 16,
    devices: Sequence[Any] | None = None,
) -> Evaluation:
    """Classifies texts and compares with their labels.

    Args:
        apply: `apply(params, tokens, mask) -> logits [k]` of one text.
        params: of the model.
        data: what `jxai.train.text_batches.encode` takes.
        tokenize: what `jxai.data.word_piece` returns.
        length: most tokens of a text, special ones counted; a longer text loses its end.
        per_device: texts that a device works on at once.
        devices: to use; None: all.

    Returns:
        Accuracy, predictions and logits.

    Raises:
        ValueError: for an empty set, or labels that the model has no logit for.
    """
    texts = encode(data, tokenize)
    classify = _Classifier(apply, texts, length, per_device=per_device, devices=devices)
    return _evaluation(classify(texts, params), texts)


class _Classifier:
    """The logits of texts, group by group."""

    def __init__(self, apply: Apply, texts: Texts, length: int, *, per_device: int, devices: Any):
        self.lengths, special = buckets(texts, length), texts.special

        def logits(inputs, params):
            return apply(params, *segment(inputs, special, min(inputs[0].shape[0] + 2, length)))

        self.mapped = map_examples(logits, in_axes=(0, None), per_device=per_device, devices=devices)

    def __call__(self, texts: Texts, params: Any) -> np.ndarray:
        groups = np.searchsorted(self.lengths[:-1], texts.counts + 2)  # longer than the last but one: the last group
        logits: dict[int, np.ndarray] = {}
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            inputs = texts.inputs(rows, _room(texts, rows, self.lengths))
            logits |= dict(zip(rows.tolist(), self.mapped(inputs, params), strict=True))
        return np.stack([logits[row] for row in range(len(groups))])


def _room(texts: Texts, rows: np.ndarray, lengths: list[int]) -> int | None:
    """Tokens that suffice for some texts; None, all: a segment of texts that are too long may begin anywhere."""
    longest = int(texts.counts[rows].max()) + 2
    return next((length - 2 for length in lengths[:-1] if longest <= length), None)


def _order(rng: np.random.Generator, texts: Texts, lengths: list[int], batch: int) -> list[np.ndarray]:
    """The examples of every step: batches of texts of like length, in any order."""
    permutation = rng.permutation(len(texts.counts))
    groups = np.searchsorted(lengths[:-1], texts.counts[permutation] + 2)
    waiting, steps = permutation[:0], []
    for group in range(len(lengths)):
        waiting = np.concatenate([waiting, permutation[groups == group]])
        full = len(waiting) // batch * batch
        steps += list(waiting[:full].reshape(-1, batch))
        waiting = waiting[full:]
    return [steps[place] for place in rng.permutation(len(steps))]  # else an epoch would go from short to long


def _evaluation(logits: np.ndarray, texts: Texts) -> Evaluation:
    check_labels(texts.labels, logits.shape[-1], "data")
    predictions = logits.argmax(-1)
    return Evaluation(float(np.mean(predictions == texts.labels)), predictions, logits)


def _check(params: Any, apply: Apply, texts: Texts, held_out: Texts, length: int) -> None:
    size = min(int(texts.counts.max()) + 2, length)
    tokens, mask = jax.ShapeDtypeStruct((size,), np.int32), jax.ShapeDtypeStruct((size,), bool)
    logits = jax.eval_shape(apply, params, tokens, mask)
    if len(logits.shape) != 1:
        raise ValueError(
            f"expected logits [k] from apply, got shape {list(logits.shape)}; build the model with classes"
        )
    check_labels(texts.labels, logits.shape[0], "data")
    check_labels(held_out.labels, logits.shape[0], "validation")
