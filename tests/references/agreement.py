"""Literal references: answers of people, one by one; an answer is the set of its two classes."""

import itertools

from jxai import metrics
from jxai.metrics.studies.agreement import DONT_KNOW, MISSING
from tests.references.registry import replicates

_NONE, _UNKNOWN = {MISSING}, {DONT_KNOW}


def each(answers, people, questions):
    """Question, answer and weight of everything that was answered."""
    for q in range(answers.shape[1]):
        for p in range(len(answers)):
            answer = set(answers[p, q].tolist())
            if answer != _NONE:
                yield q, answer, people[p] * questions[q]


@replicates(metrics.agreement_with)
def agreement_with(answers, pairs, people, questions, left_out):
    agreed = counted = 0.0
    for q, answer, weight in each(answers, people, questions):
        if not (left_out and answer == _UNKNOWN):
            counted += weight
            agreed += weight * (answer == set(pairs[q].tolist()))
    return agreed / counted


@replicates(metrics.agreement_between)
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


@replicates(metrics.dont_know_rate)
def dont_know_rate(answers, people, questions):
    weights = [(weight, answer == _UNKNOWN) for _, answer, weight in each(answers, people, questions)]
    return sum(weight for weight, unknown in weights if unknown) / sum(weight for weight, _ in weights)
