"""Literal references: layer-wise relevance propagation, contribution by contribution (Bach et al. 2015).

Every layer is written as the list of its outputs; each output shares its relevance among the contributions
`x_i w_ij` of its inputs. Biases take their part of the denominator.
"""

from functools import partial

import numpy as np

import jxai
from jxai import rules
from tests.references.example import AT, NET, X, explained, logit
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


def everywhere(rule, literal, *settings, ruled=jxai.with_rules):
    """The rule in every linear layer."""
    explain = jxai.times_input(jxai.gradient(ruled(logit, {"dot_general": rule, "conv_general_dilated": rule})))
    return explained(explain), literal(NET, X, *settings)


def with_settings(*settings):
    """The rule that the method makes of its settings."""
    return lambda method, literal: everywhere(method(*settings), literal, *settings)


EPS = [1e-6, 0.1, 1.0]


@replicates(
    jxai.with_rules,
    cases=[lambda method, literal: everywhere(rules.epsilon(0.1), literal, 0.1, ruled=method)],
    rtol=1e-7,
)
@replicates(rules.epsilon, cases=[with_settings(eps) for eps in EPS], rtol=1e-7)
def lrp_epsilon(net: Network, x, eps):
    return propagated(net, x, lambda parts, bias: epsilon_shares(parts, bias, eps))


@replicates(rules.alpha_beta, cases=[with_settings(*pair) for pair in ((1.0, 0.0), (2.0, 1.0), (1.5, 0.5))], rtol=1e-7)
def lrp_alpha_beta(net: Network, x, alpha, beta):
    return propagated(net, x, lambda parts, bias: alpha_beta_shares(parts, bias, alpha, beta))


@replicates(rules.zplus, cases=[everywhere], rtol=1e-7)
def lrp_zplus(net: Network, x):
    """Montavon et al. 2017: the bias gets nothing."""
    return propagated(net, x, zplus_shares)


def zplus_shares(parts, bias):
    plus = np.maximum(parts, 0)
    return plus / plus.sum() if plus.sum() else 0 * parts


@replicates(rules.gamma, cases=[with_settings(value) for value in (0.0, 0.3)], rtol=1e-7)
def lrp_gamma(net: Network, x, value):
    """Andeol et al. 2021: positive contributions of a positive output count more, negative ones of a negative."""

    def shares(parts, bias):
        keep = np.maximum if parts.sum() + bias > 0 else np.minimum
        more = parts + value * keep(parts, 0)
        return more / (more.sum() + bias + value * keep(bias, 0))

    return propagated(net, x, shares)


def composed(net: Network, x, dense, deeper, first):
    """Relevance of x with three rules: functions `(x, weights, bias) -> shares` of the inputs of one output."""
    v, p = net.run(x), net.p
    r = np.zeros_like(v.logits)
    r[net.label] = v.logits[net.label]
    back = np.zeros(v.conv2.size)
    for j in range(len(r)):
        back += dense(v.conv2.ravel(), p["w"][:, j], p["c"][j]) * r[j]
    r = through_windows(v.conv1, p["k2"], p["b2"], 2, back.reshape(v.conv2.shape), deeper)
    return through_windows(v.x, p["k1"], p["b1"], 1, r, first)


def through_windows(x, kernel, bias, stride, relevance, rule):
    """One convolution; `inside` tells the input from the zeros around it, which get no relevance."""
    back, wide, inside = padded(np.zeros_like(x)), padded(x), padded(np.ones_like(x))
    for place, window in windows(x.shape, stride):
        for o in range(kernel.shape[-1]):
            weights = np.where(inside[window] > 0, kernel[..., o], 0.0)
            share = rule(wide[window], weights, bias[o])
            back[window] += np.where(inside[window] > 0, share, 0.0) * relevance[(*place, o)]
    return back[SIDE:-SIDE, SIDE:-SIDE]


def normal(probabilities):
    return probabilities / probabilities.sum()


def by_epsilon(eps):
    return lambda x, w, b: epsilon_shares(x * w, b, eps)


def by_zplus(x, w, b):
    return zplus_shares(x * w, b)


def composite(method, literal, *settings, **options):
    """A composite in relevance propagation."""
    return explained(jxai.lrp(logit, composite=method(*settings, **options))), literal(NET, X, *settings, **options)


def at_input(method, literal, *settings):
    """A rule of the layer that meets the input, epsilon in all others."""
    rule, shares = (method(*settings), literal(*settings)) if settings else (method, literal)
    chosen = rules.relevance(lambda place: rule if place.first else rules.epsilon(0.1))
    eps = by_epsilon(0.1)
    return explained(jxai.lrp(logit, composite=chosen)), composed(NET, X, eps, eps, shares)


@replicates(
    rules.box, cases=[lambda *both: at_input(*both, -3.0, 3.0), lambda *both: at_input(*both, -3.0, 4.0)], rtol=1e-7
)
def box_shares(low, high):
    """Montavon et al. 2017, eq. 16."""

    def shares(x, w, b):
        parts = x * w - low * np.maximum(w, 0) - high * np.minimum(w, 0)
        return parts / parts.sum()

    return shares


@replicates(rules.wsquare, cases=[at_input], rtol=1e-7)
def wsquare_shares(x, w, b):
    return w**2 / (w**2).sum()


@replicates(rules.flat, cases=[at_input], rtol=1e-7)
def flat_shares(x, w, b):
    there = w != 0  # the weights of the padding are 0 here
    return there / there.sum()


def by_default(method, literal):
    return explained(method(logit)), literal(NET, X, 1e-6)


def by_choice(method, literal):
    """The same composite made by hand: epsilon for the dense layer, z+ for convolutions."""
    chosen = method(lambda place: rules.epsilon(0.1) if place.name == "dot_general" else rules.zplus)
    return explained(jxai.lrp(logit, composite=chosen)), literal(NET, X, 0.1)


@replicates(jxai.lrp, cases=[by_default], rtol=1e-7)
@replicates(rules.relevance, cases=[by_choice], rtol=1e-7)
@replicates(rules.epsilon_plus, cases=[lambda *both: composite(*both, 0.1)], rtol=1e-7)
def epsilon_plus(net: Network, x, eps):
    return composed(net, x, by_epsilon(eps), by_zplus, by_zplus)


@replicates(rules.alpha2beta1, cases=[lambda *both: composite(*both, 1e-3)], rtol=1e-7)
def alpha2beta1(net: Network, x, eps):
    shares = lambda x, w, b: alpha_beta_shares(x * w, b, 2.0, 1.0)  # noqa: E731
    return composed(net, x, by_epsilon(eps), shares, shares)


@replicates(rules.epsilon_gamma_box, cases=[lambda *both: composite(*both, -3.0, 4.0, eps=1e-3, value=0.5)], rtol=1e-7)
def epsilon_gamma_box(net: Network, x, low, high, eps, value):
    def gamma(x, w, b):
        keep = np.maximum if (x * w).sum() + b > 0 else np.minimum
        more = x * w + value * keep(x * w, 0)
        return more / (more.sum() + b + value * keep(b, 0))

    return composed(net, x, by_epsilon(eps), gamma, box_shares(low, high))


def won_at(method, literal, **options):
    return explained(method(logit, **options)), literal(NET, X, **options)


def by_composite(method, literal):
    """The composite without what `excitation_backprop` adds: it sums to one after the division by the logit."""
    relevance = explained(jxai.lrp(logit, composite=method()))
    return relevance / relevance.sum(), literal(NET, X)


@replicates(
    jxai.excitation_backprop,
    cases=[won_at, partial(won_at, at=AT), partial(won_at, contrastive=True)],
    rtol=1e-7,
)
@replicates(rules.excitation, cases=[by_composite], rtol=1e-7)
def excitation_backprop(net: Network, x, *, at=None, contrastive=False):
    """The winners of the label, less those of its negative where they are contrasted."""
    return excitation(net, x, layer=at is not None) - (excitation(net, x, dual=True) if contrastive else 0)


def excitation(net: Network, x, *, dual=False, layer=False):
    """Zhang et al. 2016, eq. 4: every winner passes its probability down, from 1 at the logit of the label."""
    v, p = net.run(x), net.p

    def won(a, w):
        parts = a * np.maximum(w, 0)
        return parts / parts.sum() if parts.sum() > 0 else 0 * parts

    top = won(v.conv2.ravel(), (-1 if dual else 1) * p["w"][:, net.label]).reshape(v.conv2.shape)
    if layer:
        return normal(top.sum(-1))
    middle = through_windows(v.conv1, p["k2"], p["b2"], 2, top, lambda a, w, b: won(a, w))
    shift = min(v.x.min(), 0)
    return normal(through_windows(v.x, p["k1"], p["b1"], 1, middle, lambda a, w, b: won(a - shift, w)))
