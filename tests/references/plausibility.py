"""Literal references: agreement of a rationale with marked words, with sets of words and lists of spans."""

import itertools
import math

import numpy as np

from jxai import metrics
from tests.references.registry import replicates


def spans_of(words):
    """Runs of marked words as (start, stop)."""
    found, start = [], None
    for i, inside in enumerate([*words, False]):
        if inside and start is None:
            start = i
        if not inside and start is not None:
            found.append((start, i))
            start = None
    return found


def words_of(spans):
    return {i for start, stop in spans for i in range(start, stop)}


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@replicates(metrics.token_agreement)
def token_agreement(predicted, gold):
    """Precision, recall, F1; `predicted` a list of booleans, `gold` a list of spans."""
    mine, theirs = {i for i, inside in enumerate(predicted) if inside}, words_of(gold)
    precision = len(mine & theirs) / len(mine) if mine else 0.0
    recall = len(mine & theirs) / len(theirs) if theirs else 0.0
    return precision, recall, f1(precision, recall)


@replicates(metrics.token_f1)
def token_f1(predicted, gold):
    return token_agreement(predicted, gold)[2]


def overlap(a, b):
    mine, theirs = set(range(*a)), set(range(*b))
    return len(mine & theirs) / len(mine | theirs)


@replicates(metrics.span_agreement)
def span_agreement(predicted, gold, threshold=0.5, strict=False):
    mine = spans_of(predicted)
    best = [max((overlap(span, marked) for marked in gold), default=0.0) for span in mine]
    hits = sum(b > 0 and (b > threshold if strict else b >= threshold) for b in best)
    precision, recall = hits / len(mine) if mine else 0.0, hits / len(gold) if gold else 0.0
    return precision, recall, f1(precision, recall)


@replicates(metrics.iou_f1)
def iou_f1(predicted, gold, **options):
    return span_agreement(predicted, gold, **options)[2]


@replicates(metrics.mean_f1)
def mean_f1(predicted, gold, agreement):
    return sum(agreement(p, g)[2] for p, g in zip(predicted, gold, strict=True)) / len(predicted)


@replicates(metrics.f1_of_means)
def f1_of_means(predicted, gold, agreement):
    """Precision over documents with a prediction, recall over documents with marks."""
    scores = [agreement(p, g) for p, g in zip(predicted, gold, strict=True)]
    precisions = [s[0] for s, p in zip(scores, predicted, strict=True) if any(p)]
    recalls = [s[1] for s, g in zip(scores, gold, strict=True) if g]
    return f1(*(sum(values) / len(values) if values else 0.0 for values in (precisions, recalls)))


def thresholds(scores, gold):
    """(precision, recall) at every distinct score, from the largest."""
    marked = words_of(gold)
    for t in sorted(set(scores), reverse=True):
        taken = {i for i, s in enumerate(scores) if s >= t}
        yield len(taken & marked) / len(taken), len(taken & marked) / len(marked)


@replicates(metrics.average_precision)
def average_precision(scores, gold):
    total, before = 0.0, 0.0
    for precision, recall in thresholds(scores, gold):
        total += (recall - before) * precision
        before = recall
    return total


@replicates(metrics.area_under_precision_recall)
def area_under_precision_recall(scores, gold):
    points = [(1.0, 0.0), *thresholds(scores, gold)]
    return sum((r1 - r0) * (p0 + p1) / 2 for (p0, r0), (p1, r1) in itertools.pairwise(points))


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


@replicates(metrics.soft_average_precision)
def soft_average_precision(scores, gold, temperature):
    marked, scale, total = words_of(gold), temperature * np.std(scores), 0.0
    for i in marked:
        share = [0.0 if j == i else sigmoid((s - scores[i]) / scale) for j, s in enumerate(scores)]
        total += (1 + sum(share[j] for j in marked)) / (1 + sum(share))
    return total / len(marked)


@replicates(metrics.soft_token_agreement)
def soft_token_agreement(scores, gold, threshold, temperature):
    p, marked = [sigmoid((s - threshold) / temperature) for s in scores], words_of(gold)
    return sum(p[i] for i in marked), sum(p), len(marked)


@replicates(metrics.soft_token_f1)
def soft_token_f1(scores, gold, threshold, temperature):
    matched, predicted, marked = soft_token_agreement(scores, gold, threshold, temperature)
    return f1(matched / predicted, matched / marked)


@replicates(metrics.soft_span_agreement)
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


@replicates(metrics.soft_iou_f1)
def soft_iou_f1(scores, gold, threshold, temperature, overlapping=0.5):
    matched, predicted, marked = soft_span_agreement(scores, gold, threshold, temperature, overlapping)
    return f1(matched / predicted, matched / marked)


@replicates(metrics.top_words)
def top_words(scores, fraction, inclusive=False):
    decreasing = sorted(scores, reverse=True)
    threshold = decreasing[min(round(fraction * len(scores)), len(scores) - 1)]
    return [s >= threshold if inclusive else s > threshold for s in scores]


@replicates(metrics.best_fraction)
def best_fraction(scores, gold, worth, inclusive=False):
    best, found = -1.0, None
    for fraction in np.linspace(0.01, 0.99, 150):
        value = worth(top_words(scores, fraction, inclusive), gold)
        if value > best:
            best, found = value, fraction
    return found


@replicates(metrics.kernel_regression)
def kernel_regression(x, y, at, width=0.05):
    kernel = [math.exp(-((at - other) ** 2) / width) for other in x]
    return sum(k * v for k, v in zip(kernel, y, strict=True)) / sum(kernel)


@replicates(metrics.leave_one_out)
def leave_one_out(scores, gold, worth, inclusive=False):
    """Rationales and fractions; documents as lists of different lengths."""
    best = [best_fraction(s, g, worth, inclusive) for s, g in zip(scores, gold, strict=True)]
    learnt = [sum(s > 0.1 for s in document) / len(document) for document in scores]
    found = []
    for i, document in enumerate(scores):
        asked = sum(s >= 0.1 for s in document) / len(document)
        others = [j for j in range(len(scores)) if j != i]
        fraction = kernel_regression([learnt[j] for j in others], [best[j] for j in others], asked)
        found.append((top_words(document, fraction, inclusive), fraction))
    return found
