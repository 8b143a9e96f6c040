"""Literal references: gradients integrated along paths, one point after another."""

import math
from functools import partial

import jax
import numpy as np

import jxai
from tests.references.example import BASELINE, KEY, NET, X, explained, explains, score
from tests.references.network import Network
from tests.references.registry import replicates

FROM = {"baseline": BASELINE}


@replicates(
    jxai.integrated_gradients,
    cases=[explains(only={"chunk": 4}, inputs=FROM, steps=6), explains(only={"chunk": 4}, steps=6)],
)
def integrated_gradients(net: Network, x, steps, baseline=None):
    """Sundararajan et al. 2017, eq. 3, with the middle of each interval in place of its right end."""
    baseline = 0 * x if baseline is None else baseline
    total = np.zeros_like(x)
    for k in range(steps):
        total += net.gradient(baseline + (k + 0.5) / steps * (x - baseline)) / steps
    return (x - baseline) * total


def legendre_roots(n):
    """Roots of the Legendre polynomial `P_n` by Newton's method, and the weights `2 / ((1 - r^2) P_n'(r)^2)`."""
    roots, weights = [], []
    for k in range(n):
        r = math.cos(math.pi * (k + 0.75) / (n + 0.5))
        for _ in range(50):
            before, now = 1.0, r
            for j in range(2, n + 1):
                before, now = now, ((2 * j - 1) * r * now - (j - 1) * before) / j
            slope = n * (r * now - before) / (r * r - 1)
            r -= now / slope
        roots.append(r)
        weights.append(2 / ((1 - r * r) * slope**2))
    return roots, weights


@replicates(jxai.integrated_gradients, cases=[explains(only={"quadrature": "gauss_legendre"}, inputs=FROM, steps=5)])
def integrated_gradients_gauss_legendre(net: Network, x, baseline, steps):
    total = np.zeros_like(x)
    for root, weight in zip(*legendre_roots(steps), strict=True):
        total += weight / 2 * net.gradient(baseline + (root + 1) / 2 * (x - baseline))
    return (x - baseline) * total


def blurred(x, sigma, radius):
    """Each pixel a weighted mean of the row, then of the column, edges repeated."""
    if sigma <= 0:
        return x
    weights = np.array([math.exp(-(k**2) / (2 * sigma**2)) for k in range(-radius, radius + 1)])
    weights /= weights.sum()
    for axis in (0, 1):
        n = x.shape[axis]
        rows = [
            sum(
                w * np.take(x, min(max(i + k, 0), n - 1), axis)
                for k, w in zip(range(-radius, radius + 1), weights, strict=True)
            )
            for i in range(n)
        ]
        x = np.stack(rows, axis)
    return x


@replicates(jxai.blur_integrated_gradients, cases=[explains(sigma=2.0, steps=5)], rtol=1e-6, atol=1e-9)
def blur_integrated_gradients(net: Network, x, sigma, steps):
    """Xu et al. 2020, eq. 6, midpoints; the path's velocity by central differences."""
    radius, h = math.ceil(4 * sigma), 1e-6
    total = np.zeros_like(x)
    for k in range(steps):
        t = (k + 0.5) / steps
        velocity = (blurred(x, sigma * (1 - t - h), radius) - blurred(x, sigma * (1 - t + h), radius)) / (2 * h)
        total += net.gradient(blurred(x, sigma * (1 - t), radius)) * velocity / steps
    return total


BASELINES = np.stack([BASELINE, 0 * X, 2 * BASELINE])


@replicates(
    jxai.expected_gradients,
    cases=[explains(only={"chunk": 3}, inputs={"key": KEY, "baselines": BASELINES}, samples=7)],
)
def expected_gradients(net: Network, x, key, baselines, samples):
    """Erion et al. 2021, eq. 3, with the draws of `jxai.expected_gradients`."""
    drawn, placed = jax.random.split(key)
    which = np.asarray(jax.random.randint(drawn, (samples,), 0, len(baselines)))
    places = np.asarray(jax.random.uniform(placed, (samples,), np.float64))
    total = np.zeros_like(x)
    for n, t in zip(which, places, strict=True):
        total += (x - baselines[n]) * net.gradient(baselines[n] + t * (x - baselines[n])) / samples
    return total


def guided_path(net: Network, x, baseline, steps, fraction, distance):
    """Kapishnikov et al. 2021, algorithm 1 with the anchor band of section 4.2: yields `(gradient, point, next)`.

    The inner loop moves the features of smallest gradient, `fraction` of all at a time, to the far end of their band,
    until the L1 distance to the input has fallen as far as this step asks; the last group moves part of the way.
    """
    size = max(1, round(fraction * x.size))
    point, sign = baseline.copy(), np.sign(x - baseline)
    whole = np.abs(x - baseline).sum()
    for step in range(steps):
        start, gradient = point.copy(), net.gradient(point)
        along = (step + 1) / steps
        low = baseline + max(along - distance, 0) * (x - baseline)
        high = baseline + min(along + distance, 1) * (x - baseline)
        target = (1 - along) * whole
        point = np.where((low - point) * sign > 0, low, point)
        free = (high - point) * sign > 0
        while np.abs(x - point).sum() > target + 1e-12 and free.any():
            candidates = sorted(np.flatnonzero(free), key=lambda i: abs(gradient.flat[i]))[:size]
            chosen = np.zeros(x.size, bool)
            chosen[candidates] = True
            chosen = chosen.reshape(x.shape)
            gain = np.abs(high - point)[chosen].sum()
            share = min(1.0, (np.abs(x - point).sum() - target) / gain)
            point = np.where(chosen, high if share == 1 else point + share * (high - point), point)
            free = free & ~chosen
        yield gradient, start, point


GUIDED = [(5, 0.25, 0.02), (5, 0.25, 1.0), (8, 0.25, 0.1), (4, 0.5, 0.3), (3, 1.0, 0.2)]


@replicates(
    jxai.guided_integrated_gradients,
    cases=[explains(inputs=FROM, steps=steps, fraction=part, distance=wide) for steps, part, wide in GUIDED],
    rtol=1e-7,
    atol=1e-10,
)
def guided_integrated_gradients(net: Network, x, baseline, steps, fraction, distance):
    path = guided_path(net, x, baseline, steps, fraction, distance)
    return sum(gradient * (after - start) for gradient, start, after in path)


def along_line(method, literal, chunk=8):
    points = [BASELINE + k / 7 * (X - BASELINE) for k in range(8)]
    return explained(method(score, steps=7, chunk=chunk), baseline=BASELINE), literal(NET, points)


def along_blurs(method, literal):
    points = [blurred(X, 2.0 * (1 - k / 4), 8) for k in range(5)]
    return explained(method(score, over=jxai.blur_integrated_gradients, sigma=2.0, steps=4)), literal(NET, points)


def along_guided_path(method, literal):
    path = list(guided_path(NET, X, BASELINE, 5, 0.25, 0.2))
    points = [start for _, start, _ in path] + [path[-1][2]]
    explain = method(score, over=jxai.guided_integrated_gradients, steps=5, distance=0.2)
    return explained(explain, baseline=BASELINE), literal(NET, points)


@replicates(jxai.idgi, cases=[partial(along_line, chunk=chunk) for chunk in (1, 3, 50)] + [along_blurs])
@replicates(jxai.idgi, cases=[along_guided_path], rtol=1e-7, atol=1e-10)
def idgi_on_points(net: Network, points):
    """Yang et al. 2023, eq. 6, on the points `x_0 .. x_N` of any path."""
    total = np.zeros_like(points[0])
    for here, there in zip(points[:-1], points[1:], strict=True):
        g = net.gradient(here)
        total += g**2 * (net.score(there) - net.score(here)) / (g**2).sum()
    return total
