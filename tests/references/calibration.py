"""Literal references: risk and coverage, temperature and calibration, example by example."""

from itertools import permutations

import jax.numpy as jnp
import numpy as np

from jxai import metrics
from tests.jitted import jitted
from tests.references.registry import replicates, same

RNG = np.random.default_rng(0)
DRAWN = [(RNG.integers(0, 3, 6), RNG.integers(0, 2, 6)) for _ in range(9)]  # with ties
DRAWN += [(np.ones(6, int), RNG.integers(0, 2, 6)), (RNG.random(6), RNG.random(6))]


def with_padding(method, literal):
    """What lies on the padding does not matter; the last risk is repeated."""
    difficulty, losses = DRAWN[-1]
    padded = [jnp.asarray(np.append(a, [np.nan, -9.0])) for a in (difficulty, losses)]
    area, oracle, excess, coverage, risk = literal(difficulty, losses)
    expected = area, oracle, excess, [*coverage, 1, 1], [*risk, risk[-1], risk[-1]]
    return in_order(method(*padded, valid=jnp.arange(8) < 6)), expected


def in_order(found):
    return found.area, found.oracle, found.excess, found.coverage, found.risk


def of(difficulty, losses):
    return lambda method, literal: (
        in_order(jitted(method)(jnp.asarray(difficulty), jnp.asarray(losses))),
        literal(difficulty, losses),
    )


@replicates(metrics.risk_coverage, cases=[*[of(*rows) for rows in DRAWN], with_padding], atol=1e-11)
def risk_coverage(difficulty, losses):
    """Areas and curve; of equals, every order counts alike: mean over all permutations."""
    curves = []
    for order in permutations(range(len(losses))):
        if all(difficulty[a] <= difficulty[b] for a, b in zip(order[:-1], order[1:], strict=True)):
            kept = [losses[i] for i in order]
            curves.append([sum(kept[: k + 1]) / (k + 1) for k in range(len(kept))])
    curve = [sum(column) / len(curves) for column in zip(*curves, strict=True)]
    best = sorted(losses)
    oracle = [sum(best[: k + 1]) / (k + 1) for k in range(len(best))]
    area, best = sum(curve) / len(curve), sum(oracle) / len(oracle)
    return area, best, area - best, [(k + 1) / len(curve) for k in range(len(curve))], curve


def predictions(scale):
    """Logits `[120, 4]` whose right temperature is about `scale`, and labels."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(120, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return logits * scale, np.array([rng.choice(4, p=row) for row in chances])


@replicates(metrics.fit_temperature, cases=[same(*predictions(scale)) for scale in (0.4, 1.0, 3.0)], rtol=0.006)
def fit_temperature(logits, labels):
    """By trying many."""

    def loss(temperature):
        scaled = logits / temperature
        return np.log(np.exp(scaled).sum(1)).sum() - scaled[np.arange(len(labels)), labels].sum()

    return min(np.exp(np.linspace(-2, 2, 801)), key=loss)


EDGES = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 0.5, 0.3])  # the upper end of each of five bins; and within
ON_EDGES = np.array([True, True, False, False, False, False, True, True])  # so that each end tells its bin
CONFIDENT = np.append(RNG.random(50), [0.0, 1.0, 0.2])


@replicates(
    metrics.calibration_error,
    cases=[
        same(CONFIDENT, RNG.random(53) < 0.6, bins=5),
        same(EDGES, ON_EDGES, bins=5),
        same(EDGES, ~ON_EDGES, bins=1),
    ],
)
def calibration_error(confidence, right, bins):
    total = 0.0
    for b in range(bins):
        rows = [i for i, v in enumerate(confidence) if b / bins < v <= (b + 1) / bins or (b == 0 and v == 0)]
        if rows:
            gap = np.mean([float(right[i]) for i in rows]) - np.mean([confidence[i] for i in rows])
            total += len(rows) / len(confidence) * abs(gap)
    return total
