"""Training of a model of sentences about images; can be killed and continued as the training of a classifier."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.run.map import map_examples
from jxai.run.outputs import fingerprint
from jxai.train.config import SentenceConfig
from jxai.train.folder import Trained
from jxai.train.loop import Progress, Task, fit, mesh_of
from jxai.train.optimisers import plateau_optimiser
from jxai.train.sentence_batches import (
    PADDING,
    Sentences,
    by_image,
    check_sentences,
    order_by_length,
    rows_of,
    widths_of,
)

__all__ = ["SentenceConfig", "Sentences", "train_sentences", "word_probability"]

Objective = Callable[[Any, Any, Any, Any], Any]
Likelihood = Callable[[Any, Any, Any], Any]


def train_sentences(
    init: Callable[[Any], Any],
    objective: Objective,
    sentences: Sentences,
    *,
    validation: Sentences,
    likelihood: Likelihood,
    folder: str | Path,
    config: SentenceConfig = SentenceConfig(),  # noqa: B008 (frozen)
    identity: Mapping[str, Any] | None = None,
    devices: Sequence[Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Trained:
    """Trains a model of sentences, or continues or returns what the folder holds.

    Every epoch goes over all sentences, each with the arrays of its image, in a new order. The sentences of a batch
    are of like length, and their padding is cut off; some of the longest, which fill no batch, are left out (others in
    every epoch). Data-parallel over the devices. An epoch that brings no new best validation multiplies the learning
    rate by `config.shrink`.

    `Trained` and the history call `word_probability` accuracy: the geometric mean of the probabilities of the words of
    the validation sentences, exp(-nats per word). Higher is better. For training sentences the history has
    exp(-objective per word) instead, with dropout and with the other terms of the objective.

    Args:
        init: `init(key) -> params`, nested dicts of arrays.
        objective: `objective(params, image, tokens, key) -> loss` of one sentence; the key is for dropout and samples.
        sentences: to train on.
        validation: the same, to choose the best epoch.
        likelihood: `likelihood(params, image, tokens) -> log P` of one sentence, the sum over its words and its stop;
            `jxai.language.log_likelihood(captioner)` is one. It chooses the best epoch.
        folder: of the run. An interrupted run there is continued, a finished one returned.
        config: the settings.
        identity: the settings of the objective (weights of its terms, dropout, ...), as JSON: a run in the folder with
            other ones is refused.
        devices: to use; None: all devices of this process.
        progress: called after every step.

    Returns:
        The best params and the history.

    Raises:
        ValueError: for sentences that are empty or do not fit the images or the settings, an objective that is no
            number, a folder that holds another run (other settings, data or identity), or a loss that is not finite.
        CheckpointError: if the folder's checkpoint is damaged.
    """
    sentences, validation = check_sentences(sentences, "sentences"), check_sentences(validation, "validation")
    mesh = mesh_of(devices, config.batch)
    if len(sentences.tokens) < config.batch:
        raise ValueError(
            f"expected at least one batch of {config.batch} sentences, got {len(sentences.tokens)}; lower batch"
        )
    _check_objective(init, objective, sentences)
    evaluate, widths = _Validation(likelihood, validation, list(mesh.devices.flat)), widths_of(sentences.tokens)

    def take(rows):
        tokens = sentences.tokens[rows]
        width = widths[np.searchsorted(widths, (tokens != PADDING).sum(axis=1).max())]
        return rows_of(sentences.images, sentences.image[rows]), tokens[:, :width]

    task = Task(
        init=jax.jit(init),
        objective=_batch_objective(objective),
        prepare=lambda key, image: (image, jax.random.fold_in(key, 1)),
        order=lambda rng: order_by_length(rng, sentences.tokens, widths, config.batch),
        take=take,
        evaluate=evaluate,
        steps=len(sentences.tokens) // config.batch,
        identity={
            "data": fingerprint(tuple(sentences)),
            "validation": fingerprint(tuple(validation)),
            **(identity or {}),
        },
        update=plateau_optimiser(config),
        plateau=lambda state, better: state if better else _shrink_rate(state, config.shrink),
    )
    return fit(task, config, folder=Path(folder), mesh=mesh, progress=progress)


def word_probability(
    likelihood: Likelihood,
    params: Any,
    sentences: Sentences,
    *,
    per_device: int = 16,
    devices: Sequence[Any] | None = None,
) -> float:
    """The geometric mean of the probabilities of all words: exp(sum log P / words), stops counted; 1 / perplexity.

    Args:
        likelihood: `likelihood(params, image, tokens) -> log P` of one sentence.
        params: of the model.
        sentences: whose words are predicted.
        per_device: images, each with all its sentences, that a device works on at once.
        devices: to use; None: all.

    Returns:
        A number in 0..1.

    Raises:
        ValueError: for sentences that are empty or do not fit the images.

    Example:
        >>> two = Sentences(np.array([[3, 2, 0], [2, 0, 0]]), np.array([0, 0]), {"x": np.ones(1)})
        >>> quarter = lambda params, image, tokens: params * (tokens != 0).sum().astype(params.dtype)
        >>> round(word_probability(quarter, jnp.log(jnp.float32(0.25)), two), 4)
        0.25
    """
    return _Validation(likelihood, check_sentences(sentences, "sentences"), devices, per_device)(params)


class _Validation:
    """The validation, compiled once. By image: its arrays are not copied for each of its sentences."""

    def __init__(self, likelihood: Likelihood, sentences: Sentences, devices: Any, per_device: int = 16):
        def total(image, tokens, params):
            each = jax.vmap(likelihood, in_axes=(None, None, 0))(params, image, tokens)
            has_words = (tokens != PADDING).any(axis=1)  # an image with few sentences has empty rows
            return jnp.where(has_words, each, jnp.zeros_like(each)).sum()

        self.mapped = map_examples(total, in_axes=(0, 0, None), per_device=per_device, devices=devices)
        self.tokens, at = by_image(sentences)
        self.images = rows_of(sentences.images, at)
        self.words = int((sentences.tokens != PADDING).sum())

    def __call__(self, params: Any) -> float:
        likelihoods = self.mapped(self.images, self.tokens, params)
        # float64: the sum over many sentences, in which single precision would lose a better epoch
        return float(np.exp(np.asarray(likelihoods, np.float64).sum() / self.words))


def _batch_objective(objective: Objective) -> Callable[[Any, Any, Any], Any]:
    def whole(params, inputs, tokens):
        images, keys = inputs
        loss = jax.vmap(objective, in_axes=(None, 0, 0, 0))(params, images, tokens, keys)
        words = (tokens != PADDING).sum(axis=1).astype(loss.dtype)
        return loss.mean(), jnp.exp(-loss.sum() / words.sum())

    return whole


def _shrink_rate(state: Any, factor: float) -> Any:
    rate = state.hyperparams["learning_rate"]
    return state._replace(hyperparams={**state.hyperparams, "learning_rate": rate * jnp.asarray(factor, rate.dtype)})


def _check_objective(init: Callable, objective: Objective, sentences: Sentences) -> None:
    one = jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape[1:], array.dtype), sentences.images)
    tokens, key = jax.ShapeDtypeStruct(sentences.tokens.shape[1:], np.int32), jax.random.key(0)
    loss = jax.eval_shape(lambda key, image, tokens: objective(init(key), image, tokens, key), key, one, tokens)
    if getattr(loss, "shape", None) != ():
        raise ValueError(f"expected one number from objective, got {jax.tree.map(lambda leaf: list(leaf.shape), loss)}")
