"""Literal references: groups taken away, one coalition after another; `worth(set of groups)` is a game."""

import math
from itertools import combinations, permutations

import jax
import numpy as np

import jxai
from tests.references.network import Network
from tests.references.registry import replicates


def game(net: Network, x, baseline, groups):
    """The score with all groups but those of a set at the baseline; -1 stays."""

    def worth(members):
        kept = np.isin(groups, [-1, *members])
        return net.score(np.where(kept[..., None], x, baseline))

    return worth


def spread(values, groups):
    out = np.zeros(groups.shape)
    for place in np.ndindex(*groups.shape):
        out[place] = values[groups[place]] if groups[place] >= 0 else 0
    return out


@replicates(jxai.ablation)
def ablation(worth, n):
    return [worth(range(n)) - worth(set(range(n)) - {g}) for g in range(n)]


@replicates(jxai.occlusion)
def occlusion(net: Network, x, baseline, window, stride):
    """Sum over the windows that cover a place, and how many there are."""
    total, covers = np.zeros(x.shape[:2]), np.zeros(x.shape[:2])
    corners = [range(0, max(n - w, 0) + s, s) for n, w, s in zip(x.shape, window, stride, strict=False)]
    for i in corners[0]:
        for j in corners[1]:
            here = slice(i, i + window[0]), slice(j, j + window[1])
            changed = x.copy()
            changed[here] = baseline[here]
            total[here] += net.score(x) - net.score(changed)
            covers[here] += 1
    return total, covers


@replicates(jxai.permutation_importance)
def permutation_importance(net: Network, x, backgrounds, groups, n):
    values = []
    for g in range(n):
        mixed = [np.where((groups == g)[..., None], b, x) for b in backgrounds]
        values.append(np.mean([net.score(x) - net.score(m) for m in mixed]))
    return values


@replicates(jxai.rise)
def rise(net: Network, x, baseline, key, masks, cells, share):
    """Petsiuk et al. 2018, section 3.2: the whole grid enlarged pixel by pixel, then cut."""
    total = np.zeros(x.shape[:2])
    for i in range(masks):
        drawn, shifted = jax.random.split(jax.random.fold_in(key, i))
        grid = np.asarray(jax.random.bernoulli(drawn, share, (cells, cells)), float)
        cell = [math.ceil(n / cells) for n in x.shape[:2]]
        shift = np.floor(np.asarray(jax.random.uniform(shifted, (2,))) * cell).astype(int)
        large = np.zeros([(cells + 1) * c for c in cell])
        for place in np.ndindex(*large.shape):
            at = [(p + 0.5) * cells / n - 0.5 for p, n in zip(place, large.shape, strict=True)]
            low = [math.floor(a) for a in at]
            for di in (0, 1):
                for dj in (0, 1):
                    corner = tuple(min(max(c + d, 0), cells - 1) for c, d in zip(low, (di, dj), strict=True))
                    parts = [a - c if d else 1 - (a - c) for a, c, d in zip(at, low, (di, dj), strict=True)]
                    large[place] += parts[0] * parts[1] * grid[corner]
        mask = large[shift[0] : shift[0] + x.shape[0], shift[1] : shift[1] + x.shape[1]]
        total += net.score(baseline + mask[..., None] * (x - baseline)) * mask
    return total / masks / share


def along(worth, order):
    """Marginal contributions when the groups join in this order."""
    values = np.zeros(len(order))
    for position, g in enumerate(order):
        values[g] = worth(order[: position + 1]) - worth(order[:position])
    return values


@replicates(jxai.shapley_exact)
def shapley_exact(worth, n):
    return np.mean([along(worth, order) for order in permutations(range(n))], axis=0)


@replicates(jxai.shapley_sampling, jxai.shapley_estimate)
def shapley_sampling(worth, n, key, orders, antithetic=False):
    """The contributions of every order, with the draws of `jxai.shapley_sampling`."""
    rows = []
    for p in range(orders):
        place = jax.random.permutation(jax.random.fold_in(key, p // 2 if antithetic else p), n)
        order = [int(np.flatnonzero(np.asarray(place) == k)[0]) for k in range(n)]
        rows.append(along(worth, order[::-1] if antithetic and p % 2 else order))
    return np.array(rows)


@replicates(jxai.owen_exact)
def owen_exact(worth, partition):
    """Owen 1977: only the orders in which no group of another union comes between two of one union."""
    unions = [[g for g, u in enumerate(partition) if u == union] for union in range(max(partition) + 1)]
    rows = []
    for order in permutations(range(len(partition))):
        places = [[order.index(g) for g in union] for union in unions]
        if all(max(p) - min(p) == len(p) - 1 for p in places):
            rows.append(along(worth, order))
    return np.mean(rows, axis=0)


@replicates(jxai.owen_sampling)
def owen_sampling(worth, partition, key, orders):
    rows = []
    for p in range(orders):
        of_unions, within = jax.random.split(jax.random.fold_in(key, p))
        union = np.asarray(jax.random.permutation(of_unions, max(partition) + 1))
        inner = np.asarray(jax.random.permutation(within, len(partition)))
        rows.append(
            along(worth, sorted(range(len(partition)), key=lambda g, u=union, i=inner: (u[partition[g]], i[g])))
        )
    return np.mean(rows, axis=0)


def matrix(coalitions, worth):
    """Rows of zeros and ones, and the worth of each."""
    z = np.array([np.asarray(c, float) for c in coalitions])
    return z, np.array([worth(np.flatnonzero(row).tolist()) for row in z])


@replicates(jxai.lime)
def lime_ridge(coalitions, worth, weights, penalty):
    """Least squares with a column of ones, which the penalty leaves out."""
    z, y = matrix(coalitions, worth)
    design = np.hstack([np.ones((len(z), 1)), z])
    slack = penalty * np.diag([0.0] + [1.0] * z.shape[1])
    return np.linalg.solve(design.T * weights @ design + slack, design.T * weights @ y)[1:]


@replicates(jxai.lime)
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


@replicates(jxai.kernel_shap)
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
