"""What a decision rests on in the images of a test set, and whether sentences state it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from experiments.flex.data import Set
from experiments.flex.networks import Network, logits_of
from experiments.flex.truth import grammatical, states_of, true_share
from jxai.data.part_words import words_of
from jxai.metrics.sentences.captions import caption_scores
from jxai.metrics.sentences.decision_relevance import drel, kinds_of, nearest_part, overlapping
from jxai.metrics.sentences.terms import Terms, mentioned_terms, object_terms
from jxai.run.map import map_examples
from jxai.signal.filters import resize
from jxai.train.evaluate import from_uint8

__all__ = ["Facts", "about_set", "changes", "decision_relevance", "examples", "facts_of", "qualities"]

THRESHOLD = 0.5  # of the map's maximum
AGENT = "person"  # the subject of every sentence says nothing about the decision


class Facts(NamedTuple):
    """Annotations and decisions of the images of a test set.

    Attributes:
        rows: the examples.
        images: uint8 `[n, h, w, 3]`.
        labels: true classes, `[n]`.
        predicted: the classifier's, `[n]`.
        second: its second choice, `[n]`.
        objects: the things that the decision for the predicted class rests on, bool `[n, things]`.
        terms: words that name things.
        described: which terms occur in the reference sentences, bool `[n, t]`.
        references: the sentences.
    """

    rows: list[dict[str, Any]]
    images: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    second: np.ndarray
    objects: np.ndarray
    terms: Terms
    described: np.ndarray
    references: list[list[str]]


def facts_of(net: Network, data: Set, rows: list[dict[str, Any]], variants: Any) -> Facts:
    """The facts of images with sentences.

    Args:
        net: the classifier.
        data: the set.
        rows: examples with captions.
        variants: other forms of words.
    """
    images = np.stack([row["image"] for row in rows])
    order = logits_of(net.model, net.params, images).argsort(-1)
    predicted, second = order[:, -1].astype(np.int32), order[:, -2].astype(np.int32)
    things = _padded(rows, data)
    mapped = map_examples(_objects(net, data), in_axes=(0, 0, 0, None), per_device=16)
    objects = np.asarray(mapped(images, predicted, things, net.params))
    words = [() if name == AGENT else own for name, own in zip(data.things, words_of(data.things), strict=True)]
    terms, references = object_terms(words, variants=variants), [row["captions"] for row in rows]
    described = mentioned_terms(references, terms.words)
    labels = np.array([row["label"] for row in rows], np.int32)
    return Facts(rows, images, labels, predicted, second, objects, terms, described, references)


def _padded(rows: list[dict[str, Any]], data: Set) -> Any:
    """Points `[n, p, 3]`, or boxes `[n, m, 4]` with their kinds `[n, m]`, padded with kind -1."""
    if data.kind == "points":
        return np.stack([row["parts"] for row in rows]).astype(np.float32)
    most = max(1, max(len(row["instances"]) for row in rows))
    boxes, kinds = np.zeros((len(rows), most, 4), np.float32), np.full((len(rows), most), -1)
    for place, row in enumerate(rows):
        for number, one in enumerate(row["instances"]):
            boxes[place, number], kinds[place, number] = one.box, one.kind
    return {"boxes": boxes, "kinds": kinds}


def _objects(net: Network, data: Set) -> Any:
    """From an image to the things that the Grad-CAM map of a class points at."""
    explain = jxai.grad_cam(jxai.scores.logit(net.model.apply), at=net.model.features)
    side = net.model.size

    def objects(image: Any, label: Any, things: Any, params: Any, *, key: Any = None) -> Any:
        del key
        heat = jax.nn.relu(explain(net.model.preprocess(from_uint8(image)), label, params))
        if data.kind == "points":
            return nearest_part(heat, things, size=(side, side))
        hot = overlapping(resize(heat, (side, side)), things["boxes"], THRESHOLD)
        return kinds_of(hot, things["kinds"], len(data.things))

    return objects


def _drel(mentioned: np.ndarray, facts: Facts) -> np.ndarray:
    """DREL of each image's sentence, 0..1; NaN where the references name no object of the decision."""
    relevance = drel(*map(jnp.asarray, (facts.objects, facts.terms.names, facts.described, mentioned)))
    return np.asarray(relevance.each) / 100


def _drel_by_chance(mentioned: Sequence[np.ndarray], facts: Facts) -> np.ndarray:
    """DREL that each image would have with the sentences of other images, drawn at random."""
    rng = np.random.default_rng(0)
    return np.mean([_drel(of[rng.permutation(len(of))], facts) for of in mentioned], 0)


def decision_relevance(
    sentences: Sequence[str], facts: Facts, sampled: Sequence[Sequence[str]] = ()
) -> dict[str, np.ndarray]:
    """DREL of each image, 0..1, and the DREL it would have with the sentences of other images.

    Args:
        sentences: one per image.
        facts: of the images.
        sampled: lists with one sentence per image, drawn from the model; "drel sampled" is the mean over them. It does
            not depend on the length of sentence that the beam prefers.
    """
    mentioned = mentioned_terms(sentences, facts.terms.words)
    values = {"drel": _drel(mentioned, facts), "drel by chance": _drel_by_chance([mentioned] * 10, facts)}
    if sampled:
        drawn = [mentioned_terms(of, facts.terms.words) for of in sampled]
        values["drel sampled"] = np.mean([_drel(of, facts) for of in drawn], 0)
        values["drel sampled, by chance"] = _drel_by_chance(drawn, facts)
    return values


def qualities(
    sentences: Sequence[str], facts: Facts, data: Set, sampled: Sequence[Sequence[str]] = ()
) -> dict[str, Any]:
    """Everything that is measured on a method's sentences: arrays `[n]`, and numbers for the whole set.

    Args:
        sentences: one per image.
        facts: of the images.
        data: the set.
        sampled: as in `decision_relevance`.
    """
    scores = caption_scores(sentences, facts.references)
    values: dict[str, Any] = decision_relevance(sentences, facts, sampled)
    values["things named"] = mentioned_terms(sentences, facts.terms.words).sum(1).astype(float)
    if data.meta is not None and "attributes" in facts.rows[0]:
        pairs, names = list(zip(sentences, facts.rows, facts.objects, strict=True)), data.meta.attribute_names
        values["drel of facts"] = np.array([_states_fact(s, row, of, data.things, names) for s, row, of in pairs])
        shares = [true_share(s, row["attributes"], row["parts"], names, data.things) for s, row, _ in pairs]
        values["true"] = np.array(shares)
    values["grammatical"] = np.array([grammatical(s) for s in sentences], float)
    named = ("BLEU-4", "METEOR (exact+stem)", "CIDEr-D", "ROUGE-L")
    return values | {name: score / 100 for name, score in zip(named, scores, strict=True)} | {
        "different sentences": len(set(sentences)) / len(sentences)
    }  # fmt: skip


def _states_fact(sentence: str, row: dict[str, Any], objects: np.ndarray, things: Any, names: Any) -> float:
    """1 if a sentence names the part that decided and states something true of it, 0.5 for one of the two."""
    part = next((name for name, decisive in zip(things, objects, strict=True) if decisive), None)
    if part is None:
        return float("nan")
    stated = states_of(sentence, part, row["attributes"], names)
    named = mentioned_terms([sentence], words_of([part]))[0, 0]
    return (float(named) + float(stated)) / 2


def changes(before: Sequence[str], after: Sequence[str]) -> dict[str, np.ndarray]:
    """Whether sentences have changed, and the share of their words that has."""
    pairs = [(set(a.strip(".").split()), set(b.strip(".").split())) for a, b in zip(before, after, strict=True)]
    return {
        "changed": np.array([a != b for a, b in zip(before, after, strict=True)], float),
        "words changed": np.array([1 - len(a & b) / max(1, len(a | b)) for a, b in pairs]),
    }


def about_set(net: Network, prepared: Any, facts: Facts, data: Set) -> dict[str, Any]:
    """A set in numbers."""
    counted = int(np.isfinite(_drel(facts.described, facts)).sum())
    return {
        "protocol": "CUB" if data.kind == "points" else "MPII", "accuracy": net.accuracy,
        "train": len(data.captioned["train"]), "test": len(facts.rows), "words": len(prepared.words.vocabulary.words),
        "wrong": int((facts.predicted != facts.labels).sum()),
        "note": f"DREL counts {counted} of the test images.",
    }  # fmt: skip


def examples(sentences: dict[str, list[str]], facts: Facts, data: Set, most: int = 50) -> list[dict[str, Any]]:
    """The first images, with what decided and the sentences of each method."""
    return [
        {
            "id": int(row["id"]), "class": data.classes[row["label"]],
            "predicted": data.classes[facts.predicted[place]],
            "decided by": [data.things[k] for k in np.flatnonzero(facts.objects[place])],
            "said": {name: of[place] for name, of in sentences.items()},
        }
        for place, row in enumerate(facts.rows[:most])
    ]  # fmt: skip
