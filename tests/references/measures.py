"""Literal references: deletion, insertion and localisation, place by place."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from jxai import metrics
from tests.references.example import BASELINE, LABEL, NET, PARAMS, X, probability, score, vector
from tests.references.registry import replicates, same

MAP = np.asarray(vector((8, 8), 4))


def of_network(x):
    """The reference's probability."""
    return float(np.exp(NET.score(x)))


def measured(method, literal, steps, attribution=MAP):
    """The case of a measure of the example's probability."""
    measure = jax.jit(method(probability, steps=steps, chunk=3))
    found = measure(jnp.asarray(attribution), jnp.asarray(X), LABEL, PARAMS, baseline=jnp.asarray(BASELINE))
    return found, literal(of_network, attribution, X, BASELINE, steps)


CURVES = [partial(measured, steps=steps) for steps in (1, 5, 13)] + [
    partial(measured, steps=5, attribution=np.round(MAP))  # ties
]


def of_gap(method, literal, baseline):
    phi = NET.gradient(X) * X
    given = jnp.asarray(phi), jnp.asarray(X), LABEL, PARAMS
    return method(score)(*given, baseline=jnp.asarray(baseline)), literal(NET.score, phi, X, baseline)


def localised(seed):
    """Few values, so that many are equal; the last masks are empty and full."""
    rng = np.random.default_rng(seed)
    return rng.integers(-3, 4, (3, 4)).astype(float), (rng.random((3, 4)) < (0.4, 0.0, 1.0)[max(seed - 7, 0)])


LOCALISED = [same(*localised(seed)) for seed in range(10)]


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


@replicates(metrics.deletion_curve, cases=CURVES)
def deletion_curve(score, attribution, x, baseline, steps):
    return curve(score, attribution, x, baseline, steps, x, baseline)


@replicates(metrics.insertion_curve, cases=CURVES)
def insertion_curve(score, attribution, x, baseline, steps):
    return curve(score, attribution, x, baseline, steps, baseline, x)


@replicates(metrics.deletion, cases=CURVES)
def deletion(score, attribution, x, baseline, steps):
    return area(deletion_curve(score, attribution, x, baseline, steps))


@replicates(metrics.insertion, cases=CURVES)
def insertion(score, attribution, x, baseline, steps):
    return area(insertion_curve(score, attribution, x, baseline, steps))


@replicates(metrics.completeness_gap, cases=[partial(of_gap, baseline=b) for b in (BASELINE, 0 * X)])
def completeness_gap(score, attribution, x, baseline):
    return abs(sum(attribution.ravel()) - (score(x) - score(baseline)))


@replicates(metrics.pointing_game, cases=LOCALISED)
def pointing_game(attribution, mask):
    return float(mask.ravel()[decreasing(attribution)[0]] > 0)


@replicates(metrics.relevance_mass, cases=LOCALISED)
def relevance_mass(attribution, mask):
    inside = sum(max(a, 0) for a, m in zip(attribution.ravel(), mask.ravel(), strict=True) if m > 0)
    total = sum(max(a, 0) for a in attribution.ravel())
    return inside / total if total else 0.0


@replicates(metrics.relevance_rank, cases=LOCALISED)
def relevance_rank(attribution, mask):
    places = int((mask > 0).sum())
    return sum(mask.ravel()[i] > 0 for i in decreasing(attribution)[:places]) / places if places else 0.0
