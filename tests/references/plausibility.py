"""Literal references: agreement of a rationale with marked words, with sets of words and lists of spans."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from jxai import metrics
from jxai.signal.spans import marked
from tests.jitted import jitted
from tests.references.registry import replicates

N = 12


def rows(spans, most=5):
    """Spans as an array with rows that are none."""
    return jnp.asarray([*spans, *[(-1, -1)] * (most - len(spans))])


def drawn(seed):
    """A rationale and spans, also overlapping ones; the first are empty."""
    rng = np.random.default_rng(seed)
    predicted = rng.random(N) < (0.5 if seed > 1 else 0.0)
    starts = rng.integers(0, N, 0 if seed in (0, 2) else rng.integers(1, 5))
    return predicted.tolist(), sorted({(int(s), int(min(s + rng.integers(1, 6), N))) for s in starts})


DOCUMENTS = [drawn(seed) for seed in range(16)] + [
    ([True, True, False] * 4, [(0, 1)]),  # exactly one half
    ([True] * N, [(0, 2), (2, 12)]),
]


def of_document(method, literal, document, by_words=False, **options):
    """The case of one document, its gold as spans, or as words (whose runs are the spans)."""
    predicted, gold = document
    given, spans = rows(gold), gold
    if by_words:
        given = marked(rows(gold), N)
        spans = spans_of(np.asarray(given).tolist())
    found = jitted(method)(jnp.asarray(predicted), given, **options)
    counted = not hasattr(found, "f1")
    return found if counted else (found.precision, found.recall, found.f1), literal(predicted, spans, **options)


def of_documents(*options):
    return [
        partial(of_document, document=document, by_words=by_words, **option)
        for document in DOCUMENTS
        for by_words in (False, True)
        for option in (options or ({},))
    ]


SPAN_OPTIONS = [{"threshold": t, "strict": strict} for t in (0.25, 0.5) for strict in (False, True)]
PREDICTED = [[True, True, False], [False, False, True], [False, False, False], [True, False, True]]
GOLD = [[(0, 2)], [(0, 1)], [(1, 2)], []]


def over_documents(method, literal, measure, where=None):
    """The case of an aggregate of a measure, over all documents or some of them."""
    given = jnp.asarray(PREDICTED), jnp.stack([rows(gold, 2) for gold in GOLD])
    many = jax.jit(jax.vmap(measure))(*given)
    kept = [i for i in range(4) if where is None or where[i]]
    found = method(many, where=None if where is None else jnp.asarray(where))
    of_one = token_agreement if measure is metrics.token_agreement else span_agreement
    return found, literal([PREDICTED[i] for i in kept], [GOLD[i] for i in kept], of_one)


AGGREGATES = [
    partial(over_documents, measure=measure, where=where)
    for measure in (metrics.token_agreement, metrics.span_agreement)
    for where in (None, [True, True, False, True])
]


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


@replicates(metrics.token_agreement, cases=of_documents())
def token_agreement(predicted, gold):
    """Precision, recall, F1; `predicted` a list of booleans, `gold` a list of spans."""
    mine, theirs = {i for i, inside in enumerate(predicted) if inside}, words_of(gold)
    precision = len(mine & theirs) / len(mine) if mine else 0.0
    recall = len(mine & theirs) / len(theirs) if theirs else 0.0
    return precision, recall, f1(precision, recall)


@replicates(metrics.token_f1, cases=of_documents())
def token_f1(predicted, gold):
    return token_agreement(predicted, gold)[2]


def overlap(a, b):
    mine, theirs = set(range(*a)), set(range(*b))
    return len(mine & theirs) / len(mine | theirs)


@replicates(metrics.span_agreement, cases=of_documents(*SPAN_OPTIONS))
def span_agreement(predicted, gold, threshold=0.5, strict=False):
    mine = spans_of(predicted)
    best = [max((overlap(span, marked) for marked in gold), default=0.0) for span in mine]
    hits = sum(b > 0 and (b > threshold if strict else b >= threshold) for b in best)
    precision, recall = hits / len(mine) if mine else 0.0, hits / len(gold) if gold else 0.0
    return precision, recall, f1(precision, recall)


@replicates(metrics.iou_f1, cases=of_documents({}, {"strict": True}))
def iou_f1(predicted, gold, **options):
    return span_agreement(predicted, gold, **options)[2]


@replicates(metrics.mean_f1, cases=AGGREGATES)
def mean_f1(predicted, gold, agreement):
    return sum(agreement(p, g)[2] for p, g in zip(predicted, gold, strict=True)) / len(predicted)


@replicates(metrics.f1_of_means, cases=AGGREGATES)
def f1_of_means(predicted, gold, agreement):
    """Precision over documents with a prediction, recall over documents with marks."""
    scores = [agreement(p, g) for p, g in zip(predicted, gold, strict=True)]
    precisions = [s[0] for s, p in zip(scores, predicted, strict=True) if any(p)]
    recalls = [s[1] for s, g in zip(scores, gold, strict=True) if g]
    return f1(*(sum(values) / len(values) if values else 0.0 for values in (precisions, recalls)))
