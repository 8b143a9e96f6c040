"""Literal references: layer-wise relevance propagation, contribution by contribution (Bach et al. 2015).

Every layer is written as the list of its outputs; each output shares its relevance among the contributions
`x_i w_ij` of its inputs. Biases take their part of the denominator.
"""

import numpy as np

from jxai import rules
from tests.references.network import SIDE, Network, padded, windows
from tests.references.registry import replicates


def epsilon_shares(parts, bias, eps):
    """Equation 58: `z_ij / (z_j + eps sign z_j)`, `z_j` with the bias."""
    z = parts.sum() + bias
    return parts / (z + (eps if z >= 0 else -eps))


def alpha_beta_shares(parts, bias, alpha, beta):
    """Equation 60: positive and negative contributions apart, each with its part of the bias; 0 / 0 is 0."""
    plus, minus = np.maximum(parts, 0), np.minimum(parts, 0)
    up, down = plus.sum() + max(bias, 0), minus.sum() + min(bias, 0)
    positive = plus / up if up else 0 * parts
    negative = minus / down if down else 0 * parts
    return alpha * positive - beta * negative


def through_dense(x, w, b, relevance, shares):
    back = np.zeros_like(x)
    for j in range(w.shape[1]):
        back += shares(x * w[:, j], b[j]) * relevance[j]
    return back


def through_convolution(x, kernel, b, stride, relevance, shares):
    back, wide = padded(np.zeros_like(x)), padded(x)
    for place, window in windows(x.shape, stride):
        for o in range(kernel.shape[-1]):
            back[window] += shares(wide[window] * kernel[..., o], b[o]) * relevance[(*place, o)]
    return back[SIDE:-SIDE, SIDE:-SIDE]


def propagated(net: Network, x, shares):
    """The relevance of x for the logit of the label; through a ReLU relevance passes unchanged."""
    v, p = net.run(x), net.p
    relevance = np.zeros_like(v.logits)
    relevance[net.label] = v.logits[net.label]
    relevance = through_dense(v.conv2.ravel(), p["w"], p["c"], relevance, shares).reshape(v.conv2.shape)
    relevance = through_convolution(v.conv1, p["k2"], p["b2"], 2, relevance, shares)
    return through_convolution(v.x, p["k1"], p["b1"], 1, relevance, shares)


@replicates(rules.epsilon)
def lrp_epsilon(net: Network, x, eps):
    return propagated(net, x, lambda parts, bias: epsilon_shares(parts, bias, eps))


@replicates(rules.alpha_beta)
def lrp_alpha_beta(net: Network, x, alpha, beta):
    return propagated(net, x, lambda parts, bias: alpha_beta_shares(parts, bias, alpha, beta))


@replicates(rules.zplus)
def lrp_zplus(net: Network, x):
    return lrp_alpha_beta(net, x, 1.0, 0.0)
