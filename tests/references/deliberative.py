"""Literal references: maps of first and second order at the tap conv2, ambiguities, regions; place by place."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai import scores
from tests.references.cams import AT_LAYER, places
from tests.references.example import AT, CASE, NET, PARAMS, X, explained, score, vector
from tests.references.network import Network, softmax
from tests.references.registry import replicates


def weights_at(net: Network, place, shape):
    """`[d, c]`: how the logits follow the channels at a place."""
    return net.p["w"].reshape(*shape, -1)[place]


def terms(net: Network, x, slope, curvature):
    """`grad . a` and `a^T Hess a` at each place, for a function of the logits with this slope and this curvature."""
    a = net.run(x).conv2
    first, second = np.zeros(a.shape[:2]), np.zeros(a.shape[:2])
    for place in places(a):
        w = weights_at(net, place, a.shape)
        block = w @ curvature @ w.T
        first[place] = sum(a[place][d] * (w @ slope)[d] for d in range(a.shape[2]))
        second[place] = sum(
            a[place][d] * block[d, e] * a[place][e] for d in range(a.shape[2]) for e in range(a.shape[2])
        )
    return first, second


def of_log_probability(p, label):
    return np.eye(len(p))[label] - p, np.outer(p, p) - np.diag(p)


def of_probability(p, label):
    apart = np.eye(len(p))[label] - p
    return p[label] * apart, p[label] * (np.outer(apart, apart) + np.outer(p, p) - np.diag(p))


def of_entropy(p):
    """Derivatives of `H = -sum p log p`: `-p_j (log p_j + H)`, and once more."""
    total = -sum(q * np.log(q) for q in p)
    slope = np.array([-q * (np.log(q) + total) for q in p])
    curvature = np.zeros((len(p), len(p)))
    for j in range(len(p)):
        for k in range(len(p)):
            apart = (j == k) - p[k]
            curvature[j, k] = -p[j] * apart * (np.log(p[j]) + total) - p[j] * (apart + slope[k])
    return slope, curvature


@replicates(jxai.first_order, cases=[AT_LAYER])
def first_order(net: Network, x):
    return terms(net, x, *of_log_probability(softmax(net.run(x).logits), net.label))[0]


@replicates(jxai.second_order, cases=[AT_LAYER])
def second_order(net: Network, x):
    """Wang and Vasconcelos 2019, eq. 2, of the label's log-probability."""
    first, second = terms(net, x, *of_log_probability(softmax(net.run(x).logits), net.label))
    return first + second / 2


def of_places(method, literal):
    by = method(lambda head: jxai.times_input(jxai.gradient(head)))
    return explained(by(score, at=AT)), literal(NET, X)


@replicates(jxai.location_maps, cases=[of_places])
def gradient_times_layer(net: Network, x):
    a, g = net.run(x).conv2, net.gradient_at_conv2(x)
    return np.array([[sum(a[i, j] * g[i, j]) for j in range(a.shape[1])] for i in range(a.shape[0])])


def by_pair(found, expected):
    """Map, region and strength of every pair, in the order of the pairs; strengths also as they come and sorted."""
    order = np.lexsort((np.asarray(found.b), np.asarray(found.a)))
    result = found.a[order], found.b[order], found.map[order], found.mask[order], found.strength[order]
    pairs = sorted(expected)
    maps, masks, strengths = (np.stack([expected[pair][i] for pair in pairs]) for i in range(3))
    sorted_strengths = np.sort(strengths)[::-1]
    return (*result, found.strength), (*np.array(pairs).T, maps, masks, strengths, sorted_strengths)


MAPS, HARD = vector((7, 5, 6), 1), vector((5, 6), 2)
PROBABILITIES = jax.nn.softmax(vector(7, 3))


def of_maps(method, literal, classes, candidates, coverage, given="all"):
    """With the maps of all classes, of the most probable ones, or of these in another order, with labels."""
    options = {"classes": classes, "candidates": candidates, "coverage": coverage}
    labels = np.argsort(-np.asarray(PROBABILITIES))[:classes]
    expected = literal(np.asarray(MAPS)[labels], np.asarray(HARD), labels, candidates, coverage)
    chosen = jnp.asarray(np.random.default_rng(0).permutation(labels) if given == "shuffled" else labels)
    maps, labels = MAPS if given == "all" else MAPS[chosen], None if given in ("all", "best") else chosen
    find = jax.jit(lambda maps, labels: method(maps, HARD, PROBABILITIES, labels=labels, **options))
    return by_pair(find(maps, labels), expected)


SETTINGS = [(5, 3, 0.1), (4, 2, 0.5), (7, 3, 1.0)]
LISTED = [(*setting, given) for setting in SETTINGS for given in ("all", "labelled", "shuffled")]


@replicates(
    jxai.insecurities,
    cases=[
        partial(of_maps, classes=classes, candidates=candidates, coverage=coverage, given=given)
        for classes, candidates, coverage, given in [*LISTED, (5, 3, 0.1, "best"), (4, 2, 0.5, "best")]
    ],
)
def insecurities(maps, difficulty, labels, candidates, coverage):
    """Section 3.1: a dict by pair (of class numbers) with its map, its region and its strength; `maps` by label."""
    height, width = difficulty.shape
    pairs = set()
    for i in range(height):
        for j in range(width):
            best = sorted(range(len(labels)), key=lambda c, i=i, j=j: (-maps[c][i, j], c))[:candidates]
            pairs |= {(a, b) for a in best for b in best if a < b}
    found = {}
    for a in range(len(labels)):
        for b in range(a + 1, len(labels)):
            ambiguity, mask = np.zeros((height, width)), np.zeros((height, width), bool)
            if (a, b) in pairs:
                for i in range(height):
                    for j in range(width):
                        ambiguity[i, j] = maps[a][i, j] * maps[b][i, j] * difficulty[i, j]
                values = sorted(ambiguity.ravel())
                mask = ambiguity > values[int(-coverage * len(values))]
            strength = sum(max(v, 0.0) for v in ambiguity.ravel()) / ambiguity.size
            found[int(labels[a]), int(labels[b])] = ambiguity, mask, strength
    return found


def of_network(method, literal, **options):
    explain = method(CASE.apply, scores.entropy(CASE.apply), at=AT, **options)
    found, expected = jax.jit(explain)(jnp.asarray(X), PARAMS), literal(NET, X, **options)
    return (found, expected) if method is jxai.deliberation_maps else by_pair(found, expected)


@replicates(jxai.deliberation_maps, cases=[partial(of_network, classes=classes) for classes in (2, 3)])
def deliberation_maps(net: Network, x, classes):
    """Maps of the posteriors and of the entropy, in second order, and the classes by probability."""
    p = softmax(net.run(x).logits)
    labels = sorted(range(len(p)), key=lambda c: -p[c])[:classes]
    maps = []
    for label in labels:
        first, second = terms(net, x, *of_probability(p, label))
        maps.append(first + second / 2)
    first, second = terms(net, x, *of_entropy(p))
    return labels, np.stack(maps), first + second / 2, p


@replicates(
    jxai.deliberative,
    cases=[
        partial(of_network, classes=classes, candidates=candidates, coverage=coverage)
        for classes, candidates, coverage in ((3, 2, 0.3), (3, 3, 0.9), (2, 2, 0.1))
    ],
)
def deliberative(net: Network, x, classes, candidates, coverage):
    labels, maps, difficulty, _ = deliberation_maps(net, x, classes)
    return insecurities(list(maps), difficulty, labels, candidates, coverage)
