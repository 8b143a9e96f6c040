"""Literal references: deletion, insertion and localisation, place by place."""

import numpy as np

from jxai import metrics
from tests.references.registry import replicates


def decreasing(attribution):
    """Places by decreasing value; of equals, the first first."""
    flat = attribution.ravel()
    return sorted(range(flat.size), key=lambda i: (-flat[i], i))


def curve(score, attribution, x, baseline, steps, start, end):
    """The score while, in `steps` intervals, the most important places of `start` become those of `end`."""
    order, n = decreasing(attribution), attribution.size
    values = []
    for k in range(steps + 1):
        changed = start.copy().reshape(n, -1)
        for place in order[: int(np.round(k * n / steps))]:
            changed[place] = end.reshape(n, -1)[place]
        values.append(score(changed.reshape(x.shape)))
    return values


def area(values):
    return sum((a + b) / 2 for a, b in zip(values[:-1], values[1:], strict=True)) / (len(values) - 1)


@replicates(metrics.deletion_curve)
def deletion_curve(score, attribution, x, baseline, steps):
    return curve(score, attribution, x, baseline, steps, x, baseline)


@replicates(metrics.insertion_curve)
def insertion_curve(score, attribution, x, baseline, steps):
    return curve(score, attribution, x, baseline, steps, baseline, x)


@replicates(metrics.deletion)
def deletion(score, attribution, x, baseline, steps):
    return area(deletion_curve(score, attribution, x, baseline, steps))


@replicates(metrics.insertion)
def insertion(score, attribution, x, baseline, steps):
    return area(insertion_curve(score, attribution, x, baseline, steps))


@replicates(metrics.completeness_gap)
def completeness_gap(score, attribution, x, baseline):
    return abs(sum(attribution.ravel()) - (score(x) - score(baseline)))


@replicates(metrics.pointing_game)
def pointing_game(attribution, mask):
    return float(mask.ravel()[decreasing(attribution)[0]] > 0)


@replicates(metrics.relevance_mass)
def relevance_mass(attribution, mask):
    inside = sum(max(a, 0) for a, m in zip(attribution.ravel(), mask.ravel(), strict=True) if m > 0)
    total = sum(max(a, 0) for a in attribution.ravel())
    return inside / total if total else 0.0


@replicates(metrics.relevance_rank)
def relevance_rank(attribution, mask):
    places = int((mask > 0).sum())
    return sum(mask.ravel()[i] > 0 for i in decreasing(attribution)[:places]) / places if places else 0.0
