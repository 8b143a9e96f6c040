"""Literal references: rationales from scores, fraction by fraction and document by document."""

import math
from functools import partial

import jax.numpy as jnp
import numpy as np

from jxai import metrics
from tests.jitted import jitted
from tests.references import plausibility, precision
from tests.references.plausibility import rows, words_of
from tests.references.registry import replicates, same


def documents(count=5):
    """Scores that follow marks loosely; lengths differ."""
    rng = np.random.default_rng(3)
    for i in range(count):
        n, gold = 9 + 4 * i, [(1, 3), (5, 6 + i)]
        yield 0.4 * rng.random(n) + 0.5 * np.isin(np.arange(n), list(words_of(gold))), gold


FOUND = list(documents())
LONGEST = max(len(scores) for scores, _ in FOUND)
WORTH = {
    "token_f1": lambda p, g: round(plausibility.token_f1(p, g), 12),
    "iou_f1": lambda p, g: round(plausibility.iou_f1(p, g), 12),
    "average_precision": lambda p, g: round(precision.average_precision([float(w) for w in p], g), 12),
}
BOTH = (False, True)


def of_best(method, literal, document, inclusive):
    scores, gold = document
    found = jitted(method)(jnp.asarray(scores), rows(gold), inclusive=inclusive)
    return found, literal(scores.tolist(), gold, WORTH["token_f1"], inclusive)


def of_set(method, literal, target, inclusive):
    """Documents of one length by padding, on which nothing is predicted."""
    scores = jnp.asarray([[*s, *[9.0] * (LONGEST - len(s))] for s, _ in FOUND])
    valid = jnp.asarray([[i < len(s) for i in range(LONGEST)] for s, _ in FOUND])
    given = scores, jnp.stack([rows(gold) for _, gold in FOUND])
    got = jitted(method)(*given, valid=valid, target=target, inclusive=inclusive)
    expected = literal([s.tolist() for s, _ in FOUND], [g for _, g in FOUND], WORTH[target], inclusive)
    words, fractions = zip(*expected, strict=True)
    return (got.predicted, got.fraction), (
        np.stack([[*w, *[False] * (LONGEST - len(w))] for w in words]),
        list(fractions),
    )


@replicates(
    metrics.top_words,
    cases=[
        same(scores, fraction=fraction, inclusive=inclusive)
        for scores in (FOUND[0][0], np.array([0.5, 0.2, 0.5, 0.5, 0.9]))
        for fraction in (0.0, 0.3, 0.5, 1.0)
        for inclusive in BOTH
    ],
)
def top_words(scores, fraction, inclusive=False):
    decreasing = sorted(scores, reverse=True)
    threshold = decreasing[min(round(fraction * len(scores)), len(scores) - 1)]
    return [s >= threshold if inclusive else s > threshold for s in scores]


@replicates(
    metrics.best_fraction,
    cases=[partial(of_best, document=document, inclusive=inclusive) for document in FOUND[:3] for inclusive in BOTH],
)
def best_fraction(scores, gold, worth, inclusive=False):
    best, found = -1.0, None
    for fraction in np.linspace(0.01, 0.99, 150):
        value = worth(top_words(scores, fraction, inclusive), gold)
        if value > best:
            best, found = value, fraction
    return found


X, Y = np.array([0.1, 0.4, 0.9]), np.array([0.2, 0.1, 0.5])


@replicates(metrics.kernel_regression, cases=[same(X, Y, at) for at in (0.3, 0.95)] + [same(X, Y, 0.3, width=0.5)])
def kernel_regression(x, y, at, width=0.05):
    kernel = [math.exp(-((at - other) ** 2) / width) for other in x]
    return sum(k * v for k, v in zip(kernel, y, strict=True)) / sum(kernel)


@replicates(
    metrics.leave_one_out,
    cases=[partial(of_set, target=target, inclusive=inclusive) for target in WORTH for inclusive in BOTH],
)
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
