"""Experiments on the words of features: masking, misclassified images, and annotation of parts."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from experiments.flex.data import Set
from experiments.flex.masking import masking, named_features
from experiments.flex.measures import Facts
from experiments.flex.networks import Network
from jxai.core.taps import reap
from jxai.data.birds.stated_features import bird_features
from jxai.language.annotation import annotate
from jxai.language.tagging import mentions
from jxai.metrics.sentences.insight import class_terms
from jxai.metrics.sentences.insight import insight as share_of_insight
from jxai.metrics.sentences.part_annotation import Annotated, annotated_in_masks, annotated_near_points, part_annotation
from jxai.pipelines.words.layers import as_unit, decide
from jxai.pipelines.words.prepare import Prepared
from jxai.run.map import map_examples

__all__ = ["annotation", "evidence", "insight", "masked"]

TYPICAL = 50.0  # percent of a class that has an attribute, for it to be one of the class
FREQUENT = 0.1  # share of a class's images whose references have a word, for it to be one of the class


def masked(
    prepared: dict[str, Prepared], net: Network, sentences: dict[str, list[str]], facts: Facts, seed: int, most: int
) -> dict[str, dict[str, Any]]:
    """Masking of the channels that each method's sentences name: those of the decision's tree, and all.

    Args:
        prepared: by method, with the words of channels.
        net: the classifier.
        sentences: by method.
        facts: of the images.
        seed: of random channels.
        most: of the images, at most.
    """
    images, classes = facts.images[:most], facts.predicted[:most]
    one = next(iter(prepared.values()))
    own = np.asarray(one.splits["test"].features.relevant, bool)[:most]
    named = {name: _named(prepared[name], of[:most]) for name, of in sentences.items()}
    every, widths = np.ones_like(own), tuple(one.layers.values())
    of_decision = {name: of & own for name, of in named.items()}
    pools = {"random": every, "random of the decision's": own}
    return {
        "masking": masking(net, images, classes, of_decision, pools, widths, seed=seed),
        "masking, all channels": masking(net, images, classes, named, {"random": every}, widths, seed=seed),
    }


def _named(prepared: Prepared, sentences: list[str]) -> np.ndarray:
    """The channels whose words occur in sentences, bool `[n, F]`."""
    words, support = np.asarray(prepared.associations.word), np.asarray(prepared.associations.support)
    return named_features(words, _mentioned(prepared, sentences), support)


def _mentioned(prepared: Prepared, sentences: list[str]) -> np.ndarray:
    """The nouns and adjectives of sentences, bool `[n, D]`."""
    words = prepared.words
    return np.stack([np.asarray(mentions(words.vocabulary, [one], words.content)) for one in sentences])


def insight(prepared: Prepared, sentences: dict[str, list[str]], facts: Facts, data: Set) -> dict[str, dict[str, Any]]:
    """For misclassified images: whether all that the sentence names is common to the true and the predicted class.

    By words: nouns and adjectives against those of the classes' references. By features (a red crown), where the
    attributes of classes are annotated: against what is typical of them.

    Args:
        prepared: with the vocabulary.
        sentences: by method.
        facts: of the images.
        data: the set.
    """
    train = prepared.splits["train"]
    labels = jnp.asarray(train.data.labels)
    class_words = class_terms(jnp.asarray(train.spoken), labels, len(data.classes), least=FREQUENT)
    table: dict[str, dict[str, Any]] = {}
    for name, of in sentences.items():
        table[name] = {"correct insight": _share(_mentioned(prepared, of), facts, class_words)}
        if data.meta is not None:
            _, stated, classes = bird_features(of, data.meta, least=TYPICAL)
            table[name]["correct insight, features"] = _share(stated, facts, classes)
    return table


def _share(terms: np.ndarray, facts: Facts, classes: Any) -> np.ndarray:
    arrays = map(jnp.asarray, (terms, facts.labels, facts.predicted, classes))
    return np.asarray(share_of_insight(*arrays, unnamed="wrong").each) / 100


def evidence(prepared: dict[str, Prepared], facts: Facts, seed: int) -> dict[str, dict[str, Any]]:
    """How often the words D_r that FLEX is rewarded for name what the decision rests on; and those of another image.

    Args:
        prepared: by method.
        facts: of the images.
        seed: of the other images.
    """
    order, table = np.random.default_rng(seed).permutation(len(facts.rows)), {}
    wanted = np.any(np.asarray(facts.objects, bool)[:, :, None] & np.asarray(facts.terms.names, bool)[None], axis=1)
    for name, of in prepared.items():
        decided = np.asarray(of.splits["test"].decided, bool)
        rewarded = np.any(decided[:, None] & _naming(of, facts)[None], axis=-1)  # [n, terms]
        columns = {"own": rewarded, "of another picture": rewarded[order]}
        hits = {column: np.any(terms & wanted, axis=1).astype(float) for column, terms in columns.items()}
        table[name] = {column: np.where(np.any(wanted, axis=1), hit, np.nan) for column, hit in hits.items()}
        table[name]["any part or object"] = np.any(rewarded, axis=1).astype(float)
    return table


def _naming(prepared: Prepared, facts: Facts) -> np.ndarray:
    """Which words of the vocabulary belong to a term, bool `[terms, D]`."""
    tokens = prepared.words.vocabulary.tokens
    named = np.zeros((len(facts.terms.words), len(tokens)), bool)
    for row, words in zip(named, facts.terms.words, strict=True):
        row[[tokens[word] for word in words if word in tokens]] = True
    return named


def annotation(prepared: Prepared, net: Network, facts: Facts, data: Set) -> dict[str, dict[str, Any]]:
    """Parts annotated by the places where the maps of their words' channels are strongest.

    Args:
        prepared: with the words of channels.
        net: the classifier.
        facts: of the images.
        data: the set.
    """
    naming = jnp.asarray(_naming(prepared, facts))
    shared = (prepared.associations, naming, jnp.asarray(facts.terms.names), net.params)
    mapped = map_examples(_annotate(prepared, net), in_axes=(0, 0, 0, None, None, None, None), per_device=8)
    truth = {name: np.stack([row[name] for row in facts.rows]) for name in ("parts", "box")}
    if "masks" in facts.rows[0]:
        truth["masks"] = np.stack([row["masks"] for row in facts.rows])
    annotated = mapped(facts.images, facts.predicted, truth, *shared)
    return {name: _shares(Annotated(*map(jnp.asarray, each))) for name, each in annotated.items()}


def _shares(annotated: Annotated) -> dict[str, Any]:
    shares = part_annotation(annotated)
    named = {"at least one right": shares.some, "all right": shares.all, "of the labels": shares.labels}
    return {name: np.asarray(share.each) / 100 for name, share in named.items()}


def _annotate(prepared: Prepared, net: Network) -> Any:
    """From an image to which of its labels are right, near points and on masks."""
    decision, side, layers = decide(net.model, prepared.reading), net.model.size, tuple(prepared.layers)

    def annotated(
        image: Any, label: Any, truth: Any, words: Any, named: Any, names: Any, params: Any, *, key: Any = None
    ) -> Any:
        del key
        x = net.model.preprocess(as_unit(image))
        values = reap(lambda x: net.model.apply(params, x), *layers)(x)
        labels = annotate(values, decision(x, label, params).alpha, words, named, size=(side, side), layers=layers)
        points = jnp.concatenate([labels.place, (labels.strength > 0).astype(labels.place.dtype)[:, None]], 1)
        right = {"near the point": annotated_near_points(points, names, truth["parts"], truth["box"])}
        if "masks" in truth:
            right["on the part"] = annotated_in_masks(points, names, truth["masks"])
        return right

    return annotated
