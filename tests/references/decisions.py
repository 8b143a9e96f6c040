"""A deeper network in NumPy, and what FLEX reads from it: channel by channel, way by way."""

import numpy as np

from jxai.language import decision_features, minimum_set
from tests.references.network import correlate, correlate_back, softmax
from tests.references.registry import replicates

__all__ = ["Deep", "decision", "fewest", "whole_tree"]


class Deep:
    """Convolutions (3x3) with ReLU, named `layer0`, ...; the mean over space; a dense layer."""

    def __init__(self, kernels, strides, w, label):
        self.kernels, self.strides, self.w, self.label = kernels, strides, w, label
        self.names = tuple(f"layer{i}" for i in range(len(kernels)))

    def run(self, x):
        """What goes into each ReLU and what comes out."""
        before, after = [], []
        for kernel, stride in zip(self.kernels, self.strides, strict=True):
            before.append(correlate(after[-1] if after else x, kernel, stride))
            after.append(np.maximum(before[-1], 0))
        return before, after

    def score(self, x):
        return float(self.run(x)[1][-1].mean((0, 1)) @ self.w[:, self.label])

    def back(self, x, layer, g):
        """A derivative at the output of a layer, sent back to the output of the layer before."""
        before, after = self.run(x)
        through = (before[layer] > 0) * g
        return correlate_back(through, self.kernels[layer], self.strides[layer], after[layer - 1].shape)

    def gradients(self, x):
        last = self.run(x)[1][-1]
        found = [np.broadcast_to(self.w[:, self.label] / last[..., 0].size, last.shape)]
        for layer in range(len(self.kernels) - 1, 0, -1):
            found.insert(0, self.back(x, layer, found[0]))
        return found


@replicates(minimum_set)
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


@replicates(decision_features)
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
