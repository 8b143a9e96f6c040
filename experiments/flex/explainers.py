"""The explainers of `experiments.flex`: their training into the cache folder, and their sentences."""

import dataclasses
import pathlib
import time
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.language.decode import beam, sample
from jxai.language.vocabulary import decode
from jxai.pipelines.words.captioners import captioner_inputs, class_weights
from jxai.pipelines.words.explainer import SentenceExplainer
from jxai.pipelines.words.features import Features, reader
from jxai.pipelines.words.prepare import Prepared
from jxai.pipelines.words.settings import BEAM, LENGTH_PENALTY, FlexSettings, Method
from jxai.pipelines.words.train import train_explainer
from jxai.run.map import map_examples

__all__ = [
    "METHODS",
    "PARTS_ONLY",
    "Trained",
    "class_sentences",
    "decision_sentences",
    "sampled_sentences",
    "trained_explainer",
]

PARTS_ONLY = "FLEX, words of things"
"""FLEX whose channels get words of parts or objects only: DREL counts these, not the adjectives of classes."""

METHODS: dict[str, Method] = {
    "FLEX": "flex",
    "without relevance vector": "flex_without_relevance",
    "baseline": "baseline",
    "GVE": "gve",
    "MME": "mme",
    PARTS_ONLY: "flex",
}


class Trained(NamedTuple):
    """A trained explainer.

    Attributes:
        explainer: its functions and parameters.
        seconds: of its training; NaN where all or part of it was read from the folder.
    """

    explainer: SentenceExplainer
    seconds: float


def trained_explainer(
    prepared: Prepared, method: str, folder: pathlib.Path, settings: FlexSettings, progress: Any
) -> Trained:
    """A trained explainer; one whose training has ended is read from its folder.

    Args:
        prepared: its training data.
        method: of `METHODS`.
        folder: of the runs; each setting has its own in it.
        settings: of its training.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    name = "-".join(str(value) for value in dataclasses.asdict(settings).values())
    run = folder / method.replace(", ", "-").replace(" ", "-") / name
    started = float("nan") if run.exists() else time.perf_counter()
    explainer, _ = train_explainer(METHODS[method], prepared, folder=run, settings=settings, progress=progress)
    return Trained(explainer, time.perf_counter() - started)


def decision_sentences(trained: Trained, features: Features) -> list[str]:
    """The best sentence of a beam on each decision of the classifier.

    Args:
        trained: the explainer.
        features: read from the decisions.
    """
    decoder = _decoder(trained.explainer)
    tokens = _decode_decisions(trained.explainer, features, lambda params, inputs, key: decoder(params, inputs)[None])
    return _texts(trained.explainer, tokens[:, 0])


def sampled_sentences(trained: Trained, features: Features, seed: int, samples: int = 8) -> list[list[str]]:
    """Sentences on the same decisions drawn from the model: `samples` lists, each with one sentence per image."""
    explainer = trained.explainer
    decoder = sample(explainer.captioner, length=explainer.length, stop=explainer.vocabulary.stop)

    def draw(params: Any, inputs: Any, key: Any) -> Any:
        return jax.vmap(lambda key: decoder(params, inputs, key))(jax.random.split(key, samples))

    tokens = _decode_decisions(explainer, features, draw, key=jax.random.key(seed))
    return [_texts(explainer, tokens[:, number]) for number in range(samples)]


def _decode_decisions(explainer: SentenceExplainer, features: Features, decode: Any, key: Any = None) -> np.ndarray:
    """What `decode(params, inputs, key)` returns for each image, `[n, sentences, length]`."""
    classes = jnp.asarray(explainer.params["trained_classes"])
    weights = jax.vmap(class_weights, (0, None))(jnp.asarray(features.logits), classes)
    one = lambda inputs, params, key=None: decode(params, inputs, key)  # noqa: E731
    mapped = map_examples(one, in_axes=(0, None), per_device=64)
    inputs = captioner_inputs(explainer.method, features, np.asarray(weights))
    return np.asarray(mapped(inputs, explainer.params["captioner"], key=key))


def _texts(explainer: SentenceExplainer, tokens: np.ndarray) -> list[str]:
    """Sentences as text; a bare stop, which no score of captions accepts, becomes "nothing."."""
    sentences = [decode(explainer.vocabulary, row) for row in tokens]
    return [sentence if any(map(str.isalpha, sentence)) else "nothing." for sentence in sentences]


def _decoder(explainer: SentenceExplainer) -> Any:
    options = {"length": explainer.length, "stop": explainer.vocabulary.stop}
    return beam(explainer.captioner, width=BEAM, length_penalty=LENGTH_PENALTY, **options)


def class_sentences(trained: Trained, images: np.ndarray, classes: np.ndarray) -> list[str]:
    """The best sentence of a beam on each image if its class were the one in `classes` `[n]`."""
    mapped = map_examples(_of_class(trained.explainer), in_axes=(0, 0, None), per_device=16)
    tokens = np.asarray(mapped(images, classes.astype(np.int32), trained.explainer.params))
    return _texts(trained.explainer, tokens)


def _of_class(explainer: SentenceExplainer) -> Any:
    read, decoder = reader(explainer.model, explainer.reading, places=True, of_label=True), _decoder(explainer)

    def sentence(image: Any, label: Any, params: Any, *, key: Any = None) -> Any:
        del key
        features = read(image, label, params["classifier"])
        inputs = captioner_inputs(explainer.method, features, jax.nn.one_hot(label, explainer.model.classes))
        return decoder(params["captioner"], inputs)

    return sentence
