"""What the words of features are good for: masking, misclassified pictures, and annotation of parts."""

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
SPOKEN = 0.1  # share of a class's pictures whose references have a word, for it to be one of the class


def masked(
    ready: dict[str, Prepared], net: Network, said: dict[str, list[str]], facts: Facts, seed: int, most: int
) -> dict[str, dict[str, Any]]:
    """Masking of the channels that each method's sentences name: of those of the decision's tree, and of all.

    Args:
        ready: by method, with the words of channels.
        net: the classifier.
        said: sentences by method.
        facts: of the pictures.
        seed: of random channels.
        most: of the pictures, at most.
    """
    images, classes = facts.images[:most], facts.predicted[:most]
    one = next(iter(ready.values()))
    own = np.asarray(one.splits["test"].features.relevant, bool)[:most]
    named = {name: _named(ready[name], of[:most]) for name, of in said.items()}
    every, widths = np.ones_like(own), tuple(one.layers.values())
    of_decision = {name: of & own for name, of in named.items()}
    pools = {"random": every, "random of the decision's": own}
    return {
        "masking": masking(net, images, classes, of_decision, pools, widths, seed=seed),
        "masking, all channels": masking(net, images, classes, named, {"random": every}, widths, seed=seed),
    }


def _named(ready: Prepared, sentences: list[str]) -> np.ndarray:
    """The channels whose words sentences have, bool `[n, F]`."""
    words = ready.words
    said = np.stack([np.asarray(mentions(words.vocabulary, [s], words.content)) for s in sentences])
    return named_features(np.asarray(ready.associations.word), said, np.asarray(ready.associations.support))


def insight(ready: Prepared, said: dict[str, list[str]], facts: Facts, data: Set) -> dict[str, dict[str, Any]]:
    """Of misclassified pictures: whether all that the sentence names is common to the true and the predicted class.

    By words: nouns and adjectives against those of the classes' references. By features (a red crown), where the set
    knows its classes' attributes: against what is typical of them.

    Args:
        ready: with the vocabulary.
        said: sentences by method.
        facts: of the pictures.
        data: the set.
    """
    train, words = ready.splits["train"], ready.words
    spoken = class_terms(jnp.asarray(train.spoken), jnp.asarray(train.data.labels), len(data.classes), least=SPOKEN)
    found: dict[str, dict[str, Any]] = {}
    for name, of in said.items():
        terms = np.stack([np.asarray(mentions(words.vocabulary, [s], words.content)) for s in of])
        found[name] = {"correct insight": _share(terms, facts, spoken)}
        if data.meta is not None:
            _, stated, classes = bird_features(of, data.meta, least=TYPICAL)
            found[name]["correct insight, features"] = _share(stated, facts, classes)
    return found


def _share(said: np.ndarray, facts: Facts, classes: Any) -> np.ndarray:
    arrays = map(jnp.asarray, (said, facts.labels, facts.predicted, classes))
    return np.asarray(share_of_insight(*arrays, unnamed="wrong").each) / 100


def evidence(ready: dict[str, Prepared], facts: Facts, seed: int) -> dict[str, dict[str, Any]]:
    """How often the words D_r that FLEX is rewarded for name what the decision rests on; and those of another picture.

    Args:
        ready: by method.
        facts: of the pictures.
        seed: of the other pictures.
    """
    order, found = np.random.default_rng(seed).permutation(len(facts.rows)), {}
    wanted = np.any(np.asarray(facts.objects, bool)[:, :, None] & np.asarray(facts.terms.names, bool)[None], axis=1)
    for name, of in ready.items():
        decided = np.asarray(of.splits["test"].decided, bool)
        said = np.any(decided[:, None] & _naming(of, facts)[None], axis=-1)  # [n, terms]
        hit = {"own": said, "of another picture": said[order]}
        shares = {which: np.any(terms & wanted, axis=1).astype(float) for which, terms in hit.items()}
        found[name] = {which: np.where(np.any(wanted, axis=1), share, np.nan) for which, share in shares.items()}
        found[name]["any part or object"] = np.any(said, axis=1).astype(float)
    return found


def _naming(ready: Prepared, facts: Facts) -> np.ndarray:
    """Which words of the vocabulary a term has, bool `[terms, D]`."""
    tokens = ready.words.vocabulary.tokens
    named = np.zeros((len(facts.terms.words), len(tokens)), bool)
    for row, words in zip(named, facts.terms.words, strict=True):
        row[[tokens[word] for word in words if word in tokens]] = True
    return named


def annotation(ready: Prepared, net: Network, facts: Facts, data: Set) -> dict[str, dict[str, Any]]:
    """Parts annotated by the places where the maps of their words' channels are strongest.

    Args:
        ready: with the words of channels.
        net: the classifier.
        facts: of the pictures.
        data: the set.
    """
    shared = (ready.associations, jnp.asarray(_naming(ready, facts)), jnp.asarray(facts.terms.names), net.params)
    mapped = map_examples(_annotating(ready, net), in_axes=(0, 0, 0, None, None, None, None), per_device=8)
    truth = {name: np.stack([row[name] for row in facts.rows]) for name in ("parts", "box")}
    if "masks" in facts.rows[0]:
        truth["masks"] = np.stack([row["masks"] for row in facts.rows])
    found = mapped(facts.images, facts.predicted, truth, *shared)
    return {name: _measured(Annotated(*map(jnp.asarray, each))) for name, each in found.items()}


def _measured(found: Annotated) -> dict[str, Any]:
    shares = part_annotation(found)
    named = {"at least one right": shares.some, "all right": shares.all, "of the labels": shares.labels}
    return {name: np.asarray(share.each) / 100 for name, share in named.items()}


def _annotating(ready: Prepared, net: Network) -> Any:
    """Of one picture: which labels are right, near points and on masks."""
    decision, side, layers = decide(net.model, ready.reading), net.model.size, tuple(ready.layers)

    def annotating(
        image: Any, label: Any, truth: Any, words: Any, named: Any, names: Any, params: Any, *, key: Any = None
    ) -> Any:
        del key
        x = net.model.preprocess(as_unit(image))
        values = reap(lambda x: net.model.apply(params, x), *layers)(x)
        found = annotate(values, decision(x, label, params).alpha, words, named, size=(side, side), layers=layers)
        points = jnp.concatenate([found.place, (found.strength > 0).astype(found.place.dtype)[:, None]], 1)
        right = {"near the point": annotated_near_points(points, names, truth["parts"], truth["box"])}
        if "masks" in truth:
            right["on the part"] = annotated_in_masks(points, names, truth["masks"])
        return right

    return annotating
