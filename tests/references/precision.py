"""Literal references: average precision and the soft measures of agreement, over all thresholds and sets of words."""

import itertools
import math
from functools import partial

import jax.numpy as jnp
import numpy as np

from jxai import metrics
from tests.jitted import jitted
from tests.references.plausibility import f1, overlap, rows, spans_of, words_of
from tests.references.registry import replicates

SCORES = np.asarray([0.9, 0.62, 0.3, 0.55, 0.71, 0.1, 0.47])
GOLD, OVERLAPPING, ONE = [(0, 2), (3, 6)], [(0, 2), (1, 5)], [(2, 4)]


def ranked(seed):
    """Scores of few values, with ties, and spans."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 12, rng.integers(1, 5))
    return rng.integers(0, 4, 12).astype(float), sorted(
        {(int(s), int(min(s + rng.integers(1, 6), 12))) for s in starts}
    )


def of_scores(method, literal, scores=SCORES, gold=GOLD, **options):
    found = jitted(method)(jnp.asarray(scores), rows(gold, 4), **options)
    found = (found.matched, found.predicted, found.gold) if hasattr(found, "matched") else found
    return found, literal(scores.tolist(), gold, **options)


RANKED = [partial(of_scores, scores=scores, gold=gold) for scores, gold in map(ranked, range(12))]
SOFT = [
    partial(of_scores, gold=gold, threshold=0.5, temperature=temperature)
    for gold in (GOLD, OVERLAPPING, ONE)
    for temperature in (0.2, 0.05)
]


def thresholds(scores, gold):
    """(precision, recall) at every distinct score, from the largest."""
    marked = words_of(gold)
    for t in sorted(set(scores), reverse=True):
        taken = {i for i, s in enumerate(scores) if s >= t}
        yield len(taken & marked) / len(taken), len(taken & marked) / len(marked)


@replicates(metrics.average_precision, cases=RANKED)
def average_precision(scores, gold):
    total, before = 0.0, 0.0
    for precision, recall in thresholds(scores, gold):
        total += (recall - before) * precision
        before = recall
    return total


@replicates(metrics.area_under_precision_recall, cases=RANKED)
def area_under_precision_recall(scores, gold):
    points = [(1.0, 0.0), *thresholds(scores, gold)]
    return sum((r1 - r0) * (p0 + p1) / 2 for (p0, r0), (p1, r1) in itertools.pairwise(points))


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


@replicates(
    metrics.soft_average_precision,
    cases=[partial(of_scores, gold=gold, temperature=0.5) for gold in (GOLD, OVERLAPPING)],
)
def soft_average_precision(scores, gold, temperature):
    marked, scale, total = words_of(gold), temperature * np.std(scores), 0.0
    for i in marked:
        share = [0.0 if j == i else sigmoid((s - scores[i]) / scale) for j, s in enumerate(scores)]
        total += (1 + sum(share[j] for j in marked)) / (1 + sum(share))
    return total / len(marked)


@replicates(metrics.soft_token_agreement, cases=SOFT)
def soft_token_agreement(scores, gold, threshold, temperature):
    p, marked = [sigmoid((s - threshold) / temperature) for s in scores], words_of(gold)
    return sum(p[i] for i in marked), sum(p), len(marked)


@replicates(metrics.soft_token_f1, cases=SOFT)
def soft_token_f1(scores, gold, threshold, temperature):
    matched, predicted, marked = soft_token_agreement(scores, gold, threshold, temperature)
    return f1(matched / predicted, matched / marked)


@replicates(metrics.soft_span_agreement, cases=SOFT)
def soft_span_agreement(scores, gold, threshold, temperature, overlapping=0.5):
    """Expectation over all 2^n sets of predicted words."""
    p = [sigmoid((s - threshold) / temperature) for s in scores]
    matched = predicted = 0.0
    for words in itertools.product([False, True], repeat=len(p)):
        chance = math.prod(q if inside else 1 - q for q, inside in zip(p, words, strict=True))
        spans = spans_of(words)
        predicted += chance * len(spans)
        matched += chance * sum(any(overlap(s, g) >= overlapping for g in gold) for s in spans)
    return matched, predicted, len(gold)


@replicates(metrics.soft_iou_f1, cases=SOFT)
def soft_iou_f1(scores, gold, threshold, temperature, overlapping=0.5):
    matched, predicted, marked = soft_span_agreement(scores, gold, threshold, temperature, overlapping)
    return f1(matched / predicted, matched / marked)
