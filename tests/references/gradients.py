"""Literal references: the gradient, what is made of it, and averages over noisy inputs."""

import jax
import numpy as np

import jxai
from jxai import rules
from jxai.signal.draws import normal
from tests.references.network import Network
from tests.references.registry import replicates


@replicates(jxai.gradient)
def gradient(net: Network, x):
    return net.gradient(x)


@replicates(jxai.times_input)
def times_input(net: Network, x):
    return np.array([xi * gi for xi, gi in zip(x.ravel(), net.gradient(x).ravel(), strict=True)]).reshape(x.shape)


@replicates(jxai.contrast)
def contrast(net: Network, x, against):
    other = Network(net.p, against)
    return net.gradient(x) - other.gradient(x)


@replicates(jxai.all_classes)
def all_classes(net: Network, x, labels):
    return np.stack([Network(net.p, label).gradient(x) for label in labels])


@replicates(rules.guided)
def guided(net: Network, x):
    """Springenberg et al. 2015: back through a ReLU go positive derivatives, where the input was positive."""
    return net.gradient(x, lambda z, g: (z > 0) * (g > 0) * g)


@replicates(rules.deconvnet)
def deconvnet(net: Network, x):
    """Zeiler and Fergus 2014: back through a ReLU go positive derivatives, whatever the input was."""
    return net.gradient(x, lambda z, g: (g > 0) * g)


def noisy(x, key, samples, noise):
    """The same draws as `jxai.smoothgrad`: one key a sample, split into one for the noise and one passed on."""
    scale = noise * (x.max() - x.min())
    for one in jax.random.split(key, samples):
        drawn, _ = jax.random.split(one)
        yield x + scale * np.asarray(normal(drawn, x.shape, np.float64))


@replicates(jxai.smoothgrad)
def smoothgrad(net: Network, x, key, samples, noise):
    return sum(net.gradient(other) for other in noisy(x, key, samples, noise)) / samples


@replicates(jxai.smoothgrad_squared)
def smoothgrad_squared(net: Network, x, key, samples, noise):
    return sum(net.gradient(other) ** 2 for other in noisy(x, key, samples, noise)) / samples


@replicates(jxai.vargrad)
def vargrad(net: Network, x, key, samples, noise):
    maps = [net.gradient(other) for other in noisy(x, key, samples, noise)]
    mean = sum(maps) / samples
    return sum((one - mean) ** 2 for one in maps) / samples
