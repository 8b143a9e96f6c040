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


KEY = jax.random.key(5)


def perturbed(key, x):
    return x * jax.random.uniform(key, x.shape, x.dtype)


def of_slope(method, literal, normalise):
    measure = jax.jit(method(score, perturb=perturbed, samples=5, normalise=normalise, chunk=2))
    given = jnp.asarray(BASELINE), jnp.asarray(X), LABEL, PARAMS
    drawn = [np.asarray(perturbed(key, jnp.asarray(X))) for key in jax.random.split(KEY, 5)]
    return measure(*given, key=KEY), literal(NET.score, BASELINE, X, drawn, normalise)


@replicates(metrics.infidelity, cases=[partial(of_slope, normalise=scaled) for scaled in (False, True)])
def infidelity(score, attribution, x, drawn, normalise):
    foretold = np.array([sum(((x - other) * attribution).ravel()) for other in drawn])
    came = np.array([score(x) - score(other) for other in drawn])
    scale = sum(foretold * came) / sum(foretold**2) if normalise else 1.0
    return sum((scale * foretold - came) ** 2) / len(drawn)


def of_explainer(method, literal, size):
    def explain(x, *args, key=None):
        return jnp.tanh(x) ** 2

    measure = jax.jit(method(explain, perturb=lambda key, x: x + size * perturbed(key, x), samples=4, chunk=3))
    keys = jax.random.split(jax.random.fold_in(KEY, 0), 4)
    drawn = [np.asarray(X + size * perturbed(key, jnp.asarray(X))) for key in keys]
    result = measure(jnp.asarray(np.tanh(X) ** 2), jnp.asarray(X), LABEL, PARAMS, key=KEY)
    return result, literal(lambda x: np.tanh(x) ** 2, X, drawn)


@replicates(metrics.max_sensitivity, cases=[partial(of_explainer, size=size) for size in (0.1, 0.5)])
def max_sensitivity(explain, x, drawn):
    lengths = [sum((explain(other) - explain(x)).ravel() ** 2) ** 0.5 for other in drawn]
    return max(lengths) / sum(explain(x).ravel() ** 2) ** 0.5


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
