"""The explainers of `experiments.flex`: each is trained into the cache folder, and asked about decisions or classes."""

import dataclasses
import pathlib
import time
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.language.decode import beam, sample
from jxai.language.vocabulary import decode
from jxai.pipelines.words.captioners import seen_by, shown_class
from jxai.pipelines.words.explainer import Speaker
from jxai.pipelines.words.features import Features, reader
from jxai.pipelines.words.prepare import Prepared
from jxai.pipelines.words.settings import BEAM, LENGTH_PENALTY, FlexSettings, Method
from jxai.pipelines.words.train import train_explainer
from jxai.run.map import map_examples

__all__ = ["METHODS", "THINGS", "Explainer", "explainer", "said_of_class", "said_of_decision", "sampled"]

THINGS = "FLEX, words of things"
"""FLEX whose channels get the words of parts or objects alone: what DREL counts, as adjectives of classes are not."""

METHODS: dict[str, Method] = {
    "FLEX": "flex",
    "without relevance vector": "flex_without_relevance",
    "baseline": "baseline",
    "GVE": "gve",
    "MME": "mme",
    THINGS: "flex",
}


class Explainer(NamedTuple):
    """A trained explainer.

    Attributes:
        speaker: its functions and parameters.
        seconds: of its training; NaN where it, or a part of it, was there already.
    """

    speaker: Speaker
    seconds: float


def explainer(ready: Prepared, method: str, folder: pathlib.Path, settings: FlexSettings, tell: Any) -> Explainer:
    """A trained explainer; one whose training has ended is read from its folder.

    Args:
        ready: what it learns from.
        method: of `METHODS`.
        folder: of the runs; each setting has its own in it.
        settings: of its training.
        tell: told of progress.
    """
    name = "-".join(str(value) for value in dataclasses.asdict(settings).values())
    run = folder / method.replace(", ", "-").replace(" ", "-") / name
    began = float("nan") if run.exists() else time.perf_counter()
    speaker, _ = train_explainer(METHODS[method], ready, folder=run, settings=settings, progress=tell)
    return Explainer(speaker, time.perf_counter() - began)


def said_of_decision(speaker: Speaker, features: Features) -> list[str]:
    """The best sentence of a beam on the class that the classifier decides for, from what was read of the decisions."""
    decoder = _decoder(speaker)
    tokens = _of_decision(speaker, features, lambda params, seen, key: decoder(params, seen)[None])
    return _sentences(speaker, tokens[:, 0])


def sampled(speaker: Speaker, features: Features, seed: int, samples: int = 8) -> list[list[str]]:
    """Sentences on the same drawn from the model: so many lists of one a picture."""
    decoder = sample(speaker.captioner, length=speaker.length, stop=speaker.vocabulary.stop)

    def draw(params: Any, seen: Any, key: Any) -> Any:
        return jax.vmap(lambda key: decoder(params, seen, key))(jax.random.split(key, samples))

    tokens = _of_decision(speaker, features, draw, key=jax.random.key(seed))
    return [_sentences(speaker, tokens[:, place]) for place in range(samples)]


def _of_decision(speaker: Speaker, features: Features, say: Any, key: Any = None) -> np.ndarray:
    """What `say(params, seen, key)` returns of each picture, `[n, sentences, length]`."""
    shown = jax.vmap(shown_class, (0, None))(jnp.asarray(features.logits), jnp.asarray(speaker.params["learnt"]))
    saying = lambda seen, params, key=None: say(params, seen, key)  # noqa: E731
    mapped = map_examples(saying, in_axes=(0, None), per_device=64)
    seen = seen_by(speaker.method, features, np.asarray(shown))
    return np.asarray(mapped(seen, speaker.params["captioner"], key=key))


def _sentences(speaker: Speaker, tokens: np.ndarray) -> list[str]:
    """As text; a bare stop, which no score of captions takes, is "nothing."."""
    said = [decode(speaker.vocabulary, row) for row in tokens]
    return [sentence if any(map(str.isalpha, sentence)) else "nothing." for sentence in said]


def _decoder(speaker: Speaker) -> Any:
    options = {"length": speaker.length, "stop": speaker.vocabulary.stop}
    return beam(speaker.captioner, width=BEAM, length_penalty=LENGTH_PENALTY, **options)


def said_of_class(speaker: Speaker, images: np.ndarray, classes: np.ndarray) -> list[str]:
    """What it says of given classes, `[n]`."""
    mapped = map_examples(_speaking(speaker), in_axes=(0, 0, None), per_device=16)
    tokens = np.asarray(mapped(images, classes.astype(np.int32), speaker.params))
    return _sentences(speaker, tokens)


def _speaking(speaker: Speaker) -> Any:
    read, decoder = reader(speaker.model, speaker.reading, places=True, given=True), _decoder(speaker)

    def speak(image: Any, label: Any, params: Any, *, key: Any = None) -> Any:
        del key
        features = read(image, label, params["classifier"])
        return decoder(
            params["captioner"], seen_by(speaker.method, features, jax.nn.one_hot(label, speaker.model.classes))
        )

    return speak
