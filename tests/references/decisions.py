"""Literal references: what FLEX reads from a deeper network, channel by channel, way by way."""

from functools import partial

import jax
import numpy as np

from jxai.language import decision_features, minimum_set
from tests.references.deep import both
from tests.references.network import softmax
from tests.references.registry import replicates, same

__all__ = ["decision", "fewest", "whole_tree"]

NUMBERS = np.random.default_rng(0)


def weights(sharp):
    found = np.exp(sharp * NUMBERS.normal(size=17))
    return found / found.sum()


SETS = [
    same(weights(sharp), eta=eta, variant=variant)
    for sharp in (0.1, 1.0, 8.0)
    for eta in (0.05, 0.5, 0.8, 0.99)
    for variant in ("paper", "released")
]
ENDS = [
    same(np.array([0.25, 0.5, 0.25]), eta=eta, variant=variant)
    for eta in (0.5, 1.0)
    for variant in ("paper", "released")
]


@replicates(minimum_set, cases=SETS + ENDS)
def fewest(beta, eta, variant):
    """Channels taken one after the other, the largest first."""
    taken, total = [], 0.0
    for channel in sorted(range(len(beta)), key=lambda c: (-beta[c], c)):
        total += beta[channel]
        if variant == "released" and taken and total >= eta:
            break
        taken.append(channel)
        if variant == "paper" and total > eta:
            break
        if variant == "released" and total >= eta:
            break
    return np.isin(np.arange(len(beta)), taken)


def largest(values, k):
    return sorted(range(len(values)), key=lambda c: (-values[c], c))[:k]


def effects(net, x, layer, parent):
    """The mean derivative of a channel's summed activation by each channel of the layer before."""
    one = np.zeros_like(net.run(x)[1][layer])
    one[..., parent] = 1.0
    return net.back(x, layer, one).mean((0, 1))


def whole_tree(net, x, beta, k):
    """The paper's words: for each of the top-k the top-k behind it, until the first layer."""
    found = [set() for _ in net.kernels]

    def visit(layer, channel):
        found[layer].add(channel)
        if layer:
            s = effects(net, x, layer, channel)
            for child in largest(s, k):
                if s[child] != 0:
                    visit(layer - 1, child)

    for channel in largest(beta[-1], k):
        visit(len(net.kernels) - 1, channel)
    return found


def narrow_tree(net, x, beta, k, breadth):
    """The same, but that only `breadth` channels of a layer have children: those with the largest share."""
    shares = {c: beta[-1][c] for c in largest(beta[-1], k)}
    found = [set(shares)]
    for layer in range(len(net.kernels) - 1, 0, -1):
        behind = {}
        for parent, share in shares.items():
            s = effects(net, x, layer, parent)
            for child in largest(s, k):
                if s[child] != 0:
                    behind[child] = behind.get(child, 0.0) + share * softmax(s)[child]
        found.insert(0, set(behind))
        shares = {c: behind[c] for c in sorted(behind, key=lambda c: (-behind[c], c))[:breadth]}
    return found


def authors_chains(net, x, beta, gradient, k, quirk):
    """The released program: k channels send the score's derivative back; of what arrives the largest goes on."""
    parents = largest(beta[-1], k)
    arrived = [gradient for _ in parents]
    found = [set(parents)]
    for layer in range(len(net.kernels) - 1, 0, -1):
        sent = []
        for parent, g in zip(parents, arrived, strict=True):
            one = np.zeros_like(g)
            one[..., parent] = g[..., parent]
            sent.append(net.back(x, layer, one))
        parents = [int(np.argmax(g.mean((0, 1)))) for g in sent]
        arrived = [sent[-1] for _ in sent] if quirk else sent
        found.insert(0, set(parents))
    return found


def of_deep_network(method, literal, options):
    """The decision on two images by two networks, in one program."""
    net, score, _, _ = both()
    explain = jax.jit(method(score, **{"layers": net.names, "at": net.names[-1], **options}))
    return tuple(zip(*(of_one(explain, literal, *both(seed), options) for seed in (0, 1)), strict=True))


def of_one(explain, literal, net, score, x, params, options):
    found = explain(x, net.label, params)
    given = {"quirk" if name == "reference_quirks" else name: v for name, v in options.items() if name != "chunk"}
    expected = literal(net, np.asarray(x), **given)
    by_layer = ("alpha", "beta", "important", "relevant")
    result = tuple(getattr(found, part)[name] for part in by_layer for name in net.names)
    wanted = tuple(array for part in by_layer for array in expected[part])
    return (*result, found.visual, found.plain), (*wanted, expected["visual"], expected["plain"])


OPTIONS = [
    {"k": 2},
    {"k": 3, "eta": 0.5},
    {"k": 2, "breadth": 1, "chunk": 1},
    {"k": 3, "breadth": 9, "chunk": 2, "eta": 1.0},
    {"k": 3, "variant": "released"},
    {"k": 4, "variant": "released", "reference_quirks": True, "eta": 0.3, "chunk": 3},
]


@replicates(
    decision_features,
    cases=[partial(of_deep_network, options=options) for options in OPTIONS],
)
def decision(net, x, *, eta=0.8, k=5, breadth=None, variant="paper", quirk=False):
    """Everything of `Decision`, with lists by layer; the penultimate layer is the last one."""
    gradients = net.gradients(x)
    alpha = []
    for g in gradients:
        if variant == "released":
            g = g / (np.sqrt(np.mean(g**2)) + 1e-5)
        alpha.append(np.array([g[..., c].mean() for c in range(g.shape[-1])]))
    beta = [softmax(a) for a in alpha]
    if variant == "paper":
        relevant = narrow_tree(net, x, beta, k, breadth or k)
    else:
        relevant = authors_chains(net, x, beta, gradients[-1], k, quirk)
    plain = net.run(x)[1][-1].mean((0, 1))
    return {
        "alpha": alpha,
        "beta": beta,
        "important": [fewest(b, eta, variant) for b in beta],
        "relevant": [np.isin(np.arange(len(b)), list(r)) for b, r in zip(beta, relevant, strict=True)],
        "visual": np.maximum(alpha[-1], 0) * plain,
        "plain": plain,
    }
