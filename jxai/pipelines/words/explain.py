"""What an explainer in words says of pictures, and where in them its words come from."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int

import jxai
from jxai.core.errors import require_key
from jxai.core.types import Key
from jxai.language.annotation import Points, annotate, word_maps
from jxai.language.associations import flatten
from jxai.language.captioner import UNKNOWN
from jxai.language.decode import beam, sample
from jxai.language.relevance import decision_words, relevance
from jxai.pipelines.devices import require_finite
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.words.captioners import captioner_inputs, class_weights
from jxai.pipelines.words.explainer import SentenceExplainer
from jxai.pipelines.words.features import Features
from jxai.pipelines.words.layers import as_unit, decide
from jxai.pipelines.words.settings import BEAM, LENGTH_PENALTY
from jxai.run.map import map_examples
from jxai.signal.filters import resize
from jxai.signal.maps import positive

__all__ = ["SentenceExplanation", "explain_sentences", "maps_of_words", "sentence_explanation"]


class SentenceExplanation(NamedTuple):
    """The sentence about a picture, and where its words come from; of several, the first axis of all arrays is theirs.

    Attributes:
        probabilities: `[k]`, of all outputs.
        tokens: int32 `[t]`, the sentence.
        samples: int32 `[s, t]`, sentences that were drawn.
        decided: `[D]`, words of the channels that the decision rests on.
        relevant: `[F]`, the channels that the decision rests on.
        relevance: `[D]`, `relevance(w, D_r)` in nats.
        heat: `[h, w]`, Grad-CAM at the layer of the sentence, at least 0.
        maps: `[t, H, W]`, where each word of the sentence comes from, at least 0; empty for a word without channels.
        channels: `[t]`, of how many channels the map of each word is made.
        points: places of the parts.
    """

    probabilities: Any
    tokens: Any
    samples: Any
    decided: Any
    relevant: Any
    relevance: Any
    heat: Any
    maps: Any
    channels: Any
    points: Points


def explain_sentences(
    explainer: SentenceExplainer,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    named: Bool[np.ndarray, "p d"],
    seed: int = 0,
    per_device: int = 1,
    progress: ProgressCallback = no_progress,
    **options: Any,
) -> SentenceExplanation:
    """A sentence about each picture and the class that it is explained by.

    Args:
        explainer: of `load_flex`.
        images: `[n, size, size, 3]` in 0..1.
        labels: `[n]`, the outputs that are explained.
        named: `[P, D]`, which words name which part.
        seed: of the sentences that are drawn.
        per_device: pictures that a device works on at once.
        progress: called as the work goes on.
        **options: `width`, `length_penalty`, `samples`, `threshold` and `chunk` of `sentence_explanation`.

    Raises:
        ValueError: values that are not finite.
    """
    devices = jax.local_devices()[: -(-len(images) // per_device)]
    explain = sentence_explanation(explainer, **options)
    mapped = map_examples(explain, in_axes=(0, 0, None, None), per_device=per_device, devices=devices)
    report = partial(progress, f"sentences of {explainer.method}")
    arguments = images, labels.astype(np.int32), np.asarray(named), explainer.params
    explanation = mapped(*arguments, key=jax.random.key(seed), progress=report)
    require_finite(explanation.maps, f"the heat maps of {explainer.method}'s words")
    return explanation


def sentence_explanation(
    explainer: SentenceExplainer,
    *,
    width: int = BEAM,
    length_penalty: float = LENGTH_PENALTY,
    samples: int = 0,
    threshold: float = 0.5,
    chunk: int = 4,
) -> Callable[..., SentenceExplanation]:
    """The sentence about one picture and one class, as a pure function.

    Args:
        explainer: of `load_flex`.
        width: sentences that the beam follows; 1: the likeliest word each time.
        length_penalty: of the beam, see `jxai.language.beam`.
        samples: sentences that are drawn besides.
        threshold: see `word_maps`.
        chunk: backward passes side by side.

    Returns:
        Function `(image, label, named, params, key=None) -> SentenceExplanation`: a picture `[h, w, 3]` of bytes or
        0..1, the output that is explained, `[P, D]` which words name a part, and the explainer's params; a key where
        samples are drawn.
    """
    model, reading, layers = explainer.model, explainer.reading, tuple(explainer.layers)
    options = {"length": explainer.length, "stop": explainer.vocabulary.stop}
    decode = beam(explainer.captioner, width=width, length_penalty=length_penalty, **options)
    draw = sample(explainer.captioner, **options)
    decision = decide(model, reading, chunk=chunk)
    activation = jxai.grad_cam(jxai.scores.logit(model.apply), at=reading.at)

    def explain(image: Array, label: Array, named: Array, params: Any, key: Key | None = None) -> SentenceExplanation:
        x = model.preprocess(as_unit(image))
        own, size = params["classifier"], (image.shape[0], image.shape[1])
        logits = model.apply(own, x)
        now = decision(x, label, own)
        values = jxai.reap(lambda x: model.apply(own, x), *dict.fromkeys((*layers, reading.at)))(x)
        relevant = flatten(now.relevant, layers)
        features = Features(label, logits, relevant, None, now.visual, now.plain, values[reading.at])
        as_predicted = jnp.where(
            jnp.arange(len(logits), dtype=label.dtype) == label, logits.max() + 1, logits
        )  # as if it had been predicted
        inputs = captioner_inputs(explainer.method, features, class_weights(as_predicted, params["trained_classes"]))
        tokens = decode(params["captioner"], inputs)
        drawn = tokens[None][:0]
        if samples:
            keys = jax.random.split(require_key(key, "--samples"), samples)
            drawn = jax.vmap(lambda key: draw(params["captioner"], inputs, key))(keys)
        decided = decision_words(relevant, explainer.associations)
        of_layers = {name: values[name] for name in layers}
        maps, channels = maps_of_words(explainer, of_layers, now.alpha, relevant, tokens, size, threshold)
        points = annotate(of_layers, now.alpha, explainer.associations, named, size=size, layers=layers)
        heat = positive(activation(x, label, own))
        p, weight = jax.nn.softmax(logits), relevance(decided)
        return SentenceExplanation(p, tokens, drawn, decided, relevant, weight, heat, maps, channels, points)

    return explain


def maps_of_words(
    explainer: SentenceExplainer,
    values: Mapping[str, Float[Array, "h w k"]],
    alpha: Mapping[str, Float[Array, " k"]],
    relevant: Bool[Array, " f"],
    tokens: Int[Array, " t"],
    size: Sequence[int],
    threshold: float,
) -> tuple[Float[Array, "t H W"], Int[Array, " t"]]:
    """Where each word of a sentence comes from: the heat maps of its channels, added up.

    A word's channels are those that the decision rests on, of all that are associated with it; where it rests on none
    of them, all. The maps of a layer are divided by the layer's total, as gradients of layers differ in size.

    Returns:
        Maps `[t, H, W]`, at least 0, and of how many channels each is made; a word without any has an empty map.
    """
    own = (explainer.associations.word[None] == tokens[:, None]) & (tokens > UNKNOWN)[:, None]
    strong = flatten({name: (weights > 0) for name, weights in alpha.items()}, tuple(values))
    own = own & strong[None]
    chosen = own & relevant[None]
    chosen = jnp.where(chosen.any(1, keepdims=True), chosen, own)
    total, start = jnp.zeros((len(tokens), *size), jnp.float32), 0
    for name, layer in values.items():
        heat = word_maps(layer, alpha[name], threshold=threshold)
        mine = chosen[:, start : start + len(heat)].astype(heat.dtype)
        start += len(heat)
        whole = heat.sum((1, 2)).sum() / jnp.asarray(heat.shape[1] * heat.shape[2], heat.dtype)
        added = jnp.einsum("tk,khw->thw", mine, heat) / jnp.where(whole > 0, whole, jnp.ones_like(whole))
        total = total + jax.vmap(lambda one: jax.nn.relu(resize(one, tuple(size))))(added).astype(total.dtype)
    return total, chosen.sum(1)
