"""Literal references: groups taken away, one coalition after another; `worth(set of groups)` is a game."""

import math
from functools import partial
from itertools import permutations

import jax
import numpy as np

import jxai
from tests.references.example import BASELINE, KEY, NET, X, explained, explains, score
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


N = 4
GROUPS = np.repeat(np.repeat(np.array([[0, 1], [2, 3]]), 4, 0), 4, 1)
GROUPS[0, :3] = -1
WORTH = game(NET, X, BASELINE, GROUPS)


def grouped(explain, key=KEY):
    """The map of an explainer of the example with its four groups."""
    return explained(explain, baseline=BASELINE, groups=GROUPS, key=key)


def playing(*settings, **only):
    """The case of a method that explains the game of the groups: one value a group, 0 where nothing changes."""

    def case(method, literal):
        return grouped(method(score, **only)), spread(literal(WORTH, *settings), GROUPS)

    return case


@replicates(jxai.ablation, cases=[playing(N)])
def ablation(worth, n):
    return [worth(range(n)) - worth(set(range(n)) - {g}) for g in range(n)]


WINDOWS = [((3, 2), (2, 1)), ((5, 8), (4, 3)), ((1, 1), (1, 1))]


@replicates(
    jxai.occlusion,
    cases=[
        explains(inputs={"baseline": BASELINE}, window=window, stride=stride, overlap=overlap)
        for window, stride in WINDOWS
        for overlap in ("mean", "sum")
    ],
)
def occlusion(net: Network, x, baseline, window, stride, overlap):
    """Sum, or mean, over the windows that cover a place."""
    total, covers = np.zeros(x.shape[:2]), np.zeros(x.shape[:2])
    corners = [range(0, max(n - w, 0) + s, s) for n, w, s in zip(x.shape, window, stride, strict=False)]
    for i in corners[0]:
        for j in corners[1]:
            here = slice(i, i + window[0]), slice(j, j + window[1])
            changed = x.copy()
            changed[here] = baseline[here]
            total[here] += net.score(x) - net.score(changed)
            covers[here] += 1
    return total / covers if overlap == "mean" else total


@replicates(
    jxai.permutation_importance,
    cases=[explains(inputs={"backgrounds": np.stack([BASELINE, 0 * X, 2 * BASELINE]), "groups": GROUPS})],
)
def permutation_importance(net: Network, x, backgrounds, groups):
    values = []
    for g in range(groups.max() + 1):
        mixed = [np.where((groups == g)[..., None], b, x) for b in backgrounds]
        values.append(np.mean([net.score(x) - net.score(m) for m in mixed]))
    return spread(values, groups)


@replicates(
    jxai.rise,
    cases=[explains(only={"chunk": 2}, inputs={"key": KEY, "baseline": BASELINE}, masks=5, cells=3, share=0.4)],
)
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


@replicates(jxai.shapley_exact, cases=[playing(N, chunk=3)])
def shapley_exact(worth, n):
    return np.mean([along(worth, order) for order in permutations(range(n))], axis=0)


def sampled(method, literal, antithetic=False):
    options = {"permutations": 6, "antithetic": antithetic}
    expected = literal(WORTH, N, KEY, 6, antithetic)
    if method is not jxai.shapley_estimate:
        return grouped(method(score, chunk=4, **options)), spread(expected, GROUPS)
    explain = method(score, chunk=4, **options)
    found = tuple(grouped(lambda *args, i=i, **given: explain(*args, **given)[i]) for i in (0, 1))
    return found, tuple(spread(values, GROUPS) for values in expected)


def contributions(worth, n, key, orders, antithetic):
    """The contributions of every order, with the draws of `jxai.shapley_sampling`."""
    rows = []
    for p in range(orders):
        place = jax.random.permutation(jax.random.fold_in(key, p // 2 if antithetic else p), n)
        order = [int(np.flatnonzero(np.asarray(place) == k)[0]) for k in range(n)]
        rows.append(along(worth, order[::-1] if antithetic and p % 2 else order))
    return np.array(rows)


SAMPLED = [sampled, partial(sampled, antithetic=True)]


@replicates(jxai.shapley_sampling, cases=SAMPLED)
def shapley_sampling(*given):
    return contributions(*given).mean(0)


@replicates(jxai.shapley_estimate, cases=SAMPLED)
def shapley_estimate(worth, n, key, orders, antithetic):
    """The mean over orders and its standard error; an order and its reverse are one draw."""
    rows = contributions(worth, n, key, orders, antithetic)
    draws = rows.reshape(-1, 2, n).mean(1) if antithetic else rows
    return rows.mean(0), draws.std(0, ddof=1) / math.sqrt(len(draws))


PARTITIONS = [(0, 1, 0, 1), (0, 0, 1, 2), (0, 0, 0, 0), (3, 1, 2, 0), (1, 0, 0, 0)]


@replicates(jxai.owen_exact, cases=[playing(partition, partition=partition) for partition in PARTITIONS])
def owen_exact(worth, partition):
    """Owen 1977: only the orders in which no group of another union comes between two of one union."""
    unions = [[g for g, u in enumerate(partition) if u == union] for union in range(max(partition) + 1)]
    rows = []
    for order in permutations(range(len(partition))):
        places = [[order.index(g) for g in union] for union in unions]
        if all(max(p) - min(p) == len(p) - 1 for p in places):
            rows.append(along(worth, order))
    return np.mean(rows, axis=0)


@replicates(jxai.owen_sampling, cases=[playing((0, 1, 0, 1), KEY, 5, partition=(0, 1, 0, 1), permutations=5)])
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
