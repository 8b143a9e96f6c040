"""Literal references: linear surrogates of a game, by least squares over its coalitions."""

import math
from functools import partial
from itertools import combinations

import jax
import numpy as np

import jxai
from jxai import coalitions, regression
from jxai.signal import draws
from tests.references.coalitions import GROUPS, WORTH, N, grouped, spread
from tests.references.example import KEY, score
from tests.references.registry import replicates


def matrix(coalitions, worth):
    """Rows of zeros and ones, and the worth of each."""
    z = np.array([np.asarray(c, float) for c in coalitions])
    return z, np.array([worth(np.flatnonzero(row).tolist()) for row in z])


def drawn(sampler, samples):
    return [sampler(jax.random.fold_in(KEY, i), N) for i in range(samples)]


SAMPLERS = coalitions.coin(0.6), coalitions.any_size(), coalitions.spans(0.2, 0.5)


def by_ridge(method, literal, sampler, distance):
    kernel = coalitions.exponential(0.5, distance=distance)
    explain = method(score, samples=12, sampler=sampler, proximity=kernel, fit=regression.ridge(0.2))
    zs = drawn(sampler, 12)
    square = [(1 - math.sqrt(z.mean())) ** 2 if distance == "cosine" else N - int(z.sum()) for z in zs]
    return grouped(explain), spread(literal(zs, WORTH, np.exp(-np.array(square) / 0.25), 0.2), GROUPS)


def by_lasso(method, literal):
    zs = drawn(coalitions.coin(), 16)
    explain = method(score, samples=16, proximity=coalitions.kept, fit=regression.lasso(0.13))
    phi = literal(zs, WORTH, [float(z.mean()) for z in zs], 0.13)
    assert 0 < (phi == 0).sum() < N  # it selects
    return grouped(explain), spread(phi, GROUPS)


RIDGES = [
    partial(by_ridge, sampler=sampler, distance=distance)
    for sampler in SAMPLERS
    for distance in ("cosine", "euclidean")
]


@replicates(jxai.lime, cases=RIDGES, rtol=1e-7)
def lime_ridge(coalitions, worth, weights, penalty):
    """Least squares with a column of ones, which the penalty leaves out."""
    z, y = matrix(coalitions, worth)
    design = np.hstack([np.ones((len(z), 1)), z])
    slack = penalty * np.diag([0.0] + [1.0] * z.shape[1])
    return np.linalg.solve(design.T * weights @ design + slack, design.T * weights @ y)[1:]


@replicates(jxai.lime, cases=[by_lasso], atol=1e-6)
def lime_lasso(coalitions, worth, weights, penalty):
    """Proximal gradient steps, many of them, on half the weighted mean of squares."""
    z, y = matrix(coalitions, worth)
    w = np.asarray(weights) / np.sum(weights)
    z, y = z - w @ z, y - w @ y
    gram, right = z.T * w @ z, z.T * w @ y
    step, phi = 1 / np.linalg.eigvalsh(gram)[-1], np.zeros(z.shape[1])
    for _ in range(5000):
        phi = phi - step * (gram @ phi - right)
        phi = np.sign(phi) * np.maximum(np.abs(phi) - step * penalty, 0)
    return phi


def from_all(method, literal):
    zs, weights = zip(*shapley_kernel(N), strict=True)
    return grouped(method(score, samples=14)), spread(literal(zs, WORTH, weights, N), GROUPS)


def from_drawn(method, literal, paired):
    sizes = np.cumsum([1 / (s * (N - s)) for s in range(1, N)])
    sizes /= sizes[-1]
    zs = []
    for i in range(10):
        chosen = np.asarray(draws.uniform(jax.random.fold_in(KEY, i // 2 if paired else i), (N + 1,), np.float32))
        size = 1 + np.searchsorted(np.float32(sizes[:-1]), chosen[0])
        z = np.isin(np.arange(N), np.argsort(chosen[1:])[:size])
        zs.append(~z if paired and i % 2 else z)
    found = grouped(method(score, samples=10, paired=paired))
    return found, spread(literal(zs, WORTH, np.ones(10), N), GROUPS)


DRAWN = [partial(from_drawn, paired=paired) for paired in (True, False)]


@replicates(jxai.kernel_shap, cases=[from_all, *DRAWN], rtol=1e-6, atol=1e-7)
def kernel_shap(coalitions, worth, weights, n):
    """Lundberg and Lee 2017, theorem 2, with the last group's value eliminated."""
    z, y = matrix(coalitions, worth)
    start, total = worth([]), worth(range(n)) - worth([])
    root = np.sqrt(np.asarray(weights, float))
    design, right = z[:, :-1] - z[:, -1:], y - start - z[:, -1] * total
    first = np.linalg.lstsq(root[:, None] * design, root * right, rcond=None)[0]
    return np.array([*first, total - first.sum()])


def shapley_kernel(n):
    """All coalitions but the whole and nobody, and the kernel."""
    for size in range(1, n):
        for members in combinations(range(n), size):
            yield [g in members for g in range(n)], (n - 1) / (math.comb(n, size) * size * (n - size))
