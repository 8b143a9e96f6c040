"""Literal references: answers of people, one by one, an answer the set of its two classes; and intervals."""

import itertools
import math
from collections import Counter
from statistics import NormalDist

import jax
import jax.numpy as jnp
import numpy as np

from jxai import metrics
from jxai.metrics.studies.agreement import DONT_KNOW, MISSING
from tests.references.registry import replicates, same

_NONE, _UNKNOWN = {MISSING}, {DONT_KNOW}


PAIRS = np.array([[3, 1], [0, 4], [2, 3]])


def some_answers(seed, people=4, questions=3):
    """Pairs of classes, don't-knows, missing ones, and some that name the first question's pair."""
    rng = np.random.default_rng(seed)
    answers = np.array([[rng.permutation(5)[:2] for _ in range(questions)] for _ in range(people)])
    answers[rng.random((people, questions)) < 0.3] = DONT_KNOW
    answers[rng.random((people, questions)) < 0.15] = MISSING
    answers[rng.random((people, questions)) < 0.3] = PAIRS[0, ::-1]
    return answers


def weights(seed):
    rng = np.random.default_rng(seed)
    return {"people": rng.integers(0, 3, 4) + 0.5, "questions": rng.integers(1, 3, 3).astype(float)}


SEEDS, BOTH = range(3), (False, True)


def each(answers, people, questions):
    """Question, answer and weight of everything that was answered."""
    for q in range(answers.shape[1]):
        for p in range(len(answers)):
            answer = set(answers[p, q].tolist())
            if answer != _NONE:
                yield q, answer, people[p] * questions[q]


@replicates(
    metrics.agreement_with,
    cases=[same(some_answers(i), PAIRS, left_out=out, **weights(i)) for i in SEEDS for out in BOTH],
    rtol=1e-6,
)
def agreement_with(answers, pairs, people, questions, left_out):
    agreed = counted = 0.0
    for q, answer, weight in each(answers, people, questions):
        if not (left_out and answer == _UNKNOWN):
            counted += weight
            agreed += weight * (answer == set(pairs[q].tolist()))
    return agreed / counted


@replicates(
    metrics.agreement_between,
    cases=[same(some_answers(i), left_out=out, **weights(i)) for i in SEEDS for out in BOTH],
    rtol=1e-6,
)
def agreement_between(answers, people, questions, left_out):
    same = both = 0.0
    absent = (_NONE, _UNKNOWN) if left_out else (_NONE,)
    for q in range(answers.shape[1]):
        for p, r in itertools.combinations(range(len(answers)), 2):
            one, two = (set(answers[k, q].tolist()) for k in (p, r))
            if one not in absent and two not in absent:
                weight = people[p] * people[r] * questions[q]
                both += weight
                same += weight * (one == two and one != _UNKNOWN)
    return same / both


@replicates(metrics.dont_know_rate, cases=[same(some_answers(i), **weights(i)) for i in SEEDS], rtol=1e-6)
def dont_know_rate(answers, people, questions):
    weights = [(weight, answer == _UNKNOWN) for _, answer, weight in each(answers, people, questions)]
    return sum(weight for weight, unknown in weights if unknown) / sum(weight for weight, _ in weights)


def of_rate(method, literal, answers, level):
    """The interval of an agreement; replicates of one person, in which it is not defined, are left out."""
    clusters, key = np.array([0, 1, 1]), jax.random.key(0)
    given = jnp.asarray(answers)
    rate = lambda people, questions: metrics.agreement_between(given, people=people, questions=questions)
    found = method(rate, len(answers), jnp.asarray(clusters), key=key, samples=60, level=level)
    slow = lambda people, questions: agreement_between(answers, people, questions, False)
    return found, literal(slow, len(answers), clusters, key, 60, level)


def counted(key, count):
    drawn = Counter(np.asarray(jax.random.randint(key, (count,), 0, count)).tolist())
    return np.array([drawn[i] for i in range(count)], float)


FEW = some_answers(5, people=2)
FEW[:, 0], FEW[:, 1] = PAIRS[0], [[1, 2], [3, 4]]


@replicates(
    metrics.bootstrap,
    cases=[
        lambda *both, answers=answers, level=level: of_rate(*both, answers, level)
        for answers, level in ((some_answers(0), 0.95), (some_answers(1), 0.5), (FEW, 0.9))
    ],
    rtol=1e-6,
)
def bootstrap(statistic, people, clusters, key, samples, level):
    """Owen 2007: people and images drawn anew, with the draws of `jxai.metrics.bootstrap`."""
    values = []
    for one in jax.random.split(key, samples):
        first, second = jax.random.split(one)
        whom, images = counted(first, people), counted(second, clusters.max() + 1)
        with np.errstate(invalid="ignore"):
            values.append(statistic(whom, np.array([images[c] for c in clusters])))
    known = [value for value in values if not math.isnan(value)]
    return tuple(np.percentile(known, [50 * (1 - level), 50 * (1 + level)]))


@replicates(
    metrics.wilson,
    cases=[
        lambda m, literal, given=given, level=level: (tuple(m(*given, level=level)), literal(*given, level))
        for given in ((0, 10), (3, 12), (7, 7))
        for level in (0.9, 0.95)
    ],
)
def wilson(successes, trials, level):
    """Wilson 1927: the shares that the score test does not reject, by halving."""
    z, share = NormalDist().inv_cdf((1 + level) / 2), successes / trials
    rejected = lambda p: abs(share - p) > z * math.sqrt(p * (1 - p) / trials)

    def end(outside):
        inside = share
        for _ in range(100):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
        return inside

    return end(0.0), end(1.0)
